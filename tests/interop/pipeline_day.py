"""A whole pipeline day, from a project to its deletion: dozens of steps, each a function that asserts what it sees.

    python pipeline_day.py URL USER KEY

Run as a script it uses the official client, under whose interpreter it must run; so nothing of ours is imported here.
The steps stand in `pipeline_steps/`, a file for each department. The tests also run them with our own session. What a
step gives holds no ids and no moments, so that two days can be compared.
"""

from __future__ import annotations

import json
import runpy
import sys
import tempfile
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROJECT = "pipeline_show"
POOL = 8
STEPS = Path(__file__).with_name("pipeline_steps")
FILES = ("production", "asking", "publishing", "talking", "tracking", "attributes", "changing", "refusals", "ending")


class Day:
    """What the steps share: a session, and how to find again what was made by the steps before.

    Attributes:
        session: The session that most of the day is done with.
        official: Whether it is the official client's, with helper methods that our session has not got yet.
    """

    def __init__(self, opened: Callable[..., Any], official: bool) -> None:
        self.official = official
        self._opened = opened
        self._sessions: list[Any] = []
        self._strict: Any = None
        self.session = opened()

    def again(self) -> Any:
        """A session that has seen nothing yet, as another tool has: what it reads comes from the server.

        The eighth before is emptied and used again, since making one takes longer than all that a step does.
        """
        older = self._sessions[-POOL] if len(self._sessions) >= POOL else None
        if older is None or older.closed:
            older = self._opened()
        else:
            self._sessions.remove(older)
            older.reset()
        self._sessions.append(older)
        return older

    def strict(self) -> Any:
        """A session that asks for the HTTP status of errors, and may group."""
        self._strict = self._strict or self._opened(strict_api=True)
        return self._strict

    def one(self, expression: str, session: Any = None) -> Any:
        """The one entity of a query."""
        return (session or self.session).query(expression).one()

    def project(self, session: Any = None) -> Any:
        """The project of the day."""
        return self.one(f'Project where name is "{PROJECT}"', session)

    def shot(self, name: str, session: Any = None) -> Any:
        """A shot of the project."""
        return self.one(f'Shot where name is "{name}" and project.name is "{PROJECT}"', session)

    def task(self, shot: str, name: str, session: Any = None) -> Any:
        """A task of a shot."""
        return self.one(f'Task where name is "{name}" and parent.name is "{shot}" and {self.here}', session)

    def named(self, entity_type: str, name: str, session: Any = None) -> Any:
        """A status, a type, a user of that name: of whatever is told by its name alone."""
        attribute = "username" if entity_type == "User" else "name"
        return self.one(f'{entity_type} where {attribute} is "{name}"', session)

    @property
    def here(self) -> str:
        """Condition for what belongs to the project."""
        return f'project.name is "{PROJECT}"'

    @property
    def user(self) -> Any:
        """Whose session it is."""
        return self.named("User", self.session.api_user)

    def refusal(self, act: Callable[[], Any]) -> tuple[set[str], str]:
        """Names of the classes of the error that something must raise, and its text."""
        try:
            done = act()
        except Exception as error:  # noqa: BLE001 - which one it is, the step asserts
            return {one.__name__ for one in type(error).__mro__}, str(error)
        raise AssertionError(f"it was accepted, and gave {done!r}")

    def close(self) -> None:
        """Close every session."""
        for session in (*self._sessions, self._strict, self.session):
            if session:
                session.close()


def steps() -> dict[str, tuple[Callable[[Day], Any], bool]]:
    """Every step by name, in the order of the day, with whether both clients can do it."""
    found: dict[str, tuple[Callable[[Day], Any], bool]] = {}
    for name in FILES:
        module = runpy.run_path(str(STEPS / f"{name}.py"))
        for step in module["SHARED"] + module["OFFICIAL_ONLY"]:
            found[step.__name__] = (step, step in module["SHARED"])
    return found


def lived(day: Day, mark: Callable[[str], None]) -> dict[str, dict[str, Any]]:
    """Do every step that the session can do.

    Args:
        day: With a session that was just opened.
        mark: Called with the name of each step once it is over; first with `session`.

    Returns:
        By step: `seen`, or `fault` with the traceback of what went wrong. A step after a fault begins anew.
    """
    results: dict[str, dict[str, Any]] = {}
    mark("session")
    for name, (step, shared) in steps().items():
        if not (shared or day.official):
            continue
        try:
            results[name] = {"seen": json.loads(json.dumps(step(day)))}
        except Exception:  # noqa: BLE001 - a step's failure is what the tests report
            results[name] = {"fault": traceback.format_exc()}
            day.session.rollback()
        mark(name)
    return results


def marker(url: str) -> Callable[[str], None]:
    """Leaves marks in the server's access log, by asking for addresses that do not exist."""

    def mark(step: str) -> None:
        try:
            urllib.request.urlopen(f"{url}/mark/{step}")  # noqa: S310 - a test's own loopback URL
        except urllib.error.HTTPError as error:
            error.close()

    return mark


def main(url: str, user: str, key: str) -> None:
    """Live it with the official client and print what was seen."""
    import ftrack_api  # type: ignore[import-not-found]  # only the other environment has it

    def opened(**more: Any) -> Any:
        return ftrack_api.Session(
            url, key, user, plugin_paths=[], auto_connect_event_hub=False, schema_cache_path=cache, **more
        )

    with tempfile.TemporaryDirectory() as cache:
        day = Day(opened, official=True)
        print(json.dumps(lived(day, marker(url))))
        day.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
