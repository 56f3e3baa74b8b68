"""Posting, changing and removing messages, with Slack's own refusals."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.seed import Channel, Seed, default_seed
from sandbox.server import Sandbox
from sandbox.story import Story
from tests.sandbox.conftest import FAST, client_of
from tests.sandbox.samples import actions, button, section

FRONT = "C0FRONT"
METADATA = {"event_type": "denials_outbox", "event_payload": {"outbox_id": 7}}


def refusal(call: Any, **given: Any) -> Any:
    """The refused answer of a call."""
    with pytest.raises(SlackApiError) as caught:
        call(**given)
    return caught.value.response


def test_a_message_is_seen_as_it_was_sent(client: WebClient, story: Story) -> None:
    answer = client.chat_postMessage(channel=FRONT, text="new", blocks=[section("DN-1"), actions(button())])
    shown = story.expect_message("#front-desk", "DN-1")
    assert (shown.ts, shown.text, shown.labels) == (answer["ts"], "new", ["Claim"])
    assert answer["channel"] == FRONT
    assert answer["message"]["bot_id"] == "B0DENIALDESK"


def test_a_channel_may_be_named(client: WebClient) -> None:
    assert client.chat_postMessage(channel="#front-desk", text="x")["channel"] == FRONT


def test_a_person_gets_a_direct_message(client: WebClient, story: Story) -> None:
    channel = client.chat_postMessage(channel="U0LEAD", text="for you")["channel"]
    assert channel.startswith("D")
    assert story.expect_message("U0LEAD", "for you").channel == channel
    assert story.state("U0LEAD", channel)["channel"]["is_dm"] is True
    assert story.state("U0FRONT1", channel)["channel"] is None


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"channel": "C0NONE", "text": "x"}, "channel_not_found"),
        ({"channel": FRONT, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": FRONT, "text": "x", "blocks": [section("x" * 3001)]}, "invalid_blocks"),
        ({"channel": FRONT, "text": "x", "blocks": [section("x" * 3000)] * 5}, "msg_blocks_too_long"),
        ({"channel": FRONT, "text": "x", "blocks": "no json"}, "invalid_blocks_format"),
        ({"channel": FRONT, "text": "x", "thread_ts": "1.000001"}, "cannot_reply_to_message"),
        ({"channel": FRONT, "text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_schema"),
        (
            {"channel": FRONT, "text": "x", "metadata": {"event_type": "a", "event_payload": {"a": "x" * 9000}}},
            "metadata_too_large",
        ),
    ],
)
def test_slack_refuses_what_it_cannot_show(client: WebClient, given: dict[str, Any], error: str) -> None:
    assert refusal(client.chat_postMessage, **given)["error"] == error


def test_a_message_needs_a_text_or_blocks(client: WebClient) -> None:
    for text in ("", "  "):
        given = {"channel": FRONT, "text": text}
        assert refusal(client.api_call, api_method="chat.postMessage", json=given)["error"] == "no_text"


def test_a_refusal_of_blocks_names_the_place(client: WebClient) -> None:
    answer = refusal(client.chat_postMessage, channel=FRONT, text="x", blocks=[section("x" * 3001)])
    place = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert answer["errors"] == [place]
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {place}"]


def test_the_app_must_be_in_the_channel_that_it_posts_to() -> None:
    seed = default_seed()
    strange = (Channel("C0NEW", "new"), Channel("C0PRIV", "priv", private=True), Channel("C0OLD", "old", archived=True))
    out = tuple(
        Channel(one.id, one.name, private=one.private, archived=one.archived, app_is_member=one.archived)
        for one in strange
    )
    with Sandbox(Seed(seed.team_id, seed.team_name, seed.people, out), limits=FAST) as sandbox:
        client = client_of(sandbox)
        assert refusal(client.chat_postMessage, channel="C0NEW", text="x")["error"] == "not_in_channel"
        assert refusal(client.chat_postMessage, channel="C0PRIV", text="x")["error"] == "channel_not_found"
        assert refusal(client.chat_postMessage, channel="C0OLD", text="x")["error"] == "is_archived"
        client.conversations_join(channel="C0NEW")
        assert client.chat_postMessage(channel="C0NEW", text="x")["ok"]
        assert refusal(client.conversations_join, channel="C0OLD")["error"] == "is_archived"
        assert len(sandbox.refused_calls()) == 4


def test_an_update_keeps_what_it_does_not_name(client: WebClient, story: Story) -> None:
    ts = client.chat_postMessage(channel=FRONT, text="old", blocks=[section("DN-1")], metadata=METADATA)["ts"]
    client.chat_update(channel=FRONT, ts=ts, text="new")
    shown = story.expect_message(FRONT, "DN-1")
    assert (shown.text, shown.edited, shown.metadata) == ("new", True, METADATA)
    client.chat_update(channel=FRONT, ts=ts, text="plain", blocks=[])
    assert story.expect_message(FRONT, "plain").blocks == []


def test_only_own_messages_can_be_changed(client: WebClient, story: Story, sandbox: Sandbox) -> None:
    theirs = story.say("U0FRONT1", FRONT, "hello")
    given = {"channel": FRONT, "ts": theirs.ts}
    assert refusal(client.chat_update, text="x", **given)["error"] == "cant_update_message"
    assert refusal(client.chat_delete, **given)["error"] == "cant_delete_message"
    assert refusal(client.chat_update, channel=FRONT, ts="1.2", text="x")["error"] == "message_not_found"
    own = client.chat_postMessage(channel=FRONT, text="x")["ts"]
    assert refusal(client.chat_update, channel=FRONT, ts=own, text="x" * 4001)["error"] == "msg_too_long"
    sandbox.archive(FRONT)
    assert refusal(client.chat_update, channel=FRONT, ts=own, text="y")["error"] == "is_inactive"


def test_a_deleted_message_is_gone(client: WebClient, story: Story) -> None:
    ts = client.chat_postMessage(channel=FRONT, text="x")["ts"]
    client.chat_delete(channel=FRONT, ts=ts)
    assert story.messages(FRONT) == []
    assert refusal(client.chat_update, channel=FRONT, ts=ts, text="y")["error"] == "message_not_found"


def test_an_ephemeral_message_is_for_its_receiver_alone(client: WebClient, story: Story) -> None:
    client.chat_postEphemeral(channel=FRONT, user="U0FRONT1", text="only you")
    assert story.private_answers("U0FRONT1")[0].text == "only you"
    assert story.private_answers("U0FRONT2") == []
    assert story.messages(FRONT) == []
    assert [one["ephemeral"] for one in story.state("U0FRONT1", FRONT)["messages"]] == [True]
    assert story.state("U0FRONT2", FRONT)["messages"] == []
    assert client.conversations_history(channel=FRONT)["messages"] == []
    assert refusal(client.chat_postEphemeral, channel=FRONT, user="U0ADMIN", text="x")["error"] == "user_not_in_channel"


def test_metadata_comes_back_only_when_asked_for(client: WebClient) -> None:
    client.chat_postMessage(channel=FRONT, text="x", metadata=METADATA)
    asked = client.conversations_history(channel=FRONT, include_all_metadata=True)["messages"]
    assert asked[0]["metadata"] == METADATA
    assert "metadata" not in client.conversations_history(channel=FRONT)["messages"][0]


def test_replies_stand_in_the_thread(client: WebClient, story: Story) -> None:
    ts = client.chat_postMessage(channel=FRONT, text="first")["ts"]
    client.chat_postMessage(channel=FRONT, text="reply", thread_ts=ts)
    assert [one.text for one in story.messages(FRONT)] == ["first"]
    assert story.messages(FRONT)[0].reply_count == 1
    assert story.expect_message(FRONT, "reply", thread=ts).thread_ts == ts
    replies = client.conversations_replies(channel=FRONT, ts=ts)["messages"]
    assert [one["text"] for one in replies] == ["first", "reply"]
    state = story.state("U0FRONT1", FRONT, ts)
    assert [one["text"] for one in state["thread"]["messages"]] == ["first", "reply"]
    assert refusal(client.conversations_replies, channel=FRONT, ts="1.2")["error"] == "thread_not_found"


def test_a_permalink_leads_into_the_page(client: WebClient, sandbox: Sandbox) -> None:
    ts = client.chat_postMessage(channel=FRONT, text="x")["ts"]
    link = client.chat_getPermalink(channel=FRONT, message_ts=ts)["permalink"]
    assert link == f"{sandbox.url}/archives/{FRONT}/p{ts.replace('.', '')}"
    assert refusal(client.chat_getPermalink, channel=FRONT, message_ts="1.2")["error"] == "message_not_found"


def test_blocks_without_text_are_warned_about(sandbox: Sandbox) -> None:
    client = client_of(sandbox)
    answer = client.api_call("chat.postMessage", json={"channel": FRONT, "blocks": [section()]})
    assert "missing_text_in_message" in answer["response_metadata"]["warnings"]


def test_times_grow_even_when_the_clock_goes_back(client: WebClient, story: Story) -> None:
    story.move_clock("4h")
    first = client.chat_postMessage(channel=FRONT, text="x")["ts"]
    story.reset_clock()
    second = client.chat_postMessage(channel=FRONT, text="x")["ts"]
    assert second > first
