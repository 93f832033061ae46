"""`ftrack backends`: defaults, powers, and what else is installed."""

from __future__ import annotations

import argparse
import json
from typing import Any

import attrs
import pytest

from ftrack_backends.caches import memory
from ftrack_core.cli.backends import BackendsCommand
from ftrack_core.plugins import Found, Registry


def listed(*typed: str, registry: Registry | None = None) -> int:
    """What the command answers to what was typed."""
    command = BackendsCommand(registry or Registry())
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(typed))


def told(capsys: pytest.CaptureFixture[str], *typed: str) -> dict[tuple[str, str], Any]:
    """What it tells programs, by seam and name."""
    listed("--json", *typed)
    return {(each["seam"] or each["group"], each["name"]): each for each in json.loads(capsys.readouterr().out)}


def test_defaults_are_marked_for_each_kind_of_server(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody could tell from the list what a session takes that says nothing."""
    found = told(capsys)
    assert found["transport", "requests"]["default_for"] == ["https"]
    assert found["transport", "embedded"]["default_for"] == ["embedded"]
    assert found["event_hub", "socketio"]["default_for"] == ["https"]
    assert found["event_hub", "local"]["default_for"] == []
    assert found["cache_key_maker", "string"]["default_for"] == ["https", "embedded"]
    assert found["authenticator", "embedded"]["default_for"] == ["embedded"]
    of_schemas = [each for (seam, _), each in found.items() if seam == "schema_cache"]
    assert [each["default_for"] for each in of_schemas].count(["https"]) == 1


def test_settings_of_the_person_do_not_change_what_the_default_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that depended on who calls it would be no help from one desk to the next."""
    monkeypatch.setenv("FTRACK_TRANSPORT", "nonsense")
    monkeypatch.setenv("FTRACK_API_SCHEMA_CACHE_PATH", "/nowhere")
    assert told(capsys, "schema_cache")["schema_cache", "json_file"]["default_for"] in (["https"], [])


def test_powers_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Whether a cache expires or batches would be found out by reading its code."""
    found = told(capsys)
    assert {"IBatchCache", "IExpiringCache", "IMeasured"} <= set(found["cache", "memory"]["powers"])
    assert "IStreamingTransport" in found["transport", "requests"]["powers"]
    assert found["authenticator", "api_key"]["powers"] == []
    assert listed("cache") == 0
    assert "IExpiringCache" in capsys.readouterr().out


def test_a_backend_of_somebody_else_says_by_which_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    """Two packages that bring caches could not be told apart."""
    found = told(capsys, "cache")["cache", "memory"]
    assert (found["distribution"], found["group"]) == ("ftrack-core", "ftrack.cache")
    registry = Registry()
    registry.register("ftrack.cache", "acme", attrs.evolve(memory, name="acme", summary="Acme's."))
    assert listed("cache", registry=registry) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("acme"))
    assert "this process" in line
    assert "Acme's." in line


def planted(group: str) -> tuple[Found, ...]:
    """A broken mixin, a broken command, and a plug-in that must not be run."""
    return {
        "ftrack.entity_mixin": (Found("Shot", "no_such_module_anywhere:Shot"),),
        "ftrack.plugin": (Found("loud", "no_such_module_anywhere:register"),),
        "ftrack.command": (Found("backends", "ftrack_core.cli.backends:command"),),
    }.get(group, ())


def test_extensions_are_listed_and_plugins_are_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    """A mixin that does not import would be found out by the session that misses it."""
    assert listed("--json", registry=Registry(planted)) == 1
    found = {(each["group"], each["name"]): each for each in json.loads(capsys.readouterr().out)}
    assert found["ftrack.entity_mixin", "Shot"]["state"] == "broken"
    assert "no_such_module_anywhere" in found["ftrack.entity_mixin", "Shot"]["reason"]
    assert found["ftrack.plugin", "loud"]["state"] == "ok"
    assert found["ftrack.command", "backends"]["state"] == "ok"
    assert listed("plugin", registry=Registry(planted)) == 0
    assert "no_such_module_anywhere:register" in capsys.readouterr().out
