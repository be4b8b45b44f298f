"""The processes of one server: an embedded Redis, the engine, the feeds, and one or more web nodes.

Everything is forked from the main thread before any thread starts. A child that dies is started again; when
the supervisor dies, however, the kernel ends its children.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from urllib.parse import quote, urlsplit, urlunsplit

from wallboard import parts
from wallboard.bootstrap import ROOT
from wallboard.boundaries.drawing import drawing
from wallboard.city import CityConfig
from wallboard.clock import Clock
from wallboard.errors import StoreDown, WallboardError
from wallboard.ground import Ground, prepare
from wallboard.process import LONGEST_RESTART_S, Child, Early, stop
from wallboard.settings import Run
from wallboard.store.embedded import EmbeddedRedis, hold
from wallboard.web.geo import Geo
from wallboard.web.tiles import tiles_of

log = logging.getLogger("wallboard.supervisor")

#: What is known is shown before the sources are asked for more (s): on two cores both at once come late.
FEEDS_AFTER_S = 1.0

#: How often children and Redis are looked after (s).
LOOK_S = 0.1

#: Waiting connections of the listening socket: a whole control room that reloads at once.
BACKLOG = 2048

#: Password of an external Redis; never on the command line.
PASSWORD_VARIABLE = "WALLBOARD_REDIS_PASSWORD"  # noqa: S105 - the name of a variable


@dataclass
class Server:
    """What all parts share; made before the fork."""

    settings: Run
    city: CityConfig
    ground: Ground
    folder: Path
    state_dir: Path
    clock: Clock
    #: when the server started: a feeds process that is started again goes on with the same play
    began: float = 0.0
    redis_url: str = ""
    #: whether the Redis is ours alone
    alone: bool = False
    geo: Geo | None = None
    listening: socket.socket | None = None

    def web_job(self, *, first: bool) -> parts.WebJob:
        """What a web node needs to know."""
        assert self.geo is not None
        return parts.WebJob(
            self.settings,
            self.city,
            self.geo,
            self.folder,
            self.redis_url,
            self.clock,
            self.state_dir,
            first,
        )

    def listener(self) -> socket.socket:
        """The socket of all web nodes."""
        assert self.listening is not None
        return self.listening


def run(settings: Run, city: CityConfig, early: Early | None = None) -> int:
    """Run the parts that the settings name until a signal asks to stop; the exit code.

    `early` is the first web node, when it was forked already.
    """
    folder = settings.config.resolve().parent
    state_dir = settings.state_dir or ROOT / ".wallboard" / city.city.key
    clock = Clock() if settings.clock is None else Clock.as_if(settings.clock)
    lock = hold(state_dir)
    embedded = None if settings.redis else EmbeddedRedis(state_dir, lock)
    stopping: list[int] = []

    def stopped(sign: int, frame: FrameType | None) -> None:
        stopping.append(sign)

    signal.signal(signal.SIGTERM, stopped)
    signal.signal(signal.SIGINT, stopped)
    children: list[Child] = []
    try:
        ground = prepare(city, folder, str(settings.config))
        server = Server(settings, city, ground, folder, state_dir, clock, began=clock.now())
        if "web" in settings.roles:
            server.geo = drawn(city, ground, folder)
            server.listening = _listen(settings.host, settings.port)
        if embedded is None:
            server.redis_url = with_password(settings.redis)
        else:
            embedded.start()
            server.redis_url, server.alone = embedded.url, True
        children += _children(server)
        if server.listening is not None:
            if early is not None:
                children[0].pid, children[0].started = early.pid, early.started
                early.give(server.web_job(first=True), server.listening, lock)
            port = server.listening.getsockname()[1]
            what = " (simulation)" if city.city.simulation else ""
            scheme = "http" if settings.tls_cert is None else "https"
            print(
                f"{city.city.name}{what}: {scheme}://{_shown(settings.host)}:{port}/  Ctrl-C stops.",
                flush=True,
            )
        # What engine and feeds both need is imported once, while the first web node begins to serve.
        import redis  # noqa: F401

        gc.freeze()
        gc.enable()
        redis_again = 0.0
        while not stopping:
            for child in children:
                child.look_after()
            if embedded is not None and not embedded.running() and time.monotonic() >= redis_again:
                log.error("the embedded Redis has ended; starting it again")
                try:
                    embedded.start()
                except (StoreDown, OSError) as fault:
                    log.error("%s", fault)
                    redis_again = time.monotonic() + LONGEST_RESTART_S
            time.sleep(LOOK_S)
        log.info("stopping")
        return 0
    finally:
        # A second Ctrl-C must not leave half of it running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # What brings events first, the engine last, so that it can commit them.
        for names in ("feeds", "web", "engine"):
            stop([child for child in children if child.pid and child.name.startswith(names)])
        if embedded is not None:
            embedded.stop()
        lock.close()


def drawn(city: CityConfig, ground: Ground, folder: Path) -> Geo:
    """What the page's map draws of the city's ground."""
    lowest = len(city.boundaries.levels) - 1
    level = max(0, lowest - 1) if city.map.level < 0 else min(city.map.level, lowest)
    labels = [each.label or each.name for each in city.boundaries.levels]
    west, south, east, north = city.map.frame or ground.boundaries.bounds
    return Geo(
        districts=drawing(ground.boundaries, labels, (west, south, east, north)),
        basemap=(folder / city.map.basemap).read_bytes() if city.map.basemap else None,
        map_level=level,
        bounds=ground.boundaries.bounds,
        places=tuple(place.name for place in ground.places),
        codes=frozenset(district.code for district in ground.boundaries.districts),
        tiles=tiles_of(city, folder),
    )


def _children(server: Server) -> list[Child]:
    """The web nodes first: they show what Redis holds before the others have anything new."""
    mains: list[tuple[str, Callable[[], None]]] = []
    if "web" in server.settings.roles:
        for number in range(server.settings.workers):
            mains.append((f"web-{number + 1}", partial(_web, server, first=number == 0)))
    if "engine" in server.settings.roles:
        mains.append(("engine", lambda: parts.engine(server)))
    if "feeds" in server.settings.roles:
        mains.append(("feeds", lambda: parts.feeds(server)))
    children = [Child(name, main) for name, main in mains]
    for child in children:
        if child.name == "feeds":
            child.again_at = time.monotonic() + FEEDS_AFTER_S
    return children


def _web(server: Server, *, first: bool) -> None:
    parts.web(server.web_job(first=first), server.listener())


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as fault:
        raise WallboardError(
            f"{_shown(host)}:{port} cannot be listened on ({fault.strerror}): choose another --port."
        ) from fault
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def with_password(url: str) -> str:
    """The address with the password from the environment, if there is one."""
    parts = urlsplit(url)
    if parts.password:
        raise WallboardError(
            f"--redis holds a password, which others on this machine can read: use {PASSWORD_VARIABLE}."
        )
    secret = os.environ.get(PASSWORD_VARIABLE)
    if not secret:
        return url
    where = f"{parts.username or ''}:{quote(secret, safe='')}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit(parts._replace(netloc=where))


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
