"""Suites of wrong event hubs: run by `test_planted.py`, collected by nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from ftrack_backends.workspace._embedded_hub import EmbeddedEventHub, WorkspaceLine
from ftrack_backends.workspace.factories import _workspace
from ftrack_core.errors import NotFoundError
from ftrack_core.testing import FakeBackendContext
from ftrack_core.testing.suites import RemoteEventHubContract
from ftrack_core.values import Event


class Backwards(EmbeddedEventHub):
    """Takes high numbers of priority for important."""

    def subscribe(self, expression: str, callback: Any, subscriber: Any = None, priority: int = 100) -> Any:
        """Subscribe."""
        return super().subscribe(expression, callback, subscriber, -priority)


class StopsAtErrors(EmbeddedEventHub):
    """Lets the error of a subscriber out."""

    def _dispatch(self, event: Any) -> list[Any]:
        with self._changed:
            candidates = list(self._subscriptions.candidates(event["topic"]))
        return [each.callback(event) for each in candidates if each.expression.matches(event)]


class Unstoppable(EmbeddedEventHub):
    """Calls everybody."""

    def subscribe(self, expression: str, callback: Any, subscriber: Any = None, priority: int = 100) -> Any:
        """Subscribe."""

        def called(event: Any) -> Any:
            event.stop = lambda: None
            return callback(event)

        return super().subscribe(expression, called, subscriber, priority)


class OnlyResults(EmbeddedEventHub):
    """Leaves out those that returned nothing."""

    def publish(self, event: Any, synchronous: bool = False, on_reply: Any = None, on_error: str = "raise") -> Any:
        """Publish."""
        return [each for each in super().publish(event, synchronous, on_reply, on_error) if each is not None]


class NeverLeaves(EmbeddedEventHub):
    """Keeps subscribers that left."""

    def unsubscribe(self, subscriber_id: str) -> None:
        """Nothing."""
        if not subscriber_id:
            raise NotFoundError(subscriber_id)


class PublishesClosed(EmbeddedEventHub):
    """Takes what is published when it is closed, and loses it."""

    def publish(self, event: Any, synchronous: bool = False, on_reply: Any = None, on_error: str = "raise") -> Any:
        """Publish."""
        return super().publish(event, synchronous, on_reply, "ignore")


class DeafToLate(EmbeddedEventHub):
    """Tells the server of the subscriptions before the connection only."""

    def _subscribed(self, subscription: Any) -> None:
        """Nothing."""


class DeafAfterwards(EmbeddedEventHub):
    """Tells the server of subscriptions once."""

    greeted = 0

    def _all_subscribing(self) -> Any:
        self.greeted += 1
        return super()._all_subscribing() if self.greeted == 1 else []


class LosesEarly(EmbeddedEventHub):
    """Loses what is published before the connection."""

    def _post(self, event: Event) -> Any:
        return super()._post(event) if self.connected else None


class LastFirst(EmbeddedEventHub):
    """Sends what was published before the connection after what comes later."""

    def _post(self, event: Event) -> Any:
        if self.connected or not self._connection.announced:
            return super()._post(event)
        self.__dict__.setdefault("kept", []).append(event)
        return None

    def connect(self) -> None:
        """Join, and send the last first."""
        super().connect()
        for event in reversed(self.__dict__.pop("kept", [])):
            super()._post(event)


class AlwaysConnected(EmbeddedEventHub):
    """Sees the best in everything."""

    @property
    def connected(self) -> bool:
        """Yes."""
        return True


class GivesUp(EmbeddedEventHub):
    """Leaves when its connection breaks."""

    def _tell(self, what: str, data: Any) -> None:
        super()._tell(what, data)
        if data.get("reconnecting"):
            threading.Thread(target=self.disconnect, daemon=True).start()


class Doubles(EmbeddedEventHub):
    """Handles each event twice after it was connected anew."""

    def _come(self, event: Event) -> None:
        self.__dict__["met"] = self.__dict__.get("met", 0) + (event.topic == "ftrack.meta.connected")
        super()._come(event)
        if self.__dict__["met"] > 1 and not event.topic.startswith("ftrack.meta"):
            super()._come(event)


class TellsNobody(EmbeddedEventHub):
    """Keeps to itself what becomes of its connection."""

    def _tell(self, what: str, data: Any) -> None:
        """Nothing."""


class SendsTwice(EmbeddedEventHub):
    """Makes sure."""

    def _post(self, event: Event) -> Any:
        super()._post(event)
        return super()._post(event)


class BelievesInAll(EmbeddedEventHub):
    """Takes sent for acknowledged."""

    def publish_acknowledged(self, event: Event, timeout_seconds: float = 30.0) -> None:
        """Publish."""
        if event.topic == "ftrack.test.known":
            super().publish_acknowledged(event, timeout_seconds)
        else:
            self.publish(event)


class LeavesAtOnce(EmbeddedEventHub):
    """Does not wait for what was published."""

    def _drain(self) -> None:
        """Nothing."""


class WaitsOn(EmbeddedEventHub):
    """Lets nobody go."""

    def _depart(self) -> None:
        """Nothing."""


class TapsAfterwards(EmbeddedEventHub):
    """Tells taps when subscribers have been told."""

    def _tap(self, event: Event) -> None:
        """Nothing yet."""

    def _handle(self, event: Event) -> None:
        super()._handle(event)
        super()._tap(event)


class QueuesAll(EmbeddedEventHub):
    """Queues what nobody will handle."""

    def _is_quiet(self, event: Event) -> bool:
        return False


@attrs.define(kw_only=True)
class Context(FakeBackendContext):
    """A context with credentials of a workspace."""

    api_key: str = ""

    def authorised(self, request: Any) -> Any:
        """The request with user and key."""
        return request.with_headers({"ftrack-user": self.user, "ftrack-api-key": self.api_key})


class Suite(RemoteEventHubContract):
    """Suite of all of them."""

    kind: Any = EmbeddedEventHub

    @pytest.fixture(autouse=True)
    def server(self, request: pytest.FixtureRequest) -> Iterator[None]:
        """A workspace of this process."""
        self.url = f"embedded:planted-{id(request)}"
        self.contexts: list[Context] = []
        yield
        for context in self.contexts:
            context.close()

    def make_unconnected(self) -> Any:
        """A hub of the workspace."""
        context = Context(server_url=self.url)
        user = _workspace(context).users[0]
        context.user, context.api_key = user.username, user.api_key
        return self._hub(context)

    def unreachable(self) -> Any:
        """A hub in the name of nobody."""
        return self._hub(Context(server_url=self.url, user="nobody"))

    def cut(self) -> None:
        """Cut every member off."""
        broker = _workspace(self.contexts[0]).broker
        for member in list(broker._members.values()):
            broker.leave(member)

    def _hub(self, context: Context) -> Any:
        self.contexts.append(context)
        line = WorkspaceLine(lambda: _workspace(context), context)
        return self.kind(line=line, user=context.user, reconnect_seconds=0.05, close_seconds=1.0)


class TestRight(Suite):
    """Nothing is wrong with it."""


for _name, _kind in list(globals().items()):
    if isinstance(_kind, type) and issubclass(_kind, EmbeddedEventHub) and _kind is not EmbeddedEventHub:
        what_never_comes = {"patience_seconds": 1.0}
        globals()[f"Test{_name}"] = type(f"Test{_name}", (Suite,), {"kind": _kind, **what_never_comes})
