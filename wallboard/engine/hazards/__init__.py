"""The life of hazard warnings: what is in force, what replaces or ends what, and when it is over.

One entity a message and part, its id "cap/" and a short hash of the CAP key, so the same message through two
feeds, or in two languages, is one. An Update is an entity of its own and takes the place of all that it
references; `chain` joins them. Times are the source's; every timer follows from the entity.
"""

from __future__ import annotations

from typing import Any

import msgspec

from wallboard.engine.hazards import ends as hazard_ends
from wallboard.engine.hazards import inside as hazard_inside
from wallboard.engine.hazards import listed
from wallboard.engine.hazards.area import people_under, where_of
from wallboard.engine.hazards.ends import Ended, Message, end, fate, references_of, short
from wallboard.engine.hazards.group import age, beside, rivals
from wallboard.engine.hazards.parts import Part, holds_until, level_of, parts_of, times_of
from wallboard.engine.order import marks, order_of, seen_at
from wallboard.engine.world import World
from wallboard.entities import MAX_ENTITY_BYTES, Hazard, encoder
from wallboard.events import HazardIssued, Present

#: Warnings shown at a time; a country's worst days have some hundred. What is above is kept with its reason.
MAX_SHOWN = 2_000

#: Geocodes are for consoles; a national alert may list thousands.
MAX_GEOCODES = 40

#: identifier → ids of the entities shown under it
_INDEX = "hazards.identifier"


def issued(world: World, event: HazardIssued) -> None:
    """Show a warning, or end what it ends. A message known already only adds its other languages."""
    if event.msg_type in ("Ack", "Error"):
        return  # answers between senders, nothing for a wall
    if event.thing:
        _list(world, event)
        return
    base = f"cap/{short(event.source_id)}"
    if world.get(Hazard, base) is not None or world.get(Hazard, f"{base}-2") is not None:
        _add_languages(world, base, event)
        return
    me = Message.of(event)
    ended = fate(world, me)
    parts = [] if event.msg_type == "Cancel" else parts_of(event)
    new = [(f"{base}-{number}" if number > 1 else base, part) for number, part in enumerate(parts, 1)]
    live = [(id, part) for id, part in new if ended is None and times_of(part.info, event)[1] > world.now]
    if ended is not None and parts:
        # It is over before it was seen: the tombstone has to last as long as it would.
        end(world, me, ended.how, ended.by, lasts=holds_until(event))
    replaced = bool(live) or (ended is not None and ended.how == "superseded")
    chain = _end_referenced(world, event, base, replaced=replaced)
    for id, part in live:
        if _is_full(world, event):
            return
        _show(world, _entity(world, event, id, part, chain))


def present(world: World, event: Present) -> None:
    """End what a whole list names no more."""
    for hazard in list(listed.unlisted(world.all(Hazard), event)):
        _close(world, hazard, "unlisted", min(event.received_at, world.now))


def _list(world: World, event: HazardIssued) -> None:
    """Show a listed thing as its source has it now."""
    id = listed.id_of(event.feed, event.thing)
    before = world.get(Hazard, id)
    after = listed.renewed(before, _entity(world, event, id, parts_of(event)[0], id), event, world.now)
    if after is not None and (before is not None or not _is_full(world, event)):
        if before is not None and before.identifier != after.identifier:
            _drop(world, id)
        _keep(world, after)


def _is_full(world: World, event: HazardIssued) -> bool:
    if len(world.of_kind("hazard")) < MAX_SHOWN:
        return False
    world.bury(event.feed, f"more than {MAX_SHOWN} warnings at a time", {"message": event.source_id})
    return True


def _end_referenced(world: World, event: HazardIssued, by: str, *, replaced: bool) -> str:
    """End all that the message references; the chain to which it belongs."""
    own = short(event.identifier)
    references = references_of(event)
    chain = own
    if references:
        oldest = references[0].identifier
        known = _named(world, oldest)
        chain = known[0].chain if known else short(oldest)
    how = "cancelled" if event.msg_type == "Cancel" else "superseded"
    for reference in references:
        lasts = 0.0
        for hazard in _named(world, reference.identifier):
            if not Message.of(hazard).is_meant_by(reference):
                continue
            lasts = max(lasts, hazard.expires or 0.0)
            if how == "superseded" and replaced:
                _drop(world, hazard.id)
            else:
                _close(world, hazard, how, min(max(event.sent, hazard.sent), world.now))
        end(world, reference, how, by, lasts)
    if chain != own:
        # What came before this one, and could only guess the chain from its identifier.
        for hazard in list(world.all(Hazard)):
            if hazard.chain == own:
                world.put(msgspec.structs.replace(hazard, chain=chain))
    return chain


def _entity(world: World, event: HazardIssued, id: str, part: Part, chain: str) -> Hazard:
    info = part.info
    onset, expires, flags = times_of(info, event)
    place = where_of(world, part.areas)
    limited = () if event.scope == "Public" else ("not_public",)
    codes = dict.fromkeys(code for area in part.areas for code in area.geocodes)
    hazard = Hazard(
        id=id,
        scope=place.scope,
        at=seen_at(event),
        feed=event.feed,
        flags=tuple(dict.fromkeys((*marks(event), *limited, *flags, *place.flags))),
        order=order_of(event),
        type="cap",
        texts=_sorted(part.texts),
        state="soon" if onset > world.now else "active",
        chain=chain,
        group=event.group,
        sender=event.sender,
        identifier=event.identifier,
        category=info.category,
        status=event.status,
        severity=info.severity,
        urgency=info.urgency,
        certainty=info.certainty,
        level=level_of(info, event.status),
        sent=event.sent,
        onset=onset,
        expires=expires,
        web=info.web,
        geometry=place.geometry,
        geocodes=tuple(codes)[:MAX_GEOCODES],
        districts=place.districts,
        where=place.where,
        people=people_under(world, place.districts),
        message=event.source_id,
    )
    return _small(hazard)


def _show(world: World, hazard: Hazard) -> None:
    """Put a warning beside the others of its group: where two overlap, the newer stands."""
    others = [each for each in world.all(Hazard) if hazard.group and rivals(hazard, each)]
    rest = beside(world, hazard, [each for each in others if age(each) > age(hazard)])
    if rest is None:
        end(world, Message.of(hazard), "superseded", hazard.group, hazard.expires or 0.0)
        return
    _keep(world, rest)
    for older in others:
        if age(older) < age(hazard):
            left = beside(world, older, [hazard])
            if left is None:
                end(world, Message.of(older), "superseded", hazard.id, older.expires or 0.0)
                _drop(world, older.id)
            else:
                world.put(left)


def _add_languages(world: World, base: str, event: HazardIssued) -> None:
    """Texts in languages not known yet; what is known stays, so two feeds cannot take turns."""
    if event.msg_type == "Cancel":
        return
    for number, part in enumerate(parts_of(event), 1):
        hazard = world.get(Hazard, f"{base}-{number}" if number > 1 else base)
        if hazard is None or not set(part.texts) - set(hazard.texts):
            continue
        texts = _sorted({**part.texts, **hazard.texts})
        world.put(_small(msgspec.structs.replace(hazard, texts=texts)))


def _close(world: World, hazard: Hazard, how: Any, at: float) -> None:
    """End a warning; it is shown as ended for a while, without a level."""
    if hazard.state != "ended":
        world.put(msgspec.structs.replace(hazard, state="ended", ended_at=at, ended_by=how, level=None))


def due(world: World, hazard: Hazard) -> float | None:
    """When the next thing happens to a warning or an earthquake: it begins, expires, leaves."""
    if hazard.state == "ended":
        return _leaves(world, hazard)
    if hazard.state == "soon" and hazard.onset is not None:
        return min(hazard.onset, hazard.expires or hazard.onset)
    return hazard.expires


def step(world: World, id: str) -> None:
    """Timer of a hazard."""
    hazard = world.get(Hazard, id)
    if hazard is None:
        return
    if hazard.state == "ended":
        if _leaves(world, hazard) <= world.now:
            _drop(world, id)
    elif hazard.expires is not None and hazard.expires <= world.now:
        _close(world, hazard, "expired", hazard.expires)
    elif hazard.state == "soon":
        world.put(msgspec.structs.replace(hazard, state="active"))


def _leaves(world: World, hazard: Hazard) -> float:
    retention = world.city.retention
    if hazard.type == "quake":
        return hazard.sent + retention.quake
    return (hazard.ended_at or 0.0) + retention.hazard


def load(world: World) -> None:
    """Rebuild the indexes after a reload."""
    index: dict[str, set[str]] = {}
    for hazard in world.all(Hazard):
        index.setdefault(hazard.identifier, set()).add(hazard.id)
    world.index[_INDEX] = index
    for hazard in [hazard for hazard in world.all(Hazard) if hazard.type == "cap"]:
        # The boundaries' numbers of people may be others than before.
        world.put(msgspec.structs.replace(hazard, people=people_under(world, hazard.districts)))
    hazard_inside.load(world)


def settle(world: World) -> None:
    """Count the cameras and open incidents inside."""
    hazard_inside.settle(world)


def _keep(world: World, hazard: Hazard) -> None:
    world.index.setdefault(_INDEX, {}).setdefault(hazard.identifier, set()).add(hazard.id)
    world.put(hazard)


def _drop(world: World, id: str) -> None:
    hazard = world.get(Hazard, id)
    if hazard is None:
        return
    shown: dict[str, set[str]] = world.index.setdefault(_INDEX, {})
    shown.get(hazard.identifier, set()).discard(id)
    if not shown.get(hazard.identifier):
        shown.pop(hazard.identifier, None)
    world.remove(Hazard, id)


def _named(world: World, identifier: str) -> list[Hazard]:
    ids = sorted(world.index.setdefault(_INDEX, {}).get(identifier, ()))
    return [hazard for id in ids if (hazard := world.get(Hazard, id)) is not None]


def _sorted(texts: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(texts.items(), key=lambda pair: (pair[0] != "id", pair[0] != "en", pair[0])))


def _small(hazard: Hazard) -> Hazard:
    """The entity within its bound: words are shortened before a warning is refused for its size."""
    for limit in (500, 100):
        if len(encoder.encode(hazard)) <= MAX_ENTITY_BYTES * 3 // 4:  # room for counts and a longer cut shape
            return hazard
        texts = {
            code: msgspec.structs.replace(
                text, text=text.text[:limit], instruction=text.instruction[:limit], area=text.area[:limit]
            )
            for code, text in hazard.texts.items()
        }
        hazard = msgspec.structs.replace(hazard, texts=texts, geocodes=())
    return hazard


EVENTS = {HazardIssued: issued}
PRESENT = {"hazard": present}
DUE = {"hazard": due, f"mem:{hazard_ends.KIND}": hazard_ends.forget_at}
TIMERS = {"hazard": step, f"mem:{hazard_ends.KIND}": hazard_ends.forget}
MEMORY: dict[str, type] = {hazard_ends.KIND: Ended}
