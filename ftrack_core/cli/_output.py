"""What commands print: tables and headings, coloured on a terminal that can, plain text everywhere else."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

__all__ = ["clean", "error", "heading", "say", "styled", "table"]

_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def say(text: object = "") -> None:
    """Print a line or several."""
    console = _console()
    if console is None:
        _write(f"{text}\n")
    else:
        console.print(_text(text), soft_wrap=True)


def styled(*pieces: tuple[str, str]) -> None:
    """Print a line made of pieces, each with a style of rich's, as `bold cyan`; empty for none."""
    console = _console()
    if console is None:
        _write("".join(piece for piece, _ in pieces) + "\n")
    else:
        from rich.text import Text

        console.print(Text.assemble(*pieces), soft_wrap=True)


def heading(text: str) -> None:
    """Print a line that begins a new part, after an empty one."""
    console = _console()
    if console is None:
        _write(f"\n{text}\n{'-' * len(text)}\n")
    else:
        console.print()
        console.rule(_text(text, "bold"), align="left")


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """Print a table; numbers stand to the right.

    Args:
        headers: Headings of the columns.
        rows: Cells of each row, as many as there are headings.
        title: What to print above it; empty for nothing.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    console = _console()
    if console is None:
        _write(_plain_table(headers, cells, title))
    else:
        _rich_table(console, headers, cells, title)


def error(text: str) -> None:
    """Print to standard error."""
    sys.stderr.write(f"{text}\n")


def clean(value: object) -> str:
    """Text in one line, without what could command a terminal: events and errors may come from anybody."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", str(value))


def _write(text: str) -> None:
    """Print what standard output can print, and the rest as Python would write it."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _plain_table(headers: Sequence[str], cells: Sequence[Sequence[str]], title: str = "") -> str:
    """A table as aligned text: columns two blanks apart, a rule below the headings."""
    widths = [max(map(len, column)) for column in zip(headers, *cells, strict=True)]
    right = [_is_numeric([row[index] for row in cells]) for index in range(len(headers))]
    lines = [title] if title else []
    for row in (list(headers), ["-" * width for width in widths], *cells):
        aligned = [_aligned(cell, widths[index], right[index]) for index, cell in enumerate(row)]
        lines.append("  ".join(aligned).rstrip())
    return "\n".join(lines) + "\n"


def _rich_table(console: Any, headers: Sequence[str], cells: Sequence[Sequence[str]], title: str) -> None:
    from rich.table import Table

    shown = Table(title=_text(title) if title else None, title_justify="left", header_style="bold cyan")
    for index, header in enumerate(headers):
        numeric = _is_numeric([row[index] for row in cells])
        shown.add_column(_text(header), justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        shown.add_row(*(_text(cell) for cell in row))
    console.print(shown)


def _console() -> Any:
    """A console of rich, or None where plain text is right: no terminal, a dumb one, `NO_COLOR`, or no rich."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return None
    try:
        from rich.console import Console
    except ImportError:
        return None
    return Console(file=sys.stdout, highlight=False)


def _text(value: object, style: str = "") -> Any:
    """Text in which square brackets mean nothing."""
    from rich.text import Text

    encoding = sys.stdout.encoding or "utf-8"
    return Text(str(value).encode(encoding, "backslashreplace").decode(encoding), style=style)


def _cell(value: object) -> str:
    return "" if value is None else clean(value)


def _is_numeric(column: Sequence[str]) -> bool:
    filled = [cell for cell in column if cell]
    return bool(filled) and all(cell.replace(",", "").replace(".", "", 1).lstrip("-").isdigit() for cell in filled)


def _aligned(cell: str, width: int, to_the_right: bool) -> str:
    return cell.rjust(width) if to_the_right else cell.ljust(width)
