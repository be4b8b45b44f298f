"""A caller's number, made unreadable before it leaves the feeds: a mask to show, a keyed hash to compare.

UU PDP 27/2022 makes the number personal data. The mask keeps the first four and the last three digits
(`0812-****-789`), so that two people at two consoles can tell that they speak of the same call. The hash is
keyed: without the key, the ten thousand million numbers of a country are tried in a minute.
"""

from __future__ import annotations

import hashlib
import hmac

from wallboard.private import mask, normal

__all__ = ["key", "mask"]

#: 64 bits: two of a day's 100,000 callers share a key with a probability of 3 in 10,000 million.
KEY_BYTES = 8


def key(caller: str, secret: bytes) -> str:
    """A hash by which the same caller is recognised, 16 hexadecimal digits; "" for nobody.

    Without a secret there is no key: an unkeyed hash of a number is the number.
    """
    number = normal(caller)
    if not number or not secret:
        return ""
    return hmac.new(secret, number.encode(), hashlib.sha256).hexdigest()[: KEY_BYTES * 2]
