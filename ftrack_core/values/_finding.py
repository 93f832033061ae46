"""What a diagnosis finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

__all__ = ["Finding", "FindingState"]

FindingState = Literal["ok", "warning", "failed", "skipped"]


@attrs.frozen
class Finding:
    """What one look at one thing gave.

    Attributes:
        check: What was looked at, in a word or three, as `name resolution`.
        state: `ok`; `warning` where things go on and somebody should know; `failed`; `skipped` where it was not
            looked at, and `text` says why.
        text: What was found, as a sentence without a secret.
        advice: What to do next; empty where there is nothing to do.
        seconds: How long it took; None where time says nothing.
        facts: The same for programs, as plain JSON values by name; without a secret.
    """

    check: str
    state: FindingState
    text: str
    advice: str = ""
    seconds: float | None = None
    facts: Mapping[str, Any] = attrs.field(factory=dict)
