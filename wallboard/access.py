"""Who may see and do what: the one place for frames, snapshots, HTTP and commands alike.

Everything is refused that is not written here. `tests/test_access_matrix.py` holds the whole table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import msgspec

from wallboard.entities import KINDS

Role = Literal["screen", "operator", "agency", "supervisor", "leader", "quality", "helpdesk", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

#: Roles that a person may have; a screen is no person.
PERSON_ROLES: tuple[Role, ...] = ROLES[1:]


class Person(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who may log in, without what proves it."""

    #: the log-in name
    id: str
    name: str
    role: Role
    #: district codes; None: no limit
    districts: tuple[str, ...] | None = None
    #: code of the agency, for the role `agency`
    agency: str = ""
    disabled: bool = False


@dataclass(frozen=True)
class Viewer:
    """A person or screen, cut down to what decides about sight. Equal viewers share their frames."""

    role: Role = "screen"
    #: district codes; None: no limit
    districts: frozenset[str] | None = None
    agency: str = ""
    #: whether fields of callers are shown
    clearance: bool = False
    #: of a paired screen: what any wall shows; None: all kinds of the role
    kinds: frozenset[str] | None = None

    @property
    def key(self) -> str:
        """Equal for viewers who see the same."""
        districts = "*" if self.districts is None else ",".join(sorted(self.districts))
        kinds = "*" if self.kinds is None else ",".join(sorted(self.kinds))
        return f"{self.role}:{districts}:{self.agency}:{int(self.clearance)}:{kinds}"


#: Who works with callers sees their masked numbers; a wall, a leader and an agency do not.
CLEARED: frozenset[Role] = frozenset({"operator", "supervisor", "quality"})


def viewer_of(person: Person) -> Viewer:
    """What decides about this person's sight."""
    return Viewer(
        role=person.role,
        districts=None if person.districts is None else frozenset(person.districts),
        agency=person.agency if person.role == "agency" else "",
        clearance=person.role in CLEARED,
    )


#: Who sits at the machine of a server that serves nobody else sees the city's wall.
LOCAL_SCREEN = Viewer()

#: Fields that need clearance, by kind.
CLEARED_FIELDS: dict[str, tuple[str, ...]] = {"call": ("caller", "pranks", "repeated"), "review": ("remark",)}

_PUBLIC_KINDS = frozenset({"district", "agency", "feed", "wall", "city"})
_CITY_KINDS = frozenset(
    {
        *("incident", "call", "queue", "agent", "camera", "hazard", "gauge", "price", "metric", "series"),
        *("landvalue", "alert", "load", "news"),
    }
)

#: role → kinds that it may see at all.
KINDS_OF: dict[Role, frozenset[str]] = {
    "screen": _PUBLIC_KINDS | _CITY_KINDS,
    "operator": _PUBLIC_KINDS | _CITY_KINDS | {"review", "person"},
    "agency": _PUBLIC_KINDS | {"incident", "alert", "camera", "hazard", "gauge", "metric", "series"},
    "supervisor": _PUBLIC_KINDS | _CITY_KINDS | {"review", "person", "screen"},
    "leader": _PUBLIC_KINDS | _CITY_KINDS,
    "quality": _PUBLIC_KINDS | _CITY_KINDS | {"review", "person"},
    "helpdesk": _PUBLIC_KINDS | _CITY_KINDS | {"person", "screen"},
    "admin": _PUBLIC_KINDS | {"person", "screen", "load"},
}

_WRITERS: frozenset[Role] = frozenset({"operator", "agency", "supervisor"})
_SUPERVISORS: frozenset[Role] = frozenset({"supervisor"})
_SCREENS: frozenset[Role] = frozenset({"helpdesk", "admin"})
_ADMINS: frozenset[Role] = frozenset({"admin"})
_ALL: frozenset[Role] = frozenset(PERSON_ROLES)

#: action of a command → roles that may ask for it.
MAY: dict[str, frozenset[Role]] = {
    "incident.new": _WRITERS,
    "incident.note": _WRITERS,
    "incident.status": _WRITERS,
    "incident.edit": _WRITERS,
    "incident.assign": _SUPERVISORS,
    "incident.refer": _SUPERVISORS,
    "call.mark": frozenset({"operator", "supervisor"}),
    "call.choose": frozenset({"supervisor", "quality"}),
    "call.review": frozenset({"supervisor", "quality"}),
    "alert.ack": _SUPERVISORS,
    "alert.confirm": _SUPERVISORS,
    "alert.shelve": _SUPERVISORS,
    "alert.unshelve": _SUPERVISORS,
    "alert.out_of_service": _SUPERVISORS,
    "alert.in_service": _SUPERVISORS,
    "alert.assign": _SUPERVISORS,
    "alert.handover": _SUPERVISORS,
    "alert.note": frozenset({"operator", "supervisor"}),
    "duty.set": _SUPERVISORS,
    "city.status": frozenset({"supervisor", "leader"}),
    "wall.drive": frozenset({"supervisor", "leader", "helpdesk"}),
    "screen.pair": _SCREENS,
    "screen.name": _SCREENS,
    "screen.revoke": _SCREENS,
    "feed.again": _ADMINS,
    "user.set": _ADMINS,
    "user.remove": _ADMINS,
    "user.password": _ADMINS,
    # Told by the nodes, for the audit trail; everybody for himself.
    "session.login": _ALL,
    "session.logout": _ALL,
    "session.password": _ALL,
}

#: What is done to the whole city: who answers for some of its districts cannot ask for it.
WHOLE_CITY: frozenset[str] = frozenset({"city.status"})

#: What only the program itself says (`person` empty): of failed log-ins, screens, notices, its own set-up,
#: and on its own command line.
SYSTEM: frozenset[str] = frozenset(
    {
        *("session.failed", "screen.doubled", "notify.undelivered"),
        *("user.set", "user.remove", "user.password", "screen.name", "screen.revoke"),
    }
)

#: HTTP's own rights: which roles may read what is no entity.
MAY_READ: dict[str, frozenset[Role]] = {
    "replay": frozenset({"supervisor", "leader", "quality", "agency"}),
    "console": _ALL,
    "leader": frozenset({"supervisor", "leader"}),
    "admin": _SCREENS | _ADMINS,
    "metrics": _SCREENS | _ADMINS,
    "boards": _SCREENS | _ADMINS,
    "users": _ADMINS,
    "dead": _ADMINS,
    "audit": _ADMINS,
}


def may_do(person: Person, action: str) -> bool:
    """Whether this person may ask for this at all; `may_see` decides about what it is done to."""
    if person.districts is not None and action in WHOLE_CITY:
        return False
    return not person.disabled and person.role in MAY.get(action, ())


def may_see(viewer: Viewer, kind: str, scope: tuple[str, ...]) -> bool:
    """Whether this viewer may see a thing of this kind and scope at all."""
    if kind not in KINDS or kind not in KINDS_OF[viewer.role]:
        return False
    if viewer.kinds is not None and kind not in viewer.kinds:
        return False
    if viewer.role == "agency":
        if "public" in scope:
            return True
        if f"a:{viewer.agency}" in scope:
            # A limit to districts holds for what lies somewhere; an agency's own figures lie nowhere.
            return _in_districts(viewer, scope) or not any(part[:2] == "d:" for part in scope)
        return kind in ("hazard", "camera", "gauge") and _in_districts(viewer, scope)
    return _in_districts(viewer, scope)


def _in_districts(viewer: Viewer, scope: tuple[str, ...]) -> bool:
    if viewer.districts is None:
        return True
    return any(
        part in ("public", "city") or part[2:] in viewer.districts for part in scope if part[:2] != "a:"
    )


def cut(viewer: Viewer, kind: str, raw: bytes) -> bytes:
    """The entity without the fields that this viewer may not see."""
    if kind == "wall":
        return _without_sender(viewer, raw)
    fields = CLEARED_FIELDS.get(kind)
    if fields is None or viewer.clearance:
        return raw
    entity = msgspec.json.decode(raw)
    for field in fields:
        entity.pop(field, None)
    return msgspec.json.encode(entity)


def _without_sender(viewer: Viewer, raw: bytes) -> bytes:
    """A wall is public, and guests see its glass: who sent it is a role, and a person where people are."""
    if "person" in KINDS_OF[viewer.role] or b'"sent":{' not in raw:
        return raw
    entity = msgspec.json.decode(raw)
    entity["sent"].pop("by", None)
    return msgspec.json.encode(entity)
