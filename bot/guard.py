"""What stands before every page: a request is taken whole, within a size and a time, or refused politely.

Nothing that anybody sends may hold a connection for long, fill the memory, or be answered with a traceback.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.logs import get_logger, where

log = get_logger(__name__)

_CLOSE = {"Connection": "close"}


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Sizes in bytes, times in seconds. Slack itself gives up after three seconds and sends a few kilobytes."""

    body: int = 1024 * 1024
    body_s: float = 5.0  # for the whole body to arrive
    small: int = 64 * 1024  # a body up to this size is taken however much is held
    held: int = 32 * 1024 * 1024  # of larger bodies, all together
    drained: int = 64 * 1024 * 1024  # of a body that is refused: read and thrown away, so that the answer is seen
    drain_s: float = 5.0
    head_s: float = 10.0  # from the connection, or from the answer before, to a whole head
    request_s: float = 30.0  # from the head to the end of the answer
    connections: int = 512


USUAL = HttpLimits()


class Guard:
    """The ASGI app around the app. Belongs to the server's event loop."""

    def __init__(self, app: ASGIApp, limits: HttpLimits = USUAL) -> None:
        self._app = app
        self._limits = limits
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(self, receive, self._limits)
        try:
            refused = await body.take(scope)
            if body.gone:
                return
            if refused is not None:
                await refused(scope, receive, send)
                return
            await self._answer(_plain_client(scope), body, send)
        finally:
            body.give_back()

    async def _answer(self, scope: Scope, body: _Body, send: Send) -> None:
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, body.receive, sending)
        except Exception as odd:  # noqa: BLE001 - what a page stumbles over is logged without what was sent
            log.error("a page failed", error=where(odd))
            if not started:
                await PlainTextResponse("Internal Server Error", 500, _CLOSE)(scope, body.receive, send)

    def hold(self, more: int, have: int) -> bool:
        """Whether `more` bytes may be kept for a request that holds `have` already."""
        if have + more > self._limits.small and self._held + more > self._limits.held:
            return False
        self._held += more
        return True

    def let_go(self, size: int) -> None:
        """So many bytes are not kept any more."""
        self._held -= size


class _Body:
    """One request's body: taken whole before the app is asked, so that the app never waits for a client."""

    def __init__(self, guard: Guard, receive: Receive, limits: HttpLimits) -> None:
        self._guard = guard
        self._receive = receive
        self._limits = limits
        self._bytes = bytearray()
        self._more = True
        self._read = False
        self.gone = False

    async def take(self, scope: Scope) -> Response | None:
        """Read it; the refusal where it is too large, too slow or too much."""
        headers = {name: value for name, value in scope["headers"] if name in (b"content-length", b"expect")}
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and (len(length) > 18 or int(length) > self._limits.body):
            if b"expect" in headers:  # it has not been sent yet, and need not be
                return PlainTextResponse("too large", 413, _CLOSE)
            return await self._drained(PlainTextResponse("too large", 413, _CLOSE))
        try:
            async with asyncio.timeout(self._limits.body_s):
                refused = await self._all()
        except TimeoutError:
            return PlainTextResponse("too slow", 408, _CLOSE)
        return await self._drained(refused) if refused is not None else None

    async def _all(self) -> Response | None:
        while self._more:
            piece = await self._piece()
            if len(self._bytes) + len(piece) > self._limits.body:
                return PlainTextResponse("too large", 413, _CLOSE)
            if not self._guard.hold(len(piece), len(self._bytes)):
                return PlainTextResponse("too much at once", 429, {**_CLOSE, "Retry-After": "1"})
            self._bytes += piece
        return None

    async def _piece(self) -> bytes:
        message = await self._receive()
        self.gone = message["type"] != "http.request"
        self._more = message.get("more_body", False)
        return bytes(message.get("body", b""))

    async def _drained(self, refused: Response) -> Response:
        """Read on for a while: a connection closed with unread bytes on it is reset, and the answer with it."""
        self.give_back()
        left = self._limits.drained
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.drain_s):
                while self._more and left > 0:
                    left -= len(await self._piece())
        return refused

    async def receive(self) -> Message:
        """What the app is given: the whole body, then the client's going away."""
        if self._read:
            return await self._receive()
        self._read = True
        return {"type": "http.request", "body": bytes(self._bytes), "more_body": False}

    def give_back(self) -> None:
        """Keep it no more."""
        self._guard.let_go(len(self._bytes))
        self._bytes = bytearray()


def _plain_client(scope: Scope) -> Scope:
    """The client's address as an address: what a header claims it to be is kept only where it is one."""
    client = scope.get("client")
    try:
        ip_address(client[0] if client else "")
    except ValueError:
        return {**scope, "client": ("unknown", 0)}
    return scope


def protocol_for(limits: HttpLimits) -> type[BoundedProtocol]:
    """The server's HTTP with these limits."""
    return type("Bounded", (BoundedProtocol,), {"limits": limits})


class BoundedProtocol(H11Protocol):
    """HTTP with a time for everything and a place for only so many connections."""

    limits = USUAL

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._since = self.loop.time()
        self._deadline: asyncio.TimerHandle | None = None
        self._timed: object = None  # the request that the deadline is for

    def connection_made(self, transport: Any) -> None:
        """Somebody connects. Where too many are, whoever has idled longest goes, else the newcomer."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._arm(self.limits.head_s)
        if len(self.connections) > self.limits.connections:
            others = [one for one in self.connections if isinstance(one, BoundedProtocol) and one is not self]
            idle = [one for one in others if one.idle]
            min(idle, key=lambda one: one._since, default=self).drop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody is gone."""
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes have come; with a whole head the time for the request begins."""
        super().data_received(data)
        self._time_request()

    def on_response_complete(self) -> None:
        """An answer is out; the time for the next head begins."""
        super().on_response_complete()
        self._since = self.loop.time()
        if self.idle:
            self._arm(self.limits.head_s)
        self._time_request()  # the next request may have waited already

    @property
    def idle(self) -> bool:
        """Whether no request is being answered."""
        cycle: Any = self.cycle  # None until the first request, though uvicorn's type does not say so
        return cycle is None or bool(cycle.response_complete)

    def drop(self) -> None:
        """Close at once. Where an answer is due, nothing waits for the client to read it."""
        self.connections.discard(self)
        if self.idle:
            self.transport.close()
        else:
            self.transport.abort()

    def _time_request(self) -> None:
        if not self.idle and self._timed is not self.cycle:
            self._timed = self.cycle
            self._arm(self.limits.request_s)

    def _arm(self, seconds: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, self.drop)
