"""`create_note` and `create_reply`."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.session.behaviours import CreateNoteMixin, Note
from ftrack_core.values import Response


@pytest.fixture
def ann(session: Session) -> Any:
    """A user who writes."""
    return session.query("select username from User where username is ann").one()


@pytest.fixture
def shot(session: Session) -> Any:
    """Something to write about, of which nothing is loaded."""
    return session.query("Shot").first()


def _reread(make_session: Callable[..., Session], note: Any) -> Any:
    return make_session().get("Note", note["id"])


def test_a_note_stands_on_what_it_was_created_for(
    make_session: Callable[..., Session], session: Session, shot: Any, ann: Any
) -> None:
    """Notes are the most used thing that the official client's entities can do."""
    note = shot.create_note("Too dark.", ann)
    assert note in shot["notes"]
    session.commit()
    found = _reread(make_session, note)
    assert (found["content"], found["author"], found["parent_id"]) == ("Too dark.", ann, shot["id"])


def test_notes_of_others_stay(make_session: Callable[..., Session], session: Session, shot: Any, ann: Any) -> None:
    """A commit sends the whole collection, so one that was not loaded would lose what others wrote."""
    shot.create_note("first", ann)
    session.commit()
    other = make_session(user=1)
    again: Any = other.get("Shot", shot["id"])
    with other.auto_populating(auto_populate=False):
        again.create_note("second", other.query("User where username is ben").one())
    other.commit()
    notes: Any = make_session().query(f"select notes.content from Shot where id is {shot['id']}").one()["notes"]
    assert {note["content"] for note in notes} == {"first", "second"}


def test_a_note_costs_one_call_before_its_commit(session: Session, wire: Any, shot: Any, ann: Any) -> None:
    """For the notes that are there; a second note on it costs none."""
    wire.forget()
    shot.create_note("first", ann)
    shot.create_note("second", ann)
    assert wire.calls == 1


def test_recipients_are_users_and_groups_each_once(
    make_session: Callable[..., Session], session: Session, shot: Any, ann: Any
) -> None:
    """Naming somebody twice is no reason to refuse a note."""
    ben = session.query("User where username is ben").one()
    group = session.create("Group", {"name": "animators"})
    session.commit()
    note = shot.create_note("Look.", ann, recipients=[ben, group, ben])
    session.commit()
    found = {each["resource_id"] for each in _reread(make_session, note)["recipients"]}
    assert found >= {ben["id"], group["id"]}


def test_labels_say_what_kind_of_note_it_is(
    make_session: Callable[..., Session], session: Session, shot: Any, ann: Any
) -> None:
    """A server shows the label as the note's category too."""
    label = session.query("NoteLabel").first()
    assert label is not None
    note = shot.create_note("Look.", ann, labels=(each for each in [label, label]))
    session.commit()
    found = _reread(make_session, note)
    assert [link["label_id"] for link in found["note_label_links"]] == [label["id"]]
    assert found["category_id"] == label["id"]


def test_a_category_becomes_a_label(
    make_session: Callable[..., Session], session: Session, shot: Any, ann: Any
) -> None:
    """Old code goes on working, and is told where it stands."""
    category: Any = session.query("NoteCategory").first()
    with pytest.warns(PendingDeprecationWarning, match="labels") as caught:
        note = shot.create_note("Look.", ann, category=category)
    assert caught[0].filename == __file__
    session.commit()
    found = _reread(make_session, note)
    assert [link["label_id"] for link in found["note_label_links"]] == [category["id"]]


def test_a_category_and_labels_exclude_each_other(session: Session, shot: Any, ann: Any) -> None:
    """Nothing is recorded by a call that is refused."""
    label = session.query("NoteLabel").first()
    with pytest.raises(ValueError, match="category"):
        shot.create_note("Look.", ann, category=label, labels=[label])
    with pytest.raises(ValueError, match="'ben'"):
        shot.create_note("Look.", ann, recipients=["ben"])
    with pytest.raises(errors.InvalidValueError):
        shot.create_note("Look.", "ann")
    assert len(session.recorded_operations) == 0


def _without_labels(wire: Any) -> None:
    """Make the server one of those that know no labels yet."""

    def older(batch: list[dict[str, Any]], answer: Response) -> Response:
        if batch[0]["action"] != "query_schemas":
            return answer
        [schemas] = json.loads(answer.body)
        kept = [each for each in schemas if not each["id"].startswith("NoteLabel")]
        return Response(200, {}, json.dumps([kept]).encode())

    wire.after = older


def test_servers_without_labels_get_a_category(make_session: Callable[..., Session], wire: Any) -> None:
    """And labels are refused there, before anything is recorded."""
    _without_labels(wire)
    session = make_session()
    shot: Any = session.query("Shot").first()
    author, category = session.query("User").first(), session.query("NoteCategory").first()
    assert category is not None
    with pytest.raises(ValueError, match="no labels"):
        shot.create_note("Look.", author, labels=[category])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        note = shot.create_note("Look.", author, category=category)
    assert note["category_id"] == category["id"]


def test_a_note_that_cannot_be_attached_is_not_recorded(session: Session, wire: Any, shot: Any, ann: Any) -> None:
    """A note that hangs nowhere would be committed with whatever comes next."""
    wire.before = lambda _: Response(200, {}, b'{"exception": "ServerError", "content": "busy"}')
    with pytest.raises(errors.ServerError):
        shot.create_note("Look.", ann)
    assert len(session.recorded_operations) == 0


def test_replies_stand_under_their_note(
    make_session: Callable[..., Session], session: Session, shot: Any, ann: Any
) -> None:
    """A thread holds together."""
    note = shot.create_note("Too dark.", ann)
    reply = note.create_reply("It is night.", ann)
    session.commit()
    found = _reread(make_session, reply)
    assert (found["in_reply_to_id"], found["content"], found["author"]) == (note["id"], "It is night.", ann)
    assert list(_reread(make_session, note)["replies"]) == [found]


def test_what_has_notes_can_get_them(session: Session) -> None:
    """By the schema alone, so that a type that a studio's server has more can too."""
    able = {name for name in session.types if issubclass(session.types[name], CreateNoteMixin)}
    assert able == {name for name in session.types if "notes" in session.types[name].attributes}
    assert {"Project", "Shot", "Task", "AssetVersion"} <= able
    assert issubclass(session.types["Note"], Note)
