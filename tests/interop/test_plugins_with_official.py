"""One folder of plug-ins, loaded by the official Python client and by ours: where they differ, and nowhere else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

pytestmark = pytest.mark.interop

NOTE = """
import json, os, sys

def note(**told):
    with open(os.environ["NOTES"], "a") as notes:
        print(json.dumps(told, default=lambda value: "session", sort_keys=True), file=notes)

"""
SIGNATURES = {
    "plain": "session",
    "other_name": "s",
    "defaulted": "session, k=5",
    "unknown": "session, z=0",
    "unknown_and_taken": "session, z=0, k=5",
    "starred": "*rest",
    "session_and_rest": "session, *rest",
    "keywords": "session, **more",
    "taken_and_keywords": "session, k, **more",
    "keyword_only_default": "session, *, z=3",
}
"""Register signatures that both clients call alike."""

REFUSED = {
    "taken": "session, k",
    "keywords_alone": "**more",
    "keyword_only": "*, session",
    "keyword_only_taken": "session, *, k",
    "keyword_only_with_default": "session, *, k=5",
    "positional_only": "session, k, /",
}
"""Those that the official client calls wrongly, or with less than they take."""

FAILING = {
    "raises": "def register(session): 1 / 0",
    "exits": "raise SystemExit(3)",
    "exits_registering": "def register(session): raise SystemExit(3)",
    "requires": "def register(session, a): pass",
    "takes_nothing": "def register(): pass",
}
"""What makes the official client's session fail to start."""

TOLERATED = {
    "syntax.py": "def (",
    "imports.py": "import no_such_module_anywhere",
    "helper.py": "x = 1",
    "no_function.py": "def other(session): pass",
    "raised.py": "1 / 0",
}
"""What both clients do without."""

FILES = {
    "z.py": "z",
    "a.py": "a",
    "two.dots.py": "dots",
    "with-dash.py": "dash",
    "sub/deep/a.py": "deep",
    "package/__init__.py": "package",
    "package/module.py": "module",
    "_underscored.py": "underscored",
}
HIDDEN = {".hidden.py": "hidden file", ".folder/a.py": "hidden folder", "__pycache__/a.py": "left by Python"}
MODULES = {
    "relative/__init__.py": "from . import part\ndef register(session): note(name='relative', part=part.x)",
    "relative/part.py": "x = 5\nfrom . import other\ndef register(session): note(name='part', other=other.y)",
    "relative/other.py": "y = 6",
    "found.py": "def register(session): note(name='found', found=__name__ in sys.modules)",
}


def _told(name: str) -> str:
    return NOTE + f"def register(session): note(name={name!r}, file=os.path.basename(__file__))"


def _signature(name: str, parameters: str) -> str:
    return NOTE + f"def register({parameters}): note(name={name!r}, **{{'given': dict(locals())}})"


def _written(root: Path) -> None:
    """The folders, one for each session."""
    files = {f"signatures/{name}.py": _signature(name, text) for name, text in SIGNATURES.items()}
    files |= {f"refused-{name}/a.py": _signature(name, text) for name, text in REFUSED.items()}
    files |= {f"failing-{name}/a.py": text for name, text in FAILING.items()}
    files |= {f"tolerated/{name}": text for name, text in TOLERATED.items()} | {"tolerated/z.py": _told("z")}
    files |= {f"files/{name}": _told(text) for name, text in FILES.items()}
    files |= {f"hidden/{name}": _told(text) for name, text in HIDDEN.items()} | {"hidden/z.py": _told("z")}
    files |= {f"modules/{name}": NOTE + text for name, text in MODULES.items()}
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(textwrap.dedent(text))


@pytest.fixture(scope="module")
def told(official_python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What came of each folder, by client: `told["ftrack_api"]["signatures"]` has an outcome and notes."""
    folder = tmp_path_factory.mktemp("plugins")
    _written(folder / "folders")
    script = Path(sys.executable).with_name("ftrack.exe" if sys.platform == "win32" else "ftrack")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FTRACK_", "PYTHON"))}
    with subprocess.Popen(
        [str(script), "serve", "--json", "--seed", "demo"], env=kept, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            facts = json.loads(process.stdout.readline())
            official = _run(official_python, "ftrack_api", facts, folder, kept)
            ours = _run(Path(sys.executable), "ftrack_core", facts, folder, {**kept, "PYTHONPATH": str(ROOT)})
        finally:
            process.kill()
    return {"ftrack_api": official, "ftrack_core": ours}


def _run(python: Path, client: str, facts: Any, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    ann = facts["users"][0]
    words = [client, facts["url"], ann["api_key"], ann["username"], str(folder / "folders")]
    done = subprocess.run(
        [str(python), "-W", "ignore", str(HERE / "plugin_day.py"), *words],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def _by_name(notes: list[dict[str, Any]]) -> dict[str, Any]:
    return {note["name"]: {key: value for key, value in note.items() if key != "name"} for note in notes}


@pytest.mark.parametrize("folder", ["signatures", "files", "tolerated"])
def test_what_studios_have_registers_as_it_did(folder: str, told: dict[str, Any]) -> None:
    """A studio moves with the plug-ins that it has: each gets what it got, and a broken one is done without."""
    official, ours = told["ftrack_api"][folder], told["ftrack_core"][folder]
    assert official[0] == ours[0] == "started"
    assert _by_name(official[1]) == _by_name(ours[1])
    assert {*_by_name(ours[1])} == {"signatures": {*SIGNATURES}, "files": {*FILES.values()}, "tolerated": {"z"}}[
        folder
    ]


def test_the_order_is_ours(told: dict[str, Any]) -> None:
    """The official client takes files as the file system gives them, folders after the files around them, as we do."""
    names = [note["name"] for note in told["ftrack_core"]["files"][1]]
    assert names == ["underscored", "a", "dots", "dash", "z", "package", "module", "deep"]
    official = [note["name"] for note in told["ftrack_api"]["files"][1]]
    assert official.index("deep") > official.index("z")


def test_signatures_that_were_refused_or_misread_get_what_they_take(told: dict[str, Any]) -> None:
    """What the official client culls wrongly ends a studio's session there; nobody can rely on that."""
    wanted = {
        "taken": {"session": "session", "k": 1},
        "keywords_alone": {"more": {"session": "session", "k": 1, "other": 2}},
        "keyword_only": {"session": "session"},
        "keyword_only_taken": {"session": "session", "k": 1},
        "keyword_only_with_default": {"session": "session", "k": 1},
        "positional_only": {"session": "session", "k": 1},
    }
    ours = {name: told["ftrack_core"][f"refused-{name}"] for name in REFUSED}
    assert ours == {name: ["started", [{"name": name, "given": given}]] for name, given in wanted.items()}
    official = {name: told["ftrack_api"][f"refused-{name}"] for name in REFUSED}
    misread = official.pop("keyword_only_with_default")
    assert misread[1][0]["given"] == {"session": "session", "k": 5}
    assert {outcome for outcome, _ in official.values()} == {"TypeError"}


def test_a_plug_in_that_fails_ends_the_official_session_and_not_ours(told: dict[str, Any]) -> None:
    """One person's slip stops every tool of a studio: this is what users ask to be different."""
    official = {name: told["ftrack_api"][f"failing-{name}"][0] for name in FAILING}
    assert official == {
        "raises": "ZeroDivisionError",
        "exits": "SystemExit",
        "exits_registering": "SystemExit",
        "requires": "TypeError",
        "takes_nothing": "TypeError",
    }
    assert {told["ftrack_core"][f"failing-{name}"][0] for name in FAILING} == {"started"}


def test_hidden_files_are_left_alone(told: dict[str, Any]) -> None:
    """The official client imports what version control and macOS leave behind."""
    assert {*_by_name(told["ftrack_api"]["hidden"][1])} == {*HIDDEN.values(), "z"}
    assert {*_by_name(told["ftrack_core"]["hidden"][1])} == {"z"}


def test_modules_are_found_and_packages_hold_together(told: dict[str, Any]) -> None:
    """With the official client a package of plug-ins cannot import its own modules."""
    assert told["ftrack_api"]["modules"] == ["started", [{"name": "found", "found": False}]]
    assert _by_name(told["ftrack_core"]["modules"][1]) == {
        "found": {"found": True},
        "relative": {"part": 5},
        "part": {"other": 6},
    }
