"""BMKG's forecast for kelurahan: heavy rain and thunderstorms of the next hours, as what may come.

https://api.bmkg.go.id/publik/prakiraan-cuaca?adm4=31.71.03.1001: one document a kelurahan (Kemendagri's
code), steps of three hours, made anew twice a day; at most 60 requests a minute and address. Steps of one
kind that begin together are one hazard over all kelurahan that have it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

import msgspec

from feeds.base import Adapter, Context, Intake, Parsed, RecordFault
from feeds.fetching.addresses import redact
from feeds.fetching.aside import read_aside
from feeds.fetching.limits import Busy
from feeds.reading.documents import load_json
from feeds.reading.private import masked_record
from feeds.reading.times import parse_time
from wallboard.errors import BadDocument, SourceError
from wallboard.events import HazardArea, HazardInfo, HazardIssued, Present
from wallboard.text import title

#: So many kelurahan in a visit, so far apart (s): 40 a minute at most, of the 60 that BMKG allows.
BATCH = 30
PAUSE_S = 1.5

#: Jakarta has 267 kelurahan; what is asked about is a city and no province.
MAX_CODES = 600

#: The forecast's own step (s).
STEP_S = 3 * 3600.0

#: Three days of steps are 24; a document of far more is none of BMKG's.
MAX_STEPS = 100

#: Kelurahan that a hazard's text names one by one.
MAX_NAMED = 60

#: BMKG's codes of weather: 63 heavy rain, 95 and 97 thunderstorm; (Indonesian, English)
_WEATHER: dict[int, tuple[str, str]] = {
    45: ("Kabut", "Fog"),
    60: ("Hujan ringan", "Light rain"),
    61: ("Hujan sedang", "Moderate rain"),
    63: ("Hujan lebat", "Heavy rain"),
    80: ("Hujan lokal", "Local rain"),
    95: ("Hujan petir", "Thunderstorm"),
    97: ("Hujan petir", "Thunderstorm"),
}


class ForecastOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options] of a `bmkg_forecast` feed."""

    #: the kelurahan to ask about, by Kemendagri's codes
    codes: Annotated[
        list[Annotated[str, msgspec.Meta(pattern=r"^\d\d\.\d\d\.\d\d\.\d{4}$")]],
        msgspec.Meta(min_length=1, max_length=MAX_CODES),
    ]
    #: BMKG's codes of the weather that is worth a line
    weather: list[int] = msgspec.field(default_factory=lambda: [63, 95, 97])
    #: how far ahead a step may begin (s)
    horizon: Annotated[float, msgspec.Meta(gt=0, extra={"unit": "s"})] = 12 * 3600.0


@dataclass(frozen=True)
class Step:
    """Weather of one kelurahan over one step."""

    code: str
    name: str
    kecamatan: str
    weather: int
    start: float
    end: float


@dataclass(eq=False)
class _Memory:
    """What the last documents said, by kelurahan, and who is asked next."""

    steps: dict[str, tuple[Step, ...]] = field(default_factory=dict)
    turn: int = 0


_memories: WeakKeyDictionary[Intake, _Memory] = WeakKeyDictionary()


def parse(payload: bytes, context: Context, options: ForecastOptions) -> Parsed:
    """Hazards of one kelurahan's document alone."""
    steps, faults = steps_of(payload, context)
    return Parsed(list(_hazards(steps, context, options)), faults, partial=True)


async def poll(intake: Intake, options: ForecastOptions) -> None:
    """Ask about the next kelurahan in turn, and give the hazards of all that are known."""
    memory = _memories.setdefault(intake, _Memory())
    failed: list[SourceError] = []
    faults: list[RecordFault] = []
    asked = _turn(memory, options.codes)
    for number, code in enumerate(asked):
        if number:
            await intake.sleep(PAUSE_S)
        try:
            found, wrong = await _ask(intake, code)
        except Busy:
            raise  # it asks to be left alone
        except SourceError as error:
            failed.append(error)
            faults.append(RecordFault(code, str(error)))
            continue
        faults += wrong
        if found is not None:
            memory.steps[code] = found
    if failed and len(failed) == len(asked):
        raise failed[0]
    context = intake.context()
    events: list[Any] = _hazards(
        (step for steps in memory.steps.values() for step in steps), context, options
    )
    if len(memory.steps) == len(set(options.codes)):
        # Before all have answered once, what a kelurahan had before the start cannot be called over.
        things = tuple(event.thing for event in events)
        events.append(
            Present(feed=context.feed, source_id="", received_at=context.now, kind="hazard", ids=things)
        )
    await intake.give(Parsed(events, faults, partial=True))


def steps_of(payload: bytes, context: Context) -> tuple[tuple[Step, ...], list[RecordFault]]:
    """The steps of a document, and what in it cannot be read. BadDocument where it is no forecast."""
    document = load_json(payload)
    listed = document.get("data") if isinstance(document, dict) else None
    place = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else document
    days = place.get("cuaca") if isinstance(place, dict) else None
    where = place.get("lokasi") if isinstance(place, dict) else None
    if not isinstance(where, dict) and isinstance(document, dict):
        where = document.get("lokasi")
    if not isinstance(days, list) or not isinstance(where, dict):
        said = document.get("message") if isinstance(document, dict) else None
        raise BadDocument(
            f"It is no forecast: {title(said)[:200] if isinstance(said, str) else 'cuaca is missing'}."
        )
    entries = [entry for day in days for entry in (day if isinstance(day, list) else [day])]
    steps: list[Step] = []
    faults: list[RecordFault] = []
    for number, entry in enumerate(entries[:MAX_STEPS]):
        try:
            steps.append(_step(entry, where, context))
        except ValueError as error:
            faults.append(RecordFault(f"cuaca {number}", str(error), masked_record(entry)))
    return tuple(steps), faults


def _step(entry: Any, where: dict[str, Any], context: Context) -> Step:
    if not isinstance(entry, dict):
        raise ValueError("is no object")
    code = str(where.get("adm4") or "")[:20]
    weather = entry.get("weather")
    if (
        not code
        or isinstance(weather, bool)
        or not isinstance(weather, int | str)
        or not str(weather).isdigit()
    ):
        raise ValueError("adm4 is missing" if not code else f"weather is {str(weather)[:20]!r}")
    written = entry.get("utc_datetime")
    if isinstance(written, str):
        start = parse_time(written, UTC)[0]
    else:
        # "+0700" of the place itself: the naive local time of a neighbour's zone would be an hour off.
        start = parse_time(f"{entry.get('local_datetime')} {where.get('timezone') or ''}", context.zone)[0]
    name, kecamatan = (title(str(where.get(key) or ""))[:80] for key in ("deskel", "kecamatan"))
    return Step(code, name or code, kecamatan, int(weather), start, start + STEP_S)


async def _ask(intake: Intake, code: str) -> tuple[tuple[Step, ...] | None, list[RecordFault]]:
    """The steps of a kelurahan; None where its document has not changed."""
    url = f"{intake.url}{'&' if '?' in intake.url else '?'}adm4={quote(code)}"
    document = await intake.fetch(url)
    if document is None:
        return None, []
    try:
        return await read_aside(document.body, partial(steps_of, document.body, intake.context()))
    except BadDocument as error:
        raise BadDocument(f"{redact(url)}: {error}") from None


def _turn(memory: _Memory, codes: list[str]) -> list[str]:
    unique = list(dict.fromkeys(codes))
    begin = memory.turn % len(unique)
    asked = (unique[begin:] + unique[:begin])[:BATCH]
    memory.turn = (begin + len(asked)) % len(unique)
    return asked


def _hazards(steps: Iterable[Step], context: Context, options: ForecastOptions) -> list[HazardIssued]:
    """One hazard for each kind of weather and beginning that lies ahead, or holds now."""
    wanted = set(options.weather)
    together: dict[tuple[float, str], list[Step]] = {}
    for step in steps:
        if step.weather in wanted and step.end > context.now and step.start <= context.now + options.horizon:
            together.setdefault((step.start, _words(step.weather)[0]), []).append(step)
    return [_hazard(found, context) for _, found in sorted(together.items())]


def _words(weather: int) -> tuple[str, str]:
    return _WEATHER.get(weather, (f"Cuaca {weather}", f"Weather {weather}"))


def _hazard(steps: list[Step], context: Context) -> HazardIssued:
    first = steps[0]
    word = _words(first.weather)[0].casefold().replace(" ", "-")
    key = f"{word}/{datetime.fromtimestamp(first.start, UTC):%Y%m%dT%H%MZ}"
    area = HazardArea(geocodes=tuple(("adm4", step.code) for step in steps))
    return HazardIssued(
        feed=context.feed,
        source_id=key,
        received_at=context.now,
        sender="api.bmkg.go.id",
        identifier=key,
        sent=context.now,
        msg_type="Alert",
        status="Actual",
        infos=tuple(_info(language, steps, area, context) for language in ("id", "en")),
        thing=key,
        flags=("has_end",),
    )


def _info(language: str, steps: list[Step], area: HazardArea, context: Context) -> HazardInfo:
    first, at = steps[0], 0 if language == "id" else 1
    event = _words(first.weather)[at]
    begins, ends = (datetime.fromtimestamp(when, context.zone) for when in (first.start, first.end))
    clock = "%H.%M" if language == "id" else "%H:%M"
    forecast = ("Prakiraan", "Forecast")[at]
    return HazardInfo(
        language=language,
        event=event,
        headline=f"{forecast}: {event[:1].lower()}{event[1:]} {begins:{clock}}–{ends:{clock}}",
        text="\n".join(_named(steps)),
        sender_name="BMKG",
        web="https://www.bmkg.go.id/cuaca/prakiraan-cuaca",
        category=("Met",),
        urgency="Future",
        # A forecast informs; what warns is the nowcast.
        severity="Minor",
        certainty="Possible",
        onset=first.start,
        expires=first.end,
        areas=(area,),
    )


def _named(steps: list[Step]) -> Iterable[str]:
    """ "Wiradesa: Kadipaten, Pekuncen", kecamatan by kecamatan."""
    by_kecamatan: dict[str, list[str]] = {}
    for step in sorted(steps, key=lambda step: step.code)[:MAX_NAMED]:
        by_kecamatan.setdefault(step.kecamatan, []).append(step.name)
    for kecamatan, names in by_kecamatan.items():
        yield f"{kecamatan}: {', '.join(names)}" if kecamatan else ", ".join(names)


ADAPTER = Adapter("bmkg_forecast", ForecastOptions, parse, kinds=("hazard",), poll=poll)
