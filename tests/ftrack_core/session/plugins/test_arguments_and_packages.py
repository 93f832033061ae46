"""Arguments of plug-ins, factories, and plug-ins of installed packages."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftrack_core import Session, SessionFactory

ROOT = Path(__file__).parents[4]


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
    seen = [(it.order, it.name, it.state, it.origin, it.distribution, it.reason) for it in session.plugins]
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
