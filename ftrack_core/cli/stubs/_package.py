"""The folder of the package: written file by file, each whole or not at all, and only where it is ours."""

from __future__ import annotations

import contextlib
import difflib
import itertools
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import attrs

from ftrack_core.cli.stubs._catalogue import Catalogue
from ftrack_core.cli.stubs._rendering import MARK, rendered
from ftrack_core.errors import ConfigurationError

__all__ = ["StubPackage"]

_SHOWN = 20


@attrs.frozen
class StubPackage:
    """A package of stubs in a folder.

    Attributes:
        folder: The folder; its name is the package's.
    """

    folder: Path

    def rendered(self, catalogue: Catalogue, *, strict_none: bool) -> dict[str, str]:
        """The text of each file, by name."""
        return rendered(catalogue, self.folder.name, strict_none=strict_none)

    def refuse_foreign(self) -> None:
        """Refuse a folder that this command did not make.

        Raises:
            ConfigurationError: Something else stands there, or it cannot be looked into.
        """
        with _told(self.folder):
            if not self.folder.exists() or (self.folder.is_dir() and self._is_ours()):
                return
        message = (
            f"{self.folder} exists and was not written by `ftrack stubs`; name another folder by --output or another "
            "package by --package, or write into it all the same with --force."
        )
        raise ConfigurationError(message)

    def _is_ours(self) -> bool:
        marked = (_text(self.folder / "__init__.pyi") or "").startswith(MARK)
        return marked or not any(self.folder.iterdir())

    def write(self, files: Mapping[str, str]) -> bool:
        """Write the files that differ; whoever reads meanwhile sees each old or new, never half of it.

        Returns:
            Whether any differed.

        Raises:
            ConfigurationError: The folder cannot be written to; no file is half-written then.
        """
        with _told(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            changed = {name: text for name, text in files.items() if _text(self.folder / name) != text}
            if changed:
                self._replace(changed)
        return bool(changed)

    def _replace(self, files: Mapping[str, str]) -> None:
        """Have all texts on the disk before the first file is replaced."""
        with tempfile.TemporaryDirectory(prefix=".new-", dir=self.folder) as beside:
            for name, text in files.items():
                (Path(beside) / name).write_text(text, encoding="utf-8", newline="\n")
            for name in files:
                (Path(beside) / name).replace(self.folder / name)

    def differences(self, files: Mapping[str, str]) -> list[str]:
        """What would change if they were written, as lines for people; where the server stands does not count."""
        lines: list[str] = []
        with _told(self.folder):
            for name, text in files.items():
                there = _text(self.folder / name)
                lines += [f"{name} is not there"] if there is None else _changes(_body(there), _body(text))
        return lines[:_SHOWN] + ([f"and {len(lines) - _SHOWN} lines more"] if len(lines) > _SHOWN else [])


@contextlib.contextmanager
def _told(folder: Path) -> Iterator[None]:
    """What the file system refuses, as an error of ours."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        message = f"The stubs cannot stand in {folder} ({reason}); name another folder by --output."
        raise ConfigurationError(message) from error


def _text(path: Path) -> str | None:
    """The text of a file, None where there is none; one that is no text is like no text of ours."""
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError:
        return "\0"


def _body(text: str) -> list[str]:
    """The lines behind the header; those that are indented say what they belong to."""
    lines, owner = [], ""
    for line in itertools.dropwhile(lambda line: line.startswith("#"), text.splitlines()):
        if line.startswith(" "):
            lines.append(f"{owner}: {line.strip()}")
        else:
            owner = line.removeprefix("class ").partition("(")[0].partition(" = ")[0]
            lines.append(line)
    return lines


def _changes(old: Iterable[str], new: Iterable[str]) -> list[str]:
    diff = difflib.unified_diff(list(old), list(new), lineterm="", n=0)
    return [line for line in itertools.islice(diff, 2, None) if not line.startswith("@@")]
