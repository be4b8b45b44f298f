"""How the server was asked to run, and the city's file read into types."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wallboard.bootstrap import ROOT
from wallboard.city import CityConfig

if TYPE_CHECKING:
    from wallboard.config.findings import Findings
    from wallboard.ground import Ground

#: The city that runs when none is named.
DEMO = ROOT / "examples" / "demo" / "city.toml"


#: The parts of a running city; each may be a process of its own.
ROLES = ("engine", "feeds", "web")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True)
class Run:
    """The arguments of `run`, checked."""

    config: Path = DEMO
    host: str = "127.0.0.1"
    port: int = 8000
    state_dir: Path | None = None
    redis: str = ""
    roles: tuple[str, ...] = ROLES
    workers: int = 1
    #: as if it were this time (s since 1970); None: the machine's own
    clock: float | None = None
    #: certificate chain and key of our own https, PEM
    tls_cert: Path | None = None
    tls_key: Path | None = None
    #: whether https ends in front of us
    behind_proxy: bool = False
    #: names beside the host's own that people reach it by
    public_hosts: tuple[str, ...] = ()


def read_city(path: Path, roles: Collection[str] = ()) -> CityConfig:
    """The city's configuration; raises ConfigError with every fault at once.

    `roles` are the parts that will run on it: the secrets that these need must be there. The files that it
    names are read by `wallboard.ground.prepare`; their faults are added here only when there are others.
    """
    from wallboard.config.read import examine

    city, found = examine(path, roles)
    if found.faults:
        survey_readable(city, path, found)
    found.raise_faults()
    return city


def survey_readable(city: CityConfig, path: Path, found: Findings) -> Ground | None:
    """The city's ground, as far as the tables that name it could be read; faults go to `found`."""
    from wallboard.config.scenario_table import check_script
    from wallboard.ground import survey

    folder = path.resolve().parent
    check_script(city, folder, found)
    if not all(found.readable(table) for table in ("boundaries", "map", "places_file")):
        return None
    return survey(city, folder, found)
