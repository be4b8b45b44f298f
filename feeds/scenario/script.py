"""The script of the day (scenario.toml), typed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from feeds.scenario.clock import minute_of
from wallboard.errors import WallboardError

#: A time of the day, "09:30".
Hour = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-4]):[0-5]\d$")]


class Part(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A table of the script; an unknown key is a fault."""


class Day(Part):
    """[day]: when the day begins and ends, and at what hour the play starts."""

    begins: Hour
    ends: Hour
    start: Hour


class Kind(Part):
    """[[kind]]: what people report on any day."""

    category: str
    weight: float
    titles: list[str]
    text: str
    agency: str


class Everyday(Part):
    """[everyday]: the steady trickle of reports. Minutes and hours are the day's."""

    every_minutes: float
    #: most are done within these hours …
    hours: tuple[float, float]
    #: … this share takes these
    slow: float
    slow_hours: tuple[float, float]
    #: channel → share
    channels: dict[str, float]
    notes: list[str]


class Report(Part):
    """[[report]]: one report of the story. Placed by `place`, by `lon` and `lat`, or by its address alone."""

    key: str
    category: str
    title: str
    text: str
    at: Hour
    until: Hour
    channel: str
    agency: str
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    address: str = ""
    severity: Literal["", "danger", "severe", "caution"] = ""


class Burst(Part):
    """[[burst]]: many reports of one thing, around some places."""

    key: str
    category: str
    titles: list[str]
    text: str
    agency: str
    count: int
    begins: Hour
    ends: Hour
    #: how long each stays open (minutes of the day)
    lasts: tuple[float, float]
    places: list[str]
    spread_m: float
    channels: list[str]


class Rate(Part):
    """A point of the curve of calls; between two points it is straight. Calls a real minute."""

    at: Hour
    calls: float
    pranks: float = 0.0


class Line(Part):
    """[[line]]: a queue of the exchange and its call takers."""

    queue: str
    #: share of the calls
    share: float
    agents: list[str]


class Calls(Part):
    """[calls]: durations are real seconds, whatever the speed."""

    rates: list[Rate]
    talk: tuple[float, float]
    prank_talk: tuple[float, float]
    #: who is not answered hangs up after about this long
    patience: float
    #: numbers of those who call for fun
    pranksters: list[str]


class Wave(Part):
    """[[gauge]]: a gate's level over the day: `low`, rising to `high`, and back."""

    place: str
    low: float
    high: float
    rises: Hour
    peak: Hour
    falls: Hour
    over: Hour


class Bulletin(Part):
    """[[warning]]: a CAP message; `onset` and `expires` are times of the day."""

    key: str
    at: Hour
    onset: Hour
    expires: Hour
    type: Literal["Alert", "Update", "Cancel"] = "Alert"
    status: Literal["Actual", "Exercise"] = "Actual"
    #: key of the message that this one replaces or ends
    replaces: str = ""
    urgency: str = "Expected"
    severity: str = "Moderate"
    certainty: str = "Likely"
    #: by language: event, headline, text, instruction, area
    words: dict[str, dict[str, str]] = {}
    #: [lon, lat] of the corners
    polygon: list[tuple[float, float]] = []


class Quake(Part):
    """[[quake]]: far away, on day 0 and then every so many days of the play."""

    at: Hour
    lon: float
    lat: float
    magnitude: float
    depth_km: int
    region: str
    potential: str
    felt: str = ""
    every_days: Annotated[int, msgspec.Meta(ge=1)] = 1


class Commodity(Part):
    """[[commodity]]: its usual price, and how far the morning's survey lies above or below yesterday's."""

    code: str
    name: str
    unit: str
    price: int
    change: float = 0.0


class Market(Part):
    """[market]"""

    survey: Hour
    places: list[str]


class CameraFault(Part):
    """[[camera]]: a camera that does not do as it should; without times, all day."""

    place: str
    state: Literal["offline", "frozen"]
    begins: Hour = "00:00"
    ends: Hour = "24:00"


class Outage(Part):
    """[[outage]]: a source does not answer."""

    source: str
    begins: Hour
    ends: Hour
    reason: str


class Script(Part):
    """scenario.toml"""

    day: Day
    everyday: Everyday
    kind: list[Kind]
    report: list[Report]
    burst: list[Burst]
    calls: Calls
    line: list[Line]
    gauge: list[Wave]
    warning: list[Bulletin]
    quake: list[Quake]
    market: Market
    commodity: list[Commodity]
    camera: list[CameraFault]
    outage: list[Outage]

    def __post_init__(self) -> None:
        begins, start, ends = (minute_of(at) for at in (self.day.begins, self.day.start, self.day.ends))
        if not begins <= start < ends:
            raise ValueError("day: begins, start and ends come in this order")
        keys = [warning.key for warning in self.warning]
        for warning in self.warning:
            if warning.replaces and warning.replaces not in keys:
                raise ValueError(f"warning {warning.key} replaces {warning.replaces!r}, which is none")


def read_script(path: Path) -> Script:
    """The script; raises WallboardError with the file and the place of the fault."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Script)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.MsgspecError) as fault:
        raise WallboardError(f"{path.name} cannot be used: {fault}.") from fault
