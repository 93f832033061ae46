"""`ftrack plugins`: which plug-ins a session loads, and what becomes of each."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ftrack_core.cli import main


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine's own settings reaches a test."""
    for name in [name for name in os.environ if name.startswith("FTRACK_")]:
        monkeypatch.delenv(name)
    (tmp_path / "empty.toml").touch()
    monkeypatch.setenv("FTRACK_CONFIG", str(tmp_path / "empty.toml"))
    monkeypatch.setenv("FTRACK_API_SCHEMA_CACHE_PATH", str(tmp_path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a plug-in that prints, one that fails, and a helper."""
    made = tmp_path / "plugins"
    made.mkdir()
    (made / "good.py").write_text("def register(session):\n    print('chatter')\n")
    (made / "sub").mkdir()
    (made / "sub" / "bad.py").write_text("def register(session):\n    1 / 0\n")
    (made / "_help.py").write_text("")
    return made


def states(text: str) -> Any:
    """Names and states of what was printed as JSON."""
    return [(each["name"], each["state"]) for each in json.loads(text)]


def test_a_dry_list_runs_nothing_and_needs_no_server(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who wonders what a host will load has no key at hand, and does not want it to run."""
    (folder / "good.py").write_text("raise SystemExit('it was run')")
    monkeypatch.setenv("FTRACK_EVENT_PLUGIN_PATH", str(folder))
    assert main(["plugins", "--json"]) == 0
    assert states(capsys.readouterr().out) == [("_help", "found"), ("good", "found"), ("sub/bad", "found")]


def test_a_path_that_is_not_there_is_seen(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """The commonest reason why a plug-in is missing is a slip in a path."""
    assert main(["plugins", str(folder), str(folder / "gone")]) == 1
    printed = capsys.readouterr().out
    assert "there is no such folder" in printed
    assert str(folder / "good.py") in printed


def test_nothing_is_told_as_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty table leaves a person wondering whether the command works."""
    assert main(["plugins"]) == 0
    assert "There are no plug-ins: FTRACK_EVENT_PLUGIN_PATH and plugin_paths name none" in capsys.readouterr().out


def test_the_config_is_asked_as_a_session_asks_it(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    """What is listed is what a session with that profile loads."""
    config = tmp_path / "studio.toml"
    config.write_text(
        f'[profiles.farm]\nserver_url = "https://farm.invalid"\nplugin_paths = ["{folder.as_posix()}"]\n'
    )
    assert main(["plugins", "--config", str(config), "--profile", "farm", "--json"]) == 0
    assert len(states(capsys.readouterr().out)) == 3


@pytest.mark.parametrize("strict", ["0", "1"])
def test_loading_tells_what_became_of_each(
    strict: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are told, in a strict set-up too; what plug-ins print does not stand between the lines of JSON."""
    monkeypatch.setenv("FTRACK_STRICT_PLUGINS", strict)
    assert main(["plugins", "--load", "--server", "embedded:", "--json", str(folder)]) == 1
    printed = capsys.readouterr()
    assert states(printed.out) == [("_help", "skipped"), ("good", "loaded"), ("sub/bad", "failed")]
    good, bad = json.loads(printed.out)[1:]
    assert good["seconds"] > 0
    assert bad["reason"] == "ZeroDivisionError: division by zero"
    assert "line 2, in register" in bad["traceback"]
    assert "chatter" in printed.err


def test_a_table_has_times_and_reasons(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A person reads which plug-in makes starting slow."""
    assert main(["plugins", "--load", "--server", "embedded:", str(folder)]) == 1
    rows = {line.split()[1]: line.split() for line in capsys.readouterr().out.splitlines() if str(folder) in line}
    assert rows["good"][2] == "loaded"
    assert float(rows["good"][3]) >= 0
    assert rows["sub/bad"][2] == "failed"
    assert rows["sub/bad"][-4:] == ["ZeroDivisionError:", "division", "by", "zero"]


def test_a_server_that_is_not_there_is_told_as_ever(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Errors of the session look the same in all commands."""
    assert main(["plugins", "--load", str(folder)]) == 1
    assert capsys.readouterr().err.startswith("ftrack: FT-201: ")
