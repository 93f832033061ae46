"""The schemas made from the model are those of a real server."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.workspace.model import Integer, Mapped, Text, ftrack_model, query_schemas, schema_hash

REFERENCE = Path(
    os.environ.get("FTRACK_REFERENCE_SCHEMAS")
    or Path(__file__).parents[4].parent / "shared" / "data" / "query_schemas.json"
)
HASH_OF_A_REAL_SERVER = "23a1157b8b1730fd91c76f63dcd67a8f"
TABLE_SIZE = 512
SECOND_IN_THEIR_PLACE = (
    "NoteCategory",
    "Dashboard",
    "Episode",
    "ComponentLocation",
    "ComponentCustomAttributeLink",
    "AssetVersionCustomAttributeLinkFrom",
)

Schema = dict[str, Any]


@pytest.fixture(scope="module")
def schemas() -> dict[str, Schema]:
    """Our schemas, by id."""
    return {str(one["id"]): one for one in query_schemas(ftrack_model())}


@pytest.fixture(scope="module")
def reference() -> dict[str, Schema]:
    """A real server's schemas, by id; they are no part of the repository."""
    if not REFERENCE.is_file():
        pytest.skip(f"no reply of a real server at {REFERENCE}; name one in FTRACK_REFERENCE_SCHEMAS")
    return {one["id"]: one for one in json.loads(REFERENCE.read_text())}


def in_a_real_servers_order(schemas: dict[str, Schema]) -> list[Schema]:
    """Put schemas into the order of a real server's reply: that of a hash table of 64-bit Python 2, by schema id.

    The names went in by alphabet, save six that share a place with another one and came second to it.
    """
    places: dict[int, str] = {}
    for name in (*sorted(set(schemas) - set(SECOND_IN_THEIR_PLACE)), *SECOND_IN_THEIR_PLACE):
        place = left = old_hash(name)
        while place % TABLE_SIZE in places:
            place, left = 5 * place + left + 1, left >> 5
        places[place % TABLE_SIZE] = name
    return [schemas[name] for _, name in sorted(places.items())]


def old_hash(text: str) -> int:
    """Give the hash that Python 2 gave a string."""
    value = ord(text[0]) << 7
    for character in text:
        value = (1000003 * value ^ ord(character)) % 2**64
    return value ^ len(text)


def test_the_hash_of_all_schemas_is_that_of_a_real_server(schemas: dict[str, Schema]) -> None:
    """Without it a single wrong flag on any of the 116 types would go unseen where no real reply is at hand."""
    assert schema_hash(in_a_real_servers_order(schemas)) == HASH_OF_A_REAL_SERVER


def test_the_hash_tells_of_a_single_flag(schemas: dict[str, Schema]) -> None:
    """A hash that ignored details would let clients keep an outdated schema."""
    changed = json.loads(json.dumps(schemas))
    changed["Timer"]["properties"]["comment"]["default"] = " "
    assert schema_hash(in_a_real_servers_order(changed)) != HASH_OF_A_REAL_SERVER


def test_we_have_the_types_of_a_real_server_and_no_other(
    schemas: dict[str, Schema], reference: dict[str, Schema]
) -> None:
    """A missing type breaks clients that ask for it; an invented one lets tools pass that fail in production."""
    assert sorted(schemas) == sorted(reference)


@pytest.mark.parametrize("name", sorted(one.name for one in ftrack_model()))
def test_a_schema_equals_the_real_one(name: str, schemas: dict[str, Schema], reference: dict[str, Schema]) -> None:
    """Clients build their entity types from this: any difference is another behaviour. Lists count in order."""
    assert schemas[name] == reference[name]


def test_schemas_come_in_the_order_of_the_model(schemas: dict[str, Schema]) -> None:
    """The hash depends on the order: were it not fixed, every restart would send all clients to load schemas anew."""
    assert list(schemas) == [one.name for one in ftrack_model()]


def test_hidden_attributes_are_no_properties(schemas: dict[str, Schema]) -> None:
    """Clients would ask for storage's own columns, which real servers do not have."""
    assert "state_id" in ftrack_model()["Status"].attributes
    assert "state_id" not in schemas["Status"]["properties"]


def test_an_added_attribute_shows_in_the_schemas_of_all_types_below() -> None:
    """A studio that adds to `TypedContext` expects it on shots and tasks, with its flags."""
    model = ftrack_model().extended(attributes={"TypedContext": (Integer("frame_count", required=True, default=0),)})
    shot = next(one for one in query_schemas(model) if one["id"] == "Shot")
    assert shot["properties"]["frame_count"] == {"type": "integer", "default": 0}  # type: ignore[index]
    assert "frame_count" in shot["required"]  # type: ignore[operator]


def test_restricted_relations_are_told_as_such(schemas: dict[str, Schema]) -> None:
    """Clients must not make attributes of what the server refuses to select."""
    restricted = [name for name, each in schemas["Shot"]["properties"].items() if each.get("restricted_projection")]
    declared = ftrack_model()["Shot"].collections.values()
    assert restricted == sorted(each.name for each in declared if isinstance(each, Mapped) and each.restricted)


def test_a_default_of_none_is_told_and_no_default_is_not() -> None:
    """A client sends told defaults on create; a default that appears from nowhere would overwrite the server's."""
    added = (Text("grade", default=None), Text("reel"))
    model = ftrack_model().extended(attributes={"Shot": added})
    shot = next(one for one in query_schemas(model) if one["id"] == "Shot")
    assert shot["properties"]["grade"] == {"type": "string", "default": None}  # type: ignore[index]
    assert shot["properties"]["reel"] == {"type": "string"}  # type: ignore[index]
