"""feeds/bmkg/forecast.py: the hours of heavy rain, kelurahan by kelurahan."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from feeds.base import Context, Parsed
from feeds.bmkg import forecast
from feeds.bmkg.forecast import ADAPTER, ForecastOptions, parse, steps_of
from feeds.options import BadOptions, convert_options
from tests.faulty import Behaviour, FaultyHttp, Request, ok, status, wait_until
from tests.hazard_feeds import supervised
from tests.samples import samples
from tests.worlds import small_world
from wallboard.engine import reduce
from wallboard.entities import Hazard
from wallboard.errors import BadDocument
from wallboard.events import HazardIssued, Present

#: 09:00 of 22 November 2026 in Jakarta
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
CONTEXT = Context("prakiraan", NOW.timestamp(), ZoneInfo("Asia/Jakarta"))
CODE, OTHER = "99.01.01.1001", "99.01.01.1002"
OPTIONS = ForecastOptions(codes=[CODE, OTHER])


def step(hours: float, weather: Any = 63, begin: datetime = NOW, **changes: Any) -> dict[str, Any]:
    at = begin + timedelta(hours=hours)
    return {"utc_datetime": f"{at:%Y-%m-%d %H:%M:%S}", "local_datetime": "x", "weather": weather} | changes


def document(*steps: Any, code: str = CODE, **where: Any) -> bytes:
    place = {"adm4": code, "kecamatan": "Pesisir", "deskel": f"Kelurahan {code[-1]}", "timezone": "+0700"}
    return msgspec.json.encode({"data": [{"lokasi": place | where, "cuaca": [list(steps)]}]})


def hazards(parsed: Parsed) -> list[HazardIssued]:
    return [event for event in parsed.events if isinstance(event, HazardIssued)]


def test_heavy_rain_ahead_is_a_line_with_its_hours_and_no_level() -> None:
    (event,) = hazards(parse(document(step(4)), CONTEXT, OPTIONS))
    indonesian, english = event.infos
    assert event.thing == "hujan-lebat/20261122T0600Z"
    assert (indonesian.headline, english.headline) == (
        "Prakiraan: hujan lebat 13.00–16.00", "Forecast: heavy rain 13:00–16:00",
    )  # fmt: skip
    assert indonesian.text == "Pesisir: Kelurahan 1"
    assert indonesian.areas[0].geocodes == (("adm4", CODE),)
    assert indonesian.onset == (NOW + timedelta(hours=4)).timestamp()
    assert indonesian.expires == (NOW + timedelta(hours=7)).timestamp()
    assert indonesian.severity == "Minor"


@pytest.mark.parametrize(
    ("hours", "weather"), [(-3, 63), (13, 63), (4, 3), (4, 61)], ids=["over", "far ahead", "clouds", "rain"]
)
def test_what_is_over_far_or_mild_is_no_line(hours: float, weather: int) -> None:
    assert parse(document(step(hours, weather)), CONTEXT, OPTIONS).events == []


def test_what_holds_now_and_both_kinds_of_thunder_are_lines() -> None:
    found = hazards(parse(document(step(-1), step(5, 95), step(5, 97)), CONTEXT, OPTIONS))
    assert [event.infos[0].event for event in found] == ["Hujan lebat", "Hujan petir"]


@pytest.mark.parametrize("shape", ["bare", "flat"])
def test_the_answer_is_read_bare_and_with_its_days_flat(shape: str) -> None:
    place = {"adm4": CODE, "timezone": "+0700"}
    days = [step(4)] if shape == "flat" else [[step(4)]]
    assert len(hazards(parse(msgspec.json.encode({"lokasi": place, "cuaca": days}), CONTEXT, OPTIONS))) == 1


def test_a_local_time_is_read_with_the_offset_of_its_place() -> None:
    local = step(4, utc_datetime=None, local_datetime="2026-11-22 14:00:00")
    steps, faults = steps_of(document(local, timezone="+0800"), CONTEXT)
    assert (steps[0].start, faults) == ((NOW + timedelta(hours=4)).timestamp(), [])


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (step(4, weather=None), "weather is 'None'"),
        (step(4, utc_datetime="besok"), "'besok' is not a time in a known form"),
        ("x", "is no object"),
    ],
)
def test_a_step_that_cannot_be_read_does_not_cost_the_others(wrong: Any, why: str) -> None:
    parsed = parse(document(wrong, step(4)), CONTEXT, OPTIONS)
    assert [fault.why for fault in parsed.faults] == [why]
    # The record is kept, so that the same fault at another place of the list is not a new one.
    assert parsed.faults[0].record is not None
    assert len(parsed.events) == 1


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"data": []}', b'{"status": "error", "message": "adm4 salah"}']
)
def test_what_is_no_forecast_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument):
        parse(body, CONTEXT, OPTIONS)


def test_a_real_answer() -> None:
    body = samples("bmkg/bmkg_api_fixtures/forecast_response.json").read_bytes()
    steps, faults = steps_of(body, CONTEXT)
    assert (len(steps), faults) == (10, [])
    assert steps[0].start == datetime(2026, 2, 16, 0, 0, tzinfo=UTC).timestamp()
    assert (steps[0].code, steps[0].kecamatan, steps[0].weather) == ("33.26.16.1001", "Wiradesa", 3)


def test_codes_are_those_of_kemendagri() -> None:
    with pytest.raises(BadOptions):
        convert_options(ForecastOptions, {"codes": ["3171030001"]})
    with pytest.raises(BadOptions):
        convert_options(ForecastOptions, {"codes": []})


def test_on_the_wall_it_covers_its_kelurahan_soon_and_then_now() -> None:
    world = small_world()
    reduce.apply(world, parse(document(step(4)), CONTEXT, OPTIONS).events, CONTEXT.now)
    (hazard,) = world.all(Hazard)
    assert (hazard.state, hazard.level, hazard.where) == ("soon", None, "city")
    assert [cover.code for cover in hazard.districts] == [CODE]
    reduce.apply(world, [], CONTEXT.now + 4 * 3600)
    assert next(iter(world.all(Hazard))).state == "active"
    reduce.apply(world, [], CONTEXT.now + 7 * 3600)
    assert next(iter(world.all(Hazard))).ended_by == "expired"


# -- visits ------------------------------------------------------------------------------------------------


def by_code(answers: dict[str, Behaviour]) -> Behaviour:
    """Answers each kelurahan in its own way."""

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        await answers[request.query.removeprefix("adm4=")](request, writer)

    return answer


async def test_kelurahan_take_turns_and_are_laid_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast, "BATCH", 1)
    now = datetime.now(UTC).replace(microsecond=0)
    async with FaultyHttp() as server:
        server.script(
            "/f", by_code({code: ok(document(step(2, begin=now), code=code)) for code in (CODE, OTHER)})
        )
        async with supervised(ADAPTER, OPTIONS, server.url("/f")) as (outlet, _):
            await wait_until(lambda: any(isinstance(event, Present) for event in outlet.events))
        first = outlet.hazards()[0]
        assert [code for _, code in first.infos[0].areas[0].geocodes] == [CODE]
        whole = next(event for event in outlet.events if isinstance(event, Present))
        last = outlet.hazards()[-1]
        assert [code for _, code in last.infos[0].areas[0].geocodes] == [CODE, OTHER]
        assert whole.ids == (last.thing,)


async def test_a_kelurahan_that_cannot_be_had_keeps_what_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast, "PAUSE_S", 0.0)
    now = datetime.now(UTC).replace(microsecond=0)
    async with FaultyHttp() as server:
        server.script(
            "/f", by_code({code: ok(document(step(2, begin=now), code=code)) for code in (CODE, OTHER)})
        )
        async with supervised(ADAPTER, OPTIONS, server.url("/f")) as (outlet, _):
            await wait_until(lambda: any(isinstance(event, Present) for event in outlet.events))
            good = ok(document(step(2, begin=now)))
            server.script("/f", by_code({CODE: good, OTHER: status("500 No")}))
            await wait_until(lambda: bool(outlet.faults))
            before = len(outlet.hazards())
            await wait_until(lambda: len(outlet.hazards()) > before)
            assert len(outlet.hazards()[-1].infos[0].areas[0].geocodes) == 2
