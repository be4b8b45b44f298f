"""`rules try` over recorded commits, and `rules list`."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.cities import ENV, write_city
from tests.running import ROOT, START_S
from tests.worlds import MIDDLES, small_world
from wallboard.engine import reduce
from wallboard.engine.world import World
from wallboard.entities import KIND_OF, KINDS, Alert
from wallboard.errors import WallboardError
from wallboard.events import GaugeRead
from wallboard.ground import Ground, prepare
from wallboard.history import Checkpoint
from wallboard.rules_try import Asked, Played, list_rules, play, try_rules
from wallboard.settings import read_city
from wallboard.store.commits import WallEntry

START = 1_790_042_400.0
RULES = """
[[rule]]
id = "tinggi"
type = "threshold"
kind = "gauge"
field = "value"
above = 100
severity = "danger"
on_delay = 20
text = { id = "{name} {value}", en = "{name} {value}" }
instruction = { id = "Periksa", en = "Check" }
[[rule]]
id = "naik"
type = "rate"
kind = "gauge"
field = "value"
above = 30
within = "1min"
severity = "caution"
text = { id = "{name} naik {value}", en = "{name} rises {value}" }
[[rule]]
id = "lama"
type = "threshold"
kind = "gauge"
field = "value"
above = 1
severity = "caution"
until = "2020-01-01"
text = { id = "x", en = "x" }
"""
VALUES = (90, 95, 120, 130, 130, 90, 80, 150, 150, 150)


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_city(tmp_path, RULES)


def record(folder: Path, config: Path, *, split: int = 4, gap: bool = False) -> list[Alert]:
    """A city runs for a while and is recorded; the alerts that its own engine raised, in order."""
    rules = msgspec.to_builtins(read_city(config).rule)
    world = small_world(rule=rules)
    reduce.apply(world, [], START)
    world.draft()
    raised: dict[tuple[str, int], Alert] = {}
    lines: list[bytes] = []
    n = 0
    for number, value in enumerate(VALUES):
        at = START + 15 * number
        if number % split == 0:
            _write(folder, lines)
            n += 5 if gap and number else 0
            lines = [_checkpoint(world, n, at)]
        lon, lat = MIDDLES["99.01.01.1001"]
        event = GaugeRead(
            feed="g",
            source_id="a",
            received_at=at,
            observed_at=at,
            name="Gate",
            value=value,
            lon=lon,
            lat=lat,
        )
        for events, now in (([event], at), ([], at + 5), ([], at + 10)):
            reduce.apply(world, events, now)
            n += 1
            changes = [(c.kind, c.id, c.entity, c.was) for c in world.draft().changes]
            lines.append(msgspec.json.encode(WallEntry(n, "e", now, n, changes)))
            raised |= {(a.id, a.episode): a for a in world.all(Alert) if (a.id, a.episode) not in raised}
    _write(folder, lines)
    return list(raised.values())


def _checkpoint(world: World, n: int, at: float) -> bytes:
    state = [
        (KIND_OF[type(entity)], entity.id, msgspec.Raw(msgspec.json.encode(entity)))
        for kind in KINDS
        for entity in world.of_kind(kind).values()
    ]
    return msgspec.json.encode(Checkpoint(n, "e", at, "", state))


def _write(folder: Path, lines: list[bytes]) -> None:
    if lines:
        start = msgspec.json.decode(lines[0], type=Checkpoint)
        moment = datetime.fromtimestamp(start.at, UTC)
        day = folder / "history" / moment.strftime("%Y-%m-%d")
        day.mkdir(parents=True, exist_ok=True)
        name = f"{moment.strftime('%H%M%S')}-{start.n}-1.jsonl.gz"
        (day / name).write_bytes(gzip.compress(b"".join(line + b"\n" for line in lines)))


def ground(config: Path) -> Ground:
    return prepare(read_city(config), config.parent)


def played(config: Path, folder: Path, **asked: Any) -> Played:
    return play(read_city(config), ground(config), Asked(folder, **asked))


def test_what_is_played_is_what_the_engine_raised(config: Path, tmp_path: Path) -> None:
    own = record(tmp_path / "state", config)
    found = played(config, tmp_path / "state")
    assert len(own) >= 3
    assert [(r.rule, r.subject, r.at, r.text) for r in found.raised] == [
        (alert.rule, alert.subject, alert.since, alert.texts["id"]) for alert in own
    ]
    assert (found.gaps, found.commits) == ([], 3 * len(VALUES))


def test_twice_gives_the_same(config: Path, tmp_path: Path) -> None:
    record(tmp_path / "state", config)
    assert played(config, tmp_path / "state") == played(config, tmp_path / "state")


def test_a_gap_in_the_recording_is_named(config: Path, tmp_path: Path) -> None:
    record(tmp_path / "state", config, gap=True)
    assert len(played(config, tmp_path / "state").gaps) == 2


def test_other_rules_raise_other_alerts(config: Path, tmp_path: Path) -> None:
    record(tmp_path / "state", config)
    config.write_text(config.read_text().replace("above = 100", "above = 1000"))
    assert {raised.rule for raised in played(config, tmp_path / "state").raised} == {"naik"}


def test_the_report_names_times_ends_totals_and_load(config: Path, tmp_path: Path) -> None:
    record(tmp_path / "state", config)
    out = io.StringIO()
    assert try_rules(read_city(config), ground(config), Asked(tmp_path / "state", rule="tinggi"), out) == 0
    lines = out.getvalue().splitlines()
    assert lines[0] == "2026-09-22 09:00:00 to 2026-09-22 09:02:25, 30 commits"
    assert lines[1] == "2026-09-22 09:00:50  25 s  danger  tinggi  gauge:g/a"
    assert lines[2] == "    Gate 130"
    assert lines[3].startswith("2026-09-22 09:02:05  stands  danger  tinggi")
    assert lines[-3:-1] == ["2 alerts", "  tinggi: 2"]
    assert lines[-1] == "per 10 min: 2.00 on average, 2 at most, more than 10 in 0 of 1"


def test_a_part_of_the_time_knows_what_stood_before(config: Path, tmp_path: Path) -> None:
    record(tmp_path / "state", config)
    out = io.StringIO()
    asked = Asked(tmp_path / "state", begin=START + 60, end=START + 90)
    try_rules(read_city(config), ground(config), asked, out)
    assert "tinggi  gauge:g/a (stood before)" in out.getvalue()
    assert "\n0 alerts\n" in out.getvalue()


def test_a_segment_that_was_cut_off_is_read_to_its_last_whole_line(config: Path, tmp_path: Path) -> None:
    record(tmp_path / "state", config)
    *_, last = sorted((tmp_path / "state" / "history").glob("*/*.gz"))
    last.write_bytes(last.read_bytes()[:-40])
    assert 12 <= played(config, tmp_path / "state").commits <= 30


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"begin": START + 86400}, "nothing is recorded in that time"),
        ({"end": START - 86400}, "nothing is recorded in that time"),
        ({"begin": START + 60, "end": START}, "--to lies before --from"),
        ({"rule": "tingi"}, "is no rule of this city; did you mean 'tinggi'?"),
    ],
)
def test_what_cannot_be_played_says_why(
    config: Path, tmp_path: Path, asked: dict[str, Any], why: str
) -> None:
    record(tmp_path / "state", config)
    with pytest.raises(WallboardError, match=why.replace("?", r"\?")):
        try_rules(read_city(config), ground(config), Asked(tmp_path / "state", **asked), io.StringIO())


def test_an_empty_history_says_so(config: Path, tmp_path: Path) -> None:
    with pytest.raises(WallboardError, match="there is no history in it"):
        played(config, tmp_path / "state")
    (tmp_path / "state" / "history").mkdir(parents=True)
    with pytest.raises(WallboardError, match="its history is empty"):
        played(config, tmp_path / "state")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "server.py"), "rules", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=START_S, check=False)


def test_the_command_itself(config: Path, tmp_path: Path) -> None:
    record(tmp_path / "state", config)
    where = ("try", "--config", str(config), "--history", str(tmp_path / "state"))
    whole = run(*where, "--from", "2026-09-22T09:00", "--to", "2026-09-22T10:00")
    assert (whole.returncode, whole.stderr) == (0, "")
    assert "  tinggi: 2\n" in whole.stdout
    wrong = run(*where, "--from", "yesterday")
    assert wrong.returncode == 1
    assert "--from 'yesterday' is no time" in wrong.stderr


def test_the_list_has_the_rules_of_the_day_with_their_words(config: Path) -> None:
    out = io.StringIO()
    list_rules(read_city(config), "2026-09-22", out)
    text = out.getvalue()
    assert "tinggi (city): threshold, danger, gauge, value above 100, for 20 s\n" in text
    assert "  id: Periksa\n" in text
    assert "feed-silent (built in): " in text
    assert "lama" not in text
    list_rules(read_city(config), "2019-12-31", out)
    assert "lama (city): threshold, caution, gauge, value above 1, until 2020-01-01" in out.getvalue()
