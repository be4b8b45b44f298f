"""ONVIF events as JSON over MQTT (ONVIF Core, "MQTT"; Profile M): many cameras, one broker, no poll.

`PREFIX/onvif-ej/TOPIC…`: what stands before `onvif-ej` is the camera, what follows is its topic, and below a
level that begins with "&" the source. What the broker retains is how things stood, as `Initialized` is.
"""

from __future__ import annotations

from typing import Any

import msgspec

from feeds.base import Adapter, Context, Intake, Parsed, RecordFault
from feeds.mqtt.broker import SCHEMES, BrokerOptions, Message
from feeds.mqtt.session import follow
from feeds.mqtt.topics import wrong_filter
from feeds.sightings.conflate import Conflator
from feeds.sightings.documents import reports_in
from feeds.sightings.keep import give_due, kept
from feeds.sightings.naming import check_sightings, entity_of
from feeds.sightings.onvif.notification import Notification, plain_topic, tell
from wallboard.events import SeenWord

#: Stands between the camera and the topic, by the standard.
MARK = "onvif-ej"


class OnvifMqttOptions(BrokerOptions, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]; `camera_list` is the [[feed]] of type "cameras" that lists the cameras."""

    camera_list: str
    #: what stands before /onvif-ej/ → id in that list; without an entry the two are the same
    cameras: dict[str, str] = msgspec.field(default_factory=dict)
    #: only these of our words; empty: all
    what: tuple[SeenWord, ...] = ()
    #: what is subscribed to
    topics: tuple[str, ...] = (f"+/{MARK}/#",)

    def __post_init__(self) -> None:
        BrokerOptions.__post_init__(self)
        check_sightings(self.camera_list, self.what)
        if not self.topics:
            raise ValueError("topics is empty: nothing would come")
        for topic in self.topics:
            if why := wrong_filter(topic):
                raise ValueError(f"the topic {topic!r} {why}")


def parse(payload: bytes, context: Context, options: OnvifMqttOptions) -> Parsed:
    """What the cameras see after messages {topic, payload}, as `mosquitto_sub -F %J` writes them."""
    conflator, parsed = Conflator(context.feed), Parsed()
    for where, data in reports_in(payload):
        if not isinstance(data, dict) or not isinstance(data.get("topic"), str):
            parsed.faults.append(RecordFault(where, "it is no {topic, payload}"))
        else:
            take(data["topic"], data.get("payload"), where, conflator, context.now, options, parsed)
    parsed.events.extend(conflator.due(context.now))
    return parsed


def take(
    topic: str,
    data: Any,
    where: str,
    conflator: Conflator,
    now: float,
    options: OnvifMqttOptions,
    parsed: Parsed,
) -> None:
    """Tell the conflator what one message says, or note why it says nothing."""
    name, found, path = topic.partition(f"/{MARK}/")
    camera = entity_of(name, options.camera_list, options.cameras) if found else ""
    if not camera:
        parsed.faults.append(
            RecordFault(where, f"the topic is not CAMERA/{MARK}/…, or its camera's name too long")
        )
        return
    if not isinstance(data, dict) or not isinstance(data.get("Data", {}), dict):
        parsed.faults.append(RecordFault(where, "it is no ONVIF event: an object with Data"))
        return
    levels = path.split("/")
    below = next((index for index, level in enumerate(levels) if level.startswith("&")), len(levels))
    source = data.get("Source")
    said = Notification(
        topic=plain_topic("/".join(levels[:below])),
        operation=str(data.get("PropertyOperation", "")),
        time=str(data.get("UtcTime", "")),
        source={
            **(source if isinstance(source, dict) else {}),
            **({"&": "/".join(levels[below:])} if below < len(levels) else {}),
        },
        data=data.get("Data", {}),
    )
    tell(conflator, camera, said, now, options.what)


async def run(intake: Intake, options: OnvifMqttOptions) -> None:
    """Follow the broker until the connection ends."""
    conflator = Conflator(intake.name)
    decoder = msgspec.json.Decoder()

    async def hand_over(messages: list[Message]) -> None:
        parsed, now = Parsed(), intake.now()
        for message in messages:
            if message.retained:
                continue
            try:
                data = decoder.decode(message.payload)
            except (msgspec.MsgspecError, RecursionError):
                parsed.faults.append(RecordFault(message.topic, "it is no JSON"))
            else:
                take(message.topic, data, message.topic, conflator, now, options, parsed)
        if parsed.faults:
            await intake.give(parsed)
        await give_due(intake, conflator, now)

    async with kept(intake, conflator):
        await follow(intake, options, options.topics, hand_over)


ADAPTER = Adapter(
    type="onvif_mqtt", options=OnvifMqttOptions, parse=parse, kinds=("camera",), run=run, schemes=SCHEMES
)
