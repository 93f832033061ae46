"""The contract of event inboxes."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ftrack_core.errors import EventInboxError
from ftrack_core.interfaces import IBatchEventInbox, IClock, IEventInbox
from ftrack_core.testing._fakes import FakeClock
from ftrack_core.testing.suites._suite import ContractSuite, needs
from ftrack_core.values import Delivery, Event

__all__ = ["EventInboxContract"]

_STORING = """
import itertools
from ftrack_core.values import Event
for number in itertools.count():
    inbox.store(Event(topic="ftrack.update", id=f"{number:032x}", data={"number": number}), {"sync": ""})
    print(number, flush=True)
"""
_KILLED_AFTER = 25


def event(number: int = 1, **data: Any) -> Event:
    """An event with an id of its own."""
    source = {"id": "hub", "user": {"username": "ann", "id": None}}
    return Event(topic="ftrack.update", id=f"{number:032x}", data={"n": number, **data}, source=source, sent="now")


class EventInboxContract(ContractSuite):
    """Subclass it and override `make` and `program`; `damage` and `damage_one` where files are not all there is."""

    interface = IEventInbox
    powers: ClassVar[frozenset[Any]] = frozenset({IBatchEventInbox})

    def make(self, folder: Path, clock: IClock) -> Any:
        """An inbox that keeps its things in a folder, which may not exist yet, and goes by a clock.

        Made again for the same folder, it is another one on the same store. Done deliveries must be remembered for at
        least a minute and at most an hour.
        """
        raise AssertionError(f"override make() so that it gives an inbox in {folder} that goes by {clock}")

    def program(self, folder: Path) -> str:
        """Lines of Python that another process begins with, after which `inbox` is an inbox of a folder."""
        raise AssertionError(f"override program() so that it opens an inbox in {folder}")

    def damage(self, folder: Path) -> None:
        """Make what is kept in a folder unreadable."""
        for path in folder.rglob("*"):
            if path.is_file():
                path.write_bytes(b"\x00 half of something {")

    def damage_one(self, folder: Path, event_id: str) -> None:
        """Make a single stored event unreadable."""
        raise AssertionError(f"override damage_one() so that it damages {event_id} in {folder}")

    @pytest.fixture
    def clock(self) -> FakeClock:
        """Time that passes when the test says so."""
        return FakeClock()

    @pytest.fixture
    def opened(self, tmp_path: Path, clock: FakeClock) -> Iterator[Callable[[], Any]]:
        """Makes inboxes on one store, and closes them in the end."""
        made: list[Any] = []

        def make() -> Any:
            made.append(self.make(tmp_path / "store", clock))
            return made[-1]

        yield make
        for inbox in made:
            inbox.close()

    @pytest.fixture
    def inbox(self, opened: Callable[[], Any]) -> Any:
        """An inbox."""
        return opened()

    def test_it_has_the_shape_it_says(self, inbox: Any) -> None:
        """A caller that passes arguments by name would meet a TypeError."""
        self.check_shape(inbox)

    def test_an_event_comes_out_as_it_went_in(self, inbox: Any) -> None:
        """A handler would see another event than the server sent."""
        odd = event(1, text='ü\u2028"\x00', deep=[[{"a": None}], 1.5, True, 2**70], empty={})
        inbox.store(event=odd, handlers={"sync": "shot 1"})
        found = inbox.claim(handlers=["sync"], worker="farm12:7", seconds=60.0)
        assert found.event == odd
        assert (found.handler, found.order, found.attempt, found.worker) == ("sync", "shot 1", 1, "farm12:7")
        assert (found.state, found.error) == ("claimed", "")

    def test_nobody_gets_what_is_for_others(self, inbox: Any) -> None:
        """A worker would be given deliveries that it has no handler for."""
        inbox.store(event(), {"sync": "", "mail": ""})
        assert inbox.claim(["other"], "w", 60.0) is None
        assert inbox.claim([], "w", 60.0) is None
        assert inbox.claim(["mail", "other"], "w", 60.0).handler == "mail"

    # C1

    def test_c1_what_was_stored_survives_the_death_of_the_process(self, inbox: Any, tmp_path: Path) -> None:
        """Events that a listener had taken would be gone with its process."""
        code = self.program(tmp_path / "store") + _STORING
        command = [sys.executable, "-c", code]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own lines
            assert process.stdout is not None
            told = [process.stdout.readline() for _ in range(_KILLED_AFTER)]
            process.kill()
            told += process.stdout.readlines()
        stored = {each.event.id for each in inbox.deliveries("waiting", limit=100_000)}
        assert {f"{int(line):032x}" for line in told if line.endswith("\n")} <= stored
        assert len(stored) >= _KILLED_AFTER

    def test_c1_another_inbox_on_the_store_has_it_at_once(self, opened: Callable[[], Any]) -> None:
        """A worker would not find what a listener in another process took."""
        opened().store(event(), {"sync": ""})
        assert opened().claim(["sync"], "w", 60.0).event == event()

    # C2

    def test_c2_an_event_is_stored_once_for_each_handler(self, opened: Callable[[], Any]) -> None:
        """Two listeners of one server would have everything handled twice."""
        inbox, other = opened(), opened()
        assert inbox.store(event(), {"sync": "", "mail": ""}) == 2
        assert other.store(event(), {"sync": "", "mail": ""}) == 0
        assert other.store(event(), {"late": "", "mail": ""}) == 1
        assert len(inbox.deliveries("waiting")) == 3

    def test_c2_also_when_it_was_handled_or_set_aside(self, inbox: Any, clock: FakeClock) -> None:
        """An event that comes again after a reconnect would be handled again."""
        inbox.store(event(1), {"sync": ""})
        inbox.acknowledge(inbox.claim(["sync"], "w", 60.0))
        inbox.store(event(2), {"sync": ""})
        inbox.set_aside(inbox.claim(["sync"], "w", 60.0), "no")
        clock.advance(30)
        assert inbox.store(event(1), {"sync": ""}) == 0
        assert inbox.store(event(2), {"sync": ""}) == 0
        assert inbox.claim(["sync"], "w", 60.0) is None

    def test_c2_done_deliveries_are_forgotten_in_the_end(self, inbox: Any, clock: FakeClock) -> None:
        """An inbox would grow for ever."""
        for number in range(300):
            inbox.store(event(number), {"sync": ""})
            inbox.acknowledge(inbox.claim(["sync"], "w", 60.0))
        clock.advance(3601)
        for number in range(1000, 1300):
            inbox.store(event(number), {"sync": ""})
        assert inbox.counts()["sync"]["done"] == 0
        assert inbox.counts()["sync"]["waiting"] == 300

    def test_c2_threads_that_store_the_same_store_it_once(self, opened: Callable[[], Any]) -> None:
        """Two hubs of one process would have events handled twice."""
        inboxes = [opened(), opened()]
        new = _in_threads(4, lambda n: sum(inboxes[n % 2].store(event(i), {"sync": ""}) for i in range(20)))
        assert sum(new) == 20

    # C3

    def test_c3_a_delivery_is_claimed_by_one_at_a_time(self, opened: Callable[[], Any]) -> None:
        """Two workers would handle the same event at the same moment."""
        inboxes = [opened(), opened()]
        for number in range(30):
            inboxes[0].store(event(number), {"sync": ""})

        def work(n: int) -> list[str]:
            return [each.id for each in iter(lambda: inboxes[n % 2].claim(["sync"], f"w{n}", 60.0), None)]

        claimed = [each for of_thread in _in_threads(4, work) for each in of_thread]
        assert len(claimed) == len(set(claimed)) == 30

    def test_c3_a_renewed_claim_holds(self, inbox: Any, clock: FakeClock) -> None:
        """A handler that takes long would be doubled by another worker."""
        inbox.store(event(), {"sync": ""})
        held = inbox.claim(["sync"], "w", 60.0)
        clock.advance(50)
        assert inbox.renew(delivery=held, seconds=60.0)
        clock.advance(50)
        assert inbox.claim(["sync"], "v", 60.0) is None
        assert inbox.acknowledge(delivery=held)

    # C4

    def test_c4_a_claim_that_runs_out_comes_again(self, inbox: Any, clock: FakeClock) -> None:
        """What a worker had when it died would never be handled."""
        inbox.store(event(), {"sync": ""})
        first = inbox.claim(["sync"], "w", 60.0)
        clock.advance(59)
        assert inbox.claim(["sync"], "v", 60.0) is None
        clock.advance(2)
        second = inbox.claim(["sync"], "v", 60.0)
        assert (second.id, second.attempt, second.worker) == (first.id, 2, "v")

    def test_c4_what_is_given_back_comes_again_when_it_is_due(self, inbox: Any, clock: FakeClock) -> None:
        """A retry would come at once, or never."""
        inbox.store(event(), {"sync": ""})
        held = inbox.claim(["sync"], "w", 60.0)
        assert inbox.give_back(delivery=held, error="server is away", delay_seconds=10.0)
        assert inbox.claim(["sync"], "w", 60.0) is None
        clock.advance(10)
        again = inbox.claim(["sync"], "w", 60.0)
        assert (again.id, again.attempt, again.error) == (held.id, 2, "server is away")
        assert inbox.give_back(again, "once more")
        assert inbox.claim(["sync"], "w", 60.0).attempt == 3

    def test_c4_what_has_ended_does_not_come_again(self, inbox: Any, clock: FakeClock) -> None:
        """An event would be handled again and again."""
        inbox.store(event(1), {"sync": ""})
        inbox.store(event(2), {"sync": ""})
        inbox.acknowledge(inbox.claim(["sync"], "w", 60.0))
        inbox.set_aside(inbox.claim(["sync"], "w", 60.0), "no")
        clock.advance(1_000_000)
        assert inbox.claim(["sync"], "w", 60.0) is None

    # C5

    def test_c5_they_come_in_the_order_in_which_they_were_stored(self, inbox: Any) -> None:
        """A status change would be handled before the one that it followed."""
        for number in (5, 1, 4, 2, 3):
            inbox.store(event(number), {"sync": "", "mail": ""})
        for handler in (["sync"], ["mail"]):
            claimed = [inbox.claim(handler, "w", 60.0).event.data["n"] for _ in range(5)]
            assert claimed == [5, 1, 4, 2, 3]

    def test_c5_those_of_one_order_come_one_after_the_other(self, inbox: Any, clock: FakeClock) -> None:
        """Two workers would change the same shot at the same time, or in the wrong order."""
        for number, order in ((1, "shot 1"), (2, "shot 1"), (3, "shot 2"), (4, ""), (5, "shot 1")):
            inbox.store(event(number), {"sync": order})
        first = _claimed(inbox, 1)
        _claimed(inbox, 3)
        _claimed(inbox, 4)
        assert inbox.claim(["sync"], "w", 60.0) is None
        inbox.give_back(first, "later", 10.0)
        assert inbox.claim(["sync"], "w", 60.0) is None
        clock.advance(10)
        inbox.acknowledge(_claimed(inbox, 1))
        inbox.set_aside(_claimed(inbox, 2), "no")
        inbox.acknowledge(_claimed(inbox, 5))

    def test_c5_a_claim_that_runs_out_keeps_its_place(self, inbox: Any, clock: FakeClock) -> None:
        """A later event would overtake the one whose worker died."""
        inbox.store(event(1), {"sync": "shot"})
        inbox.store(event(2), {"sync": "shot"})
        _claimed(inbox, 1)
        clock.advance(61)
        inbox.acknowledge(_claimed(inbox, 1))
        _claimed(inbox, 2)

    def test_c5_orders_of_two_handlers_have_nothing_to_do_with_each_other(self, inbox: Any) -> None:
        """A slow handler would hold up a quick one."""
        inbox.store(event(1), {"sync": "shot", "mail": "shot"})
        inbox.store(event(2), {"sync": "shot", "mail": "shot"})
        assert inbox.claim(["sync"], "w", 60.0).event == event(1)
        inbox.acknowledge(inbox.claim(["mail"], "w", 60.0))
        assert inbox.claim(["mail"], "w", 60.0).event == event(2)

    def test_c5_what_is_replayed_takes_its_place_again(self, inbox: Any) -> None:
        """A replayed event would run beside a later one of its order."""
        for number in (1, 2, 3):
            inbox.store(event(number), {"sync": "shot"})
        aside = _claimed(inbox, 1)
        inbox.set_aside(aside, "no")
        second = _claimed(inbox, 2)
        inbox.replay([aside.id])
        assert inbox.claim(["sync"], "w", 60.0) is None
        inbox.acknowledge(second)
        inbox.acknowledge(_claimed(inbox, 1))
        _claimed(inbox, 3)

    def test_c5_what_was_never_claimed_waits_for_no_clock(self, inbox: Any, clock: FakeClock) -> None:
        """A machine whose clock is set back by a day would handle nothing of what it has for a day."""
        for number, order in ((1, ""), (2, "shot"), (3, "shot"), (4, "")):
            inbox.store(event(number), {"sync": order})
        clock.advance(-86_400)
        assert inbox.next_due(["sync"]) <= clock.now()
        for number in (1, 2, 3, 4):
            inbox.acknowledge(_claimed(inbox, number))

    # C6

    def test_c6_an_answer_counts_once(self, inbox: Any) -> None:
        """Two answers to one claim would leave the delivery as the later one says."""
        for number, answer in enumerate(_answers(inbox)):
            inbox.store(event(number), {"sync": ""})
            held = inbox.claim(["sync"], "w", 60.0)
            assert inbox.acknowledge(held)
            assert not answer(held)
        assert inbox.counts()["sync"] == {"waiting": 0, "claimed": 0, "done": 4, "set aside": 0}

    def test_c6_answers_to_a_claim_that_another_has_now_change_nothing(self, inbox: Any, clock: FakeClock) -> None:
        """A worker that hung would end what another one is handling."""
        inbox.store(event(), {"sync": ""})
        lost = inbox.claim(["sync"], "w", 60.0)
        clock.advance(61)
        held = inbox.claim(["sync"], "w", 60.0)
        assert [answer(lost) for answer in _answers(inbox)] == [False] * 4
        assert inbox.deliveries("claimed") == (held,) or list(inbox.deliveries("claimed")) == [held]
        assert inbox.acknowledge(held)

    def test_c6_a_given_back_one_takes_no_more_answers(self, inbox: Any) -> None:
        """A late acknowledgement would end a delivery that was to be tried again."""
        inbox.store(event(), {"sync": ""})
        held = inbox.claim(["sync"], "w", 60.0)
        inbox.give_back(held, "later")
        assert [answer(held) for answer in _answers(inbox)] == [False] * 4
        assert inbox.claim(["sync"], "w", 60.0).error == "later"

    def test_c6_who_is_late_and_first_may_answer(self, inbox: Any, clock: FakeClock) -> None:
        """What was handled, a little too slowly, would be handled again though nobody else had begun."""
        inbox.store(event(), {"sync": ""})
        held = inbox.claim(["sync"], "w", 60.0)
        clock.advance(61)
        assert inbox.claim(["mail"], "w", 60.0) is None
        assert inbox.acknowledge(held)
        assert inbox.claim(["sync"], "w", 60.0) is None

    def test_c6_what_was_never_claimed_takes_no_answer(self, inbox: Any) -> None:
        """A listing would be enough to end a delivery that nobody handled."""
        inbox.store(event(), {"sync": ""})
        (waiting,) = inbox.deliveries("waiting")
        assert [answer(waiting) for answer in _answers(inbox)] == [False] * 4
        assert len(inbox.deliveries("waiting")) == 1

    def test_c6_a_claim_from_before_a_replay_is_over(self, inbox: Any) -> None:
        """A worker of long ago would end what was replayed by a person."""
        inbox.store(event(), {"sync": ""})
        old = inbox.claim(["sync"], "w", 60.0)
        inbox.set_aside(old, "no")
        inbox.replay([old.id])
        new = inbox.claim(["sync"], "w", 60.0)
        assert not inbox.acknowledge(old)
        assert inbox.acknowledge(new)

    # C7

    def test_c7_what_was_set_aside_stays_with_its_error(self, opened: Callable[[], Any], clock: FakeClock) -> None:
        """A person who comes on Monday would not find what failed on Friday."""
        inbox = opened()
        inbox.store(event(), {"sync": ""})
        inbox.set_aside(delivery=inbox.claim(["sync"], "w", 60.0), error="KeyError: 'ü'")
        inbox.close()
        clock.advance(60 * 24 * 3600)
        other = opened()
        for number in range(1000, 1300):
            other.store(event(number), {"mail": ""})
        (aside,) = other.deliveries(state="set aside", handler="sync", limit=10)
        assert (aside.event, aside.error, aside.attempt) == (event(), "KeyError: 'ü'", 1)

    def test_c7_it_can_be_replayed_and_removed(self, inbox: Any) -> None:
        """After the handler was put right, its events could not be handled."""
        for number in (1, 2, 3):
            inbox.store(event(number), {"sync": ""})
        for _ in range(2):
            inbox.set_aside(inbox.claim(["sync"], "w", 60.0), "no")
        first, second = inbox.deliveries("set aside")
        (waiting,) = inbox.deliveries("waiting")
        assert inbox.replay(ids=[first.id, waiting.id, "nobody", "99999"]) == 1
        again = inbox.claim(["sync"], "w", 60.0)
        assert (again.id, again.attempt) == (first.id, 1)
        assert inbox.remove(ids=[second.id, waiting.id, again.id, "nobody"]) == 1
        assert inbox.deliveries("set aside") in ((), [])
        assert inbox.store(event(2), {"sync": ""}) == 1

    def test_c7_what_is_done_can_be_replayed_too(self, inbox: Any) -> None:
        """A handler that did the wrong thing could not be run again on what it saw."""
        inbox.store(event(), {"sync": ""})
        inbox.acknowledge(inbox.claim(["sync"], "w", 60.0))
        (done,) = inbox.deliveries("done")
        assert inbox.replay([done.id]) == 1
        assert inbox.claim(["sync"], "w", 60.0).event == event()

    # C8

    def test_c8_a_damaged_store_is_told_and_left_as_it_is(self, tmp_path: Path, clock: FakeClock) -> None:
        """A listener would begin with an empty inbox, and nobody would know what was in the old one."""
        folder = tmp_path / "store"
        before = self.make(folder, clock)
        before.store(event(), {"sync": ""})
        before.close()
        self.damage(folder)
        damaged = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        with pytest.raises(EventInboxError):
            self.make(folder, clock).claim(["sync"], "w", 60.0)
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == damaged

    def test_c8_one_damaged_event_is_set_aside_and_holds_up_nobody(self, inbox: Any, tmp_path: Path) -> None:
        """One bad row would stop a listener for good, or vanish."""
        for number in (1, 2):
            inbox.store(event(number), {"sync": "shot"})
        self.damage_one(tmp_path / "store", event(1).id)
        assert inbox.claim(["sync"], "w", 60.0).event == event(2)
        (aside,) = inbox.deliveries("set aside")
        assert (aside.event.id, aside.handler) == (event(1).id, "sync")
        assert aside.error

    def test_c8_what_cannot_be_kept_is_refused(self, inbox: Any) -> None:
        """An event would be gone without a word."""
        with pytest.raises(EventInboxError):
            inbox.store(event(1, thing=object()), {"sync": ""})
        assert inbox.counts().get("sync", {}).get("waiting", 0) == 0

    # C9

    @needs(IBatchEventInbox)
    def test_c9_many_are_stored_as_one_by_one(self, inbox: Any) -> None:
        """A burst would be stored in another order, or partly twice."""
        inbox.store(event(1), {"sync": ""})
        assert inbox.store_all(events=[(event(n), {"sync": "", "mail": ""}) for n in (3, 1, 2, 3)]) == 5
        assert inbox.store_all([]) == 0
        claimed = [each.event.data["n"] for each in iter(lambda: inbox.claim(["sync"], "w", 60.0), None)]
        assert claimed == [1, 3, 2]

    @needs(IBatchEventInbox)
    def test_c9_all_are_stored_or_none(self, inbox: Any) -> None:
        """Whoever tries again after an error would not know with what."""
        with pytest.raises(EventInboxError):
            inbox.store_all([(event(1), {"sync": ""}), (event(2, thing=object()), {"sync": ""})])
        assert inbox.deliveries("waiting") in ((), [])

    # What people and listeners see

    def test_deliveries_are_the_oldest_and_of_one_handler_or_all(self, inbox: Any) -> None:
        """A person would see others than were asked for."""
        for number in (3, 1, 2):
            inbox.store(event(number), {"sync": "", "mail": ""})
        assert [each.event.data["n"] for each in inbox.deliveries("waiting", "sync", 2)] == [3, 1]
        assert len(inbox.deliveries(state="waiting", handler="", limit=4)) == 4
        assert inbox.deliveries("waiting", "other") in ((), [])

    def test_counts_follow_each_delivery(self, inbox: Any, clock: FakeClock) -> None:
        """A health page would show a backlog that is none, or none where there is one."""
        for number in range(5):
            inbox.store(event(number), {"sync": ""})
        inbox.acknowledge(inbox.claim(["sync"], "w", 60.0))
        inbox.set_aside(inbox.claim(["sync"], "w", 60.0), "no")
        inbox.give_back(inbox.claim(["sync"], "w", 60.0), "later", 5.0)
        inbox.claim(["sync"], "w", 60.0)
        assert inbox.counts() == {"sync": {"waiting": 2, "claimed": 1, "done": 1, "set aside": 1}}
        clock.advance(61)
        assert inbox.counts() == {"sync": {"waiting": 3, "claimed": 0, "done": 1, "set aside": 1}}
        assert len(inbox.deliveries("waiting")) == 3

    def test_next_due_says_when_to_look_again(self, inbox: Any, clock: FakeClock) -> None:
        """A worker would ask all the time, or sleep for too long."""
        assert inbox.next_due(handlers=["sync"]) is None
        inbox.store(event(1), {"sync": ""})
        assert inbox.next_due(["sync"]) <= clock.now()
        assert inbox.next_due(["mail"]) is None
        held = inbox.claim(["sync"], "w", 60.0)
        assert inbox.next_due(["sync"]) == clock.now() + 60
        inbox.give_back(held, "later", 5.0)
        assert inbox.next_due(["sync"]) == clock.now() + 5
        inbox.store(event(2), {"mail": ""})
        assert inbox.next_due(["sync", "mail"]) <= clock.now()
        clock.advance(5)
        inbox.acknowledge(inbox.claim(["sync"], "w", 60.0))
        assert inbox.next_due(["sync"]) is None

    def test_a_mark_is_kept_and_never_set_back(self, opened: Callable[[], Any]) -> None:
        """A gap would be told too short, and events in it be missed."""
        inbox = opened()
        assert inbox.marked(name="connected") is None
        inbox.mark(name="connected", at=20.5)
        inbox.mark("connected", 10.0)
        inbox.close()
        assert opened().marked("connected") == 20.5

    def test_closing_twice_is_fine_and_a_closed_one_says_so(self, inbox: Any) -> None:
        """The end of a listener would raise, or an event be stored nowhere."""
        inbox.store(event(1), {"sync": ""})
        inbox.close()
        inbox.close()
        with pytest.raises(EventInboxError):
            inbox.store(event(2), {"sync": ""})
        with pytest.raises(EventInboxError):
            inbox.claim(["sync"], "w", 60.0)


def _claimed(inbox: Any, number: int) -> Delivery:
    """Claim the next delivery, which must be that of an event."""
    found: Delivery = inbox.claim(["sync"], "w", 60.0)
    assert found is not None, f"event {number} should be next, and nothing is"
    assert found.event == event(number)
    return found


def _answers(inbox: Any) -> list[Callable[[Delivery], bool]]:
    return [
        inbox.acknowledge,
        lambda held: bool(inbox.give_back(held, "late")),
        lambda held: bool(inbox.set_aside(held, "late")),
        lambda held: bool(inbox.renew(held, 5.0)),
    ]


def _in_threads(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Do work in several threads that start together; gives their results."""
    results: list[Any] = [None] * count
    together = threading.Barrier(count)

    def run(number: int) -> None:
        together.wait()
        results[number] = work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert None not in results, "a thread failed"
    return results
