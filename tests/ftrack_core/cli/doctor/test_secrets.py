"""Nothing that the doctor prints holds a secret, wherever it came from."""

from __future__ import annotations

import argparse
import base64
import http.server
import json
import os
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from zope.interface import implementer

from ftrack_backends.authenticators import api_key
from ftrack_core.cli.doctor import DoctorCommand
from ftrack_core.cli.doctor._mask import Mask
from ftrack_core.errors import AuthenticationError
from ftrack_core.interfaces import IAuthenticator
from ftrack_core.plugins import Registry
from ftrack_core.testing.servers import LoopbackServer

CANARY = "c4n4ry/+ü-of-ann"
FORMS = (CANARY, quote(CANARY), quote(CANARY, safe=""), base64.b64encode(CANARY.encode()).decode())


@implementer(IAuthenticator)
class Loose:
    """An authenticator of somebody else's, which quotes what it was given."""

    user = "ann"

    def __init__(self, pass_phrase: str) -> None:
        self._given = pass_phrase

    def flow(self, request: Any) -> Any:
        """Fail, with the secret in the error."""
        raise AuthenticationError(f"the vault refused {self._given!r}")
        yield request

    def url_parameters(self) -> dict[str, str]:
        """None."""
        return {}


def make_loose(pass_phrase: str) -> Loose:
    """What the config names."""
    raise ValueError(f"no vault takes {pass_phrase}")


PLACES = {
    "key": f'api_key = "{CANARY}"',
    "cookies": f'cookies = {{ session = "{CANARY}" }}',
    "headers": f'headers = {{ X-Gate = "{CANARY}" }}',
    "cookies of the transport": f'transport = {{ backend = "requests", cookies = {{ a = "{CANARY}" }} }}',
    "proxy": (
        'transport = { backend = "requests", connect_seconds = 1, '
        f'proxies = {{ http = "http://ann:{quote(CANARY, safe="")}@127.0.0.1:9" }} }}'
    ),
    "address": f'server_url = "http://ann:{quote(CANARY, safe="")}@127.0.0.1:9"',
    "authenticator": f'authenticator = {{ backend = "api_key", api_key = "{CANARY}" }}',
    "somebody's authenticator": f'authenticator = {{ backend = "{__name__}:Loose", pass_phrase = "{CANARY}" }}',
    "one that breaks": f'authenticator = {{ backend = "{__name__}:make_loose", pass_phrase = "{CANARY}" }}',
    "an unknown option": f'authenticator = {{ backend = "api_key", pasword = "{CANARY}" }}',
    "a value of a wrong kind": f'authenticator = {{ backend = "api_key", api_key = ["{CANARY}"] }}',
    "plug-in arguments": f'plugin_arguments = {{ secret = "{CANARY}" }}',
    "hub": f'event_hub = {{ backend = "socketio", headers = {{ a = "{CANARY}" }}, cookies = {{ b = "{CANARY}" }} }}',
    "cache": f'cache = {{ backend = "redis", url = "redis://u:{quote(CANARY, safe="")}@h/0", password = "{CANARY}" }}',
}


def document(server_url: str, place: str) -> str:
    """A config with the canary in one place."""
    lines = {
        "server_url": f'server_url = "{server_url}"',
        "api_key": 'api_key = "a-key"',
        "api_user": 'api_user = "ann"',
    }
    told = PLACES[place]
    lines[told.partition(" ")[0]] = told
    return "[profiles.default]\n" + "\n".join(lines.values()) + "\n"


def diagnosed(*typed: str, environment: dict[str, str]) -> None:
    """Have the doctor look."""
    command = DoctorCommand(Registry(), environment)
    parser = argparse.ArgumentParser()
    command.configure(parser)
    command.run(parser.parse_args([*typed, "--timeout", "2"]))


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
@pytest.mark.parametrize("place", PLACES)
def test_a_canary_in_the_config_is_never_printed(
    place: str, as_json: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """What the doctor prints is pasted into tickets and chats."""
    with LoopbackServer() as server:
        config = tmp_path / "studio.toml"
        config.write_text(document(server.url, place), encoding="utf-8")
        environment = {"HOME": str(tmp_path), "FTRACK_CONFIG": str(config), "PATH": os.environ.get("PATH", "")}
        diagnosed(*["--json"] * as_json, environment=environment)
    printed = capsys.readouterr()
    everything = (
        printed.out + printed.err + (json.dumps(json.loads(printed.out), ensure_ascii=False) if as_json else "")
    )
    assert [form for form in FORMS if form in everything] == []
    assert "settings" in printed.out


@pytest.mark.parametrize("variable", ["FTRACK_API_KEY", "FTRACK_APIKEY", "HTTPS_PROXY", "HTTP_PROXY", "VAULT_TOKEN"])
def test_a_canary_in_the_environment_is_never_printed(
    variable: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most keys come that way, and proxies with a password do."""
    value = f"http://ann:{quote(CANARY, safe='')}@127.0.0.1:9" if "PROXY" in variable else CANARY
    environment = {"HOME": str(tmp_path), "FTRACK_SERVER": "http://127.0.0.1:9", "FTRACK_API_USER": "ann"}
    environment |= {"FTRACK_API_KEY": "a-key-of-ann", variable: value}
    monkeypatch.setenv(variable, value)  # libraries read the process's own
    diagnosed(environment=environment)
    printed = capsys.readouterr()
    assert [form for form in FORMS if form in printed.out + printed.err] == []


class Echo(http.server.BaseHTTPRequestHandler):
    """A server that sends back what it was sent, as some error pages do."""

    def do_POST(self) -> None:
        """Quote the key."""
        self.rfile.read(int(self.headers["content-length"]))
        body = f"<html>{self.headers['ftrack-api-key']} {self.headers['cookie']}</html>".encode("latin-1")
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


def test_a_server_that_quotes_the_key_is_quoted_without_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Half an error page stands in our message, and the page shows the request."""
    config = tmp_path / "studio.toml"
    with http.server.HTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        config.write_text(
            f'[profiles.default]\nserver_url = "http://127.0.0.1:{server.server_address[1]}"\napi_user = "ann"\n'
            'api_key = "c4n4ry-key-of-ann"\ncookies = { gate = "c4n4ry-of-the-gate" }\n'
        )
        diagnosed(environment={"HOME": str(tmp_path), "FTRACK_CONFIG": str(config)})
        server.shutdown()
    printed = capsys.readouterr().out
    assert "<html>*** gate=***</html>" in printed
    assert "c4n4ry" not in printed


def test_a_secret_that_is_too_short_to_be_looked_for_is_not_shown_either(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key of a test server is `k3y`, and the next one is not."""
    config = tmp_path / "studio.toml"
    config.write_text(
        '[profiles.default]\nserver_url = "embedded:"\napi_user = "ann"\napi_key = "q7Z"\ncookies = { a = "q8Z" }\n'
        'authenticator = { backend = "api_key", api_key = "q9Z" }\nplugin_arguments = { a = "q6Z" }\n'
    )
    diagnosed(environment={"HOME": str(tmp_path), "FTRACK_CONFIG": str(config)})
    printed = capsys.readouterr().out
    assert [each for each in ("q6Z", "q7Z", "q8Z", "q9Z") if each in printed] == []
    assert "authenticator" in printed


def test_a_proxy_is_told_without_its_password(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """That requests go through a proxy is half of all network diagnoses."""
    config = tmp_path / "studio.toml"
    config.write_text(document("http://acme.invalid", "proxy"), encoding="utf-8")
    diagnosed(environment={"HOME": str(tmp_path), "FTRACK_CONFIG": str(config)})
    printed = capsys.readouterr().out
    assert "requests go through http://127.0.0.1:9, by option proxies" in printed


def test_a_mask_knows_a_secret_in_each_of_its_forms() -> None:
    """A library's error quotes what it sent, in the form in which it sent it."""
    mask = Mask()
    mask.learn({"a": [CANARY]})
    mask.learn("short")
    assert mask.text(f"sent {' '.join(FORMS)} in short") == "sent *** *** *** *** in short"
    assert (
        mask.text("at https://ann:pw@acme.example/x and ftp://b@c") == "at https://***@acme.example/x and ftp://***@c"
    )
    assert mask.value({CANARY: [CANARY, 1, None, True]}) == {"***": ["***", 1, None, True]}
    assert api_key.name == "api_key"
