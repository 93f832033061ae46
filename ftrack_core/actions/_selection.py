"""What a user had selected when the menu was opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

import attrs

from ftrack_core.config import did_you_mean
from ftrack_core.errors import ActionError
from ftrack_core.query import quote
from ftrack_core.session.loading._loading import loaded_paths
from ftrack_core.values import EntityIdentity

if TYPE_CHECKING:
    from ftrack_core.entity import Entity
    from ftrack_core.session import Session

__all__ = ["Selected", "Selection", "TypeNames", "load"]

_IDS_A_QUERY = 200
_SHOWN = 5


@attrs.frozen
class Selected:
    """One selected thing.

    Attributes:
        entity_type: Its type as the API calls it. The web client says "task" of shots, sequences and tasks alike, and
            so this is `TypedContext` for all of them; the entity itself knows better.
        id: Its id.
        client_type: Its type as the client calls it.
    """

    entity_type: str
    id: str
    client_type: str = ""


@attrs.frozen
class Selection(Sequence[Selected]):
    """Everything that was selected, in the user's order. Nothing is asked of the server to know it.

    Attributes:
        items: What was selected.
    """

    items: tuple[Selected, ...] = ()

    @property
    def ids(self) -> list[str]:
        """The ids."""
        return [item.id for item in self.items]

    @property
    def entity_types(self) -> set[str]:
        """The types, as the API calls them."""
        return {item.entity_type for item in self.items}

    @overload
    def __getitem__(self, index: int) -> Selected: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Selected]: ...
    def __getitem__(self, index: int | slice) -> Selected | Sequence[Selected]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)


@attrs.frozen(eq=False, repr=False)
class TypeNames:
    """The server's entity types by the names that clients give them.

    A client names a type by its internal table, which the schema tells as `alias_for`: "task" for all typed contexts,
    "show" for projects. Where there is none the names agree but for case, and some places write underscores.
    """

    _by_name: Mapping[str, str]

    @classmethod
    def of(cls, schemas: Iterable[Mapping[str, Any]]) -> TypeNames:
        """Read them from a server's schemas."""
        schemas = list(schemas)
        names: dict[str, str] = {}
        for schema in schemas:
            alias = schema.get("alias_for")
            if alias and isinstance(alias, str):
                names.setdefault(_plain(alias), schema["id"])
        for schema in schemas:
            names.setdefault(_plain(schema["id"]), schema["id"])
        return cls(names)

    def selection(self, raw: object) -> Selection:
        """What an event says was selected.

        Raises:
            ActionError: It cannot be read, or names a type that there is not.
        """
        if not raw:
            return Selection()
        if not isinstance(raw, Sequence) or isinstance(raw, str):
            raise ActionError(f"The selection was to be a list, and is {raw!r:.100}.")
        return Selection(tuple(self._selected(item) for item in raw))

    def _selected(self, item: object) -> Selected:
        name = item.get("entityType") if isinstance(item, Mapping) else None
        identifier = item.get("entityId") if isinstance(item, Mapping) else None
        if not isinstance(name, str) or not isinstance(identifier, str) or not name or not identifier:
            raise ActionError(f"What is selected was to say entityType and entityId, and is {item!r:.200}.")
        return Selected(self.entity_type(name), identifier, name)

    def entity_type(self, name: str) -> str:
        """The API's name for a type.

        Raises:
            ActionError: There is no such type.
        """
        found = self._by_name.get(_plain(name))
        if found is None:
            hint = did_you_mean(name, self._by_name)
            message = (
                f"Something of the type {name!r} is selected, and the server's schema has none of that name{hint}"
            )
            raise ActionError(message)
        return found


def load(session: Session, selection: Selection) -> list[Entity]:
    """The selected entities as the server has them now, in order, in one call.

    Those that the session knew before are asked for everything that they have loaded, so that nothing of them is as it
    was when a service loaded it weeks ago.

    Raises:
        ActionError: Some of them do not exist, or the session's user may not see them.
    """
    queries = list(_queries(session, selection))
    found = {entity["id"]: entity for result in session.query_many(queries) for entity in result} if queries else {}
    missing = [item for item in selection if item.id not in found]
    if missing:
        names = ", ".join(f"{item.client_type or item.entity_type} {item.id}" for item in missing[:_SHOWN])
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        raise ActionError(
            f"{len(missing)} of {len(selection)} selected cannot be found: {names}{more}. They were deleted "
            f"meanwhile, or {session.api_user!r}, in whose name this runs, may not see them."
        )
    return [found[item.id] for item in selection]


def _queries(session: Session, selection: Selection) -> Iterable[str]:
    """What to ask: of new ones what their type brings by itself, of known ones what they have."""
    new: dict[str, dict[str, None]] = {}
    known: dict[str, dict[str, Entity]] = {}
    for item in selection:
        entity = _live(session, item)
        if entity is None:
            new.setdefault(item.entity_type, {})[item.id] = None
        else:
            known.setdefault(entity.entity_type, {})[item.id] = entity
    for name, ids in new.items():
        yield from _keyed(name, list(ids))
    for name, entities in known.items():
        paths = ", ".join(loaded_paths(list(entities.values())))
        yield from _keyed(f"select {paths} from {name}", list(entities))  # noqa: S608 - names of the schema


def _keyed(query: str, ids: Sequence[str]) -> Iterable[str]:
    for start in range(0, len(ids), _IDS_A_QUERY):
        yield f"{query} where id in ({', '.join(map(quote, ids[start : start + _IDS_A_QUERY]))})"


def _live(session: Session, item: Selected) -> Entity | None:
    """The live entity of what is selected; its type may be any that the selected one stands for."""
    parts = session._parts
    for name in parts.schemas.subtypes(item.entity_type):
        entity = parts.live.find(EntityIdentity(name, (item.id,)))
        if entity is not None:
            return entity
    return None


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
