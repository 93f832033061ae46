"""Reviews: versions shown to people outside, and what they say; and conversations among users."""

from __future__ import annotations

from ftrack_backends.workspace.model._declarations import EntityType
from ftrack_backends.workspace.model._relations import Collection, ForeignKey, Reference
from ftrack_backends.workspace.model._scalars import Key, Moment, Number, Structure, Text, Truth
from ftrack_backends.workspace.model._traits import HAS_NOTES, created, identifier

__all__ = ["REVIEWS"]

REVIEW_SESSION = EntityType(
    "ReviewSession",
    "Versions shown to invited people, mostly the client, who approve them or ask for changes.",
    (
        Text("name", required=True, default="New review session"),
        Text("description", required=True, default=""),
        Moment("start_date", required=True, alias="start"),
        Moment("end_date", required=True, alias="end"),
        Key("project_id", "Project", required=True, target_key="project_id", owner=True),
        identifier(),
        Text("availability"),
        Truth("is_moderated"),
        Text("passphrase"),
        Truth("passphrase_enabled"),
        Truth("shareable_url_enabled"),
        Key("thumbnail_id", "Component", alias="thumbid", computed=True, immutable=True),
        Structure("thumbnail_url", computed=True, immutable=True),
        Truth("is_open", computed=True, immutable=True),
        Reference("project", "Project"),
        Reference("thumbnail", "Component", derived=True),
        Collection(
            "review_session_invitees",
            "ReviewSessionInvitee",
            ForeignKey("review_session_id"),
            alias="reviewSessionInvitees",
        ),
        Collection(
            "review_session_objects",
            "ReviewSessionObject",
            ForeignKey("review_session_id"),
            alias="reviewSessionObjects",
        ),
        Collection("settings", "EntitySetting", ForeignKey("parent_id", "parent_type"), alias="settingOverrides"),
    ),
    traits=(created(required=True),),
)

REVIEW_SESSION_INVITEE = EntityType(
    "ReviewSessionInvitee",
    "Somebody invited to a review; no user of the workspace, only a name and an e-mail address.",
    (
        Text("email", required=True),
        Text("name", required=True),
        Key("review_session_id", "ReviewSession", required=True, owner=True),
        identifier(),
        Truth("created_from_shared_url", immutable=True),
        Moment("last_sent_at"),
        Reference("review_session", "ReviewSession", alias="reviewSession"),
        Collection("statuses", "ReviewSessionObjectStatus", ForeignKey("review_session_invitee_id")),
    ),
    traits=(created(required=True),),
    system=("review_session_id",),
)

REVIEW_SESSION_OBJECT = EntityType(
    "ReviewSessionObject",
    "A version in a review, with the name it shows there.",
    (
        Text("name", required=True, default=""),
        Text("description", required=True, default=""),
        Text("version", required=True, default=""),
        Key("version_id", "AssetVersion", required=True, owner=True),
        Key("review_session_id", "ReviewSession", required=True, owner=True),
        identifier(),
        Moment("created_at", required=True),
        Number("sort_order", required=True),
        Reference("asset_version", "AssetVersion", over="version_id", alias="assetVersion"),
        Reference("review_session", "ReviewSession", alias="reviewSession"),
        Collection("statuses", "ReviewSessionObjectStatus", ForeignKey("review_session_object_id")),
    ),
    traits=(HAS_NOTES,),
    system=("review_session_id",),
)

REVIEW_SESSION_OBJECT_STATUS = EntityType(
    "ReviewSessionObjectStatus",
    "What an invitee says of a version in a review: approved, or changes required.",
    (
        identifier(),
        Moment("created_at", required=True),
        Text("status"),
        Key("review_session_invitee_id", "ReviewSessionInvitee", owner=True),
        Key("review_session_object_id", "ReviewSessionObject", owner=True),
        Reference("invitee", "ReviewSessionInvitee", over="review_session_invitee_id"),
        Reference("review_session_object", "ReviewSessionObject", alias="reviewSessionObject"),
    ),
    system=("review_session_object_id",),
)

CONVERSATION = EntityType(
    "Conversation",
    "Messages among some users.",
    (
        identifier(),
        Collection("messages", "Message", ForeignKey("conversation_id")),
        Collection("participants", "Participant", ForeignKey("conversation_id")),
    ),
    traits=(created(required=True),),
)

MESSAGE = EntityType(
    "Message",
    "One message of a conversation.",
    (
        identifier(),
        Key("conversation_id", "Conversation", required=True, owner=True),
        Text("text"),
        Reference("conversation", "Conversation"),
    ),
    traits=(created(required=True),),
    listing={"required": ("id", "conversation_id", "created_at", "created_by_id")},
)

PARTICIPANT = EntityType(
    "Participant",
    "Somebody takes part in a conversation.",
    (
        identifier(),
        Key("conversation_id", "Conversation", required=True, owner=True),
        Key("resource_id", "Resource", required=True, owner=True),
        Moment("last_visit"),
        Reference("conversation", "Conversation"),
        Reference("resource", "Resource"),
    ),
)

REVIEWS = (
    REVIEW_SESSION,
    REVIEW_SESSION_INVITEE,
    REVIEW_SESSION_OBJECT,
    REVIEW_SESSION_OBJECT_STATUS,
    CONVERSATION,
    MESSAGE,
    PARTICIPANT,
)
