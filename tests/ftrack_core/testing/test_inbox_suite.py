"""The contract suite of event inboxes sees each kind of wrong inbox."""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest

from ftrack_backends.event_inboxes._sqlite import SqliteEventInbox
from ftrack_core.errors import EventInboxError
from ftrack_core.interfaces import IBatchEventInbox, IClock
from ftrack_core.testing import FakeClock
from ftrack_core.testing.suites import EventInboxContract
from ftrack_core.values import Delivery, DeliveryState, Event


class Postponing(SqliteEventInbox):
    """Keeps what comes in memory, and writes it when it is closed."""

    def store_all(self, events: Sequence[tuple[Event, Mapping[str, str]]]) -> int:
        """Later."""
        self.__dict__.setdefault("kept", []).extend(events)
        return sum(len(handlers) for _, handlers in events)

    def close(self) -> None:
        """Now."""
        super().store_all(self.__dict__.pop("kept", []))
        super().close()


class Doubling(SqliteEventInbox):
    """Does not know an event that comes again."""

    def store_all(self, events: Sequence[tuple[Event, Mapping[str, str]]]) -> int:
        """Under another id each time."""
        return super().store_all([(attrs.evolve(event, id=""), handlers) for event, handlers in events])


class Sharing(SqliteEventInbox):
    """Gives a delivery to whoever asks."""

    def claim(self, handlers: Collection[str], worker: str, seconds: float) -> Delivery | None:
        """For no time at all, so that the next one gets it too."""
        return super().claim(handlers, worker, 0.0)


class Holding(SqliteEventInbox):
    """Waits for the dead."""

    def claim(self, handlers: Collection[str], worker: str, seconds: float) -> Delivery | None:
        """For ever."""
        return super().claim(handlers, worker, 1e9)


class Hurrying(SqliteEventInbox):
    """Gives back without a delay."""

    def give_back(self, delivery: Delivery, error: str, delay_seconds: float = 0.0) -> bool:
        """At once."""
        return super().give_back(delivery, error)


class Repeating(SqliteEventInbox):
    """Never ends a delivery."""

    def acknowledge(self, delivery: Delivery) -> bool:
        """As if it had failed."""
        return super().give_back(delivery, "", 10.0)


class Mixing(SqliteEventInbox):
    """Knows no order."""

    def store_all(self, events: Sequence[tuple[Event, Mapping[str, str]]]) -> int:
        """Without it."""
        return super().store_all([(event, dict.fromkeys(handlers, "")) for event, handlers in events])


class Reversing(SqliteEventInbox):
    """Takes the last one first."""

    def claim(self, handlers: Collection[str], worker: str, seconds: float) -> Delivery | None:
        """By claiming all, and giving back all but one."""
        found = list(iter(lambda: super(Reversing, self).claim(handlers, worker, seconds), None))
        for each in found[:-1]:
            self.give_back(each, "")
        return found[-1] if found else None


class Trusting(SqliteEventInbox):
    """Believes every answer."""

    def acknowledge(self, delivery: Delivery) -> bool:
        """Whoever gives it."""
        for each in self.deliveries("claimed", limit=1000):
            if each.id == delivery.id:
                return super().acknowledge(each)
        return True


class Cleaning(SqliteEventInbox):
    """Throws away what was set aside."""

    def set_aside(self, delivery: Delivery, error: str) -> bool:
        """As if it had gone well."""
        return super().acknowledge(delivery)


class Dropping(SqliteEventInbox):
    """Passes over what is damaged."""

    def deliveries(self, state: DeliveryState, handler: str = "", limit: int = 100) -> Sequence[Delivery]:
        """Without those."""
        return [each for each in super().deliveries(state, handler, limit) if each.event.topic]


class Swallowing(SqliteEventInbox):
    """Keeps what it can, and says nothing of the rest."""

    def store_all(self, events: Sequence[tuple[Event, Mapping[str, str]]]) -> int:
        """One by one."""
        return sum(self._one(each) for each in events)

    def _one(self, event: tuple[Event, Mapping[str, str]]) -> int:
        try:
            return super().store_all([event])
        except EventInboxError:
            return 0


class Forward(SqliteEventInbox):
    """Has marks that go back."""

    def mark(self, name: str, at: float) -> None:
        """By forgetting the one before."""
        self._file.write(lambda it: it.execute("DELETE FROM mark WHERE name = ?", (name,)).rowcount)
        super().mark(name, at)


class BeginningAnew(SqliteEventInbox):
    """Makes a new file in place of one that it cannot read."""

    @classmethod
    def open(cls, path: Any, *arguments: Any, **named: Any) -> SqliteEventInbox:
        """Or another one."""
        try:
            return super().open(path, *arguments, **named)
        except EventInboxError:
            Path(path).unlink()
            return super().open(path, *arguments, **named)


WRONG: list[tuple[type[SqliteEventInbox], list[str]]] = [
    (Postponing, ["c1_another_inbox_on_the_store_has_it_at_once"]),
    (Doubling, ["c2_an_event_is_stored_once_for_each_handler", "c2_also_when_it_was_handled_or_set_aside"]),
    (Sharing, ["c3_a_renewed_claim_holds", "c4_a_claim_that_runs_out_comes_again"]),
    (Holding, ["c4_a_claim_that_runs_out_comes_again", "c5_a_claim_that_runs_out_keeps_its_place"]),
    (Hurrying, ["c4_what_is_given_back_comes_again_when_it_is_due"]),
    (Repeating, ["c4_what_has_ended_does_not_come_again", "c6_an_answer_counts_once"]),
    (Mixing, ["c5_those_of_one_order_come_one_after_the_other", "c5_what_is_replayed_takes_its_place_again"]),
    (Reversing, ["c5_they_come_in_the_order_in_which_they_were_stored"]),
    (
        Trusting,
        [
            "c6_answers_to_a_claim_that_another_has_now_change_nothing",
            "c6_what_was_never_claimed_takes_no_answer",
            "c6_a_claim_from_before_a_replay_is_over",
        ],
    ),
    (Cleaning, ["c7_what_was_set_aside_stays_with_its_error", "c7_it_can_be_replayed_and_removed"]),
    (Dropping, ["c8_one_damaged_event_is_set_aside_and_holds_up_nobody"]),
    (BeginningAnew, ["c8_a_damaged_store_is_told_and_left_as_it_is"]),
    (Swallowing, ["c8_what_cannot_be_kept_is_refused", "c9_all_are_stored_or_none"]),
    (Forward, ["a_mark_is_kept_and_never_set_back"]),
]


def run(kind: type[SqliteEventInbox], name: str, folder: Path) -> None:
    """Run one test of the suite on an inbox of a kind."""

    class Suite(EventInboxContract):
        capabilities = frozenset({IBatchEventInbox})

        def make(self, folder: Path, clock: IClock) -> Any:
            return kind.open(folder / "events.sqlite", clock, 600.0, 1 << 30, 30.0)

        def damage_one(self, folder: Path, event_id: str) -> None:
            with closing(sqlite3.connect(folder / "events.sqlite")) as connection:
                connection.execute("UPDATE event SET content = '{' WHERE id = ?", (event_id,))
                connection.commit()

    suite, clock, made = Suite(), FakeClock(), []

    def opened() -> Any:
        made.append(suite.make(folder / "store", clock))
        return made[-1]

    test: Callable[..., None] = getattr(suite, f"test_{name}")
    offered: dict[str, Callable[[], Any]] = {
        "clock": lambda: clock,
        "opened": lambda: opened,
        "inbox": opened,
        "tmp_path": lambda: folder,
    }
    try:
        test(**{each: offered[each]() for each in inspect.signature(test).parameters})
    finally:
        for each in made:
            each.close()


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in WRONG for name in names])
def test_the_suite_sees_it(kind: type[SqliteEventInbox], name: str, tmp_path: Path) -> None:
    """A green suite would mean nothing."""
    with pytest.raises((AssertionError, AttributeError, ValueError, pytest.fail.Exception)):
        run(kind, name, tmp_path)


@pytest.mark.parametrize("name", sorted({name for _, names in WRONG for name in names}))
def test_the_right_one_passes_the_same_tests(name: str, tmp_path: Path) -> None:
    """What is seen could be a fault of the way in which the tests are run here."""
    run(SqliteEventInbox, name, tmp_path)


def test_each_clause_has_a_wrong_inbox() -> None:
    """A clause that no wrong inbox breaks may be held by a test that cannot fail."""
    clauses = {name.partition("_")[0] for _, names in WRONG for name in names}
    assert {f"c{number}" for number in range(1, 10)} <= clauses
