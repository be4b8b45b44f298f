"""Numbers as people and other programs write them: "13.500", "Rp 13.500,-", "120 cm", "-7,03"."""

from __future__ import annotations

import math
import re

#: A longer text is no number, whatever it looks like.
MAX_NUMBER_CHARS = 60

#: What 64 bits hold: a JSON number of a thousand digits has no float.
MAX_WHOLE = 2**63 - 1

#: Before the number only a currency, after it only a unit ("/kg", "cm", "%") or the ",-" of prices.
_SHAPE = re.compile(
    r"\s*(?:Rp\.?|IDR)?\s*(?P<number>[+-]?\d[\d.,'\u00a0\u202f ]*?|[+-]?[.,]\d+)"
    r"\s*(?:,-|,--)?\s*(?:/?\s*(?:Rp\.?\s*/?\s*)?[A-Za-z%°³²]{1,12})?\s*",
    re.IGNORECASE,
)


def parse_number(value: object, *, thousands: str = "", decimal: str = ".") -> float:
    """The finite number that `value` is or writes; ValueError says why it is none.

    A JSON number is taken as it is. In a text, `thousands` must stand before groups of exactly three
    digits: "13.50" is no number where "." separates thousands, and not thirteen and a half either.
    """
    if isinstance(value, bool):
        raise ValueError(f"{value} is not a number")
    if isinstance(value, int | float):
        if (isinstance(value, int) and abs(value) > MAX_WHOLE) or not math.isfinite(value):
            raise ValueError("it is not a finite number")
        return float(value)
    if not isinstance(value, str):
        raise ValueError(f"a {type(value).__name__} is not a number")
    # Single spaces: a run of them could be shared out among the parts of the shape in a million ways.
    shape = _SHAPE.fullmatch(" ".join(value.split())) if len(value) <= MAX_NUMBER_CHARS else None
    if shape is None:
        raise ValueError(f"{value[:MAX_NUMBER_CHARS]!r} is not a number")
    return _plain(shape["number"], value, thousands, decimal)


def _plain(number: str, written: str, thousands: str, decimal: str) -> float:
    sign = -1.0 if number.startswith("-") else 1.0
    whole, mark, part = number.lstrip("+-").partition(decimal)
    if thousands and thousands in whole:
        first, *groups = whole.split(thousands)
        if not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups):
            raise ValueError(f"{written!r} is not a number with {thousands!r} between thousands")
        whole = first + "".join(groups)
    if not (whole + part).isascii() or not (whole + part).isdigit() or (mark and not part):
        raise ValueError(f"{written!r} is not a number with {decimal!r} before the decimals")
    return sign * float(f"{whole or '0'}.{part or '0'}")
