"""The shipped authenticators keep their contract."""

from __future__ import annotations

from typing import Any

from ftrack_backends.authenticators import ApiKeyOptions, api_key
from ftrack_core.testing import FakeBackendContext
from ftrack_core.testing.suites import AuthenticatorContract

SECRET = "c0ffee-c0ffee"


class TestApiKeyAuthenticator(AuthenticatorContract):
    """The `api_key` authenticator."""

    def make(self) -> Any:
        """An authenticator for ann."""
        return api_key.create(ApiKeyOptions(user="ann", api_key=SECRET), FakeBackendContext())

    def secrets(self) -> list[str]:
        """Her key."""
        return [SECRET]
