"""A bare Bolt app that does nothing but acknowledge, as the measure of the load test.

`python -m benchmarks.load_bare socket API_URL` or `… http API_URL PORT`. Over HTTP each request waits for its
acknowledgement in a thread of its own; Bolt's own adapter would keep the event loop waiting and be slower.
"""

from __future__ import annotations

import re
import sys

import uvicorn
from slack_bolt import Ack, App, BoltRequest
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from benchmarks.load_slack import SECRET


def bare_app(api_url: str) -> App:
    """Acknowledges whatever comes."""
    client = WebClient("xoxb-load", base_url=api_url)
    client.proxy = None
    app = App(client=client, signing_secret=SECRET)

    def acknowledge(ack: Ack) -> None:
        ack()

    def nothing() -> None:
        pass

    app.action(re.compile(""))(acknowledge)
    app.view(re.compile(""))(acknowledge)
    app.command("/denials")(acknowledge)
    app.event("app_home_opened")(nothing)
    return app


def main() -> None:
    """Serve until killed."""
    way, api_url = sys.argv[1:3]
    app = bare_app(api_url)
    if way == "socket":
        handler = SocketModeHandler(app, "xapp-load", web_client=app.client)
        handler.start()  # type: ignore[no-untyped-call]  # Bolt does not say
        return

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def events(request: Request) -> Response:
        body = (await request.body()).decode()
        asked = BoltRequest(body=body, headers=dict(request.headers.items()))
        answer = await run_in_threadpool(app.dispatch, asked)
        return Response(answer.body, answer.status)

    routes = [Route("/healthz", healthz), Route("/slack/events", events, methods=["POST"])]
    uvicorn.run(Starlette(routes=routes), port=int(sys.argv[3]), log_level="error", access_log=False)


if __name__ == "__main__":
    main()
