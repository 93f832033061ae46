"""Every store that keeps things on a disk between processes, and a served workspace to use it with."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

VISITING = Path(__file__).with_name("visiting.py")


@attrs.frozen
class Store:
    """A kind of store.

    Attributes:
        name: What the tests call it.
        settings: Gives the settings of a session that keeps things in a folder.
        left_alone: What is not replaced, since it may be another program's or a later version's: a file beside it is
            used, and each session says so.
    """

    name: str
    settings: Callable[[Path], Mapping[str, Any]]
    left_alone: frozenset[str] = frozenset()

    def files(self, folder: Path) -> list[Path]:
        """What it has put there; not SQLite's shared memory, which nobody may cut off while it is in use."""
        found = [each for each in folder.rglob("*") if each.is_file()]
        return sorted(each for each in found if each.name != "damaged" and not each.name.endswith("-shm"))


def _cache(name: str, path: Path) -> Mapping[str, Any]:
    return {"cache": {"backend": f"ftrack_backends.caches:{name}", "path": str(path)}, "schema_cache_path": False}


def _schema_cache(name: str, folder: Path) -> Mapping[str, Any]:
    return {"schema_cache": {"backend": f"ftrack_backends.schema_caches:{name}", "folder": str(folder)}}


_OTHERS = frozenset({"foreign_database", "later_version"})
STORES = [
    Store("disk", lambda folder: _cache("disk", folder / "it")),
    Store("sqlite", lambda folder: _cache("sqlite", folder / "it" / "records.sqlite"), _OTHERS),
    Store("json_file", lambda folder: _schema_cache("json_file", folder / "it")),
    Store("sqlite schemas", lambda folder: _schema_cache("sqlite", folder / "it"), _OTHERS),
]
"""A store joins by a line here."""


@pytest.fixture(params=STORES, ids=[each.name for each in STORES])
def store(request: pytest.FixtureRequest) -> Store:
    """Each of them."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A served workspace that nobody changes."""
    pytest.importorskip("uvicorn", reason="serving needs the `server` extra")
    command = [sys.executable, "-m", "ftrack_core.cli", "serve", "--json", "--quiet", "--seed", "demo"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FTRACK_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            user = told["users"][0]
            yield {"url": told["url"], "user": user["username"], "key": user["api_key"]}
        finally:
            process.kill()


@pytest.fixture(scope="session")
def visit() -> Callable[..., dict[str, Any]]:
    """Uses a server with a store, in this process."""
    return runpy.run_path(str(VISITING))["visit"]  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def plain(facts: dict[str, str], visit: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """What is right, and what it costs without any store."""
    nothing = {"schema_cache_path": False}
    ids = sorted(visit(facts, nothing)["all"])[:5]
    return {"ids": ids, **visit(facts, nothing, ids)}
