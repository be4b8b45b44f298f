"""What people do with incidents: the commands, by the table of wallboard/life.py.

Only the `ours` part changes. An incident made at the console has the city itself as its source, so what
people end there is closed at its source too; of any other, the source alone says whether it has closed it.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import msgspec

from wallboard import life
from wallboard.access import Person, may_see, viewer_of
from wallboard.engine.commands import BadArgs, Does, Outcome, refused, text_arg
from wallboard.engine.incidents import duplicates, shelf
from wallboard.engine.incidents.clocks import accepted_at, paused
from wallboard.engine.incidents.handover import handed_over
from wallboard.engine.incidents.limits import (
    MAX_ADDRESS,
    MAX_ID,
    MAX_MEDIA,
    MAX_NOTE,
    MAX_TEXT,
    MAX_TITLE,
    MAX_WHY,
    newest_notes,
    newest_steps,
)  # fmt: skip
from wallboard.engine.incidents.shape import CONSOLE, shaped
from wallboard.engine.placing import place_of
from wallboard.engine.world import World
from wallboard.entities import (
    ENDED_STATUSES,
    REOPENED,
    SEVERITIES,
    Incident,
    IncidentOurs,
    IncidentSource,
    Note,
    Step,
)
from wallboard.events import Command

#: A link that a colleague, or a leader, will open: a name of the open internet, no address of the inner
#: network, no name that is local by definition or habit (feeds/fetching/addresses.py), no credentials.
_PUBLIC_URL = re.compile(
    r"https?://(?:[a-z0-9_-]{1,63}\.)+(?!(?:localhost|local|internal|lan|home|corp|intranet|arpa|localdomain)\b)"
    r"[a-z][a-z0-9-]{1,62}(?::\d{1,5})?(?:[/?#][^\s\\]*)?",
    re.IGNORECASE,
)


def new(world: World, command: Command, by: Person) -> Outcome:
    """Make an incident by hand; its id follows from who asked and the command's id."""
    given = hashlib.sha256(f"{command.person}|{command.source_id}".encode()).hexdigest()[:16]
    lon, lat, _ = _point(command)
    address = text_arg(command, "address", MAX_ADDRESS, needed=False)
    ours = IncidentOurs(
        category=_category(world, command),
        severity=_severity(command),
        # Who reports for an agency has it.
        agency=by.agency if by.role == "agency" else "",
        assigned_at=world.now if by.role == "agency" else None,
        status="assigned" if by.role == "agency" else "received",
        steps=(Step(at=world.now, by=by.id, was="", now="received"),),
        call=text_arg(command, "call", MAX_ID, needed=False),
    )
    incident = Incident(
        id=f"{CONSOLE}/{given}",
        at=world.now,
        feed=CONSOLE,
        received_at=world.now,
        source=IncidentSource(
            title=text_arg(command, "title", MAX_TITLE),
            text=text_arg(command, "text", MAX_TEXT, needed=False),
            address=address,
            opened_at=world.now,
            media_url=_media(command),
            channel=_channel(world, command),
        ),
        ours=ours,
        place=place_of(world, command, address),
    )
    if (lon is None) != (lat is None):
        raise BadArgs("lon, lat: both or none")
    made = shaped(world, incident, None)
    shelf.put(world, made)
    return Outcome(id=made.id, after=_told(made) | {"title": made.source.title})


def note(world: World, command: Command, by: Person) -> Outcome:
    """Add a note."""
    incident = _incident(world, command)
    added = Note(at=world.now, by=by.id, text=text_arg(command, "text", MAX_NOTE))
    notes = newest_notes((*incident.ours.notes, added))
    _put(world, incident, msgspec.structs.replace(incident.ours, notes=notes))
    return Outcome(id=incident.id)


def edit(world: World, command: Command, by: Person) -> Outcome:
    """Change our own words, category and severity; place and text only of what was made here."""
    incident = _incident(world, command)
    ours, args = incident.ours, command.args
    changes: dict[str, Any] = {}
    if "title" in args:
        changes["title"] = text_arg(command, "title", MAX_TITLE, needed=False)
    if "category" in args:
        changes["category"] = _category(world, command)
    if "severity" in args:
        changes["severity"] = _severity(command)
    placed = {"text", "address", "lon", "lat"} & args.keys()
    if placed and incident.feed != CONSOLE:
        raise BadArgs(f"{', '.join(sorted(placed))}: these are its source's")
    if not changes and not placed:
        raise BadArgs("one of title, category, severity, text, address, lon and lat is needed")
    edited = _replaced_source(world, command, incident) if placed else incident
    _put(world, edited, msgspec.structs.replace(ours, **changes), before=incident, by=by.id)
    before = {name: getattr(ours, name) for name in changes}
    return Outcome(id=incident.id, before=before, after=changes | {name: args[name] for name in placed})


def status(world: World, command: Command, by: Person) -> Outcome:
    """Take a step of its life."""
    to = text_arg(command, "status", MAX_ID)
    return _step(world, command, by, to, "incident.status")


def assign(world: World, command: Command, by: Person) -> Outcome:
    """Give it to an agency."""
    return _step(world, command, by, "assigned", "incident.assign")


def refer(world: World, command: Command, by: Person) -> Outcome:
    """Hand it over to another line; the time of the hand-over is that of the command."""
    return _step(world, command, by, "referred", "incident.refer")


def _step(world: World, command: Command, by: Person, to: str, action: str) -> Outcome:
    incident = _incident(world, command)
    was, last = incident.ours.status, incident.ours.steps[-1:]
    at = last[0].at if last else None
    who = last[0].by if last else ""
    seen = command.args.get("seen", was if action != "incident.status" else None)
    if seen not in life.STATUSES:
        raise BadArgs("seen: the status that you saw")
    if seen != was:
        return refused("changed", by=who, at=at)
    step = life.transition(was, to)
    if to not in life.STEPS or (step is not None and step.action != action):
        raise BadArgs(f"status: one of {', '.join(_asked_by(action))}")
    if step is None:
        return refused("wrong_status", by=who, at=at)
    if by.role not in step.roles:
        return refused("forbidden")
    given, why = _needed(world, command, by, step)
    if to in ("accepted", "in_progress", "resolved", "returned") and not incident.agency:
        return refused("no_agency")
    if to == "assigned" and given == incident.agency and was not in ("received", "verified"):
        return refused("already_there", by=who, at=at)
    ours = _after(world, incident, to, given, by, command)
    ours = msgspec.structs.replace(
        ours,
        steps=newest_steps(
            (*ours.steps, Step(at=world.now, by=by.id, was=was, now=ours.status, to=given, why=why))
        ),
    )
    after = _put(world, incident, paused(world, incident, ours))
    if to == "duplicate":
        duplicates.linked(world, incident.id, given)
    elif incident.ours.duplicate_of:
        duplicates.unlinked(world, incident.id, incident.ours.duplicate_of)
    return Outcome(id=incident.id, before=_told(incident), after=_told(after))


def _after(
    world: World, incident: Incident, to: str, given: str, by: Person, command: Command
) -> IncidentOurs:
    """Our part after the step."""
    ours, now = incident.ours, world.now
    fresh: dict[str, Any] = {"accepted_at": None, "started_at": None}
    change: dict[str, Any]
    match to:
        case "verified":
            checked_by = text_arg(command, "by", MAX_WHY, needed=False) or by.id
            change = {"status": to, "verified_at": now, "verified_by": checked_by}
        case "assigned":
            change = {"status": to, "agency": given, "assigned_at": now, "returned_by": "", **fresh}
        case "accepted":
            change = {"status": to, "accepted_at": now}
        case "in_progress":
            accepted = accepted_at(incident)
            change = {
                "status": to, "started_at": now, "accepted_at": now if accepted is None else accepted,
            }  # fmt: skip
        case "resolved":
            change = {"status": to, "resolved_at": now}
        case "returned":
            left = msgspec.structs.replace(ours, agency="")
            change = {
                "status": life.waiting_status(left), "agency": "", "assigned_at": None,
                "returned": ours.returned + 1, "returned_by": incident.agency, **fresh,
            }  # fmt: skip
        case "reopened":
            change = {
                "status": life.reopened_status(ours), "ended_at": None, "resolved_at": None,
                "duplicate_of": "", "referred_to": "", "referred_at": None,
            }  # fmt: skip
        case "duplicate":
            change = {"status": to, "ended_at": now, "duplicate_of": given}
        case "referred":
            change = {"status": to, "ended_at": now, "referred_to": given, "referred_at": now}
        case _:  # closed, rejected, prank
            change = {"status": to, "ended_at": now}
    return msgspec.structs.replace(ours, **change)


def _needed(world: World, command: Command, by: Person, step: life.Transition) -> tuple[str, str]:
    """What the step says beside its status: to whom or how, and why; raises BadArgs."""
    why = text_arg(command, "why", MAX_WHY, needed="why" in step.needs)
    if "how" in step.needs:
        return text_arg(command, "how", MAX_WHY), why
    if "agency" in step.needs:
        agency = text_arg(command, "agency", MAX_ID)
        return _one_of("agency", agency, [one.code for one in world.city.agency]), why
    if "line" in step.needs:
        line = text_arg(command, "line", MAX_ID)
        return _one_of("line", line, [one.code for one in world.city.line]), why
    if "of" in step.needs:
        return _original(world, command, by), why
    return "", why


def _original(world: World, command: Command, by: Person) -> str:
    asked = text_arg(command, "of", MAX_TITLE)
    original = duplicates.original_of(world, asked)
    if original is None or not may_see(viewer_of(by), "incident", original.scope):
        raise BadArgs("of: an incident that is there")
    if original.id == command.args["incident"]:
        raise BadArgs("of: another incident than this, and none that is a duplicate of it")
    return original.id


def _put(
    world: World, incident: Incident, ours: IncidentOurs, *, before: Incident | None = None, by: str = ""
) -> Incident:
    """Put the incident with this part of ours; a step of people ends what its source had opened again."""
    source, flags = incident.source, incident.flags
    if ours.status != incident.ours.status:
        flags = tuple(flag for flag in flags if flag != REOPENED)
    if incident.feed == CONSOLE:
        ended = ours.status in ENDED_STATUSES
        source = msgspec.structs.replace(
            source,
            status="closed" if ended else "open",
            closed_at=ours.ended_at if ended else None,
        )
    after = msgspec.structs.replace(incident, ours=ours, source=source, flags=flags)
    before = before or incident
    after = handed_over(world, shaped(world, after, before), before, by)
    shelf.put(world, after)
    return after


def _replaced_source(world: World, command: Command, incident: Incident) -> Incident:
    args, source = command.args, incident.source
    if "text" in args:
        source = msgspec.structs.replace(source, text=text_arg(command, "text", MAX_TEXT, needed=False))
    if not {"address", "lon", "lat"} & args.keys():
        return msgspec.structs.replace(incident, source=source)
    address = source.address
    if "address" in args:
        address = text_arg(command, "address", MAX_ADDRESS, needed=False)
    lon, lat, _ = _point(command)
    if (lon is None) != (lat is None):
        raise BadArgs("lon, lat: both or none")
    source = msgspec.structs.replace(source, address=address)
    return msgspec.structs.replace(incident, source=source, place=place_of(world, command, address))


def _incident(world: World, command: Command) -> Incident:
    incident = world.get(Incident, command.args["incident"])
    assert incident is not None  # commands.py has looked
    return incident


def _told(incident: Incident) -> dict[str, Any]:
    """What the audit trail says of it."""
    ours = incident.ours
    return {
        "status": ours.status,
        "agency": incident.agency,
        "duplicate_of": ours.duplicate_of,
        "referred_to": ours.referred_to,
    }


def _asked_by(action: str) -> list[str]:
    return list(dict.fromkeys(one.to for one in life.TRANSITIONS if one.action == action))


def _one_of(name: str, value: str, known: list[str]) -> str:
    if value not in known:
        raise BadArgs(f"{name}: one of {', '.join(known) or 'none: the configuration has no such table'}")
    return value


def _category(world: World, command: Command) -> str:
    code = text_arg(command, "category", MAX_ID, needed=False)
    return _one_of("category", code, [one.code for one in world.city.category]) if code else ""


def _channel(world: World, command: Command) -> str:
    code = text_arg(command, "channel", MAX_ID, needed=False)
    known = [one.code for one in world.city.channel]
    return _one_of("channel", code, known) if code and known else code


def _severity(command: Command) -> Any:
    value = command.args.get("severity") or None
    return value if value is None else _one_of("severity", str(value), list(SEVERITIES))


def _media(command: Command) -> str:
    url = text_arg(command, "media", MAX_MEDIA, needed=False)
    if url and not _PUBLIC_URL.fullmatch(url):
        raise BadArgs("media: a public address that begins with https://, without a password")
    return url


def _point(command: Command) -> tuple[float | None, float | None, float | None]:
    """Where the arguments say that it is; no accuracy: a point on the map is meant as it is."""
    found: list[float | None] = []
    for name in ("lon", "lat"):
        value = command.args.get(name)
        # No place on earth has more; a whole number of 400 digits would not even become a float.
        if isinstance(value, bool) or not isinstance(value, int | float) or not -360 <= value <= 360:
            value = None
        found.append(value if value is None else float(value))
    return found[0], found[1], None


COMMANDS = {
    "incident.new": Does(new),
    "incident.note": Does(note, "incident", "incident"),
    "incident.edit": Does(edit, "incident", "incident"),
    "incident.status": Does(status, "incident", "incident"),
    "incident.assign": Does(assign, "incident", "incident"),
    "incident.refer": Does(refer, "incident", "incident"),
}
PLACE: dict[type, Any] = {Command: _point}
