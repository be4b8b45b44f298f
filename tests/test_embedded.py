"""The embedded Redis: what it leaves on the disk."""

from __future__ import annotations

from pathlib import Path

import redis

from wallboard.store.clients import connect
from wallboard.store.embedded import EmbeddedRedis


def test_what_a_killed_rewrite_left_goes_at_the_next_start_and_nothing_else(tmp_path: Path) -> None:
    """Each kill in the middle of a rewrite left a file of the size of all data, for ever."""
    one = EmbeddedRedis(tmp_path)
    one.start()
    client: redis.Redis = connect(one.url)
    client.set("kept", "x")
    client.close()
    assert one.process is not None
    one.process.kill()
    one.process.wait()
    for left in ("temp-rewriteaof-5212.aof", "temp-rewriteaof-bg-14393.aof", "temp-77.rdb"):
        (tmp_path / left).write_bytes(b"x" * 1000)
    (tmp_path / "notes.aof").write_bytes(b"x")
    one.start()
    try:
        client = connect(one.url)
        assert client.get("kept") == b"x"
        client.close()
        assert [path.name for path in tmp_path.glob("*.[ar][od][fb]")] == ["notes.aof"]
    finally:
        one.stop()
