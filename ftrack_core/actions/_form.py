"""Forms that the web client shows, and what a user filled in.

The items and their keys are those of developer.ftrack.com, "Actions", on user interfaces; `multi_select` and
`submit_button_label` are what public integrations send.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

import attrs

from ftrack_core.config import did_you_mean
from ftrack_core.errors import ActionDefinitionError, ActionError

__all__ = [
    "Boolean",
    "Date",
    "Enumerator",
    "Form",
    "FormItem",
    "Hidden",
    "Label",
    "Number",
    "Text",
    "TextArea",
    "Values",
    "read_values",
]

_OUTLINE = "__outline__"
"""Name of the hidden item that carries what the form asked for, so that whoever gets the values can read them."""

_TRUTHS = {"true": True, "1": True, "on": True, "yes": True, "false": False, "0": False, "off": False, "no": False}
_DATE_CHARACTERS = len("2026-01-31")


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
class _Plain:
    """An item that its author wrote as the client takes it.

    Attributes:
        raw: The item.
    """

    raw: Mapping[str, Any]

    def __attrs_post_init__(self) -> None:
        kind = self.raw.get("type")
        if kind not in _KINDS:
            hint = did_you_mean(str(kind), _KINDS)
            raise ActionDefinitionError(
                f"An item of a form has the type {kind!r}{hint}; there are {', '.join(_KINDS)}. The item: {self.raw!r}"
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


def _items_of(items: Any) -> tuple[Any, ...]:
    if isinstance(items, (str, bytes, Mapping)) or not isinstance(items, Iterable):
        raise ActionDefinitionError(f"A form is made of a list of items, not of {items!r:.100}.")
    return tuple(_item(item) for item in items)


def _item(item: Any) -> Any:
    if isinstance(item, (FormItem, Label, _Plain)):
        return item
    if isinstance(item, Mapping):
        return _Plain(item)
    raise ActionDefinitionError(
        f"An item of a form is a Text, TextArea, Number, Boolean, Date, Enumerator, Hidden, Label or a mapping, not "
        f"{item!r}."
    )


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

    items: Sequence[Any] = attrs.field(converter=_items_of)
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
        items.append({"type": "hidden", "name": _OUTLINE, "value": json.dumps(self.outline)})
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


class Values(dict[str, Any]):
    """What a user filled in, by name of item; asking for a value that did not come tells the user so."""

    def __missing__(self, name: str) -> Any:
        came = ", ".join(map(repr, self)) or "none"
        raise ActionError(f"The value {name!r} of the form is missing; these came: {came}. Launch it from the menu.")


def read_values(raw: Mapping[str, Any], form: Form | None = None) -> tuple[Values, list[str]]:
    """The values that came back with a form, converted to what its items say.

    Args:
        raw: What came.
        form: The form that it should be, for values of a client that did not send what the form carried.

    Returns:
        The values by name, and what is wrong with them, for a person to read.
    """
    given = Values(raw)
    try:
        outline = json.loads(given.pop(_OUTLINE, "") or "null")
    except (TypeError, ValueError):
        outline = None
    if outline is None and given and form is not None:
        outline = form.outline
    problems: list[str] = []
    for name, described in outline.items() if isinstance(outline, dict) else ():
        given[name] = _read(name, described, given.get(name), problems)
    return given, problems


def _read(name: str, outline: Mapping[str, Any], raw: Any, problems: list[str]) -> Any:
    label = outline.get("label") or name
    if raw is None or raw in ("", []):
        if outline.get("required"):
            problems.append(f"{label} is needed.")
        return [] if outline.get("multiple") else raw if raw == "" else None
    try:
        return _KINDS[outline["type"]](raw, outline)
    except (KeyError, TypeError, ValueError):
        problems.append(f"{label}: {raw!r} is no {_WORDS.get(str(outline.get('type')), 'value that fits')}.")
        return raw


def _number(raw: Any, _: Mapping[str, Any]) -> int | float:
    number = float(raw)
    return int(number) if number.is_integer() else number


def _boolean(raw: Any, _: Mapping[str, Any]) -> bool:
    return raw if isinstance(raw, bool) else _TRUTHS[str(raw).lower()]


def _date(raw: Any, _: Mapping[str, Any]) -> datetime.date:
    return datetime.date.fromisoformat(str(raw)[:_DATE_CHARACTERS])


def _choice(raw: Any, outline: Mapping[str, Any]) -> Any:
    if not outline.get("multiple"):
        return raw
    if isinstance(raw, str) and raw.startswith("["):
        raw = json.loads(raw)
    return list(raw) if isinstance(raw, (list, tuple)) else [raw]


def _as_it_is(raw: Any, _: Mapping[str, Any]) -> Any:
    return raw


_KINDS: Mapping[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "text": _as_it_is,
    "textarea": _as_it_is,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "enumerator": _choice,
    "hidden": _as_it_is,
    "label": _as_it_is,
}
"""Types of items, and how each reads its value."""

_WORDS = {"number": "number", "boolean": "yes or no", "date": "day (as 2026-01-31)"}


def _pair(option: Any) -> tuple[Any, str]:
    if isinstance(option, Mapping):
        return option["value"], str(option.get("label", option["value"]))
    if isinstance(option, (tuple, list)) and len(option) == 2:
        return option[0], str(option[1])
    return option, str(option)


def _is_said(field: Any, value: Any) -> bool:
    return field.name != "items" and bool(value)


def _with_value(item: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(item, Label) or item.name not in values:
        return item
    if isinstance(item, _Plain):
        return _Plain({**item.raw, "value": values[item.name]})
    return attrs.evolve(item, value=values[item.name])
