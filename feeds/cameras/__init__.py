"""CCTV: a city's list of cameras, and whether their pictures are alive.

Lists differ in every city: GeoJSON of our own form (properties id, name, status, address, kelurahan,
kecamatan, updated, streams [{type, url, public}]), or anything through a mapping. What a list says of a
camera's state is as old as the list and is shown as the list's word; the state is what
`feeds/cameras/checks.py` sees.

Still pictures of those that a board shows are fetched here, too (feeds/cameras/stills.py).

An address reaches an event only where the configuration says that boards may open it themselves, and never
one of a private host or with credentials: all others stay in this process.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from dataclasses import field as part
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from feeds.base import Adapter, Context, Intake, Parsed, RecordFault
from feeds.cameras.checks import Checks, follow
from feeds.cameras.stills import Stills
from feeds.cameras.streams import for_boards, may_check, streams_of
from feeds.cameras.wzdx import DEVICE_FEED
from feeds.fetching.addresses import host_and_port, public_url
from feeds.reading.mapping import BadField, Mapping, Record, records
from feeds.reports import MAX_ID_CHARS
from wallboard.errors import BadDocument
from wallboard.events import CameraListed, Present, Stream

#: Cameras are checked no more often than this: a live playlist with segments of 4 s has nothing new (s).
MIN_PROBE_EVERY_S = 5.0

#: A board asks no more often, and no camera's own still is renewed sooner (s).
MIN_PICTURE_EVERY_S = 1.0

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?")

#: Our own form of a list; also what a mapping starts from.
GEOJSON = Mapping(
    format="json",
    records="features",
    fields={
        "id": "properties.id || id",
        "name": "properties.name",
        "lon": "geometry.coordinates[0]",
        "lat": "geometry.coordinates[1]",
        "status": "properties.status",
        "address": "properties.address",
        "kelurahan": "properties.kelurahan",
        "kecamatan": "properties.kecamatan",
        "updated": "properties.updated",
        "streams": "properties.streams",
    },
)

#: What lists write into a field of which they know nothing: 18 of 269 cameras of a real one.
_NOWHERE = frozenset({"unknown", "tidak diketahui", "belum diketahui", "lainnya"})

_ONLINE = frozenset({"online", "on", "ok", "up", "aktif", "active", "normal", "hidup", "true", "1"})
_OFFLINE = frozenset(
    {
        "offline", "off", "error", "down", "nonaktif", "tidak aktif", "inactive", "mati", "rusak",
        "maintenance", "false", "0",
    }
)  # fmt: skip

#: "scheme://…", or a word with a colon and an @ behind it, which may be user:password@host. A word is tried
#: from its beginning only: from each letter and each colon anew, a long one takes minutes.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}:/+\S*|(?<!\S)\S[^\s:]*:[^\s@]*@\S+")


class CamerasOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]; without a mapping the list is GeoJSON of our own form."""

    #: fields: id, name, lon, lat, position, address, kelurahan, kecamatan, status, updated, public, and the
    #: streams as `streams`, as `url`, or as hls, webrtc, mjpeg, rtsp, flv, snapshot
    mapping: Mapping | None = None
    #: a ready way to read a list: "wzdx" is a WZDx device feed
    source: Literal["", "wzdx"] = ""
    #: the document is the whole list: a camera that is not in it any more was taken away
    complete: bool = True
    #: check the HLS streams
    probe: bool = True
    #: how often each (s)
    probe_every: Annotated[float, msgspec.Meta(extra={"unit": "s"})] = 15.0
    #: also those at private addresses, at these hosts only: "http://10.20.0.5:8888"; their pictures, too
    probe_private: bool = False
    probe_hosts: list[str] = []
    #: fetch the still picture of a camera that a board shows
    pictures: bool = True
    #: how often, while it is shown (s)
    picture_every: Annotated[float, msgspec.Meta(extra={"unit": "s"})] = 5.0
    #: public servers whose streams the boards may open themselves: "https://cctv.example.go.id"
    board_hosts: list[str] = []

    def __post_init__(self) -> None:
        if self.source and self.mapping is not None:
            raise ValueError("either `source` or `mapping` says how the list is written, not both")
        if self.probe_every < MIN_PROBE_EVERY_S:
            raise ValueError(f"probe_every is at least {MIN_PROBE_EVERY_S:g} (seconds)")
        if self.probe_private != bool(self.probe_hosts):
            raise ValueError(
                "probe_private = true and probe_hosts go together: name the hosts that may be asked"
            )
        for host in self.probe_hosts:
            parts = urlsplit(host)
            if parts.scheme not in ("http", "https") or not host_and_port(host)[0] or "@" in parts.netloc:
                raise ValueError('probe_hosts are written "http://host:port", without credentials')
        if self.picture_every < MIN_PICTURE_EVERY_S:
            raise ValueError(f"picture_every is at least {MIN_PICTURE_EVERY_S:g} (seconds)")
        for host in self.board_hosts:
            # It stands in the pages' Content-Security-Policy as it is.
            if not _ORIGIN.fullmatch(host) or not public_url(host):
                raise ValueError(
                    'board_hosts are written "https://host", public hosts alone: boards open them themselves'
                )


def parse(payload: bytes, context: Context, options: CamerasOptions) -> Parsed:
    """A CameraListed for each camera; with `complete` a Present behind them."""
    return read_list(payload, context, options)[0]


@dataclass
class Addresses:
    """What of a list stays in this process: camera → address."""

    #: where each is checked; "": at none
    checks: dict[str, str] = part(default_factory=dict)
    #: where its still picture is; only those that have one
    stills: dict[str, str] = part(default_factory=dict)


def read_list(payload: bytes, context: Context, options: CamerasOptions) -> tuple[Parsed, Addresses]:
    """The list as events, and beside them the addresses that stay here."""
    found = records(payload, DEVICE_FEED if options.source == "wzdx" else options.mapping or GEOJSON)
    if not found:
        raise BadDocument("The list holds no camera at all; those known stay.")
    parsed = Parsed()
    kept = Addresses()
    ids: dict[str, None] = {}
    # A record without a readable identity may be any camera known: then nobody can be declared gone.
    nameless = False
    for record in found:
        source_id = ""
        try:
            source_id = _identity(record)
            if source_id in ids:
                raise BadField(record, "id", f"{source_id!r} stands in the list twice")
            camera, check, still = _camera(record, source_id, context, options)
        except BadField as bad:
            parsed.faults.append(_masked(bad.fault()))
            nameless = nameless or not source_id
        else:
            parsed.events.append(camera)
            kept.checks[source_id] = check
            if still:
                kept.stills[source_id] = still
        if source_id:
            ids[source_id] = None
    if options.complete and not nameless:
        listed = tuple(ids)
        parsed.events.append(
            Present(feed=context.feed, source_id="", received_at=context.now, kind="camera", ids=listed)
        )
    return parsed, kept


def _camera(
    record: Record, source_id: str, context: Context, options: CamerasOptions
) -> tuple[CameraListed, str, str]:
    updated = record.time("updated", context.zone, lenient=True)
    lon, lat = record.place()
    streams = streams_of(record)
    shown = record.truth("public") is not False
    raw = _without_addresses(record.raw_text("status"))

    def first(wanted: str) -> str:
        found = (url for type, url, _ in streams if type == wanted and may_check(url, options.probe_hosts))
        return next(found, "").strip()

    # "Not public" is about its address, which stays here; a picture goes to who may see the camera.
    still = first("snapshot") if options.pictures else ""
    camera = CameraListed(
        feed=context.feed,
        source_id=source_id,
        received_at=context.now,
        observed_at=updated,
        name=_without_addresses(record.line("name")) or source_id,
        lon=lon,
        lat=lat,
        address=_address(record),
        streams=tuple(
            Stream(type=type, url=for_boards(url, options.board_hosts) if public and shown else "")
            for type, url, public in streams
        ),
        status_raw=raw,
        claimed=_claimed(record.line("status")),
        picture=bool(still),
        flags=record.flags,
    )
    return camera, first("hls"), still


def _identity(record: Record) -> str:
    written = record.line("id") or record.required("name")
    if _ADDRESS.search(written) or len(written) > MAX_ID_CHARS:
        # A list without ids, known by its streams: the address itself must not become a key.
        return hashlib.blake2b(written.encode(), digest_size=8).hexdigest()
    return written


def _address(record: Record) -> str:
    """The address as names that the gazetteer knows: "Jl. Contoh, Kel. Kebon Jati, Kec. Pesisir"."""
    parts: list[str] = []
    for field, word in (("address", ""), ("kelurahan", "Kel. "), ("kecamatan", "Kec. ")):
        name = _without_addresses(record.line(field))
        folded = name.casefold()
        if not name or folded in _NOWHERE or any(folded in part.casefold() for part in parts):
            continue
        said = folded.startswith((field, word.strip().casefold())) if word else True
        parts.append(name if said else f"{word}{name}")
    return ", ".join(parts)


def _claimed(word: str) -> Literal["online", "offline", "unknown"]:
    folded = word.casefold()
    return "online" if folded in _ONLINE else "offline" if folded in _OFFLINE else "unknown"


def _without_addresses(text: str) -> str:
    """`text` without the addresses in it: some lists name a camera by its stream, credentials and all."""
    return " ".join(_ADDRESS.sub(" ", text).split())


def _masked(fault: RecordFault) -> RecordFault:
    return RecordFault(fault.where, _ADDRESS.sub("(address)", fault.why), _mask(fault.record))


def _mask(value: Any) -> Any:
    if isinstance(value, str):
        return _ADDRESS.sub("(address)", value)
    if isinstance(value, dict):
        return {_ADDRESS.sub("(address)", str(key)): _mask(part) for key, part in value.items()}
    return [_mask(part) for part in value] if isinstance(value, list) else value


async def run(intake: Intake, options: CamerasOptions) -> None:
    """Follow the list every `every` seconds, and check the streams that it names, until cancelled."""

    def read(body: bytes) -> tuple[Parsed, Addresses]:
        return read_list(body, intake.context(), options)

    checks = Checks.of(intake, options.probe_every) if options.probe else None
    stills = Stills.of(intake, options.picture_every) if options.pictures else None
    await follow(intake, read, checks, stills)


ADAPTER = Adapter(type="cameras", options=CamerasOptions, parse=parse, kinds=("camera",), run=run)
