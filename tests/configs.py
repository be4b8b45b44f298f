"""Configurations of the tiny city with faults put in, for tests of what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cities import CITY, write_city
from wallboard.config.read import examine
from wallboard.errors import ConfigError
from wallboard.settings import read_city

#: A configuration without lists of tables, which tests add.
BARE = CITY.partition("[[category]]")[0]


NO_DURATION = 'is no duration: write "250ms", "15s", "5min", "6h", "7d", or a number of seconds'


def faults_of(folder: Path, more: str, *, base: str = BARE, roles: tuple[str, ...] = ()) -> dict[str, str]:
    """Key (without the name behind it) → why."""
    path = write_city(folder)
    path.write_text(base + more)
    with pytest.raises(ConfigError) as caught:
        read_city(path, roles)
    return {fault.key.partition(" (")[0]: fault.why for fault in caught.value.faults}


def warnings_of(folder: Path, more: str) -> dict[str, str]:
    path = write_city(folder)
    path.write_text(BARE + more)
    found = examine(path)[1]
    assert found.faults == []
    return {fault.key.partition(" (")[0]: fault.why for fault in found.warnings}
