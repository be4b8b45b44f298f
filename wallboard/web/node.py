"""What the routes of one web node share, and the node's own heartbeat."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from wallboard.city import CityConfig
from wallboard.clock import Clock
from wallboard.errors import StoreError
from wallboard.events import AnyEvent, BoardCondition, NodeBeat
from wallboard.follow import Follower
from wallboard.hub import Board, Hub
from wallboard.layouts import OF_PEOPLE
from wallboard.store.bench import NodeBench
from wallboard.store.nodes import NodeStore
from wallboard.store.outlet import Outlet
from wallboard.turns import Turns
from wallboard.walls import MAX_WALLS, kinds_of, layouts_of, walls_of
from wallboard.web.boards import report as report_of
from wallboard.web.desk import Desk
from wallboard.web.door import Door
from wallboard.web.doubled import Doubles
from wallboard.web.edition import Edition
from wallboard.web.links import Links
from wallboard.web.passwords import Passwords
from wallboard.web.screens import Screens
from wallboard.web.sessions import Sessions
from wallboard.web.tries import Tries
from wallboard.web.trouble import Trouble

if TYPE_CHECKING:
    from wallboard.web.stills import Stills

log = logging.getLogger("wallboard.web")

#: Boards that are greeted, or written a whole state, in one turn of the loop: 20 ms of work at most.
COMERS_A_TURN = 20

#: A node says that it lives this often (s).
BEAT_S = 1.0

#: A wall whose glass is older than this is behind (s).
BEHIND_S = 10.0

#: A wall paints at least every 5 s; one that has not said so three times is behind, whatever it shows (s).
PAINT_LOST_S = 15.0

#: What the boards of a node last painted stays in Redis this long after the node's last word (s).
REPORT_TTL_S = 30

Condition = Literal["painting", "behind", "gone"]


class Taken(Protocol):
    """What a webhook's body becomes."""

    events: list[AnyEvent]
    faults: list[Any]


#: (feed, headers, body, now) → (message id, events and faults); raises Refused. Handed in by app.py, which
#: alone knows the feeds.
Ingest = Callable[[str, Mapping[str, str], bytes, float], tuple[str, Taken]]


@dataclass
class Node:
    """One web node: the replica's hub, its way to Redis, and what it knows of its boards."""

    city: CityConfig
    clock: Clock
    hub: Hub
    store: NodeStore
    outlet: Outlet
    bench: NodeBench
    follower: Follower
    ingest: Ingest
    desk: Desk
    door: Door
    sessions: Sessions
    screens: Screens
    links: Links
    tries: Tries
    passwords: Passwords
    doubles: Doubles
    edition: Edition
    stills: Stills
    trouble: Trouble
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    turns: Turns = field(default_factory=lambda: Turns(COMERS_A_TURN))
    #: what was last said of each board name
    _said: dict[str, Condition] = field(default_factory=dict)

    @cached_property
    def walls(self) -> frozenset[str]:
        """The names of all walls."""
        return frozenset(walls_of(self.city))

    @cached_property
    def wall_kinds(self) -> frozenset[str]:
        """What every wall is told: any of them may be sent to any layout."""
        return kinds_of(layouts_of(self.city))

    def viewable(self) -> bool:
        """Whether there is any state to show."""
        return bool(self.hub.replica.epoch)

    async def live(self) -> None:
        """Say each second that this node lives, and when the condition of one of its walls changes."""
        turn = 0
        while True:
            turn += 1
            try:
                await self._speak(report=turn % 5 == 0)
            except StoreError as fault:
                # The boards see by themselves that no ticks come, and are told why; the log hears it once.
                log.debug("%s", fault)
                self.trouble.failed(fault, self.clock.now())
            else:
                self.trouble.well()
            await asyncio.sleep(BEAT_S)

    async def _speak(self, *, report: bool) -> None:
        now = self.clock.now()
        boards = list(self.hub.boards)
        conditions = _conditions(boards, now)
        events: list[AnyEvent] = [
            NodeBeat(feed="", source_id=self.id, received_at=now, role="web", boards=len(boards))
        ]
        # Screens are not paired yet, so anybody can bring a name: only so many are told of.
        conditions = dict(sorted(conditions.items())[:MAX_WALLS])
        # A name that has no board any more has gone; one that never reported is not known of.
        told: dict[str, Condition] = {name: state for name, (state, _) in conditions.items()}
        told |= {name: "gone" for name, state in self._said.items() if name not in told and state != "gone"}
        for name, state in told.items():
            if self._said.get(name) != state:
                age = conditions[name][1] if name in conditions else None
                events.append(
                    BoardCondition(
                        feed="", source_id=name, received_at=now, node=self.id, state=state, age_s=age
                    )
                )
        await self.outlet.put(events)
        self._said = {name: state for name, state in told.items() if state != "gone"}
        if report:
            await self.doubles.look(boards)
            edition = self.edition.name
            reports = {
                board.session: msgspec.json.encode(report_of(board, self.id, edition, now))
                for board in boards
            }
            await self.store.report_boards(self.id, reports, now, REPORT_TTL_S)


def _conditions(boards: list[Board], now: float) -> dict[str, tuple[Condition, float | None]]:
    """The worst condition of the boards of each name, with the age of what is on the glass."""
    worst: dict[str, tuple[Condition, float | None]] = {}
    for board in boards:
        if not board.painted_when or board.view.layout in OF_PEOPLE:
            # It has not said anything yet: the page paints within 5 s. And a console is no wall: its person
            # looks at another window, or goes home, and nobody has to be told.
            continue
        age = max(0.0, now - board.painted.at) if board.painted else 0.0
        behind = age > BEHIND_S or now - board.painted_when > PAINT_LOST_S
        if behind or board.name not in worst:
            worst[board.name] = ("behind" if behind else "painting", round(age, 1))
    return worst
