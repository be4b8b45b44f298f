"""Frigate, the open recorder that most cities find first: its events over MQTT (docs.frigate.video, "MQTT").

`frigate/events` says of each tracked object when it is new, changes and ends; `frigate/available` whether the
recorder runs. What was sorted out later (false_positive) and what stands still (a parked car) is not seen.
`sub_label` may be a person's name, found by their face: it is read by nobody here.
"""

from __future__ import annotations

from typing import Any

import msgspec

from feeds.base import Adapter, Context, Intake, Parsed, RecordFault
from feeds.mqtt.broker import SCHEMES, BrokerOptions, Message
from feeds.mqtt.session import follow
from feeds.mqtt.topics import wrong_filter
from feeds.reading.numbers import MAX_WHOLE
from feeds.sightings.conflate import Conflator
from feeds.sightings.documents import reports_in
from feeds.sightings.keep import give_due, kept
from feeds.sightings.naming import check_sightings, entity_of
from feeds.sightings.words import word_of_label
from wallboard.events import SeenWord

#: Frigate's ids have 24 characters.
MAX_ID = 64


class FrigateOptions(BrokerOptions, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]; `camera_list` is the [[feed]] of type "cameras" that lists the cameras."""

    camera_list: str
    #: Frigate's name of a camera → its id in that list; without an entry the two are the same
    cameras: dict[str, str] = msgspec.field(default_factory=dict)
    #: only these of our words (person, vehicle, …); empty: all
    what: tuple[SeenWord, ...] = ()
    #: only what is in one of these zones of Frigate's; empty: everywhere in the picture
    zones: tuple[str, ...] = ()
    #: `topic_prefix` of Frigate's configuration
    prefix: str = "frigate"

    def __post_init__(self) -> None:
        BrokerOptions.__post_init__(self)
        check_sightings(self.camera_list, self.what)
        if wrong_filter(self.prefix) or "#" in self.prefix or "+" in self.prefix:
            raise ValueError("prefix is a topic without wildcards")


def parse(payload: bytes, context: Context, options: FrigateOptions) -> Parsed:
    """What the cameras see after a document of events: one, a list, or one a line, as published."""
    conflator, parsed = Conflator(context.feed), Parsed()
    for where, data in reports_in(payload):
        take(data, where, conflator, context.now, options, parsed)
    parsed.events.extend(conflator.due(context.now))
    return parsed


def take(
    data: Any, where: str, conflator: Conflator, now: float, options: FrigateOptions, parsed: Parsed
) -> None:
    """Tell the conflator what one event says, or note why it says nothing."""
    try:
        _take(data, conflator, now, options)
    except ValueError as fault:
        # The record itself holds a picture (`thumbnail`) and perhaps a name: the reason is enough.
        parsed.faults.append(RecordFault(where, str(fault)))


def _take(data: Any, conflator: Conflator, now: float, options: FrigateOptions) -> None:
    if not isinstance(data, dict):
        raise ValueError(f"an event is an object, not a {type(data).__name__}")
    kind = data.get("type")
    # `before` may be null in what a script publishes, `after` in what an old version does at the end.
    thing = data.get("after") or data.get("before")
    if kind not in ("new", "update", "end") or not isinstance(thing, dict):
        raise ValueError("it is no event of Frigate: type is new, update or end, with after")
    id, name, label = thing.get("id"), thing.get("camera"), thing.get("label")
    if not isinstance(id, str) or not 0 < len(id) <= MAX_ID:
        raise ValueError("id: is missing or too long")
    if not isinstance(name, str) or not (camera := entity_of(name, options.camera_list, options.cameras)):
        raise ValueError("camera: is missing or too long")
    word = word_of_label(label) if isinstance(label, str) else "object"
    if options.what and word not in options.what:
        return
    over = kind == "end" or thing.get("end_time") is not None
    if over or thing.get("false_positive") or thing.get("stationary") or not _in_zone(thing, options.zones):
        conflator.end(camera, id)
    else:
        conflator.begin(camera, id, word, _since(thing.get("start_time"), now), now)


def _in_zone(thing: dict[str, Any], zones: tuple[str, ...]) -> bool:
    current = thing.get("current_zones")
    return not zones or (isinstance(current, list) and any(zone in current for zone in zones))


def _since(start: Any, now: float) -> float:
    """When it was first seen, by Frigate's clock; a clock that is a day off says nothing."""
    if isinstance(start, int | float) and abs(start) <= MAX_WHOLE and 0 <= now - start <= 86_400:
        return float(start)
    return now


async def run(intake: Intake, options: FrigateOptions) -> None:
    """Follow the recorder's broker until the connection ends."""
    conflator = Conflator(intake.name)
    events, available = f"{options.prefix}/events", f"{options.prefix}/available"
    decoder = msgspec.json.Decoder()

    async def hand_over(messages: list[Message]) -> None:
        parsed, now = Parsed(), intake.now()
        for message in messages:
            if message.topic == available:
                down = message.payload.strip() == b"offline"
                intake.trouble("Frigate says that it is offline." if down else "")
                if down:
                    conflator.end_all()
            elif not message.retained:  # who retains events retains old ones
                try:
                    data = decoder.decode(message.payload)
                except (msgspec.MsgspecError, RecursionError):
                    parsed.faults.append(RecordFault(message.topic, "it is no JSON"))
                else:
                    take(data, message.topic, conflator, now, options, parsed)
        if parsed.faults:
            await intake.give(parsed)
        await give_due(intake, conflator, now)

    async with kept(intake, conflator):
        await follow(intake, options, (events, available), hand_over)


ADAPTER = Adapter(
    type="frigate", options=FrigateOptions, parse=parse, kinds=("camera",), run=run, schemes=SCHEMES
)
