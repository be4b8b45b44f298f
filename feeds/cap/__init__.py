"""Hazard warnings in OASIS CAP 1.0, 1.1 and 1.2: one file, an RSS or Atom index, or an EDXL-DE envelope.

http://docs.oasis-open.org/emergency/cap/v1.2/CAP-v1.2-os.html. The life of a warning (updates, cancels,
expiry) is the engine's; here a document only becomes events. Signatures in it are not looked at.
"""

from __future__ import annotations

from typing import Annotated
from weakref import WeakKeyDictionary

import msgspec

from feeds.base import Adapter, Context, Intake, Parsed, RecordFault
from feeds.cap.alert import read_alert
from feeds.cap.index import Contents, Link, contents
from feeds.cap.visit import IndexVisit
from feeds.cap.xml import raw
from wallboard.events import HazardIssued

#: How long a warning holds that does not say so: the commonest validity of the samples that do is a day.
DEFAULT_LIFE_S = 24 * 3600.0


class CapOptions(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """[feed.options] of a `cap` feed."""

    #: how long a warning holds when none of its infos says `expires` (s)
    default_life: Annotated[float, msgspec.Meta(gt=0, extra={"unit": "s"})] = DEFAULT_LIFE_S


def parse(payload: bytes, context: Context, options: CapOptions) -> Parsed:
    """Events of the alerts that a document itself holds; BadDocument where it is none of the forms.

    An index that only links becomes no event: `links` gives the addresses, `poll` follows them.
    """
    return read(contents(payload), context, options)


def links(payload: bytes, base: str = "") -> tuple[Link, ...]:
    """Where the alerts of an RSS or Atom index are; `base` is its own address."""
    return contents(payload, base).links


def read(found: Contents, context: Context, options: CapOptions) -> Parsed:
    """Events and faults of what a document holds."""
    parsed = Parsed(faults=list(found.faults))
    for place, alert in found.alerts:
        try:
            event = read_alert(alert, context, options.default_life)
        except ValueError as error:
            record = {"identifier": raw(alert, "identifier")[:200], "sender": raw(alert, "sender")[:200]}
            parsed.faults.append(RecordFault(place, str(error), record))
            continue
        parsed.events.append(_within(event, found.status))
    return parsed


async def poll(intake: Intake, options: CapOptions) -> None:
    """Fetch the document, and where it is an index, each alert in it that is new or has changed."""
    visit = _visits.setdefault(intake, IndexVisit())
    await visit.run(intake, intake.url, lambda found, context: read(found, context, options))


#: What each running feed has read already; it goes with the feed.
_visits: WeakKeyDictionary[Intake, IndexVisit] = WeakKeyDictionary()


def _within(event: HazardIssued, envelope: str) -> HazardIssued:
    """An alert inside an envelope that is only an exercise or a test is no real alarm, whatever it says."""
    if event.status == "Actual" and envelope in ("Exercise", "System", "Test"):
        flags = (*event.flags, "envelope_status")
        return msgspec.structs.replace(event, status=envelope, flags=flags)
    return event


ADAPTER = Adapter("cap", CapOptions, parse, kinds=("hazard",), poll=poll)
