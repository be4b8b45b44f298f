"""The configuration of one city, typed. `wallboard/settings.py` reads and checks it.

One file, `city.toml`, a city. Paths in it are relative to the file. Durations are written "15s", "5min",
"6h", "7d" and held in seconds. Secrets stand in environment variables or files, never in this file.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from wallboard.entities import Severity

#: A duration: written "15s", "5min", "6h", "7d", held in seconds.
Seconds = Annotated[float, msgspec.Meta(extra={"unit": "s"})]

#: A day: written 2025-08-22 or "2025-08-22", held as text, which sorts.
Day = Annotated[str, msgspec.Meta(pattern=r"^(\d{4}-\d{2}-\d{2})?$", extra={"unit": "day"})]


class Part(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A table of the configuration; an unknown key is a fault."""


class Identity(Part):
    """[city]"""

    name: str
    #: hash tag of all keys in Redis; letters, digits, "-"
    key: str
    #: IANA name, for example Asia/Jakarta
    time_zone: str
    languages: list[str] = msgspec.field(default_factory=lambda: ["id", "en"])
    #: shown on every page; only the demo sets it
    simulation: bool = False
    #: the city's zone of price ceilings ("I"); empty: ceilings of every zone count
    price_zone: str = ""


class LevelConfig(Part):
    """One level of the boundaries: names of the GeoJSON properties, and what people call the level."""

    code: str
    name: str
    label: str = ""


class BoundariesConfig(Part):
    """[boundaries]"""

    file: str
    source: str
    version: str
    #: highest first
    levels: list[LevelConfig]
    #: just outside (harbour, reclaimed land) is the nearest district within this many metres
    gap_limit_m: float = 500.0
    #: a source without an accuracy of its own is taken to be this exact
    default_accuracy_m: float = 10.0
    #: the GeoJSON property with the number of people in a district; empty: nobody is counted
    population: str = ""
    #: table of another list's codes and names, as `init --crosswalk` writes it; empty: only our own are known
    crosswalk: str = ""


class PlaceConfig(Part):
    """[[place]]: a market, junction, hospital … that reports may name instead of coordinates."""

    name: str
    lon: float
    lat: float
    kind: str = ""
    id: str = ""
    aliases: list[str] = []


class StatusConfig(Part):
    """[[status]]: a level of the city's status, the calmest first; without any, Siaga IV to I."""

    code: str
    #: words by language
    name: dict[str, str]
    #: its colour and shape; none: normal
    severity: Severity | None = None
    #: title of who is in command
    commander: dict[str, str] = {}
    #: what it means
    meaning: dict[str, str] = {}
    #: what everybody does
    instruction: dict[str, str] = {}
    #: all walls turn to the page `emergency`
    emergency: bool = False


class PmtilesConfig(Part):
    """[map.pmtiles]: a base map in one local file, which this server gives out."""

    file: str
    #: whose map it is, shown on the map
    attribution: str
    opacity: float = 1.0


class TilesConfig(Part):
    """[map.tiles]: a raster tile server below the districts."""

    #: https://host/{z}/{x}/{y}.png
    url: str
    attribution: str
    min_zoom: int = 0
    max_zoom: int = 19
    #: over the dark ground of the wall: bright maps are dimmed by it
    opacity: float = 0.5


class WmsConfig(Part):
    """[[map.wms]]: layers of a WMS above the ground, for example zones of land values."""

    #: in the map's legend, and by which a layout chooses it
    name: str
    url: str
    #: as the server names them, with commas between
    layers: str
    attribution: str
    opacity: float = 0.5
    #: of when what it shows is: "2025", "2025-07" or "2025-07-01"; beside its name in the legend
    as_of: str = ""


class MapConfig(Part):
    """[map]"""

    #: GeoJSON with a property `layer` (sea, land, river, lake, road, rail); empty: districts alone
    basemap: str = ""
    #: which level of the boundaries the map colours, 0 = highest; -1: the lowest but one
    level: int = -1
    #: what the map shows: [west, south, east, north] in degrees; empty: all boundaries. For a city whose
    #: far islands would make the rest small.
    frame: list[float] = []
    pmtiles: PmtilesConfig | None = None
    tiles: TilesConfig | None = None
    wms: list[WmsConfig] = []


class AgencyConfig(Part):
    """[[agency]]: an OPD/SKPD or other body that acts on incidents."""

    code: str
    name: str


class CategoryConfig(Part):
    """[[category]]: what an incident is about, which agency acts, and how grave it is by itself."""

    code: str
    #: words by language
    name: dict[str, str]
    agency: str = ""
    channel: str = ""
    severity: Severity | None = None
    #: the sources' own codes or names, `*` stands for anything, case does not count
    match: list[str] = []


class CeilingConfig(Part):
    """[[ceiling]]: a price ceiling (HET), or a reference price or band (HAP), from a day to a day."""

    commodity: str
    #: the ceiling, or the upper end of a band
    price: int
    since: Day
    until: Day = ""
    unit: str = "kg"
    zone: str = ""
    decree: str = ""
    #: lower end of a band; 0: none
    low: int = 0
    #: HET binds who sells, HAP is what a price is compared with
    rule: Literal["HET", "HAP"] = "HET"


class CommodityConfig(Part):
    """[[commodity]]: our code for a commodity and the sources' own names of it."""

    code: str
    name: dict[str, str]
    match: list[str] = []


class GaugeLevelConfig(Part):
    """One level of a gauge, from a value upwards."""

    name: str
    from_value: float
    severity: Severity | None = None


class GaugeConfig(Part):
    """[[gauge]]: the levels of gauges, which hold from a day (levels are measured anew after works)."""

    #: ids or names of the source, `*` stands for anything
    match: list[str]
    levels: list[GaugeLevelConfig]
    since: Day = "1970-01-01"


class CallsConfig(Part):
    """[calls]: how the figures of the call centre are counted."""

    #: T of the service level (s)
    answer_within: Seconds = 15.0
    #: who hangs up sooner is left out of the service level (s)
    short_abandon: Seconds = 5.0
    #: queue name of the exchange → words on the wall
    names: dict[str, str] = {}
    #: channels by which reports come from the emergency number. The exchange tells no place: a call that
    #: became a report is what a district can count.
    channels: list[str] = msgspec.field(default_factory=lambda: ["112"])


class RetentionConfig(Part):
    """[retention]: how long what has ended stays in the state, by kind (s); history keeps it."""

    incident: Seconds = 6 * 3600.0
    call: Seconds = 300.0
    hazard: Seconds = 600.0
    quake: Seconds = 24 * 3600.0
    camera: Seconds = 24 * 3600.0
    gauge: Seconds = 30 * 24 * 3600.0
    price: Seconds = 60 * 24 * 3600.0
    landvalue: Seconds = 400 * 24 * 3600.0


class StepConfig(Part):
    """[[rule.escalate]]: who is told when nobody has acknowledged for so long."""

    #: after the alert was raised (s)
    after: Seconds
    #: code of a [[group]]
    to: str


RuleType = Literal[
    "threshold", "absence", "rate", "share", "sla", "price", "gauge", "cover", "burst", "queue"
]  # fmt: skip

#: Types of rules that look at entities of one kind alone.
RULE_KINDS = {
    "sla": "incident",
    "price": "price",
    "gauge": "gauge",
    "cover": "hazard",
    "burst": "incident",
    "queue": "queue",
}


class RuleConfig(Part):
    """[[rule]]: a condition that raises an alert. docs/rules.md says which key has a use in which type."""

    id: str
    type: RuleType
    #: of the alert; `gauge` and `cover`: the least that alerts, the alert has the level's own
    severity: Severity
    #: words by language; {name}, {value}, {id} and more by type are filled in
    text: dict[str, str]
    #: kind of the entities it looks at; some types have one of their own
    kind: str = ""
    #: path to the figure in the entity, for example "value" or "windows.15m.service_level"
    field: str = ""
    above: float | None = None
    below: float | None = None
    #: only entities whose fields equal these; `share`: those in the state
    where: dict[str, Any] = {}
    #: `share`: which of them count at all
    among: dict[str, Any] = {}
    #: `share`: of those that count; `cover`: of a district's area; `price`: over the ceiling (0.1 = 10 %)
    share: float | None = None
    #: `share`, `burst`: at least so many things; `queue`: calls offered
    least: int = 3
    #: `share`, `cover`, `burst`: level of the districts, 0 = highest; -1: the lowest but one
    level: int = -1
    #: `rate`, `burst`: the span over which is counted (s)
    within: Seconds = 3600.0
    #: `sla`: which clocks; none: any
    clock: list[Literal["verify", "accept", "resolve"]] = []
    #: `queue`: the longest wait (s), or the service level that it may fall to (0..1)
    wait: Seconds = 0.0
    service_level: float | None = None
    #: `queue`: over which of its windows
    window: Literal["15m", "hour", "day"] = "15m"
    #: `burst`: so many or more would come by chance less often than this (0..1)
    chance: float = 0.0001
    #: `burst`: what is usual is learned for so long before it alerts (s)
    learn: Seconds = 7 * 24 * 3600.0
    #: what was last heard of longer ago is not judged (s); 0: any age
    max_age: Seconds = 0.0
    #: how long the condition must hold before it alerts (s), and be gone before it ends (s)
    on_delay: Seconds = 0.0
    off_delay: Seconds = 0.0
    #: absence: no newer `at` for this long (s); 0: three of the entity's own periods
    silent_for: Seconds = 0.0
    instruction: dict[str, str] = {}
    #: code of the [[group]] that is told at once
    to: str = ""
    escalate: list[StepConfig] = []
    #: while an alert of this rule stands in the same district, alerts of this one are suppressed
    suppressed_by: str = ""
    #: an acknowledgement lapses after this long while the condition still holds (s); 0: never
    ack_lapses: Seconds = 0.0
    #: first and last day of the city's calendar on which it holds; empty: without an end
    since: Day = ""
    until: Day = ""


class AlarmsConfig(Part):
    """[alarms]: limits after ISA-18.2."""

    #: more new alerts than this in 10 min are a flood, until there are fewer than `flood_below`
    flood_above: int = 10
    flood_below: int = 5
    #: an alert that comes this often in a minute chatters
    chatter: int = 3
    #: an alert that has stood this long is stale (s)
    stale: Seconds = 24 * 3600.0
    #: the longest time an alert may be shelved (s)
    shelve_most: Seconds = 12 * 3600.0


class GroupConfig(Part):
    """[[group]]: who is told by an escalation."""

    code: str
    name: dict[str, str]
    #: log-in names that belong to it whatever the roster says
    people: list[str] = []
    email: list[str] = []
    #: names of [[notify.webhook]]
    webhook: list[str] = []
    #: topics of [notify.mqtt]
    mqtt: list[str] = []


class ShiftConfig(Part):
    """[[shift]]: a span of the day, and who is on duty in it, by group."""

    name: str
    #: "07:00"; a shift that ends before it begins goes over midnight
    begins: str
    ends: str
    #: 1 = Monday … 7 = Sunday
    days: list[int] = msgspec.field(default_factory=lambda: [1, 2, 3, 4, 5, 6, 7])
    #: code of a [[group]] → log-in names
    duty: dict[str, list[str]] = {}


class WebhookTarget(Part):
    """[[notify.webhook]]: signed as Standard Webhooks are."""

    name: str
    url: str
    #: "env:NAME" or "file:PATH" of the signing key (whsec_…)
    key: str


class SmtpConfig(Part):
    """[notify.smtp]"""

    #: smtp://host:25, smtps://host:465; STARTTLS is used where it is offered
    url: str
    sender: str
    user: str = ""
    #: "env:NAME" or "file:PATH"
    password: str = ""


class MqttConfig(Part):
    """[notify.mqtt]"""

    #: mqtt://host:1883 or mqtts://host:8883
    url: str
    user: str = ""
    #: "env:NAME" or "file:PATH"
    password: str = ""


class NotifyConfig(Part):
    """[notify]: ways out of the house."""

    webhook: list[WebhookTarget] = []
    smtp: SmtpConfig | None = None
    mqtt: MqttConfig | None = None


class SlaConfig(Part):
    """[[sla]]: by when an incident is to be verified, accepted and resolved; 0: no clock.

    Of those in force on the day the incident was opened, the one that names most of category, agency and
    channel holds; of equal ones that with the latest `since`, then the last.
    """

    since: Day = "1970-01-01"
    category: str = ""
    agency: str = ""
    channel: str = ""
    verify: Seconds = 0.0
    accept: Seconds = 0.0
    resolve: Seconds = 0.0
    #: the time of Saturdays, Sundays and [[holiday]]s does not count
    working_days: bool = False
    #: statuses of an incident in which its clocks stand still
    stops_in: list[str] = []


class HolidayConfig(Part):
    """[[holiday]]: a day off, for clocks that count working days."""

    day: Day
    name: str = ""


class ChannelConfig(Part):
    """[[channel]]: by which an incident comes."""

    code: str
    name: dict[str, str]


class LineConfig(Part):
    """[[line]]: another line or body that an incident is handed over to (110, 113, PLN …)."""

    code: str
    name: dict[str, str]


class QuestionConfig(Part):
    """[[quality.question]]: one question of the review form, answered with 0 to `points`."""

    code: str
    text: dict[str, str]
    points: int = 5


class QualityConfig(Part):
    """[quality]"""

    question: list[QuestionConfig] = []


class AuditConfig(Part):
    """[audit]: where checkpoints of the audit trail go."""

    #: a file, best on another machine; empty: the log alone
    checkpoints: str = ""
    #: how often one is told, if there is anything new (s)
    every: Seconds = 600.0


class FeedConfig(Part):
    """[[feed]]: one source. `options` is checked by its adapter."""

    name: str
    #: which adapter of feeds/registry.py: cap, bmkg_nowcast, open311, ami, cameras, webhook, …
    type: str
    title: str = ""
    url: str = ""
    #: how often to ask, for what is polled (s)
    every: Seconds = 60.0
    #: zone of times that the source writes without one; default the city's
    time_zone: str = ""
    channel: str = ""
    enabled: bool = True
    options: dict[str, Any] = {}


class GridConfig(Part):
    """layout.wide and layout.upright: the same layout on a screen of another form."""

    #: rows of area names, as in CSS grid-template-areas; an area is the panel of its name
    areas: list[str]
    #: sizes as in CSS grid-template-columns and -rows; empty: equal shares
    columns: str = ""
    rows: str = ""


class MapOptions(Part):
    """Options of a map in a layout."""

    #: by what its districts are shaded: open reports, late ones, warnings, reports by the emergency number
    shade: Literal["open", "overdue", "hazard", "calls"] = "open"
    #: which level of the boundaries it colours, 0 = highest; none: that of [map], of a district the next
    level: int | None = None
    #: code of the one district that it shows
    district: str = ""
    #: whether it moves to where something grave begins, and back
    follow: bool = True
    #: names of the [[map.wms]] that it shows; none: all of them
    overlays: list[str] | None = None


class CctvOptions(Part):
    """Options of the cameras in a layout."""

    #: stills and streams as each camera has them, stills alone, streams alone, or no pictures
    mode: Literal["auto", "snapshot", "hls", "list"] = "auto"
    #: at most so many pictures, where there is room
    pictures: int = 12
    #: ids of cameras that come after those where something is wrong, and before those that take turns
    cameras: list[str] = []
    #: code of the one district that it shows
    district: str = ""


class LayoutConfig(Part):
    """[[layout]]: a named grid of panels."""

    name: str
    #: rows of area names, as in CSS grid-template-areas; an area is the panel of its name
    areas: list[str]
    #: sizes as in CSS grid-template-columns and -rows; empty: equal shares
    columns: str = ""
    rows: str = ""
    #: areas that are another panel than their name says
    panels: dict[str, str] = {}
    #: options of the panels by area
    options: dict[str, dict[str, Any]] = {}
    #: where the screen is much wider than high, and where it stands upright
    wide: GridConfig | None = None
    upright: GridConfig | None = None


class PageConfig(Part):
    """One page of a wall: a layout, and how long it stands before the next."""

    layout: str
    #: with one page alone it stands for ever (s)
    show: Seconds = 30.0
    #: code of the one district that it shows; empty: the wall's
    district: str = ""


class WallConfig(Part):
    """[[wall]]: a named set of screens with what they show, at /wall/NAME and /wall/NAME/SCREEN."""

    name: str
    #: what people call it
    title: str = ""
    #: width of one screen and the distance from which it is read, in metres: text sizes follow from these
    width_m: float = 3.6
    distance_m: float = 6.0
    theme: Literal["dark", "light", "night"] = "dark"
    #: "22:00-05:00": the night theme then; empty: never
    night: str = ""
    #: empty: the city's first
    language: str = ""
    #: code of the one district that it shows, of any level; empty: the whole city
    district: str = ""
    #: "03:00-05:00" of the city's day: each screen loads its page anew once then; empty: never
    reload: str = "03:00-05:00"
    #: the page moves by a pixel now and then, against burn-in
    pixel_shift: bool = True
    #: whether alerts are heard: on all of its screens, or on those named
    sound: bool | list[str] = False
    #: what /wall/NAME shows, and each screen that has no pages of its own
    pages: list[PageConfig] = []
    #: name of a screen → its pages
    screens: dict[str, list[PageConfig]] = {}


class ScenarioConfig(Part):
    """[scenario]: the play behind addresses "sim:…" (feeds/scenario/), for a city with `simulation`."""

    #: the script of the day
    file: str = "scenario.toml"
    #: the places that the script names
    places: str = "places.json"
    #: minutes of the day a real minute
    speed: float = 60.0
    #: another one gives other reports, callers and prices of the same story
    seed: int = 1
    #: when the play begins (ISO 8601 with its zone), so that it goes on over restarts; "": with the server
    start: str = ""


class CityConfig(Part):
    """One city.toml."""

    city: Identity
    boundaries: BoundariesConfig
    map: MapConfig = msgspec.field(default_factory=MapConfig)
    calls: CallsConfig = msgspec.field(default_factory=CallsConfig)
    retention: RetentionConfig = msgspec.field(default_factory=RetentionConfig)
    #: a JSON file of places beside the [[place]] tables
    places_file: str = ""
    place: list[PlaceConfig] = []
    agency: list[AgencyConfig] = []
    category: list[CategoryConfig] = []
    commodity: list[CommodityConfig] = []
    ceiling: list[CeilingConfig] = []
    #: the ceilings that come with the program, for the city's commodities and zone, beneath its own
    ready_ceilings: bool = False
    gauge: list[GaugeConfig] = []
    #: rules that come with the program: true for all, or the ids of some; a [[rule]] of that id goes before
    ready_rules: bool | list[str] = False
    rule: list[RuleConfig] = []
    alarms: AlarmsConfig = msgspec.field(default_factory=AlarmsConfig)
    group: list[GroupConfig] = []
    shift: list[ShiftConfig] = []
    notify: NotifyConfig = msgspec.field(default_factory=NotifyConfig)
    #: clocks of good practice beneath the city's own [[sla]] (engine/incidents/rulebook.py)
    ready_sla: bool = False
    sla: list[SlaConfig] = []
    holiday: list[HolidayConfig] = []
    #: empty: the ready ones (wallboard/status.py)
    status: list[StatusConfig] = []
    channel: list[ChannelConfig] = []
    line: list[LineConfig] = []
    quality: QualityConfig = msgspec.field(default_factory=QualityConfig)
    audit: AuditConfig = msgspec.field(default_factory=AuditConfig)
    layout: list[LayoutConfig] = []
    wall: list[WallConfig] = []
    feed: list[FeedConfig] = []
    scenario: ScenarioConfig | None = None
    #: how long commits are kept in history files (s)
    history: Seconds = 400 * 24 * 3600.0

    def __post_init__(self) -> None:
        played = [feed.name for feed in self.feed if feed.enabled and feed.url.startswith("sim:")]
        if not played:
            return
        if not self.city.simulation:
            raise ValueError(f"feed {played[0]}: sim: is for a city with city.simulation = true alone")
        if self.scenario is None:
            raise ValueError(f"feed {played[0]}: its address sim: needs a [scenario]")
