"""A baseline JPEG from an array of pixels (ITU-T T.81): for pictures that this program draws itself.

A library for pictures would be the largest of our dependencies, for the demo alone.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

#: Annex K.1 and K.2: what the eye misses least, luminance and chrominance.
_LUMINANCE = (
    "16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62 "
    "18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 "
    "72 92 95 98 112 100 103 99"
)
_CHROMINANCE = "17 18 24 47 18 21 26 66 24 26 56 99 47 66 99 99"

#: Lengths of codes 1 to 16 bits long (annex K.3), and the symbols in that order. One pair of tables serves
#: all three components; of the second, what follows the frequent symbols stands in ascending order.
_DC_LENGTHS = bytes((0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0))
_DC_SYMBOLS = bytes(range(12))
_AC_LENGTHS = bytes((0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125))
_FREQUENT = bytes.fromhex(
    "01 02 03 00 04 11 05 12 21 31 41 06 13 51 61 07 22 71 14 32 81 91 a1 08 23 42 b1 c1 15 52 d1 f0 "
    "24 33 62 72 82"
)
_EVERY = bytes((0x00, 0xF0, *(run << 4 | size for run in range(16) for size in range(1, 11))))
_AC_SYMBOLS = _FREQUENT + bytes(sorted(set(_EVERY) - set(_FREQUENT)))

_END_OF_BLOCK, _SIXTEEN_ZEROS = 0x00, 0xF0


def encode(pixels: Pixels, quality: int = 70) -> bytes:
    """`pixels` is height × width × 3 (RGB), both multiples of 8; `quality` 1 to 100, as libjpeg counts it."""
    height, width, _ = pixels.shape
    tables = _quantisation(quality)
    blocks = np.stack(
        [_blocks(plane, tables[index > 0]) for index, plane in enumerate(_components(pixels))], axis=1
    )
    head = b"".join(
        (
            b"\xff\xd8",
            _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
            *(
                _segment(0xDB, bytes((index,)) + bytes(table[_zigzag()].astype(np.uint8)))
                for index, table in enumerate(tables)
            ),
            _segment(
                0xC0,
                b"\x08"
                + height.to_bytes(2)
                + width.to_bytes(2)
                + b"\x03\x01\x11\x00\x02\x11\x01\x03\x11\x01",
            ),
            _segment(0xC4, b"\x00" + _DC_LENGTHS + _DC_SYMBOLS),
            _segment(0xC4, b"\x10" + _AC_LENGTHS + _AC_SYMBOLS),
            _segment(0xDA, b"\x03\x01\x00\x02\x00\x03\x00\x00\x3f\x00"),
        )
    )
    return head + _entropy(blocks.reshape(-1, 64)) + b"\xff\xd9"


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body


def _components(pixels: Pixels) -> list[npt.NDArray[np.float32]]:
    """Y, Cb and Cr as JFIF has them, around zero."""
    red, green, blue = (pixels[..., index].astype(np.float32) for index in range(3))
    luminance = 0.299 * red + 0.587 * green + 0.114 * blue
    return [luminance - 128.0, (blue - luminance) * 0.5643, (red - luminance) * 0.7133]


@cache
def _quantisation(quality: int) -> tuple[Ints, Ints]:
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    chrominance = np.full((8, 8), 99)
    chrominance[:4, :4] = np.array(_CHROMINANCE.split(), dtype=np.int64).reshape(4, 4)
    plain = (np.array(_LUMINANCE.split(), dtype=np.int64), chrominance.reshape(64))
    first, second = (np.clip((table * scale + 50) // 100, 1, 255) for table in plain)
    return first, second


@cache
def _zigzag() -> Ints:
    order = sorted(
        ((row, column) for row in range(8) for column in range(8)),
        key=lambda at: (sum(at), at[0] if sum(at) % 2 else at[1]),
    )
    return np.array([row * 8 + column for row, column in order])


@cache
def _cosines() -> npt.NDArray[np.float32]:
    rows = [
        [math.sqrt((2 if k else 1) / 8) * math.cos((2 * n + 1) * k * math.pi / 16) for n in range(8)]
        for k in range(8)
    ]
    return np.array(rows, dtype=np.float32)


def _blocks(plane: npt.NDArray[np.float32], table: Ints) -> Ints:
    """Quantised coefficients of each block of 8 × 8, in the order of the zigzag."""
    height, width = plane.shape
    tiles = plane.reshape(height // 8, 8, width // 8, 8).transpose(0, 2, 1, 3).reshape(-1, 8, 8)
    turned = _cosines() @ tiles @ _cosines().T
    return np.rint(turned.reshape(-1, 64) / table)[:, _zigzag()].astype(np.int64)


@cache
def _codes(lengths: bytes, symbols: bytes) -> tuple[Ints, Ints]:
    """Code and its length by symbol (annex C)."""
    codes, sizes = np.zeros(256, np.int64), np.zeros(256, np.int64)
    code, place = 0, 0
    for size, count in enumerate(lengths, 1):
        for symbol in symbols[place : place + count]:
            codes[symbol], sizes[symbol] = code, size
            code += 1
        place += count
        code <<= 1
    return codes, sizes


def _entropy(blocks: Ints) -> bytes:
    """The scan: blocks of Y, Cb and Cr in turn."""
    dc = blocks[:, 0].reshape(-1, 3)
    differences = np.diff(dc, axis=0, prepend=0).reshape(-1)
    row, place = np.nonzero(blocks[:, 1:])
    place += 1
    values = blocks[row, place]
    first = np.concatenate(([True], row[1:] != row[:-1]))
    before = np.where(first, 0, np.concatenate(([0], place[:-1])))
    zeros = place - before - 1
    ended = np.ones(len(blocks), bool)
    ended[row[place == 63]] = False
    number = np.arange(len(blocks))
    size = _size(values)
    # Each piece: where it belongs (block and place), its symbol's table, and the bits that follow the symbol.
    dc_codes, ac_codes = _codes(_DC_LENGTHS, _DC_SYMBOLS), _codes(_AC_LENGTHS, _AC_SYMBOLS)
    long = np.repeat(np.arange(len(row)), zeros >> 4)
    pieces = (
        _piece(number * 256, dc_codes, _size(differences), differences, _size(differences)),
        _plain(row[long] * 256 + place[long] * 2, ac_codes, _SIXTEEN_ZEROS),
        _piece(row * 256 + place * 2 + 1, ac_codes, (zeros & 15) << 4 | size, values, size),
        _plain(number[ended] * 256 + 255, ac_codes, _END_OF_BLOCK),
    )
    keys, codes, lengths = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    order = np.argsort(keys, kind="stable")
    return _packed(codes[order], lengths[order])


def _size(values: Ints) -> Ints:
    """Bits of the magnitude; 0 for 0."""
    return np.frexp(np.abs(values).astype(np.float64))[1].astype(np.int64)


def _piece(
    keys: Ints, table: tuple[Ints, Ints], symbols: Ints, values: Ints, size: Ints
) -> tuple[Ints, Ints, Ints]:
    bits = np.where(values < 0, values + (1 << size) - 1, values)
    return keys, table[0][symbols] << size | bits, table[1][symbols] + size


def _plain(keys: Ints, table: tuple[Ints, Ints], symbol: int) -> tuple[Ints, Ints, Ints]:
    return keys, np.full(len(keys), table[0][symbol]), np.full(len(keys), table[1][symbol])


def _packed(codes: Ints, lengths: Ints) -> bytes:
    """All codes as bytes, the last one filled with ones, every FF followed by 00."""
    ends = np.cumsum(lengths)
    which = np.repeat(np.arange(len(codes)), lengths)
    shift = ends[which] - 1 - np.arange(int(ends[-1]))
    bits = (codes[which] >> shift & 1).astype(np.uint8)
    filled = np.concatenate((bits, np.ones(-len(bits) % 8, np.uint8)))
    return np.packbits(filled).tobytes().replace(b"\xff", b"\xff\x00")
