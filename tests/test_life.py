"""wallboard/life.py, engine/incidents/acts.py: every status × every step × every role, and what each does."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.people import PEOPLE, ask, settle_in
from tests.test_incidents import DAY, HERE, HOUR, NOON, city, report, run
from tests.worlds import MIDDLES, Book, small_world
from wallboard import life
from wallboard.access import PERSON_ROLES
from wallboard.engine.incidents import shelf
from wallboard.engine.incidents.leaving import LEFT_OPEN_S
from wallboard.engine.incidents.limits import NOTES_BYTES
from wallboard.engine.incidents.shape import shaped
from wallboard.engine.world import World
from wallboard.entities import ENDED_STATUSES, District, Incident, IncidentOurs, IncidentStatus
from wallboard.stints import stint_of

CONFIG: dict[str, Any] = {
    "agency": [{"code": "DPU", "name": "Pekerjaan Umum"}, {"code": "DLH", "name": "Lingkungan Hidup"}],
    "category": [
        {"code": "jalan", "name": {"id": "Jalan"}, "match": ["JALAN*"], "agency": "DPU",
         "severity": "caution"},
        {"code": "sampah", "name": {"id": "Sampah"}, "match": ["SAMPAH*"], "agency": "DLH"},
    ],
    "channel": [{"code": "112", "name": {"id": "112"}}, {"code": "loket", "name": {"id": "Loket"}}],
    "line": [{"code": "110", "name": {"id": "Polisi"}}, {"code": "PLN", "name": {"id": "PLN"}}],
}  # fmt: skip

#: What each step needs, sound.
ARGS: dict[str, dict[str, str]] = {
    "verified": {"how": "di lapangan"},
    "assigned": {"agency": "DLH"},
    "returned": {"why": "bukan wewenang"},
    "closed": {"why": "selesai lewat telepon"},
    "rejected": {"why": "tidak lengkap"},
    "duplicate": {"of": "lapor/other"},
    "referred": {"line": "110", "why": "tindak pidana"},
    "reopened": {"why": "belum selesai"},
}
ACTIONS = {"assigned": "incident.assign", "referred": "incident.refer"}


@pytest.fixture
def world() -> World:
    return opened()


def opened(**config: Any) -> World:
    """Two reports of one agency, and people."""
    world = small_world(**(CONFIG | config))
    world.now = NOON - 1
    settle_in(world)
    run(world, report("1", category="JALAN"), report("other", category="JALAN"))
    return world


def incident(world: World, id: str = "lapor/1") -> Incident:
    found = world.get(Incident, id)
    assert found is not None
    return found


def step(world: World, person: str, to: str, id: str = "lapor/1", **args: Any) -> dict[str, Any]:
    given = ARGS.get(to, {}) | {"incident": id, "seen": incident(world, id).ours.status} | args
    action = ACTIONS.get(to, "incident.status")
    return ask(world, person, action, **(given if action in ACTIONS.values() else given | {"status": to}))


def stand(world: World, status: IncidentStatus, **ours: Any) -> None:
    """Put the incident into a status as if it had come there."""
    before = incident(world)
    if status in ENDED_STATUSES:
        ours["ended_at"] = NOON
    if status in ("accepted", "in_progress", "resolved"):
        ours["accepted_at"] = NOON
    if status == "duplicate":
        ours["duplicate_of"] = "lapor/other"
    after = msgspec.structs.replace(before, ours=IncidentOurs(status=status, **ours))
    shelf.put(world, shaped(world, after, before))


# -- the table, whole --------------------------------------------------------------------------------

#: role → status → steps that it may take. Written out once more, by hand: what is not here is refused.
WAITING = "verified assigned accepted in_progress returned closed rejected prank duplicate referred"
MAY: dict[str, dict[str, str]] = {
    "supervisor": {
        "received": WAITING,
        "verified": WAITING.replace("verified ", ""),
        "assigned": WAITING.replace("verified ", ""),
        "accepted": "assigned in_progress resolved returned closed rejected prank duplicate referred",
        "in_progress": "assigned resolved returned closed rejected prank duplicate referred",
        "resolved": "closed reopened",
        **dict.fromkeys(("closed", "duplicate", "rejected", "prank", "referred"), "reopened"),
    },
    "operator": {
        "received": "verified closed rejected prank duplicate",
        "verified": "closed rejected prank duplicate",
        "assigned": "closed rejected prank duplicate",
        "accepted": "closed rejected prank duplicate",
        "in_progress": "closed rejected prank duplicate",
        "resolved": "closed reopened",
        **dict.fromkeys(("closed", "duplicate", "rejected", "prank", "referred"), "reopened"),
    },
    "agency": {
        **dict.fromkeys(("received", "verified", "assigned"), "accepted in_progress returned"),
        "accepted": "in_progress resolved returned",
        "in_progress": "resolved returned",
    },
}  # fmt: skip


@pytest.mark.parametrize("role", PERSON_ROLES)
def test_every_status_and_step_of_a_role_is_as_written(role: str) -> None:
    base = opened()
    for status in life.STATUSES:
        for to in life.STEPS:
            stand(base, status)
            before = incident(base)
            answer = step(base, role, to)
            allowed = to in MAY.get(role, {}).get(status, "").split()
            assert (answer["status"] == "done") == allowed, (status, to, answer)
            if not allowed:
                assert incident(base) == before
                assert answer["reason"] in ("forbidden", "wrong_status", "no_such_thing"), (status, to)
            else:
                assert incident(base).ours.steps[-1].was == status


def test_the_pages_table_is_the_engines() -> None:
    for role, by_status in MAY.items():
        for status in life.STATUSES:
            offered = {one.to for one in life.steps_of(role, status)}  # type: ignore[arg-type]
            assert offered == set(by_status.get(status, "").split()), (role, status)


@pytest.mark.parametrize(
    ("to", "needed"),
    [("verified", "how"), ("returned", "why"), ("rejected", "why"), ("closed", "why"), ("reopened", "why"),
     ("duplicate", "of"), ("assigned", "agency"), ("referred", "line"), ("referred", "why")],
)  # fmt: skip
def test_what_a_step_needs_is_asked_for(world: World, to: str, needed: str) -> None:
    if to == "reopened":
        step(world, "operator", "prank")
    answer = step(world, "supervisor", to, **{needed: " "})
    assert answer["reason"].startswith(f"bad_args: {needed}:")


# -- a life --------------------------------------------------------------------------------------------


def test_a_whole_life_with_its_times_and_people(world: World) -> None:
    for minute, (person, to) in enumerate(
        [("operator", "verified"), ("supervisor", "assigned"), ("supervisor", "accepted"),
         ("supervisor", "in_progress"), ("supervisor", "resolved"), ("operator", "closed")], 1,
    ):  # fmt: skip
        run(world, now=NOON + minute * 60)
        assert step(world, person, to)["status"] == "done"
    found = incident(world)
    ours = found.ours
    assert [one.now for one in ours.steps] == [
        "verified", "assigned", "accepted", "in_progress", "resolved", "closed",
    ]  # fmt: skip
    assert (ours.verified_at, ours.verified_by, ours.steps[0].to) == (NOON + 60, "operator", "di lapangan")
    assert (found.agency, ours.assigned_at, found.agency_since) == ("DLH", NOON + 120, NOON + 120)
    assert (ours.accepted_at, ours.started_at, ours.resolved_at) == (NOON + 180, NOON + 240, NOON + 300)
    assert (ours.ended_at, found.over_at) == (NOON + 360, NOON + 360)
    # The source has not closed it, and nobody says so.
    assert (found.source.status, found.source.closed_at) == ("open", None)


def test_who_saw_another_status_is_told_who_changed_it(world: World) -> None:
    step(world, "operator", "verified")
    late = step(world, "supervisor", "prank", seen="received")
    assert (late["status"], late["reason"], late["by"], late["at"]) == (
        "refused",
        "changed",
        "operator",
        NOON,
    )
    assert step(world, "supervisor", "prank", seen="gone")["reason"].startswith("bad_args: seen")


def test_a_step_is_audited_with_before_and_after(world: World) -> None:
    world.draft()
    step(world, "supervisor", "assigned")
    (line,) = world.draft().audit
    assert (line["before"]["status"], line["before"]["agency"]) == ("received", "DPU")
    assert (line["after"]["status"], line["after"]["agency"]) == ("assigned", "DLH")


def test_an_agency_acts_on_its_own_alone(world: World) -> None:
    assert step(world, "agency", "accepted")["status"] == "done"
    step(world, "supervisor", "assigned")
    assert step(world, "agency", "accepted")["reason"] == "no_such_thing"
    assert ask(world, "agency", "incident.note", incident="lapor/1", text="x")["reason"] == "no_such_thing"


def test_what_an_agency_gives_back_is_nobodys_until_it_is_assigned_anew(world: World) -> None:
    step(world, "agency", "accepted")
    assert step(world, "agency", "returned")["status"] == "done"
    found = incident(world)
    assert (found.agency, found.ours.status, found.ours.returned, found.ours.returned_by) == (
        "", "received", 1, "DPU",
    )  # fmt: skip
    assert (found.ours.accepted_at, found.scope) == (None, (f"d:{HERE}", "d:99.01.01"))
    run(world, report("1", at=NOON + 60, category="JALAN", title="Lubang"))
    assert incident(world).agency == ""
    assert step(world, "supervisor", "accepted")["reason"] == "no_agency"
    assert step(world, "supervisor", "assigned", agency="DPU")["status"] == "done"
    assert (incident(world).agency, incident(world).agency_since) == ("DPU", NOON + 60)


def test_its_source_may_name_another_agency_after_a_return(world: World) -> None:
    step(world, "agency", "returned")
    run(world, report("1", at=NOON + 60, category="JALAN", agency="DLH"))
    assert incident(world).agency == "DLH"


def test_reopened_goes_on_where_somebody_had_it(world: World) -> None:
    step(world, "agency", "accepted")
    step(world, "agency", "resolved")
    step(world, "operator", "closed")
    assert step(world, "operator", "reopened")["status"] == "done"
    ours = incident(world).ours
    assert (ours.status, ours.resolved_at, ours.ended_at) == ("accepted", None, None)
    step(world, "operator", "prank")
    step(world, "operator", "reopened")
    assert incident(world).ours.status == "accepted"


def test_handed_over_to_another_line_with_its_time(world: World) -> None:
    assert step(world, "operator", "referred")["reason"] == "forbidden"
    assert step(world, "supervisor", "referred", line="911")["reason"].startswith(
        "bad_args: line: one of 110"
    )
    step(world, "supervisor", "referred")
    ours = incident(world).ours
    assert (ours.status, ours.referred_to, ours.referred_at) == ("referred", "110", NOON)
    step(world, "operator", "reopened")
    assert (incident(world).ours.referred_to, incident(world).ours.referred_at) == ("", None)


def test_the_same_agency_twice_is_told_who_has_it(world: World) -> None:
    step(world, "supervisor", "assigned")
    again = step(world, "rini", "assigned")
    assert (again["reason"], again["by"]) == ("already_there", "supervisor")


# -- duplicates ----------------------------------------------------------------------------------------


def test_a_duplicate_is_linked_counted_once_and_unlinked(world: World) -> None:
    assert (city(world).open, city(world).received_today) == (2, 2)
    step(world, "operator", "duplicate")
    assert (incident(world).ours.duplicate_of, incident(world, "lapor/other").ours.duplicates) == (
        "lapor/other", 1,
    )  # fmt: skip
    assert (city(world).open, city(world).received_today, city(world).closed_today) == (1, 1, 0)
    step(world, "operator", "reopened")
    assert (incident(world).ours.duplicate_of, incident(world, "lapor/other").ours.duplicates) == ("", 0)
    assert (city(world).open, city(world).received_today) == (2, 2)


def test_a_chain_of_duplicates_ends_at_one_original(world: World) -> None:
    run(world, *(report(id, category="JALAN") for id in ("2", "3")))
    step(world, "operator", "duplicate", "lapor/2", of="lapor/1")
    step(world, "operator", "duplicate", "lapor/1", of="lapor/other")
    assert incident(world, "lapor/2").ours.duplicate_of == "lapor/other"
    step(world, "operator", "duplicate", "lapor/3", of="lapor/2")
    assert incident(world, "lapor/3").ours.duplicate_of == "lapor/other"
    assert incident(world, "lapor/other").ours.duplicates == 3
    assert incident(world).ours.duplicates == 0


def test_nothing_is_a_duplicate_of_itself_or_of_nothing(world: World) -> None:
    for of in ("lapor/1", "lapor/none"):
        assert step(world, "operator", "duplicate", of=of)["reason"].startswith("bad_args: of:")
    step(world, "operator", "duplicate", "lapor/other", of="lapor/1")
    assert step(world, "operator", "duplicate")["reason"].startswith("bad_args: of:")


# -- made by hand --------------------------------------------------------------------------------------


def test_an_incident_by_hand_is_placed_counted_and_closed_here(world: World) -> None:
    lon, lat = MIDDLES["99.01.02.1003"]
    answer = ask(world, "operator", "incident.new", "mine", title="Pohon tumbang", text="Menutup jalan",
                 category="sampah", lon=lon, lat=lat, channel="112", severity="severe",
                 call="c-7")  # fmt: skip
    made = incident(world, answer["id"])
    assert (made.feed, made.place.district, made.agency) == ("console", "99.01.02.1003", "DLH")
    assert (made.channel, made.severity, made.ours.call) == ("112", "severe", "c-7")
    assert (city(world).open, city(world).by_channel["112"]) == (3, 1)
    step(world, "operator", "closed", made.id)
    over = incident(world, made.id)
    assert (over.source.status, over.source.closed_at, over.over_at) == ("closed", NOON, NOON)
    step(world, "operator", "reopened", made.id)
    assert incident(world, made.id).source.status == "open"
    step(world, "operator", "closed", made.id)
    run(world, now=NOON + 6 * HOUR)
    assert world.get(Incident, made.id) is None


def test_its_id_follows_from_person_and_command() -> None:
    ids = {ask(opened(), who, "incident.new", "one", title="x")["id"] for who in ("operator", "supervisor")}
    again = {ask(opened(), who, "incident.new", "one", title="x")["id"] for who in ("operator", "supervisor")}
    assert len(ids) == 2
    assert ids == again


def test_by_name_or_nowhere_it_is_shown(world: World) -> None:
    named = ask(world, "operator", "incident.new", title="x", address="Kelurahan Kebon Jati")["id"]
    assert incident(world, named).place.confidence == "by_name"
    nowhere = ask(world, "operator", "incident.new", title="x")["id"]
    assert incident(world, nowhere).place.confidence == "no_location"
    assert city(world).no_location == 1


def test_what_an_agency_reports_is_its_own(world: World) -> None:
    made = incident(world, ask(world, "agency", "incident.new", title="x", category="sampah")["id"])
    assert (made.agency, made.scope, made.ours.status) == ("DPU", ("a:DPU",), "assigned")


@pytest.mark.parametrize(
    ("args", "why"),
    [({"title": ""}, "title"), ({"title": "x" * 201}, "title"),
     ({"category": "none"}, "category: one of jalan"), ({"channel": "fax"}, "channel: one of 112"),
     ({"severity": "bad"}, "severity: one of danger"),
     ({"lon": 110.0}, "lon, lat"), ({"media": "javascript:x"}, "media"), ({"text": 7}, "text")],
)  # fmt: skip
def test_what_cannot_be_used_is_named(world: World, args: dict[str, Any], why: str) -> None:
    assert ask(world, "operator", "incident.new", **({"title": "x"} | args))["reason"].startswith(
        f"bad_args: {why}"
    )


def test_ours_is_edited_and_the_sources_words_are_not(world: World) -> None:
    answer = ask(world, "operator", "incident.edit", incident="lapor/1", category="sampah", title="Sampah",
                 severity="danger")  # fmt: skip
    found = incident(world)
    assert answer["status"] == "done"
    assert (found.category, found.agency, found.severity, found.ours.title) == (
        "sampah",
        "DLH",
        "danger",
        "Sampah",
    )
    assert found.source.title == "Genangan"
    refused = ask(world, "operator", "incident.edit", incident="lapor/1", text="x")
    assert refused["reason"] == "bad_args: text: these are its source's"
    ask(world, "operator", "incident.edit", incident="lapor/1", category="", severity="")
    assert (incident(world).category, incident(world).severity) == ("jalan", "caution")


def test_a_place_found_later_moves_what_was_made_here(world: World) -> None:
    id = ask(world, "operator", "incident.new", title="x")["id"]
    lon, lat = MIDDLES[HERE]
    ask(world, "operator", "incident.edit", incident=id, lon=lon, lat=lat)
    assert incident(world, id).place.district == HERE


def test_notes_are_kept_within_bounds(world: World) -> None:
    for number in range(40):
        ask(world, "operator", "incident.note", incident="lapor/1", text=f"{number} " + "é" * 990)
    notes = incident(world).ours.notes
    assert notes[-1].text.startswith("39 ")
    assert len(msgspec.json.encode(notes)) <= NOTES_BYTES + 100


# -- the source's life and ours ------------------------------------------------------------------------


def test_when_its_source_closes_it_it_is_over_for_us_too(world: World) -> None:
    step(world, "agency", "accepted")
    run(world, report("1", at=NOON + 60, category="JALAN", status="closed"))
    found = incident(world)
    assert (found.over_at, found.ours.status) == (NOON + 60, "accepted")
    assert (city(world).open, city(world).closed_today) == (1, 1)
    # Over for its source alone: people here may still say how it ended for them.
    run(world, now=NOON + DAY)
    step(world, "agency", "resolved")
    step(world, "operator", "closed")
    run(world, now=NOON + DAY + 6 * HOUR - 1)
    assert incident(world).ours.status == "closed"
    run(world, now=NOON + DAY + 6 * HOUR)
    assert world.get(Incident, "lapor/1") is None


def test_what_nobody_ends_here_leaves_a_week_after_its_source_closed_it(world: World) -> None:
    step(world, "agency", "accepted")
    run(world, report("1", at=NOON + 60, category="JALAN", status="closed"))
    run(world, now=NOON + 60 + LEFT_OPEN_S - 1)
    assert incident(world).ours.status == "accepted"
    world.draft()
    run(world, now=NOON + 60 + LEFT_OPEN_S)
    assert world.get(Incident, "lapor/1") is None
    assert [line["what"] for line in world.draft().audit] == ["incident.left_open"]


def test_a_note_alone_keeps_nothing_in_the_state(world: World) -> None:
    ask(world, "operator", "incident.note", incident="lapor/1", text="x")
    run(world, report("1", at=NOON + 60, category="JALAN", status="closed"))
    run(world, now=NOON + 60 + 6 * HOUR)
    assert world.get(Incident, "lapor/1") is None


def test_what_is_closed_here_stays_while_its_source_has_it_open_and_is_not_counted(world: World) -> None:
    step(world, "operator", "closed")
    run(world, now=NOON + 30 * DAY)
    assert incident(world).source.status == "open"
    assert city(world).open == 1
    here = world.get(District, HERE)
    assert here is not None
    assert here.counts.open == 1


def test_what_its_source_opens_again_after_us_is_open_and_says_so(world: World) -> None:
    step(world, "operator", "closed")
    run(world, report("1", at=NOON + 60, category="JALAN", status="closed"))
    run(world, report("1", at=NOON + 120, category="JALAN"))
    found = incident(world)
    assert (found.over_at, found.flags, found.ours.status) == (None, ("reopened_by_source",), "closed")
    assert city(world).open == 2
    run(world, report("1", at=NOON + 180, category="JALAN", title="Lagi"))
    assert incident(world).flags == ("reopened_by_source",)
    step(world, "operator", "reopened")
    assert (incident(world).flags, incident(world).over_at) == ((), None)


def test_what_is_resolved_here_and_its_source_closed_and_opens_again_has_a_running_clock() -> None:
    world = opened(sla=[{"category": "jalan", "resolve": HOUR}])
    step(world, "agency", "in_progress")
    step(world, "agency", "resolved")
    run(world, report("1", at=NOON + 60, category="JALAN", status="closed"))
    run(world, report("1", at=NOON + 120, category="JALAN"))
    (clock,) = incident(world).clocks
    assert (incident(world).flags, clock.done_at) == (("reopened_by_source",), None)
    stint = stint_of(incident(world))
    assert stint is not None
    assert (stint.open, stint.resolved_at) == (True, None)


@pytest.mark.parametrize("status", ["accepted", "in_progress"])
def test_another_agency_that_its_source_names_begins_at_the_beginning(status: str) -> None:
    world = opened()
    step(world, "agency", status)
    run(world, report("1", at=NOON + 60, category="JALAN", agency="DLH"))
    found = incident(world)
    assert (found.agency, found.ours.status) == ("DLH", "received")
    last = found.ours.steps[-1]
    assert (last.by, last.was, last.now, last.to) == ("", status, "received", "DLH")
    # What the first had accepted, the second has not.
    assert step(world, "operator", "closed", why="salah alamat")["status"] == "done"
    assert step(world, "operator", "reopened", why="belum selesai")["status"] == "done"
    assert incident(world).ours.status == "received"
    assert step(world, "supervisor", "accepted")["status"] == "done"


def test_another_agency_by_another_category_begins_at_the_beginning() -> None:
    world = opened()
    step(world, "agency", "in_progress")
    assert ask(world, "operator", "incident.edit", incident="lapor/1", category="sampah")["status"] == "done"
    found = incident(world)
    assert (found.agency, found.ours.status, found.ours.accepted_at) == ("DLH", "received", None)
    last = found.ours.steps[-1]
    assert (last.by, last.was, last.now, last.to) == ("operator", "in_progress", "received", "DLH")
    assert step(world, "supervisor", "accepted")["status"] == "done"


def test_a_restart_changes_nothing(world: World) -> None:
    book = Book()
    step(world, "operator", "duplicate")
    step(world, "supervisor", "assigned", "lapor/other")
    book.commit(world)
    again = book.reopened(world.now, **CONFIG)
    assert {i.id: i for i in again.all(Incident)} == {i.id: i for i in world.all(Incident)}
    settle_in(again)
    step(again, "operator", "reopened")
    assert incident(again, "lapor/other").ours.duplicates == 0


def test_everybody_of_these_tests_has_a_role() -> None:
    assert {person.role for person in PEOPLE.values()} == set(PERSON_ROLES)
