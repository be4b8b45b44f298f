"""Hands over what a conflator has to say, beside whatever brings the reports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from feeds.base import Intake, Parsed
from feeds.sightings.conflate import Conflator

#: How often it is looked what is due: what was held back for a second is said within two (s).
LOOK_S = 1.0


@asynccontextmanager
async def kept(intake: Intake, conflator: Conflator) -> AsyncIterator[None]:
    """While inside, what is due is said each second."""
    task = asyncio.create_task(_keep(intake, conflator), name=f"sightings of {intake.name}")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        # Nothing is known of what the cameras see until the next connection.
        conflator.end_all()
        await give_due(intake, conflator, intake.now())


def folder_of(intake: Intake) -> Path:
    """Where relative paths of the configuration begin."""
    folder = getattr(intake, "folder", None)
    return folder if isinstance(folder, Path) else Path()


async def give_due(intake: Intake, conflator: Conflator, now: float) -> None:
    """Hand over what is due at `now`."""
    events = conflator.due(now)
    if events:
        await intake.give(Parsed([*events]))


async def _keep(intake: Intake, conflator: Conflator) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        await give_due(intake, conflator, intake.now())
