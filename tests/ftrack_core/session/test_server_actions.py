"""What a session has its server do: what it sends, and what it makes of the answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.values import Response


@pytest.fixture
def answer(session: Session, wire: Any) -> Callable[..., None]:
    """Have the server answer each operation of the next batches with these results; queries go their way."""

    def use(*results: Any) -> None:
        def given(batch: list[dict[str, Any]]) -> Response | None:
            return None if batch[0]["action"] == "query" else Response(200, {}, json.dumps(results).encode())

        wire.before = given

    return use


@pytest.fixture
def user(session: Session, wire: Any) -> Any:
    """Somebody; being found is not counted."""
    found = session.query("User").first()
    wire.forget()
    return found


def test_a_widget_has_a_url(session: Session, wire: Any, answer: Callable[..., None], user: Any) -> None:
    """With what it is about, if anything."""
    answer({"action": "get_widget_url", "widget_url": "http://show.invalid/w"})
    assert session.get_widget_url("tasks") == "http://show.invalid/w"
    assert session.get_widget_url("info", entity=user, theme="light") == "http://show.invalid/w"
    about = {"entity_type": "User", "entity_key": [user["id"]]}
    assert wire.batches == [
        [{"action": "get_widget_url", "name": "tasks", "theme": None}],
        [{"action": "get_widget_url", "name": "info", "theme": "light", **about}],
    ]


def test_something_remote_is_reset(session: Session, wire: Any, answer: Callable[..., None], user: Any) -> None:
    """An entity's key goes as plain text."""
    answer({"action": "reset_remote", "data": {"api_key": "new"}})
    assert session.reset_remote("api_key", entity=user) == {"api_key": "new"}
    assert session.reset_remote("something") == {"api_key": "new"}
    about = {"entity_type": "User", "entity_key": user["id"]}
    assert wire.batches == [
        [{"action": "reset_remote", "reset_type": "api_key", **about}],
        [{"action": "reset_remote", "reset_type": "something"}],
    ]


def test_many_users_are_invited_in_one_call(session: Session, wire: Any, answer: Callable[..., None]) -> None:
    """And nobody in none."""
    users = session.query("User").all()
    wire.forget()
    answer(*({"action": "send_user_invite", "sent": True} for _ in users))
    session.send_user_invites(users)
    session.send_user_invites([])
    assert wire.batches == [[{"action": "send_user_invite", "user_id": each["id"]} for each in users]]


def test_invitees_of_review_sessions_are_invited(session: Session, wire: Any, answer: Callable[..., None]) -> None:
    """One or many."""
    invitees = [session.create("ReviewSessionInvitee", {"id": key}, reconstructing=True) for key in "ab"]
    answer({"action": "send_review_session_invite", "sent": True})
    session.send_review_session_invite(invitees[0])
    answer(*[{"action": "send_review_session_invite", "sent": True}] * 2)
    session.send_review_session_invites(invitees)
    sent = [
        {"action": "send_review_session_invite", "review_session_invitee_id": invitee["id"]} for invitee in invitees
    ]
    assert wire.batches == [sent[:1], sent]


@pytest.fixture
def component(session: Session) -> Any:
    """A component whose file is said to be on the server."""
    return session.create("FileComponent", {"id": "c", "name": "movie"}, reconstructing=True)


@pytest.mark.parametrize(("given", "sent"), [("auto", True), (True, True), (False, False)])
def test_media_is_encoded_by_a_job(
    session: Session, wire: Any, answer: Callable[..., None], user: Any, component: Any, given: Any, sent: bool
) -> None:
    """A component is kept unless one says so."""
    job = session.create("Job", {"user": user})
    session.commit()
    wire.forget()
    answer({"action": "encode_media", "job_id": job["id"]})
    assert session.encode_media(component, version_id="v", keep_original=given) is job
    operation = {"action": "encode_media", "component_id": "c", "version_id": "v", "keep_original": sent}
    assert wire.batches == [[operation]]


@pytest.mark.parametrize("path", ["/show/movie.mov", Path("movie.mov")])
def test_a_file_cannot_be_encoded_yet(session: Session, wire: Any, path: Any) -> None:
    """Which says what is missing and what does work."""
    with pytest.raises(errors.OperationError, match=r"ftrack\.server"):
        session.encode_media(path)
    assert wire.calls == 0


def test_what_is_no_media_is_told(session: Session, wire: Any, component: Any) -> None:
    """As a ValueError, before anything is sent."""
    wrong: list[Any] = [7, None, session.create("SequenceComponent", {"id": "s"}, reconstructing=True)]
    for media in wrong:
        with pytest.raises(ValueError, match="Only a FileComponent"):
            session.encode_media(media)
    with pytest.raises(ValueError, match="keep_original"):
        session.encode_media(component, keep_original="maybe")
    assert wire.calls == 0


def test_a_job_that_is_not_there_is_told(session: Session, answer: Callable[..., None], component: Any) -> None:
    """The caller is promised a job, not None."""
    answer({"action": "encode_media", "job_id": "gone"})
    with pytest.raises(errors.MalformedReplyError, match="'gone'"):
        session.encode_media(component)


def test_entities_are_needed_where_entities_are_meant(session: Session, wire: Any) -> None:
    """An id in the place of an entity is told before anything is sent."""
    link: Any = session.create("NoteLabelLink", {"note_id": "n", "label_id": "l"}, reconstructing=True)
    asks: list[Callable[[], Any]] = [
        lambda: session.send_user_invite("ann"),  # type: ignore[arg-type]
        lambda: session.get_widget_url("info", entity="t"),  # type: ignore[arg-type]
        lambda: session.reset_remote("api_key", entity=link),
    ]
    for ask in asks:
        with pytest.raises(errors.InvalidValueError):
            ask()
    assert wire.calls == 0


def test_a_server_that_is_too_old_is_told_from_one_that_refuses(session: Session, wire: Any, user: Any) -> None:
    """`ServerCompatibilityError` says: update the server."""
    wire.before = lambda _: Response(
        200, {}, b'{"exception": "KeyError", "content": "Invalid action u\'reset_remote\'", "error_code": null}'
    )
    with pytest.raises(errors.ServerCompatibilityError, match="reset_remote"):
        user.reset_api_key()
    wire.before = lambda _: Response(200, {}, b'{"exception": "ValidationError", "content": "no", "error_code": null}')
    with pytest.raises(errors.ValidationRefusedError):
        session.get_widget_url("info")


@pytest.mark.parametrize("result", [{}, {"action": "get_widget_url"}, None, []])
def test_an_answer_without_its_value_is_told(session: Session, answer: Callable[..., None], result: Any) -> None:
    """Not as a KeyError from within."""
    answer(result)
    with pytest.raises(errors.MalformedReplyError, match="widget_url"):
        session.get_widget_url("info")


def test_a_closed_session_acts_no_more(session: Session, user: Any) -> None:
    """With the error that every other method gives."""
    session.close()
    with pytest.raises(errors.ConnectionClosedError):
        session.send_user_invite(user)
    with pytest.raises(errors.ConnectionClosedError):
        session.inherited_values([user], "fps")
