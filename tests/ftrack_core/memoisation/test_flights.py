"""Threads that want the same: one computes, the others wait."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ftrack_backends.caches import MemoryCache
from ftrack_core.memoisation import Memoiser, memoise


class Crowd:
    """Threads whose results and errors are gathered."""

    def __init__(self) -> None:
        self.results: list[Any] = []
        self.errors: list[BaseException] = []
        self.threads: list[threading.Thread] = []

    def start(self, *works: Callable[[], Any]) -> None:
        """Start a thread for each."""
        for work in works:
            thread = threading.Thread(target=self._run, args=(work,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _run(self, work: Callable[[], Any]) -> None:
        try:
            self.results.append(work())
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            self.errors.append(error)

    def join(self) -> None:
        """Wait for all; a thread that hangs fails the test."""
        for thread in self.threads:
            thread.join(20)
            assert not thread.is_alive(), "a thread waits for ever"


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    """A crowd, gone at the end."""
    crowd = Crowd()
    yield crowd
    crowd.join()


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.001)


def waiting(memoised: Any, number: int) -> Callable[[], bool]:
    """Whether so many threads wait for a result."""
    return lambda: len(memoised.memoiser._flights._waiting) == number


def test_one_computes_and_the_others_wait(crowd: Crowd) -> None:
    """Fifty threads of a host would send the same query at once."""
    go, calls = threading.Event(), []

    @memoise
    def slow(name: str) -> list[str]:
        calls.append(name)
        go.wait(20)
        return [name]

    crowd.start(*[lambda: slow("a")] * 8)
    until(waiting(slow, 7))
    go.set()
    crowd.join()
    assert calls == ["a"]
    assert crowd.results == [["a"]] * 8
    assert len({id(each) for each in crowd.results}) == 8
    assert (slow.statistics().computed, slow.statistics().waited) == (1, 7)


def test_other_arguments_do_not_wait(crowd: Crowd) -> None:
    """One slow project would hold up all others."""
    go = threading.Event()

    @memoise
    def slow(name: str) -> str:
        if name == "a":
            go.wait(20)
        return name

    crowd.start(lambda: slow("a"))
    assert slow("b") == "b"
    go.set()


def test_an_exception_reaches_all_who_wait_and_is_not_kept(crowd: Crowd) -> None:
    """Those who waited would hang, or get None."""
    go, calls = threading.Event(), []

    @memoise
    def failing() -> int:
        calls.append(1)
        go.wait(20)
        if len(calls) == 1:
            message = "no route"
            raise OSError(message)
        return 5

    crowd.start(*[failing] * 4)
    until(waiting(failing, 3))
    go.set()
    crowd.join()
    assert [str(error) for error in crowd.errors] == ["no route"] * 4
    assert failing() == 5


def test_when_the_one_is_broken_off_another_computes(crowd: Crowd) -> None:
    """Control-C in one thread would end what others do."""
    go, calls = threading.Event(), []

    @memoise
    def interrupted() -> int:
        calls.append(1)
        go.wait(20)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return 5

    crowd.start(*[interrupted] * 3)
    until(waiting(interrupted, 2))
    go.set()
    crowd.join()
    assert [type(error) for error in crowd.errors] == [KeyboardInterrupt]
    assert crowd.results == [5, 5]


def test_a_function_may_call_itself() -> None:
    """It would wait for itself for ever."""

    @memoise
    def fibonacci(n: int) -> int:
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    assert fibonacci(30) == 832040
    assert fibonacci.statistics().computed == 31


def test_a_function_that_asks_for_its_own_result_computes_again() -> None:
    """It would wait for itself for ever."""
    depth: list[int] = []

    @memoise
    def odd() -> int:
        depth.append(1)
        return 1 if len(depth) > 3 else odd() + 1

    assert odd() == 4
    assert odd() == 4
    assert len(depth) == 4


def test_endless_recursion_ends_as_python_ends_it() -> None:
    """A fault in a program would hang instead of telling."""

    @memoise
    def endless() -> int:
        return endless()

    with pytest.raises(RecursionError):
        endless()


def test_two_threads_that_want_each_others_results_do_not_wait_in_a_ring(crowd: Crowd) -> None:
    """A host would hang for ever, once in a thousand starts."""
    meet = threading.Barrier(2)
    memoiser = Memoiser()
    met: list[str] = []

    def arrive(name: str) -> None:
        if name not in met:
            met.append(name)
            meet.wait(20)

    @memoise(memoiser=memoiser)
    def left(depth: int) -> str:
        arrive("left")
        return "left" + (right(depth - 1) if depth else "")

    @memoise(memoiser=memoiser)
    def right(depth: int) -> str:
        arrive("right")
        return "right" + (left(depth - 1) if depth else "")

    @memoise(memoiser=memoiser)
    def one() -> str:
        arrive("one")
        return "one" if met.count("deep") else _deeper(other)

    @memoise(memoiser=memoiser)
    def other() -> str:
        arrive("other")
        return "other" if met.count("deep") else _deeper(one)

    def _deeper(function: Any) -> str:
        found: str = function()
        met.append("deep")
        return found

    crowd.start(lambda: left(3), lambda: right(3))
    crowd.join()
    assert sorted(crowd.results) == ["leftrightleftright", "rightleftrightleft"]


def test_a_ring_of_two_threads_is_opened(crowd: Crowd) -> None:
    """Each would wait for what the other one is computing."""
    meet = threading.Barrier(2)
    memoiser = Memoiser()
    entered: list[str] = []

    def step(name: str, other: Callable[[], str]) -> str:
        first = name not in entered
        entered.append(name)
        if first:
            meet.wait(20)
            return f"{name}({other()})"
        return name

    @memoise(memoiser=memoiser)
    def a() -> str:
        return step("a", b)

    @memoise(memoiser=memoiser)
    def b() -> str:
        return step("b", a)

    crowd.start(a, b)
    crowd.join()
    assert crowd.errors == []
    assert len(crowd.results) == 2


def test_what_is_forgotten_while_it_is_computed_is_not_kept(crowd: Crowd) -> None:
    """A result from before a change would be kept after it."""
    go, calls = threading.Event(), []

    @memoise
    def slow() -> int:
        calls.append(1)
        go.wait(20)
        return len(calls)

    crowd.start(slow)
    until(lambda: len(calls) == 1)
    assert slow.forget() is False
    go.set()
    crowd.join()
    slow()
    assert len(calls) == 2


def test_what_is_forgotten_while_it_is_being_kept_is_gone_when_forget_returns(crowd: Crowd) -> None:
    """Who has just changed something, and forgets what was known of it, would be served the old all the same."""
    writing, write, left = threading.Event(), threading.Event(), list[Any]()

    class Slow(MemoryCache):
        """Takes a while to keep something."""

        def set(self, key: Any, record: Any) -> None:
            writing.set()
            assert write.wait(20)
            super().set(key, record)
            time.sleep(0.2)  # nobody may be served it now

    cache = Slow()
    memoiser = Memoiser(cache)

    def forget() -> None:
        memoiser.forget(os.path.basename, ["a/b"])
        if not write.is_set():  # it did not wait
            write.set()
            until(lambda: bool(cache.keys()))
        left.extend(cache.keys())

    crowd.start(lambda: memoiser.call(os.path.basename, ["a/b"]))
    assert writing.wait(20)
    crowd.start(forget)
    crowd.threads[-1].join(0.1)
    write.set()
    crowd.join()
    assert left == []
    assert cache.keys() == []


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_child_does_not_wait_for_its_parents_threads(crowd: Crowd) -> None:
    """A farm's worker would hang at its first call."""
    go, started = threading.Event(), threading.Event()

    @memoise
    def slow() -> int:
        started.set()
        go.wait(20)
        return 5

    crowd.start(slow)
    started.wait(20)
    child = os.fork()
    if child == 0:
        go.set()
        os._exit(slow())
    go.set()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
