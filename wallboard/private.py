"""Telephone and identity numbers made unreadable: `0812-****-789`.

UU PDP 27/2022 makes a caller's number personal data. The mask keeps the first four and the last three digits,
so that two people at two consoles can tell that they speak of the same call. Feeds mask what sources say, web
nodes what people write, both before it reaches Redis.
"""

from __future__ import annotations

import re

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

_SEPARATORS = re.compile(r"[\s().\-/\u2010-\u2015]+")

#: The mobile and trunk prefixes of Indonesia: +62, 0062 and 62 stand for the 0 that people write. A local
#: number that happens to begin with 62 is shorter than any number with a country code. "+62 (0)812" has both.
_HOME = re.compile(r"^(?:\+620?|0062|62(?=[2-9]\d{8,11}$))")

#: Indonesian telephone numbers as people type them (0812-3456-7890, +62 812 3456 7890, (021) 345678), and
#: the 16 digits of an identity card. A number in the middle of a longer one (a ticket) is left alone; a word
#: for a telephone may stand right before one ("HP081…", "Telp.021…").
_PHONE = re.compile(
    r"(?:(?<!\w)(?<!\d[.,-])|(?<=hp)|(?<=wa)|(?<=telp)|(?<=tlp)|(?<=tel)|(?<=no))"
    r"\(?(?:(?:\+|00)?62[ .-]?\(?|0)(?:\d[ .()\u2010-\u2015-]{0,3}){7,12}\d(?!\w)",
    re.IGNORECASE,
)
_IDENTITY = re.compile(r"(?<![\w-])\d{16}(?![\w-])")


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
    """`text` with telephone numbers as 0812-****-789 and identity numbers as 3171-****-001."""
    if not any(char.isdigit() for char in text):
        return text
    return _PHONE.sub(_masked, _IDENTITY.sub(_masked, text))


def normal(caller: str) -> str:
    """The number in one way of writing, so that 0812…, 62812… and +62 812-… are one caller."""
    text = caller[:MAX_CALLER].strip().casefold()
    if text in _NOBODY:
        return ""
    number = _HOME.sub("0", _SEPARATORS.sub("", text))
    return number if number.lstrip("+").isdecimal() and number.isascii() else text


def _masked(match: re.Match[str]) -> str:
    return mask(match[0])
