"""The replica: what changed since any position, removals, former scopes."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from wallboard.state import WINDOW_S, Replica


def entity(id: str, scope: tuple[str, ...] = ("city",), value: int = 0) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode({"id": id, "scope": scope, "value": value}))


def fresh() -> Replica:
    replica = Replica()
    replica.reset("e", 0, 0.0, 0, [])
    return replica


def test_what_changed_since_is_newest_first_and_whole() -> None:
    replica = fresh()
    replica.apply(1, 1.0, 1, [("camera", "a", entity("a"), None), ("camera", "b", entity("b"), None)])
    replica.apply(2, 2.0, 2, [("camera", "a", entity("a", value=2), None)])
    assert [key for key, _ in replica.since(0)] == [("camera", "a"), ("camera", "b")]
    assert [key for key, _ in replica.since(1)] == [("camera", "a")]
    assert list(replica.since(2)) == []


def test_a_removal_is_told_within_the_window_and_then_forgotten() -> None:
    replica = fresh()
    replica.apply(1, 1.0, 1, [("camera", "a", entity("a"), None)])
    replica.apply(2, 2.0, 2, [("camera", "a", None, ("city",))])
    ((key, entry),) = replica.since(1)
    assert key == ("camera", "a")
    assert entry.raw is None
    assert entry.former == ((2, ("city",)),)
    assert replica.get("camera", "a") is None
    replica.apply(3, 2.0 + WINDOW_S + 1, 3, [])
    assert list(replica.since(0)) == []
    assert replica.floor == 2


def test_a_former_scope_is_kept_so_that_its_viewers_hear_of_the_end() -> None:
    replica = fresh()
    replica.apply(1, 1.0, 1, [("incident", "a", entity("a", ("d:1",)), None)])
    replica.apply(2, 2.0, 2, [("incident", "a", entity("a", ("d:2",)), ("d:1",))])
    entry = replica.get("incident", "a")
    assert entry is not None
    assert entry.scope == ("d:2",)
    assert entry.former == ((2, ("d:1",)),)


def test_below_the_first_whole_state_nothing_can_be_resumed() -> None:
    replica = Replica()
    replica.reset("e", 40, 1.0, 40, [("camera", "a", bytes(entity("a")))])
    assert replica.floor == 40
    assert list(replica.since(40)) == []


commits = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from("abcd"), st.one_of(st.none(), st.integers(0, 3)), st.sampled_from(["d:1", "d:2"])
        ),
        max_size=4,
    ),
    max_size=12,
)


@given(commits, st.integers(0, 12))
def test_changes_since_any_position_take_an_old_copy_to_the_new_one(
    batches: list[list[tuple[str, int | None, str]]], start: int
) -> None:
    replica = fresh()
    known: dict[str, bytes] = {}
    for n, batch in enumerate(batches, start=1):
        last = {id: (value, scope) for id, value, scope in batch}
        changes = [
            ("camera", id, None if value is None else entity(id, (scope,), value), None)
            for id, (value, scope) in last.items()
        ]
        replica.apply(n, float(n), n, changes)
        if n <= start:
            known = {key[1]: entry.raw for key, entry in replica.all() if entry.raw is not None}
    if start > len(batches):
        return
    for (_, id), entry in replica.since(min(start, len(batches))):
        if entry.raw is None:
            known.pop(id, None)
        else:
            known[id] = entry.raw
    assert known == {key[1]: entry.raw for key, entry in replica.all()}
