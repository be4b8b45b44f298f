"""wallboard/engine/calls/ against a random exchange whose line breaks: what is shown is what is."""

from __future__ import annotations

from random import Random

import pytest

from tests.test_calls import START, call, lost, play, queue, snapshot, window
from tests.worlds import Book, small_world
from wallboard.engine.world import World
from wallboard.entities import Call
from wallboard.events import AnyEvent, Present

CALLS = 60


class Line:
    """A random exchange: its true state, and what a listener heard of it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.now = 0.0
        self.waiting: dict[str, float] = {}
        self.talking: dict[str, float] = {}
        self.connected = True
        self.sent: list[AnyEvent] = []
        #: what must be counted, by call: those of which the decisive event (or a later one) was heard
        self.joined: set[str] = set()
        self.answered: set[str] = set()
        self.abandoned: set[str] = set()

    def say(self, event: AnyEvent) -> bool:
        if self.connected:
            self.sent.append(event)
        return self.connected

    def step(self, number: int) -> None:
        self.now += self.random.uniform(0.5, 8.0)
        kind = self.random.choice(["join", "join", "take", "take", "end", "end", "give_up", "cut", "mend"])
        if kind == "join":
            id = str(number)
            self.waiting[id] = self.now
            if self.say(call("join", self.now, id)):
                self.joined.add(id)
        elif kind == "take" and self.waiting:
            id = self.random.choice(sorted(self.waiting))
            hold = self.now - self.waiting.pop(id)
            self.talking[id] = self.now
            self.say(call("leave", self.now, id))
            if self.say(call("connect", self.now + 0.01, id, hold_s=hold, agent="SIP/1")):
                self.answered.add(id)
                self.joined.add(id)
        elif kind == "end" and self.talking:
            id = self.random.choice(sorted(self.talking))
            talk = self.now - self.talking.pop(id)
            if self.say(call("complete", self.now, id, talk_s=talk, hold_s=1.0)):
                self.answered.add(id)
                self.joined.add(id)
        elif kind == "give_up" and self.waiting:
            id = self.random.choice(sorted(self.waiting))
            hold = self.now - self.waiting.pop(id)
            if self.say(call("abandon", self.now, id, hold_s=hold)):
                self.abandoned.add(id)
                self.joined.add(id)
            self.say(call("leave", self.now + 0.01, id))
        elif kind == "cut" and self.connected:
            self.say(lost(self.now))
            self.connected = False
        elif kind == "mend":
            self.mend()

    def mend(self) -> None:
        """A new connection (or the next look of the old one): a snapshot of all that is."""
        self.connected = True
        self.now += 0.5
        there = tuple(sorted([*self.waiting, *self.talking]))
        now = START + self.now
        self.sent.append(
            Present(
                feed="ami", source_id="calls", kind="call", ids=there, received_at=now, observed_at=now - 0.1
            )
        )
        self.sent.append(snapshot(self.now, *((id, self.now - at) for id, at in self.waiting.items())))
        self.joined |= set(self.waiting)


@pytest.mark.parametrize("seed", range(25))
def test_after_every_gap_the_wall_shows_what_is(seed: int) -> None:
    line, world, book = Line(seed), small_world(), Book()
    for number in range(CALLS):
        line.step(number)
        if number % 7 == 6:
            line.mend()
            world = play(line.sent, line.now + 0.01, world)
            line.sent = []
            book.commit(world)
            if number % 14 == 13:
                world = book.reopened(world.now)
            now = queue(world)
            assert (now.live, now.waiting) == (True, len(line.waiting))
            waits = {id: shown.joined_at for id, shown in _shown(world, "waiting").items()}
            assert waits == {id: pytest.approx(START + at, abs=1e-3) for id, at in line.waiting.items()}
            # A call that nobody heard of talks unseen; no other talks that has ended.
            assert set(_shown(world, "talking")) == set(line.talking) & line.joined & line.answered
    world = play(line.sent, line.now + 30, world)
    day = window(world, "day")
    assert (day.offered, day.answered) == (len(line.joined), len(line.answered))
    assert (day.abandoned, day.left) == (len(line.abandoned), 0)


def _shown(world: World, state: str) -> dict[str, Call]:
    found = world.all(Call)
    return {call.id.removeprefix("ami/"): call for call in found if call.state == state}
