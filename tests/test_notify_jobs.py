"""wallboard/notify/jobs.py and words.py: who is tried when, without a socket; words that fit a header."""

from __future__ import annotations

from random import Random
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wallboard.notify.jobs import AT_ONCE, CAP_S, REFUSED_S, Job, Jobs
from wallboard.notify.notice import MAX_RECEIVERS, Notice, Told, decode
from wallboard.notify.words import MAX_SUBJECT, body, subject


def jobs(*notices: Notice) -> Jobs:
    made = Jobs(Random(1))
    for number, notice in enumerate(notices):
        made.add(f"{number}-0", notice, ())
    return made


def mails(number: int) -> list[Notice]:
    return [Notice(id=f"n{each}", at=0.0, email=["a@b.example"]) for each in range(number)]


def names(found: list[Job]) -> list[str]:
    return [job.notice.id for job in found]


def test_a_way_that_works_carries_some_at_once_and_one_that_fails_a_single_one() -> None:
    made = jobs(*mails(10))
    first = list(made.due(0.0))
    assert len(first) == AT_ONCE
    assert list(made.due(0.0)) == []
    for job in first:
        made.failed(job, "refused", 0.0)
    assert len(list(made.due(1000.0))) == 1
    assert list(made.due(1000.0)) == []


def test_after_a_success_all_go_on() -> None:
    made = jobs(*mails(10))
    for job in list(made.due(0.0)):
        made.failed(job, "refused", 0.0)
    (probe,) = made.due(1000.0)
    made.succeeded(probe)
    assert len(list(made.due(1000.0))) == AT_ONCE


def test_waits_grow_to_the_cap_and_follow_what_the_receiver_asks() -> None:
    made = jobs(*mails(1))
    waits, now = [], 0.0
    for _ in range(200):
        (job,) = made.due(now)
        made.failed(job, "refused", now)
        waits.append(job.due - now)
        now = max(job.due, now + 2 * CAP_S)
    assert max(waits[:1]) <= 1.0
    assert CAP_S / 2 < max(waits) <= CAP_S
    (job,) = made.due(now)
    made.failed(job, "later", now, retry_after=300.0)
    assert list(made.due(now + 299.0)) == []
    assert names(list(made.due(now + 300.0))) == ["n0"]


def test_a_refusal_of_one_does_not_slow_down_its_way() -> None:
    made = jobs(*mails(2))
    first, second = made.due(0.0)
    made.refused(first, "no such mailbox", 0.0)
    made.succeeded(second)
    made.add("9-0", Notice(id="late", at=0.0, email=["b@b.example"]), ())
    assert names(list(made.due(0.0))) == ["late"]
    assert names(list(made.due(REFUSED_S))) == ["n0"]
    assert made.failing() == {"email": "no such mailbox"}


def test_webhooks_fail_each_for_itself() -> None:
    made = jobs(Notice(id="1", at=0.0, webhook=["a", "b"]))
    first, second = made.due(0.0)
    made.failed(first, "refused", 0.0)
    made.succeeded(second)
    assert made.failing() == {"webhook:a": "refused"}
    assert made.confirmed("0-0") == ({"webhook:b"}, False)


def test_an_entry_is_whole_when_all_have_confirmed() -> None:
    made = Jobs(Random(1))
    notice = Notice(id="1", at=0.0, webhook=["a"], mqtt=["t", "t"])
    assert made.add("1-0", notice, {"webhook:a", "webhook:of-an-older-configuration"})
    (job,) = made.due(0.0)
    made.succeeded(job)
    assert made.confirmed("1-0") == ({"webhook:a", "mqtt:t"}, True)
    made.drop("1-0")
    assert (len(made), made.knows("1-0"), made.failing()) == (0, False, {})
    assert not made.add("2-0", notice, {"webhook:a", "mqtt:t"})


def test_receivers_are_bounded() -> None:
    notice = Notice(id="1", at=0.0, email=[f"p{number}@b.example" for number in range(200)])
    assert len(list(notice.receivers())) == MAX_RECEIVERS


def test_a_notice_of_a_later_version_is_still_read() -> None:
    raw = msgspec.json.encode({"id": "1", "at": 2.0, "new": [], "alert": {"severity": "severe", "more": 1}})
    assert decode(raw).alert.severity == "severe"


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"id":"1"}', b'{"id":"1","at":0,"email":"a@b"}', b"\xff"])
def test_what_is_no_notice_is_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError):
        decode(raw)


@settings(max_examples=50)
@given(st.text(max_size=200), st.text(max_size=30))
def test_no_words_of_an_alert_end_the_subject_line(words: str, city: str) -> None:
    notice = Notice(id="1", at=0.0, alert=Told(severity="danger", texts={"id": words}))
    line = subject(notice, city)
    assert len(line.splitlines()) == 1
    assert len(line) <= MAX_SUBJECT
    assert line.startswith("[AWAS] ")
    assert "\x00" not in body(notice, ZoneInfo("Asia/Jakarta"))
