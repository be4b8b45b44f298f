"""The wall of a city's command centre: `python3 server.py` runs it, `python3 server.py --help` says more."""

from __future__ import annotations

import os
import sys

# One thread a process: our processes are forked, and numpy's own threads would not survive that.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from wallboard import bootstrap


def main() -> int:
    """Set up what is missing, then do what the arguments ask for; the exit code."""
    bootstrap.ensure("run")
    from wallboard.commands import run_command

    return run_command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
