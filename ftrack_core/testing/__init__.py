"""The shipped test kit: contract suites, fakes, a server that misbehaves, and a proxy that cuts the line.

An author of a backend subclasses the suite of its seam:

    from ftrack_core.testing.suites import CacheContract

    class TestAcmeCache(CacheContract):
        capabilities = frozenset({IBatchCache})

        def make(self, folder, clock):
            return AcmeCache(folder)

This package needs no test framework; `suites` needs pytest, `strategies` needs hypothesis. Nothing at run time imports
any of it.
"""

from __future__ import annotations

from ftrack_core.testing._contract import assert_provides
from ftrack_core.testing._fakes import (
    FakeBackendContext,
    FakeClock,
    FakeIdentifiers,
    ManualWorker,
    RecordingTransport,
    record,
)
from ftrack_core.testing.proxies import Cut, CuttingProxy
from ftrack_core.testing.servers import LoopbackServer, ReceivedRequest

__all__ = [
    "Cut",
    "CuttingProxy",
    "FakeBackendContext",
    "FakeClock",
    "FakeIdentifiers",
    "LoopbackServer",
    "ManualWorker",
    "ReceivedRequest",
    "RecordingTransport",
    "assert_provides",
    "record",
]
