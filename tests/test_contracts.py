"""The published schema of a format judges our own documents of it: those of the tests and those of the demo.

A document that only our parser accepts proves nothing. The schemas stand beside the project, see SOURCES.md
there. docs/samples.md says which formats have one, and which of them are at hand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import pytest
import yaml
from jsonschema import Draft4Validator, Draft7Validator
from lxml import etree
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4, DRAFT7, DRAFT202012

from feeds.scenario import Scenario
from tests.hazard_documents import alert, area, edxl, info, rss
from tests.samples import samples
from tests.test_cameras_feed import device
from tests.test_eido import eido
from tests.test_open311 import request
from tests.test_wzdx import document, zone
from wallboard.errors import Unreachable
from wallboard.settings import DEMO

#: When the play of the demo begins, and how often its sources are asked in its day of 18 minutes (s).
BEGIN, EVERY_S, DAY_S = 1_790_000_000.0, 30.0, 18 * 60.0

Judge = Callable[[str | bytes], list[str]]


def by_xml_schema(path: str) -> Judge:
    """Faults that an XML Schema among the samples finds in a document."""
    schema: Any = etree.XMLSchema(etree.fromstring(samples(path).read_bytes()))

    def judge(text: str | bytes) -> list[str]:
        body = text.encode() if isinstance(text, str) else text
        schema.validate(etree.fromstring(body))
        return [f"line {fault.line}: {fault.message}" for fault in schema.error_log]

    return judge


def by_json_schema(validator: Any) -> Judge:
    """Faults that a JSON Schema finds."""
    return lambda text: [
        f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(json.loads(text))
    ]


def cap(version: str) -> Judge:
    return by_xml_schema(f"cap/xsd/cap{version}.xsd")


def open311() -> Judge:
    folder = samples("open311/schema")
    named = {file.name: json.loads(file.read_text()) for file in folder.glob("re*.json")}
    registry: Registry[Any] = Registry().with_resources(
        [
            (name, Resource.from_contents(schema, default_specification=DRAFT4))
            for name, schema in named.items()
        ]
    )
    return by_json_schema(Draft4Validator({"$ref": "requests.json"}, registry=registry))


def wzdx(name: str) -> Judge:
    folder = samples("incidents/wzdx/schema42")
    schemas = [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]

    def elsewhere(uri: str) -> Resource[Any]:
        # The schemas of GeoJSON's own geometries, which are not among the samples.
        assert uri.startswith("https://geojson.org/schema/"), uri
        kind = uri.rpartition("/")[2].removesuffix(".json")
        return Resource.from_contents({"properties": {"type": {"const": kind}}}, default_specification=DRAFT7)

    registry: Registry[Any] = Registry(retrieve=elsewhere).with_resources(  # type: ignore[call-arg]
        [(each["$id"], Resource.from_contents(each, default_specification=DRAFT7)) for each in schemas]
    )
    whole = next(each for each in schemas if each["$id"].endswith(f"/{name}.json"))
    return by_json_schema(Draft7Validator(whole, registry=registry))


def eido_schema() -> Judge:
    text = samples("incidents/eido/openapi.yaml").read_text()
    base = "urn:eido"
    registry: Registry[Any] = Registry().with_resource(
        base, Resource.from_contents(yaml.safe_load(text), default_specification=DRAFT202012)
    )
    name = "EmergencyIncidentDataObjectType"
    return by_json_schema(Draft7Validator({"$ref": f"{base}#/components/schemas/{name}"}, registry=registry))


SHAPES = (
    "<polygon>-5.0,110.0 -5.0,110.1 -5.1,110.1 -5.0,110.0</polygon>", "<circle>-5.05,110.05 2.5</circle>",
)  # fmt: skip


@pytest.mark.parametrize(
    ("version", "uri"),
    [
        ("10", "http://www.incident.com/cap/1.0"),
        ("11", "urn:oasis:names:tc:emergency:cap:1.1"),
        ("12", "urn:oasis:names:tc:emergency:cap:1.2"),
    ],
)
def test_cap(version: str, uri: str) -> None:
    judge = cap(version)
    # CAP 1.0 had no "Observed" yet.
    assert judge(alert(info(area(*SHAPES), certainty="Likely"), xmlns=uri)) == []
    assert judge(alert(info(area(*SHAPES), severity="Grave"), xmlns=uri))


def test_an_envelope_and_an_index() -> None:
    judge = by_xml_schema("cap/xsd/feed/edxlde-1_0.xsd")
    assert judge(edxl(alert(info()))) == []
    assert judge(edxl(alert(info()), status="Perhaps"))
    judge = by_xml_schema("cap/xsd/feed/rss-2_0.xsd")
    assert judge(rss("https://example.com/1.xml").lstrip()) == []
    assert judge(rss("https://example.com/1.xml").replace("pubDate", "published"))


def test_open311() -> None:
    judge = open311()
    assert judge(json.dumps([request()])) == []
    assert judge(json.dumps([request(status="done")]))


def test_wzdx_work_zones() -> None:
    judge = wzdx("WorkZoneFeed")
    assert judge(json.dumps(document(zone()))) == []
    assert judge(json.dumps(document(zone(properties={"vehicle_impact": "x"}))))


def test_wzdx_devices() -> None:
    judge = wzdx("DeviceFeed")
    assert (
        judge(json.dumps(document(device("arrow-board", pattern="blank"), device(), device(status="error"))))
        == []
    )
    assert judge(json.dumps(document(device(status="asleep"))))


def test_eido() -> None:
    judge = eido_schema()
    assert judge(json.dumps(eido())) == []
    assert judge(json.dumps(eido(lastUpdateTimeStamp=None)))


def said(source: str) -> Iterator[bytes]:
    """What a source of the demo answers through its day; nothing while it does not answer."""
    folder = DEMO.parent
    play = Scenario.load(
        folder / "scenario.toml", folder / "places.json",
        speed=60.0, seed=112, anchor=BEGIN, zone=ZoneInfo("Asia/Makassar"),
    )  # fmt: skip
    for step in range(int(DAY_S / EVERY_S)):
        now = BEGIN + step * EVERY_S
        try:
            index = play.document(source, "", {}, now)
            yield index
            if source == "cuaca":
                for link in etree.fromstring(index).iterfind(".//item/link"):
                    yield play.document(source, urljoin("/", str(link.text)).rpartition("/")[2], {}, now)
        except Unreachable:
            continue


def test_what_the_demo_says() -> None:
    judge = open311()
    reports = list(said("laporan"))
    assert len(reports) > 20
    assert [fault for each in reports for fault in judge(each)] == []
    index, message = by_xml_schema("cap/xsd/feed/rss-2_0.xsd"), cap("12")
    warnings = list(said("cuaca"))
    assert len({each for each in warnings if b"cap:1.2" in each}) >= 2
    # RSS 2.0 has an index without items, this schema of it has not.
    for each in (each for each in warnings if b"cap:1.2" in each or b"<item>" in each):
        assert (message if b"cap:1.2" in each else index)(each) == []
