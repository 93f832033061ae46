"""What forms consist of.

The items and their keys are those of developer.ftrack.com, "Actions", on user interfaces; `multi_select` is what
public integrations send.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import attrs

from ftrack_core.actions._values import KINDS
from ftrack_core.config import did_you_mean
from ftrack_core.errors import ActionDefinitionError

__all__ = [
    "Boolean",
    "Date",
    "Enumerator",
    "FormItem",
    "Hidden",
    "Label",
    "Number",
    "PlainItem",
    "Text",
    "TextArea",
    "items_of",
]


@attrs.frozen(kw_only=True)
class FormItem:
    """An item of a form.

    Attributes:
        name: Under which name its value comes back.
        label: What stands beside it.
        value: What it holds at first.
        empty_text: What stands in it, greyed, while it is empty.
        required: Whether the form is shown again when it comes back empty.
    """

    type: ClassVar[str]
    name: str = attrs.field(kw_only=False)
    label: str = attrs.field(default="", kw_only=False)
    value: Any = None
    empty_text: str = ""
    required: bool = False

    def __attrs_post_init__(self) -> None:
        if not self.name or not isinstance(self.name, str):
            raise ActionDefinitionError(
                f"An item of a form needs a name, as text; this one has {self.name!r}: {self!r}"
            )

    def wire(self) -> dict[str, Any]:
        """The item as the client takes it."""
        given = {"label": self.label, "empty_text": self.empty_text}
        shown = {key: text for key, text in given.items() if text}
        value = {} if self.value is None else {"value": self.value}
        return {"type": self.type, "name": self.name, **shown, **value}

    @property
    def outline(self) -> dict[str, Any]:
        """What it takes to read its value."""
        return {"type": self.type, "label": self.label, "required": self.required}


class Text(FormItem):
    """A line of text."""

    type = "text"


class TextArea(FormItem):
    """Several lines of text."""

    type = "textarea"


class Number(FormItem):
    """A number; it comes back as an `int` where it is whole, else as a `float`."""

    type = "number"


class Boolean(FormItem):
    """A box to tick."""

    type = "boolean"


class Hidden(FormItem):
    """A value that the user does not see and that comes back: plain JSON values."""

    type = "hidden"


@attrs.frozen(kw_only=True)
class Date(FormItem):
    """A day; it comes back as a `datetime.date`."""

    type = "date"

    def wire(self) -> dict[str, Any]:
        """The item as the client takes it."""
        found = super().wire()
        if isinstance(self.value, datetime.date):
            found["value"] = self.value.isoformat()
        return found


@attrs.frozen(kw_only=True)
class Enumerator(FormItem):
    """A choice.

    Attributes:
        options: What there is to choose: values, pairs of value and label, or a mapping of values to labels.
        multiple: Whether several may be chosen; a list comes back then.
    """

    type = "enumerator"
    options: Mapping[Any, str] | Iterable[Any] = attrs.field(factory=tuple)
    multiple: bool = False

    def __attrs_post_init__(self) -> None:
        FormItem.__attrs_post_init__(self)
        if isinstance(self.options, str):
            raise ActionDefinitionError(f"The options of {self.name!r} are a text, {self.options!r}; give a list.")
        pairs = self.options.items() if isinstance(self.options, Mapping) else self.options
        object.__setattr__(self, "options", tuple(_pair(option) for option in pairs))

    def wire(self) -> dict[str, Any]:
        """The item as the client takes it."""
        data = [{"value": value, "label": label} for value, label in self.options]
        return {**super().wire(), "data": data, **({"multi_select": True} if self.multiple else {})}

    @property
    def outline(self) -> dict[str, Any]:
        """What it takes to read its value."""
        return {**super().outline, "multiple": self.multiple}


@attrs.frozen
class Label:
    """Text between the others; Markdown.

    Attributes:
        text: The text.
    """

    text: str

    def wire(self) -> dict[str, Any]:
        """The item as the client takes it."""
        return {"type": "label", "value": self.text}


@attrs.frozen
class PlainItem:
    """An item that its author wrote as the client takes it.

    Attributes:
        raw: The item.
    """

    raw: Mapping[str, Any]

    def __attrs_post_init__(self) -> None:
        kind = self.raw.get("type")
        if kind not in KINDS:
            hint = did_you_mean(str(kind), KINDS)
            raise ActionDefinitionError(
                f"An item of a form has the type {kind!r}{hint}; there are {', '.join(KINDS)}. The item: {self.raw!r}"
            )
        if kind != "label" and not self.name:
            raise ActionDefinitionError(
                f"An item of a form needs a 'name', so that its value comes back: {self.raw!r}"
            )

    @property
    def name(self) -> str:
        """Its name; empty for a label."""
        return str(self.raw.get("name") or "")

    @property
    def value(self) -> Any:
        """What it holds at first."""
        return self.raw.get("value")

    @property
    def outline(self) -> dict[str, Any]:
        """What it takes to read its value."""
        return {
            "type": self.raw["type"],
            "label": str(self.raw.get("label") or ""),
            "required": False,
            "multiple": bool(self.raw.get("multi_select")),
        }

    def wire(self) -> dict[str, Any]:
        """The item as the client takes it."""
        return dict(self.raw)


def items_of(items: Any) -> tuple[Any, ...]:
    """The items that an author gives, with mappings made items.

    Raises:
        ActionDefinitionError: One is none.
    """
    if isinstance(items, (str, bytes, Mapping)) or not isinstance(items, Iterable):
        raise ActionDefinitionError(f"A form is made of a list of items, not of {items!r:.100}.")
    return tuple(_item(item) for item in items)


def _item(item: Any) -> Any:
    if isinstance(item, (FormItem, Label, PlainItem)):
        return item
    if isinstance(item, Mapping):
        return PlainItem(item)
    raise ActionDefinitionError(
        f"An item of a form is a Text, TextArea, Number, Boolean, Date, Enumerator, Hidden, Label or a mapping, not "
        f"{item!r}."
    )


def _pair(option: Any) -> tuple[Any, str]:
    if isinstance(option, Mapping):
        return option["value"], str(option.get("label", option["value"]))
    if isinstance(option, (tuple, list)) and len(option) == 2:
        return option[0], str(option[1])
    return option, str(option)
