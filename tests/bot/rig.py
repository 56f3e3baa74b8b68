"""A sender on a test's desk and a sandbox workspace, both many times faster than real, and waiting without luck."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from bot.gateway import Gateway, make_client
from bot.manifest import app_manifest
from bot.metrics import Metrics
from bot.sender import Sender
from bot.workspace import Workspace
from sandbox.app import app_of_manifest
from sandbox.limits import Limits
from sandbox.records import Message
from sandbox.seed import Seed
from sandbox.server import Sandbox
from services import delivery
from services.desk import Desk
from store import messages, outbox

SCALE = 20.0
OPS = "C0OPS"
DEADLINE_S = 60.0  # these machines are noisy


def fast_sandbox(scale: float = SCALE, seed: Seed | None = None, events_url: str | None = None) -> Sandbox:
    """A workspace with the app of our own manifest in it, `scale` times faster than Slack."""
    return Sandbox(seed, app=app_of_manifest(app_manifest()), limits=Limits(scale=scale), events_url=events_url)


def eventually(condition: Callable[[], object], what: str | Callable[[], str], seconds: float = DEADLINE_S) -> None:
    """Wait until a condition holds; fail with what was awaited when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            told = what if isinstance(what, str) else what()
            raise AssertionError(f"waited {seconds:g} s in vain: {told}")
        time.sleep(0.01)


class Rig:
    """The sender with everything it needs. Use as a context manager."""

    def __init__(
        self, desk: Desk, sandbox: Sandbox, scale: float = SCALE, holder: str = "test", timeout: int = 5
    ) -> None:
        self.desk = desk
        self.sandbox = sandbox
        self.metrics = Metrics(desk)
        client = make_client(sandbox.bot_token, sandbox.api_url, timeout=timeout)
        self.gateway = Gateway(client)
        self.workspace = Workspace(desk, self.gateway, sandbox.bot_token, scale)
        self.sender = Sender(desk, self.gateway, self.workspace, self.metrics, holder=holder, scale=scale)

    def __enter__(self) -> Rig:
        self.sender.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.sender.stop()


def say(desk: Desk, channel: str, text: str, *, human: bool = False) -> str:
    """Put a notice for a channel into the outbox; the message's id."""
    now = datetime.now(UTC)
    with desk.db.write() as session:
        message_id = messages.add(session, "notice", channel, now, data={"text": text})
        outbox.enqueue_post(session, message_id, channel, now, human=human)
    return message_id


def say_anew(desk: Desk, message_id: str, *, human: bool = False) -> None:
    """Ask for a message to be shown anew."""
    with desk.db.write() as session:
        outbox.enqueue_update(session, messages.get(session, message_id), datetime.now(UTC), human=human)


def shown(sandbox: Sandbox, channel: str) -> list[Message]:
    """The app's messages in a channel, oldest first."""
    return [one for one in sandbox.workspace.listed(channel) if one.by_app]


def texts(sandbox: Sandbox, channel: str) -> list[str]:
    """What the app's messages in a channel say."""
    return [one.text for one in shown(sandbox, channel)]


def idle(desk: Desk) -> bool:
    """Whether nothing waits, is being sent or is in doubt."""
    depth = delivery.depth(desk)
    return not any(depth.get(state) for state in ("pending", "sending", "ambiguous"))
