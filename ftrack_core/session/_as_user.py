"""Sessions in the name of somebody else, over what a session has open already.

ftrack has two kinds of API keys. A personal one goes with its user's name only; a *global* one goes with the name of
any active user, and what it may do is said by its own roles, not by the user's (developer.ftrack.com,
"Authentication"). So the way to act for a user is to send the same key with that user's name, and it takes a global
key.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any

import attrs
from zope.interface import implementer

from ftrack_core.assembly import Deferred
from ftrack_core.errors import AuthenticationError, InvalidCredentialsError, InvalidTypeError
from ftrack_core.events import DispatchedEvent, Subscription, Subscriptions, dispatch
from ftrack_core.interfaces import IAuthenticator
from ftrack_core.values import Event, Request, Response

if TYPE_CHECKING:
    from ftrack_core.config import Settings
    from ftrack_core.session._session import Session

__all__ = ["session_as"]

_log = logging.getLogger(__name__)
_USER_HEADER = "ftrack-user"
_OF_THE_HOST_ONLY = ("ftrack.api.session.ready", "ftrack.api.session.reset")
_HANDED_ON = (
    "auto_populate",
    "timeout",
    "retry_seconds",
    "settle_seconds",
    "headers",
    "strict_api",
    "memory_cache_size",
    "cohort_loading",
    "check_queries",
    "check_values",
)


def session_as(session: Session, user: str, settings: Settings) -> Session:
    """A session of the same class in another user's name; `Session.as_user` says what it is."""
    if not isinstance(user, str) or not user or not user.isprintable():
        raise InvalidTypeError(f"A user is given by username, not as {user!r}.")
    host = session._parts.backends
    hub = GuestHub(session.event_hub, user)
    backends = attrs.evolve(
        host,
        authenticator=OnBehalf(user, host.authenticator),
        event_hub=Deferred.standing(hub),  # type: ignore[arg-type]  # what it lacks itself, the host's does
        cache=None,
        scope=f"{host.scope}/as/{user}",
        owned=[hub],
    )
    given = {name: settings[name] for name in _HANDED_ON}
    try:
        guest = type(session)(backends=backends, config=given, plugin_paths=[], auto_connect_event_hub=False)
    except InvalidCredentialsError as error:
        raise InvalidCredentialsError(
            f"A session in the name of {user!r} was to be opened with the API key of {session.api_user!r}, and the "
            f"server refused it: {error.message} Only a global API key goes with the name of any active user; a "
            "personal key goes with its own user's. Give the service a global key, and check that the user is active.",
            error.details,
        ) from error
    guest._owned = backends  # closes what was made for it alone: its hub
    return guest


@implementer(IAuthenticator)
@attrs.frozen(eq=False)
class OnBehalf:
    """Another authenticator's credentials, with the name of another user.

    Thread safety: as that of the other one.

    Attributes:
        user: Name of the user in whose name requests are made.
    """

    user: str
    _own: IAuthenticator = attrs.field(repr=False)

    def flow(self, request: Request) -> Generator[Request, Response, None]:
        """The other's requests; the given one goes out with the user's name."""
        flow = self._own.flow(request)
        try:
            asked = next(flow)
            while True:
                asked = flow.send((yield self._renamed(asked) if asked.url == request.url else asked))
        except StopIteration:
            return
        finally:
            flow.close()

    def url_parameters(self) -> Mapping[str, str]:
        """The other's, with the user's name."""
        return {
            name: self.user if value == self._own.user else value for name, value in self._own.url_parameters().items()
        }

    def _renamed(self, request: Request) -> Request:
        name = next((one for one in request.headers if one.lower() == _USER_HEADER), None)
        if name is None:
            raise AuthenticationError(
                f"A request was to be made in the name of {self.user!r}, and the authenticator "
                f"{type(self._own).__name__} names no user in a header {_USER_HEADER!r}: with credentials of its kind "
                "nobody can act for others."
            )
        return request.with_headers({name: self.user})


@attrs.define(eq=False, repr=False)
class GuestHub:
    """The event hub of a session that is a guest on another's.

    Who subscribes here hears what is published here synchronously, and is forgotten with the session. Subscribers of
    the host hear that too, so that entity types and locations are configured as in the host session; only that the
    guest is ready, or was reset, they do not hear. Everything else is published by the host's hub.

    Thread safety: all calls.
    """

    _host: Any
    user: str
    _subscriptions: Subscriptions = attrs.field(factory=Subscriptions, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    @property
    def id(self) -> str:
        """The host's, so that replies arrive there."""
        return str(self._host.id)

    def subscribe(
        self,
        expression: str,
        callback: Callable[[Any], object],
        subscriber: Mapping[str, Any] | None = None,
        priority: int = 100,
    ) -> str:
        """Subscribe to what this session publishes synchronously; give the subscriber's id."""
        from ftrack_core.events import Expression

        metadata = {"id": uuid.uuid4().hex, **(subscriber or {})}
        identifier = str(metadata["id"])
        subscription = Subscription(identifier, Expression.parse(expression), callback, metadata, priority)
        with self._lock:
            self._subscriptions.add(subscription)
        return identifier

    def unsubscribe(self, subscriber_id: str) -> None:
        """End a subscription."""
        with self._lock:
            self._subscriptions.remove(subscriber_id)

    def publish(
        self,
        event: Event,
        synchronous: bool = False,
        on_reply: Callable[[Any], object] | None = None,
        on_error: str = "raise",
    ) -> list[Any]:
        """Publish on the host's hub; a synchronous event is heard by the guest's own subscribers first."""
        if not synchronous:
            return list(self._host.publish(event, on_reply=on_reply, on_error=on_error))
        with self._lock:
            candidates = self._subscriptions.candidates(event["topic"])
        given = event if isinstance(event, DispatchedEvent) else DispatchedEvent(event)
        results = dispatch(given, candidates, _failed) if candidates else []
        if event["topic"] not in _OF_THE_HOST_ONLY:
            results += self._host.publish(event, synchronous=True, on_error=on_error)
        return results

    def close(self) -> None:
        """Forget the guest's subscribers; the host's hub stays as it is."""
        with self._lock:
            self._subscriptions.clear()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)


def _failed(subscription: Subscription, error: Exception) -> None:
    _log.error("the subscriber %s raised; the others go on", subscription.id, exc_info=error)
