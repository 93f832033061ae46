"""The folder of the package: written file by file, each whole or not at all, and only where it is ours."""

from __future__ import annotations

import contextlib
import difflib
import itertools
import tempfile
from collections.abc import Iterable, Mapping
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
            ConfigurationError: Something else stands there.
        """
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
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            changed = [name for name, text in files.items() if _text(self.folder / name) != text]
            self._replace({name: files[name] for name in changed})
        except OSError as error:
            reason = error.strerror or error
            message = f"The stubs cannot be written to {self.folder} ({reason}); name another folder by --output."
            raise ConfigurationError(message) from error
        return bool(changed)

    def _replace(self, files: Mapping[str, str]) -> None:
        """Have all texts on the disk before the first file is replaced."""
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".new-", dir=self.folder)))
            for name, text in files.items():
                (folder / name).write_text(text, encoding="utf-8", newline="\n")
            for name in files:
                (folder / name).replace(self.folder / name)

    def differences(self, files: Mapping[str, str]) -> list[str]:
        """What would change if they were written, as lines for people; where the server stands does not count."""
        lines: list[str] = []
        for name, text in files.items():
            there = _text(self.folder / name)
            if there is None:
                lines.append(f"{name} is not there")
            else:
                lines += _changes(_body(there), _body(text))
        return lines[:_SHOWN] + ([f"and {len(lines) - _SHOWN} lines more"] if len(lines) > _SHOWN else [])


def _text(path: Path) -> str | None:
    """The text of a file; None where there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
        return None


def _body(text: str) -> list[str]:
    """The lines behind the header."""
    return list(itertools.dropwhile(lambda line: line.startswith("#"), text.splitlines()))


def _changes(old: Iterable[str], new: Iterable[str]) -> list[str]:
    diff = difflib.unified_diff(list(old), list(new), lineterm="", n=0)
    return [line for line in itertools.islice(diff, 2, None) if not line.startswith("@@")]
