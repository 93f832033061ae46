"""Any bytes as a body, any method, address and header: JSON comes back, and others work on."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftrack_core.values import Request

MARK = "Zq9mark"
many = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
some = settings(many, max_examples=100)

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([MARK, 10**400, -(2**63)]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
HEADERS = [
    *("ftrack-user", "ftrack-api-key", "ftrack-strict-api", "ftrack-clienttoken", "ftrack-pushtoken"),
    *("ftrack-api-options", "x-request-id", "content-type", "content-length", "cookie"),
]
NAMES = st.sampled_from(["action", "entity_type", "entity_key", "entity_data", "expression", "values", "metadata"])
ACTIONS = st.sampled_from(["create", "update", "delete", "query", "query_server_information", "search", MARK])
TYPES = st.sampled_from(
    ["Task", "Context", "Note", "Metadata", "CustomAttributeValue", "User", MARK, "Asset", "Event"]
)
OPERATIONS = st.lists(
    st.fixed_dictionaries(
        {"action": ACTIONS | JSON},
        optional={
            "entity_type": TYPES | JSON,
            "entity_key": st.lists(st.text(max_size=4), max_size=3) | JSON,
            "entity_data": st.dictionaries(st.sampled_from(["id", "name", "parent", "__entity_type__", MARK]), JSON),
            "expression": st.text(max_size=30) | JSON,
            "values": JSON,
        },
    )
    | st.dictionaries(NAMES, JSON, max_size=4),
    max_size=4,
)


@many
@given(st.binary(max_size=200))
def test_any_bytes_as_a_body(ground: Any, body: bytes) -> None:
    """A scanner, a broken proxy, another program's protocol on the wrong port."""
    ground.demand_sound(ground.post(body))
    ground.demand_living()


@many
@given(JSON)
def test_any_json_as_a_body(ground: Any, value: Any) -> None:
    """A tool that sends the right format with the wrong shape."""
    ground.demand_sound(ground.post(json.dumps(value).encode()))
    ground.demand_living()


@many
@given(OPERATIONS)
def test_operations_of_any_shape(ground: Any, batch: Any) -> None:
    """Right names with wrong values under them."""
    ground.demand_sound(ground.post(json.dumps(batch).encode(), **{"ftrack-strict-api": "true"}))
    ground.demand_living()


@some
@given(st.sampled_from(["[", '{"a":', '[{"a":[', "[[],", '[{"action":']), st.integers(1, 30_000), st.booleans())
def test_nesting_of_any_depth(ground: Any, opening: str, times: int, closed: bool) -> None:
    """Depth is the cheapest way to hurt a parser."""
    closing = {"[": "]", "{": "}"}
    ending = "".join(closing[one] for one in reversed(opening) if one in closing) * times if closed else ""
    ground.demand_sound(ground.post(f"{opening * times}1{ending}".encode()))
    ground.demand_living()


@some
@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "TRACE"]) | st.text(max_size=8),
    st.text(max_size=30) | st.builds("/api{}".format, st.text(max_size=20)) | st.text(string.printable, max_size=20),
    st.binary(max_size=20),
)
def test_any_method_and_address(ground: Any, method: str, url: str, body: bytes) -> None:
    """Whatever people type into a browser."""
    response = ground.workspace.exchange(Request(method, url, ground.credentials, body))
    ground.demand_sound(response)
    ground.demand_living()


@some
@given(
    st.dictionaries(
        st.sampled_from(HEADERS) | st.text(max_size=10),
        st.text(max_size=30)
        | st.sampled_from([MARK, "user", "true", "undefined", "strict:1;denormalize:1", "\ud800"]),
        max_size=6,
    )
)
def test_any_headers(ground: Any, headers: dict[str, str]) -> None:
    """Half a set of credentials, bytes that are no text, options that nobody knows."""
    body = b'[{"action": "query", "expression": "select name from Task"}]'
    for sent in (headers, {**ground.credentials, **headers}):
        ground.demand_sound(ground.workspace.exchange(Request("POST", "/api", sent, body)))
    ground.demand_living()
