"""A strict local Slack workspace with a web page: the server."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route, WebSocketRoute
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.app import App
from sandbox.calls import Call, Calls
from sandbox.clock import WorkspaceClock
from sandbox.core import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Core
from sandbox.deeds import Deeds
from sandbox.delivery import Delivery
from sandbox.errors import SandboxError
from sandbox.faults import Faults
from sandbox.limits import Limits
from sandbox.page import Page
from sandbox.requests_out import Requests
from sandbox.responses import Responses
from sandbox.routes import Routes
from sandbox.seed import Seed, default_seed
from sandbox.sockets import Sockets
from sandbox.webapi.endpoint import Endpoint
from sandbox.workspace import Workspace

T = TypeVar("T")

_LONGEST_START = 10.0


class _Protocol(H11Protocol):
    """HTTP whose requests can break the connection that they came on: ``request.state.drop()``."""

    def __init__(self, config: Any, server_state: Any, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, {**app_state, "drop": self._drop}, _loop)

    def _drop(self) -> None:
        self.transport.abort()


class _Server(uvicorn.Server):
    """A server that ends the moment it is told to, where uvicorn's own looks ten times a second."""

    def __init__(self, config: uvicorn.Config, ended: asyncio.Event) -> None:
        super().__init__(config)
        self._ended = ended

    async def main_loop(self) -> None:
        """Serve until the end."""
        await self._ended.wait()


class Sandbox:
    """A workspace with the app installed, served on one port.

    ``url`` is the page, ``api_url`` the base of the Web API. Events, clicks and commands go to the app over Socket
    Mode, or, with ``events_url``, over signed HTTP requests. With ``state`` everything survives a restart. Raises
    SandboxError when the port is taken. Use as a context manager, or `start` and `stop`.
    """

    bot_token = BOT_TOKEN
    app_token = APP_TOKEN
    signing_secret = SIGNING_SECRET

    def __init__(
        self,
        seed: Seed | None = None,
        *,
        app: App | None = None,
        limits: Limits | None = None,
        state: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        events_url: str | None = None,
    ) -> None:
        self._seed = seed or default_seed()
        self._app = app or App()
        self._limits = limits or Limits()
        self._state = state
        self._host = host
        self._port = port
        self._events_url = events_url
        self._core = Core(self._seed, self._app, self._limits, state)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._closing = asyncio.Event()
        self._sockets = Sockets(self._core)

    @property
    def url(self) -> str:
        """The page's address, without a slash at the end."""
        return self._core.url

    @property
    def api_url(self) -> str:
        """What a client takes as the base of the Web API."""
        return f"{self._core.url}/api/"

    @property
    def clock(self) -> WorkspaceClock:
        """The workspace's movable clock."""
        return self._core.clock

    @property
    def workspace(self) -> Workspace:
        """People, rooms and messages."""
        return self._core.workspace

    @property
    def calls(self) -> Calls:
        """Every call to the Web API so far."""
        return self._core.calls

    @property
    def faults(self) -> Faults:
        """Where a test asks for trouble."""
        return self._core.faults

    @property
    def connections(self) -> int:
        """How many Socket Mode connections are open."""
        return self._sockets.count

    def refused_calls(self) -> list[Call]:
        """The calls that Slack would have refused, without what a test asked for."""
        return self._core.calls.refused()

    def reject_token(self, error: str) -> None:
        """From now on answer every call as if the app had been removed: token_revoked, account_inactive…"""
        self._core.token_error = error

    def accept_token(self) -> None:
        """The app is installed again."""
        self._core.token_error = ""

    def archive(self, channel: str, *, archived: bool = True) -> None:
        """Archive a channel, or bring it back."""
        self._change(channel, archived=archived)

    def remove_app(self, channel: str) -> None:
        """Take the app out of a channel."""
        self._change(channel, without=self._app.user_id)

    def invite_app(self, channel: str) -> None:
        """Bring the app into a channel."""
        self._change(channel, member=self._app.user_id)

    def refresh_connections(self) -> None:
        """Have every Socket Mode connection renewed, as Slack does now and then."""
        self._call(self._sockets.refresh())

    def drop_connections(self) -> None:
        """Break every Socket Mode connection."""
        self._call(self._sockets.drop())

    def verify_events_url(self) -> bool:
        """Send the challenge of the Events API; whether the app has answered it."""
        carrier = Requests(self._core, self._events_url or "")
        try:
            return self._call(carrier.verify())
        finally:
            carrier.close()

    def start(self) -> None:
        """Listen, and return once the server answers."""
        listener = _listen(self._host, self._port)
        self._port = listener.getsockname()[1]
        shown = "127.0.0.1" if self._host in ("0.0.0.0", "") else self._host  # noqa: S104 - only compared
        self._core.url = f"http://{f'[{shown}]' if ':' in shown else shown}:{self._port}"
        config = uvicorn.Config(
            self._asgi(),
            http=_Protocol,
            ws="websockets-sansio",
            lifespan="on",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=1,
            ws_ping_interval=None,
        )
        self._server = _Server(config, self._closing)
        self._thread = threading.Thread(target=self._serve, args=(listener,), name="sandbox", daemon=True)
        self._thread.start()
        if not self._ready.wait(_LONGEST_START):
            raise SandboxError("the sandbox did not start")

    def stop(self) -> None:
        """End the server and close the state file; safe to call twice."""
        if self._server is not None and self._thread is not None:
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._closing.set)
                self._core.changes.bump()
            self._thread.join(_LONGEST_START)
            self._server = self._thread = None
        self._core.state.close()

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serve(self, listener: socket.socket) -> None:
        assert self._server is not None  # noqa: S101 - set by start, which runs this
        with asyncio.Runner() as runner:
            runner.run(self._server.serve(sockets=[listener]))
        listener.close()

    def _asgi(self) -> Starlette:
        carrier = Requests(self._core, self._events_url) if self._events_url else self._sockets
        delivery = Delivery(self._core, carrier)
        responses = Responses(self._core)
        page = Page(self._core, self._link)
        routes = Routes(self._core, page, Deeds(self._core, delivery, responses), self._closing)

        @contextlib.asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            self._loop = asyncio.get_running_loop()
            self._ready.set()
            yield
            await delivery.stop()
            if isinstance(carrier, Requests):
                carrier.close()

        table: list[BaseRoute] = [
            Route("/api/{method}", Endpoint(self._core).answer, methods=["GET", "POST"]),
            Route("/hooks/{kind}/{team}/{secret}", responses.answer, methods=["POST"]),
            WebSocketRoute("/link/", self._sockets.serve),
            *routes.routes(),
        ]
        return Starlette(routes=table, lifespan=lifespan)

    def _link(self) -> tuple[str, int]:
        if self._events_url:
            return "http", 1
        return ("socket" if self._sockets.count else "none"), self._sockets.count

    def _change(
        self, channel: str, *, archived: bool | None = None, without: str | None = None, member: str | None = None
    ) -> None:
        room = self._core.workspace.room(channel)
        if room is None:
            raise SandboxError(f"there is no channel {channel}")
        if archived is not None:
            room.archived = archived
        room.members = [one for one in room.members if one != without]
        if member is not None and member not in room.members:
            room.members.append(member)
        self._core.workspace.keep_room(room)

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            raise SandboxError("the sandbox is not running")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        reason = error.strerror or "unknown reason"
        raise SandboxError(f"the sandbox cannot listen on {host}:{port}: {reason}; choose another port") from None
    return listener
