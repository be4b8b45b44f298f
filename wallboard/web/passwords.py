"""Passwords: argon2id, checked beside the loop, and as slowly for who does not exist."""

from __future__ import annotations

import asyncio
import secrets
from functools import cache
from typing import TYPE_CHECKING

from wallboard.errors import Refused

if TYPE_CHECKING:
    from argon2 import PasswordHasher

#: RFC 9106, section 4, second recommended option (64 MiB, 3 passes), but in one lane: a log-in must not take
#: all cores of a machine that serves walls. 0.1 to 0.2 s each, so a stolen table is a work of years.
MEMORY_KIB = 64 * 1024
PASSES = 3
LANES = 1

#: At most so many are checked at once on a node, and so many wait: 128 MiB, and 5 s for the last in the row.
AT_ONCE = 2
MAX_WAITING = 20

#: ASVS 5.0, 6.2.1 asks for 8 and recommends 15; the tries are counted, so 12 is enough.
MIN_CHARS = 12
#: A longer one is no password; each byte of it would be hashed for an attacker.
MAX_CHARS = 128

#: "aaaaaaaaaaaa" and "121212121212" are long, and no secret.
MIN_DIFFERENT = 5


class Passwords:
    """Checks and makes hashes, a few at a time."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def right(self, password: str, known: str) -> bool:
        """Whether it is the password of this hash; "" takes as long and is never right. Raises Refused."""
        if len(password) > MAX_CHARS:
            return False
        if self._waiting >= MAX_WAITING:
            raise Refused(503, "Too many log-ins", "try again in a few seconds", {"Retry-After": "5"})
        self._waiting += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(check, password, known)
        finally:
            self._waiting -= 1

    async def make(self, password: str) -> str:
        """The hash to keep."""
        async with self._slots:
            return await asyncio.to_thread(make, password)


def check(password: str, known: str) -> bool:
    """Whether it is the password of this hash; takes its time."""
    from argon2.exceptions import InvalidHashError, VerificationError

    nobodys = _nobodys()  # made at the first check, whoever it is for: its time tells nothing
    try:
        return _hasher().verify(known or nobodys, password) and bool(known)
    except (VerificationError, InvalidHashError):
        return False


def make(password: str, *, cheap: bool = False) -> str:
    """The hash to keep; a cheap one is for passwords that stand in the README anyway."""
    if cheap:
        from argon2 import PasswordHasher

        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)
    return _hasher().hash(password)


def weakness(password: str, *names: str) -> str:
    """Why this is no password for the bearer of these names; "" where it is one."""
    if len(password) < MIN_CHARS:
        return f"at least {MIN_CHARS} characters"
    if len(password) > MAX_CHARS:
        return f"at most {MAX_CHARS} characters"
    if len(set(password)) < MIN_DIFFERENT:
        return f"at least {MIN_DIFFERENT} different characters"
    plain = password.casefold()
    if any(len(name) > 3 and name.casefold() in plain for name in names):
        return "not your own name, nor the city's"
    return ""


@cache
def _hasher() -> PasswordHasher:
    # Imported when the first person comes: a wall needs none of it.
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


@cache
def _nobodys() -> str:
    """A hash that no password has, checked for names that are not there."""
    return make(secrets.token_urlsafe(16))
