"""The page's own addresses: its files, its state, a stream of changes, and people's deeds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.core import Core
from sandbox.deeds import Deeds
from sandbox.errors import PageRefusal
from sandbox.loopback import meant_for_this_machine
from sandbox.page import Page

STATIC = Path(__file__).parent / "static"
_DEBOUNCE = 0.05
_KEEP_ALIVE = 15.0
_LONGEST_WAIT = 30.0

SAFE_HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


class _Files(StaticFiles):
    """The page's files. A browser asks each time whether its copy still holds: the next version is seen at once."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        answer = super().file_response(*args, **options)
        answer.headers["cache-control"] = "no-cache"
        return answer


class Routes:
    """All addresses outside the Web API."""

    def __init__(self, core: Core, page: Page, deeds: Deeds, closing: asyncio.Event) -> None:
        self._core = core
        self._page = page
        self._closing = closing
        self._deeds: dict[str, Callable[[Any], Awaitable[dict[str, Any]]]] = {
            "action": deeds.press,
            "submit": deeds.submit,
            "close": deeds.close,
            "command": deeds.command,
            "message": deeds.say,
            "home": deeds.home,
            "group": deeds.regroup,
            "read": deeds.read,
            "dismiss": deeds.dismiss,
            "clock": deeds.clock,
            "dm": deeds.dm,
        }

    def routes(self) -> list[BaseRoute]:
        """The routing table."""
        return [
            Route("/", self.index),
            Route("/archives/{channel}/{ts}", self.permalink),
            Route("/sandbox/state", self._guarded(self.state)),
            Route("/sandbox/stream", self._guarded(self.stream)),
            Route("/sandbox/wait", self._guarded(self.wait)),
            Route("/sandbox/messages", self._guarded(self.messages)),
            Route("/sandbox/private", self._guarded(self.private)),
            Route("/sandbox/calls", self._guarded(self.calls)),
            Route("/sandbox/{deed}", self._guarded(self.deed), methods=["POST"]),
            Mount("/static", _Files(directory=STATIC)),
        ]

    async def index(self, _: Request) -> Response:
        """The page."""
        return FileResponse(STATIC / "index.html", headers=SAFE_HEADERS)

    async def permalink(self, request: Request) -> Response:
        """A message's permanent address leads to its channel in the page."""
        return RedirectResponse(f"/#channel={request.path_params['channel']}")

    async def state(self, request: Request) -> Response:
        """The workspace as one person sees it."""
        query = request.query_params
        return JSONResponse(self._page.state(query.get("viewer"), query.get("channel"), query.get("thread")))

    async def stream(self, _: Request) -> Response:
        """A line for each change, gathered over a moment, until the page goes away."""
        return StreamingResponse(self._changes(), media_type="text/event-stream", headers={"cache-control": "no-store"})

    async def _changes(self) -> AsyncIterator[str]:
        seen = self._core.changes.version
        yield f"data: {seen}\n\n"
        while not self._closing.is_set():
            version = await self._core.changes.wait(seen, _KEEP_ALIVE)
            if version == seen:
                yield ": still here\n\n"
                continue
            await asyncio.sleep(_DEBOUNCE)
            seen = self._core.changes.version
            yield f"data: {seen}\n\n"

    async def wait(self, request: Request) -> Response:
        """Answer once the workspace is newer than ``after``, or when the time is up."""
        after = int(request.query_params.get("after", "0"))
        seconds = min(float(request.query_params.get("seconds", "10")), _LONGEST_WAIT)
        return JSONResponse({"version": await self._core.changes.wait(after, seconds)})

    async def messages(self, request: Request) -> Response:
        """All messages of a room or a thread, as nobody in particular sees them."""
        workspace = self._core.workspace
        room = workspace.addressed(request.query_params.get("channel", ""))
        if room is None:
            raise PageRefusal("there is no such channel", 404)
        thread = request.query_params.get("thread")
        found = workspace.thread(room.id, thread) if thread else workspace.listed(room.id)
        version = self._core.changes.version
        shown = self._page.messages(room.id, [one for one in found if one.only_for is None])
        return JSONResponse({"version": version, "channel": room.id, "name": room.name, "messages": shown})

    async def private(self, request: Request) -> Response:
        """All that only one person sees: private answers, dialog, Home and notices."""
        viewer = request.query_params.get("viewer", "")
        version = self._core.changes.version
        answers = []
        for channel, messages in list(self._core.workspace.messages.items()):
            own = [one for one in list(messages.values()) if one.only_for == viewer]
            answers += [{"channel": channel, **shown} for shown in self._page.messages(channel, own)]
        state = self._page.state(viewer, "home", None)
        kept = {key: state[key] for key in ("home", "modal", "notices")}
        return JSONResponse({"version": version, "answers": answers, **kept})

    async def calls(self, _: Request) -> Response:
        """The record of Web API calls."""
        return JSONResponse({"calls": self._core.calls.documents()})

    async def deed(self, request: Request) -> Response:
        """Something that a person does."""
        carry_out = self._deeds.get(request.path_params["deed"])
        if carry_out is None:
            raise PageRefusal("there is no such address", 404)
        if not request.headers.get("content-type", "").startswith("application/json"):
            raise PageRefusal("send JSON with the content type application/json", 415)
        try:
            given = json.loads(await request.body())
        except ValueError:
            raise PageRefusal("the body is not JSON") from None
        if not isinstance(given, dict):
            raise PageRefusal("the body is not a JSON object")
        return JSONResponse({"ok": True, **await carry_out(given)})

    def _guarded(self, endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Answer only pages of this very server: other sites open in the same browser must not act as people here."""

        async def guarded(request: Request) -> Response:
            try:
                self._check_origin(request)
                return await endpoint(request)
            except PageRefusal as refusal:
                return JSONResponse({"error": str(refusal)}, refusal.status)

        return guarded

    def _check_origin(self, request: Request) -> None:
        if not meant_for_this_machine(request):
            raise PageRefusal("the sandbox answers only on this computer", 403)
        origin = request.headers.get("origin")
        if origin is not None and origin != f"http://{request.headers['host']}":
            raise PageRefusal("the sandbox answers only its own page", 403)
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise PageRefusal("the sandbox answers only its own page", 403)
