"""Codes of Indonesian districts: BPS' ten digits and Kemendagri's dotted ones, and what follows from them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

#: Which office numbers so; empty: neither.
Form = Literal["BPS", "Kemendagri", ""]

_DOTTED = re.compile(r"\d\d(?:\.\d\d(?:\.\d\d(?:\.\d{4})?)?)?")

#: "ID3171010003" and "id3171010003": OCHA puts the country before BPS' own code.
_COUNTRY = re.compile(r"id(?=\d{2}(?:\d{2}(?:\d{3}(?:\d{3})?)?)?$)", re.I)

#: Digits of a code on each level, kelurahan first.
_BPS_DIGITS = (10, 7, 4, 2)
_KEMENDAGRI_DIGITS = (10, 6, 4, 2)

#: The seventh of Kemendagri's ten digits: 1 is a kelurahan, 2 a desa. In BPS' it ends the kecamatan's number,
#: mostly 0.
_KELURAHAN_OR_DESA = frozenset("12")

#: From this on the last two digits of a regency's code mean a kota, in both offices' codes.
_FIRST_KOTA = 71

#: WIB, WITA and WIT by province (Keputusan Presiden 41/1987; provinces made since lie in their parents').
_EAST = frozenset({"81", "82", "91", "92", "93", "94", "95", "96", "97"})
_MIDDLE = frozenset({"51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"})
_WEST = frozenset({*map(str, range(11, 22)), *map(str, range(31, 37)), "61", "62"})


def bare(code: str) -> str:
    """The code without the country that OCHA puts before it."""
    return _COUNTRY.sub("", code)


def form_of(codes: Iterable[str]) -> Form:
    """Whose codes all of these are."""
    known = {code for code in codes if code}
    if not known:
        return ""
    if all(_DOTTED.fullmatch(code) for code in known):
        return "Kemendagri" if any("." in code for code in known) else ""
    if not all(code.isascii() and code.isdigit() for code in known):
        return ""
    lengths = {len(code) for code in known}
    if lengths == {10}:
        dotless = all(code[6] in _KELURAHAN_OR_DESA for code in known)
        return "Kemendagri" if dotless else "BPS"
    return "BPS" if lengths == {7} else "Kemendagri" if lengths == {6} else ""


def written(code: str, form: Form) -> str:
    """The code as its office writes it: Kemendagri's with dots."""
    if form != "Kemendagri" or "." in code or len(code) not in _KEMENDAGRI_DIGITS:
        return code
    return ".".join(part for part in (code[:2], code[2:4], code[4:6], code[6:]) if part)


def above(code: str, steps: int, form: Form) -> str:
    """The code of the district `steps` levels above; empty where the code does not tell."""
    if form == "Kemendagri":
        parts = written(code, form).split(".")
        return ".".join(parts[:-steps]) if len(parts) > steps else ""
    if form == "BPS" and len(code) in _BPS_DIGITS:
        at = _BPS_DIGITS.index(code_length(code)) + steps
        return code[: _BPS_DIGITS[at]] if at < len(_BPS_DIGITS) else ""
    return ""


def code_length(code: str) -> int:
    """How many digits a code has."""
    return sum(letter.isdigit() for letter in code)


def province(codes: Iterable[str], form: Form) -> str:
    """The two digits of the one province that all codes lie in; both offices number provinces alike."""
    found = {code[:2] for code in codes if code}
    return found.pop() if form and len(found) == 1 else ""


def is_kota(codes: Iterable[str], form: Form) -> bool | None:
    """Whether some lie in a kota, or all in kabupaten; None where the codes do not tell."""
    digits = [code.replace(".", "") for code in codes if code]
    if not form or not digits or any(len(code) < 4 for code in digits):
        return None
    return any(int(code[2:4]) >= _FIRST_KOTA for code in digits)


def mostly_desa(codes: Iterable[str], form: Form) -> bool:
    """Whether more of these are desa than kelurahan; BPS' codes tell of the regency only."""
    known = list(codes)
    if form != "Kemendagri":
        return is_kota(known, form) is False
    lowest = [digits[6] for code in known if len(digits := code.replace(".", "")) == 10]
    return lowest.count("2") > len(lowest) / 2


def zone_of(province_code: str) -> str:
    """The time zone of a province; empty where it is none that is known."""
    for zone, provinces in (("Asia/Jakarta", _WEST), ("Asia/Makassar", _MIDDLE), ("Asia/Jayapura", _EAST)):
        if province_code in provinces:
            return zone
    return ""
