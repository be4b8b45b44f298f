"""The parts of log-in by themselves: door, ends of sessions, passwords beside the loop, cleaned arguments."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.requests import Request
from starlette.responses import Response

from tests.worlds import small_city
from wallboard import people, tokens
from wallboard.access import Person, may_see
from wallboard.entities import KINDS
from wallboard.errors import Refused
from wallboard.parts import door_of
from wallboard.settings import Run
from wallboard.store.clients import connect_async
from wallboard.store.embedded import EmbeddedRedis
from wallboard.store.identity import IdentityStore, User
from wallboard.store.keys import Keys
from wallboard.walls import kinds_of, layouts_of
from wallboard.web import passwords
from wallboard.web.cleaning import MAX_DEPTH, Unusable, cleaned
from wallboard.web.door import Door
from wallboard.web.identity import HERE, NOBODY, Identity, ScreenIdentity
from wallboard.web.links import Links
from wallboard.web.passwords import AT_ONCE, MAX_WAITING, Passwords, weakness
from wallboard.web.sessions import IDLE_S, KEEP_EVERY_S, SHIFT_S, Sessions
from wallboard.web.tries import TRIES_S, Tries, place_of

KEYS = Keys("contoh")


def request(host: str = "127.0.0.1:8000", peer: str = "127.0.0.1", **headers: str) -> Request:
    """A request as the server gets it; `_` in a header's name stands for `-`."""
    pairs = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    raw = [(name.encode(), value.encode()) for name, value in pairs.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw, "client": (peer, 5)})


ALONE = door_of(Run())
OPEN = door_of(Run(host="0.0.0.0", tls_cert=Path("c"), tls_key=Path("k"), public_hosts=("Wall.Example",)))
PROXIED = door_of(Run(behind_proxy=True, public_hosts=("wall.example",)))


@pytest.mark.parametrize(
    ("door", "host", "known"),
    [
        (ALONE, "127.0.0.1:8000", True),
        (ALONE, "[::1]:8000", True),
        (ALONE, "LOCALHOST", True),
        (ALONE, "192.0.2.7", True),
        (ALONE, "wall.example", False),
        (ALONE, "localhost.evil.example", False),
        (ALONE, "", False),
        (ALONE, "localhost/..", False),
        (ALONE, "a@localhost", False),
        (OPEN, "wall.example:8443", True),
        (OPEN, "evil.example", False),
    ],
)
def test_a_name_as_host_has_to_be_ours(door: Door, host: str, known: bool) -> None:
    assert door.knows(host) is known


@pytest.mark.parametrize(
    ("door", "asked", "local"),
    [
        (ALONE, request(), True),
        (ALONE, request("localhost:80"), True),
        (ALONE, request("[::1]:8000"), True),
        (ALONE, request("192.0.2.7"), False),
        (ALONE, request(x_forwarded_for="192.0.2.7"), False),
        (ALONE, request(via="1.1 proxy"), False),
        (ALONE, request(x_forwarded_port="443"), False),
        (ALONE, request(x_forwarded_server="proxy"), False),
        (ALONE, request(cf_connecting_ip="192.0.2.7"), False),
        (OPEN, request(), False),
        (PROXIED, request(), False),
        (door_of(Run(public_hosts=("wall.example",))), request(), False),
    ],
)
def test_who_is_at_the_machine_of_a_server_that_serves_nobody_else(
    door: Door, asked: Request, local: bool
) -> None:
    assert door.local(asked) is local


@pytest.mark.parametrize(
    ("door", "asked", "own"),
    [
        (ALONE, request(origin="http://127.0.0.1:8000"), True),
        (ALONE, request(origin="http://127.0.0.1:9000"), False),
        (ALONE, request(origin="https://127.0.0.1:8000"), False),
        (ALONE, request(), False),
        (OPEN, request("wall.example", origin="https://wall.example"), True),
        (OPEN, request("wall.example", origin="http://wall.example"), False),
        (PROXIED, request(origin="https://wall.example"), True),
        (PROXIED, request(origin="https://localhost"), False),
        (PROXIED, request(origin="http://wall.example"), False),
    ],
)
def test_a_page_is_ours_by_its_whole_origin(door: Door, asked: Request, own: bool) -> None:
    assert door.own_origin(asked.headers) is own


def test_only_our_own_proxy_says_who_comes_and_how() -> None:
    told = {"x_forwarded_for": "8.8.8.8, 203.0.113.9", "x_forwarded_proto": "http"}
    assert (PROXIED.address(request(**told)), PROXIED.plain(request(**told))) == ("203.0.113.9", True)
    far = request(peer="203.0.113.1", **told)
    assert (PROXIED.address(far), PROXIED.plain(far)) == ("203.0.113.1", False)
    assert OPEN.address(request(**told)) == "127.0.0.1"
    assert PROXIED.address(request(x_forwarded_for="0812-3456-7890")) == "127.0.0.1"


def test_tries_count_by_the_network_that_one_customer_has() -> None:
    assert place_of("2001:db8:1:2:3:4:5:6") == place_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert place_of("192.0.2.7") == "192.0.2.7"
    assert place_of("::ffff:192.0.2.7") == "192.0.2.7"


def test_a_line_of_the_proxys_own_goes_before_what_the_browser_wrote() -> None:
    lines = [("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "203.0.113.9"),
             ("x-forwarded-proto", "https"), ("x-forwarded-proto", "http")]  # fmt: skip
    raw = [(name.encode(), value.encode()) for name, value in lines]
    asked = Request({"type": "http", "method": "POST", "path": "/", "headers": raw, "client": ("::1", 5)})
    assert (PROXIED.address(asked), PROXIED.plain(asked)) == ("203.0.113.9", True)


async def test_a_count_that_ran_out_during_a_log_in_is_forgotten_again(store: IdentityStore) -> None:
    tries = Tries(store, KEYS)
    await tries.begin("ani", "192.0.2.7")
    await store.forget([KEYS.tries("a:192.0.2.7")])  # its time is over while the password is checked
    await tries.good("ani", "192.0.2.7")
    ((_, left),) = await store.count([KEYS.tries("a:192.0.2.7")], TRIES_S)
    assert left > TRIES_S - 60


def test_nobody_sees_nothing_and_a_screen_its_districts() -> None:
    assert NOBODY.viewer is None
    assert HERE.viewer is not None
    screen = Identity(screen=ScreenIdentity("s1", "Lobby", "operations", frozenset({"A"})))
    assert screen.viewer is not None
    assert screen.viewer.districts == frozenset({"A"})


def test_a_screens_cookie_shows_elsewhere_what_hangs_on_the_wall_and_no_more() -> None:
    kinds = kinds_of(layouts_of(small_city()))
    viewer = Identity(screen=ScreenIdentity("s1", "Lobby", "operations", kinds=kinds)).viewer
    assert viewer is not None
    seen = {kind for kind in KINDS if may_see(viewer, kind, ("city",))}
    assert seen == kinds
    assert seen.isdisjoint({"call", "load", "person", "screen", "review"})
    assert HERE.viewer is not None
    assert viewer.key != HERE.viewer.key


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[IdentityStore]:
    embedded = EmbeddedRedis(tmp_path)
    embedded.start()
    client = connect_async(embedded.url)
    try:
        yield IdentityStore(client, KEYS)
    finally:
        await client.aclose()
        embedded.stop()


def admin(id: str, **more: Any) -> Person:
    return Person(id=id, name=id, role="admin", **more)


async def test_a_session_ends_with_the_shift_however_alive_it_is(store: IdentityStore) -> None:
    now = [1_000_000.0]
    sessions = Sessions(store, KEYS, ALONE, cast(Any, None), now=lambda: now[0])
    await store.change(people.setting(admin("ani"), "", 0.0))
    user = await store.user("ani")
    assert user is not None
    response = Response()
    await sessions.begin(user, response)
    token = response.headers["set-cookie"].partition("=")[2].partition(";")[0]
    digest = tokens.digest(token)
    now[0] += SHIFT_S - 1
    assert digest in await sessions.holding([digest])
    now[0] += 1
    assert await sessions.holding([digest]) == {}


async def test_a_sign_of_life_is_written_once_a_minute_at_most(store: IdentityStore) -> None:
    sessions = Sessions(store, KEYS, ALONE, cast(Any, None))
    await store.change(people.setting(admin("ani"), "", 0.0))
    user = await store.user("ani")
    assert user is not None
    response = Response()
    await sessions.begin(user, response)
    digest = tokens.digest(response.headers["set-cookie"].partition("=")[2].partition(";")[0])
    await store.keep([digest], IDLE_S - KEEP_EVERY_S + 1)
    assert (await sessions.holding([digest]))[digest].left_s <= IDLE_S - KEEP_EVERY_S + 1
    await store.keep([digest], 5)
    await sessions.holding([digest])
    assert (await store.known([digest]))[digest].left_s > IDLE_S - 10


async def test_only_the_newest_link_of_a_person_is_one(store: IdentityStore) -> None:
    links = Links(store, KEYS)
    await store.change(people.setting(admin("ani"), "", 0.0))
    sent_astray = await links.new("ani")
    await store.change(people.setting(admin("ani", districts=("A",)), "", 0.0))
    assert (await links.look(sent_astray)).person == "ani"  # nobody has logged in by it yet
    await store.change(people.proving("ani", "", "", 0.0))
    newest = await links.new("ani")
    with pytest.raises(Refused):
        await links.look(sent_astray)
    assert (await links.look(newest)).person == "ani"
    await store.change(people.proving("ani", "a hash", "", 0.0))
    with pytest.raises(Refused):
        await links.look(newest)


async def test_who_is_removed_is_not_whoever_gets_the_same_name(store: IdentityStore) -> None:
    sessions, links = Sessions(store, KEYS, ALONE, cast(Any, None)), Links(store, KEYS)
    await store.change(people.setting(admin("root"), "", 0.0))
    await store.change(people.setting(admin("ani"), "", 0.0))
    link = await links.new("ani")
    user = await store.user("ani")
    assert user is not None
    response = Response()
    await sessions.begin(user, response)
    digest = tokens.digest(response.headers["set-cookie"].partition("=")[2].partition(";")[0])
    await store.change(people.removing("ani", "", 0.0))
    await store.change(people.setting(admin("ani"), "", 0.0))
    assert await sessions.holding([digest]) == {}
    with pytest.raises(Refused):
        await links.look(link)


async def test_a_link_of_who_is_disabled_is_none(store: IdentityStore) -> None:
    links = Links(store, KEYS)
    await store.change(people.setting(admin("root"), "", 0.0))
    await store.change(people.setting(admin("ani"), "", 0.0))
    link = await links.new("ani")
    await store.change(people.setting(admin("ani", disabled=True), "", 0.0))
    with pytest.raises(Refused):
        await links.look(link)


async def test_a_password_that_an_admin_has_just_taken_away_is_not_put_back(store: IdentityStore) -> None:
    await store.change(people.setting(admin("ani"), "", 0.0))
    user = await store.user("ani")
    assert user is not None
    await store.change(people.proving("ani", "", "", 0.0))
    with pytest.raises(Refused):
        await store.change(people.proving("ani", "chosen by a thief", "ani", 0.0, was=user.generation))
    assert (await store.users())["ani"].password == ""


async def test_two_who_change_at_once_both_count_and_an_admin_remains(store: IdentityStore) -> None:
    await store.change(people.setting(admin("ani"), "", 0.0))
    await store.change(people.setting(admin("bea"), "", 0.0))
    # Each disables the other in the same moment: the second is no admin any more.
    done = await asyncio.gather(
        store.change(people.setting(admin("bea", disabled=True), "ani", 1.0)),
        store.change(people.setting(admin("ani", disabled=True), "bea", 1.0)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Refused) for each in done) == 1
    assert sum(not user.person.disabled for user in (await store.users()).values()) == 1
    many = [people.setting(Person(id=f"p{n}", name="P", role="operator"), "", 1.0) for n in range(8)]
    await asyncio.gather(*(store.change(edit) for edit in many))
    assert len(await store.users()) == 10


async def test_a_ticket_is_used_up_by_the_first_of_two(store: IdentityStore) -> None:
    sessions = Sessions(store, KEYS, ALONE, cast(Any, None))
    await store.change(people.setting(admin("ani"), "", 0.0))
    user = await store.user("ani")
    assert user is not None
    response = Response()
    await sessions.begin(user, response)
    digest = tokens.digest(response.headers["set-cookie"].partition("=")[2].partition(";")[0])
    ticket = await sessions.ticket(Identity(person=user.person, session=digest))
    got = await asyncio.gather(*(sessions.redeem(ticket) for _ in range(5)))
    assert [each.person.id for each in got if each is not None and each.person is not None] == ["ani"]
    ticket = await sessions.ticket(Identity(person=user.person, session=digest))
    await store.end(digest)
    assert await sessions.redeem(ticket) is None


async def test_the_demos_people_are_nobody_where_others_reach_the_server(store: IdentityStore) -> None:
    user = User(person=people.DEMO[0], demo=True)
    assert Sessions(store, KEYS, ALONE, cast(Any, None)).admits(user)
    assert not Sessions(store, KEYS, OPEN, cast(Any, None)).admits(user)
    assert not Sessions(store, KEYS, PROXIED, cast(Any, None)).admits(user)


async def test_a_flood_of_log_ins_is_checked_two_at_a_time_and_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    let, running, most = threading.Event(), [0], [0]

    def slow(password: str, known: str) -> bool:
        running[0] += 1
        most[0] = max(most[0], running[0])
        let.wait(10)
        running[0] -= 1
        return False

    monkeypatch.setattr(passwords, "check", slow)
    checker = Passwords()
    tasks = [asyncio.create_task(checker.right("x", "")) for _ in range(MAX_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Refused) as refused:
        await checker.right("x", "")
    assert refused.value.status == 503
    let.set()
    assert await asyncio.gather(*tasks) == [False] * MAX_WAITING
    assert most[0] <= AT_ONCE


def test_a_hash_is_of_its_password_alone_and_nobody_has_one() -> None:
    hashed = passwords.make("demo-siti", cheap=True)
    assert passwords.check("demo-siti", hashed)
    assert not passwords.check("demo-rina", hashed)
    assert not passwords.check("", "")
    assert not passwords.check("x", "no hash")
    assert passwords.make("ombak besar").startswith("$argon2id$v=19$m=65536,t=3,p=1$")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevenchars", "at least 12"),
        ("x" * 129, "at most 128"),
        ("abababababab", "different"),
        ("Ratna 12345678", "own name"),
        ("ombak besar di selat", ""),
    ],
)
def test_what_is_no_password(password: str, why: str) -> None:
    assert why in weakness(password, "ratna", "Kota")
    assert bool(weakness(password, "ratna", "Kota")) == bool(why)


def test_numbers_are_masked_wherever_they_stand_and_ids_stay() -> None:
    args = {
        "text": "telp 0812-3456-7890, +62 812 3456 7890",
        "id": "lapor/0812345678901",
        "list": ["3171012345678901", {"deep": "081234567890"}],
        "number": 81234567890,
        "version": 3,
        "lon": 109.3426,
        "ok": True,
    }
    assert cleaned(args, is_id=lambda text: text == "lapor/0812345678901") == {
        "text": "telp 0812-****-890, 0812-****-890",
        "id": "lapor/0812345678901",
        "list": ["3171-****-901", {"deep": "0812-****-890"}],
        "number": "0812-****-890",
        "version": 3,
        "lon": 109.3426,
        "ok": True,
    }


def test_what_is_too_deep_or_large_is_refused() -> None:
    deep: Any = "x"
    for _ in range(MAX_DEPTH):
        deep = [deep]
    with pytest.raises(Unusable):
        cleaned({"a": deep})
    with pytest.raises(Unusable):
        cleaned({"a": "x" * 20_000})
