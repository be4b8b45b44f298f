"""However events are cut into batches, whatever restarts: the same alerts at the same times."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds import MIDDLES, Book, small_world
from wallboard.engine import reduce
from wallboard.engine.world import World
from wallboard.entities import Alert, News
from wallboard.events import AnyEvent, CameraChecked, CameraListed, GaugeRead, IncidentReported

START = 1_790_042_400
WORDS = {"id": "{name} {value}", "en": "{name} {value}"}
CODES = sorted(MIDDLES)[:3]


def rule(type: str, **more: Any) -> dict[str, Any]:
    return {"id": f"r-{type}", "type": type, "severity": "caution", "text": WORDS, **more}


CONFIG: dict[str, Any] = {
    "category": [{"code": "banjir", "name": {"id": "Banjir", "en": "Flood"}, "match": ["banjir"]}],
    "gauge": [
        {
            "match": ["*"],
            "levels": [
                {"name": "3", "from_value": 50, "severity": "caution"},
                {"name": "1", "from_value": 80, "severity": "danger"},
            ],
        }
    ],
    "rule": [
        rule("threshold", kind="gauge", field="value", above=60, on_delay=5, off_delay=3),
        rule("absence", kind="gauge", silent_for=20),
        rule("rate", kind="gauge", field="value", above=30, within=15),
        rule("gauge", on_delay=2, off_delay=4, max_age=30),
        rule("share", kind="camera", where={"state": "offline"}, share=0.5, least=2, on_delay=3),
        rule("burst", within=30, least=3, learn=0, chance=0.4, level=1),
    ],
}


def a_world() -> World:
    world = small_world(**CONFIG)
    reduce.apply(world, [], float(START))
    return world


def told(world: World) -> list[Any]:
    """All that rules and alerts did, what stands and what is told of it, to the letter."""
    found = [*world.all(Alert), *world.all(News)]
    return [msgspec.to_builtins(entity) for entity in sorted(found, key=lambda entity: entity.id)]


@st.composite
def days(draw: st.DrawFn) -> list[list[AnyEvent]]:
    """Events second by second."""
    made: list[list[AnyEvent]] = []
    at = START
    for number in range(draw(st.integers(3, 25))):
        at += draw(st.integers(1, 12))
        made.append([_event(draw, float(at), f"{number}-{part}") for part in range(draw(st.integers(1, 3)))])
    return made


def _event(draw: st.DrawFn, at: float, id: str) -> AnyEvent:
    lon, lat = MIDDLES[draw(st.sampled_from(CODES))]
    what = draw(st.sampled_from(("gauge", "camera", "check", "incident")))
    name = draw(st.sampled_from("abc"))
    if what == "gauge":
        value = draw(st.sampled_from((10.0, 55.0, 70.0, 90.0, None)))
        return GaugeRead(
            feed="g", source_id=name, received_at=at, observed_at=at, name=name, value=value, lon=lon, lat=lat
        )
    if what == "camera":
        return CameraListed(feed="c", source_id=name, received_at=at, name=name, lon=lon, lat=lat)
    if what == "check":
        state: Literal["online", "offline"] = draw(st.sampled_from(("online", "offline")))
        return CameraChecked(feed="c", source_id=name, received_at=at, state=state)
    return IncidentReported(
        feed="i", source_id=id, received_at=at, observed_at=at, title="x", category="banjir", lon=lon, lat=lat
    )


def play(seconds: list[list[AnyEvent]], cuts: set[int], end: float) -> tuple[list[Any], list[Any]]:
    """One world over all, its events in batches that end after the seconds named in `cuts`."""
    world, audit, batch = a_world(), [], []
    for number, events in enumerate(seconds):
        batch += events
        if number in cuts:
            reduce.apply(world, batch, batch[-1].received_at)
            audit += world.draft().audit
            batch = []
    reduce.apply(world, batch, end)
    audit += world.draft().audit
    return told(world), audit


@settings(max_examples=25)
@given(days(), st.data())
def test_how_events_are_cut_into_batches_changes_no_alert(
    seconds: list[list[AnyEvent]], data: st.DataObject
) -> None:
    cuts = data.draw(st.sets(st.integers(0, len(seconds) - 1)))
    end = seconds[-1][-1].received_at + 60.0
    assert play(seconds, cuts, end) == play(seconds, set(), end)


@settings(max_examples=15)
@given(days(), st.data())
def test_a_restart_at_any_moment_changes_no_alert(seconds: list[list[AnyEvent]], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(seconds) - 1))
    whole, cut, book = a_world(), a_world(), Book()
    for number, events in enumerate(seconds):
        now = events[-1].received_at
        reduce.apply(whole, events, now)
        reduce.apply(cut, events, now)
        book.commit(cut)
        if number == at:
            cut = book.reopened(now, **CONFIG)
    for world in (whole, cut):
        reduce.apply(world, [], seconds[-1][-1].received_at + 60.0)
    assert told(cut) == told(whole)
