"""The main of each process: engine, feeds, web."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import logging
import os
import signal
import threading
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from wallboard.errors import StoreError
from wallboard.process import STOP_S
from wallboard.store.keys import Keys

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from feeds.scenario import Scenario
    from wallboard.city import CityConfig
    from wallboard.clock import Clock
    from wallboard.settings import Run
    from wallboard.supervisor import Server
    from wallboard.web.door import Door
    from wallboard.web.geo import Geo

log = logging.getLogger("wallboard.parts")

#: mallopt(3). A packed state has some hundred kilobytes.
M_MMAP_THRESHOLD = -3
LARGE_BLOCK_BYTES = 128 * 1024

#: The feeds' process says each second that it lives.
BEAT_S = 1.0

#: Where the death of the parent raises no signal (not Linux), it is looked for this often (s).
PARENT_S = 1.0

#: A board that does not answer pings for 20 + 10 s is gone.
PING_S, PONG_S = 20.0, 10.0

#: Kept short: a keep-alive timer outlives a broken connection by this (s).
KEEP_ALIVE_S = 5


def engine(server: Server) -> None:
    """Be the engine, with the writers of history and audit files and the sender of notices beside it."""
    from wallboard.audit_files import AuditWriter
    from wallboard.config.feed_tables import feed_kinds
    from wallboard.engine.engine import Engine
    from wallboard.history import HistoryWriter
    from wallboard.keyfile import load_key
    from wallboard.notify.sender import Sender, city_ways
    from wallboard.store.engine import free_lease

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda sign, frame: stop.set())
    _watch_parent()
    city = server.city
    if server.alone:
        # Nobody else can be the engine of this Redis: a dead one's lease need not run out.
        free_lease(server.redis_url, Keys(city.city.key))
    rules = hashlib.sha256(msgspec.json.encode(city)).hexdigest()[:16]
    history = HistoryWriter(server.state_dir, server.redis_url, Keys(city.city.key), rules, city.history)
    writer = threading.Thread(target=history.run, args=(stop,), name="history")
    writer.start()
    key = load_key(server.state_dir, "audit")
    points = server.folder / city.audit.checkpoints if city.audit.checkpoints else None
    trail = AuditWriter(
        server.state_dir,
        server.redis_url,
        Keys(city.city.key),
        key,
        points,
        city.audit.every,
        active=lambda: one.active,
        clock=server.clock.now,
    )
    one = Engine(
        city,
        server.ground.geofence,
        server.ground.gazetteer,
        server.redis_url,
        server.clock,
        key,
        history=history.cursor,
        audit_files=trail.cursor,
        audit_known=trail.known,
        highest=history.highest,
        trouble=lambda: history.trouble() or trail.trouble() or sender.trouble(),
        feed_kinds=feed_kinds(city),
    )
    keeper = threading.Thread(target=trail.run, args=(stop,), name="audit")
    keeper.start()
    sender = Sender(server.redis_url, Keys(city.city.key), one.token, lambda: city_ways(city, server.folder))
    messenger = threading.Thread(target=sender.run, args=(stop,), name="notify")
    messenger.start()
    one.run(stop)
    stop.set()
    writer.join()
    keeper.join()
    messenger.join()
    trail.finish()


def feeds(server: Server) -> None:
    """Run all feeds of the configuration."""
    _watch_parent()
    _loop().run(_feeds(server))


async def _feeds(server: Server) -> None:
    from feeds.registry import feed_spec
    from feeds.running.supervisor import FeedSupervisor
    from feeds.scenario import SCHEME, playing
    from wallboard.events import NodeBeat
    from wallboard.keyfile import load_key
    from wallboard.store.bench import FeedsBench
    from wallboard.store.clients import connect_async
    from wallboard.store.outlet import Outlet
    from wallboard.store.stills import FeedsEnd

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    city = server.city
    client = connect_async(server.redis_url)
    outlet = Outlet(client, Keys(city.city.key))
    secret = load_key(server.state_dir, "callers")
    scenario = _scenario(server)
    bounds = server.ground.boundaries.bounds
    specs = [
        feed_spec(feed, city.city.time_zone, secret=secret, bounds=bounds)
        for feed in city.feed
        if feed.enabled
    ]
    if scenario is not None:
        specs = [
            replace(spec, adapter=playing(spec.adapter, scenario)) if spec.url.startswith(SCHEME) else spec
            for spec in specs
        ]
    pictures = FeedsEnd(client, Keys(city.city.key))
    hearing = asyncio.ensure_future(pictures.run())
    supervisor = FeedSupervisor(
        specs,
        outlet,
        clock=server.clock.now,
        folder=server.folder,
        pictures=pictures,
        notes=server.state_dir / "feeds",
        bench=FeedsBench(client, Keys(city.city.key)),
    )
    await supervisor.start()
    told = False
    while not stop.is_set():
        beat = NodeBeat(feed="", source_id="feeds", received_at=server.clock.now(), role="feeds")
        try:
            await outlet.put([beat])
            # At the start every source is asked anyway.
            if await outlet.lost_all() and told:
                log.warning("Redis has lost its state: all sources are asked anew")
                await supervisor.restart()
            told = True
        except StoreError as fault:
            log.debug("%s", fault)  # each feed says so itself, once
        try:
            async with asyncio.timeout(BEAT_S):
                await stop.wait()
        except TimeoutError:
            continue
    await supervisor.stop()
    hearing.cancel()
    await client.aclose()


def _scenario(server: Server) -> Scenario | None:
    """The play behind the feeds whose address is "sim:…"."""
    from feeds.scenario import Scenario

    config = server.city.scenario
    if config is None:
        return None
    return Scenario.load(
        server.folder / config.file,
        server.folder / config.places,
        speed=config.speed,
        seed=config.seed,
        anchor=datetime.fromisoformat(config.start).timestamp() if config.start else server.began,
        zone=ZoneInfo(server.city.city.time_zone),
    )


@dataclass(frozen=True)
class WebJob:
    """What a web node needs to know; it can be pickled (process.Early)."""

    settings: Run
    city: CityConfig
    geo: Geo
    folder: Path
    redis_url: str
    clock: Clock
    #: where the key is by which callers are recognised
    state_dir: Path
    #: whether it sees to it that somebody can log in
    first: bool = False


def load_web() -> None:
    """Import what `web` needs, which takes longer than to begin to serve."""
    import uvicorn  # noqa: F401

    import wallboard.app
    import wallboard.frames
    import wallboard.heads  # noqa: F401

    gc.freeze()
    gc.enable()


def web(job: WebJob, listener: socket.socket) -> None:
    """Serve pages and boards."""
    import uvicorn

    from wallboard.app import create_app
    from wallboard.frames import NodeServer, WallProtocol
    from wallboard.heads import WallHttp
    from wallboard.keyfile import load_key
    from wallboard.protocol import MAX_FRAME_BYTES

    _watch_parent()
    address = _address(job.settings, listener.getsockname()[1]) if job.first else ""
    # The same key as the feeds' process: a caller is the same whichever way the call comes.
    pushed = any(feed.type == "webhook" and feed.enabled for feed in job.city.feed)
    callers = load_key(job.state_dir, "callers") if pushed else b""
    door = door_of(job.settings)
    app = create_app(
        job.city,
        job.geo,
        job.folder,
        job.redis_url,
        job.clock,
        door,
        address,
        callers=callers,
        disk=None if job.settings.redis else job.state_dir,
    )
    config = uvicorn.Config(
        app,
        ws=WallProtocol,
        http=WallHttp,
        ws_max_size=MAX_FRAME_BYTES,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PONG_S,
        # One frame's bytes are the same for every board only without a compressor for each.
        ws_per_message_deflate=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=3,
        log_config=None,
        access_log=False,
        server_header=False,
        # web/door.py decides whom to believe.
        proxy_headers=False,
        ssl_certfile=job.settings.tls_cert,
        ssl_keyfile=job.settings.tls_key,
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    _all_files()
    _give_memory_back()
    _loop().run(NodeServer(config).serve(sockets=[listener]))


def door_of(settings: Run) -> Door:
    """How a server with these arguments can be reached."""
    from wallboard.settings import is_loopback
    from wallboard.web.door import LOOPBACK_NAMES, Door

    return Door(
        names=LOOPBACK_NAMES | {name.lower() for name in (*settings.public_hosts, settings.host)},
        alone=is_loopback(settings.host) and not settings.behind_proxy and not settings.public_hosts,
        tls=settings.tls_cert is not None,
        behind_proxy=settings.behind_proxy,
    )


def _address(settings: Run, port: int) -> str:
    """Where people reach a server with these arguments."""
    if settings.behind_proxy:
        return f"https://{settings.public_hosts[0] if settings.public_hosts else 'this-server'}"
    host = settings.public_hosts[0] if settings.public_hosts else settings.host
    shown = f"[{host}]" if ":" in host else host
    return f"{'http' if settings.tls_cert is None else 'https'}://{shown}:{port}"


def _all_files() -> None:
    """Take as many open files as this machine allows: each board is one, and 1,024 is a usual start."""
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _give_memory_back() -> None:
    """Have the C library return large blocks when they are freed.

    By itself it keeps up to 32 MB of each size that came once: the states of fifty views stayed as 140 MB.
    """
    import ctypes

    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES)


def _loop() -> asyncio.Runner:
    try:
        import uvloop
    except ImportError:  # Windows
        return asyncio.Runner()
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


def _watch_parent(parent: int | None = None) -> None:
    """End with the parent where the kernel does not see to it, and where the end does not come."""
    parent = os.getppid() if parent is None else parent

    def watch() -> None:
        wait = threading.Event()
        while not wait.wait(PARENT_S):
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGTERM)
                # It would go on answering beside the next start, with a state that stands still.
                wait.wait(STOP_S)
                os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True, name="parent").start()
