"""What the demo prints: headings and tables as all commands print them, and code and refusals in colour."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ftrack_core.cli import output
from ftrack_core.errors import Error

__all__ = ["code", "good", "part", "printed", "refusal", "say", "table"]

_INDENT = "    "


def part(number: int, title: str) -> None:
    """A new part of the story."""
    output.heading(f"{number}. {title}")


def say(text: str) -> None:
    """A line of prose."""
    output.say(text)


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """A table with an empty line around it."""
    output.say()
    output.table(headers, rows, title)
    output.say()


def code(*functions: Callable[..., object]) -> None:
    """The source of functions: what is shown is what runs. Where the source is not at hand, nothing."""
    for function in functions:
        try:
            source = inspect.getsource(function).rstrip()
        except OSError:
            continue
        _source(source)


def printed(text: str) -> None:
    """What a program printed, as it is; in colour, lines longer than the terminal is wide end in an ellipsis."""
    _styled(_indented(text), "cyan", whole=False)


def refusal(error: Error) -> None:
    """An error as the command line shows it to a person."""
    _styled(_indented(f"{error.code}: {error}"), "red")


def good(text: str) -> None:
    """Something that was checked and is so."""
    _styled(f"ok: {text}", "green")


def _indented(text: str) -> str:
    return "\n".join((_INDENT + line).rstrip() for line in text.splitlines())


def _source(text: str) -> None:
    console = _console()
    if console is None:
        sys.stdout.write(f"\n{_indented(text)}\n\n")
        return
    from rich.padding import Padding
    from rich.syntax import Syntax

    console.print(
        Padding(Syntax(text, "python", theme="ansi_dark", background_color="default", word_wrap=True), (1, 0, 1, 4))
    )


def _styled(text: str, style: str, *, whole: bool = True) -> None:
    console = _console()
    if console is None:
        sys.stdout.write(f"{text}\n")
        return
    from rich.text import Text

    if whole:
        console.print(Text(text, style), soft_wrap=True)
    else:
        console.print(Text(text, style), no_wrap=True, overflow="ellipsis")


def _console() -> Any:
    """A console of rich where colour is right, by the same rules as the helpers of all commands; else None."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return None
    try:
        from rich.console import Console
    except ImportError:
        return None
    return Console(file=sys.stdout, highlight=False)
