"""feeds/cameras/: lists of cameras as cities write them, and what of them may leave this process."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from feeds.base import Context, Parsed
from feeds.cameras import Addresses, CamerasOptions, parse, read_list
from feeds.reading.shape import Mapping
from tests.samples import samples
from wallboard.errors import BadDocument
from wallboard.events import CameraListed, Present, Stream

NOW = datetime(2026, 5, 12, 3, 0, tzinfo=UTC).timestamp()
CONTEXT = Context(feed="cctv", now=NOW, zone=ZoneInfo("Asia/Jakarta"))
HLS = "https://cctv.example/live/1.m3u8"
OWN = CamerasOptions(board_hosts=["https://cctv.example"])

#: A city's list in the shape of a real one: ids of a system, streams behind an inner host, naive times.
CITY = CamerasOptions(
    mapping=Mapping(
        records="cameras",
        fields={
            "id": "id",
            "name": "name",
            "status": "status.is_online",
            "hls": "stream.hls",
            "webrtc": "stream.webrtc",
            "public": "stream.is_public",
            "address": "location.street",
            "kecamatan": "location.district",
            "lon": "location.coordinates.lng",
            "lat": "location.coordinates.lat",
            "updated": "metadata.updated_at",
        },
    ),
    board_hosts=["https://cctv.example"],
)


def feature(**properties: Any) -> dict[str, Any]:
    """A camera in our own form."""
    known: dict[str, Any] = {
        "id": "s-1",
        "name": "Simpang Contoh",
        "status": "Aktif",
        "streams": [{"type": "hls", "url": HLS, "public": True}],
        "updated": "2026-05-12T09:00:00+07:00",
    }
    geometry = {"type": "Point", "coordinates": properties.pop("coordinates", [110.01, -5.01])}
    return {"type": "Feature", "geometry": geometry, "properties": known | properties}


def inner(**changes: Any) -> dict[str, Any]:
    """A camera as the city's system writes it."""
    known: dict[str, Any] = {
        "id": "7d0c", "name": "Pasar Contoh", "status": {"code": 1, "label": "Online", "is_online": True},
        "stream": {"host": "10.20.0.5", "hls": HLS, "webrtc": "http://10.20.0.5:8889/7d", "is_public": True},
        "location": {
            "street": "Jl. Contoh 1", "district": "Pesisir", "coordinates": {"lat": -5.01, "lng": 110.01}
        },
        "metadata": {"updated_at": "2026-05-12 09:00:00"},
    }  # fmt: skip
    return known | changes


def read(*features: Any, options: CamerasOptions = OWN) -> tuple[Parsed, Addresses]:
    document = {"type": "FeatureCollection", "features": features}
    return read_list(msgspec.json.encode(document), CONTEXT, options)


def one(*features: Any, options: CamerasOptions = OWN) -> CameraListed:
    parsed, _ = read(*features, options=options)
    return only(parsed)


def only(parsed: Parsed) -> CameraListed:
    assert not parsed.faults
    (camera,) = [event for event in parsed.events if isinstance(event, CameraListed)]
    return camera


def city(*cameras: Any, options: CamerasOptions = CITY) -> Parsed:
    return parse(msgspec.json.encode({"cameras": cameras}), CONTEXT, options)


# -- our own form ----------------------------------------------------------------------------------------


def test_a_feature_becomes_a_camera() -> None:
    assert one(feature()) == CameraListed(
        feed="cctv",
        source_id="s-1",
        received_at=NOW,
        observed_at=NOW - 3600,
        name="Simpang Contoh",
        lon=110.01,
        lat=-5.01,
        streams=(Stream(type="hls", url=HLS),),
        status_raw="Aktif",
        claimed="online",
    )


def test_a_complete_list_says_who_is_still_there() -> None:
    parsed, _ = read(feature(), feature(id="s-2"))
    ids = ("s-1", "s-2")
    assert parsed.events[-1] == Present(feed="cctv", source_id="", received_at=NOW, kind="camera", ids=ids)


def test_a_list_with_a_nameless_record_declares_nobody_gone() -> None:
    parsed, _ = read(feature(), feature(id=None, name=None))
    assert [type(event) for event in parsed.events] == [CameraListed]
    assert parsed.faults[0].where == "record 1"


def test_a_broken_camera_with_a_name_is_still_there() -> None:
    parsed, kept = read(feature(), feature(id="s-2", status={"code": 1}))
    assert isinstance(parsed.events[-1], Present)
    assert parsed.events[-1].ids == ("s-1", "s-2")
    assert list(kept.checks) == ["s-1"]
    assert len(parsed.faults) == 1


def test_an_empty_list_is_a_fault_of_the_list_and_not_the_end_of_all_cameras() -> None:
    with pytest.raises(BadDocument, match="those known stay"):
        read()


def test_two_cameras_of_one_id_do_not_take_turns() -> None:
    parsed, _ = read(feature(), feature(name="Lain"))
    assert only(Parsed(parsed.events)).name == "Simpang Contoh"
    assert isinstance(parsed.events[-1], Present)
    assert "twice" in parsed.faults[0].why


@pytest.mark.parametrize(
    ("raw", "claimed"),
    [("Online", "online"), ("tidak aktif", "offline"), (True, "online"), (False, "offline"), (0, "offline"),
     ("error", "offline"), ("perbaikan", "unknown"), (None, "unknown")],
)  # fmt: skip
def test_the_lists_word_is_kept_and_understood_where_it_can_be(raw: Any, claimed: str) -> None:
    assert one(feature(status=raw)).claimed == claimed


def test_exchanged_coordinates_are_left_to_the_geofence() -> None:
    camera = one(feature(coordinates=[-5.01, 110.01]))
    assert (camera.lon, camera.lat) == (-5.01, 110.01)


@pytest.mark.parametrize("coordinates", [None, [], [None, None], ["x", "y"]])
def test_a_camera_without_coordinates_is_kept(coordinates: Any) -> None:
    assert one(feature(coordinates=coordinates)).lon is None


def test_a_time_without_zone_is_the_feeds_and_a_broken_one_costs_no_camera() -> None:
    camera = one(feature(updated="2026-05-12 09:00:00"))
    assert (camera.observed_at, camera.flags) == (NOW - 3600, ("no_zone",))
    assert one(feature(updated="kemarin")).flags == ("bad_time",)


def test_kelurahan_and_kecamatan_become_an_address_that_names_them() -> None:
    camera = one(feature(address="Jl. Contoh 1", kelurahan="Kebon Jati", kecamatan="Kec. Pesisir"))
    assert camera.address == "Jl. Contoh 1, Kel. Kebon Jati, Kec. Pesisir"


@pytest.mark.parametrize("word", ["Unknown", "unknown", "-", "null", None, ""])
def test_a_district_called_unknown_is_none(word: Any) -> None:
    assert one(feature(kecamatan=word)).address == ""


def test_text_from_outside_is_tamed() -> None:
    camera = one(feature(name="A\u202eB\x00" + "x" * 900, status="<b>\u200b on"))
    assert len(camera.name) <= 200
    assert camera.status_raw == "<b> on"


# -- lists of other shapes -------------------------------------------------------------------------------


def test_the_shape_of_a_real_citys_list() -> None:
    camera = only(city(inner()))
    assert camera.streams == (Stream(type="hls", url=HLS), Stream(type="webrtc"))
    assert (camera.address, camera.flags) == ("Jl. Contoh 1, Kec. Pesisir", ("no_zone",))
    assert (camera.status_raw, camera.claimed, camera.observed_at) == ("true", "online", NOW - 3600)


def test_what_is_not_public_is_not_shown() -> None:
    assert not only(city(inner(stream={"hls": HLS, "is_public": False}))).streams[0].url


def test_a_bare_list_of_lists_with_latitude_first() -> None:
    options = CamerasOptions(
        mapping=Mapping(fields={"name": "[0]", "position": "[1]", "url": "[2]"}, order="lat,lon"),
        board_hosts=["https://cctv.example"],
    )
    body = msgspec.json.encode([["Alun-alun", [-5.01, 110.01], "https://cctv.example/a.flv"]])
    camera = only(parse(body, CONTEXT, options))
    assert (camera.source_id, camera.lon, camera.lat) == ("Alun-alun", 110.01, -5.01)
    assert camera.streams == (Stream(type="flv", url="https://cctv.example/a.flv"),)


def test_a_table() -> None:
    options = CamerasOptions(mapping=Mapping(fields={"id": "kode", "name": "nama", "url": "alamat"}))
    camera = only(parse(b"kode;nama;alamat\n7;Pasar;" + HLS.encode() + b"?k=1\n", CONTEXT, options))
    assert (camera.source_id, camera.streams[0].type) == ("7", "hls")


WZDX = CamerasOptions(source="wzdx", board_hosts=["https://cctv.example"])


def device(type: str = "camera", status: str = "ok", **more: Any) -> dict[str, Any]:
    """A device of WZDx 4.2, with what the standard asks for."""
    core = {
        "device_type": type, "data_source_id": "d", "device_status": status, "name": f"Simpang {type}",
        "update_date": "2026-05-12T02:59:00Z", "has_automatic_location": False,
    }  # fmt: skip
    point = {"type": "Point", "coordinates": [110.01, -5.01]}
    return {
        "type": "Feature",
        "id": f"{type}-{status}",
        "geometry": point,
        "properties": {"core_details": core, **more},
    }


def test_cameras_of_a_wzdx_device_feed_and_no_other_devices() -> None:
    still = {"image_url": "https://cctv.example/1.jpg", "image_timestamp": "2026-05-12T02:59:00Z"}
    features = [device("arrow-board"), device(**still), device(status="error"), device(status="warning")]
    body = msgspec.json.encode({"feed_info": {}, "type": "FeatureCollection", "features": features})
    parsed = parse(body, CONTEXT, WZDX)
    assert parsed.faults == []
    good, bad, warned, present = parsed.events
    assert isinstance(good, CameraListed)
    assert (good.source_id, good.name, good.claimed, good.picture) == (
        "camera-ok",
        "Simpang camera",
        "online",
        True,
    )
    assert (good.lon, good.lat, good.observed_at) == (110.01, -5.01, NOW - 60)
    assert good.streams == (Stream(type="snapshot", url="https://cctv.example/1.jpg"),)
    assert isinstance(bad, CameraListed)
    assert bad.claimed == "offline"
    assert isinstance(warned, CameraListed)
    assert (warned.claimed, warned.status_raw) == ("unknown", "warning")
    assert isinstance(present, Present)
    assert present.ids == ("camera-ok", "camera-error", "camera-warning")


@pytest.mark.parametrize("core", [None, {"name": "Simpang"}, "x"])
def test_a_device_that_does_not_say_what_it_is_may_be_any_camera(core: Any) -> None:
    unknown = device()
    unknown["properties"]["core_details"] = core
    for lost in (unknown, "x"):
        body = msgspec.json.encode({"feed_info": {}, "features": [device(), lost, device("arrow-board")]})
        parsed = parse(body, CONTEXT, WZDX)
        assert [type(event) for event in parsed.events] == [CameraListed], "nobody is declared gone"
        assert len(parsed.faults) == 1


def test_a_road_that_is_written_as_a_text_does_not_cost_the_camera() -> None:
    camera = device()
    camera["properties"]["core_details"]["road_names"] = "Jl. Contoh"
    body = msgspec.json.encode({"feed_info": {}, "features": [camera]})
    assert only(parse(body, CONTEXT, WZDX)).address == "Jl. Contoh"


def test_a_source_and_a_mapping_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="not both"):
        CamerasOptions(source="wzdx", mapping=Mapping())


def test_the_official_wzdx_example_has_its_coordinates_exchanged_and_they_are_not_mended() -> None:
    body = samples("incidents/wzdx/examples/DeviceFeed/camera_error_example.geojson").read_bytes()
    camera = only(parse(body, CONTEXT, WZDX))
    assert camera.name == "Tukey's Bridge North CCTV"
    assert camera.address == "US-1, I-295, ME-26"
    assert camera.claimed == "offline"
    assert camera.lon is not None
    assert camera.lat is not None
    assert camera.lon > 0 > camera.lat  # Maine lies west of Greenwich and north of the equator


@pytest.mark.parametrize(
    "body", [b"<html><title>Login</title>", b"", b'{"features": null}', b'{"features":[{']
)
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument):
        parse(body, CONTEXT, OWN)


# -- what may leave this process -------------------------------------------------------------------------

SECRET = "hunter2"


@pytest.mark.parametrize(
    "url",
    [
        f"rtsp://admin:{SECRET}@203.0.113.9/live",
        f"https://admin:{SECRET}@cctv.example/1.m3u8",
        "http://10.20.0.5:8888/1.m3u8",
        "http://192.168.1.4/1.m3u8",
        "http://172.16.9.9/1.m3u8",
        "http://127.0.0.1/1.m3u8",
        "http://127.1/1.m3u8",
        "http://[::1]/1.m3u8",
        "http://169.254.169.254/latest/meta-data",
        "http://nvr.local/1.m3u8",
        "http://nvr/1.m3u8",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "//cctv.example/1.m3u8",
    ],
)
def test_only_public_addresses_reach_a_board(url: str) -> None:
    parsed, kept = read(feature(streams=[{"type": "hls", "url": url}]))
    camera = only(parsed)
    assert [stream.url for stream in camera.streams] == [""]
    assert kept.checks == {"s-1": ""}
    written = msgspec.json.encode(parsed.events)
    assert SECRET.encode() not in written
    assert b"10.20" not in written


def test_credentials_in_names_ids_and_states_stay_here() -> None:
    hidden = f"rtsp://admin:{SECRET}@10.20.0.5/1"
    camera = one(feature(id=hidden, name=f"Kamera {hidden}", status=hidden, address=hidden))
    assert SECRET not in repr(camera)
    assert "10.20.0.5" not in repr(camera)
    assert camera.name == "Kamera"
    assert len(camera.source_id) == 16


def test_credentials_in_a_record_that_cannot_be_used_stay_here() -> None:
    hidden = f"rtsp://admin:{SECRET}@10.20.0.5/1"
    parsed, _ = read(feature(id=None, name=None, streams=[{"url": hidden}]), hidden, [hidden])
    assert len(parsed.faults) == 3
    assert SECRET not in repr(parsed.faults)
    assert "10.20.0.5" not in repr(parsed.faults)


def test_a_private_stream_is_checked_only_where_the_configuration_names_its_host() -> None:
    inside = "http://10.20.0.5:8888/1.m3u8"
    named = CamerasOptions(probe_private=True, probe_hosts=["http://10.20.0.5:8888"])
    other = CamerasOptions(probe_private=True, probe_hosts=["http://10.20.0.5"])
    camera = feature(streams=[{"type": "hls", "url": inside}])
    assert [read(camera, options=options)[1].checks["s-1"] for options in (OWN, other, named)] == [
        "",
        "",
        inside,
    ]
    assert one(camera, options=named).streams[0].url == ""


def test_only_hls_is_checked() -> None:
    streams = [{"type": "mjpeg", "url": "https://cctv.example/1"}, {"type": "hls", "url": HLS}]
    assert read(feature(streams=streams))[1].checks == {"s-1": HLS}
    assert read(feature(streams=streams[:1]))[1].checks == {"s-1": ""}


def test_a_stream_reaches_the_boards_only_where_its_host_is_theirs_to_open() -> None:
    assert one(feature(), options=CamerasOptions()).streams == (Stream(type="hls"),)
    other = CamerasOptions(board_hosts=["https://cctv.example:8443", "http://cctv.example"])
    assert one(feature(), options=other).streams == (Stream(type="hls"),)
    assert one(feature(), options=OWN).streams == (Stream(type="hls", url=HLS),)


def test_a_still_picture_is_offered_and_its_address_stays_here() -> None:
    inside = "http://10.20.0.5:8888/1.jpg"
    named = CamerasOptions(probe_private=True, probe_hosts=["http://10.20.0.5:8888"])
    camera = feature(streams=[{"type": "hls", "url": HLS}, {"type": "snapshot", "url": inside}])
    parsed, kept = read(camera, options=named)
    assert (only(parsed).picture, kept.stills) == (True, {"s-1": inside})
    assert b"10.20" not in msgspec.json.encode(parsed.events)
    for closed in (OWN, msgspec.structs.replace(named, pictures=False)):
        parsed, kept = read(camera, options=closed)
        assert (only(parsed).picture, kept.stills) == (False, {})


def test_a_still_of_a_camera_that_is_not_public_is_for_who_may_see_the_camera() -> None:
    streams = [{"type": "snapshot", "url": "https://cctv.example/1.jpg", "public": False}]
    parsed, kept = read(feature(streams=streams))
    assert (only(parsed).picture, kept.stills) == (True, {"s-1": "https://cctv.example/1.jpg"})
    assert only(parsed).streams == (Stream(type="snapshot"),)


@pytest.mark.parametrize(
    "options",
    [
        {"probe_every": 1.0},
        {"probe_private": True},
        {"probe_hosts": ["http://10.0.0.1"]},
        {"probe_private": True, "probe_hosts": ["10.0.0.1"]},
        {"probe_private": True, "probe_hosts": ["http://u:p@10.0.0.1"]},
        {"picture_every": 0.5},
        {"board_hosts": ["cctv.example"]},
        {"board_hosts": ["http://10.20.0.5:8888"]},
        {"board_hosts": ["https://u:p@cctv.example"]},
        {"board_hosts": ["https://cctv.example/live"]},
        {"board_hosts": ["https://cctv.example; script-src *"]},
        {"board_hosts": ["https://*.example"]},
        {"unknown": 1},
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(options, CamerasOptions)


def test_a_long_word_that_might_hold_credentials_is_read_once() -> None:
    # Tried from each letter and each colon anew, this takes minutes, and stops all other feeds meanwhile.
    document = {"features": [{"properties": {"id": "1", "status": "a:" * 2000}}]}
    camera = parse(msgspec.json.encode(document), CONTEXT, CamerasOptions()).events[0]
    assert isinstance(camera, CameraListed)
    assert camera.status_raw == "a:" * 2000
