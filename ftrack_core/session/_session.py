"""The session: the one object that programs talk to."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import uuid
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_core.assembly import Backends, assemble
from ftrack_core.config import resolve
from ftrack_core.entity import Entity
from ftrack_core.errors import Error, EventHubConnectionError
from ftrack_core.interfaces import ICache, IRemoteEventHub
from ftrack_core.plugins import PLUGIN_GROUP, Registry
from ftrack_core.session._parts import Parts, start
from ftrack_core.session.facade._server_actions import ServerActions
from ftrack_core.session.facade._writing import Writing
from ftrack_core.values import NOT_GIVEN, Event, NotGiven

if TYPE_CHECKING:
    from typing_extensions import Self

    from ftrack_core.plugins import Plugin, SessionPlugins
    from ftrack_core.session.line._statistics import SessionStatistics
    from ftrack_core.session.listener import Listener

__all__ = ["Session"]

_log = logging.getLogger(__name__)


class Session(Writing, ServerActions):
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
        studio = Registry().studio(os.environ)
        if backends is not None:
            given.update(server_url=backends.server_url, api_key="handed in", api_user=backends.authenticator.user)
            studio = studio and studio.without_server()
        settings = resolve(given, profile=profile, config=config, studio=studio, defer_faults=backends is None)
        self._owned = None if backends is not None else assemble(settings)
        try:
            self._parts: Parts = start(self, backends or self._assembled(), settings)
        except BaseException:
            self._let_go()
            raise
        self._at_exit = _close_at_exit(self)
        try:
            if self._owned is None or self._parts.backends.event_hub_stands or settings["auto_connect_event_hub"]:
                self._parts.hub.get()
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
        hub = self._parts.hub.made
        if hub is not None:  # else nobody can have subscribed
            hub.publish(Event(topic, uuid.uuid4().hex, data), synchronous=True)

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
        return float(self._parts.settings["timeout"])

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
        """The event hub, an `IEventHub`; typed loosely, as only mypy with its plug-in can read such contracts.

        Where no setting chose it, it is made when it is first asked for: most programs have no use for events.
        """
        return self._parts.hub.get()

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

        return session_as(self, username, self._parts.settings)  # type: ignore[return-value]  # it makes one of its class

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
