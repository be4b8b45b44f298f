"""People who may log in to a running server of the tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

import argon2
import msgspec

from wallboard.access import Person
from wallboard.events import Command
from wallboard.store.clients import connect_async
from wallboard.store.identity import Change, IdentityStore, User
from wallboard.store.keys import Keys

#: One password for all of them, and the cheapest hash: what it costs is no matter of these tests.
PASSWORD = "a long word of these tests"
HASH = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


async def make_known(url: str, city: str, people: Iterable[Person]) -> None:
    """Make people known to the nodes and to the engine, as the command line does."""
    client = connect_async(url)
    store = IdentityStore(client, Keys(city))
    for person in people:

        def edit(users: dict[str, User], person: Person = person) -> Change:
            told = Command(
                feed="",
                source_id=f"enrol-{person.id}",
                received_at=time.time(),
                person="",
                action="user.set",
                args=msgspec.to_builtins(person),
            )
            return person.id, User(person=person, password=HASH), [told]

        await store.change(edit)
    await client.aclose()


def enrol(url: str, city: str, people: Iterable[Person]) -> None:
    """The same, for who has no loop."""
    asyncio.run(make_known(url, city, people))


def supervisors(number: int) -> list[Person]:
    """So many supervisors: s0, s1, …"""
    return [Person(id=f"s{n}", name=f"Pengawas {n}", role="supervisor") for n in range(number)]
