"""A notice in the words of a plain text e-mail, Indonesian first, then English."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from wallboard.notify.notice import Notice

#: A subject line that a telephone shows whole.
MAX_SUBJECT = 150

#: Words of static/js/words_*.js for the three levels.
_LEVELS = {
    "id": {"danger": "AWAS", "severe": "SIAGA", "caution": "WASPADA"},
    "en": {"danger": "DANGER", "severe": "SEVERE", "caution": "CAUTION"},
}
_LABELS = {
    "id": {
        "step": "Eskalasi tahap {step} dari {of} untuk {group}; belum ada yang mengakui.",
        "instruction": "Petunjuk",
        "since": "Sejak",
        "district": "Wilayah",
        "value": "Nilai",
        "people": "Petugas",
        "code": "Kode peringatan",
    },
    "en": {
        "step": "Escalation step {step} of {of} to {group}; nobody has acknowledged it yet.",
        "instruction": "Instruction",
        "since": "Since",
        "district": "District",
        "value": "Value",
        "people": "On duty",
        "code": "Alert code",
    },
}

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def subject(notice: Notice, city: str) -> str:
    """One line without a line's end or other control characters, whatever the alert's words hold."""
    told = notice.alert
    level = _LEVELS["id"].get(told.severity, told.severity.upper() or "?")
    words = told.texts.get("id") or told.texts.get("en") or told.rule or notice.id
    line = " ".join(_CONTROL.sub(" ", f"[{level}] {city}: {words}").split())
    return line if len(line) <= MAX_SUBJECT else f"{line[: MAX_SUBJECT - 1]}…"


def body(notice: Notice, zone: ZoneInfo) -> str:
    """The text in both languages."""
    parts = ["\n".join(_lines(notice, language, zone)) for language in ("id", "en")]
    return "\n\n--\n\n".join([*parts, f"ID: {_clean(notice.id)}\n"])


def _lines(notice: Notice, language: str, zone: ZoneInfo) -> list[str]:
    told, labels = notice.alert, _LABELS[language]
    words = told.texts.get(language) or next(iter(told.texts.values()), "") or told.rule or notice.id
    level = _LEVELS[language].get(told.severity, told.severity)
    lines = [
        f"{level}: {_clean(words)}",
        "",
        labels["step"].format(step=notice.step, of=notice.of, group=_clean(notice.group)),
    ]
    since = None if told.since is None else datetime.fromtimestamp(told.since, zone)
    facts = {
        "instruction": told.instruction.get(language) or next(iter(told.instruction.values()), ""),
        "since": since.strftime("%Y-%m-%d %H:%M:%S %Z") if since else "",
        "district": told.district,
        "value": "" if told.value is None else f"{told.value:g}",
        "people": ", ".join(notice.people),
        "code": told.code,
    }
    return lines + [f"{labels[name]}: {_clean(text)}" for name, text in facts.items() if text]


def _clean(text: str) -> str:
    return _CONTROL.sub(" ", text)
