"""What comes in: one typed event for each thing that a source or a person said.

Times are seconds since 1970 (UTC) as floats, coordinates WGS 84 degrees, distances metres, durations
seconds, money whole rupiah. `received_at` is ours, `observed_at` is the source's own word. Every event is
idempotent: it carries what it needs to be recognised when it comes a second time.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec


# gc=False: an event is a tree of values, never a cycle; see Entity.
class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", gc=False):
    """The envelope of all events. (feed, source_id) names the thing; order is (run, seq), else time."""

    #: name of the feed in the configuration
    feed: str
    #: identity of the thing within its source
    source_id: str
    #: when we received it
    received_at: float
    #: when the source says it was so
    observed_at: float | None = None
    #: the source's run: start of the connection, or of its counters (seconds since 1970)
    run: float = 0.0
    #: the source's own sequence number within the run
    seq: int | None = None
    #: what the adapter noticed: "no_zone", "clock_ahead", "before_1970", "bad_coordinates", …
    flags: tuple[str, ...] = ()


class IncidentReported(Event, frozen=True, kw_only=True, omit_defaults=True, tag="incident"):
    """A citizen's report or an incident, as its source sees it now (the whole of it, not a change)."""

    title: str
    text: str = ""
    #: the source's own category code and the words for it; the configuration maps the code to ours
    category: str = ""
    category_name: str = ""
    status: Literal["open", "closed"] = "open"
    #: the source's own word for the status, shown raw where it is not one of ours
    status_raw: str = ""
    status_notes: str = ""
    #: by which channel it came (112, JAKI, LAPOR, counter …); empty: the feed's configured one
    channel: str = ""
    agency: str = ""
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    address: str = ""
    opened_at: float | None = None
    closed_at: float | None = None
    #: when the source expects it done
    expected_at: float | None = None
    severity: Literal["", "danger", "severe", "caution"] = ""
    media_url: str = ""


class Gone(Event, frozen=True, kw_only=True, omit_defaults=True, tag="gone"):
    """The source says that this thing is over or was withdrawn. `kind` is the entity's kind."""

    kind: str
    reason: str = ""


class Present(Event, frozen=True, kw_only=True, omit_defaults=True, tag="present"):
    """The complete list of what a source holds of a kind: what is not in it any more is over."""

    kind: str
    ids: tuple[str, ...]


class HazardArea(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One CAP `area`. Polygons are rings of [lon, lat]; circles (lon, lat, radius km; 0 is a point)."""

    text: str = ""
    polygons: tuple[tuple[tuple[float, float], ...], ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()
    #: (valueName, value)
    geocodes: tuple[tuple[str, str], ...] = ()


class HazardInfo(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One CAP `info` block: one language, or one part, of a warning."""

    language: str = "en-US"
    event: str = ""
    headline: str = ""
    text: str = ""
    instruction: str = ""
    sender_name: str = ""
    web: str = ""
    category: tuple[str, ...] = ()
    response: tuple[str, ...] = ()
    urgency: str = "Unknown"
    severity: str = "Unknown"
    certainty: str = "Unknown"
    effective: float | None = None
    onset: float | None = None
    expires: float | None = None
    #: eventCode and parameter as (valueName, value)
    codes: tuple[tuple[str, str], ...] = ()
    areas: tuple[HazardArea, ...] = ()


class HazardIssued(Event, frozen=True, kw_only=True, omit_defaults=True, tag="hazard"):
    """One CAP message. `source_id` is "sender,identifier,sent" as written by the source.

    With `thing` it is no message but what a list holds under that key now; `source_id` is then the key.
    """

    sender: str
    identifier: str
    sent: float
    #: Alert, Update, Cancel, Ack, Error; other values pass and are shown
    msg_type: str
    #: Actual, Exercise, System, Test, Draft; only Actual raises a real alarm
    status: str
    scope: str = "Public"
    note: str = ""
    #: keys of the messages that this one replaces or ends: (sender, identifier, sent text)
    references: tuple[tuple[str, str, str], ...] = ()
    infos: tuple[HazardInfo, ...] = ()
    #: messages of one group supersede each other where they overlap (BMKG nowcast: the province)
    group: str = ""
    #: how long it holds when no info says `expires` (seconds; of the feed's configuration)
    default_life_s: float = 0.0
    #: key within the feed's list: the next event of the key takes the place of this one, whatever it says,
    #: and what a Present does not name any more is over
    thing: str = ""


class QuakeObserved(Event, frozen=True, kw_only=True, omit_defaults=True, tag="quake"):
    """One entry of an earthquake list. The same quake comes in several lists, and is revised later."""

    lon: float
    lat: float
    magnitude: float
    depth_km: float | None = None
    region: str = ""
    #: the source's words about a tsunami, shown as they are
    potential: str = ""
    tsunami: bool = False
    #: where it was felt: (MMI as written, place)
    felt: tuple[tuple[str, str], ...] = ()
    picture_url: str = ""


class CallEvent(Event, frozen=True, kw_only=True, omit_defaults=True, tag="call"):
    """One step of a call in a queue. `source_id` is the call's own id (Uniqueid)."""

    queue: str
    #: leave: left the waiting list, outcome unknown; ring_no_answer: one agent did not pick up
    phase: Literal["join", "ring", "ring_no_answer", "leave", "connect", "complete", "abandon", "hangup"]
    linked_id: str = ""
    position: int | None = None
    #: the caller, masked (0812-****-789), and a keyed hash by which a repeated caller is recognised
    caller: str = ""
    caller_key: str = ""
    agent: str = ""
    agent_name: str = ""
    hold_s: float | None = None
    talk_s: float | None = None
    ring_s: float | None = None
    reason: str = ""


AgentState = Literal["free", "ringing", "busy", "hold", "paused", "unavailable", "unknown"]


class AgentStatus(Event, frozen=True, kw_only=True, omit_defaults=True, tag="agent"):
    """A call taker's state in one queue. `source_id` is the interface (SIP/201)."""

    queue: str
    name: str = ""
    state: AgentState = "unknown"
    paused: bool = False
    reason: str = ""
    calls_taken: int | None = None
    in_call: bool = False
    #: the member left the queue
    removed: bool = False


class WaitingCall(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A call that a snapshot found waiting."""

    call_id: str
    position: int = 0
    wait_s: float = 0.0
    caller: str = ""
    caller_key: str = ""


class QueueMember(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A call taker as a snapshot found them."""

    agent: str
    name: str = ""
    state: AgentState = "unknown"
    paused: bool = False
    reason: str = ""
    calls_taken: int | None = None
    in_call: bool = False


class QueueSnapshot(Event, frozen=True, kw_only=True, omit_defaults=True, tag="queue"):
    """The whole of one queue after a (re)connect: who is not in it is not waiting any more."""

    waiting: tuple[WaitingCall, ...] = ()
    members: tuple[QueueMember, ...] = ()
    #: the exchange's own counters since its last reset, for comparison only
    completed: int | None = None
    abandoned: int | None = None


class Stream(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One picture source of a camera."""

    type: Literal["hls", "webrtc", "mjpeg", "rtsp", "flv", "snapshot", "other"]
    #: the address that a board may open itself; empty where it may not
    url: str = ""


class CameraListed(Event, frozen=True, kw_only=True, omit_defaults=True, tag="camera"):
    """One camera of a list. What the list says of its state is as old as the list."""

    name: str
    lon: float | None = None
    lat: float | None = None
    address: str = ""
    streams: tuple[Stream, ...] = ()
    #: the list's own word ("online", "Aktif", …) and what it means
    status_raw: str = ""
    claimed: Literal["online", "offline", "unknown"] = "unknown"
    #: the feed can fetch a still picture of it for the boards
    picture: bool = False


class CameraChecked(Event, frozen=True, kw_only=True, omit_defaults=True, tag="camera_check"):
    """What a check of a camera's stream found. `source_id` is the camera's id in its list."""

    state: Literal["online", "frozen", "offline", "unknown"]
    #: a word of feeds/cameras/hls.py (unreachable, stands_still, …), never an address
    reason: str = ""
    #: since when it is so: a picture froze when it last moved, not when that was noticed
    since: float | None = None


#: What a camera, or the recorder behind it, says that it sees; the gravest first: a wall names one.
SeenWord = Literal[
    "", "intrusion", "crossing", "tamper", "signal_lost", "crowd", "person", "vehicle", "animal", "object",
    "motion", "other",
]  # fmt: skip


class CameraSeen(Event, frozen=True, kw_only=True, omit_defaults=True, tag="camera_seen"):
    """What a camera sees now by its own word, conflated: a few each minute, however much it sees.

    `source_id` is the id of the camera's entity ("cctv/simpang-lima"), whichever feed says it.
    """

    #: the gravest of what it sees; "": nothing any more
    what: SeenWord = ""
    #: since when it sees that
    since: float | None = None


class PriceSurveyed(Event, frozen=True, kw_only=True, omit_defaults=True, tag="price"):
    """One price of one commodity at one market. `source_id` is "market/commodity"."""

    #: the source's own code and name
    commodity: str
    commodity_name: str
    market: str = ""
    market_name: str = ""
    lon: float | None = None
    lat: float | None = None
    address: str = ""
    #: producer, wholesale, consumer
    level: str = "consumer"
    unit: str = "kg"
    price: int
    #: the day of the survey (YYYY-MM-DD), which may be older than the day of the fetch
    survey_date: str


class LandValued(Event, frozen=True, kw_only=True, omit_defaults=True, tag="landvalue"):
    """What a square metre of one zone is worth, by one map. `source_id` is the zone's."""

    name: str
    #: whole rupiah a square metre; `low` to `high` where the zone is a class
    value: int
    low: int | None = None
    high: int | None = None
    #: of when the map is: "2025", "2025-07" or "2025-07-01"
    as_of: str
    #: what the land is used for, and who says all this, in the source's words
    use: str = ""
    source: str = ""
    #: polygons of rings of (lon, lat), the first ring the outer one
    polygons: tuple[tuple[tuple[tuple[float, float], ...], ...], ...]


class GaugeRead(Event, frozen=True, kw_only=True, omit_defaults=True, tag="gauge"):
    """One reading of a gauge (flood gate, water level)."""

    name: str
    value: float | None
    unit: str = "cm"
    lon: float | None = None
    lat: float | None = None
    address: str = ""
    #: the source's own level (SIAGA IV, 2 …), shown beside ours
    level_raw: str = ""
    river: str = ""


class FeedHealth(Event, frozen=True, kw_only=True, omit_defaults=True, tag="feed"):
    """How a feed does, said by its supervisor when it changes and at least once a minute."""

    state: Literal["ok", "failing", "stopped"]
    kind: str = ""
    reason: str = ""
    #: since when it is in this state
    since: float = 0.0
    #: when the last good document or frame came
    last_good_at: float | None = None
    #: how often something is expected; after three times this long of nothing it is silent
    period_s: float = 0.0
    documents: int = 0
    events: int = 0
    faults: int = 0
    #: events given up because a bound was reached while Redis was away
    lost: int = 0
    #: median of received_at − observed_at of its last events: how far its clock is from ours (s)
    skew_s: float | None = None


class BoardCondition(Event, frozen=True, kw_only=True, omit_defaults=True, tag="board"):
    """A wall's condition changed on a node. `source_id` is the board's name (wall/screen)."""

    node: str
    state: Literal["painting", "behind", "gone"]
    #: how old the newest data on its glass was
    age_s: float | None = None


class NodeBeat(Event, frozen=True, kw_only=True, omit_defaults=True, tag="node"):
    """A process lives. `source_id` is its id: "feeds", or the web node's."""

    role: Literal["web", "feeds"] = "web"
    boards: int = 0


class Command(Event, frozen=True, kw_only=True, omit_defaults=True, tag="command"):
    """What a person asked for. `source_id` is the command_id that their page chose.

    An empty `person` is the program itself (its set-up, its command line, a node's own observation).
    """

    person: str
    screen: str = ""
    #: the position of the wall that they saw
    pos: int = 0
    action: str
    args: dict[str, Any] = {}


AnyEvent = (
    IncidentReported
    | Gone
    | Present
    | HazardIssued
    | QuakeObserved
    | CallEvent
    | AgentStatus
    | QueueSnapshot
    | CameraListed
    | CameraChecked
    | CameraSeen
    | PriceSurveyed
    | LandValued
    | GaugeRead
    | FeedHealth
    | BoardCondition
    | NodeBeat
    | Command
)

#: Which stream {c}:feed:<stream> carries an event. `gone` and `present` travel with their kind.
STREAMS = ("command", "health", "call", "hazard", "gauge", "incident", "camera", "price")

_STREAM_OF: dict[type[Event], str] = {
    IncidentReported: "incident",
    HazardIssued: "hazard",
    QuakeObserved: "hazard",
    CallEvent: "call",
    AgentStatus: "call",
    QueueSnapshot: "call",
    CameraListed: "camera",
    CameraChecked: "camera",
    CameraSeen: "camera",
    PriceSurveyed: "price",
    LandValued: "price",
    GaugeRead: "gauge",
    FeedHealth: "health",
    BoardCondition: "health",
    NodeBeat: "health",
    Command: "command",
}

#: Kinds that share a stream with another, in whose order they have to be seen.
_STREAM_OF_KIND = {"queue": "call", "agent": "call", "quake": "hazard", "landvalue": "price"}


def stream_of(event: AnyEvent) -> str:
    """Name of the stream that carries this event."""
    if isinstance(event, Gone | Present):
        return _STREAM_OF_KIND.get(event.kind, event.kind)
    return _STREAM_OF[type(event)]


encoder = msgspec.json.Encoder()
decoder = msgspec.json.Decoder(AnyEvent)
