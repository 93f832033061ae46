"""People talk: notes with replies, recipients, labels and categories."""

from __future__ import annotations

from typing import Any


def notes_are_written_with_the_helper(day: Any) -> Any:
    """A supervisor writes to somebody and to herself, with a label, and gets an answer."""
    session, task = day.session, day.task("sq010_sh010", "animation")
    ann, ben = day.named("User", "ann"), day.named("User", "ben")
    label = day.named("NoteLabel", "Internal")
    note = task.create_note("Too fast.", author=ann, recipients=[ann, ben], labels=[label])
    session.commit()
    reply = note.create_reply("Slower now.", author=ben)
    session.commit()
    assert reply["in_reply_to"] is note
    seen = day.one('Note where content is "Too fast."', day.again())
    recipients = sorted(each["recipient"]["username"] for each in seen["recipients"])
    assert recipients == ["ann", "ben"]
    assert seen["category"]["name"] == "Internal"
    assert [each["label"]["name"] for each in seen["note_label_links"]] == ["Internal"]
    assert [each["content"] for each in seen["replies"]] == ["Slower now."]
    assert seen["author"]["username"] == "ann"
    assert seen["parent_type"] == "Task"
    return [recipients, seen["replies"][0]["author"]["username"], seen["is_todo"]]


def a_category_becomes_a_label(day: Any) -> Any:
    """The older word for the same thing still works."""
    task = day.task("sq010_sh010", "animation")
    category = day.named("NoteCategory", "For client")
    task.create_note("Ready.", author=day.user, category=category)
    day.session.commit()
    seen = day.one('Note where content is "Ready."', day.again())
    return [seen["category"]["name"], [each["label"]["name"] for each in seen["note_label_links"]]]


def notes_are_written_plainly(day: Any) -> Any:
    """With entities alone: a note, its label, its recipients and an answer, on a shot and on a version."""
    session, shot, author = day.session, day.shot("sq010_sh020"), day.user
    note = session.create("Note", {"content": "Mind the gap.", "author": author})
    shot["notes"].append(note)
    session.create("NoteLabelLink", {"note_id": note["id"], "label_id": day.named("NoteLabel", "Internal")["id"]})
    session.commit()
    reply = session.create("Note", {"content": "Which gap?", "author": author})
    note["replies"].append(reply)
    for username in ("ben", "eva"):
        session.create("Recipient", {"note_id": note["id"], "resource_id": day.named("User", username)["id"]})
    session.commit()
    fresh = day.again()
    seen = day.shot("sq010_sh020", fresh)["notes"][0]
    answers = [[each["content"], each["in_reply_to"]["content"]] for each in seen["replies"]]
    recipients = sorted(each["recipient"]["username"] for each in seen["recipients"])
    found = fresh.query('Note where recipients any (user.username is "eva") and content like "Mind%"').all()
    return [seen["content"], seen["category"]["name"], answers, recipients, len(found)]


SHARED = [notes_are_written_plainly]
OFFICIAL_ONLY = [notes_are_written_with_the_helper, a_category_becomes_a_label]
