"""wallboard/engine/districts.py: what lies in each district, kept by what changes."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds import DISTRICTS, MIDDLES, OUTSIDE, PARENTS, Book, small_world
from wallboard.engine import districts, reduce
from wallboard.engine.world import World
from wallboard.entities import Camera, District, Hazard, HazardCover, Incident, Severity
from wallboard.events import AnyEvent, IncidentReported

NOW = 1_790_000_000.0
WEST, NORTHWEST, EAST = "99.01.01", "99.01.01.1001", "99.01.02"


def report(id: str, code: str = NORTHWEST, at: float = NOW, **fields: Any) -> IncidentReported:
    lon, lat = MIDDLES.get(code, OUTSIDE)
    known: dict[str, Any] = {
        "feed": "f", "source_id": id, "received_at": at, "observed_at": at, "title": "x",
        "lon": lon, "lat": lat,
    }  # fmt: skip
    return IncidentReported(**(known | fields))


def run(world: World, *events: AnyEvent, now: float = NOW) -> None:
    # No event comes from the future: one that is received later is applied later.
    reduce.apply(world, events, max([now, *(event.received_at for event in events)]))


def district(world: World, code: str) -> District:
    found = world.get(District, code)
    assert found is not None
    return found


def counts(world: World, code: str) -> tuple[int, int, int, int]:
    """Open, overdue, cameras, cameras down."""
    found = district(world, code).counts
    return found.open, found.overdue, found.cameras, found.cameras_down


def camera(world: World, id: str, code: str = NORTHWEST, **fields: Any) -> Camera:
    place = world.geofence.locate(*MIDDLES[code])
    known: dict[str, Any] = {"id": id, "name": id, "place": place, "state": "online"}
    return Camera(**(known | fields))


def hazard(id: str, *codes: str, **fields: Any) -> Hazard:
    covers = tuple(HazardCover(code=code, name=code, share=0.5) for code in codes)
    known: dict[str, Any] = {"id": id, "type": "cap", "texts": {}, "districts": covers}
    return Hazard(**(known | fields))


def test_every_district_of_every_level_is_there_from_the_start() -> None:
    world = small_world()
    shown = {d.id: (d.name, d.level, d.parent, d.scope) for d in world.all(District)}
    assert set(shown) == {code for code, _ in DISTRICTS.values()} | set(PARENTS)
    assert shown[NORTHWEST] == ("Muara Lama", 1, WEST, ("public",))
    assert shown[WEST] == ("Pesisir", 0, "", ("public",))


def test_an_incident_counts_in_its_district_and_in_all_above_it() -> None:
    world = small_world()
    run(world, report("1"), report("2", "99.01.01.1004"), report("3", "99.01.02.1002"))
    assert [counts(world, code)[0] for code in (NORTHWEST, "99.01.01.1004", WEST, EAST)] == [1, 1, 2, 1]


def test_what_moves_or_closes_counts_no_more_where_it_was() -> None:
    world = small_world()
    run(world, report("1"))
    run(world, report("1", "99.01.02.1002", at=NOW + 1))
    assert [counts(world, code)[0] for code in (NORTHWEST, WEST, "99.01.02.1002", EAST)] == [0, 0, 1, 1]
    run(world, report("1", "99.01.02.1002", at=NOW + 2, status="closed"))
    assert counts(world, EAST)[0] == 0


def test_what_came_by_the_emergency_number_is_counted_apart() -> None:
    world = small_world()
    run(world, report("1", channel="112"), report("2", channel="app"), report("3", channel="112"))
    assert (district(world, WEST).counts.calls, district(world, WEST).counts.open) == (2, 3)
    run(world, report("1", channel="112", at=NOW + 1, status="closed"))
    assert district(world, WEST).counts.calls == 1


def test_outside_and_nowhere_count_in_no_district() -> None:
    world = small_world()
    run(world, report("1", "outside"), report("2", lon=None, lat=None))
    assert all(found.counts.open == 0 for found in world.all(District))


def test_a_kecamatan_named_in_an_address_has_the_report_though_no_kelurahan_has() -> None:
    world = small_world()
    run(world, report("1", lon=None, lat=None, address="Kecamatan Pesisir"))
    assert counts(world, WEST)[0] == 1
    assert sum(counts(world, code)[0] for code, _ in DISTRICTS.values()) == 0


def test_the_worst_of_what_is_open_shows_until_it_is_closed() -> None:
    world = small_world()
    run(world, report("1", severity="caution"), report("2", severity="danger"), report("3"))
    assert district(world, WEST).worst == "danger"
    run(world, report("2", at=NOW + 1, severity="danger", status="closed"))
    assert district(world, WEST).worst == "caution"
    run(world, report("1", at=NOW + 1, severity="caution", status="closed"))
    assert district(world, WEST).worst is None


def test_overdue_begins_with_the_second_and_ends_with_a_new_promise() -> None:
    world = small_world()
    run(world, report("1", expected_at=NOW + 60), report("2", expected_at=NOW - 60), report("3"))
    assert counts(world, WEST)[:2] == (3, 1)
    run(world, now=NOW + 59)
    assert counts(world, WEST)[1] == 1
    run(world, now=NOW + 60)
    assert counts(world, WEST)[1] == 2
    run(world, report("1", at=NOW + 61, expected_at=NOW + 600), now=NOW + 61)
    assert counts(world, WEST)[1] == 1


def test_cameras_count_with_those_that_show_nothing() -> None:
    world = small_world()
    for id, state in (("a", "online"), ("b", "offline"), ("c", "frozen"), ("d", "unknown")):
        world.put(camera(world, id, state=state))
    world.put(camera(world, "e", flags=("gone",)))
    run(world)
    assert counts(world, NORTHWEST)[2:] == (4, 2)
    world.put(camera(world, "b"))
    world.remove(Camera, "c")
    run(world)
    assert counts(world, WEST)[2:] == (3, 0)


def test_a_real_hazard_shows_at_its_districts_and_above_until_it_ends() -> None:
    world = small_world()
    world.put(hazard("flood", NORTHWEST, "99.01.01.1002"))
    world.put(hazard("drill", NORTHWEST, status="Exercise"))
    world.put(hazard("old", NORTHWEST, state="ended"))
    world.put(hazard("elsewhere", "12.34.56.7890"))
    run(world)
    assert district(world, NORTHWEST).hazards == ("flood",)
    assert (district(world, WEST).hazards, district(world, EAST).hazards) == (("flood",), ())
    world.put(hazard("flood", NORTHWEST, state="ended"))
    run(world)
    assert district(world, WEST).hazards == ()


def test_a_flood_of_hazards_is_cut_in_order_of_their_ids() -> None:
    world = small_world()
    for number in range(30):
        world.put(hazard(f"h{number:02}", NORTHWEST))
    run(world)
    assert district(world, NORTHWEST).hazards == tuple(f"h{number:02}" for number in range(20))


def test_only_districts_whose_figures_differ_are_in_the_commit() -> None:
    world = small_world()
    world.draft()
    run(world, report("1"))
    assert {change.id for change in world.draft().changes if change.kind == "district"} == {NORTHWEST, WEST}
    run(world, report("1", at=NOW + 1, title="only the title differs"))
    assert [change.kind for change in world.draft().changes] == ["incident"]


def test_several_batches_in_one_draft_count_once() -> None:
    world = small_world()
    for step in range(3):
        run(world, report("1", at=NOW + step, title=str(step)), report(f"x{step}"), now=NOW + step)
    assert counts(world, NORTHWEST)[0] == 4


def test_districts_of_former_boundaries_go() -> None:
    world = small_world()
    world.put(msgspec.structs.replace(district(world, WEST), id="98.76"))
    districts.load(world)
    assert world.get(District, "98.76") is None


def _plainly(world: World) -> dict[str, tuple[int, int, Severity | None]]:
    """Open, overdue and worst of each district, as a scan of everything gives them."""
    found: dict[str, tuple[int, int, Severity | None]] = {}
    order: tuple[Severity, ...] = ("danger", "severe", "caution")
    for each in world.all(District):
        inside = [
            i
            for i in world.all(Incident)
            if i.source.status == "open"
            and each.id in (i.place.district, *(up.code for up in i.place.parents))
        ]
        late = [i for i in inside if i.source.expected_at is not None and i.source.expected_at <= world.now]
        worst = next((severity for severity in order if any(i.severity == severity for i in inside)), None)
        found[each.id] = len(inside), len(late), worst
    return found


_REPORT = st.builds(
    lambda id, code, step, status, severity, expected: report(
        id, code, NOW + step, status=status, severity=severity, expected_at=expected
    ),
    st.sampled_from("abcdef"),
    st.sampled_from([*MIDDLES, "outside"]),
    st.integers(0, 300),
    st.sampled_from(["open", "open", "closed"]),
    st.sampled_from(["", "danger", "severe", "caution"]),
    st.one_of(st.none(), st.integers(0, 600).map(lambda step: NOW + step)),
)


@settings(max_examples=50)
@given(st.lists(st.lists(_REPORT, max_size=5), max_size=6), st.integers(0, 5))
def test_what_is_kept_by_changes_is_what_a_count_of_everything_gives(
    batches: list[list[IncidentReported]], restart: int
) -> None:
    book, world = Book(), small_world()
    for step, batch in enumerate(batches):
        run(world, *batch, now=NOW + step * 100)
        if step == restart:
            book.commit(world)
            world = book.reopened(world.now)
        shown = {d.id: (d.counts.open, d.counts.overdue, d.worst) for d in world.all(District)}
        assert shown == _plainly(world)
