"""`ftrack doctor`: what it finds where all is well, and where something is not."""

from __future__ import annotations

import argparse
import contextlib
import http.server
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from zope.interface import implementer

from ftrack_backends.caches import MemoryCache, memory
from ftrack_backends.event_inboxes import sqlite
from ftrack_core import Session
from ftrack_core.cli import main
from ftrack_core.cli.doctor import DoctorCommand
from ftrack_core.interfaces import ICommand, IDiagnosed
from ftrack_core.plugins import Found, Registry, contract_faults
from ftrack_core.testing import FakeBackendContext
from ftrack_core.testing.servers import LoopbackServer
from ftrack_core.values import MISSING, Event, Finding

HTML = b"<!doctype html><html><body>Please log in</body></html>"


@attrs.frozen
class Told:
    """What the doctor said.

    Attributes:
        status: Its exit status.
        document: What it prints for programs.
    """

    status: int
    document: Mapping[str, Any]

    def __getitem__(self, place: tuple[str, str]) -> Mapping[str, Any]:
        """The finding of a group and check."""
        found: list[Mapping[str, Any]] = [
            each for each in self.document["findings"] if (each["group"], each["check"]) == place
        ]
        assert len(found) == 1, [(each["group"], each["check"], each["text"]) for each in self.document["findings"]]
        return found[0]

    def states(self, group: str) -> set[str]:
        """The states in a group."""
        return {each["state"] for each in self.document["findings"] if each["group"] == group}

    def all(self, state: str) -> list[str]:
        """What is of a state."""
        return [f"{each['group']}/{each['check']}" for each in self.document["findings"] if each["state"] == state]


@pytest.fixture
def examine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    """Has the doctor examine an environment, which begins empty, and gives what it told."""

    def examined(*typed: str, registry: Registry | None = None, **environment: str) -> Told:
        status = run("--json", *typed, registry=registry, environment={**bare(tmp_path), **environment})
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Told(status, json.loads(printed.out))

    return examined


def bare(folder: Path) -> dict[str, str]:
    """An environment of somebody who has set nothing."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(("FTRACK", "HTTP"))}
    places = {"HOME": folder / "home", "XDG_CONFIG_HOME": folder / "config", "XDG_CACHE_HOME": folder / "cache"}
    return {**kept, **{name: str(path) for name, path in places.items()}}


def run(*typed: str, environment: Mapping[str, str], registry: Registry | None = None) -> int:
    """Run the command."""
    command = DoctorCommand(registry or Registry(), environment)
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(typed))


@contextlib.contextmanager
def web_server(status: int, body: bytes, **headers: str) -> Iterator[str]:
    """A web server that has one answer."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response_only(status)
            self.send_header("content-length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def credentials(url: str, **more: str) -> dict[str, str]:
    """The three variables."""
    return {"FTRACK_SERVER": url, "FTRACK_API_USER": "ann", "FTRACK_API_KEY": "a-key-of-ann", **more}


# Where all is well.


def test_an_embedded_workspace_is_well(examine: Callable[..., Told]) -> None:
    """Whoever tries the framework without an account would be told of faults that are none."""
    told = examine("--server", "embedded:")
    assert (told.status, told.all("failed"), told.all("warning")) == (0, [], [])
    assert told["server", "version"]["facts"]["version"].startswith("4.")
    assert told["credentials", "user"]["facts"]["user"] == "user"
    assert told["events", "round trip"]["seconds"] >= 0


def test_a_server_is_well_until_its_key_is_wrong_or_it_stops(
    examine: Callable[..., Told], serve: Callable[..., contextlib.AbstractContextManager[Any]], tmp_path: Path
) -> None:
    """The three states in which a server is met most often, over the real wire."""
    with serve("--seed", "demo") as served:
        who = {"FTRACK_SERVER": served.url, **served.facts["environment"]}
        told = examine(**who)
        assert (told.status, told.all("failed"), told.all("warning")) == (0, [], [])
        assert told["server", "connection"]["seconds"] is not None
        assert told["server", "proxy"]["facts"] == {"proxy": None}
        user = told["credentials", "user"]
        assert who["FTRACK_API_USER"] in user["text"]
        assert user["facts"]["active"] is True
        assert told["schema cache", "schemas"]["facts"] == {"hit": False}
        assert told["events", "connection"]["state"] == told["events", "round trip"]["state"] == "ok"
        with Session(
            served.url,
            who["FTRACK_API_KEY"],
            who["FTRACK_API_USER"],
            schema_cache_path=str(tmp_path / "cache" / "ftrack" / "schemas"),
            plugin_paths=[],
        ):
            pass
        assert examine(**who)["schema cache", "schemas"]["facts"]["hit"] is True

        refused = examine(**{**who, "FTRACK_API_KEY": "another-key"})
        assert refused.status == 1
        assert refused.all("failed") == ["server/credentials"]
        assert "disabled" in refused["server", "credentials"]["advice"]
        assert "FTRACK_API_KEY" in refused["server", "credentials"]["advice"]
        assert refused["credentials", "user"]["state"] == refused["events", "event hub"]["state"] == "skipped"
        served.stop()
        stopped = examine(**who)
    assert stopped.status == 1
    assert {"server/connection", "server/http"} <= set(stopped.all("failed"))
    assert stopped["server", "http"]["facts"]["phase"] == "before_sending"


def test_the_roles_of_the_user_are_told(examine: Callable[..., Told]) -> None:
    """What a user may not do is most often a role that is missing."""
    with Session("embedded:doctor-of-roles", plugin_paths=[]) as session:
        role = session.query("SecurityRole").all()[0]
        user = session.query("User where username is user").one()
        session.call([{"action": "add_user_security_role", "user_id": user["id"], "role_id": role["id"]}])
        told = examine("--server", "embedded:doctor-of-roles")
        assert told["credentials", "user"]["facts"]["roles"] == [role["name"]]
        assert f"the security role {role['name']}" in told["credentials", "user"]["text"]


def test_an_inbox_is_looked_into_and_not_made(examine: Callable[..., Told], tmp_path: Path) -> None:
    """Events that a handler failed on lie there, and somebody waits for what they should have done."""
    file = tmp_path / "events.sqlite"
    told = examine("--server", "embedded:", FTRACK_EVENT_INBOX=str(file))
    assert "not there yet" in told["events", "inbox"]["text"]
    assert not file.exists()
    inbox = sqlite.create(sqlite.options(path=str(file)), FakeBackendContext())
    inbox.store(Event("ftrack.update", "1" * 32), {"sync": ""})
    assert examine("--server", "embedded:", FTRACK_EVENT_INBOX=str(file))["events", "inbox"]["state"] == "ok"
    assert inbox.set_aside(inbox.claim(["sync"], "worker", 60.0), "no such task")
    inbox.close()
    told = examine("--server", "embedded:", FTRACK_EVENT_INBOX=str(file))
    assert told["events", "inbox"]["state"] == "warning"
    assert "sync 1" in told["events", "inbox"]["text"]


def test_offline_sends_nothing(examine: Callable[..., Told]) -> None:
    """On a plane, or on a node that must not call out, the rest can still be looked at."""
    with LoopbackServer() as server:
        told = examine("--offline", **credentials(server.url))
        assert server.connections == 0
    assert (told.status, told.all("failed")) == (0, [])
    assert told["server", "server"]["state"] == told["events", "event hub"]["state"] == "skipped"
    assert told["schema cache", "folder"]["state"] == "ok"


def test_a_person_reads_lines_and_what_to_do(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A wall of JSON helps nobody at a desk."""
    assert run(environment={**bare(tmp_path), "FTRACK_SERVR": "https://acme.example"}) == 1
    printed = capsys.readouterr().out
    assert "-> rename it to FTRACK_SERVER" in printed
    assert "failed   credentials: server_url and api_key are missing" in printed
    assert printed.splitlines()[-1].startswith("1 failed, 1 warning, ")


def test_the_installed_command_does_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`ftrack doctor` itself would be unknown."""
    monkeypatch.setenv("FTRACK_CONFIG", str(tmp_path / "none.toml"))
    (tmp_path / "none.toml").touch()
    assert main(["doctor", "--server", "embedded:", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert contract_faults(ICommand, DoctorCommand()) == []


# Where something is not.


def test_without_settings_it_says_which_are_missing(examine: Callable[..., Told]) -> None:
    """The first thing that a newcomer does wrong."""
    told = examine()
    assert told.status == 1
    assert told.all("failed") == ["settings/credentials"]
    assert "server_url" in told["settings", "credentials"]["facts"]["missing"]
    assert "embedded:" in told["settings", "credentials"]["advice"]
    assert told["plug-ins", "plug-ins"]["state"] == "ok"


def test_a_name_without_an_address_is_told_as_that(examine: Callable[..., Told]) -> None:
    """A typing mistake in the URL would look like a server that is down."""
    told = examine(**credentials("https://nowhere.invalid"))
    assert told["server", "name"]["state"] == "failed"
    assert "nowhere.invalid" in told["server", "name"]["text"]
    assert "spelling" in told["server", "name"]["advice"]


def test_a_port_where_nobody_listens_is_told_as_that(examine: Callable[..., Told]) -> None:
    """Whether DNS, the network or the server is at fault decides whom to call."""
    with LoopbackServer() as server:
        told = examine(**credentials(server.refusing_url()))
    assert told["server", "name"]["state"] == "ok"
    assert told["server", "connection"]["state"] == "failed"
    assert told["server", "http"]["facts"]["code"] == "FT-301"


def test_a_url_of_no_kind_is_told_with_the_nearest(examine: Callable[..., Told]) -> None:
    """A slip in the scheme is the commonest slip."""
    told = examine(**credentials("htps://acme.example"))
    assert told.status == 1
    assert "https://acme.example" in told["backends", "assembly"]["text"]


def test_a_web_page_is_no_ftrack_server(examine: Callable[..., Told]) -> None:
    """A login page or a proxy's error page answers with 200, and every session says 'not JSON'."""
    with web_server(200, HTML, **{"content-type": "text/html"}) as url:
        told = examine(**credentials(url))
    assert told["server", "http"]["facts"]["code"] == "FT-402"
    assert "no ftrack server's API" in told["server", "http"]["advice"]
    assert told["server", "connection"]["state"] == "ok"


def test_a_server_with_trouble_is_the_servers(examine: Callable[..., Told]) -> None:
    """Nobody should turn their own desk upside down for a server's status 500."""
    with web_server(500, b'{"oops": 1}') as url:
        told = examine(**credentials(url))
    assert told["server", "http"]["state"] == "failed"
    assert "those who run it" in told["server", "http"]["advice"]


def test_a_server_that_is_too_old_is_told(examine: Callable[..., Told]) -> None:
    """What it lacks would turn up one error at a time."""
    with web_server(200, b'[{"version": "3.3.10"}]') as url:
        told = examine(**credentials(url))
    assert told["server", "version"]["facts"]["code"] == "FT-401"


def test_a_clock_that_is_wrong_is_a_warning(examine: Callable[..., Told]) -> None:
    """Signed addresses and tokens fail on such a machine, with errors that nobody understands."""
    with web_server(200, b'[{"version": "4.13.8"}]', date="Mon, 01 Jan 2001 00:00:00 GMT") as url:
        told = examine(**credentials(url))
    assert told["server", "clock"]["state"] == "warning"
    assert "ahead of the server's" in told["server", "clock"]["text"]
    with web_server(200, b'[{"version": "4.13.8"}]', date="yesterday") as url:
        assert "server/clock" not in examine(**credentials(url)).all("warning")


def test_a_server_that_says_nothing_is_given_up(examine: Callable[..., Told]) -> None:
    """A doctor that hangs is worse than the illness."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        told = examine("--timeout", "0.5", **credentials(url))
    assert time.monotonic() - began < 20
    assert told["server", "http"]["facts"]["code"] == "FT-304"
    assert told["server", "http"]["facts"]["phase"] == "after_sending"


def test_misspelt_empty_and_contradicting_variables_are_told(examine: Callable[..., Told]) -> None:
    """`FTRACK_API_USR` is read by nobody, and nobody says so."""
    told = examine(
        "--server",
        "embedded:",
        FTRACK_API_USR="ann",
        FTRACK_PROFILE="",
        FTRACK_API_KEY="one-key-here",
        FTRACK_APIKEY="other-key-here",
    )
    assert told["environment", "FTRACK_API_USR"]["facts"] == {"nearest": "FTRACK_API_USER"}
    assert told["environment", "FTRACK_PROFILE"]["state"] == "warning"
    assert "FTRACK_APIKEY says something else" in told["environment", "api_key"]["text"]
    assert told.status == 0


def test_every_fault_of_the_settings_is_told_once(examine: Callable[..., Told], tmp_path: Path) -> None:
    """One fault an attempt makes a long morning."""
    config = tmp_path / "studio.toml"
    config.write_text(
        '[profiles.farm]\nserver_url = "embedded:"\ntimout = 3\nauto_populate = "yes"\n'
        'transport = { backend = "requests", conect_seconds = 1 }\n'
    )
    told = examine("--config", str(config), "--profile", "farm")
    assert told.status == 1
    texts = [each["text"] for each in told.document["findings"] if each["state"] == "failed"]
    assert len(texts) == 3
    assert all(sum(word in text for text in texts) == 1 for word in ("timout", "auto_populate", "conect_seconds"))
    assert told["settings", "profile"]["facts"]["name"] == "farm"


def test_a_profile_that_is_not_there_is_told_with_those_that_are(examine: Callable[..., Told], tmp_path: Path) -> None:
    """A misspelt profile is a session with another server, or with none."""
    config = tmp_path / "studio.toml"
    config.write_text('[profiles.farm]\nserver_url = "embedded:"\n')
    told = examine("--profile", "frm", FTRACK_CONFIG=str(config), FTRACK_SERVER="embedded:")
    assert "did you mean 'farm'" in told["settings", "fault"]["text"]


def test_where_each_value_came_from_is_told(examine: Callable[..., Told], tmp_path: Path) -> None:
    """Nobody would know why a session connects to staging."""
    config = tmp_path / "studio.toml"
    config.write_text('[profiles.default]\nserver_url = "https://staging.example"\ntimeout = 3\n')
    told = examine("--offline", **credentials("https://acme.example", FTRACK_CONFIG=str(config)))
    rows = {row["setting"]: row for row in told["settings", "values"]["facts"]["settings"]}
    assert rows["server_url"]["value"] == "https://acme.example"
    assert rows["server_url"]["from"] == "environment variable FTRACK_SERVER"
    assert rows["timeout"]["from"] == f"{config} [profiles.default]"
    assert rows["api_key"]["value"] == "***"


def test_a_corrupt_schema_cache_is_told(examine: Callable[..., Told], tmp_path: Path) -> None:
    """Every start would fetch two megabytes, and the only trace is a line in a log that nobody reads."""
    folder = tmp_path / "schemas"
    config = tmp_path / "studio.toml"
    config.write_text(
        '[profiles.default]\nserver_url = "embedded:"\n'
        f'schema_cache = {{ backend = "json_file", folder = "{folder.as_posix()}" }}\n'
    )
    with Session(config=config, plugin_paths=[]):
        pass
    assert examine(FTRACK_CONFIG=str(config))["schema cache", "schemas"]["facts"]["hit"] is True
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[:1000])
    told = examine(FTRACK_CONFIG=str(config))
    assert told["schema cache", "schemas"]["state"] == "warning"
    assert str(file) in told["schema cache", "schemas"]["text"]
    assert told["schema cache", "probe"]["state"] == "ok"
    assert list(folder.iterdir()) == [file]


def test_a_folder_that_cannot_be_written_is_told(examine: Callable[..., Told], tmp_path: Path) -> None:
    """Sessions go on without it, slower, and nobody knows why."""
    (tmp_path / "cache").write_text("a file where the folder should be")
    told = examine("--offline", **credentials("https://acme.example"))
    assert told.status == 1
    assert told["schema cache", "folder"]["state"] == told["schema cache", "probe"]["state"] == "failed"
    assert str(tmp_path / "cache") in told["schema cache", "folder"]["text"]
    assert "permissions" in told["schema cache", "probe"]["advice"]


def test_a_broken_backend_that_nobody_uses_is_a_warning(examine: Callable[..., Told]) -> None:
    """It would be found out on the day that somebody chooses it."""

    def scan(group: str) -> tuple[Found, ...]:
        planted = (Found("acme", "no_such_module_anywhere:x"),) if group == "ftrack.cache" else ()
        return (*Registry().scan(group), *planted)

    told = examine("--server", "embedded:", registry=Registry(scan))
    assert told.status == 0
    assert told["backends", "installed"]["state"] == "warning"
    assert "no_such_module_anywhere" in told["backends", "installed"]["text"]
    used = examine("--server", "embedded:", registry=Registry(scan), FTRACK_CACHE="acme")
    assert used.status == 1
    assert "no_such_module_anywhere" in used["backends", "assembly"]["text"]


def test_a_plugin_folder_that_is_not_there_is_told(examine: Callable[..., Told], tmp_path: Path) -> None:
    """A plug-in that does nothing is most often one that was never found."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "loud.py").write_text("raise SystemExit('it was run')")
    paths = os.pathsep.join([str(folder), str(tmp_path / "gone")])
    told = examine("--server", "embedded:", FTRACK_EVENT_PLUGIN_PATH=paths)
    assert told.status == 1
    assert "there is no such folder" in told["plug-ins", "plug-in folder"]["text"]
    assert [row["plug-in"] for row in told["plug-ins", "plug-ins"]["facts"]["plugins"]] == ["loud"]


# Caches.


class Forgetful(MemoryCache):
    """Keeps nothing."""

    def set(self, key: str | bytes, record: Any) -> None:
        """Forget it."""


class Failing(MemoryCache):
    """Cannot be reached."""

    def get(self, key: str | bytes) -> Any:
        """Fail as a stranger's code would."""
        raise RuntimeError("no route to the cache")


class Stuck(MemoryCache):
    """Never answers."""

    def get(self, key: str | bytes) -> Any:
        """Wait for somebody who never comes."""
        threading.Event().wait(60)
        return MISSING


def with_caches(*classes: type[MemoryCache]) -> Registry:
    """A registry that knows caches by the names of their classes."""
    registry = Registry()
    for each in classes:
        name = each.__name__.lower()
        made = attrs.evolve(memory, name=name, make=lambda _options, _context, each=each: each())  # type: ignore[misc]
        registry.register("ftrack.cache", name, made)
    return registry


def layered(folder: Path, *names: str, freshness: str = 'freshness = { Status = "1d" }') -> str:
    """A config with several layers."""
    config = folder / "studio.toml"
    config.write_text(f'[profiles.default]\nserver_url = "embedded:"\ncache = {json.dumps(names)}\n{freshness}\n')
    return str(config)


def test_each_layer_of_a_cache_is_tried_by_itself(examine: Callable[..., Told], tmp_path: Path) -> None:
    """A layered cache goes on without a broken layer, so that nobody sees which one makes it slow."""
    config = layered(tmp_path, "memory", "failing", "forgetful")
    told = examine(registry=with_caches(Failing, Forgetful), FTRACK_CONFIG=config)
    assert told.status == 1
    assert told["caches", "MemoryCache [0]"]["state"] == "ok"
    assert "no route to the cache" in told["caches", "Failing [1]"]["text"]
    assert "was not found again" in told["caches", "Forgetful [2]"]["text"]
    assert set(told["caches", "MemoryCache [0]"]["facts"]["milliseconds"]) == {"write", "read", "remove", "read again"}


def test_a_layer_that_never_answers_is_given_up(examine: Callable[..., Told], tmp_path: Path) -> None:
    """A dead network share stops every program that touches it; the doctor is called for just that."""
    config = layered(tmp_path, "stuck", "memory")
    began = time.monotonic()
    told = examine("--timeout", "0.3", registry=with_caches(Stuck), FTRACK_CONFIG=config)
    assert time.monotonic() - began < 25
    assert told["caches", "Stuck [0]"]["state"] == "failed"
    assert "gave no answer" in told["caches", "Stuck [0]"]["text"]
    assert told["caches", "MemoryCache [1]"]["state"] == "ok"
    assert told["plug-ins", "plug-ins"]["state"] == "ok"


def test_a_cache_that_no_session_uses_is_told(examine: Callable[..., Told], tmp_path: Path) -> None:
    """Without a freshness policy a cache is set up with care, and stays empty for ever."""
    told = examine(FTRACK_CONFIG=layered(tmp_path, "memory", freshness=""))
    assert told["caches", "freshness"]["state"] == "warning"
    assert told.status == 0


def test_a_policy_that_is_none_is_told(examine: Callable[..., Told], tmp_path: Path) -> None:
    """The session would refuse to start, in a place where only the cache was meant to be tried."""
    told = examine(FTRACK_CONFIG=layered(tmp_path, "memory", freshness='freshness = { Status = "1 fortnight" }'))
    assert told["caches", "freshness"]["state"] == "failed"
    assert "1 fortnight" in told["caches", "freshness"]["text"]


@implementer(IDiagnosed)
class Talkative(MemoryCache):
    """Says how it is, until it fails to."""

    def diagnose(self, timeout_seconds: float) -> Iterator[Finding]:
        """One finding, then a crash."""
        yield Finding("mood", "warning", f"well enough for {timeout_seconds:g} s", "have a break")
        raise SystemExit("and gone")


def test_what_a_backend_says_of_itself_is_told_and_its_crash_too(examine: Callable[..., Told], tmp_path: Path) -> None:
    """Somebody else's backend knows best what ails it, and must not take the doctor down."""
    told = examine(registry=with_caches(Talkative), FTRACK_CONFIG=layered(tmp_path, "talkative"))
    assert told["caches", "Talkative: mood"]["text"] == "well enough for 10 s"
    assert told["caches", "Talkative"]["text"] == "SystemExit: and gone"
    assert told["plug-ins", "plug-ins"]["state"] == "ok"
