"""The composition root of a web node: routes, lifespan, and the feeds handed to the webhook."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, WebSocketRoute

from wallboard.city import CityConfig
from wallboard.clock import Clock
from wallboard.entities import KINDS
from wallboard.errors import Refused
from wallboard.follow import Follower
from wallboard.hub import Hub
from wallboard.state import Replica
from wallboard.store.bench import FeedsBench, NodeBench
from wallboard.store.clients import connect_async
from wallboard.store.commits import WallEntry
from wallboard.store.identity import IdentityStore
from wallboard.store.keys import Keys
from wallboard.store.nodes import NodeStore
from wallboard.store.outlet import Outlet
from wallboard.store.pairing import PairingStore
from wallboard.store.stills import NodesEnd
from wallboard.walls import kinds_of, layouts_of
from wallboard.web import (
    agencies,
    api,
    console,
    feeds,
    leader,
    login,
    metrics,
    pages,
    pairing,
    phone,
    problems,
    qr,
    stills,
    story,
    users,
    work,
)
from wallboard.web.desk import Desk
from wallboard.web.door import Door
from wallboard.web.doubled import Doubles
from wallboard.web.edition import Edition
from wallboard.web.first_start import first_start
from wallboard.web.geo import Geo
from wallboard.web.guard import Guard
from wallboard.web.headers import DoorKeeper, SecurityHeaders, stream_hosts
from wallboard.web.links import Links
from wallboard.web.node import Ingest, Node
from wallboard.web.passwords import Passwords
from wallboard.web.screens import Screens
from wallboard.web.sessions import Sessions
from wallboard.web.sockets import board_socket
from wallboard.web.tries import Tries
from wallboard.web.trouble import Trouble

if TYPE_CHECKING:
    from wallboard.ingest import Webhooks

log = logging.getLogger("wallboard.app")

#: What is asked to end and does not is asked again after this long (s); most end within a millisecond.
ASK_AGAIN_S = 0.5


def create_app(
    city: CityConfig,
    geo: Geo,
    folder: Path,
    url: str,
    clock: Clock,
    door: Door,
    address: str = "",
    *,
    callers: bytes = b"",
    disk: Path | None = None,
) -> Starlette:
    """One web node of the city on the Redis at `url`; `folder` is where the city's file lies.

    `address` is where people reach the server, for the node that sees to the first start. Who calls again
    is recognised by the key `callers`. An embedded Redis writes to `disk`.
    """
    keys = Keys(city.city.key)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        # Two clients: a blocking read must not hold up a webhook.
        reading, writing = connect_async(url), connect_async(url)
        replica = Replica()
        hub = Hub(replica, metrics.sent)
        store = NodeStore(reading, keys)
        people = IdentityStore(writing, keys)
        outlet = Outlet(writing, keys)
        desk = Desk(outlet, clock, is_id=lambda text: any(replica.get(kind, text) for kind in KINDS))
        screens = Screens(PairingStore(writing, keys), replica, door, kinds=kinds_of(layouts_of(city)))
        sessions = Sessions(people, keys, door, screens)
        guard = Guard(hub, sessions, screens)

        def reloaded() -> None:
            hub.reloaded()
            guard.reloaded()
            desk.reloaded()

        def told(entry: WallEntry) -> None:
            desk.told(entry)
            guard.told(entry)

        pushed = _webhooks(city, geo, folder, callers, clock)
        taking: Ingest = _nothing
        if pushed:
            taking = pushed.take
        follower = Follower(store, replica, hub.changed, reloaded, told)
        app.state.geo = geo
        app.state.node = node = Node(
            city=city,
            clock=clock,
            hub=hub,
            store=NodeStore(writing, keys),
            outlet=outlet,
            bench=NodeBench(writing, keys),
            follower=follower,
            ingest=taking,
            door=door,
            screens=screens,
            doubles=Doubles(screens.store, desk, clock),
            sessions=sessions,
            links=Links(people, keys),
            tries=Tries(people, keys),
            passwords=Passwords(),
            desk=desk,
            edition=Edition(city, geo),
            stills=stills.Stills(NodesEnd(writing, keys)),
            trouble=Trouble(hub, disk),
        )
        async with asyncio.TaskGroup() as tasks:
            parts = [follower.run(), hub.run(), node.live(), guard.run(), node.stills.run()]
            if pushed:
                parts.append(pushed.tell(FeedsBench(writing, keys)))
            if address:
                parts.append(
                    first_start(
                        sessions,
                        node.links,
                        clock,
                        address,
                        simulation=city.city.simulation,
                        agencies=[agency.code for agency in city.agency],
                    )
                )
            running = [tasks.create_task(_vital(part)) for part in parts]
            yield
            await ended(running)
        await reading.aclose()
        await writing.aclose()

    routes: list[BaseRoute] = [
        *(
            *pages.ROUTES,
            *console.ROUTES,
            *leader.ROUTES,
            *pairing.ROUTES,
            *qr.ROUTES,
            *phone.ROUTES,
            *api.ROUTES,
            *stills.ROUTES,
            *agencies.ROUTES,
            *story.ROUTES,
            *work.ROUTES,
            *login.ROUTES,
            *users.ROUTES,
            *feeds.ROUTES,
        ),
        WebSocketRoute("/ws", board_socket),
    ]
    middleware = [
        Middleware(SecurityHeaders, https=door.secure, images=geo.tiles.hosts, streams=stream_hosts(city)),
        Middleware(DoorKeeper, door=door),
    ]
    return Starlette(
        routes=routes,
        middleware=middleware,
        exception_handlers=problems.HANDLERS,
        lifespan=lifespan,
    )


async def ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended.

    In Python 3.11 `asyncio.wait_for`, with which redis-py writes, loses a cancellation that comes together
    with its answer: a follower went on, and its node with it, long after the server was gone.
    """
    waiting = set(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=ASK_AGAIN_S)


async def _vital(part: Coroutine[Any, Any, None]) -> None:
    """Run a part for ever; without it the process ends, and the supervisor starts another."""
    try:
        await part
    except Exception:
        # Whatever it was: a node that goes on answering with a state that stands still heals never.
        log.exception("a part of this node failed; the node ends")
        signal.raise_signal(signal.SIGTERM)


def _webhooks(city: CityConfig, geo: Geo, folder: Path, callers: bytes, clock: Clock) -> Webhooks | None:
    feeds = [feed for feed in city.feed if feed.type == "webhook" and feed.enabled]
    if not feeds:
        return None
    # Only here: the adapters take longer to import than all else of a node.
    from wallboard.ingest import Webhooks

    return Webhooks(feeds, city.city.time_zone, geo.bounds, folder, callers, clock.now)


def _nothing(name: str, *_: object) -> NoReturn:
    raise Refused(404, "No such feed", f"no webhook feed {name!r} is configured")
