"""feeds/reading/times.py: every way in which a source of ../shared/FEEDS.md writes a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.reading.times import parse_time

JAKARTA = ZoneInfo("Asia/Jakarta")
#: 2026-09-24 14:30:00 in Jakarta
MOMENT = 1790235000.0


@pytest.mark.parametrize(
    "written",
    [
        "2026-09-24T14:30:00+07:00",
        "2026-09-24T14:30:00+0700",
        "2026-09-24T07:30:00-00:00",
        "2026-09-24T07:30:00Z",
        "2026-09-24t07:30:00z",
        "2026-09-24 07:30 UTC",
        "2026-09-24T15:30:00+08",
        "2026-09-24T02:00:00-05:30",
        "2026-09-24T14:30:00 GMT+7",
        "20260924T073000Z",
        "20260924143000 WIB",
        "Thu, 24 Sep 2026 14:30:00 +0700",
        "Thu, 24 Sep 2026 07:30:00 GMT",
        "24 Sep 26 02:30 EST",
        "24 September 2026 14:30 WIB",
        "24 September 2026 15:30 WITA",
        "24 September 2026 16:30:00 WIT",
        "Kamis, 24 September 2026 pukul 14.30 WIB",
        "Kamis, 24 Sept. 2026 - 14:30 WIB",
        "24/09/2026 14:30 WIB",
        "24-09-2026, 2:30 PM WIB",
        " 24  September 2026\n14:30 wib ",
        "1790235000",
        "1790235000.0",
        "1790235000000",
        "1790235000000000",
        1790235000,
        1790235000.0,
        1790235000000,
    ],
)
def test_times_that_know_their_zone(written: str | int | float) -> None:
    assert parse_time(written, UTC) == (MOMENT, ())


@pytest.mark.parametrize(
    "written",
    [
        "2026-09-24T14:30:00",
        "2026-09-24 14:30",
        "2026/09/24 14:30:00",
        "20260924143000",
        "24 September 2026 14:30",
        "24 Sep 2026, 14.30.00",
        "24/9/2026 14:30",
        "24.09.2026 14:30",
    ],
)
def test_times_without_a_zone_are_read_in_the_feeds_and_flagged(written: str) -> None:
    assert parse_time(written, JAKARTA) == (MOMENT, ("no_zone",))
    assert parse_time(written, ZoneInfo("Asia/Makassar")) == (MOMENT - 3600, ("no_zone",))


@pytest.mark.parametrize(
    ("month", "number"),
    [
        ("Januari", 1), ("Februari", 2), ("Pebruari", 2), ("Maret", 3), ("April", 4), ("Mei", 5), ("Juni", 6),
        ("Juli", 7), ("Agustus", 8), ("Agu", 8), ("Ags", 8), ("Agt", 8), ("September", 9), ("Oktober", 10),
        ("Okt", 10), ("November", 11), ("Nopember", 11), ("Desember", 12), ("Des", 12), ("May", 5),
        ("August", 8),
        ("October", 10), ("December", 12),
    ],
)  # fmt: skip
def test_months_in_indonesian_and_english(month: str, number: int) -> None:
    expected = datetime(2021, number, 20, 7, 15, tzinfo=JAKARTA).timestamp()
    assert parse_time(f"20 {month} 2021 07:15", JAKARTA)[0] == expected
    assert parse_time(f"20 {month.upper()} 2021 07:15", JAKARTA)[0] == expected


def test_a_112_log_of_a_regency() -> None:
    expected = datetime(2021, 8, 20, 7, 15, tzinfo=JAKARTA).timestamp()
    assert parse_time("20 Agustus 2021 07:15", JAKARTA) == (expected, ("no_zone",))


def test_an_earthquakes_date_and_hour_put_together() -> None:
    # 12 May in WIB is still 11 May in UTC.
    expected = datetime(2026, 5, 11, 21, 6, 20, tzinfo=UTC).timestamp()
    assert parse_time("12 Mei 2026 04:06:20 WIB", UTC) == (expected, ())


def test_a_date_alone_is_its_midnight_in_the_zone() -> None:
    expected = datetime(2026, 5, 12, tzinfo=JAKARTA).timestamp()
    assert parse_time("2026-05-12", JAKARTA) == (expected, ("no_zone",))
    assert parse_time("12 Mei 2026", JAKARTA) == (expected, ("no_zone",))
    assert parse_time("20260512", JAKARTA) == (expected, ("no_zone",))


def test_fractions_of_a_second() -> None:
    assert parse_time("2017-02-21T06:34:07.672Z", UTC)[0] == pytest.approx(1487658847.672, abs=1e-6)
    assert parse_time("2017-02-21T06:34:07,672Z", UTC)[0] == pytest.approx(1487658847.672, abs=1e-6)
    assert parse_time("1596512941.163", UTC)[0] == pytest.approx(1596512941.163, abs=1e-6)


def test_the_end_of_a_day_and_a_leap_second_are_the_next_day() -> None:
    midnight = datetime(2027, 1, 1, tzinfo=UTC).timestamp()
    assert parse_time("2026-12-31T24:00:00Z", UTC)[0] == midnight
    assert parse_time("2016-12-31T23:59:60Z", UTC)[0] == datetime(2017, 1, 1, tzinfo=UTC).timestamp()


def test_a_clock_that_was_never_set_is_flagged() -> None:
    assert parse_time("0001-01-01T00:00:00Z", UTC) == (-62135596800.0, ("before_1970",))
    assert parse_time("1969-12-31T23:59:59", UTC) == (-1.0, ("no_zone", "before_1970"))
    assert parse_time(0, UTC) == (0.0, ())


@pytest.mark.parametrize(
    "written",
    [
        "", "  ", "null", "-", "kemarin", "2026-13-01", "2026-02-30T00:00:00Z", "24 Foo 2026", "32 Mei 2026",
        "2026-09-24T25:00:00Z", "2026-09-24T14:61:00Z", "2026-09-24T14:30:00 XYZ",
        "2026-09-24T14:30:00+99:99",
        "2026-09-24 13:30 PM", "9/24/2026 14:05", "9" * 30, "1e5", "2026-09-24T14:30:00Z and more",
        "x" * 100_000,
        float("nan"), float("inf"), 1e300, -1e300, 10**400,
    ],
)  # fmt: skip
def test_what_is_no_time_says_so(written: str | int | float) -> None:
    with pytest.raises(ValueError) as caught:
        parse_time(written, UTC)
    assert 0 < len(str(caught.value)) < 200


@pytest.mark.parametrize("value", [None, True, [], {}, b"2026-09-24"])
def test_other_types_are_refused_not_guessed(value: object) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        parse_time(value, UTC)  # type: ignore[arg-type]


@given(
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)),
    st.integers(-14 * 60, 14 * 60),
)
def test_iso_is_read_as_python_reads_it(moment: datetime, offset: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    seconds, flags = parse_time(aware.isoformat(), UTC)
    expected = (aware - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    assert seconds == pytest.approx(expected, abs=1e-4)
    assert ("before_1970" in flags) == (seconds < 0)


@given(st.text(max_size=60))
def test_any_text_is_a_time_or_a_value_error(text: str) -> None:
    try:
        parse_time(text, JAKARTA)
    except ValueError:
        pass
