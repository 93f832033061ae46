"""Where in a seed file a thing is said: the parsers give values, and faults need lines.

Places are written as faults write them: `show[0].sequences[1].shots`, `attributes.Shot.plate`. The scanners only see
texts that a parser has accepted; what they cannot follow has no line, which costs a message its number and no more.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping

import attrs

__all__ = ["Source", "json_lines", "toml_lines"]

_TOML_TOKEN = re.compile(
    r'''"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*"{3,5}|\'\'\'[\s\S]*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\#[^\n]*|\n|[\[\]{}]'''
    r"""|[^\s"'\#\[\]{}\n]+|[^\S\n]+|["']"""
)
_PART = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+""")
_HEADER = re.compile(r"\s*(\[\[?)([^\n]*?)\]\]?\s*(?:#[^\n]*)?$")
_KEY = re.compile(rf"\s*((?:{_PART.pattern})(?:\s*\.\s*(?:{_PART.pattern}))*)\s*=")
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:\n]|[^\s{}\[\],:"]+')


@attrs.frozen
class Source:
    """What faults call a seed, and where its parts stand.

    Attributes:
        name: The file's name, or what else stands for it.
        lines: Line numbers by place; empty where there is no file.
    """

    name: str
    lines: Mapping[str, int] = attrs.field(factory=dict, repr=False)

    def at(self, place: str, line_of: str = "") -> str:
        """Give the beginning of a fault: `studio.toml:12: User[1]`; the line may be that of another place."""
        line = self._line(line_of or place)
        return f"{self.name}:{line}: {place}" if line else f"{self.name}: {place}"

    def told(self, fault: str) -> str:
        """Give a fault that begins with its place as one that begins with file and line."""
        return self.at(fault) if not self.lines else f"{self.at(_place(fault))}{fault[len(_place(fault)) :]}"

    def _line(self, place: str) -> int | None:
        """The line of the place, or of the nearest thing around it that has one."""
        while place:
            if place in self.lines:
                return self.lines[place]
            place = place[: max(place.rfind("."), place.rfind("["), 0)]
        return None


def toml_lines(text: str) -> dict[str, int]:
    """Give the lines of all tables and keys of a TOML text, by place."""
    lines: dict[str, int] = {}
    counts: Counter[str] = Counter()
    table = ""
    for number, line in _toml_statements(text):
        header = _HEADER.match(line)
        if header and line.lstrip().startswith("["):
            table = _table(header[2], counts, several=header[1] == "[[")
            lines.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key:
            lines.setdefault(".".join([*([table] if table else []), *_parts(key[1])]), number)
    return lines


def json_lines(text: str) -> dict[str, int]:
    """Give the lines of all values of a JSON text, by place."""
    lines: dict[str, int] = {}
    around: list[_Container] = []
    number = 1
    for piece in _JSON_TOKEN.findall(text):
        top = around[-1] if around else None
        if piece == "\n":
            number += 1
        elif piece in ("}", "]"):
            del around[-1:]
        elif piece == ",":
            if top:
                top.next()
        elif piece != ":":
            if top and top.awaits_key:
                top.key = json.loads(piece) if piece.startswith('"') else piece
                continue
            place = top.place_within() if top else ""
            lines.setdefault(place, number)
            if piece in ("{", "["):
                around.append(_Container(place, is_list=piece == "["))
    return lines


@attrs.define
class _Container:
    """An object or a list of JSON while it is read."""

    place: str
    is_list: bool
    index: int = 0
    key: str | None = None

    @property
    def awaits_key(self) -> bool:
        return not self.is_list and self.key is None

    def next(self) -> None:
        self.index += 1
        self.key = None

    def place_within(self) -> str:
        if self.is_list:
            return f"{self.place}[{self.index}]"
        return f"{self.place}.{self.key}" if self.place else str(self.key)


def _toml_statements(text: str) -> list[tuple[int, str]]:
    """Split a text into headers and assignments, each with its first line; what spans lines stays together."""
    found: list[tuple[int, str]] = []
    number, first, depth, statement = 1, 1, 0, ""
    for piece in _TOML_TOKEN.findall(text):
        if piece == "\n" and depth <= 0:
            found.append((first, statement))
            number, statement, depth = number + 1, "", 0
            first = number
            continue
        number += piece.count("\n")
        depth += (piece in ("[", "{")) - (piece in ("]", "}"))
        statement += "" if piece.startswith("#") else piece if "\n" not in piece else " "
    return [*found, (first, statement)]


def _table(name: str, counts: Counter[str], *, several: bool) -> str:
    """Give the place that a header means; arrays of tables on the way stand for their last one."""
    place = ""
    parts = _parts(name)
    for depth, part in enumerate(parts, start=1):
        place = f"{place}.{part}" if place else part
        if several and depth == len(parts):
            counts[place] += 1
        if counts[place]:
            place = f"{place}[{counts[place] - 1}]"
    return place


def _parts(name: str) -> list[str]:
    return [one[1:-1] if one[0] in "\"'" else one for one in _PART.findall(name)]


def _place(fault: str) -> str:
    """The beginning of a fault up to where its sentence begins."""
    return re.split(r"[:\s]", fault, maxsplit=1)[0]
