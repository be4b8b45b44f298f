"""A caller's number, made unreadable before it leaves the feeds: a mask to show, a keyed hash to compare.

UU PDP 27/2022 makes the number personal data. The mask keeps the first four and the last three digits
(`0812-****-789`), so that two people at two consoles can tell that they speak of the same call. The hash is
keyed: without the key, the ten thousand million numbers of a country are tried in a minute.
"""

from __future__ import annotations

import hashlib
import hmac
import re

#: What the mask keeps of a number.
KEPT_BEFORE = 4
KEPT_AFTER = 3

#: At least this many digits stay hidden beside the 4 + 3 (a landline with its area code has 10 in all);
#: a shorter number keeps its last three, or nothing.
MIN_HIDDEN = 3

#: A number no longer than this is an extension of the house: three digits of it would be nearly all of it.
MAX_EXTENSION = 6

#: 64 bits: two of a day's 100,000 callers share a key with a probability of 3 in 10,000 million.
KEY_BYTES = 8

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


def mask(caller: str) -> str:
    """The number as it may be shown: `0812-****-789`; "" where the exchange knows none."""
    number = _normal(caller)
    if not number:
        return ""
    digits = number.lstrip("+")
    if not digits.isdecimal() or len(digits) <= MAX_EXTENSION:
        return "****"
    if len(digits) < KEPT_BEFORE + MIN_HIDDEN + KEPT_AFTER:
        return f"****-{digits[-KEPT_AFTER:]}"
    plus = "+" if number.startswith("+") else ""
    return f"{plus}{digits[:KEPT_BEFORE]}-****-{digits[-KEPT_AFTER:]}"


def key(caller: str, secret: bytes) -> str:
    """A hash by which the same caller is recognised, 16 hexadecimal digits; "" for nobody.

    Without a secret there is no key: an unkeyed hash of a number is the number.
    """
    number = _normal(caller)
    if not number or not secret:
        return ""
    return hmac.new(secret, number.encode(), hashlib.sha256).hexdigest()[: KEY_BYTES * 2]


def _normal(caller: str) -> str:
    """The number in one way of writing, so that 0812…, 62812… and +62 812-… are one caller."""
    text = caller[:MAX_CALLER].strip().casefold()
    if text in _NOBODY:
        return ""
    number = _HOME.sub("0", _SEPARATORS.sub("", text))
    return number if number.lstrip("+").isdecimal() and number.isascii() else text
