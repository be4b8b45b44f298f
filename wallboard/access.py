"""Who may see what: the one function for frames, snapshots, HTTP and commands."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from wallboard.entities import KINDS


@dataclass(frozen=True)
class Viewer:
    """A person or screen, cut down to what decides about sight. Equal viewers share their frames."""

    role: str = "screen"
    #: district codes; None: no limit
    districts: frozenset[str] | None = None
    agency: str = ""
    #: whether fields of callers are shown
    clearance: bool = False

    @property
    def key(self) -> str:
        """Equal for viewers who see the same."""
        districts = "*" if self.districts is None else ",".join(sorted(self.districts))
        return f"{self.role}:{districts}:{self.agency}:{int(self.clearance)}"


#: Until log-in exists, whoever reaches the loopback address is a screen of the whole city.
LOCAL_SCREEN = Viewer()

#: Fields that need clearance, by kind.
CLEARED_FIELDS: dict[str, tuple[str, ...]] = {"call": ("caller",)}


def may_see(viewer: Viewer, kind: str, scope: tuple[str, ...]) -> bool:
    """Whether this viewer may see a thing of this kind and scope at all."""
    if kind not in KINDS:
        return False
    if viewer.agency:
        if f"a:{viewer.agency}" in scope or "public" in scope:
            return True
        return kind in ("hazard", "camera", "gauge") and _in_districts(viewer, scope)
    return _in_districts(viewer, scope)


def _in_districts(viewer: Viewer, scope: tuple[str, ...]) -> bool:
    if viewer.districts is None:
        return True
    return any(
        part in ("public", "city") or part[2:] in viewer.districts for part in scope if part[:2] != "a:"
    )


def cut(viewer: Viewer, kind: str, raw: bytes) -> bytes:
    """The entity without the fields that this viewer may not see."""
    fields = CLEARED_FIELDS.get(kind)
    if fields is None or viewer.clearance:
        return raw
    entity = msgspec.json.decode(raw)
    for field in fields:
        entity.pop(field, None)
    return msgspec.json.encode(entity)
