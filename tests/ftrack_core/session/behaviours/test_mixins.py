"""Classes of studios and of packages, mixed into entity types."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.assembly import Deferred
from ftrack_core.interfaces import IEventHub
from ftrack_core.plugins import Found, Registry
from ftrack_core.schema import Schemas
from ftrack_core.session import behaviours
from ftrack_core.session.entities._bases import Bases

CONSTRUCT = "topic=ftrack.api.session.construct-entity-type"
HERE = __name__


class OfShots:
    """Of shots only."""

    def where(self) -> str:
        """What it is mixed into."""
        return "shot"


class OfContexts:
    """Of everything with a parent."""

    def where(self) -> str:
        """What it is mixed into."""
        return "context"

    def also(self) -> str:
        """What nobody overrides."""
        return "context"


class StudioUser(behaviours.User):
    """A studio's own users, who are greeted when they are invited."""

    def send_invite(self) -> None:
        """Greet, then invite."""
        self.session.greeted = self["id"]
        super().send_invite()


def _module() -> Any:
    return SimpleNamespace(OfShots=OfShots, OfContexts=OfContexts, number=7)


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The classes above, under the name that entry points give."""
    monkeypatch.setitem(sys.modules, "studio_mixins", _module())


def _bases(session: Session, *points: tuple[str, str]) -> Bases:
    found = tuple(Found(name, f"studio_mixins:{target}") for name, target in points)
    hub: IEventHub = session.event_hub
    return Bases(Deferred.standing(hub), Schemas(session.schemas), Registry(scan=lambda _group: found))


def test_an_entry_point_is_mixed_into_its_type_and_those_of_it(session: Session) -> None:
    """A package can give all contexts something, and shots something better."""
    bases = _bases(session, ("TypedContext", "OfContexts"), ("Shot", "OfShots"), ("Nonsense", "OfShots"))
    assert bases("Shot") == (OfShots, OfContexts, behaviours.CreateNoteMixin)
    assert bases("Task") == (OfContexts, behaviours.CreateNoteMixin)
    assert bases("Project") == (behaviours.CreateNoteMixin,)
    assert bases("Status") == ()


def test_several_packages_may_extend_one_type(session: Session) -> None:
    """Two of them are no clash, unlike two backends of one name."""
    assert _bases(session, ("Status", "OfShots"), ("Status", "OfContexts"))("Status") == (OfShots, OfContexts)


@pytest.mark.parametrize(("target", "told"), [("absent", "absent"), ("number", "no class")])
def test_a_broken_package_keeps_nobody_from_work(
    session: Session, caplog: pytest.LogCaptureFixture, target: str, told: str
) -> None:
    """It is told of, with where it comes from, and the type is built without it."""
    with caplog.at_level(logging.ERROR):
        assert _bases(session, ("Status", target), ("Status", "OfShots"))("Status") == (OfShots,)
    assert told in caplog.text
    assert "studio_mixins" in caplog.text


def test_a_studios_class_wins_over_ours(session: Session, wire: Any) -> None:
    """It can extend what our users do, as `super()` reaches it."""
    session.event_hub.subscribe(
        CONSTRUCT, lambda event: StudioUser if event["data"]["schema"]["id"] == "User" else None
    )
    user: Any = session.query("User").first()
    wire.before = lambda _batch: _response(b'[{"action": "send_user_invite", "sent": true}]')
    user.send_invite()
    assert getattr(session, "greeted") == user["id"]  # noqa: B009 - no attribute that a type checker knows
    assert wire.batches[-1][0]["user_id"] == user["id"]


def _response(body: bytes) -> Any:
    from ftrack_core.values import Response

    return Response(200, {}, body)


def test_classes_that_cannot_be_combined_are_told(session: Session) -> None:
    """With their names, and as an error of ours."""

    class Narrow(int):
        """No plain class: an integer has a layout of its own."""

    session.event_hub.subscribe(CONSTRUCT, lambda _event: Narrow)
    with pytest.raises(errors.EntityTypeError, match="Narrow"):
        session.query("Status").first()


def test_a_check_of_new_entities_can_be_mixed_in(session: Session) -> None:
    """A studio's naming rule is refused before anything is recorded."""

    class Named:
        """Wants four letters."""

        @classmethod
        def check_creation(cls, values: Mapping[str, Any]) -> None:
            """Refuse other names."""
            if len(values.get("name", "")) != 4:
                raise errors.InvalidValueError("Names have four letters here.")

    session.event_hub.subscribe(CONSTRUCT, lambda event: Named if event["data"]["schema"]["id"] == "Shot" else None)
    with pytest.raises(ValueError, match="four letters"):
        session.create("Shot", {"name": "sh1"})
    assert len(session.recorded_operations) == 0
    assert session.create("Shot", {"name": "sh10"})["name"] == "sh10"


_PROGRAM = """
from ftrack_core import Session
with Session(server_url="embedded:", config={"transport": {"seed": "demo"}}) as session:
    import sys
    assert "acme_mixins" not in sys.modules, "imported before it was needed"
    print(session.query("Shot").first().slate(), hasattr(session.query("Project").first(), "slate"))
"""


def test_an_installed_package_adds_behaviour(tmp_path: Path) -> None:
    """From its metadata alone, in a program that knows nothing of it."""
    info = tmp_path / "acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text("[ftrack.entity_mixin]\nShot = acme_mixins:Slate\n", "utf-8")
    code = "class Slate:\n    def slate(self):\n        return self.entity_type.upper()\n"
    (tmp_path / "acme_mixins.py").write_text(code, "utf-8")
    root = str(Path(__file__).parents[4])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FTRACK_")}
    environment = {**kept, "PYTHONPATH": os.pathsep.join([str(tmp_path), root]), "XDG_CACHE_HOME": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert (ran.returncode, ran.stdout) == (0, "SHOT False\n"), ran.stderr
