"""What the manual says of seeds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ftrack_backends.workspace import Workspace

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "seeds.md"


def test_the_examples_of_the_manual_are_one_seed(tmp_path: Path, client_of: Any) -> None:
    """What somebody copies from the manual must be planted."""
    blocks = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    path = tmp_path / "studio.toml"
    path.write_text("\n".join(blocks), encoding="utf-8")

    with Workspace.open(seed=path) as workspace:
        first = workspace.users[0]
        client = client_of(workspace, first.username, first.api_key)
        assert len(client.query("Task")) == 1 + 4 * 24 * 2
        assert client.one("select mood from StoryBeat")["mood"] == "grim"
        assert len(workspace.users) == 3
