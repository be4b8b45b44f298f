"""Who has made prank calls before, by the keyed hash of the number: for operators to see, never to block."""

from __future__ import annotations

import heapq

import msgspec

from wallboard.engine.world import World

#: An older prank is not held against a caller: numbers change hands (s).
KEPT_S = 30 * 86400.0

#: Calls remembered of one caller; "100" says as much as any larger number.
MAX_CALLS = 100

#: Callers remembered, the latest ones: some 10 MB. A city of ten million has a few thousand such a month.
MAX_CALLERS = 20_000

_PRANKS = "pranks"


class Prank(msgspec.Struct, frozen=True, array_like=True):
    """A call that was marked so, and when."""

    at: float
    call: str


class Pranks(msgspec.Struct, frozen=True):
    """The pranks of one caller, oldest first; the key is the id of the memory."""

    calls: tuple[Prank, ...]


class _Index:
    """Derived: whose call it was, and who has been quiet longest."""

    def __init__(self) -> None:
        self.caller_of: dict[str, str] = {}
        #: (time of the latest prank, key); those that are not true any more are passed over
        self.quiet: list[tuple[float, str]] = []

    def learn(self, key: str, pranks: Pranks) -> None:
        for prank in pranks.calls:
            self.caller_of[prank.call] = key
        heapq.heappush(self.quiet, (pranks.calls[-1].at, key))


def number(world: World, key: str) -> int:
    """How many calls of this caller were marked as pranks, within 30 days."""
    pranks = world.recall(_PRANKS, key, Pranks) if key else None
    return len(pranks.calls) if pranks else 0


def marked(world: World, call: str, key: str, at: float) -> None:
    """A call of the caller `key` (empty: withheld, nobody to remember) is marked as a prank."""
    if not key:
        return
    calls = _but(world, key, call)
    new = Pranks((*calls, Prank(at, call))[-MAX_CALLS:])
    if not world.recall(_PRANKS, key, Pranks) and len(world.memories(_PRANKS)) >= MAX_CALLERS:
        _forget_quietest(world)
    _keep(world, key, new)


def unmarked(world: World, call: str) -> None:
    """A call is no prank after all."""
    key = _index(world).caller_of.pop(call, "")
    if not key:
        return
    calls = _but(world, key, call)
    if calls:
        _keep(world, key, Pranks(calls))
    else:
        world.forget(_PRANKS, key)


def load(world: World) -> None:
    """Find out anew whose each call was."""
    index = world.index[_PRANKS] = _Index()
    for key, pranks in world.memories(_PRANKS).items():
        index.learn(key, pranks)


def pranks_due(world: World, pranks: Pranks) -> float:
    """When the oldest is not held against the caller any more."""
    return pranks.calls[0].at + KEPT_S


def on_pranks_due(world: World, key: str) -> None:
    """Forget what is older."""
    pranks = world.recall(_PRANKS, key, Pranks)
    if pranks is not None:
        for prank in pranks.calls:
            if prank.at + KEPT_S <= world.now:
                unmarked(world, prank.call)


def _index(world: World) -> _Index:
    index: _Index = world.index.setdefault(_PRANKS, _Index())
    return index


def _but(world: World, key: str, call: str) -> tuple[Prank, ...]:
    pranks = world.recall(_PRANKS, key, Pranks)
    return tuple(prank for prank in pranks.calls if prank.call != call) if pranks else ()


def _keep(world: World, key: str, pranks: Pranks) -> None:
    old = world.recall(_PRANKS, key, Pranks)
    index = _index(world)
    for prank in old.calls if old else ():
        index.caller_of.pop(prank.call, None)
    world.remember(_PRANKS, key, pranks)
    index.learn(key, pranks)
    if len(index.quiet) > 4 * MAX_CALLERS:
        load(world)


def _forget_quietest(world: World) -> None:
    index = _index(world)
    while index.quiet:
        at, key = heapq.heappop(index.quiet)
        pranks = world.recall(_PRANKS, key, Pranks)
        if pranks is not None and pranks.calls[-1].at == at:
            for prank in pranks.calls:
                index.caller_of.pop(prank.call, None)
            world.forget(_PRANKS, key)
            return
