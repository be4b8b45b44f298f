"""Quality assurance: marked calls are chosen, listened to elsewhere, and answered for on a short form.

A Review is made by the mark of its call (calls/marks.py) and ends after 30 days. Of more than MAX_REVIEWS the
oldest that nobody chose leave first; the audit trail and history keep them all.
"""

from __future__ import annotations

import heapq
from typing import Any

import msgspec

from wallboard.access import Person
from wallboard.engine.calls import shifts
from wallboard.engine.calls.shifts import SCORE_PARTS, ShiftFigures
from wallboard.engine.commands import BadArgs, Does, Outcome, refused, text_arg
from wallboard.engine.world import World
from wallboard.entities import Review
from wallboard.events import Command

#: As long as call centres keep recordings for training at least (s).
KEPT_S = 30 * 86400.0

#: 400 bytes each: what a console loads stays under 2 MB.
MAX_REVIEWS = 5_000

#: A remark is a paragraph, no report.
MAX_REMARK_CHARS = 1_000

_INDEX = "reviews"


def call_choose(world: World, command: Command, by: Person) -> Outcome:
    """Put a marked call on the list for review; `training`: as an example. `chosen` false takes it off."""
    review = _review(world, command)
    training, chosen = command.args.get("training", False), command.args.get("chosen", True)
    if not isinstance(training, bool) or not isinstance(chosen, bool):
        raise BadArgs("training, chosen: true or false")
    new = msgspec.structs.replace(
        review, chosen_by=(review.chosen_by or by.id) if chosen else "", training=training and chosen
    )
    return _changed(world, review, new, ("chosen_by", "training"))


def call_review(world: World, command: Command, by: Person) -> Outcome:
    """Answer the form for a marked call; its score is the share of all points (0..1)."""
    review = _review(world, command)
    if not world.city.quality.question:
        return refused("no_questions")
    answers = _answers(world, command.args.get("answers"))
    remark = text_arg(command, "remark", MAX_REMARK_CHARS, needed=False)
    most = sum(question.points for question in world.city.quality.question)
    score = round(sum(answers.values()) / most, 4)
    new = msgspec.structs.replace(
        review, answers=answers, score=score, reviewed_by=by.id, reviewed_at=world.now, remark=remark
    )
    if review.score is not None:
        shifts.add(world, review.joined_at, _counted(review.score), -1)
    shifts.add(world, review.joined_at, _counted(score))
    return _changed(world, review, new, ("answers", "score", "reviewed_by", "remark"))


def _review(world: World, command: Command) -> Review:
    review = world.get(Review, command.args["call"])
    assert review is not None, "commands.py has looked for it"
    return review


def _answers(world: World, given: Any) -> dict[str, int]:
    asked = {question.code: question.points for question in world.city.quality.question}
    if not isinstance(given, dict) or given.keys() != asked.keys():
        raise BadArgs(f"answers: points for each of {', '.join(asked)}")
    for code, points in given.items():
        if type(points) is not int or not 0 <= points <= asked[code]:
            raise BadArgs(f"answers.{code}: a whole number from 0 to {asked[code]}")
    return {code: given[code] for code in asked}


def _counted(score: float) -> ShiftFigures:
    return ShiftFigures(reviewed=1, score=round(score * SCORE_PARTS))


def _changed(world: World, old: Review, new: Review, fields: tuple[str, ...]) -> Outcome:
    if new != old:
        world.put(msgspec.structs.replace(new, at=world.now))
    return Outcome(
        id=old.id,
        before={field: getattr(old, field) for field in fields},
        after={field: getattr(new, field) for field in fields},
    )


def review_due(world: World, review: Review) -> float:
    """When a review is too old."""
    return review.joined_at + KEPT_S


def on_review_due(world: World, id: str) -> None:
    """Drop an old review; history keeps it."""
    world.remove(Review, id)


def load(world: World) -> None:
    """Find out anew in which order reviews would have to leave."""
    world.index[_INDEX] = [_place(review) for review in world.all(Review)]
    heapq.heapify(world.index[_INDEX])


def settle(world: World) -> None:
    """Keep the number of reviews within its bound."""
    places: list[tuple[int, float, str]] = world.index.setdefault(_INDEX, [])
    for id in world.touched("review"):
        review = world.get(Review, id)
        if review is not None:
            heapq.heappush(places, _place(review))
    excess = len(world.of_kind("review")) - MAX_REVIEWS
    while excess > 0:
        place = heapq.heappop(places)
        review = world.get(Review, place[2])
        # Older places of a review that has changed since are passed over.
        if review is not None and _place(review) == place:
            world.remove(Review, review.id)
            excess -= 1
    if len(places) > 4 * MAX_REVIEWS:
        load(world)


def _place(review: Review) -> tuple[int, float, str]:
    """Lowest leaves first: what nobody chose, then what is done, then what is still to be listened to."""
    done = review.reviewed_at is not None
    rank = 1 if done else 2 if review.chosen_by else 0
    return rank, review.joined_at, review.id


COMMANDS = {
    "call.choose": Does(call_choose, "review", "call"),
    "call.review": Does(call_review, "review", "call"),
}
DUE = {"review": review_due}
TIMERS = {"review": on_review_due}
