"""What once made the workspace fail, thrown at it again; a new find is added to `past_failures.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ftrack_core.values import Request

FAILURES = json.loads(Path(__file__).with_name("past_failures.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("failure", FAILURES, ids=[each["what"] for each in FAILURES])
def test_what_once_failed_is_answered(ground: Any, failure: dict[str, Any]) -> None:
    """A body is a list of texts with how often each stands there, so that long ones stay short in the file."""
    body = "".join(text * times for text, times in failure["body"]).encode()
    headers = {**ground.credentials, **failure.get("headers", {})}
    ground.demand_sound(ground.workspace.exchange(Request(failure["method"], failure["url"], headers, body)))
    ground.demand_living()
