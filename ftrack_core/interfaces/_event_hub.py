"""The seam of events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zope.interface import Attribute, Interface

from ftrack_core.values import Event

__all__ = ["IEventHub", "IRemoteEventHub"]


class IEventHub(Interface):
    """Brings events to those who subscribed.

    Thread safety: every method is called by many threads at once. Callbacks run in the thread that publishes or
    waits, without any lock held, so that they may subscribe, publish and unsubscribe.
    Lifetime: that of the session.

    Guarantees:

    - C1: subscribers are called in order of priority, the lowest number first, and in order of subscription among
      equals.
    - C2: a subscriber that raises is logged with its subscription; the others are called all the same.
    - C3: a callback is handed a mutable event with the official keys and `stop()`; after `stop()` no later subscriber
      is called.
    - C4: a synchronous publish calls matching subscribers of this hub before it returns and gives their results.
    - C5: after `unsubscribe` returns, a later event does not reach that subscriber.
    - C6: after `close`, publishing raises `EventHubConnectionError`, and subscribing is taken and without effect;
      closing twice is fine. A `request` that waits for its reply ends at once.
    - C14: what is tapped sees every event that comes from elsewhere or is queued here, in order, before `wait` calls a
      subscriber with it; a tap that raises is logged and disturbs nobody; one that has ended sees nothing more. A
      remote hub's taps see `ftrack.meta.connected` and `ftrack.meta.disconnected` too, as soon as they are true.
    - C15: what nobody but taps asked for is not queued for `wait`.
    """

    id: str = Attribute("Hexadecimal uuid of this hub; the source of what it publishes")

    def subscribe(
        expression: str,
        callback: Callable[[Any], object],
        subscriber: Mapping[str, Any] | None = None,
        priority: int = 100,
    ) -> str:
        """Have a callback called for every event that an expression matches.

        Args:
            expression: In the subscription language, as `topic=ftrack.update and source.user.username=ann`.
            callback: Called with the event.
            subscriber: Metadata that targets are matched with; `id` in it becomes the subscriber's id, and is put into
                it where it has none and can be changed.
            priority: The lower, the earlier.

        Returns:
            Id of the subscriber.

        Raises:
            ParseError: The expression is not of the language.
            NotUniqueError: There is a subscriber of that id.
        """

    def unsubscribe(subscriber_id: str) -> None:
        """End a subscription.

        Raises:
            NotFoundError: There is no subscriber of that id.
        """

    def publish(
        event: Event,
        synchronous: bool = False,
        on_reply: Callable[[Any], object] | None = None,
        on_error: str = "raise",
    ) -> list[Any]:
        """Tell subscribers.

        Args:
            event: What happened. Missing parts of its source are filled in, and a missing id.
            synchronous: Whether only subscribers of this hub are told, now, in this thread.
            on_reply: Called with every reply, in the threads that call `wait`, until the hub gives up on replies.
            on_error: `raise`, or `ignore` for an event that nobody misses when the hub is not connected.

        Returns:
            With `synchronous`, the subscribers' results in order, None included; else an empty list.

        Raises:
            EventHubConnectionError: The hub is closed, or not connected and not about to be; or too many published
                events wait to be sent.
            InvalidTypeError: It is no event, or what it holds cannot be sent.
        """

    def publish_reply(source_event: Event, data: Mapping[str, Any]) -> None:
        """Answer an event: its publisher gets topic `ftrack.meta.reply`.

        Raises:
            EventHubConnectionError: The hub is closed, or not connected and not about to be.
        """

    def request(event: Event, timeout_seconds: float = 30.0) -> Event:
        """Publish an event and wait for the first reply. Who answers has to wait in another thread, or elsewhere.

        Raises:
            EventHubConnectionError: As `publish`; nobody replied in time; or the hub was left or closed meanwhile.
            EventHubError: The server refused the event, so that nobody will reply; told as soon as it is known.
        """

    def wait(duration_seconds: float | None = None) -> str:
        """Handle events in this thread as they come.

        Args:
            duration_seconds: How long; 0 handles what is queued and returns; None until told to end.

        Returns:
            Why it ended: `time over`, `stopped`, `disconnected` or `closed`.

        Raises:
            EventHubConnectionError: It would wait for ever, since the hub is not connected and not about to be.
        """

    def tap(
        receive: Callable[[Event], None], expression: str = "", subscriber: Mapping[str, Any] | None = None
    ) -> Callable[[], None]:
        """Have a function called with every event that comes, in the thread that brings it, before it is queued.

        Args:
            receive: Called with each event, one at a time, whether it matches the expression or not. It must be quick,
                and must not change the event.
            expression: Events to ask for, as with a subscription: a server sends nothing that nobody asked for.
            subscriber: Metadata that targets are matched with, where events are asked for; `id` in it as `subscribe`
                takes it.

        Returns:
            A function that ends it; calling it again is fine.

        Raises:
            ParseError: The expression is not of the language.
        """

    def stop() -> None:
        """End every `wait` that is going on."""

    def close() -> None:
        """End all subscriptions and let go of what is held open. Never raises and always returns."""


class IRemoteEventHub(IEventHub):
    """An event hub that is joined to others by a server.

    Guarantees, beyond those of `IEventHub`:

    - C7: subscriptions made before, while and after connecting all hold; after a reconnect they hold again.
    - C8: what is published between `init_connection` and the connection is sent in order once it stands. How many may
      wait is bounded; what is beyond is refused, and nothing dropped.
    - C9: `connected` tells the truth.
    - C10: a connection that breaks is opened anew until `disconnect` or `close`; nobody's `wait` ends by it.
    - C11: subscribers of `ftrack.meta.connected` and `ftrack.meta.disconnected` are told when the connection stands
      and when it is over.
    - C12: nothing that was acknowledged is lost, and nothing is sent twice.
    - C13: `close` and `disconnect` return within bounded time, whatever the server does, also while connecting and
      from a callback; what was published before is sent, if the connection allows it.
    """

    connected: bool = Attribute("Whether the connection stands at this moment")

    def init_connection() -> None:
        """Announce that `connect` will be called, so that publishing queues until then."""

    def connect() -> None:
        """Join the server, and return once joined.

        Raises:
            EventHubConnectionError: It cannot be reached or refuses, or the hub is connected already.
        """

    def connect_in_background() -> None:
        """Begin to join the server and return at once. It is tried until it succeeds; publishing queues meanwhile.

        Raises:
            EventHubConnectionError: The hub is connected, or about to be.
        """

    def wait_until_connected(timeout_seconds: float | None = None) -> bool:
        """Wait until the connection stands, and tell whether it does.

        Args:
            timeout_seconds: How long at most; None for as long as it is being tried.
        """

    def publish_acknowledged(event: Event, timeout_seconds: float = 30.0) -> None:
        """Publish an event, and return once the server has acknowledged it.

        Raises:
            EventHubConnectionError: As `publish`; or it was not acknowledged in time, or the connection broke before.
            EventHubError: The server refused it.
        """

    def disconnect() -> None:
        """Leave the server; subscriptions stay for a later `connect`.

        Raises:
            EventHubConnectionError: The hub is not connected.
        """
