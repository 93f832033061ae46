"""What may watch a session from outside."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from zope.interface import Interface

__all__ = ["IObserver"]


class IObserver(Interface):
    """Is told what a session does: for a log, a metric, a progress bar. It changes nothing.

    Thread safety: called by every thread of the session, in the thread that does the work, without a lock held.

    Guarantees:

    - C1: an observer that raises is logged and disturbs nothing.
    - C2: nothing that an observer is told holds a secret.
    """

    def on_request(actions: Sequence[str], body_bytes: int) -> None:
        """A batch goes out.

        Args:
            actions: Names of its actions, in order.
            body_bytes: Size of its body.
        """

    def on_response(actions: Sequence[str], body_bytes: int, seconds: float) -> None:
        """A response to a batch came.

        Args:
            actions: Names of the batch's actions, in order.
            body_bytes: Size of the response's body.
            seconds: From the request to here.
        """

    def on_retry(failure: str) -> None:
        """A batch goes out again.

        Args:
            failure: Why, in words.
        """

    def on_load(entity_type: str, names: Collection[str], entities: int) -> None:
        """Values are loaded because one was read.

        Args:
            entity_type: Type of the entities.
            names: Which attributes.
            entities: For how many entities at once.
        """
