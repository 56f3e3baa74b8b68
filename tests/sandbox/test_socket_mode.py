"""Socket Mode as Slack does it: greetings, one connection per payload, redelivery, refusals."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from sandbox.limits import Limits
from sandbox.server import Sandbox
from sandbox.story import Story
from tests.sandbox.conftest import client_of
from tests.sandbox.samples import actions, button, section
from tests.sandbox.socket_app import SocketApp, stay_silent
from tests.sandbox.test_chat import FRONT


def _card(sandbox: Sandbox) -> None:
    client_of(sandbox).chat_postMessage(channel=FRONT, text="x", blocks=[section("DN-1"), actions(button())])


def test_a_connection_is_greeted(app: SocketApp) -> None:
    hello = app.messages[0]
    assert set(hello) == {"type", "num_connections", "debug_info", "connection_info"}
    assert hello["num_connections"] == 1


def test_a_ticket_opens_one_connection(sandbox: Sandbox) -> None:
    url = client_of(sandbox).apps_connections_open(app_token=sandbox.app_token)["url"]
    with connect(url):
        pass
    for bad in (url, f"{sandbox.url.replace('http', 'ws')}/link/?ticket=guess"):
        with pytest.raises(InvalidStatus), connect(bad):
            pass


def test_no_more_than_ten_connections() -> None:
    with Sandbox(limits=Limits(most_connections=2)) as sandbox, SocketApp(sandbox), SocketApp(sandbox):
        third = SocketApp(sandbox)
        third.connect()
        assert third.next(kind="disconnect")["reason"] == "too_many_websockets"
        third.wait_until_closed()
        third.close()
        assert sandbox.connections == 2


def test_each_payload_goes_to_exactly_one_connection(sandbox: Sandbox, story: Story) -> None:
    with SocketApp(sandbox) as one, SocketApp(sandbox) as other:
        for _ in range(10):
            assert story.command("U0FRONT1", "/denials", channel=FRONT)
        assert len(one.envelopes) + len(other.envelopes) == 10
        assert len(one.envelopes) == 5
        ids = [envelope["envelope_id"] for envelope in one.envelopes + other.envelopes]
        assert len(set(ids)) == 10


def test_a_click_is_sent_as_slack_sends_it(sandbox: Sandbox, story: Story, app: SocketApp) -> None:
    _card(sandbox)
    card = story.expect_message(FRONT, "DN-1")
    assert story.click(card, "Claim", by="U0FRONT1")
    envelope = app.next()
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("interactive", False)
    assert "retry_attempt" not in envelope
    payload = envelope["payload"]
    expected = {"type", "user", "api_app_id", "token", "container", "trigger_id", "team", "enterprise"}
    expected |= {"is_enterprise_install", "channel", "message", "state", "response_url", "actions"}
    assert set(payload) == expected
    assert payload["container"] == {
        "type": "message",
        "message_ts": card.ts,
        "channel_id": FRONT,
        "is_ephemeral": False,
    }
    assert payload["user"]["id"] == "U0FRONT1"
    action = payload["actions"][0]
    assert set(action) == {"action_id", "block_id", "text", "value", "type", "action_ts"}
    assert (action["action_id"], action["value"], action["type"]) == ("claim:DN-1", "DN-1:1", "button")
    assert payload["message"]["blocks"][1]["block_id"] == action["block_id"]


def test_an_unacknowledged_click_is_told_to_its_person_and_not_repeated(
    impatient: Sandbox,
) -> None:
    story = Story(impatient)
    _card(impatient)
    with SocketApp(impatient, stay_silent) as app:
        assert not story.click(story.expect_message(FRONT, "DN-1"), "Claim", by="U0FRONT1")
        assert "did not respond" in story.expect_notice("U0FRONT1")
        assert story.notices("U0FRONT2") == []
        assert not story.command("U0FRONT1", "/denials", channel=FRONT)
        assert story.notices("U0FRONT1")[-1] == '/denials failed with the error "operation_timeout"'
        assert len(app.envelopes) == 2


def test_without_a_connection_the_person_hears_at_once(sandbox: Sandbox, story: Story) -> None:
    _card(sandbox)
    assert not story.click(story.expect_message(FRONT, "DN-1"), "Claim", by="U0FRONT1")
    assert "not connected" in story.notices("U0FRONT1")[0]
    assert not story.command("U0FRONT1", "/denials", channel=FRONT)
    assert "dispatch_failed" in story.notices("U0FRONT1")[1]
    assert story.state("U0FRONT1")["app"] == {
        "id": "A0SANDBOX",
        "name": "Denial Desk",
        "user_id": "U0DENIALDESK",
        "mode": "none",
        "connected": False,
        "connections": 0,
    }


def test_an_unacknowledged_event_comes_three_more_times(impatient: Sandbox) -> None:
    with SocketApp(impatient, stay_silent) as app:
        Story(impatient).say("U0FRONT1", FRONT, "hello @Denial Desk")
        app.next(4)
    assert [one["retry_attempt"] for one in app.envelopes] == [0, 1, 2, 3]
    assert [one["retry_reason"] for one in app.envelopes] == ["", "timeout", "timeout", "timeout"]
    assert len({one["payload"]["event_id"] for one in app.envelopes}) == 1
    assert len({one["envelope_id"] for one in app.envelopes}) == 4
    assert app.envelopes[0]["payload"]["event"]["text"] == "hello <@U0DENIALDESK>"


def test_an_event_acknowledged_late_is_not_sent_again(impatient: Sandbox) -> None:
    story = Story(impatient)
    with SocketApp(impatient, lambda envelope: None if envelope["retry_attempt"] == 1 else ...) as app:
        story.say("U0FRONT1", FRONT, "@denialdesk or rather @Denial Desk")
        app.next(2)
        story.say("U0FRONT1", FRONT, "again @Denial Desk")
        app.next(4)
        assert [one["retry_attempt"] for one in app.envelopes] == [0, 1, 0, 1]


def test_events_wait_for_a_connection(sandbox: Sandbox, story: Story) -> None:
    story.say("U0FRONT1", FRONT, "anyone, @Denial Desk?")
    with SocketApp(sandbox) as late:
        assert late.next()["retry_attempt"] > 0


def test_only_subscribed_events_are_sent(sandbox: Sandbox, story: Story, app: SocketApp) -> None:
    story.say("U0FRONT1", FRONT, "nothing for the app")
    story.say("U0LEAD", story.direct("U0LEAD"), "hello app")
    event = app.next()["payload"]["event"]
    assert (event["type"], event["channel_type"], event["text"]) == ("message", "im", "hello app")
    assert len(app.envelopes) == 1


def test_a_refresh_sends_new_payloads_to_new_connections(sandbox: Sandbox, story: Story, app: SocketApp) -> None:
    with SocketApp(sandbox) as fresh:
        sandbox.refresh_connections()
        for old in (app, fresh):
            assert old.next(kind="disconnect")["reason"] == "refresh_requested"
            old.wait_until_closed()
    with SocketApp(sandbox) as renewed:
        assert story.command("U0FRONT1", "/denials", channel=FRONT)
        assert renewed.next()["type"] == "slash_commands"


def test_a_broken_connection_makes_room(sandbox: Sandbox, story: Story, app: SocketApp) -> None:
    sandbox.drop_connections()
    app.wait_until_closed()
    story.expect(lambda: sandbox.connections == 0 or None, "the connection to be gone")


def test_an_answer_in_the_acknowledgement_is_private_unless_said(story: Story, app: SocketApp) -> None:
    app.answer = lambda _: {"text": "for you"}
    story.command("U0FRONT1", "/denials help me", channel="front-desk")
    envelope = app.next()
    assert envelope["accepts_response_payload"] is True
    assert envelope["payload"]["text"] == "help me"
    assert envelope["payload"]["channel_name"] == "front-desk"
    assert set(envelope["payload"]) == {
        "token",
        "team_id",
        "team_domain",
        "channel_id",
        "channel_name",
        "user_id",
        "user_name",
        "command",
        "text",
        "api_app_id",
        "is_enterprise_install",
        "response_url",
        "trigger_id",
    }
    assert story.expect_private_answer("U0FRONT1").text == "for you"
    assert story.messages(FRONT) == []
    app.answer = lambda _: {"text": "for all", "response_type": "in_channel"}
    story.command("U0FRONT1", "/denials", channel=FRONT)
    story.expect_message(FRONT, "for all")


def test_a_word_that_is_no_command_is_said_so(story: Story, app: SocketApp) -> None:
    assert not story.command("U0FRONT1", "/dance now", channel=FRONT)
    assert story.notices("U0FRONT1") == ["/dance is not a valid command."]
    assert app.envelopes == []


def test_slacks_own_client_library_works(sandbox: Sandbox, client: WebClient, story: Story) -> None:
    from slack_bolt import App
    from slack_bolt.adapter.socket_mode import SocketModeHandler

    bolt = App(client=client, ignoring_self_events_enabled=True)

    @bolt.action("claim:DN-1")
    def claim(ack, body, respond, client) -> None:  # type: ignore[no-untyped-def]  # Bolt gives arguments by name
        ack()
        who = body["user"]["id"]
        client.chat_update(channel=FRONT, ts=body["message"]["ts"], text="x", blocks=[section(f"taken by <@{who}>")])
        respond("it is yours")

    handler = SocketModeHandler(bolt, sandbox.app_token)
    handler.connect()  # type: ignore[no-untyped-call]  # Bolt
    try:
        story.expect(lambda: sandbox.connections or None, "a connection")
        _card(sandbox)
        card = story.expect_message(FRONT, "DN-1")
        assert story.click(card, "Claim", by="U0FRONT1")
        assert story.expect_update(card, "taken by <@U0FRONT1>").edited
        story.expect_private_answer("U0FRONT1", "it is yours")
    finally:
        handler.close()  # type: ignore[no-untyped-call]  # Bolt
    assert sandbox.refused_calls() == []


def test_limits_that_are_slacks_own() -> None:
    limits = Limits()
    assert (limits.acknowledge, limits.trigger, limits.response_url_uses, limits.response_url) == (3, 3, 5, 1800)
    assert (limits.redeliver, limits.most_connections) == ((1, 60, 300), 10)
