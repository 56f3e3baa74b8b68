"""Private answers: to the one who pressed or typed, through the payload's response URL (five uses in 30 minutes).

A form may stay open for longer; what is said after it was sent then takes `whisper`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from handlers.blocks import Rendered

TIMEOUT_S = 4
VIEW_TIMEOUT_S = 2  # a trigger id lives three seconds
LATE = "The form did not open in time. Please press again."
TROUBLE = "Something went wrong on our side and nothing was changed. Please try again in a moment."
TROUBLE_WITH_SEVERAL = (
    "Something went wrong on our side. What was done already is shown on the cards; try the rest again."
)

Answer = TypeVar("Answer")

log = structlog.get_logger(__name__)


def attempt(response_url: str | None, job: Callable[[], Answer]) -> Answer:
    """What a job answers. Where it fails the person hears so, and the process logs and counts the failure."""
    try:
        return job()
    except Exception:
        say(response_url, TROUBLE)
        raise


def open_form(client: WebClient, trigger_id: str, view: Mapping[str, Any]) -> bool:
    """Open a form for whoever has just pressed; whether Slack took it in time."""
    client.timeout = VIEW_TIMEOUT_S
    client.retry_handlers = []
    try:
        client.views_open(trigger_id=trigger_id, view=dict(view))
    except (OSError, SlackClientError) as failed:
        log.warning("form_not_opened", error=type(failed).__name__)
        return False
    return True


def say(response_url: str | None, text: str) -> bool:
    """One private line beside the message that was pressed; whether Slack took it."""
    return _send(response_url, {"response_type": "ephemeral", "replace_original": False, "text": text})


def show(response_url: str | None, shown: Rendered, *, post: bool = False) -> bool:
    """A private message, or with `post` one for everybody in the channel."""
    return _send(
        response_url,
        {
            "response_type": "in_channel" if post else "ephemeral",
            "replace_original": False,
            "text": shown.text,
            "blocks": shown.blocks,
        },
    )


def whisper(client: WebClient, channel: str, user: str, text: str) -> bool:
    """One line that only one person in a channel sees, without a response URL; whether Slack took it."""
    client.timeout = TIMEOUT_S
    client.retry_handlers = []
    try:
        client.chat_postEphemeral(channel=channel, user=user, text=text)
    except (OSError, SlackClientError) as failed:
        log.warning("private_answer_not_posted", error=type(failed).__name__)
        return False
    return True


def redraw(response_url: str | None, shown: Rendered) -> bool:
    """Put a fresh state in the place of the private message that was pressed."""
    return _send(response_url, {"replace_original": True, "text": shown.text, "blocks": shown.blocks})


def _send(response_url: str | None, payload: dict[str, object]) -> bool:
    if not response_url:
        return False
    # Without the SDK's retry handler: a repeated answer would use up the URL and show twice.
    client = WebhookClient(response_url, timeout=TIMEOUT_S, retry_handlers=[])
    if urlsplit(response_url).hostname in ("127.0.0.1", "localhost", "::1"):
        client.proxy = None  # this host's own addresses are never behind a proxy
    try:
        answer = client.send_dict({key: value for key, value in payload.items() if value != []})
    except (OSError, SlackClientError) as failed:
        log.warning("private_answer_failed", error=type(failed).__name__)
        return False
    if answer.status_code != 200:
        log.warning("private_answer_refused", status=answer.status_code)
    return answer.status_code == 200
