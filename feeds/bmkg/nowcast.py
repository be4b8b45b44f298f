"""BMKG's nowcast (peringatan dini cuaca): an RSS index a language, each item a CAP file for one province.

https://www.bmkg.go.id/alerts/nowcast/id/rss.xml and …/en/rss.xml. Both languages of a bulletin share the
CAP key; the engine lays them together. A new bulletin of a province comes without `references`, so events
carry the province as their group, and the engine lets the newer one stand where they overlap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated
from weakref import WeakKeyDictionary

import msgspec

from feeds.base import Adapter, Context, Intake, Parsed, RecordFault
from feeds.cap import CapOptions, read
from feeds.cap.index import Contents, Link, contents
from feeds.cap.visit import IndexVisit
from feeds.fetching.addresses import redact
from wallboard.errors import SourceError
from wallboard.events import HazardInfo, HazardIssued

#: A nowcast holds for two to three hours; without `expires` it is not believed for longer (s).
DEFAULT_LIFE_S = 3 * 3600.0

#: 2.49.0.1.360.0.YYYY.MM.DD.HH.PP.NNN: PP is the province, NNN the day's serial (WMO OID of Indonesia).
_IDENTIFIER = re.compile(r"^2\.49\.0\.1\.360\.0\.\d{4}\.\d\d?\.\d\d?\.\d\d?\.(?P<province>\d\d)\.\d+$")

#: "… khususnya di A, BTS. ULU, C." and a line break: the kecamatan stand in the text alone.
_NAMES = re.compile(r"(?:khususnya di|especially in)\s*:?\s*(?P<names>.+?)\.?\s*(?:\n|$)", re.I)

#: A province has at most some 600 kecamatan.
_MAX_NAMES = 700


class NowcastOptions(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """[feed.options] of a `bmkg_nowcast` feed; `url` is the Indonesian index."""

    #: read the English index beside the Indonesian one
    english: bool = True
    #: codes of the provinces to read (Kemendagri, "31" is DKI Jakarta); empty: the whole country
    provinces: list[Annotated[str, msgspec.Meta(pattern=r"^\d\d$")]] = []
    #: how long a bulletin holds that does not say so (s)
    default_life: Annotated[float, msgspec.Meta(gt=0, extra={"unit": "s"})] = DEFAULT_LIFE_S


def parse(payload: bytes, context: Context, options: NowcastOptions) -> Parsed:
    """Events of a nowcast CAP file; of the index, none (its items link to the files)."""
    return _read(contents(payload), context, options)


async def poll(intake: Intake, options: NowcastOptions) -> None:
    """Visit the Indonesian index, then the English one, whose failure costs only the translation."""
    memory = _memories.setdefault(intake, _Memory())

    def reader(found: Contents, context: Context) -> Parsed:
        return _read(found, context, options)

    def wanted(link: Link) -> bool:
        match = _IDENTIFIER.match(link.name)
        return match is None or not options.provinces or match["province"] in options.provinces

    await memory.indonesian.run(intake, intake.url, reader, wanted)
    other = intake.url.replace("/id/", "/en/")
    if not options.english or other == intake.url:
        return
    try:
        await memory.english.run(intake, other, reader, wanted)
        memory.told = ""
    except SourceError as error:
        if str(error) != memory.told:
            memory.told = str(error)
            await intake.give(Parsed(faults=[RecordFault(redact(other), f"No English texts: {error}")]))


@dataclass(eq=False)
class _Memory:
    indonesian: IndexVisit = field(default_factory=IndexVisit)
    english: IndexVisit = field(default_factory=IndexVisit)
    #: what was last said about the English index
    told: str = ""


_memories: WeakKeyDictionary[Intake, _Memory] = WeakKeyDictionary()


def _read(found: Contents, context: Context, options: NowcastOptions) -> Parsed:
    parsed = read(found, context, CapOptions(default_life=options.default_life))
    parsed.events = [
        _bulletin(event) if isinstance(event, HazardIssued) else event for event in parsed.events
    ]
    return parsed


def _bulletin(event: HazardIssued) -> HazardIssued:
    match = _IDENTIFIER.match(event.identifier)
    return msgspec.structs.replace(
        event,
        group=f"bmkg.nowcast.{match['province']}" if match else "",
        infos=tuple(_with_names(info) for info in event.infos),
        flags=event.flags if match else tuple(sorted({*event.flags, "odd_identifier"})),
    )


def _with_names(info: HazardInfo) -> HazardInfo:
    """Kecamatan named in the text, as geocodes; the polygons stay the truth where there are any."""
    names = named_kecamatan(info.text)
    if not names or not info.areas:
        return info
    codes = (*info.areas[0].geocodes, *(("kecamatan", name) for name in names))
    first = msgspec.structs.replace(info.areas[0], geocodes=codes)
    return msgspec.structs.replace(info, areas=(first, *info.areas[1:]))


def named_kecamatan(text: str) -> tuple[str, ...]:
    """The kecamatan that a bulletin's text names: after "khususnya di", between commas."""
    match = _NAMES.search(text)
    if match is None:
        return ()
    names = [name.strip() for name in match["names"].split(",")[:_MAX_NAMES]]
    return tuple(dict.fromkeys(name for name in names if name))


ADAPTER = Adapter("bmkg_nowcast", NowcastOptions, parse, kinds=("hazard",), poll=poll)
