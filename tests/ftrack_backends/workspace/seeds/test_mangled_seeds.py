"""Seeds that somebody's cat has walked over: a workspace, or one error of ours, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ftrack_backends.workspace import Workspace
from ftrack_backends.workspace.seeds import Seed
from ftrack_core.errors import ConfigurationError

STUDIO = Path(__file__).with_name("studio.toml").read_text(encoding="utf-8")
SCRAPS = [
    "[[", "]]", "[", "]", "{", "}", '"', "'", "\n", "=", ".", ",", "#", "\\", "/", "\x00", "\ud800", "é", "-1",
    "1e400", "nan", "99999999999999999999", "true", "[]", "{}", "[[User]]\n", "[attributes.Shot]\n", "id = 'x'\n",
    "parent = 'fog'\n", "name = ''\n", "moment = 12:30:00\n", "[[show]]\n", "shots = 3\n", "[0-9]", '"""', "'''",
]  # fmt: skip
_SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
_CUTS = st.lists(
    st.tuples(st.integers(0, len(STUDIO)), st.integers(0, 12), st.sampled_from(["", *SCRAPS])), min_size=1, max_size=3
)
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["VFX", "a", "a/b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "kind", "to", "x"]), inner),
    max_leaves=6,
)
_HEADINGS = st.sampled_from(
    ["User", "Project", "Task", "Note", "Metadata", "SecurityRole", "object_type", "entity_type", "attributes", "show",
     "tree", "custom_attribute", "project_schema", "api_key", "moment", "Usr", "ContextCustomAttributeValue", "Event"]
)  # fmt: skip
_NAMES = st.sampled_from(
    ["id", "name", "username", "api_key", "roles", "read_only", "parent", "parent_id", "parent_type", "project",
     "project_schema", "under", "levels", "values", "attributes", "unique", "key", "type", "of", "options", "default",
     "sequences", "tasks", "shots", "objects", "custom_attributes", "statuses", "user_id", "__entity_type__", "rowid"]
)  # fmt: skip


def opened_or_refused(seed: Any) -> None:
    """Open a workspace of a seed; what is refused is refused with all that whoever wrote it needs."""
    faults: tuple[str, ...] = ("none",)
    try:
        Workspace.open(seed=seed).close()
    except ConfigurationError as error:
        faults = error.faults
    assert faults
    assert all(isinstance(one, str) and one for one in faults)


def of_text(path: Path, text: str) -> None:
    """Open a workspace of a text, by way of a file."""
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    opened_or_refused(path)


@_SLOW
@given(cuts=_CUTS)
def test_a_mangled_file_gives_a_workspace_or_its_faults(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[tuple[int, int, str]]
) -> None:
    """A slip of the hand costs a message, never a traceback."""
    text = STUDIO
    for place, length, scrap in cuts:
        text = text[:place] + scrap + text[place + length :]

    of_text(tmp_path_factory.mktemp("seed") / "studio.toml", text)


@_SLOW
@given(
    content=st.dictionaries(
        _HEADINGS, st.lists(st.dictionaries(_NAMES, _VALUES, max_size=4) | _VALUES, max_size=3) | _VALUES, max_size=4
    )
)
@example(content={"User": [{"username": "a", "roles": {"x": 1}}]})
@example(content={"User": [{"id": "", "username": "a"}]})
@example(content={"User": [{"username": "\ud800"}]})
@example(content={"Task": [{"name": "a", "parent": "a"}, {"name": "b", "parent": "a/b"}]})
@example(content={"Metadata": [{"key": "a", "parent_type": "Shot", "parent_id": "a/b", "value": "x"}]})
@example(content={"entity_type": [{"name": "A", "unique": [[{}]]}]})
@example(content={"attributes": {"Shot": {"x": {"kind": "references", "to": "Shot"}}}})
def test_a_mangled_mapping_gives_a_workspace_or_its_faults(content: dict[str, Any]) -> None:
    """Seeds that programs make have other mistakes: wrong kinds in right places."""
    opened_or_refused(content)


@_SLOW
@given(
    content=st.dictionaries(_HEADINGS, st.lists(st.dictionaries(_NAMES, _VALUES, max_size=4), max_size=3), max_size=3),
    scrap=st.sampled_from(SCRAPS),
    at=st.floats(0, 1),
)
def test_mangled_json_gives_a_workspace_or_its_faults(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any], scrap: str, at: float
) -> None:
    """The same for the other form of a file."""
    text = json.dumps(content, indent=1)
    place = int(len(text) * at)

    of_text(tmp_path_factory.mktemp("seed") / "studio.json", text[:place] + scrap + text[place:])


@pytest.mark.parametrize("name", ["deep.toml", "deep.json"])
@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 50_000, "a = " + "[" * 50_000, "a=" + "{a=" * 5_000])
def test_a_bottomless_file_is_refused(tmp_path: Path, name: str, text: str) -> None:
    """A parser that gives up must not take the program with it."""
    (tmp_path / name).write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError):
        Seed.read(tmp_path / name)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """A spreadsheet, renamed."""
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigurationError, match="UTF-8"):
        Seed.read(tmp_path / "a.toml")
