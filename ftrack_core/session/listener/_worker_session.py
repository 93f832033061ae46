"""The session of one worker: the listener's session once more, with a memory of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftrack_core.errors import ServerError, TransportError
from ftrack_core.session._parts import beside, impatient
from ftrack_core.session.line._retrying import is_gateway_status

if TYPE_CHECKING:
    from ftrack_core.session._session import Session

__all__ = ["WorkerSession"]


class WorkerSession:
    """Keeps a session for a worker, on the backends of another one.

    It is of the same class and has the same plain attributes (its `__init__` is not run again), but live entities,
    recorded operations and units of work of its own. Nothing is announced, downloaded or loaded for it.

    Thread safety: none; it belongs to one worker.

    Args:
        session: The listener's session.
        client_token: The client token of all workers.
    """

    def __init__(self, session: Session, client_token: str) -> None:
        self._around = session
        self._client_token = client_token
        self._session: Session | None = None

    @property
    def is_over(self) -> bool:
        """Whether the listener's session was closed."""
        return self._around.closed

    def get(self) -> Session:
        """The session, which knows of nothing that was read or recorded before `forget`.

        Raises:
            ConnectionClosedError: The listener's session is closed.
        """
        self._around._check_open()
        if self._session is None or self._session.closed:  # a handler may have closed it
            self._session = _twin(self._around, self._client_token)
        return self._session

    def reaches_server(self) -> bool:
        """Ask the server for a sign of life, once; a refusal is one."""
        try:
            impatient(self._around._parts).information()
        except TransportError:
            return False
        except ServerError as error:
            return not is_gateway_status(error.status)
        return True

    def forget(self) -> None:
        """Let go of everything that was read or recorded."""
        if self._session is not None:
            self._session._parts.forget()


def _twin(session: Session, client_token: str) -> Session:
    twin: Any = object.__new__(type(session))
    vars(twin).update(vars(session))
    twin._owned = None
    twin._closed = False
    twin._at_exit = _nothing
    twin._parts = beside(session._parts, twin, client_token)
    made: Session = twin
    return made


def _nothing() -> None:
    """What is done for it at exit: all that it holds is another session's."""
