"""Why nothing is written any more: the node's own heartbeat finds it out, and its boards say so in words."""

from __future__ import annotations

import shutil
from pathlib import Path

from wallboard import protocol
from wallboard.errors import StoreError
from wallboard.hub import Hub

#: An append needs some kilobytes, and what the last one left unfinished is cut off at the next start.
FULL_BYTES = 1024 * 1024

#: Of an embedded Redis whose disk is full: it ends at every write, so that nobody hears its own reason.
DISK_FULL = "disk_full"


class Trouble:
    """What is wrong with the store of one node, since when; its boards are told when that changes."""

    def __init__(self, hub: Hub, disk: Path | None = None) -> None:
        self._hub = hub
        #: where an embedded Redis writes; None: it writes elsewhere
        self._disk = disk
        #: the reason in one word (errors.StoreError.trouble); "" while all is well
        self.reason = ""
        self.since = 0.0

    def well(self) -> None:
        """The node has written."""
        self._say("", 0.0)

    def failed(self, fault: StoreError, now: float) -> None:
        """The node could not write."""
        reason = DISK_FULL if fault.trouble != "memory_full" and self._full() else fault.trouble
        self._say(reason, self.since or now)

    def told(self) -> dict[str, object]:
        """For `hello`: empty while all is well."""
        return {"reason": self.reason, "since": self.since} if self.reason else {}

    def _say(self, reason: str, since: float) -> None:
        if reason == self.reason:
            return
        self.reason, self.since = reason, since
        for board in self._hub.boards:
            board.tell(protocol.trouble(reason, since))

    def _full(self) -> bool:
        if self._disk is None:
            return False
        try:
            return shutil.disk_usage(self._disk).free < FULL_BYTES
        except OSError:
            return False
