"""Keys of the installation: made once, whole, and never taken when they are not."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from wallboard.errors import WallboardError
from wallboard.keyfile import KEY_BYTES, load_key


def test_a_key_is_made_once_and_for_nobody_else(tmp_path: Path) -> None:
    key = load_key(tmp_path, "audit")
    assert len(key) == KEY_BYTES
    assert load_key(tmp_path, "audit") == key
    assert load_key(tmp_path, "callers") != key
    assert stat.S_IMODE((tmp_path / "audit.key").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["audit.key", "callers.key"]


def test_a_named_file_is_used_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = tmp_path / "elsewhere"
    named.write_bytes(b"k" * KEY_BYTES + b"\n")
    monkeypatch.setenv("WALLBOARD_AUDIT_KEY_FILE", str(named))
    assert load_key(tmp_path, "audit") == b"k" * KEY_BYTES


def test_an_empty_or_short_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "audit.key").write_bytes(b"")
    with pytest.raises(WallboardError, match="holds 0 bytes"):
        load_key(tmp_path, "audit")
