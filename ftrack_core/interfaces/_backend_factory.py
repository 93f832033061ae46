"""What an entry point names: a light object that makes a backend; and what any backend may offer besides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from zope.interface import Attribute, Interface

from ftrack_core.interfaces._runtime import IClock
from ftrack_core.values import Request, Response

if TYPE_CHECKING:
    from ftrack_core.values import Finding

__all__ = ["IBackendContext", "IBackendFactory", "IDiagnosed", "IMeasured"]

_T = TypeVar("_T")


class IBackendContext(Interface):
    """What a backend may know of the assembly it becomes part of.

    Thread safety: every method may be called by many threads.
    Lifetime: that of the assembly; `exchange` works once the transport stands, not inside a transport's `create`.
    """

    server_url: str = Attribute("URL of the server, without a slash at the end; `embedded:...` for a workspace")
    user: str = Attribute("Name of the user; empty before the authenticator stands")
    scope: str = Attribute("Text that tells server, user and key apart in a shared store; holds no secret")
    clock: IClock = Attribute("The clock of the assembly")

    def exchange(request: Request) -> Response:
        """Exchange a request with the server, with credentials.

        Raises:
            TransportError: As the transport raises it.
            AuthenticationError: Credentials cannot be had.
        """

    def authorised(request: Request) -> Request:
        """The request with credentials, for a backend that speaks to the server by itself.

        Raises:
            AuthenticationError: Credentials cannot be had.
        """

    def shared(key: str, make: Callable[[], _T]) -> _T:
        """One thing for all backends of the assembly: made by the first who asks, closed with the assembly.

        Args:
            key: What it is shared under.
            make: Makes it; called at most once for a key. A `close` that it has is called in the end.

        Returns:
            The thing.
        """


class IBackendFactory(Interface):
    """Makes backends of one name. It is what an entry point of a seam's group names.

    Importing its module must be cheap and must not need the library behind the backend: that is imported by `create`.

    Thread safety: `create` is called by many threads.

    Guarantees:

    - C1: `options` can be made with no arguments or names what is missing, and every field of it has `help` metadata.
    - C2: what `create` returns provides `provides`.
    - C3: `create` raises ImportError, with `requirement_hint` to help, when a library is absent.
    """

    group: str = Attribute("Entry-point group of the seam, as `ftrack.cache`")
    name: str = Attribute("Name in that group, as `memory`")
    summary: str = Attribute("What it is, in one line")
    options: type[Any] = Attribute(
        "attrs class of its options; a field's metadata may hold `help`, `secret` and `environment`"
    )
    provides: tuple[Any, ...] = Attribute("Interfaces of what it makes: the seam's, and the powers it offers")
    requirement_hint: str = Attribute("What to install when a library is missing; empty when it needs none")

    def create(options: Any, context: IBackendContext) -> Any:
        """Make a backend.

        Args:
            options: An instance of the `options` class.
            context: What it may know of its assembly.

        Returns:
            The backend, which provides every interface in `provides`.

        Raises:
            ConfigurationError: The options contradict each other or what was found.
            ImportError: A library is missing.
        """


class IDiagnosed(Interface):
    """A backend, of whatever seam, that can say how it is; `ftrack doctor` asks for it.

    Thread safety: called by one thread, while others may use the backend.

    Guarantees:

    - D1: what goes wrong is a finding, never an error.
    - D2: no finding holds a secret: no key, token, cookie or password, nor one within an address.
    - D3: nothing is changed: what the backend keeps is the same afterwards.
    - D4: each finding comes as soon as it is made, and what can be bounded takes no longer than it was given.
    """

    def diagnose(timeout_seconds: float) -> Iterable[Finding]:
        """Look at what the backend stands on: its files, its server, the way there.

        Args:
            timeout_seconds: How long each step may take.

        Returns:
            What was found, step by step.
        """


class IMeasured(Interface):
    """A backend that counts what it does and holds; `ftrack cache stats` asks for it.

    Thread safety: called by any thread.
    """

    def statistics() -> Any:
        """What it did and holds.

        Returns:
            An attrs value whose fields are numbers, text and switches, none of them secret; or a tuple of these, one
            for each part of the backend.
        """
