"""Moves frames between a WebSocket and a socket session of the workspace."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs
from starlette.concurrency import run_in_threadpool

from ftrack_backends.workspace._faults import ClosedFault, Fault, RouteFault
from ftrack_backends.workspace.broker import SocketSession
from ftrack_backends.workspace.broker._socket_session import SocketWires
from ftrack_backends.workspace.front._access_log import raw_path
from ftrack_backends.workspace.front._cut import cut, write_raw
from ftrack_core.errors import ConnectionClosedError

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from ftrack_backends.workspace.broker import Sockets

__all__ = ["serve_socket"]

_LOGGER = logging.getLogger(__name__)

_PATH = "/socket.io/1/websocket/"
_AT_ONCE = 64
_READ_AT_ONCE = 32
_LONGEST_LINE = 1000


async def serve_socket(sockets: Sockets | None, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one WebSocket, from its opening to its end.

    Args:
        sockets: Those of the workspace; None where it has none.
        scope: Of the connection.
        receive: Gives what comes from the client.
        send: Sends to the client.
    """
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    try:
        session = _opened(sockets, scope, _wires(loop, ready, scope))
    except Fault as fault:
        await _refuse(fault, send)
        return
    await receive()  # that it connects
    try:
        await send({"type": "websocket.accept"})
        session.greet()
        await _Socket(session, loop, ready, receive, send).run()
    except OSError:  # the client went away; uvicorn says it so
        pass
    except Exception:
        _LOGGER.exception("a socket of %s failed", session.username)
    finally:
        session.close()


@attrs.frozen(eq=False)
class _Socket:
    """One open socket: a task that reads, one that writes, and a timer."""

    session: SocketSession
    loop: asyncio.AbstractEventLoop
    ready: asyncio.Event
    receive: Receive
    send: Send

    async def run(self) -> None:
        tasks = [asyncio.ensure_future(one()) for one in (self._read, self._write, self._look)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()
        if self.session.over:
            for frame in self.session.farewell:
                await self.send({"type": "websocket.send", "text": frame})
            await self.send({"type": "websocket.close", "code": 1000})

    async def _read(self) -> None:
        """Hand over what comes, no faster than events go out, and never so much that others wait."""
        count = 0
        while True:
            message = await self.receive()
            if message["type"] == "websocket.disconnect":
                self.session.close()
                return
            text = message.get("text")
            self.session.received(message.get("bytes") if text is None else text, self.loop.time())
            count += 1
            if count % _READ_AT_ONCE == 0:
                await asyncio.sleep(0)
            if self.session.backlog > _LONGEST_LINE:
                await run_in_threadpool(self.session.wait_for_line, _LONGEST_LINE)

    async def _write(self) -> None:
        while not self.session.over:
            await self.ready.wait()
            self.ready.clear()
            while frames := self.session.take(_AT_ONCE):
                for frame in frames:
                    await self.send({"type": "websocket.send", "text": frame})
                await asyncio.sleep(0)

    async def _look(self) -> None:
        while (moment := self.session.look(self.loop.time())) is not None:
            await asyncio.sleep(max(0.0, moment - self.loop.time()))
        await self.loop.create_future()  # the writer says when it is over


def _opened(sockets: Sockets | None, scope: Scope, wires: SocketWires) -> SocketSession:
    path = raw_path(scope)
    if sockets is None or not path.startswith(_PATH):
        raise RouteFault("There is no socket at this address; event clients open one below '/socket.io/1/websocket/'.")
    try:
        return sockets.open(path.removeprefix(_PATH).rstrip("/"), wires, asyncio.get_running_loop().time())
    except ConnectionClosedError as error:
        raise ClosedFault from error


def _wires(loop: asyncio.AbstractEventLoop, ready: asyncio.Event, scope: Scope) -> SocketWires:
    def soon(call: Callable[..., object], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the socket is gone
            loop.call_soon_threadsafe(call, *arguments)

    return SocketWires(
        wake=lambda: soon(ready.set),
        cut=lambda: soon(cut, scope),
        later=lambda seconds, call: soon(loop.call_later, seconds, call),
        send_raw=lambda sent: soon(write_raw, scope, sent),
    )


async def _refuse(fault: Fault, send: Send) -> None:
    """Refuse the opening, as an HTTP reply."""
    body = json.dumps(fault.reply()).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    with contextlib.suppress(OSError):
        await send({"type": "websocket.http.response.start", "status": fault.status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": body})
