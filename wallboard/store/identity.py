"""Who may log in and who is logged in, in Redis: users, sessions, one-time secrets, counted tries.

Secrets are kept as their hash. A change of a user and the command that tells the engine of it are written
together, so the stream's order of rights is the order in which they were changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import redis
import redis.asyncio

from wallboard.access import Person
from wallboard.errors import StoreDown
from wallboard.events import Command, encoder
from wallboard.store.clients import translated
from wallboard.store.keys import Keys

#: Two who change users at once try again; more in a row than this is no office of people.
MAX_TRIES = 20


class User(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person with what proves who they are."""

    person: Person
    #: argon2id in its own notation; "": not chosen yet
    password: str = ""
    #: somebody else knows it: nothing else may be done before it is changed
    must_change: bool = False
    #: rises with every change that ends sessions
    generation: int = 0
    #: one of the demo, whose password everybody knows
    demo: bool = False


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One log-in."""

    person: str
    #: of the user, when it began
    generation: int
    began: float
    #: the end of the shift, whatever happens (s since 1970)
    until: float


class Known(msgspec.Struct, frozen=True):
    """A session with its user, and how long it lasts without a sign of life (s)."""

    session: Session
    user: User
    left_s: float


#: What a change makes of all users: the id, what it becomes (None: removed), and what the engine is told.
Change = tuple[str, User | None, Sequence[Command]]

_user = msgspec.json.Decoder(User)
_session = msgspec.json.Decoder(Session)


class IdentityStore:
    """The keys of people. All methods raise StoreError."""

    def __init__(self, client: redis.asyncio.Redis, keys: Keys) -> None:
        self._redis = client
        self._keys = keys

    async def users(self) -> dict[str, User]:
        """All users by id."""
        with translated():
            raw: Any = await self._redis.hgetall(self._keys.user)
        return {id.decode(): _user.decode(value) for id, value in raw.items()}

    async def user(self, id: str) -> User | None:
        """One user."""
        with translated():
            raw: Any = await self._redis.hget(self._keys.user, id)
        return _user.decode(raw) if raw is not None else None

    async def change(self, edit: Callable[[dict[str, User]], Change]) -> None:
        """Change one user as `edit` says, with the commands for the engine, all or nothing.

        `edit` may be called again, with newer users, when somebody else was faster; what it raises ends it.
        """
        with translated():
            async with self._redis.pipeline(transaction=True) as pipe:
                for _ in range(MAX_TRIES):
                    try:
                        await pipe.watch(self._keys.user)
                        raw: Any = await pipe.hgetall(self._keys.user)
                        users = {id.decode(): _user.decode(value) for id, value in raw.items()}
                        id, user, commands = edit(users)
                        pipe.multi()  # type: ignore[no-untyped-call]
                        if user is None:
                            pipe.hdel(self._keys.user, id)
                        else:
                            pipe.hset(self._keys.user, id, msgspec.json.encode(user))
                        for command in commands:
                            pipe.xadd(self._keys.feed("command"), {"d": encoder.encode(command)})
                        await pipe.execute()
                        return
                    except redis.WatchError:
                        continue
        raise StoreDown("others change users without a pause: try again")

    # -- sessions ------------------------------------------------------------------------------------

    async def begin(self, digest: str, session: Session, life_s: int) -> None:
        """Keep a session for so long without a sign of life."""
        with translated():
            await self._redis.set(self._keys.session(digest), msgspec.json.encode(session), ex=life_s)

    async def known(self, digests: Sequence[str]) -> dict[str, Known]:
        """The sessions that are there, with their users; whether they still hold is for the caller to say."""
        if not digests:
            return {}
        with translated():
            pipe = self._redis.pipeline(transaction=False)
            for digest in digests:
                pipe.get(self._keys.session(digest))
                pipe.ttl(self._keys.session(digest))
            answers: list[Any] = await pipe.execute()
            sessions = {
                digest: (_session.decode(raw), float(left))
                for digest, raw, left in zip(digests, answers[::2], answers[1::2], strict=True)
                if raw is not None
            }
            if not sessions:
                return {}
            names = sorted({session.person for session, _ in sessions.values()})
            found: Any = await self._redis.hmget(self._keys.user, names)
        users = {name: _user.decode(raw) for name, raw in zip(names, found, strict=True) if raw is not None}
        return {
            digest: Known(session, users[session.person], left)
            for digest, (session, left) in sessions.items()
            if session.person in users
        }

    async def keep(self, digests: Iterable[str], life_s: int) -> None:
        """A sign of life of sessions."""
        with translated():
            pipe = self._redis.pipeline(transaction=False)
            for digest in digests:
                pipe.expire(self._keys.session(digest), life_s)
            await pipe.execute()

    async def end(self, digest: str) -> bool:
        """End a session; whether there was one."""
        with translated():
            return bool(await self._redis.delete(self._keys.session(digest)))

    # -- one-time secrets ----------------------------------------------------------------------------

    async def give(self, key: str, value: bytes, life_s: int) -> None:
        """Keep what a one-time secret stands for; the key holds its hash (Keys.ticket, Keys.link)."""
        with translated():
            await self._redis.set(key, value, ex=life_s)

    async def look(self, key: str) -> bytes | None:
        """What it stands for, without using it up."""
        with translated():
            raw: Any = await self._redis.get(key)
        return bytes(raw) if raw is not None else None

    async def take(self, key: str) -> bytes | None:
        """What it stands for; it is used up by this, also where two ask at once."""
        with translated():
            raw: Any = await self._redis.getdel(key)
        return bytes(raw) if raw is not None else None

    # -- tries ---------------------------------------------------------------------------------------

    async def count(self, keys: Sequence[str], life_s: int) -> list[tuple[int, int]]:
        """Count one try more under each key: (tries, seconds until they are forgotten)."""
        with translated():
            pipe = self._redis.pipeline(transaction=True)
            for key in keys:
                pipe.set(key, 0, ex=life_s, nx=True)
                pipe.incr(key)
                pipe.ttl(key)
            answers: list[Any] = await pipe.execute()
        return [(int(n), max(1, int(left))) for n, left in zip(answers[1::3], answers[2::3], strict=True)]

    async def forget(self, keys: Sequence[str]) -> None:
        """Count them from nothing again."""
        with translated():
            await self._redis.delete(*keys)

    async def count_back(self, key: str, life_s: int) -> None:
        """Take one try back."""
        with translated():
            pipe = self._redis.pipeline(transaction=True)
            # The count may have run out meanwhile, and one made without an end would never be forgotten.
            pipe.set(key, 0, ex=life_s, nx=True)
            pipe.decr(key)
            await pipe.execute()

    async def say_address(self, address: str) -> None:
        """Where people reach the server, for the links that the command line prints."""
        with translated():
            await self._redis.set(self._keys.address, address)

    async def address(self) -> str:
        """Where they do; "" before the first start."""
        with translated():
            raw: Any = await self._redis.get(self._keys.address)
        return bytes(raw).decode() if raw is not None else ""
