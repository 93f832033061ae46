"""What a bare value says by itself."""

from __future__ import annotations

import pytest

from ftrack_core.query import Value


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("None", None),
        ("none", None),
        ("TRUE", True),
        ("false", False),
        ("5", 5),
        ("-5", -5),
        ("1.5", 1.5),
        ("NOT_STARTED", "NOT_STARTED"),
        ("1e999", "1e999"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_a_bare_value_is_what_it_looks_like(text: str, literal: object) -> None:
    """Numbers, truth and nothing need no quotes; what Python cannot read as a number stays text."""
    assert Value(text, quoted=False).literal == literal
    assert Value(text, quoted=True).literal == text
