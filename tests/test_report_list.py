"""feeds/report_list.py: an export or a log of reports, whatever its shape."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from feeds.base import Context, Parsed
from feeds.report_list import ReportListOptions, parse
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
