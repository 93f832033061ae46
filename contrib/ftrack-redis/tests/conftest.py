"""A redis-server of the tests' own: on a free loopback port, in a temporary folder, ended by its process."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

_CHOSEN = os.environ.get("FTRACK_REDIS_SERVER", "")
"""The program to run, as `valkey-server` or its path; else the first that is here."""

_SERVER = next(filter(None, map(shutil.which, [_CHOSEN] if _CHOSEN else ["redis-server", "valkey-server"])), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs a server where there is none, and say so; never in continuous integration."""
    if _SERVER is None and not os.environ.get("CI"):
        missing = pytest.mark.skip(reason="no redis-server is here (Debian: apt-get install redis-server)")
        for item in items:
            if "start_server" in getattr(item, "fixturenames", ()):
                item.add_marker(missing)


class Server:
    """A redis-server, from start to end."""

    def __init__(self, folder: Path, *settings: str) -> None:
        assert _SERVER is not None, "there is no redis-server; in continuous integration nothing is left out"
        self.folder = folder
        self.settings = settings
        self._take_port()
        try:
            self.start()
        except AssertionError:  # somebody else had taken the port by then
            self._take_port()
            self.start()

    def start(self) -> None:
        """Start it, on the port that it has, and return once it answers."""
        place = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder), "--save", ""]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([str(_SERVER), *place, *self.settings], stdout=log, stderr=log)
        for _ in range(200):
            if self._answers():
                return
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)
        raise AssertionError("redis-server did not answer within ten seconds")

    def client(self, **more: Any) -> redis.Redis:
        """A client that looks at what is in it."""
        return redis.Redis(port=self.port, protocol=2, **more)

    def freeze(self) -> None:
        """Have it stand still: connections stay, and nothing is answered."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on."""
        os.kill(self.process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it at once; what it held is gone."""
        self.process.kill()
        self.process.wait(10)

    def _take_port(self) -> None:
        self.port = _free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def _answers(self) -> bool:
        try:
            with self.client(socket_timeout=1.0) as client:
                return bool(client.config_get("dir")["dir"] == str(self.folder))  # and it is this one
        except redis.exceptions.RedisError:
            return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts servers, with settings as the command line has them; all are ended with the tests."""
    servers: list[Server] = []

    def start(*settings: str) -> Server:
        servers.append(Server(tmp_path_factory.mktemp("redis"), *settings))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.thaw()
            server.kill()


@pytest.fixture(scope="session")
def shared_server(start_server: Callable[..., Server]) -> Server:
    """A server for all tests that leave it as it is."""
    return start_server()


@pytest.fixture
def own_server(start_server: Callable[..., Server]) -> Iterator[Server]:
    """A server for a test that ends it, or has it stand still."""
    server = start_server()
    yield server
    if server.process.poll() is None:
        server.thaw()
        server.kill()
