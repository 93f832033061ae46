"""The modules that plug-in files become."""

from __future__ import annotations

import gc
import json
import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftrack_core import Session

NOTE = "def register(session, notes):\n    notes.append({what!r})\n"


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
    """Pickling, dataclasses and annotations look a module up by its name."""
    plugged({"tickets.py": MODULE})
    pickled, annotated, (file, name, work, _) = notes
    assert (pickled, annotated, file) == (True, True, str(folder / "tickets.py"))
    assert name.startswith("ftrack_plugin_tickets_")
    assert pickle.loads(pickle.dumps(work)) is work  # noqa: S301 - dumped just now
    with pytest.raises(ValueError, match="in work") as caught:
        work()
    assert str(caught.traceback[-1].path) == file


def test_each_session_has_modules_of_its_own(
    plugged: Callable[..., Session],
    notes: list[Any],
    make_session: Callable[..., Session],
    own_modules: Callable[[], set[str]],
) -> None:
    """State in a module belongs to one session, as with the official client; and each is found by its name."""
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


def test_modules_go_with_a_session_that_nobody_closed(
    folder: Path, workspace: Any, wire: Any, own_modules: Callable[[], set[str]]
) -> None:
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


def test_a_package_is_a_package(
    plugged: Callable[..., Session],
    notes: list[Any],
    states: Callable[..., dict[str, str]],
    own_modules: Callable[[], set[str]],
) -> None:
    """Its modules import each other, are imported once, and register where they have something to register."""
    files = {
        "tool/__init__.py": "from . import _shared, deep\nfrom .core import STATE\n" + NOTE.format(what="tool"),
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


def test_a_broken_package_leaves_nothing_behind(
    plugged: Callable[..., Session], states: Callable[..., dict[str, str]], own_modules: Callable[[], set[str]]
) -> None:
    """Half a package in `sys.modules` would be found by the next import."""
    session = plugged({"tool/__init__.py": "from . import part\nraise ValueError('broken')", "tool/part.py": "x = 1"})
    assert states(session) == {"tool": "failed", "tool/part": "skipped"}
    assert {name.rpartition("_")[0] for name in own_modules()} == {"ftrack_plugin_part"}


def test_sessions_of_many_threads_load_the_same_plug_ins(
    plugged: Callable[..., Session], notes: list[Any], states: Callable[..., dict[str, str]]
) -> None:
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
