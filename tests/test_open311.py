"""feeds/open311/ and its visits: GeoReport v2 as real servers speak it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import httpx2
import msgspec
import pytest

from feeds.base import Context, Document, Parsed
from feeds.fetching.exchange import Call, Reply
from feeds.open311 import ADAPTER, parse, service_names, with_names
from feeds.open311.visit import DAY_S, MAX_PAGES, Open311Options, requests_url
from feeds.options import convert_options
from tests.faulty import Behaviour, FaultyHttp, Request, ok, status, wait_until
from tests.hazard_feeds import supervised
from tests.samples import samples
from wallboard.errors import BadDocument, SourceError, Unreachable
from wallboard.events import IncidentReported

WIB = ZoneInfo("Asia/Jakarta")
NOW = 1_790_000_000.0
CONTEXT = Context("lapor", NOW, WIB, channel="JAKI")
OPTIONS = Open311Options()


def request(id: Any = "14-01100669", **fields: Any) -> dict[str, Any]:
    """A request as a server of ours would write it."""
    return {
        "service_request_id": id,
        "status": "open",
        "service_code": "BANJIR",
        "service_name": "Genangan",
        "description": "Air setinggi lutut",
        "requested_datetime": "2026-09-21T07:00:00+07:00",
        "updated_datetime": "2026-09-21T08:00:00+07:00",
        "long": 110.01,
        "lat": -5.01,
    } | fields


def incidents(parsed: Parsed) -> list[IncidentReported]:
    """The events, all of which are incidents."""
    assert all(isinstance(event, IncidentReported) for event in parsed.events)
    return [event for event in parsed.events if isinstance(event, IncidentReported)]


def of_json(*requests: Any) -> Parsed:
    return parse(msgspec.json.encode(list(requests)), CONTEXT, OPTIONS)


def only(parsed: Parsed) -> IncidentReported:
    assert parsed.faults == []
    (event,) = incidents(parsed)
    return event


# -- the document ------------------------------------------------------------------------------------


def test_all_fields_of_a_request() -> None:
    event = only(
        of_json(
            request(
                agency_responsible="Dinas SDA",
                address="Jl. Pelabuhan 1",
                expected_datetime="2026-09-22T07:00:00+07:00",
                media_url="https://example.org/1.jpg",
                status_notes="Dijadwalkan",
            )
        )
    )
    assert event == IncidentReported(
        feed="lapor",
        source_id="14-01100669",
        received_at=NOW,
        observed_at=1789952400.0,
        title="Genangan",
        text="Air setinggi lutut",
        category="BANJIR",
        category_name="Genangan",
        status_raw="open",
        status_notes="Dijadwalkan",
        channel="JAKI",
        agency="Dinas SDA",
        lon=110.01,
        lat=-5.01,
        address="Jl. Pelabuhan 1",
        opened_at=1789948800.0,
        expected_at=1790035200.0,
        media_url="https://example.org/1.jpg",
    )


def test_the_longitude_is_called_long_and_numbers_may_be_texts() -> None:
    event = only(of_json(request(long="110.01", lat="-5.01")))
    assert (event.lon, event.lat) == (110.01, -5.01)


@pytest.mark.parametrize(
    "wrap", [lambda r: r, lambda r: [r], lambda r: {"service_requests": [r]}, lambda r: {"requests": [r]}]
)
def test_a_bare_object_an_array_and_a_wrapped_array_are_the_same(wrap: Any) -> None:
    assert only(parse(msgspec.json.encode(wrap(request())), CONTEXT, OPTIONS)).source_id == "14-01100669"


@pytest.mark.parametrize(
    "xml",
    [
        "<service_requests><request>{}</request></service_requests>",
        '<service_requests is_array="true" type="array"><request>{}</request></service_requests>',
        "<requests><request>{}</request></requests>",
        "<request>{}</request>",
        '<service_requests xmlns="urn:x"><request>{}</request></service_requests>',
    ],
)
def test_xml_with_is_array_without_and_with_a_single_request(xml: str) -> None:
    fields = (
        "<service_request_id>638344</service_request_id><status>open</status>"
        "<service_code>6</service_code><lat>-5.0</lat><long>110.0</long>"
    )
    event = only(parse(xml.replace("{}", fields).encode(), CONTEXT, OPTIONS))
    assert (event.source_id, event.lon, event.lat, event.title) == ("638344", 110.0, -5.0, "6")


def test_an_empty_element_is_null_not_an_empty_link_or_time() -> None:
    xml = b"""<service_requests><request><service_request_id>1</service_request_id><status>open</status>
      <service_name>Lampu</service_name><description/><updated_datetime/><media_url/><lat></lat><long/>
      <expected_datetime> </expected_datetime></request></service_requests>"""
    event = only(parse(xml, CONTEXT, OPTIONS))
    assert (event.text, event.observed_at, event.expected_at, event.media_url) == ("", None, None, "")
    assert (event.lon, event.lat, event.flags) == (None, None, ())


def test_a_number_as_an_identity_is_the_same_as_its_text() -> None:
    assert only(of_json(request(101005420892))).source_id == only(of_json(request("101005420892"))).source_id


def test_a_request_without_an_id_yet_is_a_fault_and_the_others_pass() -> None:
    parsed = of_json(request(), request(None, token="abc"), request(""), request("15"))
    assert [event.source_id for event in incidents(parsed)] == ["14-01100669", "15"]
    assert [(fault.where, fault.why) for fault in parsed.faults] == [
        ("record 1", "service_request_id: is null: the server has not given the request an id yet"),
        ("record 2", "service_request_id: is missing"),
    ]


def test_closed_says_nothing_of_why_and_the_notes_stay_as_they_are() -> None:
    event = only(of_json(request(status="closed", status_notes="Duplicate")))
    assert (event.status, event.status_notes, event.closed_at) == ("closed", "Duplicate", 1789952400.0)


def test_closed_without_a_time_of_update_does_not_invent_one() -> None:
    event = only(of_json(request(status="Closed", updated_datetime=None)))
    assert (event.status, event.closed_at, event.observed_at) == ("closed", None, None)


def test_an_unknown_status_is_shown_raw_and_open() -> None:
    event = only(of_json(request(status="acknowledged")))
    assert (event.status, event.status_raw) == ("open", "acknowledged")


def test_bad_times_and_places_are_flagged_and_cost_no_report() -> None:
    event = only(of_json(request(lat="-", long="x", updated_datetime="yesterday")))
    assert (event.lon, event.observed_at) == (None, None)
    assert event.flags == ("bad_coordinates", "bad_time")


def test_a_link_that_must_not_reach_a_board_is_left_out() -> None:
    for link in ("javascript:alert(1)", "http://10.0.0.1/x", "http://u:p@example.org/"):
        assert only(of_json(request(media_url=link))).media_url == ""


def test_a_reporters_telephone_number_is_masked_in_the_description() -> None:
    event = only(of_json(request(description="Hubungi 0812-3456-7890")))
    assert event.text == "Hubungi 0812-****-890"


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b'[{"code": 404, "description": "jurisdiction_id not found"}]', "404 jurisdiction_id not found"),
        (b'{"errors": [{"code": 400, "description": "bad key"}]}', "400 bad key"),
        (b"<errors><error><code>403</code><description>no</description></error></errors>", "403 no"),
        (b"<services><service/></services>", "begins with <requests>, not <services>"),
        (b'"x"', "not a str"),
        (b"<!DOCTYPE html><html></html>", "HTML"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><requests>&x;</requests>', "not allowed"),
        (b"[{", "cut off"),
        (b'[{"code": 400, "description": "hubungi 081234567890"}]', r"400 hubungi 0812-\*\*\*\*-890$"),
        (b'{"data": []}', "no Open311 list of requests"),
        (b"<!DOCTYPE html><title>Masuk</title>", "should be JSON, but it is a web page"),
    ],
)
def test_what_is_no_list_of_requests_is_refused_with_the_reason(payload: bytes, why: str) -> None:
    with pytest.raises(BadDocument, match=why):
        parse(payload, CONTEXT, OPTIONS)


def test_a_web_page_where_xml_was_asked_for_is_no_xml() -> None:
    with pytest.raises(BadDocument, match="should be XML, but it is a web page"):
        parse(b"<html></html>", CONTEXT, Open311Options(format="xml"))


@pytest.mark.parametrize("fields", [("description",), ("description", "status", "lat", "code")])
def test_a_citizens_words_are_no_error_of_the_server(fields: tuple[str, ...]) -> None:
    """A first report without an identity: no word of it stands in the reason."""
    words = request(description="Air setinggi lutut, hubungi 081234567890", lat="-7.0", code=1)
    nameless = {name: words[name] for name in fields}
    parsed = of_json(nameless, request("9"))
    assert [event.source_id for event in parsed.events] == ["9"]
    assert [(fault.where, fault.why) for fault in parsed.faults] == [
        ("record 0", "service_request_id: is missing")
    ]
    assert "081234567890" not in repr(parsed.faults)


def test_an_empty_list_is_an_answer() -> None:
    for payload in (b"[]", b"<service_requests/>", b'{"service_requests": []}'):
        assert parse(payload, CONTEXT, OPTIONS) == Parsed()


def test_a_server_that_leaves_the_names_out_gets_them_from_its_services() -> None:
    names = service_names(
        b'[{"service_code": "BANJIR", "service_name": "Genangan air"}, {"service_code": "X"}]'
    )
    assert names == {"BANJIR": "Genangan air"}
    service = b"<service><service_code>6</service_code><service_name>Lampu</service_name></service>"
    assert service_names(b"<services>" + service + b"</services>") == {"6": "Lampu"}
    named = with_names(of_json(request(service_name=None)), names)
    assert (only(named).category_name, only(named).title) == ("Genangan air", "Genangan air")


@pytest.mark.parametrize(("file", "count"), [("requests_many.xml", 2), ("requests_single.xml", 1)])
def test_torontos_own_documents(file: str, count: int) -> None:
    events = incidents(parse(samples(f"open311/toronto/{file}").read_bytes(), CONTEXT, OPTIONS))
    assert len(events) == count
    assert (events[0].source_id, events[0].title) == ("101005420892", "Road - Pot hole")
    assert (events[0].lon, events[0].lat) == (-79.272306875, 43.691104288)
    assert (events[0].opened_at, events[0].observed_at) == (1532923260.0, None)


# -- the options -------------------------------------------------------------------------------------


def test_the_window_is_at_most_ninety_days() -> None:
    with pytest.raises(msgspec.ValidationError, match="at most 90"):
        msgspec.convert({"look_back": 91 * DAY_S}, Open311Options)
    assert convert_options(Open311Options, {"look_back": "90d"}).look_back == 90 * DAY_S


def test_the_address_of_a_page() -> None:
    options = Open311Options(jurisdiction_id="kota.go.id", service_code="A B", per_page=50, look_back=DAY_S)
    url = requests_url("https://x.example/v2/?lang=id", options, NOW, NOW - 3600, 3, "k&y")
    path, _, query = url.partition("?")
    assert path == "https://x.example/v2/requests.json"
    assert parse_qs(query) == {
        "lang": ["id"],
        "start_date": ["2026-09-20T14:13:20Z"],
        "updated_after": ["2026-09-21T12:58:20Z"],
        "page": ["3"],
        "per_page": ["50"],
        "service_code": ["A B"],
        "jurisdiction_id": ["kota.go.id"],
        "api_key": ["k&y"],
    }


# -- visits over real sockets ------------------------------------------------------------------------


@dataclass(eq=False)
class Taker:
    """A feed's intake that fetches plainly and keeps what is handed over."""

    url: str
    name: str = "lapor"
    every: float = 60.0
    folder: Path = Path()
    pictures: None = None
    notes: None = None
    time: float = NOW
    given: list[Parsed] = field(default_factory=list)

    def context(self) -> Context:
        return Context(self.name, self.time, WIB)

    def now(self) -> float:
        return self.time

    async def fetch(self, url: str, *, headers: Any = None, limit: int = 0) -> Document | None:
        async with httpx2.AsyncClient(verify=False) as client:
            answer = await client.get(url)
        if answer.status_code != 200:
            raise Unreachable(f"{answer.status_code}")
        return Document(answer.content, url)

    async def fetch_all(self, url: str, *, headers: Any = None) -> list[Document]:
        path = url.removeprefix("file:")
        return [Document(await asyncio.to_thread(Path(path).read_bytes), url)]

    async def refuse(self, document: Document, error: SourceError) -> None:
        raise error

    def ask(self, call: Call) -> AbstractAsyncContextManager[Reply]:
        raise NotImplementedError

    async def open(self, url: str) -> Any:
        raise NotImplementedError

    async def give(self, parsed: Parsed) -> None:
        self.given.append(parsed)

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError

    def trouble(self, reason: str) -> None:
        raise NotImplementedError

    def ids(self) -> list[str]:
        """Identities of all that was handed over."""
        return [event.source_id for parsed in self.given for event in parsed.events]


async def visit(intake: Taker, options: Open311Options = OPTIONS) -> None:
    assert ADAPTER.poll is not None
    await ADAPTER.poll(intake, options)


def paged(requests: Sequence[dict[str, Any]], *, cap: int = 1000) -> Behaviour:
    """A server that honours page and per_page, though never more than `cap` a page."""

    async def behave(asked: Request, writer: asyncio.StreamWriter) -> None:
        query = parse_qs(asked.query)
        size = min(int(query["per_page"][0]), cap)
        first = (int(query["page"][0]) - 1) * size
        await ok(msgspec.json.encode(requests[first : first + size]))(asked, writer)

    return behave


async def test_pages_are_read_to_the_end_though_the_server_gives_fewer_than_asked_for() -> None:
    async with FaultyHttp() as server:
        server.script("/v2/requests.json", paged([request(str(n)) for n in range(25)], cap=10))
        intake = Taker(server.url("/v2"))
        await visit(intake)
        assert intake.ids() == [str(n) for n in range(25)]
        assert server.asked("/v2/requests.json") == 4


async def test_a_server_that_ignores_page_is_asked_twice_and_gives_nothing_twice() -> None:
    async with FaultyHttp() as server:
        server.script(
            "/v2/requests.json", ok(msgspec.json.encode([request("1"), request("2"), request(None)]))
        )
        intake = Taker(server.url("/v2"))
        await visit(intake)
        assert intake.ids() == ["1", "2"]
        assert sum(len(parsed.faults) for parsed in intake.given) == 1
        assert server.asked("/v2/requests.json") == 2


async def test_pages_that_overlap_because_a_report_came_in_between() -> None:
    first, second = [request("3"), request("2")], [request("2"), request("1")]
    async with FaultyHttp() as server:
        server.script("/v2/requests.json", *(ok(msgspec.json.encode(page)) for page in (first, second, [])))
        intake = Taker(server.url("/v2"))
        await visit(intake)
        assert intake.ids() == ["3", "2", "1"]


async def test_a_report_that_changed_between_two_pages_is_taken_as_it_is_now() -> None:
    later = request("2", status="closed", updated_datetime="2026-09-21T08:30:00+07:00")
    pages: list[list[Any]] = [[request("3"), request("2")], [later, request("1")], []]
    async with FaultyHttp() as server:
        server.script("/v2/requests.json", *(ok(msgspec.json.encode(page)) for page in pages))
        intake = Taker(server.url("/v2"))
        await visit(intake)
        assert intake.ids() == ["3", "2", "2", "1"]


async def test_a_server_without_an_end_is_left_at_a_bound_that_is_said() -> None:
    async def endless(asked: Request, writer: asyncio.StreamWriter) -> None:
        page = parse_qs(asked.query)["page"][0]
        await ok(msgspec.json.encode([request(page)]))(asked, writer)

    async with FaultyHttp() as server:
        server.script("/v2/requests.json", endless)
        intake = Taker(server.url("/v2"))
        await visit(intake)
        assert server.asked("/v2/requests.json") == MAX_PAGES
        assert "more than 50 pages" in intake.given[-1].faults[0].why
        intake.time += 60
        await visit(intake)
        asked = [parse_qs(each.query)["updated_after"][0] for each in server.requests]
        assert asked[MAX_PAGES] > asked[0], "the same pages asked for again would bring nothing new"


async def test_the_next_visit_asks_from_the_newest_change_with_an_overlap() -> None:
    async with FaultyHttp() as server:
        server.script("/v2/requests.json", paged([request()]))
        intake = Taker(server.url("/v2"))
        await visit(intake)
        intake.time += 60
        await visit(intake)
        since = [parse_qs(asked.query)["updated_after"][0] for asked in server.requests]
        assert since == ["2026-08-22T14:13:20Z"] * 2 + ["2026-09-21T00:45:00Z"] * 2


async def test_a_source_whose_clock_runs_ahead_makes_no_visit_skip_anything() -> None:
    async with FaultyHttp() as server:
        server.script("/v2/requests.json", paged([request(updated_datetime="2030-01-01T00:00:00Z")]))
        intake = Taker(server.url("/v2"))
        await visit(intake)
        await visit(intake)
        assert parse_qs(server.requests[-1].query)["updated_after"] == ["2026-09-21T13:58:20Z"]


async def test_a_visit_that_failed_halfway_is_made_again_from_the_same_point() -> None:
    page = ok(msgspec.json.encode([request()]))
    async with FaultyHttp() as server:
        server.script("/v2/requests.json", page, status("500 Oops"), page, ok(b"[]"))
        intake = Taker(server.url("/v2"))
        with pytest.raises(Unreachable):
            await visit(intake)
        await visit(intake)
        since = {parse_qs(asked.query)["updated_after"][0] for asked in server.requests}
        assert since == {"2026-08-22T14:13:20Z"}


async def test_services_that_cannot_be_had_do_not_keep_reports_away() -> None:
    options = Open311Options(services=True)
    async with FaultyHttp() as server:
        services = b'[{"service_code": "BANJIR", "service_name": "Genangan air"}]'
        server.script("/v2/services.json", status("500 Oops"), ok(services))
        server.script("/v2/requests.json", paged([request(service_name=None)]))
        intake = Taker(server.url("/v2"))
        await visit(intake, options)
        assert intake.given[0].faults[0].where == "services"
        assert incidents(intake.given[1])[0].title == "Air setinggi lutut"
        for _ in range(2):
            await visit(intake, options)
        assert incidents(intake.given[-1])[0].title == "Genangan air"
        assert server.asked("/v2/services.json") == 2


async def test_a_server_that_answers_all_at_once_is_read_beside_the_other_feeds() -> None:
    everything = [request(str(number), description="x" * 400) for number in range(1000)]
    async with FaultyHttp() as server:
        server.script("/v2/requests.json", ok(msgspec.json.encode(everything)))
        intake = Taker(server.url("/v2"))
        await visit(intake)
        assert len(intake.ids()) == 1000


async def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAPOR_KEY", "s3cret")
    async with FaultyHttp() as server:
        server.script("/v2/requests.json", ok(b"[]"))
        await visit(Taker(server.url("/v2")), Open311Options(api_key="env:LAPOR_KEY"))
        assert parse_qs(server.requests[0].query)["api_key"] == ["s3cret"]


async def test_an_empty_answer_is_handed_over_as_a_sign_of_life() -> None:
    async with FaultyHttp() as server:
        server.script("/v2/requests.json", ok(b"[]"))
        intake = Taker(server.url("/v2"))
        await visit(intake)
        assert intake.given == [Parsed()]


async def test_a_captured_answer_runs_through_the_same_code(tmp_path: Path) -> None:
    captured = tmp_path / "requests.json"
    captured.write_bytes(msgspec.json.encode([request("9")]))
    intake = Taker(f"file:{captured}")
    await visit(intake)
    assert intake.ids() == ["9"]


async def test_a_bad_capture_of_a_folder_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "1.json").write_text("[{")
    (tmp_path / "2.json").write_bytes(msgspec.json.encode([request("9")]))
    async with supervised(ADAPTER, OPTIONS, tmp_path.as_uri()) as (outlet, supervisor):
        await wait_until(lambda: supervisor.health["feed"].state == "ok")
        assert [event.source_id for event in outlet.events if isinstance(event, IncidentReported)] == ["9"]
        assert [fault.where for fault in outlet.faults] == ["1.json"]
