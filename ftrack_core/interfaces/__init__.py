"""The contracts: one file a seam, and nothing but contracts."""

from __future__ import annotations

from ftrack_core.interfaces._authenticator import IAuthenticator
from ftrack_core.interfaces._backend_factory import IBackendContext, IBackendFactory, IDiagnosed, IMeasured
from ftrack_core.interfaces._cache import IBatchCache, ICache, IExpiringCache, IPersistentCache, ISharedCache
from ftrack_core.interfaces._command import ICommand
from ftrack_core.interfaces._entity_context import IEntityContext
from ftrack_core.interfaces._event_hub import IEventHub, IRemoteEventHub
from ftrack_core.interfaces._event_inbox import IBatchEventInbox, IEventInbox
from ftrack_core.interfaces._key_maker import IKeyMaker, IStableKeyMaker
from ftrack_core.interfaces._observer import IObserver
from ftrack_core.interfaces._runtime import IClock, IIdentifierFactory, IWorker
from ftrack_core.interfaces._schema_cache import IClearableSchemaCache, ISchemaCache
from ftrack_core.interfaces._transport import IStreamedResponse, IStreamingTransport, ITransport

__all__ = [
    "IAuthenticator",
    "IBackendContext",
    "IBackendFactory",
    "IBatchCache",
    "IBatchEventInbox",
    "ICache",
    "IClearableSchemaCache",
    "IClock",
    "ICommand",
    "IDiagnosed",
    "IEntityContext",
    "IEventHub",
    "IEventInbox",
    "IExpiringCache",
    "IIdentifierFactory",
    "IKeyMaker",
    "IMeasured",
    "IObserver",
    "IPersistentCache",
    "IRemoteEventHub",
    "ISchemaCache",
    "ISharedCache",
    "IStableKeyMaker",
    "IStreamedResponse",
    "IStreamingTransport",
    "ITransport",
    "IWorker",
]
