"""What the stubs say, as text: names, annotations, custom attributes."""

from __future__ import annotations

import ast
import functools
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ftrack_core.cli.stubs._catalogue import Catalogue, CustomAttribute, without_secrets
from ftrack_core.cli.stubs._names import TAKEN, names_of
from ftrack_core.cli.stubs._rendering import MARK, rendered
from ftrack_core.schema import Schemas

ROOT = Path(__file__).parents[4]
SHOT_ID, TASK_ID = "id-of-shots", "id-of-tasks"
TEXT = {"type": "string"}
CUSTOM = {"type": "mapped_array", "items": {"$ref": "ContextCustomAttributeValue"}}


def _type(name: str, properties: Mapping[str, Any], required: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    described = {"id": TEXT, **properties}
    return {"id": name, "primary_key": ["id"], "properties": described, "required": [*required, "id"], **more}


def _object_type(name: str, object_type_id: str) -> dict[str, Any]:
    properties = {
        "object_type_id": {**TEXT, "default": object_type_id},
        "name": TEXT,
        "custom_attributes": CUSTOM,
        "parent": {"$ref": "Context"},
    }
    return _type(name, properties, ("name",), alias_for={"id": "Task", "classifiers": {"x": 1}})


RAW = [
    _type("Context", {"name": TEXT, "custom_attributes": CUSTOM}, ("name",)),
    _type("TypedContext", {"name": TEXT, "object_type_id": TEXT, "custom_attributes": CUSTOM}, ("name",)),
    _object_type("Shot", SHOT_ID),
    _object_type("Task", TASK_ID),
    _type("Project", {"name": TEXT, "custom_attributes": CUSTOM}),
    _type(
        "Thing",
        {
            "at": {"type": "string", "format": "date-time"},
            "count": {"type": "integer"},
            "length": {"type": "number"},
            "made": TEXT,
            "on": {"type": "boolean"},
            "raw": {"type": "object"},
            "shot": {"$ref": "Shot"},
            "task": {"$ref": "Task"},
            "task_id": TEXT,
            "tasks": {"type": "array", "items": {"$ref": "Task"}},
            "total": {"type": "number"},
            "metadata": {"type": "mapped_array", "items": {"$ref": "Metadata"}},
            "link": {"type": "string", "alias_for": "_api_link"},
        },
        ("count", "task_id"),
        immutable=["made"],
        computed=["total"],
    ),
]


def _catalogue(*custom: CustomAttribute, raw: list[dict[str, Any]] = RAW, server: str = "https://a.b") -> Catalogue:
    return Catalogue(server, Schemas(raw), custom)


def _stub(*custom: CustomAttribute, strict_none: bool = False, raw: list[dict[str, Any]] = RAW) -> str:
    return rendered(_catalogue(*custom, raw=raw), "ftrack_types", strict_none=strict_none)["__init__.pyi"]


def _methods(text: str, class_name: str, method: str) -> dict[str, str]:
    """What a class says of each key: its annotation in that method."""
    found: dict[str, str] = {}
    for one in _classes(text)[class_name].body:
        if isinstance(one, ast.FunctionDef) and one.name == method:
            found.update(_keys(one))
    return found


@functools.cache
def _classes(text: str) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}


def _keys(method: ast.FunctionDef) -> dict[str, str]:
    key = method.args.args[1].annotation
    assert key is not None
    names = [node.value for node in ast.walk(key) if isinstance(node, ast.Constant)]
    said = method.returns if method.name == "__getitem__" else method.args.args[2].annotation
    assert said is not None
    return {str(name): ast.unparse(said) for name in names}


def test_reading_gives_the_types_that_the_schema_says() -> None:
    """A wrong annotation makes mypy refuse right code, or let wrong code pass."""
    assert _methods(_stub(), "Thing", "__getitem__") == {
        "at": "_datetime.datetime | _MaybeNone",
        "count": "int",
        "id": "str",
        "length": "float | _MaybeNone",
        "link": "list[dict[str, str]]",
        "made": "str | _MaybeNone",
        "metadata": "_Texts",
        "on": "bool | _MaybeNone",
        "raw": "_Any",
        "shot": "Shot",
        "task": "Task",
        "task_id": "str",
        "tasks": "_Collection[Task]",
        "total": "float | _MaybeNone",
    }


def test_strictly_all_that_may_be_none_says_so() -> None:
    """Who asks for strictness wants the checks that a crash on the farm would ask for; required values need none."""
    found = _methods(_stub(strict_none=True), "Thing", "__getitem__")
    assert found["at"] == "_datetime.datetime | None"
    assert found["shot"] == "Shot | None"
    assert (found["count"], found["task"], found["id"]) == ("int", "Task", "str")


def test_what_cannot_be_changed_has_no_setter() -> None:
    """Writing an immutable or computed attribute fails at run time; the checker says so earlier."""
    found = _methods(_stub(), "Thing", "__setitem__")
    assert set(found) == {"at", "count", "id", "length", "metadata", "on", "raw", "shot", "task", "task_id", "tasks"}
    assert (found["at"], found["count"], found["shot"]) == ("_Dated | None", "int", "Shot | None")
    assert (found["task"], found["tasks"]) == ("Task", "_Iterable[Task]")


def test_custom_attributes_are_those_of_the_type() -> None:
    """A shot's frame range on a task is the very mistake that stubs are for."""
    text = _stub(
        CustomAttribute("fstart", "number", "task", SHOT_ID),
        CustomAttribute("look", "enumerator", "task", TASK_ID),
        CustomAttribute("due", "date", is_hierarchical=True),
        CustomAttribute("code", "text", "show"),
        CustomAttribute("for all", "boolean", "task"),
        CustomAttribute("of others", "text", "asset"),
    )
    shot = _methods(text, "_ShotCustomAttributes", "__getitem__")
    assert shot == {
        "due": "_datetime.datetime | _MaybeNone",
        "for all": "bool | _MaybeNone",
        "fstart": "float | _MaybeNone",
    }
    assert set(_methods(text, "_TaskCustomAttributes", "__getitem__")) == {"due", "for all", "look"}
    assert set(_methods(text, "_ProjectCustomAttributes", "__getitem__")) == {"due", "code"}
    everything = {"due", "for all", "fstart", "look", "code"}
    assert set(_methods(text, "_ContextCustomAttributes", "__getitem__")) == everything
    assert "of others" not in text


def test_a_key_of_two_types_is_either() -> None:
    """Two projects may configure one key differently, and a base type has the keys of all its kinds."""
    text = _stub(CustomAttribute("cut", "text", "task", SHOT_ID), CustomAttribute("cut", "number", "task", SHOT_ID))
    assert _methods(text, "_ContextCustomAttributes", "__getitem__") == {"cut": "float | str | _MaybeNone"}
    assert _methods(text, "_ContextCustomAttributes", "__setitem__") == {"cut": "float | str | None"}


def test_types_without_custom_attributes_refuse_every_key() -> None:
    """A mapping of anything would let a misspelt key pass."""
    text = _stub(CustomAttribute("fstart", "number", "task", SHOT_ID))
    assert _methods(text, "Task", "__getitem__")["custom_attributes"] == "_NoCustomAttributes"
    assert _methods(text, "Shot", "__getitem__")["custom_attributes"] == "_ContextCustomAttributes"


@pytest.mark.parametrize(
    ("type_name", "read", "written"),
    [
        ("expression", "str", "str"),
        ("url", "str", "str"),
        ("dynamic enumerator", "list[str]", "_Sequence[str]"),
        ("date", "_datetime.datetime", "_Dated"),
    ],
)
def test_types_of_custom_attributes_are_what_values_are(type_name: str, read: str, written: str) -> None:
    """Each type of ftrack's has a Python type; a list for an enumerator is what programs really see."""
    text = _stub(CustomAttribute("key", type_name, is_hierarchical=True))
    assert _methods(text, "_ContextCustomAttributes", "__getitem__") == {"key": f"{read} | _MaybeNone"}
    assert _methods(text, "_ContextCustomAttributes", "__setitem__") == {"key": f"{written} | None"}


def test_a_type_of_custom_attribute_that_nobody_knows_is_anything() -> None:
    """A server newer than this code must not make right programs wrong."""
    text = _stub(CustomAttribute("key", "hologram", is_hierarchical=True))
    assert _methods(text, "_ContextCustomAttributes", "__getitem__") == {"key": "_Any"}


def test_a_type_that_adds_nothing_says_so_in_a_line() -> None:
    """Ten kinds of context in full would make every run of mypy pay for what is said already."""
    alike = [_object_type("Shot", SHOT_ID), {**_object_type("TypedContext", ""), "alias_for": "x"}]
    text = _stub(raw=alike)
    assert "class Shot(TypedContext):\n    ...\n" in text
    assert "class ShotValues(TypedContextValues, total=False): ..." in text


def test_the_order_of_the_server_does_not_matter() -> None:
    """Stubs under version control change when the server changes, and never by chance."""
    custom = [CustomAttribute(f"key{number}", "text", is_hierarchical=True) for number in range(9)]
    first, second = _stub(*custom), _stub(*custom[4:], *reversed(custom[:4]), raw=[*RAW[3:], *reversed(RAW[:3])])
    assert first.partition("import")[2] == second.partition("import")[2]


def test_odd_names_become_python_and_stay_what_they_are() -> None:
    """Object types are named by producers: blanks, keywords, and names that something here has already."""
    odd = ["My Type", "My-Type", "class", "list", "3D", "TypedSession", "Shot", "ShotValues", "_x", "'", "Élan", ""]
    names = names_of(odd)
    given = [name for one in names.values() for name in (one.entity, one.values, one.custom, one.custom_values)]
    assert all(name.isidentifier() for name in given)
    assert len({*given}) == len(given)
    assert not TAKEN & {*given}
    assert (names["Shot"].entity, names["ShotValues"].entity, names["Élan"].entity) == ("Shot", "ShotValues", "Élan")
    assert names == names_of(reversed(odd))
    text = _stub(raw=[_type(name, {'it\'s "odd"\\': TEXT, "from": TEXT}) for name in odd])
    assert _methods(text, names["My Type"].entity, "__getitem__")['it\'s "odd"\\'] == "str | _MaybeNone"
    assert "_Literal['My Type']" in text


def test_a_server_cannot_write_code() -> None:
    """What a server calls its things is text in the stubs, and never a statement."""
    evil = 'x"""\nimport os\n# '
    files = rendered(
        _catalogue(
            CustomAttribute(evil, evil, is_hierarchical=True), raw=[*RAW, _type(evil, {evil: TEXT})], server=evil
        ),
        "ftrack_types",
    )
    for name in ("__init__.py", "__init__.pyi"):
        tree = ast.parse(files[name])
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import) and node.names[0].name == "os"]


def test_nothing_secret_of_an_address_is_written() -> None:
    """Stubs are committed and sent around."""
    assert without_secrets("https://ann:key@acme.example:8443/x?apiKey=1#y") == "https://acme.example:8443/x"
    assert without_secrets("embedded:show") == "embedded:show"


def test_the_header_says_what_it_is_and_how_to_make_it_anew() -> None:
    """Whoever opens the file in a year must know where it came from."""
    catalogue = _catalogue(CustomAttribute("key", "text", is_hierarchical=True))
    for name in ("__init__.py", "__init__.pyi"):
        text = rendered(catalogue, "acme_types", strict_none=True)[name]
        assert text.startswith(MARK)
        assert "# Server: https://a.b\n" in text
        assert f"{catalogue.schema_hash}, 6 entity types, 1 custom attributes" in text
        assert "ftrack stubs --package acme_types --strict-none\n" in text


def _reference() -> list[dict[str, Any]]:
    path = Path(os.environ.get("FTRACK_REFERENCE_SCHEMAS") or ROOT / "../shared/data/query_schemas.json")
    if not path.exists():
        pytest.skip("the schemas of a real server are not at hand: name their file in FTRACK_REFERENCE_SCHEMAS")
    raw: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return raw


def test_all_of_a_real_server_is_there() -> None:
    """An attribute that is missing is an error in the editor on a line that works."""
    raw = _reference()
    text = _stub(CustomAttribute("fstart", "number", "task", "no such object type"), raw=raw)
    schemas = Schemas(raw)
    assert len(text) < 400_000
    for name, schema in schemas.items():
        found: dict[str, str] = {}
        for above in reversed(schemas.supertypes(name)):
            found |= _methods(text, above, "__getitem__")
        assert set(found) == set(schema.attributes), name
