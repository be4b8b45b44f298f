"""The processes of one server: an embedded Redis, the engine, the feeds, and one or more web nodes.

Everything is forked from the main thread before any thread starts. A child that dies is started again; when
the supervisor dies, however, the kernel ends its children.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from urllib.parse import quote, urlsplit, urlunsplit

import redis

from wallboard.bootstrap import ROOT
from wallboard.city import CityConfig
from wallboard.clock import Clock
from wallboard.errors import StoreDown, WallboardError
from wallboard.ground import Ground, prepare
from wallboard.settings import Run
from wallboard.store.embedded import EmbeddedRedis, die_with_parent, hold, name_process
from wallboard.store.keys import Keys

log = logging.getLogger("wallboard.supervisor")

#: The one part that needs the geofence.
ENGINE = "engine"

#: A child that dies at once is not started again at once; the wait doubles up to this (s).
LONGEST_RESTART_S = 10.0

#: A child that lived this long has recovered (s).
RECOVERED_S = 30.0

#: A stopping child may finish its batch and close its sockets within this (s).
STOP_S = 8.0

#: How often children and Redis are looked after (s).
LOOK_S = 0.1

#: Waiting connections of the listening socket: a whole control room that reloads at once.
BACKLOG = 2048

#: Password of an external Redis; never on the command line.
PASSWORD_VARIABLE = "WALLBOARD_REDIS_PASSWORD"  # noqa: S105 - the name of a variable

_ENDING = (signal.SIGTERM, signal.SIGINT)


@dataclass
class Child:
    """One part of the server as a process."""

    name: str
    main: Callable[[], None]
    pid: int = 0
    started: float = 0.0
    failures: int = 0
    again_at: float = 0.0


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
    socket: socket.socket | None = None
    children: list[Child] = field(default_factory=list)


def run(settings: Run, city: CityConfig) -> int:
    """Run the parts that the settings name until a signal asks to stop; the exit code."""
    folder = settings.config.resolve().parent
    state_dir = settings.state_dir or ROOT / ".wallboard" / city.city.key
    # Calls and reports are nobody else's on this machine: Redis' files, history and keys alike.
    os.umask(0o077)
    clock = Clock() if settings.clock is None else Clock.as_if(settings.clock)
    lock = hold(state_dir)
    ground = prepare(city, folder, str(settings.config))
    server = Server(settings, city, ground, folder, state_dir, clock, began=clock.now())
    stopping: list[int] = []

    def stop(sign: int, frame: FrameType | None) -> None:
        stopping.append(sign)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    embedded: EmbeddedRedis | None = None
    try:
        if "web" in settings.roles:
            server.socket = _listen(settings.host, settings.port)
        if settings.redis:
            server.redis_url = _with_password(settings.redis)
        else:
            embedded = EmbeddedRedis(state_dir, lock)
            embedded.start()
            server.redis_url = embedded.url
            _free_lease(server)
        server.children = _children(server)
        if server.socket is not None:
            port = server.socket.getsockname()[1]
            what = " (simulation)" if city.city.simulation else ""
            print(
                f"{city.city.name}{what}: http://{_shown(settings.host)}:{port}/  Ctrl-C stops.", flush=True
            )
        # The web nodes come first: they import while the geofence is built here, where a restarted engine
        # finds it ready, and show what Redis holds before the feeds have anything new.
        _look_after([child for child in server.children if child.name.startswith("web")])
        if ENGINE in settings.roles:
            _ = server.ground.geofence, server.ground.gazetteer
        redis_again = 0.0
        while not stopping:
            _look_after(server.children)
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
        _stop(server.children)
        if embedded is not None:
            embedded.stop()
        lock.close()


def _children(server: Server) -> list[Child]:
    from wallboard import parts

    mains: list[tuple[str, Callable[[], None]]] = []
    if ENGINE in server.settings.roles:
        mains.append((ENGINE, lambda: parts.engine(server)))
    if "feeds" in server.settings.roles:
        mains.append(("feeds", lambda: parts.feeds(server)))
    if "web" in server.settings.roles:
        for number in range(server.settings.workers):
            mains.append((f"web-{number + 1}", lambda: parts.web(server)))
    return [Child(name, main) for name, main in mains]


def _look_after(children: list[Child]) -> None:
    """Start what is not running; note what has ended."""
    for child in children:
        now = time.monotonic()
        if child.pid:
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid == 0:
                continue
            lived = now - child.started
            child.pid = 0
            child.failures = 0 if lived > RECOVERED_S else child.failures + 1
            wait = 0.0 if child.failures <= 1 else min(LONGEST_RESTART_S, 0.25 * 2 ** (child.failures - 2))
            child.again_at = now + wait
            log.error(
                "%s ended with %d after %.1f s; starting it again",
                child.name,
                os.waitstatus_to_exitcode(status),
                lived,
            )
        if not child.pid and now >= child.again_at:
            _fork(child)


def _fork(child: Child) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    # A signal that comes between the fork and the child's own handlers would be taken by ours, and lost.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        pid = os.fork()
    except OSError as fault:
        # Out of processes or memory for now: the others go on, and this one is tried again.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        log.error("%s cannot be started: %s", child.name, fault)
        child.again_at = time.monotonic() + LONGEST_RESTART_S
        return
    if pid:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        child.pid, child.started = pid, time.monotonic()
        return
    code = 1
    try:
        die_with_parent(parent)
        # Ctrl-C reaches the whole group; the supervisor alone decides the order of the end.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        name_process(f"wall-{child.name}")
        child.main()
        code = 0
    except WallboardError as fault:
        log.error("%s: %s", child.name, fault)
    except BaseException:
        log.exception("%s failed", child.name)
    finally:
        logging.shutdown()
        os._exit(code)


def _stop(children: list[Child]) -> None:
    """Ask all to end: what brings events first, the engine last, so that it can commit them."""
    for names in (("feeds",), ("web",), ("engine",)):
        some = [child for child in children if child.pid and child.name.startswith(names)]
        for child in some:
            os.kill(child.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        for child in some:
            while os.waitpid(child.pid, os.WNOHANG)[0] == 0:
                if time.monotonic() > deadline:
                    log.warning("%s did not end within %g s", child.name, STOP_S)
                    os.kill(child.pid, signal.SIGKILL)
                    os.waitpid(child.pid, 0)
                    break
                time.sleep(0.01)
            child.pid = 0


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


def _free_lease(server: Server) -> None:
    """Nobody else can be the engine of a Redis that is ours alone: a dead one's lease need not run out."""
    client = redis.Redis.from_url(server.redis_url)
    try:
        client.delete(Keys(server.city.city.key).lease)
    finally:
        client.close()


def _with_password(url: str) -> str:
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
