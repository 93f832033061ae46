"""`ftrack events` as people run it: processes, pipes, signals, and a real server."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftrack_core.cli.events import command
from ftrack_core.interfaces import ICommand
from ftrack_core.testing import assert_provides

KEYS = ["topic", "id", "data", "source", "target", "in_reply_to_event", "sent"]

needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="a signal that the test can send to one process")


def test_the_command_keeps_its_contract() -> None:
    """A command that does not is left out of `ftrack --help`."""
    assert_provides(ICommand, command)


def test_importing_the_command_is_light() -> None:
    """Every `ftrack --help` imports it: it must not bring sessions along."""
    program = "import ftrack_core.cli.events, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert not {"requests", "rich", "ftrack_core.events", "ftrack_core.cli.events._listening"} & set(
        done.stdout.split()
    )


def test_a_pipe_gets_each_event_whole_and_at_once(shell: Any) -> None:
    """A program that reads us acts on an event now, and needs all of it."""
    with shell.listening("topic=studio.published and data.kind=shot", "topic=studio.note") as heard:
        for kind, name in (("shot", "sh010 élan"), ("asset", "tree"), ("shot", "sh020")):
            data = json.dumps({"kind": kind, "name": name})
            shell.published("studio.published", "--data", data, "--source", '{"applicationId": "farm"}')
            if kind == "shot":
                event = json.loads(heard.line())  # while it listens, and not at its end
                assert (list(event), event["data"]["name"]) == (KEYS, name)
        shell.published("studio.note")
        assert json.loads(heard.line())["topic"] == "studio.note"
    assert (event["source"]["applicationId"], event["source"]["user"]["username"]) == ("farm", "ann")
    assert event["sent"]


def test_what_is_published_is_told_to_programs_too(shell: Any) -> None:
    """The id of an event is what its traces in logs are found by."""
    with shell.listening("--count", "1", "topic=studio.published") as heard:
        done = shell.run("publish", "studio.published", "--data", "-", given='{"frames": [1001, 1100]}')
        assert (done.returncode, done.stderr) == (0, "")
        told = json.loads(done.stdout)
        event = json.loads(heard.line())
        assert (event["id"], event["data"], event["source"]["id"]) == (told["id"], told["data"], told["source"]["id"])
        assert heard.ends() == 0


def test_data_may_come_from_a_file(shell: Any) -> None:
    """What a step of a pipeline wrote down is published as it is."""
    (shell.folder / "shot.json").write_text('{"name": "sh010"}', encoding="utf-8")
    told = json.loads(shell.published("studio.published", "--data", "@shot.json"))
    assert told["data"] == {"name": "sh010"}


def test_a_target_is_heard_by_whom_it_means(shell: Any) -> None:
    """A message for one application must not open windows in all of them."""
    nuke, maya = '{"applicationId": "nuke"}', '{"applicationId": "maya"}'
    with (
        shell.listening("--subscriber", nuke, "topic=studio.show", "topic=studio.end") as in_nuke,
        shell.listening("--subscriber", maya, "topic=studio.show", "topic=studio.end") as in_maya,
    ):
        shell.published("studio.show", "--target", "applicationId=nuke")
        shell.published("studio.end")
        assert json.loads(in_nuke.line())["target"] == "applicationId=nuke"
        assert json.loads(in_maya.line())["topic"] == "studio.end"


def test_without_an_expression_every_event_is_heard_and_not_our_own_connection(shell: Any) -> None:
    """Somebody who looks for the name of a topic hears all, and --count counts what others told."""
    with shell.listening("--count", "1") as heard:
        shell.published("studio.anything")
        assert json.loads(heard.line())["topic"] == "studio.anything"
        assert heard.ends() == 0


def test_people_read_what_came(shell: Any) -> None:
    """A person wants the topic, who and what, in few lines; and nothing in an event may command the terminal."""
    with shell.listening("--text", "--count", "2", "topic=studio.*") as heard:
        shell.published("studio.short", "--data", json.dumps({"name": "élan \x1b[2J \x9b2J"}))
        shell.published("studio.long", "--data", json.dumps({"paths": ["/shows/show/sequences/sq010"] * 4}))
        assert heard.process.stdout is not None
        told = heard.process.stdout.read()
        assert heard.ends() == 0
    assert re.search(r"^\d\d:\d\d:\d\d  studio\.short  by ann  on \S+  \([0-9a-f]{32}\)$", told, re.MULTILINE)
    assert '  {"name": "élan \\u001b[2J \\u009b2J"}\n' in told
    assert '    "paths": [\n' in told
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", told)


@needs_signals
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_ends_by_a_signal_with_the_status_that_shells_know(shell: Any, number: int, status: int) -> None:
    """A supervisor tells "it was asked to end" from "it fell over" by the status."""
    with shell.listening() as heard:
        assert heard.ends(number) == status
        assert len(heard.notes) == 1, heard.notes


def test_it_ends_after_its_time(shell: Any) -> None:
    """A script that looks for a while must go on by itself; and know whether what it waited for came."""
    done = shell.typed("listen", "--for", "0.2", "topic=studio.never")
    assert (done.returncode, done.stdout) == (0, "")
    done = shell.run("listen", "--for", "0.2", "--count", "1", "topic=studio.never")
    assert (done.returncode, done.stdout) == (1, "")
    assert "the time is over, and 0 of 1 events came" in done.stderr


@needs_signals
def test_a_reader_that_has_gone_ends_it_in_silence(shell: Any) -> None:
    """`| head -1` must neither print a traceback nor leave a process behind until the next event."""
    with shell.listening("topic=studio.*") as heard:
        shell.published("studio.one")
        assert json.loads(heard.line())["topic"] == "studio.one"
        heard.process.stdout.close()
        assert heard.ends() == 0
        assert len(heard.notes) == 1, heard.notes


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_full_disk_is_an_error(shell: Any) -> None:
    """Events that could not be written are lost: nobody may think that all is well."""
    with open("/dev/full", "w", encoding="utf-8") as full, shell.listening(stdout=full) as heard:  # noqa: PTH123
        shell.published("studio.one")
        assert heard.ends() == 1
        assert "No space left" in heard.notes[-1]
        assert not any("Traceback" in note for note in heard.notes)


def test_a_reply_is_waited_for(shell: Any) -> None:
    """Asking a service from a shell is how one sees whether it lives."""
    from ftrack_core import Session

    own = shell.environment
    with Session(
        own["FTRACK_SERVER"], own["FTRACK_API_KEY"], own["FTRACK_API_USER"], plugin_paths=[], schema_cache_path=False
    ) as session:
        hub = session.event_hub
        hub.connect()
        hub.subscribe("topic=studio.where", lambda event: {"path": f"/shows/{event['data']['shot']}"})
        with subprocess.Popen(
            [_ftrack(), "events", "publish", "studio.where", "--data", '{"shot": "sh010"}', "--wait-for-reply"],
            env=own,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        ) as asking:
            while asking.poll() is None:
                hub.wait(0.05)
            assert asking.stdout is not None
            (reply,) = map(json.loads, asking.stdout)
    assert asking.returncode == 0
    assert (reply["topic"], reply["data"]) == ("ftrack.meta.reply", {"path": "/shows/sh010"})


def test_no_reply_is_told(shell: Any) -> None:
    """A script must not take silence for an answer."""
    done = shell.typed("publish", "studio.where", "--wait-for-reply", "--for", "0.3")
    assert (done.returncode, done.stdout) == (1, "")
    assert "0 of 1 replies came in time" in done.stderr


def test_a_lost_connection_is_told_with_its_gap(
    serve: Callable[..., Any], shell_of: Callable[..., Any], tmp_path: Path
) -> None:
    """Who reads the list of events must know from when to when it is not whole."""
    pytest.importorskip("uvicorn", reason="HTTP needs the `server` extra")
    database = str(tmp_path / "show.sqlite")
    with serve("--seed", "empty", "--quiet", "--database", database) as first:
        shell = shell_of(first)
        with shell.listening("topic=studio.*") as heard:
            first.stop()
            heard.says("connection lost at ")
            port = first.url.rpartition(":")[2]
            with serve("--quiet", "--database", database, "--port", port):
                told = heard.says("connected again")
                assert re.search(r"was not heard: from \d{4}-.+ to \d{4}-.+, \d+\.\d s$", told), told
                shell.published("studio.after")
                assert json.loads(heard.line())["topic"] == "studio.after"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("listen", "topic="), "FT-570: expected a value"),
        (("listen", "--count", "0"), "a whole number from 1 on, and not '0'"),
        (("listen", "--for", "nan"), "a number of seconds"),
        (("listen", "--subscriber", "nuke"), "--subscriber: this is no JSON"),
        (("publish", "topic=studio.published"), "a topic is a name"),
        (("publish", "studio.published", "--data", '{"x": '), "--data: this is no JSON: Expecting value: line 1"),
        (("publish", "studio.published", "--data", "[1]"), "no object but list"),
        (("publish", "studio.published", "--data", "@gone.json"), "the file gone.json cannot be read: No such file"),
        (("publish", "studio.published", "--data", "-"), "--data: standard input is no JSON"),
        (("publish", "studio.published", "--target", "applicationId"), "FT-570"),
    ],
)
def test_a_wrong_command_line_is_told_before_anything_is_opened(
    shell_of: Callable[..., Any], arguments: tuple[str, ...], told: str
) -> None:
    """A slip is the most common fault: one line says what is wrong, and what it should read like."""
    done = shell_of(_Nobody()).typed(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


class _Nobody:
    """A server that nothing listens for."""

    url = "http://127.0.0.1:9"
    users = ({"username": "ann", "api_key": "only-for-tests"},)


@pytest.mark.parametrize("arguments", [("listen", "topic=a"), ("publish", "a")])
def test_a_server_that_is_not_there_is_told(shell_of: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    """Whether the network, the name or the key is wrong decides what one does next."""
    done = shell_of(_Nobody()).run(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("ftrack: FT-301: ")
    assert "only-for-tests" not in done.stderr


def test_the_key_comes_from_a_file_and_a_wrong_one_is_refused(shell: Any) -> None:
    """A key on a command line ends in the shell's history and in the process list."""
    key = shell.environment["FTRACK_API_KEY"]
    (shell.folder / "key").write_text(f"{key}\n", encoding="utf-8")
    (shell.folder / "wrong").write_text("not-the-key\n", encoding="utf-8")
    given = {"FTRACK_API_KEY": "", "FTRACK_SERVER": "", "FTRACK_API_USER": ""}
    where = ("--server", shell.environment["FTRACK_SERVER"], "--user", shell.environment["FTRACK_API_USER"])
    done = shell.run("publish", "studio.one", *where, "--key-file", "key", **given)
    assert (done.returncode, done.stderr) == (0, "")
    done = shell.typed("publish", "studio.one", *where, "--key-file", "wrong", **given)
    assert (done.returncode, done.stderr.partition(": ")[2][:6]) == (1, "FT-202")
    done = shell.typed("publish", "studio.one", *where, "--key-file", "gone", **given)
    assert (done.returncode, "gone" in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def test_a_profile_says_where_and_who(shell: Any) -> None:
    """A studio writes its servers down once."""
    own = shell.environment
    (shell.folder / "config.toml").write_text(
        f'[profiles.staging]\nserver_url = "{own["FTRACK_SERVER"]}"\napi_user = "{own["FTRACK_API_USER"]}"\n'
        f'api_key = "{own["FTRACK_API_KEY"]}"\n',
        encoding="utf-8",
    )
    given = {"FTRACK_SERVER": "http://127.0.0.1:9", "FTRACK_API_KEY": "another", "FTRACK_API_USER": "nobody"}
    done = shell.typed("publish", "studio.one", "--profile", "staging", "--config", "config.toml", **given)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_gets_colour(shell: Any) -> None:
    """People look at it for hours."""
    pty = pytest.importorskip("pty", reason="a pseudo-terminal needs POSIX")
    pytest.importorskip("rich", reason="colour needs the `cli` extra")
    ours, theirs = pty.openpty()
    shell.environment["TERM"] = "xterm-256color"
    with shell.listening("--count", "1", "topic=studio.*", stdout=theirs) as heard:
        os.close(theirs)
        shell.published("studio.seen", "--data", '{"text": "[bold]not markup[/bold]"}')
        assert heard.ends() == 0
        sent = os.read(ours, 65536).decode()
        os.close(ours)
    assert "\x1b[1;36mstudio.seen\x1b[0m" in sent
    assert "[bold]not markup[/bold]" in sent


def _ftrack() -> str:
    return str(Path(sys.executable).with_name("ftrack.exe" if sys.platform == "win32" else "ftrack"))
