"""Real documents beside the project, for tests only; absent on most machines."""

from __future__ import annotations

from pathlib import Path

import pytest

SAMPLES = Path(__file__).resolve().parent.parent.parent / "shared" / "samples"


def samples(path: str) -> Path:
    """The sample at `path`, or skip the test where ../shared is absent."""
    if not SAMPLES.is_dir():
        pytest.skip("the real documents of ../shared/samples are not on this machine")
    return SAMPLES / path
