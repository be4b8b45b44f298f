"""What the first node does when nobody may log in yet: the demo's people, or a link for the first admin."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable

from wallboard import people
from wallboard.clock import Clock
from wallboard.errors import Refused, StoreError
from wallboard.web.links import Links, address_of
from wallboard.web.passwords import make
from wallboard.web.sessions import Sessions

log = logging.getLogger("wallboard.web")

#: Until Redis answers (s).
RETRY_S = 1.0


async def first_start(
    sessions: Sessions,
    links: Links,
    clock: Clock,
    address: str,
    *,
    simulation: bool,
    agencies: Iterable[str],
) -> None:
    """Once a start: see that somebody can log in. `address` is where people reach the server."""
    while True:
        try:
            await sessions.store.say_address(address)
            await _see_to_it(sessions, links, clock, address, simulation, set(agencies))
            return
        except StoreError as fault:
            log.debug("%s", fault)
            await asyncio.sleep(RETRY_S)


async def _see_to_it(
    sessions: Sessions, links: Links, clock: Clock, address: str, simulation: bool, agencies: set[str]
) -> None:
    users = await sessions.store.users()
    if not users and simulation and sessions.door.alone:
        for person in people.DEMO:
            if person.agency and person.agency not in agencies:
                continue
            hashed = await asyncio.to_thread(make, f"demo-{person.id}", cheap=True)
            with contextlib.suppress(Refused):  # another node was faster
                await sessions.store.change(people.demo(person, hashed, clock.now()))
    elif not any(sessions.admits(user) for user in users.values()):
        # The terminal, not the log: a log is kept and copied.
        print(f"First admin (once, within an hour): {address_of(address, await links.new())}", flush=True)
