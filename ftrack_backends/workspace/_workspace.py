"""The workspace: a store, a model, accounts and an application, held together and closed together."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_backends.workspace._accounts import (
    Accounts,
    Credentials,
    add_global_key,
    give_missing_keys,
    mark_read_only,
    new_personal_key,
)
from ftrack_backends.workspace._application import Application
from ftrack_backends.workspace._arrival import Arrival
from ftrack_backends.workspace._failures import Failures, actions_of
from ftrack_backends.workspace._faults import CredentialsFault
from ftrack_backends.workspace._outbox import Outbox
from ftrack_backends.workspace._ownership import FileOwnership
from ftrack_backends.workspace._requests import RequestLog, ServedRequest
from ftrack_backends.workspace._signing import UrlSigner, make_signing_secret
from ftrack_backends.workspace.actions import Services
from ftrack_backends.workspace.broker import Broker, Listener, Sockets
from ftrack_backends.workspace.files import (
    FILE_LIMIT_BYTES,
    MEMORY_LIMIT_BYTES,
    DiskPieces,
    Files,
    MemoryPieces,
    Streamed,
)
from ftrack_backends.workspace.model import Model, ftrack_model, query_schemas, schema_hash
from ftrack_backends.workspace.reading import Reader
from ftrack_backends.workspace.seeds import (
    Extension,
    Seed,
    plant_more,
    planted_file,
    planted_store,
    seed_accounts,
    stored_extension,
)
from ftrack_backends.workspace.store import Snapshot, Store
from ftrack_core.assembly import SystemClock
from ftrack_core.errors import ConfigurationError, ConnectionClosedError, InvalidCredentialsError
from ftrack_core.interfaces import IClock
from ftrack_core.values import Event, Request, Response

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Workspace"]

_log = logging.getLogger(__name__)


@attrs.frozen
class _Origin:
    """What a workspace's model is made of: a base, and what seeds added to it."""

    base: Model
    extension: Extension

    @property
    def model(self) -> Model:
        return self.extension.model(self.base)


@attrs.define(eq=False, repr=False)
class Workspace:
    """A workspace that real ftrack clients can work with. Open one with `Workspace.open`; use it as a context manager.

    Thread safety: every method may be called by many threads.
    Lifetime: until `close`. One that is in memory is gone then; one in a file can be opened again.

    Example:
        with Workspace.open(seed="demo") as workspace:
            user = workspace.users[0]
            response = workspace.exchange(Request("POST", "/api", headers, body))

    Attributes:
        requests: What it was asked.
        outbox: What a real server would have sent by mail: invitations.
        failures: What shall go wrong; empty until a test says something.
    """

    _store: Store
    _accounts: Accounts
    _application: Application
    _ownership: FileOwnership | None
    requests: RequestLog
    _clock: IClock
    outbox: Outbox
    _closing: threading.Event
    _services: Services
    _origin: _Origin
    failures: Failures = attrs.field(factory=Failures, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)
    _loading: threading.Lock = attrs.field(factory=threading.Lock, init=False)
    _closed: bool = attrs.field(default=False, init=False)

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"{self.requests.count()} requests served"
        return f"<Workspace {self.database or 'in memory'}: {state}>"

    @classmethod
    def open(
        cls,
        database: str | os.PathLike[str] | None = None,
        *,
        seed: Seed | Mapping[str, Any] | str | Path | None = None,
        model: Model | None = None,
        clock: IClock | None = None,
        file_limit_bytes: int | None = None,
    ) -> Workspace:
        """Open a workspace.

        Args:
            database: File; it is made where there is none. None for a workspace in memory.
            seed: What a new workspace begins with: a seed, its content as a mapping, the name of a shipped one
                (`empty`, `demo`), or a path of a TOML file. None for `empty`. A file that has been a workspace before
                keeps what it has.
            model: Data model; None for ftrack's own.
            clock: What time it is; None for the system's clock.
            file_limit_bytes: Largest file of a component that is taken; None for 16 GiB, or 1 GiB in memory. Files
                lie in a folder `<database>.files` beside the database.

        Returns:
            The workspace.

        Raises:
            ConfigurationError: The file cannot be used, is in use by another process (the message names it), or the
                seed says something that cannot be. Nothing is left half made.
        """
        base = model or ftrack_model()
        if database is None:
            chosen = Seed.of(seed)
            own = chosen.model(base)
            store, origin = planted_store(own, chosen), _Origin(base, chosen.extension)
            return cls._assembled(store, origin, clock, chosen, None, file_limit_bytes)
        path = Path(os.path.abspath(os.fspath(database)))  # noqa: PTH100 - resolve() would follow links
        ownership = FileOwnership.take(path)
        try:
            sown = _sown(path, base, seed)
            origin = _Origin(base, sown.extension if sown else stored_extension(path))
            store = Store.open(str(path), origin.model)
            return cls._assembled(store, origin, clock, sown, ownership, file_limit_bytes)
        except BaseException:
            ownership.release()
            raise

    @classmethod
    def _assembled(
        cls,
        store: Store,
        origin: _Origin,
        clock: IClock | None,
        seed: Seed | None,
        ownership: FileOwnership | None,
        file_limit_bytes: int | None,
    ) -> Workspace:
        with store.writing() as connection:
            give_missing_keys(connection, *(seed_accounts(store.model, seed) if seed else ({},)))
            make_signing_secret(connection)
        clock = clock or SystemClock()
        accounts, requests = Accounts(store), RequestLog()
        schemas, digest = _schemas(store.model)
        broker = Broker(clock, accounts.user_id)
        services = Services(
            model=store.model,
            store=store,
            reader=Reader(store, store.model),
            accounts=accounts,
            clock=clock,
            requests=requests,
            schemas=schemas,
            schema_hash=digest,
            outbox=Outbox(),
            signer=UrlSigner(store, clock),
            broker=broker,
            sockets=Sockets(broker, clock),
            files=_files(store, clock, file_limit_bytes),
        )
        workspace = cls(
            store,
            accounts,
            Application(services),
            ownership,
            requests,
            clock,
            services.outbox,
            services.closing,
            services,
            origin,
        )
        store.before_commit = workspace.failures.interrupt
        return workspace

    @property
    def id(self) -> str:
        """Id of the database: other than every other workspace's, and the same each time that a file is opened."""
        return self._store.workspace_id

    @property
    def database(self) -> str | None:
        """The file; None for a workspace in memory."""
        return self._store.path

    @property
    def users(self) -> tuple[Credentials, ...]:
        """Active users with their keys, the seed's first; who gives no credentials acts as that one."""
        return self._accounts.all()

    def credentials(self, username: str) -> Credentials:
        """Give what a user needs to be let in: also one that a client created, who gets a key by that.

        Raises:
            InvalidCredentialsError: There is no active user of that name.
        """
        return self._accounts.credentials(username)

    def exchange(self, request: Request) -> Response:
        """Answer a request, as the server would.

        Args:
            request: What is asked; of its URL only path and query count.

        Returns:
            The response; what goes wrong is an error reply, never an exception.

        Raises:
            ConnectionClosedError: The workspace is closed.
            ConnectionLostError: A test asked for a failure that cuts the connection; nothing else cuts it.
        """
        self._demand_open()
        return self.failures.exchange(request, self._application.exchange, self._unanswered)

    def fetch(self, request: Request) -> Streamed:
        """Answer a request as `exchange` does, with a file's bytes still to be read: a large one never lies in memory.

        Returns:
            The response; close it, read or not.

        Raises:
            ConnectionClosedError: The workspace is closed.
            ConnectionLostError: A test asked for a failure that cuts the connection.
        """
        self._demand_open()
        response = self.failures.exchange(request, self._application.fetch, self._unanswered)
        return response if isinstance(response, Streamed) else Streamed.of(response)

    def receive(self, request: Request) -> Arrival:
        """Begin to take a request whose body comes piece by piece: a signed upload.

        Args:
            request: Its head; a body that it has is left aside.

        Returns:
            What takes the pieces; `finish` it, or `abandon` it.

        Raises:
            ConnectionClosedError: The workspace is closed.
        """
        self._demand_open()
        return self._application.receive(request)

    def finish(self, arrival: Arrival) -> Response:
        """Keep what has arrived, and give the response.

        Raises:
            ConnectionLostError: A test asked for a failure that cuts the connection.
        """
        try:
            return self.failures.exchange(arrival.request, lambda _: arrival.finish(), self._unanswered)
        finally:
            arrival.abandon()

    def _demand_open(self) -> None:
        if self._closed:
            raise ConnectionClosedError("the workspace is closed; open it again to go on")

    def file_of(self, component_id: str) -> bytes | None:
        """Give the bytes of a component's file; None for a component that has none."""
        files = self._services.files
        file = files.find(component_id)
        if file is None:
            return None
        with files.open(file) as content:
            return content.read()

    def load(self, seed: Seed | Mapping[str, Any] | str | Path) -> None:
        """Plant a seed beside what is there: all of it, or nothing.

        Entity types and attributes that it adds are there for sessions that begin afterwards; those that are open keep
        the schemas they began with. A name in it may be that of a row that is there.

        Args:
            seed: As for `open`.

        Raises:
            ConfigurationError: It says something that cannot be, or cannot be beside what is there; nothing changed.
        """
        sown = Seed.of(seed)
        with self._loading:
            origin = _Origin(self._origin.base, self._origin.extension.joined(sown.extension))
            model = sown.model(self._origin.base, self._origin.extension)
            with self._store.writing() as connection:
                if model is not self._store.model:
                    self._store.lay_out(connection, model)
                accounts, users = plant_more(connection, self._store, model, sown, origin.extension)
                for user_id in users:
                    new_personal_key(connection, user_id, accounts.keys.get(user_id))
                for key in accounts.global_keys:
                    add_global_key(connection, key)
                mark_read_only(connection, accounts.read_only_roles)
            if model is not self._store.model:
                self._become(model, origin)

    def snapshot(self) -> Snapshot:
        """Keep the whole database as it is now, users and keys included.

        Returns:
            The snapshot; it lives in memory, until it is closed or nobody has it any longer.
        """
        snapshot = Snapshot.of(self._store)
        self._services.files.hold(snapshot)
        return snapshot

    def restore(self, snapshot: Snapshot) -> None:
        """Bring the whole database back to what it was. Clients may be at work meanwhile: no batch sees half of it.

        The outbox is emptied: what it tells of may never have been.

        Raises:
            InvalidStateError: The snapshot is closed, or was taken of a workspace with another data model.
        """
        snapshot.put_back(self._store)
        self._services.files.collect()
        self.outbox.clear()

    @property
    def broker(self) -> Broker:
        """Hands events on: `log` is what it saw."""
        return self._services.broker

    @property
    def sockets(self) -> Sockets:
        """Opens sockets for event clients that have shaken hands."""
        return self._services.sockets

    def listen(
        self,
        username: str,
        api_key: str,
        receive: Callable[[Event], None],
        lost: Callable[[], None] = lambda: None,
    ) -> Listener:
        """Take part in the events of the workspace, from within this process.

        Args:
            username: In whose name.
            api_key: Key of that user, or a global one.
            receive: Called with each event that a subscription matches, in order, by a thread of the listener's own.
            lost: Called when it takes part no more though nobody closed it: events may be missing from then on.

        Returns:
            The listener: `subscribe`, `unsubscribe`, `publish`, `close`.

        Raises:
            InvalidCredentialsError: User and key do not go together.
            ConnectionClosedError: The workspace is closed.
        """
        if self._closed:
            raise ConnectionClosedError("the workspace is closed; open it again to go on")
        try:
            caller = self._accounts.caller(username, api_key)
        except CredentialsFault as fault:
            raise InvalidCredentialsError(fault.content, exception=fault.exception, status=fault.status) from fault
        return Listener.join(self.broker, caller, receive, lost)

    def close(self) -> None:
        """Close the workspace; a second call does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._closing.set()
        self.failures.close()
        self.broker.close()
        self._services.files.close()
        self._store.close()
        if self._ownership:
            self._ownership.release()

    def _become(self, model: Model, origin: _Origin) -> None:
        """Answer by a larger model from now on; requests that are being answered go on as they began."""
        schemas, digest = _schemas(model)
        reader = Reader(self._store, model)
        self._store.model, self._origin = model, origin
        self._services = attrs.evolve(self._services, model=model, reader=reader, schemas=schemas, schema_hash=digest)
        self._application = Application(self._services)

    def _unanswered(self, request: Request) -> Response:
        """Note a request that a failure kept from being answered: who counts requests counts it too."""
        self.requests.add(ServedRequest(self._clock.now(), "", actions_of(request), faulty=True))
        return Response(500)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _files(store: Store, clock: IClock, limit_bytes: int | None) -> Files:
    """Where the files are: in a folder beside the database file, or in memory."""
    pieces = DiskPieces(Path(f"{store.path}.files")) if store.path else MemoryPieces()
    usual = FILE_LIMIT_BYTES if store.path else MEMORY_LIMIT_BYTES
    files = Files(store, pieces, clock, usual if limit_bytes is None else limit_bytes)
    files.prepare()
    return files


@lru_cache(maxsize=16)
def _schemas(model: Model) -> tuple[list[dict[str, object]], str]:
    """The schemas of a model with their hash; a process mostly has one model and opens many workspaces of it."""
    schemas = query_schemas(model)
    return schemas, schema_hash(schemas)


def _sown(path: Path, model: Model, seed: Seed | Mapping[str, Any] | str | Path | None) -> Seed | None:
    """Make the file, where there is none or an empty one; None for a file that has rows of its own."""
    if path.exists() and path.stat().st_size:
        if seed is not None:
            _log.info("workspace %s has rows already; the seed is left aside", path)
        return None
    sown = Seed.of(seed)
    try:
        path.unlink(missing_ok=True)
        planted_file(path, sown.model(model), sown)
    except OSError as error:
        fault = f"the workspace's database {str(path)!r} cannot be made: {error.strerror or error}"
        raise ConfigurationError(fault, {"path": str(path)}, (fault,)) from error
    return sown
