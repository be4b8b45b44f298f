"""Alerts under whatever people, gauges, time and restarts do, in any order (Hypothesis).

The audit trail is the witness: from it alone states, versions and the times of the escalation steps are
worked out anew, and must be those of the engine.
"""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.alarms import GROUPS, HIGH, alarm_config, alarm_world, read, wait, whole_book
from tests.people import ask
from wallboard.engine import reduce
from wallboard.engine.alerts import UNSEEN_KEPT_S, raise_alert
from wallboard.engine.alerts.transition import facts
from wallboard.engine.world import World
from wallboard.entities import SEVERITIES, Alert, Gauge, Severity

GRAVE = HIGH | {"id": "grave", "above": 200, "severity": "danger"}
RULES = [HIGH | {"suppressed_by": "grave", "ack_lapses": 500}, GRAVE]
CONFIG = alarm_config(rule=RULES)
AFTER = (60.0, 300.0)
assert [step["after"] for step in HIGH["escalate"]] == list(AFTER)

IDS = [f"{name}|gauge:gates/{gauge}" for name in ("high", "grave") for gauge in "ab"]
ids = st.sampled_from(IDS)
people = st.sampled_from(["supervisor", "rini"])
seconds = st.sampled_from([0.5, 1.0, 20.0, 59.0, 60.0, 61.0, 240.0, 299.0, 301.0, 700.0, 90_000.0])


class Alarms(RuleBasedStateMachine):
    """One city, two gauges, two rules, two supervisors."""

    world: World

    @initialize()
    def begin(self) -> None:
        self.world = alarm_world(rule=RULES)
        assert [group["code"] for group in GROUPS] == ["guards", "chiefs"]
        #: id → what the audit trail says of it, and since when it waits for somebody
        self.trail: dict[str, dict[str, Any]] = {}
        self.waits: dict[str, float | None] = {}
        self.steps: dict[tuple[str, int], int] = {}
        self.messages: set[str] = set()
        self.versions: dict[str, int] = {}
        self.won: set[tuple[str, int, int]] = set()
        #: versions that somebody may still have on the screen
        self.seen: dict[str, list[tuple[int, int]]] = {}
        self.weeks = 0

    # -- what happens ----------------------------------------------------------------------------------

    @rule(gauge=st.sampled_from("ab"), value=st.sampled_from([50.0, 150.0, 250.0]))
    def gauge_is_read(self, gauge: str, value: float) -> None:
        read(self.world, value, after=1.0, id=gauge)

    @rule(id=ids, severity=st.sampled_from(SEVERITIES))
    def grade(self, id: str, severity: Severity) -> None:
        alert = self.world.get(Alert, id)
        if alert is None or alert.state not in ("unacknowledged", "acknowledged"):
            return
        gauge = self.world.get(Gauge, alert.subject.removeprefix("gauge:"))
        assert gauge is not None
        config = self.world.index["rules"][alert.rule]
        raise_alert(self.world, config, "gauge", gauge, gauge.value, self.world.now, severity)

    @rule(id=ids, person=people, which=st.integers(0, 3))
    def acknowledge(self, id: str, person: str, which: int) -> None:
        """As it is now (0), or as it was some versions ago."""
        before = self.world.get(Alert, id)
        seen = self.seen.get(id, [])
        if not seen:
            return
        episode, version = seen[max(0, len(seen) - 1 - which)]
        answer = ask(self.world, person, "alert.ack", alert=id, episode=episode, version=version)
        after = self.world.get(Alert, id)
        if answer["status"] == "refused":
            assert after == before
            if answer["reason"] == "already_acknowledged":
                assert before is not None
                assert (answer["by"], answer["at"]) == (before.acked_by, before.acked_at)
            return
        assert before is not None
        assert after is not None
        assert (before.episode, before.version) == (episode, version)
        assert before.state in ("unacknowledged", "returned_unacknowledged")
        assert (id, episode, version) not in self.won, "one wins"
        self.won.add((id, episode, version))
        assert after.acked_by == person

    @rule(id=ids, person=people)
    def confirm(self, id: str, person: str) -> None:
        self._ask(person, "alert.confirm", id, episode=1, text="done")

    @rule(id=ids, person=people, for_s=st.sampled_from([30, 100, 3600]))
    def shelve(self, id: str, person: str, for_s: int) -> None:
        self._ask(person, "alert.shelve", id, for_s=for_s, reason="known")

    @rule(id=ids, action=st.sampled_from(["alert.unshelve", "alert.in_service"]))
    def back(self, id: str, action: str) -> None:
        self._ask("supervisor", action, id)

    @rule(id=ids)
    def out_of_service(self, id: str) -> None:
        self._ask("rini", "alert.out_of_service", id, reason="works")

    def _ask(self, person: str, action: str, id: str, **args: Any) -> None:
        """Nothing but an acknowledgement changes state or version by a person's word."""
        before = self.world.get(Alert, id)
        answer = ask(self.world, person, action, alert=id, **args)
        after = self.world.get(Alert, id)
        if before is None or answer["status"] == "refused":
            assert after == before
        else:
            assert after is not None
            assert (after.state, after.episode, after.version) == (
                before.state,
                before.episode,
                before.version,
            )

    @rule(passed=seconds)
    def time_passes(self, passed: float) -> None:
        wait(self.world, passed)

    @precondition(lambda self: self.weeks < 3)
    @rule()
    def a_week_passes(self) -> None:
        """What nobody saw leaves; the numbers of episodes are kept for four weeks."""
        self.weeks += 1
        wait(self.world, UNSEEN_KEPT_S)

    @rule()
    def restart(self) -> None:
        self._listen()
        again = whole_book(self.world).reopened(self.world.now, **CONFIG)
        assert {alert.id: alert for alert in again.all(Alert)} == {
            alert.id: alert for alert in self.world.all(Alert)
        }
        for kind in reduce.MEMORY:
            assert again.memories(kind) == self.world.memories(kind)
        draft = again.draft()
        assert (draft.audit, draft.outbox) == ([], [])
        assert again.next_due() == self.world.next_due()
        self.world = again

    # -- what must hold --------------------------------------------------------------------------------

    @invariant()
    def the_trail_tells_the_states(self) -> None:
        if not hasattr(self, "world"):
            return
        self._listen()
        alerts = {alert.id: alert for alert in self.world.all(Alert)}
        for id, alert in alerts.items():
            assert facts(alert) == self.trail[id]
            assert self.waits[id] == alert.waits_since
            assert alert.escalated == self.steps.get((id, alert.episode), 0)
            if alert.waits_since is not None and alert.escalated < len(AFTER):
                assert alert.escalates_at == alert.waits_since + AFTER[alert.escalated]
                assert alert.escalates_at >= self.world.now, "what was due has gone out"
            else:
                assert alert.escalates_at is None
            stood = (alert.episode, alert.version)
            if self.seen.setdefault(id, [])[-1:] != [stood]:
                self.seen[id].append(stood)
        for id, told in self.trail.items():
            assert id in alerts or told["state"] in ("normal", "closed")

    def _listen(self) -> None:
        """Follow the audit trail and the outbox."""
        draft = self.world.draft()
        for line in draft.audit:
            id = line.get("alert") or line.get("args", {}).get("alert")
            if line["what"] == "alert.escalated":
                self._stepped(id, line)
            elif line["what"] == "alert.closed":
                self.trail[id] = {"state": "closed"}
                self.waits[id] = None
            elif "after" in line and id:
                self._followed(id, line)
        for message in draft.outbox:
            assert message["id"] not in self.messages, "each step once"
            self.messages.add(message["id"])
        assert len(self.messages) == sum(self.steps.values())

    def _followed(self, id: str, line: dict[str, Any]) -> None:
        old, new = self.trail.get(id), line["after"]
        if old is not None and old["state"] != "closed":
            assert line.get("before", old) == old
        known = self.versions.get(id, 0)
        changed = old is None or any(old.get(key) != new[key] for key in ("state", "episode", "severity"))
        assert new["version"] == known + 1 if changed else new["version"] == known
        self.versions[id] = new["version"]
        self.trail[id] = new
        waits = new["state"] == "unacknowledged" and "aside" not in new
        began = self.waits.get(id)
        if not waits:
            self.waits[id] = None
        elif began is None or old is None or old["episode"] != new["episode"]:
            self.waits[id] = line["at"]

    def _stepped(self, id: str, line: dict[str, Any]) -> None:
        key = (id, line["episode"])
        began = self.waits[id]
        assert began is not None
        assert line["step"] == self.steps.get(key, 0) + 1
        assert line["at"] == began + AFTER[line["step"] - 1], "neither early nor late"
        self.steps[key] = line["step"]


Alarms.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    derandomize=True,
)
TestAlarms = Alarms.TestCase
