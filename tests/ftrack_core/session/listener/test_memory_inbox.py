"""The inbox in memory keeps the contract of inboxes, but for what only a file can promise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftrack_core.errors import EventInboxError
from ftrack_core.interfaces import IClock
from ftrack_core.session.listener import MemoryInbox
from ftrack_core.testing.suites import EventInboxContract
from ftrack_core.values import Event


class TestMemoryInbox(EventInboxContract):
    """The inbox of a listener that was given none; it no other process sees it, and it forgets by number."""

    test_c1_what_was_stored_survives_the_death_of_the_process = None  # type: ignore[assignment]
    test_c2_done_deliveries_are_forgotten_in_the_end = None  # type: ignore[assignment]
    test_c7_what_was_set_aside_stays_with_its_error = None  # type: ignore[assignment]
    test_c8_a_damaged_store_is_told_and_left_as_it_is = None  # type: ignore[assignment]
    test_c8_one_damaged_event_is_set_aside_and_holds_up_nobody = None  # type: ignore[assignment]
    test_c8_what_cannot_be_kept_is_refused = None  # type: ignore[assignment]

    def make(self, folder: Path, clock: IClock) -> Any:
        """One for a folder: another one has other things in it."""
        made: dict[Path, MemoryInbox] = self.__dict__.setdefault("_made", {})
        return made.setdefault(folder, MemoryInbox(now=clock.now))


def test_it_is_bounded() -> None:
    """A listener whose handlers do not keep up would fill the machine's memory."""
    inbox = MemoryInbox(most_going=3, most_ended=2)
    for number in range(3):
        assert inbox.store(Event("studio.shot", f"e{number}"), {"h": ""}) == 1
    with pytest.raises(EventInboxError, match="3 deliveries wait in memory already"):
        inbox.store(Event("studio.shot", "e3"), {"h": ""})
    for _ in range(3):
        held = inbox.claim(["h"], "w", 60.0)
        assert held is not None
        assert inbox.acknowledge(held)
    assert [one.event.id for one in inbox.deliveries("done")] == ["e1", "e2"]
    assert inbox.store(Event("studio.shot", "e2"), {"h": ""}) == 0
