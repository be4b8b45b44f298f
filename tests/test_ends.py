"""What has to end ends: a task that loses its cancellation, a process that goes on without its parent."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

from tests.running import ROOT, until
from wallboard.app import ended

#: The child ignores what a stopping node obeys; its parent is gone as soon as it has told the child's id.
ORPHAN = """
import os, signal, time
from wallboard import parts
parts.PARENT_S, parts.STOP_S = 0.05, 0.1
pid = os.fork()
if pid:
    print(pid, flush=True)
    os._exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
parts._watch_parent(os.getppid() if os.getppid() != 1 else -1)
time.sleep(60)
"""


async def test_a_task_that_loses_a_cancellation_is_asked_again() -> None:
    asked = 0

    async def loses_the_first() -> None:
        nonlocal asked
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                asked += 1
                if asked > 1:
                    raise

    tasks = [asyncio.create_task(loses_the_first()), asyncio.create_task(asyncio.sleep(60))]
    await asyncio.sleep(0)
    await ended(tasks)
    assert asked == 2
    assert all(task.cancelled() for task in tasks)


def test_an_orphan_that_does_not_end_is_ended() -> None:
    """Found by 500 kills: a node of a killed server went on answering for half an hour."""
    told = subprocess.run(
        [sys.executable, "-c", ORPHAN], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=20
    )
    pid = int(told.stdout)

    def gone() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        # Nobody waits for it here but init, which may take its time.
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"

    until(gone, "the end of the orphan")
