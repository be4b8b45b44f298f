"""wallboard/web/trouble.py: a store that takes nothing has a name, a time, and words on every board."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import redis

from wallboard.access import LOCAL_SCREEN
from wallboard.errors import StoreDown, StoreError, StoreStuck
from wallboard.hub import Board, Hub
from wallboard.state import Replica
from wallboard.store.clients import translated
from wallboard.views import View
from wallboard.web.trouble import FULL_BYTES, Trouble


class Usage(NamedTuple):
    """As shutil.disk_usage says it."""

    total: int
    used: int
    free: int


def board_of(hub: Hub) -> Board:
    board = Board("s", View("walls", frozenset({"alert"}), LOCAL_SCREEN), "operations")
    hub.join(board)
    return board


def told(board: Board) -> list[Any]:
    told, board.told = board.told, []
    return [json.loads(frame) for frame in told]


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (redis.OutOfMemoryError("command not allowed when used memory > 'maxmemory'"), "memory_full"),
        (redis.ReadOnlyError("You can't write against a read only replica."), "read_only"),
        (redis.ResponseError("OOM command not allowed script: 1a, on @user_script:9."), "memory_full"),
        (
            redis.ResponseError("MISCONF Errors writing to the AOF file: No space left on device"),
            "disk_full",
        ),
        (redis.ResponseError("MISCONF Errors writing to the AOF file: Input/output error"), "disk_fails"),
        (
            redis.ResponseError("MISCONF Redis is configured to save RDB snapshots, but it's unable"),
            "disk_fails",
        ),
        (redis.ResponseError("READONLY You can't write against a read only replica."), "read_only"),
        (redis.exceptions.NoPermissionError("this user has no permissions to run 'xadd'"), "forbids"),
        (redis.ConnectionError("Connection refused"), "away"),
        (redis.TimeoutError("Timeout reading from socket"), "away"),
    ],
)
def test_each_refusal_of_redis_has_a_name(fault: Exception, trouble: str) -> None:
    with pytest.raises(StoreError) as raised, translated():
        raise fault
    assert raised.value.trouble == trouble


def test_boards_are_told_once_what_since_when_and_that_it_is_over() -> None:
    hub = Hub(Replica())
    board, trouble = board_of(hub), Trouble(hub)
    rung: list[str] = []
    board.wake = lambda: rung.append("wake")
    trouble.well()
    assert told(board) == []
    trouble.failed(StoreStuck("full", "memory_full"), 100.0)
    trouble.failed(StoreStuck("full", "memory_full"), 101.0)
    assert told(board) == [{"type": "trouble", "reason": "memory_full", "since": 100.0}]
    assert rung == ["wake"]
    assert trouble.told() == {"reason": "memory_full", "since": 100.0}
    # It goes on, whatever it is called next.
    trouble.failed(StoreDown("no answer"), 102.0)
    assert told(board) == [{"type": "trouble", "reason": "away", "since": 100.0}]
    trouble.well()
    assert told(board) == [{"type": "trouble", "reason": "", "since": 0.0}]
    assert trouble.told() == {}


@pytest.mark.parametrize(
    ("fault", "free", "reason"),
    [
        # An embedded Redis ends at every write to a full disk: nobody hears why but who looks at the disk.
        (StoreDown("Connection refused"), FULL_BYTES - 1, "disk_full"),
        (StoreDown("Connection refused"), FULL_BYTES, "away"),
        (StoreStuck("MISCONF", "disk_fails"), 0, "disk_full"),
        (StoreStuck("OOM", "memory_full"), 0, "memory_full"),
    ],
)
def test_a_full_disk_below_an_embedded_redis_is_seen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: StoreError, free: int, reason: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10 * FULL_BYTES, 0, free))
    trouble = Trouble(Hub(Replica()), tmp_path)
    trouble.failed(fault, 1.0)
    assert trouble.reason == reason


def test_a_directory_that_is_gone_is_no_full_disk(tmp_path: Path) -> None:
    trouble = Trouble(Hub(Replica()), tmp_path / "gone")
    trouble.failed(StoreDown("no answer"), 1.0)
    assert trouble.reason == "away"
