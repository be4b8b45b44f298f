"""How long a commit of full size holds Redis: ``python3 -m loadtests.commit [--commits 200]``.

The time is Redis' own word, from its slow log: that of the script alone, without what is sent and without the
write to disk after it. It is by the clock, so a busy machine makes the longest longer; the middle one counts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from wallboard.engine.batch import MAX_BYTES, MAX_CHANGES
from wallboard.store.embedded import EmbeddedRedis
from wallboard.store.engine import EngineStore
from wallboard.store.keys import Keys
from wallboard.store.writing import Commit

#: The city's state before: a hash of this many entities, as a large city has them.
ENTITIES = 50_000

#: No script may hold Redis longer (ms).
LIMIT_MS = 20.0

#: What is shorter is no commit of full size, but a renewal of the lease, or one command inside a script (µs).
KEPT_US = 200

TOKEN = "load"


def commit(number: int, changes: int, offset: int) -> Commit:
    """A commit of full size with so many changes; each value travels twice, as in `engine/batch.py`."""
    value = b'"' + b"x" * ((MAX_BYTES // changes - 64) // 2 - 2) + b'"'
    ids = [f"feed/{(offset + index * 7919) % ENTITIES}" for index in range(changes)]
    made = Commit(wall=b"[" + value * changes + b"]")
    made.sets = [("incident", id, value) for id in ids]
    made.head = {"n": number}
    return made


def main() -> int:
    """Measure and print one line for each number of changes."""
    parser = argparse.ArgumentParser(prog="python3 -m loadtests.commit", description=__doc__.splitlines()[0])
    parser.add_argument("--commits", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="commit-") as folder:
        server = EmbeddedRedis(Path(folder))
        server.start()
        store = EngineStore(server.url, Keys("load"))
        store.take_lease(TOKEN)
        number = 0
        for changes in (MAX_CHANGES, 500, 50):
            store.redis.config_set("slowlog-log-slower-than", KEPT_US)
            store.redis.config_set("slowlog-max-len", 10 * options.commits)
            store.redis.slowlog_reset()
            for _ in range(options.commits):
                store.take_lease(TOKEN)
                store.commit(TOKEN, "", number, commit(number + 1, changes, number * 101))
                number += 1
                # As the engine does, only sooner: Redis has a limit of memory.
                store.trim({}, store.head().wall_id)
            slow: Any = store.redis.slowlog_get(10 * options.commits)
            times = sorted(entry["duration"] / 1000 for entry in slow if entry["command"][:7] == b"EVALSHA")
            times = times[-options.commits :]  # a renewal that was disturbed is among the shortest
            print(
                f"{changes} changes, {MAX_BYTES // 1024} KiB: middle {statistics.median(times):.1f} ms, "
                f"longest {times[-1]:.1f} ms, {sum(each > LIMIT_MS for each in times)} of {len(times)} "
                f"above {LIMIT_MS:.0f} ms"
            )
        store.close()
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
