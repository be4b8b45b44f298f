"""Times as the sources write them, to seconds since 1970 (UTC).

One source writes ISO 8601 with an offset, the next RFC 822, epoch milliseconds, or "20 Agustus 2021 07:15"
and leaves the zone to the reader. What had no zone is read in the feed's own, and flagged.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: An epoch number below this is in seconds (year 5138), below 1000 times this in milliseconds, and so on.
_SECONDS_BELOW = 1e11

#: The longest real time text has 40 characters; a hostile one is not searched.
_MAX_TEXT = 80

#: Indonesian and English month names by their first letters; the longer spellings begin with these.
_MONTHS = {
    "jan": 1, "feb": 2, "peb": 2, "mar": 3, "apr": 4, "mei": 5, "may": 5, "jun": 6, "jul": 7,
    "agu": 8, "ags": 8, "agt": 8, "aug": 8, "sep": 9, "okt": 10, "oct": 10, "nov": 11, "nop": 11,
    "des": 12, "dec": 12,
}  # fmt: skip

#: Hours east of Greenwich of the zone names in use: Indonesia's three, and those of RFC 822, section 5.1.
_ZONES = {
    "wib": 7, "wita": 8, "wit": 9, "z": 0, "ut": 0, "utc": 0, "gmt": 0,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip

_CLOCK = r"(?P<h>\d{1,2})[:.](?P<m>\d{2})(?:[:.](?P<s>\d{2})(?:[.,](?P<f>\d+))?)?(?:\s*(?P<half>[ap]m)\b)?"
_ZONE = r"(?P<zone>[a-z]{1,5}|(?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?)"
_REST = rf"(?:,?\s+(?:(?:pukul|jam|pkl\.?|-)\s+)?{_CLOCK}(?:\s*{_ZONE})?)?$"

#: [Kamis, ]20 Agustus 2021[ 07:15[:20][ WIB]]: RFC 822 has the same order.
_WORDY = re.compile(
    rf"^(?:[a-z']+\.?,?\s+)?(?P<day>\d{{1,2}})[\s-]+(?P<month>[a-z]{{3,9}})\.?,?[\s-]+(?P<year>\d{{4}}|\d{{2}}){_REST}"
)
#: 20/8/2021 and 20-08-2021: the day comes first, as Indonesia writes it.
_FIGURES = re.compile(
    rf"^(?P<day>\d{{1,2}})(?P<sep>[/.-])(?P<month>\d{{1,2}})(?P=sep)(?P<year>\d{{4}}){_REST}"
)
#: 2021-08-20[T ]07:15[:20[.123]][ zone]; also 2021/08/20.
_ISO = re.compile(
    rf"^(?P<year>\d{{4}})(?P<sep>[-/])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})"
    rf"(?:(?:t|\s+){_CLOCK}(?:\s*{_ZONE})?)?$"
)
_COMPACT = re.compile(
    r"^(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?:t?(?P<h>\d\d)(?P<m>\d\d)(?P<s>\d\d)?)?"
    rf"(?:\s*{_ZONE})?$"
)
_NUMBER = re.compile(r"^[+-]?\d+(?:\.\d+)?$")


def parse_time(text: str | int | float, zone: tzinfo) -> tuple[float, tuple[str, ...]]:
    """Return (seconds since 1970 UTC, flags) of a time that a source wrote.

    Reads ISO 8601, RFC 822, YYYYMMDD[hhmmss], Indonesian and English dates with an optional WIB, WITA or WIT,
    day/month/year, and epoch numbers (seconds, milliseconds, microseconds: told apart by their size).
    Flags: "no_zone" (`zone` was assumed), "before_1970". Raises ValueError with a short reason.
    """
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        raise ValueError(f"a {type(text).__name__} is not a time")
    if isinstance(text, int | float):
        try:
            return _flagged(_of_number(float(text)), had_zone=True)
        except OverflowError:
            raise ValueError("the number is too large for a time") from None
    written = " ".join(text[: _MAX_TEXT + 1].split()).lower()
    if not written or len(written) > _MAX_TEXT:
        raise ValueError("no time is given" if not written else "too long for a time")
    match = _ISO.match(written) or _COMPACT.match(written) or _WORDY.match(written) or _FIGURES.match(written)
    if match is None:
        if _NUMBER.match(written):
            return _flagged(_of_number(float(written)), had_zone=True)
        raise ValueError(f"{text[:_MAX_TEXT]!r} is not a time in a known form")
    parts = match.groupdict()
    try:
        return _flagged(_of_parts(parts, zone), had_zone=parts.get("zone") is not None)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text[:_MAX_TEXT]!r} is not a time: {error}") from None


def _of_number(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError("the number is not finite")
    for scale in (1.0, 1e3, 1e6):
        if abs(number) < _SECONDS_BELOW * scale:
            return number / scale
    raise ValueError(f"{number:g} is too large for a time")


def _of_parts(parts: dict[str, str | None], zone: tzinfo) -> float:
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") == 2:
        year += 2000 if year < 50 else 1900  # RFC 2822, section 4.3
    hour = int(parts.get("h") or 0)
    half = parts.get("half")
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(f"there is no {hour} {half}")
        hour = hour % 12 + (12 if half == "pm" else 0)
    minute, second = int(parts.get("m") or 0), int(parts.get("s") or 0)
    # 24:00 is the end of the day in ISO 8601, and 23:59:60 a leap second: both are the next day's start.
    extra = timedelta()
    if (hour, minute, second) == (24, 0, 0):
        hour, extra = 0, timedelta(days=1)
    elif second == 60:
        second, extra = 59, timedelta(seconds=1)
    moment = datetime(year, _month(parts["month"] or ""), int(parts["day"] or 0), hour, minute, second)
    named = parts.get("zone")
    aware = moment.replace(tzinfo=zone if named is None else _zone(named))
    return (aware - _EPOCH + extra).total_seconds() + float(f"0.{parts.get('f') or 0}")


def _month(written: str) -> int:
    if written.isdigit():
        return int(written)
    try:
        return _MONTHS[written[:3]]
    except KeyError:
        raise ValueError(f"there is no month {written!r}") from None


def _zone(written: str) -> timezone:
    name = written.removeprefix("utc").removeprefix("gmt") or "z"
    if name[0] in "+-":
        digits = name[1:].replace(":", "")
        hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
        if hours > 14 or minutes > 59:  # the widest in use is Kiribati's +14:00
            raise ValueError(f"the offset {name} is not possible")
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if name[0] == "-" else offset)
    try:
        return timezone(timedelta(hours=_ZONES[name]))
    except KeyError:
        raise ValueError(f"the zone {written.upper()!r} is not known") from None


def _flagged(seconds: float, *, had_zone: bool) -> tuple[float, tuple[str, ...]]:
    flags = () if had_zone else ("no_zone",)
    return seconds, (*flags, "before_1970") if seconds < 0 else flags
