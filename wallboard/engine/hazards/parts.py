"""What a CAP message's `info` blocks say: its parts (other areas or times), each in several languages.

Infos are grouped by language first: the same warning in two languages is one part with two texts, two
infos in one language are two parts. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wallboard.entities import HazardText, Severity
from wallboard.events import HazardArea, HazardInfo, HazardIssued

#: Words of at most so many languages and so many characters, so that an entity stays below its 64 KiB even
#: where every character takes four bytes; geometry and districts have the rest.
MAX_LANGUAGES = 3
MAX_TEXT = 1500
MAX_INSTRUCTION = 800
MAX_AREA = 500

#: The most parts of a real message is 2 to 4; more are laid into the last one's areas.
MAX_PARTS = 20

#: A warning may be said to hold for years; it is believed for so long after it was heard. One that its feed
#: goes on listing is heard again (s).
MAX_LIFE_S = 60 * 24 * 3600.0

#: Where neither message nor feed says how long (s): never for ever.
DEFAULT_LIFE_S = 24 * 3600.0

_LANGUAGE = re.compile(r"^([a-zA-Z]{2,3})(?:[-_]|$)")

_LEVELS: dict[str, Severity] = {"Extreme": "danger", "Severe": "severe", "Moderate": "caution"}


@dataclass(frozen=True)
class Part:
    """One part of a warning: its leading info, its areas, its words by language."""

    info: HazardInfo
    areas: tuple[HazardArea, ...]
    texts: dict[str, HazardText]


def parts_of(event: HazardIssued) -> list[Part]:
    """The parts of a message, led by its Indonesian, else English, else first language."""
    infos = event.infos or (HazardInfo(headline=event.note or event.identifier, sender_name=event.sender),)
    spoken: dict[str, list[list[HazardInfo]]] = {}
    for info in infos:
        _add(spoken.setdefault(language_of(info), []), info)
    languages = sorted(spoken, key=lambda code: (code != "id", code != "en"))[:MAX_LANGUAGES]
    leading = spoken[languages[0]]
    texts: list[dict[str, HazardText]] = [{} for _ in leading]
    for code in languages:
        for at, group in enumerate(spoken[code]):
            texts[_partner(at, group, leading)].setdefault(code, _text(group))
    return [
        Part(group[0], tuple(area for info in group for area in info.areas), words)
        for group, words in zip(leading, texts, strict=True)
    ]


def language_of(info: HazardInfo) -> str:
    """ "id-ID" → "id"; "und" where it names none that can be understood (RFC 5646)."""
    match = _LANGUAGE.match(info.language)
    return match[1].lower() if match else "und"


def level_of(info: HazardInfo, status: str) -> Severity | None:
    """Our severity: by CAP's severity, for real warnings that call for action.

    Extreme → danger, Severe → severe, Moderate → caution. None for exercises and tests, for what is over
    (urgency Past, response AllClear) and for what is not expected to happen (certainty Unlikely).
    """
    over = info.urgency == "Past" or "AllClear" in info.response or info.certainty == "Unlikely"
    return None if status != "Actual" or over else _LEVELS.get(info.severity)


def times_of(info: HazardInfo, event: HazardIssued) -> tuple[float, float, tuple[str, ...]]:
    """(onset, expires, flags): the onset defaults to effective, that to sent; the end is never open."""
    onset = next(time for time in (info.onset, info.effective, event.sent) if time is not None)
    flags: tuple[str, ...] = ()
    expires = info.expires
    if expires is None:
        expires = event.sent + (event.default_life_s or DEFAULT_LIFE_S)
        flags = ("no_expires",)
    last = event.received_at + MAX_LIFE_S
    return (onset, last, ("expires_cut",)) if expires > last else (onset, expires, flags)


def holds_until(event: HazardIssued) -> float:
    """Until when the message itself says that it holds: the same at each reading, and bounded."""
    said = max((info.expires or 0.0 for info in event.infos), default=0.0)
    return min(said, event.sent + 10 * MAX_LIFE_S)


def _add(groups: list[list[HazardInfo]], info: HazardInfo) -> None:
    """Infos that differ in their areas alone are one part."""
    for group in groups:
        if _sense(group[0]) == _sense(info):
            group.append(info)
            return
    if len(groups) >= MAX_PARTS:
        groups[-1].append(info)
    else:
        groups.append([info])


def _sense(info: HazardInfo) -> tuple[object, ...]:
    times = (info.effective, info.onset, info.expires)
    grades = (info.urgency, info.severity, info.certainty)
    return (info.event, info.headline, info.text, info.instruction, times, grades)


def _partner(at: int, group: Sequence[HazardInfo], leading: list[list[HazardInfo]]) -> int:
    """Which part of the leading language says the same as part `at` of another one: of one shape, else of
    one place in the message."""
    drawn = _drawn(group)
    same = min(at, len(leading) - 1)
    tried: list[int] = [same, *range(len(leading))]
    return next((index for index in tried if drawn & _drawn(leading[index])), same)


def _drawn(group: Sequence[HazardInfo]) -> set[object]:
    """The shapes of a part, to recognise it in another language."""
    shapes = (area.polygons + area.circles for info in group for area in info.areas)
    return {shape for shape in shapes if shape}


def _text(group: Sequence[HazardInfo]) -> HazardText:
    info = group[0]
    areas = dict.fromkeys(area.text for each in group for area in each.areas if area.text)
    return HazardText(
        event=info.event,
        headline=info.headline,
        text=_cut(info.text, MAX_TEXT),
        instruction=_cut(info.instruction, MAX_INSTRUCTION),
        sender_name=info.sender_name,
        area=_cut("; ".join(areas), MAX_AREA),
    )


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
