"""One CAP `alert` element to one event. Semantics of OASIS CAP 1.2, section 3.2; 1.0 and 1.1 are read too.

What a source writes wrongly is read where its meaning is plain, and flagged; what has no identity, time or
message type cannot be used and raises ValueError with the reason.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from feeds.base import Context
from feeds.cap.area import Shapes, pairs, read_areas
from feeds.cap.xml import NAMESPACES, children, namespace, plain, raw
from feeds.fetching.addresses import public_url
from feeds.reading.times import parse_time
from wallboard.events import HazardInfo, HazardIssued
from wallboard.text import harmless, title

#: The longest real identifier (NOAA) has 120 characters, the longest sender 60.
MAX_NAME = 300

#: An hourly update of a storm references all before it; a month of that is 720.
MAX_REFERENCES = 1_000

#: Real alerts have one to three; a message of more is cut and flagged.
MAX_INFOS = 50

_SPEC_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$")
#: identifier and sender stand between commas and spaces in `references`.
_BAD_NAME = re.compile(r"[\s,<&]")

_WORDS = {
    "status": ("Actual", "Exercise", "System", "Test", "Draft"),
    "msgType": ("Alert", "Update", "Cancel", "Ack", "Error"),
    "scope": ("Public", "Restricted", "Private"),
    "urgency": ("Immediate", "Expected", "Future", "Past", "Unknown"),
    "severity": ("Extreme", "Severe", "Moderate", "Minor", "Unknown"),
    "certainty": ("Observed", "Likely", "Possible", "Unlikely", "Unknown"),
}


def read_alert(alert: Element, context: Context, default_life_s: float, group: str = "") -> HazardIssued:
    """The event of one `alert`; ValueError says why there is none."""
    flags: set[str] = set()
    uri = namespace(alert)
    if uri not in NAMESPACES:
        flags.add("unknown_namespace")
    identifier, sender = _name(alert, "identifier", flags), _name(alert, "sender", flags)
    sent_text = raw(alert, "sent")
    if not sent_text:
        raise ValueError("`sent` is missing")
    try:
        sent = _time(sent_text, context, flags)
    except ValueError as error:
        raise ValueError(f"`sent`: {error}") from None
    msg_type = _word(alert, "msgType", flags)
    if not msg_type:
        raise ValueError("`msgType` is missing: it may warn, or end a warning")
    status = _word(alert, "status", flags)
    if not status:
        # Never an alarm, but visible: only "Actual" is real.
        flags.add("no_status")
        status = "Unknown"
    if not (scope := _word(alert, "scope", flags)):
        flags.add("no_scope")
    if next(children(alert, "password"), None) is not None:
        flags.add("deprecated")
    references = _references(alert, (sender, identifier, sent_text), sent, context, flags)
    if msg_type in ("Update", "Cancel") and not references:
        flags.add("no_references")
    infos, shapes = list(children(alert, "info")), Shapes(flags=flags)
    if len(infos) > MAX_INFOS:
        flags.add("infos_cut")
    return HazardIssued(
        feed=context.feed,
        source_id=f"{sender},{identifier},{sent_text}",
        received_at=context.now,
        observed_at=sent,
        sender=sender,
        identifier=identifier,
        sent=sent,
        msg_type=msg_type,
        status=status,
        scope=scope or "Public",
        note=plain(raw(alert, "note"), limit=1000),
        references=references,
        infos=tuple(_info(info, context, shapes) for info in infos[:MAX_INFOS]),
        group=group,
        default_life_s=default_life_s,
        flags=tuple(sorted(flags)),
    )


def _info(info: Element, context: Context, shapes: Shapes) -> HazardInfo:
    flags = shapes.flags
    areas = read_areas(info, shapes)
    web = raw(info, "web")
    address = public_url(web)
    if web and not address:
        flags.add("bad_web")
    return HazardInfo(
        language=title(raw(info, "language"))[:35] or "en-US",  # RFC 5646, section 4.4.1: 35 are enough
        event=title(plain(raw(info, "event"))),
        headline=title(plain(raw(info, "headline"))),
        text=plain(raw(info, "description")),
        instruction=plain(raw(info, "instruction")),
        sender_name=title(plain(raw(info, "senderName"))),
        web=address,
        category=_list(info, "category"),
        response=_list(info, "responseType"),
        urgency=_word(info, "urgency", flags) or "Unknown",
        severity=_word(info, "severity", flags) or "Unknown",
        certainty=_certainty(info, flags),
        effective=_optional_time(info, "effective", context, flags),
        onset=_optional_time(info, "onset", context, flags),
        expires=_optional_time(info, "expires", context, flags),
        codes=(*pairs(info, "eventCode"), *pairs(info, "parameter")),
        areas=areas,
    )


def _name(alert: Element, tag: str, flags: set[str]) -> str:
    name = raw(alert, tag)
    if not name:
        raise ValueError(f"`{tag}` is missing")
    if len(name) > MAX_NAME:
        raise ValueError(f"`{tag}` has {len(name)} characters, more than {MAX_NAME}")
    if _BAD_NAME.search(name):
        flags.add(f"bad_{tag}")
    return harmless(name, MAX_NAME).replace("\n", " ")


def _word(element: Element, tag: str, flags: set[str]) -> str:
    """A word of one of CAP's lists, in CAP's own spelling; another word as it is, flagged."""
    written = title(raw(element, tag))
    for word in _WORDS[tag]:
        if word.casefold() == written.casefold():
            return word
    if written:
        flags.add(f"unknown_{tag}")
    return written


def _certainty(info: Element, flags: set[str]) -> str:
    if raw(info, "certainty").casefold() == "very likely":
        flags.add("deprecated")  # CAP 1.2, section 3.2.2: read it as "Likely"
        return "Likely"
    return _word(info, "certainty", flags) or "Unknown"


def _list(element: Element, tag: str) -> tuple[str, ...]:
    """The texts of a repeated element; 1.2 knows 12 categories and 9 responses."""
    return tuple(text for each in list(children(element, tag))[:20] if (text := title(each.text or "")))


def _time(text: str, context: Context, flags: set[str]) -> float:
    seconds, noticed = parse_time(text, context.zone)
    flags.update(noticed)
    if not noticed and not _SPEC_TIME.match(text):
        flags.add("utc_z" if text[-1:] in "Zz" else "loose_time")
    return seconds


def _optional_time(info: Element, tag: str, context: Context, flags: set[str]) -> float | None:
    text = raw(info, tag)
    if not text:
        return None
    try:
        return _time(text, context, flags)
    except ValueError:
        flags.add(f"bad_{tag}")
        return None


def _references(
    alert: Element, own: tuple[str, str, str], sent: float, context: Context, flags: set[str]
) -> tuple[tuple[str, str, str], ...]:
    """(sender, identifier, sent) of each message referenced; neither itself nor one of the future."""
    words = raw(alert, "references").split()
    if len(words) > MAX_REFERENCES:
        flags.add("references_cut")
    found: list[tuple[str, str, str]] = []
    for word in words[-MAX_REFERENCES:]:  # the newest stand last
        parts = tuple(harmless(part, MAX_NAME) for part in word.split(","))
        if len(parts) != 3 or not all(parts):
            flags.add("bad_reference")
            continue
        sender, identifier, when = parts
        if (sender, identifier, when) == own:
            flags.add("self_reference")
            continue
        try:
            if parse_time(when, context.zone)[0] > sent:
                flags.add("postdated_reference")
                continue
        except ValueError:
            flags.add("bad_reference")
            continue
        found.append((sender, identifier, when))
    return tuple(dict.fromkeys(found))
