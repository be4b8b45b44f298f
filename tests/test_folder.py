"""feeds/folder.py: files dropped by hand, read once they stand still, in whatever format."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feeds import folder
from feeds.base import Context, Parsed
from feeds.folder import ADAPTER
from feeds.options import BadOptions
from feeds.registry import ADAPTERS, feed_options
from feeds.running.intake import FeedSpec
from tests.faulty import wait_until
from tests.test_feeds_supervisor import Store, running
from wallboard.events import Present

MAPPING = {"fields": {"id": "nomor", "title": "judul"}}
REPORTS = {"reads": "reports", "settings": {"mapping": MAPPING}}
HEADER = "nomor,judul\n"


def spec(address: str, options: dict[str, Any]) -> FeedSpec:
    return FeedSpec(
        name="masuk",
        adapter=ADAPTER,
        options=feed_options("folder", options),
        zone=ZoneInfo("Asia/Jakarta"),
        url=address,
        every=0.05,
    )


def drop(place: Path, name: str, text: str, at: int = 1_700_000_000) -> Path:
    file = place / name
    file.write_text(text)
    os.utime(file, (at, at))
    return file


def ids(store: Store) -> list[str]:
    return [event.source_id for event in store.events]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "SETTLE_S", 0.05)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "masuk").mkdir()
    return tmp_path / "masuk"


async def test_an_empty_folder_is_well_and_a_file_dropped_later_is_read_once(place: Path) -> None:
    store = Store()
    async with running(store, spec(place.as_uri(), REPORTS)):
        await wait_until(lambda: store.state("masuk") == "ok")
        drop(place, "senin.csv", f"{HEADER}1,Lubang\n")
        await wait_until(lambda: ids(store) == ["1"])
        drop(place, "selasa.csv", f"{HEADER}2,Banjir\n", at=1_700_086_400)
        await wait_until(lambda: len(store.events) >= 2)
    assert ids(store) == ["1", "2"]


async def test_files_are_read_in_the_order_of_their_times_and_a_changed_one_again(place: Path) -> None:
    drop(place, "b.csv", f"{HEADER}1,Lama\n", at=1_700_000_000)
    drop(place, "a.csv", f"{HEADER}1,Baru\n", at=1_700_000_100)
    store = Store()
    async with running(store, spec("file:masuk", REPORTS), folder=place.parent):
        await wait_until(lambda: len(store.events) == 2)
        drop(place, "b.csv", f"{HEADER}1,Terbaru\n", at=1_700_000_200)
        await wait_until(lambda: len(store.events) == 3)
    assert [getattr(event, "title", "") for event in store.events] == ["Lama", "Baru", "Terbaru"]


async def test_a_file_that_still_grows_is_left_until_it_stands(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = folder._listed
    size = 0

    def growing(wanted: Path) -> dict[Path, tuple[int, int]]:
        nonlocal size
        if size < 6:
            size += 1
            drop(place, "besar.csv", HEADER + "1,x\n" * size)
        return listed(wanted)

    monkeypatch.setattr(folder, "_listed", growing)
    store = Store()
    async with running(store, spec(place.as_uri(), REPORTS)):
        await wait_until(lambda: len(store.events) == 6)
    assert len(store.events) == 6


@pytest.mark.parametrize("name", [".x.csv", "~$x.csv", "x.csv.part", "x.csv.crdownload", "x.TMP"])
async def test_what_a_program_still_writes_is_no_file_yet(place: Path, name: str) -> None:
    drop(place, name, f"{HEADER}9,Belum\n", at=1_700_000_500)
    drop(place, "x.csv", f"{HEADER}1,Sudah\n")
    store = Store()
    async with running(store, spec(place.as_uri(), REPORTS)):
        await wait_until(lambda: bool(store.events))
        await wait_until(lambda: store.state("masuk") == "ok")
    assert ids(store) == ["1"]


async def test_a_bad_newest_file_is_said_until_it_is_mended(place: Path) -> None:
    drop(place, "senin.csv", f"{HEADER}1,Lubang\n")
    store = Store()
    async with running(store, spec(place.as_uri(), REPORTS)):
        await wait_until(lambda: ids(store) == ["1"])
        bad = drop(place, "selasa.csv", "no,nama\n2,Banjir\n", at=1_700_086_400)
        await wait_until(lambda: store.state("masuk") == "failing")
        reason = store.health[-1].reason
        assert reason.startswith("selasa.csv: the table has no column 'nomor'")
        drop(place, bad.name, f"{HEADER}2,Banjir\n", at=1_700_086_401)
        await wait_until(lambda: store.state("masuk") == "ok")
        await wait_until(lambda: ids(store) == ["1", "2"])
    assert [fault.where for fault in store.buried] == ["selasa.csv"]


async def test_a_fault_of_ours_in_one_file_does_not_block_those_behind_it(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = ADAPTERS["reports"]

    def faulty(payload: bytes, context: Context, options: Any) -> Parsed:
        if b"Pecah" in payload:
            raise ZeroDivisionError("of ours")
        return reads.parse(payload, context, options)

    monkeypatch.setitem(ADAPTERS, "reports", replace(reads, parse=faulty))
    drop(place, "a.csv", f"{HEADER}1,Pecah\n", at=1_700_000_000)
    drop(place, "b.csv", f"{HEADER}2,Utuh\n", at=1_700_000_100)
    store = Store()
    async with running(store, spec(place.as_uri(), REPORTS)):
        await wait_until(lambda: ids(store) == ["2"])
        await wait_until(lambda: store.state("masuk") == "ok")
    assert [(fault.where, "ZeroDivisionError" in fault.why) for fault in store.buried] == [("a.csv", True)]


async def test_a_bad_file_that_is_taken_away_is_forgotten_and_an_older_one_is_no_failure(place: Path) -> None:
    drop(place, "lama.csv", "<html>", at=1_600_000_000)
    drop(place, "senin.csv", f"{HEADER}1,Lubang\n")
    store = Store()
    async with running(store, spec(place.as_uri(), REPORTS)):
        await wait_until(lambda: ids(store) == ["1"])
        await wait_until(lambda: store.state("masuk") == "ok")
        bad = drop(place, "selasa.csv", "<html>", at=1_700_086_400)
        await wait_until(lambda: store.state("masuk") == "failing")
        bad.unlink()
        await wait_until(lambda: store.state("masuk") == "ok")


async def test_bad_records_are_kept_with_their_file_and_the_good_ones_pass(place: Path) -> None:
    drop(place, "a.csv", f"{HEADER},Tanpa nomor\n1,Lubang\n")
    store = Store()
    async with running(store, spec(place.as_uri(), REPORTS)):
        await wait_until(lambda: ids(store) == ["1"] and bool(store.buried))
        await wait_until(lambda: store.state("masuk") == "ok")
    assert store.buried[0].where == "a.csv: line 2"


async def test_of_lists_that_are_whole_only_the_newest_is_so(place: Path) -> None:
    options = {"reads": "reports", "settings": {"mapping": MAPPING, "complete": True}}
    drop(place, "a.csv", f"{HEADER}1,Selesai\n2,Masih\n", at=1_700_000_000)
    drop(place, "b.csv", f"{HEADER}2,Masih\n", at=1_700_000_100)
    store = Store()
    async with running(store, spec(place.as_uri(), options)):
        await wait_until(lambda: any(isinstance(event, Present) for event in store.events))
    assert [event.ids for event in store.events if isinstance(event, Present)] == [("2",)]


async def test_a_file_from_a_clock_that_is_ahead_is_not_the_newest_for_ever(place: Path) -> None:
    options = {"reads": "reports", "settings": {"mapping": MAPPING, "complete": True}}
    drop(place, "a.csv", f"{HEADER}1,Lama\n", at=4_000_000_000)
    store = Store()
    async with running(store, spec(place.as_uri(), options)):
        await wait_until(lambda: "1" in ids(store))
        drop(place, "b.csv", f"{HEADER}2,Baru\n", at=4_000_000_000 - 1)
        await wait_until(lambda: "2" in ids(store))


async def test_a_link_that_cannot_be_followed_does_not_close_the_folder(place: Path) -> None:
    (place / "tautan.csv").symlink_to("x" * 300)
    drop(place, "a.csv", f"{HEADER}1,Lubang\n")
    store = Store()
    async with running(store, spec(place.as_uri(), REPORTS)):
        await wait_until(lambda: ids(store) == ["1"])


async def test_a_name_that_is_no_utf8_is_read_and_can_be_said(place: Path) -> None:
    name = os.fsdecode(b"laporan-\xe9.csv")
    drop(place, name, f"{HEADER}1,Lubang\n,Tanpa nomor\n")
    store = Store()
    async with running(store, spec(place.as_uri(), REPORTS)):
        await wait_until(lambda: ids(store) == ["1"] and bool(store.buried))
        drop(place, name, "<html>")
        await wait_until(lambda: store.state("masuk") == "failing")
    assert store.buried[0].where == "laporan-?.csv: line 3"
    assert store.health[-2].reason.startswith("laporan-?.csv: ")


async def test_a_folder_that_is_not_there_fails_and_comes(tmp_path: Path) -> None:
    store = Store()
    async with running(store, spec((tmp_path / "nanti").as_uri(), REPORTS)):
        await wait_until(lambda: store.state("masuk") == "failing")
        assert store.health[-1].reason == "There is no folder nanti."
        (tmp_path / "nanti").mkdir()
        await wait_until(lambda: store.state("masuk") == "ok")


async def test_a_pattern_chooses_and_a_link_out_of_the_folder_is_refused(place: Path) -> None:
    outside = drop(place.parent, "rahasia.csv", f"{HEADER}9,Rahasia\n")
    (place / "tautan.csv").symlink_to(outside)
    drop(place, "a.csv", f"{HEADER}1,Lubang\n")
    drop(place, "a.txt", f"{HEADER}8,Bukan\n")
    store = Store()
    async with running(store, spec("file:masuk/*.csv", REPORTS), folder=place.parent):
        await wait_until(lambda: ids(store) == ["1"] and bool(store.buried))
    assert ids(store) == ["1"]
    assert "outside the folder" in store.buried[0].why


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"reads": "report"}, "reads: is no type of feed; did you mean 'reports'"),
        ({"reads": "folder"}, "does not read folders"),
        ({"reads": "reports"}, "settings.mapping: is missing"),
        ({"reads": "cap", "settings": {"default_lif": "1h"}}, "did you mean 'default_life'"),
    ],
)
def test_options_that_could_not_read_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(BadOptions, match=words):
        feed_options("folder", options)


@pytest.mark.parametrize(
    ("reads", "settings", "body", "kind"),
    [
        ("gauges", {}, b'[{"id": "A", "value": 3, "observed": 1700000000}]', "gauge"),
        ("cap", {}, b"<html>", ""),
        ("geojson", {}, b'{"type": "FeatureCollection", "features": []}', ""),
    ],
)
async def test_any_format_that_has_a_parse_can_be_dropped(
    reads: str, settings: dict[str, Any], body: bytes, kind: str, place: Path
) -> None:
    (place / "x").write_bytes(body)
    store = Store()
    async with running(store, spec(place.as_uri(), {"reads": reads, "settings": settings})):
        await wait_until(lambda: bool(store.health))
        if kind:
            await wait_until(lambda: bool(store.events))
        elif body == b"<html>":
            await wait_until(lambda: store.state("masuk") == "failing")
