"""Signed requests by Standard Webhooks (github.com/standard-webhooks/standard-webhooks, spec 1.0).

`webhook-signature` holds one or several "v1,<base64>" of HMAC-SHA256 over `id.timestamp.raw_body`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from wallboard.errors import Refused

#: A captured request is of no use after this (s); whoever keeps ids must keep them at least twice as long.
TOLERANCE_S = 300.0

#: The specification asks for 24 to 64 bytes.
MIN_KEY_BYTES, MAX_KEY_BYTES = 24, 64

#: A sender that changes its key signs with two; each costs us a comparison.
MAX_SIGNATURES = 8
MAX_ID_CHARS = 200

_PREFIX = "whsec_"


def signing_key(text: str) -> bytes:
    """The key that "whsec_<base64>" writes; ValueError says what is wrong, without the key."""
    encoded = text.strip().removeprefix(_PREFIX)
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"a signing key is {_PREFIX} and base64") from None
    if not MIN_KEY_BYTES <= len(key) <= MAX_KEY_BYTES:
        raise ValueError(f"a signing key has {MIN_KEY_BYTES} to {MAX_KEY_BYTES} bytes, this one {len(key)}")
    return key


def sign(webhook_id: str, timestamp: int, body: bytes, key: bytes) -> str:
    """The `webhook-signature` of a request, as a sender writes it."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def verify(headers: Mapping[str, str], body: bytes, keys: Sequence[bytes], now: float) -> str:
    """The request's id when one of the keys signed it within the last 5 minutes; else Refused 401.

    Header names in any case. The caller refuses an id that it has seen, so that a repetition changes nothing.
    """
    named = {name.lower(): value for name, value in headers.items()}
    webhook_id = named.get("webhook-id", "").strip()
    stamp = named.get("webhook-timestamp", "").strip()
    signatures = named.get("webhook-signature", "").split()
    if not webhook_id or not stamp or not signatures:
        missing = [
            name for name in ("webhook-id", "webhook-timestamp", "webhook-signature") if not named.get(name)
        ]
        raise _refused(f"the header {missing[0] if missing else 'webhook-signature'} is missing")
    if (
        len(webhook_id) > MAX_ID_CHARS
        or "." in webhook_id
        or not webhook_id.isascii()
        or not webhook_id.isprintable()
    ):
        # A full stop in the id would let "a.1" + "2" pass for "a" + "1.2".
        raise _refused(f"webhook-id is 1 to {MAX_ID_CHARS} printable ASCII characters without a full stop")
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        raise _refused("webhook-timestamp is not a whole number of seconds since 1970")
    age = now - int(stamp)
    if abs(age) > TOLERANCE_S:
        side = "old" if age > 0 else "ahead of ours"
        raise _refused(
            f"webhook-timestamp is {abs(age):.0f} s {side}; at most {TOLERANCE_S:.0f} s are allowed"
        )
    if len(signatures) > MAX_SIGNATURES:
        raise _refused(f"webhook-signature has more than {MAX_SIGNATURES} signatures")
    expected = [sign(webhook_id, int(stamp), body, key).encode() for key in keys]
    # All pairs are compared, in constant time: how long it takes says nothing about how near a guess was.
    fits = [
        hmac.compare_digest(given.encode(errors="replace"), own) for given in signatures for own in expected
    ]
    if not any(fits):
        raise _refused("no v1 signature of this request was made with a key of this feed")
    return webhook_id


def _refused(detail: str) -> Refused:
    return Refused(401, "The request is not signed as it must be", detail)
