"""`docs/how-to/run-a-listener.md`: its program is taken out of the page and lives through what the page speaks of."""

from __future__ import annotations

import configparser
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from ftrack_core import Session
from ftrack_core.values import Event

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "run-a-listener.md"
PLACE = "/opt/shot-status"
PATIENCE_SECONDS = 60.0
SHOTS = 'select name, status.name, children.status.name from Shot where status.name is_not "On hold" order by id'

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL, and a service of systemd")


def _block(language: str) -> str:
    """The one block of the page in a language."""
    (found,) = re.findall(
        rf"^```{language}\b[^\n]*\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    return str(found)


def until(done: Callable[[], Any], what: str) -> Any:
    """Wait until something is so; gives it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := done()):
        assert time.monotonic() < deadline, f"it did not come to that: {what}"
        time.sleep(0.05)
    return found


@attrs.define(eq=False)
class Service:
    """The page's program, installed, and its processes.

    Attributes:
        folder: Where it is installed.
        environment: What its unit file and systemd would give it.
    """

    folder: Path
    environment: dict[str, str]

    def install(self, *changes: tuple[str, str]) -> None:
        """Write the program down, with changes; it reports more often, so that nobody has to wait for it."""
        text = _block("python")
        for old, new in (("time.sleep(5)", "time.sleep(0.2)"), *changes):
            assert old in text
            text = text.replace(old, new)
        (self.folder / "shot_status.py").write_text(text, encoding="utf-8")

    @contextlib.contextmanager
    def process(self, instance: str = "1", **more: str) -> Iterator[Process]:
        """Start one, and go on once it says that it is connected."""
        log_file = self.folder / f"{instance}.log"
        began = time.time()
        with (
            log_file.open("a", encoding="utf-8") as log,
            subprocess.Popen(
                [sys.executable, "-W", "error", str(self.folder / "shot_status.py")],
                env={**self.environment, "INSTANCE": instance, **more},
                cwd=self.folder,
                stderr=log,
            ) as running,
        ):
            process = Process(self, running, instance, log_file)
            try:
                until(lambda: process.health(since=began).get("connected"), f"connected\n{process.log()}")
                yield process
            finally:
                running.kill()

    def command(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command as the page has it: the program's own, or ftrack's."""
        return subprocess.run(
            command, env=self.environment, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )

    def check(self) -> tuple[int, str]:
        """What a monitor is told."""
        done = self.command(sys.executable, str(self.folder / "shot_status.py"), "check")
        assert not done.stderr
        return done.returncode, done.stdout

    def inbox(self, *words: str) -> Any:
        """What `ftrack inbox` says."""
        done = self.command("ftrack", "inbox", str(self.folder / "state" / "inbox.sqlite"), *words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def unfinished(self) -> int:
        """How many deliveries are neither done nor set aside."""
        return sum(of.get("waiting", 0) + of.get("claimed", 0) for of in self.inbox()["counts"].values())


@attrs.define(eq=False)
class Process:
    """One process of the service."""

    service: Service
    running: subprocess.Popen[bytes]
    instance: str
    log_file: Path

    def health(self, since: float) -> dict[str, Any]:
        """How it says it is; nothing before it has said so."""
        assert self.running.poll() is None, f"it ended by itself:\n{self.log()}"
        file = self.service.folder / "state" / f"health-{self.instance}.json"
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return found if found.get("at", 0.0) >= since else {}

    def log(self) -> str:
        """What all processes of this instance logged."""
        return self.log_file.read_text(encoding="utf-8")

    def ended(self, number: int) -> int:
        """Its exit status after a signal."""
        self.running.send_signal(number)
        return self.running.wait(timeout=PATIENCE_SECONDS)


@pytest.fixture
def served(serve: Callable[..., Any]) -> Iterator[Any]:
    """The demo show."""
    pytest.importorskip("uvicorn", reason="HTTP needs the `server` extra")
    with serve("--seed", "demo", "--quiet") as server:
        yield server


@pytest.fixture
def service(served: Any, tmp_path: Path) -> Service:
    """The page's program, installed for a user of the show; the key is in a file, as systemd hands it over."""
    folder, secrets = tmp_path / "service", tmp_path / "secrets"
    folder.mkdir()
    secrets.mkdir()
    who = served.users[1]
    (secrets / "ftrack-key").write_text(who["api_key"] + "\n", encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FTRACK_", "XDG_", "NOTIFY_"))}
    own = {"FTRACK_SERVER": served.url, "FTRACK_API_USER": who["username"], "CREDENTIALS_DIRECTORY": str(secrets)}
    own |= {"STATE_DIRECTORY": str(folder / "state"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    own |= {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    made = Service(folder, {**kept, **own})
    made.install()
    return made


@pytest.fixture
def people(served: Any) -> Iterator[Session]:
    """Somebody at work in the show."""
    who = served.users[0]
    with Session(served.url, who["api_key"], who["username"], plugin_paths=[], schema_cache_path=False) as session:
        yield session


def _approve(people: Session, shot: Any) -> None:
    """Approve all tasks of a shot, each in a commit of its own."""
    approved = people.query('Status where name is "Approved"').one()
    for task in shot["children"]:
        task["status"] = approved
        people.commit()


def _completed(people: Session, shots: list[Any]) -> bool:
    ids = ", ".join(f'"{shot["id"]}"' for shot in shots)
    found = people.query(f"select status.name from Shot where id in ({ids})")
    return {shot["status"]["name"] for shot in found} == {"Completed"}


def test_it_is_killed_and_what_it_had_stored_or_missed_is_done(service: Service, people: Session) -> None:
    """The page says that nothing is lost by SIGKILL, and that what happened meanwhile is caught up with."""
    service.install(("lease_seconds=15", "lease_seconds=5"))  # what the killed one had claimed is waited for
    first, *others, missed = people.query(f"{SHOTS} limit 8").all()
    with service.process() as process:
        _approve(people, first)
        until(lambda: _completed(people, [first]), f"it follows\n{process.log()}")
        for shot in others:
            _approve(people, shot)
        assert process.ended(signal.SIGKILL) == -signal.SIGKILL
    _approve(people, missed)
    with service.process() as process:
        until(lambda: _completed(people, [first, *others, missed]), f"all are right\n{process.log()}")
        until(lambda: not service.unfinished(), "the inbox is empty")
        assert service.check() == (0, "health-1 ok (0 waiting)\n")
        assert process.ended(signal.SIGTERM) == 0
        told = process.log()
    assert len(re.findall(r"catching up with \d+ s", told)) == 1
    assert told.endswith("INFO shot-status: ended: SIGTERM\n")
    assert "Traceback" not in told


def test_two_processes_share_the_inbox_and_are_updated_one_after_the_other(service: Service, people: Session) -> None:
    """An update in the middle of the day: nothing is missed, caught up with or tried twice."""
    shots = people.query(f"{SHOTS} limit 9").all()
    with service.process("1") as one, service.process("2") as two:
        _each_approved(people, shots[:3])
        assert one.ended(signal.SIGTERM) == 0
        _each_approved(people, shots[3:5])
        with service.process("1") as one_again:
            _each_approved(people, shots[5:7])
            assert two.ended(signal.SIGTERM) == 0
            _each_approved(people, shots[7:])
            until(lambda: _completed(people, shots), f"all are right\n{one_again.log()}{two.log()}")
            until(lambda: not service.unfinished(), "the inbox is empty")
            logs = one_again.log(), two.log()
            done = service.inbox("--state", "done", "--limit", "1000")["deliveries"]
    told = "".join(logs)
    assert "catching up" not in told
    assert all(": Completed, and was" in log for log in logs), told
    assert {each["attempt"] for each in done} == {1}
    assert "Traceback" not in told


def _each_approved(people: Session, shots: list[Any]) -> None:
    for shot in shots:
        _approve(people, shot)


def test_what_it_cannot_handle_is_set_aside_seen_and_replayed(service: Service, people: Session) -> None:
    """One event that a handler stumbles over must not stop the others, nor be lost before somebody has mended it."""
    quick = ("attempts=5, ", "attempts=2, retry_seconds=0.05, ")
    service.install(quick)
    with service.process() as process:
        people.event_hub.connect()
        odd = {"entities": [{"entity_type": "Task", "entityId": "1"}]}
        people.event_hub.publish_acknowledged(Event("ftrack.update", data=odd))
        shot = people.query(SHOTS).first()
        _approve(people, shot)
        until(lambda: _completed(people, [shot]), f"it goes on\n{process.log()}")
        status, said = until(lambda: (found := service.check())[0] and found, "the monitor is told")
        assert (status, "1 events are set aside for shot-status" in said) == (1, True), said
        (aside,) = service.inbox()["deliveries"]
        assert (aside["handler"], aside["event"]["data"], "parentId" in aside["error"]) == ("shot-status", odd, True)
        assert process.log().count("KeyError: 'parentId'") >= 2
        assert process.ended(signal.SIGTERM) == 0
    service.install(quick, ('if each["entity_type"] == "Task"]', 'if "parentId" in each]'))
    with service.process():
        assert service.inbox("replay", "--all")["replayed"] == 1
        until(lambda: not service.unfinished(), "it was handled")
        assert service.inbox()["deliveries"] == []
        until(lambda: service.check()[0] == 0, "the monitor is told")


def test_systemd_is_told_that_it_is_ready_and_that_it_lives(service: Service, tmp_path: Path) -> None:
    """`Type=notify` would wait for ever, and the watchdog kill it, if it did not say so."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        address = os.path.relpath(tmp_path / "notify", service.folder)  # a socket's path must be short
        with contextlib.chdir(service.folder) if hasattr(contextlib, "chdir") else _in_folder(service.folder):
            line.bind(address)
        line.settimeout(PATIENCE_SECONDS)
        with service.process(NOTIFY_SOCKET=address) as process:
            assert line.recv(64) == b"READY=1"
            assert line.recv(64) == b"WATCHDOG=1"
            assert line.recv(64) == b"WATCHDOG=1"
            assert process.ended(signal.SIGTERM) == 0


@contextlib.contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def test_a_monitor_is_told_of_one_that_is_gone(service: Service, tmp_path: Path) -> None:
    """A check that says ok when there is nothing is the reason why nobody notices for a week."""
    assert service.check() == (2, "")
    state = service.folder / "state"
    state.mkdir()
    health = {"problems": [], "notices": [], "waiting": 0, "at": time.time() - 90}
    (state / "health-2.json").write_text(json.dumps(health), encoding="utf-8")
    status, said = service.check()
    assert status == 2
    assert re.fullmatch(r"health-2 it has said nothing for 9\d s \(0 waiting\)\n", said)


def _unit() -> configparser.ConfigParser:
    found = configparser.ConfigParser(strict=False, interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign]  # keys of unit files keep their case
    found.read_string(_block("ini"))
    return found


def test_the_unit_file_starts_what_the_page_installs() -> None:
    """A path that is spelled in two ways is found out on the server, at night."""
    unit = _unit()
    program, script = unit["Service"]["ExecStart"].split()
    text = PAGE.read_text(encoding="utf-8")
    assert f"`{script}`" in text
    assert f"{program} {script} check" in text
    assert (unit["Service"]["Type"], unit["Service"]["Restart"]) == ("notify", "always")
    assert unit["Service"]["LoadCredential"].partition(":")[0] == "ftrack-key"
    assert "KEY" not in _block("ini").upper().replace("FTRACK-KEY", "").replace(".KEY", "").replace("KEYRING", "")
    assert float(unit["Service"]["TimeoutStopSec"]) > 30


def test_the_unit_file_is_one_that_systemd_understands(tmp_path: Path) -> None:
    """A misspelt setting is passed over in silence, and the service runs unprotected."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not here")
    programs = tmp_path / "venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(sys.executable)
    (tmp_path / "shot_status.py").write_text(_block("python"), encoding="utf-8")
    unit = tmp_path / "shot-status@.service"
    unit.write_text(_block("ini").replace(PLACE, str(tmp_path)), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
