"""How long a source asks to be left alone (RFC 9110, section 10.2.3)."""

from __future__ import annotations

from datetime import UTC

from feeds.reading.times import parse_time


def retry_after(written: str, date: str = "") -> float | None:
    """Return the seconds that a Retry-After asks for, None when it says nothing useful.

    It holds seconds, or a time; the time is measured against the answer's own `date`, so that a source whose
    clock is wrong is still understood.
    """
    # isascii: "²" is a digit, too, and no number.
    if written.isascii() and written.strip().isdigit() and len(written) < 10:
        return float(written)
    try:
        until, _ = parse_time(written, UTC)
        now, _ = parse_time(date, UTC)
    except ValueError:
        return None
    return max(0.0, until - now)
