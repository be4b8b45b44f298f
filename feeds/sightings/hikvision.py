"""Hikvision cameras and recorders: the endless answer of ISAPI's alertStream, which many other makes copy.

    GET /ISAPI/Event/notification/alertStream

The answer is multipart, each part an `EventNotificationAlert`; boundaries, lengths and namespaces differ from
firmware to firmware, so alerts are found by their own first and last tag, wherever they stand. A part may be
a picture: it is passed over. The sign of life is a videoloss that is inactive, every few seconds; an alert
that lasts is repeated each second with a rising count, and on some firmware never said to be over.
"""

from __future__ import annotations

from typing import Annotated, Literal
from xml.etree.ElementTree import Element

import msgspec

from feeds.base import Adapter, Context, Intake, Parsed, RecordFault
from feeds.cap.xml import local
from feeds.fetching.exchange import Call, Login
from feeds.fetching.limits import Answered, Busy
from feeds.fetching.secrets import secret
from feeds.reading.documents import load_xml
from feeds.reading.times import parse_time
from feeds.sightings.conflate import Conflator
from feeds.sightings.keep import folder_of, kept
from feeds.sightings.naming import SightingOptions, entity_of
from wallboard.errors import BadDocument, Unreachable
from wallboard.events import SeenWord

#: An alert has 1 to 4 kB; with all its regions and targets 20.
MAX_ALERT_BYTES = 64 * 1024

#: Signs of life come every 5 to 30 s by firmware; three of the slowest (s).
SILENCE_S = 90.0

#: After five wrong log-ins a device locks its user out for half an hour: it is left alone meanwhile (s).
LOGIN_WAIT_S = 600.0

PATH = "/ISAPI/Event/notification/alertStream"

_BEGIN, _END = b"<EventNotificationAlert", b"</EventNotificationAlert>"

#: eventType, in small letters → our word. What is not here and not of the device itself is "other".
_WORDS: dict[str, SeenWord] = {
    **dict.fromkeys(("vmd", "pir"), "motion"),
    "linedetection": "crossing",
    **dict.fromkeys(("fielddetection", "regionentrance", "regionexiting", "loitering"), "intrusion"),
    "videoloss": "signal_lost",
    **dict.fromkeys(("shelteralarm", "tamperdetection", "scenechangedetection", "defocus"), "tamper"),
    **dict.fromkeys(("facedetection", "facesnap", "humandetection"), "person"),
    **dict.fromkeys(("anpr", "vehicledetection", "parking"), "vehicle"),
    **dict.fromkeys(("group", "groupdetection", "peoplegathering", "crowd"), "crowd"),
    **dict.fromkeys(("unattendedbaggage", "attendedbaggage"), "object"),
}  # fmt: skip

#: What happens to the device, not before its lens.
_OF_DEVICE = frozenset(
    {
        "diskfull", "diskerror", "nicbroken", "ipconflict", "illaccess", "videomismatch", "badvideo", "io",
        "raidexception", "recordexception", "heartbeat", "hddfull", "audioexception", "poweron",
    }
)  # fmt: skip

#: What a motion is, where the camera says it (AcuSense).
_TARGETS: dict[str, SeenWord] = {"human": "person", "vehicle": "vehicle"}


class HikvisionOptions(SightingOptions, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]; `cameras`: number of the channel → id in the list."""

    user: str
    #: "env:NAME" or "file:PATH"
    password: Annotated[str, msgspec.Meta(pattern=r"^(env|file):.+$")]
    #: basic: for old firmware alone, the password crosses the network
    auth: Literal["digest", "basic"] = "digest"


class Finder:
    """Finds alerts in bytes as they come, whatever stands between them."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, piece: bytes) -> list[bytes]:
        """The alerts that are whole now; b"" stands for one that was cut, or had no end."""
        self._held += piece
        found: list[bytes] = []
        while True:
            begin = self._held.find(_BEGIN)
            if begin < 0:
                # The beginning of a tag may be all that has come of it.
                self._held = self._held[-len(_BEGIN) + 1 :]
                return found
            end = self._held.find(_END, begin)
            another = self._held.find(_BEGIN, begin + 1)
            if 0 <= another < (end if end >= 0 else len(self._held)):
                found.append(b"")
                self._held = self._held[another:]
            elif end >= 0:
                found.append(self._held[begin : end + len(_END)])
                self._held = self._held[end + len(_END) :]
            elif len(self._held) - begin > MAX_ALERT_BYTES:
                found.append(b"")
                self._held = self._held[-len(_BEGIN) + 1 :]
            else:
                self._held = self._held[begin:]
                return found


def parse(payload: bytes, context: Context, options: HikvisionOptions) -> Parsed:
    """What the cameras see after a captured stream, or one alert. Raises BadDocument where there is none."""
    alerts = Finder().feed(payload)
    if not alerts:
        raise BadDocument("It holds no EventNotificationAlert.")
    conflator, parsed = Conflator(context.feed), Parsed()
    for index, alert in enumerate(alerts):
        take(alert, f"alert {index}", conflator, context, options, parsed)
    parsed.events.extend(conflator.due(context.now))
    return parsed


def take(
    alert: bytes,
    where: str,
    conflator: Conflator,
    context: Context,
    options: HikvisionOptions,
    parsed: Parsed,
) -> None:
    """Tell the conflator what one alert says, or note why it says nothing."""
    try:
        if not alert:
            raise BadDocument("the alert was cut off")
        _take(load_xml(alert), conflator, context, options)
    except (BadDocument, ValueError) as fault:
        parsed.faults.append(RecordFault(where, str(fault)))


def _take(alert: Element, conflator: Conflator, context: Context, options: HikvisionOptions) -> None:
    texts = {local(child).lower(): (child.text or "").strip() for child in alert}
    kind, state = texts.get("eventtype", "").lower(), texts.get("eventstate", "").lower()
    if not kind:
        raise ValueError("eventType: is missing")
    if state not in ("active", "inactive", ""):
        raise ValueError(f"eventState: {state[:40]!r} is neither active nor inactive")
    active = state == "active" or (not state and kind != "videoloss")
    if kind in _OF_DEVICE or (kind == "videoloss" and not active and not _channel(texts)):
        return
    name = _channel(texts)
    camera = entity_of(name, options.camera_list, options.cameras) if name else ""
    if not camera:
        raise ValueError("channelID: is missing or too long")
    word = _WORDS.get(kind, "other")
    if word == "motion":
        word = _TARGETS.get(texts.get("targettype", "").lower(), word)
    if options.what and word not in options.what:
        return
    if active:
        # Repeated each second while it lasts; the end may never be said.
        conflator.pulse(camera, kind, word, context.now, _observed(texts.get("datetime", ""), context))
    else:
        conflator.end(camera, kind)


def _channel(texts: dict[str, str]) -> str:
    """The camera's channel; of one behind a recorder its own number there."""
    return texts.get("dynchannelid") or texts.get("channelid", "")


def _observed(text: str, context: Context) -> float | None:
    """The camera's own time; many run by no time server, so it orders nothing."""
    try:
        return parse_time(text, context.zone)[0] if text else None
    except ValueError:
        return None


async def run(intake: Intake, options: HikvisionOptions) -> None:
    """Follow the stream until it ends; raises SourceError then."""
    conflator, finder = Conflator(intake.name), Finder()
    login = Login(options.user, secret(options.password, folder_of(intake)), options.auth)
    call = Call(intake.url.rstrip("/") + PATH, login=login, silence_s=SILENCE_S)
    async with kept(intake, conflator):
        try:
            await _follow(intake, call, finder, conflator, options)
        except Answered as refused:
            raise Busy(str(refused), LOGIN_WAIT_S) from None


async def _follow(
    intake: Intake, call: Call, finder: Finder, conflator: Conflator, options: HikvisionOptions
) -> None:
    async with intake.ask(call) as reply:
        if reply.status != 200:
            raise Unreachable(f"The device answers {reply.status} where its alerts should come.")
        async for piece in reply.pieces():
            parsed, alerts = Parsed(), finder.feed(piece)
            for alert in alerts:
                # Without a number: the same fault each second is one that is known.
                take(alert, "alert", conflator, intake.context(), options, parsed)
            if alerts:
                parsed.events.extend(conflator.due(intake.now()))
                await intake.give(parsed)  # a sign of life is one, though it holds nothing for us
    raise Unreachable("The device has ended its stream of alerts.")


ADAPTER = Adapter(
    type="hikvision",
    options=HikvisionOptions,
    parse=parse,
    kinds=("camera",),
    run=run,
    schemes=("http", "https"),
)
