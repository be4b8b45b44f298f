"""The worst day that a leaders' page may have to show, and a socket that serves it."""

from __future__ import annotations

import json
import time
from typing import Any

#: As long as names of housing estates and offices get.
LONG = "Perumahan Griya Permata Kencana Blok Anggrek Barat Daya Nomor Seratus Dua Belas "
SEVERITIES = ("danger", "severe", "caution")

State = dict[str, dict[str, Any]]


def storm(now: float) -> State:
    """Everything at once, everywhere, with the longest names."""
    place = {"lon": 110.01, "lat": -5.01, "district": "99.01.01.1001", "name": LONG, "confidence": "inside"}
    cover = [{"code": f"99.01.01.100{n}", "name": LONG, "share": 0.7} for n in range(1, 5)]
    city = {"name": "Kota", "time_zone": "Asia/Jakarta", "received_today": 21_200, "closed_today": 8_300}
    declared = {
        "status": "siaga-1",
        "status_at": now - 600,
        "status_name": f"Dr. Ir. H. {LONG}, M.Si.",
        "status_text": (LONG * 3)[:200],
        "level": {
            "name": {"id": "Siaga I", "en": "Siaga I"},
            "severity": "danger",
            "commander": {"id": LONG, "en": LONG},
            "meaning": {"id": LONG * 2, "en": LONG * 2},
            "instruction": {"id": LONG * 2, "en": LONG * 2},
            "emergency": True,
        },
    }
    sorts = ("hazard_began", "hazard_ended", "agency_late", "agency_caught_up", "price_over")
    news: list[dict[str, Any]] = [
        {"what": "status", "severity": "danger", "worse": True, "texts": {"id": LONG}, "by": LONG},
        *({"what": "alert_raised", "severity": SEVERITIES[n % 3], "texts": {"id": LONG}} for n in range(300)),
        *({"what": "alert_ended", "severity": "severe", "texts": {"id": LONG}} for n in range(9)),
        *(
            {
                "what": what,
                "severity": "severe",
                "name": f"{LONG}{n}",
                "texts": {"id": f"{LONG}{n}"},
                "value": 1.5,
            }
            for what in sorts
            for n in range(9)
        ),
    ]
    windows = {name: {"service_level": 0.31, "answered": 40} for name in ("15m", "hour", "day")}
    kinds: dict[str, list[dict[str, Any]]] = {
        "city": [{**city, **declared}],
        "news": [{**one, "subject": f"x:{n}"} for n, one in enumerate(news)],
        "metric": [{"value": 1463, "figures": {"closed": 41, "usual": 22}}],
        "alert": [
            {"rule": "r", "subject": f"x:{n}", "severity": SEVERITIES[n % 3], "state": "unacknowledged",
             "since": now - n, "texts": {"id": f"{LONG}{n}"}, "place": place} for n in range(300)
        ],
        "incident": [
            {"severity": SEVERITIES[n % 3], "source": {"title": LONG, "opened_at": now - n}, "ours": {},
             "agency": LONG, "place": place, "overdue": ["resolve"]} for n in range(100)
        ],
        "gauge": [
            {"name": f"{LONG}{n}", "value": 900, "severity": "danger", "level": LONG, "observed_at": now,
             "rate_per_h": 40, "place": place, "history": [[now - 3000, 800], [now, 900]]} for n in range(12)
        ],
        "hazard": [
            {"type": "cap", "level": "danger", "where": "city", "texts": {"id": {"headline": LONG * 2}},
             "sent": now, "expires": now + 9000, "districts": cover, "people": 1_393_570, "cameras": 160,
             "incidents": 93} for n in range(9)
        ],
        "agency": [
            {"name": f"{LONG}{n}", "open": 900, "overdue": 900 - n, "overdue_since": now - 90_000,
             "spans": {"7d": {"in_time": 0.14}}} for n in range(14)
        ],
        "price": [
            {"name": f"{LONG}{n}", "commodity": f"c{n}", "price": 167_400, "disparity": 1.18,
             "survey_date": "2026-11-29", "fetched_at": now} for n in range(20)
        ],
        "queue": [{"name": LONG, "waiting": 480, "oldest_joined_at": now - 960, "windows": windows}],
        "feed": [
            {"name": LONG, "kinds": [kind], "state": "failing", "since": now - 900, "reason": LONG * 3}
            for kind in ("queue", "incident", "hazard", "gauge", "price", "camera")
        ],
    }  # fmt: skip
    state: State = {}
    for kind, entities in kinds.items():
        ids = {"city": "city", "metric": "reports.last_hour"}
        named = ((ids.get(kind, f"{kind}{n}"), one) for n, one in enumerate(entities))
        state[kind] = {id: {"id": id, "at": now, **one} for id, one in named}
    return state


def serve(page: Any, state: State | None) -> None:
    """Let the page's socket bring this state and nothing after it; None: not even that."""

    def opened(socket: Any) -> None:
        hello = {"type": "hello", "session": "s", "node": "n", "epoch": "e", "server_time": time.time()}
        socket.send(json.dumps({**hello, "protocol": "wallboard.v1", "limits": {}}))

        def told(message: str | bytes) -> None:
            frame = json.loads(message)
            if frame["type"] == "subscribe" and state is not None:
                snapshot = {"type": "snapshot", "epoch": "e", "pos": 1, "at": time.time(), "view_id": "v"}
                socket.send(json.dumps({**snapshot, "state": state, "part": 1, "parts": 1, "reason": ""}))

        socket.on_message(told)

    page.route_web_socket("**/ws", opened)
