"""Records that could not be used: each is kept and logged once, however often its document comes."""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from feeds.base import RecordFault
from feeds.reading.private import mask_numbers

log = logging.getLogger(__name__)

#: Records of one document that are kept; the rest of a wholly wrong document says nothing new.
MAX_BURIED = 100
#: Faults that are remembered, so that a record that is wrong at every poll does not fill {c}:dead.
MAX_KNOWN_FAULTS = 2000
#: How much of a record tells it from another.
_RECORD_CHARS = 2000


class KnownFaults:
    """The faults of one feed that have been seen."""

    def __init__(self, feed: str) -> None:
        self._feed = feed
        self._known: OrderedDict[bytes, None] = OrderedDict()

    def new(self, faults: Sequence[RecordFault]) -> list[RecordFault]:
        """Return those not seen before, at most MAX_BURIED, and log that there are some."""
        found: list[RecordFault] = []
        for fault in faults:
            key = _key(fault)
            if key in self._known:
                self._known.move_to_end(key)
            elif len(found) < MAX_BURIED:
                self._known[key] = None
                # It is logged and kept, and may quote the source.
                found.append(replace(fault, why=mask_numbers(fault.why)))
        while len(self._known) > MAX_KNOWN_FAULTS:
            self._known.popitem(last=False)
        if found:
            first = found[0]
            log.warning(
                "feed %s: %d records could not be used; the first: %s: %s",
                self._feed, len(found), first.where, first.why,
            )  # fmt: skip
        return found


def _key(fault: RecordFault) -> bytes:
    text = f"{fault.why}\0{repr(fault.record)[:_RECORD_CHARS] if fault.record is not None else fault.where}"
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).digest()
