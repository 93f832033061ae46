"""The store: transactions, threads, files."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from ftrack_backends.workspace.model import Text, ftrack_model, object_type
from ftrack_backends.workspace.store import Store, fingerprint, layout
from ftrack_core.errors import ConfigurationError, InvalidStateError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODEL = ftrack_model()
INSERT = 'INSERT INTO "Status" ("__type__", "id", "name") VALUES (\'Status\', ?, ?)'


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Open a store of each kind."""
    opened = Store.open(None if request.param == "memory" else str(tmp_path / "show.sqlite"), MODEL)
    yield opened
    opened.close()


def names(store: Store) -> list[str]:
    """Give the names of all statuses."""
    with store.reading() as connection:
        return [row[0] for row in connection.execute('SELECT "name" FROM "Status" ORDER BY rowid')]


def test_what_was_committed_is_there(store: Store) -> None:
    """Without it, nothing a client writes would stay."""
    with store.writing() as connection:
        connection.execute(INSERT, ("1", "Done"))
    assert names(store) == ["Done"]


def test_a_failure_undoes_the_whole_transaction(store: Store) -> None:
    """Without it, half of a refused batch would stay."""
    with pytest.raises(sqlite3.IntegrityError):
        _write(store, "1", "1")
    assert names(store) == []
    with store.writing() as connection:
        connection.execute(INSERT, ("1", "Open"))
    assert names(store) == ["Open"]


def test_a_primary_key_is_there_once(store: Store) -> None:
    """Without it, two entities could share an identity."""
    _write(store, "1")
    with pytest.raises(sqlite3.IntegrityError):
        _write(store, "1")


def test_a_read_inside_a_write_sees_what_was_written(store: Store) -> None:
    """Without it, the reply to a create could not show the entity."""
    with store.writing() as connection:
        connection.execute(INSERT, ("1", "Done"))
        assert names(store) == ["Done"]


def test_a_write_inside_a_transaction_is_refused(store: Store) -> None:
    """Without it, a thread would wait for itself."""
    for opened in (store.writing, store.reading):
        with opened(), pytest.raises(InvalidStateError, match="transaction"), store.writing():
            pass


def test_a_closed_store_says_so(store: Store) -> None:
    """Without it, use after close would show SQLite's words."""
    store.close()
    store.close()
    for opened in (store.reading, store.writing):
        with pytest.raises(InvalidStateError, match="closed"), opened():
            pass


def test_statements_are_counted(store: Store) -> None:
    """Without it, cost guards could not count what a query costs."""
    before = store.statements
    with store.reading() as connection:
        used = store.statements
        connection.execute("SELECT 1")
        connection.execute("SELECT 2")
    assert store.statements - used == 2
    assert used - before <= 1


def test_many_threads_read_and_write_at_once(store: Store) -> None:
    """Without it, the HTTP front would answer now and then with "database is locked"."""

    def write(thread: int) -> None:
        for number in range(10):
            with store.writing() as connection:
                connection.execute(INSERT, (f"{thread}-{number}-a", "a"))
                connection.execute(INSERT, (f"{thread}-{number}-b", "b"))

    def read(_: int) -> None:
        for _number in range(30):
            assert len(names(store)) % 2 == 0

    with ThreadPoolExecutor(8) as pool:
        done = [*pool.map(write, range(4)), *pool.map(read, range(4))]
    assert len(done) == 8
    assert len(names(store)) == 80


def test_a_reader_of_a_file_sees_one_moment_while_another_thread_commits(tmp_path: Path) -> None:
    """Without it, the levels of one projection could be of different moments."""
    store = Store.open(str(tmp_path / "show.sqlite"), MODEL)

    def write() -> None:
        with store.writing() as other:
            other.execute(INSERT, ("1", "Done"))

    with store.reading() as connection:
        assert connection.execute('SELECT count(*) FROM "Status"').fetchone() == (0,)
        thread = threading.Thread(target=write)
        thread.start()
        thread.join(30)
        assert not thread.is_alive()
        assert connection.execute('SELECT count(*) FROM "Status"').fetchone() == (0,)
    assert names(store) == ["Done"]
    store.close()


def test_two_stores_of_one_file_share_it(tmp_path: Path) -> None:
    """Without it, `ftrack serve` and a script could not use one database file."""
    path = str(tmp_path / "show.sqlite")
    first, second = Store.open(path, MODEL), Store.open(path, MODEL)
    assert first.workspace_id == second.workspace_id
    with ThreadPoolExecutor(2) as pool:
        for number in range(20):
            writes = [pool.submit(_write, one, f"{number}-{index}") for index, one in enumerate((first, second))]
            for one in writes:
                one.result()
    assert len(names(first)) == len(names(second)) == 40
    first.close()
    second.close()


def _write(store: Store, *keys: str) -> None:
    with store.writing() as connection:
        for one in keys:
            connection.execute(INSERT, (one, "Done"))


def test_a_file_keeps_rows_and_identity(tmp_path: Path) -> None:
    """Without it, a studio's demo show would be gone at the next start, and caches would be mixed up."""
    path = str(tmp_path / "show.sqlite")
    first = Store.open(path, MODEL)
    _write(first, "1")
    first.close()
    second = Store.open(path, MODEL)
    assert (second.workspace_id, names(second)) == (first.workspace_id, ["Done"])
    second.close()


def test_every_workspace_in_memory_is_another_one() -> None:
    """Without it, tests would share rows and caches."""
    first, second = Store.open(None, MODEL), Store.open(None, MODEL)
    _write(first, "1")
    assert first.workspace_id != second.workspace_id
    assert names(second) == []
    first.close()
    second.close()


def test_a_grown_model_extends_a_file(tmp_path: Path) -> None:
    """Without it, a studio that adds a type or an attribute would lose its database."""
    path = str(tmp_path / "show.sqlite")
    first = Store.open(path, MODEL)
    _write(first, "1")
    first.close()
    scene = object_type("Scene", "A place in the story.", "aaaaaaaa-0000-4000-8000-000000000000")
    grown = MODEL.extended(types=[scene], attributes={"Status": (Text("colour_name"),)})
    second = Store.open(path, grown)
    with second.reading() as connection:
        row = connection.execute('SELECT "name", "colour_name" FROM "Status"').fetchone()
    assert row == ("Done", None)
    second.close()


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    """Without it, a mistyped path would put hundreds of tables into somebody's database."""
    path = tmp_path / "catalogue.sqlite"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE images (id)")
    other.commit()
    other.close()
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="another program"):
        Store.open(str(path), MODEL)
    assert path.read_bytes() == before


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    """Without it, an old program would damage what a newer one wrote."""
    path = tmp_path / "show.sqlite"
    Store.open(str(path), MODEL).close()
    other = sqlite3.connect(path)
    other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(ConfigurationError, match="newer version") as caught:
        Store.open(str(path), MODEL)
    assert caught.value.details["path"] == str(path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Without it, a user would read "file is not a database" and not which file."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but longer than a header needs to be to look like one" * 20)
    with pytest.raises(ConfigurationError, match=r"notes\.txt"):
        Store.open(str(path), MODEL)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Without it, a user would read "unable to open database file" and not which file."""
    with pytest.raises(ConfigurationError, match="no_such_folder"):
        Store.open(str(tmp_path / "no_such_folder" / "show.sqlite"), MODEL)


def test_every_table_of_the_model_has_its_columns() -> None:
    """Without it, some attribute would have no place."""
    store = Store.open(None, MODEL)
    with store.reading() as connection:
        for name, columns in MODEL.tables.items():
            present = {row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')}
            assert present == {"__type__", *columns}
    store.close()


def test_relations_are_indexed() -> None:
    """Without it, reading a collection would look at every row there is."""
    tables = {one.name: one for one in layout(MODEL)}
    assert {"parent_id", "status_id", "project_id", "name"} <= set(tables["Context"].indexed)
    assert {"resource_id", "context_id"} <= set(tables["Appointment"].indexed)
    assert "entity_id" in tables["ListObject"].indexed
    assert "_link_ContextScope" in tables


def test_the_fingerprint_tells_layouts_apart() -> None:
    """Without it, a database would not be extended when its model grows."""
    assert fingerprint(MODEL) == fingerprint(MODEL.extended())
    assert fingerprint(MODEL) != fingerprint(MODEL.extended(attributes={"Status": (Text("colour_name"),)}))
