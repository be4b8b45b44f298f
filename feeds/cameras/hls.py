"""Is a camera's picture alive? Reads HLS playlists (RFC 8216) and judges a camera by a row of them. Pure.

A playlist that can be fetched proves nothing: many servers go on handing out the last one for hours. Only
one that advances between two checks is a live picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin, urlsplit

import msgspec

from wallboard.errors import BadDocument

State = Literal["online", "frozen", "offline", "unknown"]

#: A camera's playlist has under 2 kB; one that keeps a whole day of 4 s segments has 900 kB.
MAX_PLAYLIST_BYTES = 1024 * 1024
#: A line above this is no address that a browser would load.
MAX_LINE = 4096

#: A stream with long segments may stand for this many of them before it counts as frozen; RFC 8216,
#: section 6.3.4, has players reload after one target duration, so three are two missed ones.
FROZEN_TARGETS = 3
#: … and no stream is frozen sooner than this: encoders hiccup for some seconds (s).
MIN_FROZEN_S = 30.0
#: A playlist without, or with an absurd, target duration must not put off the verdict for ever (s).
DEFAULT_TARGET_S = 10.0
MAX_TARGET_S = 60.0
#: This many checks in a row must fail: one lost packet is not a dead camera.
OFFLINE_AFTER = 3
#: Two servers behind one address, both standing still at different places, look like one that moves;
#: so what was seen in the last checks is nothing new.
REMEMBERED_MARKS = 6

#: Why a camera is not online: words of the protocol, for the page's catalogue. They hold no address, for the
#: address that is checked may be a private one.
Reason = Literal["", "unreachable", "no_answer", "not_a_playlist", "no_segments", "stands_still", "ended"]

_TARGET = re.compile(r"\d{1,9}(?:\.\d{1,9})?$")


@dataclass(frozen=True)
class Master:
    """A playlist of playlists; `variant` is the first one's address, resolved."""

    variant: str


class Mark(msgspec.Struct, frozen=True):
    """Where a live playlist stands: any difference means that it moved."""

    #: number of the newest segment with a picture: EXT-X-MEDIA-SEQUENCE plus its place in the list
    newest: int = 0
    #: EXT-X-PROGRAM-DATE-TIME of the newest segment that has one, as written
    written_at: str = ""
    #: path of the newest segment or part; without its query, where tokens change with every request
    name: str = ""


@dataclass(frozen=True)
class Media:
    """A playlist of segments."""

    mark: Mark
    segments: int
    target_s: float
    #: EXT-X-ENDLIST: nothing will be added to it
    ended: bool


@dataclass(frozen=True)
class Failure:
    """A check that brought no playlist."""

    reason: Reason


class Health(msgspec.Struct, frozen=True):
    """What the checks of one camera have shown so far."""

    state: State = "unknown"
    #: since when it is in this state (s since 1970)
    since: float = 0.0
    reason: Reason = ""
    checked_at: float = 0.0
    #: the marks of the last checks, newest last
    marks: tuple[Mark, ...] = ()
    #: when the playlist was last seen to move, or first seen at all
    moved_at: float | None = None
    target_s: float = DEFAULT_TARGET_S
    #: failed checks in a row, and when the first of them was
    failures: int = 0
    failing_since: float = 0.0


def read(body: bytes, url: str) -> Master | Media:
    """Read a playlist that came from `url`. Raises BadDocument when it is none (an error page, a picture)."""
    if len(body) > MAX_PLAYLIST_BYTES:
        raise BadDocument(f"The playlist has {len(body)} bytes, more than the {MAX_PLAYLIST_BYTES} allowed.")
    # Only compared and resolved, never shown: a letter in a wrong encoding does no harm.
    lines = body.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
    if lines[0].strip() != "#EXTM3U":
        raise BadDocument("It is no playlist: it does not begin with #EXTM3U.")
    reader = _Reader(url)
    for line in lines[1:]:
        text = line.strip()
        if text and len(text) <= MAX_LINE:
            reader.take(text)
    return reader.result()


def judge(
    previous: Health | None, seen: Media | Failure | None, now: float, *, reopened: bool = False
) -> Health:
    """What is known after a check at `now` (s since 1970); `seen` None: the server says "not modified".

    `reopened`: a new session was begun at the server. Some put the session into the segments' names, which
    then say nothing; numbers and times still do.

    unknown  it answers, but has not yet been seen to move, nor stood still for long enough
    online   it moved between two checks
    frozen   it answers and has not moved for max(3 target durations, MIN_FROZEN_S), or is ended: a recording
             in the place of a live picture shows the past and is not "online"
    offline  OFFLINE_AFTER checks in a row brought no playlist
    """
    before = previous or Health(since=now)
    if isinstance(seen, Failure):
        return _failed(before, seen.reason, now)
    marks, moved_at, target_s, ended, empty = before.marks, before.moved_at, before.target_s, False, False
    if seen is None:
        ended, empty = before.reason == "ended", before.reason == "no_segments"
    else:
        target_s, ended, empty = seen.target_s, seen.ended, seen.segments == 0
        if not empty and seen.mark not in marks:
            first_look = not marks
            moved = not reopened or all(not _same_place(mark, seen.mark) for mark in marks)
            marks = (*marks, seen.mark)[-REMEMBERED_MARKS:]
            if moved and not ended:
                moved_at = now
                if not first_look:
                    return _become(before, "online", "", now, now, marks, moved_at, target_s)
    if moved_at is None:
        moved_at = now
    if ended:
        return _become(before, "frozen", "ended", now, now, marks, moved_at, target_s)
    if now - moved_at >= max(FROZEN_TARGETS * target_s, MIN_FROZEN_S):
        # It has stood still since it last moved; but what was unreachable in between froze only now, as far
        # as anybody can tell.
        since = now if before.state == "offline" else moved_at
        reason: Reason = "no_segments" if empty else "stands_still"
        return _become(before, "frozen", reason, since, now, marks, moved_at, target_s)
    return _become(before, before.state, before.reason, before.since, now, marks, moved_at, target_s)


def _same_place(one: Mark, other: Mark) -> bool:
    return (one.newest, one.written_at) == (other.newest, other.written_at)


def _failed(before: Health, reason: Reason, now: float) -> Health:
    failing_since = before.failing_since if before.failures else now
    after = msgspec.structs.replace(
        before, checked_at=now, failures=before.failures + 1, failing_since=failing_since
    )
    if after.failures < OFFLINE_AFTER:
        return after
    since = before.since if before.state == "offline" else failing_since
    return msgspec.structs.replace(after, state="offline", reason=reason, since=since)


def _become(
    before: Health,
    state: State,
    reason: Reason,
    since: float,
    now: float,
    marks: tuple[Mark, ...],
    moved_at: float,
    target_s: float,
) -> Health:
    return Health(
        state=state,
        since=before.since if before.state == state else since,
        reason=reason,
        checked_at=now,
        marks=marks,
        moved_at=moved_at,
        target_s=target_s,
    )


class _Reader:
    """Takes a playlist line by line and keeps only what the judgement needs."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._variant_follows = False
        self._variant = ""
        self._sequence = 0
        #: segments listed, those with a picture, and the place of the newest of these
        self._listed = 0
        self._segments = 0
        self._newest = 0
        self._gap = False
        self._written_at = ""
        self._name = ""
        self._target_s = DEFAULT_TARGET_S
        self._ended = False

    def take(self, text: str) -> None:
        if not text.startswith("#"):
            self._address(text)
            return
        tag, _, value = text.partition(":")
        if tag == "#EXT-X-STREAM-INF":
            self._variant_follows = True
        elif tag == "#EXT-X-MEDIA-SEQUENCE" and value.isascii() and value.isdigit() and len(value) < 20:
            self._sequence = int(value)
        elif tag == "#EXT-X-TARGETDURATION" and _TARGET.match(value):
            self._target_s = min(float(value), MAX_TARGET_S) or DEFAULT_TARGET_S
        elif tag == "#EXT-X-PROGRAM-DATE-TIME":
            self._written_at = value
        elif tag == "#EXT-X-GAP":
            self._gap = True
        elif tag == "#EXT-X-PART" and (part := re.search(r'URI="([^"]*)"', value)):
            self._name = _path(part[1])
        elif tag == "#EXT-X-ENDLIST":
            self._ended = True

    def _address(self, text: str) -> None:
        if self._variant_follows:
            self._variant_follows = False
            self._variant = self._variant or text
            return
        self._listed += 1
        if self._gap:
            # The server says itself that there is no picture in this one (RFC 8216bis, 4.4.4.7).
            self._gap = False
            return
        self._segments += 1
        self._newest = self._listed
        self._name = _path(text)

    def result(self) -> Master | Media:
        if self._variant:
            try:
                return Master(urljoin(self._url, self._variant))
            except ValueError:
                raise BadDocument(
                    "The playlist's first variant has an address that cannot be read."
                ) from None
        mark = Mark(self._sequence + self._newest, self._written_at, self._name)
        return Media(mark, self._segments, self._target_s, self._ended)


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return address
