"""What a short program pays for: a session, one query, close. Farm nodes do it thousands of times a day."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IDLE = (
    "argparse",
    "decimal",
    "difflib",
    "fractions",
    "ftrack_backends.caches",
    "ftrack_backends.event_hubs",
    "ftrack_backends.hub_parts",
    "ftrack_backends.key_makers",
    "ftrack_backends.workspace",
    "ftrack_core.actions",
    "ftrack_core.assembly._inboxes",
    "ftrack_core.assembly._whole_response",
    "ftrack_core.cli",
    "ftrack_core.events",
    "ftrack_core.protocol._packets",
    "ftrack_core.protocol._socket_link",
    "ftrack_core.query._attributes",
    "ftrack_core.query._builder",
    "ftrack_core.query._operands",
    "ftrack_core.session._as_user",
    "ftrack_core.session.commits._committing",
    "ftrack_core.session.commits._creating",
    "ftrack_core.session.entities._custom_attributes",
    "ftrack_core.session._formatter",
    "ftrack_core.session.entities._inheritance",
    "ftrack_core.session.commits._settling",
    "ftrack_core.session.freshness._aging",
    "ftrack_core.session.freshness._following",
    "ftrack_core.session.freshness._reading",
    "ftrack_core.session.freshness._update",
    "ftrack_core.session.freshness._vocabulary",
    "ftrack_core.session.queries._key_listing",
    "ftrack_core.session.queries._key_pages",
    "ftrack_core.testing",
    "ftrack_core.unit_of_work._evidence",
    "ftrack_core.unit_of_work._plan",
    "ftrack_core.values._configured_attribute",
    "ftrack_core.values._delivery",
)
"""What such a program has no use for."""
PROGRAM = """
import json, sys
import ftrack_core
with ftrack_core.Session(sys.argv[1], "key", "ann", plugin_paths=[], schema_cache_path=False) as session:
    assert len(session.query("select name from Project")) == 1
    {more}
print(json.dumps(sorted(sys.modules)))
"""


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    """A server that answers from memory, in a process of its own."""
    command = [sys.executable, str(ROOT / "tests" / "benchmarks" / "speed" / "replay" / "server.py"), "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"{process.stdout.readline().strip()}/full-1"
        finally:
            process.terminate()


def _loaded(server_url: str, more: str) -> set[str]:
    """What of the idle modules a program has imported in the end."""
    command = [sys.executable, "-c", PROGRAM.format(more=more), server_url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1])) & set(IDLE)


def test_a_program_that_reads_imports_nothing_that_writes_builds_or_formats(server_url: str) -> None:
    """Each module costs a start up to three milliseconds, and what is imported by accident is never noticed."""
    assert _loaded(server_url, "pass") == set()


def test_the_check_sees_what_a_program_that_writes_imports(server_url: str) -> None:
    """A check that sees nothing would pass whatever we import."""
    found = _loaded(server_url, 'session.create("Project", {"name": "p"}); session.rollback()')
    assert {"ftrack_core.session.commits._creating", "ftrack_core.session.commits._committing"} <= found


def test_the_event_hub_is_imported_by_those_who_ask_for_it(server_url: str) -> None:
    """Most programs have no use for events; one that has gets the hub that it always got."""
    assert {"ftrack_backends.event_hubs", "ftrack_core.events"} <= _loaded(server_url, "session.event_hub")
