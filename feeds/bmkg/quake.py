"""BMKG's earthquake lists: autogempa (the last one), gempaterkini (M 5+), gempadirasakan (felt).

https://data.bmkg.go.id/DataMKG/TEWS/{autogempa,gempaterkini,gempadirasakan}.{json,xml}; described in
infoBMKG/data-gempabumi. No entry has an id: the same quake stands in up to three lists and is revised
later; the engine recognises it by time and place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import timedelta, timezone
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

import msgspec

from feeds.base import Adapter, Context, Intake, Parsed, RecordFault
from feeds.fetching.addresses import public_url, redact
from feeds.fetching.aside import read_aside
from feeds.reading.documents import load_json, load_xml
from feeds.reading.times import parse_time
from wallboard.errors import BadDocument, SourceError
from wallboard.events import QuakeObserved
from wallboard.text import harmless, title

#: The real lists have 15 entries; a document of far more is none of BMKG's.
MAX_QUAKES = 500

#: A quake felt on several islands names some 30 places.
MAX_FELT = 100

#: Beyond the strongest ever measured (9.5) there is a fault in the list.
_MAX_MAGNITUDE = 10.0
#: The deepest quakes lie at 750 km.
_MAX_DEPTH_KM = 1_000.0

#: `Tanggal` and `Jam` are always Jakarta's time, wherever the quake was.
_WIB = timezone(timedelta(hours=7))
#: The UTC time and its WIB twin are the same to the second; further apart one of them is wrong.
_TWIN_S = 60.0

_SHAKEMAP = "https://data.bmkg.go.id/DataMKG/TEWS/"
_PICTURE = re.compile(r"^\d{14}\.mmi\.(?:jpg|png)$")
_FIGURE = re.compile(r"^\s*(-?\d+(?:[.,]\d+)?)")
#: Words may stand between: "tidak akan berpotensi", "berpotensi terjadi gelombang tsunami".
_NOT = r"(?:tidak|tdk|tak|bukan|belum)\s+"
_TSUNAMI = re.compile(
    rf"(?P<no>\b{_NOT}(?:\w+\s+){{0,2}})?\bberpotensi\s+(?:(?!{_NOT})\w+\s+){{0,3}}tsunami\b", re.I
)
_MMI = re.compile(r"^(?P<mmi>[IVX]{1,4}(?:\s*[-–]\s*[IVX]{1,4})?)(?:\s+MMI)?[\s:]+(?:di\s+)?(?P<place>.+)$")


class QuakeOptions(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """[feed.options] of a `bmkg_quake` feed."""

    #: lists to read when `url` is their folder (ends with "/"); otherwise `url` is the one list
    lists: tuple[str, ...] = ("autogempa.json", "gempaterkini.json", "gempadirasakan.json")


def parse(payload: bytes, context: Context, options: QuakeOptions) -> Parsed:
    """One event a quake; BadDocument where it is neither JSON nor XML of the known shape."""
    parsed = Parsed()
    for number, record in enumerate(_records(payload), 1):
        if number > MAX_QUAKES:
            parsed.faults.append(RecordFault("gempa", f"more than {MAX_QUAKES} quakes; the rest is left out"))
            break
        try:
            parsed.events.append(_quake(record, context))
        except ValueError as error:
            parsed.faults.append(RecordFault(f"gempa {number}", str(error), _shortened(record)))
    return parsed


async def poll(intake: Intake, options: QuakeOptions) -> None:
    """Fetch each list; one that fails does not cost the others, and is raised at the end."""
    names = options.lists if intake.url.endswith("/") else [""]
    failed: SourceError | None = None
    for name in names:
        try:
            document = await intake.fetch(intake.url + name)
            if document is not None:
                work = partial(parse, document.body, intake.context(), options)
                await intake.give(await read_aside(document.body, work))
        except BadDocument as error:
            failed = BadDocument(f"{redact(intake.url + name)}: {error}")
        except SourceError as error:
            failed = error
    if failed is not None:
        raise failed


def _records(payload: bytes) -> Iterator[dict[str, Any]]:
    """The quakes of a list: "gempa" is one object or an array of them; several lists may stand in one."""
    if payload.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        root = load_xml(payload)
        quakes = list(root.iter("gempa"))
        if root.tag != "Infogempa" or not quakes:
            raise BadDocument(f"It is no list of earthquakes: <{title(str(root.tag))[:60]}> without <gempa>.")
        yield from (_flat(quake) for quake in quakes)
        return
    body = load_json(payload)
    for document in body if isinstance(body, list) else [body]:
        info = document.get("Infogempa") if isinstance(document, dict) else None
        quakes_of = info.get("gempa") if isinstance(info, dict) else None
        if not isinstance(quakes_of, dict | list):
            raise BadDocument("It is no list of earthquakes: Infogempa.gempa is missing.")
        for record in [quakes_of] if isinstance(quakes_of, dict) else quakes_of:
            yield record if isinstance(record, dict) else {"": record}


def _flat(quake: Element) -> dict[str, Any]:
    """The XML's fields under the JSON's names: <point><coordinates> is Coordinates."""
    record = {child.tag: (child.text or "").strip() for child in quake if not len(child)}
    coordinates = quake.findtext("point/coordinates")
    return record if coordinates is None else record | {"Coordinates": coordinates.strip()}


def _quake(record: dict[str, Any], context: Context) -> QuakeObserved:
    flags: list[str] = []
    at = _time(record, flags)
    lat, lon = _coordinates(_text(record, "Coordinates"))
    magnitude = _figure(_text(record, "Magnitude"))
    if magnitude is None or not -2 <= magnitude <= _MAX_MAGNITUDE:
        raise ValueError(f"its magnitude is {_text(record, 'Magnitude')[:40]!r}")
    depth = _figure(_text(record, "Kedalaman"))
    if depth is not None and not 0 <= depth <= _MAX_DEPTH_KM:
        flags.append("bad_depth")
        depth = None
    potential = title(_text(record, "Potensi"))
    picture = _text(record, "Shakemap")
    return QuakeObserved(
        feed=context.feed,
        source_id=f"{round(at)}/{lat:g},{lon:g}",
        received_at=context.now,
        observed_at=at,
        lon=lon,
        lat=lat,
        magnitude=magnitude,
        depth_km=depth,
        region=title(_text(record, "Wilayah")),
        potential=potential,
        tsunami=may_bring_tsunami(potential),
        felt=felt_places(_text(record, "Dirasakan")),
        picture_url=public_url(_SHAKEMAP + picture) if _PICTURE.match(picture) else "",
        flags=tuple(flags),
    )


def may_bring_tsunami(potential: str) -> bool:
    """Whether the source warns of a tsunami: "Berpotensi tsunami", not "Tidak berpotensi tsunami"."""
    return any(match["no"] is None for match in _TSUNAMI.finditer(potential))


def felt_places(text: str) -> tuple[tuple[str, str], ...]:
    """ "III Kolaka Timur, II - III Kota Bima" as (("III", "Kolaka Timur"), ("II-III", "Kota Bima")).

    A place without a figure of its own has that of the one before it.
    """
    found: list[tuple[str, str]] = []
    mmi = ""
    for part in re.split(r"[,;]", harmless(text).replace("\n", " "))[:MAX_FELT]:
        words = part.strip()
        if match := _MMI.match(words):
            mmi = re.sub(r"\s*[-–]\s*", "-", match["mmi"])
            words = match["place"].strip()
        if words and words != "-":
            found.append((mmi, title(words)))
    return tuple(found)


def _time(record: dict[str, Any], flags: list[str]) -> float:
    """DateTime is UTC; Tanggal and Jam are its twin in WIB, a day later in the evening."""
    date, clock = _text(record, "Tanggal"), _text(record, "Jam")
    twin: float | None = None
    if date:
        try:
            twin = parse_time(f"{date} {clock}", _WIB)[0]
        except ValueError:
            flags.append("bad_wib_time")
    written = _text(record, "DateTime")
    try:
        at = parse_time(written, _WIB)[0] if written else None
    except ValueError as error:
        if twin is None:
            raise ValueError(f"its time: {error}") from None
        flags.append("bad_utc_time")
        at = None
    if at is None and twin is None:
        raise ValueError("it has no time")
    if at is not None and twin is not None and abs(at - twin) > _TWIN_S:
        flags.append("times_differ")
    return at if at is not None else twin or 0.0


def _coordinates(text: str) -> tuple[float, float]:
    """ "lat,lon", the other way round than GeoJSON."""
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        raise ValueError(f"its coordinates are {text[:40]!r}") from None
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        raise ValueError(f"its coordinates are {text[:40]!r}")
    return lat, lon


def _figure(text: str) -> float | None:
    match = _FIGURE.match(text)
    return float(match[1].replace(",", ".")) if match else None


def _text(record: dict[str, Any], name: str) -> str:
    value = record.get(name)
    return value.strip() if isinstance(value, str) else "" if value is None else str(value)


def _shortened(record: dict[str, Any]) -> dict[str, str]:
    return {str(key)[:40]: title(str(value)) for key, value in list(record.items())[:30]}


ADAPTER = Adapter("bmkg_quake", QuakeOptions, parse, kinds=("hazard",), poll=poll)
