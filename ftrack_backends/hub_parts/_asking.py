"""Questions to others: who waits for their answers, and what ends that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ftrack_core.errors import EventHubConnectionError, EventHubError
from ftrack_core.events import Expected, Replies
from ftrack_core.values import Event

__all__ = ["Asking", "Question"]


class Question:
    """A published event that a thread awaits the first answer to.

    Attributes:
        event: What was published.
    """

    def __init__(self, event: Event) -> None:
        self.event = event
        self._answer: Event | None = None
        self._trouble = ""
        self._refusal = ""
        self._settled = threading.Event()

    def answered(self, reply: Event) -> None:
        """Take note of an answer; the first counts."""
        if not self._settled.is_set():
            self._answer = reply
            self._settled.set()

    def hopeless(self, trouble: str) -> None:
        """Take note of why no answer can come any more."""
        if not self._settled.is_set():
            self._trouble = trouble
            self._settled.set()

    def refused(self, refusal: str) -> None:
        """Take note that nobody will ever see it."""
        if not self._settled.is_set():
            self._refusal = refusal
            self._settled.set()

    def answer(self, timeout_seconds: float) -> Event:
        """Wait for the answer.

        Raises:
            EventHubConnectionError: It did not come in time, or cannot come any more.
            EventHubError: The server refused the event.
        """
        self._settled.wait(timeout_seconds)
        if self._answer is not None:
            return self._answer
        if self._refusal:
            raise EventHubError(f"the server refused the event {self.event.id} ({self.event.topic}): {self._refusal}")
        raise EventHubConnectionError(
            f"the event {self.event.id} ({self.event.topic}) was published, and "
            + (
                f"{self._trouble} before anybody replied; whether it was handled is not known"
                if self._trouble
                else f"nobody replied within {timeout_seconds:g} s; does a subscriber that returns something match "
                "it, and does its hub wait?"
            )
        )


class Asking:
    """All that is asked, and who hears of the answers.

    Thread safety: none; the hub's lock is held.
    """

    def __init__(self) -> None:
        self._replies = Replies()
        self._questions: dict[Question, Expected] = {}

    def expect(self, event: Event, callback: Callable[[Any], object], until: float) -> Expected:
        """Have a function called with every answer to an event, in its turn, until a moment."""
        expected = Expected(event.id, until, callback)
        self._replies.expect(expected)
        return expected

    def forget(self, expected: Expected) -> None:
        """Have it called no more; what is not there is fine."""
        self._replies.forget(expected)

    def ask(self, event: Event, until: float) -> Question:
        """Begin to wait for the first answer to an event, as it comes."""
        question = Question(event)
        self._questions[question] = Expected(event.id, until, question.answered, at_once=True)
        self._replies.expect(self._questions[question])
        return question

    def done(self, question: Question) -> None:
        """End that."""
        self._replies.forget(self._questions.pop(question))

    def answered(self, event: Event, now: float, at_once: bool) -> list[Expected]:
        """Who hears of an answer: as it comes, or in its turn."""
        return self._replies.answered(event, now, at_once)

    def expire(self, now: float) -> None:
        """Give up what nobody answered in time."""
        self._replies.expire(now)

    def refused(self, event_id: str, refusal: str) -> None:
        """Tell those who wait for a first answer to an event that the other end refused it."""
        for question in self._questions:
            if question.event.id == event_id:
                question.refused(refusal)

    def leave(self, trouble: str) -> None:
        """Tell those who wait for a first answer why none can come any more."""
        for question in self._questions:
            question.hopeless(trouble)
