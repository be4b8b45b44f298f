"""What is shown: the entities of the keyed state, by kind.

Every entity says who may see it at all in `scope`: "city" (everybody of the city), "public" (citizens too),
"d:CODE" for each district it lies in (all levels, and all candidates near an edge), "a:CODE" for each agency
that has it. An empty scope is seen only by those without a limit. A kind that is not in KINDS is visible to
nobody. Times are seconds since 1970 (UTC), coordinates [lon, lat] in WGS 84 degrees, distances metres.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from wallboard.events import SeenWord
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
    #: the source's own word; empty: as its category says
    channel: str = ""
    severity: Severity | None = None


class Note(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """What a person wrote."""

    at: float
    by: str
    text: str


class Step(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """One step of an incident's life: who brought it from where to where, and why."""

    at: float
    by: str
    was: str
    now: str
    #: agency, line, incident that it is a duplicate of, or how it was checked
    to: str = ""
    why: str = ""


IncidentStatus = Literal[
    "received", "verified", "assigned", "accepted", "in_progress", "resolved", "closed",
    "duplicate", "rejected", "prank", "referred",
]  # fmt: skip

#: In these nobody is expected to do anything more.
ENDED_STATUSES = frozenset({"closed", "duplicate", "rejected", "prank", "referred"})

#: Flag: its source opened it again after people here had ended it; it is open, and somebody should look.
REOPENED = "reopened_by_source"


class IncidentOurs(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """What rules and people here did; never touched by a feed."""

    status: IncidentStatus = "received"
    #: our own words, where they differ from the source's
    title: str = ""
    severity: Severity | None = None
    category: str = ""
    #: the newest ones; the audit trail has all
    notes: tuple[Note, ...] = ()
    #: the newest ones; the audit trail has all
    steps: tuple[Step, ...] = ()
    verified_at: float | None = None
    verified_by: str = ""
    #: the agency that people here gave it to; empty: the category's own
    agency: str = ""
    assigned_at: float | None = None
    accepted_at: float | None = None
    started_at: float | None = None
    resolved_at: float | None = None
    ended_at: float | None = None
    #: how often an agency gave it back, and who did last; they have it no more until it is given to them anew
    returned: int = 0
    returned_by: str = ""
    #: incident that this is a duplicate of; and how many are duplicates of this
    duplicate_of: str = ""
    duplicates: int = 0
    #: the line or body it was handed over to, and when
    referred_to: str = ""
    referred_at: float | None = None
    #: the call that it was taken from
    call: str = ""
    #: spans in which the clocks stood still, as [[sla]].stops_in says; the end of the last may be open
    pauses: tuple[tuple[float, float | None], ...] = ()


class Clock(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """One clock of an incident by the rules of its day: verify, accept or resolve."""

    name: Literal["verify", "accept", "resolve"]
    started_at: float
    due_at: float
    #: when 80 % of its time is over
    risk_at: float = 0.0
    #: when it stopped; None: it runs
    done_at: float | None = None
    #: it stands still; when it goes on, `due_at` and `risk_at` move by as much
    paused: bool = False


class Incident(Entity, tag_field="kind", tag="incident"):
    """A report or incident. Open while `over_at` is None."""

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
    #: since when nobody is expected to do anything more: its source closed it, or people here ended it
    over_at: float | None = None
    #: since when the agency has it
    agency_since: float = 0.0
    #: clocks that run or have stopped; `overdue` names those that run and have run over
    clocks: tuple[Clock, ...] = ()
    overdue: tuple[str, ...] = ()


CallMark = Literal["emergency", "information", "complaint", "proposal", "prank", "ghost"]

#: Calls that are noise: the service level is also given without them.
NOISE: frozenset[str] = frozenset({"prank", "ghost"})


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
    #: what the operator says it was, and who said so
    mark: CallMark | Literal[""] = ""
    marked_by: str = ""
    #: pranks of this caller before (by the keyed hash), for operators; nobody is blocked for it
    pranks: int = 0


class Review(Entity, tag_field="kind", tag="review"):
    """A marked call, kept for quality assurance after it has left the queue; its id is the call's."""

    queue: str
    agent: str
    joined_at: float
    answered_at: float | None = None
    ended_at: float | None = None
    wait_s: float | None = None
    talk_s: float | None = None
    mark: CallMark | Literal[""] = ""
    marked_by: str = ""
    shift: str = ""
    #: chosen for review or training, by whom
    chosen_by: str = ""
    training: bool = False
    #: answers to the form's questions by code (points), who gave them, when, and a remark
    answers: dict[str, int] = {}
    score: float | None = None
    reviewed_by: str = ""
    reviewed_at: float | None = None
    remark: str = ""


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
    #: the same without calls marked prank or ghost, and how many these were
    service_level_net: float | None = None
    noise: int = 0


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
    #: its still picture can be had at /api/v1/cameras/{id}/snapshot.jpg
    picture: bool = False
    #: the gravest of what it sees now by its own word; "": nothing. It ends by itself when nobody repeats it
    seen: SeenWord = ""
    #: since when it sees that, or saw the last of it; None: never heard of
    seen_since: float | None = None


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
    ended_by: Literal["", "expired", "cancelled", "superseded", "unlisted"] = ""
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
    #: how many live under it, by the covered shares of the districts; None: not known of each of them
    people: int | None = None
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
    #: lower end of a band, whose upper one is `ceiling`; None where it is no band
    ceiling_low: int | None = None
    #: HET, a ceiling that binds, or HAP, a reference; empty where there is neither
    ceiling_rule: Literal["", "HET", "HAP"] = ""
    #: (price − ceiling) / ceiling
    disparity: float | None = None
    decree: str = ""
    #: last surveys as (date, price), oldest first
    history: tuple[tuple[str, int], ...] = ()


class LandValue(Entity, tag_field="kind", tag="landvalue"):
    """A zone of land values; a district's mean is the metric "landvalue:CODE"."""

    name: str
    #: whole rupiah a square metre; `low` to `high` where the zone is a class
    value: int = 0
    low: int | None = None
    high: int | None = None
    #: of when the map is: "2025", "2025-07" or "2025-07-01"; `fetched_at` is when we got it
    as_of: str = ""
    fetched_at: float = 0.0
    previous: int | None = None
    previous_as_of: str = ""
    #: value / previous − 1
    change: float | None = None
    use: str = ""
    source: str = ""
    #: GeoJSON geometry, simplified for the map
    geometry: dict[str, Any] | None = None
    districts: tuple[HazardCover, ...] = ()
    where: Literal["city", "outside"] = "city"
    #: (as of, value), oldest map first
    history: tuple[tuple[str, int], ...] = ()


class Flagged(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """A flag beside an alert's state: who set it, why, and until when."""

    by: str
    at: float
    reason: str = ""
    #: None: until somebody takes it off
    until: float | None = None


AlertState = Literal["normal", "unacknowledged", "acknowledged", "returned_unacknowledged"]


class Alert(Entity, tag_field="kind", tag="alert"):
    """Section 7: one condition of one rule on one subject."""

    rule: str
    #: "kind:id" of what it is about
    subject: str
    severity: Severity
    state: AlertState
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
    #: who has seen it, when, on which screen; when that lapses
    acked_by: str = ""
    acked_at: float | None = None
    acked_on: str = ""
    ack_lapses_at: float | None = None
    #: action taken: who says so, when, what
    confirmed_by: str = ""
    confirmed_at: float | None = None
    confirmed: str = ""
    shelved: Flagged | None = None
    #: the rule by which it is suppressed
    suppressed: Flagged | None = None
    out_of_service: Flagged | None = None
    #: who is to see to it, since when, given by whom
    assigned: str = ""
    assigned_at: float | None = None
    assigned_by: str = ""
    #: what those are called who acknowledged, acted, or have it: log-in name → name
    names: dict[str, str] = {}
    notes: tuple[Note, ...] = ()
    #: since when it has waited for somebody, without an acknowledgement or flag; escalation counts from here
    waits_since: float | None = None
    #: escalation steps taken in this episode, and when the next is due
    escalated: int = 0
    escalates_at: float | None = None
    #: groups that were told, newest last
    told: tuple[str, ...] = ()
    #: short code for a phone: /a/CODE leads to it
    code: str = ""


class AgencyFigures(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How an agency answered over one span of time. Durations in seconds, shares 0..1."""

    #: where the span begins; it ends now
    since: float = 0.0
    received: int = 0
    accepted: int = 0
    resolved: int = 0
    returned: int = 0
    accept_median_s: float | None = None
    accept_p90_s: float | None = None
    resolve_median_s: float | None = None
    resolve_p90_s: float | None = None
    #: clocks that ran over in the span, by incident; and incidents resolved with all clocks in time
    late: int = 0
    kept: int = 0
    #: kept / (kept + late); None: nothing was decided
    in_time: float | None = None


class Agency(Entity, tag_field="kind", tag="agency"):
    """Whether an agency responds."""

    name: str
    open: int = 0
    overdue: int = 0
    #: since when the longest overdue one is so
    overdue_since: float | None = None
    #: "today", "7d", "30d"
    spans: dict[str, AgencyFigures] = {}
    #: (district code, category code) → (open, overdue), at most 200 pairs, "|" between the codes
    by: dict[str, tuple[int, int]] = {}


class PersonShown(Entity, tag_field="kind", tag="person"):
    """Somebody who may log in, as colleagues see them; the id is the log-in name."""

    name: str
    role: str
    agency: str = ""
    districts: tuple[str, ...] = ()
    disabled: bool = False
    #: on duty: groups of the roster, until when
    duty: tuple[str, ...] = ()
    duty_until: float | None = None
    seen_at: float | None = None


class Screen(Entity, tag_field="kind", tag="screen"):
    """A paired screen; the credential itself is only with the screen."""

    name: str
    wall: str
    #: its slot on that wall, as in /wall/{wall}/{slot}; "": any
    slot: str = ""
    districts: tuple[str, ...] = ()
    state: Literal["paired", "revoked"] = "paired"
    paired_by: str = ""
    paired_at: float = 0.0
    #: used from two places at once, since
    doubled_at: float | None = None


class DistrictCount(msgspec.Struct, kw_only=True, omit_defaults=True):
    open: int = 0
    overdue: int = 0
    cameras: int = 0
    cameras_down: int = 0
    #: open reports that came by the emergency number ([calls] channels): a call itself has no place
    calls: int = 0


class District(Entity, tag_field="kind", tag="district"):
    """A district's figures; its shape is in /geo/districts.json."""

    name: str
    level: int
    counts: DistrictCount
    parent: str = ""
    #: how many people live in it; None: not known
    population: int | None = None
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
    #: kinds of entities that it is a source of; "*": whatever its sender chooses
    kinds: tuple[str, ...] = ()
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


class Sent(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """Where somebody has sent a wall: to a layout, to a thing ("kind:id"), or both."""

    layout: str = ""
    subject: str = ""
    until: float
    by: str
    #: of who sent it: what the glass says, which everybody sees
    role: str = ""
    at: float


class Wall(Entity, tag_field="kind", tag="wall"):
    """A wall's screen and whether its glass is up to date."""

    name: str
    state: Literal["painting", "behind", "gone"]
    since: float
    node: str = ""
    age_s: float | None = None
    sent: Sent | None = None


class CityLevel(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A level of the city's status ([[status]]), as it was when it was declared; words by language."""

    name: dict[str, str]
    #: None: normal
    severity: Severity | None = None
    commander: dict[str, str] = {}
    meaning: dict[str, str] = {}
    instruction: dict[str, str] = {}
    #: all walls turn to the page `emergency`
    emergency: bool = False


class City(Entity, tag_field="kind", tag="city"):
    """The city as a whole: one entity, id "city"."""

    name: str
    time_zone: str
    languages: tuple[str, ...] = ("id", "en")
    simulation: bool = False
    boundaries: str = ""
    #: incidents: open ones, those of them that are late, and without a district, and what the city's own day
    #: brought; by channel and by our category the open ones ("*": the sum of what is beyond 60 names)
    open: int = 0
    overdue: int = 0
    outside: int = 0
    no_location: int = 0
    received_today: int = 0
    closed_today: int = 0
    by_channel: dict[str, int] = {}
    by_category: dict[str, int] = {}
    #: code of the level that leaders declared, what it is, and who declared it, when and why; nobody: the
    #: calmest one, which holds from the beginning
    status: str = ""
    level: CityLevel | None = None
    status_by: str = ""
    status_name: str = ""
    status_at: float | None = None
    status_text: str = ""
    #: more than 10 new alerts in 10 min, until fewer than 5: the wall groups them by district
    flood: bool = False
    flood_since: float | None = None


class AlarmLoad(Entity, tag_field="kind", tag="load"):
    """How many alerts people here have to bear, after ISA-18.2; one entity, id "load"."""

    #: new alerts in the last 10 min, hour and day
    last_10min: int = 0
    last_hour: int = 0
    last_day: int = 0
    #: the worst 10 min of the last day
    peak_10min: int = 0
    #: share of the last day's 10-minute spans with more than 10 (0..1)
    flood_share: float = 0.0
    #: shares of the severities over the last day (0..1)
    shares: dict[str, float] = {}
    #: (rule|subject, number) of the ten that came most often in the last day
    worst: tuple[tuple[str, int], ...] = ()
    chattering: int = 0
    stale: int = 0
    standing: int = 0
    shelved: int = 0
    #: median time from raise to ack over the last day (s)
    ack_median_s: float | None = None


class Metric(Entity, tag_field="kind", tag="metric"):
    """One computed figure, or the figures of one thing (a shift) beside its main one."""

    value: float
    unit: str = ""
    name: str = ""
    #: the span of time that it is about
    since: float | None = None
    until: float | None = None
    #: by name; what cannot be said is left out
    figures: dict[str, float] = {}


class Series(Entity, tag_field="kind", tag="series"):
    """One figure over time: points (time, value), oldest first. docs/protocol.md lists them by id."""

    points: tuple[tuple[float, float], ...] = ()
    unit: str = ""
    #: of the queue, agency, gauge or commodity that it is about
    name: str = ""
    #: a point stands for the span of so many seconds that begins at its time; 0: for its day, or its moment
    step_s: float = 0.0


NewsOf = Literal[
    "alert_raised", "alert_ended", "hazard_began", "hazard_ended", "gauge_rose", "gauge_fell",
    "agency_late", "agency_caught_up", "price_over", "price_under", "status",
]  # fmt: skip


class News(Entity, tag_field="kind", tag="news"):
    """Something that changed within the last hour, at `at`; it leaves when it is older."""

    what: NewsOf
    #: "kind:id" of what it is about, which may have left the state
    subject: str
    #: of it now, or as it was when it ended; of a gauge and the city: after the change
    severity: Severity | None = None
    #: what it is called: words by language, or a name that is the same in all
    texts: dict[str, str] = {}
    name: str = ""
    #: a gauge's level, and its value; incidents that an agency is late with; how far a price is over its
    #: ceiling (0.1 = 10 %); an alert's figure
    level: str = ""
    value: float | None = None
    unit: str = ""
    market: str = ""
    #: of the city's status: who declared it, and whether it is worse than before
    by: str = ""
    worse: bool = False


AnyEntity = (
    Incident
    | Call
    | Queue
    | Agent
    | Camera
    | Hazard
    | Gauge
    | Price
    | LandValue
    | Alert
    | District
    | Feed
    | Wall
    | City
    | Metric
    | Series
    | Agency
    | Review
    | PersonShown
    | Screen
    | AlarmLoad
    | News
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
    "landvalue": LandValue,
    "alert": Alert,
    "district": District,
    "feed": Feed,
    "wall": Wall,
    "city": City,
    "metric": Metric,
    "series": Series,
    "agency": Agency,
    "review": Review,
    "person": PersonShown,
    "screen": Screen,
    "load": AlarmLoad,
    "news": News,
}

KIND_OF: dict[type[Entity], str] = {struct: kind for kind, struct in KINDS.items()}

encoder = msgspec.json.Encoder()
