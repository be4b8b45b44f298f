"""Who may see an alert follows its subject: what another agency has now is no more the first one's."""

from __future__ import annotations

import msgspec

from wallboard.engine.alerts.standing import standing
from wallboard.engine.alerts.subject import scope_of
from wallboard.engine.world import World
from wallboard.entities import KINDS, Alert


def follow(world: World) -> None:
    """Give the alerts on what was touched the scope that it now has."""
    subjects = standing(world).subjects
    for kind in KINDS:
        # A district's figures are public; what an alert says of a district is seen by its own people.
        for id in world.touched(kind) if subjects and kind != "district" else ():
            entity = world.of_kind(kind).get(id)
            if entity is None or (ids := subjects.get(f"{kind}:{id}")) is None:
                continue
            scope = scope_of(world, kind, entity)
            for alert in [world.get(Alert, alert_id) for alert_id in ids]:
                if alert is not None and alert.scope != scope:
                    moved = msgspec.structs.replace(alert, scope=scope)
                    world.put(moved)
                    standing(world).replace(alert, moved)
