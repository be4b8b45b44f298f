"""`server.py user …`: people on the command line, beside a running server or on its stopped state.

Who may run it may read the state directory, and so may do anything: it is the program itself (`by` "").
Passwords are typed at a prompt or chosen by a one-time link; never an argument, which others can read.
"""

from __future__ import annotations

import asyncio
import getpass
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TextIO

import msgspec

from wallboard import people
from wallboard.access import Person
from wallboard.city import CityConfig
from wallboard.errors import Refused, WallboardError
from wallboard.ground import prepare
from wallboard.reach import reach, state_dir_of
from wallboard.store.clients import connect_async
from wallboard.store.identity import IdentityStore, User
from wallboard.store.keys import Keys
from wallboard.web.links import Links, address_of
from wallboard.web.passwords import make, weakness

Step = Callable[["Office"], Coroutine[Any, Any, None]]


class Office:
    """What each command works with."""

    def __init__(self, city: CityConfig, options: Namespace, store: IdentityStore, out: TextIO) -> None:
        self.city = city
        self.options = options
        self.store = store
        self.links = Links(store, Keys(city.city.key))
        self.out = out

    def say(self, line: str) -> None:
        """Print a line."""
        print(line, file=self.out)

    async def change(self, edit: people.Edit) -> None:
        """Change somebody; raises WallboardError with the reason alone."""
        try:
            await self.store.change(edit)
        except Refused as fault:
            raise WallboardError(fault.detail) from fault

    async def invite(self, id: str) -> None:
        """Print a one-time link for somebody."""
        base = await self.store.address()
        link = address_of(base, await self.links.new(id))
        self.say(f"{id} chooses a password here, once, within a day: {link}")
        if not base:
            self.say("(put the server's address in front)")


def run_user(city: CityConfig, options: Namespace, out: TextIO = sys.stdout) -> int:
    """Do what `server.py user …` asks for; the exit code. Raises WallboardError."""
    # What needs no Redis is asked and checked first.
    step = _STEPS[options.what](city, options)
    with reach(state_dir_of(city.city.key, options.state_dir), options.redis) as found:
        asyncio.run(_within(city, options, found.url, step, out))
        if not found.running:
            print("The server is stopped; it will know when it starts.", file=out)
    return 0


async def _within(city: CityConfig, options: Namespace, url: str, step: Step, out: TextIO) -> None:
    client = connect_async(url)
    try:
        await step(Office(city, options, IdentityStore(client, Keys(city.city.key)), out))
    finally:
        await client.aclose()


def _add(city: CityConfig, options: Namespace) -> Step:
    person = Person(
        id=options.name,
        name=options.full_name or options.name,
        role=options.role,
        districts=tuple(options.districts.split(",")) if options.districts else None,
        agency=options.agency,
    )
    person = _checked(city, options.config, person)

    async def step(office: Office) -> None:
        await office.change(people.setting(person, "", time.time(), new=True))
        await office.invite(person.id)

    return step


def _checked(city: CityConfig, config: Path, person: Person) -> Person:
    districts = None
    if person.districts is not None:
        ground = prepare(city, config.resolve().parent, str(config))
        districts = set(ground.boundaries.by_code)
    try:
        return people.checked(person, [agency.code for agency in city.agency], districts)
    except Refused as fault:
        raise WallboardError(fault.detail) from fault


def _list(city: CityConfig, options: Namespace) -> Step:
    async def step(office: Office) -> None:
        users = await office.store.users()
        for id, user in sorted(users.items()):
            office.say(_line(id, user))
        if not users:
            office.say(
                "nobody may log in yet: the next start prints a link for the first admin, or use `user add`"
            )

    return step


def _line(id: str, user: User) -> str:
    person = user.person
    limits = [person.agency, "" if person.districts is None else ",".join(person.districts)]
    marks = [
        word
        for word, holds in (
            ("disabled", person.disabled),
            ("invited", not user.password),
            ("must change the password", user.must_change),
            ("demo", user.demo),
        )
        if holds
    ]
    return "\t".join(
        [id, person.name, person.role, " ".join(filter(None, limits)), ", ".join(marks)]
    ).rstrip()


def _switch(disabled: bool) -> Callable[[CityConfig, Namespace], Step]:
    def made(city: CityConfig, options: Namespace) -> Step:
        async def step(office: Office) -> None:
            user = await office.store.user(options.name)
            if user is None:
                raise WallboardError(f"there is no {options.name!r}; `user list` shows who there is")
            person = msgspec.structs.replace(user.person, disabled=disabled)
            await office.change(people.setting(person, "", time.time(), new=False))
            office.say(f"{options.name} is {'disabled' if disabled else 'enabled'}.")

        return step

    return made


def _remove(city: CityConfig, options: Namespace) -> Step:
    async def step(office: Office) -> None:
        await office.change(people.removing(options.name, "", time.time()))
        office.say(f"{options.name} is removed; what they did stays in the audit trail.")

    return step


def _password(city: CityConfig, options: Namespace) -> Step:
    hashed = make(_asked(options.name, city.city.name))

    async def step(office: Office) -> None:
        await office.change(people.proving(options.name, hashed, "", time.time(), must_change=True))
        office.say(f"{options.name} logs in with it, and has to choose another at once.")

    return step


def _asked(name: str, city: str) -> str:
    """A password of the terminal, asked twice, or of the first line of standard input."""
    if sys.stdin.isatty():
        password = getpass.getpass(f"Password for {name}: ")
        if getpass.getpass("Again: ") != password:
            raise WallboardError("The two are not the same; nothing was changed.")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if why := weakness(password, name, *city.split()):
        raise WallboardError(f"The password cannot be used: {why}.")
    return password


def _link(city: CityConfig, options: Namespace) -> Step:
    async def step(office: Office) -> None:
        await office.change(people.proving(options.name, "", "", time.time()))
        await office.invite(options.name)

    return step


_STEPS: dict[str, Callable[[CityConfig, Namespace], Step]] = {
    "add": _add,
    "list": _list,
    "disable": _switch(True),
    "enable": _switch(False),
    "remove": _remove,
    "password": _password,
    "link": _link,
}
