"""The Slack side of the load test: answers the Web API at once, delivers payloads, and times each acknowledgement.

It does as little as can be, since what it costs is added to what is measured. What a workspace refuses is the
business of the sandbox and of the tests.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import socket
import time
import uuid
from collections import Counter
from typing import Any
from urllib.parse import urlencode, urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

SECRET = "a-signing-secret-for-the-load-test"
TEAM = "T0LOAD"
LATE_S = 3.0  # Slack waits no longer

Payload = dict[str, Any]


class SlackSide:
    """One workspace for one app. Use `async with`."""

    def __init__(self, events_url: str = "") -> None:
        """With `events_url` payloads go there over HTTP, else over Socket Mode."""
        self._events_url = events_url
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.calls: Counter[str] = Counter()
        self._numbers = itertools.count(1)
        self._links: list[WebSocket] = []
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        routes = [
            Route("/api/{method}", self._api, methods=["GET", "POST"]),
            Route("/hooks/{rest:path}", self._hook, methods=["POST"]),
            WebSocketRoute("/link", self._link),
        ]
        config = uvicorn.Config(Starlette(routes=routes), log_level="error", access_log=False, lifespan="off")
        self._server = uvicorn.Server(config)

    async def __aenter__(self) -> SlackSide:
        self._task = asyncio.create_task(self._server.serve(sockets=[self._listener]))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        await self._task

    async def connected(self, seconds: float = 60.0) -> None:
        """Wait until the app has connected by Socket Mode."""
        deadline = time.monotonic() + seconds
        while not self._links:
            if time.monotonic() > deadline:
                raise TimeoutError("no app has connected")
            await asyncio.sleep(0.05)

    async def deliver(self, kind: str, payload: Payload) -> float | None:
        """Hand a payload to the app; the seconds to its acknowledgement, None when it came too late or was refused."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(LATE_S):
                done = await (self._post(kind, payload) if self._events_url else self._send(kind, payload))
        except (TimeoutError, OSError):
            return None
        return time.perf_counter() - started if done else None

    async def _post(self, kind: str, payload: Payload) -> bool:
        parts = urlsplit(self._events_url)
        body, content = _encoded(kind, payload)
        stamp = str(int(time.time()))
        signed = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: {content}\r\n"
            f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: v0={signed}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            return b" 200 " in answer.split(b"\r\n", 1)[0]
        finally:
            writer.close()

    async def _send(self, kind: str, payload: Payload) -> bool:
        envelope = str(uuid.uuid4())
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[envelope] = future
        body = {"envelope_id": envelope, "payload": payload, "type": kind, "accepts_response_payload": True}
        try:
            await self._links[-1].send_text(json.dumps(body))
            await future
            return True
        finally:
            del self._waiting[envelope]

    async def _link(self, link: WebSocket) -> None:
        await link.accept()
        await link.send_text(json.dumps({"type": "hello", "num_connections": 1, "debug_info": {}}))
        self._links.append(link)
        try:
            while True:
                answer = json.loads(await link.receive_text())
                future = self._waiting.get(str(answer.get("envelope_id")))
                if future is not None and not future.done():
                    future.set_result(None)
        except (WebSocketDisconnect, RuntimeError, ValueError):
            pass
        finally:
            self._links.remove(link)

    async def _hook(self, request: Request) -> Response:
        await request.body()
        self.calls["response_url"] += 1
        return PlainTextResponse("ok")

    async def _api(self, request: Request) -> Response:
        body = await request.body()
        method = request.path_params["method"]
        self.calls[method] += 1
        answer = {"ok": True, **self._answer(method, body)}
        return JSONResponse(answer, headers={"x-oauth-scopes": "chat:write,users:read,commands"})

    def _answer(self, method: str, body: bytes) -> Payload:
        match method:
            case "auth.test":
                own = {"user_id": "U0BOT", "bot_id": "B0BOT", "url": f"{self.url}/"}
                return {"team": "Load", "team_id": TEAM, **own}
            case "apps.connections.open":
                return {"url": f"{self.url.replace('http', 'ws', 1)}/link"}
            case "users.info":
                return {"user": {"id": "U1", "team_id": TEAM}}
            case "chat.postMessage" | "chat.update":
                return {"channel": _field(body, "channel"), "ts": f"{int(time.time())}.{next(self._numbers):06d}"}
            case "conversations.history":
                return {"messages": [], "has_more": False}
            case "views.open" | "views.publish":
                return {"view": {"id": f"V{next(self._numbers)}"}}
            case _:
                return {}


def _encoded(kind: str, payload: Payload) -> tuple[bytes, str]:
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    form = "application/x-www-form-urlencoded"
    return urlencode(payload if kind == "slash_commands" else {"payload": json.dumps(payload)}).encode(), form


def _field(body: bytes, name: str) -> str:
    try:
        return str(json.loads(body).get(name, "C0"))
    except ValueError:
        return "C0"
