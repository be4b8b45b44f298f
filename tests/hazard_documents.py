"""Warnings of our own writing: CAP messages, envelopes and indexes as XML; CAP and quake events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from wallboard.events import HazardArea, HazardInfo, HazardIssued, QuakeObserved

CAP_12 = "urn:oasis:names:tc:emergency:cap:1.2"


def alert(
    *parts: str,
    xmlns: str = CAP_12,
    identifier: str = "1",
    sender: str = "warn@example.com",
    sent: str = "2026-09-24T15:07:00+08:00",
    status: str = "Actual",
    msgType: str = "Alert",  # as CAP writes it
    scope: str = "Public",
) -> str:
    """One `alert`; an empty word leaves its element out."""
    words = {
        "identifier": identifier, "sender": sender, "sent": sent, "status": status, "msgType": msgType,
        "scope": scope,
    }  # fmt: skip
    return f'<alert xmlns="{xmlns}">{_elements(words)}{"".join(parts)}</alert>'


def info(
    *parts: str,
    language: str = "id",
    headline: str = "Hujan lebat",
    urgency: str = "Immediate",
    severity: str = "Moderate",
    certainty: str = "Observed",
    expires: str = "2026-09-24T17:27:00+08:00",
) -> str:
    """One `info`."""
    words = {
        "language": language, "category": "Met", "event": "Hujan", "urgency": urgency, "severity": severity,
        "certainty": certainty, "expires": expires, "headline": headline,
    }  # fmt: skip
    return f"<info>{_elements(words)}{''.join(parts)}</info>"


def area(*shapes: str, name: str = "Kota Contoh") -> str:
    """One `area`."""
    return f"<area><areaDesc>{name}</areaDesc>{''.join(shapes)}</area>"


def edxl(*alerts: str, status: str = "Actual") -> str:
    """An EDXL-DE envelope."""
    contents = "".join(
        f"<contentObject><xmlContent><embeddedXMLContent>{each}</embeddedXMLContent></xmlContent></contentObject>"
        for each in alerts
    )
    words = {
        "distributionID": "1", "senderID": "warn@example.com", "dateTimeSent": "2026-09-24T15:07:00+08:00",
        "distributionStatus": status, "distributionType": "Report", "combinedConfidentiality": "Public",
    }  # fmt: skip
    return (
        '<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0">'
        f"{_elements(words)}{contents}</EDXLDistribution>"
    )


def rss(*links: str, guid: str = "guid-{}", date: str = "Thu, 24 Sep 2026 15:07:00 +0800") -> str:
    """An RSS index; white space before what follows the prolog, as BMKG writes it."""
    items = "".join(
        f"<item><title>Hujan</title><link>{link}</link>"
        f'<guid isPermaLink="false">{guid.format(number)}</guid><pubDate>{date}</pubDate></item>'
        for number, link in enumerate(links, 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n    <?xml-stylesheet type="text/xsl" href="/x.xsl"?>\n'
        f'    <rss version="2.0"><channel><title>Index</title>{items}</channel></rss>'
    )


def atom(*links: str) -> str:
    """An Atom index."""
    entries = "".join(
        f'<entry><id>{link}</id><updated>2026-09-24T07:07:00Z</updated><link href="{link}"/></entry>'
        for link in links
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><id>x</id>{entries}</feed>'


def box(west: float, south: float, east: float, north: float) -> tuple[tuple[float, float], ...]:
    """A closed ring of [lon, lat]."""
    return ((west, south), (east, south), (east, north), (west, north), (west, south))


def area_of(*rings: Any, text: str = "Kota Contoh", **more: Any) -> HazardArea:
    """An area of these rings."""
    return HazardArea(text=text, polygons=rings, **more)


def warning(
    identifier: str = "1",
    *,
    sent: float = 1_000_000.0,
    received: float | None = None,
    infos: tuple[HazardInfo, ...] | None = None,
    msg_type: str = "Alert",
    status: str = "Actual",
    sender: str = "warn",
    feed: str = "cap",
    references: tuple[tuple[str, str, float], ...] = (),
    **more: Any,
) -> HazardIssued:
    """A CAP event; `sent` is written into its key as a zoned time."""
    return HazardIssued(
        feed=feed,
        source_id=f"{sender},{identifier},{_written(sent)}",
        received_at=sent if received is None else received,
        observed_at=sent,
        sender=sender,
        identifier=identifier,
        sent=sent,
        msg_type=msg_type,
        status=status,
        references=tuple((who, what, _written(when)) for who, what, when in references),
        infos=(words(),) if infos is None else infos,
        **more,
    )


def words(**more: Any) -> HazardInfo:
    """A moderate warning in Indonesian for an hour from 1,000,000, without an area."""
    grades = {"urgency": "Immediate", "severity": "Moderate", "certainty": "Observed"}
    plain: dict[str, Any] = {
        "language": "id",
        "event": "Hujan",
        "headline": "Hujan lebat",
        "expires": 1_003_600.0,
    }
    return HazardInfo(**(plain | grades | more))


def quake(
    at: float = 1_000_000.0, *, lon: float = 110.04, lat: float = -5.02, magnitude: float = 5.0, **more: Any
) -> QuakeObserved:
    """An entry of an earthquake list, by default under the middle of the small city, received at once."""
    return QuakeObserved(
        **{
            "feed": "gempa",
            "source_id": f"{round(at)}/{lat:g},{lon:g}",
            "received_at": at + 60,
            "observed_at": at,
            "lon": lon,
            "lat": lat,
            "magnitude": magnitude,
            "depth_km": 10.0,
            **more,
        }
    )


def _elements(words: dict[str, str]) -> str:
    return "".join(f"<{name}>{text}</{name}>" for name, text in words.items() if text)


def _written(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
