"""The pictures of the simulated city's cameras: real JPEGs, the same for the same moment, and honest ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from feeds.cameras.jpeg import size_of
from feeds.scenario import glyphs
from feeds.scenario.jpeg import encode
from feeds.scenario.scene import HEIGHT, WIDTH, View, draw, light_of
from tests.test_scenario import ANCHOR, scenario
from wallboard.errors import Unreachable

STREET = View("Simpang Lima Alun-Alun", "29-11-2026 12:34:56 WIB", 1000.0, 1.0, 0.0, None)
GATE = replace(STREET, name="CCTV Pintu Air Hulu", water=0.2)


@pytest.mark.parametrize(
    "view", [STREET, GATE, replace(STREET, light=0.0, rain=1.0), replace(GATE, water=1.0)]
)
def test_a_scene_is_a_whole_picture_of_its_size_that_follows_from_its_view(view: View) -> None:
    picture = draw(view)
    assert size_of(picture) == (WIDTH, HEIGHT)
    assert draw(view) == picture
    assert len(picture) < 100_000


def test_a_second_later_it_looks_otherwise() -> None:
    for view in (STREET, GATE):
        assert draw(replace(view, now=view.now + 1)) != draw(view)
    assert draw(replace(GATE, water=0.9)) != draw(GATE)
    assert draw(replace(STREET, name="Bundaran")) != draw(STREET)


def test_noise_of_any_kind_can_be_written() -> None:
    rng = np.random.default_rng(1)
    for quality in (5, 50, 95):
        noise = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
        assert size_of(encode(noise, quality)) == (64, 64)
    flat = encode(np.full((8, 16, 3), 255, np.uint8))
    assert size_of(flat) == (16, 8)


def test_letters_stand_upright_and_unknown_ones_are_gaps() -> None:
    dots = glyphs.line("L", 1)
    assert dots[:, 0].all(), "the stem of an L"
    assert dots[glyphs.ROWS - 1, :5].all(), "its foot"
    assert not dots[0, 1:].any()
    assert not glyphs.line("é漢", 2).any()


def test_it_is_dark_at_night_and_bright_at_noon() -> None:
    assert (light_of(1.0), light_of(12.0)) == (0.0, 1.0)
    assert 0.0 < light_of(6.0) < 1.0


def test_cameras_of_the_play_stand_still_and_fail_as_the_script_says() -> None:
    play = scenario()
    day = play.clock

    def still(id: str, minute: float) -> bytes:
        return play.document("cctv", f"{id}/snapshot.jpg", {}, day.real(0, minute))

    noon, flood = 12 * 60.0, 15 * 60.0
    assert still("cam-009", noon) != still("cam-009", noon + 1)
    assert still("cam-003", noon) != still("cam-003", noon + 1)
    assert still("cam-003", flood) == still("cam-003", flood + 30), "frozen in the flood"
    assert still("cam-001", flood) != still("cam-001", flood + 30)
    with pytest.raises(Unreachable, match="404"):
        still("cam-021", noon)
    with pytest.raises(Unreachable, match="404"):
        play.document("cctv", "cam-999/snapshot.jpg", {}, ANCHOR)
