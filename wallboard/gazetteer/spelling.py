"""Indonesian place names as people type them: one form for many spellings, and how far two names differ."""

from __future__ import annotations

import re
import unicodedata

#: Longer text than this is no address; what follows is not read.
MAX_TEXT = 1_000
#: The longest kelurahan name of Indonesia has 46 letters; what is longer is no name and is not compared.
MAX_NAME = 60

#: What an abbreviation stands for, as it is written on letters, signs and in the 112 log.
_SHORT = {
    "kel": "kelurahan", "ds": "desa", "kec": "kecamatan", "kab": "kabupaten", "kodya": "kota",
    "adm": "administrasi", "tj": "tanjung", "tg": "tanjung", "tjg": "tanjung", "tanjong": "tanjung",
    "kp": "kampung", "kpg": "kampung", "kamp": "kampung", "gn": "gunung", "gng": "gunung", "sei": "sungai",
    "s": "sungai", "pl": "pulau", "p": "pulau", "psr": "pasar", "ps": "pasar", "sp": "simpang",
    "simp": "simpang", "bts": "batas", "term": "terminal", "jl": "jalan", "jln": "jalan", "bd": "bandar",
    "bdr": "bandar", "kb": "kebon", "kbn": "kebon", "kebun": "kebon", "utr": "utara", "sel": "selatan",
    "tim": "timur", "tmr": "timur", "brt": "barat", "bar": "barat", "tgh": "tengah", "pst": "pusat",
}  # fmt: skip

_NUMBERS = {
    "satu": "1", "dua": "2", "tiga": "3", "empat": "4", "lima": "5", "enam": "6", "tujuh": "7",
    "delapan": "8", "sembilan": "9", "sepuluh": "10", "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5",
    "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10", "xi": "11", "xii": "12",
}  # fmt: skip

_APOSTROPHES = re.compile(r"[\u0027\u0060\u00b4\u2018\u2019\u02bb\u02bc]")
_WORD = re.compile(r"[a-z]+|\d+")


def words(text: str) -> list[str]:
    """Words in one spelling: small letters without accents, abbreviations whole, numbers as digits."""
    plain = unicodedata.normalize("NFKD", text[:MAX_TEXT]).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    found = _WORD.findall(_APOSTROPHES.sub("", plain))
    return [_number(_SHORT.get(word, word)) for word in found]


def joined(parts: list[str] | tuple[str, ...]) -> str:
    """Words without the spaces between them, since "Pal Meriam" and "Palmeriam" are one place."""
    return "".join(parts)


def allowed_edits(name: str) -> int:
    """How many letters may differ: short names that differ by one letter are often two places."""
    return 0 if len(name) < 5 else 1 if len(name) < 9 else 2


def letters_of(name: str) -> int:
    """The letters that occur, one bit each: two names k edits apart differ in at most 2k bits."""
    bits = 0
    for letter in name:
        bits |= 1 << (ord(letter) % 64)
    return bits


def edits(first: str, second: str, limit: int) -> int:
    """Letters to insert, delete, replace or exchange with the next, or ``limit + 1`` when it is more.

    Optimal string alignment distance (Damerau–Levenshtein without edits inside an exchange). Work is at
    most ``MAX_NAME²``: longer names are simply too different. Digits must be the same: "Malalayang I" is
    not "Malalayang II".
    """
    if first == second:
        return 0
    over = limit + 1
    if abs(len(first) - len(second)) > limit or max(len(first), len(second)) > MAX_NAME:
        return over
    if _digits(first) != _digits(second):
        return over
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, letter in enumerate(first, start=1):
        last, before, row = before, row, [i]
        for j, other in enumerate(second, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit and min(before) > limit:
            return over
    return min(row[-1], over)


def _number(word: str) -> str:
    return _NUMBERS.get(word, word)


def _digits(name: str) -> str:
    return "".join(letter for letter in name if letter.isdigit())
