"""The sandbox workspace alone, until it is told to stop: ``python -m sandbox.run``."""

from __future__ import annotations

import signal
from queue import SimpleQueue
from types import FrameType

from sandbox.server import Sandbox

_PORT = 3300


def serve_forever(sandbox: Sandbox) -> None:
    """Serve until SIGINT or SIGTERM; says on standard output where the page is and what an app needs to connect.

    For the main thread only. Raises SandboxError when the port is taken.
    """
    ended: SimpleQueue[int] = SimpleQueue()  # an Event's lock could be held by the thread that the signal interrupts

    def end(number: int, _frame: FrameType | None) -> None:
        ended.put(number)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with sandbox:
            print("\n".join(introduction(sandbox)), flush=True)  # noqa: T201 - the words of the command itself
            ended.get()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
    serve_forever(Sandbox(port=_PORT))
