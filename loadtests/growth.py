"""How the costs grow: with the boards, and with the things that the city's state holds.

    python3 -m loadtests.growth [--seconds 10]

Each row is a run of loadtests/fanout.py. A change should cost the same however many things there are, the
memory of a node should grow with its boards, and engine and feeds should not know how many boards there are.
"""

from __future__ import annotations

import argparse
import os
import sys

from loadtests import fanout

BOARDS = (10, 100, 1_000, 8_000)
ENTITIES = (100, 1_000, 10_000, 100_000)

#: With each of BOARDS so many things, and with each of ENTITIES so many boards.
ENTITIES_WITH_BOARDS, BOARDS_WITH_ENTITIES = 5_000, 100

#: 8,000 boards take 20 changes/s whole on one core; more are merged, and a merged one costs nothing.
RATE_WITH_BOARDS, RATE_WITH_ENTITIES = 20.0, 200.0

HEAD = (
    "| boards | things | changes/s | µs a delivered change | node | all others | p50 | p99 | memory |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def row(boards: int, entities: int, rate: float, seconds: float) -> tuple[str, bool]:
    """One run as a line of the table, and whether the chain held."""
    options = fanout.parser().parse_args([])
    options.boards, options.entities, options.rate, options.seconds = boards, entities, rate, seconds
    found = fanout.measured(options)
    return (
        f"| {boards:,} | {entities:,} | {rate:g} | {found.micros:.2f} | {found.cores:.2f} cores "
        f"| {found.other_cores:.2f} cores | {found.p50_ms:.0f} ms | {found.p99_ms:.0f} ms "
        f"| {found.node_mib:.0f} MiB, {found.kib:.1f} KiB a board |"
    ), found.good


def main() -> int:
    """Measure; 1 where the chain broke."""
    parser = argparse.ArgumentParser(prog="python3 -m loadtests.growth", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    seconds = parser.parse_args().seconds
    runs = [(boards, ENTITIES_WITH_BOARDS, RATE_WITH_BOARDS) for boards in BOARDS]
    runs += [(BOARDS_WITH_ENTITIES, entities, RATE_WITH_ENTITIES) for entities in ENTITIES]
    print(f"load {os.getloadavg()[0]:.1f}\n{HEAD}")
    good = True
    for run in runs:
        line, held = row(*run, seconds)
        print(line, flush=True)
        good &= held
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
