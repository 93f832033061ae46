"""`formatter.format`: an entity as text."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_core import Session
from ftrack_core.session import formatter


@pytest.fixture(autouse=True)
def no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests say themselves when there are colours."""
    for name in ("NO_COLOR", "FORCE_COLOR", "ANSI_COLORS_DISABLED", "TERM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def status(session: Session) -> Any:
    """Something small, all of which is loaded."""
    found = session.query("select name, color, sort, is_active, state.name, state.short from Status").first()
    assert found is not None
    return found


def _text(entity: Any, **options: Any) -> str:
    """As text, nothing being asked for."""
    with entity.session.auto_populating(auto_populate=False):
        return formatter.format(entity, attribute_filter=formatter.FILTER["ignore_unset"], **options)


def test_each_attribute_has_a_line_in_order(status: Any) -> None:
    """References stand further to the right, under their first line."""
    state = status["state"]
    lines = [
        "Status",
        f" color: {status['color']}",
        f" id: {status['id']}",
        " is_active: True",
        f" name: {status['name']}",
        f" sort: {status['sort']}",
        " state: State",
        f"         id: {state['id']}",
        f"         name: {state['name']}",
        f"         short: {state['short']}",
    ]
    assert _text(status) == "\n".join(lines)


def test_everything_can_be_indented(status: Any) -> None:
    """But for the first line, where it follows something else."""
    plain = _text(status).split("\n")
    assert _text(status, indent=3).split("\n") == [f"   {line}" for line in plain]
    assert _text(status, indent=3, indent_first_line=False).split("\n") == [
        plain[0],
        *(f"   {line}" for line in plain[1:]),
    ]


def test_nothing_is_asked_for_unless_the_thread_loads_by_itself(session: Session, wire: Any, status: Any) -> None:
    """Printing must not cost calls that nobody wants."""
    bare: Any = session.query("Task").first()
    wire.forget()
    with session.auto_populating(auto_populate=False):
        assert " bid: NOT_SET" in formatter.format(bare).split("\n")
        assert "not loaded" in formatter.format(bare)
        assert " bid: " not in _text(bare)
        assert "notes" not in _text(bare)
        assert "not loaded" not in _text(bare, recursive=True)
    assert wire.calls == 0
    assert f" bid: {bare['bid']}" in formatter.format(bare).split("\n")
    assert 0 < wire.calls <= 10
    wire.forget()
    formatter.format(bare)
    assert wire.calls == 0


def test_a_cycle_ends(session: Session) -> None:
    """An entity within itself is named, not walked again; beside itself it is shown."""
    shot: Any = session.query("select name, children.name, children.parent from Shot").first()
    text = _text(shot, recursive=True)
    assert text.count("parent: Shot{...}") == len(shot["children"]) == 2
    note: Any = session.query("select author.username, completed_by.username from Note").first() or session.create(
        "Note", {"author": session.query("User").first(), "completed_by": session.query("User").first()}
    )
    assert "{...}" not in _text(note)


def test_collections_are_walked_when_asked(session: Session) -> None:
    """Each entity under the one before it."""
    shot: Any = session.query("select children.name from Shot").first()
    flat, deep = _text(shot), _text(shot, recursive=True)
    names = [child["name"] for child in shot["children"]]
    assert not any(f"name: {name}" in flat for name in names)
    lines = deep.split("\n")
    starts = [line.index("Task") for line in lines if line.endswith("Task")]
    assert len(starts) == 2
    assert starts[0] == starts[1] == lines[0].index("Shot") + len(" children: ")
    assert all(f"{' ' * starts[0]} name: {name}" in lines for name in names)


def test_metadata_is_shown_as_a_mapping(session: Session) -> None:
    """Loaded where the thread loads by itself."""
    shot: Any = session.query("Shot").first()
    shot["metadata"]["camera"] = "red"
    session.commit()
    assert " metadata: {'camera': 'red'}" in formatter.format(session.get("Shot", shot["id"])).split("\n")  # type: ignore[arg-type]


def test_formatters_write_types_and_names(status: Any) -> None:
    """And the mapping that was given stays as it is."""
    given = {"label": str.upper}
    assert " NAME: " in _text(status, formatters=given)
    assert given == {"label": str.upper}
    assert _text(status, formatters={"header": lambda text: f"<{text}>"}).startswith("<Status>\n")


def test_a_filter_sees_entity_name_and_value(status: Any) -> None:
    """So it can choose by any of them."""
    seen: list[Any] = []

    def only_name(entity: Any, name: str, value: Any) -> bool:
        seen.append((entity, name, value))
        return name == "name"

    with status.session.auto_populating(auto_populate=False):
        assert formatter.format(status, attribute_filter=only_name) == f"Status\n name: {status['name']}"
    assert (status, "color", status["color"]) in seen


class _Terminal:
    def __init__(self, *, terminal: bool) -> None:
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("terminal", "variables", "coloured"),
    [
        (True, {}, True),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"ANSI_COLORS_DISABLED": ""}, False),
        (True, {"TERM": "dumb"}, False),
        (True, {"TERM": "xterm"}, True),
        (False, {}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (True, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_are_for_terminals_that_can(
    status: Any, monkeypatch: pytest.MonkeyPatch, terminal: bool, variables: dict[str, str], coloured: bool
) -> None:
    """A log file full of escapes is of no use; a program's own formatters win."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout", _Terminal(terminal=terminal))
    assert ("\x1b[" in _text(status)) == coloured
    assert "\x1b[" not in _text(status, formatters={"header": str, "label": str})


def test_nothing_to_write_to_is_no_colour(status: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts such as Maya on Windows have no standard output at all."""
    monkeypatch.setattr("sys.stdout", None)
    assert "\x1b[" not in _text(status)
