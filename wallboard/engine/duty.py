"""Who is on duty: the roster of the shift ([[shift]], in the city's zone), and what a supervisor set instead.

A shift begins and ends by the city's own clock. Where that jumps (daylight saving), the end of one and the
beginning of the next are still one moment: nobody is left without duty, and nobody has it twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from wallboard.access import Person
from wallboard.city import ShiftConfig
from wallboard.engine.commands import BadArgs, Does, Outcome, number_arg, text_arg
from wallboard.engine.days import day_of
from wallboard.engine.world import World
from wallboard.entities import PersonShown
from wallboard.events import Command

#: The longest time for which the roster may be set aside (s). Longer changes belong in the configuration.
MOST_SET_S = 7 * 24 * 3600.0

#: People of one group on duty at once.
MOST_PEOPLE = 50

#: Every shift begins again within a week; a day more for the one that goes on over midnight.
_DAYS_AHEAD = 8

DUTY = "duty"
ROSTER = "roster"


class DutyMemory(msgspec.Struct):
    """Who is on duty in a group instead of the roster, until when, and who said so."""

    people: list[str]
    until: float
    by: str
    at: float


class RosterMemory(msgspec.Struct):
    """When the next shift begins or ends."""

    next: float | None = None


def on_duty(world: World, group: str) -> tuple[str, ...]:
    """Log-in names of those on duty in a group now, and of those who belong to it always; each once."""
    names = list(_rostered(world, group)[0])
    names += next((config.people for config in world.city.group if config.code == group), [])
    return tuple(name for name in dict.fromkeys(names) if not _is_disabled(world, name))


def duty_set(world: World, command: Command, person: Person) -> Outcome:
    """duty.set {group, people, until_s}: these instead of the roster, for so long (s) from now.

    `until_s` 0 gives the group back to the roster. Who belongs to the group always, still does.
    """
    group = text_arg(command, "group", 64)
    if all(config.code != group for config in world.city.group):
        raise BadArgs(f"group: {group} is the code of no [[group]]")
    for_s = number_arg(command, "until_s", 0.0, MOST_SET_S)
    before = list(on_duty(world, group))
    if for_s > 0:
        people = _people(world, command)
        world.remember(DUTY, group, DutyMemory(people, world.now + for_s, person.id, world.now))
    else:
        world.forget(DUTY, group)
    _changed(world)
    return Outcome(before={"people": before}, after={"people": list(on_duty(world, group))})


def _people(world: World, command: Command) -> list[str]:
    people = command.args.get("people")
    if not isinstance(people, list) or len(people) > MOST_PEOPLE:
        raise BadArgs(f"people: a list of at most {MOST_PEOPLE} log-in names")
    for name in people:
        if not isinstance(name, str) or world.recall("person", name, Person) is None:
            raise BadArgs(f"people: {str(name)[:64]!r} is nobody who may log in")
    return list(dict.fromkeys(people))


def _is_disabled(world: World, name: str) -> bool:
    person = world.recall("person", name, Person)
    return person is not None and person.disabled


def _rostered(world: World, group: str) -> tuple[tuple[str, ...], float | None]:
    """Who has duty by roster or word, and until when that holds at the longest."""
    told = world.recall(DUTY, group, DutyMemory)
    if told is not None and told.until > world.now:
        return tuple(told.people), told.until
    names: list[str] = []
    ends: float | None = None
    for shift, _, end in _running(world):
        if people := shift.duty.get(group):
            names += people
            ends = end if ends is None else max(ends, end)
    return tuple(dict.fromkeys(names)), ends


def _running(world: World) -> Iterator[tuple[ShiftConfig, float, float]]:
    today = date.fromisoformat(day_of(world.now, world.city.city.time_zone))
    for shift in world.city.shift:
        for back in (1, 0):
            span = _span(world, shift, today - timedelta(days=back))
            if span is not None and span[0] <= world.now < span[1]:
                yield shift, *span


def _span(world: World, shift: ShiftConfig, day: date) -> tuple[float, float] | None:
    """From when to when the shift of a day lasts (s since 1970); None where that day has none."""
    if day.isoweekday() not in shift.days:
        return None
    begins, ends = time.fromisoformat(shift.begins), time.fromisoformat(shift.ends)
    zone = ZoneInfo(world.city.city.time_zone)
    last = day if ends > begins else day + timedelta(days=1)
    start, end = (
        datetime.combine(on, at, tzinfo=zone).astimezone(UTC) for on, at in ((day, begins), (last, ends))
    )
    return start.timestamp(), end.timestamp()


def _next_change(world: World) -> float | None:
    """When a shift next begins or ends, or what somebody set is over."""
    times = [told.until for told in world.memories(DUTY).values()]
    today = date.fromisoformat(day_of(world.now, world.city.city.time_zone))
    for shift in world.city.shift:
        for ahead in range(-1, _DAYS_AHEAD + 1):
            times += _span(world, shift, today + timedelta(days=ahead)) or ()
    return min((at for at in times if at > world.now), default=None)


def _changed(world: World, id: str = ROSTER) -> None:
    """Show anew who is on duty, and note when that changes next."""
    for group, told in list(world.memories(DUTY).items()):
        if told.until <= world.now:
            world.forget(DUTY, group)
            world.audit({"what": "duty.over", "group": group, "by": told.by})
    world.remember(ROSTER, ROSTER, RosterMemory(_next_change(world)))
    duties = _duties(world)
    for person in list(world.all(PersonShown)):
        _show(world, person, duties)


def _duties(world: World) -> dict[str, list[tuple[str, float | None]]]:
    duties: dict[str, list[tuple[str, float | None]]] = {}
    for group in world.city.group:
        names, until = _rostered(world, group.code)
        for name in names:
            duties.setdefault(name, []).append((group.code, until))
    return duties


def _show(world: World, person: PersonShown, duties: dict[str, list[tuple[str, float | None]]]) -> None:
    mine = [] if person.disabled else duties.get(person.id, [])
    groups = tuple(group for group, _ in mine)
    until = max((end for _, end in mine if end is not None), default=None)
    world.put(msgspec.structs.replace(person, duty=groups, duty_until=until))


def load(world: World) -> None:
    """The roster may be another one than before."""
    # A world that nobody has told the time yet is in no shift.
    if world.now > 0 and (world.city.shift or world.memories(DUTY) or world.memories(ROSTER)):
        _changed(world)


def settle(world: World) -> None:
    """Somebody made known is shown with their duty."""
    touched = world.touched("person")
    if not touched or not world.city.group:
        return
    if world.recall(ROSTER, ROSTER, RosterMemory) is None:
        _changed(world)
        return
    duties = _duties(world)
    for id in touched:
        if (person := world.get(PersonShown, id)) is not None:
            _show(world, person, duties)


EVENTS: dict[type, object] = {}
COMMANDS = {"duty.set": Does(duty_set)}
DUE = {f"mem:{ROSTER}": lambda world, roster: roster.next}
TIMERS = {f"mem:{ROSTER}": _changed}
MEMORY = {DUTY: DutyMemory, ROSTER: RosterMemory}
