"""What stands behind a session: its collaborators, made and wired once."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_core.assembly import Deferred
from ftrack_core.interfaces import ICache, ISchemaCache, ISingleFlightSchemaCache
from ftrack_core.schema import Schemas
from ftrack_core.session._flags import ContextSwitch
from ftrack_core.session.commits._changes import Changes
from ftrack_core.session.entities._bases import Bases
from ftrack_core.session.entities._context import SessionContext
from ftrack_core.session.entities._types import EntityTypes
from ftrack_core.session.freshness._bell import Bell
from ftrack_core.session.freshness._moments import Moments
from ftrack_core.session.freshness._policy import policy_of, read_freshness
from ftrack_core.session.freshness._scope import FreshScopes
from ftrack_core.session.freshness._staleness import Staleness
from ftrack_core.session.line._retrying import Waiting
from ftrack_core.session.line._server import Server, check_compatibility
from ftrack_core.session.loading._live import LiveEntities
from ftrack_core.session.loading._loading import Loader
from ftrack_core.session.loading._pages import Pages
from ftrack_core.session.loading._records import RecordCache
from ftrack_core.session.queries._expressions import Expressions
from ftrack_core.values import MISSING

if TYPE_CHECKING:
    from ftrack_core.assembly import Backends
    from ftrack_core.config import Settings
    from ftrack_core.session.commits._committing import Committer
    from ftrack_core.session.commits._creating import Creator
    from ftrack_core.session.commits._settling import Settler
    from ftrack_core.session.entities._custom_attributes import CustomAttributes
    from ftrack_core.session.freshness._following import Following
    from ftrack_core.session.line._statistics import Watch
    from ftrack_core.unit_of_work import Plan

__all__ = ["Parts", "beside", "impatient", "start"]


@attrs.frozen(eq=False, repr=False)
class Parts:
    """The collaborators of one session.

    Attributes:
        backends: Everything behind the seams.
        settings: What it was made with.
        server: The line to the server.
        information: What the server told of itself at the start.
        schemas: The server's schemas.
        types: Entity classes.
        live: Live entities.
        pages: Brings rows in.
        loader: Fetches what is missing.
        changes: What was recorded.
        populating: Whether the running thread loads missing values by itself.
        cohorts: What it loads for a whole cohort.
        fresh: Scopes in which it reads nothing that was loaded before.
        context: The session as its entities see it.
        expressions: Completes and checks query texts.
        hub: The event hub, made when it is first asked for, and the bell hung there before anybody else has it.
        bell: Has the session hear of changes once its event hub is connected.
    """

    backends: Backends
    settings: Settings
    server: Server
    information: Mapping[str, Any]
    schemas: Schemas
    types: EntityTypes
    live: LiveEntities
    pages: Pages
    loader: Loader
    changes: Changes
    populating: ContextSwitch[bool | str]
    cohorts: ContextSwitch[str]
    fresh: FreshScopes
    context: SessionContext
    expressions: Expressions
    _creator: Deferred[Creator]
    _committer: Deferred[Committer]
    _cache: Deferred[ICache]
    hub: Deferred[Any]
    bell: Bell

    @property
    def creator(self) -> Creator:
        """Makes entities."""
        return self._creator.get()

    @property
    def committer(self) -> Committer:
        """Sends what was recorded."""
        return self._committer.get()

    @property
    def cache(self) -> ICache:
        """The live entities and the caches below, as one."""
        return self._cache.get()

    @property
    def unsettled(self) -> Plan | None:
        """The commit of which nobody knows what became of it, if there is one."""
        return self._committer.made.unsettled if self._committer.made is not None else None

    def abandon_commit(self) -> None:
        """Forget a batch that is not settled."""
        if self._committer.made is not None:
            self._committer.made.abandon()

    def forget(self) -> None:
        """Forget what was recorded, also what is not settled, and all live entities."""
        self.abandon_commit()
        self.changes.clear()
        self.live.clear()


def start(session: Any, backends: Backends, settings: Settings) -> Parts:
    """Ask the server who it is, learn its schemas, and wire everything up: two calls, or one with cached schemas.

    Raises:
        AuthenticationError: The server does not accept the credentials.
        ServerCompatibilityError: The server is too old.
        TransportError: The server cannot be reached.
    """
    read_freshness(settings["freshness"])  # what is wrong with it is told before anything is sent
    server = _server(backends, settings)
    information = server.information()
    check_compatibility(information)
    schemas = Schemas(_load_schemas(server, backends, str(information.get("schema_hash") or "")))
    return _wired(session, backends, settings, server, information, schemas)


def beside(parts: Parts, session: Any, client_token: str) -> Parts:
    """Wire a session up beside one that stands, on the same backends: nothing is asked or learnt again.

    Args:
        parts: Those of the session that stands. What is counted and observed there has what happens here in it; what
            events told it of records in caches holds here too.
        session: The new one.
        client_token: Its client token.
    """
    server = _server(parts.backends, parts.settings, client_token, parts.server.watch)
    return _wired(session, parts.backends, parts.settings, server, parts.information, parts.schemas, parts)


def impatient(parts: Parts) -> Server:
    """The line to a session's server once more, one that asks nothing twice."""
    return _server(parts.backends, {**parts.settings, "retry_seconds": 0}, "", parts.server.watch)


def _server(
    backends: Backends, settings: Mapping[str, Any], client_token: str = "", watch: Watch | None = None
) -> Server:
    return Server(
        backends,
        settings["headers"],
        settings["strict_api"],
        settings["timeout"],
        _waiting(),
        settings["retry_seconds"],
        client_token,
        watch,
    )


def _waiting() -> Waiting:
    return Waiting(time.monotonic, time.sleep, random.random)


def _wired(
    session: Any,
    backends: Backends,
    settings: Settings,
    server: Server,
    information: Mapping[str, Any],
    schemas: Schemas,
    host: Parts | None = None,
) -> Parts:
    around = None if host is None else host.live.stale
    freshness = policy_of(read_freshness(settings["freshness"]), schemas)
    changes = Changes(ContextSwitch("record_operations", default=True, choices=(True, False)))
    populating = ContextSwitch[bool | str]("auto_populate", settings["auto_populate"], (True, False, "warn"))
    cohorts = ContextSwitch("cohort_loading", settings["cohort_loading"], ("off", "references", "all"))
    context = SessionContext(session, schemas, changes, populating, check_values=settings["check_values"])
    hub = Deferred(lambda: _hub(backends, bell)) if host is None else host.hub
    types = EntityTypes(schemas, context, Bases(hub, schemas))
    moments = Moments(time.time) if around is None else around.moments
    fresh = FreshScopes(moments, lambda scopes: _read_in_scopes(types, scopes))
    live = LiveEntities(types, settings["memory_cache_size"], fresh, Staleness(moments, freshness))
    records = RecordCache(
        backends.cache, lambda: backends.key_maker, backends.scope, freshness, live, moments, server.watch, around
    )
    pages = Pages(server, live, records, moments)
    loader = Loader(pages, types, records, cohorts, fresh)
    custom_attributes = Deferred(lambda: _custom_attributes(pages))
    bell = Bell(lambda: _following(backends.event_hub, schemas, live, records, server.client_token, custom_attributes))
    context.entity = live.entity
    context.loader, context.custom_attributes = loader, custom_attributes
    return Parts(
        backends=backends,
        settings=settings,
        server=server,
        information=information,
        schemas=schemas,
        types=types,
        live=live,
        pages=pages,
        loader=loader,
        changes=changes,
        populating=populating,
        cohorts=cohorts,
        fresh=fresh,
        context=context,
        expressions=Expressions(schemas, settings["check_queries"]),
        creator=Deferred(lambda: _creator(types, live, changes, custom_attributes)),
        committer=Deferred(
            lambda: _committer(server, types, changes, pages, records, _waiting(), settings["settle_seconds"])
        ),
        cache=Deferred(lambda: _cache(backends, live, records)),
        hub=hub,
        bell=bell,
    )


def _hub(backends: Backends, bell: Bell) -> Any:
    hub = backends.event_hub
    bell.hang(hub)
    return hub


# What is imported here is for programs that write, or that look into the cache.


def _read_in_scopes(types: EntityTypes, scopes: FreshScopes) -> None:
    from ftrack_core.session.freshness._reading import read_in_scopes

    read_in_scopes(types.base, scopes)


def _following(
    hub: Any,
    schemas: Schemas,
    live: LiveEntities,
    records: RecordCache,
    client_token: str,
    custom_attributes: Deferred[CustomAttributes],
) -> Following:
    from ftrack_core.session.freshness._aging import Aging
    from ftrack_core.session.freshness._following import Following
    from ftrack_core.session.freshness._vocabulary import Vocabulary

    def configured() -> None:
        if custom_attributes.made is not None:
            custom_attributes.made.forget()

    return Following(hub, Aging(live, records, Vocabulary(schemas)), client_token, configured)


def _custom_attributes(pages: Pages) -> CustomAttributes:
    from ftrack_core.session.entities._custom_attributes import CustomAttributes

    return CustomAttributes(pages)


def _creator(
    types: EntityTypes, live: LiveEntities, changes: Changes, custom_attributes: Deferred[CustomAttributes]
) -> Creator:
    from ftrack_core.session.commits._creating import Creator
    from ftrack_core.session.commits._identifiers import new_id

    return Creator(types, live, changes, custom_attributes, new_id)


def _committer(
    server: Server,
    types: EntityTypes,
    changes: Changes,
    pages: Pages,
    records: RecordCache,
    waiting: Waiting,
    settle_seconds: float,
) -> Committer:
    from ftrack_core.session.commits._batches import Batches
    from ftrack_core.session.commits._committing import Committer

    batches = Batches(server, types, pages.live, waiting)
    settler = Deferred(lambda: _settler(server, types, pages.live, waiting, settle_seconds))
    return Committer(server, changes, pages, records, batches, settler)


def _settler(
    server: Server, types: EntityTypes, live: LiveEntities, waiting: Waiting, settle_seconds: float
) -> Settler:
    from ftrack_core.session.commits._settling import Settler

    return Settler(server, types, live, waiting, settle_seconds)


def _cache(backends: Backends, live: LiveEntities, records: RecordCache) -> ICache:
    from ftrack_core.session.loading._cache_view import LiveCache

    top = LiveCache(live, records)
    return backends.layered([top] if backends.cache is None else [top, backends.cache])


def _load_schemas(server: Server, backends: Backends, schema_hash: str) -> Sequence[Mapping[str, Any]]:
    cache: ISchemaCache | None = backends.schema_cache if schema_hash else None
    if cache is None:
        return server.schemas()
    if ISingleFlightSchemaCache.providedBy(cache):
        return cache.load_or_fetch(backends.server_url, schema_hash, server.schemas)
    known = cache.load(backends.server_url, schema_hash)
    if known is not MISSING:
        return known
    schemas = server.schemas()
    cache.save(backends.server_url, schema_hash, schemas)
    return schemas
