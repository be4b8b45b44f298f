"""What is shown: the entities of the keyed state, by kind.

Every entity says who may see it at all in `scope`: "city" (everybody of the city), "public" (citizens too),
"d:CODE" for each district it lies in (all levels, and all candidates near an edge), "a:CODE" for each agency
that has it. An empty scope is seen only by those without a limit. A kind that is not in KINDS is visible to
nobody. Times are seconds since 1970 (UTC), coordinates [lon, lat] in WGS 84 degrees, distances metres.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from wallboard.place import Place

Severity = Literal["danger", "severe", "caution"]
SEVERITIES: tuple[Severity, ...] = ("danger", "severe", "caution")

#: A Redis hash value and a frame stay small; what is larger is refused with a reason.
MAX_ENTITY_BYTES = 64 * 1024


class Order(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """Where an observation stands in its source's order: (run, seq), else (0, min(observed, received))."""

    run: float
    seq: float


# gc=False: entities are trees of values, never cycles, so the collector need not walk through all of them
# again and again; that took a tenth of the engine's time.
class Entity(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """The part that all kinds share."""

    id: str
    scope: tuple[str, ...] = ()
    #: how new what it says is: observed_at of the newest observation, never later than received_at
    at: float = 0.0
    #: the feed that it came by; empty for what the engine computes
    feed: str = ""
    flags: tuple[str, ...] = ()
    #: where its newest observation stands; an older or equal one changes nothing
    order: Order | None = None


class IncidentSource(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """What the source says; replaced by newer observations, never touched by people here."""

    title: str
    text: str = ""
    category_raw: str = ""
    category_name: str = ""
    status: Literal["open", "closed"] = "open"
    status_raw: str = ""
    status_notes: str = ""
    agency_raw: str = ""
    address: str = ""
    opened_at: float = 0.0
    closed_at: float | None = None
    expected_at: float | None = None
    media_url: str = ""


class IncidentOurs(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """What rules and people here did; never touched by a feed."""

    status: str = "received"
    severity: Severity | None = None
    notes: tuple[dict[str, Any], ...] = ()


class Incident(Entity, tag_field="kind", tag="incident"):
    """A report or incident. Open while source.status is "open"."""

    source: IncidentSource
    ours: IncidentOurs
    place: Place
    #: our category, agency and channel codes, from the configuration
    category: str = ""
    agency: str = ""
    channel: str = ""
    severity: Severity | None = None
    #: when the newest observation that changed it was received
    received_at: float = 0.0


class Call(Entity, tag_field="kind", tag="call"):
    """A live call in a queue; leaves the state a short while after its end."""

    queue: str
    state: Literal["waiting", "ringing", "talking", "ended"]
    since: float
    joined_at: float
    position: int | None = None
    caller: str = ""
    repeated: int = 0
    agent: str = ""
    outcome: Literal["", "answered", "abandoned", "left"] = ""


class QueueWindow(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Figures of one queue over one window of time."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    #: abandoned within the configured short time: left out of the service level
    short_abandoned: int = 0
    #: left the queue with no known outcome (time-out, key press)
    left: int = 0
    #: share 0..1 answered within T of those offered less short abandons; None: nobody called
    service_level: float | None = None
    #: average speed of answer (s)
    asa_s: float | None = None
    abandon_rate: float | None = None
    talk_s: float | None = None


class Queue(Entity, tag_field="kind", tag="queue"):
    """A queue of the exchange and its figures."""

    name: str
    waiting: int = 0
    #: when the longest waiting caller joined; the page shows the duration
    oldest_joined_at: float | None = None
    #: T of the service level (s)
    target_s: float = 15.0
    windows: dict[str, QueueWindow] = {}
    #: number of call takers by state: free, ringing, busy, hold, paused, unavailable, unknown
    agents: dict[str, int] = {}
    #: false between the loss of the exchange and the next whole snapshot
    live: bool = True


class Agent(Entity, tag_field="kind", tag="agent"):
    """A call taker over all queues."""

    name: str
    state: str = "unknown"
    since: float = 0.0
    paused: bool = False
    reason: str = ""
    queues: tuple[str, ...] = ()
    calls_taken: int | None = None


class CameraStream(msgspec.Struct, kw_only=True, omit_defaults=True):
    type: str
    url: str = ""


class Camera(Entity, tag_field="kind", tag="camera"):
    """A camera and the health of its stream."""

    name: str
    place: Place
    streams: tuple[CameraStream, ...] = ()
    state: Literal["online", "frozen", "offline", "unknown"] = "unknown"
    #: since when it is in this state
    since: float = 0.0
    checked_at: float | None = None
    reason: str = ""
    #: the list's own word, what it means, and how old that is: the check above does not lean on it
    status_raw: str = ""
    claimed: Literal["online", "offline", "unknown"] = "unknown"
    listed_at: float = 0.0
    address: str = ""


class HazardText(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The words of a warning in one language."""

    event: str = ""
    headline: str = ""
    text: str = ""
    instruction: str = ""
    sender_name: str = ""
    area: str = ""


class HazardCover(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """A district that a hazard covers, with the share of the district's area (0..1)."""

    code: str
    name: str
    share: float


class Hazard(Entity, tag_field="kind", tag="hazard"):
    """A warning in force, soon in force, or an earthquake lately."""

    type: Literal["cap", "quake"]
    #: words by language code ("id", "en", else as the source says)
    texts: dict[str, HazardText]
    #: soon: its onset is to come; ended: shown a while longer, never with a level
    state: Literal["soon", "active", "ended"] = "active"
    ended_at: float | None = None
    ended_by: Literal["", "expired", "cancelled", "superseded"] = ""
    #: an update is an entity of its own; all of one chain of updates share this
    chain: str = ""
    #: messages of one group supersede each other where they overlap
    group: str = ""
    sender: str = ""
    identifier: str = ""
    category: tuple[str, ...] = ()
    #: Actual, Exercise, Test, …: only Actual is real
    status: str = "Actual"
    severity: str = "Unknown"
    urgency: str = "Unknown"
    certainty: str = "Unknown"
    #: our severity for the wall; None: for information
    level: Severity | None = None
    sent: float = 0.0
    onset: float | None = None
    expires: float | None = None
    web: str = ""
    #: GeoJSON geometry, simplified for the map; None where the warning names no shape
    geometry: dict[str, Any] | None = None
    geocodes: tuple[tuple[str, str], ...] = ()
    districts: tuple[HazardCover, ...] = ()
    #: "city": covers a part of the city; "outside": none of it; "unknown": it names no shape
    where: Literal["city", "outside", "unknown"] = "unknown"
    cameras: int = 0
    incidents: int = 0
    #: earthquakes
    magnitude: float | None = None
    depth_km: float | None = None
    lon: float | None = None
    lat: float | None = None
    region: str = ""
    potential: str = ""
    tsunami: bool = False
    felt: tuple[tuple[str, str], ...] = ()
    #: distance of an earthquake from the city's middle (km)
    distance_km: float | None = None
    #: the source's own key: "sender,identifier,sent"
    message: str = ""


class GaugeLevel(msgspec.Struct, kw_only=True, omit_defaults=True):
    name: str
    from_value: float
    severity: Severity | None = None


class Gauge(Entity, tag_field="kind", tag="gauge"):
    """A flood gate or water level."""

    name: str
    place: Place
    unit: str = "cm"
    value: float | None = None
    observed_at: float = 0.0
    #: our level by the levels in force on that day; "" below the lowest
    level: str = ""
    severity: Severity | None = None
    level_raw: str = ""
    levels: tuple[GaugeLevel, ...] = ()
    river: str = ""
    #: change per hour over the last readings
    rate_per_h: float | None = None
    #: last readings as (time, value), oldest first
    history: tuple[tuple[float, float], ...] = ()


class Price(Entity, tag_field="kind", tag="price"):
    """A commodity's price at a market, or over the city where the market is empty."""

    commodity: str
    name: str
    market: str = ""
    market_name: str = ""
    place: Place | None = None
    level: str = "consumer"
    unit: str = "kg"
    #: whole rupiah
    price: int = 0
    #: day of the survey, YYYY-MM-DD; `fetched_at` is when we got it
    survey_date: str = ""
    fetched_at: float = 0.0
    previous: int | None = None
    previous_date: str = ""
    change: int | None = None
    ceiling: int | None = None
    #: (price − ceiling) / ceiling
    disparity: float | None = None
    decree: str = ""
    #: last surveys as (date, price), oldest first
    history: tuple[tuple[str, int], ...] = ()


class Alert(Entity, tag_field="kind", tag="alert"):
    """Section 7: one condition of one rule on one subject."""

    rule: str
    #: "kind:id" of what it is about
    subject: str
    severity: Severity
    state: Literal["normal", "unacknowledged", "acknowledged", "returned_unacknowledged"]
    episode: int = 1
    version: int = 1
    since: float = 0.0
    ended_at: float | None = None
    #: words by language
    texts: dict[str, str] = {}
    place: Place | None = None
    district: str = ""
    instruction: dict[str, str] = {}
    value: float | None = None


class DistrictCount(msgspec.Struct, kw_only=True, omit_defaults=True):
    open: int = 0
    overdue: int = 0
    cameras: int = 0
    cameras_down: int = 0


class District(Entity, tag_field="kind", tag="district"):
    """A district's figures; its shape is in /geo/districts.json."""

    name: str
    level: int
    counts: DistrictCount
    parent: str = ""
    #: worst severity of what is open in it
    worst: Severity | None = None
    #: hazards in force over it: ids
    hazards: tuple[str, ...] = ()


class Feed(Entity, tag_field="kind", tag="feed"):
    """A feed's health, for the strip at the wall's foot."""

    name: str
    type: str
    #: waiting: nothing yet; silent: nothing for three periods
    state: Literal["waiting", "ok", "failing", "silent", "stopped"]
    since: float
    reason: str = ""
    last_good_at: float | None = None
    period_s: float = 0.0
    documents: int = 0
    events: int = 0
    faults: int = 0
    lost: int = 0
    skew_s: float | None = None
    #: records that could not be processed, kept in {c}:dead
    dead: int = 0


class Wall(Entity, tag_field="kind", tag="wall"):
    """A wall's screen and whether its glass is up to date."""

    name: str
    state: Literal["painting", "behind", "gone"]
    since: float
    node: str = ""
    age_s: float | None = None


class City(Entity, tag_field="kind", tag="city"):
    """The city as a whole: one entity, id "city"."""

    name: str
    time_zone: str
    languages: tuple[str, ...] = ("id", "en")
    simulation: bool = False
    boundaries: str = ""
    #: incidents: open ones, those of them without a district, and what the city's own day brought; by
    #: channel and by our category the open ones ("*": the sum of what is beyond 60 names)
    open: int = 0
    outside: int = 0
    no_location: int = 0
    received_today: int = 0
    closed_today: int = 0
    by_channel: dict[str, int] = {}
    by_category: dict[str, int] = {}


class Metric(Entity, tag_field="kind", tag="metric"):
    """One computed figure."""

    value: float
    unit: str = ""


class Series(Entity, tag_field="kind", tag="series"):
    """One figure over time: points (time, value), oldest first."""

    points: tuple[tuple[float, float], ...] = ()
    unit: str = ""


AnyEntity = (
    Incident
    | Call
    | Queue
    | Agent
    | Camera
    | Hazard
    | Gauge
    | Price
    | Alert
    | District
    | Feed
    | Wall
    | City
    | Metric
    | Series
)

#: kind → its class; what is not here is no kind of entity.
KINDS: dict[str, type[Entity]] = {
    "incident": Incident,
    "call": Call,
    "queue": Queue,
    "agent": Agent,
    "camera": Camera,
    "hazard": Hazard,
    "gauge": Gauge,
    "price": Price,
    "alert": Alert,
    "district": District,
    "feed": Feed,
    "wall": Wall,
    "city": City,
    "metric": Metric,
    "series": Series,
}

KIND_OF: dict[type[Entity], str] = {struct: kind for kind, struct in KINDS.items()}

encoder = msgspec.json.Encoder()
