"""`ftrack stubs` from end to end: against a workspace, and judged by mypy."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import attrs
import pytest

from ftrack_core import Session
from ftrack_core.cli import main
from ftrack_core.cli.stubs import command
from ftrack_core.interfaces import ICommand
from ftrack_core.plugins import Registry, contract_faults

ROOT = Path(__file__).parents[4]
SEED = """
[[User]]
username = "ann"
api_key = "only-for-tests"

[[Project]]
name = "show"

[[custom_attribute]]
key = "fstart"
type = "number"
of = "Shot"
default = 1001

[[custom_attribute]]
key = "look"
type = "enumerator"
of = "AssetBuild"
options = ["dark", "light"]
multiple = true

[[custom_attribute]]
key = "colour space"
type = "text"
hierarchical = true

[[custom_attribute]]
key = "delivered"
type = "date"
of = "AssetVersion"

[[object_type]]
name = "Story Beat"
project_schemas = ["VFX"]
statuses = ["Not started"]
attributes.length_seconds = { kind = "number", default = 2 }
attributes.writer = { kind = "reference", to = "User" }
"""

SNIPPET = """
from __future__ import annotations

import datetime
from collections.abc import Sequence

from ftrack_core import SessionFactory, attr
from ftrack_core.session import QueryResult
from ftrack_types import AssetBuild, Context, Shot, ShotValues, StoryBeat, Task, TypedSession, select


def takes(name: str, frame: float, tasks: Sequence[Task], when: datetime.datetime) -> None: ...


def right(session: TypedSession, context: Context) -> float:
    task = session.query("Task").first()
    assert task is not None
    takes(task["status"]["name"], task["bid"], session.query("Task"), task["end_date"])
    takes(task["metadata"]["a"], 1, [task], task["created_at"])
    if task["description"] is None:
        task["description"] = "none"
    task["end_date"] = datetime.datetime.now(datetime.timezone.utc)
    task["custom_attributes"]["colour space"] = "acescg"
    task["status"] = session.query(select("Status").where(name="Done")).one()
    shot: Shot = session.create("Shot", {"name": "sh010", "parent": context, "custom_attributes": {"fstart": 990}})
    values: ShotValues = {"name": "sh020"}
    values["description"] = "later"
    shot = session.create("Shot", values)
    shot.create_note("hello", session.query("User").one())
    named: QueryResult[Task] = session.query("Task where bid > 0")
    takes(named[0]["name"], 1, named, shot["created_at"])
    shot.update(values)
    frames: list[Shot] = session.query(select("Shot", "name").where(attr("name") == "x", parent=shot).limit(2)).all()
    found: Task | None = session.get("Task", task["id"])
    for version in shot["notes"], session.query(select("AssetVersion")):
        print(version)
    session.create("StoryBeat", {"length_seconds": 3, "writer": session.query("User").one()})
    beat: StoryBeat = session.query("StoryBeat").one()
    takes(beat["writer"]["username"], beat["length_seconds"], [], datetime.datetime.now())
    looks: list[str] = session.query("AssetBuild").one()["custom_attributes"]["look"]
    print(frames, found, looks, session.ensure("Task", {"name": "x"})["name"].upper())
    for note in session.query("Note where content like x"):
        print(note["content"])
    if isinstance(context, AssetBuild):
        print(context["custom_attributes"]["look"])
    typed: TypedSession = SessionFactory(session_class=TypedSession).session()
    typed.event_hub.publish(None)
    return context["custom_attributes"]["fstart"]


def wrong(session: TypedSession, task: Task, shot: Shot) -> None:
    task["naem"]  # wrong
    task["status"]["colour"]  # wrong
    number: int = task["name"]  # wrong
    task["name"].uper()  # wrong
    task["id"] = "x"  # wrong
    task["name"] = 3  # wrong
    task["end_date"] = "tomorrow"  # wrong
    task["status"] = task["type"]  # wrong
    task["custom_attributes"]["fstart"]  # wrong
    shot["custom_attributes"]["fstart"] = "early"  # wrong
    frame: str = shot["custom_attributes"]["fstart"]  # wrong
    session.create("Shot", {"nam": "x"})  # wrong
    session.create("Shot", {"name": 3})  # wrong
    session.create("Shot", {"custom_attributes": {"look": ["dark"]}})  # wrong
    session.create("Shto", {})  # wrong
    ShotValues(nam="x")  # wrong
    shot["assets"].append(task)  # wrong
    first: Shot = session.query("Task")[0]  # wrong
    session.query(select("Task")).one()["naem"]  # wrong
    select("Tsk")  # wrong
    session.get("Task", "x")["name"]  # wrong
    session.query("Job").one()["custom_attributes"]  # wrong
"""


@attrs.define
class _Stubs(Registry):
    """A registry that knows this command alone, installed or not."""

    def names(self, group: str) -> tuple[str, ...]:
        """One."""
        return ("stubs",)

    def load(self, group: str, name: str, origin: str = "") -> Any:
        """The command."""
        return command


def _run(*arguments: object) -> int:
    return main(["stubs", *map(str, arguments)], _Stubs())


@pytest.fixture(autouse=True)
def _without_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("FTRACK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("FTRACK_API_SCHEMA_CACHE_PATH", str(tmp_path / "schemas"))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config file whose profile is a workspace with custom attributes and a type of its own."""
    (tmp_path / "seed.toml").write_text(SEED, encoding="utf-8")
    profile = '[profiles.studio]\nserver_url = "embedded:"\n'
    path = tmp_path / "config.toml"
    path.write_text(f'{profile}transport = {{ seed = "{(tmp_path / "seed.toml").as_posix()}" }}\n', encoding="utf-8")
    return path


@pytest.fixture
def made(config: Path, tmp_path: Path) -> Path:
    """The folder that the package was written into."""
    assert _run("--output", tmp_path / "studio", "--config", config, "--profile", "studio") == 0
    return tmp_path / "studio"


def test_it_keeps_the_contract_of_commands() -> None:
    """A command that does not is told to be broken, and cannot be called."""
    assert contract_faults(ICommand, command) == []


@pytest.mark.slow
def test_mypy_accepts_what_is_right_and_refuses_what_is_wrong(made: Path, tmp_path: Path) -> None:
    """That is what stubs are for; a stub that lets everything pass looks the same until the farm fails."""
    (tmp_path / "snippet.py").write_text(SNIPPET, encoding="utf-8")
    expected = [number for number, line in enumerate(SNIPPET.splitlines(), 1) if line.endswith("# wrong")]
    (tmp_path / "manual.py").write_text(_manual(), encoding="utf-8")
    told = _mypy(made, tmp_path / "snippet.py", tmp_path / "manual.py", made / "ftrack_types" / "__init__.pyi")
    assert sorted({line for name, line, _ in told if name == "snippet.py"}) == expected, told
    assert [one for one in told if one[0] != "snippet.py"] == []  # the manual; and a broken stub would type as Any
    assert {message for _, line, message in told if line == expected[2]} == {
        'Incompatible types in assignment (expression has type "str", variable has type "int")'
    }


def _manual() -> str:
    """The block of the manual that writes with the package."""
    page = (ROOT / "docs" / "how-to" / "type-a-pipeline.md").read_text(encoding="utf-8")
    blocks: list[str] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    return next(code for code in blocks if "ftrack_types import" in code)


def _mypy(made: Path, *paths: Path) -> list[tuple[str, int, str]]:
    """Files, lines and messages of errors: strictly and without plug-ins, as a user's mypy sees what is installed."""
    given = ["--strict", "--config-file=", "--follow-imports=silent", f"--cache-dir={made.parent / 'mypy'}"]
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", *given, *map(str, paths)],
        env={**os.environ, "MYPYPATH": os.pathsep.join([str(ROOT), str(made)])},
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.findall(r"^(.*):(\d+): error: (.*?)  \[", ran.stdout, re.MULTILINE)
    assert ran.returncode == bool(found), ran.stdout + ran.stderr
    return [(Path(path).name, int(line), message) for path, line, message in found]


@pytest.fixture
def types(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The package, imported."""
    monkeypatch.syspath_prepend(str(made))
    yield importlib.import_module("ftrack_types")
    del sys.modules["ftrack_types"]


def test_at_run_time_types_are_there_and_tell_instances(types: Any, config: Path) -> None:
    """`from ftrack_types import Task` runs on the farm, and a parent is told to be a shot by `isinstance`."""
    with types.TypedSession(profile="studio", config=config) as session:
        assert isinstance(session, Session)
        project = session.query("Project").one()
        shot = session.create("Shot", types.ShotValues(name="sh010", parent=project))
        beat = session.create("StoryBeat", {"name": "fog", "parent": project})
        assert isinstance(shot, types.Shot)
        assert isinstance(shot, types.TypedContext)
        assert isinstance(shot, types.Context)
        assert isinstance(beat, types.StoryBeat)
        assert not isinstance(shot, types.Task)
        assert not isinstance(project, types.TypedContext)
        assert not isinstance("Shot", types.Shot)
        assert session.query(types.select("Shot")).all() == []


def test_at_run_time_nobody_makes_an_entity_of_a_type(types: Any) -> None:
    """It would be no entity of any session, and fail much later."""
    with pytest.raises(TypeError, match=r"session\.create\('Task'"):
        types.Task()


def test_everything_that_the_stubs_name_can_be_imported(types: Any, made: Path) -> None:
    """A name that only the type checker knows is an ImportError on the farm."""
    text = (made / "ftrack_types" / "__init__.pyi").read_text(encoding="utf-8")
    public = set(re.findall(r"^(?:class |def )?([A-Za-z]\w*)(?:\(| = _)", text, re.MULTILINE))
    assert {"Task", "TaskValues", "StoryBeat", "TypedSession", "TypedSelection", "select"} < public
    assert public == set(types.__all__)
    assert [name for name in public if not hasattr(types, name)] == []


def test_check_tells_whether_they_are_those_of_the_server(
    made: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A build that checks must pass while nothing changed, and fail with what changed, and write nothing."""
    arguments = ("--output", made, "--config", config, "--profile", "studio", "--check")
    assert _run(*arguments) == 0
    seed = config.with_name("seed.toml")
    seed.write_text(SEED.replace('"fstart"', '"frame start"'), encoding="utf-8")
    capsys.readouterr()
    assert _run(*arguments) == 1
    told = capsys.readouterr().err
    assert "+_ShotCustomAttributes: def __getitem__(self, key: _Literal['frame start'])" in told
    assert "frame start" not in (made / "ftrack_types" / "__init__.pyi").read_text(encoding="utf-8")


def test_the_environment_names_the_server_and_a_wrong_key_writes_nothing(
    serve: Callable[..., AbstractContextManager[Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As every other program of the studio's: by the variables; and what fails leaves no folder behind."""
    output = tmp_path / "out"
    with serve() as served:
        monkeypatch.setenv("FTRACK_SERVER", served.url)
        monkeypatch.setenv("FTRACK_API_USER", served.users[0]["username"])
        monkeypatch.setenv("FTRACK_API_KEY", "wrong")
        assert _run("--output", output) == 1
        assert not output.exists()
        assert "FT-202" in capsys.readouterr().err
        monkeypatch.setenv("FTRACK_API_KEY", served.users[0]["api_key"])
        assert _run("--output", output, "--package", "acme_types") == 0
        assert f"# Server: {served.url}\n" in (output / "acme_types" / "__init__.pyi").read_text(encoding="utf-8")
        assert served.users[0]["api_key"] not in (output / "acme_types" / "__init__.pyi").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        ((), 1, "FT-201"),
        (("--server", "embedded:", "--output", "{here}/file"), 1, "FT-100"),
        (("--server", "embedded:", "--output", "{here}", "--package", "foreign"), 1, "--force"),
        (("--profile", "no such profile"), 1, "no such profile"),
        (("--package", "not-a-name"), 2, "a Python name"),
        (("--no-such-option",), 2, "--no-such-option"),
    ],
)
def test_what_cannot_be_done_is_told(
    arguments: tuple[str, ...], status: int, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback, the shell's exit statuses, and a word on what to do."""
    (tmp_path / "file").touch()
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "mine.py").touch()
    before = sorted(tmp_path.rglob("*"))
    assert _run(*(one.format(here=tmp_path) for one in arguments)) == status
    assert told in capsys.readouterr().err
    assert [path for path in sorted(tmp_path.rglob("*")) if path not in before and "schemas" not in str(path)] == []


def test_force_writes_into_a_folder_of_others_and_leaves_what_is_theirs(tmp_path: Path) -> None:
    """Who says so may; no file but ours is touched."""
    (tmp_path / "ftrack_types").mkdir()
    (tmp_path / "ftrack_types" / "mine.py").write_text("x = 1", encoding="utf-8")
    assert _run("--server", "embedded:", "--output", tmp_path, "--force") == 0
    names = {path.name for path in (tmp_path / "ftrack_types").iterdir()}
    assert names == {"__init__.py", "__init__.pyi", "mine.py", "py.typed"}


def test_help_needs_nothing_that_the_work_needs() -> None:
    """Every `ftrack --help` imports every command."""
    code = textwrap.dedent("""
        import sys
        import ftrack_core.cli.stubs
        assert not [name for name in sys.modules if name.endswith(("stubs._catalogue", "stubs._package"))]
    """)
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
