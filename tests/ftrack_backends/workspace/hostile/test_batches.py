"""Valid batches with something wrong in them: refused whole, or done so that all of it can be read."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MARK = "Zq9mark"
P, S, T, A, V, N, LIST, USER, NONE = (f"00000000-0000-4000-8000-{place:012d}" for place in range(9))
many = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def _reference(kind: str, key: str) -> dict[str, str]:
    return {"__entity_type__": kind, "id": key}


def _create(kind: str, **data: Any) -> dict[str, Any]:
    return {"action": "create", "entity_type": kind, "entity_data": {"__entity_type__": kind, **data}}


def _update(kind: str, key: Any, **data: Any) -> dict[str, Any]:
    changed = {"__entity_type__": kind, **data}
    return {"action": "update", "entity_type": kind, "entity_key": key, "entity_data": changed}


def _delete(kind: str, key: Any) -> dict[str, Any]:
    return {"action": "delete", "entity_type": kind, "entity_key": key}


METADATA = {"__entity_type__": "Metadata", "parent_id": S, "key": "k"}
MOMENT = {"__type__": "datetime", "value": "2026-03-04T05:06:07.89+02:00"}
WIDGET = {"name": "tasks", "theme": None, "entity_type": "Task", "entity_key": [T]}
VALID: list[dict[str, Any]] = [
    _create("Task", name="t", parent=_reference("Shot", S), bid=3600, start_date=MOMENT),
    _create("Shot", id=NONE, name="s", parent_id=P, sort=1),
    _create("Note", content="c", author=_reference("User", USER), parent_id=T, parent_type="Task", is_todo=True),
    _create("Recipient", note_id=N, resource_id=USER),
    _create("AssetVersion", asset=_reference("Asset", A), task_id=T, comment="c"),
    _create("FileComponent", name="main", version=_reference("AssetVersion", V), size=5, file_type=".ma"),
    _create("Metadata", parent_id=S, parent_type="Shot", key="k", value="v"),
    _create("Timer", user_id=USER, comment="c", start=MOMENT),
    _create("Timelog", user_id=USER, context_id=T, duration=60, start=MOMENT),
    _create("Scope", name="scope"),
    _create("User", username="third", email="t@example.com"),
    _create("Appointment", context_id=T, resource_id=USER, type="assignment"),
    _create("Job", user_id=USER, status="running", data='{"a": 1}'),
    _create("TypedContextLink", **{"from": _reference("Shot", S), "to": _reference("Task", T)}),
    _create("CustomAttributeConfiguration", key="k", label="K", entity_type="task", config="{}", default=1),
    _create("Project", name="second", project_schema_id=NONE),
    _update("Task", [T], name="other", parent=_reference("Project", P)),
    _update("Task", T, scopes=[], notes=[_reference("Note", N)], description=None),
    _update("Shot", [S], metadata=[METADATA], end_date=MOMENT),
    _update("AssetVersion", [V], uses_versions=[_reference("AssetVersion", V)], components=[]),
    _update("Metadata", [S, "k"], value="w"),
    _update("ContextCustomAttributeValue", [NONE, S], value=[1, "two", None]),
    _update("User", [USER], first_name="N", is_active=True),
    _update("Project", [P], status="hidden", children=[_reference("Shot", S)]),
    _delete("Task", [T]),
    _delete("Context", S),
    _delete("Metadata", [S, "k"]),
    _delete("Note", [N]),
    {"action": "query", "expression": "select name, parent.name, notes.content from Task where name is x"},
    {"action": "query_server_information", "values": ["version"]},
    {"action": "search", "expression": "", "entity_type": "Task", "terms": ["an"], "context_id": P},
    {"action": "get_widget_url", **WIDGET},
    {"action": "reset_remote", "reset_type": "api_key", "entity_type": "User", "entity_key": USER},
    {"action": "send_user_invite", "user_id": USER},
    {"action": "send_review_session_invite", "review_session_invitee_id": NONE},
    {"action": "delayed_job", "job_type": "SYNC_USERS_LDAP", "data": {"a": [1]}},
    {"action": "generate_signed_url", "component_id": NONE, "operation": "get"},
    {"action": "encode_media", "component_id": NONE, "version_id": V, "keep_original": True},
    {"action": "add_user_security_role", "user_id": USER, "role_id": NONE, "all_open_projects": True},
]
DEEP: Any = MARK
for _ in range(60):
    DEEP = [DEEP, {"a": DEEP}] if len(str(DEEP)) < 1000 else [DEEP]
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
HOSTILE: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        0.5,
        2**31,
        2**63,
        -(2**63) - 1,
        10**400,
        1e308,
        5e-324,
        float("nan"),
        float("inf"),
    ),
    *("", " ", MARK, f'{MARK}\'; DROP TABLE "Context"; --', f'{MARK}"]) OR 1=1', f"{MARK}\0tail", f"{MARK}\ud800"),
    *(
        f"{MARK}é☃😀\u202e",
        MARK * 500,
        "%",
        "None",
        "id",
        "__type__",
        "rowid",
        "Task",
        "Context",
        "project",
        "9" * 400,
    ),
    *(P, S, T, A, V, N, USER, NONE, [], [[]], [None], {}, {"": None}, [MARK, MARK], [S, S], {"id": S}, DEEP),
    *({"__entity_type__": MARK}, {"__entity_type__": "Task"}, {"__entity_type__": ["Task"], "id": T}),
    *(_reference("Task", T), _reference("Shot", S), _reference("Context", P), _reference("User", USER)),
    *(_reference("Task", NONE), {"__entity_type__": "Task", "id": [T]}, {"__entity_type__": "Task", "id": None}),
    *(
        {"__type__": "datetime", "value": each}
        for each in (MARK, "", None, 5, "0000-00-00", "9999-12-31T23:59:59-14:00")
    ),
    *(
        {"__type__": "datetime", "value": "0001-01-01T00:00:00+14:00"},
        {"__type__": MARK, "value": 1},
        {"__type__": None},
    ),
]
NAMES = [
    MARK,
    "id",
    "name",
    "parent",
    "parent_id",
    "__entity_type__",
    "__type__",
    "link",
    "status",
    "status_id",
    "notes",
]


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of everything inside a value."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield from _places(each, (*path, key))


@st.composite
def spoiled(draw: Callable[[Any], Any]) -> list[Any]:
    """A batch of valid operations with one to three things about it changed."""
    batch: list[Any] = copy.deepcopy(draw(st.lists(st.sampled_from(VALID), min_size=1, max_size=4)))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(batch))
        if places:
            _spoil(draw, batch, draw(st.sampled_from(places)))
    return batch


def _spoil(draw: Callable[[Any], Any], batch: list[Any], path: tuple[Any, ...]) -> None:
    holder: Any = batch
    for step in path[:-1]:
        holder = holder[step]
    how = draw(st.sampled_from(["replace", "replace", "replace", "remove", "add", "wrap", "double"]))
    if how == "replace":
        holder[path[-1]] = copy.deepcopy(draw(st.sampled_from(HOSTILE)))
    elif how == "remove":
        del holder[path[-1]]
    elif how == "wrap":
        holder[path[-1]] = [holder[path[-1]]]
    elif isinstance(holder, dict):
        holder[draw(st.sampled_from(NAMES))] = copy.deepcopy(draw(st.sampled_from(HOSTILE)))
    else:
        holder.append(copy.deepcopy(holder[path[-1]]))


@many
@given(spoiled())
def test_a_spoiled_batch_is_refused_whole_or_can_be_read(new_ground: Callable[[], Any], batch: list[Any]) -> None:
    """A slip in one operation must not leave half of a publish, nor a value that nobody can load any more."""
    with new_ground() as ground:
        before = ground.content()
        reply = ground.demand_sound(ground.post(json.dumps(batch).encode()))
        after = ground.content()
        assert after == before or isinstance(reply, list)
        if not ground.welcome(ground.neighbour) or not ground.welcome(ground.credentials):
            return  # a batch may change keys and names, and send people away
        ground.demand_living()
        if after != before:
            _demand_readable(ground, batch)


def _demand_readable(ground: Any, batch: list[Any]) -> None:
    """Every attribute of every type that the batch touched can still be read."""
    touched = {"Task", "Shot", "Project", "User", "Note", "AssetVersion"} | {each.get("entity_type") for each in batch}
    for schema in ground.workspace._application._services.schemas:
        if schema["id"] in touched:
            names = [name for name, told in schema["properties"].items() if not told.get("restricted_projection")]
            query = f"select {', '.join(names)} from {schema['id']}"
            reply = ground.demand_sound(ground.post(json.dumps([{"action": "query", "expression": query}]).encode()))
            assert isinstance(reply, list), (query, reply)
