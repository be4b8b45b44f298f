"""The weather office's warnings: an RSS index, and a CAP 1.2 file behind each of its items."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from email.utils import formatdate
from xml.etree.ElementTree import Element, SubElement, tostring

from feeds.scenario.clock import DayClock, minute_of, written
from feeds.scenario.script import Bulletin, Script

#: Where the files are, and the sender: an office of this city alone, which is not BMKG.
HOST = "https://cuaca.tirtaraya.example"
SENDER = "peringatan@cuaca.tirtaraya.example"
OFFICE = {"id": "Stasiun Cuaca Tirta Raya (simulasi)", "en": "Tirta Raya Weather Office (simulation)"}

_CAP = "urn:oasis:names:tc:emergency:cap:1.2"

#: What is over stays in the index this long, so that its end is seen (minutes of the day).
LISTED_MIN = 120.0


class Warnings:
    """Index and messages."""

    def __init__(self, script: Script, clock: DayClock, zone: tzinfo) -> None:
        self._warnings = {warning.key: warning for warning in script.warning}
        self._clock = clock
        self._zone = zone

    def document(self, path: str, query: dict[str, str], now: float) -> bytes | None:
        listed = list(self._listed(now))
        if not path:
            return self._index(listed)
        for day, warning in listed:
            if path == f"{self._identifier(day, warning)}.xml":
                return self._message(day, warning)
        return None

    def _listed(self, now: float) -> Iterator[tuple[int, Bulletin]]:
        day = self._clock.day(now)
        for each in (day, day - 1):
            for warning in self._warnings.values():
                over = self._real(each, warning.expires) + self._clock.real_s(LISTED_MIN)
                if self._real(each, warning.at) <= now < over:
                    yield each, warning

    def _index(self, listed: list[tuple[int, Bulletin]]) -> bytes:
        rss = Element("rss", version="2.0")
        channel = SubElement(rss, "channel")
        _text(channel, "title", OFFICE["id"])
        _text(channel, "link", HOST)
        _text(channel, "description", "Peringatan dini cuaca (simulasi)")
        for day, warning in listed:
            identifier = self._identifier(day, warning)
            item = SubElement(channel, "item")
            _text(item, "title", warning.words.get("id", {}).get("headline", warning.type))
            _text(item, "link", f"{HOST}/{identifier}.xml")
            _text(item, "guid", identifier)
            _text(item, "pubDate", formatdate(self._real(day, warning.at)))
        return bytes(tostring(rss, encoding="utf-8", xml_declaration=True))

    def _message(self, day: int, warning: Bulletin) -> bytes:
        alert = Element("alert", xmlns=_CAP)
        _text(alert, "identifier", self._identifier(day, warning))
        _text(alert, "sender", SENDER)
        _text(alert, "sent", self._sent(day, warning))
        _text(alert, "status", warning.status)
        _text(alert, "msgType", warning.type)
        _text(alert, "scope", "Public")
        if warning.replaces:
            first = self._warnings[warning.replaces]
            reference = (SENDER, self._identifier(day, first), self._sent(day, first))
            _text(alert, "references", ",".join(reference))
        for language, words in warning.words.items():
            self._info(alert, day, warning, language, words)
        return bytes(tostring(alert, encoding="utf-8", xml_declaration=True))

    def _info(
        self, alert: Element, day: int, warning: Bulletin, language: str, words: dict[str, str]
    ) -> None:
        info = SubElement(alert, "info")
        _text(info, "language", {"id": "id-ID", "en": "en-US"}.get(language, language))
        _text(info, "category", "Met")
        _text(info, "event", words["event"])
        _text(info, "urgency", warning.urgency)
        _text(info, "severity", warning.severity)
        _text(info, "certainty", warning.certainty)
        for name, hour in (("effective", warning.at), ("onset", warning.onset), ("expires", warning.expires)):
            _text(info, name, written(self._real(day, hour), self._zone))
        _text(info, "senderName", OFFICE.get(language, OFFICE["en"]))
        _text(info, "headline", words["headline"])
        _text(info, "description", words["text"])
        _text(info, "instruction", words.get("instruction", ""))
        area = SubElement(info, "area")
        _text(area, "areaDesc", words["area"])
        if warning.polygon:
            ring = [*warning.polygon, warning.polygon[0]]
            _text(area, "polygon", " ".join(f"{lat},{lon}" for lon, lat in ring))

    def _identifier(self, day: int, warning: Bulletin) -> str:
        minute = int(self._real(day, warning.at) // 60)
        return f"SIMULASI-TIRTARAYA-{minute}-{warning.key}"

    def _sent(self, day: int, warning: Bulletin) -> str:
        return written(self._real(day, warning.at), self._zone)

    def _real(self, day: int, hour: str) -> float:
        return self._clock.real(day, minute_of(hour))


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
