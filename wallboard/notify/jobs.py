"""What is still to be sent, and when the next try is due. Pure: the time is a parameter.

A job is one notice for one receiver. Each waits by itself after a failure, and so does its whole way: a
server that is down is asked by one job at a time, and not by each of a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random

from feeds.running.backoff import Backoff
from wallboard.notify.notice import Notice

#: A receiver that was away for hours has its notices within a minute of its return (s).
CAP_S = 60.0

#: Who refuses for good is asked this seldom (s): somebody may open the mailbox within the day, and a server
#: that is asked each minute takes us for a nuisance.
REFUSED_S = 600.0

#: Deliveries of one way at the same time; a way that fails is tried by one.
AT_ONCE = 4


class Job:
    """One notice for one receiver."""

    def __init__(self, entry: str, notice: Notice, kind: str, to: str, backoff: Backoff) -> None:
        self.entry = entry
        self.notice = notice
        self.kind = kind
        self.to = to
        self.tries = 0
        self.due = 0.0
        #: why the last try failed
        self.why = ""
        self.backoff = backoff

    @property
    def receiver(self) -> str:
        """Names the receiver among all of its notice."""
        return f"{self.kind}:{self.to}"

    @property
    def way(self) -> str:
        """What fails together: a webhook's target; the mail server; the broker."""
        return self.receiver if self.kind == "webhook" else self.kind


class _Line:
    """The jobs of one way, oldest first."""

    def __init__(self, backoff: Backoff) -> None:
        self.waiting: dict[tuple[str, str], Job] = {}
        self.running: set[tuple[str, str]] = set()
        self.backoff = backoff
        self.due = 0.0
        self.failing = False


class Jobs:
    """All jobs, by way and by entry."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._lines: dict[str, _Line] = {}
        #: entry → receivers that have not confirmed, and those that have
        self._open: dict[str, set[str]] = {}
        self._done: dict[str, set[str]] = {}

    def __len__(self) -> int:
        """Entries that are not done with."""
        return len(self._open)

    def add(self, entry: str, notice: Notice, confirmed: Iterable[str]) -> bool:
        """Take over an entry; False where all of its receivers have confirmed."""
        done = set(confirmed)
        receivers = {f"{kind}:{to}": (kind, to) for kind, to in notice.receivers()}
        self._done[entry] = done & receivers.keys()
        self._open[entry] = receivers.keys() - done
        for receiver in receivers:
            if receiver not in done:
                job = Job(entry, notice, *receivers[receiver], Backoff(self._rng, CAP_S))
                line = self._lines.setdefault(job.way, _Line(Backoff(self._rng, CAP_S)))
                line.waiting[(entry, receiver)] = job
        return bool(self._open[entry])

    def due(self, now: float) -> Iterator[Job]:
        """Jobs to start now; each is running from then on, until `succeeded`, `failed` or `drop`."""
        for line in self._lines.values():
            if now < line.due:
                continue
            free = (1 if line.failing else AT_ONCE) - len(line.running)
            for key, job in line.waiting.items():
                if free <= 0:
                    break
                if key not in line.running and job.due <= now:
                    line.running.add(key)
                    free -= 1
                    yield job

    def succeeded(self, job: Job) -> None:
        """The receiver has confirmed; its way works."""
        self._works(job)
        self._leave(job)

    def _works(self, job: Job) -> None:
        line = self._lines[job.way]
        line.backoff.reset()
        line.due, line.failing = 0.0, False

    def failed(self, job: Job, why: str, now: float, retry_after: float | None = None) -> None:
        """The way does not work: try again later."""
        line = self._lines[job.way]
        line.due, line.failing = now + line.backoff.after_failure(retry_after), True
        self._again(job, why, now + job.backoff.after_failure(retry_after))

    def refused(self, job: Job, why: str, now: float) -> None:
        """The way works, and does not take this one: try again much later."""
        self._works(job)
        self._again(job, why, now + max(REFUSED_S, job.backoff.after_failure()))

    def _again(self, job: Job, why: str, due: float) -> None:
        line, key = self._lines[job.way], (job.entry, job.receiver)
        job.tries, job.why, job.due = job.tries + 1, why, due
        line.running.discard(key)
        # Others are tried first: one that its receiver will never take must not hold them up.
        line.waiting[key] = line.waiting.pop(key)

    def given_up(self, job: Job) -> None:
        """Nobody tries any more."""
        self._leave(job)

    def tried(self) -> Iterator[Job]:
        """Jobs that have failed and wait for another try."""
        for line in self._lines.values():
            for key, job in line.waiting.items():
                if job.tries and key not in line.running:
                    yield job

    def knows(self, entry: str) -> bool:
        """Whether the entry is not done with."""
        return entry in self._open

    def confirmed(self, entry: str, beside: str = "") -> tuple[set[str], bool]:
        """The entry's receivers that are done with, `beside` too, and whether these are all."""
        more = {beside} - {""}
        return self._done[entry] | more, self._open[entry] <= more

    def drop(self, entry: str) -> None:
        """Forget an entry that is done with."""
        self._open.pop(entry, None)
        self._done.pop(entry, None)

    def failing(self) -> dict[str, str]:
        """way → why, of those where a notice waits after a failure."""
        # Those that are just being tried again, too: else it would come and go with each try.
        return {
            job.way: job.why for line in self._lines.values() for job in line.waiting.values() if job.tries
        }

    def _leave(self, job: Job) -> None:
        line = self._lines[job.way]
        key = (job.entry, job.receiver)
        line.waiting.pop(key, None)
        line.running.discard(key)
        if not line.waiting:
            line.failing = False
        self._open[job.entry].discard(job.receiver)
        self._done[job.entry].add(job.receiver)
