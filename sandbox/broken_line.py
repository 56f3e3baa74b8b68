"""A connection that breaks because a test wants it to."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response


async def dropped(http: Request) -> Response:
    """Break the connection without an answer; the response returned goes nowhere."""
    http.state.drop()
    while not await http.is_disconnected():
        await asyncio.sleep(0.005)
    return PlainTextResponse("")
