"""What listens on DENIALS_HTTP_PORT: Slack's requests in HTTP mode, and health, readiness and metrics in every mode."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import uvicorn
from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.guard import USUAL, Guard, HttpLimits, protocol_for
from bot.logs import get_logger, where
from bot.metrics import Metrics
from bot.readiness import Readiness
from bot.turns import Turns
from denials.errors import SettingsError

log = get_logger(__name__)

LARGEST_BODY = USUAL.body
_WORKERS = 64  # Bolt holds one for each acknowledgement that is due
_BACKLOG = 128  # so many may be taken in one turn of the event loop, beyond the most connections


class SlackEndpoint:
    """POST /slack/events: signature and age are checked before anything is parsed."""

    def __init__(self, app: App, signing_secret: str, metrics: Metrics, turns: Turns | None = None) -> None:
        self._app = app
        self._turns = turns or Turns()
        self._verifier = SignatureVerifier(signing_secret)
        self._metrics = metrics
        # Bolt waits in the calling thread for the acknowledgement, so the event loop must not be that thread.
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="slack-http")

    async def handle(self, request: Request) -> Response:
        """Answer one request of Slack's."""
        started = time.perf_counter()
        body = await request.body()  # whole, and not too large: the guard has seen to that
        if not self._signed(request, body):
            return PlainTextResponse("the signature is missing, wrong or too old", 401)
        headers: dict[str, str | Sequence[str]] = dict(request.headers.items())
        loop = asyncio.get_running_loop()
        try:
            with self._turns.acknowledging():
                answer = await loop.run_in_executor(self._pool, self._dispatch, body.decode("utf-8"), headers)
        except Exception as odd:  # noqa: BLE001 - a signed request of an unknown shape is refused, not a crash
            log.warning("a request of Slack's could not be read", error=where(odd))
            return PlainTextResponse("this request cannot be read", 400)
        if answer.status >= 500:  # a shape that surprised Bolt; what went wrong is logged where it did
            return PlainTextResponse("this request cannot be handled", 400)
        self._metrics.acks.labels("http").observe(time.perf_counter() - started)
        return Response(answer.body, answer.status, answer.first_headers_without_set_cookie())

    def close(self) -> None:
        """Let requests under way end."""
        self._pool.shutdown(wait=True)

    def _signed(self, request: Request, body: bytes) -> bool:
        timestamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        try:
            return self._verifier.is_valid(body.decode("utf-8"), timestamp, signature)
        except (ValueError, TypeError):
            return False

    def _dispatch(self, body: str, headers: dict[str, str | Sequence[str]]) -> BoltResponse:
        return self._app.dispatch(BoltRequest(body=body, headers=headers))


def web_app(
    metrics: Metrics,
    ready: Callable[[], Readiness],
    slack: SlackEndpoint | None,
    more: Sequence[BaseRoute] = (),
) -> Starlette:
    """The routes, and `more`. Without `slack` (Socket Mode) /slack/events is not there."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        state = await run_in_threadpool(ready)
        return JSONResponse({"ready": state.ready, **state.parts}, 200 if state.ready else 503)

    async def metrics_page(_request: Request) -> Response:
        try:
            text = await run_in_threadpool(metrics.text)
        except SQLAlchemyError:
            return PlainTextResponse("the database does not answer", 503)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    routes: list[BaseRoute] = [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics_page),
        *more,
    ]
    if slack is not None:
        routes.append(Route("/slack/events", slack.handle, methods=["POST"]))
    return Starlette(routes=routes)


class HttpServer:
    """The server in a thread of its own."""

    def __init__(self, app: Starlette, host: str, port: int, limits: HttpLimits = USUAL) -> None:
        """Binds at once, so that a taken port is told before anything starts. Raises SettingsError."""
        self._socket = _bind(host, port)
        self.address = f"http://{host}:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            Guard(app, limits),
            http=protocol_for(limits),
            backlog=_BACKLOG,
            log_config=None,
            log_level=logging.CRITICAL,  # what it has to say is of clients that send nonsense
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=10,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="http", daemon=True
        )

    def start(self) -> None:
        """Begin answering."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being answered and close."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as taken:
        listener.close()
        raise SettingsError(
            f"cannot listen on {host} port {port} (DENIALS_HTTP_HOST, DENIALS_HTTP_PORT):"
            " end what uses it, or set another port"
        ) from taken
    return listener
