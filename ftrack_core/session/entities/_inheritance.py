"""Values of hierarchical custom attributes, as entities inherit them: in two calls for any number of entities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import attrs

from ftrack_core.config import did_you_mean
from ftrack_core.entity import ENTITY_TYPE, Entity
from ftrack_core.errors import InvalidStateError, InvalidValueError, MalformedReplyError
from ftrack_core.query import quote, with_page
from ftrack_core.session.entities._custom_attributes import presented
from ftrack_core.session.line._server import Rows
from ftrack_core.session.loading._pages import Pages, checked_offset
from ftrack_core.values import NOT_SET, State

__all__ = ["InheritedValues"]

_BATCH: Final = 500
"""Ids in one query; the queries of one step go together in one call."""
_CONFIGURATIONS: Final = (
    "select id, key, default, project_id from CustomAttributeConfiguration where is_hierarchical is true"
)
_VALUES: Final = "select configuration_id, entity_id, value from CustomAttributeValue"
_Row: TypeAlias = Mapping[str, Any]
_Chain: TypeAlias = Sequence[str]
"""Ids from an entity up to its project."""


@attrs.frozen(eq=False)
class InheritedValues:
    """Works out inherited values from what the server has; local changes do not count.

    Args:
        pages: Sends queries.
        to_date: Makes what a program sees of a date's text.
    """

    _pages: Pages
    _to_date: Callable[[str], Any]

    def of(self, entities: Sequence[Entity], keys: Sequence[str]) -> dict[Entity, dict[str, Any]]:
        """The values of entities, by entity and key.

        Returns:
            Of each entity and key the nearest stored value, from the entity up to its project, else the default;
            `NOT_SET` where the attribute is of other projects only, or the server has no such entity.

        Raises:
            InvalidValueError: A key is not that of a hierarchical attribute, or an entity stands in no hierarchy.
            InvalidStateError: An entity is not committed.
            MalformedReplyError: The server leaves out what was selected.
        """
        if not entities or not keys:
            return {entity: {} for entity in entities}
        try:
            return self._found(list(dict.fromkeys(entities)), keys)
        except (AttributeError, KeyError, TypeError) as error:
            message = f"The server's rows of custom attributes are not as they were selected ({error!r})."
            raise MalformedReplyError(message) from error

    def _found(self, entities: Sequence[Entity], keys: Sequence[str]) -> dict[Entity, dict[str, Any]]:
        configurations, chains = self._placed(entities)
        attributes = _Attributes(configurations, keys)
        stored = self._stored(attributes.ids, chains)
        return {
            entity: {key: self._value(key, attributes, chain, stored) for key in keys}
            for entity, chain in chains.items()
        }

    def _placed(self, entities: Sequence[Entity]) -> tuple[list[_Row], dict[Entity, _Chain]]:
        """Every hierarchical configuration, and who is above whom: the first call."""
        groups: dict[str, list[str]] = {}
        for entity in entities:
            groups.setdefault(entity.entity_type, []).append(_checked(entity))
        above = [query for name, ids in groups.items() for query in _queries(_place(name), ids)]
        configurations, *places = self._rows([_CONFIGURATIONS, *above])
        found = [row for rows in places for row in rows]
        links = _links(found)
        chains = {row["id"]: _chain(row, links) for row in found}
        return configurations, {entity: chains.get(entity._identity.key[0], ()) for entity in entities}

    def _stored(self, configurations: Sequence[str], chains: Mapping[Entity, _Chain]) -> dict[tuple[str, str], Any]:
        """The values that are stored anywhere in the chains: the second call."""
        ids = list(dict.fromkeys(identifier for chain in chains.values() for identifier in chain))
        named = ", ".join(map(quote, configurations))
        expressions = list(_queries(f"{_VALUES} where configuration_id in ({named}) and entity_id", ids))
        found = [row for rows in self._rows(expressions) for row in rows]
        return {(row["configuration_id"], row["entity_id"]): row["value"] for row in found if row["value"] is not None}

    def _rows(self, expressions: Sequence[str]) -> list[list[Any]]:
        """All rows of several queries, in one call as long as the server gives each of them whole."""
        pages = self._pages.fetch_many(expressions) if expressions else []
        return [self._whole(expression, page) for expression, page in zip(expressions, pages, strict=True)]

    def _whole(self, expression: str, page: Rows) -> list[Any]:
        rows, offset = list(page.rows), page.following
        while offset is not None:
            [page] = self._pages.fetch_many([with_page(expression, offset, _BATCH)])
            rows += page.rows
            offset = checked_offset(offset, page.following)
        return rows

    def _value(self, key: str, attributes: _Attributes, chain: _Chain, stored: Mapping[tuple[str, str], Any]) -> Any:
        configuration = attributes.of(key, chain[-1]) if chain else None
        if configuration is None:
            return NOT_SET
        places = ((configuration["id"], identifier) for identifier in chain)
        found = next((stored[place] for place in places if place in stored), configuration["default"])
        return presented(found, self._to_date)


class _Attributes:
    """The hierarchical attributes of some keys."""

    def __init__(self, configurations: Sequence[_Row], keys: Sequence[str]) -> None:
        known = {row["key"] for row in configurations}
        for key in keys:
            if key not in known:
                raise _unknown(key, sorted(known))
        self._rows = {(row["key"], row["project_id"]): row for row in configurations if row["key"] in keys}

    @property
    def ids(self) -> list[str]:
        """Ids of the configurations."""
        return [row["id"] for row in self._rows.values()]

    def of(self, key: str, project_id: str) -> _Row | None:
        """The configuration of a key in a project: the project's own, else the one of all projects, else none."""
        return self._rows.get((key, project_id)) or self._rows.get((key, None))


_PLACES: Final[Mapping[str, str]] = {
    "Asset": "id, context_id, parent.link",
    "AssetVersion": "id, asset_id, link",
}
"""What tells who is above an entity, by type; `link` tells it of all others."""


def _place(name: str) -> str:
    return f"select {_PLACES.get(name, 'id, link')} from {name} where id"  # noqa: S608 - names of the schema


def _checked(entity: Entity) -> str:
    """The id of an entity that stands in a hierarchy, on the server."""
    known = entity.entity_type in _PLACES or "link" in entity.attributes
    if not known or entity.primary_key_attributes != ("id",):
        raise InvalidValueError(f"{entity} inherits nothing: a {entity.entity_type} stands in no hierarchy.")
    if entity._state is State.CREATED:
        raise InvalidStateError(f"{entity} is not committed yet, so that it has no values; ask for its parent's.")
    return entity._identity.key[0]


def _links(rows: Iterable[_Row]) -> dict[str, _Chain]:
    """Who is above whom, nearest first, by id: a reply tells it once of each entity, wherever that comes first."""
    told = [each for row in rows for each in (row, row.get("parent")) if each and each.get("link")]
    return {each["id"]: tuple(item["id"] for item in reversed(each["link"])) for each in told}


def _chain(row: _Row, links: Mapping[str, _Chain]) -> _Chain:
    """Ids from the entity of a row up to its project; a version's asset, which links pass over, included."""
    placed: str = (row["context_id"] or "") if row[ENTITY_TYPE] == "Asset" else row["id"]
    above = links.get(placed, (placed,))
    return tuple(dict.fromkeys(each for each in (row["id"], row.get("asset_id"), *above) if each))


def _queries(start: str, ids: Sequence[str]) -> Iterator[str]:
    """The queries that begin so and go on with a list of ids; each is short enough for a server."""
    for first in range(0, len(ids), _BATCH):
        yield f"{start} in ({', '.join(map(quote, ids[first : first + _BATCH]))})"


def _unknown(key: str, known: Iterable[str]) -> InvalidValueError:
    listed = list(known)
    hint = did_you_mean(key, listed) or ";"
    return InvalidValueError(
        f"The server has no hierarchical custom attribute {key!r}{hint} it has: {', '.join(listed) or 'none'}."
    )
