"""Classes as source: entities, their custom attributes, and the dicts that new ones are created with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from ftrack_core.cli.stubs._annotations import Annotations, is_link
from ftrack_core.cli.stubs._catalogue import Catalogue
from ftrack_core.cli.stubs._names import Names
from ftrack_core.schema import AttributeSchema, EntityTypeSchema
from ftrack_core.session.behaviours import behaviours_of

__all__ = ["Classes"]


@attrs.frozen
class Classes:
    """Writes the classes of entity types.

    A type that adds nothing to its base says so in one line; so do types whose custom attributes are alike.

    Attributes:
        catalogue: What the server has.
        names: Names by entity type.
        annotations: Gives annotations.
    """

    catalogue: Catalogue
    names: Mapping[str, Names]
    annotations: Annotations

    def of(self, name: str) -> str:
        """All classes of a type."""
        return "\n".join(filter(None, (self._custom(name), self._values(name), self._entity(name))))

    def _entity(self, name: str) -> str:
        bases, base = self._bases(name)
        body = self._items(name)
        if base is not None and body == self._items(base):
            body = "    ...\n"
        return f"class {self.names[name].entity}({', '.join(bases)}):\n{body}"

    def _bases(self, name: str) -> tuple[list[str], str | None]:
        """The bases as source, and the one of them that is an entity type."""
        base = next(iter(self.catalogue.schemas.supertypes(name)[1:]), None)
        inherited = behaviours_of(self.catalogue.schemas[base]) if base else ()
        own = [one for one in behaviours_of(self.catalogue.schemas[name]) if one not in inherited]
        mixed = [f"_behaviours.{behaviour.__name__}" for behaviour in own]
        return [*mixed, self.names[base].entity if base else "_Entity"], base

    def _items(self, name: str) -> str:
        schema = self.catalogue.schemas[name]
        attributes = _sorted(schema)
        read = {one.name: self.annotations.read(schema, one) for one in attributes}
        writable = [one for one in attributes if one.mutable and not one.computed and not is_link(one)]
        write = {one.name: self.annotations.write(schema, one) for one in writable}
        return _access(read, write)

    def _values(self, name: str) -> str:
        values = self._creatable(name)
        for base in self.catalogue.schemas.supertypes(name)[1:2]:
            if values == self._creatable(base):
                return f"class {self.names[name].values}({self.names[base].values}, total=False): ...\n"
        return _typed_dict(self.names[name].values, values)

    def _creatable(self, name: str) -> dict[str, str]:
        schema = self.catalogue.schemas[name]
        attributes = (one for one in _sorted(schema) if not one.computed and not is_link(one))
        return {one.name: self.annotations.write(schema, one) for one in attributes}

    def _custom(self, name: str) -> str:
        owner = self.annotations.customs.get(name)
        if owner is None or owner is not self.names[name]:
            return ""
        keys = self.catalogue.keys_of(name)
        read = {key: self.annotations.read_custom(types) for key, types in keys.items()}
        write = {key: self.annotations.write_custom(types) for key, types in keys.items()}
        mapping = f"class {owner.custom}(_MappedCollection):\n{_access(read, write)}"
        return mapping + _typed_dict(owner.custom_values, write)


def _sorted(schema: EntityTypeSchema) -> list[AttributeSchema]:
    return [schema.attributes[name] for name in sorted(schema.attributes)]


def _access(read: Mapping[str, str], write: Mapping[str, str]) -> str:
    getters = [f"def __getitem__(self, key: {keys}) -> {kind}: ..." for kind, keys in _grouped(read)]
    setters = [f"def __setitem__(self, key: {keys}, value: {kind}) -> None: ..." for kind, keys in _grouped(write)]
    getters = getters or ["def __getitem__(self, key: _NoReturn) -> _Any: ..."]
    setters = setters or ["def __setitem__(self, key: _NoReturn, value: _Any) -> None: ..."]
    return "".join((*_overloaded(getters), *_overloaded(setters)))


def _grouped(annotations: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each annotation with the literal of all names that have it: an overload for each name would be slow to check."""
    names: dict[str, list[str]] = {}
    for name, annotation in annotations.items():
        names.setdefault(annotation, []).append(name)
    return ((annotation, f"_Literal[{', '.join(map(repr, found))}]") for annotation, found in names.items())


def _overloaded(methods: list[str]) -> Iterator[str]:
    mark = "    @_overload\n" if len(methods) > 1 else ""
    return (f"{mark}    {method}\n" for method in methods)


def _typed_dict(name: str, annotations: Mapping[str, str]) -> str:
    items = "".join(f"    {key!r}: {annotation},\n" for key, annotation in annotations.items())
    return f"{name} = _TypedDict({name!r}, {{\n{items}}}, total=False)\n"
