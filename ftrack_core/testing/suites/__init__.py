"""Contract suites: one class a seam, to be subclassed by the tests of each backend.

A subclass says how its backend is made, and which powers it has beyond the seam's contract (`capabilities`). Tests of
powers that it does not have are not collected; a power that it gains or loses without saying so is a failure. A test's
name carries the clause of the contract that it is about.
"""

from __future__ import annotations

import pytest

_SUITES = (
    "_authenticator",
    "_cache",
    "_event_hub",
    "_event_inbox",
    "_key_maker",
    "_schema_cache",
    "_suite",
    "_transport",
)
pytest.register_assert_rewrite(*(f"{__name__}.{suite}" for suite in _SUITES))

from ftrack_core.testing.suites._authenticator import AuthenticatorContract  # noqa: E402 - rewriting comes first
from ftrack_core.testing.suites._cache import CacheContract  # noqa: E402
from ftrack_core.testing.suites._event_hub import EventHubContract, RemoteEventHubContract  # noqa: E402
from ftrack_core.testing.suites._event_inbox import EventInboxContract  # noqa: E402
from ftrack_core.testing.suites._key_maker import KeyMakerContract  # noqa: E402
from ftrack_core.testing.suites._schema_cache import SchemaCacheContract  # noqa: E402
from ftrack_core.testing.suites._suite import ContractSuite, needs  # noqa: E402
from ftrack_core.testing.suites._transport import SPEAKS_HTTP, TransportContract  # noqa: E402

__all__ = [
    "SPEAKS_HTTP",
    "AuthenticatorContract",
    "CacheContract",
    "ContractSuite",
    "EventHubContract",
    "EventInboxContract",
    "KeyMakerContract",
    "RemoteEventHubContract",
    "SchemaCacheContract",
    "TransportContract",
    "needs",
]
