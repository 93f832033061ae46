"""The shipped test kit: it must see what is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from zope.interface import implementer

from ftrack_core.errors import ConnectionClosedError, NotSentError
from ftrack_core.interfaces import (
    IBackendContext,
    IBatchCache,
    ICache,
    IClock,
    IExpiringCache,
    IIdentifierFactory,
    IKeyMaker,
    ITransport,
    IWorker,
)
from ftrack_core.testing import (
    FakeBackendContext,
    FakeClock,
    FakeIdentifiers,
    ManualWorker,
    RecordingTransport,
    assert_provides,
    record,
)
from ftrack_core.testing.suites import CacheContract, KeyMakerContract, needs
from ftrack_core.values import Request, Response


@pytest.mark.parametrize(
    ("interface", "fake"),
    [
        (IBackendContext, FakeBackendContext()),
        (IClock, FakeClock()),
        (IIdentifierFactory, FakeIdentifiers()),
        (IWorker, ManualWorker()),
        (ITransport, RecordingTransport()),
    ],
)
def test_fakes_keep_their_contracts(interface: Any, fake: object) -> None:
    """A test would pass with a fake and fail with the real thing."""
    assert_provides(interface, fake)


@implementer(IKeyMaker)
class Renamed:
    """A key maker whose method has another name for its argument, and one that nobody passes."""

    def key(self, *parts: object, style: str) -> str:
        """A key."""
        return style.join(map(str, parts))


@implementer(IClock)
class Renaming:  # type: ignore[misc]  # that is what it is for
    """A clock without `now`, and with an argument that no caller passes."""

    def monotonic(self, since: float) -> float:
        """Seconds."""
        return since


def test_assert_provides_names_every_fault_and_shows_both_definitions() -> None:
    """An author of a backend would have to find out by himself."""
    with pytest.raises(AssertionError) as caught:
        assert_provides(IClock, Renaming())
    text = str(caught.value)
    for part in (
        "Renaming does not keep IClock",
        "now",
        "wanted: monotonic()",
        "found:  monotonic(since",
    ):
        assert part in text


def test_assert_provides_sees_what_verify_object_does_not() -> None:
    """A required keyword argument would be found by the first caller."""
    with pytest.raises(AssertionError, match="style"):
        assert_provides(IKeyMaker, Renamed())


def test_assert_provides_wants_the_declaration() -> None:
    """A class that only looks like a backend would be taken for one."""
    with pytest.raises(AssertionError, match="implementer"):
        assert_provides(IClock, object())


class OnlyPlain(CacheContract):
    """A suite of a backend without powers."""


class WithBatches(OnlyPlain):
    """A suite of one with batches."""

    capabilities = frozenset({IBatchCache})


def collected(suite: type) -> set[str]:
    """Names of the tests that pytest would collect."""
    return {name for name in dir(suite) if name.startswith("test_") and callable(getattr(suite, name))}


def test_tests_of_powers_that_a_backend_lacks_are_not_collected() -> None:
    """A backend would have to skip what does not concern it, and skips hide faults."""
    batches = {name for name in collected(WithBatches) if name.startswith("test_c9")}
    assert len(batches) == 2
    assert not batches & collected(OnlyPlain)
    assert not any(name.startswith("test_c10") for name in collected(WithBatches))
    assert collected(OnlyPlain) < collected(WithBatches)


def test_a_test_may_need_several_powers() -> None:
    """A test of two powers together would run with one."""

    class Extended(OnlyPlain):
        capabilities = frozenset({IBatchCache})

        @needs(IBatchCache, IExpiringCache)
        def test_both(self) -> None:
            """Both."""

    class Both(Extended):
        capabilities = frozenset({IBatchCache, IExpiringCache})

    assert "test_both" not in collected(Extended)
    assert "test_both" in collected(Both)


@implementer(ICache)
class Forgetful:
    """A cache that never has anything, and removes too much."""

    def get(self, key: str | bytes) -> Any:
        """Always the same."""
        return record("wrong")

    def set(self, key: str | bytes, record: Any) -> None:
        """Nothing."""

    def remove(self, key: str | bytes) -> bool:
        """Nothing."""
        return True

    def keys(self) -> list[str | bytes]:
        """Nothing."""
        return []

    def values(self) -> list[Any]:
        """Nothing."""
        return []

    def clear(self, pattern: str | None = None) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


@pytest.mark.parametrize(
    "name",
    [
        "test_c1_what_was_set_is_got",
        "test_c1_every_kind_of_value_comes_back_as_it_was",
        "test_c1_what_was_never_set_is_missing",
        "test_c3_a_later_set_replaces_the_earlier",
        "test_c4_what_was_removed_is_missing_until_it_is_set_again",
        "test_c5_clear_without_a_pattern_forgets_everything",
        "test_c5_a_pattern_that_is_none_removes_nothing",
        "test_c6_keys_and_values_are_of_their_moment",
        "test_c8_a_closed_cache_says_so",
        "test_many_threads_may_call_at_once",
    ],
)
def test_the_cache_suite_sees_a_cache_that_keeps_no_clause(name: str) -> None:
    """A green suite would mean nothing."""
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(OnlyPlain(), name)(Forgetful())


def test_a_power_that_nobody_spoke_of_is_seen() -> None:
    """A backend could lose or gain a power without anybody noticing."""

    class Lost(OnlyPlain):
        capabilities = frozenset({IExpiringCache})

    with pytest.raises(AssertionError, match="does not provide IExpiringCache"):
        Lost().check_shape(Forgetful())


@implementer(IKeyMaker)
class Joining:
    """A key maker that joins what it is given."""

    def key(self, *items: object) -> str:
        """A key."""
        return "".join(map(str, items))


def test_the_key_maker_suite_sees_keys_that_collide() -> None:
    """A green suite would mean nothing."""

    class Suite(KeyMakerContract):
        def make(self) -> Any:
            return Joining()

    with pytest.raises(AssertionError, match="same key"):
        Suite().test_c2_and_c3_different_items_give_different_keys()


def test_a_recording_transport_answers_in_order_and_remembers() -> None:
    """A test could not say what was asked."""
    transport = RecordingTransport([Response(200, {}, b"1"), NotSentError("gone")])
    assert transport.exchange(Request("GET", "/a")).body == b"1"
    with pytest.raises(NotSentError):
        transport.exchange(Request("GET", "/b"))
    with pytest.raises(AssertionError, match="2 answers"):
        transport.exchange(Request("GET", "/c"))
    assert [request.url for request in transport.requests] == ["/a", "/b", "/c"]
    transport.close()
    with pytest.raises(ConnectionClosedError):
        transport.exchange(Request("GET", "/d"))


def test_a_recording_transport_may_answer_with_a_function() -> None:
    """A test whose requests come in any order could not be written."""
    transport = RecordingTransport(lambda request: Response(200, {}, request.url.encode()))
    assert transport.exchange(Request("GET", "/a")).body == b"/a"


def test_work_waits_until_it_is_run() -> None:
    """A test would need threads and sleep."""
    worker, done = ManualWorker(), []

    def first() -> None:
        done.append(1)
        worker.start(lambda: done.append(2), "second")

    worker.start(first, "first")
    assert done == []
    worker.run_all()
    assert (done, worker.started) == ([1, 2], ["first", "second"])


def test_a_context_shares_one_thing_under_a_key_and_closes_it() -> None:
    """Two backends of one assembly would have a workspace each."""
    context, shared = FakeBackendContext(), RecordingTransport()
    assert context.shared("w", lambda: shared) is context.shared("w", RecordingTransport)
    context.close()
    assert shared.closed


def test_fake_ids_count_and_look_like_ids() -> None:
    """Tests could not name what they expect."""
    identifiers = FakeIdentifiers()
    assert [identifiers.uuid(), identifiers.uuid()][1] == "00000000-0000-4000-8000-000000000002"


def test_the_kit_without_its_suites_needs_no_test_framework(tmp_path: Path) -> None:
    """Somebody who tests with unittest could not use the fakes."""
    program = "import sys, ftrack_core.testing; sys.exit('pytest' in sys.modules or 'hypothesis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=False).returncode == 0
