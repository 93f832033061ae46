"""Who sees an action in which menu, and what that costs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_backends.workspace.fixture import WorkspaceFixture
from ftrack_core import Action, Session
from ftrack_core.actions import ActionContext
from ftrack_core.errors import ActionDefinitionError, NotUniqueError, UnrecognisedEntityTypeError
from ftrack_core.testing.actions import WebClient
from ftrack_core.values import Event


class Publish(Action):
    """The simplest one."""

    label = "Publish"
    identifier = "studio.publish"

    def launch(self, context: ActionContext) -> Any:
        """Do nothing."""


def labels(items: list[dict[str, Any]]) -> list[str]:
    """What the menu says."""
    return [" ".join(filter(None, (item["label"], item.get("variant")))) for item in items]


def test_an_action_without_filters_is_offered_everywhere(session: Session, client: WebClient) -> None:
    """An author who says nothing wants the action seen, not to look for why it is not."""
    with Publish().register(session):
        assert labels(client.discover()) == ["Publish"]
        [item] = client.discover(session.query("Task")[0])
    assert item["actionIdentifier"] == "studio.publish"


def test_a_discover_costs_no_call(session: Session, client: WebClient, calls: Callable[[], int]) -> None:
    """Every click of every artist is a discover: one query in each would be the busiest thing of a studio's server."""
    tasks = session.query("Task").all()
    with Publish().register(session):
        calls()
        assert client.discover(*tasks)
        assert calls() == 0


class OfShots(Publish):
    """For shots."""

    entity_types = ("Shot",)


def test_an_action_of_shots_is_not_offered_on_tasks_and_projects(session: Session, client: WebClient) -> None:
    """The web client says "task" of both, and a shot tool on a task would fail in the artist's face."""
    with OfShots().register(session):
        shots = session.query("Shot").all()
        assert labels(client.discover(*shots)) == ["Publish"]
        assert client.discover(session.query("Task")[0]) == []
        assert client.discover(session.query("Project")[0]) == []
        assert client.discover(shots[0], session.query("Task")[0]) == []


def test_what_kind_of_context_one_is_is_asked_once(
    session: Session, client: WebClient, calls: Callable[[], int]
) -> None:
    """The filter by exact type is the one that costs; it costs one call for what was never seen before."""
    shots = session.query("Shot").all()
    with OfShots().register(session):
        calls()
        client.discover(*shots)
        assert calls() == 1
        client.discover(*shots[:2])
        client.discover(shots[2])
        assert calls() == 0


def test_a_base_type_stands_for_all_of_its_types_and_costs_nothing(
    session: Session, client: WebClient, calls: Callable[[], int]
) -> None:
    """`TypedContext` is what the client says anyway."""

    class OfContexts(Publish):
        entity_types = ("TypedContext",)

    task, project = session.query("Task")[0], session.query("Project")[0]
    with OfContexts().register(session):
        calls()
        assert client.discover(task)
        assert not client.discover(project)
        assert calls() == 0


@pytest.mark.parametrize(
    ("selected", "offered"), [(1, [1]), ((1, None), [1, 2, 3]), ((2, 3), [2, 3]), (0, [0]), ((0, None), [0, 1, 2, 3])]
)
def test_the_number_of_selected_things_decides(
    session: Session, client: WebClient, selected: Any, offered: list[int]
) -> None:
    """Half of all actions are for one thing only."""
    action = Publish()
    action.selected = selected
    shots = session.query("Shot").all()
    with action.register(session):
        assert [count for count in range(4) if client.discover(*shots[:count])] == offered


def test_roles_and_groups_decide_and_are_asked_for_once_a_minute(
    workspace: WorkspaceFixture, session: Session, calls: Callable[[], int]
) -> None:
    """An action for administrators must not tempt everybody, and must not ask for the roles at each click."""
    admin = workspace.session("service", api_key="goes-with-any-name")
    ann, ben = (admin.query(f"User where username is {name}").one() for name in ("ann", "ben"))
    admin.create("Membership", {"user": ann, "group": admin.query("Group").one()})
    role = admin.query("SecurityRole")[0]
    admin.commit()
    admin.call([{"action": "add_user_security_role", "user_id": ben["id"], "role_id": role["id"]}])

    class ForTheGroup(Publish):
        groups = ("Pipeline", "Other")

    class ForTheRole(Publish):
        identifier = "studio.by-role"
        label = "By role"
        roles = (role["name"],)

    with ForTheGroup().register(session), ForTheRole().register(session):
        assert labels(WebClient(session, "ann").discover()) == ["Publish"]
        assert labels(WebClient(session, "ben").discover()) == ["By role"]
        assert labels(WebClient(session, "service").discover()) == []
        browser = WebClient(session, "ann")
        calls()
        browser.discover()
        assert calls() == 0


def test_users_decide(session: Session) -> None:
    """A new action is tried by two people before everybody has it."""

    class Tried(Publish):
        users = ("ben",)

    with Tried().register(session):
        assert [name for name in ("ann", "ben") if WebClient(session, name).discover()] == ["ben"]


def test_a_registration_for_one_user_hears_that_user_alone(session: Session) -> None:
    """An action that opens a program on ann's machine must not open it when ben chooses it."""
    with Publish().register(session, user="ben"):
        assert [name for name in ("ann", "ben") if WebClient(session, name).discover()] == ["ben"]
        assert WebClient(session, "ben").launch("studio.publish")["success"]
        with pytest.raises(AssertionError, match="0 actions answered"):
            WebClient(session, "ann").launch("studio.publish")


def test_one_action_may_have_several_entries_and_each_launch_knows_its_own(
    session: Session, client: WebClient
) -> None:
    """A launcher of applications is one action with an entry for each version."""

    class Launcher(Publish):
        def discover(self, context: ActionContext) -> Any:
            return [self.item(variant=version, version=version) for version in ("2025", "2026")]

        def launch(self, context: ActionContext) -> Any:
            return f"started {context.data['version']}"

    with Launcher().register(session):
        items = client.discover()
        assert labels(items) == ["Publish 2025", "Publish 2026"]
        assert client.launch(items[1]) == {"success": True, "message": "started 2026"}


def test_an_author_decides_by_what_costs_nothing_or_by_entities(session: Session, client: WebClient) -> None:
    """What a studio's rule is, no filter can know."""

    class Late(Publish):
        def discover(self, context: ActionContext) -> Any:
            return [entity["name"] for entity in context.entities] == ["sh010"]

    with Late().register(session):
        shots = session.query("Shot order by name").all()
        assert [shot["name"] for shot in shots if client.discover(shot)] == ["sh010"]


def test_a_discover_that_raises_leaves_the_other_actions_in_the_menu(
    session: Session, client: WebClient, caplog: pytest.LogCaptureFixture
) -> None:
    """One broken action must not empty everybody's menu."""

    class Broken(Publish):
        identifier = "studio.broken"

        def discover(self, context: ActionContext) -> Any:
            raise ZeroDivisionError("by me")

    with caplog.at_level(logging.ERROR), Broken().register(session), Publish().register(session):
        assert [item["actionIdentifier"] for item in client.discover()] == ["studio.publish"]
    assert "studio.broken" in caplog.text
    assert "by me" in caplog.text


@pytest.mark.parametrize("selection", ["x", [1], [{"entityType": "task"}], [{"entityType": "taask", "entityId": "1"}]])
def test_a_selection_that_cannot_be_read_offers_nothing(session: Session, client: WebClient, selection: Any) -> None:
    """Events are anybody's: a wrong one must not end the service."""
    with Publish().register(session):
        event = Event("ftrack.action.discover", data={"selection": selection})
        assert [one for one in session.event_hub.publish(event, synchronous=True) if one] == []
        assert client.discover()


def test_the_place_that_the_documentation_shows_for_the_selection_is_read_too(session: Session) -> None:
    """The list of events shows it within `context`, the page on actions without."""
    seen: list[Any] = []

    class Seeing(Publish):
        def discover(self, context: ActionContext) -> Any:
            seen.append([(item.entity_type, item.id, item.client_type) for item in context.selection])
            return True

    with Seeing().register(session):
        selection = [{"entityType": "show", "entityId": "1"}, {"entityType": "Review_Session", "entityId": "2"}]
        event = Event("ftrack.action.discover", data={"context": {"selection": selection}})
        session.event_hub.publish(event, synchronous=True)
    assert seen == [[("Project", "1", "show"), ("ReviewSession", "2", "Review_Session")]]


def test_an_unregistered_action_is_gone_and_may_come_back(session: Session, client: WebClient) -> None:
    """A service that reloads its actions must not leave the old ones behind."""
    registration = Publish().register(session)
    registration.unregister()
    assert client.discover() == []
    registration.unregister()
    with Publish().register(session):
        assert labels(client.discover()) == ["Publish"]


def test_two_actions_of_one_identifier_are_refused_in_one_session(
    workspace: WorkspaceFixture, session: Session
) -> None:
    """Both would run at each launch, and the artist would see one answer."""

    class Copied(Publish):
        label = "Copied"

    with Publish().register(session):
        with pytest.raises(NotUniqueError, match=r"<Copied studio\.publish> .* <Publish studio\.publish>"):
            Copied().register(session)
        with Copied().register(session, user="ann"), Copied().register(workspace.session("ben")):
            pass
    Copied().register(session).unregister()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"label": ""}, "label is missing"),
        ({"label": "", "identifier": ""}, "label is missing; identifier is missing"),
        ({"identifier": 'a"b'}, "quotes"),
        ({"identifier": "studio.*"}, "star"),
        ({"entity_types": "Shot"}, r"write \('Shot',\)"),
        ({"selected": (3, 1)}, r"selected is \(3, 1\)"),
        ({"selected": "one"}, "selected is 'one'"),
    ],
)
def test_an_action_that_says_too_little_is_refused_when_it_is_registered(
    session: Session, changes: dict[str, Any], told: str
) -> None:
    """Else it is a menu without the entry, and nobody knows why."""
    action = Publish()
    vars(action).update(changes)
    with pytest.raises(ActionDefinitionError, match=told):
        action.register(session)


def test_a_type_that_there_is_not_is_refused_with_the_nearest(session: Session) -> None:
    """A typing error in a filter would hide the action for ever."""
    action = Publish()
    action.entity_types = ("Shott",)
    with pytest.raises(UnrecognisedEntityTypeError, match="Shot"):
        action.register(session)
