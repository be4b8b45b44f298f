"""The audit trail: its chain, its files and checkpoints, and what `server.py audit` finds in it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
import redis

from tests.cities import ENV, write_city
from tests.running import server, until
from wallboard import audit
from wallboard.audit_check import Place, Trail, verify
from wallboard.audit_files import AuditWriter, read_lines
from wallboard.commands import run_command
from wallboard.store.keys import Keys

KEY, OTHER = b"k" * 32, b"o" * 32
KEYS = {audit.fingerprint(KEY): KEY}
PEOPLE = ["rina", "budi", "siti", "rina", "admin", "budi", "rina", "siti"]


def chain(number: int = len(PEOPLE), key: bytes = KEY, start: int = 0, digest: str = "") -> list[bytes]:
    lines = []
    for index in range(start, start + number):
        told = {"at": 1_000.0 + index, "what": "alert.ack", "person": PEOPLE[index % len(PEOPLE)]}
        raw, digest = audit.chained(key, digest, index, told)
        lines.append(raw)
    return lines


def of(line: bytes) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(line)
    return decoded


def judged(lines: list[bytes], **more: Any) -> Trail:
    return verify([Place("Redis", lines)], more.pop("keys", KEYS), **more)


def test_a_whole_trail_is_whole() -> None:
    lines = chain()
    trail = judged(lines, head=(8, of(lines[-1])["h"]))
    assert (trail.whole, trail.proved, trail.wrong) == (True, 8, [])
    assert judged([]).whole


def changed(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], lines[3].replace(b'"rina"', b'"budi"'), *lines[4:]]


def removed(lines: list[bytes]) -> list[bytes]:
    return lines[:3] + lines[4:]


def swapped(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], lines[4], lines[3], *lines[5:]]


def renumbered(lines: list[bytes]) -> list[bytes]:
    """Swapped, with the numbers mended."""
    third, fourth = of(lines[3]), of(lines[4])
    return [
        *lines[:3],
        audit.canonical(fourth | {"i": 3}),
        audit.canonical(third | {"i": 4}),
        *lines[5:],
    ]


def doubled(lines: list[bytes]) -> list[bytes]:
    return [*lines[:4], lines[3], *lines[4:]]


def restamped(lines: list[bytes]) -> list[bytes]:
    """Made anew from line 3 on by somebody without the key."""
    return lines[:3] + chain(5, OTHER, 3, of(lines[2])["h"])


def nonsense(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], b"[]", *lines[4:]]


def told_twice(lines: list[bytes]) -> list[bytes]:
    """Whoever reads or searches the file finds siti first; a JSON reader takes what stands last."""
    return [*lines[:3], b'{"person":"siti",' + lines[3][1:], *lines[4:]]


def spaced(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], lines[3] + b" ", *lines[4:]]


WHEN = "1970-01-01 00:16:43 UTC"


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (changed, [f"line 3 ({WHEN}, alert.ack of budi) was changed"]),
        (removed, ["line 3 is missing between", "line 3 is missing everywhere"]),
        (swapped, [f"line 3 ({WHEN}, alert.ack of rina) stands after line 4"]),
        (renumbered, ["line 3 (1970-01-01 00:16:44 UTC, alert.ack of admin) was changed", "line 4"]),
        (doubled, [f"line 3 ({WHEN}, alert.ack of rina) stands there twice"]),
        (told_twice, [f"line 3 ({WHEN}, alert.ack of rina) is not written as the engine writes"]),
        (spaced, [f"line 3 ({WHEN}, alert.ack of rina) is not written as the engine writes"]),
        (nonsense, ["entry 4 is no line of the audit trail", "line 3 is missing between"]),
    ],
)
def test_a_tampered_line_is_named(tamper: Callable[[list[bytes]], list[bytes]], found: list[str]) -> None:
    lines = chain()
    trail = judged(tamper(lines), head=(8, of(lines[-1])["h"]))
    assert not trail.whole
    for sentence in found:
        assert any(sentence in each for each in trail.wrong), (sentence, trail.wrong)
    # The others are proved, but for those that hang on what is gone.
    assert trail.proved >= 5


def test_lines_of_a_key_that_is_not_here_are_never_called_whole() -> None:
    trail = judged(restamped(chain()))
    assert (trail.whole, trail.proved) == (False, 3)
    assert trail.strange == {audit.fingerprint(OTHER): 5}


def test_two_engines_with_their_own_keys_are_proved_with_both() -> None:
    trail = judged(restamped(chain()), keys=KEYS | {audit.fingerprint(OTHER): OTHER})
    assert (trail.whole, trail.proved) == (True, 8)


def test_a_line_cannot_claim_another_key_than_it_was_hashed_with() -> None:
    lines = chain()
    lines[2] = audit.canonical(of(lines[2]) | {"k": audit.fingerprint(OTHER)})
    trail = judged(lines, keys=KEYS | {audit.fingerprint(OTHER): OTHER})
    assert [sentence.startswith("line 2 ") for sentence in trail.wrong] == [True]


def test_an_end_that_was_cut_off_is_found_by_the_head_and_by_a_checkpoint() -> None:
    lines = chain()
    whole = of(lines[-1])["h"]
    assert "lines 6 to 7 are gone" in "".join(judged(lines[:6], head=(8, whole)).wrong)
    point = audit.checkpoint(KEY, 8, whole, 2_000.0)
    # Whoever can cut the stream can turn back the head; the checkpoint is elsewhere.
    cut = of(lines[5])["h"]
    assert judged(lines[:6], head=(6, cut)).whole
    (sentence,) = judged(lines[:6], head=(6, cut), checkpoints=[point]).wrong
    assert "the checkpoint of 1970-01-01 00:33:20 UTC says 8 lines, here are 6" in sentence


def test_another_trail_of_the_same_length_is_found_by_a_checkpoint() -> None:
    point = audit.checkpoint(KEY, 4, "0" * 64, 2_000.0)
    (sentence,) = judged(chain(), checkpoints=[point]).wrong
    assert sentence.startswith("line 3 ")


def test_a_checkpoint_that_was_changed_is_found() -> None:
    lines = chain()
    point = audit.checkpoint(KEY, 8, of(lines[-1])["h"], 2_000.0)
    shorter = msgspec.structs.replace(point, count=6, hash=of(lines[5])["h"])
    (sentence,) = judged(lines[:6], checkpoints=[shorter]).wrong
    assert "was changed" in sentence


def test_two_places_that_disagree_are_told() -> None:
    lines = chain()
    trail = verify([Place("Redis", lines), Place("files", changed(lines))], KEYS)
    assert any(sentence.startswith("files: line 3 ") for sentence in trail.wrong)


@pytest.mark.parametrize(("was", "now"), [(b'"n":1', b'"n":true'), (b'"n":1', b'"n":1.0')])
def test_what_python_takes_for_equal_is_another_line(was: bytes, now: bytes) -> None:
    line, _ = audit.chained(KEY, "", 0, {"at": 1.0, "what": "x", "n": 1})
    trail = verify([Place("Redis", [line]), Place("files", [line.replace(was, now)])], KEYS)
    assert "is not what another place says" in "".join(trail.wrong)


def test_what_redis_lost_and_the_files_have_is_no_fault_where_the_trail_says_so() -> None:
    lines = chain(5)
    raw, _ = audit.chained(
        KEY, of(lines[-1])["h"], 5, {"at": 9.0, "what": "audit.resumed", "was": 3, "now": 5}
    )
    redis_has, files_have = [*lines[:3], raw], [*lines, raw]
    assert verify([Place("Redis", redis_has, 6), Place("files", files_have)], KEYS).wrong == []
    assert verify([Place("Redis", [*lines[:2], raw], 6), Place("files", files_have)], KEYS).wrong != []


# -- the real thing -------------------------------------------------------------------------------------


def put(state_dir: Path, number: int, person: str = "") -> None:
    """Commands that the engine will refuse, and write down."""
    client = redis.Redis(unix_socket_path=str(state_dir / "redis.sock"))
    for index in range(number):
        command = {"type": "command", "feed": "", "source_id": f"{person}-{index}", "received_at": 1.0}
        command |= {"person": person or "nobody", "action": "alert.ack", "args": {"alert": "x"}}
        client.xadd(Keys("contoh").feed("command"), {"d": msgspec.json.encode(command)})
    client.close()


def files_of(state_dir: Path) -> list[bytes]:
    return [line for path in (state_dir / "audit").glob("*.jsonl") for line in read_lines(path)]


class Said(NamedTuple):
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


def ask(config: Path, state_dir: Path, *words: str) -> Said:
    """`server.py audit …`, in this process: most of its time is its start."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run_command(["audit", *words, "--config", str(config), "--state-dir", str(state_dir)])
    return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The state directory of a city that has ended, with a trail and a checkpoint elsewhere."""
    folder = tmp_path_factory.mktemp("audit")
    config = write_city(folder / "city", '[audit]\ncheckpoints = "../elsewhere.jsonl"\n')
    state_dir = folder / "state"
    with server(state_dir, "--config", str(config), "--role", "all", env=ENV) as running:
        put(state_dir, 5, "eve")
        until(lambda: len(files_of(state_dir)) >= 5, "lines in the files")
        # Against a server that runs.
        assert ask(config, state_dir, "verify").returncode == 0
        put(state_dir, 3, "mallory")
        running.stop()
    return config, state_dir


def test_the_last_lines_are_on_disk_and_the_checkpoint_is_told_at_a_clean_stop(
    ended: tuple[Path, Path],
) -> None:
    config, state_dir = ended
    lines = files_of(state_dir)
    assert [of(line)["i"] for line in lines] == list(range(8))
    (raw,) = (config.parent.parent / "elsewhere.jsonl").read_bytes().splitlines()[-1:]
    assert msgspec.json.decode(raw, type=audit.Checkpoint).count == 8


def test_the_commands_work_on_a_server_that_has_ended(ended: tuple[Path, Path]) -> None:
    config, state_dir = ended
    told = ask(config, state_dir, "verify")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "8 lines, 8 proved" in told.stdout
    assert "The audit trail is whole." in told.stdout
    shown = ask(config, state_dir, "show", "--person", "mallory").stdout.splitlines()
    assert len(shown) == 3
    assert all(" mallory alert.ack refused " in line for line in shown)
    assert ask(config, state_dir, "show", "--to", "1999-01-01").stdout == ""


def test_a_line_that_somebody_changes_on_disk_is_named(ended: tuple[Path, Path]) -> None:
    config, state_dir = ended
    (path,) = (state_dir / "audit").glob("*.jsonl")
    before = path.read_bytes()
    path.write_bytes(before.replace(b'"eve"', b'"bob"', 1))
    try:
        told = ask(config, state_dir, "verify")
    finally:
        path.write_bytes(before)
    assert told.returncode == 1
    assert "line 0 (" in told.stdout
    assert "NOT WHOLE" in told.stdout


def test_without_its_key_nothing_is_called_whole(ended: tuple[Path, Path], tmp_path: Path) -> None:
    config, _ = ended
    told = ask(config, tmp_path, "verify")
    assert told.returncode == 1
    assert "No key of the audit trail" in told.stderr


def test_the_writer_goes_on_after_a_torn_line(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    folder.mkdir()
    lines = chain(3)
    (folder / "1970-01.jsonl").write_bytes(b"\n".join(lines) + b"\n" + b'{"at": 1, "i": 3, "wh')
    writer = AuditWriter(tmp_path, "unix:///nowhere", Keys("x"), KEY, None, 60.0)
    assert writer.known() == (3, of(lines[-1])["h"])
    assert read_lines(folder / "1970-01.jsonl") == lines


def test_an_engine_with_another_key_goes_on_and_says_so(tmp_path: Path) -> None:
    config = write_city(tmp_path / "city")
    state_dir = tmp_path / "state"
    with server(state_dir, "--config", str(config), env=ENV) as running:
        put(state_dir, 2, "eve")
        until(lambda: len(files_of(state_dir)) == 2, "lines in the files")
        running.stop()
    old = state_dir / "audit.key"
    old.rename(tmp_path / "old.key")
    with server(state_dir, "--config", str(config), env=ENV) as running:
        put(state_dir, 1, "mallory")
        until(lambda: len(files_of(state_dir)) == 4, "lines in the files")
        running.stop()
        assert "give all engines the same WALLBOARD_AUDIT_KEY_FILE" in running.log.read_text()
    before, after = (audit.fingerprint(path.read_bytes()) for path in (tmp_path / "old.key", old))
    (line,) = [of(raw) for raw in files_of(state_dir) if of(raw)["what"] == "audit.key"]
    assert (line["was"], line["now"], line["k"]) == (before, after, after)
    alone = ask(config, state_dir, "verify")
    assert alone.returncode == 1
    assert f"2 lines have the key {before}, which is not here" in alone.stdout
    both = ask(config, state_dir, "verify", "--key", str(tmp_path / "old.key"))
    assert (both.returncode, "4 lines, 4 proved" in both.stdout) == (0, True)


def test_the_trail_goes_on_after_redis_lost_everything(tmp_path: Path) -> None:
    config = write_city(tmp_path / "city")
    state_dir = tmp_path / "state"
    with server(state_dir, "--config", str(config), env=ENV) as running:
        put(state_dir, 3, "eve")
        until(lambda: len(files_of(state_dir)) == 3, "lines in the files")
        running.stop()
    shutil.rmtree(state_dir / "appendonlydir")
    with server(state_dir, "--config", str(config), env=ENV) as running:
        put(state_dir, 2, "mallory")
        until(lambda: len(files_of(state_dir)) == 6, "lines in the files")
        running.stop()
    lines = [of(raw) for raw in files_of(state_dir)]
    assert [line["i"] for line in lines] == list(range(6))
    assert (lines[3]["what"], lines[3]["was"]) == ("audit.resumed", 0)
    told = ask(config, state_dir, "verify")
    assert (told.returncode, "6 lines, 6 proved" in told.stdout) == (0, True), told.stdout


def test_a_line_removed_from_redis_alone_is_found(tmp_path: Path) -> None:
    config = write_city(tmp_path / "city")
    state_dir = tmp_path / "state"
    with server(state_dir, "--config", str(config), env=ENV):
        put(state_dir, 4, "eve")
        until(lambda: len(files_of(state_dir)) == 4, "lines in the files")
        client = redis.Redis(unix_socket_path=str(state_dir / "redis.sock"))
        key = Keys("contoh").audit
        ids: list[Any] = [id for id, _ in client.xrange(key)]  # type: ignore[union-attr]
        client.xdel(key, ids[1])
        told = ask(config, state_dir, "verify")
        assert told.returncode == 1
        assert "Redis: line 1 is missing between line 0 (" in told.stdout
        client.xdel(key, ids[3])
        told = ask(config, state_dir, "verify")
        assert "Redis: the end was cut off after line 2 (" in told.stdout
        client.close()
