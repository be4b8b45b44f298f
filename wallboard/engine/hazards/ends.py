"""Which CAP messages are over: tombstones of what was updated or cancelled, also of what never came.

An Update or Cancel may come before, or without, the message that it references. A tombstone is kept for a
week, or as long as the ended message itself says it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import msgspec

from wallboard.engine.world import World
from wallboard.entities import Hazard
from wallboard.events import HazardIssued

KIND = "hazard_end"

#: No feed lists a message for longer than this after it was replaced (s); the longest seen is two days.
KEEP_S = 7 * 24 * 3600.0

#: `sent` has whole seconds; two ways to write one instant differ by less than this.
_SAME_S = 1.0


class Ended(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tombstone: messages of this key sent up to `sent` are over."""

    #: "cancelled" or "superseded"
    how: str
    sent: float
    forget_at: float
    by: str = ""


@dataclass(frozen=True)
class Message:
    """What tells one message from another. Only messages of one status end each other: an exercise's Cancel
    does not end a real warning."""

    status: str
    sender: str
    identifier: str
    sent: float
    feed: str

    @classmethod
    def of(cls, what: HazardIssued | Hazard) -> Message:
        return cls(what.status, what.sender, what.identifier, what.sent, what.feed)

    def is_meant_by(self, reference: Message) -> bool:
        """Whether `reference` names this message: by its key, or (the Tsunami Warning Center of Alaska
        writes its sender in two ways) by identifier and instant within one feed."""
        if (self.status, self.identifier) != (reference.status, reference.identifier):
            return False
        if self.sender == reference.sender:
            # One identifier used again and again: older uses are over too, a newer one is not.
            return self.sent <= reference.sent + _SAME_S
        return self.feed == reference.feed and abs(self.sent - reference.sent) < _SAME_S


def short(*words: str) -> str:
    """A short, stable key of some words."""
    return sha256("\x00".join(words).encode()).hexdigest()[:16]


def references_of(event: HazardIssued) -> list[Message]:
    """The messages that an event ends, oldest first."""
    found = [
        Message(event.status, sender, identifier, _instant(sent, event.sent), event.feed)
        for sender, identifier, sent in event.references
    ]
    return sorted(found, key=lambda message: (message.sent, message.identifier, message.sender))


def end(world: World, message: Message, how: str, by: str, lasts: float = 0.0) -> None:
    """Remember that `message`, and what its sender sent under this identifier before, is over.

    `lasts`: until when it would have held, where that is known.
    """
    for key in _keys(message):
        before = world.recall(KIND, key, Ended)
        if before is None:
            world.remember(KIND, key, Ended(how, message.sent, max(world.now + KEEP_S, lasts), by))
        elif before.sent < message.sent or before.forget_at < lasts:
            changed = msgspec.structs.replace(
                before, sent=max(before.sent, message.sent), forget_at=max(before.forget_at, lasts)
            )
            world.remember(KIND, key, changed)


def fate(world: World, message: Message) -> Ended | None:
    """The tombstone of a message, or None while it stands."""
    for key in _keys(message):
        found = world.recall(KIND, key, Ended)
        if found is not None and message.sent <= found.sent + _SAME_S:
            return found
    return None


def forget_at(world: World, ended: Ended) -> float:
    """When a tombstone goes."""
    return ended.forget_at


def forget(world: World, key: str) -> None:
    """Timer of a tombstone."""
    world.forget(KIND, key)


def _keys(message: Message) -> tuple[str, str]:
    by_sender = short(message.status, message.sender, message.identifier)
    by_instant = short(message.status, message.feed, message.identifier, str(round(message.sent)))
    return by_sender, by_instant


def _instant(text: str, default: float) -> float:
    """Seconds of a `sent` as the adapter let it through; without a zone, that of the referring message."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return default
    return moment.timestamp() if moment.tzinfo is not None else default
