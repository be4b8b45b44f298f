"""A short stream for players, recorded by the browser itself, which needs no other encoder."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

#: One picture after the other for some seconds, as fragments of MP4 with H.264 (base64), a second each.
_RECORD = """async () => {
  const type = 'video/mp4; codecs="avc1.42E01E"';
  if (!MediaRecorder.isTypeSupported(type) || !MediaSource.isTypeSupported(type)) return null;
  const canvas = document.createElement('canvas');
  canvas.width = 320;
  canvas.height = 180;
  const pen = canvas.getContext('2d');
  let turn = 0;
  const timer = setInterval(() => {
    pen.fillStyle = `hsl(${turn++ * 7}, 80%, 50%)`;
    pen.fillRect(0, 0, 320, 180);
  }, 50);
  const recorder = new MediaRecorder(canvas.captureStream(20), {mimeType: type});
  const parts = [];
  recorder.ondataavailable = ({data}) => parts.push(data);
  recorder.start(1000);
  await new Promise((done) => setTimeout(done, 4300));
  recorder.stop();
  await new Promise((done) => (recorder.onstop = done));
  clearInterval(timer);
  const text = async (part) => btoa(String.fromCharCode(...new Uint8Array(await part.arrayBuffer())));
  return Promise.all(parts.filter(({size}) => size).map(text));
}"""


def record(context: Any) -> tuple[bytes, list[bytes]]:
    """(initialisation, segments of a second) of a stream; the test is skipped where nothing records H.264."""
    page = context.new_page()
    page.goto("data:text/html,<p>")
    parts = page.evaluate(_RECORD)
    page.close()
    if parts is None:
        pytest.skip("this browser was built without H.264, which distributions may leave out for its patents")
    head, fragments = b"", list[bytes]()
    for kind, box in _boxes(b"".join(base64.b64decode(part) for part in parts)):
        if kind == b"moof":
            fragments.append(box)
        elif fragments:
            fragments[-1] += box
        else:
            head += box
    return head, fragments


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(type, whole box) of each box of the highest level (ISO/IEC 14496-12)."""
    place = 0
    while place + 8 <= len(data):
        size = int.from_bytes(data[place : place + 4])
        yield data[place + 4 : place + 8], data[place : place + size]
        place += max(8, size)


def playlist(segments: int) -> str:
    """A live playlist of fragments: nothing says that it ends."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:1", "#EXT-X-MEDIA-SEQUENCE:0"]
    lines += ['#EXT-X-MAP:URI="init.mp4"']
    for number in range(segments):
        lines += ["#EXTINF:1.0,", f"{number}.mp4"]
    return "\n".join(lines) + "\n"
