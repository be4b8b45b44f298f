"""The audit trail's hash chain: h_i = HMAC(key, h_{i-1} || canonical JSON of line i)."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import msgspec


def canonical(line: dict[str, Any]) -> bytes:
    """The one way to write a line: keys sorted, no white space."""
    return msgspec.json.encode(line, order="sorted")


def chained(key: bytes, previous: str, number: int, line: dict[str, Any]) -> tuple[bytes, str]:
    """The line as it is stored (with its number and hash), and the hash for the next one."""
    numbered = {**line, "i": number}
    digest = hmac.new(key, previous.encode() + canonical(numbered), hashlib.sha256).hexdigest()
    return canonical({**numbered, "h": digest}), digest
