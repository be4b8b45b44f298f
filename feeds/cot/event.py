"""One Cursor on Target event (MITRE, version 2.0) as what it says. Pure.

9999999 stands for "unknown" in heights and errors, and a point at 0, 0 for a device without a fix.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from xml.etree.ElementTree import Element

from feeds.cap.xml import children, local
from feeds.reading.documents import load_xml
from feeds.reading.private import mask_numbers
from feeds.reading.times import parse_time
from feeds.reports import MAX_ID_CHARS
from wallboard.text import harmless, title

#: From here on a height or an error is "unknown"; some programs round the figure.
UNKNOWN = 9_999_990.0


@dataclass(frozen=True)
class CotEvent:
    """What an event says. Times are seconds since 1970."""

    uid: str
    type: str
    time: float
    start: float
    stale: float
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    callsign: str
    remarks: str
    #: words of an alarm ("911 Alert")
    emergency: str
    #: the alarm of this uid was called off
    cancelled: bool
    #: uid of what this event takes away; "" where it takes nothing
    removes: str
    flags: tuple[str, ...]


def read_event(payload: bytes) -> CotEvent:
    """The event in `payload`. Raises BadDocument where it is no XML, ValueError where a part is wrong."""
    root = load_xml(payload)
    if local(root) != "event":
        raise ValueError(f"a <{title(local(root))}> is no event")
    uid, kind = _id(root.get("uid", "")), title(root.get("type", ""))
    if not uid or not kind:
        raise ValueError("it has no uid" if not uid else "it has no type")
    detail = next(children(root, "detail"), Element("detail"))
    emergency = next(children(detail, "emergency"), None)
    time = _time(root, "time")
    lon, lat, accuracy, flags = _point(next(children(root, "point"), None))
    return CotEvent(
        uid=uid,
        type=kind,
        time=time,
        start=_time(root, "start", time),
        stale=_time(root, "stale"),
        lon=lon,
        lat=lat,
        accuracy_m=accuracy,
        callsign=mask_numbers(title(_attribute(detail, "contact", "callsign"))),
        remarks=mask_numbers(harmless(_text(detail, "remarks"))),
        emergency=mask_numbers(title(emergency.get("type", "") if emergency is not None else "")),
        cancelled=emergency is not None and emergency.get("cancel", "").casefold() == "true",
        removes=_id(_attribute(detail, "link", "uid")) if kind == "t-x-d-d" else "",
        flags=flags,
    )


def _time(root: Element, name: str, default: float | None = None) -> float:
    written = root.get(name, "").strip()
    if not written and default is not None:
        return default
    if not written:
        raise ValueError(f"it has no {name}")
    try:
        return parse_time(written, UTC)[0]  # of the standard; programs that leave the Z out mean it, too
    except ValueError as fault:
        raise ValueError(f"{name}: {fault}") from None


def _point(point: Element | None) -> tuple[float | None, float | None, float | None, tuple[str, ...]]:
    if point is None:
        return None, None, None, ()
    try:
        lon, lat = float(point.get("lon", "")), float(point.get("lat", ""))
        error = float(point.get("ce") or "nan")
    except ValueError:
        return None, None, None, ("bad_coordinates",)
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        return None, None, None, ("bad_coordinates",)
    if lon == 0 and lat == 0:
        return None, None, None, ()
    return lon, lat, error if 0 < error < UNKNOWN else None, ()


def _id(text: str) -> str:
    line = title(text)
    if len(line) > MAX_ID_CHARS:
        raise ValueError(f"a uid has at most {MAX_ID_CHARS} characters")
    return line


def _attribute(detail: Element, child: str, name: str) -> str:
    return next((each.get(name, "") for each in children(detail, child)), "")


def _text(detail: Element, child: str) -> str:
    return next(("".join(each.itertext()) for each in children(detail, child)), "")
