"""wallboard/engine/reviews.py: marked calls are chosen, answered for, scored, and leave."""

from __future__ import annotations

from typing import Any

import pytest

from tests.people import ask, settle_in
from tests.test_calls import DAY, START, play
from tests.test_marks import PAGI, SHIFTS, figures, review
from tests.worlds import Book, small_world
from wallboard.access import LOCAL_SCREEN, may_see
from wallboard.engine import reduce, reviews
from wallboard.engine.world import World
from wallboard.entities import Review

QUALITY = {
    "question": [
        {"code": "greeting", "text": {"id": "Salam", "en": "Greeting"}, "points": 5},
        {"code": "place", "text": {"id": "Lokasi", "en": "Place"}, "points": 15},
    ]
}
GOOD = {"greeting": 5, "place": 12}


def marked(*calls: str, **config: Any) -> World:
    """The day of test_calls with some calls marked."""
    world = small_world(shift=SHIFTS, **{"quality": QUALITY, **config})
    world.now = START - 1  # else every midnight since 1970 would pass
    settle_in(world)
    play(DAY, 100, world)
    for call in calls or ("1",):
        ask(world, "operator", "call.mark", call=f"ami/{call}", mark="emergency")
    return world


def test_a_marked_call_is_chosen_for_training_and_taken_off_again() -> None:
    world = marked()
    assert ask(world, "quality", "call.choose", call="ami/1", training=True)["status"] == "done"
    assert (review(world).chosen_by, review(world).training) == ("quality", True)
    ask(world, "supervisor", "call.choose", call="ami/1")
    assert (review(world).chosen_by, review(world).training) == ("quality", False)
    ask(world, "supervisor", "call.choose", call="ami/1", chosen=False)
    assert (review(world).chosen_by, review(world).training) == ("", False)


def test_a_call_that_nobody_marked_is_not_chosen() -> None:
    world = marked()
    assert ask(world, "quality", "call.choose", call="ami/2")["reason"] == "no_such_thing"


def test_a_review_scores_the_share_of_points_and_counts_in_the_shift() -> None:
    world = marked("1", "2")
    answer = ask(world, "quality", "call.review", call="ami/1", answers=GOOD, remark=" Baik. ")
    assert answer["status"] == "done"
    done = review(world)
    assert (done.score, done.reviewed_by, done.reviewed_at, done.remark) == (
        *(0.85, "quality", START + 100, "Baik."),
    )
    ask(world, "supervisor", "call.review", call="ami/2", answers={"greeting": 0, "place": 0})
    assert (figures(world)["reviewed"], figures(world)["score"]) == (2, 0.425)


def test_a_second_review_replaces_the_first_and_is_counted_once() -> None:
    world = marked()
    ask(world, "quality", "call.review", call="ami/1", answers=GOOD)
    ask(world, "supervisor", "call.review", call="ami/1", answers={"greeting": 5, "place": 15})
    assert (figures(world)["reviewed"], figures(world)["score"]) == (1, 1.0)
    line = world.draft().audit[-1]
    assert (line["before"]["score"], line["after"]["score"]) == (0.85, 1.0)


@pytest.mark.parametrize(
    "answers",
    [
        None,
        {},
        {"greeting": 5},
        {**GOOD, "other": 1},
        {**GOOD, "place": 16},
        {**GOOD, "place": -1},
        {**GOOD, "place": 2.5},
        {**GOOD, "place": True},
        [5, 12],
    ],
)
def test_answers_that_fit_no_question_are_refused(answers: Any) -> None:
    world = marked()
    answer = ask(world, "quality", "call.review", call="ami/1", answers=answers)
    assert answer["reason"].startswith("bad_args: answers")
    assert review(world).score is None


def test_without_questions_there_is_no_form() -> None:
    world = marked(quality={"question": []})
    assert ask(world, "quality", "call.review", call="ami/1", answers={})["reason"] == "no_questions"


@pytest.mark.parametrize("person", ["operator", "agency", "leader", "helpdesk", "admin"])
def test_others_neither_choose_nor_review(person: str) -> None:
    world = marked()
    assert ask(world, person, "call.choose", call="ami/1")["reason"] == "forbidden"
    assert ask(world, person, "call.review", call="ami/1", answers=GOOD)["reason"] == "forbidden"


def test_a_wall_shows_no_review() -> None:
    assert not may_see(LOCAL_SCREEN, "review", review(marked()).scope)


def test_a_mark_after_the_review_leaves_it_standing() -> None:
    world = marked()
    ask(world, "quality", "call.review", call="ami/1", answers=GOOD)
    ask(world, "supervisor", "call.mark", call="ami/1", mark="complaint")
    assert (review(world).mark, review(world).score) == ("complaint", 0.85)


def test_a_review_leaves_after_thirty_days() -> None:
    world = marked()
    reduce.apply(world, [], START + reviews.KEPT_S - 1)
    assert world.get(Review, "ami/1") is not None
    reduce.apply(world, [], START + reviews.KEPT_S)
    assert world.get(Review, "ami/1") is None


@pytest.mark.parametrize("restarted", [False, True])
def test_of_too_many_the_oldest_that_nobody_chose_leaves_first(
    restarted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviews, "MAX_REVIEWS", 3)
    world = marked("1", "2", "3")
    ask(world, "quality", "call.choose", call="ami/1")
    ask(world, "quality", "call.review", call="ami/2", answers=GOOD)
    if restarted:
        book = Book()
        book.commit(world)
        world = book.reopened(world.now, shift=SHIFTS, quality=QUALITY)
        settle_in(world)
    left = []
    for call in ("4", "5"):
        ask(world, "operator", "call.mark", call=f"ami/{call}", mark="emergency")
        left.append(sorted(one.id[-1] for one in world.all(Review)))
    assert left == [["1", "2", "4"], ["1", "2", "5"]]
    assert figures(world, PAGI)["reviewed"] == 1
