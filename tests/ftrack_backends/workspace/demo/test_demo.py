"""`ftrack demo` as people run it: a process, a pipe or a terminal, and whatever their environment holds."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest
import requests

from ftrack_backends.workspace.commands.demo import command
from ftrack_core.interfaces import ICommand
from ftrack_core.session import Session
from ftrack_core.testing import assert_provides

FTRACK = str(Path(sys.executable).with_name("ftrack.exe" if sys.platform == "win32" else "ftrack"))
ROOT = Path(__file__).parents[4]
ESCAPE = "\x1b"
PARTS = 9

needs_server = pytest.mark.usefixtures("_server_extra")


@pytest.fixture
def _server_extra() -> None:
    pytest.importorskip("uvicorn", reason="HTTP needs the `server` extra")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with nothing in it, to see what the demo leaves there."""
    return _new_home(tmp_path)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Usual:
    """One run as most people do it, which several tests look at."""
    pytest.importorskip("uvicorn", reason="HTTP needs the `server` extra")
    home = _new_home(tmp_path_factory.mktemp("usual"))
    return Usual(home, _told(_run(home)))


@attrs.frozen
class Usual:
    """A run that went well, and the home folder it had."""

    home: Path
    told: str


def _new_home(parent: Path) -> Path:
    folder = parent / "home"
    folder.mkdir()
    return folder


def _environment(home: Path, **more: str) -> dict[str, str]:
    dropped = ("FTRACK_", "XDG_", "NO_COLOR", "COLUMNS", "TERM")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    temporary = home.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    own = {"HOME": str(home), "USERPROFILE": str(home), "APPDATA": str(home), "LOCALAPPDATA": str(home)}
    # The plug-in scan keeps a cache of its own; it is not what these tests are about.
    own |= {"TMPDIR": str(temporary), "TEMP": str(temporary), "XDG_CACHE_HOME": str(home.parent / "cache")}
    return {**kept, **own, **more}


def _run(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [FTRACK, "demo", *arguments],
        env=_environment(home, **environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def _told(done: subprocess.CompletedProcess[str]) -> str:
    """The output of a run that went well."""
    assert (done.returncode, done.stderr) == (0, ""), done.stderr + done.stdout[-2000:]
    return done.stdout


def _counts(told: str) -> Mapping[str, int]:
    """The entities of part one, by type."""
    first = told[: told.index("\n2. ")]
    return {name: int(count) for name, count in re.findall(r"^([A-Z]\w+) +(\d+)$", first, re.MULTILINE)}


def test_the_command_keeps_its_contract() -> None:
    """A command that does not is left out of `ftrack --help`."""
    assert_provides(ICommand, command)


def test_importing_the_command_is_light() -> None:
    """Every `ftrack --help` imports it: it must not bring the workspace along."""
    program = "import ftrack_backends.workspace.commands.demo, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    heavy = {"sqlite3", "requests", "uvicorn", "rich", "ftrack_backends.workspace.demo"}
    assert not heavy & set(done.stdout.split())


def test_the_whole_story_is_plain_text_in_a_pipe_and_its_numbers_agree(usual: Usual) -> None:
    """Somebody tries the project by this one command, and a pipe or a log file must show it as well."""
    told = usual.told
    assert ESCAPE not in told
    assert [int(number) for number in re.findall(r"^(\d)\. .+\n-+$", told, re.MULTILINE)] == list(range(1, PARTS + 1))
    assert re.search(r"http://127\.0\.0\.1:\d+", told)
    counts = _counts(told)
    assert counts["Shot"] == _shots_of_a_fresh_show()
    shots_of = re.findall(r"^sq\d+ +(\d+) +(\d+) +\d+ +\d+ +\d+$", told, re.MULTILINE)
    assert sum(int(shots) for shots, _ in shots_of) == counts["Shot"]
    tasks = sum(int(tasks) for _, tasks in shots_of)
    summary = f"\nok: {counts['Shot']} shots with {tasks} tasks, statuses and assignees over HTTP: 1 server call,"
    assert summary in told
    assert told.count("\nok: ") >= PARTS


def _shots_of_a_fresh_show() -> int:
    transport = {"backend": "embedded", "seed": "demo"}
    with Session("embedded:", config={"profiles": {"here": {"transport": transport}}}, profile="here") as session:
        return len(session.query("select id from Shot"))


def test_a_listener_is_told_of_the_plan_that_was_committed(usual: Usual) -> None:
    """Events are half of what people come for: the demo shows one arriving, with what was committed in it."""
    part = usual.told[usual.told.index("\n4. ") : usual.told.index("\n5. ")]
    assert re.search(r"^AssetVersion +comment +First blocking +First blocking, for the dailies$", part, re.MULTILINE)
    assert re.search(r"^Task +statusid +In progress +Pending review$", part, re.MULTILINE)
    assert re.search(r"^ok: 2 writes, one `ftrack.update` event, handled [\d.]+ ms after", part, re.MULTILINE)


def test_the_sum_at_the_end_is_the_sum_of_the_parts(usual: Usual) -> None:
    """A table whose last line does not add up takes the trust out of every other number."""
    last = usual.told[usual.told.index("\n9. ") :]
    parts = re.findall(r"^\d  .+?  +(\d+) +(\d+) +[\d.]+$", last, re.MULTILINE)
    total = re.search(r"^ +all +(\d+) +(\d+) +([\d.]+)$", last, re.MULTILINE)
    assert total is not None
    assert len(parts) == PARTS - 1
    sums = sum(int(calls) for calls, _ in parts), sum(int(rows) for _, rows in parts)
    assert sums == (int(total[1]), int(total[2]))


@pytest.mark.parametrize("code", ["FT-100", "FT-111", "FT-202", "FT-406", "FT-521", "FT-551", "FT-571"])
def test_each_error_shows_its_code(usual: Usual, code: str) -> None:
    """People search for the code: the demo shows what it will look like."""
    assert f"    {code}: " in usual.told


def test_it_leaves_nothing_behind(usual: Usual) -> None:
    """A look at a project must not cost anybody a cleaning up."""
    assert list(usual.home.rglob("*")) == []
    assert list((usual.home.parent / "temporary").iterdir()) == []


def test_the_sections_it_sends_people_to_are_in_the_readme(usual: Usual) -> None:
    """A pointer to a section that is not there ends the visit."""
    named = re.findall(r"`([A-Z][\w ]+)`", usual.told[usual.told.index("What next:") :])
    headings = re.findall(r"^#+ (.+)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert named
    assert set(named) <= set(headings)


def test_a_step_that_does_not_do_what_it_says_fails_the_demo(home: Path) -> None:
    """Exit status 0 has to mean something: CI runs the demo."""
    done = _program(
        home,
        "from ftrack_backends.workspace.demo import _snippets; _snippets.named_afterwards = lambda session, tasks: []",
    )
    assert done.returncode == 1
    assert "part 2 of the demo did not do what it says: the three answers differ" in done.stderr
    assert "Added up" not in done.stdout


@needs_server
def test_what_the_users_environment_says_is_not_its_business(home: Path, tmp_path: Path) -> None:
    """A studio's machine has FTRACK_SERVER set to the real server: the demo must never write there."""
    config = tmp_path / "config.toml"
    config.write_text("this is not TOML at all [", encoding="utf-8")
    for folder in (home / ".config" / "ftrack", home / "Library" / "Application Support" / "ftrack", home / "ftrack"):
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(config.read_text(encoding="utf-8"), encoding="utf-8")
    hostile = {
        "FTRACK_SERVER": "https://production.invalid",
        "FTRACK_API_KEY": "production-key",
        "FTRACK_APIKEY": "production-key",
        "FTRACK_API_USER": "somebody.else",
        "FTRACK_CONFIG": str(config),
        "FTRACK_PROFILE": "production",
        "FTRACK_CACHE": "no-such-cache",
        "FTRACK_TRANSPORT": "no-such-transport",
        "FTRACK_AUTHENTICATOR": "no-such-authenticator",
        "FTRACK_SCHEMA_CACHE": "no-such-schema-cache",
        "FTRACK_EVENT_HUB": "no-such-hub",
        "FTRACK_EVENT_PLUGIN_PATH": str(tmp_path / "plugins"),
        "FTRACK_API_SCHEMA_CACHE_PATH": str(tmp_path / "schemas"),
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
    }
    told = _told(_run(home, **hostile))
    assert "production" not in told
    assert "somebody.else" not in told
    assert not (tmp_path / "schemas").exists()


@needs_server
def test_a_show_kept_in_a_file_goes_on_where_it_was(home: Path, tmp_path: Path) -> None:
    """With --database the second run works on what the first one made, and neither stumbles over it."""
    database = tmp_path / "my show.sqlite"
    first = _told(_run(home, "--database", str(database)))
    second = _told(_run(home, "--database", str(database)))
    assert database.exists()
    assert f"kept in {database}" in second
    assert "sq060_0010" in first
    assert "sq070_0010" in second
    assert _counts(second)["Shot"] == _counts(first)["Shot"] + 2
    assert _counts(second)["AssetVersion"] == _counts(first)["AssetVersion"] + 2


@needs_server
def test_a_file_that_is_no_workspace_is_refused(home: Path, tmp_path: Path) -> None:
    """A slip in a file name must neither destroy the file nor end in a traceback."""
    notes = tmp_path / "notes.txt"
    notes.write_text("not a database\n" * 100, encoding="utf-8")
    done = _run(home, "--database", str(notes))
    assert done.returncode == 1
    assert done.stderr.startswith("ftrack: FT-")
    assert "Traceback" not in done.stderr
    assert notes.read_text(encoding="utf-8") == "not a database\n" * 100


@needs_server
@pytest.mark.skipif(sys.platform == "win32", reason="a signal that the test can send to one process")
def test_keep_leaves_the_server_running_until_it_is_interrupted(home: Path) -> None:
    """After the show people want to point their own tool at it, with the lines that were printed."""
    with subprocess.Popen(
        [FTRACK, "demo", "--keep"],
        env=_environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            assert process.stdout is not None
            told = {}
            for line in process.stdout:
                if line.startswith("export "):
                    name, _, value = line.removeprefix("export ").strip().partition("=")
                    told[name] = value
                if line.startswith("Ctrl+C"):
                    break
            headers = {"ftrack-user": told["FTRACK_API_USER"], "ftrack-api-key": told["FTRACK_API_KEY"]}
            asked = [{"action": "query", "expression": "select name from Sequence where name is 'sq060'"}]
            reply = requests.post(f"{told['FTRACK_SERVER']}/api", json=asked, headers=headers, timeout=30).json()
            assert [row["name"] for row in reply[0]["data"]] == ["sq060"]
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=30)
            assert (process.returncode, errors) == (0, "")
        finally:
            process.kill()


def _without(home: Path, *modules: str) -> subprocess.CompletedProcess[str]:
    """A run in which modules cannot be imported, as where their extra is not installed."""
    return _program(home, f"sys.modules.update(dict.fromkeys({modules!r}))")


def _program(home: Path, before: str) -> subprocess.CompletedProcess[str]:
    """A run in a process that does something else before."""
    program = f"import sys; {before}; from ftrack_core.cli import main; sys.exit(main(['demo']))"
    return subprocess.run(
        [sys.executable, "-c", program],
        env=_environment(home),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_without_the_server_extra_it_says_so_and_plays_in_process(home: Path) -> None:
    """Who installed only the base still sees sessions work, and learns what to install for the rest."""
    told = _told(_without(home, "uvicorn", "starlette"))
    assert 'pip install "ftrack-core[server]"' in told
    assert "http://" not in told
    assert " tasks, statuses and assignees in process: 1 server call" in told
    assert "9. Added up" in told


def test_without_the_cli_extra_tables_are_plain(home: Path) -> None:
    """Tables need no library to be read."""
    told = _told(_without(home, "rich", "rich.console", "rich.text", "rich.table"))
    assert ESCAPE not in told
    assert "9. Added up" in told


def _on_a_terminal(home: Path, *arguments: str, columns: int = 100, no_colour: str = "") -> str:
    """What a terminal is sent, with line ends as they come."""
    pty = pytest.importorskip("pty", reason="a pseudo-terminal needs POSIX")
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = _environment(home, TERM="xterm-256color", NO_COLOR=no_colour)
    with subprocess.Popen([FTRACK, "demo", *arguments], env=environment, stdin=theirs, stdout=theirs) as process:
        os.close(theirs)
        sent = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break
            if not piece:
                break
            sent += piece
        os.close(ours)
        assert process.wait(timeout=60) == 0
    return sent.decode("utf-8").replace("\r\n", "\n")


@needs_server
def test_a_terminal_gets_colour_and_lines_that_fit(home: Path) -> None:
    """People like to look at it, on a narrow terminal too."""
    pytest.importorskip("rich", reason="colour needs the `cli` extra")
    sent = _on_a_terminal(home, columns=60)
    assert f"{ESCAPE}[32mok: " in sent
    assert f"{ESCAPE}[31m    FT-406: " in sent
    shown = re.sub(r"\x1b\[[0-9;]*m", "", sent)
    framed = [line for line in shown.splitlines() if line[:1] in set("┏┃┡│└")]
    assert framed
    assert max(map(len, framed)) <= 60


@needs_server
@pytest.mark.parametrize(("arguments", "no_colour"), [(("--plain",), ""), ((), "1")])
def test_colour_can_be_turned_off(home: Path, arguments: tuple[str, ...], no_colour: str) -> None:
    """Some eyes and some log viewers want none."""
    assert ESCAPE not in _on_a_terminal(home, *arguments, no_colour=no_colour)
