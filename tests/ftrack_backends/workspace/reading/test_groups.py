"""Aggregates and `group by`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ftrack_backends.workspace._faults import QueryFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftrack_backends.workspace.reading import Reader
    from ftrack_backends.workspace.store import Store

GROUPS = {
    "select count(id) from Task group by status_id": [
        {"status_id": "open", "count_id": 1},
        {"status_id": "done", "count_id": 2},
        {"status_id": None, "count_id": 1},
    ],
    "select status.name, sum(bid), avg(bid), min(name), max(start_date) from Task where status_id is_not None "
    "group by status.name": [
        {
            "status.name": "Not started",
            "sum_bid": 3600,
            "avg_bid": 3600,
            "min_name": "Anim",
            "max_start_date": {"__type__": "datetime", "value": "2020-01-02T10:00:00"},
        },
        {
            "status.name": "Done",
            "sum_bid": 7200.5,
            "avg_bid": 7200.5,
            "min_name": "anim",
            "max_start_date": {"__type__": "datetime", "value": "2020-01-02T10:00:00"},
        },
    ],
    "select count(id) from Task where parent[Shot] has () group by project_id, parent.parent.name": [
        {"project_id": "show", "parent.parent.name": "sq010", "count_id": 3},
    ],
    "select count(status), count(id) from Task": [{"count_status": 3, "count_id": 4}],
    "select count(id), sum(bid) from Task where name is nothing": [{"count_id": 0, "sum_bid": None}],
    "select count(id) from Task where name is nothing group by status_id": [],
    "select count(id) from Context group by context_type": [
        {"context_type": "show", "count_id": 1},
        {"context_type": "task", "count_id": 9},
    ],
    "select max(is_active) from User group by resource_type": [{"resource_type": "user", "max_is_active": True}],
    "select sum(time_logged) from Task group by parent.name order by sum_time_logged desc limit 1": [
        {"parent.name": "sh010", "sum_time_logged": 1500.5},
    ],
    "select count(parent[Shot].name) from Task group by parent[Shot].parent.name": [
        {"parent.parent.name": "sq010", "count_parent.name": 3},
        {"parent.parent.name": None, "count_parent.name": 0},
    ],
    "select count(id) from Task group by status": [
        {"status": "open", "count_id": 1},
        {"status": "done", "count_id": 2},
        {"status": None, "count_id": 1},
    ],
    "Task where type_id is anim group by type_id": [{"type_id": "anim"}],
}


@pytest.mark.parametrize("expression", GROUPS)
def test_groups_are_plain_objects_with_their_keys_and_sums(expression: str, reader: Reader) -> None:
    """Without it, a report over a whole show would fetch every task to count them."""
    assert reader.query(expression, strict=True).rows == GROUPS[expression]


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("", [1, 2, 1]),
        ("order by status_id", [1, 2, 1]),
        ("order by status_id descending", [1, 2, 1]),
        ("order by count_id desc", [2, 1, 1]),
        ("order by count_id, status_id desc", [1, 1, 2]),
        ("limit 2", [1, 2]),
        ("order by count_id desc limit 1 offset 0", [2]),
        ("offset 2 limit 5", [1]),
        ("offset 5", []),
    ],
)
def test_groups_come_in_order_and_in_pages(tail: str, expected: list[int], reader: Reader) -> None:
    """Without it, the busiest artist could not be asked for alone."""
    found = reader.query(f"select count(id) from Task group by status_id {tail}", strict=True)
    assert [row["count_id"] for row in found.rows] == expected


def test_a_next_page_of_groups_is_told_only_where_there_is_one(reader: Reader) -> None:
    """Without it, clients would ask once more for nothing, or miss groups."""
    text = "select count(id) from Task group by status_id"
    pages = {tail: reader.query(f"{text} {tail}", strict=True).next_offset for tail in ("limit 2", "limit 3", "")}
    assert pages == {"limit 2": 2, "limit 3": None, "": None}


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("select name, count(id) from Task group by status_id", "selects only what it groups by (here status_id)"),
        ("select name, count(id) from Task", "selects only what it groups by (here nothing)"),
        ("select sum(name) from Task group by status_id", "name holds no numbers"),
        ("select avg(start_date) from Task", "start_date holds no numbers"),
        ("select max(thumbnail_url) from Task", "have no order; count them"),
        ("select count(id) from Task group by children", "no single value"),
        ("select count(notes.id) from Task", "no single value"),
        ("select count(nme) from Task", "did you mean 'name'"),
        ("select count(id) from Task group by nme", "did you mean 'name'"),
        ("select count(id) from Task group by status_id order by name", "can be ordered by status_id, count_id"),
    ],
)
def test_what_cannot_be_grouped_is_refused_with_its_name(expression: str, told: str, reader: Reader) -> None:
    """Without it, a report would show numbers that mean nothing."""
    with pytest.raises(QueryFault, match=r"^ParseError") as caught:
        reader.query(expression, strict=True)
    assert told in caught.value.content


def test_groups_need_the_strict_api(reader: Reader) -> None:
    """Without it, a script would work here and fail against ftrack."""
    for expression in GROUPS:
        with pytest.raises(QueryFault, match="'ftrack-strict-api: true'"):
            reader.query(expression)


def test_groups_are_one_statement(store: Store, reader: Reader, put: Callable[..., None]) -> None:
    """Without it, a report would be slower for each row or group."""
    for number in range(50):
        put("Milestone", id=f"m{number}", name=f"{number}", parent_id="show")
    before = store.statements
    found = reader.query("select count(id) from Milestone group by name, parent.name", strict=True)
    assert (store.statements - before, len(found.rows)) == (1, 50)


@pytest.mark.parametrize(
    ("headers", "strict"),
    [
        ({}, False),
        ({"ftrack-strict-api": "false"}, False),
        ({"ftrack-strict-api": "true"}, True),
        ({"ftrack-api-options": "strict"}, True),
        ({"ftrack-api-options": "strict=1;denormalize=1"}, True),
        ({"ftrack-api-options": "denormalize:1; strict:1"}, True),
        ({"ftrack-api-options": "strict=0;denormalize=1"}, False),
        ({"ftrack-api-options": "restrict=1"}, False),
    ],
)
def test_a_client_asks_for_the_strict_api_in_its_headers(headers: dict[str, str], strict: bool, client: Any) -> None:
    """Without it, neither client's own way of asking would be understood."""
    asked = [{"action": "query", "expression": "select count(id) from User group by is_active"}]
    reply = json.loads(client.post(json.dumps(asked).encode(), **headers).body)
    if strict:
        assert reply[0]["data"][0]["count_id"] >= 1
        assert reply[0]["metadata"]["next"] == {"offset": None}
    else:
        assert "strict API" in reply["content"]
