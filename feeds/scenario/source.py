"""What a simulated source is: an address and a moment in, a document out."""

from __future__ import annotations

from typing import Protocol


class Source(Protocol):
    """One source of the city. Pure: the same question at the same time has the same answer."""

    def document(self, path: str, query: dict[str, str], now: float) -> bytes | None:
        """The document at a path ("" is the source's own address) at `now`; None: there is none."""
