"""Socket Mode: up to ten connections, each payload to exactly one of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.core import Core
from sandbox.delivery import Outcome, Parcel

_GRACE = 2.0


@dataclass(eq=False, slots=True)
class _Connection:
    socket: WebSocket
    leaving: bool = False
    waiting: dict[str, asyncio.Future[Any]] = field(default_factory=dict)

    def fail(self) -> None:
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(ConnectionError())


class Sockets:
    """All open connections, in turn. Belongs to the server's event loop."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._open: list[_Connection] = []
        self._turn = 0

    @property
    def count(self) -> int:
        """How many connections are open."""
        return len(self._open)

    async def serve(self, socket: WebSocket) -> None:
        """Talk to one connection until it ends."""
        if self._core.token_error or not self._core.tickets.enter(socket.query_params.get("ticket", "")):
            await socket.close(4401)
            return
        await socket.accept()
        if len(self._open) >= self._core.limits.most_connections:
            await socket.send_text(json.dumps(self._goodbye("too_many_websockets")))
            await socket.close()
            return
        connection = _Connection(socket)
        self._open.append(connection)
        self._core.changes.bump()
        try:
            await socket.send_text(json.dumps(self._hello()))
            while True:
                self._acknowledge(connection, await socket.receive_text())
        except (WebSocketDisconnect, RuntimeError, OSError):
            pass  # gone; whoever waits on it is told below
        finally:
            self._open.remove(connection)
            connection.fail()
            self._core.changes.bump()

    async def offer(self, parcel: Parcel) -> Outcome:
        """Send a payload to one connection and wait for its acknowledgement."""
        envelope_id = str(uuid.uuid4())
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        connection = await self._send(envelope_id, future, json.dumps(_envelope(envelope_id, parcel)))
        if connection is None:
            return Outcome("not_connected")
        try:
            async with asyncio.timeout(self._core.limits.acknowledge):
                return Outcome(body=await future)
        except (TimeoutError, ConnectionError):
            return Outcome("timeout")
        finally:
            connection.waiting.pop(envelope_id, None)

    async def _send(self, envelope_id: str, future: asyncio.Future[Any], text: str) -> _Connection | None:
        """The connection that took the payload: one that is just breaking does not, and the next one gets it."""
        for _ in range(len(self._open)):
            connection = self._next()
            if connection is None:
                break
            connection.waiting[envelope_id] = future
            try:
                await connection.socket.send_text(text)
            except (WebSocketDisconnect, RuntimeError, OSError):
                connection.leaving = True
                connection.waiting.pop(envelope_id)
            else:
                return connection
        return None

    async def refresh(self) -> None:
        """Ask every connection to be renewed, as Slack does now and then, and close them a little later."""
        leaving = [one for one in self._open if not one.leaving]
        for connection in leaving:
            connection.leaving = True
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await connection.socket.send_text(json.dumps(self._goodbye("refresh_requested")))
        await asyncio.sleep(_GRACE)
        await self._close(leaving)

    async def drop(self) -> None:
        """Close every connection at once and without a word."""
        await self._close(list(self._open))

    async def _close(self, connections: list[_Connection]) -> None:
        for connection in connections:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await connection.socket.close()

    def _next(self) -> _Connection | None:
        ready = [one for one in self._open if not one.leaving]
        if not ready:
            return None
        self._turn += 1
        return ready[self._turn % len(ready)]

    def _acknowledge(self, connection: _Connection, text: str) -> None:
        try:
            answer = json.loads(text)
        except ValueError:
            return
        if not isinstance(answer, dict):
            return
        future = connection.waiting.get(str(answer.get("envelope_id")))
        if future is not None and not future.done():
            future.set_result(answer.get("payload"))

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "debug_info": {"host": "applink-sandbox", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._core.app.id},
        }

    def _goodbye(self, reason: str) -> dict[str, Any]:
        return {
            "type": "disconnect",
            "reason": reason,
            "num_connections": len(self._open),
            "debug_info": {"host": "applink-sandbox"},
            "connection_info": {"app_id": self._core.app.id},
        }


def _envelope(envelope_id: str, parcel: Parcel) -> dict[str, Any]:
    envelope: dict[str, Any] = {
        "envelope_id": envelope_id,
        "payload": parcel.payload,
        "type": parcel.kind,
        "accepts_response_payload": parcel.accepts_answer,
    }
    if parcel.kind == "events_api":
        envelope |= {"retry_attempt": parcel.attempt, "retry_reason": parcel.reason}
    return envelope
