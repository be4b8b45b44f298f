"""`python3 -m tests`: set up what the tests need, then run them. Arguments go to pytest.

`python3 -m tests soak` runs the long checks (kills, stops, soak) instead; they take minutes to hours.
`python3 -m tests gallery` makes the pictures of docs/walls.md anew, from the demo; it takes three minutes.
"""

from __future__ import annotations

import os
import shutil
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# The suite starts hundreds of servers; to compile all modules for each would be most of its time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from wallboard import bootstrap

#: Names under which Debian and others install it.
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Run the tests; pytest's exit code."""
    browser = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    bootstrap.ensure("run", "test", *(("browser",) if browser else ()))
    import pytest

    arguments = sys.argv[1:]
    if arguments == ["gallery"]:
        from tests.gallery import main as gallery

        return gallery()
    if arguments[:1] == ["soak"]:
        chosen = ["-m", "soak", "-n", "0", "--timeout", "0", "-s", *arguments[1:]]
    else:
        # Tests mostly wait for processes of their own; three at a time keep two cores busy. A file stays
        # with one of them: its server is started once. Files are taken in our order (conftest.py).
        chosen = ["-m", "not soak", "-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", *arguments]
    return int(pytest.main(chosen))


if __name__ == "__main__":
    sys.exit(main())
