"""Sessions over a served workspace whose stores on the disk are broken: right results, one line in the log.

Each test is one for each store of `conftest.py`.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

VISITING = Path(__file__).with_name("visiting.py")
NOBODY = 65534
Visit = Callable[[], dict[str, Any]]


@pytest.fixture
def visited(store: Any, facts: Any, plain: Any, visit: Any, tmp_path: Path) -> Visit:
    """Uses the store of `tmp_path`; what it gives is right in any case."""

    def one() -> dict[str, Any]:
        found: dict[str, Any] = visit(facts, store.settings(tmp_path), plain["ids"])
        assert found["got"] == plain["got"]
        assert found["all"] == plain["all"]
        return found

    return one


@pytest.fixture
def warm_calls(visited: Visit, plain: Any) -> int:
    """The store is full; how many calls a session makes that uses it."""
    assert visited() == {**visited(), "calls": plain["calls"]}
    found = visited()
    assert found["log"] == []
    return int(found["calls"])


def test_a_store_that_is_well_saves_calls(warm_calls: int, plain: Any) -> None:
    """The tests below would break what nobody reads."""
    assert warm_calls < plain["calls"]


# What becomes of files


def _garbage(path: Path) -> None:
    path.write_bytes(hashlib.shake_128(b"garbage").digest(path.stat().st_size))


def _no_head(path: Path) -> None:
    path.write_bytes(bytes(100) + path.read_bytes()[100:])


def _spoilt_inside(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for place in range(600, len(data), 37):
        data[place] ^= 0x55
    path.write_bytes(data)


def _half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _beginning(path: Path) -> None:
    os.truncate(path, 10)


def _foreign_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE Cache (rowid INTEGER PRIMARY KEY, key, it)")
        connection.execute("CREATE TABLE Settings (key, value, it)")


def _foreign_text(path: Path) -> None:
    path.write_text(json.dumps([{"it": "is a list", "format": None}] * 100))


def _pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps(_Canary(str(path) + ".sung")))


def _later_version(path: Path) -> None:
    data = path.read_bytes()
    if not data.startswith(b"SQLite format 3"):
        assert b'"format":1' in data
        path.write_bytes(data.replace(b'"format":1', b'"format":99'))
        return
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


class _Canary:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (self.path,)


DAMAGES = [
    _garbage, _no_head, _spoilt_inside, _half, _beginning, _foreign_database, _foreign_text, _pickled, _later_version,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda each: each.__name__.strip("_"))
def test_a_damaged_or_foreign_file_is_a_miss_and_is_replaced(
    store: Any, damage: Any, visited: Visit, warm_calls: int, plain: Any, tmp_path: Path
) -> None:
    """One bad file would keep a workstation's tools from starting until somebody finds it, or never be mended."""
    for path in store.files(tmp_path):
        damage(path)
    found = visited()
    assert found["calls"] == plain["calls"]
    assert len(found["log"]) == 1, found["log"]
    again = visited()
    said = found["log"] if damage.__name__.strip("_") in store.left_alone else []
    assert (again["calls"], again["log"]) == (warm_calls, said)
    assert not list(tmp_path.rglob("*.sung"))


def test_an_emptied_file_is_a_miss_and_is_filled(
    store: Any, visited: Visit, warm_calls: int, plain: Any, tmp_path: Path
) -> None:
    """A full disk leaves empty files behind."""
    for path in store.files(tmp_path):
        os.truncate(path, 0)
    found = visited()
    assert found["calls"] == plain["calls"]
    assert len(found["log"]) <= 1, found["log"]
    again = visited()
    assert (again["calls"], again["log"]) == (warm_calls, [])


def test_everything_removed_is_a_miss_and_is_filled(
    store: Any, visited: Visit, warm_calls: int, plain: Any, tmp_path: Path
) -> None:
    """Whoever clears a cache by hand would break it."""
    shutil.rmtree(tmp_path / "it")
    found = visited()
    assert (found["calls"], found["log"]) == (plain["calls"], [])
    assert visited()["calls"] == warm_calls


def test_a_file_that_breaks_under_an_open_session_is_a_miss(
    store: Any, facts: Any, plain: Any, warm_calls: int, tmp_path: Path
) -> None:
    """A listener that runs for months would fail on the day that a disk does."""
    from ftrack_core import Session

    settings = {"freshness": {"Status": "1d"}, **store.settings(tmp_path)}
    with Session(facts["url"], facts["key"], facts["user"], plugin_paths=[], config=settings) as session:
        first, *others = plain["ids"]
        assert session.get("Status", first) is not None
        for path in store.files(tmp_path):
            _garbage(path)
        found = [session.get("Status", each) for each in others]
        assert [each["name"] for each in found if each is not None] == [plain["all"][each] for each in others]


# What a store may not do


def _in_the_way(folder: Path) -> None:
    """A file where its folder should be."""
    shutil.rmtree(folder / "it")
    (folder / "it").write_text("in the way")


def _folders(folder: Path) -> None:
    """Folders where its files should be."""
    for path in [each for each in folder.rglob("*") if each.is_file()]:
        path.unlink()
        (path / "in the way").mkdir(parents=True)


@pytest.mark.parametrize("obstacle", [_in_the_way, _folders], ids=["file for folder", "folder for file"])
def test_something_in_the_way_costs_calls_and_one_line_a_session(
    obstacle: Any, visited: Visit, warm_calls: int, plain: Any, tmp_path: Path
) -> None:
    """A mistake in a folder would keep tools from starting, or fill their logs."""
    obstacle(tmp_path)
    for _ in range(2):
        found = visited()
        assert found["calls"] == plain["calls"]
        assert 1 <= len(found["log"]) <= 2, found["log"]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody can get to."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def visitor() -> Iterator[subprocess.Popen[str]]:
    """A process that visits with fewer rights, as often as it is told to."""
    command = [sys.executable, str(VISITING)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=_environment(), **pipes) as process:  # type: ignore[call-overload]
        yield process
        process.kill()


@pytest.fixture
def with_fewer_rights(
    store: Any, facts: Any, plain: Any, visitor: Any, open_folder: Path, tmp_path: Path
) -> Callable[..., dict[str, Any]]:
    """Uses the store of `open_folder` in a process that may do less, after it has used another one."""

    def one(**rights: int) -> dict[str, Any]:
        uid = {"uid": NOBODY} if os.geteuid() == 0 else {}
        told = {
            "facts": facts, "ids": plain["ids"], "warm": store.settings(tmp_path),
            "settings": store.settings(open_folder), **(rights or uid),
        }  # fmt: skip
        visitor.stdin.write(f"{json.dumps(told)}\n")
        visitor.stdin.flush()
        line = visitor.stdout.readline()
        assert line, "the visitor has ended; what it raised stands in the test's output"
        found: dict[str, Any] = json.loads(line)
        assert found["got"] == plain["got"]
        assert found["all"] == plain["all"]
        return found

    return one


def _environment() -> dict[str, str]:
    path = os.pathsep.join(each for each in sys.path if each)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FTRACK_")}
    return {**kept, "PYTHONPATH": path, "HOME": "/nowhere", "XDG_CONFIG_HOME": "/nowhere"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_store_that_may_not_be_read_costs_calls_and_one_line(
    with_fewer_rights: Any, store: Any, facts: Any, visit: Any, plain: Any, open_folder: Path
) -> None:
    """A cache that root has made would stop everybody else's tools."""
    visit(facts, store.settings(open_folder), plain["ids"])
    for path in open_folder.rglob("*"):
        path.chmod(0)
    found = with_fewer_rights()
    for path in open_folder.rglob("*"):
        path.chmod(0o700)
    assert found["calls"] == plain["calls"]
    assert 1 <= len(found["log"]) <= 2, found["log"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_store_that_may_not_be_written_costs_one_line_at_most(
    with_fewer_rights: Any, store: Any, facts: Any, visit: Any, plain: Any, open_folder: Path
) -> None:
    """A cache on a read-only mount would stop tools."""
    visit(facts, store.settings(open_folder), plain["ids"])
    for path in sorted(open_folder.rglob("*"), reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)
    found = with_fewer_rights()
    for path in [open_folder / "it", *open_folder.rglob("*")]:
        path.chmod(0o755)
    assert found["calls"] <= plain["calls"]
    assert len(found["log"]) <= 1, found["log"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limits")
@pytest.mark.parametrize("file_bytes", [0, 3000, 20_000])
@pytest.mark.parametrize("state", ["new", "filled"])
def test_a_full_disk_costs_calls_and_few_lines(
    with_fewer_rights: Any, store: Any, facts: Any, visit: Any, plain: Any, open_folder: Path, state: str,
    file_bytes: int,
) -> None:  # fmt: skip
    """A render node whose disk is full would fail every job."""
    if state == "filled":
        visit(facts, store.settings(open_folder), plain["ids"])
    found = with_fewer_rights(file_bytes=file_bytes)
    assert found["calls"] <= plain["calls"]
    assert len(found["log"]) <= 1, found["log"]
    after = visit(facts, store.settings(open_folder), plain["ids"])
    assert (after["got"], after["all"]) == (plain["got"], plain["all"])
    assert visit(facts, store.settings(open_folder), plain["ids"])["calls"] < plain["calls"]


# Deaths


def test_killed_writers_leave_a_store_that_can_be_read(
    store: Any, facts: Any, visited: Visit, warm_calls: int, tmp_path: Path
) -> None:
    """A farm's jobs are killed all the time; one in a thousand would leave a store that stops the next ones."""
    told = json.dumps({"facts": facts, "settings": store.settings(tmp_path)})
    command = [sys.executable, str(VISITING), told]
    for number in range(3):
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=_environment()) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"visited\n"
            time.sleep(0.01 * number)  # to kill it at another point of its next visit each time
            process.kill()
        found = visited()
        assert (found["calls"], found["log"]) == (warm_calls, [])


@pytest.fixture(scope="module")
def another() -> Iterator[dict[str, str]]:
    """A served workspace whose user changes keys."""
    from ftrack_backends.workspace import Workspace, front

    with Workspace.open(seed="demo") as workspace, front.serve(workspace) as server:
        user = workspace.users[0]
        yield {"url": server.url, "user": user.username, "key": user.api_key}


def test_two_keys_of_one_user_do_not_see_each_others_rows(
    store: Any, visit: Any, tmp_path: Path, another: dict[str, str]
) -> None:
    """Permissions follow the key: what one may see would show up with another that may not."""
    from ftrack_core import Session

    settings = store.settings(tmp_path)
    ids = sorted(visit(another, settings)["all"])[:3]
    warm = visit(another, settings, ids)
    with Session(another["url"], another["key"], another["user"], plugin_paths=[], config=settings) as session:
        before = set(session.cache.keys())
        account: Any = session.query(f"User where username is {another['user']}").one()
        another["key"] = account.reset_api_key()
    other = visit(another, settings, ids)
    if "cache" in settings:
        assert other["calls"] > warm["calls"]
        with Session(another["url"], another["key"], another["user"], plugin_paths=[], config=settings) as session:
            assert len(set(session.cache.keys()) - before) >= len(other["all"])
    assert visit(another, settings, ids)["calls"] == warm["calls"]
