"""One city.toml → the city's configuration, with all that is wrong in it."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from wallboard.city import CityConfig
from wallboard.config.feed_tables import check_feeds
from wallboard.config.findings import Findings
from wallboard.config.followup import check_followup
from wallboard.config.map_tiles import check_map_tiles
from wallboard.config.notify import check_notify, check_notify_secrets
from wallboard.config.people import check_people
from wallboard.config.prices import check_prices
from wallboard.config.ready import add_ready_ceilings, add_ready_rules
from wallboard.config.rules import check_rules
from wallboard.config.scenario_table import check_scenario
from wallboard.config.secret_text import check_references, refuse_written_secrets
from wallboard.config.status import check_status
from wallboard.config.tables import check_tables
from wallboard.config.walk import read_tables
from wallboard.config.walls import check_walls
from wallboard.errors import ConfigError, Fault


def examine(path: Path, roles: Collection[str] = ()) -> tuple[CityConfig, Findings]:
    """The configuration in `path`, and what was found in it; files that it names are not opened.

    Where there are faults, the configuration is for further judging only: what could not be read stands at
    its default. Secrets are looked for which one of the parts `roles` ("feeds", "web") will need. Raises
    ConfigError when the file is not there or not TOML at all.
    """
    return judge(_load(path), Findings(str(path)), path.resolve().parent, roles)


def judge(
    tables: dict[str, Any], found: Findings, folder: Path, roles: Collection[str] = ()
) -> tuple[CityConfig, Findings]:
    """The same for the parsed file, whose relative paths begin at `folder`."""
    found.order = list(tables)
    city = read_tables(tables, CityConfig, found)
    add_ready_rules(city, found)
    add_ready_ceilings(city, found)
    refuse_written_secrets(tables, found)
    check_tables(city, found)
    check_prices(city, found)
    check_rules(city, found)
    check_people(city, found)
    check_followup(city, found)
    check_status(city, found)
    check_feeds(city, found)
    check_map_tiles(city, found)
    check_walls(city, found)
    check_scenario(city, found)
    check_notify(city, found)
    check_references(city, folder, roles, found)
    check_notify_secrets(city, folder, roles, found)
    return city, found


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as fault:
        why = f"cannot be read: {(fault.strerror or 'unknown reason').lower()}"
    except UnicodeDecodeError as fault:
        why = f"is not UTF-8 text (byte {fault.start}): save it as UTF-8"
    except tomllib.TOMLDecodeError as fault:
        why = f"is not TOML: {fault}"
    except RecursionError:
        why = "is nested too deeply to be read"
    raise ConfigError([Fault(str(path), "(file)", None, why)])
