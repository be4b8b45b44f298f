"""What time alone does to an alert: a shelf ends, an acknowledgement lapses, a step is due, it leaves."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from wallboard.engine.alerts.acks import lapse
from wallboard.engine.alerts.aside import shelved_long_enough
from wallboard.engine.alerts.condition import close
from wallboard.engine.alerts.episodes import leave
from wallboard.engine.alerts.escalation import taken
from wallboard.engine.alerts.standing import stands
from wallboard.engine.alerts.transition import by_rule, show
from wallboard.engine.world import World
from wallboard.entities import Alert

#: What ended and nobody saw stays until somebody has; after this long it leaves with an audit line (s). A
#: week: everybody's shift has come round once, and a city in which nobody acknowledges anything does not fill
#: up for ever.
UNSEEN_KEPT_S = 7 * 24 * 3600.0

#: What is over and was seen is kept as "normal", which no wall shows, for this long (s): so who pressed a
#: moment too late is told who was first, and the console can still take down what was done.
NORMAL_KEPT_S = 300.0


def due(world: World, alert: Alert) -> float | None:
    """When time next does something to this alert."""
    return min((at for when, _ in _ACTS if (at := when(world, alert)) is not None), default=None)


def passed(world: World, id: str) -> None:
    """Do all that is due, each once."""
    for when, act in _ACTS:
        alert = world.get(Alert, id)
        if alert is not None and (at := when(world, alert)) is not None and at <= world.now:
            act(world, alert)


def _shelf_ends(world: World, alert: Alert) -> float | None:
    return None if alert.shelved is None else alert.shelved.until


def _ack_lapses(world: World, alert: Alert) -> float | None:
    return alert.ack_lapses_at if alert.state == "acknowledged" else None


def _stale_at(world: World, alert: Alert) -> float | None:
    return alert.since + world.city.alarms.stale if stands(alert) and "stale" not in alert.flags else None


def _grow_stale(world: World, alert: Alert) -> None:
    by_rule(world, alert, msgspec.structs.replace(alert, flags=(*alert.flags, "stale")), "alert.stale")


def _escalates(world: World, alert: Alert) -> float | None:
    return alert.escalates_at


def _escalate(world: World, alert: Alert) -> None:
    show(world, alert, taken(world, alert))


def _leaves_at(world: World, alert: Alert) -> float | None:
    if stands(alert) or alert.ended_at is None:
        return None
    if alert.state == "returned_unacknowledged":
        return alert.ended_at + UNSEEN_KEPT_S
    # What is set aside must be found again by whoever is to end that.
    if alert.shelved is not None or alert.out_of_service is not None:
        return None
    return max(alert.ended_at, alert.acked_at or 0.0) + NORMAL_KEPT_S


def _leave(world: World, alert: Alert) -> None:
    if alert.state == "normal":
        leave(world, alert)
    else:
        close(world, alert, "nobody saw it for a week")


#: when, and what then; in this order where several fall together: what ends first counts for what follows
_ACTS: tuple[tuple[Callable[[World, Alert], float | None], Callable[[World, Alert], None]], ...] = (
    (_shelf_ends, shelved_long_enough),
    (_ack_lapses, lapse),
    (_stale_at, _grow_stale),
    (_escalates, _escalate),
    (_leaves_at, _leave),
)
