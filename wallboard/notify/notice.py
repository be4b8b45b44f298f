"""One entry of the outbox, as engine/alerts writes it with `World.send`, and the receivers that it names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

#: Receivers of one kind in one notice; a group with more is a mistake, and each costs a connection.
MAX_RECEIVERS = 50


class Told(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a notice says of its alert."""

    id: str = ""
    rule: str = ""
    severity: str = ""
    #: words by language
    texts: dict[str, str] = {}
    instruction: dict[str, str] = {}
    district: str = ""
    since: float | None = None
    value: float | None = None
    #: for the address /a/CODE
    code: str = ""
    episode: int = 0
    version: int = 0


class Notice(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Who is to be told what. Times in seconds since 1970."""

    #: the same for every repetition: a receiver tells by it what it has had
    id: str
    at: float
    what: str = "escalation"
    group: str = ""
    #: log-in names of those on duty
    people: list[str] = []
    email: list[str] = []
    #: names of [[notify.webhook]]
    webhook: list[str] = []
    #: topics
    mqtt: list[str] = []
    alert: Told = msgspec.field(default_factory=Told)
    #: which step of how many, counted from 1
    step: int = 0
    of: int = 0

    def receivers(self) -> Iterator[tuple[str, str]]:
        """(kind, name) of each receiver outside of the house, each once."""
        for kind in ("webhook", "email", "mqtt"):
            named: list[str] = getattr(self, kind)
            for name in list(dict.fromkeys(named))[:MAX_RECEIVERS]:
                yield kind, name


_decoder = msgspec.json.Decoder(Notice)


def decode(raw: bytes) -> Notice:
    """A notice of its JSON; raises ValueError for what is none."""
    return _decoder.decode(raw)


def document(notice: Notice) -> dict[str, Any]:
    """What a program is sent, as the body of a webhook or of an MQTT message."""
    return {
        "type": f"alert.{notice.what}",
        "id": notice.id,
        "at": notice.at,
        "group": notice.group,
        "people": notice.people,
        "step": notice.step,
        "of": notice.of,
        "alert": notice.alert,
    }
