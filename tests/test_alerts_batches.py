"""However the events are cut into batches, the same alerts, audit lines and messages come of them."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.alarms import ELSEWHERE, HERE, HIGH, START, alarm_world
from tests.people import command
from tests.worlds import MIDDLES
from wallboard.engine import reduce
from wallboard.engine.world import World
from wallboard.entities import AlarmLoad, Alert
from wallboard.events import AnyEvent, GaugeRead

GRAVE = HIGH | {"id": "grave", "above": 200, "severity": "danger", "escalate": [{"after": 0, "to": "chiefs"}]}
RULES = [HIGH | {"suppressed_by": "grave", "ack_lapses": 90}, GRAVE]
ACTIONS: list[tuple[str, dict[str, Any]]] = [
    ("alert.ack", {"episode": 1, "version": 1}),
    ("alert.ack", {"episode": 2, "version": 3}),
    ("alert.shelve", {"for_s": 45, "reason": "x"}),
    ("alert.out_of_service", {"reason": "x"}),
    ("alert.in_service", {}),
]

reads = st.tuples(st.sampled_from("ab"), st.sampled_from([50.0, 150.0, 250.0]))
acts = st.tuples(st.sampled_from("ab"), st.sampled_from(ACTIONS))
happenings = st.lists(
    st.tuples(st.integers(1, 40), st.one_of(reads, acts), st.booleans()), min_size=1, max_size=25
)


def events_of(happened: list[tuple[int, tuple[str, Any], bool]]) -> list[AnyEvent]:
    """Events at whole seconds, each later than the one before."""
    now, events = START, list[AnyEvent]()
    for number, (after, (gauge, what), _) in enumerate(happened):
        now += after
        if isinstance(what, float):
            lon, lat = MIDDLES[HERE if gauge == "a" else ELSEWHERE]
            events.append(
                GaugeRead(
                    feed="gates",
                    source_id=gauge,
                    received_at=now,
                    observed_at=now,
                    name=gauge,
                    value=what,
                    lon=lon,
                    lat=lat,
                )
            )
        else:
            action, args = what
            events.append(
                command("supervisor", action, now, f"c{number}", alert=f"high|gauge:gates/{gauge}", **args)
            )
    return events


def outcome(world: World, drafts: list[Any]) -> tuple[Any, ...]:
    return (
        {alert.id: alert for alert in world.all(Alert)},
        list(world.all(AlarmLoad)),
        [line for draft in drafts for line in draft.audit],
        [message for draft in drafts for message in draft.outbox],
    )


@settings(max_examples=60)
@given(happenings)
def test_one_batch_or_many(happened: list[tuple[int, tuple[str, Any], bool]]) -> None:
    events = events_of(happened)
    end = events[-1].received_at + 400
    whole = alarm_world(rule=RULES)
    reduce.apply(whole, events, end)
    cut = alarm_world(rule=RULES)
    drafts, batch = [], list[AnyEvent]()
    for event, (_, _, ends_here) in zip(events, happened, strict=True):
        batch.append(event)
        if ends_here:
            reduce.apply(cut, batch, event.received_at)
            drafts.append(cut.draft())
            batch = []
    reduce.apply(cut, batch, end)
    drafts.append(cut.draft())
    assert outcome(cut, drafts) == outcome(whole, [whole.draft()])
