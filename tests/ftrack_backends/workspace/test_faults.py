"""Faults: texts that every client can show, and statuses as they are documented."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ftrack_backends.workspace import Workspace, _faults
from ftrack_core.values import Request

KINDS = [one for _, one in inspect.getmembers(_faults, inspect.isclass) if issubclass(one, _faults.Fault)]
ROWS = re.findall(r"^\| (\w+Error) \| (\d+) \| (\d+) \|", _faults.__doc__ or "", re.MULTILINE)
TEXT = some.text(some.characters(exclude_categories=["Cs"])) | some.sampled_from(["{0}", "{", "}}", "{name!r}", "%s"])


def made(kind: type[_faults.Fault], text: str) -> _faults.Fault:
    """A fault with the text in every place that takes one."""
    parameters = [one for one in inspect.signature(kind).parameters.values() if one.default is one.empty]
    if kind in {_faults.Fault, _faults.QueryFault}:
        return kind("ParseError", text)
    return kind(*(text for _ in parameters))


@given(kind=some.sampled_from(KINDS), text=TEXT)
def test_no_text_of_a_fault_holds_braces(kind: type[_faults.Fault], text: str) -> None:
    """The official client formats the text, and fails on them instead of showing it."""
    fault = made(kind, text)
    if isinstance(fault, _faults.ValidationFault):
        fault.place, fault.field = 0, text

    reply = fault.reply()

    assert not set("{}") & set(str(reply["content"]) + str(fault))
    assert all(not set("{}") & set(repr(one["loc"]) + one["msg"]) for one in reply.get("detail", []))  # type: ignore[attr-defined]
    assert str(reply["content"]).format() == reply["content"]


@pytest.fixture(scope="module")
def shared() -> Iterator[Workspace]:
    """One workspace for all names; nothing is written to it."""
    with Workspace.open() as opened:
        yield opened


@settings(max_examples=25)
@given(name=TEXT)
@pytest.mark.parametrize(
    "operation",
    [
        lambda name: {"action": name},
        lambda name: {"action": "query", "expression": name},
        lambda name: {"action": "query", "expression": f'select "{name}" from Task'},
        lambda name: {"action": "create", "entity_type": name},
        lambda name: {"action": "create", "entity_type": "Scope", "entity_data": {"id": "s", name + "x": 1}},
        lambda name: {"action": "update", "entity_type": "Scope", "entity_key": name, "entity_data": {"name": "x"}},
        lambda name: {"action": "delete", "entity_type": name, "entity_key": name},
        lambda name: {"action": "search", "entity_type": name, "terms": [name]},
        lambda name: {"action": "send_user_invite", "user_id": name},
        lambda name: {"action": "encode_media", "component_id": name},
        lambda name: {"action": "reset_remote", "reset_type": name},
        lambda name: {"action": "delayed_job", "job_type": name},
        lambda name: {"action": "get_widget_url", "name": name},
        lambda name: {"action": "add_user_security_role", "user_id": name, "role_id": name},
    ],
)
def test_names_that_are_hostile_come_back_harmless(shared: Workspace, operation: Any, name: str) -> None:
    """Whatever a client names, it gets a text that it can show, and never a failure of the workspace."""
    first = shared.users[0]
    headers = {"ftrack-user": first.username, "ftrack-api-key": first.api_key}

    response = shared.exchange(Request("POST", "/api", headers, json.dumps([operation(name)]).encode()))

    reply = json.loads(response.body)
    assert response.status == 200
    assert not set("{}") & set(reply["content"])


@pytest.mark.parametrize(("exception", "strict", "loose"), ROWS)
def test_the_table_of_statuses_is_true(exception: str, strict: str, loose: str) -> None:
    """Whoever writes a client goes by the table."""
    statuses = {
        (str(fault.exception), fault.status, fault.status if fault.always else 200)
        for fault in (made(kind, "text") for kind in KINDS if kind is not _faults.Fault)
    }

    assert (exception, int(strict), int(loose)) in statuses


def test_the_table_of_statuses_leaves_no_fault_out() -> None:
    """A new fault has to be documented."""
    assert {made(kind, "text").exception for kind in KINDS} <= {row[0] for row in ROWS}
