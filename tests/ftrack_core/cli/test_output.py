"""Tables and headings, on a terminal and in a pipe."""

from __future__ import annotations

import io
import sys

import pytest

from ftrack_core.cli import output


class _Terminal(io.StringIO):
    """Says that it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def test_a_piped_table_is_aligned_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    """A log would be full of escape codes and box characters."""
    output.table(("shot", "frames"), [("sh010", 100), ("sh1000", None), ("x", 7)], title="Shots")
    assert capsys.readouterr().out == (
        "Shots\nshot    frames\n------  ------\nsh010      100\nsh1000\nx            7\n"
    )


def test_a_table_without_rows_shows_its_headings(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty result would be an error."""
    output.table(("shot", "frames"), [])
    assert capsys.readouterr().out == "shot  frames\n----  ------\n"


def test_lines_and_headings_are_plain_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """Square brackets in a name would vanish as markup."""
    output.heading("Part [1]")
    output.say("done [bold]")
    assert capsys.readouterr().out == "\nPart [1]\n--------\ndone [bold]\n"


def test_a_terminal_gets_colour_and_brackets_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame range in brackets would vanish as markup, or the terminal would stay grey."""
    pytest.importorskip("rich")
    for variable in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys, "stdout", _Terminal())
    output.table(("name",), [("sh [1001-1100]",)], title="Shots [a]")
    output.heading("Part [b]")
    output.say("[c]")
    shown = sys.stdout.getvalue()  # type: ignore[union-attr]
    assert "\x1b[" in shown
    assert all(each in shown for each in ("sh [1001-1100]", "Shots [a]", "Part [b]", "[c]"))


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_that_wants_no_colour_gets_none(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR would be ignored."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", _Terminal())
    output.table(("name",), [("a",)])
    assert "\x1b[" not in sys.stdout.getvalue()  # type: ignore[union-attr]


def test_without_rich_a_terminal_gets_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """The base install would not be able to print."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.setattr(sys, "stdout", _Terminal())
    output.say("hello")
    assert sys.stdout.getvalue() == "hello\n"  # type: ignore[union-attr]


def test_what_the_encoding_lacks_is_printed_as_python_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A snowman in an event's topic, or a file name that is no text, would end a command with a traceback."""
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii", newline=""))
    output.table(("topic",), [("studio.\u2603",), ("\udcff.py",)])
    output.heading("\u2603")
    output.say("\u2603")
    sys.stdout.flush()
    assert written.getvalue().decode().splitlines()[2:] == [
        "studio.\\u2603",
        "\\udcff.py",
        "",
        "\\u2603",
        "-",
        "\\u2603",
    ]


def test_cells_cannot_command_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """An event that anybody may publish would clear the screen of who looks at the inbox, or forge rows of it."""
    output.table(("error",), [("\x1b[2Jgone\nrow",)])
    assert capsys.readouterr().out.splitlines()[-1] == "\\u001b[2Jgone\\u000arow"
