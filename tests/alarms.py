"""A city with one gauge for each rule, for tests of alerts: its value is the condition."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.people import ask, settle_in
from tests.worlds import MIDDLES, Book, small_world
from wallboard.engine import reduce
from wallboard.engine.world import World
from wallboard.entities import Alert
from wallboard.events import GaugeRead

START = 1_000_000.0
HERE, ELSEWHERE = "99.01.01.1001", "99.01.02.1004"
ID = "high|gauge:gates/a"

HIGH: dict[str, Any] = {
    "id": "high",
    "type": "threshold",
    "kind": "gauge",
    "field": "value",
    "above": 100,
    "severity": "severe",
    "text": {"id": "{name} {value} cm", "en": "{name} at {value} cm"},
    "instruction": {"id": "Tutup", "en": "Shut"},
    "escalate": [{"after": 60, "to": "guards"}, {"after": 300, "to": "chiefs"}],
}
GROUPS: list[dict[str, Any]] = [
    {
        "code": "guards",
        "name": {"id": "Jaga", "en": "Guards"},
        "people": ["operator"],
        "email": ["g@a.example"],
    },
    {"code": "chiefs", "name": {"id": "Kepala", "en": "Chiefs"}, "people": ["supervisor"]},
]


def alarm_world(**config: Any) -> World:
    """A world at START with the rule HIGH and all people."""
    world = small_world(**alarm_config(**config))
    world.now = START
    settle_in(world)
    return world


def alarm_config(**config: Any) -> dict[str, Any]:
    """What `alarm_world` is configured with."""
    return {"rule": [HIGH], "group": GROUPS} | config


def whole_book(world: World) -> Book:
    """All that the world holds, as Redis would; what the draft holds beside is lost."""
    world.draft()
    book = Book()
    for kind, entities in world._state.items():
        for id, entity in entities.items():
            book.state[(kind, id)] = msgspec.json.encode(entity)
    for kind, values in world._memory.items():
        for id, value in values.items():
            book.memory[(kind, id)] = msgspec.json.encode(value)
    return book


def read(world: World, value: float, after: float = 0.0, id: str = "a", at: str = HERE) -> None:
    """A gauge is read so long from now."""
    lon, lat = MIDDLES[at]
    now = world.now + after
    event = GaugeRead(
        feed="gates", source_id=id, received_at=now, observed_at=now, name=f"Gate {id}", value=value,
        lon=lon, lat=lat,
    )  # fmt: skip
    reduce.apply(world, [event], now)


def wait(world: World, seconds: float) -> None:
    """Time passes."""
    reduce.apply(world, [], world.now + seconds)


def the(world: World, id: str = ID) -> Alert:
    """The alert; it is there."""
    alert = world.get(Alert, id)
    assert alert is not None
    return alert


def press(world: World, person: str = "supervisor", id: str = ID) -> dict[str, Any]:
    """Acknowledge the alert as it now is; the answer."""
    alert = the(world, id)
    return ask(world, person, "alert.ack", alert=id, episode=alert.episode, version=alert.version)
