"""Types: what a value may be, and what is said where it may not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

MOMENT = {"__type__": "datetime", "value": "2020-01-02T03:04:05"}
FITTING = [
    ("text", "ok", "ok"),
    ("text", "", ""),
    ("url", "https://show.invalid/{a}", "https://show.invalid/{a}"),
    ("number", 12, 12),
    ("number", -1.5, -1.5),
    ("boolean", True, True),
    ("boolean", False, False),
    ("date", MOMENT, MOMENT),
    ("date", {"__type__": "datetime", "value": "2020-01-02T05:04:05.678000+02:00"}, MOMENT),
    ("date", "2020-01-02", {"__type__": "datetime", "value": "2020-01-02T00:00:00"}),
    ("dynamic enumerator", ["any"], ["any"]),
    ("expression", "{task.name}", "{task.name}"),
]
WRONG = [
    ("text", 1),
    ("text", ["a"]),
    ("number", "12"),
    ("number", "test"),
    ("number", True),
    ("number", [1]),
    ("boolean", 1),
    ("boolean", "true"),
    ("date", "tomorrow"),
    ("date", 12),
    ("date", {"__type__": "datetime", "value": "2020-13-01"}),
    ("date", {"value": None}),
    ("dynamic enumerator", [1]),
    ("dynamic enumerator", ["a", "b"]),
]


@pytest.mark.parametrize(("type_name", "sent", "read"), FITTING)
def test_a_value_of_the_type_is_kept(studio: Any, shot: Any, type_name: str, sent: Any, read: Any) -> None:
    """What a tool wrote is what the next one reads, in JSON's own types."""
    configuration = studio.declare("field", type_name)
    told = studio.set(shot, configuration, sent)["value"]
    assert told == read
    found = studio.values(shot)["field"]
    assert (found, type(found)) == (read, type(read))


@pytest.mark.parametrize(("type_name", "sent"), WRONG)
def test_a_value_of_another_type_is_refused(studio: Any, ops: Any, shot: Any, type_name: str, sent: Any) -> None:
    """A farm job that reads a text where a number should be fails hours later, far from the cause."""
    configuration = studio.declare("field", type_name)
    before = studio.values(shot)
    exception, content = studio.client.refused(
        ops.update("ContextCustomAttributeValue", [configuration, shot["id"]], value=sent)
    )
    assert exception == "ValidationError"
    assert content.startswith('Custom attribute value for "field" ')
    assert studio.values(shot) == before


@pytest.mark.parametrize(
    ("many", "sent", "read"),
    [
        (False, ["a"], ["a"]),
        (False, "b", ["b"]),
        (False, [], []),
        (False, "", []),
        (True, ["b", "a", "b"], ["b", "a"]),
    ],
)
def test_options_are_kept_as_a_list(
    studio: Any, shot: Any, options: Callable[..., str], many: bool, sent: Any, read: Any
) -> None:
    """Clients read a list always, and some write the one option as plain text."""
    configuration = studio.declare("field", "enumerator", config=options("a", "b", many=many), default=["a"])
    assert studio.values(shot) == {"field": ["a"]}
    assert studio.set(shot, configuration, sent)["value"] == read
    assert studio.values(shot) == {"field": read}


@pytest.mark.parametrize(
    ("sent", "told"), [(["c"], "no option 'c'; there are: a, b"), (["a", "b"], "one option at a time"), (1, "list")]
)
def test_what_is_no_option_is_refused(
    studio: Any, ops: Any, shot: Any, options: Callable[..., str], sent: Any, told: str
) -> None:
    """A misspelt option would split the shots of a show in two."""
    configuration = studio.declare("field", "enumerator", config=options("a", "b"))
    wrong = ops.update("ContextCustomAttributeValue", [configuration, shot["id"]], value=sent)
    exception, content = studio.client.refused(wrong)
    assert exception == "ValidationError"
    assert told in content or "must be of type enumerator" in content


@pytest.mark.parametrize(
    "config", ["nonsense", "[]", "{}", json.dumps({"data": "x"}), json.dumps({"data": [1], "multiSelect": False})]
)
def test_an_enumerator_without_readable_options_is_refused(studio: Any, ops: Any, config: str) -> None:
    """It would refuse every value later, or none."""
    wrong = ops.create("CustomAttributeConfiguration", **studio.described("field", "enumerator", config=config))
    assert studio.client.refused(wrong)[0] == "ValidationError"


@pytest.mark.parametrize(("type_name", "default"), [("number", "x"), ("boolean", 3), ("enumerator", ["c"])])
def test_a_default_must_be_a_value_of_the_type(
    studio: Any, ops: Any, options: Callable[..., str], type_name: str, default: Any
) -> None:
    """Every entity would have a value that nobody may set."""
    config = options("a") if type_name == "enumerator" else "{}"
    described = studio.described("field", type_name, config=config, default=default)
    exception, content = studio.client.refused(ops.create("CustomAttributeConfiguration", **described))
    assert exception == "ValidationError"
    assert 'default for "field"' in content
