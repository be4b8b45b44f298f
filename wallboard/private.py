"""Telephone and identity numbers made unreadable: `0812-****-789`.

UU PDP 27/2022 makes a caller's number personal data. The mask keeps the first four and the last three digits,
so that two people at two consoles can tell that they speak of the same call. Feeds mask what sources say, web
nodes what people write, both before it reaches Redis.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

#: What the mask keeps of a number.
KEPT_BEFORE = 4
KEPT_AFTER = 3

#: At least this many digits stay hidden beside the 4 + 3 (a landline with its area code has 10 in all);
#: a shorter number keeps its last three, or nothing.
MIN_HIDDEN = 3

#: A number no longer than this is an extension of the house: three digits of it would be nearly all of it.
MAX_EXTENSION = 6

#: Longer than any number or SIP address; what is more is an attack, or not a caller.
MAX_CALLER = 256

#: What exchanges write where they know no number.
_NOBODY = frozenset(
    {
        "", "<unknown>", "unknown", "anonymous", "restricted", "unavailable", "private", "withheld",
        "asterisk", "-", "null", "none", "s",
    }
)  # fmt: skip

_SEPARATORS = re.compile(r"[\s()._\-/\u2010-\u2015]+")

#: The mobile and trunk prefixes of Indonesia: +62, 0062 and 62 stand for the 0 that people write. A local
#: number that happens to begin with 62 is shorter than any number with a country code. "+62 (0)812" has both.
_HOME = re.compile(r"^(?:\+620?|0062|62(?=[2-9]\d{8,11}$))")

#: What people put between the digits of a number, after `_plain`. No comma, no slash: those are of lists and
#: dates. A decimal ("0.5070") is no number to call either, so nothing but these stands after the first 0.
_GAP = r"[ \n._()\u2010-\u2015-]{0,3}"
_FIRST_GAP = r"[ _()\u2010-\u2015-]{0,3}"

#: Nothing of a longer word or number stands before; a word for a telephone may ("HP081…", "Telp.021…").
_BEFORE = r"(?:(?<![^\W_])(?<!\d[.,-])|(?<=hp)|(?<=wa)|(?<=telp)|(?<=tlp)|(?<=tel)|(?<=no))"
_AFTER = r"(?![^\W_])"

#: Indonesian telephone numbers as people type them (0812-3456-7890, +62 812 3456 7890, (021) 345678, and a
#: mobile one without its 0: 812-3456-7890), and the 16 digits of an identity card, also in groups. A number
#: in the middle of a longer one (a ticket) is left alone, and so is a price with its dots (812.345.678).
_PHONE = re.compile(
    rf"{_BEFORE}(?:\(?(?:(?:\+|00)?62|0){_FIRST_GAP}(?:\d{_GAP}){{7,12}}\d"
    rf"|8[1-9]\d(?:[ -]?\d){{7,9}}){_AFTER}",
    re.IGNORECASE,
)
_IDENTITY = re.compile(
    r"(?<![^\W_])(?<!-)(?:\d{16}|\d{4}(?:[ .-]\d{4}){3}|\d{6}[ .-]\d{6}[ .-]\d{4})(?![^\W_])(?!-)"
)


#: Control characters are read as the space that they become on a wall (text.harmless); a line's end stays.
_BLANKS = dict.fromkeys((*range(10), *range(11, 32), 127), " ")


def mask(caller: str) -> str:
    """The number as it may be shown: `0812-****-789`; "" where the exchange knows none."""
    number = normal(caller)
    if not number:
        return ""
    digits = number.lstrip("+")
    if not digits.isdecimal() or len(digits) <= MAX_EXTENSION:
        return "****"
    if len(digits) < KEPT_BEFORE + MIN_HIDDEN + KEPT_AFTER:
        return f"****-{digits[-KEPT_AFTER:]}"
    plus = "+" if number.startswith("+") else ""
    return f"{plus}{digits[:KEPT_BEFORE]}-****-{digits[-KEPT_AFTER:]}"


def mask_numbers(text: str) -> str:
    """`text` with telephone numbers as 0812-****-789 and identity numbers as 3171-****-001.

    In whichever script the digits are, and whatever is invisible between them.
    """
    if not any(char.isdigit() for char in text):
        return text
    for pattern in (_IDENTITY, _PHONE):
        plain = text.translate(_BLANKS) if text.isascii() else "".join(map(_plain, text))
        end, parts = 0, []
        for found in pattern.finditer(plain):
            parts += [text[end : found.start()], mask(found[0])]
            end = found.end()
        text = "".join((*parts, text[end:])) if parts else text
    return text


def normal(caller: str) -> str:
    """The number in one way of writing, so that 0812…, 62812… and +62 812-… are one caller."""
    text = caller[:MAX_CALLER].strip().casefold()
    if text in _NOBODY:
        return ""
    number = _HOME.sub("0", _SEPARATORS.sub("", text))
    return number if number.lstrip("+").isdecimal() and number.isascii() else text


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """One sign for one: digits of all scripts, full-width signs, spaces, and what nobody sees, in ASCII."""
    if char.isascii():
        return char.translate(_BLANKS)
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    if unicodedata.category(char) in ("Cc", "Cf", "Mn", "Zs", "Zl", "Zp"):
        return " "
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 and folded.isascii() else char
