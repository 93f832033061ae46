"""What is no entity, no list, no path and no batch: each is told in our own words, and nothing is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import Session
from ftrack_core.errors import Error, InvalidTypeError, NothingRecordedError

METHODS: dict[str, Callable[[Session, Any], Any]] = {
    "populate": lambda session, given: session.populate(given, "name"),
    "refresh": lambda session, given: session.refresh(given),
    "refresh projections": lambda session, given: session.refresh(given, "name"),
    "inherited_values": lambda session, given: session.inherited_values(given, "x"),
    "query": lambda session, given: session.query(given),
    "query_many": lambda session, given: session.query_many(given),
    "get": lambda session, given: session.get(given, "x"),
    "create": lambda session, given: session.create(given),
    "delete": lambda session, given: session.delete(given),
    "merge": lambda session, given: session.merge(given),
    "ensure": lambda session, given: session.ensure("Task", given),
    "call": lambda session, given: session.call(given),
    "encode_media": lambda session, given: session.encode_media(given),
    "send_user_invite": lambda session, given: session.send_user_invite(given),
    "send_user_invites": lambda session, given: session.send_user_invites(given),
    "get_widget_url": lambda session, given: session.get_widget_url("info", given),
    "auto_populating": lambda session, given: session.auto_populating(given).__enter__(),
    "cohort_loading": lambda session, given: session.cohort_loading(given).__enter__(),
}


@pytest.mark.parametrize("given", [5, "abc", b"abc", [5], {"nope": 1}, 1.5], ids=str)
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_nonsense_is_told_by_an_error_of_ours(
    session: Session, wire: Any, method: Callable[[Session, Any], Any], given: Any
) -> None:
    """A tool's mistake would show as an AttributeError deep inside, or as a text read letter by letter."""
    with pytest.raises(Error) as caught:
        method(session, given)
    assert str(caught.value)
    assert not session.recorded_operations
    assert wire.calls <= 1  # a widget that the server judges


@pytest.mark.parametrize("given", [None, 5, [5], {"name": 1}], ids=str)
def test_projections_that_are_none_are_told(session: Session, wire: Any, given: Any) -> None:
    """`None` is what a missing setting looks like."""
    task = session.query("Task").first()
    assert task is not None
    wire.forget()
    with pytest.raises(Error, match="rojection"):
        session.populate(task, given)
    assert wire.calls == 0


@pytest.mark.parametrize("given", ["0123", 5, None, {"id": "0123"}], ids=str)
def test_one_key_instead_of_several_is_told(session: Session, given: Any) -> None:
    """A text is a sequence of letters, none of which is a key."""
    with pytest.raises(ValueError, match="list"):
        session.get_many("Task", given)


def test_long_nonsense_is_told_briefly(session: Session) -> None:
    """A file that was read by mistake would fill the log."""
    for text in ("a." * 50_000, "é" * 50_000, "\0" * 50_000, f"Task where {'x' * 50_000} is 1"):
        with pytest.raises(Error) as caught:
            session.query(text)
        assert len(str(caught.value)) < 1000


def test_what_json_cannot_say_is_a_type_error_too(session: Session) -> None:
    """Existing `except TypeError` clauses around encoding go on to work."""
    with pytest.raises(TypeError):
        session.encode({"a": object()})
    with pytest.raises(InvalidTypeError, match="object"):
        session.encode([object()])
    assert session.decode(b'{"a": 1}') == session.decode('{"a": 1}') == {"a": 1}


def test_taking_an_operation_where_there_is_none_is_an_index_error_too(session: Session) -> None:
    """Loops that pop until `IndexError` end."""
    with pytest.raises(IndexError):
        session.recorded_operations.pop()
    with pytest.raises(NothingRecordedError):
        session.recorded_operations.pop()
