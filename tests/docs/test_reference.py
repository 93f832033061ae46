"""The reference tells what is: each page is held against the code that it describes."""

from __future__ import annotations

import builtins
import re
import runpy
from pathlib import Path

import pytest

from ftrack_core import errors

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SECTION = re.compile(r"^## (FT-\d{3}) (\w+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ERRORS_PAGE = (DOCS / "reference" / "errors.md").read_text(encoding="utf-8")
CLASSES = sorted(
    {each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.Error)},
    key=lambda each: each.code,
)
IMPLIED = {"object", "BaseException", "Exception", "OSError", "LookupError"}


def test_every_generated_part_is_up_to_date() -> None:
    """A table of settings or options that is out of date sends people after a key that is gone."""
    rendered = runpy.run_path(str(DOCS / "generate.py"))["rendered"]
    pages = {path: path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md")}
    stale = [str(path.relative_to(ROOT)) for path, page in pages.items() if rendered(page) != page]
    assert stale == [], "run: python docs/generate.py"


def test_every_error_has_its_section_and_no_other_stands_there() -> None:
    """Error messages name a code; whoever looks it up must find it."""
    sections = [(code, name) for code, name, _ in SECTION.findall(ERRORS_PAGE)]
    assert sections == [(each.code, each.__name__) for each in CLASSES]


@pytest.mark.parametrize("error", CLASSES, ids=lambda each: each.__name__)
def test_an_error_section_tells_its_kinds_and_meaning(error: type[errors.Error]) -> None:
    """`except TypeError` in existing code works by these bases: the page is where people read of it."""
    text = " ".join(_section(error).split())
    summary = (error.__doc__ or "").splitlines()[0]
    assert summary.rstrip(".") in text
    builtin = [each.__name__ for each in error.__mro__ if hasattr(builtins, each.__name__)]
    ours = [each.__name__ for each in error.__bases__ if each.__module__ == errors.__name__]
    assert [name for name in (set(builtin) - IMPLIED) | set(ours) if f"`{name}`" not in text] == []


def test_errors_said_to_be_unused_are_unused() -> None:
    """The page admits what nothing raises yet; once something does, it must say what to do."""
    unused = [each.__name__ for each in CLASSES if "Nothing raises it yet" in _section(each)]
    sources = [path for package in ("ftrack_core", "ftrack_backends") for path in (ROOT / package).rglob("*.py")]
    texts = [path.read_text(encoding="utf-8") for path in sources if path.name != "errors.py"]
    assert [name for name in unused if any(re.search(rf"\braise {name}\b", text) for text in texts)] == []


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *DOCS.rglob("*.md")], ids=lambda page: str(page.relative_to(ROOT))
)
def test_every_link_within_the_repository_leads_somewhere(page: Path) -> None:
    """A dead link in a manual costs its trust."""
    links = re.findall(r"\]\((?!\w+:)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("folder", ["tutorial", "how-to", "reference", "explanation", "decisions"])
def test_every_index_lists_its_pages(folder: str) -> None:
    """A page that no index names is never found."""
    index = (DOCS / folder / "index.md").read_text(encoding="utf-8")
    pages = [path.name for path in (DOCS / folder).glob("*.md") if path.name != "index.md"]
    assert [name for name in pages if f"({name})" not in index] == []


def _section(error: type[errors.Error]) -> str:
    return next((text for code, _, text in SECTION.findall(ERRORS_PAGE) if code == error.code), "")
