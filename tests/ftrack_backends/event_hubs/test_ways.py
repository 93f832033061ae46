"""How the `socketio` hub gets to its server: address, proxy, certificates."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import websocket

from ftrack_backends.event_hubs import SocketIoOptions
from ftrack_backends.event_hubs._ways import way_to
from ftrack_core.errors import EventHubConnectionError

NO_ENVIRONMENT: dict[str, Any] = {"use_environment": False}


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of whoever runs this does not count."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("url", "http_root", "socket_root"),
    [
        ("https://acme.example/ftrack/api", "https://acme.example", "wss://acme.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "ws://127.0.0.1:8080"),
        ("https://user:secret@acme.example:444", "https://acme.example:444", "wss://acme.example:444"),
        ("http://[::1]:80/x?y", "http://[::1]:80", "ws://[::1]:80"),
    ],
)
def test_the_event_server_is_at_the_root_of_the_host(url: str, http_root: str, socket_root: str) -> None:
    """A server behind a path would never be found, or a password land in an address that is logged."""
    way = way_to(url, SocketIoOptions(**NO_ENVIRONMENT))
    assert (way.http_root, way.socket_root) == (http_root, socket_root)
    assert (way.context is None) == url.startswith("http://")


@pytest.mark.parametrize("url", ["embedded:", "acme.example", "ftp://acme.example", "https://"])
def test_another_kind_of_url_is_an_error_of_ours(url: str) -> None:
    """A puzzle from another library would come instead."""
    with pytest.raises(EventHubConnectionError, match="none"):
        way_to(url, SocketIoOptions())


def test_a_proxy_that_is_given_is_used_and_its_password_not_shown() -> None:
    """Studios behind a proxy would have no events."""
    options = SocketIoOptions(proxies={"https": "http://ann:s%40cret@proxy:3128"})
    way = way_to("https://acme.example", options)
    found = way.arguments()
    assert (found["http_proxy_host"], found["http_proxy_port"], found["proxy_type"]) == ("proxy", 3128, "http")
    assert found["http_proxy_auth"] == ("ann", "s@cret")
    assert "cret" not in f"{way!r} {options!r}"
    assert way_to("http://acme.example", options).arguments()["http_no_proxy"] == ["*"]


def test_the_environment_s_proxy_counts_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests would go through the proxy and events past it."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "other.example")
    assert way_to("https://acme.example", SocketIoOptions()).arguments()["http_proxy_host"] == "proxy"
    for url, options in (("https://other.example", {}), ("https://acme.example", NO_ENVIRONMENT)):
        assert way_to(url, SocketIoOptions(**options)).arguments()["http_no_proxy"] == ["*"]


def test_certificates_are_verified_unless_that_is_off(tmp_path: Path) -> None:
    """A man in the middle would read every event."""
    context = way_to("https://acme.example", SocketIoOptions()).context
    assert context is not None
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    off = way_to("https://acme.example", SocketIoOptions(verify=False)).context
    assert off is not None
    assert off.verify_mode == ssl.CERT_NONE
    with pytest.raises(EventHubConnectionError, match="ca_bundle"):
        way_to("https://acme.example", SocketIoOptions(ca_bundle=str(tmp_path / "absent.pem")))


@pytest.mark.parametrize(
    ("no_proxy", "options"), [("", NO_ENVIRONMENT), ("127.0.0.1", {}), ("", {"proxies": {"https": "http://proxy"}})]
)
def test_a_proxy_that_is_not_wanted_is_not_asked(
    stage: Any, monkeypatch: pytest.MonkeyPatch, no_proxy: str, options: dict[str, Any]
) -> None:
    """The library that opens WebSockets looks for a proxy by itself; a proxy knows no server of the farm."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", no_proxy)
    way = way_to(stage.url, SocketIoOptions(**options))
    with pytest.raises(websocket.WebSocketBadStatusException):  # so the server answered
        websocket.create_connection(f"{way.socket_root}/nowhere", timeout=20, **way.arguments())
