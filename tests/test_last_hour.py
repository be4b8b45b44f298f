"""How many reports came and were closed within the last hour, and how many usually do."""

from __future__ import annotations

import pytest

from tests.worlds import MIDDLES, small_world
from wallboard.engine import reduce
from wallboard.engine.last_hour import HOUR_S, ID
from wallboard.engine.world import World
from wallboard.entities import Alert, Metric, Series
from wallboard.events import IncidentReported

T = 500 * HOUR_S
LON, LAT = next(iter(MIDDLES.values()))


def report(id: str, opened_at: float, closed_at: float | None = None) -> IncidentReported:
    return IncidentReported(
        feed="f", source_id=id, received_at=T, observed_at=opened_at, title=id, lon=LON, lat=LAT,
        opened_at=opened_at, closed_at=closed_at, status="open" if closed_at is None else "closed",
    )  # fmt: skip


def played(*events: IncidentReported, until: float = T + 1) -> World:
    world = small_world()
    reduce.apply(world, list(events), until)
    return world


def figures(world: World) -> tuple[float, float]:
    metric = world.get(Metric, ID)
    assert metric is not None
    return metric.value, metric.figures["closed"]


def test_what_came_and_what_was_closed_within_the_hour() -> None:
    world = played(
        report("old", T - 2 * HOUR_S),
        report("new", T - 60),
        report("both", T - 600, T - 300),
        report("closed", T - 3 * HOUR_S, T - 30),
        report("long-closed", T - 5 * HOUR_S, T - 4 * HOUR_S),
    )
    assert figures(world) == (2, 2)


def test_what_was_an_hour_ago_goes_out_by_itself() -> None:
    world = played(report("new", T - 60))
    reduce.apply(world, [], T + HOUR_S - 120)
    assert figures(world) == (1, 0)
    reduce.apply(world, [], T + HOUR_S)
    assert figures(world) == (0, 0)


def test_an_incident_that_has_left_the_state_still_counts() -> None:
    world = small_world(retention={"incident": 60.0})
    reduce.apply(world, [report("both", T - 600, T - 300)], T + 1)
    reduce.apply(world, [], T + 600)
    assert not list(world.of_kind("incident"))
    assert figures(world) == (1, 1)


def test_nothing_is_usual_where_nobody_knows() -> None:
    metric = played().get(Metric, ID)
    assert metric is not None
    assert "usual" not in metric.figures


@pytest.mark.parametrize(("past", "usual"), [(0.5, 10.0), (1.25, 12.5), (2.0, 20.0)])
def test_what_is_usual_is_taken_from_the_hours_that_are_touched(past: float, usual: float) -> None:
    world = small_world()
    world.put(Series(id="reports.usual.hour", points=((T, 10.0), (T + HOUR_S, 20.0))))
    reduce.apply(world, [], T + past * HOUR_S)
    metric = world.get(Metric, ID)
    assert metric is not None
    assert metric.figures["usual"] == pytest.approx(usual)


def test_a_rule_may_look_at_it() -> None:
    rule = {
        "id": "ramai", "type": "threshold", "kind": "metric", "where": {"id": ID}, "field": "value",
        "above": 1, "severity": "caution", "text": {"id": "Ramai", "en": "Busy"},
    }  # fmt: skip
    world = small_world(rule=[rule])
    reduce.apply(world, [report("1", T - 60), report("2", T - 30)], T + 1)
    reduce.apply(world, [], T + 120)
    assert [alert.subject for alert in world.all(Alert)] == [f"metric:{ID}"]
