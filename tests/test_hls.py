"""feeds/cameras/hls.py: playlists as servers write them, and the verdict over a row of checks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.cameras import hls
from feeds.cameras.hls import Failure, Health, Master, Media, judge, read
from wallboard.errors import BadDocument

URL = "https://cctv.example/live/cam1/index.m3u8"
DOWN = Failure("unreachable")


def playlist(first: int, count: int = 3, *, target: int = 4, extra: str = "") -> bytes:
    """A live playlist of segments `first`, `first` + 1, …"""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        f"#EXT-X-TARGETDURATION:{target}",
        f"#EXT-X-MEDIA-SEQUENCE:{first}",
    ]
    for number in range(first, first + count):
        lines += [f"#EXTINF:{target}.0,", f"seg{number}.ts"]
    return ("\n".join(lines) + "\n" + extra).encode()


def media(body: bytes) -> Media:
    found = read(body, URL)
    assert isinstance(found, Media)
    return found


def after(*checks: tuple[float, bytes | Failure | None]) -> Health:
    """The health after checks at these times."""
    health: Health | None = None
    for now, seen in checks:
        health = judge(health, media(seen) if isinstance(seen, bytes) else seen, now)
    assert health is not None
    return health


# -- reading ---------------------------------------------------------------------------------------------


def test_a_media_playlist_says_where_it_stands() -> None:
    found = media(playlist(41))
    assert found == Media(hls.Mark(44, "", "seg43.ts"), 3, 4.0, ended=False)


def test_a_master_playlist_leads_to_its_first_variant() -> None:
    body = (
        b'#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",URI="audio.m3u8"\n'
        b"#EXT-X-STREAM-INF:BANDWIDTH=800000\nlow/index.m3u8?t=1\n"
        b"#EXT-X-STREAM-INF:BANDWIDTH=2000000\nhigh/index.m3u8\n"
    )
    assert read(body, URL) == Master("https://cctv.example/live/cam1/low/index.m3u8?t=1")


def test_a_comment_between_the_tag_and_the_variant_does_not_matter() -> None:
    body = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n# low\n\n/v.m3u8\n"
    assert read(body, URL) == Master("https://cctv.example/v.m3u8")


def test_windows_line_ends_and_a_byte_order_mark_are_tolerated() -> None:
    assert media(b"\xef\xbb\xbf" + playlist(1).replace(b"\n", b"\r\n")) == media(playlist(1))


def test_tokens_in_the_query_do_not_make_a_segment_new() -> None:
    one, two = (playlist(1).replace(b".ts", b".ts?token=%d" % token) for token in (1, 2))
    assert media(one).mark == media(two).mark


def test_parts_of_a_low_latency_playlist_count_as_movement() -> None:
    one = media(playlist(1, extra='#EXT-X-PART:DURATION=0.5,URI="seg4.part0.mp4"\n'))
    two = media(playlist(1, extra='#EXT-X-PART:DURATION=0.5,URI="seg4.part1.mp4"\n'))
    assert one.mark != two.mark


def test_gaps_are_no_pictures() -> None:
    gap = b"#EXT-X-GAP\n#EXTINF:4,\nseg.ts\n"
    assert media(b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n" + gap * 2).segments == 0
    lost = media(playlist(1, extra="#EXT-X-GAP\n#EXTINF:4,\nseg4.ts\n"))
    assert (lost.mark, lost.segments) == (media(playlist(1)).mark, 3)


@pytest.mark.parametrize("value", ["", "abc", "-4", "9" * 400, "1e400", "nan", "٣"])
def test_an_absurd_target_duration_does_not_put_off_the_verdict(value: str) -> None:
    body = f"#EXTM3U\n#EXT-X-TARGETDURATION:{value}\n#EXTINF:4,\na.ts\n".encode()
    assert 0 < media(body).target_s <= hls.MAX_TARGET_S


@pytest.mark.parametrize("value", ["", "x", "-1", "9" * 5000, "²"])
def test_an_absurd_sequence_is_left_out(value: str) -> None:
    body = f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:{value}\n#EXTINF:4,\na.ts\n".encode()
    assert media(body).mark.newest == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"<html><title>Login</title></html>", b'{"error":"offline"}', b"\x89PNG\r\n\x1a\n", b"seg1.ts\n"],
)
def test_what_is_no_playlist_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument, match="#EXTM3U"):
        read(body, URL)


def test_a_giant_playlist_is_refused_unread() -> None:
    with pytest.raises(BadDocument, match="more than the"):
        read(b"#EXTM3U\n" + b"a" * hls.MAX_PLAYLIST_BYTES, URL)


def test_a_variant_with_a_broken_address_is_refused() -> None:
    with pytest.raises(BadDocument, match="cannot be read"):
        read(b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://[::1/x.m3u8\n", URL)


@given(st.binary(max_size=400), st.booleans())
def test_no_bytes_break_the_reader(body: bytes, claims: bool) -> None:
    try:
        found = read(b"#EXTM3U\n" * claims + body, URL)
    except BadDocument:
        return
    assert isinstance(found, Master | Media)


# -- judging ---------------------------------------------------------------------------------------------


def test_one_look_proves_nothing() -> None:
    assert after((100, playlist(1))).state == "unknown"


def test_a_playlist_that_advances_is_online_since_it_was_first_seen_to() -> None:
    health = after((100, playlist(1)), (115, playlist(4)), (130, playlist(8)))
    assert (health.state, health.since, health.checked_at) == ("online", 115, 130)


def test_a_growing_playlist_that_drops_nothing_advances_too() -> None:
    assert after((100, playlist(0, 3)), (115, playlist(0, 6))).state == "online"


def test_a_playlist_without_numbers_advances_by_its_segments_names() -> None:
    bodies = [b"#EXTM3U\n#EXTINF:4,\n%d.ts\n#EXTINF:4,\n%d.ts\n" % (n, n + 1) for n in (1, 2)]
    assert after((100, bodies[0]), (115, bodies[1])).state == "online"


def test_a_playlist_of_one_renewed_segment_advances_by_its_time() -> None:
    stamp = b"#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:2026-05-12T04:06:%d.000+07:00\n#EXTINF:4,\nlive.ts\n"
    assert after((100, stamp % 10), (115, stamp % 25)).state == "online"


def test_a_playlist_that_stands_still_is_frozen_since_it_last_moved() -> None:
    checks = [(100.0, playlist(1)), (115.0, playlist(4)), (130.0, playlist(4)), (145.0, playlist(4))]
    assert after(*checks[:3]).state == "online"
    health = after(*checks)
    assert (health.state, health.reason, health.since) == ("frozen", "stands_still", 115)


def test_long_segments_get_three_of_them_before_they_count_as_frozen() -> None:
    slow = [playlist(n, target=20) for n in (1, 2)]
    checks: list[tuple[float, bytes | Failure | None]] = [(0, slow[0]), (20, slow[1]), (79, slow[1])]
    assert after(*checks).state == "online"
    assert after(*checks, (80, slow[1])).state == "frozen"


def test_not_modified_is_no_movement() -> None:
    health = after((100, playlist(1)), (115, playlist(4)), (130, None), (146, None))
    assert (health.state, health.since) == ("frozen", 115)


def test_what_moves_again_is_online_at_once() -> None:
    health = after((100, playlist(1)), (140, playlist(1)), (155, playlist(2)))
    assert (health.state, health.since, health.reason) == ("online", 155, "")


def test_two_frozen_servers_behind_one_address_are_not_alive() -> None:
    row = [(100 + 15 * n, playlist(7 if n % 2 else 3)) for n in range(8)]
    assert after(*row).state == "frozen"


def test_a_new_session_in_the_segments_names_is_no_movement() -> None:
    session = [media(playlist(4).replace(b"seg", b"media_w%d_" % number)) for number in range(9)]
    health = after((100, playlist(4)))
    for index, seen in enumerate(session):
        health = judge(health, seen, 115 + 15 * index, reopened=True)
    assert (health.state, health.reason) == ("frozen", "stands_still")
    assert judge(health, media(playlist(5)), 400, reopened=True).state == "online"


def test_a_stream_that_starts_anew_at_zero_is_alive() -> None:
    assert after((0, playlist(900)), (15, playlist(905)), (30, playlist(0))).moved_at == 30


def test_a_recording_in_the_place_of_a_live_picture_is_frozen() -> None:
    vod = playlist(0, extra="#EXT-X-ENDLIST\n")
    health = after((100, vod))
    assert (health.state, health.reason, health.since) == ("frozen", "ended", 100)
    assert after((100, vod), (115, None)).reason == "ended"
    assert after((100, playlist(1)), (115, playlist(3)), (130, vod)).state == "frozen"


def test_a_playlist_without_segments_is_frozen_in_the_end_whatever_its_number() -> None:
    empty = [b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:%d\n" % n for n in range(4)]
    health = after(*((15.0 * n, body) for n, body in enumerate(empty)))
    assert (health.state, health.reason) == ("frozen", "no_segments")


def test_one_lost_check_is_not_a_dead_camera() -> None:
    health = after((100, playlist(1)), (115, playlist(4)), (130, DOWN), (145, DOWN))
    assert (health.state, health.failures) == ("online", 2)
    assert judge(health, media(playlist(9)), 160).failures == 0


def test_what_cannot_be_reached_three_times_is_offline_since_the_first() -> None:
    health = after((100, playlist(1)), (115, playlist(4)), (130, DOWN), (145, DOWN), (160, DOWN), (175, DOWN))
    assert (health.state, health.reason, health.since) == ("offline", "unreachable", 130)


def test_the_newest_reason_of_an_offline_camera_is_shown() -> None:
    checks = [(15.0 * n, DOWN) for n in range(3)]
    assert after(*checks, (45, Failure("not_a_playlist"))).reason == "not_a_playlist"


def test_a_camera_that_answers_again_is_online_only_when_it_moves() -> None:
    dead: list[tuple[float, bytes | Failure | None]] = [(0, playlist(1)), (15, playlist(4))]
    dead += [(30, DOWN), (45, DOWN), (60, DOWN)]
    assert after(*dead, (75, playlist(9))).state == "online"
    standing = after(*dead, (75, playlist(4)))
    assert (standing.state, standing.since) == ("frozen", 75)


def test_a_camera_first_met_offline_needs_two_looks() -> None:
    dead: list[tuple[float, bytes | Failure | None]] = [(15 * n, DOWN) for n in range(3)]
    assert after(*dead, (60, playlist(1))).state == "offline"
    assert after(*dead, (60, playlist(1)), (75, playlist(2))).state == "online"


@given(st.lists(st.sampled_from(["move", "still", "down", "html", "same", "end"]), max_size=40))
def test_since_changes_with_the_state_and_never_lies_ahead(steps: list[str]) -> None:
    health: Health | None = None
    at = 0
    for index, step in enumerate(steps):
        now = 1000 + 15.0 * index
        at += step == "move"
        seen: Media | Failure | None = {
            "down": DOWN,
            "html": Failure("not_a_playlist"),
            "same": None,
            "end": media(playlist(at, extra="#EXT-X-ENDLIST\n")),
        }.get(step, media(playlist(at)))
        before, health = health, judge(health, seen, now)
        assert health.since <= health.checked_at == now
        assert len(health.marks) <= hls.REMEMBERED_MARKS
        if before is not None and before.state == health.state:
            assert health.since == before.since
        if health.state == "online":
            assert health.moved_at is not None
            assert not health.reason
