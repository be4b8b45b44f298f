"""History files: every commit, with checkpoints from which the state can be made again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from tests.running import until
from tests.test_engine import KEYS, an_engine, client, committed, put, report, run, store
from wallboard import history
from wallboard.history import Checkpoint, HistoryWriter, read_segment, segments
from wallboard.state import Replica
from wallboard.store.commits import WallEntry
from wallboard.store.embedded import EmbeddedRedis
from wallboard.store.engine import EngineStore

__all__ = ["client", "store"]  # fixtures of the engine's tests


def replayed(files: list[Path]) -> Replica:
    """The state that the last segment leads to."""
    lines = list(read_segment(files[-1]))
    checkpoint = msgspec.json.decode(lines[0], type=Checkpoint)
    replica = Replica()
    whole = [(kind, id, bytes(raw)) for kind, id, raw in checkpoint.state]
    replica.reset(checkpoint.epoch, checkpoint.n, checkpoint.at, checkpoint.n, whole)
    for line in lines[1:]:
        entry = msgspec.json.decode(line, type=WallEntry)
        assert entry.n == replica.n + 1
        replica.apply(entry.n, entry.at, entry.safe_n, entry.changes)
    return replica


def commits(files: list[Path]) -> list[int]:
    """Numbers of all commits in the files."""
    found = []
    for file in files:
        found += [msgspec.json.decode(line, type=WallEntry).n for line in list(read_segment(file))[1:]]
    return found


def state_in_redis(client: redis.Redis, kind: str) -> dict[str, Any]:
    raw: Any = client.hgetall(KEYS.state(kind))
    return {id.decode(): msgspec.json.decode(value) for id, value in raw.items()}


@contextmanager
def writing(folder: Path, server: EmbeddedRedis) -> Iterator[HistoryWriter]:
    writer = HistoryWriter(folder, server.url, KEYS, "rules", keep_s=86400.0)
    try:
        yield writer
    finally:
        writer.close()


def write(writer: HistoryWriter, server: EmbeddedRedis) -> None:
    """All commits that are there now go to disk."""
    with closing(EngineStore(server.url, KEYS)) as reader:
        writer.write(reader)


def test_the_files_lead_to_the_state_that_redis_has(
    store: EmbeddedRedis, client: redis.Redis, tmp_path: Path
) -> None:
    with writing(tmp_path, store) as writer:
        with run(an_engine(store.url)):
            put(store.url, [report("a"), report("b")])
            committed(client, 2)
            write(writer, store)
            put(store.url, [report("c")])
            committed(client, 3)
        write(writer, store)
    files = segments(tmp_path)
    numbers = commits(files)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    replica = replayed(files)
    shown = {id: msgspec.json.decode(entry.raw or b"") for id, entry in replica.of_kind("incident")}
    assert shown == state_in_redis(client, "incident")
    assert writer.highest == replica.n


def test_a_restarted_writer_goes_on_where_the_disk_ends(
    store: EmbeddedRedis, client: redis.Redis, tmp_path: Path
) -> None:
    with run(an_engine(store.url)):
        for number in range(3):
            put(store.url, [report(f"r{number}")])
            committed(client, number + 1)
            with writing(tmp_path, store) as writer:
                write(writer, store)
    numbers = commits(segments(tmp_path))
    assert numbers == sorted(set(numbers))
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_segment_cut_by_a_crash_reads_up_to_its_last_whole_line(
    store: EmbeddedRedis, client: redis.Redis, tmp_path: Path
) -> None:
    with run(an_engine(store.url)):
        put(store.url, [report(f"r{i}") for i in range(50)])
        committed(client, 50)
    with writing(tmp_path, store) as writer:
        write(writer, store)
    (file,) = segments(tmp_path)
    whole = list(read_segment(file))
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    assert list(read_segment(file)) == whole[: len(list(read_segment(file)))]


def test_a_new_segment_begins_with_a_checkpoint_and_old_days_go(
    store: EmbeddedRedis, client: redis.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "SEGMENT_S", 0.0)
    old = tmp_path / "history" / "2001-02-03"
    old.mkdir(parents=True)
    (old / "000000-1-1.jsonl.gz").write_bytes(b"")
    with run(an_engine(store.url)), writing(tmp_path, store) as writer:
        put(store.url, [report("a")])
        committed(client, 1)
        write(writer, store)
    assert not old.exists()
    for file in segments(tmp_path):
        first = next(read_segment(file))
        assert msgspec.json.decode(first, type=Checkpoint).rules == "rules"


def test_the_wall_is_kept_until_it_is_in_history(
    store: EmbeddedRedis, client: redis.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wallboard.engine import engine as module
    from wallboard.engine import term

    monkeypatch.setattr(module, "TRIM_S", 0.01)
    monkeypatch.setattr(term, "WALL_S", 0.0)
    writer = HistoryWriter(tmp_path, store.url, KEYS, "rules", keep_s=86400.0)
    with run(an_engine(store.url, history=writer.cursor)):
        for number in range(120):
            put(store.url, [report(f"r{number}")])
        committed(client, 120)
        before = client.xlen(KEYS.wall)
        assert isinstance(before, int)
        assert before >= 2
        stop = threading.Event()
        monkeypatch.setattr(history, "FLUSH_S", 0.02)
        thread = threading.Thread(target=writer.run, args=(stop,))
        thread.start()
        try:
            # Redis drops whole nodes of its list, a hundred entries each.
            until(lambda: (at := writer.cursor()) != "0-0" and at, "history is written")
            for number in range(200):
                put(store.url, [report(f"s{number}")])
            until(lambda: client.xlen(KEYS.wall) < 200, "the wall is trimmed")
        finally:
            stop.set()
            thread.join(20)
    numbers = commits(segments(tmp_path))
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
