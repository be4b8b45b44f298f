"""feeds/cameras/jpeg.py: what is a whole JPEG of a sensible size, by its markers alone."""

from __future__ import annotations

import pytest

from feeds.cameras.jpeg import MAX_PIXELS, size_of
from wallboard.errors import BadDocument


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body


def jpeg(width: int = 640, height: int = 360, *, frame: int = 0xC0, noise: bytes = b"\x12\x34") -> bytes:
    """The markers of a JPEG, as cameras write them; `noise` stands for its picture."""
    size = b"\x08" + height.to_bytes(2) + width.to_bytes(2) + b"\x01\x01\x11\x00"
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
            segment(0xDB, bytes(65)),
            segment(frame, size),
            segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            noise,
            b"\xff\xd9",
        )
    )


@pytest.mark.parametrize("frame", [0xC0, 0xC1, 0xC2])
def test_the_size_stands_in_the_frame_header(frame: int) -> None:
    assert size_of(jpeg(1280, 720, frame=frame)) == (1280, 720)


def test_padding_behind_the_end_and_before_a_marker_is_no_fault() -> None:
    assert size_of(jpeg() + bytes(300)) == (640, 360)
    assert size_of(b"\xff\xd8\xff\xff" + jpeg()[3:]) == (640, 360)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "no JPEG"),
        (b"<!DOCTYPE html><html>login</html>", "no JPEG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "no JPEG"),
        (b"GIF89a", "no JPEG"),
        (b"\xff\xd8\xff", "without a picture"),
        (b"\xff\xd8\xff\xd9", "without a picture"),
        (jpeg()[:-2], "cut off"),
        (jpeg(0, 360), "without a size"),
        (jpeg(640, 0), "without a size"),
        (jpeg(65_535, 65_535), "pixels"),
        (jpeg(frame=0xC3), "without a picture"),
        (b"\xff\xd8" + segment(0xC0, b"\x08\x01") + jpeg()[2:], "cut off"),
        (b"\xff\xd8" + segment(0xE1, b"x") * 1000 + jpeg()[2:], "without a picture"),
        (b"\xff\xd8\xff\xe0\x00\x00" * 100, "without a picture"),
    ],
)
def test_what_is_no_picture_says_why(body: bytes, word: str) -> None:
    with pytest.raises(BadDocument, match=word):
        size_of(body)


def test_every_cut_of_a_picture_is_noticed() -> None:
    whole = jpeg()
    for end in range(len(whole) - 1):
        with pytest.raises(BadDocument):
            size_of(whole[:end])


def test_the_largest_picture_is_one_of_4k() -> None:
    assert size_of(jpeg(3840, 2160)) == (3840, 2160)
    assert MAX_PIXELS == 3840 * 2160
    with pytest.raises(BadDocument, match="pixels"):
        size_of(jpeg(3840, 2161))
