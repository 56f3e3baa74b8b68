"""Troubles come exactly when a test asks for them."""

from __future__ import annotations

import http.client
from contextlib import suppress
from urllib.error import URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from sandbox import faults
from sandbox.server import Sandbox
from sandbox.story import Story
from tests.sandbox.socket_app import SocketApp
from tests.sandbox.test_chat import FRONT, refusal

BROKEN = (URLError, ConnectionError, http.client.HTTPException)


def test_a_dropped_answer_leaves_the_message(sandbox: Sandbox, client: WebClient, story: Story) -> None:
    sandbox.faults.next("chat.postMessage", faults.dropped_after())
    with pytest.raises(BROKEN):
        client.chat_postMessage(channel=FRONT, text="there")
    assert [one.text for one in story.messages(FRONT)] == ["there"]
    client.chat_postMessage(channel=FRONT, text="again")
    assert len(story.messages(FRONT)) == 2


def test_a_dropped_call_leaves_nothing(sandbox: Sandbox, client: WebClient, story: Story) -> None:
    sandbox.faults.next("chat.postMessage", faults.dropped_before())
    with pytest.raises(BROKEN):
        client.chat_postMessage(channel=FRONT, text="lost")
    assert story.messages(FRONT) == []


def test_a_failing_server_has_no_json(sandbox: Sandbox, client: WebClient, story: Story) -> None:
    sandbox.faults.next("chat.postMessage", faults.failing(503), times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel=FRONT, text="lost")
        assert caught.value.response.status_code == 503
    assert sandbox.faults.left() == {}
    assert story.messages(FRONT) == []


def test_errors_and_waits_by_name(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.faults.next("chat.postMessage", faults.refused("is_archived"))
    sandbox.faults.next("chat.postMessage", faults.limited(7))
    assert refusal(client.chat_postMessage, channel=FRONT, text="x")["error"] == "is_archived"
    limited = refusal(client.chat_postMessage, channel=FRONT, text="x")
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
    assert sandbox.refused_calls() == []
    assert [call.injected for call in sandbox.calls] == [True, True]


def test_a_late_answer_comes_after_the_message(sandbox: Sandbox, client: WebClient, story: Story) -> None:
    sandbox.faults.next("chat.postMessage", faults.slow(0.2))
    assert client.chat_postMessage(channel=FRONT, text="late")["ok"]
    assert len(story.messages(FRONT)) == 1


def test_a_response_url_may_fail_too(sandbox: Sandbox, story: Story, app: SocketApp) -> None:
    story.command("U0FRONT1", "/denials", channel=FRONT)
    webhook = WebhookClient(app.next()["payload"]["response_url"], retry_handlers=[])
    sandbox.faults.next("response_url", faults.failing(503))
    assert webhook.send(text="lost").status_code == 503
    sandbox.faults.next("response_url", faults.dropped_after())
    with pytest.raises(BROKEN):
        webhook.send(text="there")
    assert [one.text for one in story.private_answers("U0FRONT1")] == ["there"]


def test_every_third_call(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.faults.every(3, "team.info", faults.refused("internal_error"))
    for _ in range(7):
        with suppress(SlackApiError):
            client.team_info()
    assert [call.error for call in sandbox.calls] == ["", "", "internal_error"] * 2 + [""]


def test_chance_is_the_same_for_the_same_seed() -> None:
    drawn = []
    for _ in range(2):
        unlucky = faults.Faults()
        unlucky.at_random(0.3, seed=5, methods=["chat.update"])
        drawn.append([unlucky.take("chat.update") for _ in range(50)])
        assert unlucky.take("chat.postMessage") is None
        unlucky.clear()
        assert unlucky.take("chat.update") is None
    assert drawn[0] == drawn[1]
    assert 5 < sum(one is not None for one in drawn[0]) < 30
