"""Whether a visit found anything that can be used, judged from all its documents together."""

from __future__ import annotations

from feeds.base import Parsed
from wallboard.events import Present


def unusable(parsed: Parsed, *, every_fault: bool = False) -> str:
    """Why none of a document's records can be used; "" where one can, or where there are none.

    A fault without a record is of something else (an alert that could not be fetched, more than is read) and
    says nothing of the records, unless `every_fault` is of one.
    """
    if parsed.partial or any(not isinstance(event, Present) for event in parsed.events):
        return ""
    faults = [fault for fault in parsed.faults if every_fault or fault.record is not None]
    if not faults:
        return ""
    none = f"None of its {len(faults)} records" if len(faults) > 1 else "Its only record"
    verb = "can" if len(faults) > 1 else "cannot"
    return f"{none} {verb} be used; {faults[0].where}: {faults[0].why}."


class Verdict:
    """What the documents of one visit were: the visit fails only when all of them were bad."""

    def __init__(self) -> None:
        self._well = False
        self._first = ""

    @property
    def reason(self) -> str:
        """Why the source is not well; "" where it is."""
        return "" if self._well else self._first

    def good(self) -> None:
        """A document could be used, or is still the one that could."""
        self._well = True

    def bad(self, reason: str) -> None:
        """A document could not be used."""
        self._first = self._first or reason
