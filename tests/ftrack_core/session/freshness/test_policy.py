"""The `freshness` setting: for which types, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ftrack_backends.caches import memory
from ftrack_core import Session
from ftrack_core.errors import ConfigurationError
from ftrack_core.testing import FakeBackendContext


@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        ({"TypedContext": "1d"}, {"Task", "Shot"}),
        ({"TypedContext": "1d", "Shot": "off"}, {"Task"}),
        ({"TypedContext": "off", "Shot": "1h"}, {"Shot"}),
        ({"*": "1d", "TypedContext": "off"}, {"Status"}),
        ({"*": "off"}, set()),
        ({"*": "keep"}, {"Task", "Shot", "Status"}),
    ],
)
def test_the_nearest_name_decides(make_session: Callable[..., Session], policy: Any, kept: set[str]) -> None:
    """Who names a base type means what is of it, and may leave one of them out."""
    shared = memory.create(memory.options(), FakeBackendContext())
    session = make_session(cache=shared, settings={"freshness": policy})
    session.query("select name, parent.name, status.name from Task").all()
    assert {record.identity.entity_type for record in shared.values()} == kept


def test_names_of_no_type_are_told_with_the_nearest(make_session: Callable[..., Session]) -> None:
    """A policy with a typing mistake would keep nothing, and nobody would know why it is slow."""
    with pytest.raises(ConfigurationError) as raised:
        make_session(settings={"freshness": {"Statuz": "1d", "Xyzzy": "1d", "Type": "1d"}})
    assert "'Status'" in str(raised.value)
    assert len(raised.value.faults) == 2


def test_what_changes_though_nobody_changes_it_is_not_kept(make_session: Callable[..., Session]) -> None:
    """Whoever adds a task would make the cached shot wrong, and no event would name the shot."""
    shared = memory.create(memory.options(), FakeBackendContext())
    session = make_session(cache=shared, settings={"freshness": {"Shot": "1d"}})
    session.query("select name, children, link, time_logged from Shot").all()
    for record in shared.values():
        assert set(record.values) & {"name", "children", "link", "time_logged"} == {"name"}
