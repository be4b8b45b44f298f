"""Tiles of the map: what a wrong address is told, what a page may load, and what is on the glass."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.browser import chromium, window
from tests.cities import ENV, incident, push, write_city
from tests.running import server, until
from tests.test_walls import read
from tests.tiles import archive, png, tile_server, vector_tile, write_archive
from wallboard.pmtiles import Header, read_header
from wallboard.web.headers import policy
from wallboard.web.tiles import Tiles, origin, tiles_of

TILES = {"url": "https://tiles.example/{z}/{x}/{y}.png", "attribution": "© contoh"}
WMS = {"name": "ZNT", "url": "https://wms.example/ows", "layers": "znt", "attribution": "© BPN"}


def faults(**tables: Any) -> list[str]:
    return read(map=tables)[1]


def test_whole_tables_are_no_fault() -> None:
    assert faults(tiles=TILES, wms=[WMS], pmtiles={"file": "a.pmtiles", "attribution": "©"}) == []


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://tiles.example/{z}/{x}/{y}", "is no address of the web"),
        ("https://{s}.example/{z}/{x}/{y}", "has no host"),
        ("https://tiles.example;script-src*/{z}/{x}/{y}", "has no host"),
        ("https://*.example/{z}/{x}/{y}", "has no host"),
        ("https://me:secret@tiles.example/{z}/{x}/{y}", "names a user or password"),
        ("https://tiles.example/ {z}/{x}/{y}", "holds white space"),
        ("https://tiles.example/{z}/{x}", "needs {z}, {x} and {y}"),
        ("https://tiles.example/{z}/{x}/{y}{r}", "has {r}"),
        ("https://tiles.example:port/{z}/{x}/{y}", "is no address"),
        ("tiles.example/{z}/{x}/{y}", "is no address of the web"),
    ],
)
def test_an_address_that_no_page_can_load_is_told_why(url: str, why: str) -> None:
    found = faults(tiles=TILES | {"url": url})
    assert len(found) == 1
    assert found[0].startswith(f"map.tiles.url: {why}")
    assert "secret" not in found[0]


def test_what_else_can_be_wrong() -> None:
    assert [each.split(":")[0] for each in faults(tiles=TILES | {"attribution": " ", "opacity": 0})] == [
        "map.tiles.attribution",
        "map.tiles.opacity",
    ]
    assert faults(tiles=TILES | {"min_zoom": 9, "max_zoom": 3})[0].startswith("map.tiles.max_zoom")
    assert faults(wms=[WMS, WMS])[0].startswith("map.wms[1].name: stands in map.wms[0] already")
    assert faults(wms=[WMS | {"as_of": "tahun lalu"}])[0].startswith("map.wms[0].as_of")
    assert faults(wms=[WMS | {"layers": ""}])[0].startswith("map.wms[0].layers")
    assert faults(wms=[WMS | {"url": "https://x.example/{z}"}])[0].startswith("map.wms[0].url")
    layout = {"name": "l", "areas": ["map"], "options": {"map": {"overlays": ["ZNB"]}}}
    found = read(map={"wms": [WMS]}, layout=[layout])[1]
    assert found == ["layout[0].options.map.overlays[0]: is no [[map.wms]]; did you mean 'ZNT'?"]


def test_a_page_may_load_pictures_from_the_configured_hosts_and_no_other(tmp_path: Path) -> None:
    city, _ = read(
        map={"tiles": TILES, "wms": [WMS, WMS | {"name": "b", "url": "http://wms.example:8080/x"}]}
    )
    tiles = tiles_of(city, tmp_path)
    assert tiles.hosts == ("https://tiles.example", "https://wms.example", "http://wms.example:8080")
    rules = policy(tiles.hosts).split("; ")
    assert f"img-src 'self' data: blob: {' '.join(tiles.hosts)}" in rules
    assert [rule for rule in rules if "example" in rule and not rule.startswith("img-src")] == []
    assert Tiles().hosts == ()
    assert "img-src 'self' data: blob:" in policy().split("; ")
    assert origin("HTTPS://Tiles.Example/{z}") == "https://tiles.example"


def test_the_header_of_an_archive(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.pmtiles", png(1, 2, 3))
    assert read_header(path) == Header("png", 0, 0, (-180.0, -85.0, 180.0, 85.0))
    for body, why in (
        (b"<html>", "is no PMTiles archive"),
        (b"PMTiles\x02" + bytes(200), "of version 3"),
        (b"PMTiles\x03", "of version 3"),
        (archive(b"x", 0), "kind that no map here can draw"),
    ):
        path.write_bytes(body)
        with pytest.raises(ValueError, match=why):
            read_header(path)


def test_an_archive_that_is_none_stops_the_start_with_its_key(tmp_path: Path) -> None:
    from wallboard.errors import ConfigError
    from wallboard.ground import prepare
    from wallboard.settings import read_city

    more = '\n[map.pmtiles]\nfile = "a.pmtiles"\nattribution = "©"\n'
    path = write_city(tmp_path, more)
    with pytest.raises(ConfigError, match=r"map\.pmtiles\.file.*no such file"):
        prepare(read_city(path), tmp_path)
    (tmp_path / "a.pmtiles").write_bytes(b"no")
    with pytest.raises(ConfigError, match=r"map\.pmtiles\.file.*is no PMTiles archive"):
        prepare(read_city(path), tmp_path)


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_tiles_are_drawn_a_dead_server_is_told_and_the_map_goes_to_what_is_grave(tmp_path: Path) -> None:
    with tile_server() as tiles:
        more = f"""
[map.tiles]
url = "{tiles.address}/tiles/{{z}}/{{x}}/{{y}}.png"
attribution = "© Peta Contoh"

[[map.wms]]
name = "Zona nilai tanah"
url = "{tiles.address}/wms"
layers = "znt"
attribution = "© Kantor Pertanahan"
as_of = "2024"

[map.pmtiles]
file = "a.pmtiles"
attribution = "© Arsip"
"""
        config = write_city(tmp_path / "city", more)
        write_archive(tmp_path / "city" / "a.pmtiles", vector_tile("water", "ocean"), 1)
        with (
            server(tmp_path / "state", "--config", str(config), env=ENV) as running,
            chromium() as browser,
        ):
            address = f"http://{running.address}/geo/map.pmtiles"
            asked = urllib.request.Request(address, headers={"Range": "bytes=0-6"})
            with urllib.request.urlopen(asked) as answer:
                assert (answer.status, answer.read()) == (206, b"PMTiles")
            with window(browser, running, "/?lang=id") as shown:
                shown.shows("© Arsip · © Peta Contoh · © Kantor Pertanahan", within=".map footer")
                shown.shows("Zona nilai tanah · per 2024", within=".map footer")
                until(lambda: any("/tiles/" in path for path in tiles.asked), "a tile is asked for")
                until(lambda: any("LAYERS=znt" in path for path in tiles.asked), "the WMS is asked for")
                until(lambda: any("map.pmtiles" in one for one in shown.requests), "the archive is read")
                outside = [one for one in shown.requests if running.address not in one]
                assert all(one.startswith((tiles.address, "data:", "blob:")) for one in outside)
                assert shown.errors == []
                # Something grave begins: the map goes there, where the dead server has no tile.
                tiles.dead = True
                event = incident("api", category="flood", severity="danger") | {"title": "Tanggul jebol"}
                assert push(running, "grave", [event]) == 202
                shown.shows("Tanggul jebol", within=".map header")
                shown.shows("tidak menjawab sejak", within=".map footer")
                assert shown.evaluate("() => document.querySelector('.map-inset .inset-frame') !== null")
                assert shown.evaluate(
                    "() => [...document.querySelectorAll('.map-top canvas')].some((one) => one.width > 100)"
                )
