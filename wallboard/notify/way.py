"""A way out of the house: what the sender asks of webhook, e-mail and MQTT alike."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from feeds.fetching.secrets import secret
from wallboard.errors import SourceError
from wallboard.notify.notice import Notice

#: A receiver that has not answered by then is taken for dead, whatever it is doing (s).
ANSWER_S = 10.0

#: One delivery in all: connecting, greeting, log-in, sending (s).
DELIVERY_S = 30.0


class Failed(Exception):
    """Raised when a receiver has not confirmed; says why in a few words, without addresses or secrets."""

    def __init__(self, why: str, *, retry_after: float | None = None, refused: bool = False) -> None:
        super().__init__(why)
        #: when the receiver wants to be asked again (s)
        self.retry_after = retry_after
        #: the way works, and will not take this notice for this receiver (no such mailbox)
        self.refused = refused


class Way(Protocol):
    """Sends notices of one kind."""

    async def send(self, notice: Notice, to: str) -> None:
        """Return when the receiver `to` has confirmed; else raise Failed. May be cancelled."""


class Missing:
    """Stands for a way that the configuration does not have (any more)."""

    def __init__(self, why: str) -> None:
        self._why = why

    async def send(self, notice: Notice, to: str) -> None:
        """Fail: the notice waits for a configuration that can send it."""
        raise Failed(self._why)


def secret_of(reference: str, folder: Path) -> str:
    """What "env:NAME" or "file:PATH" names; read at each use, so that a changed file needs no restart."""
    try:
        return secret(reference, folder)
    except SourceError as fault:
        raise Failed(str(fault)) from None


def why(fault: BaseException) -> str:
    """A fault of a connection in a few words. Its own text may hold the address, which may be a secret."""
    if isinstance(fault, TimeoutError):
        return "no answer in time"
    if isinstance(fault, OSError) and fault.strerror:
        return fault.strerror.lower()
    return type(fault).__name__
