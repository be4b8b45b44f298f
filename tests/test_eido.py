"""feeds/eido/: incidents of next-generation centres; latitude comes first, persons stay where they are."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feeds.base import Context, Parsed
from feeds.eido import EidoOptions, parse
from feeds.eido.place import MAX_CORNERS, Place, read_place
from tests.samples import samples
from wallboard.errors import BadDocument
from wallboard.events import IncidentReported, Present

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC).timestamp()
CONTEXT = Context(feed="psap", now=NOW, zone=ZoneInfo("Asia/Jakarta"), channel="112")


def pidf(inner: str) -> str:
    return (
        '<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" '
        'xmlns:gml="http://www.opengis.net/gml" xmlns:gs="http://www.opengis.net/pidflo/1.0" '
        'xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"><location-info>'
        f"{inner}</location-info></presence>"
    )


POINT = pidf("<gml:Point><gml:pos>-6.21 106.81</gml:pos></gml:Point>")


def component(id: str, **fields: Any) -> dict[str, Any]:
    """A component with what the standard asks of each."""
    told = {"lastUpdateTimeStamp": "2026-11-22T08:58:00.000+07:00", "updatedByAgencyReference": {"$ref": "a"}}
    return {"$id": id, **told, **fields}


def call(id: str, at: str, **fields: Any) -> dict[str, Any]:
    kind = {"callStateRegistryText": "Connected", "standardPrimaryCallType": "Emergency"}
    return component(id, callStartTimestamp=at, direction="incoming", **kind, **fields)


def location(id: str, value: str) -> dict[str, Any]:
    return component(id, locationTypeDescriptionRegistryText="Incident", locationByValue=value)


def eido(id: Any = "urn:emergency:uid:incidentid:1:psap.example", **changes: Any) -> dict[str, Any]:
    incident = component(
        "i-1", incidentTypeCommonRegistryText="Fire", incidentTypeInternalText="Kebakaran rumah",
        incidentTypeInternalCode="KBR", incidentStatusCommonRegistryText=["Active"],
        locationReference=[{"$ref": "loc-2"}],
    )  # fmt: skip
    return {
        **component(id), "eidoVersion": "1.0",
        "issuingElementIdentification": "psap.example", "agencyComponent": [],
        "incidentComponent": incident | changes.pop("incident", {}),
        "callComponent": [
            call("c-2", "2026-11-22T08:51:00+07:00"),
            call("c-1", "2026-11-22T08:50:00+07:00", locationReference=[{"$ref": "loc-1"}]),
        ],
        "locationComponent": [
            location("loc-1", pidf("<gml:Point><gml:pos>-6.3 106.9</gml:pos></gml:Point>")),
            location("loc-2", POINT),
        ],
        "personComponent": [
            component("p-1", personName="Budi", personIncidentRoleRegistryText=["Caller"]),
        ],
        "callbackComponent": [component("b-1", callBackInformationUri=["tel:081234567890"])],
        **changes,
    }  # fmt: skip


def read(*documents: Any, options: EidoOptions | None = None) -> Parsed:
    return parse(json.dumps(list(documents)).encode(), CONTEXT, options or EidoOptions())


def one(document: Any) -> IncidentReported:
    parsed = read(document)
    assert not parsed.faults
    (event,) = parsed.events
    assert isinstance(event, IncidentReported)
    return event


def test_an_eido_is_an_incident_at_its_own_place_where_latitude_comes_first() -> None:
    assert one(eido()) == IncidentReported(
        feed="psap", source_id="urn:emergency:uid:incidentid:1:psap.example", received_at=NOW,
        observed_at=NOW - 120, title="Kebakaran rumah", category="KBR", category_name="Kebakaran rumah",
        status_raw="open", channel="112", lon=106.81, lat=-6.21, opened_at=NOW - 600,
    )  # fmt: skip


def test_without_a_place_of_its_own_the_callers_counts() -> None:
    event = one(eido(incident={"locationReference": []}))
    assert (event.lon, event.lat) == (106.9, -6.3)


def test_who_called_and_how_to_call_back_do_not_pass() -> None:
    event = one(eido(notesComponent=[{"notesActionComments": "<p>hubungi 081234567890</p>"}]))
    assert "34567" not in repr(event)
    assert "Budi" not in repr(event)
    assert "<p>" not in event.text


def test_notes_are_the_newest_first() -> None:
    notes = [
        {"notesActionComments": f"catatan {index}", "lastUpdateTimeStamp": f"2026-11-22T08:5{index}:00+07:00"}
        for index in range(7)
    ]
    assert one(eido(notesComponent=notes)).text.split("\n") == [f"catatan {n}" for n in (6, 5, 4, 3, 2)]


def test_the_newest_note_is_so_by_the_instant_whatever_its_offset() -> None:
    notes = [
        {"notesActionComments": "lama", "lastUpdateTimeStamp": "2026-11-22T08:50:00+07:00"},
        {"notesActionComments": "baru", "lastUpdateTimeStamp": "2026-11-22T01:59:00Z"},
        {"notesActionComments": "entah", "lastUpdateTimeStamp": 10**400},
    ]
    assert one(eido(notesComponent=notes)).text == "baru\nlama\nentah"


def test_a_record_that_fails_is_kept_without_persons_whatever_their_component() -> None:
    person = {"$id": "p", "personName": "Budi"}
    lines = [
        eido(id=None, cautionComponent=[person], agentComponent=[person], newComponent={"a": person}),
        ["Budi"],
        "Budi",
    ]
    faults = read(*lines, eido()).faults
    assert len(faults) == 3
    cut = (json.dumps(eido()) + "\n" + json.dumps({"personComponent": [person]})[:-2]).encode()
    faults += parse(cut, CONTEXT, EidoOptions()).faults
    assert len(faults) == 4
    assert "Budi" not in repr(faults)
    assert all(fault.record for fault in faults), "a document of nothing else is not well"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (["Closed"], "closed"),
        (["Archived", "x"], "closed"),
        (["Active"], "open"),
        ([], "open"),
        (None, "open"),
    ],
)
def test_it_is_over_when_its_status_says_so(said: Any, status: str) -> None:
    assert one(eido(incident={"incidentStatusCommonRegistryText": said})).status == status


def test_a_transferred_call_that_says_nothing_yet_has_a_title_all_the_same() -> None:
    event = one(eido(incidentComponent=None))
    assert (event.title, event.category) == ("Panggilan darurat", "")


@pytest.mark.parametrize(
    ("inner", "place"),
    [
        ("<gs:Circle><gml:pos>-6.2 106.8</gml:pos><gs:radius>250</gs:radius></gs:Circle>",
         Place(106.8, -6.2, 250.0)),
        ("<gml:Point><gml:pos>-6.2 106.8 12.5</gml:pos></gml:Point>", Place(106.8, -6.2)),
        ("<gs:Sphere><gml:pos>-6.2 106.8 12.5</gml:pos><gs:radius>250</gs:radius></gs:Sphere>",
         Place(106.8, -6.2, 250.0)),
        ("<gs:Ellipsoid><gml:pos>-6.2 106.8 12.5</gml:pos><gs:semiMajorAxis>30</gs:semiMajorAxis>"
         "</gs:Ellipsoid>", Place(106.8, -6.2, 30.0)),
        ("<gs:ArcBand><gml:pos>-6.2 106.8</gml:pos><gs:innerRadius>3</gs:innerRadius>"
         "<gs:outerRadius>9</gs:outerRadius></gs:ArcBand>", Place(106.8, -6.2, 9.0)),
        ("<gs:Circle><gml:pos>-6.2 106.8</gml:pos><gs:radius>dekat</gs:radius></gs:Circle>",
         Place(106.8, -6.2)),
        ("<ca:civicAddress><ca:A3>Kota</ca:A3><ca:RD>Jl. Contoh</ca:RD><ca:HNO>4</ca:HNO></ca:civicAddress>",
         Place(address="Jl. Contoh 4, Kota")),
        ("", Place()),
    ],
)  # fmt: skip
def test_places_of_pidf_lo(inner: str, place: Place) -> None:
    assert read_place(pidf(inner)) == place


def test_an_area_counts_by_a_point_inside() -> None:
    corners = "-6.2 106.8 -6.2 106.9 -6.3 106.9 -6.3 106.8 -6.2 106.8"
    ring = (
        f"<gml:exterior><gml:LinearRing><gml:posList>{corners}</gml:posList></gml:LinearRing></gml:exterior>"
    )
    place = read_place(pidf(f"<gml:Polygon>{ring}</gml:Polygon>"))
    assert place.lon == pytest.approx(106.85)
    assert place.lat == pytest.approx(-6.25)


def test_corners_in_no_order_do_not_hold_up_all_feeds() -> None:
    dice = Random(1)
    corners = [f"{dice.uniform(-7, -6)} {dice.uniform(106, 107)}" for _ in range(MAX_CORNERS - 1)]
    ring = f"<gml:posList>{' '.join([*corners, corners[0]])}</gml:posList>"
    place = read_place(pidf(f"<gml:Polygon>{ring}</gml:Polygon>"))
    assert place.lon is not None
    assert 106 < place.lon < 107


@pytest.mark.parametrize(
    "value",
    [
        "", "bukan xml", "<a", pidf("<gml:Point><gml:pos>x y</gml:pos></gml:Point>"),
        pidf("<gml:Point><gml:pos>106.81 -6.21</gml:pos></gml:Point>"),
        pidf("<gml:Point><gml:pos>nan 1</gml:pos></gml:Point>"),
        pidf("<gml:Polygon><gml:posList>1 1 2 2</gml:posList></gml:Polygon>"),
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    ],
)  # fmt: skip
def test_a_place_that_cannot_be_read_is_marked_and_the_incident_stays(value: str) -> None:
    event = one(eido(locationComponent=[{"$id": "loc-2", "locationByValue": value}]))
    assert (event.lon, event.flags) == (None, ("bad_coordinates",))


def test_an_address_to_be_fetched_is_not_fetched_and_a_description_is_an_address() -> None:
    where = {
        "$id": "l",
        "locationByReferenceUrl": "https://lis.example/1",
        "locationDescriptionText": "Pasar",
    }
    assert (one(eido(locationComponent=[where])).lon, one(eido(locationComponent=[where])).address) == (
        None,
        "Pasar",
    )


@pytest.mark.parametrize("bad", ["text", None, {}, eido(id=None), eido(id="x" * 200), eido(id={})])
def test_a_bad_eido_does_not_spoil_the_others(bad: Any) -> None:
    parsed = read(bad, eido())
    assert len(parsed.events) == 1
    assert [fault.where for fault in parsed.faults] == ["eido 0"]


@pytest.mark.parametrize(
    "odd",
    [
        {"incidentComponent": []}, {"callComponent": "x"}, {"locationComponent": {"a": 1}},
        {"notesComponent": [{"notesActionComments": {}}]}, {"lastUpdateTimeStamp": "entah"},
        {"incident": {"incidentTypeInternalText": {"a": 1}}},
        {"callComponent": [{"callStartTimestamp": 5}, {}]},
        {"callComponent": [{"callStartTimestamp": 5}, {"callStartTimestamp": "x"}]},
    ],
)  # fmt: skip
def test_an_eido_with_one_odd_part_is_kept(odd: dict[str, Any]) -> None:
    parsed = read(eido(**odd))
    assert len(parsed.events) == 1, parsed.faults


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"$id": "x"}', b"[1]"])
def test_what_is_no_eido_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument):
        parse(body, CONTEXT, EidoOptions())


def test_of_a_whole_list_what_is_not_in_it_is_over_unless_one_cannot_be_read() -> None:
    whole = EidoOptions(complete=True)
    present = read(eido(id="a"), eido(id="b"), options=whole).events[-1]
    assert isinstance(present, Present)
    assert (present.kind, present.ids) == ("incident", ("a", "b"))
    for cut in (eido(id=None), "text", None):
        assert not any(isinstance(each, Present) for each in read(eido(), cut, options=whole).events)
    assert not any(isinstance(each, Present) for each in read(eido()).events)


def test_one_a_line() -> None:
    lines = "\n".join(json.dumps(eido(id=f"i-{index}")) for index in range(3))
    assert len(parse(lines.encode(), CONTEXT, EidoOptions()).events) == 3


def test_the_real_transfer_of_a_call() -> None:
    payload = samples("incidents/eido/Sample call transfer EIDO.json").read_bytes()
    (event,) = parse(payload, CONTEXT, EidoOptions()).events
    assert isinstance(event, IncidentReported)
    assert event.source_id == "urn:emergency:uid:incidentid:a56e556d871:bcf.state.pa.us"
    assert (event.title, event.address) == ("Panggilan darurat", "W Cellular Street 42, Wilmington")
    assert "8195551212" not in repr(event)
