"""Incidents as a state machine: people, sources, time and restarts in any order; every count stays exact."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.people import PEOPLE, ask, command
from tests.test_agencies import SLA, assert_lists_equal_figures
from tests.test_incidents import HOUR, NOON, report, run
from tests.test_life import ACTIONS, ARGS, CONFIG
from tests.worlds import MIDDLES, OUTSIDE, Book, small_world
from wallboard import life
from wallboard.engine import reduce
from wallboard.engine.incidents.ended import TOMBSTONE
from wallboard.engine.world import World
from wallboard.entities import ENDED_STATUSES, Agency, City, District, Incident
from wallboard.events import Gone, Present
from wallboard.stints import stint_of

SETUP: dict[str, Any] = CONFIG | {
    "sla": [*SLA["sla"], {"category": "sampah", "verify": HOUR, "accept": HOUR, "stops_in": ["verified"]}],
    "retention": {"incident": HOUR},
}
IDS = ("1", "2", "3", "4")
#: Who acts: the agency is DPU's.
ACTORS = ("operator", "supervisor", "agency")


class Incidents(RuleBasedStateMachine):
    """The world, its committed book, and what a plain recount says of both."""

    @initialize()
    def begin(self) -> None:
        self.book = Book()
        self.world = small_world(**SETUP)
        self.world.now = NOON
        people = [command("", "user.set", NOON, **msgspec.to_builtins(one)) for one in PEOPLE.values()]
        reduce.apply(self.world, people, NOON)
        self.made = 0

    def known(self) -> list[str]:
        return [incident.id for incident in self.world.all(Incident)]

    @rule(
        id=st.sampled_from(IDS),
        category=st.sampled_from(["JALAN", "SAMPAH"]),
        closed=st.sampled_from([False, False, True]),
        agency=st.sampled_from(["", "", "DLH"]),
        where=st.sampled_from([*list(MIDDLES.values())[:3], OUTSIDE, (None, None)]),
    )
    def source_says(self, id: str, category: str, closed: bool, agency: str, where: Any) -> None:
        run(
            self.world,
            report(id, self.world.now + 1, category=category, agency=agency, lon=where[0], lat=where[1],
                   opened_at=NOON, status="closed" if closed else "open"),
        )  # fmt: skip

    @rule(ids=st.sets(st.sampled_from(IDS)))
    def source_lists(self, ids: set[str]) -> None:
        at = self.world.now + 1
        run(self.world, Present(feed="lapor", source_id="", received_at=at, kind="incident", ids=tuple(ids)))

    @rule(id=st.sampled_from(IDS))
    def source_withdraws(self, id: str) -> None:
        run(self.world, Gone(feed="lapor", source_id=id, received_at=self.world.now + 1, kind="incident"))

    @rule(who=st.sampled_from(ACTORS), category=st.sampled_from(["", "jalan", "sampah"]))
    def made_by_hand(self, who: str, category: str) -> None:
        if self.made < 4:
            self.made += 1
            assert ask(self.world, who, "incident.new", title="x", category=category)["status"] == "done"

    @precondition(lambda self: self.known())
    @rule(data=st.data(), who=st.sampled_from(ACTORS), to=st.sampled_from(life.STEPS), stale=st.booleans())
    def somebody_takes_a_step(self, data: st.DataObject, who: str, to: str, stale: bool) -> None:
        id = data.draw(st.sampled_from(self.known()))
        before = self.world.get(Incident, id)
        assert before is not None
        given: dict[str, Any] = ARGS.get(to, {}) | {"incident": id}
        if to == "duplicate":
            given["of"] = data.draw(st.sampled_from(self.known()))
        action = ACTIONS.get(to, "incident.status")
        if action == "incident.status":
            given["status"] = to
        seen = "verified" if stale else before.ours.status
        answer = ask(self.world, who, action, **given, seen=seen)
        after = self.world.get(Incident, id)
        assert after is not None
        if answer["status"] == "done":
            legal = life.transition(before.ours.status, to)
            assert legal is not None
            assert who in legal.roles
            assert seen == before.ours.status
            assert after.ours.steps[-1].was == before.ours.status
        else:
            assert after == before, answer

    @precondition(lambda self: self.known())
    @rule(data=st.data(), category=st.sampled_from(["", "jalan", "sampah"]))
    def somebody_edits(self, data: st.DataObject, category: str) -> None:
        id = data.draw(st.sampled_from(self.known()))
        ask(self.world, "operator", "incident.edit", incident=id, category=category)

    @rule(hours=st.sampled_from([0.1, 1.0, 5.0, 13.0, 80.0]))
    def time_passes(self, hours: float) -> None:
        run(self.world, now=self.world.now + hours * HOUR)

    @rule()
    def restart(self) -> None:
        self.book.commit(self.world)
        again = self.book.reopened(self.world.now, **SETUP)
        assert shown(again) == shown(self.world)
        self.world = again

    @invariant()
    def counts_are_a_plain_recount(self) -> None:
        if not hasattr(self, "world"):
            return
        world = self.world
        incidents = list(world.all(Incident))
        city = world.get(City, "city")
        assert city is not None
        being = [one for one in incidents if one.over_at is None]
        assert city.open == len(being)
        assert all(one.ours.status not in ENDED_STATUSES or one.flags for one in being)
        for one in incidents:
            linked = [other.id for other in incidents if other.ours.duplicate_of == one.id]
            assert one.ours.duplicates >= len(linked)
            assert (one.ours.status == "duplicate") == bool(one.ours.duplicate_of)
            assert one.feed != "console" or (one.source.status == "closed") == (
                one.ours.status in ENDED_STATUSES
            )
        for district in world.all(District):
            here = [one for one in being if f"d:{district.id}" in one.scope and one.place.district]
            assert district.counts.open == len(here), district.id
            assert district.counts.overdue == sum(bool(one.overdue) for one in here), district.id
        for code in ("DPU", "DLH"):
            agency = world.get(Agency, code)
            assert agency is not None
            own = [stint for one in incidents if (stint := stint_of(one)) and stint.agency == code]
            assert agency.open == sum(stint.open for stint in own)
            assert agency.overdue == sum(stint.overdue for stint in own)
        assert_lists_equal_figures(world)

    @invariant()
    def nothing_is_in_two_places(self) -> None:
        if hasattr(self, "world"):
            assert not set(self.known()) & self.world.memories(TOMBSTONE).keys()


def shown(world: World) -> dict[str, Any]:
    """All that is shown of incidents and counts, without when it was last shown."""
    return {
        f"{kind} {id}": msgspec.to_builtins(msgspec.structs.replace(entity, at=0.0))
        for kind in ("incident", "city", "district", "agency")
        for id, entity in sorted(world.of_kind(kind).items())
    }


TestIncidents = Incidents.TestCase
TestIncidents.settings = settings(max_examples=25, stateful_step_count=30)
