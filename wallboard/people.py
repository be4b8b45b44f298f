"""Every change of the city's people: pure, for the HTTP interface and the command line.

Each function gives an edit for IdentityStore.change: from all users to one changed, with the command that
tells the engine. It raises Refused where the change is not possible.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from wallboard.access import PERSON_ROLES, Person
from wallboard.errors import Refused
from wallboard.events import Command
from wallboard.private import mask_numbers
from wallboard.store.identity import Change, User

#: A log-in name: begins with a letter, so no telephone number can be one, and stands in keys and the trail.
NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")

#: A city has some thousands who work with this, at the very most; each change reads them all.
MAX_USERS = 5000

MAX_DISPLAY = 80
MAX_DISTRICTS = 300

Edit = Callable[[dict[str, User]], Change]

#: The demo's people, of examples/demo, on a machine by itself only; password "demo-" and the name.
DEMO: tuple[Person, ...] = (
    Person(id="siti", name="Siti", role="operator"),
    Person(id="dpu", name="Dinas PU", role="agency", agency="DPU"),
    Person(id="rina", name="Rina", role="supervisor"),
    Person(id="budi", name="Budi", role="supervisor"),
    Person(id="walikota", name="Wali Kota", role="leader"),
    Person(id="mutu", name="Mutu", role="quality"),
    Person(id="bantuan", name="Bantuan", role="helpdesk"),
    Person(id="admin", name="Admin", role="admin"),
)


def checked(person: Person, agencies: Iterable[str], districts: Iterable[str] | None) -> Person:
    """The same person, if the city can have such a one; `districts` None: they are not known here."""
    known = set(agencies)
    if not NAME.fullmatch(person.id):
        raise _bad("id", "2 to 32 of a-z, 0-9, . _ -, beginning with a letter")
    if not 1 <= len(person.name.strip()) <= MAX_DISPLAY or not person.name.isprintable():
        raise _bad("name", f"1 to {MAX_DISPLAY} characters")
    if mask_numbers(person.name) != person.name:
        raise _bad("name", "no telephone number: everybody sees it")
    if person.role not in PERSON_ROLES:
        raise _bad("role", f"one of {', '.join(PERSON_ROLES)}")
    if person.role == "agency" and person.agency not in known:
        raise _bad("agency", f"the role agency needs one of the city's: {', '.join(sorted(known)) or 'none'}")
    if person.role != "agency" and person.agency:
        raise _bad("agency", "only for the role agency")
    if person.districts is not None:
        codes = set(person.districts)
        if not codes or len(codes) > MAX_DISTRICTS:
            raise _bad("districts", f"1 to {MAX_DISTRICTS} codes, or none at all for no limit")
        if districts is not None and (unknown := codes - set(districts)):
            raise _bad("districts", f"not of this city: {', '.join(sorted(unknown)[:5])}")
    return person


def setting(person: Person, by: str, at: float, *, new: bool | None = None) -> Edit:
    """Make somebody known or change what they may; `new`: only who is not there yet (True), or is (False)."""

    def edit(users: dict[str, User]) -> Change:
        _still_admin(users, by)
        old = users.get(person.id)
        if new is True and old is not None:
            raise Refused(409, "Taken", f"there is a {person.id} already")
        if new is False and old is None:
            raise _nobody(person.id)
        if old is None and len(users) >= MAX_USERS:
            raise Refused(409, "Too many people", f"at most {MAX_USERS}")
        if person.role != "admin" or person.disabled:
            _not_the_last(users, person.id)
        if old is None:
            user = User(person=person, generation=_first_generation())
        else:
            # Who has not chosen a password has no log-in to end, and keeps the link.
            rises = bool(old.password) and msgspec.structs.replace(old.person, name=person.name) != person
            user = msgspec.structs.replace(old, person=person, generation=old.generation + rises)
        return person.id, user, [told(by, "user.set", at, **msgspec.to_builtins(person))]

    return edit


def removing(id: str, by: str, at: float) -> Edit:
    """Make somebody unknown; what they did stays in the trail."""

    def edit(users: dict[str, User]) -> Change:
        _still_admin(users, by)
        if id not in users:
            raise _nobody(id)
        _not_the_last(users, id)
        return id, None, [told(by, "user.remove", at, id=id)]

    return edit


def first_admin(person: Person, password: str, at: float) -> Edit:
    """Make the first admin, who has proved it by the link on the terminal."""

    def edit(users: dict[str, User]) -> Change:
        if any(not user.demo for user in users.values()) or person.id in users:
            raise Refused(409, "Not the first", "somebody can log in already: ask them")
        user = User(person=person, password=password, generation=_first_generation())
        return person.id, user, [told("", "user.set", at, **msgspec.to_builtins(person))]

    return edit


def demo(person: Person, password: str, at: float) -> Edit:
    """Make one of the demo's people."""

    def edit(users: dict[str, User]) -> Change:
        if person.id in users:
            raise Refused(409, "Taken", f"there is a {person.id} already")
        user = User(person=person, password=password, demo=True, generation=_first_generation())
        return person.id, user, [told("", "user.set", at, **msgspec.to_builtins(person))]

    return edit


def proving(
    id: str, password: str, by: str, at: float, *, must_change: bool = False, was: int | None = None
) -> Edit:
    """Give somebody another password (a hash; "": they have none until they use a link); all log-ins end.

    `by` is the person, an admin, or "" for the command line. `was` is the generation that the person has
    proved: whoever was faster (an admin who took it away) is not overruled.
    """

    def edit(users: dict[str, User]) -> Change:
        if by != id:
            _still_admin(users, by)
        old = users.get(id)
        if old is None:
            raise _nobody(id)
        if was is not None and (was != old.generation or old.person.disabled):
            raise Refused(409, "Changed meanwhile", "somebody else was faster: ask an admin")
        user = msgspec.structs.replace(
            old, password=password, must_change=must_change, generation=old.generation + 1, demo=False
        )
        own = told(id, "session.password", at)
        return id, user, [own if by == id else told(by, "user.password", at, id=id)]

    return edit


def told(person: str, action: str, at: float, **args: Any) -> Command:
    """What the engine is told, for its memory and the trail."""
    return Command(
        feed="", source_id=secrets.token_hex(8), received_at=at, person=person, action=action, args=args
    )


def _first_generation() -> int:
    """Nobody's before: what proved a person of the same name, who was removed, proves nothing."""
    return secrets.randbits(32)


def _still_admin(users: dict[str, User], by: str) -> None:
    """Who changes people must be allowed to at the very moment; "" is the program itself."""
    user = users.get(by)
    if by and (user is None or user.person.disabled or user.person.role != "admin"):
        raise Refused(403, "Not yours", "only an admin changes people")


def _not_the_last(users: dict[str, User], id: str) -> None:
    """Somebody must remain who can change people."""
    admins = {u.person.id for u in users.values() if u.person.role == "admin" and not u.person.disabled}
    if admins == {id}:
        raise Refused(409, "The last admin", "make another admin first")


def _nobody(id: str) -> Refused:
    return Refused(404, "No such person", f"there is no {id[:40]!r}")


def _bad(field: str, why: str) -> Refused:
    return Refused(422, "Cannot be used", f"{field}: {why}")
