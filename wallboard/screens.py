"""`server.py screen list|name|revoke`: paired screens, from the machine itself."""

from __future__ import annotations

import secrets
import time
from datetime import datetime
from typing import TextIO
from zoneinfo import ZoneInfo

import msgspec
import redis

from wallboard.entities import Screen
from wallboard.errors import StoreDown, WallboardError
from wallboard.events import Command, encoder
from wallboard.store.clients import connect
from wallboard.store.keys import Keys

#: An engine that runs answers within a commit; a take-over takes 5 s (s).
ANSWER_S = 8.0
LOOK_S = 0.05


def list_screens(url: str, city_key: str, zone: str, out: TextIO) -> int:
    """Print one line a screen; the exit code."""
    client = connect(url)
    try:
        raw = client.hvals(Keys(city_key).state("screen"))
    finally:
        client.close()
    screens = sorted((msgspec.json.decode(each, type=Screen) for each in raw), key=lambda s: s.paired_at)
    for screen in screens:
        when = datetime.fromtimestamp(screen.paired_at, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
        words = [
            screen.id,
            screen.state,
            f"wall {screen.wall}",
            ",".join(screen.districts) or "all districts",
        ]
        words += [f"paired {when} by {screen.paired_by}", *(["IN TWO PLACES"] if screen.doubled_at else [])]
        print("\t".join([*words, screen.name]), file=out)
    if not screens:
        print("no screens are paired", file=out)
    return 0


def tell(url: str, city_key: str, action: str, args: dict[str, str], running: bool, out: TextIO) -> int:
    """Put a command about a screen into the stream, and wait for the answer of an engine that runs."""
    keys = Keys(city_key)
    client = connect(url)
    try:
        id = args["id"]
        if not client.hexists(keys.state("screen"), id):
            raise WallboardError(f"There is no screen {id}; `screen list` shows all.")
        command_id = secrets.token_hex(8)
        command = Command(
            feed="",
            source_id=command_id,
            received_at=time.time(),
            person="",
            screen="command line",
            action=action,
            args=args,
        )
        pipe = client.pipeline(transaction=True)
        if action == "screen.revoke":
            # Whatever the engine does meanwhile, nothing proves this screen from here on.
            pipe.hdel(keys.screen, id)
        pipe.xadd(keys.feed("command"), {"d": encoder.encode(command)})
        pipe.execute()
        deadline = time.monotonic() + (ANSWER_S if running else 0.0)
        while time.monotonic() < deadline:
            raw = client.get(keys.result("", command_id))
            if isinstance(raw, bytes):
                answer = msgspec.json.decode(raw)
                print(f"{answer['status']} {answer.get('reason', '')}".strip(), file=out)
                return 0 if answer["status"] == "done" else 1
            time.sleep(LOOK_S)
        print("written down; it takes effect when the engine runs", file=out)
        return 0
    except (redis.ConnectionError, redis.TimeoutError) as fault:
        raise StoreDown(f"Redis does not answer: {fault}") from fault
    finally:
        client.close()
