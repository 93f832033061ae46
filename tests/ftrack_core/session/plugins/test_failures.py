"""What a bad plug-in can do to a session: be told of."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftrack_core import Session
from ftrack_core.plugins import Plugin
from ftrack_core.values import Event

NOTE = "def register(session, notes):\n    notes.append({what!r})\n"


BAD: dict[str, tuple[str | bytes, str]] = {
    "syntax": ("def (\n", "SyntaxError: "),
    "encoding": (b"x = '\xe9'\n", "SyntaxError: .*codec can't decode"),
    "cookie": (b"# -*- coding: klingon -*-\n", "SyntaxError: .*klingon"),
    "null bytes": (b"def register(session):\0 pass", "(SyntaxError|ValueError): source code .*null bytes"),
    "import": ("import no_such_module_anywhere", "ModuleNotFoundError: No module named 'no_such_module_anywhere'"),
    "raises while imported": ("1 / 0", "ZeroDivisionError: division by zero"),
    "raises while it registers": ("def register(session): 1 / 0", "ZeroDivisionError: division by zero"),
    "ends the process while imported": ("import sys; sys.exit(3)", r"it wanted to end the process: SystemExit\(3\)"),
    "ends the process while it registers": (
        "def register(session): raise SystemExit('enough')",
        r"it wanted to end the process: SystemExit\('enough'\)",
    ),
    "no register": ("def regsiter(session): pass", r"it has no function register\(session\).*did you mean 'regsiter'"),
    "nothing": ("", r"it has no function register\(session\); where it only helps others"),
    "no function": ("register = 5", "its register is 5, which cannot be called"),
    "asynchronous": ("async def register(session): pass", "its register is asynchronous"),
    "takes nothing": ("def register(): pass", "takes no session"),
    "wants more": ("def register(session, server, port): pass", "requires 'server', 'port', and plugin_arguments has"),
    "recursion": ("def register(session): register(session)", "RecursionError"),
    "an error of ours": ("def register(session): session.query('Nonsense').all()", "Nonsense"),
    "an error without text": ("def register(session): assert False", "^AssertionError$"),
    "an error that cannot be printed": (
        "class Odd(Exception):\n    def __str__(self): raise KeyError('odd')\ndef register(session): raise Odd",
        r"^Odd: it cannot be printed \(KeyError\)$",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_plug_in_that_fails_is_told_and_the_session_starts_without_it(
    name: str, plugged: Callable[..., Session], notes: list[Any], folder: Path
) -> None:
    """One person's slip must not stop a studio: the log has the file, and the others are loaded."""
    code, reason = BAD[name]
    session = plugged({"a.py": NOTE.format(what="a"), "bad.py": code, "z.py": NOTE.format(what="z")})
    assert notes == ["a", "z"]
    failed = session.plugins[1]
    assert (failed.state, failed.path) == ("failed", str(folder / "bad.py"))
    assert re.search(reason, failed.reason)
    assert session.query("Task").first() is not None


@pytest.mark.parametrize("name", ["syntax", "encoding", "import", "raises while imported"])
def test_a_file_that_cannot_be_imported_leaves_no_module(
    name: str, plugged: Callable[..., Session], own_modules: Callable[[], set[str]]
) -> None:
    """Half a module in `sys.modules` looks like a whole one."""
    with plugged({"bad.py": BAD[name][0]}):
        assert own_modules() == set()


def test_the_log_has_the_file_and_where_it_raised(
    plugged: Callable[..., Session], folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The traceback begins in the plug-in's own code, so that its author reads nothing else."""
    plugged({"bad.py": "def register(session):\n    help(session)\ndef help(session):\n    1 / 0\n"})
    [record] = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.getMessage() == (
        f"Plug-in {folder / 'bad.py'} failed, and the session goes on without it: ZeroDivisionError: division by zero"
    )
    [written] = [line for line in caplog.text.splitlines() if line.strip().startswith("File ")][:1]
    assert f'"{folder / "bad.py"}", line 2, in register' in written


def test_the_list_has_the_error_and_its_traceback(plugged: Callable[..., Session]) -> None:
    """A tool can show a person what is wrong with a plug-in."""
    [bad] = plugged({"bad.py": "def register(session):\n    1 / 0\n"}).plugins
    assert isinstance(bad.error, ZeroDivisionError)
    assert "line 2, in register" in bad.traceback
    assert bad == Plugin("bad", bad.path, "", "failed", bad.reason, bad.seconds, 1)


def test_what_a_failing_plug_in_subscribed_to_is_taken_back(plugged: Callable[..., Session], notes: list[Any]) -> None:
    """Half a plug-in that hears events would fail at each of them, for months."""
    half = """
def register(session, notes):
    hub = session.event_hub
    hub.subscribe("topic=studio.test", lambda event: notes.append("half"))
    hub.unsubscribe(hub.subscribe("topic=studio.test", lambda event: notes.append("gone")))
    1 / 0
"""
    whole = """
def register(session, notes):
    session.event_hub.subscribe("topic=studio.test", lambda event: notes.append("whole"))
"""
    session = plugged({"half.py": half, "whole.py": whole})
    session.event_hub.publish(Event("studio.test", "a1", {}), synchronous=True)
    assert notes == ["whole"]
    session.event_hub.subscribe("topic=studio.test", lambda event: notes.append("later"))
    session.event_hub.publish(Event("studio.test", "a2", {}), synchronous=True)
    assert notes == ["whole", "whole", "later"]


def test_ctrl_c_in_a_plug_in_ends_the_start(
    plugged: Callable[..., Session], wire: Any, own_modules: Callable[[], set[str]]
) -> None:
    """A person who wants out gets out, and nothing stays open."""
    with pytest.raises(KeyboardInterrupt):
        plugged({"slow.py": "def register(session): raise KeyboardInterrupt"})
    assert own_modules() == set()


def test_a_plug_in_that_removes_modules_harms_itself_alone(
    plugged: Callable[..., Session], notes: list[Any], own_modules: Callable[[], set[str]]
) -> None:
    """Authors reload their code by emptying `sys.modules`."""
    rude = (
        "import sys\nfor name in [n for n in sys.modules if n.startswith('ftrack_plugin_')]: del sys.modules[name]\n"
    )
    session = plugged(
        {"a.py": NOTE.format(what="a"), "b.py": rude + NOTE.format(what="b"), "c.py": NOTE.format(what="c")}
    )
    assert notes == ["a", "b", "c"]
    session.close()
    assert own_modules() == set()


def test_a_plug_in_may_replace_its_module(
    plugged: Callable[..., Session], notes: list[Any], states: Callable[..., dict[str, str]]
) -> None:
    """The trick that makes modules callable or lazy."""
    code = "import sys, types\nsys.modules[__name__] = types.ModuleType('other')\n" + NOTE.format(what="a")
    assert states(plugged({"a.py": code})) == {"a": "loaded"}
    assert notes == ["a"]


def test_a_session_made_by_a_plug_in_loads_none(
    plugged: Callable[..., Session], notes: list[Any], folder: Path
) -> None:
    """Each would make the next one, without end: files that are also run by hand make a session when imported."""
    code = """
import ftrack_core
def register(session, notes):
    with ftrack_core.Session("embedded:", plugin_paths=[{folder!r}], plugin_arguments={{"notes": notes}}) as other:
        notes.append([(each.state, each.reason) for each in other.plugins])
"""
    plugged({"a.py": code.format(folder=str(folder))})
    reason = f"the session was made by {folder / 'a.py'} while that was loaded itself"
    assert notes == [[("skipped", reason)]]
