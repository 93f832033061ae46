"""The files of the package as text. The same catalogue gives the same text; nothing is read or written here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from ftrack_core.cli.stubs._annotations import Annotations
from ftrack_core.cli.stubs._catalogue import Catalogue
from ftrack_core.cli.stubs._classes import Classes
from ftrack_core.cli.stubs._names import TAKEN, Names, names_of

__all__ = ["MARK", "rendered"]

MARK: Final = "# Written by `ftrack stubs`"
"""How a file begins that this command wrote."""

_HEADER: Final = """{mark}; change nothing here, it is written anew.
#
# Server: {server}
# Schema: {schema_hash}, {types} entity types, {customs} custom attributes
# To write it anew: ftrack stubs --package {package}{options}
"""

_STUB: Final = """# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match"
# pyright: reportIncompatibleMethodOverride=false, reportOverlappingOverload=false, reportGeneralTypeIssues=false
# pyright: reportMissingModuleSource=false, reportPrivateUsage=false

import datetime as _datetime
from collections.abc import Iterable as _Iterable, Mapping as _Mapping, Sequence as _Sequence
from typing import Any as _Any, Generic as _Generic, Literal as _Literal, NoReturn as _NoReturn
from typing import Protocol as _Protocol, TypedDict as _TypedDict, overload as _overload
from typing_extensions import TypeAlias as _TypeAlias, TypeVar as _TypeVar

from ftrack_core import Session as _Session
from ftrack_core.entity import Collection as _Collection, Entity as _Entity, MappedCollection as _MappedCollection
from ftrack_core.query import AttributePath as _AttributePath, Filter as _Filter, Ordering as _Ordering
from ftrack_core.query import Query as _Query, Selection as _Selection
from ftrack_core.session import QueryResult as _QueryResult, behaviours as _behaviours

_E = _TypeVar("_E", bound=_Entity, default=_Entity)
_MaybeNone: _TypeAlias = _Any
_Path: _TypeAlias = str | _AttributePath
_Key: _TypeAlias = str | _Sequence[str]

class _Dated(_Protocol):
    def isoformat(self) -> str: ...

class _Texts(_MappedCollection):
    def __getitem__(self, key: str) -> str: ...
    def __setitem__(self, key: str, value: str) -> None: ...

class _NoCustomAttributes(_MappedCollection):
    def __getitem__(self, key: _NoReturn) -> _Any: ...
    def __setitem__(self, key: _NoReturn, value: _Any) -> None: ...

class TypedSelection(_Selection, _Generic[_E]):
    def where(self, *conditions: _Filter, **equal: object) -> TypedSelection[_E]: ...
    def order_by(self, *orderings: _Path | _Ordering) -> TypedSelection[_E]: ...
    def group_by(self, *paths: _Path) -> TypedSelection[_E]: ...
    def offset(self, rows: int | None) -> TypedSelection[_E]: ...
    def limit(self, rows: int | None) -> TypedSelection[_E]: ...

"""

_NONE: Final = Names("", "", "_NoCustomAttributes", "_Mapping[str, _NoReturn]")
"""What stands for the custom attributes of types that have none."""

_METHODS: Final = (
    ("query", "expression: {literal}, page_size: int = 500", "_QueryResult[{entity}]"),
    ("get", "entity_type: {literal}, entity_key: _Key", "{entity} | None"),
    ("get_many", "entity_type: {literal}, entity_keys: _Iterable[_Key]", "list[{entity} | None]"),
    ("create", "entity_type: {literal}, data: {values} | None = None, reconstructing: bool = False", "{entity}"),
    (
        "ensure",
        "entity_type: {literal}, data: {values}, identifying_keys: _Sequence[str] | None = None",
        "{entity}",
    ),
)
_FURTHER: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "query": (
        ("expression: TypedSelection[_E], page_size: int = 500", "_QueryResult[_E]"),
        ("expression: str | _Selection | _Query, page_size: int = 500", "_QueryResult[_E]"),
    ),
    "get": (("entity_type: str, entity_key: _Key", "_Entity | None"),),
    "get_many": (("entity_type: str, entity_keys: _Iterable[_Key]", "list[_Entity | None]"),),
}

_RUNTIME: Final = '''"""Entity types of a server, for annotations and `isinstance`; what is in them: `__init__.pyi`."""

from ftrack_core import Session as TypedSession
from ftrack_core import select
from ftrack_core.entity import Entity as _Entity
from ftrack_core.query import Selection as TypedSelection

_TYPES = {types}
_BASES = {bases}
_VALUES = {values}


class _EntityType(type):
    """Type of classes that stand for an entity type: any session's entities of it are their instances."""

    def __instancecheck__(cls, instance):
        name = instance.entity_type if isinstance(instance, _Entity) else None
        while name is not None and name != cls.entity_type:
            name = _BASES.get(name)
        return name is not None

    def __call__(cls, *_, **__):
        raise TypeError(f"Entities are made by a session: session.create({{cls.entity_type!r}}, {{{{...}}}})")


for _name, _entity_type in _TYPES.items():
    globals()[_name] = _EntityType(_name, (), {{"__module__": __name__, "entity_type": _entity_type}})
for _name in _VALUES:
    globals()[_name] = dict
__all__ = [{taken}, *_TYPES, *_VALUES]
'''


def rendered(catalogue: Catalogue, package: str, *, strict_none: bool = False) -> dict[str, str]:
    """The text of each file of the package, by name.

    Args:
        catalogue: What the server has.
        package: Name of the package.
        strict_none: Whether to type as `X | None` what the schema does not require.
    """
    names = names_of(catalogue.schemas)
    header = _HEADER.format(
        mark=MARK,
        server="".join(character for character in catalogue.server if character.isprintable()),
        schema_hash=catalogue.schema_hash,
        types=len(catalogue.schemas),
        customs=catalogue.configurations,
        package=package,
        options=" --strict-none" if strict_none else "",
    )
    classes = Classes(catalogue, names, Annotations(names, _customs(catalogue, names), strict_none))
    stub = [header, _STUB, *(f"{classes.of(name)}\n" for name in sorted(names)), _session(names)]
    return {"__init__.py": header + _runtime(catalogue, names), "__init__.pyi": "".join(stub), "py.typed": ""}


def _customs(catalogue: Catalogue, names: Mapping[str, Names]) -> dict[str, Names]:
    """Of each type that can have custom attributes, the names of their mapping; where it adds none, its base's."""
    found: dict[str, Names] = {}
    by_size = sorted(names, key=lambda name: (-len(catalogue.schemas.subtypes(name)), name))
    for name in (one for one in by_size if "custom_attributes" in catalogue.schemas[one].attributes):
        keys = catalogue.keys_of(name)
        above = [one for one in catalogue.schemas.supertypes(name)[1:2] if one in found]
        alike = [found[one] for one in above if catalogue.keys_of(one) == keys]
        found[name] = next(iter(alike), names[name]) if keys else _NONE
    return found


def _session(names: Mapping[str, Names]) -> str:
    methods = [_method(names, *method) for method in _METHODS]
    merge = "    @_overload\n    def merge(self, value: _E) -> _E: ...\n"
    merge += "    @_overload\n    def merge(self, value: _Any) -> _Any: ...\n"
    parameters = "(entity_type: {literal}, *projections: _Path)"
    select = [
        f"@_overload\ndef select{parameters.format(literal=_literal(name))} -> TypedSelection[{known.entity}]: ...\n"
        for name, known in sorted(names.items())
    ]
    return f"class TypedSession(_Session):\n{''.join(methods)}{merge}\n{''.join(select)}"


def _method(names: Mapping[str, Names], method: str, parameters: str, result: str) -> str:
    forms = []
    for name, known in sorted(names.items()):
        filled = {"literal": _literal(name), "entity": known.entity, "values": known.values}
        forms.append((parameters.format(**filled), result.format(**filled)))
    forms += _FURTHER.get(method, ())
    return "".join(f"    @_overload\n    def {method}(self, {given}) -> {to}: ...\n" for given, to in forms)


def _literal(name: str) -> str:
    return f"_Literal[{name!r}]"


def _runtime(catalogue: Catalogue, names: Mapping[str, Names]) -> str:
    bases = {name: above[1] for name in sorted(names) if len(above := catalogue.schemas.supertypes(name)) > 1}
    return _RUNTIME.format(
        types=_source({known.entity: name for name, known in sorted(names.items())}),
        bases=_source(bases),
        values=_source([known.values for _, known in sorted(names.items())]),
        taken=", ".join(f'"{name}"' for name in sorted(TAKEN)),
    )


def _source(value: object) -> str:
    return json.dumps(value, indent=4)
