"""feeds/reading/callers.py: what may be seen of a caller's number, and who is the same caller."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.reading.callers import key, mask

SECRET = b"a key of the tests"


@pytest.mark.parametrize(
    ("caller", "shown"),
    [
        ("081234567789", "0812-****-789"),
        ("+62 812-3456-7789", "0812-****-789"),
        ("6281234567789", "0812-****-789"),
        ("006281234567789", "0812-****-789"),
        ("(021) 555 1234", "0215-****-234"),
        ("+31150010001", "+3115-****-001"),
        ("5551234", "****-234"),
        ("2010", "****"),
        ("112", "****"),
        ("budi@example.id", "****"),
        ("<unknown>", ""),
        ("", ""),
        ("Anonymous", ""),
        ("  ", ""),
        ("-", ""),
    ],
)
def test_the_mask_keeps_four_and_three_digits(caller: str, shown: str) -> None:
    assert mask(caller) == shown


@given(st.from_regex(r"\A\+?[0-9]{1,20}\Z"))
def test_at_least_three_digits_of_any_number_stay_hidden(number: str) -> None:
    shown = mask(number)
    assert sum(char.isdigit() for char in shown) <= 7
    hidden = len(number.lstrip("+")) - sum(char.isdigit() for char in shown)
    # +62 became 0, so such a number is one digit shorter than it was written.
    assert hidden >= min(3, len(number.lstrip("+")))


def test_one_caller_has_one_key_however_the_number_is_written() -> None:
    keys = {key(number, SECRET) for number in ("0812-3456-7789", "+62 812 3456 7789", "6281234567789")}
    assert len(keys) == 1
    assert len(keys.pop()) == 16


def test_other_numbers_and_other_secrets_have_other_keys() -> None:
    keys = {key("081234567789", SECRET), key("081234567788", SECRET), key("081234567789", b"another")}
    assert len(keys) == 3


def test_nobody_has_no_key_and_neither_has_anybody_without_a_secret() -> None:
    assert key("<unknown>", SECRET) == ""
    assert key("081234567789", b"") == ""


@given(st.text(max_size=400))
def test_whatever_an_exchange_writes_is_masked_and_hashed_without_an_error(text: str) -> None:
    assert len(mask(text)) <= 14
    assert len(key(text, SECRET)) in (0, 16)
