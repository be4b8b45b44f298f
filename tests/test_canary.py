"""A caller's number is nowhere: sent in by every way there is, then looked for in all that is kept or told.

Each way gets a number of its own, so that a leak names its way. What is looked for is the part that the mask
hides, in any spelling: all that separates digits is taken out first.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.ami_server import AmiServer, Exchange
from tests.cities import ENV, incident, push, write_city
from tests.desks import Desk
from tests.faulty import FaultyHttp, ok
from tests.running import Server, server, until
from tests.screens import ELSEWHERE, Browser
from tests.staff import PASSWORD, enrol
from wallboard.access import Person
from wallboard.history import read_segment, segments
from wallboard.private import mask_numbers

#: How people and exchanges write 0812-9001-7NNN.
SPELLINGS = [
    "0812{}",
    "+62812{}",
    "62812{}",
    "0062 812 {}",
    "+62 (0)812 {}",
    "0812-{}",
    "(0812) {}",
    "0812.{}",
    "tel:+62812{}",
    "Telp 0812 {}, terima kasih",
]

FEEDS = """
[[category]]
code = "lain"
name = {{ id = "Lain", en = "Other" }}
match = ["*"]

[[feed]]
name = "ami"
type = "ami"
url = "tcp://127.0.0.1:{ami}"
[feed.options]
user = "wall"
secret = "env:TEST_AMI"

[[feed]]
name = "kota"
type = "open311"
url = "http://127.0.0.1:{http}"
every = "60s"
[feed.options]
look_back = "90d"
"""


class Ways:
    """Numbers by the way in which they were sent."""

    def __init__(self) -> None:
        self.sent: dict[str, str] = {}

    def number(self, way: str) -> str:
        """A number of its own, written in the next spelling."""
        index = len(self.sent)
        # The mask keeps 0812 and the last three digits; these are the ones in between, and those.
        tail = f"9{index:03d}7{(index * 7) % 1000:03d}"
        self.sent[way] = tail
        spelling = SPELLINGS[index % len(SPELLINGS)]
        parted = f"{tail[:4]}-{tail[4:]}" if index % 3 == 0 else f"{tail[:4]} {tail[4:]}"
        return spelling.format(parted if index % 2 else tail)

    def found(self, text: bytes) -> list[str]:
        """The ways whose number stands in this text."""
        digits = re.sub(rb"(?<=\d)[\s().\-+/\\]{1,4}(?=\d)", b"", text)
        return [
            way
            for way, tail in self.sent.items()
            if f"812{tail}".encode() in digits or f"812{tail}".encode() in text
        ]


class Outside:
    """An exchange and a web server in a thread of their own."""

    def __init__(self, ways: Ways) -> None:
        self.exchange = Exchange(now=time.time())
        self.exchange.members = {"112": {"SIP/201": "Ani/1"}}
        self.ami = AmiServer(self.exchange)
        self.ami.secret = "rahasia"
        self.http_port = 0
        self._reports = json.dumps([_request(ways, 1), _request(ways, 2)]).encode()
        self._ends = threading.Event()
        self._started = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def start(self) -> None:
        self._thread.start()
        assert self._started.wait(20)

    def stop(self) -> None:
        self._ends.set()
        self._thread.join(20)

    def say(self, act: Any) -> None:
        """Let something happen in the exchange."""
        assert self.loop is not None
        self.loop.call_soon_threadsafe(act)

    async def _run(self) -> None:
        self.loop = asyncio.get_running_loop()
        async with self.ami, FaultyHttp() as http:
            http.script("/requests.json", ok(self._reports))
            self.http_port = int(http.url("/").split(":")[2].rstrip("/"))
            self._started.set()
            while not self._ends.is_set():
                await asyncio.sleep(0.05)


def _request(ways: Ways, index: int) -> dict[str, Any]:
    """A service request of Open311 with numbers wherever somebody may write one."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    return {
        "service_request_id": f"K-{index}",
        "status": "open",
        "status_notes": f"hubungi {ways.number(f'open311 {index} status_notes')}",
        "service_name": f"Jalan {ways.number(f'open311 {index} service_name')}",
        "service_code": "jalan",
        "description": f"Lubang, nomor saya {ways.number(f'open311 {index} description')}",
        "agency_responsible": "Dinas",
        "requested_datetime": now,
        "updated_datetime": now,
        "address": f"Jl. Mawar 1 ({ways.number(f'open311 {index} address')})",
        "lat": -5.01,
        "long": 110.01,
        "phone": ways.number(f"open311 {index} phone"),
        "first_name": ways.number(f"open311 {index} first_name"),
        "media_url": f"https://foto.example/{ways.number(f'open311 {index} media').replace(' ', '')}.jpg",
    }


@contextmanager
def running(folder: Path, ways: Ways) -> Iterator[tuple[Server, Outside]]:
    outside = Outside(ways)
    outside.start()
    config = write_city(folder / "city", FEEDS.format(ami=outside.ami.port, http=outside.http_port))
    try:
        with server(folder / "state", "--config", str(config), env={**ENV, "TEST_AMI": "rahasia"}) as one:
            people = [
                Person(id="siti", name="Siti", role="operator"),
                Person(id="rina", name="Rina", role="supervisor"),
                Person(id="bantu", name="Bantu", role="helpdesk"),
                Person(id="admin", name="Admin", role="admin"),
            ]
            enrol(f"unix://{one.state_dir}/redis.sock", "contoh", people)
            yield one, outside
    finally:
        outside.stop()


def by_the_exchange(one: Server, outside: Outside, ways: Ways) -> None:
    exchange = outside.exchange
    for index in range(len(SPELLINGS)):
        number = ways.number(f"exchange {index}")
        outside.say(lambda call=f"1700000000.{index}", number=number: exchange.join("112", call, number))
    until(lambda: len(one.entities("call")) >= len(SPELLINGS), "the calls")
    outside.say(lambda: exchange.answer("112", "1700000000.0"))


def by_webhook(one: Server, ways: Ways) -> None:
    for index in range(4):
        event = incident(
            f"w{index}",
            title=f"Banjir, hubungi {ways.number(f'webhook {index} title')}",
            text=f"dari {ways.number(f'webhook {index} text')}",
            address=f"RT 3 {ways.number(f'webhook {index} address')}",
            reporter=ways.number(f"webhook {index} field that nobody knows"),
        )
        push(one, f"m{index}", [event])
    broken: dict[str, Any] = {
        "type": "incident",
        "title": ways.number("webhook broken title"),
        "text": ways.number("webhook broken text"),
    }
    no_object: Any = ways.number("webhook no object")
    push(one, "broken", [broken, {"type": ways.number("webhook type")}, no_object])
    until(lambda: one.entities("incident"), "the incidents")


def by_people(one: Server, ways: Ways) -> list[bytes]:
    """Whatever a person can type; what the pages of a supervisor were sent meanwhile."""
    with Desk(one.address, "siti", PASSWORD) as operator, Desk(one.address, "rina", PASSWORD) as supervisor:
        operator.ready()
        supervisor.ready()
        asked: list[tuple[Desk, str, dict[str, Any]]] = [
            (operator, "incident.new", {
                "title": f"Pohon tumbang {ways.number('console title')}",
                "text": f"pelapor {ways.number('console text')}",
                "address": ways.number("console address"),
                "lon": 110.01, "lat": -5.01, "category": "lain",
            }),
            (supervisor, "city.status", {"status": "siaga-3", "text": ways.number("city status")}),
            (supervisor, "alert.handover", {"to": ways.number("handover")}),
            (supervisor, "alert.note", {"alert": ways.number("alert id"), "text": ways.number("alert note")}),
            (supervisor, ways.number("an action"), {ways.number("a key"): ways.number("a value")}),
        ]  # fmt: skip
        for desk, action, args in asked:
            desk.answer(desk.ask(action, **args))
        supervisor.wait(lambda: any("w0" in id for id in supervisor.glass.state["incident"]), "w0")
        id = next(id for id in supervisor.glass.state["incident"] if "w0" in id)
        note = {"incident": id, "text": f"pelapor: {ways.number('note')}"}
        operator.answer(operator.ask("incident.note", **note))
        verified = {"incident": id, "status": "verified", "by": ways.number("verified by")}
        supervisor.answer(
            supervisor.ask("incident.status", **verified, how=ways.number("how"), why=ways.number("why"))
        )
        return [json.dumps(desk.glass.state).encode() for desk in (operator, supervisor)]


def by_pages(one: Server, ways: Ways) -> None:
    """Log-ins with a number as name or password, and names of screens and people."""
    browser = Browser(one.address)
    for way in ("login name", "login password"):
        name = ways.number(way) if way == "login name" else "siti"
        form = {"name": name, "password": ways.number(f"{way}: password")}
        assert browser.ask("POST", "/api/v1/login", form)[0] == 401
    agent = Browser(one.address, {**ELSEWHERE, "User-Agent": f"Layar {ways.number('user agent')}"})
    code = agent.ask("POST", "/api/v1/pair")[1]["user_code"]
    desk = Browser(one.address).log_in("bantu", PASSWORD)
    form = {"user_code": code, "name": f"Lobi {ways.number('screen name')}", "wall": "operations"}
    assert desk.ask("POST", "/api/v1/screens", form)[0] == 201
    admin = Browser(one.address).log_in("admin", PASSWORD)
    admin.send("POST", "/api/v1/users", {"id": "baru", "name": ways.number("user name"), "role": "operator"})


#: Everything that a browser can ask for, by what the route needs.
PAGES = [
    *("/", "/wall/operations", "/console", "/admin", "/login", "/pair", "/readyz", "/metrics", "/healthz"),
    *("/api/v1/incidents.geojson", "/api/v1/users", "/api/v1/me", "/no/such/page", "/api/v1/state/diary"),
    *(
        f"/api/v1/state/{kind}"
        for kind in ("incident", "call", "queue", "agent", "alert", "person", "screen")
    ),
    *(f"/api/v1/state/{kind}" for kind in ("review", "feed", "city", "agency", "metric", "series", "load")),
]


def shown(one: Server) -> Iterator[tuple[str, bytes]]:
    """What the server tells, page by page, to each of these."""
    stories = [f"/api/v1/incidents/{id}/story" for id in one.entities("incident")]
    for name in ("siti", "rina", "bantu", "admin"):
        browser = Browser(one.address).log_in(name, PASSWORD)
        for path in [*PAGES, *stories]:
            yield f"{path} of {name}", browser.send("GET", path)[1]
    request = urllib.request.Request(f"http://{one.address}/api/v1/ingest/push", b"{", method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    yield "a webhook that is refused", refused.value.read()
    refused.value.close()


def kept(one: Server) -> Iterator[tuple[str, bytes]]:
    """All of Redis, key by key."""
    client: Any = redis.Redis(unix_socket_path=f"{one.state_dir}/redis.sock")
    try:
        for key in client.scan_iter(count=1000):
            kind = client.type(key)
            name = key.decode()
            yield f"name of the key {name}", key
            match kind:
                case b"string":
                    yield name, client.get(key) or b""
                case b"hash":
                    for part in client.hgetall(key).items():
                        yield name, b" | ".join(part)
                case b"stream":
                    for _, fields in client.xrange(key):
                        yield name, repr(fields).encode()
                case b"zset":
                    yield name, repr(client.zrange(key, 0, -1)).encode()
                case _:
                    raise AssertionError(f"{name} is of the type {kind}: say here how to look into it")
    finally:
        client.close()


def on_disk(one: Server) -> Iterator[tuple[str, bytes]]:
    """Every file of the state directory, history unpacked, and the program's own log."""
    for path in segments(one.state_dir):
        yield str(path), b"\n".join(read_segment(path))
    for path in one.state_dir.rglob("*"):
        if path.is_file() and path.suffix != ".gz":
            yield str(path), path.read_bytes()
    yield "the log", one.log.read_bytes()


@pytest.mark.timeout(180)
def test_a_callers_number_is_nowhere(tmp_path: Path) -> None:
    ways = Ways()
    leaks: set[tuple[str, str]] = set()
    looked_at = 0

    def look(places: Iterator[tuple[str, bytes]]) -> None:
        nonlocal looked_at
        for place, text in places:
            looked_at += 1
            leaks.update((way, place) for way in ways.found(text))

    with running(tmp_path, ways) as (one, outside):
        by_the_exchange(one, outside, ways)
        by_webhook(one, ways)
        frames = by_people(one, ways)
        by_pages(one, ways)
        until(lambda: any("K-1" in id for id in one.entities("incident")), "the reports of Open311")
        look(iter([("a frame", frame) for frame in frames]))
        look(shown(one))
        look(kept(one))
        one.stop()
        look(on_disk(one))
    assert looked_at > 150
    assert len(ways.sent) > 50
    found = sorted({f"{way}: {Path(place).name}" for way, place in leaks})
    assert not found, "\n".join(found)


def test_the_search_finds_a_number_in_any_spelling() -> None:
    """Else it would find nothing in anything."""
    for index in range(len(SPELLINGS) * 3):
        ways = Ways()
        for _ in range(index):
            ways.number(f"before {_}")
        number = ways.number("this one")
        assert ways.found(f'{{"text": "nomor {number}."}}'.encode()) == ["this one"], number
    assert Ways().found(b"0812-****-301") == []


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("number", ["90137091", "9013-7091", "9013 7091", "9013.7091"])
def test_every_spelling_is_masked_in_free_text(spelling: str, number: str) -> None:
    text = f"lapor {spelling.format(number)} ya"
    ways = Ways()
    ways.sent["here"] = "90137091"
    assert ways.found(text.encode()) == ["here"]
    masked = mask_numbers(text)
    assert ways.found(masked.encode()) == []
    # Not even a half of it: nothing but the first four and the last three.
    assert "9013" not in masked.replace("0812-****", "")
