"""wallboard/text.py: citizens' text cannot break the wall's layout nor pretend to be something else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallboard.text import MAX_TEXT, MAX_TITLE, harmless, title


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Banjir 40 cm di Jl. Kemang", "Banjir 40 cm di Jl. Kemang"),
        ("  banyak \t spasi\u00a0\u3000 ", "banyak spasi"),
        ("satu\r\n\r\n\n dua\n", "satu\ndua"),
        ("naik\u202egnauka\u202c turun", "naikgnauka turun"),
        ("AWAS\u200b\u2060\ufeff TSU\u00adNAMI", "AWAS TSUNAMI"),
        ("a\x00b\x1b[31mc\x7f", "a b [31mc"),
        ("\u2066isolat\u2069", "isolat"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("privat\ue000\U000f0000", "privat"),
        ('<b>tebal</b> & "kutip"', '<b>tebal</b> & "kutip"'),
        ("", ""),
        ("\u200b\n\u200b", ""),
    ],
)
def test_what_is_hidden_goes_and_what_is_read_stays(text: str, expected: str) -> None:
    assert harmless(text) == expected


def test_zalgo_is_cut_to_what_languages_need() -> None:
    assert harmless("a" + "\u0301" * 50 + "b") == "a\u0301\u0301\u0301b"
    assert harmless("Việt Nam กำลัง हिन्दी") == "Việt Nam กำลัง हिन्दी"


def test_emoji_of_one_sign_stay() -> None:
    assert harmless("🔥🚑 ✋🏽") == "🔥🚑 ✋🏽"


def test_half_a_surrogate_pair_can_be_encoded_afterwards() -> None:
    harmless("banjir \ud83d di sini").encode()


def test_lengths_are_bounded() -> None:
    assert harmless("x" * MAX_TEXT) == "x" * MAX_TEXT
    assert harmless("x" * (MAX_TEXT + 1)) == "x" * (MAX_TEXT - 1) + "…"
    assert len(harmless("x" * 10_000_000)) == MAX_TEXT
    assert len(harmless("\u0301" * 10_000_000)) <= MAX_TEXT
    assert len(title("kata " * 1000)) == MAX_TITLE


def test_a_title_is_one_line() -> None:
    assert title("satu\ndua\u2028tiga\u2029empat\x85lima") == "satu dua tiga empat lima"


@given(st.text())
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    clean = harmless(text)
    assert harmless(clean) == clean
    assert not any(unicodedata.category(char)[0] == "C" and char != "\n" for char in clean)
    assert not set(clean) & set("\u2028\u2029\r\t\x0b\x0c\x85")
    clean.encode()


@given(st.text())
def test_a_title_stays_as_it_is(text: str) -> None:
    assert title(title(text)) == title(text)
    assert "\n" not in title(text)
