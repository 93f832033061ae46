"""All schemas of a server."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ftrack_core.errors import MalformedReplyError, UnrecognisedEntityTypeError
from ftrack_core.schema._bases import base_of
from ftrack_core.schema._entity_type import EntityTypeSchema, parse_entity_type

__all__ = ["Schemas", "hash_of"]


def hash_of(raw: Sequence[Mapping[str, Any]]) -> str:
    """The hash by which a server names its schemas (server contract 4, confirmed on a real server's reply)."""
    return hashlib.md5(json.dumps(raw, sort_keys=True).encode(), usedforsecurity=False).hexdigest()


class Schemas(Mapping[str, EntityTypeSchema]):
    """Entity types by name; each one is parsed when it is first asked for.

    Args:
        raw: The reply to `query_schemas`, as the server's JSON says it.

    Raises:
        MalformedReplyError: The reply is not a list of named schemas.
    """

    __slots__ = ("_names", "_parsed", "_raw", "_standing", "_subtypes", "raw")

    def __init__(self, raw: Sequence[Mapping[str, Any]]) -> None:
        try:
            self._raw = {described["id"]: described for described in raw}
        except (KeyError, TypeError) as error:
            raise MalformedReplyError("The server's schemas are not a list of schemas with ids.") from error
        self.raw = raw
        self._parsed: dict[str, EntityTypeSchema] = {}
        self._names: dict[str, set[str]] = {}
        self._subtypes: dict[str, tuple[str, ...]] | None = None
        self._standing: dict[tuple[str, str], bool] = {}

    def __getitem__(self, name: str) -> EntityTypeSchema:
        parsed = self._parsed.get(name) if isinstance(name, str) else None
        if parsed is None:
            if not isinstance(name, str) or name not in self._raw:
                raise self.unrecognised(name)
            parsed = self._parsed[name] = parse_entity_type(self._raw[name])
        return parsed

    def __contains__(self, name: object) -> bool:
        return name in self._raw

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)

    def __repr__(self) -> str:
        return f"<Schemas of {len(self)} entity types>"

    def unrecognised(self, name: object) -> UnrecognisedEntityTypeError:
        """The error that says that there is no such type, and which one may have been meant."""
        import difflib  # for errors only

        near = difflib.get_close_matches(str(name), self._raw, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; it has {len(self)}: see `session.types`."
        return UnrecognisedEntityTypeError(
            f"The server's schema has no entity type {name!r:.80}{hint}", {"entity_type": name, "nearest": near}
        )

    def subtypes(self, name: str) -> tuple[str, ...]:
        """Names of all types that are of a type, itself first; just itself for an unknown one."""
        if self._subtypes is None:
            self._subtypes = _descendants(self._raw)
        return self._subtypes.get(name, (name,))

    def supertypes(self, name: str) -> tuple[str, ...]:
        """Names of all types that a type is of, itself first, then the nearest; just itself for an unknown one."""
        bases = [other for other in self._raw if other != name and name in self.subtypes(other)]
        return (name, *sorted(bases, key=lambda base: len(self.subtypes(base))))

    def may_stand(self, entity_type: str, expected: str) -> bool:
        """Whether an entity of one type may stand where another is expected; only what is certain is denied.

        A schema names a table where it says what a relation leads to: the items of a list of contexts are "Task", and
        may be shots. So what shares a base or a table may stand, and so may what has all attributes of the expected
        type, for that may be a base which only the server knows of.

        Raises:
            UnrecognisedEntityTypeError: There is no such type as the first one.
        """
        known = self._standing.get((entity_type, expected))
        if known is None:
            known = self._standing[entity_type, expected] = self._shares(entity_type, expected)
        return known

    def _shares(self, entity_type: str, expected: str) -> bool:
        given = self[entity_type]
        if expected not in self or given.attributes.keys() >= self[expected].attributes.keys():
            return True
        ours, theirs = self.supertypes(entity_type)[-1], self.supertypes(expected)[-1]
        return ours == theirs or _table(self._raw[entity_type]) == _table(self._raw[expected])

    def nearest_attribute(self, entity_type: str, name: object) -> str | None:
        """The attribute of a type that a wrong name comes closest to, or None when none is close."""
        import difflib  # for errors only

        near = difflib.get_close_matches(str(name), self[entity_type].attributes, n=1)
        return near[0] if near else None

    # The vocabulary of the query language.

    def has_type(self, name: str) -> bool:
        """Whether there is such a type."""
        return name in self._raw

    def type_names(self) -> Iterable[str]:
        """Names of all types."""
        return self._raw

    def possible_types(self, name: str) -> Iterable[str]:
        """The types an entity asked for by this name can be of."""
        return self.subtypes(name)

    def attribute_names(self, entity_type: str) -> set[str]:
        """Names that a query may use on a type."""
        known = self._names.get(entity_type)
        if known is None:
            schema = self[entity_type]
            known = self._names[entity_type] = schema.attributes.keys() | schema.hidden
        return known

    def target(self, entity_type: str, attribute: str) -> str | None:
        """The type that a relation leads to; None for a scalar and for what is not known."""
        found = self[entity_type].attributes.get(attribute)
        return (found.target or None) if found is not None else None


def _table(described: Mapping[str, Any]) -> Any:
    """The internal table of a type, which may be that of others too."""
    alias = described.get("alias_for") or described["id"]
    return alias.get("id") if isinstance(alias, Mapping) else alias


def _descendants(raw: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {name: [name] for name in raw}
    for name, described in raw.items():
        base = base_of(described)
        while base is not None and base in raw:
            found[base].append(name)
            base = base_of(raw[base])
    return {name: tuple(names) for name, names in found.items()}
