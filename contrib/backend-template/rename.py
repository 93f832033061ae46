"""Gives the template the name of your backend: `python rename.py orchid`, once, in your copy of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

OLD = "acme"
HERE = Path(__file__).resolve().parent


def files() -> list[Path]:
    """What is renamed: everything here but this file and what is hidden, compiled or built."""
    return [
        path
        for path in sorted(HERE.rglob("*"), key=lambda each: len(each.parts), reverse=True)
        if path != Path(__file__).resolve()
        and not any(part.startswith((".", "__pycache__")) or part in {"build", "dist"} for part in _below(path))
    ]


def _below(path: Path) -> tuple[str, ...]:
    return path.relative_to(HERE).parts


def renamed(text: str, name: str) -> str:
    """A text with the new name, spelt as the old one was: `acme`, `Acme`, `ACME`."""
    camel = "".join(part.title() for part in name.split("_"))
    return text.replace(OLD, name).replace(OLD.title(), camel).replace(OLD.upper(), name.upper())


def main(name: str) -> None:
    """Rename in every file, then the files, then the folders."""
    if not name.isidentifier() or name != name.lower():
        raise SystemExit(f"{name!r} is no name for a Python package: write it in small letters, as 'orchid'")
    for path in files():
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            path.write_text(renamed(text, name), encoding="utf-8")
        if OLD in path.name:
            os.replace(path, path.with_name(renamed(path.name, name)))  # noqa: PTH105 - files and folders alike


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("write: python rename.py NAME")
    main(sys.argv[1])
