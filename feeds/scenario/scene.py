"""What a camera of the simulated city sees: a street or a river gate, drawn, with SIMULASI written across.

A schematic of our own, so that nobody takes it for a place: but with what a wall is looked at for. Traffic
moves, rain falls, water stands as high at a gate as the gauge says, and at night there is little to see.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt

from feeds.scenario import glyphs
from feeds.scenario.jpeg import encode

WIDTH, HEIGHT = 640, 360
HORIZON = 0.36 * HEIGHT

Picture = npt.NDArray[np.float32]
Colour = tuple[float, float, float]

_Y, _X = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
#: Below the horizon: how deep a row lies, 0 far away and 1 before the camera.
_DEPTH = np.clip((_Y - HORIZON) / (HEIGHT - HORIZON), 0.0, 1.0)

_SKY, _GROUND, _ROAD, _KERB, _LINE = (
    (118, 134, 148),
    (96, 106, 92),
    (74, 76, 80),
    (150, 148, 142),
    (206, 204, 190),
)
_WATER, _WALL, _STEEL = (112, 98, 76), (128, 124, 116), (70, 92, 104)
_CARS: tuple[Colour, ...] = ((188, 188, 186), (52, 56, 62), (120, 44, 40), (44, 70, 110), (204, 198, 180))
#: Real seconds in which a car passes through the picture.
_PASSAGE_S = 9.0


@dataclass(frozen=True)
class View:
    """One look: `water` from 0 to 1 at its highest (None: a street), `light` 0 night to 1 noon, `rain`."""

    name: str
    written: str
    now: float
    light: float
    rain: float
    water: float | None


def draw(view: View) -> bytes:
    """The look as a JPEG; the same look is the same bytes."""
    dice = Random(view.name)  # noqa: S311  # a camera's own place, for ever
    picture = np.empty((HEIGHT, WIDTH, 3), np.float32)
    picture[:] = _SKY
    picture += ((HORIZON - _Y) * 0.25)[..., None]
    _skyline(picture, dice, view.light)
    if view.water is None:
        _street(picture, dice, view)
    else:
        _gate(picture, dice, view)
    if view.rain:
        _rain(picture, view)
    _write(picture, view)
    return encode(np.clip(picture, 0, 255).astype(np.uint8), 62)


def _fill(picture: Picture, mask: npt.NDArray[np.bool_], colour: Colour) -> None:
    picture[mask] = colour


def _box(picture: Picture, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
    rows = slice(max(0, round(top)), max(0, round(bottom)))
    picture[rows, max(0, round(left)) : max(0, round(right))] = colour


def _dim(picture: Picture, light: float) -> None:
    """A camera at night sees little, and that bluish."""
    picture *= np.array((0.2 + 0.8 * light, 0.23 + 0.77 * light, 0.3 + 0.7 * light), np.float32)


def _skyline(picture: Picture, dice: Random, light: float) -> None:
    left = -20.0
    while left < WIDTH:
        wide, high = dice.uniform(28, 90), dice.uniform(0.12, 0.8) * HORIZON
        grey = dice.uniform(88, 138)
        _box(picture, left, HORIZON - high, left + wide, HORIZON + 3, (grey, grey * 0.99, grey * 0.96))
        for column in range(int(wide // 9)):
            for row in range(int(high // 12)):
                lit = dice.random() < 0.35
                if lit or light > 0.3:
                    glass = (
                        (214, 190, 130) if lit and light < 0.5 else (grey * 0.72, grey * 0.78, grey * 0.84)
                    )
                    x, y = left + 4 + column * 9, HORIZON - high + 4 + row * 12
                    _box(picture, x, y, x + 5, y + 6, glass)
        left += wide + dice.uniform(-4, 10)


def _street(picture: Picture, dice: Random, view: View) -> None:
    below = _Y >= HORIZON
    _fill(picture, below, _GROUND)
    far, near = WIDTH * dice.uniform(0.36, 0.64), WIDTH * dice.uniform(0.4, 0.6)
    middle = far + (near - far) * _DEPTH
    half = 10 + 250 * _DEPTH
    across = (_X - middle) / half
    cross = below & (_DEPTH > 0.16) & (_DEPTH < 0.3)
    _fill(picture, below & (np.abs(across) < 1.16), _KERB)
    _fill(picture, cross, _ROAD)
    _fill(picture, below & (np.abs(across) < 1.0), _ROAD)
    stripes = np.sin(14.0 / (_DEPTH + 0.08)) > 0
    _fill(picture, below & ~cross & (np.abs(across) < 0.022) & stripes, _LINE)
    for edge in (-0.93, 0.93):
        _fill(picture, below & ~cross & (np.abs(across - edge) < 0.014), _LINE)
    zebra = (_DEPTH > 0.34) & (_DEPTH < 0.42) & (np.abs(across) < 0.95)
    _fill(picture, below & zebra & (np.floor(across * 11) % 2 == 0), _LINE)
    _dim(picture, view.light)
    for lane in (-0.72, -0.28, 0.28, 0.72):
        for _ in range(dice.randint(1, 2)):
            place, speed = dice.random(), dice.uniform(0.8, 1.2) / _PASSAGE_S
            # Who drives on the left comes towards the camera on the right.
            along = (place + view.now * speed) % 1.0
            depth = (along if lane > 0 else 1.0 - along) ** 2.2
            _car(
                picture,
                far + (near - far) * depth + lane * (10 + 250 * depth),
                depth,
                dice,
                view.light,
                lane > 0,
            )


def _car(picture: Picture, x: float, depth: float, dice: Random, light: float, comes: bool) -> None:
    colour = np.array(dice.choice(_CARS), np.float32) * (0.25 + 0.75 * light)
    y, size = HORIZON + depth * (HEIGHT - HORIZON), 4 + 92 * depth
    body: Colour = (float(colour[0]), float(colour[1]), float(colour[2]))
    dark: Colour = (body[0] * 0.35, body[1] * 0.4, body[2] * 0.45)
    _box(picture, x - size * 0.55, y - size * 0.1, x + size * 0.55, y + size * 0.04, (24, 25, 27))
    _box(picture, x - size * 0.5, y - size * 0.5, x + size * 0.5, y - size * 0.04, body)
    _box(picture, x - size * 0.38, y - size * 0.82, x + size * 0.38, y - size * 0.48, body)
    _box(picture, x - size * 0.32, y - size * 0.76, x + size * 0.32, y - size * 0.5, dark)
    lamp: Colour = (250, 244, 214) if comes else (190, 40, 34)
    if light > 0.5:
        lamp = (lamp[0] * 0.8, lamp[1] * 0.8, lamp[2] * 0.8)
    for side in (-0.44, 0.3):
        _box(picture, x + size * side, y - size * 0.36, x + size * (side + 0.14), y - size * 0.24, lamp)


def _gate(picture: Picture, dice: Random, view: View) -> None:
    assert view.water is not None
    below = _Y >= HORIZON
    _fill(picture, below, _WALL)
    # The higher the water, the less of the banks is left, and the nearer it comes to the deck.
    surface = HORIZON + (0.34 - 0.26 * view.water) * (HEIGHT - HORIZON)
    bank = (0.2 - 0.15 * view.water) * WIDTH * (0.4 + _DEPTH)
    wet = (surface <= _Y) & (bank < _X) & (WIDTH - bank > _X)
    flow = 1.0 + 3.0 * view.water
    waves = np.sin(_X / 23 + 40.0 / (_DEPTH + 0.1) + view.now * flow) + np.sin(
        _X / 9 - 26.0 / (_DEPTH + 0.14) + view.now * flow * 1.7
    )
    water = np.array(_WATER, np.float32) + waves[..., None] * 7.0 * (0.3 + _DEPTH[..., None])
    picture[wet] = water[wet]
    deck = HORIZON - 8
    for number in range(5):
        x = WIDTH * (0.14 + 0.18 * number)
        _box(picture, x - 13, deck, x + 13, surface + 6, _WALL)
        _box(picture, x - 13, deck, x - 9, surface + 6, (96, 93, 88))
        if number < 4:
            raised = 0.25 + 0.6 * view.water
            _box(picture, x + 13, deck, x + WIDTH * 0.18 - 13, surface - (surface - deck) * raised, _STEEL)
    _box(picture, 0, deck - 16, WIDTH, deck + 4, (142, 138, 130))
    for x in range(8, WIDTH, 34):
        _box(picture, x, deck - 40, x + 3, deck - 16, (110, 108, 104))
    _box(picture, 0, deck - 40, WIDTH, deck - 37, (110, 108, 104))
    _staff(picture, surface)
    _dim(picture, view.light)


def _staff(picture: Picture, surface: float) -> None:
    """The gauge board: red and white, and the water hides its foot."""
    left, top = WIDTH * 0.79, HORIZON - 6
    foot = HORIZON + 0.36 * (HEIGHT - HORIZON)
    for number in range(10):
        y = top + (foot - top) * number / 10
        colour: Colour = (226, 224, 218) if number % 2 else (188, 50, 44)
        _box(picture, left, y, left + 22, min(y + (foot - top) / 10, surface), colour)


def _rain(picture: Picture, view: View) -> None:
    picture *= 1.0 - 0.22 * view.rain
    picture += 26.0 * view.rain
    drops = Random(f"{view.name} {view.now:.0f}")  # noqa: S311  # rain
    for _ in range(round(170 * view.rain)):
        x, y, long = drops.randrange(WIDTH), drops.randrange(HEIGHT), drops.randrange(8, 22)
        rows = np.arange(y, min(HEIGHT, y + long))
        picture[rows, np.clip(x - (rows - y) // 4, 0, WIDTH - 1)] += 46


def _write(picture: Picture, view: View) -> None:
    name = view.name[:48]
    _line(picture, name, 12, 10, 2)
    _line(picture, view.written, 12, HEIGHT - 26, 2)
    wide = len("SIMULASI") * glyphs.WIDE * 4
    _line(picture, "SIMULASI", WIDTH - 14 - wide, HEIGHT - 42, 4)


def _line(picture: Picture, text: str, left: int, top: int, scale: int) -> None:
    dots = glyphs.line(text, scale)[:, : WIDTH - left]
    high, wide = dots.shape
    ground = picture[max(0, top - 4) : top + high + 4, max(0, left - 6) : left + wide + 4]
    ground *= 0.35
    picture[top : top + high, left : left + wide][dots] = (238, 240, 242)


def light_of(hour: float) -> float:
    """Daylight at an hour of the city's clock near the equator: 0 at night, 1 at noon."""
    return min(1.0, max(0.0, 0.5 + 1.3 * math.sin((hour - 6.0) / 12.0 * math.pi)))
