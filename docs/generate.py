"""Writes the parts of the reference that follow from declarations in the code.

    python docs/generate.py

A part stands between `<!-- generated: NAME -->` and `<!-- end -->` in a page; the text around it is written by hand.
`tests/docs/test_reference.py` fails when a page is not what this writes.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import attrs

from ftrack_core import Session, SessionFactory
from ftrack_core.config import KNOWN, KnownSetting
from ftrack_core.entity import Entity
from ftrack_core.plugins import SEAMS, Registry, Seam
from ftrack_core.session import QueryResult, UnitOfWork
from ftrack_core.unit_of_work import Plan

__all__ = ["main", "rendered"]

DOCS = Path(__file__).parent
_PART = re.compile(r"(<!-- generated: (?P<name>\w+) -->\n)(?:.*?\n)??(<!-- end -->)", re.DOTALL)
_COMPUTED = {"api_user": "the system's user", "schema_cache_path": "`schemas` in the user's cache folder"}
_CALLED = (SessionFactory, Session, QueryResult, Entity, UnitOfWork, Plan)


def settings() -> str:
    """All settings."""
    return _table(("setting", "what it is", "variable", "default"), [_setting_row(known) for known in KNOWN.values()])


def seams() -> str:
    """The seams with their contracts and what this distribution ships for each."""
    rows = [
        (seam.label, f"`{seam.group}`", f"`{seam.setting}`", f"`{seam.interface.__name__}`", _names(_shipped(seam)))
        for seam in SEAMS
    ]
    return _table(("seam", "entry-point group", "setting", "contract", "shipped"), rows)


def backends() -> str:
    """Each shipped backend with its options."""
    return "\n\n".join(_backend(factory) for seam in SEAMS for factory in _shipped(seam))


def contracts() -> str:
    """The docstring of each seam's interface."""
    parts = [f"### {seam.interface.__name__}\n\n{inspect.cleandoc(seam.interface.__doc__ or '')}" for seam in SEAMS]
    return "\n\n".join(parts)


def session() -> str:
    """What a program calls of a session and of what it hands out."""
    return "\n\n".join(f"## {cls.__name__}\n\n{_table(('call', 'what it is'), _members(cls))}" for cls in _CALLED)


PARTS: dict[str, Callable[[], str]] = {
    "settings": settings,
    "seams": seams,
    "backends": backends,
    "contracts": contracts,
    "session": session,
}


def rendered(page: str) -> str:
    """A page with its generated parts made anew."""
    return _PART.sub(lambda found: f"{found[1]}{PARTS[found['name']]()}\n{found[3]}", page)


def main() -> None:
    """Rewrite every page that has a generated part."""
    for path in sorted(DOCS.rglob("*.md")):
        before = path.read_text(encoding="utf-8")
        after = rendered(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"wrote {path.relative_to(DOCS)}")


def _setting_row(known: KnownSetting) -> tuple[str, ...]:
    variables = ", ".join(f"`{name}`" for name in known.environment)
    default = _COMPUTED.get(known.name) or _default(known.default)
    return (f"`{known.name}`", known.help + (" (secret)" if known.secret else ""), variables, default)


def _default(value: Any) -> str:
    return "" if value is None else f"`{value!r}`"


def _shipped(seam: Seam) -> list[Any]:
    """Factories of a seam that this distribution brings, by name."""
    registry = Registry()
    found = [each for each in registry.installed(seam.group) if each.distribution == "ftrack-core"]
    return [registry.factory(seam.group, each.name) for each in sorted(found, key=lambda each: each.name)]


def _names(factories: Iterable[Any]) -> str:
    return ", ".join(f"`{factory.name}`" for factory in factories)


def _backend(factory: Any) -> str:
    fields = [field for field in attrs.fields(factory.options) if field.init]
    text = f"### `{factory.name}` ({factory.group})\n\n{factory.summary}"
    if factory.requirement_hint:
        text += f"\n\nWhere its library is missing: `{factory.requirement_hint}`."
    rows = [_option_row(field) for field in fields]
    return f"{text}\n\n{_table(('option', 'type', 'default', 'what it is'), rows)}" if rows else text


def _option_row(field: attrs.Attribute[Any]) -> tuple[str, ...]:
    kind = field.type if isinstance(field.type, str) else getattr(field.type, "__name__", str(field.type))
    text = str(field.metadata["help"])
    if field.metadata.get("environment"):
        text += f" Variable: `{field.metadata['environment']}`."
    return (f"`{field.alias}`", f"`{kind}`", _option_default(field), text)


def _option_default(field: attrs.Attribute[Any]) -> str:
    default: Any = field.default
    if default is attrs.NOTHING:
        return "required"
    if field.metadata.get("secret"):
        return "none"
    value = default.factory() if hasattr(default, "factory") else default
    return "none" if value is None else f"`{value!r}`"


def _members(cls: type) -> Iterable[tuple[str, str]]:
    """The public members of a class and of its bases of ours, in the order they stand, with their first sentence."""
    ours = [each for each in cls.__mro__ if each.__module__.startswith("ftrack_core")]
    names = dict.fromkeys(name for each in ours for name in vars(each) if not name.startswith("_"))
    found = {name: inspect.getattr_static(cls, name) for name in names}
    for name, member in found.items():
        told = inspect.cleandoc(getattr(member, "__doc__", None) or "")
        if told and (callable(member) or isinstance(member, (property, classmethod, staticmethod))):
            yield f"`{name}{_call(member)}`", " ".join(told.partition("\n\n")[0].split())


def _call(member: Any) -> str:
    """How a method is called: names and defaults, without types; nothing for a property."""
    if isinstance(member, property):
        return ""
    signature = inspect.signature(getattr(member, "__func__", member))
    given = list(signature.parameters.values())[0 if isinstance(member, staticmethod) else 1 :]
    plain = [each.replace(annotation=inspect.Parameter.empty) for each in given]
    return str(signature.replace(parameters=plain, return_annotation=inspect.Signature.empty))


def _table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    main()
