"""Counters that must agree at any moment, however many kills came before: one look at Redis, all at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import redis

from wallboard import audit
from wallboard.engine.incidents.ended import TOMBSTONE
from wallboard.store.keys import Keys


class Book:
    """Looks into one city's Redis after each kill; the trail is verified from where it was last."""

    def __init__(self, state_dir: Path, keys: Keys) -> None:
        self._state_dir = state_dir
        self._keys = keys
        self._last = "-"
        self._digest = ""
        #: calls that were ever known: their records leave after a while
        self._calls: set[bytes] = set()
        #: lines of the trail, by what they tell
        self.lines: dict[str, int] = {}
        #: ids of the acknowledgements that were done
        self.acked: set[str] = set()
        self.looks = 0

    def look(self) -> bool:
        """Compare everything; False where Redis is away, or a large batch is committed in parts just now."""
        try:
            with redis.Redis(unix_socket_path=str(self._state_dir / "redis.sock")) as client:
                found = self._read(client)
        except redis.RedisError:
            return False  # it starts, or it was killed just now
        head, entries, outbox, calls, queue, city, incidents, ended, gauges = found
        self._verify(entries)
        number = int(head.get(b"audit_n", b"0"))
        assert sum(self.lines.values()) == number, "the head counts other lines than the trail has"
        assert head.get(b"audit_hash", b"").decode() == self._digest
        if head.get(b"rest"):
            return False  # its notices, say, come after its audit lines
        assert outbox == self.lines.get("alert.escalated", 0), "notices and steps of escalation differ"
        day = msgspec.json.decode(queue or b"{}").get("windows", {}).get("day", {})
        self._calls |= calls
        assert day.get("offered", 0) == len(self._calls), "calls offered and calls known differ"
        received = msgspec.json.decode(city or b"{}").get("received_today", 0)
        # What was over when it was first heard of is counted, and is nothing for the wall.
        assert received == incidents + ended, "the city counts other incidents than there are"
        assert self.lines.get("alert.raised", 0) == gauges, "gauges over their limit and alerts raised differ"
        self.looks += 1
        return True

    def _read(self, client: redis.Redis) -> list[Any]:
        keys = self._keys
        pipe = client.pipeline(transaction=True)
        pipe.hgetall(keys.head)
        pipe.xrange(keys.audit, min=self._last if self._last == "-" else f"({self._last}")
        pipe.exists(keys.outbox)
        pipe.hgetall(keys.mem("call"))
        pipe.hget(keys.state("queue"), "112")
        pipe.hget(keys.state("city"), "city")
        pipe.hlen(keys.state("incident"))
        pipe.hlen(keys.mem(TOMBSTONE))
        pipe.hvals(keys.state("gauge"))
        # Of a stream that was never written there is nothing to ask.
        pipe.xinfo_stream(keys.outbox)
        found = pipe.execute(raise_on_error=False)
        for answer in found[:-1]:
            if isinstance(answer, Exception):
                raise answer
        told = found[-1]
        found[2] = int(told["entries-added"]) if found[2] else 0
        found[3] = {id for id, raw in found[3].items() if b'"112"' in raw}
        found[8] = sum(1 for raw in found[8] if msgspec.json.decode(raw).get("value", 0) > 100)
        return list(found[:-1])

    def _verify(self, entries: Any) -> None:
        key = (self._state_dir / "audit.key").read_bytes()
        for id, fields in entries:
            line = msgspec.json.decode(fields[b"d"])
            stored, number = line.pop("h"), line.pop("i")
            assert number == sum(self.lines.values())
            _, self._digest = audit.chained(key, self._digest, number, line)
            assert self._digest == stored
            what = line["what"]
            self.lines[what] = self.lines.get(what, 0) + 1
            if what == "alert.ack" and line["status"] == "done":
                self.acked.add(line["command_id"])
            self._last = id.decode()
