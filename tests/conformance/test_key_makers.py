"""The shipped key makers keep their contract."""

from __future__ import annotations

from typing import Any

from ftrack_backends._factories import NoOptions
from ftrack_backends.key_makers import msgpack, object_keys, string
from ftrack_core.interfaces import IStableKeyMaker
from ftrack_core.testing import FakeBackendContext
from ftrack_core.testing.suites import KeyMakerContract


class TestStringKeyMaker(KeyMakerContract):
    """The `string` key maker."""

    capabilities = frozenset({IStableKeyMaker})

    def make(self) -> Any:
        """A key maker."""
        return string.create(NoOptions(), FakeBackendContext())


class TestObjectKeyMaker(KeyMakerContract):
    """The `object` key maker."""

    capabilities = frozenset({IStableKeyMaker})

    def make(self) -> Any:
        """A key maker."""
        return object_keys.create(NoOptions(), FakeBackendContext())


class TestMsgpackKeyMaker(KeyMakerContract):
    """The `msgpack` key maker."""

    capabilities = frozenset({IStableKeyMaker})

    def make(self) -> Any:
        """A key maker."""
        return msgpack.create(NoOptions(), FakeBackendContext())
