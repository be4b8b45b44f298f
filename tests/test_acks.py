"""Many press at once: one acknowledgement wins, the rest are told who and when, on any number of nodes.

The short form runs in the suite; `python3 -m tests soak -k acks` has 64 people, three nodes and 1,000 rounds.
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from tests.cities import ENV, push, write_city
from tests.desks import Desk
from tests.running import Server, server
from tests.staff import PASSWORD, enrol, supervisors
from tests.test_external_redis import BINARIES, external
from tests.test_external_redis import PASSWORD as STORE_PASSWORD
from tests.test_kills import KEYS, RULES
from wallboard import audit
from wallboard.web.desk import MAX_COMMANDS_A_MINUTE

ALERT = "gauge-high|gauge:push/pintu"

#: Rounds that begin within any 60 s: each is a command of every person, and a little less than they may give.
A_MINUTE = MAX_COMMANDS_A_MINUTE * 9 // 10


def raise_it(one: Server, number: int) -> None:
    """The gauge rises above its limit, or falls again (`number` even: it rises)."""
    value = 50.0 if number % 2 else 150.0
    gauge = {"type": "gauge", "source_id": "pintu", "name": "Pintu", "value": value}
    assert push(one, f"gauge-{number}", [gauge]) == 202


def trail(url: str, state: Path) -> list[dict[str, Any]]:
    """The audit trail of an external Redis, after its chain has been verified."""
    with redis.Redis.from_url(url, password=STORE_PASSWORD) as client:
        entries: Any = client.xrange(KEYS.audit)
    lines, digest = [], ""
    key = (state / "audit.key").read_bytes()
    for number, (_, fields) in enumerate(entries):
        line = msgspec.json.decode(fields[b"d"])
        stored = line.pop("h")
        _, digest = audit.chained(key, digest, number, {k: v for k, v in line.items() if k != "i"})
        assert digest == stored
        lines.append(line)
    return lines


def race(folder: Path, people: int, rounds: int) -> None:
    """All acknowledge the same alert at once, again and again, with its end and return in between."""
    binary = BINARIES["valkey-server"]
    assert binary is not None
    config = str(write_city(folder / "city", RULES))
    env = {**ENV, "WALLBOARD_REDIS_PASSWORD": STORE_PASSWORD}
    with (
        external(folder / "redis", binary, "--appendonly", "yes", "--appendfsync", "always") as store,
        ExitStack() as stack,
    ):
        shared = ["--config", config, "--redis", store.url]
        first = stack.enter_context(server(folder / "a", *shared, env=env))
        nodes = [first] + [
            stack.enter_context(server(folder / name, *shared, "--role", "web", env=env)) for name in "bc"
        ]
        with_password = store.url.replace("redis://", f"redis://:{STORE_PASSWORD.replace(' ', '%20')}@")
        enrol(with_password, "contoh", supervisors(people))
        desks = [
            stack.enter_context(Desk(nodes[n % len(nodes)].address, f"s{n}", PASSWORD)) for n in range(people)
        ]
        for desk in desks:
            desk.ready()
        began: deque[float] = deque(maxlen=A_MINUTE)
        for number in range(rounds):
            if len(began) == A_MINUTE:
                time.sleep(max(0.0, began[0] + 60.0 - time.monotonic()))
            began.append(time.monotonic())
            raise_it(first, 2 * number)

            def unseen(desk: Desk) -> Any:
                shown = desk.glass.state.get("alert", {}).get(ALERT)
                return shown if shown and shown["state"] == "unacknowledged" else None

            shown = [desk.wait(lambda desk=desk: unseen(desk), f"alert {number}") for desk in desks]
            asked = [
                desk.ask(
                    "alert.ack", alert=ALERT, episode=one.get("episode", 1), version=one.get("version", 1)
                )
                for desk, one in zip(desks, shown, strict=True)
            ]
            answers = [desk.answer(id, 60) for desk, id in zip(desks, asked, strict=True)]
            won = [n for n, answer in enumerate(answers) if answer["status"] == "done"]
            assert len(won) == 1, (number, answers[:3])
            (winner,) = won
            for answer in answers:
                assert answer["status"] == "done" or (
                    (answer["reason"], answer["by"]) == ("already_acknowledged", f"s{winner}")
                )
                assert answer["status"] == "done" or answer["at"] > 0
            desks[winner].wait(lambda: desks[winner].green(asked[winner]), "green")  # noqa: B023
            raise_it(first, 2 * number + 1)

            def over(desk: Desk) -> bool:
                shown = desk.glass.state.get("alert", {}).get(ALERT)
                return shown is None or shown["state"] == "normal"

            for desk in desks:
                desk.wait(lambda desk=desk: over(desk), f"the end of alert {number}")
        lines = [
            line
            for line in trail(store.url, folder / "a")
            if ALERT in (line.get("alert"), line.get("args", {}).get("alert"))
        ]
        acks = [line for line in lines if line["what"] == "alert.ack"]
        assert len([line for line in acks if line["status"] == "done"]) == rounds
        assert len(acks) == rounds * people
        assert len([line for line in lines if line["what"] == "alert.raised"]) == rounds
        told = rounds * (people - 1)
        print(f"{people} people, {len(nodes)} nodes: {rounds} rounds applied once, {told} told")


def test_of_some_who_press_at_once_one_wins_and_the_others_are_told(tmp_path: Path) -> None:
    race(tmp_path, people=8, rounds=3)


@pytest.mark.soak
def test_of_64_who_press_at_once_one_wins_a_thousand_times(tmp_path: Path) -> None:
    race(tmp_path, people=64, rounds=1000)
