"""Forms that the web client shows.

The keys are those of developer.ftrack.com, "Actions", on user interfaces; `submit_button_label` is what public
integrations send.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from ftrack_core.actions._items import Label, PlainItem, items_of
from ftrack_core.actions._values import OUTLINE
from ftrack_core.config import did_you_mean
from ftrack_core.errors import ActionDefinitionError

__all__ = ["Form"]


@attrs.frozen
class Form:
    """A form that the web client shows.

    Attributes:
        items: What it consists of: `Text`, `Number`..., or mappings as the client takes them.
        title: What stands above it.
        submit_button_label: What stands on its button.
        width: Its width in pixels.
        height: Its height in pixels.
    """

    items: Sequence[Any] = attrs.field(converter=items_of)
    title: str = ""
    submit_button_label: str = ""
    width: int | None = None
    height: int | None = None

    def __attrs_post_init__(self) -> None:
        names = [item.name for item in self._fields()]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ActionDefinitionError(
                f"Items of a form have the same name, so that only one value would come back: {', '.join(twice)}."
            )

    @classmethod
    def of(cls, described: Any) -> Form:
        """The form that an author describes: one, its items, or a mapping as the client takes it.

        Raises:
            ActionDefinitionError: It is none.
        """
        if isinstance(described, Form):
            return described
        if not isinstance(described, Mapping):
            return cls(described)
        known = {field.name for field in attrs.fields(cls)}
        wrong = [name for name in described if name not in known | {"type", "success", "message", "actionIdentifier"}]
        if wrong:
            hint = did_you_mean(wrong[0], known)
            raise ActionDefinitionError(f"A form has no {wrong[0]!r}{hint}; it has {', '.join(sorted(known))}.")
        return cls(**{name: value for name, value in described.items() if name in known})

    def wire(self) -> dict[str, Any]:
        """The form as the client takes it, with what it takes to read the values that come back."""
        given = attrs.asdict(self, recurse=False, filter=_is_said)
        items = [item.wire() for item in self.items]
        items.append({"type": "hidden", "name": OUTLINE, "value": json.dumps(self.outline)})
        return {"type": "form", "items": items, **given}

    @property
    def outline(self) -> dict[str, Any]:
        """What it takes to read its values, by name of item."""
        return {item.name: item.outline for item in self._fields()}

    def filled(self, values: Mapping[str, Any], problems: Iterable[str]) -> Form:
        """The form again: with what was filled in, and what is wrong with it above."""
        items: list[Any] = [Label("\n".join(f"- **{problem}**" for problem in problems))]
        items += [_with_value(item, values) for item in self.items]
        return attrs.evolve(self, items=items)

    def _fields(self) -> list[Any]:
        return [item for item in self.items if not isinstance(item, Label) and item.name]


def _is_said(field: Any, value: Any) -> bool:
    return field.name != "items" and bool(value)


def _with_value(item: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(item, Label) or item.name not in values:
        return item
    if isinstance(item, PlainItem):
        return PlainItem({**item.raw, "value": values[item.name]})
    return attrs.evolve(item, value=values[item.name])
