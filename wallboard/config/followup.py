"""[[sla]], [[holiday]], [[channel]], [[line]]: whether the clocks name what there is, and can hold."""

from __future__ import annotations

from wallboard.city import CityConfig, SlaConfig
from wallboard.config.findings import Findings, guess
from wallboard.config.tables import check_unique, check_words
from wallboard.life import OPEN_STATUSES

#: Nobody promises to answer later than in a year (s); the search for working days ends as well.
LONGEST_S = 366 * 86_400.0

#: Incidents made by hand are kept under this name, so no feed may have it (engine/incidents/shape.py).
CONSOLE = "console"

_CLOCKS = ("verify", "accept", "resolve")


def check_followup(city: CityConfig, found: Findings) -> None:
    """Note what is wrong with clocks, days off, channels and lines."""
    for table in ("channel", "line"):
        entries = getattr(city, table)
        check_unique(table, "code", [entry.code for entry in entries], found)
        for index, entry in enumerate(entries):
            check_words(entry.name, f"{table}[{index}].name", city, found)
    check_unique("holiday", "day", [holiday.day for holiday in city.holiday], found)
    known: dict[tuple[str, str, str, str], int] = {}
    for index, sla in enumerate(city.sla):
        key = f"sla[{index}]"
        _names(city, sla, key, found)
        _spans(sla, key, found)
        same = known.setdefault((sla.category, sla.agency, sla.channel, sla.since), index)
        if same != index and found.sound(f"{key}.since"):
            found.fault(f"{key}.since", sla.since, f"is that of sla[{same}], for the same: which one holds?")
    _channels(city, found)
    for index, feed in enumerate(city.feed):
        if feed.name == CONSOLE:
            found.fault(f"feed[{index}].name", feed.name, "is kept for incidents made by hand at the console")
    for index, agency in enumerate(city.agency):
        if "|" in agency.code:
            found.fault(f"agency[{index}].code", agency.code, 'must not hold "|"')


def _names(city: CityConfig, sla: SlaConfig, key: str, found: Findings) -> None:
    tables = {
        "category": [category.code for category in city.category],
        "agency": [agency.code for agency in city.agency],
        "channel": [channel.code for channel in city.channel],
    }
    for table, codes in tables.items():
        code = getattr(sla, table)
        if code and code not in codes and found.all_sound(table, "code"):
            found.fault(f"{key}.{table}", code, f"is the code of no [[{table}]]; {guess(code, codes)}")
    if not sla.since:
        found.fault(f"{key}.since", sla.since, "is empty; leave it out, or write a day")
    for number, status in enumerate(sla.stops_in):
        if status not in OPEN_STATUSES:
            why = f"is no status in which a clock runs; {guess(status, OPEN_STATUSES)}"
            found.fault(f"{key}.stops_in[{number}]", status, why)


def _spans(sla: SlaConfig, key: str, found: Findings) -> None:
    for name in _CLOCKS:
        span = getattr(sla, name)
        if span > LONGEST_S:
            found.fault(f"{key}.{name}", span, 'must not be longer than a year, "366d"')
    if sla.resolve and sla.accept > sla.resolve:
        found.warn(f"{key}.accept", sla.accept, f"is longer than resolve = {sla.resolve:g} s")
    if not any(getattr(sla, name) for name in _CLOCKS) and not (sla.category or sla.agency or sla.channel):
        found.warn(key, None, "sets no clock; write verify, accept or resolve")


def _channels(city: CityConfig, found: Findings) -> None:
    """Where channels are listed, what names one should name one of them."""
    if not city.channel or not found.all_sound("channel", "code"):
        return
    codes = [channel.code for channel in city.channel]
    for table in ("category", "feed"):
        for index, entry in enumerate(getattr(city, table)):
            if entry.channel and entry.channel not in codes:
                found.warn(
                    f"{table}[{index}].channel",
                    entry.channel,
                    f"is the code of no [[channel]]; {guess(entry.channel, codes)}",
                )
