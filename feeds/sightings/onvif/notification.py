"""An ONVIF notification, and what of it a camera sees. Pure.

Source: ONVIF Core, "Event Service", and Analytics, annex A; topics of makers as seen. A property is said once
when it changes, `Initialized` when somebody subscribes: that is how it stands, nothing that happens now.
Values are texts whatever their type: "true", "1", "false", "0".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from feeds.reading.times import parse_time
from feeds.sightings.conflate import Conflator
from feeds.sightings.words import word_of_label
from wallboard.events import SeenWord

#: A property that became true is said no more until it is false; a camera that went away never says it (s).
PROPERTY_S = 3600.0

#: Of a topic and the names of its source, as the identity of what is seen.
MAX_THING = 200

#: How deep a published object is searched for its class.
MAX_DEPTH = 6

#: Part of a topic, in small letters → our word; the first that fits counts.
_TOPICS: tuple[tuple[str, SeenWord], ...] = (
    ("linedetector", "crossing"), ("crossed", "crossing"), ("linecross", "crossing"),
    ("fielddetector", "intrusion"), ("loitering", "intrusion"), ("intrusion", "intrusion"),
    ("signalloss", "signal_lost"), ("videoloss", "signal_lost"),
    ("tamper", "tamper"), ("globalscenechange", "tamper"), ("imagetoo", "tamper"),
    ("crowd", "crowd"), ("queuedetector", "crowd"),
    ("people", "person"), ("human", "person"), ("person", "person"), ("face", "person"),
    ("vehicle", "vehicle"), ("licenseplate", "vehicle"), ("cardetector", "vehicle"),
    ("petdetector", "animal"), ("dogcat", "animal"), ("animal", "animal"),
    ("abandoned", "object"), ("missingobject", "object"),
    ("motion", "motion"), ("tpsmartevent", "motion"),
)  # fmt: skip

#: Counters, inputs and sounds are no sight.
_NO_SIGHT = ("countaggregation", "trigger", "relay", "audio", "monitoring", "recording", "storage")

#: Where what a camera sees is said; all else is the device's own.
_SIGHTS = ("ruleengine/", "videosource/", "videoanalytics/", "useralarm/")

_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})


@dataclass(frozen=True)
class Notification:
    """One message, its topic without the names of namespaces."""

    topic: str
    operation: str = ""
    time: str = ""
    source: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)


def plain_topic(text: str) -> str:
    """ "tns1:RuleEngine/tnsaxis:LineDetector" without the names of namespaces."""
    return "/".join(level.rpartition(":")[2] for level in text.strip().split("/"))


def tell(
    conflator: Conflator, camera: str, said: Notification, now: float, what: tuple[SeenWord, ...]
) -> None:
    """Tell the conflator what a notification says of a camera; `what`: only these words, () all."""
    if said.operation.lower() == "initialized":
        return
    word = word_of(said)
    if not word or (what and word not in what):
        return
    thing = "|".join([said.topic, *(str(value) for value in said.source.values())])[:MAX_THING]
    state = None if said.operation.lower() == "deleted" else _state(said.data)
    observed = _observed(said.time)
    if said.operation.lower() == "deleted" or state is False:
        conflator.end(camera, thing)
    elif state is None:
        conflator.pulse(camera, thing, word, now, observed)
    else:
        conflator.begin(camera, thing, word, now, now, observed, PROPERTY_S)


def word_of(said: Notification) -> SeenWord:
    """Our word for what is seen; "" where the notification is of no sight."""
    topic = said.topic.lower()
    if any(part in topic for part in _NO_SIGHT):
        return ""
    word = next((word for part, word in _TOPICS if part in topic), None)
    if word is None:
        return "other" if topic.startswith(_SIGHTS) else ""
    if word == "motion" and (label := _class(said.data)):
        return word_of_label(label)
    return word


def _state(data: Mapping[str, Any]) -> bool | None:
    """Whether it is so; None: nothing in it is true or false, so it is something that happened."""
    found = [
        str(value).strip().lower()
        for name, value in data.items()
        if name.lower().startswith(("is", "state", "active", "value", "alarm", "tamper", "logicalstate"))
    ]
    if any(value in _TRUE for value in found):
        return True
    return False if any(value in _FALSE for value in found) else None


def _class(data: Any, depth: int = 0) -> str:
    """The class of a published object: Object.Appearance.Class.Type, as text, object or list of either."""
    if depth > MAX_DEPTH:
        return ""
    if isinstance(data, list):
        return next((label for each in data[:10] if (label := _class(each, depth + 1))), "")
    if not isinstance(data, dict):
        return ""
    kinds = data.get("Class")
    if isinstance(kinds, dict):
        kind = kinds.get("Type")
        kind = kind[0] if isinstance(kind, list) and kind else kind
        kind = kind.get("Type", kind.get("#text")) if isinstance(kind, dict) else kind
        return kind if isinstance(kind, str) else ""
    return next((label for each in data.values() if (label := _class(each, depth + 1))), "")


def _observed(text: str) -> float | None:
    """The camera's own time, UTC by the standard also where it says no zone; it orders nothing."""
    try:
        return parse_time(text, UTC)[0] if text else None
    except ValueError:
        return None
