"""A storm: all boards lose their connection at once and come back at once; how long until all are fresh.

    python3 -m loadtests.storm [--boards 1000] [--entities 5000] [--storms 3]

The changes go on meanwhile. Beside the boards one connection pings the node without pause: how late a pong is
tells how long the node's loop was held. The node is pinned to core 1, everything else to core 0. A storm that
takes longer than FRESH_S, or a loop that is held longer than LAG_S (99th percentile), fails the run.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sys
import time
from multiprocessing import get_context
from typing import Any

import numpy as np

from loadtests.fanout import LAYOUT
from loadtests.ingest import pin
from loadtests.node import running
from loadtests.raw_boards import Boards, handshake, ping
from loadtests.source import Source
from wallboard.protocol import SUBPROTOCOL
from wallboard.store.clients import connect_async
from wallboard.store.keys import Keys
from wallboard.store.outlet import Outlet

#: All boards have their state again within this (s), and the loop is not held longer (s).
FRESH_S = 5.0
LAG_S = 0.05

#: Between two storms (s).
CALM_S = 3.0

#: Between two pings (s): lags are found that are longer.
PING_EVERY_S = 0.005


def boards(port: int, count: int, storms: int, pipe: Any) -> None:
    """The boards' process: connect, lose all, come back; tells of each storm how long it took, and faults."""
    pin(0, 0)
    for number in range(storms + 1):
        began = time.time()
        ours = Boards("127.0.0.1", port, LAYOUT, count, together=True)
        ours.whole()
        took = time.time() - began
        pipe.send((number, began, took, ours.seen.snapshots, ours.seen.broken))
        ours.read_until(time.time() + CALM_S)
        ours.close()


def lags(port: int, end: Any, pipe: Any) -> None:
    """The pinging process: [(when, how long a pong took)] of a connection that is no board."""
    pin(0, 0)
    found: list[tuple[float, float]] = []
    connected: socket.socket | None = None
    while not end.is_set():
        if connected is None:
            connected = handshake("127.0.0.1", port, SUBPROTOCOL)
            opened = time.monotonic()
        began = time.time()
        ping(connected)
        found.append((began, time.time() - began))
        time.sleep(PING_EVERY_S)
        # Who does not subscribe is not kept, and who pings without pause neither.
        if time.monotonic() - opened > 2.0:
            connected.close()
            connected = None
    pipe.send(found)


def main() -> int:
    """Measure; 1 where a limit is not kept."""
    parser = argparse.ArgumentParser(prog="python3 -m loadtests.storm", description=__doc__)
    parser.add_argument("--boards", type=int, default=1000)
    parser.add_argument("--entities", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=20.0, help="changes a second meanwhile")
    parser.add_argument("--storms", type=int, default=3)
    options = parser.parse_args()
    source, fork = Source(options.entities), get_context("fork")
    with running() as server:

        async def go() -> tuple[list[Any], list[tuple[float, float]], float]:
            client = connect_async(server.redis)
            outlet = Outlet(client, Keys(server.key))
            await source.fill(outlet)
            ours, theirs = fork.Pipe()
            near, far = fork.Pipe()
            end = fork.Event()
            pinging = fork.Process(target=lags, args=(server.port, end, far))
            reading = fork.Process(target=boards, args=(server.port, options.boards, options.storms, theirs))
            pinging.start()
            began = server.node_s()
            reading.start()
            told = []
            while reading.is_alive() or ours.poll():
                await source.change(outlet, options.rate, time.time() + 0.5)
                while ours.poll():
                    told.append(ours.recv())
            used = server.node_s() - began
            end.set()
            while not near.poll():
                await asyncio.sleep(0.05)
            pongs = near.recv()
            pinging.join()
            await client.aclose()
            return told, pongs, used

        pin(0, 0)
        told, pongs, used = asyncio.run(go())
    print(
        f"{options.boards} boards, {options.entities} entities, {options.rate:g} changes/s, "
        f"load {os.getloadavg()[0]:.1f}; {used / len(told) / options.boards * 1e3:.2f} ms of the node a board"
    )
    good = len(told) == options.storms + 1
    for number, began, took, snapshots, broken in told:
        held = [late for at, late in pongs if began <= at <= began + took] or [0.0]
        p99, most = np.percentile(held, 99), max(held)
        print(
            f"  {'first coming' if not number else f'storm {number}'}: all fresh after {took:.2f} s "
            f"({snapshots} snapshots); the loop was held p99 {p99 * 1e3:.0f} ms, most {most * 1e3:.0f} ms"
        )
        good &= took <= FRESH_S and p99 <= LAG_S and not broken
        for fault in broken[:5]:
            print(f"  BROKEN: {fault}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
