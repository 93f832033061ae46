"""The bounded queue of one member."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ftrack_backends.workspace.broker._outlet import Outlet


def _outlet(max_items: int = 3, max_bytes: int = 10) -> tuple[Outlet[int], list[str]]:
    calls: list[str] = []
    return Outlet(max_items, max_bytes, lambda: calls.append("wake"), lambda: calls.append("overrun")), calls


def test_it_wakes_when_there_is_something_after_nothing() -> None:
    """A reader that is woken for every item is woken two million times in a burst."""
    outlet, calls = _outlet()
    outlet.put(1, 1)
    outlet.put(2, 1)
    assert calls == ["wake"]
    assert outlet.take(1) == [1]
    assert outlet.take(9) == [2]
    outlet.put(3, 1)
    assert calls == ["wake", "wake"]


def test_one_item_too_many_ends_it() -> None:
    """Leaving one out of the middle would be worse: its client would never know."""
    outlet, calls = _outlet()
    for number in range(4):
        outlet.put(number, 1)
    assert calls == ["wake", "overrun", "wake"]
    assert outlet.closed
    assert outlet.take(9) == []
    outlet.put(9, 1)
    assert len(outlet) == 0
    assert calls.count("overrun") == 1


def test_too_many_bytes_end_it_and_a_single_large_item_does_not() -> None:
    """One large batch must be able to arrive."""
    outlet, calls = _outlet()
    outlet.put(1, 100)
    assert outlet.take(1) == [1]
    outlet.put(2, 6)
    outlet.put(3, 6)
    assert calls[-2:] == ["overrun", "wake"]


def test_what_is_there_can_be_taken_after_it_closed() -> None:
    """An error packet is the last thing that a client is told."""
    outlet, _ = _outlet()
    outlet.put(1, 1)
    outlet.close()
    outlet.put(2, 1)
    assert outlet.take(9) == [1]
    outlet, _ = _outlet()
    outlet.put(1, 1)
    outlet.close(empty=True)
    assert outlet.take(9) == []


@given(st.lists(st.integers(0, 12) | st.none(), max_size=60))
def test_within_its_bounds_nothing_is_lost_doubled_or_out_of_order(steps: list[int | None]) -> None:
    """Whatever comes in whichever sizes: what is taken is a beginning of what was put."""
    outlet, calls = _outlet(4, 30)
    put: list[int] = []
    taken: list[int] = []
    for number, size in enumerate(steps):
        if size is None:
            taken += outlet.take(2)
        elif not outlet.closed:
            outlet.put(number, size)
            put.append(number)
        assert len(outlet) <= 4
    taken += outlet.take(99)
    assert taken == (put if "overrun" not in calls else put[: len(taken)])
