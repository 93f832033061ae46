"""The folder that the stubs stand in."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrack_core.cli.stubs._package import StubPackage
from ftrack_core.cli.stubs._rendering import MARK
from ftrack_core.errors import ConfigurationError

FILES = {"__init__.py": f"{MARK}\nx = 1\n", "__init__.pyi": f"{MARK}\n# Server: a\nclass A():\n    x: int\n"}


def test_it_is_written_whole(tmp_path: Path) -> None:
    """Nothing but the files may stay behind: a forgotten temporary folder would be found by every tool."""
    package = StubPackage(tmp_path / "some" / "where")
    assert package.write(FILES)
    assert {path.name: path.read_text(encoding="utf-8") for path in package.folder.iterdir()} == FILES


def test_writing_the_same_again_touches_nothing(tmp_path: Path) -> None:
    """A changed time makes type checkers and version control look again."""
    package = StubPackage(tmp_path / "types")
    package.write(FILES)
    before = [path.stat().st_mtime_ns for path in sorted(package.folder.iterdir())]
    assert not package.write(FILES)
    assert [path.stat().st_mtime_ns for path in sorted(package.folder.iterdir())] == before


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """A misspelt --package must not overwrite a studio's own code."""
    package = StubPackage(tmp_path)
    package.refuse_foreign()
    (tmp_path / "mine.py").touch()
    with pytest.raises(ConfigurationError, match="--force"):
        package.refuse_foreign()
    package.write(FILES)
    package.refuse_foreign()


def test_a_file_in_the_place_is_refused(tmp_path: Path) -> None:
    """What stands there may be anything, and is no package of ours."""
    (tmp_path / "types").touch()
    with pytest.raises(ConfigurationError, match="was not written by"):
        StubPackage(tmp_path / "types").refuse_foreign()
    with pytest.raises(ConfigurationError, match="--output"):
        StubPackage(tmp_path / "types").write(FILES)


def test_what_cannot_be_written_is_told_and_the_old_stays(tmp_path: Path) -> None:
    """A full or broken disk must not leave half a package."""
    package = StubPackage(tmp_path / "types")
    package.write(FILES)
    with pytest.raises(ConfigurationError, match="cannot stand in"):
        package.write({"__init__.py": "new", "no/such/folder.pyi": "new"})
    assert {path.name: path.read_text(encoding="utf-8") for path in package.folder.iterdir()} == FILES


def test_differences_name_what_changed_and_not_where_the_server_stands(tmp_path: Path) -> None:
    """The same server at another address is no reason to fail a build; another attribute is."""
    package = StubPackage(tmp_path / "types")
    assert package.differences(FILES) == ["__init__.py is not there", "__init__.pyi is not there"]
    package.write(FILES)
    moved = {name: text.replace("Server: a", "Server: b") for name, text in FILES.items()}
    assert package.differences(moved) == []
    changed = {name: text.replace("int", "str") for name, text in FILES.items()}
    assert package.differences(changed) == ["-A: x: int", "+A: x: str"]


def test_a_file_that_is_no_text_is_foreign(tmp_path: Path) -> None:
    """It must be refused as any other, not with a traceback."""
    (tmp_path / "__init__.pyi").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ConfigurationError, match="was not written by"):
        StubPackage(tmp_path).refuse_foreign()
    assert StubPackage(tmp_path).write(FILES)
