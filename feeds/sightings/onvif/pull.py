"""ONVIF events pulled from each camera: what almost every camera of the last fifteen years can do.

A camera keeps a pull point for us, which we ask again and again; it answers at once when something happens,
else after PULL_S. The pull point ends silently unless it is renewed. One that is away does not stop the
others. A camera's clock may be years off: the proof of the password is made at its time, not at ours.
"""

from __future__ import annotations

import asyncio
import logging
import os
from functools import partial
from random import Random
from typing import Annotated
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import msgspec

from feeds.base import Adapter, Context, Intake, Parsed
from feeds.fetching.aside import read_aside
from feeds.fetching.exchange import Call, Login
from feeds.fetching.limits import Answered
from feeds.fetching.secrets import secret
from feeds.running.backoff import Backoff
from feeds.sightings.conflate import Conflator
from feeds.sightings.keep import folder_of, kept
from feeds.sightings.naming import check_sightings, entity_of
from feeds.sightings.onvif import soap
from feeds.sightings.onvif.notification import Notification, tell
from wallboard.errors import SourceError
from wallboard.events import SeenWord

log = logging.getLogger(__name__)

#: A camera holds a question this long while nothing happens (s); routers forget a quiet connection after 30.
PULL_S = 20.0

#: It answers this much later than it said (s).
GRACE_S = 10.0

#: How long a pull point is to live, and after which share of its life it is renewed.
LIFE_S = 120.0
RENEW_AFTER = 0.5

#: A hundred messages have 150 kB.
MAX_ANSWER_BYTES = 1024 * 1024

#: Cameras of one feed; each holds one connection.
MOST_DEVICES = 500

#: A camera that is away is asked this often (s); one that refuses the log-in less, for it may lock us out.
AWAY_S = 60.0
REFUSED_S = 600.0

#: The first questions are spread over this (s): 300 cameras are not asked in one instant.
SPREAD_S = 5.0

#: A camera that ends its pulls at once without a message is asked no more often than this (s).
PAUSE_S = 1.0


class OnvifOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]; `camera_list` is the [[feed]] of type "cameras" that lists the cameras."""

    camera_list: str
    #: id in that list → address of the camera's device service
    devices: dict[str, str]
    user: str = ""
    #: "env:NAME" or "file:PATH"
    password: Annotated[str, msgspec.Meta(pattern=r"^(|(env|file):.+)$")] = ""
    #: only these of our words; empty: all
    what: tuple[SeenWord, ...] = ()

    def __post_init__(self) -> None:
        check_sightings(self.camera_list, self.what)
        if not 0 < len(self.devices) <= MOST_DEVICES:
            raise ValueError(f"devices holds 1 to {MOST_DEVICES} cameras")
        if bool(self.user) != bool(self.password):
            raise ValueError("user and password go together")
        for id, url in self.devices.items():
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
                raise ValueError(
                    f'devices: {id} is written "http://host/onvif/device_service", without credentials'
                )
            if not entity_of(id, self.camera_list, {}):
                raise ValueError(f"devices: {id[:40]!r} is no id of a camera")


def parse(payload: bytes, context: Context, options: OnvifOptions) -> Parsed:
    """What a camera sees after one answer to PullMessages; it is taken for the first of `devices`."""
    conflator = Conflator(context.feed)
    camera = entity_of(next(iter(options.devices)), options.camera_list, {})
    for said in soap.notifications(soap.body_of(payload)):
        tell(conflator, camera, said, context.now, options.what)
    return Parsed([*conflator.due(context.now)])


class _Device:
    """One camera, as long as it answers."""

    def __init__(self, intake: Intake, url: str, user: str, password: str) -> None:
        self._intake = intake
        self._url = url
        self._user, self._password = user, password
        #: its clock less ours (s)
        self._ahead = 0.0
        self._point = ""
        self._life = LIFE_S
        self._renew_at = 0.0

    async def subscribe(self) -> None:
        """Have it keep a pull point for us. Raises SourceError."""
        clock = soap.system_time(await self._ask(self._url, soap.SYSTEM_TIME, proved=False))
        self._ahead = 0.0 if clock is None else clock - self._intake.now()
        service = soap.events_address(await self._ask(self._url, soap.CAPABILITIES), self._url)
        self._point, life = soap.subscription(await self._ask(service, soap.subscribe(LIFE_S)), service)
        self._lives(life)

    async def pull(self) -> list[Notification]:
        """What has happened; returns after PULL_S when nothing does. Raises SourceError."""
        if asyncio.get_running_loop().time() >= self._renew_at:
            self._lives(soap.life_of(await self._ask(self._point, soap.renew(LIFE_S))))
        wait_s = min(PULL_S, max(1.0, self._life * (1.0 - RENEW_AFTER) / 2))
        body = await self._ask(self._point, soap.pull(wait_s), wait_s=wait_s)
        return list(soap.notifications(body))

    async def unsubscribe(self) -> None:
        """Leave nothing behind: a camera keeps few pull points."""
        point, self._point = self._point, ""
        if point:
            await self._ask(point, soap.UNSUBSCRIBE)

    def _lives(self, life: float | None) -> None:
        # One that says nothing of it, or nonsense, is renewed as if it did what it was asked.
        self._life = life if life is not None and 0 < life <= 86_400 else LIFE_S
        self._renew_at = asyncio.get_running_loop().time() + self._life * RENEW_AFTER

    async def _ask(
        self, url: str, asked: tuple[str, str], *, proved: bool = True, wait_s: float = 0.0
    ) -> Element:
        action, body = asked
        proof, login = "", None
        if proved and self._user:
            proof = soap.security(
                self._user, self._password, self._intake.now() + self._ahead, os.urandom(16)
            )
            login = Login(self._user, self._password)
        call = Call(
            url,
            method="POST",
            headers={"content-type": f'application/soap+xml; charset=utf-8; action="{action}"'},
            body=soap.envelope(action, body, url, proof),
            login=login,
            silence_s=wait_s + GRACE_S,
        )
        async with asyncio.timeout(wait_s + 2 * GRACE_S), self._intake.ask(call) as reply:
            answer = await reply.whole(MAX_ANSWER_BYTES)
            return await read_aside(answer, partial(soap.body_of, answer))


class _Cameras:
    """All cameras of a feed, each followed by itself."""

    def __init__(self, intake: Intake, options: OnvifOptions) -> None:
        self._intake = intake
        self._options = options
        self._password = secret(options.password, folder_of(intake)) if options.password else ""
        self._conflator = Conflator(intake.name)
        self._rng = Random()  # noqa: S311  # jitter, not a secret
        #: id → why it does not answer; in this order they fell away
        self._away: dict[str, str] = {}

    async def follow(self) -> None:
        async with kept(self._intake, self._conflator), asyncio.TaskGroup() as group:
            for id, url in self._options.devices.items():
                group.create_task(self._keep(id, url), name=f"onvif {id}")

    async def _keep(self, id: str, url: str) -> None:
        backoff = Backoff(self._rng, AWAY_S)
        await self._intake.sleep(self._rng.uniform(0.0, min(SPREAD_S, len(self._options.devices) / 10)))
        while True:
            device = _Device(self._intake, url, self._options.user, self._password)
            asked_s = None
            try:
                await self._pull(id, device, backoff)
            except TimeoutError:
                self._fell_away(id, "it does not answer in time")
            except SourceError as error:
                asked_s = REFUSED_S if isinstance(error, Answered) else None
                self._fell_away(id, str(error))
            except Exception as fault:  # a fault of ours with one camera must not end the others
                log.exception("onvif %s", id)
                self._fell_away(id, f"{type(fault).__name__}: {fault}")
            finally:
                await self._leave(device)
            await self._intake.sleep(backoff.after_failure(asked_s))

    async def _pull(self, id: str, device: _Device, backoff: Backoff) -> None:
        camera = entity_of(id, self._options.camera_list, {})
        loop = asyncio.get_running_loop()
        await device.subscribe()
        while True:
            began = loop.time()
            said = await device.pull()
            backoff.reset()
            now = self._intake.now()
            for each in said:
                tell(self._conflator, camera, each, now, self._options.what)
            if self._away.pop(id, None) is not None:
                self._tell_trouble()
            await self._intake.give(Parsed([*self._conflator.due(now)]))
            if not said:
                await self._intake.sleep(max(0.0, PAUSE_S - (loop.time() - began)))

    def _fell_away(self, id: str, why: str) -> None:
        self._conflator.end_all(entity_of(id, self._options.camera_list, {}))
        self._away[id] = why
        self._tell_trouble()

    def _tell_trouble(self) -> None:
        if not self._away:
            self._intake.trouble("")
            return
        id, why = next(iter(self._away.items()))
        number, all = len(self._away), len(self._options.devices)
        self._intake.trouble(f"{number} of {all} cameras give no events; {id}: {why}")

    async def _leave(self, device: _Device) -> None:
        try:
            async with asyncio.timeout(1.0):
                await device.unsubscribe()
        except (SourceError, TimeoutError):
            pass  # it ends by itself after LIFE_S


async def run(intake: Intake, options: OnvifOptions) -> None:
    """Follow all cameras, until cancelled."""
    await _Cameras(intake, options).follow()


ADAPTER = Adapter(type="onvif", options=OnvifOptions, parse=parse, kinds=("camera",), run=run, schemes=())
