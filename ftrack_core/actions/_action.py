"""What one subclasses to write an action."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ftrack_core.errors import ActionDefinitionError

if TYPE_CHECKING:
    from ftrack_core.actions._context import ActionContext
    from ftrack_core.actions._form import Form
    from ftrack_core.actions._registration import Registration
    from ftrack_core.session import Session

__all__ = ["Action"]

_IDENTIFIER = re.compile(r"[^\s\"'*\\][^\"'*\\\x00-\x1f]*")
_COLLECTIONS = ("entity_types", "roles", "groups", "users")


class Action:
    """An action: an entry of the web client's menus. Subclass it, say what it is, and write `launch`.

    The class says what is the same for every launch; an instance may say more, in a constructor of its own. Each
    discover and launch brings an `ActionContext` of its own, so one instance serves many threads.

    Attributes:
        label: What the menu says. Actions of one label and different variants stand together.
        identifier: What a launch is for; unique in the studio, as `studio.publish`.
        variant: What the menu says below the label.
        description: What the menu explains.
        icon: URL of a picture, or one of the client's names.
        entity_types: For which types it is, as the API calls them; a base type stands for all of its types. Empty for
            all. The client calls shots and tasks alike: which kind one is, is asked for once for each.
        selected: How many things have to be selected: least and most, or one number; (1, None) for any that is
            something, (0, None) for anything.
        roles: Names of security roles, of which the user needs one; empty for all. Asked for once a minute and user.
        groups: Names of groups, of which the user needs one; empty for all. Asked for once a minute and user.
        users: Names of users whom it is for; empty for all.
        priority: Among the subscribers of its hub; the lower, the earlier.
        in_background: Whether `launch` runs in a thread of its own: the user is told at once that it began, sees a
            job, and is told the end. The web client gives up on what takes longer than some seconds.
        run_as_user: Whether the session of `interface` and `launch` is one in the user's name, which needs a global
            API key.
        form: A form that is shown before `launch`, where it is always the same; else override `interface`.
    """

    label: str = ""
    identifier: str = ""
    variant: str = ""
    description: str = ""
    icon: str = ""
    entity_types: Collection[str] = ()
    selected: int | tuple[int, int | None] = (0, None)
    roles: Collection[str] = ()
    groups: Collection[str] = ()
    users: Collection[str] = ()
    priority: int = 100
    in_background: bool = False
    run_as_user: bool = False
    form: Form | None = None

    def discover(self, context: ActionContext) -> bool | Iterable[Mapping[str, Any]]:  # noqa: ARG002 - for authors
        """Whether the menu offers it; called after the filters above let it through. Keep it quick.

        Args:
            context: The moment; `context.selection` costs nothing, `context.entities` is a call.

        Returns:
            Whether it is offered; or the menu's entries, each made by `item`, where there are several.
        """
        return True

    def interface(self, context: ActionContext) -> Form | Iterable[Any] | Mapping[str, Any] | None:
        """The form that is shown next, or None to go on with `launch`.

        It is asked at every launch: first without values, then with those that came back with the form, so that one
        form may follow another.

        Args:
            context: The moment; `context.values` has what was filled in.
        """
        return None if context.submitted else self.form

    def launch(self, context: ActionContext) -> Any:  # noqa: ARG002 - for authors
        """Do it. What is recorded and not committed is committed in the end, or forgotten if it fails.

        Args:
            context: The moment.

        Returns:
            None or True for a success, False for a failure, a text for the user, a `Message`, `Form` or `Widget`, or a
            mapping as the web client takes it.

        Raises:
            ActionError: To tell the user why it cannot be; any other exception is told too, and logged.
        """
        raise ActionDefinitionError(f"The action {self.label!r} does not say what it does: override launch(context).")

    def item(self, **changes: Any) -> dict[str, Any]:
        """An entry of the menu. A launch of it carries everything that it carries.

        Args:
            changes: What is different from the action's own, as `variant="2026"`, and what more it carries.
        """
        own = {"label": self.label, "variant": self.variant, "description": self.description, "icon": self.icon}
        shown = {name: text for name, text in own.items() if text}
        return {**shown, "actionIdentifier": self.identifier, **changes}

    def register(
        self,
        session: Session,
        user: str | None = None,
        listener: Any = None,
        threads: int = 2,
        waiting: int = 100,
    ) -> Registration:
        """Offer the action on a session's event hub, to whoever handles its events: `session.event_hub.run()`.

        Args:
            session: The session.
            user: Name of the user whose menus have it, for actions that run on an artist's own machine; None for all.
            listener: A listener through whose inbox launches come, so that none is lost; menus are filled without it.
            threads: How many background launches run at once.
            waiting: How many may wait; what is beyond is refused, and the user told.

        Returns:
            The registration: `unregister()` takes it back, a `with` block does so in the end.

        Raises:
            ActionDefinitionError: Something of it is missing or wrong.
            NotUniqueError: The session offers an action of this identifier already, to the same user.
        """
        from ftrack_core.actions._registration import Registration

        self.check()
        return Registration.made(self, session, user, listener, threads, waiting)

    def check(self) -> None:
        """Refuse an action that says too little, or what cannot be.

        Raises:
            ActionDefinitionError: It does; the message has everything that is wrong.
        """
        faults = [f"{name} is missing" for name in ("label", "identifier") if not getattr(self, name)]
        if self.identifier and not (isinstance(self.identifier, str) and _IDENTIFIER.fullmatch(self.identifier)):
            faults.append(f"the identifier {self.identifier!r} has quotes, a star, a backslash or a line break in it")
        faults += [
            f"{name} is the text {getattr(self, name)!r}, and was to be several: write ({getattr(self, name)!r},)"
            for name in _COLLECTIONS
            if isinstance(getattr(self, name), str)
        ]
        faults += self._faults_of_number()
        if faults:
            raise ActionDefinitionError(
                f"The action {type(self).__qualname__} cannot be registered: {'; '.join(faults)}."
            )

    def span(self) -> tuple[int, int | None]:
        """How many things have to be selected: least and most, None for any number."""
        return self.selected if isinstance(self.selected, tuple) else (self.selected, self.selected)

    def _faults_of_number(self) -> list[str]:
        try:
            least, most = self.span()
            if least >= 0 and (most is None or most >= least):
                return []
        except (TypeError, ValueError):
            pass
        return [f"selected is {self.selected!r}, and was to be a number, or the least and the most, as (1, None)"]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.identifier or 'without an identifier'}>"
