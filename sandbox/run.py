"""The sandbox workspace alone, until it is told to stop."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import FrameType

from sandbox.app import App
from sandbox.server import Sandbox


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 3300,
    state: Path | None = None,
    app: App | None = None,
    events_url: str | None = None,
) -> Sandbox:
    """Start a sandbox and return it once it answers. Raises SandboxError when the port is taken."""
    sandbox = Sandbox(app=app, state=state, host=host, port=port, events_url=events_url)
    sandbox.start()
    return sandbox


def wait_for_the_end() -> None:
    """Block until SIGINT or SIGTERM arrives; for the main thread only."""
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        ended.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def serve_forever(
    *,
    host: str = "127.0.0.1",
    port: int = 3300,
    state: Path | None = None,
    app: App | None = None,
    events_url: str | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; says on standard output where the page and the Web API are, and the tokens."""
    sandbox = serve(host=host, port=port, state=state, app=app, events_url=events_url)
    try:
        print("\n".join(introduction(sandbox)), flush=True)  # noqa: T201 - the words of the command itself
        wait_for_the_end()
    finally:
        sandbox.stop()


def introduction(sandbox: Sandbox) -> list[str]:
    """What somebody who starts the sandbox alone wants to know: the page, and what to give an app."""
    return [
        f"Sandbox workspace (not Slack): {sandbox.url}",
        f"SLACK_API_URL={sandbox.api_url}",
        f"SLACK_BOT_TOKEN={sandbox.bot_token}",
        f"SLACK_APP_TOKEN={sandbox.app_token}",
        f"SLACK_SIGNING_SECRET={sandbox.signing_secret}",
    ]


if __name__ == "__main__":
    serve_forever()
