"""A day of boards, feeds and people with Locust, on a server of its own.

    python3 -m loadtests.day [--shape flood_day]

Shapes and limits are the tables of shapes.py beside this, the users are in locustfile.py. The exit code is 1
where a limit is not kept or the chain of a board breaks. Needs locks/load.txt.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys

from loadtests.day.shapes import SHAPES
from loadtests.node import running
from loadtests.served import PYTHON
from tests.staff import make_known
from wallboard.access import Person
from wallboard.bootstrap import ROOT

#: Boards that one log-in may open are limited: so many people share the consoles.
PEOPLE = 20

#: Of this run alone.
SECRET = "whsec_bG9hZHRlc3RzIG9mIHRoZSB3YWxsYm9hcmQh"


def main() -> int:
    """Run; Locust's exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m loadtests.day", description=__doc__)
    parser.add_argument("--shape", choices=sorted(SHAPES), default="flood_day")
    shape = parser.parse_args().shape
    with running(feed=SECRET) as server:
        people = [Person(id=f"p{n}", name=f"P {n}", role="supervisor") for n in range(PEOPLE)]
        asyncio.run(make_known(server.redis, server.key, people))
        command = [
            str(PYTHON),
            "-m",
            "locust",
            "-f",
            str(ROOT / "loadtests" / "day" / "locustfile.py"),
            "--headless",
        ]
        command += ["--only-summary", "--host", f"http://127.0.0.1:{server.port}"]
        environment = os.environ | {
            "WALL_KEY": SECRET, "WALL_PEOPLE": ",".join(person.id for person in people), "WALL_SHAPE": shape,
            "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        began = server.node_s(), server.other_s()
        code = subprocess.run(command, env=environment, check=False).returncode
        node, others = server.node_s() - began[0], server.other_s() - began[1]
        seconds = SHAPES[shape][-1].until_s
        print(f"the node used {node / seconds:.2f} cores, engine, feeds and Redis {others / seconds:.2f}")
    return code


if __name__ == "__main__":
    sys.exit(main())
