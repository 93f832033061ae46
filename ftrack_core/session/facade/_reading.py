"""The part of the session that reads: queries, keys, values that are missing or old."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_core.entity import Entity
from ftrack_core.session._arguments import key_of, projected, series
from ftrack_core.session.facade._wire import Wire
from ftrack_core.session.loading._loading import loaded_paths
from ftrack_core.session.queries._expressions import surely_empty
from ftrack_core.session.queries._query import QueryResult, fetch_together

if TYPE_CHECKING:
    from ftrack_core.query import Query, Selection

__all__ = ["Reading"]


class Reading(Wire):
    """Mixed into the session."""

    def query(self, expression: str | Selection | Query, page_size: int = 500) -> QueryResult:
        """The entities that an expression finds; nothing is sent before the first one is read.

        Args:
            expression: A query: text, as `Task where status.name is "In progress"`, with or without `select`; or
                `select(...)`; or a parsed tree. Nothing is ever sent for a built one that cannot match.
            page_size: Rows to ask for at once, at most.

        Raises:
            UnrecognisedEntityTypeError: There is no such entity type.
            UnknownNameError: It uses a name that none of the types it can mean has.
            ParseError: It cannot be read at all, or is no query.
            ConnectionClosedError: The session is closed.
        """
        self._check_open()
        text = self._parts.expressions.complete(expression)
        return QueryResult(self._parts.pages, text, page_size, matchless=surely_empty(expression))

    def get(self, entity_type: str, entity_key: str | Sequence[str]) -> Entity | None:
        """The entity of a type and key: the live one, else from a cache, else from the server; None if there is none.

        Args:
            entity_type: Its type, or a base type of it.
            entity_key: Its primary key: one value, or several in the schema's order.

        Raises:
            UnrecognisedEntityTypeError: There is no such entity type.
            InvalidValueError: The key has the wrong number of values.
        """
        return self.get_many(entity_type, [entity_key])[0]

    def get_many(self, entity_type: str, entity_keys: Iterable[str | Sequence[str]]) -> list[Entity | None]:
        """The entities of several keys, as `get` gives each, in as few calls as it takes.

        Args:
            entity_type: Their type, or a base type of it.
            entity_keys: Their primary keys, each as `get` takes it.

        Returns:
            One entity for each key, in order; None where there is none.

        Raises:
            UnrecognisedEntityTypeError: There is no such entity type.
            InvalidValueError: A key has the wrong number of values, or the keys are no list.
        """
        self._check_open()
        plan = self._parts.types.plan(entity_type)
        entity_keys = series(entity_keys, "Keys of entities are given as a list")
        return self._parts.loader.fetch_many(plan, [key_of(plan, key) for key in entity_keys])

    def query_many(self, expressions: Iterable[str | Selection | Query], page_size: int = 500) -> list[QueryResult]:
        """The results of several queries, whose first pages come in one call.

        Args:
            expressions: Queries, as `query` takes them.
            page_size: Rows to ask for at once for each, at most.

        Raises:
            ServerError: The server refuses one of them; `query` says what each may raise before.
            InvalidTypeError: They are no list.
        """
        results = [
            self.query(expression, page_size) for expression in series(expressions, "Queries are given as a list")
        ]
        fetch_together(results)
        return results

    def refresh(self, entities: Entity | Iterable[Entity], projections: str | Iterable[str] | None = None) -> None:
        """Ask the server again for values of entities, in as few calls as it takes; local values stay.

        Args:
            entities: One or many; those that are not committed yet are passed over.
            projections: Paths, as `populate` takes them; None for everything that each type's entities have loaded.

        Raises:
            InvalidTypeError: They are no entities.
            ForeignEntityError: One belongs to another session.
        """
        group = self._parts.context.group(entities, "refreshed")
        if projections is not None:
            self.populate(group, projections)
            return
        for name in dict.fromkeys(entity.entity_type for entity in group):
            alike = [entity for entity in group if entity.entity_type == name]
            self.populate(alike, loaded_paths(alike))

    def populate(self, entities: Entity | Iterable[Entity], projections: str | Iterable[str]) -> None:
        """Ask the server for values of entities, in as few calls as it takes; local values stay.

        Args:
            entities: One or many; those that are not committed yet are passed over.
            projections: Paths, as a list or as text with commas.

        Raises:
            InvalidTypeError: They are no entities, or no paths.
            ForeignEntityError: One belongs to another session.
            UnknownNameError: A path uses a name that none of the types it can mean has.
        """
        self._check_open()
        group = self._parts.context.group(entities, "populated")
        paths = projected(projections)
        if paths:
            for name in dict.fromkeys(entity.entity_type for entity in group):
                self._parts.expressions.complete(f"select {', '.join(paths)} from {name}")  # noqa: S608 - only checked
            self._parts.loader.populate(group, paths)

    def inherited_values(
        self, entities: Entity | Iterable[Entity], keys: str | Iterable[str]
    ) -> dict[Entity, dict[str, Any]]:
        """Values of hierarchical custom attributes as entities inherit them, in two calls for any number of entities.

        Args:
            entities: One or many, all of them committed: projects, what is in them, assets and versions.
            keys: Key of an attribute, or several.

        Returns:
            Of each entity and key the nearest value that the server has, from the entity up to its project, else the
            default; `NOT_SET` where the attribute is of other projects only, or the server has no such entity.

        Raises:
            InvalidValueError: A key is not that of a hierarchical attribute, or an entity stands in no hierarchy.
            InvalidStateError: An entity is not committed.
        """
        self._check_open()
        group = self._parts.context.group(entities, "asked for inherited values")
        wanted = [keys] if isinstance(keys, str) else series(keys, "Keys of attributes are given as a list")
        from ftrack_core.session.entities._inheritance import InheritedValues

        return InheritedValues(self._parts.pages, self.to_date).of(group, wanted)
