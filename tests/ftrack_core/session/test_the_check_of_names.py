"""The check before the network, held against the server behind it: what that answers, the check never refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftrack_core import Session, errors
from ftrack_core.query import check_names, parse

WAYS = ("select {path} from {name} limit 1", "{name} where {path} is_not x limit 1", "{name} order by {path} limit 1",
        "select id from {name} where {path} any () limit 1")  # fmt: skip


@pytest.fixture
def unchecked(make_session: Callable[..., Session]) -> Session:
    """A session that leaves every name to the server."""
    return make_session(settings={"check_queries": False})


def test_every_attribute_that_is_answered_passes(unchecked: Session) -> None:
    """Of every type, on itself and on each of its bases, as base types take the names of what derives from them."""
    answered = 0
    schemas = unchecked._parts.schemas
    for name in schemas:
        for base in schemas.supertypes(name):
            for path in schemas[name].attributes:
                answered += _held_against(unchecked, f"select {path} from {base} limit 1")
    assert answered > 1000


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_path_that_is_answered_passes(unchecked: Session, data: st.DataObject) -> None:
    """Through several relations, with casts, in every clause."""
    schemas = unchecked._parts.schemas
    name = data.draw(st.sampled_from(sorted(schemas)))
    path = ".".join(_steps(schemas, name, data))
    _held_against(unchecked, data.draw(st.sampled_from(WAYS)).format(name=name, path=path))


def _steps(schemas: Any, name: str, data: st.DataObject) -> Iterator[str]:
    """A path that may exist: each step is an attribute of some type that stands there."""
    for _ in range(data.draw(st.integers(1, 4))):
        name = data.draw(st.sampled_from(sorted(schemas.subtypes(name))))
        attributes = schemas[name].attributes
        attribute = data.draw(st.sampled_from(sorted(attributes)))
        target = attributes[attribute].target
        cast = data.draw(st.sampled_from(["", *schemas.subtypes(target)])) if target in schemas else ""
        yield f"{attribute}[{cast}]" if cast else attribute
        if target not in schemas:
            return
        name = cast or target


def _held_against(session: Session, text: str) -> bool:
    """Whether the server answers a query; then the check must let it pass."""
    try:
        session._parts.pages.rows(text)
    except errors.ServerError:
        return False
    check_names(parse(text), session._parts.schemas, text)
    return True
