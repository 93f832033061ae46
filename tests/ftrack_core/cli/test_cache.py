"""`ftrack cache`: what the configured caches hold, and clearing what somebody means and nothing else."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from ftrack_backends.caches import MemoryCache, ProxyCache, memory
from ftrack_core.assembly import assemble
from ftrack_core.cli import main
from ftrack_core.cli.cache import CacheCommand
from ftrack_core.config import resolve
from ftrack_core.errors import CacheError, InvalidValueError, NotFoundError
from ftrack_core.interfaces import ICommand
from ftrack_core.plugins import Registry, contract_faults
from ftrack_core.values import EntityIdentity, EntityRecord

CREDENTIALS = {"FTRACK_SERVER": "https://acme.example", "FTRACK_API_USER": "ann", "FTRACK_API_KEY": "a-key-of-ann"}


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ann's credentials, a place for schemas, and nothing of the machine's own settings."""
    for name in [name for name in os.environ if name.startswith("FTRACK_")]:
        monkeypatch.delenv(name)
    (tmp_path / "empty.toml").touch()
    monkeypatch.setenv("FTRACK_CONFIG", str(tmp_path / "empty.toml"))
    monkeypatch.setenv("FTRACK_API_SCHEMA_CACHE_PATH", str(tmp_path / "schemas"))
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


class Standing(ProxyCache):
    """A cache that outlives the command, as one on a disk does."""

    def close(self) -> None:
        """Stay."""


class Broken(Standing):
    """A cache whose store is gone."""

    def keys(self) -> list[str | bytes]:
        """Fail."""
        raise CacheError("the store is gone")


@pytest.fixture
def store() -> MemoryCache:
    """What the cache keeps."""
    return MemoryCache()


@pytest.fixture
def registry(store: MemoryCache) -> Registry:
    """Knows two caches over the store: one that works, and one that does not."""
    registry = Registry()
    for kind in (Standing, Broken):
        made = attrs.evolve(memory, name=kind.__name__.lower(), make=lambda _o, _c, kind=kind: kind(store))  # type: ignore[misc]
        registry.register("ftrack.cache", kind.__name__.lower(), made)
    return registry


@pytest.fixture
def cache(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs the command with the cache that works."""
    monkeypatch.setenv("FTRACK_CACHE", "standing")

    def ran(*typed: str) -> int:
        command = CacheCommand(registry)
        parser = argparse.ArgumentParser()
        command.configure(parser)
        return command.run(parser.parse_args(typed))

    return ran


def put(store: MemoryCache, entity_type: str, key: str, fetched_at: float = 1e9, **settings: str) -> None:
    """Keep a record as a session with these settings would."""
    backends = assemble(resolve({"schema_cache_path": False, "cache": "memory", **settings}))
    made = backends.key_maker.key(backends.scope, entity_type, key)
    store.set(made, EntityRecord(EntityIdentity(entity_type, (key,)), fetched_at, {"id": key, "name": f"the {key}"}))
    backends.close()


@pytest.fixture
def filled(store: MemoryCache) -> MemoryCache:
    """Three of Ann's records, one of another key of hers, and one of another user's."""
    put(store, "Task", "a", 1e9)
    put(store, "Task", "b", 1.5e9)
    put(store, "Status", "c")
    put(store, "Task", "d", api_key="another-key-of-ann")
    put(store, "Task", "e", api_user="bob")
    return store


def names(store: MemoryCache) -> list[str]:
    """Keys of the entities that are left."""
    return sorted(record.identity.key[0] for record in store.values())


def test_stats_count_by_type_and_tell_other_scopes_apart(
    cache: Callable[..., int], filled: MemoryCache, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cache that fills up says nothing of what fills it, or whose it is."""
    assert cache("stats", "--json") == 0
    told = json.loads(capsys.readouterr().out)["layers"][0]
    assert (told["entries"], told["of_other_scopes"]) == (3, 2)
    assert told["types"]["Task"]["entries"] == 2
    assert told["types"]["Task"]["oldest"] == "2001-09-09 01:46:40+00:00"
    assert told["types"]["Task"]["newest"] == "2017-07-14 02:40:00+00:00"
    assert told["types"]["Status"]["bytes"] > 10
    assert told["statistics"]["records"] == 5


def test_a_person_reads_a_table(
    cache: Callable[..., int], filled: MemoryCache, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """How old the oldest is, is what one wants to see."""
    assert cache("stats") == 0
    printed = capsys.readouterr().out
    assert "3 entries; 2 of other servers, users or keys (--all-scopes)" in printed
    assert next(line.split()[:2] for line in printed.splitlines() if line.startswith("Task")) == ["Task", "2"]
    assert str(tmp_path / "schemas") in printed
    assert cache("stats", "--all-scopes", "--type", "Task", "--layer", "standing") == 0
    printed = capsys.readouterr().out
    assert "4 entries" in printed
    assert "Status" not in printed


def test_clearing_takes_ones_own_and_leaves_the_others(
    cache: Callable[..., int], filled: MemoryCache, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever clears a shared cache would cost everybody else theirs."""
    assert cache("clear", "--yes", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["removed"] == 3
    assert names(filled) == ["d", "e"]


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        (("--type", "Task"), ["c", "d", "e"]),
        (("--type", "Task", "--type", "Status"), ["d", "e"]),
        (("--pattern", "[ab]$"), ["c", "d", "e"]),
        (("--pattern", "Task", "--all-scopes"), ["c"]),
        (("--type", "Task", "--all-scopes"), ["c"]),
        (("--all-scopes",), []),
        (("--layer", "0"), ["d", "e"]),
        (("--layer", "schema"), ["a", "b", "c", "d", "e"]),
    ],
)
def test_clearing_takes_exactly_what_is_meant(
    cache: Callable[..., int], filled: MemoryCache, typed: tuple[str, ...], left: list[str]
) -> None:
    """To be rid of one type, a studio would lose the work of a night."""
    assert cache("clear", "--yes", *typed) == 0
    assert names(filled) == left


@pytest.mark.parametrize("key_maker", ["object", "msgpack"])
def test_keys_that_nobody_can_read_are_told_apart_as_well(
    key_maker: str,
    cache: Callable[..., int],
    store: MemoryCache,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The scope stands in the key, and other key makers write keys that are no text."""
    config = Path(os.environ["FTRACK_CONFIG"])
    config.write_text(f'[profiles.default]\ncache_key_maker = "{key_maker}"\n')
    put(store, "Task", "a")
    put(store, "Task", "b", api_user="bob")
    assert {type(key) for key in store.keys()} == {bytes}  # noqa: SIM118 - a cache is no mapping
    assert cache("clear", "--yes", "--type", "Task") == 0
    assert names(store) == ["b"]


def test_without_a_yes_nothing_is_cleared(
    cache: Callable[..., int], filled: MemoryCache, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip in a script, or of a finger, would empty a farm's cache."""
    assert cache("clear") == 1
    assert "--yes" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", Typing("n\n"))
    assert cache("clear", "--all-scopes") == 1
    assert "of all servers, users and keys? [y/N]" in capsys.readouterr().err
    assert len(filled.keys()) == 5
    monkeypatch.setattr("sys.stdin", Typing("y\n"))
    assert cache("clear") == 0
    assert names(filled) == ["d", "e"]


@attrs.define
class Typing:
    """A person at a terminal."""

    line: str

    def isatty(self) -> bool:
        """They are."""
        return True

    def readline(self) -> str:
        """What they type."""
        return self.line


def test_a_layer_that_fails_is_told_and_the_others_go_on(
    cache: Callable[..., int],
    filled: MemoryCache,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One dead service would hide what the disk holds."""
    config = Path(os.environ["FTRACK_CONFIG"])
    config.write_text('[profiles.default]\ncache = ["broken", "standing"]\n')
    monkeypatch.delenv("FTRACK_CACHE")
    assert cache("stats") == 1
    printed = capsys.readouterr().out
    assert "FT-610: the store is gone" in printed
    assert "3 entries" in printed
    assert cache("clear", "--yes") == 1
    assert "Broken: it failed" in capsys.readouterr().out
    assert names(filled) == ["d", "e"]


def test_what_is_no_layer_and_no_pattern_is_refused(cache: Callable[..., int], filled: MemoryCache) -> None:
    """A misspelt layer would clear nothing, and say that all is well."""
    with pytest.raises(NotFoundError, match=r"there are: 0 \(Standing\), schema"):
        cache("clear", "--layer", "standig", "--yes")
    with pytest.raises(InvalidValueError, match="not a regular expression"):
        cache("clear", "--pattern", "(", "--yes")
    assert len(filled.keys()) == 5


def test_the_schema_cache_is_cleared_for_its_server_only(
    cache: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every other show would fetch its schemas anew."""
    settings = {"cache": "memory", "schema_cache": {"backend": "json_file", "folder": str(tmp_path / "schemas")}}
    Path(os.environ["FTRACK_CONFIG"]).write_text(
        f'[profiles.default]\nschema_cache = {{ backend = "json_file", folder = "{tmp_path / "schemas"}" }}\n'
    )
    backends = assemble(resolve(settings))
    assert backends.schema_cache is not None
    for server in ("https://acme.example", "https://other.example"):
        backends.schema_cache.save(server, "hash", [{"id": "Task"}])
    assert cache("clear", "--layer", "schema", "--yes", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["removed"] == 1
    assert len(list((tmp_path / "schemas").iterdir())) == 1
    assert cache("clear", "--layer", "schema", "--yes", "--all-scopes") == 0
    assert list((tmp_path / "schemas").iterdir()) == []


def test_where_no_cache_is_set_that_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty answer leaves a person wondering."""
    monkeypatch.delenv("FTRACK_API_SCHEMA_CACHE_PATH")
    assert main(["cache", "stats", "--server", "embedded:"]) == 0
    assert "No cache is set" in capsys.readouterr().out
    assert main(["cache", "clear", "--server", "embedded:"]) == 0
    assert "nothing to clear" in capsys.readouterr().out
    assert contract_faults(ICommand, CacheCommand()) == []


@pytest.mark.parametrize(("name", "place"), [("sqlite", "records.sqlite"), ("disk", "records")])
def test_a_cache_on_the_disk_is_counted_and_cleared_by_a_command_of_its_own(
    name: str, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the command is for are caches that outlive a process; an example in memory would prove nothing."""
    schemas = f'schema_cache = {{ backend = "sqlite", folder = "{(tmp_path / "schemas").as_posix()}" }}'
    kept = f'cache = {{ backend = "{name}", path = "{(tmp_path / "kept" / place).as_posix()}" }}'
    Path(os.environ["FTRACK_CONFIG"]).write_text(f"[profiles.default]\n{schemas}\n{kept}\n")
    backends = assemble(resolve({}))
    assert backends.cache is not None
    assert backends.schema_cache is not None
    key = backends.key_maker.key(backends.scope, "Task", "a")
    backends.cache.set(key, EntityRecord(EntityIdentity("Task", ("a",)), 1e9, {"id": "a"}))
    backends.schema_cache.save(backends.server_url, "h", [{"id": "Task"}])
    backends.close()
    assert main(["cache", "stats", "--json"]) == 0
    records, of_schemas = json.loads(capsys.readouterr().out)["layers"]
    assert (records["entries"], records["statistics"]["records"]) == (1, 1)
    assert records["statistics"]["bytes"] > 0
    assert str(tmp_path / "kept") in records["files"][0]
    assert str(tmp_path / "schemas") in of_schemas["files"][0]
    for removed in (1, 0):
        assert main(["cache", "clear", "--yes", "--json"]) == 0
        assert [each["removed"] for each in json.loads(capsys.readouterr().out)] == [removed, removed]
