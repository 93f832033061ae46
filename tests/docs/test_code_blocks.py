"""Every code block in README and docs is executed, or says why it cannot be.

- Python blocks of one file run one after the other, in one fresh process, in an empty folder, with warnings as errors.
- TOML blocks parse, and settings in a profile are ones that exist.
- Console blocks whose fence says `run` are run, and every line that does not begin with `$ ` is expected output (`...`
  stands for anything). Other console blocks show a person what to type.
- A Python block that cannot run says so in its fence: `python not run: needs an account`.
"""

from __future__ import annotations

import doctest
import importlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from ftrack_core.config import KNOWN

tomllib = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "contrib").rglob("*.md"))]
FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<code>.*?)^(?P=indent)```\s*$", re.MULTILINE | re.DOTALL)
LANGUAGES = {"console", "ini", "python", "text", "toml"}
RUNNER = """
import json, linecache, sys
names = {"__name__": "__main__"}
for place, code in json.load(sys.stdin):
    linecache.cache[place] = (len(code), None, code.splitlines(True), place)
    exec(compile(code, place, "exec"), names)
"""


@attrs.frozen
class Block:
    """A fenced block.

    Attributes:
        place: File and line, as `README.md:12`.
        language: First word of the fence.
        note: The rest of it.
        code: What stands in it.
    """

    place: str
    language: str
    note: str
    code: str


def _blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        language, _, note = found["info"].strip().partition(" ")
        code = re.sub(rf"^{found['indent']}", "", found["code"], flags=re.MULTILINE)
        yield Block(f"{page.relative_to(ROOT)}:{line}", language, note.strip(), code)


BLOCKS = {str(page.relative_to(ROOT)): list(_blocks(page)) for page in PAGES}
EVERY = [block for blocks in BLOCKS.values() for block in blocks]


def _environment() -> dict[str, str]:
    """Without a user's settings, and with this interpreter's commands first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FTRACK_")}
    return {**kept, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])}


@pytest.mark.parametrize(
    "page", [page for page, blocks in BLOCKS.items() if any(b.language == "python" for b in blocks)]
)
def test_python_blocks_run(page: str, tmp_path: Path) -> None:
    """The first thing that a newcomer pastes must work."""
    code = [(block.place, block.code) for block in BLOCKS[page] if block.language == "python" and not block.note]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUNNER],
        input=json.dumps(code),
        env={
            **_environment(),
            "HOME": str(tmp_path),
            "XDG_CACHE_HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", [b for b in EVERY if b.language == "toml"], ids=lambda block: block.place)
def test_toml_blocks_hold_settings_that_exist(block: Block) -> None:
    """A config that is copied from the manual must not be refused."""
    profiles = tomllib.loads(block.code).get("profiles", {})
    assert [name for profile in profiles.values() for name in profile if name not in KNOWN] == []


RUNNABLE = [block for block in EVERY if block.language == "console" and block.note == "run"]


@pytest.mark.parametrize("block", RUNNABLE, ids=lambda block: block.place)
def test_console_blocks_give_what_they_show(block: Block, tmp_path: Path) -> None:
    """What the manual shows is what one sees."""
    for command, wanted in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block.code, re.MULTILINE):
        done = subprocess.run(
            shlex.split(command), env=_environment(), cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        like = doctest.OutputChecker().check_output(
            wanted, done.stdout, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        )
        assert like or not wanted.strip(), done.stdout


@pytest.mark.parametrize("block", EVERY, ids=lambda block: block.place)
def test_every_block_says_what_it_is(block: Block) -> None:
    """A block without a language, or left out without a reason, is one that nobody checks."""
    assert block.language in LANGUAGES, f"{block.place}: unknown language {block.language!r}"
    allowed = {"python": r"(not run: \S.{5,})?", "console": r"(run)?"}.get(block.language, "")
    assert re.fullmatch(allowed, block.note), f"{block.place}: {block.note!r} is no note that this test knows"
