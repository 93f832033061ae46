"""Plug-ins of a session: when they register, what they can rely on, and what a bad one can do."""

from __future__ import annotations

import gc
import json
import logging
import os
import pickle
import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ftrack_core import Session, SessionFactory, errors
from ftrack_core.plugins import Plugin
from ftrack_core.values import Event

ROOT = Path(__file__).parents[3]
NOTE = "def register(session, notes):\n    notes.append({what!r})\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty plug-in folder."""
    made = tmp_path / "plugins"
    made.mkdir()
    return made


@pytest.fixture
def notes() -> list[Any]:
    """What plug-ins write into."""
    return []


@pytest.fixture
def plugged(make_session: Callable[..., Session], folder: Path, notes: list[Any]) -> Callable[..., Session]:
    """Writes plug-ins, and starts a session that loads them; each may ask for `notes`."""

    def start(files: dict[str, str | bytes], **given: Any) -> Session:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        arguments = {"notes": notes, **given.pop("plugin_arguments", {})}
        return make_session(**{"plugin_paths": [str(folder)], "plugin_arguments": arguments, **given})

    return start


def states(session: Session) -> dict[str, str]:
    """What became of each plug-in."""
    return {plugin.name: plugin.state for plugin in session.plugins}


def own_modules() -> set[str]:
    """The modules that plug-ins have at this moment."""
    return {name for name in sys.modules if name.startswith("ftrack_plugin_")}


# When they register, and what they can rely on.


def test_plug_ins_register_in_order_and_are_listed(plugged: Callable[..., Session], notes: list[Any]) -> None:
    """Who asks why an action is missing reads the list."""
    session = plugged({f"{name}.py": NOTE.format(what=name) for name in ("b", "a", "sub/c")})
    assert notes == ["a", "b", "sub/c"]
    assert [(each.order, each.name, each.state, each.reason) for each in session.plugins] == [
        (1, "a", "loaded", ""),
        (2, "b", "loaded", ""),
        (3, "sub/c", "loaded", ""),
    ]
    assert all(each.seconds > 0 and each.path == each.origin and each.path.endswith(".py") for each in session.plugins)


def test_the_environment_names_folders(
    make_session: Callable[..., Session], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connect and studio launchers put the variable into every host; an argument wins, and an empty list means none."""
    (folder / "a.py").write_text("def register(session): pass")
    monkeypatch.setenv("FTRACK_EVENT_PLUGIN_PATH", os.pathsep.join(["", str(folder), " "]))
    assert states(make_session()) == {"a": "loaded"}
    assert make_session(plugin_paths=[]).plugins == ()
    assert states(make_session(plugin_paths=None)) == {"a": "loaded"}


def test_topics_come_at_their_moments(plugged: Callable[..., Session], notes: list[Any]) -> None:
    """Plug-ins set up locations, types and tools at these events, in the order in which the official client has them."""
    spy = """
def register(session, notes):
    def told(event):
        data = {name: value is session for name, value in event["data"].items() if name == "session"}
        notes.append((event["topic"], data))
    session.event_hub.subscribe("topic=ftrack.api.session.*", told)
    notes.append("registered")
"""
    session = plugged({"spy.py": spy})
    started = ["configure-location", "ready"]
    assert notes == ["registered", *((f"ftrack.api.session.{what}", {"session": True}) for what in started)]
    notes.clear()
    session.query("Task").first()
    topics = [topic for topic, _ in notes]
    assert "ftrack.api.session.construct-entity-type" in topics
    notes.clear()
    session.reset()
    assert [topic for topic, _ in notes] == [
        "ftrack.api.session.configure-location",
        "ftrack.api.session.reset",
    ]


def test_a_storage_scenario_is_told_before_locations(
    plugged: Callable[..., Session], notes: list[Any], wire: Any
) -> None:
    """Plug-ins of storage scenarios put their location in place when they hear this."""
    spy = """
def register(session, notes):
    session.event_hub.subscribe("topic=ftrack.*", lambda event: notes.append((event["topic"], event["data"])))
"""
    scenario = {"scenario": "studio.storage", "data": {"root": "/mnt"}}

    def told(batch: Any, answer: Any) -> Any:
        if batch[0]["action"] != "query_server_information":
            return answer
        [information] = json.loads(answer.body)
        body = json.dumps([{**information, "storage_scenario": scenario}]).encode()
        return type(answer)(answer.status, answer.headers, body)

    wire.after = told
    session = plugged({"spy.py": spy})
    assert notes[0] == ("ftrack.storage-scenario.activate", {"storage_scenario": scenario})
    assert [topic for topic, _ in notes[1:]] == ["ftrack.api.session.configure-location", "ftrack.api.session.ready"]
    notes.clear()
    session.reset()
    assert [topic for topic, _ in notes] == [
        "ftrack.storage-scenario.activate",
        "ftrack.api.session.configure-location",
        "ftrack.api.session.reset",
    ]


def test_a_plug_in_has_a_session_that_works(plugged: Callable[..., Session], notes: list[Any]) -> None:
    """Types, schemas and queries are there while it registers; the official client has none of these yet."""
    code = "def register(session, notes): notes.append((session.query('User').first()['username'], 'Task' in session.types))"
    plugged({"a.py": code})
    assert notes == [("ann", True)]


def test_a_plug_in_makes_entity_types(plugged: Callable[..., Session]) -> None:
    """The documented way to give tasks methods of one's own."""
    code = """
class Shiny:
    def shine(self):
        return "shining " + self["name"]

def register(session):
    session.event_hub.subscribe(
        "topic=ftrack.api.session.construct-entity-type and data.schema.id=Task", lambda event: Shiny
    )
"""
    session = plugged({"a.py": code})
    assert session.query("Task where name is layout").first().shine() == "shining layout"  # type: ignore[union-attr]


def test_plug_ins_subscribe_to_a_hub_that_connects_meanwhile(plugged: Callable[..., Session]) -> None:
    """What a plug-in publishes while it registers waits for the connection, as with the official client."""
    code = """
import ftrack_core.values as values
def register(session):
    session.event_hub.publish(values.Event("studio.hello", "a1", {}))
"""
    session = plugged({"a.py": code}, auto_connect_event_hub=True)
    assert states(session) == {"a": "loaded"}


# Modules.


def test_equal_file_names_do_not_clash(plugged: Callable[..., Session], notes: list[Any]) -> None:
    """Every show has its `actions.py`."""
    plugged(
        {"one/actions.py": NOTE.format(what=1), "two/actions.py": NOTE.format(what=2), "json.py": NOTE.format(what=0)}
    )
    assert notes == [0, 1, 2]
    assert Path(str(json.__file__)).name == "__init__.py"


MODULE = """
from __future__ import annotations
import dataclasses, pickle, typing

@dataclasses.dataclass
class Ticket:
    number: int
    after: typing.ClassVar[int] = 0

def work():
    raise ValueError("in work")

def register(session, notes):
    notes.append(pickle.loads(pickle.dumps(Ticket(5))) == Ticket(5))
    notes.append(typing.get_type_hints(Ticket)["number"] is int)
    notes.append((__file__, __name__, work, Ticket))
"""


def test_a_plug_ins_module_is_a_module_like_any_other(
    plugged: Callable[..., Session], notes: list[Any], folder: Path
) -> None:
    """Pickling, dataclasses and annotations look a module up by its name; the official client's are not to be found."""
    plugged({"tickets.py": MODULE})
    pickled, annotated, (file, name, work, _) = notes
    assert (pickled, annotated, file) == (True, True, str(folder / "tickets.py"))
    assert name.startswith("ftrack_plugin_tickets_")
    assert pickle.loads(pickle.dumps(work)) is work
    with pytest.raises(ValueError, match="in work") as caught:
        work()
    assert str(caught.traceback[-1].path) == file


def test_each_session_has_modules_of_its_own(
    plugged: Callable[..., Session], notes: list[Any], make_session: Callable[..., Session]
) -> None:
    """State in a module belongs to one session, as with the official client; and is found under one name the longer."""
    first = plugged({"tickets.py": MODULE})
    second = plugged({})
    names = [note[1] for note in notes if isinstance(note, tuple)]
    assert names[1] == f"{names[0]}_2"
    assert notes[2][3] is not notes[5][3]
    assert set(names) <= own_modules()
    first.close()
    assert own_modules() == {names[1]}
    second.close()
    assert own_modules() == set()
    plugged({})
    assert notes[8][1] == names[0]


def test_modules_go_with_a_session_that_nobody_closed(folder: Path, workspace: Any, wire: Any) -> None:
    """A service that makes a session for each request must not grow."""
    (folder / "a.py").write_text("def register(session): pass")
    config = {"transport": wire, "schema_cache_path": False}
    session = Session(
        "http://show.invalid", workspace.users[0].api_key, "ann", config=config, plugin_paths=[str(folder)]
    )
    assert len(own_modules()) == 1
    del session
    gc.collect()
    assert own_modules() == set()


def test_a_package_is_a_package(plugged: Callable[..., Session], notes: list[Any]) -> None:
    """Its modules import each other, are imported once, and register where they have something to register."""
    files = {
        "tool/__init__.py": "from . import _shared\nfrom .core import STATE\n" + NOTE.format(what="tool"),
        "tool/_shared.py": "loaded = []\n",
        "tool/core.py": "from ._shared import loaded\nloaded.append(1)\nSTATE = loaded\n",
        "tool/with-dash.py": "from .core import STATE\nfrom . import _shared\n"
        "def register(session, notes): notes.append((STATE is _shared.loaded, STATE))",
        "tool/deep/__init__.py": "",
        "tool/deep/end.py": "from ..core import STATE\nfrom .. import _shared\n"
        "def register(session, notes): notes.append((STATE is _shared.loaded, __package__.count('.')))",
    }
    session = plugged(files)
    assert notes == ["tool", (True, [1]), (True, 1)]
    assert states(session) == {
        "tool": "loaded",
        "tool/_shared": "skipped",
        "tool/core": "skipped",
        "tool/with-dash": "loaded",
        "tool/deep": "skipped",
        "tool/deep/end": "loaded",
    }
    session.close()
    assert own_modules() == set()


def test_a_broken_package_leaves_nothing_behind(plugged: Callable[..., Session]) -> None:
    """Half a package in `sys.modules` would be found by the next import."""
    session = plugged({"tool/__init__.py": "from . import part\nraise ValueError('broken')", "tool/part.py": "x = 1"})
    assert states(session) == {"tool": "failed", "tool/part": "skipped"}
    assert {name.rpartition("_")[0] for name in own_modules()} == {"ftrack_plugin_part"}


def test_sessions_of_many_threads_load_the_same_plug_ins(plugged: Callable[..., Session], notes: list[Any]) -> None:
    """A web service starts several at once."""
    plugged({"tickets.py": MODULE}).close()
    notes.clear()
    started: list[Session] = []
    threads = [threading.Thread(target=lambda: started.append(plugged({}))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [states(session) for session in started] == [{"tickets": "loaded"}] * 8
    assert len({note[1] for note in notes if isinstance(note, tuple)}) == 8
    assert notes.count(False) == 0


# Plug-ins that fail.

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
    "an error without text": ("def register(session): assert False", "AssertionError"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_plug_in_that_fails_is_told_and_the_session_starts_without_it(
    name: str, plugged: Callable[..., Session], notes: list[Any], folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One person's slip must not stop a studio: the log has the file, and the others are loaded."""
    code, reason = BAD[name]
    session = plugged({"a.py": NOTE.format(what="a"), "bad.py": code, "z.py": NOTE.format(what="z")})
    assert notes == ["a", "z"]
    failed = session.plugins[1]
    assert (failed.state, failed.path) == ("failed", str(folder / "bad.py"))
    caplog.clear()
    assert_matches(reason, failed.reason)
    assert session.query("Task").first() is not None
    assert (
        not any("bad" in module for module in own_modules())
        or "def " in str(code)
        or name in {"nothing", "no function"}
    )


def assert_matches(pattern: str, text: str) -> None:
    """That a pattern is found in a text."""
    import re

    assert re.search(pattern, text), text


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


def test_ctrl_c_in_a_plug_in_ends_the_start(plugged: Callable[..., Session], wire: Any) -> None:
    """A person who wants out gets out, and nothing stays open."""
    with pytest.raises(KeyboardInterrupt):
        plugged({"slow.py": "def register(session): raise KeyboardInterrupt"})
    assert own_modules() == set()


def test_a_plug_in_that_removes_modules_harms_itself_alone(plugged: Callable[..., Session], notes: list[Any]) -> None:
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


def test_a_plug_in_may_replace_its_module(plugged: Callable[..., Session], notes: list[Any]) -> None:
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


# Strict.


def test_a_strict_session_tells_all_failures_at_once_and_is_closed(
    plugged: Callable[..., Session], notes: list[Any], folder: Path
) -> None:
    """A farm that must not work with half its plug-ins stops with everything that is wrong with them."""
    bad = {"a.py": "1 / 0", "b.py": NOTE.format(what="b"), "c.py": "def register(session, x): pass"}
    with pytest.raises(errors.PluginError) as caught:
        plugged(bad, settings={"strict_plugins": True}, plugin_paths=[str(folder), str(folder / "gone")])
    assert notes == ["b"]
    assert [failure.name for failure in caught.value.failures] == ["a", "c", "gone"]
    assert caught.value.code == "FT-120"
    text = str(caught.value)
    assert text.startswith("3 plug-ins failed, and strict_plugins is set:\n- ")
    assert f"- {folder / 'a.py'}: ZeroDivisionError: division by zero\n" in text
    assert f"- {folder / 'gone'}: there is no such folder" in text
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert own_modules() == set()


def test_a_strict_session_that_fails_lets_its_transport_go(folder: Path) -> None:
    """What was opened for a session that never was is closed, and no interpreter exit trips over it."""
    code = f"""
import sys, ftrack_core
from ftrack_core.errors import PluginError
kept = []
class Watched(ftrack_core.Session):
    def close(self):
        kept.append("closed")
        super().close()
try:
    Watched("embedded:", plugin_paths=[{str(folder)!r}])
except PluginError as error:
    print(error.code, kept)
"""
    (folder / "bad.py").write_text("def register(session): 1 / 0")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={**os.environ, "FTRACK_STRICT_PLUGINS": "yes"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "FT-120 ['closed']", done.stderr


def test_a_strict_session_starts_when_all_is_well(plugged: Callable[..., Session]) -> None:
    """What is skipped did not fail."""
    session = plugged({"a.py": "def register(session): pass", "_help.py": ""}, settings={"strict_plugins": True})
    assert states(session) == {"_help": "skipped", "a": "loaded"}


@pytest.mark.parametrize("text", ["perhaps", "2"])
def test_a_switch_that_is_none_is_told(
    text: str, monkeypatch: pytest.MonkeyPatch, make_session: Callable[..., Session]
) -> None:
    """A typing error in a variable must not switch a safety off in silence."""
    monkeypatch.setenv("FTRACK_STRICT_PLUGINS", text)
    with pytest.raises(
        errors.ConfigurationError, match=f"FTRACK_STRICT_PLUGINS.* should be true or false, not '{text}'"
    ):
        make_session()


# Arguments, factories, packages.


def test_arguments_that_are_none_are_told_before_anything_is_sent(
    make_session: Callable[..., Session], wire: Any
) -> None:
    """A list in place of a mapping is the commonest slip."""
    with pytest.raises(TypeError, match="plugin_arguments should be a mapping by name"):
        make_session(plugin_arguments=["a"])
    assert wire.calls == 0


def test_what_a_plug_in_does_not_take_is_told_at_debug(
    plugged: Callable[..., Session], caplog: pytest.LogCaptureFixture
) -> None:
    """Arguments are offered to all plug-ins: that one does not take them is no news, and can be found."""
    with caplog.at_level(logging.DEBUG, "ftrack_core"):
        plugged({"a.py": "def register(session): pass"}, plugin_arguments={"x": 1})
    assert any("a.py takes no argument 'notes', 'x'." in record.getMessage() for record in caplog.records)
    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []


def test_each_session_of_a_factory_has_its_plug_ins(folder: Path, workspace: Any, wire: Any, notes: list[Any]) -> None:
    """A service reads its settings once, and offers each session its own arguments."""
    (folder / "a.py").write_text("def register(session, notes, name): notes.append((name, session))")
    user = workspace.users[0]
    factory = SessionFactory(
        config={"transport": wire, "schema_cache_path": False},
        server_url="http://show.invalid",
        api_key=user.api_key,
        api_user=user.username,
        plugin_paths=[str(folder)],
    )
    with (
        factory.session(plugin_arguments={"notes": notes, "name": "first"}) as first,
        factory.session(plugin_arguments={"notes": notes, "name": "second"}) as second,
    ):
        assert notes == [("first", first), ("second", second)]


INSTALLED = {
    "acme_plugins.py": "calls = []\ndef register(session, tag=None): calls.append(('module', tag))\n"
    "def also(session, tag): calls.append(('also', tag))\n"
    "class Tool:\n"
    "    def register(self, session): calls.append(('tool', None))\n"
    "tool = Tool()\nnothing = 5\n",
    "acme_plugins-1.2.dist-info/METADATA": "Metadata-Version: 2.1\nName: acme-plugins\nVersion: 1.2\n",
    "acme_plugins-1.2.dist-info/entry_points.txt": "[ftrack.plugin]\nb = acme_plugins:also\na = acme_plugins\n"
    "c = acme_plugins:tool\nd = acme_plugins:nothing\ne = acme_plugins:gone\nf = acme_gone:register\n",
}
PROGRAM = """
import json, logging, sys
import ftrack_core
with ftrack_core.Session("embedded:", plugin_paths=sys.argv[1:], plugin_arguments={"tag": 7}) as session:
    seen = [(each.order, each.name, each.state, each.origin, each.distribution, each.reason) for each in session.plugins]
module = sys.modules.get("acme_plugins")
print(json.dumps([seen, module.calls if module else []]))
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with an installed package that brings plug-ins."""
    for name, text in INSTALLED.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "site"


def ran(site: Path, *arguments: str, **environment: str) -> Any:
    """What the program prints where that package is installed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FTRACK_")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=ROOT,
        env={
            **kept,
            "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)]),
            "XDG_CACHE_HOME": str(site),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_packages_bring_plug_ins(site: Path, folder: Path) -> None:
    """A studio that ships packages needs no folders: a module, a function or an object registers, in order of name."""
    (folder / "z.py").write_text(
        "import acme_plugins\ndef register(session): acme_plugins.calls.append(('folder', None))"
    )
    seen, calls = ran(site, str(folder))
    assert calls == [["module", 7], ["also", 7], ["tool", None], ["folder", None]]
    assert [each[:3] for each in seen] == [
        [1, "a", "loaded"],
        [2, "b", "loaded"],
        [3, "c", "loaded"],
        [4, "d", "failed"],
        [5, "e", "failed"],
        [6, "f", "failed"],
        [7, "z", "loaded"],
    ]
    assert seen[0][3:5] == ["acme_plugins of acme-plugins 1.2", "acme-plugins 1.2"]
    assert "it has no function register(session)" in seen[3][5]
    assert "has no attribute 'gone'" in seen[4][5]
    assert "No module named 'acme_gone'" in seen[5][5]


def test_what_packages_bring_can_be_left_out(site: Path) -> None:
    """Whoever looks for a fault starts without them."""
    assert ran(site, FTRACK_INSTALLED_PLUGINS="0") == [[], []]


def test_a_session_without_plug_ins_imports_nothing_that_loads_them() -> None:
    """Process start is a budget: farm nodes that have no plug-ins must not pay for them."""
    code = (
        "import sys, ftrack_core\nwith ftrack_core.Session('embedded:', plugin_paths=[]) as session:\n"
        "    assert session.plugins == ()\n"
        "print([name for name in sys.modules if name.startswith('ftrack_core.plugins._') "
        "and name.rpartition('_')[2] in {'loading', 'folders', 'modules', 'plugin', 'registering'}])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
