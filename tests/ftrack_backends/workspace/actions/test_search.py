"""The action `search`."""

from __future__ import annotations

from typing import Any

import pytest


def search(client: Any, entity_type: str, *terms: str, **fields: Any) -> list[dict[str, Any]]:
    """Rows that a search finds."""
    reply = client.call({"action": "search", "entity_type": entity_type, "terms": list(terms), **fields})
    assert isinstance(reply, list), reply
    assert reply[0]["action"] == "search"
    rows: list[dict[str, Any]] = reply[0]["data"]
    return rows


@pytest.mark.parametrize("terms", [("sh010 anim",), ("anim", "sh010"), ("ANIM  sh010",), ("sq010 sh010 animation",)])
def test_words_are_looked_for_in_a_name_and_in_what_it_stands_in(client: Any, terms: tuple[str, ...]) -> None:
    """People type the shot and the task in any order, and not the name that the database has."""
    found = search(client, "Task", *terms, expression="select name, parent.name from Task")

    assert found
    assert {(one["name"], one["parent"]["name"]) for one in found} == {("animation", "sh010")}


def test_a_word_for_the_project_alone_finds_the_project_and_not_everything_in_it(client: Any) -> None:
    """Otherwise a show's name buries every other hit."""
    assert [one["name"] for one in search(client, "Project", "harb", expression="select name from Project")] == [
        "harbour"
    ]
    assert search(client, "Task", "harb") == []


@pytest.mark.parametrize("term", ["larsen ann", "Ann Larsen", "AN", "ann@harb"])
def test_people_are_found_by_any_of_their_names(client: Any, term: str) -> None:
    """Nobody remembers user names."""
    found = search(client, "User", term, expression="select username from User")

    assert [one["username"] for one in found] == ["ann"]


def test_versions_are_found_by_their_asset_and_its_place(client: Any) -> None:
    """A version has no name of its own."""
    found = search(
        client, "AssetVersion", "sh010 anim", expression="select asset.name, asset.parent.name from AssetVersion"
    )

    assert found
    assert {(one["asset"]["name"], one["asset"]["parent"]["name"]) for one in found} == {("animation", "sh010")}


def test_the_expression_still_filters_selects_and_pages(client: Any) -> None:
    """A search box asks for ten rows and some columns, as any query does."""
    expression = "select name, status.name from Shot where status.name is 'In progress' order by name limit 2"
    operation = {"action": "search", "entity_type": "Shot", "terms": ["sh"], "expression": expression}

    (reply,) = client.call(operation)

    assert [one["status"]["name"] for one in reply["data"]] == ["In progress", "In progress"]
    assert reply["metadata"] == {"next": {"offset": 2}}


def test_without_terms_and_expression_everything_of_the_type_is_found(client: Any) -> None:
    """An empty search box shows the list."""
    assert len(search(client, "Sequence")) == len(client.query("Sequence"))


def test_a_context_narrows_the_search_to_what_hangs_below_it(client: Any) -> None:
    """A search from within a shot must not leave it."""
    shot = client.query("select id, project_id from Shot limit 1")[0]
    own = f"select id from Task where parent_id is {shot['id']}"

    assert {one["id"] for one in search(client, "Task", context_id=shot["id"])} == {
        one["id"] for one in client.query(own)
    }
    everything = search(client, "Task", context_id=shot["project_id"])
    assert len(everything) == len(client.query("select id from Task"))
    versions = search(
        client, "AssetVersion", context_id=shot["id"], expression="select asset.context_id from AssetVersion"
    )
    assert versions
    assert {one["asset"]["context_id"] for one in versions} == {shot["id"]}
    assert search(client, "Task", context_id="no such context") == []


def test_object_types_narrow_the_search(client: Any) -> None:
    """The search box has a filter for shots."""
    shot = client.one("ObjectType where name is Shot")["id"]

    found = search(client, "TypedContext", "s", object_type_ids=[shot])

    assert {one["__entity_type__"] for one in found} == {"Shot"}


@pytest.mark.parametrize("term", ["%", "_", "\\", '"', "'", ")", "100%"])
def test_signs_of_the_query_language_mean_themselves(client: Any, term: str) -> None:
    """A percent sign finds names with a percent sign, and no text becomes a piece of the query."""
    assert search(client, "Task", term) == []
    project = client.query("select id from Project limit 1")[0]
    client.create("Folder", name=f"a{term}b", parent_id=project["id"])

    assert len(search(client, "Folder", term)) == 1


def test_every_type_can_be_searched_or_says_that_it_has_no_name(client: Any) -> None:
    """No type leads to a failure of the workspace."""
    for schema in client.call({"action": "query_schemas"})[0]:
        operation = {"action": "search", "entity_type": schema["id"], "terms": ["a", "b"], "context_id": "x"}
        reply = client.call(operation)
        assert isinstance(reply, list) or "has no name to search for" in reply["content"], schema["id"]


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({}, "'entity_type' of 'search' must be a text; it is missing"),
        ({"entity_type": "Tsk"}, "Task"),
        ({"entity_type": "Task", "terms": [7]}, "'terms' of 'search' must be a list of texts"),
        ({"entity_type": "Task", "terms": ["a"] * 17}, "16 words"),
        ({"entity_type": "Task", "expression": "User"}, "asks for User"),
        ({"entity_type": "Task", "expression": "Task where"}, "Failed to parse"),
        ({"entity_type": "Task", "context_id": 7}, "'context_id' of 'search' must be a text"),
    ],
)
def test_a_search_that_cannot_be_is_refused(client: Any, fields: dict[str, Any], hint: str) -> None:
    """The message says which field is wrong."""
    assert hint in client.refused({"action": "search", **fields})[1]
