"""The engine's loop: take the lease, load, then read, apply and commit until somebody else must.

Whatever goes wrong with Redis, the answer is the same: drop the batch in hand and load again. The cursors
stand in the head, so what was not committed is read again, and what was committed is not.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping

from wallboard import audit
from wallboard.audit_check import RESUMED
from wallboard.city import CityConfig
from wallboard.clock import Clock
from wallboard.engine import health, reduce
from wallboard.engine.batch import Piece, pieces
from wallboard.engine.lease import Lease
from wallboard.engine.muted import Muted
from wallboard.engine.term import Term, cursors_of, stream_id, wall_entry
from wallboard.engine.world import Timer, World
from wallboard.errors import Fenced, StoreDown, StoreError
from wallboard.events import AnyEvent, decoder
from wallboard.gazetteer import Gazetteer
from wallboard.geofence import Geofence
from wallboard.store.commits import Head
from wallboard.store.engine import EngineStore, Entries
from wallboard.store.keys import Keys
from wallboard.store.writing import Commit

log = logging.getLogger("wallboard.engine")

#: An empty commit each second shows that the engine lives.
BEAT_S = 1.0

#: Events of one apply: about 30 ms of work. What so many reports change fits one commit (batch.py): of a
#: batch in two commits the second waits until the first is on the disk, and nothing is applied meanwhile.
BATCH_EVENTS = 350

#: A batch that takes longer makes the next ones half as long (s): nothing of it is shown before its commit.
SLOW_S = 1.0

#: A batch this full means that more is waiting: time goes only as far as its events.
BACKLOG_EVENTS = 300

#: Streams are trimmed this often (s).
TRIM_S = 5.0

#: Above this share of Redis' memory the feed strip says so: there is still time to act.
MEMORY_ALARM = 0.8

#: The city's time never goes back. A clock this far behind it (s) makes old data look new: the strip says so.
CLOCK_BACK_S = 5.0

#: The wait before the next try after Redis failed: short at first, it usually is back at once (s).
RETRY_S = (0.05, 0.1, 0.2, 0.5, 1.0)

#: The lease of a dead engine ends within 4 s; a stand-by looks this often (s).
STANDBY_S = 0.25

#: The longest wait for an event, so that a stop is noticed (ms).
BLOCK_MS = 200


class Engine:
    """The single writer of one city."""

    def __init__(
        self,
        city: CityConfig,
        geofence: Geofence,
        gazetteer: Gazetteer,
        url: str,
        clock: Clock,
        audit_key: bytes,
        *,
        history: Callable[[], str] = lambda: "0-0",
        audit_files: Callable[[], str] = lambda: "0-0",
        audit_known: Callable[[], tuple[int, str]] = lambda: (0, ""),
        highest: int = 0,
        trouble: Callable[[], str] = lambda: "",
        feed_kinds: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.city = city
        self.keys = Keys(city.city.key)
        self.clock = clock
        self.token = secrets.token_hex(16)
        self._geofence, self._gazetteer = geofence, gazetteer
        #: what each feed is a source of
        self._feed_kinds = feed_kinds
        self._url = url
        self._audit_key = audit_key
        #: the wall id up to which history is on disk; the wall is never trimmed above it
        self._history = history
        #: the same for the audit trail's files: stream id, and (number of lines, hash of the last)
        self._audit_files, self._audit_known = audit_files, audit_known
        #: whether this engine has, or had until it stopped, the lease
        self.active = False
        #: what is wrong beside Redis (history), in a word
        self._trouble_elsewhere = trouble
        #: the highest commit number that history or this engine knows
        self._highest = highest
        #: events in confirmed commits, and those commits, since this engine began
        self.applied = self.commits = 0
        #: events of the next batch, at most
        self._most = BATCH_EVENTS
        #: the next batch, where it was read before the last one was committed
        self._ahead: Entries | None = None

    def run(self, stop: threading.Event) -> None:
        """Be the engine, or stand by to be, until `stop` is set."""
        failures = 0
        while not stop.is_set():
            store = EngineStore(self._url, self.keys)
            try:
                self.active = store.take_lease(self.token)
                if not self.active:
                    stop.wait(STANDBY_S)
                    continue
                before = self.commits
                try:
                    with Lease(self._url, self.keys, self.token) as lease:
                        self._serve(store, stop, lease)
                    store.release_lease(self.token)
                finally:
                    if self.commits > before:
                        failures = 0
            except Fenced as fault:
                log.warning("not the active engine any more: %s", fault)
                stop.wait(STANDBY_S)
            except StoreError as fault:
                if failures == 0:
                    log.warning("%s; the batch in hand is dropped and read again", fault)
                stop.wait(RETRY_S[min(failures, len(RETRY_S) - 1)])
                failures += 1
            finally:
                store.close()

    # -- one term as the active engine -----------------------------------------------------------------

    def _serve(self, store: EngineStore, stop: threading.Event, lease: Lease) -> None:
        run_id = store.run_id()
        head = store.head()
        if not head.epoch or head.run_id != run_id:
            # A reader must notice that this is another Redis, or another life of it.
            head = self._new_epoch(store, head, run_id)
        self._down_to = max(self.clock.now(), head.at)
        self._muted, self._lease = Muted(), lease
        self._ahead = None
        term = Term(store, head, self.token, self._audit_key, self._confirmed)
        if head.rest:
            term.finish()
        world = self._load(store, head)
        if not store.take_lease(self.token):  # its thread may not have had its turn meanwhile
            raise Fenced("another engine has the lease")
        self._look_at_trail(world, head)
        log.info("active: epoch %s, commit %d", head.epoch, head.n)
        last_commit = trimmed = 0.0
        #: events of a batch that failed and that are still to be taken, one by one
        careful = 0
        while not stop.is_set():
            lease.alive()
            now_mono = time.monotonic()
            if now_mono - trimmed >= TRIM_S:
                term.confirm()  # it says what is so in Redis, not what will be
                term.trim(self._history(), self._audit_files())
                health.store(world, self._trouble(term))
                trimmed = now_mono
            now = max(self.clock.now(), head.at)
            wait = BEAT_S - (now_mono - last_commit)
            if (due := world.next_due()) is not None:
                wait = min(wait, due - now)
            block = 0 if term.waits else max(0, min(BLOCK_MS, int(wait * 1000)))
            most = 1 if careful else self._most
            found, self._ahead = self._ahead, None
            if found is None:
                found = store.read(head.cursors, block, count=most)
            batch = _in_order(found)[:most]
            if not batch:
                term.confirm()
            now = max(self.clock.now(), head.at)
            quiet = not batch and ((due := world.next_due()) is None or due > now)
            if quiet and time.monotonic() - last_commit < BEAT_S:
                continue
            backlog = len(batch) >= min(BACKLOG_EVENTS, self._most) or careful > 1
            # Redis does one thing at a time: asked only later, it would first write our commit to the disk.
            ahead = backlog and not careful
            if ahead:
                store.ask(head.cursors | cursors_of(batch), count=self._most)
            try:
                began = time.monotonic()
                parts = self._applied(world, batch, now, backlog)
                self._pace(len(batch), time.monotonic() - began)
            except Exception:
                # A fault of ours in a reducer must not stop the city: what was done half is thrown away by
                # loading again, then the events are taken one by one and the guilty one is buried.
                log.exception("a reducer failed on %s", [entry[:2] for entry in batch[:3]])
                ahead = False
                term.confirm()
                timer = world.timer
                world = self._load(store, head)
                if timer is not None:
                    self._mute(world, timer)
                    continue
                if batch and not careful:
                    careful = len(batch)
                    continue
                world, parts = self._without(store, head, batch, now)
            if ahead:
                self._ahead = store.asked()
            term.commit(parts, max(world.now, head.at), batch)
            if not backlog:
                term.confirm()
            careful = max(0, careful - 1) if batch else 0
            last_commit = time.monotonic()
        term.confirm()

    def _new_epoch(self, store: EngineStore, head: Head, run_id: str) -> Head:
        """Begin another epoch: same numbers going on, another name."""
        before, head.epoch, head.run_id = head.epoch, secrets.token_hex(6), run_id
        # Numbers never go back, not even after a restore of an older Redis.
        n = max(head.n, self._highest) + 1
        at = max(self.clock.now(), head.at)
        commit = Commit(wall=wall_entry(head, n, at, head.n, Piece()))
        commit.head = {"epoch": head.epoch, "n": n, "run_id": run_id, "at": repr(at)}
        known, digest = self._audit_known()
        if known > head.audit_n:
            # Redis has lost lines that the files have; another line of the same number would be a forgery.
            log.warning("the audit trail goes on after line %d, which its files have", known - 1)
            commit.head |= {"audit_n": known, "audit_hash": digest, "audit_was": head.audit_n}
        store.commit(self.token, before, head.n, commit)
        log.info("new epoch %s at commit %d", head.epoch, n)
        return store.head()

    def _look_at_trail(self, world: World, head: Head) -> None:
        """Say so when the trail goes on after lines that Redis had lost, or with another key than it had.

        The city needs its engine more than one key: it goes on, and the trail says from where. Who verifies
        it needs both keys from then on; a key that nobody can show leaves its lines unproved.
        """
        ours = audit.fingerprint(self._audit_key)
        if head.audit_was is not None:
            world.audit({"what": RESUMED, "was": head.audit_was, "now": head.audit_n})
        # Before there were fingerprints nobody can say.
        if head.audit_key and head.audit_key != ours:
            log.error(
                "the audit trail so far has the key %s, this engine's is %s: give all engines the same "
                "WALLBOARD_AUDIT_KEY_FILE. It goes on with %s; `audit verify` needs both.",
                *(head.audit_key, ours, ours),
            )
            world.audit({"what": "audit.key", "was": head.audit_key, "now": ours})

    def _load(self, store: EngineStore, head: Head) -> World:
        world = reduce.new_world(self.city, self._geofence, self._gazetteer, self._feed_kinds)
        world.now = head.at
        world.muted = self._muted
        # A rule of absence leaves out the time in which nobody could listen. Loading again is none: else a
        # source whose events fail would put off the silence of all others.
        world.index["down_to"] = self._down_to
        lease = self._lease
        world.load(lease.during(store.state()), lease.during(store.memory(reduce.MEMORY)))
        reduce.loaded(world)
        return world

    def _mute(self, world: World, timer: Timer) -> None:
        """Call a timer that failed no more, else it would fail again with every event that comes."""
        self._muted.add(timer)
        world.bury("", f"the timer of {timer[1]} {timer[2]} failed; see the program's log", None)

    def _without(
        self, store: EngineStore, head: Head, batch: Entries, now: float
    ) -> tuple[World, list[Piece]]:
        """Bury the one event that fails; raises StoreDown when it is not the event that fails."""
        try:
            # Only an event is guilty without which all goes well, and with which it fails again after that:
            # else a fault of another kind that passes at this moment would cost an event.
            reduce.apply(self._load(store, head), [], now)
            world = self._load(store, head)
            try:
                return world, self._applied(world, batch, now, False)
            except Exception:
                world = self._load(store, head)
            reduce.apply(world, [], world.now)
            for stream, _, raw in batch:
                world.bury(stream, "a fault of the program; see its log", raw.decode("utf-8", "replace"))
            return world, pieces(world.draft())
        except StoreError:
            raise
        except Exception as fault:
            # Nothing can be done here: the boards say "no data", and no event is given up for it.
            log.exception("the engine fails without any event")
            raise StoreDown("the engine fails without any event; loading again") from fault

    def _applied(self, world: World, batch: Entries, now: float, backlog: bool) -> list[Piece]:
        """What the batch changes, encoded: a value that cannot be encoded is a fault of its event."""
        events: list[AnyEvent] = []
        for stream, id, raw in batch:
            try:
                events.append(decoder.decode(raw))
            except (ValueError, RecursionError) as fault:  # also of what is no UTF-8
                world.bury(stream, f"entry {id} is no event: {fault}", raw.decode("utf-8", "replace"))
        reduce.apply(world, events, now, backlog=backlog)
        return pieces(world.draft(), min((event.received_at for event in events), default=None))

    def _pace(self, events: int, took_s: float) -> None:
        """Take fewer events at a time while they cost so much."""
        if took_s > SLOW_S and events:
            self._most = max(1, events // 2)
        elif events == self._most:
            self._most = min(BATCH_EVENTS, self._most * 2)

    def _confirmed(self, n: int, events: int) -> None:
        """A commit is in Redis."""
        self._highest = max(self._highest, n)
        self.commits += 1
        self.applied += events

    def _trouble(self, term: Term) -> str:
        """What is wrong with Redis or what it is kept by, for the feed strip."""
        if not term.safe():
            return "not_safe_on_disk"
        if term.store.memory_used() > MEMORY_ALARM:
            return "memory_almost_full"
        if term.head.at > self.clock.now() + CLOCK_BACK_S:
            return "clock_went_back"
        return self._trouble_elsewhere()


def _in_order(entries: Entries) -> Entries:
    """Commands first, then all streams in the order of arrival."""
    if len({stream for stream, _, _ in entries}) < 2:
        return entries  # one stream is in order
    return sorted(entries, key=lambda entry: (entry[0] != "command", stream_id(entry[1])))
