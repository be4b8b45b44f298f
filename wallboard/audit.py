"""The audit trail's hash chain: h_i = HMAC(key, h_{i-1} || canonical JSON of line i).

Each line carries its number `i` (from 0), the fingerprint `k` of the key that hashed it, and its hash `h`.
A chain alone does not show that its end was cut off; checkpoints, kept in another place, do.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import msgspec

#: 64 bits of a hash of the key: enough to tell a city's few keys apart, and nothing to find the key by.
FINGERPRINT_CHARS = 16


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """So many lines stood in the trail at this time, the last with this hash; signed with the chain's key."""

    #: number of lines; the last one's `i` is one less
    count: int
    hash: str
    at: float
    #: fingerprint of the key
    key: str
    sign: str = ""


def fingerprint(key: bytes) -> str:
    """Which key it is, told to everybody."""
    return hashlib.sha256(b"wallboard audit key\0" + key).hexdigest()[:FINGERPRINT_CHARS]


def canonical(line: dict[str, Any]) -> bytes:
    """The one way to write a line: keys sorted, no white space."""
    return msgspec.json.encode(line, order="sorted")


def chained(key: bytes, previous: str, number: int, line: dict[str, Any]) -> tuple[bytes, str]:
    """The line as it is stored (with number, key and hash), and the hash for the next one."""
    numbered = {**line, "i": number, "k": fingerprint(key)}
    digest = hmac.new(key, previous.encode() + canonical(numbered), hashlib.sha256).hexdigest()
    return canonical({**numbered, "h": digest}), digest


def follows(key: bytes, previous: str, line: dict[str, Any]) -> bool:
    """Whether a stored line is what the chain's key made of it after the line with the hash `previous`."""
    told = {name: value for name, value in line.items() if name != "h"}
    digest = hmac.new(key, previous.encode() + canonical(told), hashlib.sha256).hexdigest()
    return hmac.compare_digest(digest, str(line.get("h", "")))


def checkpoint(key: bytes, count: int, hash: str, at: float) -> Checkpoint:
    """A signed checkpoint."""
    bare = Checkpoint(count=count, hash=hash, at=at, key=fingerprint(key))
    return msgspec.structs.replace(bare, sign=_sign(key, bare))


def is_ours(key: bytes, point: Checkpoint) -> bool:
    """Whether a checkpoint was signed with this key."""
    bare = msgspec.structs.replace(point, sign="")
    return hmac.compare_digest(_sign(key, bare), point.sign)


def _sign(key: bytes, bare: Checkpoint) -> str:
    # Another text before it than any line's, so that no line can pass for a checkpoint.
    told = b"checkpoint\0" + msgspec.json.encode(bare)
    return hmac.new(key, told, hashlib.sha256).hexdigest()
