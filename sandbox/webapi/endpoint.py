"""The one endpoint of the Web API: tokens, scopes, pace, faults, the answer and its headers."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.broken_line import dropped
from sandbox.calls import Call
from sandbox.core import APP_TOKEN, BOT_TOKEN, Core
from sandbox.errors import SlackRefusal
from sandbox.faults import Fault
from sandbox.loopback import meant_for_this_machine
from sandbox.webapi import chat, conversations, directory, views
from sandbox.webapi.method import Answer, Method, Request

METHODS: dict[str, Method] = {**chat.METHODS, **conversations.METHODS, **directory.METHODS, **views.METHODS}

_JSON = "application/json; charset=utf-8"


class Endpoint:
    """Answers ``/api/<method>``."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def answer(self, http: HttpRequest) -> Response:
        """Carry one call out, and whatever trouble a test asked for with it."""
        if not meant_for_this_machine(http):
            return PlainTextResponse("the sandbox answers only on this computer", 403)
        name = http.path_params["method"]
        fault = self._core.faults.take(name) if name in METHODS else None
        try:
            args, token, charset_missing = await _arguments(http)
        except SlackRefusal as refusal:
            return JSONResponse(refusal.body())
        if fault is not None and (early := await self._before(http, fault, name, args)) is not None:
            return early
        request = Request(self._core, name, args)
        if charset_missing:
            request.warnings.append("missing_charset")
        status, body, retry_after = self._answer(request, token, fault)
        if fault is not None:
            if fault.kind == "after":
                return await dropped(http)
            if fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
        return self._response(status, body, retry_after, METHODS.get(name))

    async def _before(self, http: HttpRequest, fault: Fault, name: str, args: Mapping[str, Any]) -> Response | None:
        if fault.kind not in ("before", "status"):
            return None
        error = "connection_dropped" if fault.kind == "before" else f"http_{fault.status}"
        self._note(Request(self._core, name, args), {"error": error}, fault.status, injected=True)
        if fault.kind == "before":
            return await dropped(http)
        return PlainTextResponse("upstream request failed", fault.status)

    def _answer(self, request: Request, token: str | None, fault: Fault | None) -> tuple[int, Answer, int | None]:
        injected = fault is not None and fault.kind in ("error", "limited")
        retry_after = None
        try:
            if fault is not None and fault.kind == "error":
                raise SlackRefusal(fault.error)
            if fault is not None and fault.kind == "limited":
                raise SlackRefusal("ratelimited", status=429, retry_after=int(fault.seconds))
            body = {"ok": True, **self._run(request, token)}
            status = 200
        except SlackRefusal as refusal:
            body, status, retry_after = refusal.body(), refusal.status, refusal.retry_after
        if request.warnings:
            body["warning"] = ",".join(request.warnings)
            body.setdefault("response_metadata", {})["warnings"] = request.warnings
        self._note(request, body, status, injected=injected)
        return status, body, retry_after

    def _run(self, request: Request, token: str | None) -> Answer:
        method = METHODS.get(request.method)
        if method is None:
            raise SlackRefusal("unknown_method", req_method=request.method)
        self._check_token(token, method)
        wait = self._core.limiter.take(request.method, self._channel(request))
        if wait is not None:
            raise SlackRefusal("ratelimited", status=429, retry_after=wait)
        if method.scope is not None:
            request.need(method.scope)
        return method.run(request)

    def _check_token(self, token: str | None, method: Method) -> None:
        if not token:
            raise SlackRefusal("not_authed")
        if token not in (BOT_TOKEN, APP_TOKEN):
            raise SlackRefusal("invalid_auth")
        if self._core.token_error:
            raise SlackRefusal(self._core.token_error)
        if method.app_token != (token == APP_TOKEN):
            raise SlackRefusal("not_allowed_token_type")

    def _note(self, request: Request, body: Mapping[str, Any], status: int, *, injected: bool) -> None:
        args = request.args
        self._core.calls.add(
            Call(
                method=request.method,
                at=self._core.clock.real(),
                channel=self._channel(request),
                user=str(args.get("user") or args.get("user_id") or "") or None,
                ts=str(body.get("ts") or args.get("ts") or "") or None,
                error=str(body.get("error", "")),
                status=status,
                injected=injected,
                messages=tuple(body.get("response_metadata", {}).get("messages", ())),
            )
        )

    def _channel(self, request: Request) -> str | None:
        """The id of the channel that a call names, or what it names instead."""
        name = str(request.args.get("channel") or "")
        room = self._core.workspace.room(name)
        return room.id if room else name or None

    def _response(self, status: int, body: Answer, retry_after: int | None, method: Method | None) -> Response:
        headers = {
            "content-type": _JSON,
            "x-slack-req-id": secrets.token_hex(16),
            "cache-control": "private, no-cache, no-store, must-revalidate",
            "x-oauth-scopes": ",".join(sorted(self._core.app.scopes)),
        }
        if method is not None and method.scope is not None:
            headers["x-accepted-oauth-scopes"] = method.scope
        if retry_after is not None:
            headers["retry-after"] = str(retry_after)
        return JSONResponse(body, status, headers)


async def _arguments(http: HttpRequest) -> tuple[dict[str, Any], str | None, bool]:
    """Arguments from the address, a form or JSON; the token from the header or an argument."""
    args: dict[str, Any] = dict(http.query_params)
    kind = http.headers.get("content-type", "")
    missing_charset = False
    if kind.startswith("application/json"):
        missing_charset = "charset" not in kind
        try:
            given = json.loads(await http.body() or b"{}")
        except ValueError:
            raise SlackRefusal("invalid_json") from None
        if not isinstance(given, dict):
            raise SlackRefusal("json_not_object")
        args.update(given)
    elif kind.startswith("application/x-www-form-urlencoded"):
        args.update(parse_qsl((await http.body()).decode("utf-8", "replace"), keep_blank_values=True))
    elif http.method == "POST" and await http.body():
        raise SlackRefusal("invalid_post_type")
    token = args.pop("token", None)
    scheme, _, bearer = http.headers.get("authorization", "").partition(" ")
    return args, (bearer if scheme.lower() == "bearer" else token), missing_charset
