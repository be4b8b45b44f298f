"""wallboard/engine/incidents/, ended.py, city_counts.py: what is known of each report, counted exactly."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds import MIDDLES, OUTSIDE, Book, small_world
from wallboard.engine import reduce
from wallboard.engine.incidents.ended import KEPT_S, TOMBSTONE, Ended
from wallboard.engine.world import World
from wallboard.entities import City, District, Incident, IncidentOurs, Note
from wallboard.events import AnyEvent, Gone, IncidentReported, Present

#: Noon of an ordinary day in the city.
NOON = datetime(2026, 9, 21, 12, tzinfo=ZoneInfo("Asia/Jakarta")).timestamp()
HOUR, DAY = 3600.0, 86_400.0
HERE = "99.01.01.1001"
MARKET = MIDDLES["99.01.02.1003"]

CONFIG: dict[str, Any] = {
    "category": [
        {"code": "flood", "name": {"id": "Banjir"}, "match": ["BANJIR*", "genangan"], "severity": "severe",
         "agency": "bpbd"},
        {"code": "fire", "name": {"id": "Kebakaran"}, "match": ["KEBAKARAN"], "severity": "danger",
         "agency": "damkar", "channel": "112"},
    ],
    "agency": [{"code": "damkar", "name": "Dinas Pemadam Kebakaran"}, {"code": "bpbd", "name": "BPBD"}],
    "place": [{"name": "Pasar Induk", "lon": MARKET[0], "lat": MARKET[1]}],
}  # fmt: skip


def report(id: str = "1", at: float = NOON, **fields: Any) -> IncidentReported:
    """A report in the middle of a district, observed and received at `at`."""
    lon, lat = MIDDLES[HERE]
    known: dict[str, Any] = {
        "feed": "lapor", "source_id": id, "received_at": at, "observed_at": at, "opened_at": NOON - HOUR,
        "title": "Genangan", "lon": lon, "lat": lat,
    }  # fmt: skip
    return IncidentReported(**(known | fields))


def after(*events: AnyEvent, now: float | None = None, **config: Any) -> World:
    world = small_world(**(CONFIG | config))
    run(world, *events, now=now)
    return world


def run(world: World, *events: AnyEvent, now: float | None = None) -> None:
    reduce.apply(
        world, events, max((event.received_at for event in events), default=0.0) if now is None else now
    )


def only(world: World) -> Incident:
    (incident,) = world.all(Incident)
    return incident


def city(world: World) -> City:
    found = world.get(City, "city")
    assert found is not None
    return found


def figures(world: World) -> tuple[int, int, int]:
    """Open, received today, closed today."""
    now = city(world)
    return now.open, now.received_today, now.closed_today


# -- what an incident becomes ------------------------------------------------------------------------


def test_a_report_becomes_an_incident_in_its_district() -> None:
    incident = only(after(report(category="BANJIR ROB", channel="JAKI", agency="dinas pemadam kebakaran")))
    assert (incident.id, incident.feed, incident.at) == ("lapor/1", "lapor", NOON)
    assert (incident.place.district, incident.place.confidence) == (HERE, "inside")
    assert (incident.category, incident.severity, incident.channel) == ("flood", "severe", "JAKI")
    assert (incident.agency, incident.source.agency_raw) == ("damkar", "dinas pemadam kebakaran")
    assert incident.scope == (f"d:{HERE}", "d:99.01.01", "a:damkar")


def test_category_gives_agency_channel_and_severity_where_the_source_gives_none() -> None:
    incident = only(after(report(category="17", category_name="Kebakaran")))
    assert (incident.category, incident.agency, incident.channel, incident.severity) == (
        "fire",
        "damkar",
        "112",
        "danger",
    )
    incident = only(after(report(category="Kebakaran", severity="caution")))
    assert incident.severity == "caution"


def test_an_unknown_category_and_agency_are_kept_raw() -> None:
    incident = only(after(report(category="X9", category_name="Lain-lain", agency="Dinas X")))
    assert (incident.category, incident.agency, incident.severity) == ("", "", None)
    assert (incident.source.category_raw, incident.source.agency_raw) == ("X9", "Dinas X")


def test_a_newer_observation_replaces_what_the_source_says() -> None:
    incident = only(after(report(), report(at=NOON + 60, title="Banjir", status="closed")))
    assert (incident.source.title, incident.source.status, incident.at) == ("Banjir", "closed", NOON + 60)


def test_an_older_or_equal_observation_changes_nothing() -> None:
    world = after(report(at=NOON + 60, title="Baru"))
    for old in (report(at=NOON), report(at=NOON + 60, title="Lain")):
        run(world, msgspec.structs.replace(old, received_at=NOON + 90))
    assert only(world).source.title == "Baru"


def test_sequence_numbers_of_a_source_go_before_its_clock() -> None:
    world = after(report(seq=5, run=1.0, title="5"), report(at=NOON + 60, seq=4, run=1.0, title="4"))
    assert only(world).source.title == "5"
    run(world, report(at=NOON - 60, received_at=NOON + 70, seq=1, run=2.0, title="new run"))
    assert only(world).source.title == "new run"


def test_what_people_here_did_is_never_touched_by_a_feed() -> None:
    world = after(report(category="KEBAKARAN"))
    ours = IncidentOurs(status="assigned", severity="caution", notes=(Note(at=1.0, by="rina", text="x"),))
    world.put(msgspec.structs.replace(only(world), ours=ours))
    run(world, report(at=NOON + 60, category="KEBAKARAN", title="Api membesar"))
    assert only(world).ours == ours
    assert only(world).severity == "caution"


# -- places ------------------------------------------------------------------------------------------


def test_nothing_is_dropped_outside_and_nowhere_are_shown_as_such() -> None:
    world = after(
        report("in"),
        report("out", lon=OUTSIDE[0], lat=OUTSIDE[1]),
        report("none", lon=None, lat=None),
        report("null", lon=0.0, lat=0.0),
        report("swapped", lon=MIDDLES[HERE][1], lat=MIDDLES[HERE][0]),
    )
    found = {i.id: (i.place.confidence, i.place.flags, i.scope) for i in world.all(Incident)}
    assert found["lapor/out"] == ("outside", (), ())
    assert found["lapor/none"] == ("no_location", (), ())
    assert found["lapor/null"] == ("no_location", ("null_island",), ())
    assert found["lapor/swapped"] == ("outside", ("swapped_suspected",), ())
    assert (city(world).open, city(world).outside, city(world).no_location) == (5, 2, 2)


def test_an_address_stands_in_for_missing_coordinates() -> None:
    world = after(report(lon=None, lat=None, address="Jl. Melati 3, Kel. Kebon Jati, Kec. Pesisir"))
    assert (only(world).place.confidence, only(world).place.district) == ("by_name", "99.01.01.1003")
    assert city(world).no_location == 0
    world = after(report(lon=None, lat=None, address="depan Pasar Induk"))
    assert only(world).place.district == "99.01.02.1003"


def test_a_kecamatan_alone_is_seen_by_all_who_may_see_a_part_of_it() -> None:
    incident = only(after(report(lon=None, lat=None, address="Kecamatan Tanggul")))
    assert (incident.place.district, incident.place.confidence) == (None, "by_name")
    assert incident.scope == (*(f"d:99.01.02.100{n}" for n in range(1, 5)), "d:99.01.02")


def test_a_report_that_moves_is_assigned_anew_with_its_scope() -> None:
    world = after(report())
    world.draft()
    lon, lat = MIDDLES["99.01.02.1004"]
    run(world, report(at=NOON + 60, lon=lon, lat=lat))
    assert only(world).place.district == "99.01.02.1004"
    (change,) = [change for change in world.draft().changes if change.kind == "incident"]
    assert change.was == (f"d:{HERE}", "d:99.01.01")


def test_other_boundaries_hold_for_what_moves_afterwards() -> None:
    world = after(report())
    place = msgspec.structs.replace(only(world).place, source="older", name="Old name")
    world.put(msgspec.structs.replace(only(world), place=place))
    run(world, report(at=NOON + 60, title="same place"))
    assert only(world).place.name == "Old name"
    run(world, report(at=NOON + 120, lon=MIDDLES[HERE][0] + 0.001))
    assert only(world).place.name == "Muara Lama"


# -- the same again ----------------------------------------------------------------------------------


@pytest.mark.parametrize("observed", [NOON, None, NOON + 90, NOON + DAY])
def test_a_report_that_is_polled_again_unchanged_makes_no_change(observed: float | None) -> None:
    """With a time, without one, with one a little ahead of us, and with one of tomorrow."""
    world = after(report(observed_at=observed))
    world.draft()
    for second in (10, 20, 30):
        run(world, report(observed_at=observed, received_at=NOON + second))
    draft = world.draft()
    assert (draft.changes, draft.memory) == ([], {})


def test_a_report_without_a_time_changes_when_its_content_does() -> None:
    world = after(
        report(observed_at=None), report(at=NOON + 60, observed_at=None, status_notes="Dijadwalkan")
    )
    assert only(world).source.status_notes == "Dijadwalkan"
    assert only(world).at == NOON + 60


def test_a_source_whose_clock_runs_ahead_is_flagged_and_not_frozen() -> None:
    world = after(report(observed_at=NOON + DAY, title="from tomorrow"))
    assert (only(world).flags, only(world).at) == (("clock_ahead",), NOON)
    run(world, report(at=NOON + 60, title="in time"))
    assert (only(world).source.title, only(world).flags) == ("in time", ())


def test_nothing_was_opened_or_closed_after_we_heard_of_it() -> None:
    source = only(after(report(opened_at=NOON + DAY, status="closed", closed_at=NOON + DAY))).source
    assert (source.opened_at, source.closed_at) == (NOON, NOON)


# -- the end of an incident --------------------------------------------------------------------------


def test_what_is_closed_leaves_after_its_retention_and_is_remembered() -> None:
    world = after(report(), report(at=NOON + 60, status="closed"))
    run(world, now=NOON + 60 + 6 * HOUR - 1)
    assert only(world).source.closed_at == NOON + 60
    run(world, now=NOON + 60 + 6 * HOUR)
    assert list(world.all(Incident)) == []
    assert world.recall(TOMBSTONE, "lapor/1", Ended) is not None
    assert figures(world) == (0, 1, 1)


def test_a_list_that_reaches_back_does_not_bring_it_back_nor_write_at_each_poll() -> None:
    world = after(report(), report(at=NOON + 60, status="closed", observed_at=None))
    run(world, now=NOON + 7 * HOUR)
    world.draft()
    for minute in range(60):
        at = NOON + 8 * HOUR + minute * 60
        run(world, report(at=at, status="closed", observed_at=None))
    assert list(world.all(Incident)) == []
    assert (world.draft().changes, figures(world)) == ([], (0, 1, 1))


def test_the_tombstone_ends_and_a_list_that_reaches_back_still_brings_nothing_back() -> None:
    world = after(report(), report(at=NOON + 60, status="closed"))
    run(world, now=NOON + 60 + 6 * HOUR)
    assert "lapor/1" in world.memories(TOMBSTONE)
    run(world, now=NOON + 60 + 6 * HOUR + KEPT_S)
    world.draft()
    for observed in (NOON + 60, None):
        run(world, report(observed_at=observed, received_at=NOON + 5 * DAY, status="closed"))
    assert (list(world.all(Incident)), world.memories(TOMBSTONE)) == ([], {})
    # Only what is counted by the day and by the quarter is kept for longer.
    assert {kind for kind, _ in world.draft().memory} <= {"series", "tally"}


def test_a_history_of_closed_reports_costs_no_memory() -> None:
    past = [(str(day), NOON - day * DAY) for day in range(2, 90)]
    world = after(*(report(id, observed_at=at, opened_at=at - HOUR, status="closed") for id, at in past))
    assert (list(world.all(Incident)), world.memories(TOMBSTONE)) == ([], {})


def test_what_was_over_long_before_we_heard_of_it_is_counted_for_its_day_alone() -> None:
    world = after(report(closed_at=NOON - 7 * HOUR, opened_at=NOON - 8 * HOUR, status="closed"))
    assert list(world.all(Incident)) == []
    assert figures(world) == (0, 1, 1)
    world = after(report(closed_at=NOON - 2 * DAY, opened_at=NOON - 3 * DAY, status="closed"))
    assert figures(world) == (0, 0, 0)


def test_a_report_first_seen_closed_by_a_source_without_times_is_not_closed_today() -> None:
    world = after(report(observed_at=None, status="closed", opened_at=NOON - 20 * DAY))
    assert list(world.all(Incident)) == []
    assert figures(world) == (0, 0, 0)


def test_a_closed_report_can_open_again_before_and_after_it_left() -> None:
    for left_at in (NOON + 120, NOON + 7 * HOUR):
        world = after(report(), report(at=NOON + 60, status="closed"))
        run(world, report(at=left_at, title="again"))
        assert (only(world).source.status, only(world).source.closed_at) == ("open", None)
        assert "lapor/1" not in world.memories(TOMBSTONE)
        assert figures(world) == (1, 1, 0)


def test_gone_closes_and_says_so() -> None:
    world = after(
        report(), Gone(feed="lapor", source_id="1", received_at=NOON + 60, kind="incident", reason="Ditarik")
    )
    assert (only(world).source.status, only(world).source.closed_at) == ("closed", NOON + 60)
    assert (only(world).source.status_notes, only(world).flags) == ("Ditarik", ("gone",))


def test_gone_that_is_older_than_what_is_known_changes_nothing() -> None:
    gone = Gone(feed="lapor", source_id="1", received_at=NOON + 60, kind="incident")
    world = after(report(at=NOON + 90), gone)
    assert only(world).source.status == "open"


def test_gone_before_its_report_keeps_the_older_report_away() -> None:
    gone = Gone(feed="lapor", source_id="1", received_at=NOON + 60, kind="incident")
    world = after(gone, report())
    assert list(world.all(Incident)) == []
    run(world, report(at=NOON + 90))
    assert only(world).source.status == "open"


def test_a_complete_list_closes_those_of_its_feed_that_it_does_not_hold() -> None:
    world = after(report("1"), report("2"), report("3", feed="other"))
    run(world, Present(feed="lapor", source_id="", received_at=NOON + 60, kind="incident", ids=("2", "9")))
    open_ones = {i.id for i in world.all(Incident) if i.source.status == "open"}
    assert open_ones == {"lapor/2", "other/3"}
    assert figures(world) == (2, 3, 1)


def test_what_is_listed_again_opens_again_though_its_own_time_is_the_old_one() -> None:
    empty = Present(feed="lapor", source_id="", received_at=NOON + 60, kind="incident", ids=())
    world = after(report(), empty)
    run(world, report())  # the first delivery once more
    assert only(world).source.status == "closed"
    run(world, report(received_at=NOON + 120))
    assert (only(world).source.status, only(world).flags) == ("open", ())
    run(world, empty)  # the old list once more
    assert only(world).source.status == "open"


# -- the city's figures ------------------------------------------------------------------------------


def test_open_ones_by_channel_and_category() -> None:
    world = after(
        report("1", category="BANJIR", channel="JAKI"),
        report("2", category="KEBAKARAN"),
        report("3", category="KEBAKARAN", channel="JAKI"),
        report("4", status="closed", channel="JAKI"),
    )
    assert city(world).by_channel == {"JAKI": 2, "112": 1}
    assert city(world).by_category == {"fire": 2, "flood": 1}


def test_a_source_that_invents_channels_does_not_blow_up_the_city() -> None:
    world = after(
        *(report(str(n), channel=f"c{n % 500:03}") for n in range(1000)), report("x", channel="c007")
    )
    channels = city(world).by_channel
    assert (len(channels), channels["c007"], sum(channels.values())) == (61, 3, 1001)


def test_the_day_rolls_at_the_citys_midnight() -> None:
    world = after(report("1"), report("2", at=NOON + 60, status="closed"))
    midnight = NOON + 12 * HOUR
    run(world, now=midnight - 1)
    assert figures(world) == (1, 2, 1)
    run(world, now=midnight)
    assert figures(world) == (1, 0, 0)
    assert city(world).at == midnight
    # A report of the evening that comes after midnight was not received today.
    run(
        world,
        report("3", at=midnight + 60, opened_at=midnight - 60),
        report("4", at=midnight + 60, opened_at=midnight),
    )
    assert figures(world) == (3, 1, 0)


def test_the_day_of_another_zone_rolls_there() -> None:
    zone = {"name": "Kota", "key": "k", "time_zone": "Asia/Makassar"}
    world = after(report("1"), city=zone)
    run(world, now=NOON + 11 * HOUR)
    assert figures(world) == (1, 0, 0)


def test_a_quiet_city_changes_once_a_day() -> None:
    world = after(report())
    run(world, now=NOON + 60)  # what has just changed is drawn a minute later
    world.draft()
    changes = []
    for hour in range(1, 49):
        run(world, now=NOON + hour * HOUR)
        changes += world.draft().changes
    each = [("city", "city"), ("agency", "damkar"), ("agency", "bpbd")]
    assert [(change.kind, change.id) for change in changes] == each * 2


def test_the_city_is_there_from_the_start() -> None:
    world = small_world()
    assert city(world).name == "Kota Contoh"
    assert city(world).scope == ("public",)
    assert city(world).boundaries.startswith("tests 1")


# -- restart, disorder, repetition -------------------------------------------------------------------

_EVENT = st.builds(
    lambda id, step, status, where, late: report(
        id,
        NOON + step * 60.0,
        status=status,
        lon=where[0],
        lat=where[1],
        received_at=NOON + step * 60.0 + late,
        expected_at=NOON + 600,
        channel=f"c{step % 3}",
    ),
    st.sampled_from("abcd"),
    st.integers(0, 20),
    st.sampled_from(["open", "open", "closed"]),
    st.sampled_from([*MIDDLES.values(), OUTSIDE, (None, None)]),
    st.floats(0, 5),
)


def _state(world: World) -> dict[str, Any]:
    """All that is shown, without when it was last shown."""
    shown = {
        (kind, id): msgspec.structs.replace(entity, at=0.0)
        for kind in ("incident", "city", "district")
        for id, entity in world.of_kind(kind).items()
    }
    return {f"{kind} {id}": msgspec.to_builtins(entity) for (kind, id), entity in sorted(shown.items())}


def _counted_plainly(world: World) -> tuple[Any, ...]:
    """The city's figures as a scan of everything gives them."""
    opened = [i for i in world.all(Incident) if i.source.status == "open"]
    day = (NOON - 12 * HOUR, NOON + 12 * HOUR)
    ended: Sequence[Ended] = list(world.memories(TOMBSTONE).values())
    times = [(i.source.opened_at, i.source.closed_at) for i in world.all(Incident)]
    times += [(e.opened_at, e.closed_at) for e in ended if e.opened_at is not None]
    return (
        len(opened),
        sum(i.place.confidence == "outside" for i in opened),
        sum(i.place.confidence == "no_location" for i in opened),
        sum(day[0] <= o < day[1] for o, _ in times if o is not None),
        sum(day[0] <= c < day[1] for _, c in times if c is not None),
        {c: sum(i.channel == c for i in opened) for c in {i.channel for i in opened}},
    )


def _distinct(events: list[IncidentReported]) -> list[IncidentReported]:
    """Of a thing's observations of one moment the first: two different ones have no order."""
    return list({(event.source_id, event.observed_at): event for event in reversed(events)}.values())


@settings(max_examples=60)
@given(st.lists(_EVENT, min_size=1, max_size=15), st.randoms(use_true_random=False), st.integers(1, 15))
def test_any_order_repetition_and_restart_give_the_same_end(
    drawn: list[IncidentReported], shuffle: random.Random, cut: int
) -> None:
    events = _distinct(drawn)
    end = NOON + 2 * HOUR
    straight = after(*sorted(events, key=lambda e: e.observed_at or 0.0), now=end)

    mixed = events + shuffle.choices(events, k=len(events))
    shuffle.shuffle(mixed)
    book, world = Book(), small_world(**CONFIG)
    for event in mixed[:cut]:
        run(world, event)
    book.commit(world)
    world = book.reopened(world.now, **CONFIG)
    run(world, *mixed[cut:], now=end)
    book.commit(world)

    def newest(state: dict[str, Any]) -> dict[str, Any]:
        # When it was closed is known only to who saw it open before; so is what left its place in order.
        for entity in state.values():
            entity.pop("received_at", None)
            entity.pop("over_at", None)
            entity.get("source", {}).pop("closed_at", None)
        return state

    assert newest(_state(world)) == newest(_state(straight))
    now = city(world)
    assert _counted_plainly(world) == (
        now.open, now.outside, now.no_location, now.received_today, now.closed_today, now.by_channel,
    )  # fmt: skip
    assert now.received_today == len({event.source_id for event in events})


@settings(max_examples=30)
@given(st.lists(_EVENT, min_size=1, max_size=15), st.integers(0, 15))
def test_a_restart_in_the_middle_gives_the_same_future(events: list[IncidentReported], cut: int) -> None:
    events.sort(key=lambda event: event.received_at)
    times = [NOON + 900, NOON + 5 * HOUR, NOON + 7 * HOUR, NOON + 13 * HOUR, NOON + 3 * DAY]
    book = Book()
    straight, world = small_world(**CONFIG), small_world(**CONFIG)
    run(world, *events[:cut])
    book.commit(world)
    world = book.reopened(world.now, **CONFIG)
    run(straight, *events)
    run(world, *events[cut:], now=straight.now)
    for now in times:
        run(straight, now=now)
        run(world, now=now)
        assert _state(world) == _state(straight)
        book.commit(world)
        world = book.reopened(now, **CONFIG)
        assert _state(world) == _state(straight)


def test_the_passed_deadline_counts_after_a_restart_too() -> None:
    book, world = Book(), after(report(expected_at=NOON + HOUR))
    book.commit(world)
    world = book.reopened(NOON + 60, **CONFIG)
    for now, overdue in ((NOON + HOUR - 1, 0), (NOON + HOUR, 1)):
        run(world, now=now)
        district = world.get(District, HERE)
        assert district is not None
        assert district.counts.overdue == overdue
