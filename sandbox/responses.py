"""Messages that an app sends through a response URL or in its acknowledgement."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.broken_line import dropped
from sandbox.calls import Call
from sandbox.compose import checked_content, checked_metadata
from sandbox.core import Core
from sandbox.errors import SlackRefusal
from sandbox.records import Message
from sandbox.tickets import ResponseUrl


class Responses:
    """Answers ``/hooks/…``, and carries out what an acknowledgement asks for."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def answer(self, http: Request) -> Response:
        """One use of a response URL, with the trouble that a test asked for under the name ``response_url``."""
        fault = self._core.faults.take("response_url")
        if fault is not None and fault.kind == "before":
            return await dropped(http)
        if fault is not None and fault.kind not in ("after", "slow"):
            return JSONResponse({"ok": False, "error": fault.error or "http_error"}, max(fault.status, 400))
        response = self._use(http.path_params["secret"], await http.body())
        if fault is not None and fault.kind == "after":
            return await dropped(http)
        if fault is not None:
            await asyncio.sleep(fault.seconds)
        return response

    def _use(self, secret: str, body: bytes) -> Response:
        url: ResponseUrl | None = None
        error = ""
        try:
            given = json.loads(body)
            if not isinstance(given, dict):
                raise SlackRefusal("invalid_payload", status=400)
            url = self._core.tickets.respond(secret)
            self.apply(given, url)
            response = JSONResponse({"ok": True})
        except ValueError:
            error, response = "invalid_payload", JSONResponse({"ok": False, "error": "invalid_payload"}, 400)
        except SlackRefusal as refusal:
            error = refusal.error
            response = JSONResponse(refusal.body(), 400 if refusal.status == 200 else refusal.status)
        channel, user = (url.channel, url.user) if url else (None, None)
        self._core.calls.add(
            Call("response_url", self._core.clock.real(), channel, user, error=error, status=response.status_code)
        )
        return response

    def apply(self, given: Mapping[str, Any], url: ResponseUrl) -> None:
        """Post, replace or delete, as the app asks."""
        original = self._core.workspace.message(url.channel, url.message) if url.message else None
        if given.get("delete_original"):
            if original is None:
                raise SlackRefusal("message_not_found")
            self._core.workspace.delete(original)
            return
        text, blocks = checked_content(given.get("text"), given.get("blocks"))
        if given.get("replace_original") and original is not None:
            self._replace(original, text, blocks)
            return
        openly = given.get("response_type") == "in_channel"
        self._core.workspace.post(
            Message(
                channel=url.channel,
                ts=self._core.workspace.next_ts(),
                user=self._core.app.user_id,
                text=text,
                blocks=blocks,
                thread_ts=given.get("thread_ts"),
                metadata=checked_metadata(given.get("metadata")),
                only_for=None if openly else url.user,
                by_app=True,
            )
        )

    def _replace(self, original: Message, text: str, blocks: list[dict[str, Any]]) -> None:
        if not original.by_app:
            raise SlackRefusal("cant_update_message")
        original.text, original.blocks = text, blocks
        original.edited = self._core.workspace.next_ts()
        self._core.workspace.edit(original)
