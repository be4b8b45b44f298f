"""wallboard/engine/cameras.py: what lists say and what checks find, in any order and across restarts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.worlds import MIDDLES, OUTSIDE, Book, small_world
from wallboard.engine import cameras, reduce
from wallboard.engine.world import World
from wallboard.entities import Alert, Camera, CameraStream
from wallboard.events import AnyEvent, CameraChecked, CameraListed, CameraSeen, Gone, Present, Stream

T = 1_780_000_000.0
JATI = "99.01.01.1003"


def listed(at: float = 0.0, id: str = "1", **fields: Any) -> CameraListed:
    known: dict[str, Any] = {"name": "Simpang Contoh", "lon": MIDDLES[JATI][0], "lat": MIDDLES[JATI][1]}
    return CameraListed(feed="cctv", source_id=id, received_at=T + at, **known | fields)


def checked(
    at: float, state: Any, reason: str = "", since: float | None = None, id: str = "1"
) -> CameraChecked:
    begun = None if since is None else T + since
    return CameraChecked(
        feed="cctv", source_id=id, received_at=T + at, state=state, reason=reason, since=begun
    )


def gone(at: float, id: str = "1") -> Gone:
    return Gone(feed="cctv", source_id=id, received_at=T + at, kind="camera")


def present(at: float, *ids: str) -> Present:
    return Present(feed="cctv", source_id="", received_at=T + at, kind="camera", ids=ids)


def play(world: World, *events: AnyEvent, now: float | None = None) -> None:
    for event in events:
        reduce.apply(world, [event], event.received_at)
    if now is not None:
        reduce.apply(world, [], T + now)


def world_of(*events: AnyEvent, now: float | None = None) -> World:
    world = small_world()
    play(world, *events, now=now)
    return world


def camera(world: World, id: str = "1") -> Camera:
    found = world.get(Camera, f"cctv/{id}")
    assert found is not None
    return found


def changes(world: World) -> list[str]:
    return [change.id for change in world.draft().changes if change.kind == "camera"]


def test_a_listed_camera_is_shown_in_its_district_and_not_yet_known() -> None:
    shown = camera(world_of(listed(streams=(Stream(type="hls", url="https://a.example/1.m3u8"),))))
    assert (shown.place.district, shown.place.confidence) == (JATI, "inside")
    assert f"d:{JATI}" in shown.scope
    assert shown.streams == (CameraStream(type="hls", url="https://a.example/1.m3u8"),)
    assert (shown.state, shown.checked_at, shown.since) == ("unknown", None, T)


def test_the_lists_word_is_shown_as_such_and_is_not_the_state() -> None:
    shown = camera(world_of(listed(claimed="online", status_raw="Aktif", observed_at=T - 86400)))
    assert (shown.claimed, shown.status_raw, shown.listed_at) == ("online", "Aktif", T - 86400)
    assert shown.state == "unknown"


def test_a_camera_without_coordinates_is_placed_by_the_names_in_its_address() -> None:
    shown = camera(world_of(listed(lon=None, lat=None, address="Kel. Kebon Jati, Kec. Pesisir")))
    assert (shown.place.district, shown.place.confidence) == (JATI, "by_name")


def test_a_camera_without_any_place_or_outside_is_shown() -> None:
    world = world_of(listed(lon=None, lat=None), listed(id="2", lon=OUTSIDE[0], lat=OUTSIDE[1]))
    assert camera(world).place.confidence == "no_location"
    assert camera(world, "2").place.confidence == "outside"
    assert camera(world).scope == ()


def test_exchanged_coordinates_are_marked_and_not_mended() -> None:
    lon, lat = MIDDLES[JATI]
    assert "swapped_suspected" in camera(world_of(listed(lon=lat, lat=lon))).place.flags


# -- checks ----------------------------------------------------------------------------------------------


def test_a_check_sets_state_and_since() -> None:
    shown = camera(world_of(listed(), checked(60, "frozen", "stands_still", since=20)))
    assert (shown.state, shown.reason, shown.since, shown.checked_at) == (
        "frozen", "stands_still", T + 20, T + 60
    )  # fmt: skip


def test_since_changes_only_with_the_state() -> None:
    world = world_of(listed(), checked(60, "online"), checked(900, "online", since=890))
    assert (camera(world).since, camera(world).checked_at) == (T + 60, T + 900)
    play(world, checked(960, "offline", "unreachable", since=930))
    assert camera(world).since == T + 930


def test_a_check_that_finds_the_same_commits_only_every_few_minutes() -> None:
    world = world_of(listed(), checked(0, "online"))
    world.draft()
    play(world, *(checked(15.0 * n, "online") for n in range(1, 16)))
    assert changes(world) == []
    play(world, checked(cameras.CHECKED_EVERY_S, "online"))
    assert changes(world) == ["cctv/1"]


def test_a_new_list_keeps_the_health() -> None:
    world = world_of(listed(), checked(60, "offline", "unreachable"), listed(300, name="Nama Baru"))
    shown = camera(world)
    assert (shown.name, shown.state, shown.since, shown.checked_at) == (
        "Nama Baru", "offline", T + 60, T + 60
    )  # fmt: skip


def test_checks_before_the_list_are_kept_for_it() -> None:
    world = world_of(checked(0, "offline", "no_answer", since=-30), checked(15, "offline", "unreachable"))
    assert world.get(Camera, "cctv/1") is None
    play(world, listed(30))
    shown = camera(world)
    assert (shown.state, shown.reason, shown.since, shown.checked_at) == (
        "offline", "unreachable", T - 30, T + 15
    )  # fmt: skip
    assert not world.memories("camera_check")


def test_checks_of_what_no_list_names_are_forgotten() -> None:
    world = world_of(checked(0, "online"), now=cameras.CHECK_LIFE_S + 1)
    assert not world.memories("camera_check")


def test_a_state_that_nobody_confirms_any_more_is_not_known() -> None:
    world = world_of(listed(), checked(60, "online"), now=60 + cameras.CHECK_LIFE_S - 1)
    assert camera(world).state == "online"
    play(world, now=60 + cameras.CHECK_LIFE_S)
    shown = camera(world)
    assert (shown.state, shown.reason, shown.since) == (
        "unknown", "not_checked", T + 60 + cameras.CHECK_LIFE_S
    )  # fmt: skip
    assert shown.checked_at == T + 60


def test_a_confirmed_state_does_not_lapse() -> None:
    events: list[AnyEvent] = [checked(300.0 * n, "frozen", "stands_still", since=-9) for n in range(10)]
    world = world_of(listed(), *events, now=3000)
    assert (camera(world).state, camera(world).since) == ("frozen", T - 9)


def test_a_camera_that_cannot_be_checked_says_why_and_stays_so() -> None:
    world = world_of(listed(), checked(1, "unknown", "no_stream"), now=86400)
    assert (camera(world).state, camera(world).reason) == ("unknown", "no_stream")


# -- order -----------------------------------------------------------------------------------------------


def test_an_unchanged_list_changes_nothing() -> None:
    world = world_of(listed(), checked(10, "online"))
    world.draft()
    play(world, *(listed(60.0 * n) for n in range(1, 15)))
    assert changes(world) == []


def test_a_list_that_renews_only_its_times_is_shown_now_and_then() -> None:
    world = world_of(listed(observed_at=T))
    world.draft()
    play(world, *(listed(60.0 * n, observed_at=T + 60.0 * n) for n in range(1, 15)))
    assert changes(world) == []
    play(world, listed(900, observed_at=T + 900))
    assert camera(world).listed_at == T + 900


def test_an_older_list_or_check_changes_nothing() -> None:
    events: list[AnyEvent] = [
        listed(),
        listed(100, name="Baru"),
        checked(100, "online"),
        checked(160, "frozen"),
    ]
    world = world_of(*events)
    world.draft()
    play(world, *events)
    assert changes(world) == []


def test_a_time_of_the_future_is_marked() -> None:
    shown = camera(world_of(listed(observed_at=T + 86400)))
    assert shown.flags == ("clock_ahead",)
    assert shown.listed_at == T
    assert shown.at == T


# -- end -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [gone(100), present(100, "2")])
def test_what_the_list_holds_no_more_is_marked_and_leaves_later(end: AnyEvent) -> None:
    world = world_of(listed(), checked(60, "online"), listed(0, id="2"), end)
    shown = camera(world)
    assert (shown.state, shown.reason, shown.flags, shown.since) == (
        "unknown", "not_listed", ("gone",), T + 100
    )  # fmt: skip
    assert camera(world, "2").flags == ()
    play(world, now=100 + world.city.retention.camera)
    assert world.get(Camera, "cctv/1") is None
    assert world.get(Camera, "cctv/2") is not None


def test_the_list_of_one_feed_says_nothing_of_another() -> None:
    other = CameraListed(feed="lain", source_id="1", received_at=T, name="Lain")
    world = world_of(other, listed(), present(10))
    found = world.get(Camera, "lain/1")
    assert found is not None
    assert found.flags == ()


def test_what_is_listed_again_is_back_and_not_yet_known() -> None:
    world = world_of(listed(), checked(60, "online"), present(100), checked(110, "offline"), listed(160))
    shown = camera(world)
    assert (shown.flags, shown.state) == ((), "unknown")
    play(world, now=100 + world.city.retention.camera + 1)
    assert world.get(Camera, "cctv/1") is not None


def test_what_was_received_before_the_end_does_not_bring_it_back_nor_an_old_end_take_it() -> None:
    world = world_of(listed(), present(100), listed(50))
    assert camera(world).flags == ("gone",)
    play(world, listed(200), present(100), gone(150))
    assert camera(world).flags == ()


def test_the_end_of_what_is_not_known_is_nothing() -> None:
    assert changes(world_of(gone(1), present(2, "7"))) == []


# -- what it sees ----------------------------------------------------------------------------------------


def seen(at: float, what: Any = "person", since: float | None = None, id: str = "cctv/1") -> CameraSeen:
    begun = None if since is None else T + since
    return CameraSeen(feed="frigate", source_id=id, received_at=T + at, what=what, since=begun)


def test_what_a_camera_sees_is_shown_since_when_and_its_health_stays() -> None:
    world = world_of(listed(), checked(1, "online"), seen(20, since=15), seen(50))
    shown = camera(world)
    assert (shown.seen, shown.seen_since, shown.state, shown.at) == ("person", T + 15, "online", T + 20)
    play(world, seen(60, "crossing"))
    assert (camera(world).seen, camera(world).seen_since) == ("crossing", T + 60)
    play(world, seen(70, ""))
    assert (camera(world).seen, camera(world).seen_since) == ("", T + 60)


def test_a_repetition_makes_no_change() -> None:
    world = world_of(listed(), seen(20))
    world.draft()
    play(world, seen(50), seen(40, "motion"))
    assert changes(world) == [], "nor does what was received before"


def test_what_nobody_repeats_ends_by_itself_also_across_a_restart() -> None:
    world, book = world_of(listed(), seen(20)), Book()
    book.commit(world)
    world = book.reopened(T + 21)
    play(world, now=20 + cameras.SEEN_LIFE_S - 1)
    assert camera(world).seen == "person"
    play(world, now=20 + cameras.SEEN_LIFE_S)
    assert (camera(world).seen, camera(world).seen_since) == ("", T + 20)


def test_a_sight_before_the_list_waits_for_it_and_a_new_list_keeps_it() -> None:
    world = world_of(seen(0), listed(10))
    assert camera(world).seen == "person"
    play(world, listed(20, name="Simpang Baru"))
    assert (camera(world).name, camera(world).seen) == ("Simpang Baru", "person")
    play(world, seen(30, ""), listed(40, name="Simpang Lagi"))
    assert (camera(world).seen, camera(world).seen_since) == ("", T)
    play(world, seen(45), present(50))
    assert (camera(world).flags, camera(world).seen) == (("gone",), "")


def test_a_sight_held_back_for_long_says_nothing_of_now() -> None:
    world = world_of(listed(), now=500)
    reduce.apply(world, [seen(400)], T + 500)
    assert camera(world).seen == ""


# -- everything at once ----------------------------------------------------------------------------------

_EVENTS = st.lists(
    st.one_of(
        st.builds(lambda n, name: ("listed", n, name), st.sampled_from("12"), st.sampled_from("AB")),
        st.builds(
            lambda n, state: ("checked", n, state),
            st.sampled_from("12"),
            st.sampled_from(["online", "frozen", "offline", "unknown"]),
        ),
        st.builds(lambda n: ("gone", n, ""), st.sampled_from("12")),
        st.builds(lambda n: ("present", n, ""), st.sampled_from("12")),
    ),
    max_size=14,
)


def _events(steps: list[tuple[str, str, str]], gap: float) -> list[AnyEvent]:
    made: list[AnyEvent] = []
    for index, (what, id, word) in enumerate(steps):
        at = index * gap
        made.append(
            listed(at, id, name=word)
            if what == "listed"
            else checked(at, word, id=id)
            if what == "checked"
            else gone(at, id)
            if what == "gone"
            else present(at, id)
        )
    return made


@example(steps=[("checked", "2", "online"), ("listed", "2", "A")], half=2, gap=7000.0)
@settings(max_examples=60)
@given(_EVENTS, st.integers(0, 14), st.sampled_from([15.0, 200.0, 7000.0]))
def test_a_restart_halfway_and_events_twice_end_the_same(
    steps: list[tuple[str, str, str]], half: int, gap: float
) -> None:
    events = _events(steps, gap)
    end = len(events) * gap
    straight = world_of(*events, now=end)
    book = Book()
    first = small_world()
    play(first, *events[:half])
    book.commit(first)
    second = book.reopened(first.now)
    # At-least-once delivery: the last few come again.
    play(second, *events[max(0, half - 3) : half], *events[half:], now=end)
    assert dict(second.of_kind("camera")) == dict(straight.of_kind("camera"))
    assert dict(second.memories("camera_check")) == dict(straight.memories("camera_check"))


def test_a_rule_on_what_a_camera_sees_alerts_after_its_delay_and_ends_with_it() -> None:
    rule = {
        "id": "r", "type": "threshold", "kind": "camera", "where": {"seen": ["person", "intrusion"]},
        "on_delay": 10.0, "severity": "caution", "text": {"id": "Orang di {name}", "en": "Person at {name}"},
    }  # fmt: skip
    world = small_world(rule=[rule])
    play(world, listed(), seen(20), now=29)
    assert [alert for alert in world.all(Alert) if alert.rule == "r"] == []
    play(world, seen(25, "intrusion"), now=31)
    (alert,) = [alert for alert in world.all(Alert) if alert.rule == "r"]
    assert (alert.subject, alert.state, alert.texts["id"]) == (
        "camera:cctv/1", "unacknowledged", "Orang di Simpang Contoh",
    )  # fmt: skip
    play(world, seen(40, "vehicle"), now=60)
    (alert,) = [alert for alert in world.all(Alert) if alert.rule == "r"]
    assert alert.state == "returned_unacknowledged"
