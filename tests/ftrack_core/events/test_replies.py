"""Who waits for answers, and for how long."""

from __future__ import annotations

from ftrack_core.events import REPLY_TOPIC, Expected, Replies, reply_to
from ftrack_core.values import Event

ASKED = Event("t", "asked", source={"id": "hub"})


def test_an_answer_is_meant_for_the_hub_that_asked() -> None:
    """Every hub of the studio would get every answer."""
    answer = reply_to(ASKED, {"ok": True}, "answer")
    assert (answer.topic, answer.target, answer.in_reply_to_event) == (REPLY_TOPIC, 'id="hub"', "asked")


def test_all_answers_come_until_the_time_is_over() -> None:
    """The second host's menu entries would be missing, or memory would grow with every question."""
    replies, heard = Replies(), list[object]()
    expected = Expected("asked", 10.0, heard.append)
    replies.expect(expected)
    answer = reply_to(ASKED, {}, "answer")
    assert replies.answered(answer, 1.0, at_once=False) == [expected]
    assert replies.answered(answer, 9.9, at_once=False) == [expected]
    assert replies.answered(answer, 9.9, at_once=True) == []
    assert replies.answered(answer, 10.0, at_once=False) == []
    assert len(replies) == 0


def test_what_is_forgotten_gets_nothing_and_others_stay() -> None:
    """One question that is given up would end another."""
    replies = Replies()
    first, second = Expected("asked", 5.0, print), Expected("asked", 7.0, print)
    replies.expect(first)
    replies.expect(second)
    replies.forget(first)
    replies.forget(first)
    assert replies.answered(reply_to(ASKED, {}, "answer"), 6.0, at_once=False) == [second]
    replies.expire(7.0)
    assert len(replies) == 0
