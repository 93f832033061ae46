"""Actions: entries of the web client's menus that run somebody's Python.

Subclass `Action`, say what it is called and what it does, and register it with a session:

    from ftrack_core import Action

    class Publish(Action):
        label = "Publish"
        identifier = "studio.publish"
        entity_types = ("AssetVersion",)

        def launch(self, context):
            return f"{len(context.entities)} published"

    Publish().register(session)
    session.event_hub.run()

What goes over the wire is ftrack's: the topics `ftrack.action.discover`, `ftrack.action.launch` and
`ftrack.action.trigger-user-interface`, as developer.ftrack.com tells of them under "Actions" and "Events list".
"""

from __future__ import annotations

from ftrack_core.actions._action import Action
from ftrack_core.actions._answers import Message, Widget
from ftrack_core.actions._context import ActionContext
from ftrack_core.actions._form import Form
from ftrack_core.actions._items import Boolean, Date, Enumerator, Hidden, Label, Number, Text, TextArea
from ftrack_core.actions._jobs import JobProgress
from ftrack_core.actions._registration import Registration
from ftrack_core.actions._selection import Selected, Selection
from ftrack_core.actions._telling import show_form, tell_user

__all__ = [
    "Action",
    "ActionContext",
    "Boolean",
    "Date",
    "Enumerator",
    "Form",
    "Hidden",
    "JobProgress",
    "Label",
    "Message",
    "Number",
    "Registration",
    "Selected",
    "Selection",
    "Text",
    "TextArea",
    "Widget",
    "show_form",
    "tell_user",
]
