"""Forms: what the client is sent, what comes back, and what is wrong with it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import Action, Session
from ftrack_core.actions import (
    ActionContext,
    Boolean,
    Date,
    Enumerator,
    Form,
    Hidden,
    Label,
    Message,
    Number,
    Text,
    TextArea,
)
from ftrack_core.actions._values import read_values
from ftrack_core.errors import ActionDefinitionError
from ftrack_core.testing.actions import WebClient

EVERY = Form(
    [
        Label("## Publish"),
        Text("name", "Name", value="sh010", required=True),
        TextArea("comment", "Comment", empty_text="What changed"),
        Number("first", "First frame", value=1001),
        Boolean("final", "Final", value=False),
        Date("due", "Due", value=datetime.date(2026, 1, 31)),
        Enumerator("kind", "Kind", options={"a": "Animation", "b": "Layout"}, value="a"),
        Enumerator("notify", "Notify", options=[("1", "Ann"), "2"], multiple=True),
        Hidden("from", value={"deep": [1]}),
    ],
    title="Publish",
    submit_button_label="Go",
    width=500,
)


def wire_without_outline(form: Form) -> dict[str, Any]:
    """What is sent, without what it takes to read what comes back."""
    wire = form.wire()
    return {**wire, "items": wire["items"][:-1]}


def test_each_item_is_what_the_client_takes() -> None:
    """The names of keys are the web client's: any other is an empty field."""
    assert wire_without_outline(EVERY) == {
        "type": "form",
        "title": "Publish",
        "submit_button_label": "Go",
        "width": 500,
        "items": [
            {"type": "label", "value": "## Publish"},
            {"type": "text", "name": "name", "label": "Name", "value": "sh010"},
            {"type": "textarea", "name": "comment", "label": "Comment", "empty_text": "What changed"},
            {"type": "number", "name": "first", "label": "First frame", "value": 1001},
            {"type": "boolean", "name": "final", "label": "Final", "value": False},
            {"type": "date", "name": "due", "label": "Due", "value": "2026-01-31"},
            {
                "type": "enumerator",
                "name": "kind",
                "label": "Kind",
                "value": "a",
                "data": [{"value": "a", "label": "Animation"}, {"value": "b", "label": "Layout"}],
            },
            {
                "type": "enumerator",
                "name": "notify",
                "label": "Notify",
                "multi_select": True,
                "data": [{"value": "1", "label": "Ann"}, {"value": "2", "label": "2"}],
            },
            {"type": "hidden", "name": "from", "value": {"deep": [1]}},
        ],
    }


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("first", "1001", 1001),
        ("first", 1001.5, 1001.5),
        ("first", None, None),
        ("final", True, True),
        ("final", "false", False),
        ("due", "2026-01-31", datetime.date(2026, 1, 31)),
        ("due", "2026-01-31T00:00:00", datetime.date(2026, 1, 31)),
        ("due", None, None),
        ("kind", "b", "b"),
        ("notify", ["1", "2"], ["1", "2"]),
        ("notify", '["1"]', ["1"]),
        ("notify", "1", ["1"]),
        ("notify", None, []),
        ("comment", "", ""),
        ("from", {"deep": [1]}, {"deep": [1]}),
    ],
)
def test_values_come_as_their_item_says(name: str, raw: Any, value: Any) -> None:
    """A number that comes as a text, and a date that comes with a time, cost every author an hour."""
    filled = {item["name"]: item.get("value") for item in EVERY.wire()["items"] if item["type"] != "label"}
    values, problems = read_values({**filled, name: raw})
    assert (values[name], problems) == (value, [])
    assert type(values[name]) is type(value)
    assert values.keys() == {"name", "comment", "first", "final", "due", "kind", "notify", "from"}


class Publish(Action):
    """Asks, and tells what came."""

    label = "Publish"
    identifier = "studio.publish"
    form: Form | None = EVERY

    def launch(self, context: ActionContext) -> Any:
        """Tell."""
        return f"{context.values['name']} {context.values['first']} {context.values['due']:%d.%m.}"


def test_a_form_is_shown_first_and_launch_has_its_values(session: Session, client: WebClient) -> None:
    """The common case: ask, then do."""
    with Publish().register(session):
        form = client.launch("studio.publish")
        assert [item["type"] for item in form["items"]][:2] == ["label", "text"]
        assert client.submit(form, first="1010") == {"success": True, "message": "sh010 1010 31.01."}


def test_what_is_wrong_is_said_above_the_form_and_what_was_typed_stays(session: Session, client: WebClient) -> None:
    """Who typed a page of comments must not type it again for a wrong frame number."""
    with Publish().register(session):
        form = client.submit(client.launch("studio.publish"), name="", first="ten", comment="a page of text")
        assert form["items"][0] == {
            "type": "label",
            "value": "- **Name is needed.**\n- **First frame: 'ten' is no number.**",
        }
        assert [item["value"] for item in form["items"] if item.get("name") == "comment"] == ["a page of text"]
        assert client.submit(form, name="x", first=1)["message"] == "x 1 31.01."


def test_a_form_of_labels_alone_goes_on_when_its_button_is_pressed(session: Session, client: WebClient) -> None:
    """Are you sure: that has no values, and must not be asked for ever."""

    class Sure(Publish):
        form = Form([Label("Are you sure?")])

        def launch(self, context: ActionContext) -> Any:
            return "done"

    with Sure().register(session):
        assert client.submit(client.launch("studio.publish"))["message"] == "done"


def test_one_form_follows_another(session: Session, client: WebClient) -> None:
    """First the kind, then what that kind needs."""

    class Wizard(Publish):
        form = None

        def interface(self, context: ActionContext) -> Any:
            if not context.submitted:
                return [Enumerator("kind", options=["a", "b"])]
            if "frames" not in context.values:
                return [Number("frames", f"Frames of {context.values['kind']}"), Hidden("kind", value="a")]
            return None

        def launch(self, context: ActionContext) -> Any:
            return f"{context.values['kind']}{context.values['frames']}"

    with Wizard().register(session):
        second = client.submit(client.launch("studio.publish"), kind="a")
        assert second["items"][0]["label"] == "Frames of a"
        assert client.submit(second, frames="7")["message"] == "a7"


def test_a_launch_may_answer_with_a_form(session: Session, client: WebClient) -> None:
    """A check that found something asks whether to go on all the same."""

    class Checking(Publish):
        form = None

        def launch(self, context: ActionContext) -> Any:
            return Message("done") if context.values.get("anyway") else Form([Boolean("anyway", value=False)])

    with Checking().register(session):
        assert client.submit(client.launch("studio.publish"), anyway="true")["message"] == "done"


def test_items_may_be_written_as_the_client_takes_them(session: Session, client: WebClient) -> None:
    """Actions that were written for another base move here with their forms as they are."""

    class Old(Publish):
        form = None

        def interface(self, context: ActionContext) -> Any:
            if not context.submitted:
                items = [{"type": "number", "name": "n", "label": "N", "step": 2}, {"type": "label", "value": "---"}]
                return {"items": items, "title": "Old"}
            return None

        def launch(self, context: ActionContext) -> Any:
            return f"{context.values['n'] + 1}"

    with Old().register(session):
        form = client.launch("studio.publish")
        assert form["title"] == "Old"
        assert form["items"][0] == {"type": "number", "name": "n", "label": "N", "step": 2}
        assert client.submit(form, n="4")["message"] == "5"


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Form([{"type": "enumerater", "name": "x"}]), "did you mean 'enumerator'"),
        (lambda: Form([{"name": "x"}]), "has the type None"),
        (lambda: Form([{"type": "text"}]), "needs a 'name'"),
        (lambda: Form([Text("")]), "needs a name"),
        (lambda: Form([Text("x"), Number("x")]), "the same name.*: x"),
        (lambda: Form("text"), "made of a list"),
        (lambda: Form([42]), "not 42"),
        (lambda: Form.of({"items": [], "titel": "x"}), "did you mean 'title'"),
        (lambda: Enumerator("x", options="abc"), "give a list"),
    ],
)
def test_a_form_that_the_client_would_show_empty_is_refused(make: Callable[[], Any], told: str) -> None:
    """A typing error in a key is an empty window for the artist, and nothing in any log."""
    with pytest.raises(ActionDefinitionError, match=told):
        make()


def test_values_of_a_script_are_read_by_the_form_that_the_action_has(session: Session, client: WebClient) -> None:
    """Who launches an action from a script sends values, and nothing else of the form."""
    with Publish().register(session):
        values = {"name": "x", "first": "3", "due": "2026-02-01"}
        assert client.launch("studio.publish", values=values)["message"] == "x 3 01.02."
        assert client.launch("studio.publish", values={"first": "3"})["items"][0]["value"] == "- **Name is needed.**"


def test_a_value_that_did_not_come_is_told_by_name(session: Session, client: WebClient) -> None:
    """`KeyError: 'frames'` says nothing to an artist."""

    class Bare(Publish):
        form = None

        def launch(self, context: ActionContext) -> Any:
            return context.values["frames"]

    with Bare().register(session):
        answer = client.launch("studio.publish", values={"name": 1})
    assert answer["message"].startswith("The value 'frames' of the form is missing; these came: 'name'.")


@pytest.mark.parametrize("values", ["text", 7, [1], {"__outline__": "{"}, {"__outline__": '{"name": 3}', "name": "x"}])
def test_values_that_no_form_makes_do_no_harm(session: Session, client: WebClient, values: Any) -> None:
    """They come from outside."""

    class Bare(Publish):
        form = None

        def launch(self, context: ActionContext) -> Any:
            return "launched"

    with Bare().register(session):
        answer = client.launch("studio.publish", values=values)
    assert isinstance(answer["message"], str)
