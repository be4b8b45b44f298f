"""feeds/scenario/: a whole day of the demo city through the real adapters and the engine, in seconds."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
import pytest

from feeds import ami
from feeds.ami.frames import encode
from feeds.base import Adapter, Context, Document, Intake, Parsed, RecordFault
from feeds.cameras import hls
from feeds.fetching.exchange import Call as Asked
from feeds.fetching.exchange import Reply
from feeds.registry import ADAPTERS, feed_options, feed_spec
from feeds.scenario import SCHEME, Scenario, playing
from feeds.scenario.clock import DayClock, minute_of
from feeds.scenario.gates import level
from feeds.scenario.places import read_places
from feeds.scenario.script import read_script
from wallboard.city import CityConfig, FeedConfig
from wallboard.engine import reduce
from wallboard.engine.world import World
from wallboard.entities import Alert, Camera, Feed, Gauge, Hazard, Incident, Price, Queue
from wallboard.errors import SourceError, Unreachable, WallboardError
from wallboard.events import AnyEvent, CameraChecked, FeedHealth, QueueSnapshot
from wallboard.ground import Ground, prepare
from wallboard.settings import DEMO, read_city

#: When the play begins: 09:00 in Jakarta, so that a whole day of it has one date.
ANCHOR = 1_790_042_400.0
ZONE = ZoneInfo("Asia/Jakarta")
CAMERAS = ("cam-001", "cam-003", "cam-021")

#: Each feed is asked as often as its configuration says, which is a multiple of this (s).
STEP_S = 10


def scenario(anchor: float = ANCHOR, **changes: Any) -> Scenario:
    folder = DEMO.parent
    options: dict[str, Any] = {"speed": 60.0, "seed": 112, "anchor": anchor, "zone": ZONE, **changes}
    return Scenario.load(folder / "scenario.toml", folder / "places.json", **options)


class Handed:
    """An Intake that keeps what it is given. It has no network: whoever asks it for one fails the test."""

    def __init__(self, feed: FeedConfig) -> None:
        self.name = feed.name
        self.url = feed.url
        self.every = feed.every
        self.pictures = None
        self.notes = None
        self.folder = DEMO.parent
        self.at = ANCHOR
        self.events: list[AnyEvent] = []
        self.faults: list[RecordFault] = []
        self.troubles: list[str] = []
        self._channel = feed.channel

    def context(self) -> Context:
        return Context(self.name, self.at, ZONE, self._channel, b"a key of these tests")

    def now(self) -> float:
        return self.at

    async def fetch(self, url: str, **more: Any) -> Document | None:
        raise AssertionError(f"{url} was asked for on the network")

    async def fetch_all(self, url: str, **more: Any) -> list[Document]:
        raise AssertionError(f"{url} was asked for on the network")

    async def refuse(self, document: Document, error: SourceError) -> None:
        raise error

    def ask(self, call: Asked) -> AbstractAsyncContextManager[Reply]:
        raise NotImplementedError

    async def open(self, url: str) -> Any:
        raise AssertionError(f"{url} was opened on the network")

    async def give(self, parsed: Parsed) -> None:
        self.events += parsed.events
        self.faults += parsed.faults

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)

    def trouble(self, reason: str) -> None:
        self.troubles.append(reason)


@dataclass
class Seen:
    """What the wall shows at one step."""

    minute: float
    open: dict[str, Incident]
    queues: dict[str, Queue]
    gauges: dict[str, Gauge]
    hazards: list[Hazard]
    alerts: dict[str, Alert]
    cameras: dict[str, Camera]
    prices: dict[str, Price]
    feeds: dict[str, Feed]


@dataclass
class Day:
    """A day that was played."""

    seen: list[Seen] = field(default_factory=list)
    faults: list[RecordFault] = field(default_factory=list)
    #: how many events each step brought
    events: list[int] = field(default_factory=list)

    def between(self, begins: str, ends: str) -> list[Seen]:
        found = [seen for seen in self.seen if minute_of(begins) <= seen.minute < minute_of(ends)]
        assert found, f"nothing was seen between {begins} and {ends}"
        return found


class Stage:
    """The demo city with its feeds, asked step by step."""

    def __init__(self, city: CityConfig, ground: Ground, play: Scenario) -> None:
        self.city = city
        self.play = play
        self.world = reduce.new_world(city, ground.geofence, ground.gazetteer)
        self.world.now = play.clock.anchor - 1.0
        reduce.loaded(self.world)
        self.intakes = {feed.name: Handed(feed) for feed in city.feed}
        self.health: dict[str, hls.Health | None] = dict.fromkeys(CAMERAS)
        self.players = {feed.name: playing(ADAPTERS[feed.type], play) for feed in city.feed}
        self.heard = play.clock.anchor
        self.day = Day()

    async def step(self, now: float) -> None:
        events: list[AnyEvent] = []
        for feed in self.city.feed:
            intake = self.intakes[feed.name]
            intake.at, intake.events, intake.faults = now, [], []
            state = await self._ask(feed, intake, now)
            if state:
                health = FeedHealth(
                    feed=feed.name,
                    source_id="",
                    received_at=now,
                    state=state,
                    last_good_at=now,
                    period_s=feed.every,
                )
                events.append(health)
            events += intake.events
            self.day.faults += intake.faults
        self.heard = now
        self.day.events.append(len(events))
        reduce.apply(self.world, events, now)
        self.world.draft()
        self.day.seen.append(look(self.world, self.play.clock.minute(now)))

    async def _ask(self, feed: FeedConfig, intake: Handed, now: float) -> Literal["", "ok", "failing"]:
        if feed.type != "ami" and (now - self.play.clock.anchor) % feed.every:
            return ""
        adapter, options = ADAPTERS[feed.type], feed_options(feed.type, feed.options)
        if feed.type == "ami":
            first = now == self.play.clock.anchor
            body = self.play.manager.document(self.heard, now)
            if first:
                body = b"".join(encode(fields) for fields in self.play.manager.snapshot(now, "1"))
            if body:
                await intake.give(ami.parse(body, intake.context()))
            return "ok"
        if feed.type == "cameras":
            body = self.play.document("cctv", "", {}, now)
            await intake.give(adapter.parse(body, intake.context(), options))
            return "ok"
        poll = self.players[feed.name].poll
        assert poll is not None
        try:
            await poll(intake, options)
        except SourceError:
            return "failing"
        return "ok"

    def check_cameras(self, now: float) -> list[AnyEvent]:
        """What the checks of some cameras find, as feeds/cameras/checks.py judges it."""
        found: list[AnyEvent] = []
        for id in CAMERAS:
            try:
                body = self.play.document("cctv", f"{id}/index.m3u8", {}, now)
                playlist = hls.read(body, "https://cctv.tirtaraya.example/")
                assert isinstance(playlist, hls.Media)
                seen: hls.Media | hls.Failure = playlist
            except Unreachable:
                seen = hls.Failure("unreachable")
            health = self.health[id] = hls.judge(self.health[id], seen, now)
            found.append(
                CameraChecked(
                    feed="cctv", source_id=id, received_at=now, state=health.state, since=health.since
                )
            )
        return found


def look(world: World, minute: float) -> Seen:
    return Seen(
        minute=minute,
        open={i.id: i for i in world.all(Incident) if i.source.status == "open"},
        queues={queue.id: queue for queue in world.all(Queue)},
        gauges={gauge.id.removeprefix("pintu-air/"): gauge for gauge in world.all(Gauge)},
        hazards=list(world.all(Hazard)),
        alerts={a.id: a for a in world.all(Alert) if a.state == "unacknowledged"},
        cameras={camera.id.removeprefix("cctv/"): camera for camera in world.all(Camera)},
        prices={price.id.removeprefix("pasar/"): price for price in world.all(Price)},
        feeds={feed.id: feed for feed in world.all(Feed)},
    )


async def play_day(stage: Stage, seconds: float) -> Day:
    anchor = stage.play.clock.anchor
    for passed in range(0, int(seconds), STEP_S):
        await stage.step(anchor + passed)
        reduce.apply(stage.world, stage.check_cameras(anchor + passed), anchor + passed)
        stage.world.draft()
    return stage.day


@pytest.fixture(scope="module")
def city() -> CityConfig:
    """The demo with the feeds that the play speaks for; land values come from a file that never changes."""
    city = read_city(DEMO)
    city.feed = [feed for feed in city.feed if not feed.url.startswith("file:")]
    return city


@pytest.fixture(scope="module")
def ground(city: CityConfig) -> Ground:
    return prepare(city, DEMO.parent)


@pytest.fixture(scope="module")
def day(city: CityConfig, ground: Ground) -> Day:
    """One whole day, played once for all tests that look at it."""
    play = scenario()
    return asyncio.run(play_day(Stage(city, ground, play), play.clock.length_s))


# ---- the day


def test_no_document_of_the_day_has_a_fault(day: Day) -> None:
    assert day.faults == []


def test_the_wall_is_populated_from_the_first_moment(day: Day) -> None:
    first = day.seen[0]
    assert 20 <= len(first.open) <= 60
    assert len(first.cameras) == 60
    assert len(first.gauges) == 9
    assert len(first.prices) == 40
    ages = [ANCHOR - incident.source.opened_at for incident in first.open.values()]
    assert min(ages) < 120
    assert max(ages) > 600


def test_reports_stay_believable_in_number_all_day(day: Day) -> None:
    assert all(15 <= len(seen.open) <= 75 for seen in day.seen)


def test_the_morning_is_quiet(day: Day) -> None:
    for seen in day.between("06:30", "07:00"):
        assert seen.alerts == {}
        assert all(gauge.severity is None for gauge in seen.gauges.values())
        assert not any(incident.severity == "danger" for incident in seen.open.values())


def test_the_markets_survey_changes_prices_of_today(day: Day) -> None:
    chili = "psr-01/cabai_rawit"
    before, after = day.between("06:30", "07:00")[-1], day.between("08:30", "09:00")[0]
    assert after.prices[chili].survey_date > before.prices[chili].survey_date
    assert (after.prices[chili].change or 0) > 5000
    assert any(alert.rule == "harga" for alert in after.alerts.values())


def test_the_accident_comes_within_three_minutes(day: Day) -> None:
    accident = next(s for s in day.seen if any(i.severity == "danger" for i in s.open.values()))
    assert minute_of("09:00") <= accident.minute <= minute_of("09:30")
    assert accident.minute - minute_of("06:30") <= 180


def test_pranksters_are_known_again_and_masked(day: Day) -> None:
    answered = [queue.windows["15m"] for queue in (day.between("11:40", "12:00")[0].queues["112"],)]
    assert answered[0].offered > 15
    calm = day.between("10:00", "10:20")[0].queues["112"].windows["15m"].offered
    assert answered[0].offered - calm >= 8


def test_one_earthquake_far_away_is_for_information(day: Day) -> None:
    assert not [hazard for hazard in day.between("06:30", "07:20")[-1].hazards if hazard.type == "quake"]
    for seen in day.between("08:00", "22:50"):
        quakes = [hazard for hazard in seen.hazards if hazard.type == "quake"]
        assert [(quake.level, quake.where) for quake in quakes] == [(None, "outside")]


def test_an_exercise_alarms_nobody(day: Day) -> None:
    shown = day.between("08:30", "09:20")[0]
    assert [hazard.level for hazard in shown.hazards if hazard.status == "Exercise"] == [None]
    assert not any(alert.rule == "peringatan-cuaca" for alert in shown.alerts.values())


def test_one_source_fails_for_a_while_and_recovers(day: Day) -> None:
    assert day.between("10:00", "10:20")[-1].feeds["laporan"].state == "ok"
    assert day.between("11:00", "11:20")[-1].feeds["laporan"].state == "failing"
    assert day.between("12:00", "12:20")[-1].feeds["laporan"].state == "ok"


def test_warning_comes_before_the_water_and_its_update_replaces_it(day: Day) -> None:
    rain = [h for h in day.between("12:20", "12:50")[-1].hazards if h.type == "cap"]
    assert [(hazard.level, hazard.where) for hazard in rain] == [("caution", "city")]
    flood = [h for h in day.between("13:30", "14:00")[-1].hazards if h.type == "cap" and h.state != "ended"]
    assert [(hazard.level, hazard.texts["en"].event) for hazard in flood] == [("severe", "Flood")]


def test_the_rivers_rise_from_the_hills_to_the_sea(day: Day) -> None:
    first: dict[str, float] = {}
    for seen in day.seen:
        for id, gauge in seen.gauges.items():
            if gauge.severity is not None:
                first.setdefault(id, seen.minute)
    # Kali Jernih downstream, then its tributary from the reservoir on.
    assert first["pa-01"] < first["pa-02"] < first["pa-03"] < first["pa-04"]
    assert minute_of("12:10") < min(first.values())


def test_at_the_height_of_the_flood_some_alerts_and_a_growing_queue(day: Day) -> None:
    height = day.between("15:10", "15:50")
    assert all(4 <= len(seen.alerts) <= 9 for seen in height)
    assert max(seen.queues["112"].waiting for seen in height) > 5
    levels = [seen.queues["112"].windows["15m"].service_level for seen in height]
    assert all(level is not None and level < 0.8 for level in levels)
    rules = {alert.rule for alert in height[-1].alerts.values()}
    assert {"pintu-air-awas", "pintu-air-siaga", "peringatan-cuaca", "antrean", "kamera-beku"} <= rules
    flooded = [i for i in height[-1].open.values() if i.category in ("banjir", "genangan")]
    assert len(flooded) >= 12


def test_the_camera_at_the_bridge_freezes_during_the_flood(day: Day) -> None:
    assert day.between("13:00", "13:40")[-1].cameras["cam-003"].state == "online"
    assert day.between("15:00", "15:40")[-1].cameras["cam-003"].state == "frozen"
    assert day.between("18:30", "19:00")[-1].cameras["cam-003"].state == "online"
    assert {seen.cameras["cam-021"].state for seen in day.between("08:00", "20:00")} == {"offline"}


def test_in_the_evening_all_is_calm_again(day: Day) -> None:
    for seen in day.between("20:30", "22:30"):
        assert all(gauge.severity is None for gauge in seen.gauges.values())
        assert not any(
            i.severity in ("danger", "severe") for i in seen.open.values() if i.category != "banjir"
        )
        assert seen.queues["112"].waiting <= 2
        assert not any(hazard.level for hazard in seen.hazards)


def test_reports_lie_in_the_city_except_the_few_that_are_meant_not_to(day: Day) -> None:
    met = {id: incident for seen in day.seen for id, incident in seen.open.items()}
    odd = {id.rpartition("-")[2]: i.place.confidence for id, i in met.items() if not i.place.district}
    assert odd == {"luar": "outside", "tanpa": "no_location"}
    assert next(i.place.confidence for id, i in met.items() if id.endswith("-pasar")) == "by_name"


def test_every_category_and_agency_of_the_script_is_configured(day: Day) -> None:
    met = [incident for seen in day.seen for incident in seen.open.values()]
    assert {i.source.category_raw for i in met if not i.category} == set()
    assert all(i.agency for i in met)


def test_a_day_is_a_light_load_even_at_the_height_of_the_flood(day: Day) -> None:
    steps = 60 // STEP_S
    later = day.events[steps:]  # the first visits bring whole lists
    minutes = [sum(later[at : at + steps]) / 60.0 for at in range(len(later) - steps)]
    assert max(minutes) < 20


def test_the_step_of_the_tests_fits_every_feed(city: CityConfig) -> None:
    assert all(feed.every % STEP_S == 0 for feed in city.feed)


# ---- the sources


def all_documents(play: Scenario, now: float) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name in play.sources:
        path = "requests.json" if name == "laporan" else ""
        try:
            found[name] = play.document(name, path, {}, now)
        except Unreachable as fault:
            found[name] = str(fault).encode()
    found["112"] = play.manager.document(now - 60.0, now)
    return found


def test_what_a_source_says_follows_from_script_seed_and_time_alone() -> None:
    one, two = scenario(), scenario()
    times = [ANCHOR + passed for passed in (0.0, 333.0, 540.0, 1500.0, 100_000.0)]
    said = [all_documents(one, at) for at in times]
    # Asked in another order, by another process's scenario with the same anchor: a restart goes on.
    assert [all_documents(two, at) for at in reversed(times)] == said[::-1]


def test_another_seed_is_another_day_of_the_same_story() -> None:
    at = ANCHOR + 540.0
    one, two = all_documents(scenario(), at), all_documents(scenario(seed=7), at)
    assert one["laporan"] != two["laporan"]
    assert one["112"] != two["112"]
    assert one["cuaca"] == two["cuaca"]


def test_an_unknown_source_and_an_unknown_document_do_not_answer() -> None:
    play = scenario()
    with pytest.raises(Unreachable, match="no source 'mars'"):
        play.document("mars", "", {}, ANCHOR)
    for name in play.sources:
        with pytest.raises(Unreachable, match="404"):
            play.document(name, "nothing/here", {}, ANCHOR)


def test_the_day_begins_again_and_ages_are_true() -> None:
    clock = DayClock(anchor=1000.0, speed=60.0, begins=300.0, ends=1380.0, start=390.0)
    assert (clock.day(1000.0), clock.minute(1000.0)) == (0, 390.0)
    assert clock.length_s == 1080.0
    assert (clock.day(2080.0), clock.minute(2080.0)) == (1, 390.0)
    assert clock.day(1000.0 - 91.0) == -1
    assert all(clock.minute(clock.real(day, 700.0)) == pytest.approx(700.0) for day in (-3, 0, 5))
    # Twice as fast, half as long.
    assert DayClock(0.0, 120.0, 300.0, 1380.0, 390.0).length_s == 540.0


def test_gates_rise_and_fall_without_a_leap() -> None:
    for wave in scenario().script.gauge:
        heights = [level(wave, minute) for minute in range(300, 1380)]
        assert max(abs(two - one) for one, two in pairwise(heights)) < 6.0
        assert max(heights) == pytest.approx(wave.high, abs=3.0)
        assert heights[0] == pytest.approx(wave.low, abs=3.0)


def test_calls_are_served_in_order_and_nobody_twice_at_once() -> None:
    play = scenario()
    calls = list(play.manager.exchange.between(ANCHOR, ANCHOR + 900.0))
    assert len({call.id for call in calls}) == len(calls)
    answered = sorted((c for c in calls if c.answered is not None), key=lambda c: c.joined)
    assert any(call.answered is None for call in calls)
    busy: dict[tuple[str, int], float] = {}
    for call in sorted(answered, key=lambda c: c.rang or 0.0):
        assert call.rang is not None
        assert call.answered is not None
        assert call.joined <= call.rang < call.answered < call.ended
        assert busy.get((call.queue, call.agent), 0.0) <= call.rang
        busy[(call.queue, call.agent)] = call.ended


# ---- a restart


async def test_after_a_restart_no_report_of_before_stays_open_for_ever(
    city: CityConfig, ground: Ground
) -> None:
    before = Stage(city, ground, scenario())
    for passed in (500.0, 520.0, 540.0):  # the height of the flood
        await before.step(ANCHOR + passed)
    again = scenario(ANCHOR + 600.0)
    after = Stage(city, ground, again)
    after.world = before.world
    open_before = set(look(before.world, 0.0).open)
    await play_day(after, 20.0)
    shown = after.day.seen[-1]
    at = again.clock.anchor + 10.0
    listed = {f"laporan/{said.id}" for said in again.reports.everyday(at) if said.open(at)}
    listed |= {f"{feed}/{said.id}" for feed in ("laporan", "pusat") for said in again.reports.story(at)}
    listed |= {f"pusat/{said.id}" for said in again.reports.everyday(at) if said.open(at)}
    left = {id for id in shown.open if id in open_before and id not in listed}
    # What the application holds of the story is taken up by the next day's report of the same id.
    assert all(id.startswith("laporan/APP-") for id in left)
    ids = {f"laporan/{said.id}" for said in again.reports.story(at + again.clock.length_s)}
    assert left <= ids


# ---- the road to the adapters


async def test_the_real_ami_session_talks_to_the_simulated_exchange(city: CityConfig) -> None:
    feed = next(feed for feed in city.feed if feed.type == "ami")
    intake = Handed(feed)
    intake.at = ANCHOR + 500.0
    adapter = playing(ADAPTERS["ami"], scenario())
    assert adapter.run is not None
    running = asyncio.ensure_future(adapter.run(intake, feed_options("ami", feed.options)))
    try:
        await bounded(lambda: any(isinstance(event, QueueSnapshot) for event in intake.events))
        intake.at += 60.0
        await bounded(lambda: any(getattr(event, "phase", "") == "connect" for event in intake.events))
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    snapshots = [event for event in intake.events if isinstance(event, QueueSnapshot)]
    assert {snapshot.source_id: len(snapshot.members) for snapshot in snapshots} == {"112": 12, "psc119": 4}
    assert intake.faults == []
    callers = {getattr(event, "caller", "") for event in intake.events}
    assert all("-****-" in caller for caller in callers if caller)


async def bounded(check: Callable[[], bool]) -> None:
    """Wait until `check` holds; the bound is far above what it takes."""
    async with asyncio.timeout(20):
        while not check():
            await asyncio.sleep(0.01)


async def test_nothing_of_a_simulated_feed_leaves_the_process(city: CityConfig) -> None:
    feed = next(feed for feed in city.feed if feed.name == "cuaca")
    intake = Handed(feed)
    adapter = playing(asking_for("https://www.example.org/other.xml"), scenario())
    assert adapter.poll is not None
    with pytest.raises(Unreachable, match="nothing here leaves this process"):
        await adapter.poll(intake, None)


def asking_for(url: str) -> Adapter:
    """The cap adapter with a visit that asks for another address."""

    async def poll(intake: Intake, options: Any) -> None:
        await intake.fetch(url)

    return dataclasses.replace(ADAPTERS["cap"], poll=poll)


def test_every_feed_of_the_demo_is_checked_like_a_real_one(city: CityConfig) -> None:
    specs = [feed_spec(feed, city.city.time_zone) for feed in city.feed]
    assert all(spec.url.startswith(SCHEME) for spec in specs)
    assert Counter(spec.adapter.type for spec in specs).most_common(1)[0][1] == 1


# ---- faults of the configuration


def test_a_city_that_is_real_cannot_be_played_to(city: CityConfig) -> None:
    tables = msgspec.to_builtins(city)
    tables["city"]["simulation"] = False
    with pytest.raises(msgspec.ValidationError, match=r"simulation = true alone"):
        msgspec.convert(tables, CityConfig)
    tables["city"]["simulation"] = True
    tables["scenario"] = None
    with pytest.raises(msgspec.ValidationError, match=r"needs a \[scenario\]"):
        msgspec.convert(tables, CityConfig)


def test_a_wrong_script_says_which_file_and_what(tmp_path: Path) -> None:
    text = (DEMO.parent / "scenario.toml").read_text()
    for old, new, why in (
        ('begins = "05:00"', 'begins = "5 am"', "matching regex"),
        ('replaces = "hujan"', 'replaces = "salju"', "replaces 'salju'"),
        ('start = "06:30"', 'start = "04:30"', "come in this order"),
        ("[day]", "[days]", "unknown field"),
    ):
        path = tmp_path / "scenario.toml"
        path.write_text(text.replace(old, new, 1))
        with pytest.raises(WallboardError, match=rf"scenario\.toml cannot be used: .*{why}"):
            read_script(path)
    with pytest.raises(WallboardError, match=r"places\.json cannot be used"):
        read_places(tmp_path / "places.json")


def test_a_place_that_nobody_knows_and_an_absurd_speed_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "scenario.toml"
    path.write_text((DEMO.parent / "scenario.toml").read_text().replace('"pa-01"', '"pa-99"'))
    options: dict[str, Any] = {"speed": 60.0, "seed": 1, "anchor": ANCHOR, "zone": ZONE}
    with pytest.raises(WallboardError, match="names the place 'pa-99'"):
        Scenario.load(path, DEMO.parent / "places.json", **options)
    with pytest.raises(WallboardError, match=r"scenario\.speed is 1 to 3600, not 0"):
        scenario(speed=0.0)
