"""What must fit together within one configuration: names, days, levels, words, references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from wallboard.city import CityConfig
from wallboard.config.findings import Findings, guess

#: Languages of the catalogues in static/.
LANGUAGES = ("id", "en")

#: What a wrong time zone is told.
ZONES = "is no time zone; WIB is Asia/Jakarta, WITA Asia/Makassar, WIT Asia/Jayapura"

#: The key of a city is a hash tag in Redis and the name of a folder.
_CITY_KEY = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?$")


def check_tables(city: CityConfig, found: Findings) -> None:
    """Note what does not fit together, but for prices, rules and feeds, which have files of their own."""
    _identity(city, found)
    _boundaries(city, found)
    _map(city, found)
    for table, field in (("agency", "code"), ("category", "code"), ("commodity", "code"), ("place", "id")):
        entries = [getattr(entry, field) for entry in getattr(city, table)]
        check_unique(table, field, entries, found, empty=table == "place")
    _places(city, found)
    _categories(city, found)
    _gauges(city, found)
    _periods(city, found)


def check_unique(
    table: str, field: str, values: Sequence[str], found: Findings, *, empty: bool = False
) -> None:
    """Note each value that stands in two tables, and each that is empty unless it may be."""
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        key = f"{table}[{index}].{field}"
        if not value:
            if not empty:
                found.fault(key, value, "is empty")
        elif not value.isprintable() or value != value.strip():
            found.fault(key, value, "holds white space at an end, or characters that cannot be printed")
        elif value in first:
            found.fault(key, value, f"stands in {table}[{first[value]}] already; each needs its own")
        else:
            first[value] = index


def check_words(words: Mapping[str, str], key: str, city: CityConfig, found: Findings) -> None:
    """Note each of the city's languages without words, and words in a language that is none."""
    for language in city.city.languages:
        if language in LANGUAGES and not words.get(language, "").strip():
            found.fault(f"{key}.{language}", None, f"is missing; the city's languages are {_all(city)}")
    for language in words:
        if language not in LANGUAGES:
            found.fault(f"{key}.{language}", words[language], f"is no language; {guess(language, LANGUAGES)}")


def zone_exists(name: str) -> bool:
    """Whether `name` is a time zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a folder; a path; ZoneInfoNotFoundError
        return False
    return bool(name)


def _map(city: CityConfig, found: Findings) -> None:
    frame = city.map.frame
    if not frame:
        return
    if len(frame) != 4:
        found.fault("map.frame", frame, "is [west, south, east, north] in degrees")
        return
    west, south, east, north = frame
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        found.fault("map.frame", frame, "is no frame: west < east and south < north, in degrees")


def _identity(city: CityConfig, found: Findings) -> None:
    own = city.city
    if not own.name.strip():
        found.fault("city.name", own.name, "is empty")
    if not _CITY_KEY.match(own.key):
        found.fault("city.key", own.key, 'must be 1 to 64 letters, digits and "-", with no "-" at an end')
    if not zone_exists(own.time_zone):
        found.fault("city.time_zone", own.time_zone, ZONES)
    if not own.languages:
        found.fault("city.languages", None, f"is empty; supported are {', '.join(LANGUAGES)}")
    for index, language in enumerate(own.languages):
        key = f"city.languages[{index}]"
        if language not in LANGUAGES:
            found.fault(key, language, f"is not supported; {guess(language, LANGUAGES)}")
        elif language in own.languages[:index]:
            found.fault(key, language, "stands there twice")


def _boundaries(city: CityConfig, found: Findings) -> None:
    config = city.boundaries
    levels = config.levels
    if not config.file:
        found.fault("boundaries.file", config.file, "is empty")
    if not levels:
        found.fault("boundaries.levels", None, 'is empty; write { code = "…", name = "…" } for each level')
    codes = [level.code for level in levels]
    for index, level in enumerate(levels):
        key = f"boundaries.levels[{index}]"
        for field, value in (("code", level.code), ("name", level.name)):
            if not value:
                found.fault(f"{key}.{field}", value, "is empty; it names a property of the GeoJSON")
        if level.code and level.code in codes[:index]:
            found.fault(f"{key}.code", level.code, "is another level's code already")
    if config.gap_limit_m < 0:
        found.fault("boundaries.gap_limit_m", config.gap_limit_m, "must not be less than 0 metres")
    if config.default_accuracy_m < 0:
        found.fault(
            "boundaries.default_accuracy_m", config.default_accuracy_m, "must not be less than 0 metres"
        )
    if levels and not -1 <= city.map.level < len(levels):
        allowed = f"-1 (the lowest but one) to {len(levels) - 1} (the lowest)"
        found.fault("map.level", city.map.level, f"is no level; there are {allowed}")


def _places(city: CityConfig, found: Findings) -> None:
    known: dict[tuple[str, str], int] = {}
    for index, place in enumerate(city.place):
        key = f"place[{index}]"
        if not place.name.strip():
            found.fault(f"{key}.name", place.name, "is empty")
        first = known.setdefault((place.name.casefold(), place.kind), index)
        if first != index:
            found.warn(
                f"{key}.name",
                place.name,
                f"is the name of place[{first}] too: reports cannot tell them apart",
            )


def _categories(city: CityConfig, found: Findings) -> None:
    agencies = [agency.code for agency in city.agency]
    for index, agency in enumerate(city.agency):
        if not agency.name.strip():
            found.fault(f"agency[{index}].name", agency.name, "is empty")
    channels = {feed.channel for feed in city.feed if feed.channel}
    for index, category in enumerate(city.category):
        key = f"category[{index}]"
        check_words(category.name, f"{key}.name", city, found)
        if category.agency and category.agency not in agencies and found.all_sound("agency", "code"):
            found.fault(
                f"{key}.agency",
                category.agency,
                f"is the code of no [[agency]]; {guess(category.agency, agencies)}",
            )
        if category.channel and channels and category.channel not in channels and not city.channel:
            # Without [[channel]] no table lists them: a category may well name one that no feed has.
            found.warn(
                f"{key}.channel",
                category.channel,
                f"is the channel of no feed; {guess(category.channel, channels)}",
            )
        check_patterns(category.match, f"{key}.match", found)


def _gauges(city: CityConfig, found: Findings) -> None:
    known: dict[tuple[tuple[str, ...], str], int] = {}
    for index, gauge in enumerate(city.gauge):
        key = f"gauge[{index}]"
        if not gauge.match:
            found.fault(f"{key}.match", None, 'is empty; write the ids or names, or ["*"] for all')
        check_patterns(gauge.match, f"{key}.match", found)
        if not gauge.since:
            found.fault(f"{key}.since", gauge.since, "is empty; leave it out, or write a day")
        if not gauge.levels:
            found.fault(f"{key}.levels", None, "is empty")
        for number, level in enumerate(gauge.levels):
            where = f"{key}.levels[{number}]"
            if not level.name.strip():
                found.fault(f"{where}.name", level.name, "is empty")
            before = gauge.levels[number - 1] if number else None
            if before is None or not found.sound(f"{key}.levels[{number - 1}].from_value"):
                continue
            if level.from_value <= before.from_value:
                why = (
                    f"must be more than {before.from_value:g} of the level before it: lowest first, ascending"
                )
                found.fault(f"{where}.from_value", level.from_value, why)
        same = known.setdefault((tuple(sorted(word.casefold() for word in gauge.match)), gauge.since), index)
        if same != index and gauge.match:
            found.fault(
                f"{key}.match", None, f"is that of gauge[{same}], with the same since: which one holds?"
            )


def _periods(city: CityConfig, found: Findings) -> None:
    """Times that must be more than nothing."""
    if city.calls.answer_within <= 0:
        found.fault("calls.answer_within", city.calls.answer_within, "must be more than 0 s")
    if city.history <= 0:
        found.fault("history", city.history, "must be more than 0 s")


def check_patterns(patterns: Iterable[str], key: str, found: Findings) -> None:
    """Note each empty pattern, which would fit nothing."""
    for index, pattern in enumerate(patterns):
        if not pattern.strip():
            found.fault(f"{key}[{index}]", pattern, 'is empty; "*" stands for anything')


def _all(city: CityConfig) -> str:
    return ", ".join(city.city.languages)
