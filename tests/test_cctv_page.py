"""The cameras' panel in a real browser over the real road: stills of a camera server, a stream that fails."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from feeds.scenario.scene import HEIGHT, WIDTH, View, draw
from tests.browser import page
from tests.cities import ENV, push, write_city
from tests.running import Server, server, until
from tests.streams import playlist, record
from tests.test_wall_page import HOSTILE, OVERFLOW

FEED = """
[[feed]]
name = "cctv"
type = "cameras"
url = "{server}/list.json"
[feed.options]
probe = false
probe_private = true
probe_hosts = ["{server}"]
picture_every = 1
board_hosts = ["https://cctv.example"]
"""

STREAM = "https://cctv.example/stream/index.m3u8"
HOSTILE_NAME = HOSTILE[0]


def feature(id: str, name: str, *streams: tuple[str, str]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [110.01, -5.01]},
        "properties": {
            "id": id,
            "name": name,
            "streams": [{"type": type, "url": url, "public": True} for type, url in streams],
        },
    }


@contextmanager
def camera_server() -> Iterator[str]:
    """A server with a list of cameras, a picture that moves, and a page where a picture should be."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            base = f"http://{self.headers['Host']}"
            if self.path == "/list.json":
                features = [
                    feature("moves", HOSTILE_NAME, ("snapshot", f"{base}/moves.jpg")),
                    feature("page", "Kamera tanpa gambar", ("snapshot", f"{base}/page.jpg")),
                    feature("stream", "Kamera aliran", ("hls", STREAM), ("snapshot", f"{base}/stream.jpg")),
                ]
                body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
            elif self.path == "/page.jpg":
                body = b"<!DOCTYPE html><title>Login</title>"
            else:
                body = draw(View("Simpang Contoh", f"{time.time():.2f}", time.time(), 1.0, 0.0, None))
            with suppress(ConnectionError):  # who asked is gone: the server has been stopped
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as one:
        threading.Thread(target=one.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{one.server_port}"
        one.shutdown()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("cctv")
    with camera_server() as cameras:
        config = write_city(folder / "city", FEED.format(server=cameras))
        with server(folder / "state", "--config", str(config), env=ENV) as one:
            until(lambda: len(one.entities("camera")) == 3, "the list")
            yield one


#: State and words of each picture, by its camera.
PICTURES = """() => Object.fromEntries([...document.querySelectorAll('.picture')].map((el) =>
  [el.querySelector('.glass').dataset.camera, {state: el.dataset.state, words: el.innerText}]))"""

#: A pixel of the sky on the glass, as [red, green, blue, width, height].
SKY = """(id) => {
  const canvas = document.querySelector(`[data-camera="${id}"] canvas`);
  const at = [Math.round(canvas.width * 0.02), Math.round(canvas.height * 0.16)];
  return [...canvas.getContext('2d').getImageData(...at, 1, 1).data].slice(0, 3);
}"""


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_each_picture_is_as_live_as_it_is(running: Server) -> None:
    asked: list[str] = []
    with page(running, "/login") as shown:

        def answer(route: Any) -> None:
            asked.append(route.request.url)
            route.fulfill(status=200, content_type="application/vnd.apple.mpegurl", body="no playlist at all")

        shown._page.route("https://cctv.example/**", answer)
        shown.go(f"http://{running.address}/wall/cameras")
        # What all their names begin with says nothing beside the title.
        shown.shows("tanpa gambar", within=".panel-cctv")

        def state(id: str, wanted: str) -> Any:
            found = shown.evaluate(PICTURES).get(f"cctv/{id}", {})
            return found if found.get("state") == wanted else None

        live = until(lambda: state("moves", "live"), "a picture that moves")
        assert "<img src=x" in live["words"], "a name is text"
        assert shown.evaluate("() => document.title") != "defaced"
        red, green, blue = shown.evaluate(SKY, "cctv/moves")
        assert red < green < blue, "the picture is on the glass, and its sky is blue"
        assert 90 < green < 190
        why = until(lambda: state("page", "unknown"), "a page is no picture")
        assert "bukan gambar" in why["words"]
        # The stream is tried once, is none, and gives way to the stills.
        until(lambda: state("stream", "live"), "stills in the place of the stream")
        assert asked
        assert set(asked) == {STREAM}
        assert shown.evaluate(OVERFLOW) == [0, 0]
        wide, high = WIDTH, HEIGHT
        assert shown.evaluate(
            """([wide, high]) => [...document.querySelectorAll('canvas')].every(
              (each) => each.width <= wide && each.height <= high || !each.closest('.glass'))""",
            [wide, high],
        )
        # What lies behind another page asks for nothing.
        shown.evaluate("() => { document.querySelector('#wall').style.display = 'none'; }")
        before: list[int] = []

        def quiet() -> bool:
            before.append(sum("snapshot.jpg" in url for url in shown.requests))
            shown._page.wait_for_timeout(700)
            return len(before) > 8 and len(set(before[-8:])) == 1

        until(quiet, "no more pictures are asked for")
        assert [error for error in shown.errors if "cctv.example" not in error] == []


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_what_a_camera_sees_stands_below_its_picture(running: Server) -> None:
    with page(running, "/wall/cameras") as shown:

        def words() -> str:
            return str(shown.evaluate(PICTURES).get("cctv/moves", {}).get("words", ""))

        until(lambda: "hidup" in words(), "a picture that moves")
        assert "orang" not in words()
        seen = {"type": "camera_seen", "source_id": "cctv/moves", "what": "person"}
        assert push(running, "seen-1", [seen]) == 202
        until(lambda: "orang" in words(), "what it sees")
        assert shown.evaluate(OVERFLOW) == [0, 0]
        assert push(running, "seen-2", [{**seen, "what": ""}]) == 202
        until(lambda: "orang" not in words(), "the end of it")
        # The stream's own server is not to be had here.
        assert [error for error in shown.errors if "NAME_NOT_RESOLVED" not in error] == []


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_stream_plays_and_is_frozen_when_it_stands_still(running: Server) -> None:
    with page(running, "/login") as shown:
        init, segments = record(shown._page.context)

        def answer(route: Any) -> None:
            name = route.request.url.rpartition("/")[2]
            headers = {"Access-Control-Allow-Origin": "*"}
            if name == "index.m3u8":
                media = "application/vnd.apple.mpegurl"
                route.fulfill(status=200, headers=headers, content_type=media, body=playlist(len(segments)))
            else:
                body = init if name == "init.mp4" else segments[int(name.partition(".")[0])]
                route.fulfill(status=200, headers=headers, content_type="video/mp4", body=body)

        shown._page.route("https://cctv.example/**", answer)
        shown.go(f"http://{running.address}/wall/cameras")
        time_of = (
            """() => document.querySelector('[data-camera="cctv/stream"] video:not([hidden])')?.currentTime"""
        )
        until(lambda: shown.evaluate(time_of), "the stream plays")
        of_stream = (
            """() => document.querySelector('[data-camera="cctv/stream"]').closest('figure').dataset.state"""
        )
        until(lambda: shown.evaluate(of_stream) == "live", "it is live while it plays")
        until(lambda: shown.evaluate(of_stream) == "frozen", "it ends without a word, and is frozen")
        assert shown.errors == []
