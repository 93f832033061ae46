"""The action `query`."""

from __future__ import annotations

from typing import Any

import pytest


def test_pages_say_where_the_next_one_begins(client: Any, ops: Any) -> None:
    """Clients ask for pages until there is no next offset, and count their calls."""
    client.call(*(ops.create("Scope", name=f"{number}") for number in range(5)))

    pages = client.call(
        *({"action": "query", "expression": f"select name from Scope offset {start} limit 2"} for start in (0, 2, 4))
    )

    assert [len(page["data"]) for page in pages] == [2, 2, 1]
    assert [page["metadata"]["next"]["offset"] for page in pages] == [2, 4, None]


def test_a_full_last_page_has_no_next(client: Any, ops: Any) -> None:
    """An empty page would be a call too many."""
    client.call(*(ops.create("Scope", name=f"{number}") for number in range(4)))

    (page,) = client.call({"action": "query", "expression": "Scope offset 2 limit 2"})

    assert page["metadata"]["next"]["offset"] is None


@pytest.mark.parametrize(
    ("expression", "exception", "hint"),
    [
        ("Tsk", "ParseError", "Task"),
        ("Task where nmae is x", "ParseError", "name"),
        ("Task where name is", "ParseError", "Failed to parse"),
        ("Task where (name is x", "ParseError", "Failed to parse"),
        ("", "ParseError", "Failed to parse"),
    ],
)
def test_a_bad_query_is_refused_by_name(client: Any, expression: str, exception: str, hint: str) -> None:
    """Clients show the message to the person who typed it."""
    assert client.refused({"action": "query", "expression": expression})[0] == exception
    assert hint in client.refused({"action": "query", "expression": expression})[1]


def test_keys_are_out_of_reach(client: Any) -> None:
    """No query names the table that holds them."""
    for name in ('"_api_keys"', "_api_keys", "_workspace", "sqlite_master"):
        assert client.refused({"action": "query", "expression": f"select api_key from {name}"})[0] == "ParseError"
    assert client.refused({"action": "query", "expression": "select api_key from User"})[0] == "ParseError"
