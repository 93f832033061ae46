"""What no file of the repository may hold: traces of one person's machine or network."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = {
    "a home folder": re.compile(
        r"(?:(?<![\w.])/(?:home|Users)/|[A-Z]:\\+Users\\+)(?!(?:ann|ben|artist|user)\b)\w+|(?<![\w.])/ro[o]t/"
    ),
    "the host of a package index": re.compile(r"\b(?:files\.python[h]osted|(?:test\.)?py[p]i|registry\.npm[j]s)\.org"),
}
"""By what it is; the brackets keep a pattern from matching itself. Made-up people may have homes."""


def _files() -> list[Path]:
    """Every file that is in the repository or would be added to it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is not a git checkout, so nothing tells its files from what was built in it")
    names = listed.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str) -> None:
    """A path or a host of one machine works there only, and tells strangers about it."""
    offences = []
    for path in _files():
        text = path.read_text(encoding="utf-8", errors="replace")
        offences += [f"{path.relative_to(ROOT)}: {match.group()}" for match in FORBIDDEN[what].finditer(text)]
    assert offences == []


def test_the_patterns_find_what_they_are_for() -> None:
    """A pattern that matches nothing forbids nothing."""
    samples = {"a home folder": "cd /" + "home/jdoe", "the host of a package index": "https://py" + "pi.org/simple"}
    assert all(FORBIDDEN[what].search(sample) for what, sample in samples.items())
