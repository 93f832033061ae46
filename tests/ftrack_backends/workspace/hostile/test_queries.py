"""Any text as a query."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]  # it is there where it is needed

MARK = "Zq9mark"
many = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
CORPUS = Path(__file__).parents[3] / "ftrack_core" / "query" / "corpus.toml"
TEXTS = [each["text"] for each in tomllib.loads(CORPUS.read_text(encoding="utf-8"))["query"]]
WORDS = [
    *r"""select from where and or not in has any order by group limit offset asc descending is is_not like not_like
    before after None True ( ) ( ) , . [ ] = != < > >= " ' \ % _ - Task Shot Context User Note AssetVersion Metadata id
    name parent parent_id status children descendants ancestors custom_attributes metadata key value notes version link
    thumbnail_url start_date count(id) sum(bid) [Shot] [User] parent[Shot] 0 1 -5 1e400 99999999999999999999 2026-01-01
    0000-00-00 9999-12-31T23:59:59-14:00 'x' "x" é ☃""".split(),  # noqa: SIM905 - a list of a hundred quoted words cannot be read
    *("\0", "\t", "\n", "\ud800", MARK, f'"{MARK}"', f"'{MARK}%'", f"{MARK}.{MARK}", f"{MARK}('"),
    *("a" * 300, "%a" * 40 + "é"),
]
HOSTILE = [
    f'Task where name is "{MARK}\' or 1=1 --"',
    f"Task where name in ({', '.join([MARK] * 3000)})",
    f'Task where name like "{"%" * 60000}"',
    f'Task where name like "{"%a" * 200}é"',
    f"Task where {' and '.join(['name is x'] * 2000)}",
    f"Task where {' or '.join(['parent.name is x'] * 400)}",
    f"Task where {'not ' * 3000} name is x",
    f"Task where {'(' * 500}name is x{')' * 500}",
    f"Task where {'parent has (' * 90}name is x{')' * 90}",
    f"Task where {'parent.' * 200}name is x",
    f"select {'parent.' * 200}name from Task",
    f"select {'children.' * 40}name from Project",
    f"select {', '.join(['name'] * 5000)} from Task",
    f"Task order by {', '.join(['name'] * 3000)}",
    f"Task order by {'parent.' * 100}name",
    f"Task where id in ({'select parent_id from Task where id in (' * 60}x{')' * 61}",
    f"Task limit {'9' * 30}",
    f"Task offset {'9' * 5000}",
    "Task limit -1",
    f"Task where bid is {'9' * 400}",
    "Task where bid > 1e999",
    'Task where start_date > "99999-01-01"',
    f'Task where name is "{MARK}\0"',
]


@st.composite
def spoiled(draw: Callable[[Any], Any]) -> str:
    """A query as people write it, with pieces taken out, put in and changed."""
    text: str = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 2, 8])))
        text = text[:start] + draw(st.sampled_from(WORDS) | st.text(max_size=3)) + text[end:]
    return text


QUERIES = spoiled() | st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join) | st.text(max_size=40)


def _asked(ground: Any, expression: str) -> None:
    body = json.dumps([{"action": "query", "expression": expression}]).encode()
    for strict in ("true", "false"):
        ground.demand_sound(ground.post(body, **{"ftrack-strict-api": strict}))
    ground.demand_living()


@many
@given(QUERIES)
def test_any_text_as_a_query(ground: Any, expression: str) -> None:
    """What a slip in a tool's format string makes, and what a user types into a search field."""
    _asked(ground, expression)


def test_queries_that_are_meant_to_hurt(ground: Any) -> None:
    """Long, deep, wide and huge ones: an answer or a refusal, and neither a failure nor a wait."""
    for expression in HOSTILE:
        _asked(ground, expression)
