"""feeds/gdacs.py: disasters of the world, of which a city wants those of its country."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feeds.base import Context, Parsed
from feeds.gdacs import LIFE_S, GdacsOptions, parse
from tests.samples import samples
from tests.worlds import small_world
from wallboard.engine import reduce
from wallboard.entities import Hazard
from wallboard.errors import BadDocument
from wallboard.events import HazardIssued, Present

NOW = datetime(2026, 11, 22, 2, 10, tzinfo=UTC).timestamp()
CONTEXT = Context("gdacs", NOW, ZoneInfo("Asia/Jakarta"))
ALL = GdacsOptions(countries=[], at_least="green", types=["EQ", "TC", "FL", "VO", "DR", "WF", "TS"])
SPACES = 'xmlns:gdacs="http://www.gdacs.org" xmlns:georss="http://www.georss.org/georss" xmlns:geo="x"'


def item(**changes: Any) -> str:
    words: dict[str, str] = {
        "title": "Orange flood alert in Indonesia", "description": "On 21/11/2026, a flood started.",
        "link": "https://www.gdacs.org/report.aspx?eventtype=FL&amp;eventid=1103",
        "pubDate": "Sun, 22 Nov 2026 01:00:00 GMT", "guid": "FL1103", "gdacs:iscurrent": "true",
        "gdacs:fromdate": "Sat, 21 Nov 2026 10:00:00 GMT", "georss:point": "-6.9 107.6",
        "gdacs:bbox": "103.6 111.6 -10.9 -2.9", "gdacs:eventtype": "FL", "gdacs:alertlevel": "Orange",
        "gdacs:eventid": "1103", "gdacs:episodeid": "2", "gdacs:eventname": "",
        "gdacs:severity": "Magnitude 5.9", "gdacs:population": "12 deaths", "gdacs:iso3": "IDN",
        "gdacs:country": "Indonesia",
    } | {name.replace("_", ":"): text for name, text in changes.items()}  # fmt: skip
    return f"<item>{''.join(f'<{name}>{text}</{name}>' for name, text in words.items() if text)}</item>"


def read(*items: str, options: GdacsOptions | None = None) -> Parsed:
    body = f'\ufeff<?xml version="1.0"?><rss {SPACES}><channel>{"".join(items)}</channel></rss>'
    return parse(body.encode(), CONTEXT, options or GdacsOptions())


def hazards(parsed: Parsed) -> list[HazardIssued]:
    return [event for event in parsed.events if isinstance(event, HazardIssued)]


def test_an_event_is_a_hazard_at_its_point_and_not_in_its_frame() -> None:
    parsed = read(item())
    assert not parsed.faults
    (event,) = hazards(parsed)
    assert (event.thing, event.sent) == ("FL1103", datetime(2026, 11, 22, 1, 0, tzinfo=UTC).timestamp())
    (indonesian, english) = event.infos
    assert (indonesian.headline, english.headline) == ("Banjir · Indonesia", "Flood · Indonesia")
    assert indonesian.text == "Magnitude 5.9\n12 deaths\nOn 21/11/2026, a flood started."
    assert (indonesian.severity, indonesian.expires) == ("Moderate", NOW + LIFE_S)
    assert indonesian.onset == datetime(2026, 11, 21, 10, 0, tzinfo=UTC).timestamp()
    assert indonesian.areas[0].circles == ((107.6, -6.9, 0.0),)
    assert indonesian.areas[0].polygons == ()
    assert parsed.events[-1] == Present(
        feed="gdacs", source_id="", received_at=NOW, kind="hazard", ids=("FL1103",)
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"gdacs_iso3": "PHL"}, {"gdacs_alertlevel": "Green"}, {"gdacs_eventtype": "EQ"},
        {"gdacs_iscurrent": "false"}, {"gdacs_iso3": ""},
    ],
)  # fmt: skip
def test_what_was_not_asked_for_is_left_out_without_a_fault(changes: dict[str, str]) -> None:
    parsed = read(item(**changes))
    assert (hazards(parsed), parsed.faults) == ([], [])


def test_an_event_of_several_countries_is_one_of_ours() -> None:
    assert len(hazards(read(item(gdacs_iso3="PHL, IDN, MYS")))) == 1


def test_a_new_episode_is_the_same_event() -> None:
    first, second = read(item()), read(item(gdacs_episodeid="3", gdacs_alertlevel="Red"))
    assert [event.thing for event in hazards(first) + hazards(second)] == ["FL1103", "FL1103"]
    assert hazards(second)[0].infos[0].severity == "Severe"


def test_a_cyclone_has_a_name() -> None:
    (event,) = hazards(read(item(gdacs_eventtype="TC", gdacs_eventname="SEROJA-21")))
    assert event.infos[0].headline == "Siklon tropis SEROJA-21 · Indonesia"


def test_without_georss_the_other_point_counts_and_without_both_the_country() -> None:
    other = item(georss_point="", geo_Point="<geo:lat>-6.5</geo:lat><geo:long>107.0</geo:long>")
    assert hazards(read(other))[0].infos[0].areas[0].circles == ((107.0, -6.5, 0.0),)
    (event,) = hazards(read(item(georss_point="")))
    assert (event.infos[0].areas[0].text, event.infos[0].areas[0].circles) == ("Indonesia", ())


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"gdacs_eventid": ""}, "gdacs:eventid is missing"),
        ({"gdacs_eventid": "1 2"}, "gdacs:eventid '1 2'"),
        ({"gdacs_eventtype": ""}, "gdacs:eventtype is missing"),
        ({"gdacs_alertlevel": "Purple"}, "gdacs:alertlevel is 'purple', none of Green, Orange and Red"),
        ({"pubDate": "", "gdacs_fromdate": "now"}, "it has no time that can be read"),
    ],
)
def test_an_event_that_cannot_be_read_declares_nothing_over(changes: dict[str, str], why: str) -> None:
    parsed = read(item(), item(**changes))
    assert [fault.why for fault in parsed.faults] == [why]
    assert all(isinstance(event, HazardIssued) for event in parsed.events)


@pytest.mark.parametrize("body", ["<feed/>", "<rss><channel><item><title>x</title></item></channel></rss>"])
def test_what_is_no_list_of_gdacs_is_refused(body: str) -> None:
    with pytest.raises(BadDocument):
        parse(body.encode(), CONTEXT, GdacsOptions())


def test_it_lies_outside_of_the_city_with_its_level() -> None:
    world = small_world()
    reduce.apply(world, read(item()).events, NOW)
    (hazard,) = world.all(Hazard)
    assert (hazard.where, hazard.level, hazard.state) == ("outside", "caution", "active")


def test_a_real_list() -> None:
    parsed = parse(samples("gdacs/gdacs-1.xml").read_bytes(), CONTEXT, ALL)
    assert not parsed.faults
    assert [event.thing for event in hazards(parsed)] == ["TC1000643", "EQ1199929", "DR1013682", "DR1013588"]
    assert hazards(parsed)[0].infos[0].areas[0].circles == ((59.8, -19.4, 0.0),)


def test_a_real_item_without_a_type() -> None:
    parsed = parse(samples("gdacs/gdacs-2.xml").read_bytes(), CONTEXT, ALL)
    assert [fault.why for fault in parsed.faults] == ["gdacs:eventtype is missing"]
