"""Who may see an alert, and where it lies, follows its subject: what one agency has is not another's."""

from __future__ import annotations

import msgspec

from wallboard.engine.alerts import suppression
from wallboard.engine.alerts.standing import standing
from wallboard.engine.alerts.subject import scope_of
from wallboard.engine.world import World
from wallboard.entities import KINDS, Alert


def follow(world: World) -> None:
    """Give the alerts on what was touched the scope and the place that it now has."""
    index = standing(world)
    moves: list[tuple[Alert, Alert]] = []
    for kind in KINDS:
        # A district's figures are public; what an alert says of a district is seen by its own people.
        for id in world.touched(kind) if index.subjects and kind != "district" else ():
            entity = world.of_kind(kind).get(id)
            if entity is None or (ids := index.subjects.get(f"{kind}:{id}")) is None:
                continue
            scope, place = scope_of(world, kind, entity), getattr(entity, "place", None)
            for alert in [world.get(Alert, alert_id) for alert_id in ids]:
                if alert is not None and (alert.scope, alert.place) != (scope, place):
                    name = getattr(place, "name", "") or ""
                    moved = msgspec.structs.replace(alert, scope=scope, place=place, district=name)
                    world.put(moved)
                    index.replace(alert, moved)
                    moves.append((alert, moved))
    # When all have moved: what two of one subject are to each other does not change by it.
    for old, new in moves:
        suppression.moved(world, old, new)
