"""What programs made for ftrack's own client ask of a hub, beyond the contract."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from ftrack_backends.hub_parts._subscribing import Subscribing
from ftrack_core.errors import EventHubConnectionError
from ftrack_core.events import Subscription

__all__ = ["Familiar", "joined"]


class Familiar(Subscribing):
    """A hub that can be asked where it connects to, and who subscribed.

    Thread safety: all calls.

    Attributes:
        server_url: URL of the session's server.
    """

    server_url: str

    @property
    def secure(self) -> bool:
        """Whether the way to the event server is encrypted."""
        return urlsplit(self.server_url).scheme == "https"

    def get_server_url(self) -> str:
        """Scheme, host and port of the event server; it is at the root, whatever path the session's URL has."""
        place = urlsplit(self.server_url)
        return f"{place.scheme}://{place.netloc}" if place.netloc else self.server_url

    def get_network_location(self) -> str:
        """Host and port of the event server; empty where there is none."""
        return urlsplit(self.server_url).netloc

    def get_subscriber_by_identifier(self, identifier: str) -> Subscription | None:
        """The subscription of a subscriber's id; None where there is none."""
        with self._changed:
            return self._subscriptions.get(identifier)


def joined(connect: Callable[[], None], last: bool) -> bool:
    """Try to connect; gives whether that went well. The last attempt raises why it did not."""
    try:
        connect()
    except EventHubConnectionError:
        if last:
            raise
        return False
    return True
