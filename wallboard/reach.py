"""The city's Redis for a command of the command line, whether a server runs on it or not."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from wallboard.bootstrap import ROOT
from wallboard.errors import AlreadyRunning, WallboardError
from wallboard.store.embedded import EmbeddedRedis, hold


@dataclass(frozen=True)
class Reached:
    """A Redis, and whether an engine may run on it."""

    url: str
    running: bool


def state_dir_of(city_key: str, state_dir: Path | None) -> Path:
    """The state directory that `run` would use."""
    return state_dir or ROOT / ".wallboard" / city_key


@contextlib.contextmanager
def reach(state_dir: Path, redis: str = "") -> Iterator[Reached]:
    """The address of the city's Redis: `redis` if named, a running server's, else the embedded one, started.

    Raises WallboardError where there is none: no state directory, or one whose server uses another Redis.
    """
    if redis:
        from wallboard.supervisor import with_password

        yield Reached(with_password(redis), True)
        return
    if not state_dir.is_dir():
        raise WallboardError(
            f"{state_dir} is no state directory: name it by --state-dir, or use --redis URL."
        )
    path = state_dir.resolve() / "redis.sock"
    if _answers(path):
        yield Reached(f"unix://{quote(str(path))}", True)
        return
    try:
        lock = hold(state_dir)
    except AlreadyRunning as fault:
        raise WallboardError(
            f"A server runs on {state_dir}, and its Redis is not there: if it uses another one, name it by "
            "--redis URL."
        ) from fault
    umask = os.umask(0o077)
    embedded = EmbeddedRedis(state_dir, lock)
    try:
        embedded.start()
        yield Reached(embedded.url, False)
    finally:
        embedded.stop()
        lock.close()
        os.umask(umask)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
