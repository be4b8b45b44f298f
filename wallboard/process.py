"""One part of the server as a process of its own: forked, named, started again, ended."""

from __future__ import annotations

import logging
import os
import pickle
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, Self

from wallboard.errors import WallboardError
from wallboard.store.embedded import die_with_parent, name_process

log = logging.getLogger("wallboard.supervisor")

#: A child that dies at once is not started again at once; the wait doubles up to this (s).
LONGEST_RESTART_S = 10.0

#: A child that lived this long has recovered (s).
RECOVERED_S = 30.0

#: A stopping child may finish its batch and close its sockets within this (s).
STOP_S = 8.0

_ENDING = (signal.SIGTERM, signal.SIGINT)


@dataclass
class Child:
    """One part of the server as a process."""

    name: str
    main: Callable[[], None]
    pid: int = 0
    started: float = 0.0
    failures: int = 0
    again_at: float = 0.0

    def look_after(self) -> None:
        """Start it if it does not run; note when it has ended."""
        now = time.monotonic()
        if self.pid:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid == 0:
                return
            lived = now - self.started
            self.pid = 0
            self.failures = 0 if lived > RECOVERED_S else self.failures + 1
            wait = 0.0 if self.failures <= 1 else min(LONGEST_RESTART_S, 0.25 * 2 ** (self.failures - 2))
            self.again_at = now + wait
            code = os.waitstatus_to_exitcode(status)
            log.error("%s ended with %d after %.1f s; starting it again", self.name, code, lived)
        if not self.pid and now >= self.again_at:
            try:
                self.pid, self.started = fork(self.name, self.main), time.monotonic()
            except OSError as fault:
                # Out of processes or memory for now: the others go on, and this one is tried again.
                log.error("%s cannot be started: %s", self.name, fault)
                self.again_at = time.monotonic() + LONGEST_RESTART_S


def stop(children: list[Child]) -> None:
    """Ask all to end, and kill what does not."""
    for child in children:
        os.kill(child.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_S
    for child in children:
        while os.waitpid(child.pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > deadline:
                log.warning("%s did not end within %g s", child.name, STOP_S)
                os.kill(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)
                break
            time.sleep(0.01)
        child.pid = 0


def fork(name: str, main: Callable[[], None]) -> int:
    """Run `main` in a process that ends with this one; its id. Raises OSError.

    To be called from the main thread while there is no other.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    # A signal that comes between the fork and the child's own handlers would be taken by ours, and lost.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        pid = os.fork()
    except OSError:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        raise
    if pid:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        return pid
    code = 1
    try:
        die_with_parent(parent)
        # Ctrl-C reaches the whole group; the supervisor alone decides the order of the end.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        name_process(f"wall-{name}")
        main()
        code = 0
    except WallboardError as fault:
        log.error("%s: %s", name, fault)
    except BaseException:
        log.exception("%s failed", name)
    finally:
        logging.shutdown()
        os._exit(code)


class Early:
    """A process that is forked before its work is known; to be used as a context.

    It imports what it will need on another core while this one reads the configuration, and then does what
    `give` says. When nothing has been given at the end of the context, it is ended.
    """

    def __init__(
        self, name: str, load: Callable[[], None], main: Callable[[Any, socket.socket], None]
    ) -> None:
        self.started = time.monotonic()
        self._ours, theirs = socket.socketpair()
        self._given = False
        self.pid = fork(name, lambda: self._wait(theirs, load, main))
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ours.close()
        if not self._given:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def give(self, job: object, listener: socket.socket, lock: IO[str]) -> None:
        """Let it begin; `job` can be pickled. Who calls looks after the process from here on.

        It was forked before the state directory was locked, and has to hold the lock like all others: else
        the next start would not wait for it, and find its port still taken.
        """
        self._given = True
        with tempfile.TemporaryFile() as file:
            # By a file, not by the socket: its buffer is small, and the child may still be importing.
            pickle.dump(job, file, pickle.HIGHEST_PROTOCOL)
            file.seek(0)
            try:
                handles = [file.fileno(), listener.fileno(), lock.fileno()]
                socket.send_fds(self._ours, [b"go"], handles)
            except OSError as fault:
                log.debug("the early process is dead already: %s", fault)

    def _wait(
        self, theirs: socket.socket, load: Callable[[], None], main: Callable[[Any, socket.socket], None]
    ) -> None:
        self._ours.close()
        load()
        _, handles, _, _ = socket.recv_fds(theirs, 16, 3)
        theirs.close()
        if len(handles) != 3:
            return  # nothing is started after all
        # The third, the lock, stays open as long as this process lives.
        with os.fdopen(handles[0], "rb") as file:
            job = pickle.load(file)  # noqa: S301 - written by our own parent
        main(job, socket.socket(fileno=handles[1]))
