"""Is this a whole JPEG, and how large? Reads markers only (ITU-T T.81, annex B); decodes nothing. Pure."""

from __future__ import annotations

from wallboard.errors import BadDocument

#: A picture of 4K takes 33 MB unpacked in each browser; a camera with more has a smaller picture, too.
MAX_PIXELS = 3840 * 2160
#: Markers before the picture: tables, EXIF, a thumbnail. A file with more is no camera's.
MAX_MARKERS = 200

_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
#: Start of frame: baseline, extended and progressive, which all browsers draw.
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
#: Frames that no browser draws: lossless, differential, arithmetic.
_OTHER_FRAMES = frozenset({0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
#: Markers that stand alone: TEM and the restarts.
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})


def size_of(body: bytes) -> tuple[int, int]:
    """Return (width, height) in pixels. Raises BadDocument for what is no JPEG, cut off, or too large."""
    if body[:3] != b"\xff\xd8\xff":
        raise BadDocument("It is no JPEG.")
    size: tuple[int, int] | None = None
    place = 2
    for _ in range(MAX_MARKERS):
        if place + 4 > len(body) or body[place] != 0xFF:
            break
        marker = body[place + 1]
        if marker == 0xFF:  # fill
            place += 1
            continue
        if marker in _ALONE:
            place += 2
            continue
        if marker in (_START, _END) or marker in _OTHER_FRAMES:
            break
        length = int.from_bytes(body[place + 2 : place + 4])
        if marker == _SCAN:
            return _whole(body, place, size)
        if marker in _FRAMES:
            size = _frame(body[place + 4 : place + 2 + length])
        place += 2 + max(2, length)
    raise BadDocument("It is a JPEG without a picture.")


def _frame(segment: bytes) -> tuple[int, int]:
    if len(segment) < 6:
        raise BadDocument("Its frame header is cut off.")
    height, width = int.from_bytes(segment[1:3]), int.from_bytes(segment[3:5])
    if not width or not height:
        raise BadDocument("It is a JPEG without a size.")
    if width * height > MAX_PIXELS:
        raise BadDocument(f"It has {width} × {height} pixels, more than {MAX_PIXELS}.")
    return width, height


def _whole(body: bytes, scan: int, size: tuple[int, int] | None) -> tuple[int, int]:
    # Cameras pad behind the end; what has no end was cut off on its way.
    if size is None or body.rfind(bytes((0xFF, _END))) <= scan:
        raise BadDocument("It is cut off.")
    return size
