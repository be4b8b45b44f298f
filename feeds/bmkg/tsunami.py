"""BMKG's tsunami warnings (InaTEWS): the last 30 bulletins in one document, CAP in its outer form only.

https://cdn.bmkg.go.id/last30tsunamievent.xml: `alert` with an `info` a bulletin: eventid, subject "Warning
Tsunami PD-1" to "PD-4" (which ends it), date and time of the earthquake, timesent, point, magnitude,
headline, instruction1 to 3 (for AWAS, SIAGA, WASPADA), and a `wzarea` for each coast: province, district,
level, date and time of arrival. The infos are bulletins of many earthquakes, years back: what is of today is
told by its own time. Bulletins of one tsunami share no id, and each gives the earthquake anew: it is known by
time and place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Annotated
from xml.etree.ElementTree import Element

import msgspec

from feeds.base import Adapter, Context, Parsed, RecordFault
from feeds.cap.xml import children, local, plain, raw
from feeds.reading.documents import load_xml
from feeds.reading.times import parse_time
from wallboard.errors import BadDocument
from wallboard.events import HazardArea, HazardInfo, HazardIssued, Present
from wallboard.text import title

#: A warning is ended by its PD-4, mostly within three hours; without it, it is believed for so long (s).
DEFAULT_LIFE_S = 12 * 3600.0

#: The list has 30 bulletins.
MAX_BULLETINS = 200

#: A later bulletin moves the earthquake by some seconds and a tenth of a degree.
SAME_S = 120.0
SAME_DEGREES = 2.0

#: The coasts of the whole archipelago are some 300 regencies.
MAX_COASTS = 1_000

#: Arrival times that are written out one by one in a warning's text.
MAX_ARRIVALS = 40

_WIB = timezone(timedelta(hours=7))

#: level → (CAP severity, which instruction, word)
_LEVELS = {
    "AWAS": ("Extreme", "instruction1"),
    "SIAGA": ("Severe", "instruction2"),
    "WASPADA": ("Moderate", "instruction3"),
}

#: A level that is none of the three is taken as the middle one: somebody warns of a tsunami.
_OTHER = ("Severe", "instruction")

_NUMBER = re.compile(r"\bPD\s*-?\s*(\d+(?:\.\d+)?)", re.I)
_OVER = re.compile(r"\b(?:telah|sudah)\s+berakhir\b|\bdinyatakan\s+berakhir\b", re.I)

#: "Jauhi pantai hingga peringatan dinyatakan berakhir": before such a word in its sentence it is not over.
_NOT_YET = re.compile(r"\b(?:belum|hingga|sampai|sebelum|setelah|jika|bila|apabila)\b", re.I)
_SENTENCE_END = re.compile(r"[.;!?]\s|\n")

#: "BIMA BAGIAN UTARA": the coast of a regency; the wall knows the regency.
_PART = re.compile(r"\s+bag(?:ian|\.)\s+.*$", re.I)


class TsunamiOptions(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """[feed.options] of a `bmkg_tsunami` feed."""

    #: how long a warning holds that nobody ends (s)
    default_life: Annotated[float, msgspec.Meta(gt=0, extra={"unit": "s"})] = DEFAULT_LIFE_S


@dataclass(frozen=True)
class Coast:
    """One district of a bulletin and when the wave is expected there, as written."""

    district: str
    level: str
    arrival: str


@dataclass(frozen=True)
class Bulletin:
    """One info, read as far as all bulletins need it."""

    event: str
    number: float
    #: time of the earthquake, and where it was
    origin: float
    point: tuple[float, float] | None
    sent: float
    over: bool
    coasts: tuple[Coast, ...]
    info: Element

    def is_of(self, other: Bulletin) -> bool:
        """Whether both are about one earthquake."""
        if abs(self.origin - other.origin) > SAME_S:
            return False
        if self.point is None or other.point is None:
            return True
        return all(abs(one - two) <= SAME_DEGREES for one, two in zip(self.point, other.point, strict=True))


def parse(payload: bytes, context: Context, options: TsunamiOptions) -> Parsed:
    """A warning for each level of each tsunami that is not over, and a Present behind them."""
    root = load_xml(payload)
    infos = list(children(root, "info"))
    if local(root) != "alert" or (
        infos and all(next(children(each, "eventid"), None) is None for each in infos)
    ):
        raise BadDocument(
            f"It is no list of tsunami bulletins: <{title(local(root))[:60]}> without <eventid>."
        )
    parsed = Parsed()
    tsunamis: list[list[Bulletin]] = []
    if len(infos) > MAX_BULLETINS:
        parsed.faults.append(
            RecordFault("alert", f"more than {MAX_BULLETINS} bulletins; the rest is left out")
        )
    for number, info in enumerate(infos[:MAX_BULLETINS], 1):
        try:
            found = _bulletin(info)
        except ValueError as error:
            words = {"eventid": raw(info, "eventid")[:60], "subject": raw(info, "subject")[:60]}
            parsed.faults.append(RecordFault(f"info {number}", str(error), words))
            continue
        known = next((each for each in tsunamis if found.is_of(each[0])), None)
        if known is None:
            tsunamis.append([found])
        else:
            known.append(found)
    status = title(raw(root, "status")) or "Actual"
    for bulletins in tsunamis:
        newest = max(bulletins, key=lambda each: (each.number, each.sent))
        if not newest.over and newest.sent + options.default_life > context.now:
            # Its first bulletin names it as long as it lasts.
            key = min(bulletins, key=lambda each: (each.number, each.sent)).event
            parsed.events.extend(_warnings(newest, key, status, context, options.default_life))
    # A bulletin that cannot be read may be the newest of any tsunami: then none is declared over.
    if not parsed.faults:
        things = tuple(event.thing for event in parsed.events if isinstance(event, HazardIssued))
        parsed.events.append(
            Present(feed=context.feed, source_id="", received_at=context.now, kind="hazard", ids=things)
        )
    return parsed


def _bulletin(info: Element) -> Bulletin:
    event = title(raw(info, "eventid"))[:60]
    if not event:
        raise ValueError("eventid is missing")
    origin = _time(f"{raw(info, 'date')} {raw(info, 'time')}")
    sent = _time(raw(info, "timesent")) or origin
    if sent is None:
        raise ValueError("it has no time that can be read")
    subject, headline = raw(info, "subject"), raw(info, "headline")
    match = _NUMBER.search(subject) or _NUMBER.search(headline)
    number = float(match[1]) if match else 0.0
    over = number >= 4 or _says_over(f"{headline}\n{raw(info, 'description')}")
    coasts = [coast for each in list(children(info, "wzarea"))[:MAX_COASTS] if (coast := _coast(each))]
    point = _point(info)
    return Bulletin(event, number, origin or sent, point, sent, over, tuple(coasts), info)


def _says_over(text: str) -> bool:
    """Whether it says that the warning has ended, and not only until when it holds."""
    return any(
        not _NOT_YET.search(_SENTENCE_END.split(text[: match.start()])[-1]) for match in _OVER.finditer(text)
    )


def _time(written: str) -> float | None:
    """Seconds of "25-04-23 03:05:12 WIB" or "2023-04-25T03:05:12WIB"; None where it cannot be read."""
    spaced = re.sub(r"(?<=\d)(?=WI(?:B|TA|T)\b)", " ", written.strip())
    spaced = re.sub(r"^(\d\d-\d\d-)(\d\d)(?!\d)", r"\g<1>20\2", spaced)
    try:
        return parse_time(spaced, _WIB)[0] if spaced else None
    except ValueError:
        return None


def _coast(area: Element) -> Coast | None:
    district = title(raw(area, "district"))
    if not district:
        return None
    arrival = " ".join(f"{raw(area, 'date')} {raw(area, 'time')}".split())
    return Coast(district, title(raw(area, "level")).upper(), title(arrival)[:40])


def _warnings(
    bulletin: Bulletin, event: str, status: str, context: Context, life_s: float
) -> Iterable[HazardIssued]:
    """One warning for each level: AWAS for these coasts is another thing than WASPADA for those."""
    levels = list(dict.fromkeys(coast.level for coast in bulletin.coasts)) or [""]
    for level in levels:
        key = f"{event}/{level}" if level else event
        coasts = [coast for coast in bulletin.coasts if coast.level == level]
        yield HazardIssued(
            feed=context.feed,
            source_id=key,
            received_at=context.now,
            observed_at=bulletin.sent,
            sender="inatews.bmkg.go.id",
            identifier=key,
            sent=bulletin.sent,
            msg_type="Alert",
            status=status,
            infos=(_info(bulletin, level, coasts, context, life_s),),
            thing=key,
        )


def _info(bulletin: Bulletin, level: str, coasts: list[Coast], context: Context, life_s: float) -> HazardInfo:
    info = bulletin.info
    severity, instruction = _LEVELS.get(level, _OTHER)
    quake = f"M{raw(info, 'magnitude')} {title(raw(info, 'area'))}".strip()
    arrivals = [f"{coast.district}: {coast.arrival}" for coast in coasts if coast.arrival][:MAX_ARRIVALS]
    observed = next(children(info, "obsarea"), None) is not None
    names = ", ".join(dict.fromkeys(_PART.sub("", coast.district) for coast in coasts))
    return HazardInfo(
        language="id",
        event="Tsunami",
        headline=title(" · ".join([f"Tsunami {level}".strip(), *_first(coasts, context), quake])),
        text="\n".join(
            filter(None, [plain(raw(info, "headline")), *arrivals, plain(raw(info, "description"))])
        ),
        instruction=plain(raw(info, instruction) or raw(info, "instruction")),
        sender_name="BMKG InaTEWS",
        web="https://inatews.bmkg.go.id/",
        category=("Geo",),
        urgency="Immediate",
        severity=severity,
        certainty="Observed" if observed else "Likely",
        expires=bulletin.sent + life_s,
        codes=(("PD", f"{bulletin.number:g}"),),
        # The earthquake is a point on the map; the coasts are the area.
        areas=(HazardArea(text=names, circles=() if bulletin.point is None else ((*bulletin.point, 0.0),)),),
    )


def _first(coasts: list[Coast], context: Context) -> Iterable[str]:
    """ "tiba 15.32": when the wave comes to the first of the coasts, by the city's clock."""
    times = [at for coast in coasts if (at := _time(coast.arrival)) is not None]
    if times:
        yield f"tiba {datetime.fromtimestamp(min(times), context.zone):%H.%M}"


def _point(info: Element) -> tuple[float, float] | None:
    """Where the earthquake was; `coordinates` is lon,lat here, unlike in the lists of earthquakes."""
    for point in children(info, "point"):
        try:
            lon, lat = (float(part) for part in raw(point, "coordinates").split(","))
        except ValueError:
            return None
        return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None
    return None


ADAPTER = Adapter("bmkg_tsunami", TsunamiOptions, parse, kinds=("hazard",))
