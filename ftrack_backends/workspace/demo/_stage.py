"""Where the story plays: one workspace, its front, and sessions that read no settings of the user's."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import attrs

from ftrack_core.errors import Error
from ftrack_core.session import Session

if TYPE_CHECKING:
    from ftrack_backends.workspace import Workspace
    from ftrack_backends.workspace._accounts import Credentials

__all__ = ["Act", "Cost", "DemoFailedError", "Stage"]


class DemoFailedError(Error):
    """A step of the demo did not do what it says."""


@attrs.define
class Cost:
    """What something took.

    Attributes:
        calls: Requests that the server answered.
        seconds: How long it took.
    """

    calls: int = 0
    seconds: float = 0.0

    @property
    def milliseconds(self) -> str:
        """The time, for a table."""
        return f"{self.seconds * 1000:.1f}"


@attrs.define
class Act:
    """One part of the story, for the summary.

    Attributes:
        title: What it is about.
        rows: Entities that sessions were given in it.
        cost: What it took.
    """

    title: str
    rows: int = 0
    cost: Cost = attrs.field(factory=Cost)


@attrs.define(eq=False)
class Stage:
    """What the parts of the story share.

    Attributes:
        workspace: The server of the story.
        url: Where its front is; None when HTTP cannot be had.
        in_process_url: What a session in this process gives as the server's URL.
        folder: A folder for what must not stay.
        planted_in: What it took to open the workspace, its seed included.
        acts: What was played so far.
    """

    workspace: Workspace
    url: str | None
    in_process_url: str
    folder: str
    planted_in: Cost
    acts: list[Act] = attrs.field(factory=list)

    @property
    def supervisor(self) -> Credentials:
        """The first user."""
        return self.workspace.users[0]

    @property
    def artist(self) -> Credentials:
        """The second user, where there is one."""
        return self.workspace.users[:2][-1]

    @property
    def where(self) -> str:
        """How sessions reach the server, in words."""
        return "over HTTP" if self.url else "in process"

    def session(self, user: Credentials, **settings: Any) -> Session:
        """A session over HTTP; in process where HTTP cannot be had."""
        if self.url is None:
            return self.session_in_process(user, **settings)
        # use_environment is off so that a proxy of the user's does not get requests for this machine.
        transport = {"backend": "requests", "use_environment": False}
        return self._session(self.url, user, transport=transport, authenticator="api_key", **settings)

    def session_with_events(self, user: Credentials) -> Session:
        """A session whose hub can be connected with the others."""
        return self.session(user, event_hub="socketio" if self.url else "embedded")

    def session_in_process(self, user: Credentials, **settings: Any) -> Session:
        """A session without HTTP, against the very same workspace."""
        return self._session(self.in_process_url, user, transport="embedded", authenticator="api_key", **settings)

    def _session(self, server_url: str, user: Credentials, **settings: Any) -> Session:
        """A session with every setting that the environment or the user's file might otherwise give."""
        isolated = {
            "plugin_paths": [],
            "installed_plugins": False,
            "schema_cache": "json_file",
            "schema_cache_path": self.folder,
            "cache": [],
            "event_hub": "local",
            **settings,
        }
        config = {"profiles": {"demo": isolated}}
        return Session(server_url, user.api_key, user.username, config=config, profile="demo")

    @contextlib.contextmanager
    def measured(self) -> Iterator[Cost]:
        """Measure what happens within."""
        cost = Cost()
        calls, started = self.workspace.requests.count(), time.perf_counter()
        try:
            yield cost
        finally:
            cost.seconds = time.perf_counter() - started
            cost.calls = self.workspace.requests.count() - calls

    @contextlib.contextmanager
    def act(self, title: str) -> Iterator[Act]:
        """Play a part of the story."""
        act = Act(title)
        with self.measured() as act.cost:
            yield act
        self.acts.append(act)

    def expect(self, condition: object, what: str) -> None:
        """Fail the demo loudly unless something is so.

        Raises:
            DemoFailedError: It is not so.
        """
        if not condition:
            self.fail(what)

    def fail(self, what: str) -> NoReturn:
        """Fail the demo loudly.

        Raises:
            DemoFailedError: Always.
        """
        number = len(self.acts) + 1
        raise DemoFailedError(f"part {number} of the demo did not do what it says: {what}")
