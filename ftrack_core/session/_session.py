"""The session: the one object that programs talk to."""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import uuid
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_core.assembly import Backends, assemble
from ftrack_core.config import resolve
from ftrack_core.entity import Collection, Entity, MappedCollection
from ftrack_core.errors import Error, EventHubConnectionError, InvalidTypeError, InvalidValueError
from ftrack_core.interfaces import ICache, IRemoteEventHub
from ftrack_core.plugins import PLUGIN_GROUP, Registry
from ftrack_core.protocol import parse_date
from ftrack_core.session._arguments import key_of, operations_of, projected, series, shortened, values_of
from ftrack_core.session._parts import Parts, start
from ftrack_core.session._server_actions import ServerActions
from ftrack_core.session.line._coding import wire_form
from ftrack_core.session.line._decoding import decoded
from ftrack_core.session.loading._loading import loaded_paths
from ftrack_core.session.queries._expressions import surely_empty
from ftrack_core.session.queries._query import QueryResult, fetch_together
from ftrack_core.values import NOT_GIVEN, Event, NotGiven, State

if TYPE_CHECKING:
    from typing_extensions import Self

    from ftrack_core.plugins import Plugin, SessionPlugins
    from ftrack_core.query import Query, Selection
    from ftrack_core.session.commits._unit_of_work import UnitOfWork
    from ftrack_core.session.line._statistics import SessionStatistics
    from ftrack_core.session.listener import Listener
    from ftrack_core.unit_of_work import Plan, RecordedOperations

__all__ = ["Session"]

_log = logging.getLogger(__name__)


class Session(ServerActions):
    """A session with an ftrack server: entities, queries and one unit of work.

    Every argument may be left out: what is not given comes from the environment, the user's profile, and then
    the documented defaults. It may be subclassed, and may be shared by threads.

    Args:
        server_url: URL of the server; `embedded:` for a workspace in this process; default `FTRACK_SERVER`.
        api_key: API key; default `FTRACK_API_KEY`, then `FTRACK_APIKEY`.
        api_user: User name; default `FTRACK_API_USER`, then the system user.
        auto_populate: Whether reading an unloaded attribute loads it; default True.
        plugin_paths: Folders of event plug-ins; default `FTRACK_EVENT_PLUGIN_PATH`.
        cache: Caches below the session's memory: an instance, a name, a list of these from fast to slow, or a
            callable that takes the session and may give None.
        cache_key_maker: Makes cache keys; default `string`.
        auto_connect_event_hub: Whether to connect for events, in the background; default False.
        schema_cache_path: Folder that keeps schemas between processes; False for none; default
            `FTRACK_API_SCHEMA_CACHE_PATH`, then the user's cache folder.
        plugin_arguments: Offered to each plug-in's `register`.
        timeout: Seconds to wait for a reply; default 60.
        cookies: Sent with every request.
        headers: Sent with every request.
        strict_api: Whether the server shall refuse what it would forgive; default False.
        profile: Name of a profile in the config file.
        config: A config file's path, or settings as a mapping.
        backends: Backends that were assembled already; they are not closed with the session.

    Raises:
        ConfigurationError: Settings are wrong; `faults` has every one.
        MissingCredentialsError: URL, key or user are missing; `missing` names them all.
        BackendError: A backend is not installed, broken, or keeps no contract.
        TransportError: The server cannot be reached.
        AuthenticationError: The server does not accept the credentials.
        ServerError: The server is too old, or no ftrack server at all.
        PluginError: A plug-in failed, and `strict_plugins` is set; `failures` has all that failed.
    """

    def __init__(
        self,
        server_url: str | NotGiven | None = NOT_GIVEN,
        api_key: str | NotGiven | None = NOT_GIVEN,
        api_user: str | NotGiven | None = NOT_GIVEN,
        auto_populate: bool | NotGiven = NOT_GIVEN,
        plugin_paths: Sequence[str] | NotGiven | None = NOT_GIVEN,
        cache: Any = NOT_GIVEN,
        cache_key_maker: Any = NOT_GIVEN,
        auto_connect_event_hub: bool | NotGiven | None = NOT_GIVEN,
        schema_cache_path: str | bool | NotGiven | None = NOT_GIVEN,
        plugin_arguments: Mapping[str, Any] | NotGiven | None = NOT_GIVEN,
        timeout: float | NotGiven = NOT_GIVEN,
        cookies: Mapping[str, str] | NotGiven | None = NOT_GIVEN,
        headers: Mapping[str, str] | NotGiven | None = NOT_GIVEN,
        strict_api: bool | NotGiven = NOT_GIVEN,
        *,
        profile: str | None = None,
        config: str | os.PathLike[str] | Mapping[str, Any] | None = None,
        backends: Backends | None = None,
    ) -> None:
        self._closed = False
        self._plugins: SessionPlugins | None = None
        arguments = {
            "server_url": server_url,
            "api_key": api_key,
            "api_user": api_user,
            "auto_populate": auto_populate,
            "plugin_paths": plugin_paths,
            "cache": self._cache_from(cache),
            "cache_key_maker": cache_key_maker,
            "auto_connect_event_hub": auto_connect_event_hub,
            "schema_cache_path": schema_cache_path,
            "plugin_arguments": plugin_arguments,
            "timeout": timeout,
            "cookies": cookies,
            "headers": headers,
            "strict_api": strict_api,
        }
        given = {name: value for name, value in arguments.items() if value is not NOT_GIVEN}
        self._start(given, profile, config, backends)

    def _start(
        self,
        given: dict[str, Any],
        profile: str | None,
        config: str | os.PathLike[str] | Mapping[str, Any] | None,
        backends: Backends | None,
    ) -> None:
        if backends is not None:
            given.update(server_url=backends.server_url, api_key="handed in", api_user=backends.authenticator.user)
        settings = resolve(given, profile=profile, config=config, defer_faults=backends is None)
        self._owned = None if backends is not None else assemble(settings)
        self._timeout = settings["timeout"]
        self._settings = settings
        try:
            self._parts: Parts = start(self, backends or self._assembled(), settings)
        except BaseException:
            self._let_go()
            raise
        self._at_exit = _close_at_exit(self)
        try:
            self._parts.bell.hang()
            if settings["auto_connect_event_hub"]:
                _join_events(self.event_hub)
            self._load_plugins(settings)
            self._announce_locations()
            self._announce("ready")
        except BaseException:
            self.close()
            raise

    def _assembled(self) -> Backends:
        assert self._owned is not None  # noqa: S101 - assembled two lines before
        return self._owned

    def _cache_from(self, cache: Any) -> Any:
        """The cache of an argument; a callable is asked for it, before anything else of the session stands."""
        if callable(cache) and not ICache.providedBy(cache) and not isinstance(cache, type):
            return cache(self)
        return cache

    def _load_plugins(self, settings: Mapping[str, Any]) -> None:
        """Have plug-ins register; what loads them is imported only where there may be some."""
        if settings["plugin_paths"] or (settings["installed_plugins"] and Registry().scan(PLUGIN_GROUP)):
            from ftrack_core.plugins import SessionPlugins

            self._plugins = SessionPlugins.of(settings)
            self._plugins.load(self, settings["plugin_arguments"], strict=settings["strict_plugins"])

    def _announce(self, what: str) -> None:
        self._publish(f"ftrack.api.session.{what}", {"session": self})

    def _announce_locations(self) -> None:
        """Tell those who set up locations: first of a storage scenario, if the server has one, then of the session."""
        scenario = self._parts.information.get("storage_scenario")
        if isinstance(scenario, Mapping) and scenario.get("scenario"):
            self._publish("ftrack.storage-scenario.activate", {"storage_scenario": dict(scenario)})
        self._announce("configure-location")

    def _publish(self, topic: str, data: dict[str, Any]) -> None:
        self.event_hub.publish(Event(topic, uuid.uuid4().hex, data), synchronous=True)

    # What it is.

    def __repr__(self) -> str:
        if not hasattr(self, "_parts"):
            return f"<{type(self).__name__}: not started>"
        state = "closed" if self._closed else f"{_operations(self._parts.changes.waiting)} recorded"
        return f"<{type(self).__name__} {self.api_user} at {self.server_url}: {state}>"

    def __reduce__(self) -> Any:
        raise TypeError("A session cannot be pickled or copied: make one in each process.")

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    @property
    def server_url(self) -> str:
        """URL of the server, without a slash at the end."""
        return self._parts.backends.server_url

    @property
    def api_user(self) -> str:
        """Name of the user in whose name it speaks."""
        return self._parts.backends.authenticator.user

    @property
    def api_key(self) -> str:
        """The API key; empty where credentials are of another kind. Never in any representation."""
        return self._parts.backends.authenticator.url_parameters().get("apiKey", "")

    @property
    def client_token(self) -> str:
        """What the server echoes in events about this session's own changes."""
        return self._parts.server.client_token

    @property
    def request_timeout(self) -> float:
        """Seconds to wait for a reply."""
        return float(self._timeout)

    @property
    def server_information(self) -> dict[str, Any]:
        """What the server told of itself at the start; a copy."""
        return dict(self._parts.information)

    @property
    def schemas(self) -> list[Mapping[str, Any]]:
        """The server's schemas, as its JSON says them."""
        return list(self._parts.schemas.raw)

    @property
    def types(self) -> Mapping[str, type[Entity]]:
        """Entity classes by name; asking for names builds none."""
        return self._parts.types

    @property
    def event_hub(self) -> Any:
        """The event hub, an `IEventHub`; typed loosely, as only mypy with its plug-in can read such contracts."""
        return self._parts.backends.event_hub

    @property
    def cache(self) -> Any:
        """The live entities and the caches below, as one cache of records, an `ICache`."""
        return self._parts.cache

    @property
    def cache_key_maker(self) -> Any:
        """What makes the cache's keys, an `IKeyMaker`."""
        return self._parts.backends.key_maker

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """The session's plug-ins in order, loaded, failed and skipped ones, with place, reason and time."""
        return () if self._plugins is None else self._plugins.listed

    # Reading.

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

    def ensure(
        self, entity_type: str, data: Mapping[str, Any], identifying_keys: Sequence[str] | None = None
    ) -> Entity:
        """The entity that has these values: found and brought in line, or created. Commits everything pending.

        Args:
            entity_type: Its type.
            data: Its values.
            identifying_keys: Which of them tell it from others; default all.

        Raises:
            ValueError: There is nothing to tell it by.
            KeyError: An identifying key is not among the values.
            MultipleResultsFoundError: Several entities have these values.
            InvalidTypeError: The values are no mapping.
        """
        from ftrack_core.session.queries import _criteria

        values_of(entity_type, data)
        criteria = _criteria.criteria(data, identifying_keys)
        found = self.query(f"{entity_type} where {criteria}").one_or_none()
        if found is None:
            found = self.create(entity_type, data)
        else:
            _criteria.bring_in_line(found, data)
        self.commit()
        return found

    # Writing.

    def create(self, entity_type: str, data: Mapping[str, Any] | None = None, reconstructing: bool = False) -> Entity:
        """A new entity, recorded for the next commit.

        Args:
            entity_type: Its type.
            data: Its values; defaults are filled in.
            reconstructing: Whether it exists on the server: nothing is recorded then, and `data` is taken as what
                the server has.

        Raises:
            UnrecognisedEntityTypeError: There is no such entity type.
            UnknownAttributeError: The type has no such attribute.
            InvalidValueError: A value cannot stand there, or the primary key is incomplete.
        """
        self._check_open()
        values = values_of(entity_type, {} if data is None else data)
        if not reconstructing:
            return self._parts.creator.create(entity_type, values)
        row = self._parts.creator.known(entity_type, values)
        form = wire_form(row, self._parts.types.plan)
        return self._decoded([form], self._parts.pages.moment())[0]  # type: ignore[no-any-return]

    def delete(self, entity: Entity) -> None:
        """Record that an entity shall be deleted by the next commit.

        Raises:
            InvalidTypeError: It is no entity.
            ForeignEntityError: It belongs to another session.
        """
        self._check_open()
        self._parts.context.own(entity, "deleted")
        self._parts.changes.check_recording()
        if self.record_operations:
            entity._state = State.DELETED
        self._parts.changes.deleted(entity)

    def merge(self, value: Any) -> Any:
        """This session's own entity for an entity, or entities for a collection or list, of any session.

        What the given one has loaded fills in what is missing here; it is not changed itself.
        """
        self._check_open()
        if isinstance(value, Entity):
            return self._decoded(wire_form(value, self._parts.types.plan, "persisted_only"))
        if isinstance(value, MappedCollection):
            value = value.collection
        if isinstance(value, (Collection, list, tuple)):
            return [self.merge(item) for item in value]
        raise InvalidTypeError(f"Only entities and collections can be merged, not {value!r}.")

    @property
    def recorded_operations(self) -> RecordedOperations:
        """What waits for the next commit; programs may push their own operations."""
        return self._parts.changes.operations

    @property
    def created(self) -> list[Entity]:
        """Entities that the next commit creates."""
        return self._parts.changes.of_state(State.CREATED)

    @property
    def modified(self) -> list[Entity]:
        """Entities that the next commit changes."""
        return self._parts.changes.of_state(State.MODIFIED)

    @property
    def deleted(self) -> list[Entity]:
        """Entities that the next commit deletes."""
        return self._parts.changes.of_state(State.DELETED)

    def unit_of_work(self) -> UnitOfWork:
        """A unit of work of its own for a `with` block, in the running thread or task.

        What the block records is its own: `commit`, `rollback`, `plan` and the like touch nothing else. Leaving it
        commits the rest; an exception rolls it back and goes on.
        """
        from ftrack_core.session.commits._unit_of_work import UnitOfWork

        return UnitOfWork(self._parts.changes, self._parts.committer, self._parts.server)

    def plan(self) -> Plan:
        """What the next commit would send: a value that can be printed, kept as JSON, and committed elsewhere."""
        return self._parts.committer.plan(self._parts.changes.current)

    def commit(self) -> None:
        """Send everything recorded as one batch, which the server carries out whole or not at all.

        Raises:
            ServerError: The server refuses; everything stays recorded: mend it and commit again, or roll back.
            TransportError: The server cannot be reached; everything stays recorded.
            CommitUncertain: The reply was lost, and it cannot be told whether the batch was carried out; everything
                stays recorded, and nothing else is sent before that is known.
            UnitOfWorkError: It needs an entity that another unit of work created and has not committed.
            ConnectionClosedError: The session is closed.
        """
        self._check_open()
        self._parts.committer.commit(self._parts.changes.current)

    def commit_plan(self, plan: Plan, *, overwrite: bool = False) -> None:
        """Send a plan, made by this or another session, as one batch; what is recorded here stays recorded.

        The server is asked first: a plan that was carried out already is not sent again.

        Args:
            plan: What to send, as `plan()` or `Plan.from_json` gave it.
            overwrite: Whether to send it also where somebody changed what it changes since it was made.

        Raises:
            PlanError: It does not fit this server's schema, or what it changes was changed since; nothing was sent.
            UnitOfWorkError: It is of this session, where it is still recorded, or needs what is; nothing was sent.
            ServerError: The server refuses.
            TransportError: The server cannot be reached.
            CommitUncertain: The reply was lost; `settle()` and the next commit ask again.
            ConnectionClosedError: The session is closed.
        """
        self._check_open()
        from ftrack_core.session.commits._plan_checks import check_plan

        check_plan(plan, self._parts.types)
        self._parts.committer.commit_plan(plan, overwrite=overwrite)

    def settle(self, *, overwrite: bool = False) -> None:
        """Find out what became of a commit that ended in `CommitUncertain`, and finish it; else do nothing.

        Args:
            overwrite: Whether to send the batch again even where that may overwrite somebody else's change.

        Raises:
            CommitUncertain: It still cannot be told.
            ServerError: The batch was sent again, and the server refuses it; everything stays recorded.
            ConnectionClosedError: The session is closed.
        """
        self._check_open()
        self._parts.committer.settle(overwrite=overwrite)

    def rollback(self) -> None:
        """Forget everything recorded; entities are again as the server knows them."""
        self._check_open()
        self._parts.committer.rollback(self._parts.changes.current)

    # Switches of the running thread.

    @property
    def auto_populate(self) -> bool | str:
        """Whether reading an unloaded attribute loads it, in the running thread; `"warn"` logs each load too."""
        return self._parts.populating.get()

    @auto_populate.setter
    def auto_populate(self, value: bool | str) -> None:
        self._parts.populating.set(value)

    @property
    def record_operations(self) -> bool:
        """Whether changes are recorded, in the running thread."""
        return self._parts.changes.recording.get()

    @record_operations.setter
    def record_operations(self, value: bool) -> None:
        self._parts.changes.recording.set(value)

    def auto_populating(self, auto_populate: bool | str) -> contextlib.AbstractContextManager[None]:
        """Whether reading an unloaded attribute loads it, within a `with` block and its thread.

        Args:
            auto_populate: True, False, or `"warn"` to log the line of each such load too.
        """
        return self._parts.populating.scope(auto_populate)

    def cohort_loading(self, what: str) -> contextlib.AbstractContextManager[None]:
        """What reading an unloaded attribute loads for all entities of a reply, within a `with` block and its thread.

        Args:
            what: `"all"`, `"references"` for scalars and references but not collections, or `"off"`.
        """
        return self._parts.cohorts.scope(what)

    def fresh(self) -> contextlib.AbstractContextManager[None]:
        """Within a `with` block and its thread or task, read nothing that was loaded before the block began.

        Every read asks the server for what was not asked for since: attributes and collections of any entity, also
        of one that was loaded before; `get`; references. Nothing is taken from caches, neither the session's memory
        nor those below it. What the block has loaded it does not load again. Loading goes by cohort, as it always
        does, so that a loop over a thousand entities takes a few calls.

        Entities are one object for all threads, so what the block loads is from then on the value that other threads
        see on theirs; nothing else becomes of these: no value vanishes from them, and reading them outside of the
        block asks nobody. Local values, created and deleted entities, plain attributes and mixed-in classes stay as
        they are. Where the thread loads nothing by itself (`auto_populating(False)`), what was not loaded since is
        `NOT_SET` in the block; `auto_populating("warn")` logs each of its loads. An attribute of an entity that the
        server does not have any more is `NOT_SET` too, and `get` gives None for it.

        A thread that the block starts is outside of it; an asyncio task that it starts is within. Blocks may be
        nested: what an inner one loads is fresh for the outer one. After the first block in a session, reading a
        loaded value costs nearly twice as much as before, in this session and wherever it is read.
        """
        self._check_open()
        return self._parts.fresh.open()

    def operation_recording(self, record_operations: bool) -> contextlib.AbstractContextManager[None]:
        """Whether changes are recorded, within a `with` block and its thread."""
        return self._parts.changes.recording.scope(record_operations)

    # The wire.

    def call(self, data: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Send a batch of operations as they are, and give their results; entities in them are live.

        Raises:
            InvalidValueError: It is no list, or holds what cannot be sent.
            ServerError: The server refuses.
            TransportError: The server cannot be reached.
            ConnectionClosedError: The session is closed.
        """
        self._check_open()
        operations = wire_form(operations_of(data), self._parts.types.plan, "modified_only")
        asked_at = self._parts.pages.moment()
        results = self._parts.server.call(operations)
        return self._decoded(results, asked_at)  # type: ignore[no-any-return]

    def encode(self, data: Any, entity_attribute_strategy: str = "set_only") -> str:
        """Anything made of plain values, dates, entities and collections, as JSON with sorted keys.

        Args:
            data: What to encode.
            entity_attribute_strategy: Which attributes of an entity go along: `all`, `set_only`, `modified_only` or
                `persisted_only`.

        Raises:
            InvalidValueError: There is no such strategy, or something in it cannot be encoded.
        """
        form = wire_form(data, self._parts.types.plan, entity_attribute_strategy)
        try:
            return json.dumps(form, sort_keys=True, allow_nan=False)
        except ValueError as error:
            raise InvalidValueError(f"This cannot be said in JSON: {error}.") from error

    def entity_reference(self, entity: Entity) -> dict[str, str]:
        """What names an entity on the wire: its type and key, as plain values; nothing is loaded.

        Raises:
            InvalidTypeError: It is no entity.
        """
        if not isinstance(entity, Entity):
            raise InvalidTypeError(f"Only entities have a reference, not {entity!r}.")
        return wire_form(entity._identity, self._parts.types.plan)  # type: ignore[no-any-return]

    def decode(self, string: str | bytes) -> Any:
        """What a JSON text holds; entities in it are live, and it fills in what they lack.

        Raises:
            InvalidValueError: It is no JSON.
            UnrecognisedEntityTypeError: It holds an entity of a type that there is not.
            MalformedReplyError: An entity in it lacks its key, or a date in it is none.
        """
        try:
            value = self._parts.backends.decode(string if isinstance(string, bytes) else string.encode())
        except (AttributeError, RecursionError, ValueError) as error:
            raise InvalidValueError(f"This is no JSON text: {shortened(string)} ({error}).") from error
        return self._decoded(value)

    def to_date(self, text: str) -> Any:
        """What programs see of a date that the server sent: an aware `datetime`, unless a subclass makes another.

        Every date passes through here: attributes, results of `call`, `decode`. What it gives must have `isoformat`,
        so that it can be written again.

        Args:
            text: ISO 8601, as `2022-10-10T10:12:09`; without an offset it means UTC.

        Raises:
            MalformedReplyError: The text names no moment.
        """
        return parse_date(text)

    def _decoded(self, value: Any, asked_at: float | None = None) -> Any:
        """A value with live entities; without a moment at which the server was asked it fills in what they lack."""
        moment = self._parts.pages.moment() if asked_at is None else asked_at
        return decoded(value, self._parts.live, self.to_date, moment, fresh=asked_at is not None)

    # In another user's name.

    def as_user(self, username: str) -> Self:
        """A session in the name of another user, over this session's connections; close it when it is done with.

        It sends this session's API key with that user's name. Servers accept that of a *global* key only, and what it
        may do is said by the key's roles, not by the user's. It has entities of its own and keeps no cache on disk.
        What it publishes goes out by this session's event hub, in that one's name.

        Args:
            username: Name of an active user.

        Raises:
            InvalidCredentialsError: The key does not go with that name, or there is no such active user.
            AuthenticationError: Credentials of this kind cannot act for others.
            ConnectionClosedError: The session is closed.
        """
        self._check_open()
        from ftrack_core.session._as_user import session_as

        return session_as(self, username, self._settings)  # type: ignore[return-value]  # it makes one of its class

    # Seen from outside.

    def statistics(self) -> SessionStatistics:
        """What the session did since it began: calls, bytes, rows, loads, cache hits, retries."""
        return self._parts.server.watch.statistics

    def observing(self, observer: Any) -> contextlib.AbstractContextManager[None]:
        """Have an observer told what the session does, within a `with` block.

        Args:
            observer: An `IObserver`; one that raises is logged and disturbs nothing.

        Raises:
            WrongBackendError: It lacks a method.
        """
        return self._parts.server.watch.observed(observer)

    def listener(self, inbox: Any = None, workers: int = 4, attempts: int = 5, **options: Any) -> Listener:
        """A listener: it keeps events in an inbox until its handlers have handled them, whatever happens meanwhile.

        Args:
            inbox: Where events are kept: the path of a SQLite file, a backend's name or table, or an inbox; None for
                what the setting `event_inbox` says, and where it says nothing for memory, while the process lives.
            workers: How many handlers run at once.
            attempts: How often a handler is called with an event, at most, before it is set aside.
            **options: More, as `Listener` takes them.

        Raises:
            EventInboxError: The inbox cannot be opened.
            BackendError: There is no such backend, or it is broken.
            InvalidValueError: A number makes no sense.
            ConnectionClosedError: The session is closed.
        """
        self._check_open()
        from ftrack_core.session.listener import Listener

        return Listener(self, inbox, workers=workers, attempts=attempts, **options)

    # The end.

    def reset(self) -> None:
        """Forget everything recorded and all live entities, which must not be used again; the connection stays."""
        self._check_open()
        self._warn_of_pending("reset")
        self._parts.forget()
        self._announce_locations()
        self._announce("reset")

    def close(self) -> None:
        """End the session; what was recorded is lost, and said so in the log. Closing twice is fine."""
        if self._closed:
            return
        if self._parts.server.inherited:
            self._closed = True  # the rest is the parent's, which goes on using it
            return
        self._warn_of_pending("close")
        self._closed = self._parts.server.closed = True
        self._parts.bell.end()
        self._parts.forget()
        atexit.unregister(self._at_exit)
        self._let_go()
        if self._plugins is not None:
            self._plugins.forget(unsubscribe=self._owned is None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _let_go(self) -> None:
        if self._owned is not None:
            self._owned.close()

    def _warn_of_pending(self, what: str) -> None:
        pending, unsettled = self._parts.changes.waiting, self._parts.unsettled
        if unsettled is not None:
            message = "%s of %r leaves a commit unsettled that had %d writes: it may have been carried out, or not."
            _log.warning(message, what, self, len(unsettled))
            pending -= len(unsettled.operations)
        if pending > 0:
            _log.warning("%s of %r loses %s that nobody committed.", what, self, _operations(pending))

    def _check_open(self) -> None:
        self._parts.server.check_usable()


def _join_events(hub: Any) -> None:
    """Have a hub connect while the program goes on; one that has no server, or was asked already, stays as it is."""
    if IRemoteEventHub.providedBy(hub) and not hub.connected:
        with contextlib.suppress(EventHubConnectionError):  # whoever shares it was quicker
            hub.connect_in_background()


def _operations(count: int) -> str:
    return "1 operation" if count == 1 else f"{count} operations"


def _close_at_exit(session: Session) -> Callable[[], None]:
    """Have a session closed when the interpreter ends, without keeping it alive until then."""
    reference = weakref.ref(session)

    def close() -> None:
        alive = reference()
        if alive is not None:
            with contextlib.suppress(Error):
                alive.close()

    return atexit.register(close)
