"""Event inboxes are made when they are asked for, and checked like every backend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from ftrack_backends.event_inboxes import SqliteInboxOptions, sqlite
from ftrack_core.assembly import assemble, standing_inbox
from ftrack_core.config import Settings
from ftrack_core.errors import (
    BackendNotFoundError,
    ConfigurationError,
    EventInboxError,
    SettingTypeError,
    WrongBackendError,
)
from ftrack_core.testing import FakeBackendContext, FakeClock
from ftrack_core.values import Event

EVENT = Event(topic="a", id="1")


@pytest.fixture
def backends(house: Any, settings: Callable[..., Settings]) -> Callable[..., Any]:
    """Makes the backends of settings, with the sqlite inbox among what can be had."""
    house.registry.register("ftrack.event_inbox", "sqlite", sqlite)

    def make(**given: Any) -> Any:
        schema_cache = {"schema_cache_path": False}
        return assemble(settings(**schema_cache, **given), registry=house.registry, environment={})

    return make


def standing(path: Path) -> Any:
    """An inbox that stands already."""
    return sqlite.create(SqliteInboxOptions(path=str(path)), FakeBackendContext())


def test_nothing_is_made_at_the_start(backends: Callable[..., Any], tmp_path: Path) -> None:
    """Every session of a studio would make or lock the file of its listeners."""
    made = backends(event_inbox=str(tmp_path / "events.sqlite"))
    assert list(tmp_path.iterdir()) == []
    made.close()


def test_without_any_there_is_none(backends: Callable[..., Any]) -> None:
    """A listener could not know that it has to do without."""
    assert backends().inbox() is None


@pytest.mark.parametrize(
    "told",
    [
        lambda folder: str(folder / "events.sqlite"),
        lambda folder: folder / "events.sqlite",
        lambda folder: folder / "events",
        lambda folder: {"backend": "sqlite", "path": str(folder / "events.sqlite"), "busy_seconds": 5},
    ],
)
def test_a_file_can_be_told_in_several_ways(
    backends: Callable[..., Any], tmp_path: Path, told: Callable[[Path], Any]
) -> None:
    """The short form of the documentation would not work, or the long one."""
    made = backends()
    inbox = made.inbox(told(tmp_path))
    assert inbox.store(EVENT, {"sync": ""}) == 1
    made.close()
    with pytest.raises(EventInboxError, match="closed"):
        inbox.counts()


def test_a_name_in_this_folder_is_a_file(
    backends: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`inbox="events.sqlite"` is how everybody begins."""
    monkeypatch.chdir(tmp_path)
    made = backends()
    made.inbox("events.sqlite").store(EVENT, {"sync": ""})
    made.close()
    assert (tmp_path / "events.sqlite").exists()


def test_the_setting_says_it_for_who_says_nothing(backends: Callable[..., Any], tmp_path: Path) -> None:
    """A farm's profile could not say where its listeners keep events."""
    made = backends(profile={"event_inbox": str(tmp_path / "farm.sqlite")})
    made.inbox().store(EVENT, {"sync": ""})
    made.inbox(str(tmp_path / "own.sqlite")).store(EVENT, {"sync": ""})
    made.close()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["farm.sqlite", "own.sqlite"]


def test_its_clock_is_that_of_the_assembly(house: Any, settings: Callable[..., Settings], tmp_path: Path) -> None:
    """Tests could not let a claim run out."""
    house.registry.register("ftrack.event_inbox", "sqlite", sqlite)
    clock = FakeClock()
    made: Any = assemble(settings(schema_cache_path=False), registry=house.registry, environment={}, clock=clock)
    inbox = made.inbox(tmp_path / "events.sqlite")
    inbox.store(EVENT, {"sync": ""})
    assert inbox.deliveries("waiting")[0].stored_at == clock.now()
    made.close()


def test_one_that_is_handed_in_stays_its_owners(backends: Callable[..., Any], tmp_path: Path) -> None:
    """A session that ends would close an inbox that others use."""
    mine = standing(tmp_path / "events.sqlite")
    made = backends()
    assert made.inbox(mine) is mine
    made.close()
    assert mine.counts() == {}
    mine.close()


def test_an_object_can_be_named_by_its_path(backends: Callable[..., Any]) -> None:
    """A studio's own inbox would have to be installed as a package."""
    with pytest.raises(WrongBackendError, match="does not keep IEventInbox"):
        backends().inbox("collections:OrderedDict")


def test_what_is_none_is_told_as_for_any_backend(backends: Callable[..., Any], tmp_path: Path) -> None:
    """The listener would fail later, in words of its own."""
    made = backends()
    with pytest.raises(BackendNotFoundError, match="did you mean 'sqlite'"):
        made.inbox("sqlit")
    with pytest.raises(ConfigurationError, match=r"unknown option argument inbox\.pth"):
        made.inbox({"backend": "sqlite", "pth": "x"})
    with pytest.raises(ConfigurationError, match=r"inbox\.keep_done_seconds"):
        made.inbox({"backend": "sqlite", "path": "x", "keep_done_seconds": -1})
    with pytest.raises(SettingTypeError, match="argument inbox should be a file"):
        made.inbox(["events.sqlite"])
    with pytest.raises(WrongBackendError):
        made.inbox(object())
    (tmp_path / "notes.txt").write_text("not mine" * 100)
    with pytest.raises(EventInboxError, match=r"notes\.txt"):
        made.inbox(tmp_path / "notes.txt")
    made.close()


def test_a_wrong_setting_is_told_at_the_start(backends: Callable[..., Any]) -> None:
    """A mistyped name would show when the listener starts, at night."""
    with pytest.raises(BackendNotFoundError, match="sqlit"):
        backends(event_inbox="sqlit")
    with pytest.raises(ConfigurationError, match="should be the name of a backend"):
        backends(event_inbox=5)


def test_a_tool_opens_one_that_stands_without_a_session(tmp_path: Path) -> None:
    """`ftrack inbox` would need a server."""
    mine = standing(tmp_path / "events.sqlite")
    mine.store(attrs.evolve(EVENT, id="2"), {"sync": ""})
    inbox = standing_inbox(tmp_path / "events.sqlite")
    assert len(inbox.deliveries("waiting")) == 1
    inbox.close()
    mine.close()
    with pytest.raises(EventInboxError, match="is not there"):
        standing_inbox(str(tmp_path / "other.sqlite"))
