"""The shipped authenticators keep their contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_backends.authenticators import ApiKeyOptions, api_key
from ftrack_backends.workspace import factories
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


class TestEmbeddedAuthenticator(AuthenticatorContract):
    """The `embedded` authenticator, in the name of a workspace's first user."""

    @pytest.fixture(autouse=True)
    def _workspace(self) -> Iterator[None]:
        """One private workspace for a test, closed with it."""
        self.context = FakeBackendContext(server_url="embedded:")
        yield
        self.context.close()

    def make(self) -> Any:
        """An authenticator for the user of the workspace."""
        return factories.authenticator.create(factories.authenticator.options(), self.context)

    def secrets(self) -> list[str]:
        """The key that the workspace made."""
        return [self.make().api_key]
