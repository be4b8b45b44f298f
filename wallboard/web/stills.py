"""Still pictures of cameras: asked of the feeds while somebody looks; the newest kept; cut by scope."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wallboard.access import may_see
from wallboard.errors import Refused, StoreError
from wallboard.stills import Still
from wallboard.store.stills import NodesEnd, Wanted
from wallboard.web.identity import viewer_for
from wallboard.web.node import Node

log = logging.getLogger("wallboard.web")

#: What is looked at here is said this often (s); the feeds take a camera for wanted for WANTED_S.
ASK_EVERY_S = 2.0
#: Pictures kept on a node: 64 of 500 kB, as many cameras as are looked at in turn.
MAX_KEPT_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class Kept:
    """The newest look at one camera."""

    still: Still
    etag: str


class Stills:
    """The newest picture of each camera that this node's boards look at."""

    def __init__(self, way: NodesEnd) -> None:
        self._way = way
        self._wanted = Wanted()
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._bytes = 0
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Ask for what is looked at, and take what comes, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._way.run(self.take))
            tasks.create_task(self._ask())

    def newest(self, id: str) -> Kept | None:
        """The newest look at a camera; that it is asked for makes it looked at."""
        new = id not in self._wanted
        self._wanted.ask([id])
        if new:
            self._news.set()
        return self._kept.get(id)

    def take(self, still: Still) -> None:
        """A picture has come. What nobody here looks at is let go."""
        self._let_go(still.camera)
        if still.camera in self._wanted:
            digest = hashlib.blake2b(still.jpeg, digest_size=12).hexdigest()
            self._kept[still.camera] = Kept(still, f'"{digest}"')
            self._bytes += len(still.jpeg)
        while self._bytes > MAX_KEPT_BYTES:
            self._let_go(next(iter(self._kept)))

    def _let_go(self, id: str) -> None:
        kept = self._kept.pop(id, None)
        if kept is not None:
            self._bytes -= len(kept.still.jpeg)

    async def _ask(self) -> None:
        while True:
            self._news.clear()
            wanted = self._wanted.now()
            for id in [id for id in self._kept if id not in self._wanted]:
                self._let_go(id)
            try:
                if wanted:
                    await self._way.ask(wanted)
            except StoreError as fault:
                log.debug("%s", fault)  # the boards see by themselves that no ticks come
                await asyncio.sleep(ASK_EVERY_S)
            try:
                async with asyncio.timeout(ASK_EVERY_S):
                    await self._news.wait()
            except TimeoutError:
                pass


async def snapshot(request: Request) -> Response:
    """The newest still of a camera; 204 with the reason where there is none."""
    node: Node = request.app.state.node
    id = request.path_params["id"]
    viewer = await viewer_for(request)
    if not node.viewable():
        raise Refused(503, "Not ready", node.follower.reason)
    entry = node.hub.replica.get("camera", id)
    if entry is None or entry.raw is None or not may_see(viewer, "camera", entry.scope):
        # The same words for both: who may not see a camera does not learn that there is one.
        raise Refused(404, "No such camera", "none of this id that you may see")
    kept = node.stills.newest(id)
    headers = {"Cache-Control": "no-store"}
    if kept is None:
        return Response(status_code=204, headers=headers | {"Picture-Reason": "waiting"})
    still = kept.still
    headers |= {"Picture-At": f"{still.at:.3f}", "Picture-Since": f"{still.since:.3f}"}
    if still.moved:
        headers["Picture-Moves"] = "1"
    if not still.jpeg:
        return Response(status_code=204, headers=headers | {"Picture-Reason": still.reason})
    headers["ETag"] = kept.etag
    if request.headers.get("if-none-match") == kept.etag:
        return Response(status_code=304, headers=headers)
    return Response(still.jpeg, headers=headers, media_type="image/jpeg")


ROUTES = [Route("/api/v1/cameras/{id:path}/snapshot.jpg", snapshot)]
