"""A registry of small backends that remember what happens to them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

import attrs
import pytest
from zope.interface import implementer

from ftrack_core.config import Settings, resolve
from ftrack_core.interfaces import (
    IAuthenticator,
    IBackendFactory,
    ICache,
    IEventHub,
    IKeyMaker,
    ISchemaCache,
    ITransport,
)
from ftrack_core.plugins import Registry
from ftrack_core.values import MISSING, Event, Request, Response


@attrs.define(eq=False)
class Closing:
    """Notes that it was closed."""

    options: Any = None
    context: Any = None
    log: list[Any] = attrs.field(factory=list)

    def close(self) -> None:
        """Note it."""
        self.log.append(self)


@implementer(ITransport)
class Transport(Closing):
    """Answers with what it was asked."""

    def exchange(self, request: Request) -> Response:
        """Echo the request's headers."""
        return Response(200, dict(request.headers), request.url.encode())


@implementer(IAuthenticator)
class Authenticator(Closing):
    """Signs with user and key."""

    @property
    def user(self) -> str:
        """The user."""
        return getattr(self.options, "user", "") or "somebody"

    def flow(self, request: Request) -> Generator[Request, Response, None]:
        """Sign."""
        yield request.with_headers({"user": self.user})

    def url_parameters(self) -> Mapping[str, str]:
        """User and key."""
        return {"user": self.user, "key": getattr(self.options, "api_key", "")}


@implementer(ICache)
class Cache(Closing):
    """Keeps nothing."""

    def get(self, key: str | bytes) -> Any:
        """Nothing."""
        return MISSING

    def set(self, key: str | bytes, record: Any) -> None:
        """Nothing."""

    def remove(self, key: str | bytes) -> bool:
        """Nothing."""
        return False

    def keys(self) -> list[str | bytes]:
        """Nothing."""
        return []

    def values(self) -> list[Any]:
        """Nothing."""
        return []

    def clear(self, pattern: str | None = None) -> None:
        """Nothing."""


@implementer(IKeyMaker)
class KeyMaker:
    """Makes keys."""

    def __init__(self, options: Any = None, context: Any = None, log: Any = None) -> None:
        """Take what all take."""

    def key(self, *items: object) -> str:
        """A key."""
        return repr(items)


@implementer(ISchemaCache)
class SchemaCache(Closing):
    """Keeps nothing."""

    def load(self, server: str, schema_hash: str) -> Any:
        """Nothing."""
        return MISSING

    def save(self, server: str, schema_hash: str, schemas: Sequence[Mapping[str, Any]]) -> None:
        """Nothing."""


@implementer(IEventHub)
class EventHub(Closing):
    """Tells nobody."""

    id = "0"

    def subscribe(
        self,
        expression: str,
        callback: Callable[[Any], object],
        subscriber: Mapping[str, Any] | None = None,
        priority: int = 100,
    ) -> str:
        """Nothing."""
        return ""

    def unsubscribe(self, subscriber_id: str) -> None:
        """Nothing."""

    def publish(
        self,
        event: Event,
        synchronous: bool = False,
        on_reply: Callable[[Any], object] | None = None,
        on_error: str = "raise",
    ) -> list[Any]:
        """Nothing."""
        return []

    def publish_reply(self, source_event: Event, data: Mapping[str, Any]) -> None:
        """Nothing."""

    def request(self, event: Event, timeout_seconds: float = 30.0) -> Event:
        """Nothing."""
        return event

    def wait(self, duration_seconds: float | None = None) -> str:
        """Nothing."""
        return "time over"

    def tap(
        self, receive: Callable[[Event], None], expression: str = "", subscriber: Mapping[str, Any] | None = None
    ) -> Callable[[], None]:
        """Nothing."""
        return self.stop

    def stop(self) -> None:
        """Nothing."""


@attrs.frozen(kw_only=True)
class NoOptions:
    """None."""


@attrs.frozen(kw_only=True)
class TransportOptions:
    """Options with types of several kinds."""

    connect_seconds: float = attrs.field(default=10.0, metadata={"help": "How long to wait for a connection."})
    read_seconds: float = 60.0
    ca_bundle: str | None = attrs.field(default=None, metadata={"environment": "ACME_CA"})
    retries: int = attrs.field(default=0, validator=attrs.validators.le(5), metadata={"environment": "ACME_RETRIES"})
    proxies: Mapping[str, str] = attrs.field(factory=dict)
    token: str = attrs.field(default="", repr=False, metadata={"secret": True})


@attrs.frozen(kw_only=True)
class HubOptions:
    """Options that follow from those of the transport."""

    connect_seconds: float = 10.0
    ca_bundle: str | None = None
    cookies: Mapping[str, str] = attrs.field(factory=dict)
    headers: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class KeyOptions:
    """User and key."""

    user: str = attrs.field(default="", metadata={"environment": "FTRACK_API_USER"})
    api_key: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class FolderOptions:
    """A folder that is required."""

    folder: str


@attrs.frozen(kw_only=True)
class LayerOptions:
    """Layers."""

    layers: Sequence[Any] = attrs.field(default=(), converter=tuple)


@implementer(IBackendFactory)
@attrs.frozen
class Factory:
    """Makes one kind of backend."""

    group: str
    name: str
    make: Any
    interface: Any
    options: type[Any] = NoOptions
    log: list[Any] = attrs.field(factory=list)
    summary: str = "For tests."
    requirement_hint: str = "pip install acme"

    @property
    def provides(self) -> tuple[Any, ...]:
        """The seam's interface."""
        return (self.interface,)

    def create(self, options: Any, context: Any) -> Any:
        """Make it."""
        return self.make(options, context, self.log)


@attrs.define
class House:
    """A registry, and what was closed, in order."""

    registry: Registry
    closed: list[Any]

    def add(self, group: str, name: str, make: Any, interface: Any, options: type[Any] = NoOptions) -> None:
        """Register a backend."""
        self.registry.register(group, name, Factory(group, name, make, interface, options, self.closed))


@pytest.fixture
def house() -> House:
    """A registry with a backend for each default."""
    house = House(Registry(lambda _group: ()), [])
    house.add("ftrack.transport", "requests", Transport, ITransport, TransportOptions)
    house.add("ftrack.transport", "embedded", Transport, ITransport)
    house.add("ftrack.authenticator", "api_key", Authenticator, IAuthenticator, KeyOptions)
    house.add("ftrack.authenticator", "embedded", Authenticator, IAuthenticator)
    house.add("ftrack.cache", "memory", Cache, ICache)
    house.add("ftrack.cache", "layered", Cache, ICache, LayerOptions)
    house.add("ftrack.key_maker", "string", KeyMaker, IKeyMaker)
    house.add("ftrack.schema_cache", "json_file", SchemaCache, ISchemaCache, FolderOptions)
    for name in ("local", "socketio", "embedded"):
        house.add("ftrack.event_hub", name, EventHub, IEventHub, HubOptions)
    return house


@pytest.fixture
def settings() -> Callable[..., Settings]:
    """Makes settings of a complete set of arguments and more."""

    def of(profile: Mapping[str, Any] | None = None, **more: Any) -> Settings:
        arguments = {"server_url": "https://a.example/", "api_key": "s3cret", "api_user": "ann", **more}
        config = {"profiles": {"farm": dict(profile)}} if profile else None
        name = "farm" if profile else None
        environment = {"HOME": "/home/ann", "USERPROFILE": "/home/ann"}
        return resolve(arguments, config=config, profile=name, environment=environment, defer_faults=True)

    return of


@pytest.fixture
def backend_classes() -> dict[str, Any]:
    """The classes, since tests cannot import from a conftest."""
    return {"transport": Transport, "cache": Cache, "event_hub": EventHub, "schema_cache": SchemaCache}
