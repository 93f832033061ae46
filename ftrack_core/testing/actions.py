"""A web client for tests of actions: it fills its menus, launches an entry, and submits the form that comes.

    def test_publish(ftrack_workspace):
        with ftrack_workspace.session() as session, Publish().register(session):
            client = WebClient(session)
            [item] = client.discover(session.query("AssetVersion").first())
            form = client.launch(item)
            assert client.submit(form, comment="final")["success"]

Without more it speaks to the actions of the session that it is given, in the same thread, so that no event server is
needed. With `remote=True` it speaks through the session's connected event hub to whoever answers there, as a browser.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from ftrack_core.entity import Entity
from ftrack_core.query import quote
from ftrack_core.session import Session
from ftrack_core.values import Event

__all__ = ["WebClient"]

_APPLICATION: Final = "ftrack.client.web"
_NO_VALUE: Final = ("label",)


@attrs.define(eq=False)
class WebClient:
    """What ftrack's web client does about actions, in the name of a user.

    Attributes:
        session: By whose event hub it speaks.
        username: Whose browser it is; empty for the session's user.
        remote: Whether actions are asked for through the connected event hub, and not of this session alone.
        patience_seconds: How long answers are waited for that come through the hub.
    """

    session: Session
    username: str = ""
    remote: bool = False
    patience_seconds: float = 10.0
    shown: list[Mapping[str, Any]] = attrs.field(factory=list, init=False)
    """What actions had it show unasked: the data of each event, oldest first; `watch` begins with it."""
    user_id: str = attrs.field(default="", init=False)
    _launched: dict[str, Any] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self.username = self.username or self.session.api_user
        found = self.session.query(f"User where username is {quote(self.username)}").one()
        self.user_id = found["id"]

    def discover(self, *selected: Entity | Mapping[str, str]) -> list[dict[str, Any]]:
        """Open the menu of a selection, and give its entries.

        Args:
            selected: Entities; or what a client says of one, as `{"entityType": "task", "entityId": "..."}`.
        """
        data = {"selection": self.selection(selected)}
        answers = self._answers("ftrack.action.discover", data, every=True)
        return [{**entry, **data} for answer in answers for entry in _entries(answer)]

    def launch(
        self, item: Mapping[str, Any] | str, *selected: Entity | Mapping[str, str], values: Any = None
    ) -> dict[str, Any]:
        """Choose an entry of the menu, and give the action's answer.

        Args:
            item: An entry that `discover` gave, which knows what was selected; or an action's identifier.
            selected: What is selected, for an identifier.
            values: What a form was filled in with.
        """
        given = {"actionIdentifier": item} if isinstance(item, str) else dict(item)
        data = {**given, **({"selection": self.selection(selected)} if selected or isinstance(item, str) else {})}
        self._launched = dict(data)
        if values is not None:
            data["values"] = values
        answers = self._answers("ftrack.action.launch", data)
        assert len(answers) == 1, f"{len(answers)} actions answered to the launch of {given['actionIdentifier']!r}"
        answer: dict[str, Any] = answers[0]
        return answer

    def submit(self, form: Mapping[str, Any], **values: Any) -> dict[str, Any]:
        """Fill in the form that a launch answered with, press its button, and give the answer.

        Args:
            form: The answer. What is not filled in keeps what it holds at first.
            values: Values by name of item.
        """
        items = {item["name"]: item for item in form["items"] if item["type"] not in _NO_VALUE}
        unknown = values.keys() - items.keys()
        assert not unknown, f"the form has no {sorted(unknown)}; it has {sorted(items)}"
        filled = {name: values.get(name, item.get("value")) for name, item in items.items()}
        launched = {key: value for key, value in self._launched.items() if key != "values"}
        return self.launch(launched, values=filled)

    def watch(self) -> None:
        """Gather in `shown` what actions have this user's client show unasked; the hub has to be connected."""
        self.session.event_hub.subscribe(
            "topic=ftrack.action.trigger-user-interface",
            lambda event: self.shown.append(event["data"]),
            subscriber={"applicationId": _APPLICATION, "user": {"id": self.user_id}},
        )

    def until(self, done: Callable[[], object]) -> None:
        """Let the hub handle events until something is so."""
        deadline = time.monotonic() + self.patience_seconds
        while not done():
            assert time.monotonic() < deadline, f"it did not become so within {self.patience_seconds:g} s"
            self.session.event_hub.wait(0.02)

    def selection(self, selected: Sequence[Entity | Mapping[str, str]]) -> list[dict[str, str]]:
        """What a client says of what is selected."""
        return [self._said(one) if isinstance(one, Entity) else dict(one) for one in selected]

    def _said(self, entity: Entity) -> dict[str, str]:
        return {"entityType": self._client_type(entity.entity_type), "entityId": entity["id"]}

    def _client_type(self, name: str) -> str:
        schema = next(one for one in self.session.schemas if one["id"] == name)
        alias = schema.get("alias_for") or name
        return str(alias["id"] if isinstance(alias, Mapping) else alias).lower()

    def _answers(self, topic: str, data: Mapping[str, Any], every: bool = False) -> list[Any]:
        source = {"applicationId": _APPLICATION, "user": {"id": self.user_id, "username": self.username}}
        event, hub = (
            Event(topic, data=data, source={"id": self.session.event_hub.id, **source}),
            self.session.event_hub,
        )
        if not self.remote:
            return [answer for answer in hub.publish(event, synchronous=True) if answer is not None]
        if every:
            return list(self._replies(event))
        return [hub.request(event, self.patience_seconds).data]

    def _replies(self, event: Event) -> Iterator[Any]:
        """Every answer that comes until none has come for a while: nobody knows how many there will be."""
        replies: list[Any] = []
        self.session.event_hub.publish(event, on_reply=lambda reply: replies.append(reply["data"]))
        self.until(lambda: replies)
        count = 0
        while count < len(replies):
            count = len(replies)
            self.session.event_hub.wait(0.3)
        yield from replies


def _entries(answer: Any) -> list[dict[str, Any]]:
    entries = answer.get("items", []) if isinstance(answer, Mapping) else answer
    return list(entries or [])
