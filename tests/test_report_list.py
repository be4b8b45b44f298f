"""feeds/reports/exports.py: an export or a log of reports, whatever its shape."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from feeds.base import Context, Parsed
from feeds.reports.exports import ReportListOptions, parse
from tests.samples import samples
from tests.workbooks import workbook
from wallboard.events import IncidentReported, Present

CONTEXT = Context("lapor", 1_790_000_000.0, ZoneInfo("Asia/Jakarta"), channel="SP4N")

FIELDS = {
    "id": "Tracking ID", "title": "Judul", "text": "Isi Laporan", "category": "Kategori", "status": "Status",
    "opened": "Tanggal", "address": "Lokasi",
}  # fmt: skip


def of(text: str, **options: Any) -> Parsed:
    mapping = {"format": "csv", "fields": FIELDS, "values": {"status": {"Selesai": "closed", "*": "open"}}}
    return parse(text.encode(), CONTEXT, msgspec.convert({"mapping": mapping} | options, ReportListOptions))


HEADER = "Tracking ID;Judul;Isi Laporan;Kategori;Status;Tanggal;Lokasi\n"


def test_an_export_typed_by_hand_becomes_incidents() -> None:
    parsed = of(
        HEADER + '812;Lampu mati;"Sejak kemarin; gelap";Penerangan;Selesai;20/08/2021 07:15;Kel. Kebon Jati\n'
    )
    assert parsed == Parsed(
        [
            IncidentReported(
                feed="lapor",
                source_id="812",
                received_at=CONTEXT.now,
                title="Lampu mati",
                text="Sejak kemarin; gelap",
                category="Penerangan",
                status="closed",
                status_raw="Selesai",
                channel="SP4N",
                address="Kel. Kebon Jati",
                opened_at=1629418500.0,
                flags=("no_zone",),
            )
        ]
    )


def test_a_complete_list_ends_with_who_is_in_it() -> None:
    rows = "1;a;;;;;\n2;b;;;;;\n"
    assert of(HEADER + rows, complete=True).events[-1] == Present(
        feed="lapor", source_id="", received_at=CONTEXT.now, kind="incident", ids=("1", "2")
    )


def test_a_row_that_cannot_be_read_declares_nobody_gone() -> None:
    parsed = of(HEADER + "1;a;;;;;\n2;cut off\n", complete=True)
    assert [type(event) for event in parsed.events] == [IncidentReported]
    assert [fault.where for fault in parsed.faults] == ["line 3"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"title": "t"}, "fields.id is missing"),
        ({"id": "i", "titel": "t"}, "fields.titel is no field of a report"),
    ],
)
def test_a_wrong_mapping_is_a_fault_of_the_configuration(fields: dict[str, str], why: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=why):
        msgspec.convert({"mapping": {"fields": fields}}, ReportListOptions)


WAZE: dict[str, Any] = {
    "mapping": {
        "records": "alerts",
        "fields": {
            "id": "uuid", "category": "type", "category_name": "subtype", "title": "subtype || type",
            "lon": "location.x", "lat": "location.y", "opened": "pubMillis", "address": ["street", "city"],
        },
    },
    "complete": True,
}  # fmt: skip


def test_drivers_alerts_have_x_for_the_longitude_milliseconds_and_no_end_but_their_absence() -> None:
    alert = {
        "uuid": "c2a5", "type": "HAZARD", "subtype": "", "location": {"x": 110.01, "y": -5.01},
        "pubMillis": 1789999000000, "street": "Jl. Merdeka", "city": None,
        "reportByMunicipalityUser": "False",
    }  # fmt: skip
    body = msgspec.json.encode({"alerts": [alert], "endTimeMillis": 1790000000000})
    parsed = parse(body, CONTEXT, msgspec.convert(WAZE, ReportListOptions))
    assert parsed == Parsed(
        [
            IncidentReported(
                feed="lapor",
                source_id="c2a5",
                received_at=CONTEXT.now,
                title="HAZARD",
                category="HAZARD",
                channel="SP4N",
                lon=110.01,
                lat=-5.01,
                address="Jl. Merdeka",
                opened_at=1789999000.0,
            ),
            Present(feed="lapor", source_id="", received_at=CONTEXT.now, kind="incident", ids=("c2a5",)),
        ]
    )


def test_the_real_excerpt_of_drivers_alerts() -> None:
    file = samples("incidents/waze/partner_feed_alerts_excerpt.json")
    parsed = parse(file.read_bytes(), CONTEXT, msgspec.convert(WAZE, ReportListOptions))
    assert parsed.faults == []
    assert len(parsed.events) >= 2


def test_a_downloaded_workbook_becomes_the_same_incidents_as_its_csv() -> None:
    """As the admin of a complaint system downloads it: a title, the date as a date, a total below."""
    mapping = {"format": "table", "fields": FIELDS, "values": {"status": {"Selesai": "closed", "*": "open"}}}
    options = msgspec.convert({"mapping": mapping}, ReportListOptions)
    names = HEADER.strip().split(";")
    book = workbook(
        ("DATA LAPORAN WARGA",),
        (),
        names,
        (
            "812",
            "Lampu mati",
            "Sejak kemarin; gelap",
            "Penerangan",
            "Selesai",
            (44428.302083333336, 2),
            "Kel. Kebon Jati",
        ),
        (None, "Jumlah: 1"),
    )
    parsed = parse(book, CONTEXT, options)
    same = of(
        HEADER + '812;Lampu mati;"Sejak kemarin; gelap";Penerangan;Selesai;20/08/2021 07:15;Kel. Kebon Jati\n'
    )
    assert parsed.events == same.events
    assert [(fault.where, fault.why) for fault in parsed.faults] == [("row 5", "id: is missing")]
