"""The contract of schema caches."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ftrack_core.interfaces import IClearableSchemaCache, ISchemaCache, ISingleFlightSchemaCache
from ftrack_core.testing.suites._suite import ContractSuite, needs
from ftrack_core.values import MISSING

__all__ = ["SchemaCacheContract"]

SERVER = "https://ftrack.invalid"
SCHEMAS = [
    {
        "id": "Shot",
        "properties": {"name": {"type": "string", "default": "ü\u2028"}, "n": {"type": ["integer", "null"]}},
    },
    {"id": "Task", "mixin": [{"$ref": "Context"}], "computed": [], "x": {"a": [1, 2.5, True, None, ""]}},
]


_WRITING = """
number = 0
while True:
    number += 1
    cache.save("https://ftrack.invalid", "h", [{"id": str(number), "padding": "x" * 200_000, "end": number}])
    print("written", flush=True)
"""


class SchemaCacheContract(ContractSuite):
    """Subclass it and override `make`.

    One that other processes can open names `"processes"` among its capabilities and overrides `expression`.

    Attributes:
        patience_seconds: How long a session may take that waits for nobody.
    """

    interface = ISchemaCache
    patience_seconds: ClassVar[float] = 5.0
    powers = frozenset({IClearableSchemaCache, ISingleFlightSchemaCache, "processes"})

    def make(self, folder: Path) -> Any:
        """A schema cache that keeps its things in a folder, which may not exist yet."""
        raise AssertionError(f"override make() so that it gives a schema cache in {folder}")

    def expression(self, folder: Path) -> str:
        """A Python expression that makes the cache of a folder in another process; for `"processes"`."""
        raise AssertionError(f"override expression() so that it tells how to make the schema cache of {folder}")

    def damage(self, folder: Path) -> None:
        """Make what is kept in a folder unreadable; override it if overwriting all files is not the way."""
        for path in folder.rglob("*"):
            if path.is_file():
                path.write_bytes(b"\x00 half of something {")

    def test_it_has_the_shape_it_says(self, tmp_path: Path) -> None:
        """A caller that passes arguments by name would meet a TypeError."""
        self.check_shape(self.make(tmp_path))

    def test_c1_what_was_saved_is_loaded_exactly(self, tmp_path: Path) -> None:
        """A session would build other types from the cache than from the server."""
        self.make(tmp_path / "new").save(server=SERVER, schema_hash="h1", schemas=SCHEMAS)
        assert self.make(tmp_path / "new").load(server=SERVER, schema_hash="h1") == SCHEMAS

    def test_c1_another_hash_finds_nothing(self, tmp_path: Path) -> None:
        """After the server's schema changed, sessions would go on with the old one."""
        cache = self.make(tmp_path)
        cache.save(server=SERVER, schema_hash="h1", schemas=SCHEMAS)
        assert cache.load(server=SERVER, schema_hash="h2") is MISSING

    def test_c1_a_later_save_takes_the_place_of_the_earlier(self, tmp_path: Path) -> None:
        """A changed schema would be fetched by every process for ever."""
        cache = self.make(tmp_path)
        cache.save(server=SERVER, schema_hash="h1", schemas=SCHEMAS)
        cache.save(server=SERVER, schema_hash="h2", schemas=SCHEMAS[:1])
        assert cache.load(server=SERVER, schema_hash="h2") == SCHEMAS[:1]
        assert cache.load(server=SERVER, schema_hash="h1") is MISSING

    @pytest.mark.parametrize("other", ["https://ftrack.invalid:444", "http://ftrack.invalid", "embedded:a/../b"])
    def test_c2_servers_do_not_see_each_others_schemas(self, tmp_path: Path, other: str) -> None:
        """A staging server's schema would be taken for production's."""
        cache = self.make(tmp_path)
        cache.save(server=SERVER, schema_hash="h", schemas=SCHEMAS)
        assert cache.load(server=other, schema_hash="h") is MISSING
        cache.save(server=other, schema_hash="h", schemas=[])
        assert cache.load(server=SERVER, schema_hash="h") == SCHEMAS
        assert cache.load(server=other, schema_hash="h") == []

    def test_c3_readers_see_a_whole_reply_or_none_while_others_write(self, tmp_path: Path) -> None:
        """A farm that starts at once would fail on half a file."""
        replies = [[{"id": f"Type{n}", "padding": "x" * 50_000}] for n in range(2)]
        cache, writing, seen = self.make(tmp_path), threading.Event(), []
        writing.set()

        def read() -> None:
            while writing.is_set():
                seen.append(cache.load(server=SERVER, schema_hash="h"))

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        for n in range(20):
            cache.save(server=SERVER, schema_hash="h", schemas=replies[n % 2])
        writing.clear()
        for reader in readers:
            reader.join()
        assert all(reply is MISSING or reply in replies for reply in seen)

    @needs("processes")
    def test_c3_a_kill_leaves_a_whole_reply_or_none(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """A render node that is switched off would leave half a reply, or a lock that nobody gives back."""
        for delay_seconds in (0.0005, 0.002, 0.007):
            program = f"cache = {self.expression(tmp_path)}\n{_WRITING}"
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
            run = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment)  # noqa: S603
            assert run.stdout is not None
            for _ in range(3):
                assert run.stdout.readline() == b"written\n"
            time.sleep(delay_seconds)  # to kill it at another point of its next writes each time
            run.kill()
            run.communicate(timeout=60)
            cache = self.make(tmp_path)
            found = cache.load(server=SERVER, schema_hash="h")
            for one in () if found is MISSING else found:
                assert one == {"id": str(one["end"]), "padding": "x" * 200_000, "end": one["end"]}
            cache.save(server=SERVER, schema_hash="h", schemas=SCHEMAS)
            assert cache.load(server=SERVER, schema_hash="h") == SCHEMAS
            cache.close()
        assert caplog.records == []

    def test_c4_what_cannot_be_read_is_missing_and_logged_and_can_be_replaced(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """One broken file would keep every session of a studio from starting."""
        self.make(tmp_path).save(server=SERVER, schema_hash="h", schemas=SCHEMAS)
        self.damage(tmp_path)
        cache = self.make(tmp_path)
        with caplog.at_level(logging.WARNING):
            assert cache.load(server=SERVER, schema_hash="h") is MISSING
        assert len(caplog.records) == 1
        cache.save(server=SERVER, schema_hash="h", schemas=SCHEMAS)
        assert cache.load(server=SERVER, schema_hash="h") == SCHEMAS

    def test_c5_what_cannot_be_written_is_logged_and_no_error(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A full or read-only home folder would keep sessions from starting."""
        (tmp_path / "file").write_text("in the way")
        cache = self.make(tmp_path / "file" / "folder")
        with caplog.at_level(logging.WARNING):
            cache.save(server=SERVER, schema_hash="h", schemas=SCHEMAS)
        assert caplog.records
        assert cache.load(server=SERVER, schema_hash="h") is MISSING

    def test_c6_without_a_hash_nothing_is_stored_and_nothing_found(self, tmp_path: Path) -> None:
        """An old server's schema would never be fetched again."""
        cache = self.make(tmp_path)
        cache.save(server=SERVER, schema_hash="", schemas=SCHEMAS)
        assert cache.load(server=SERVER, schema_hash="") is MISSING
        assert [path for path in tmp_path.rglob("*") if path.is_file() and b"Shot" in path.read_bytes()] == []

    @needs(ISingleFlightSchemaCache)
    def test_c7_of_all_who_ask_at_once_one_fetches(self, tmp_path: Path) -> None:
        """A farm that starts at once would have a server answer its largest question a thousand times."""
        fetches, got, all_there = [], [], threading.Barrier(6)

        def fetch() -> Any:
            fetches.append(1)
            time.sleep(0.3)  # a server's time, in which the others come
            return SCHEMAS

        def ask() -> None:
            cache = self.make(tmp_path)
            all_there.wait()
            got.append(cache.load_or_fetch(server=SERVER, schema_hash="h", fetch=fetch))
            cache.close()

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert got == [SCHEMAS] * 6
        assert len(fetches) == 1

    @needs(ISingleFlightSchemaCache)
    def test_c7_what_is_kept_is_not_fetched(self, tmp_path: Path) -> None:
        """Each start would cost a server its largest answer."""
        cache = self.make(tmp_path)
        cache.save(server=SERVER, schema_hash="h", schemas=SCHEMAS)
        assert cache.load_or_fetch(server=SERVER, schema_hash="h", fetch=pytest.fail) == SCHEMAS

    @needs(ISingleFlightSchemaCache)
    def test_c8_who_fails_to_fetch_leaves_it_to_the_next(self, tmp_path: Path) -> None:
        """One refused session would keep all others waiting."""
        cache = self.make(tmp_path)

        def refused() -> Any:
            raise PermissionError

        with pytest.raises(PermissionError):
            cache.load_or_fetch(server=SERVER, schema_hash="h", fetch=refused)
        started = time.monotonic()
        assert self.make(tmp_path).load_or_fetch(server=SERVER, schema_hash="h", fetch=lambda: SCHEMAS) == SCHEMAS
        assert time.monotonic() - started < self.patience_seconds

    @needs(ISingleFlightSchemaCache)
    def test_c8_without_a_place_and_without_a_hash_everybody_fetches(self, tmp_path: Path) -> None:
        """A session on a read-only disk, or of an old server, would never start."""
        (tmp_path / "file").write_text("in the way")
        for folder, schema_hash in ((tmp_path / "file", "h"), (tmp_path / "file" / "folder", "h"), (tmp_path, "")):
            found = self.make(folder).load_or_fetch(server=SERVER, schema_hash=schema_hash, fetch=lambda: SCHEMAS)
            assert found == SCHEMAS

    def test_closing_twice_is_fine(self, tmp_path: Path) -> None:
        """The end of a session would raise."""
        cache = self.make(tmp_path)
        cache.close()
        cache.close()

    @needs(IClearableSchemaCache)
    def test_c9_what_was_cleared_is_missing_and_nothing_else_is(self, tmp_path: Path) -> None:
        """Whoever is rid of one server's schemas would have every other show fetch theirs."""
        cache, other = self.make(tmp_path), "https://other.invalid"
        assert cache.clear(server=SERVER) == 0
        for server in (SERVER, other):
            cache.save(server=server, schema_hash="h1", schemas=SCHEMAS)
        assert cache.clear(server=SERVER) == 1
        assert cache.clear(server=SERVER) == 0
        again = self.make(tmp_path)
        assert again.load(server=SERVER, schema_hash="h1") is MISSING
        assert again.load(server=other, schema_hash="h1") == SCHEMAS

    @needs(IClearableSchemaCache)
    def test_c9_all_servers_can_be_cleared_at_once(self, tmp_path: Path) -> None:
        """After a bad night one wants to begin anew."""
        cache = self.make(tmp_path)
        for server in (SERVER, "https://other.invalid"):
            cache.save(server=server, schema_hash="h1", schemas=SCHEMAS)
        assert cache.clear(server=None) == 2
        assert self.make(tmp_path).load(server=SERVER, schema_hash="h1") is MISSING
        cache.save(server=SERVER, schema_hash="h1", schemas=SCHEMAS)
        assert cache.load(server=SERVER, schema_hash="h1") == SCHEMAS
