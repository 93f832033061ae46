"""The query that several rows are about, and what everybody must have read. Standard library only."""

from __future__ import annotations

from typing import Any

__all__ = ["EXPRESSION", "read"]

EXPRESSION = "select name, status.name, type.name, parent.name, parent.project.name, link from Task"


def read(rows: list[Any]) -> list[Any]:
    """Every value that the query asked for, so that nobody is quick by reading less."""
    values: list[Any] = []
    known: dict[str, str] = {}
    for row in rows:
        parent = row["parent"]
        names = [row["id"], row["name"], *(_name(each, known) for each in (row["status"], row["type"], parent))]
        project = parent.get("project")
        names.append(_name(project, known) if project is not None else known[f"{parent['id']}/project"])
        known[f"{parent['id']}/project"] = names[-1]
        values.append([names, [dict(item) for item in row["link"]]])
    return values


def _name(entity: Any, known: dict[str, str]) -> str:
    """The entity's name; in the raw rows it may have come with an earlier row."""
    if "name" in entity:
        known[entity["id"]] = entity["name"]
    return known[entity["id"]]
