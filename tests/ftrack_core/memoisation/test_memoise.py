"""`memoise` and `Memoiser`: what is one call, what is kept, and where."""

from __future__ import annotations

import functools
import gc
import logging
import os
import subprocess
import sys
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrack_backends.caches import LayeredCache, MemoryCache, SerialisedCache
from ftrack_backends.key_makers._string import StringKeyMaker
from ftrack_core import Session
from ftrack_core.errors import ConfigurationError, UnkeyableItemError, WrongBackendError
from ftrack_core.memoisation import Memoiser, MemoiserStatistics, memoise
from ftrack_core.testing import FakeClock
from ftrack_core.values import EntityIdentity


def counted(result: Callable[..., Any] = lambda *args, **kw: (args, kw)) -> Any:
    """A function at the top of a module that notes its calls."""

    def shots(project: str, limit: int = 5, *more: int, order: str = "name", **rest: int) -> Any:
        shots.calls.append((project, limit, more, order, rest))  # type: ignore[attr-defined]
        return result(project)

    shots.calls = []  # type: ignore[attr-defined]
    shots.__qualname__ = "shots"
    return shots


SAME: list[tuple[Any, Any]] = [
    (("a",), {}), ((), {"project": "a"}), (("a", 5), {}), (("a",), {"limit": 5}), (("a",), {"order": "name"}),
    ((), {"limit": 5, "project": "a"}),
]  # fmt: skip
OTHERS: list[tuple[Any, Any]] = [
    (("a", 6), {}), (("a", 5, 1), {}), (("a", 5.0), {}), (("a",), {"order": "id"}), (("a",), {"extra": 5}),
    (("b",), {}), (("a", True), {}), (("a", 5, 1, 2), {}),
]  # fmt: skip


def test_how_arguments_are_passed_does_not_count() -> None:
    """The same call, written differently, would be carried out twice."""
    function = counted()
    memoised = memoise(function)
    for args, kw in SAME:
        assert memoised(*args, **kw) == (("a",), {})
    assert len(function.calls) == 1
    for args, kw in OTHERS:
        memoised(*args, **kw)
    assert len(function.calls) == 1 + len(OTHERS)
    assert memoised.statistics() == MemoiserStatistics(hits=len(SAME) - 1, computed=1 + len(OTHERS))


ARGUMENTS = st.lists(st.integers(0, 2) | st.booleans() | st.text("ab", max_size=1), max_size=3)


@given(one=ARGUMENTS, other=ARGUMENTS, named=st.dictionaries(st.sampled_from(["x", "y"]), st.integers(0, 1)))
def test_a_result_is_that_of_the_same_call(one: list[Any], other: list[Any], named: dict[str, int]) -> None:
    """One call would get the result of another."""
    plain: Any = lambda *args, **kw: repr((args, sorted(kw.items())))  # noqa: E731 - the very function is what is tested
    memoised: Any = memoise(plain)
    for args in (one, other, one):
        assert memoised(*args, **named) == plain(*args, **named)
        assert memoised(*args) == plain(*args)


def test_none_is_a_result() -> None:
    """A shot without a thumbnail would be asked for again and again."""
    function = counted(lambda project: None)
    memoised = memoise(function)
    assert [memoised("a"), memoised("a")] == [None, None]
    assert len(function.calls) == 1


def test_an_exception_is_not_kept() -> None:
    """One lost connection would fail for ever."""
    answers: list[Any] = [OSError("gone"), 5]

    def answer(project: str) -> Any:
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    memoised = memoise(counted(answer))
    with pytest.raises(OSError, match="gone"):
        memoised("a")
    assert memoised("a") == 5


def test_each_caller_gets_a_copy_of_its_own() -> None:
    """One caller that sorts its list would sort everybody's."""
    memoised = memoise(counted(lambda project: {"list": [1], "set": {1}, "pair": ([2],)}))
    first = memoised("a")
    first["list"].append(2)
    second = memoised("a")
    second["pair"][0].append(3)
    assert memoised("a") == {"list": [1], "set": {1}, "pair": ([2],)}


def test_copies_can_be_left_out() -> None:
    """A large result would be copied with every call."""
    memoised = memoise(return_copies=False)(counted(lambda project: [project]))
    assert memoised("a") is memoised("a")


def test_a_result_that_holds_itself_is_copied() -> None:
    """A graph would exhaust the stack."""

    def graph(project: str) -> Any:
        nodes: dict[str, Any] = {"name": project}
        nodes["self"] = nodes
        return nodes

    memoised = memoise(counted(graph))
    memoised("a")
    found = memoised("a")
    assert found["self"] is found


def test_entities_are_arguments_and_results_as_they_are() -> None:
    """A task would be copied, or all of it loaded to make a key."""
    with Session(server_url="embedded:", config={"transport": {"seed": "demo"}}) as session:
        tasks = session.query("Task").all()
        asked: list[Any] = []

        @memoise
        def parent(task: Any) -> Any:
            asked.append(task)
            return [task["parent"]]

        first = parent(tasks[0])
        calls = session.statistics().calls
        assert parent(tasks[0])[0] is first[0]
        assert session.statistics().calls == calls
        parent(tasks[1])
        assert asked == [tasks[0], tasks[1]]


class Studio:
    """Something with methods, of which no key can be made."""

    made = 0

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked = 0

    @memoise
    def shots(self, project: str, limit: int = 1) -> str:
        """Shots."""
        self.asked += 1
        return f"{self.name} {project} {limit}"

    @memoise(key=lambda self, project: (self.name, project))
    def assets(self, project: str) -> str:
        """Assets, the same for studios of one name."""
        self.asked += 1
        return f"{self.name} {project}"

    @staticmethod
    @memoise
    def total(number: int) -> int:
        """Count."""
        Studio.made += 1
        return number


def test_each_instance_has_results_of_its_own() -> None:
    """One studio's shots would be shown in another."""
    one, other = Studio("one"), Studio("other")
    assert [one.shots("p"), other.shots("p"), one.shots(project="p", limit=1)] == ["one p 1", "other p 1", "one p 1"]
    assert (one.asked, other.asked) == (1, 1)
    assert one.shots.forget("p") is True
    one.shots("p")
    other.shots("p")
    assert (one.asked, other.asked) == (2, 1)


def test_an_instance_is_not_kept_alive() -> None:
    """A tool that opens and closes windows would never free one."""
    one = Studio("one")
    one.shots("p")
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None


def test_a_key_says_what_counts() -> None:
    """An argument that makes no difference, as a logger, would make every call another one."""
    one, alike = Studio("one"), Studio("one")
    assert [one.assets("p"), alike.assets("p"), one.assets("q")] == ["one p", "one p", "one q"]
    assert (one.asked, alike.asked) == (2, 0)


def test_static_methods_and_the_function_of_the_class_work() -> None:
    """A decorator would only do on plain functions."""
    assert [Studio.total(5), Studio.total(number=5), Studio("x").total(5)] == [5, 5, 5]
    assert Studio.made == 1
    one = Studio("one")
    assert Studio.shots.__name__ == "shots"
    assert one.shots.__doc__ == "Shots."


def test_functions_made_while_running_are_told_apart() -> None:
    """Two lambdas of one line would share results."""
    memoiser = Memoiser()
    adders = [functools.partial(lambda n, m: n + m, n).func for n in (1, 2)]
    doubled = [lambda x, n=n: x * n for n in (2, 3)]
    assert [memoiser.call(each, (5,)) for each in doubled] == [10, 15]
    assert [memoiser.call(each, (5,)) for each in doubled] == [10, 15]
    assert memoiser.statistics().hits == 2
    assert memoiser.call(adders[0], (1, 2)) == 3


def test_bound_methods_may_be_called_through_a_memoiser() -> None:
    """What the official client's memoiser takes would be refused."""
    memoiser, one, other = Memoiser(), Session, "abcabc"
    assert memoiser.call(other.count, ("a",)) == 2
    assert memoiser.call("aaa".count, ("a",)) == 3
    assert memoiser.call(other.count, ("a",)) == 2
    assert memoiser.statistics() == MemoiserStatistics(hits=1, computed=2)
    assert one is Session


def test_an_argument_without_a_key_is_an_error_that_says_what_to_do() -> None:
    """A log would be all that tells two calls apart, or they would share a result."""
    with pytest.raises(UnkeyableItemError, match=r"shots cannot be memoised.*object.*key=lambda"):
        memoise(counted())(object())
    with pytest.raises(TypeError, match=r"unexpected|missing"):
        memoise(counted())()


def test_a_result_holds_for_its_time() -> None:
    """A listener that runs for months would serve the first day's results."""
    clock = FakeClock()
    function = counted()
    memoised = memoise(seconds=60, clock=clock)(function)
    memoised("a")
    clock.advance(59)
    memoised("a")
    assert len(function.calls) == 1
    clock.advance(1)
    memoised("a")
    memoised("a")
    assert len(function.calls) == 2


def test_a_result_is_as_old_as_the_beginning_of_its_computation() -> None:
    """What was asked for an hour would count as fresh when it came."""
    clock = FakeClock()
    slow = counted(lambda project: clock.advance(50))
    memoised = memoise(seconds=60, clock=clock)(slow)
    memoised("a")
    clock.advance(11)
    memoised("a")
    assert len(slow.calls) == 2


def test_the_results_used_last_are_kept() -> None:
    """Memory would grow with each new argument."""
    function = counted()
    memoised = memoise(most=2)(function)
    for name in ("a", "b", "a", "c", "a", "b"):
        memoised(name)
    assert [call[0] for call in function.calls] == ["a", "b", "c", "b"]


def test_a_result_can_be_forgotten() -> None:
    """A change that one knows of would not show."""
    function = counted()
    memoised = memoise(function)
    memoised("a")
    assert memoised.forget(project="a") is True
    assert memoised.forget("a") is False
    memoised("a")
    assert len(function.calls) == 2


def test_with_a_cache_results_outlive_the_memoiser() -> None:
    """Each process of a farm would compute the same."""
    kept: dict[Any, Any] = {}
    result = {"id": 5, "range": [1001, 1.5, None, True], "shot": EntityIdentity("Shot", ("a",))}
    for _ in range(2):
        function = counted(lambda project: result)
        found = Memoiser(SerialisedCache(kept), scope="acme").call(function, ("a",))
        assert repr(found) == repr(result)
    assert function.calls == []
    assert len(kept) == 1


def test_scopes_are_kept_apart_in_one_cache() -> None:
    """Two users of a shared cache would see each other's results."""
    cache = MemoryCache()
    function = counted()
    Memoiser(cache, scope="ann").call(function, ("a",))
    Memoiser(cache, scope="ben").call(function, ("a",))
    assert len(function.calls) == 2


def test_a_cache_that_expires_is_told_when() -> None:
    """A shared store would fill with what nobody will read again."""
    clock = FakeClock()
    cache = MemoryCache(clock=clock)
    Memoiser(cache, seconds=60, clock=clock).call(counted(lambda project: 1), ("a",))
    assert len(cache.keys()) == 1
    clock.advance(61)
    assert cache.keys() == []


def test_time_holds_over_caches_that_cannot_expire() -> None:
    """A result in a layered cache would hold for ever."""
    clock = FakeClock()
    layers: list[Any] = [MemoryCache()]
    function = counted(lambda project: 1)
    memoised = memoise(cache=LayeredCache(layers), seconds=60, clock=clock, key_maker=StringKeyMaker())(function)
    memoised("a")
    clock.advance(61)
    memoised("a")
    assert len(function.calls) == 2


def test_what_no_record_holds_is_computed_anew_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """A tuple would come back from a cache as a list, or a cache fail far away."""
    function = counted(lambda project: (1, 2))
    memoised = memoise(cache=MemoryCache())(function)
    with caplog.at_level(logging.WARNING):
        assert [memoised("a"), memoised("a")] == [(1, 2), (1, 2)]
    assert len(function.calls) == 2
    assert len(caplog.records) == 1
    assert "shots are computed anew" in caplog.text


def test_a_cache_that_fails_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    """A disk that is gone would take a program with it that does not need it."""
    cache = MemoryCache()
    memoised = memoise(cache=cache)(counted(lambda project: 1))
    cache.close()
    with caplog.at_level(logging.WARNING):
        assert [memoised("a"), memoised("a")] == [1, 1]
    assert len(caplog.records) == 1


def test_what_only_this_process_can_tell_apart_enters_no_cache() -> None:
    """Another process would take the first instance's result for its own first instance's."""

    class Shot:
        @memoise(cache=MemoryCache())
        def frames(self) -> int:
            """Frames."""
            return 1

    with pytest.raises(UnkeyableItemError, match=r"frames cannot be memoised in a cache.*key="):
        Shot().frames()
    with pytest.raises(UnkeyableItemError, match="move the function to the top"):
        memoise(cache=MemoryCache())(lambda: 1)()


@pytest.mark.parametrize("options", [{"most": 0}, {"seconds": 0}, {"seconds": -1.0}])
def test_numbers_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    """A memoiser that keeps nothing would look like one that works."""
    with pytest.raises(ConfigurationError, match="more than 0"):
        Memoiser(**options)


def test_what_is_no_cache_or_key_maker_is_refused() -> None:
    """A wrong argument would show at the first call."""
    with pytest.raises(WrongBackendError, match="dict, which is no ICache"):
        Memoiser({})
    with pytest.raises(WrongBackendError, match="str, which is no IKeyMaker"):
        Memoiser(key_maker="string")
    with pytest.raises(TypeError, match="seconds"):
        memoise(memoiser=Memoiser(), seconds=5)  # type: ignore[call-overload]


def test_an_import_of_a_memoised_function_looks_up_no_backend() -> None:
    """Each start of a host would pay for functions that it never calls."""
    program = (
        "import sys; from ftrack_core.memoisation import memoise\n"
        "@memoise\ndef f(a): return a\n"
        "assert 'stevedore' not in sys.modules and 'ftrack_backends' not in sys.modules\n"
        "print(f(5), f(5), f.statistics().hits)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, env=environment
    )
    assert told.stdout.split() == ["5", "5", "1"], told.stderr
