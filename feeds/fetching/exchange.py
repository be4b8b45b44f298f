"""What a request to a device asks, and the answer as it comes: for sources that are no documents to GET.

Apart from web.py, whose HTTP client takes long to import.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True)
class Login:
    """HTTP authentication; `digest` never sends the password, and answers a device's challenge alone."""

    user: str
    password: str = field(repr=False)
    scheme: Literal["digest", "basic"] = "digest"


@dataclass(frozen=True)
class Call:
    """One request. No redirect is followed: a device answers where it stands."""

    url: str
    method: Literal["GET", "POST"] = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    login: Login | None = None
    #: the answer may be silent for so long (s), before its first byte and between any two
    silence_s: float = 30.0


class Reply(Protocol):
    """An answer whose head has come."""

    status: int
    media_type: str

    def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises Unreachable when it is silent, or breaks off; ends when it ends."""

    async def whole(self, limit: int) -> bytes:
        """All of the body. Raises Unreachable, TooLarge among them."""
