"""How the server was asked to run, and the city's file read into types."""

from __future__ import annotations

import ipaddress
import tomllib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from wallboard.bootstrap import ROOT
from wallboard.city import CityConfig
from wallboard.errors import ConfigError, Fault

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


def read_city(path: Path) -> CityConfig:
    """The city's configuration; raises ConfigError."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text()), CityConfig)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as fault:
        raise ConfigError([Fault(str(path), "", None, str(fault))]) from fault
