"""The files that we keep: what is ours is kept sound, and what is not is left alone."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.sqlite_files import FileKind, SqliteFile, _opening, connect
from ftrack_core.errors import CacheError

KIND = FileKind(
    label="test file",
    application_id=0x66747474,
    version=2,
    layout=("CREATE TABLE thing (a)",),
    upgrades={1: ("ALTER TABLE old RENAME TO thing",)},
    error=CacheError,
)
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and forks")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a file may lie."""
    return tmp_path / "folder" / "things.sqlite"


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[..., SqliteFile]]:
    """Opens the file, and closes it in the end."""
    made: list[SqliteFile] = []

    def make(**options: Any) -> SqliteFile:
        made.append(SqliteFile.open(path, KIND, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def fault_of(path: Path, **options: Any) -> str:
    """The fault that opening a file meets."""
    with pytest.raises(CacheError) as caught:
        SqliteFile.open(path, KIND, **options)
    assert str(path) in str(caught.value)
    assert caught.value.details["path"] == str(path)
    return str(caught.value.details["fault"])


def add(file: SqliteFile, value: object, durable: bool = False) -> None:
    """Write a row."""
    file.write(lambda connection: connection.execute("INSERT INTO thing VALUES (?)", (value,)).rowcount, durable)


def things(file: SqliteFile) -> list[Any]:
    """All rows."""
    return file.read(lambda connection: [row[0] for row in connection.execute("SELECT a FROM thing ORDER BY rowid")])


def foreign(path: Path, *statements: str) -> None:
    """Make a database by hand."""
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_what_is_written_is_read_by_another_and_after_a_close(opened: Callable[..., SqliteFile]) -> None:
    """Nothing would be kept."""
    one = opened()
    add(one, 1)
    assert things(opened()) == [1]
    one.close()
    one.close()
    assert things(opened()) == [1]


@POSIX
def test_only_its_user_may_read_a_new_file_and_its_log(path: Path, opened: Callable[..., SqliteFile]) -> None:
    """Other users of the machine would read what a studio's events say."""
    add(opened(), 1)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    files = list(path.parent.iterdir())
    assert len(files) == 3
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}


@POSIX
def test_a_file_that_was_opened_to_others_stays_so(path: Path, opened: Callable[..., SqliteFile]) -> None:
    """Two users who share a file would lose it to one of them."""
    opened().close()
    path.chmod(0o660)
    opened()
    assert stat.S_IMODE(path.stat().st_mode) == 0o660


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        (("CREATE TABLE theirs (a)",), "foreign"),
        (("CREATE TABLE theirs (a)", "PRAGMA application_id = 99"), "foreign"),
        (("PRAGMA application_id = 99", "PRAGMA user_version = 2"), "foreign"),
        (
            ("CREATE TABLE thing (a)", f"PRAGMA application_id = {KIND.application_id}", "PRAGMA user_version = 3"),
            "newer",
        ),
    ],
)
def test_what_is_not_ours_is_refused_and_left_as_it_is(path: Path, statements: tuple[str, ...], fault: str) -> None:
    """A wrong path would have another program's database changed."""
    foreign(path, *statements)
    before = path.read_bytes()
    assert fault_of(path) == fault
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"hello" * 1000, b"x", b"SQLite format 3\x00", b"\x00" * 8192])
def test_what_is_no_database_is_refused_and_left_as_it_is(path: Path, content: bytes) -> None:
    """A picture or a half-written file would be overwritten."""
    path.parent.mkdir()
    path.write_bytes(content)
    assert fault_of(path) in {"foreign", "damaged"}
    assert path.read_bytes() == content


def test_a_truncated_file_is_damaged(path: Path, opened: Callable[..., SqliteFile]) -> None:
    """Half a file would be taken for all there is."""
    file = opened()
    for _ in range(100):
        add(file, "x" * 1000)
    file.close()
    os.truncate(path, path.stat().st_size // 2)
    before = path.read_bytes()
    assert fault_of(path) == "damaged"
    assert path.read_bytes() == before


def test_a_file_with_a_page_overwritten_is_damaged(path: Path, opened: Callable[..., SqliteFile]) -> None:
    """Damage in the middle would show weeks later, or as wrong rows."""
    file = opened()
    for _ in range(100):
        add(file, "x" * 1000)
    file.close()
    with path.open("r+b") as raw:
        raw.seek(3 * 4096)
        raw.write(b"\xff" * 4096)
    assert fault_of(path) == "damaged"


def test_a_file_that_was_emptied_beside_its_log_is_damaged(path: Path) -> None:
    """SQLite would throw the log away, and with it what was written last."""
    path.parent.mkdir()
    path.touch()
    log = path.with_name("things.sqlite-wal")
    log.write_bytes(b"x" * 5000)
    assert fault_of(path) == "damaged"
    assert log.stat().st_size == 5000


def test_an_older_file_is_brought_up(path: Path, opened: Callable[..., SqliteFile]) -> None:
    """An update of ours would lose what was kept."""
    marks = (f"PRAGMA application_id = {KIND.application_id}", "PRAGMA user_version = 1")
    foreign(path, "CREATE TABLE old (a)", "INSERT INTO old VALUES (7)", *marks)
    assert things(opened()) == [7]
    assert opened().read(lambda it: it.execute("PRAGMA user_version").fetchone()[0]) == 2


def test_a_file_that_is_not_there_is_only_made_where_that_is_wanted(path: Path) -> None:
    """A tool would leave an empty file wherever somebody mistyped a path."""
    assert fault_of(path, create=False) == "absent"
    assert not path.parent.exists()


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    """The error would be SQLite's, which names nothing."""
    assert fault_of(tmp_path) == "refused"


@POSIX
def test_a_folder_that_allows_no_files_is_refused(tmp_path: Path) -> None:
    """A service would fail with words that help nobody."""
    code = (
        "import os, sys\n"
        "from ftrack_backends.event_inboxes._layout import KIND\n"
        "from ftrack_backends.sqlite_files import SqliteFile\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "try: SqliteFile.open(sys.argv[1], KIND)\n"
        "except KIND.error as error: print(error.details['fault'], error)\n"
    )
    place = Path("/usr/ftrack-no-such-folder/events.sqlite")
    done = subprocess.run([sys.executable, "-c", code, str(place)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("refused"), done.stderr
    assert str(place) in done.stdout


def test_a_network_file_system_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file would be damaged by the first two hosts that write to it."""
    monkeypatch.setattr(_opening, "network_file_system", lambda _path: "nfs4")
    assert fault_of(path) == "network"
    assert not path.parent.exists()


def test_a_limit_of_its_size_is_kept_and_nothing_is_lost(opened: Callable[..., SqliteFile]) -> None:
    """A full disk would take what was written before with it."""
    file = opened(max_bytes=200_000)
    written = 0
    with pytest.raises(CacheError, match="full") as caught:  # noqa: PT012 - which one it is that fails, is what is asked
        while True:
            add(file, "x" * 1000)
            written += 1
    assert caught.value.details["fault"] == "full"
    assert len(things(file)) == written
    assert written > 50
    file.write(lambda it: it.execute("DELETE FROM thing WHERE rowid < 50").rowcount)
    add(file, 1)


def together(file: SqliteFile, works: Sequence[Callable[[sqlite3.Connection], Any]]) -> tuple[list[Any], int]:
    """What writes of several threads give or raise that wait for the same one, and how many commits there were."""
    held, begun, commits = threading.Event(), threading.Event(), []
    outcomes: dict[int, Any] = {}
    transaction = file._transaction

    def counted(durable: bool) -> Any:
        commits.append(durable)
        return transaction(durable)

    def slow(_connection: sqlite3.Connection) -> None:
        begun.set()
        held.wait(10)

    def run(number: int, work: Callable[[sqlite3.Connection], Any]) -> None:
        try:
            outcomes[number] = file.write(work)
        except (KeyError, CacheError) as error:
            outcomes[number] = type(error)

    file._transaction = counted  # type: ignore[method-assign]
    threads = [threading.Thread(target=run, args=each) for each in enumerate([slow, *works])]
    threads[0].start()
    assert begun.wait(10)
    for number, thread in enumerate(threads[1:], 1):
        thread.start()
        while len(file._waiting) < number:
            threading.Event().wait(0.001)
    held.set()
    for thread in threads:
        thread.join()
    return [outcomes[number] for number in sorted(outcomes)][1:], len(commits)


def good(connection: sqlite3.Connection) -> str:
    """Write."""
    connection.execute("INSERT INTO thing VALUES ('good')")
    return "done"


def failing(connection: sqlite3.Connection) -> None:
    """Write, and fail of itself."""
    connection.execute("INSERT INTO thing VALUES ('wrong')")
    raise KeyError("mine")


def broken(connection: sqlite3.Connection) -> None:
    """Write, and fail in SQLite."""
    connection.execute("INSERT INTO thing VALUES ('wrong')")
    connection.execute("INSERT INTO nothing VALUES (1)")


def test_what_one_write_raises_undoes_that_one_and_no_other(opened: Callable[..., SqliteFile]) -> None:
    """Threads that write together would undo each other's writes."""
    file = opened()
    outcomes, commits = together(file, [failing, good, broken, good])
    assert outcomes == [KeyError, "done", CacheError, "done"]
    assert commits == 2
    assert things(file) == ["good", "good"]


def test_writes_that_wait_for_the_same_one_share_a_transaction(opened: Callable[..., SqliteFile]) -> None:
    """A burst would wait for the disk once an event."""
    file = opened()
    outcomes, commits = together(file, [good] * 20)
    assert outcomes == ["done"] * 20
    assert commits == 2
    assert things(file) == ["good"] * 20


def test_when_the_disk_is_full_everybody_who_wrote_is_told(opened: Callable[..., SqliteFile]) -> None:
    """Of several threads, one would hear of it, and the others believe that theirs was kept."""
    file = opened(max_bytes=100_000)

    def large(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO thing VALUES (?)", ("x" * 200_000,))

    outcomes, _ = together(file, [good, large, good])
    assert outcomes.count("done") == len(things(file))
    assert outcomes[1] is CacheError


def test_a_file_that_is_taken_away_is_noticed(path: Path, opened: Callable[..., SqliteFile]) -> None:
    """A listener would go on storing events into a file that nobody can open any more."""
    file = opened()
    add(file, 1)
    path.rename(path.with_name("moved"))
    with pytest.raises(CacheError) as caught:
        add(file, 2)
    assert caught.value.details["fault"] == "gone"


def test_a_closed_file_says_so(opened: Callable[..., SqliteFile]) -> None:
    """Something would be written nowhere."""
    file = opened()
    file.close()
    for use in (lambda: add(file, 1), lambda: things(file)):
        with pytest.raises(CacheError) as caught:
            use()
        assert caught.value.details["fault"] == "closed"


def test_another_process_that_holds_the_lock_is_waited_for_and_then_named(
    path: Path, opened: Callable[..., SqliteFile]
) -> None:
    """A writer would fail at once, or wait for ever."""
    file = opened(busy_seconds=0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CacheError) as caught:
            add(file, 1)
        assert caught.value.details["fault"] == "busy"
        other.execute("ROLLBACK")
    add(file, 1)


def test_a_file_that_another_one_lays_out_at_this_moment_is_no_foreign_one(
    path: Path, opened: Callable[..., SqliteFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of processes that start at once some would take our own file for another program's, and keep one of theirs."""
    others: list[threading.Thread] = []

    def make_it_meanwhile(statement: str) -> None:
        if "user_version" in statement and not others:
            others.append(threading.Thread(target=_lay_out, args=(path,)))
            others[0].start()
            others[0].join(0.3)

    def looked_on(*given: Any) -> Any:
        connection = connect(*given)
        connection.set_trace_callback(make_it_meanwhile)
        return connection

    monkeypatch.setattr(_opening, "connect", looked_on)
    file = opened()
    others[0].join()
    assert file.read(lambda it: it.execute("SELECT count(*) FROM thing").fetchone()[0]) == 0


def _lay_out(path: Path) -> None:
    """As another process does that starts now: in one transaction, once the file is free."""
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            for statement in (
                *KIND.layout,
                f"PRAGMA application_id = {KIND.application_id}",
                "PRAGMA user_version = 2",
            ):
                connection.execute(statement)
        connection.execute("COMMIT")


def test_processes_that_make_the_same_file_at_once_all_get_it(path: Path) -> None:
    """Of several workers that start together, some would not."""
    code = (
        "import sys; from ftrack_backends.event_inboxes._layout import KIND\n"
        "from ftrack_backends.sqlite_files import SqliteFile\n"
        "sys.stdin.readline(); file = SqliteFile.open(sys.argv[1], KIND)\n"
        "file.write(lambda it: it.execute('INSERT INTO mark VALUES (?, 1)', (sys.argv[2],)).rowcount)\n"
        "print(file.check() or 'sound')\n"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(6)
    ]
    for each in started:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    assert [each.communicate()[0] for each in started] == ["sound\n"] * 6


@POSIX
def test_parent_and_forked_child_go_on_with_the_same_object(opened: Callable[..., SqliteFile]) -> None:
    """A worker that was forked would damage the file, or use its parent's locks."""
    file = opened()
    add(file, "before")
    child = os.fork()
    if child == 0:  # pragma: no cover - in the child
        try:
            for number in range(50):
                add(file, number)
            file.close()
            os._exit(0)
        finally:
            os._exit(1)
    for number in range(50):
        add(file, number)
    assert os.waitpid(child, 0)[1] == 0
    assert len(things(file)) == 101
    assert file.check() == ""


@pytest.mark.skipif(sys.platform != "linux", reason="looks at Linux's table of open files")
def test_a_child_begins_without_its_parents_connections(path: Path, opened: Callable[..., SqliteFile]) -> None:
    """SQLite would take the parent's locks for the child's own, and one of them would damage the file."""
    file = opened()
    add(file, 1)
    child = os.fork()
    if child == 0:  # pragma: no cover - in the child
        inherited = [each for each in Path("/proc/self/fd").iterdir() if str(path) in os.path.realpath(each)]
        os._exit(len(inherited))
    assert os.waitpid(child, 0)[1] == 0
    add(file, 2)


@POSIX
def test_a_child_that_was_forked_in_a_transaction_is_refused(opened: Callable[..., SqliteFile]) -> None:
    """It would write over its parent's transaction."""
    file = opened()

    def fork(connection: sqlite3.Connection) -> int:
        connection.execute("INSERT INTO thing VALUES (1)")
        child = os.fork()
        if child == 0:  # pragma: no cover - in the child
            try:
                things(file)
            except CacheError as error:
                os._exit(0 if "forked" in str(error) else 2)
            finally:
                os._exit(1)
        return os.waitpid(child, 0)[1]

    assert file.write(fork) == 0
    assert things(file) == [1]
    assert file.check() == ""
