"""What is known of each board's glass: told by the page, kept by its node, shown to the help desk."""

from __future__ import annotations

import math
import socket

import msgspec

from wallboard.hub import Board
from wallboard.protocol import Painted

#: Bounds of what a page can mean: above them it is a fault or a joke, and is shown as not known.
MAX_AGE_S = 366 * 24 * 3600.0
MAX_FPS = 1000.0
MAX_LONGEST_MS = 3_600_000.0
MAX_HEAP_BYTES = 2**40
MAX_EDITION = 16

#: Name of this machine, for who has several.
HOST = socket.gethostname()


class BoardReport(msgspec.Struct, omit_defaults=True, kw_only=True):
    """One board as its node tells of it. Times are seconds since 1970, by the server's clock."""

    #: "wall" or "wall/screen"; of a paired screen "wall/ID"
    name: str
    layout: str
    #: the machine and the node that it is connected to, and where it comes from
    node: str
    host: str
    address: str = ""
    since: float = 0.0
    #: when the node told this
    at: float = 0.0
    #: the commit that it was sent, and the one that it has painted, with that one's time
    pos: int | None = None
    painted_pos: int = 0
    painted_at: float = 0.0
    #: when it said so
    painted_when: float = 0.0
    #: as the page measured: age of its newest data (s), frames a second, longest frame (ms), heap (bytes)
    age: float | None = None
    fps: float | None = None
    longest: float | None = None
    heap: int | None = None
    #: the version of the page, and whether it is the node's
    edition: str = ""
    current: bool = True


def report(board: Board, node: str, edition: str, now: float) -> BoardReport:
    """What the node `node`, whose pages are of this edition, tells of a board at `now`."""
    told = board.painted or Painted(0, 0.0)
    return BoardReport(
        name=board.name,
        layout=board.view.layout,
        node=node,
        host=HOST,
        address=board.address,
        since=board.since,
        at=now,
        pos=board.pos,
        painted_pos=told.pos,
        painted_at=told.at,
        painted_when=board.painted_when,
        age=_within(told.age, MAX_AGE_S),
        fps=_within(told.fps, MAX_FPS),
        longest=_within(told.longest, MAX_LONGEST_MS),
        heap=int(heap) if (heap := _within(told.heap, MAX_HEAP_BYTES)) is not None else None,
        edition=told.edition if len(told.edition) <= MAX_EDITION else "",
        current=not told.edition or told.edition == edition,
    )


def _within(value: float | None, most: float) -> float | None:
    return value if value is not None and math.isfinite(value) and 0 <= value <= most else None
