"""Triggers, modals, submissions, response URLs and App Home."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from sandbox.limits import Limits
from sandbox.server import Sandbox
from sandbox.story import Story
from tests.sandbox.conftest import client_of
from tests.sandbox.samples import actions, button, home, modal, option, overflow, section, select_input, text_input
from tests.sandbox.socket_app import SocketApp, stay_silent
from tests.sandbox.test_chat import FRONT, refusal

WHO = "U0FRONT1"


@pytest.fixture
def trigger(story: Story, app: SocketApp) -> str:
    """A fresh trigger id of a person's command."""
    story.command(WHO, "/denials", channel=FRONT)
    return str(app.next()["payload"]["trigger_id"])


def test_a_trigger_opens_one_modal(client: WebClient, story: Story, trigger: str) -> None:
    view = client.views_open(trigger_id=trigger, view=modal(text_input("Note")))["view"]
    shown = story.modal(WHO)
    assert (shown.id, shown.title, shown.inputs) == (view["id"], "Resolve", ["Note"])
    assert story.open_modal("U0LEAD") is None
    assert refusal(client.views_open, trigger_id=trigger, view=modal())["error"] == "exchanged_trigger_id"


def test_a_refused_view_leaves_the_trigger(client: WebClient, trigger: str) -> None:
    answer = refusal(client.views_open, trigger_id=trigger, view=modal(title="x" * 25))
    assert answer["error"] == "invalid_arguments"
    assert "/view/title/text" in answer["response_metadata"]["messages"][0]
    assert client.views_open(trigger_id=trigger, view=modal())["ok"]


def test_a_trigger_dies_in_real_time() -> None:
    with Sandbox(limits=Limits(trigger=0)) as sandbox, SocketApp(sandbox) as app:
        story = Story(sandbox)
        story.command(WHO, "/denials", channel=FRONT)
        name = app.next()["payload"]["trigger_id"]
        assert refusal(client_of(sandbox).views_open, trigger_id=name, view=modal())["error"] == "expired_trigger_id"


def test_moving_the_clock_does_not_age_a_trigger(client: WebClient, story: Story, trigger: str) -> None:
    story.move_clock("4h")
    assert client.views_open(trigger_id=trigger, view=modal())["ok"]


def test_a_submission_carries_what_was_entered(client: WebClient, story: Story, app: SocketApp, trigger: str) -> None:
    date = {"type": "input", "block_id": "day", "label": {"type": "plain_text", "text": "Day"}, "optional": True}
    date["element"] = {"type": "datepicker", "action_id": "value", "initial_date": "2026-12-24"}
    view = modal(select_input("Outcome", "Paid", "Lost"), text_input("Note"), date, private_metadata="DN-1:1")
    client.views_open(trigger_id=trigger, view=view)
    assert story.submit(WHO, {"Outcome": "Lost", "Note": "done"}) is None
    payload = app.next(2)["payload"]
    assert payload["type"] == "view_submission"
    assert app.envelopes[1]["accepts_response_payload"] is True
    assert payload["view"]["private_metadata"] == "DN-1:1"
    values = payload["view"]["state"]["values"]
    chosen = values["choice"]["value"]
    assert chosen["type"] == "static_select"
    assert chosen["selected_option"]["value"] == "lost"
    assert values["note"] == {"value": {"type": "plain_text_input", "value": "done"}}
    assert values["day"] == {"value": {"type": "datepicker", "selected_date": "2026-12-24"}}


def test_slack_itself_asks_for_required_inputs(client: WebClient, story: Story, app: SocketApp, trigger: str) -> None:
    view = modal(text_input("Note"), text_input("More", "more", optional=True, max_length=5))
    client.views_open(trigger_id=trigger, view=view)
    asked = story.submit(WHO)
    assert asked is not None
    assert list(asked.errors) == ["note"]
    asked = story.submit(WHO, {"Note": "x", "More": "too long"})
    assert asked is not None
    assert list(asked.errors) == ["more"]
    assert len(app.envelopes) == 1


def _acknowledging(payload: Any) -> Any:
    return lambda envelope: payload if envelope["type"] == "interactive" else None


def test_errors_of_the_app_stay_under_their_inputs(
    client: WebClient, story: Story, app: SocketApp, trigger: str
) -> None:
    client.views_open(trigger_id=trigger, view=modal(text_input("Note")))
    app.answer = _acknowledging({"response_action": "errors", "errors": {"note": "No numbers, please"}})
    shown = story.submit(WHO, {"Note": "123"})
    assert shown is not None
    assert shown.errors == {"note": "No numbers, please"}
    app.answer = _acknowledging({"response_action": "errors", "errors": {"elsewhere": "?"}})
    assert story.submit(WHO, {"Note": "123"}) is not None
    assert "trouble" in story.notices(WHO)[0]


def test_an_acknowledgement_may_change_push_and_clear(
    client: WebClient, story: Story, app: SocketApp, trigger: str
) -> None:
    client.views_open(trigger_id=trigger, view=modal(text_input("Note")))
    app.answer = _acknowledging({"response_action": "update", "view": modal(title="Second")})
    changed = story.submit(WHO, {"Note": "x"})
    assert changed is not None
    assert (changed.title, changed.depth) == ("Second", 1)
    app.answer = _acknowledging({"response_action": "push", "view": modal(title="Third")})
    pushed = story.submit(WHO)
    assert pushed is not None
    assert (pushed.title, pushed.depth) == ("Third", 2)
    app.answer = _acknowledging(None)
    back = story.submit(WHO)
    assert back is not None
    assert back.title == "Second"
    app.answer = _acknowledging({"response_action": "push", "view": modal(title="Fourth")})
    story.submit(WHO)
    app.answer = _acknowledging({"response_action": "clear"})
    assert story.submit(WHO) is None


def test_a_submission_without_answer_keeps_the_dialog(impatient: Sandbox) -> None:
    story = Story(impatient)
    with SocketApp(impatient) as app:
        story.command(WHO, "/denials", channel=FRONT)
        trigger = app.next()["payload"]["trigger_id"]
        client_of(impatient).views_open(trigger_id=trigger, view=modal(text_input("Note")))
        app.answer = stay_silent
        assert story.submit(WHO, {"Note": "x"}) is not None
        assert "trouble" in story.notices(WHO)[0]
        assert len(app.envelopes) == 2


def test_a_modal_is_updated_by_id_and_hash(client: WebClient, story: Story, trigger: str) -> None:
    view = client.views_open(trigger_id=trigger, view=modal(external_id="mine"))["view"]
    newer = client.views_update(view_id=view["id"], hash=view["hash"], view=modal(title="New", external_id="mine"))
    assert newer["view"]["hash"] != view["hash"]
    old = refusal(client.views_update, view_id=view["id"], hash=view["hash"], view=modal())
    assert old["error"] == "hash_conflict"
    client.views_update(external_id="mine", view=modal(title="By name", external_id="mine"))
    assert story.modal(WHO).title == "By name"
    story.close_modal(WHO)
    assert refusal(client.views_update, view_id=view["id"], view=modal())["error"] == "not_found"


def test_three_modals_are_the_most(client: WebClient, story: Story, app: SocketApp, trigger: str) -> None:
    view = modal(actions(button("More", "more")))
    client.views_open(trigger_id=trigger, view=view)
    for depth in (2, 3, 4):
        assert story.click(story.modal(WHO), "More", by=WHO)
        payload = app.next(depth)["payload"]
        assert payload["container"] == {"type": "view", "view_id": payload["view"]["id"]}
        given = {"trigger_id": payload["trigger_id"], "view": view}
        if depth < 4:
            client.views_push(**given)
        else:
            assert refusal(client.views_push, **given)["error"] == "push_limit_reached"
    assert story.modal(WHO).depth == 3


def test_closing_is_told_to_an_app_that_wants_to_know(
    client: WebClient, story: Story, app: SocketApp, trigger: str
) -> None:
    client.views_open(trigger_id=trigger, view=modal(notify_on_close=True))
    story.close_modal(WHO)
    assert app.next(2)["payload"]["type"] == "view_closed"
    assert story.open_modal(WHO) is None


def test_a_menu_sends_what_was_chosen(client: WebClient, story: Story, app: SocketApp) -> None:
    client.chat_postMessage(channel=FRONT, text="x", blocks=[section("DN-1", accessory=overflow("Hand off", "Snooze"))])
    assert story.choose(story.expect_message(FRONT, "DN-1"), "Snooze", by=WHO)
    action = app.next()["payload"]["actions"][0]
    assert action["type"] == "overflow"
    assert action["selected_option"]["value"] == option("Snooze")["value"]


def test_a_press_on_what_was_drawn_before_an_update_arrives_as_it_was_drawn(
    client: WebClient, story: Story, app: SocketApp
) -> None:
    ts = client.chat_postMessage(channel=FRONT, text="x", blocks=[section("DN-1"), actions(button())])["ts"]
    old = story.expect_message(FRONT, "DN-1")
    client.chat_update(channel=FRONT, ts=ts, text="x", blocks=[section("DN-1"), actions(button(value="DN-1:2"))])
    story.click(old, "Claim", by=WHO)
    payload = app.next()["payload"]
    assert payload["actions"][0]["value"] == "DN-1:1"
    assert payload["message"]["blocks"][1]["elements"][0]["value"] == "DN-1:2"


def test_a_response_url_takes_five_messages(story: Story, app: SocketApp, trigger: str, sandbox: Sandbox) -> None:
    url = app.envelopes[0]["payload"]["response_url"]
    webhook = WebhookClient(url)
    for number in range(5):
        assert webhook.send(text=f"answer {number}").status_code == 200
    sixth = webhook.send(text="too much")
    assert (sixth.status_code, "used_url" in sixth.body) == (404, True)
    assert [one.text for one in story.private_answers(WHO)] == [f"answer {number}" for number in range(5)]
    assert [call.error for call in sandbox.refused_calls()] == ["used_url"]


def test_a_response_url_dies_in_real_time() -> None:
    with Sandbox(limits=Limits(response_url=0)) as sandbox, SocketApp(sandbox) as app:
        Story(sandbox).command(WHO, "/denials", channel=FRONT)
        answer = WebhookClient(app.next()["payload"]["response_url"]).send(text="late")
        assert (answer.status_code, "expired_url" in answer.body) == (404, True)


def test_a_response_may_be_open_replace_or_delete(client: WebClient, story: Story, app: SocketApp) -> None:
    client.chat_postMessage(channel=FRONT, text="x", blocks=[section("DN-1"), actions(button())])
    card = story.expect_message(FRONT, "DN-1")
    story.click(card, "Claim", by=WHO)
    webhook = WebhookClient(app.next()["payload"]["response_url"])
    webhook.send(text="to all", response_type="in_channel")
    story.expect_message(FRONT, "to all")
    webhook.send(text="changed", replace_original=True)
    assert story.again(card) is not None
    assert story.expect_update(card, "changed").blocks == []
    webhook.send(delete_original=True)
    assert story.again(card) is None
    bad = webhook.send(text="x", blocks=[section("x" * 3001)])
    assert (bad.status_code, "invalid_blocks" in bad.body) == (400, True)


def test_a_private_answer_can_be_replaced_by_its_own_button(client: WebClient, story: Story, app: SocketApp) -> None:
    client.chat_postEphemeral(channel=FRONT, user=WHO, text="x", blocks=[section("sure?"), actions(button("Yes"))])
    story.click(story.expect_private_answer(WHO, "sure?"), "Yes", by=WHO)
    payload = app.next()["payload"]
    assert "message" not in payload
    assert payload["container"]["is_ephemeral"] is True
    WebhookClient(payload["response_url"]).send(text="done", replace_original=True)
    assert [one.text for one in story.private_answers(WHO)] == ["done"]


def test_home_is_drawn_when_it_is_opened(client: WebClient, story: Story, app: SocketApp) -> None:
    def publish(envelope: dict[str, Any]) -> Any:
        if envelope["type"] == "events_api":
            client.views_publish(user_id=envelope["payload"]["event"]["user"], view=home(section("your queue")))

    app.answer = publish
    view = story.home(WHO, containing="your queue")
    assert story.state(WHO, "home")["home"]["id"] == view.id
    assert story.state(WHO, FRONT)["home"] is None
    event = app.next()["payload"]["event"]
    assert (event["type"], event["tab"], "view" in event) == ("app_home_opened", "home", False)
    published = client.views_publish(user_id=WHO, view=home(section("newer")))["view"]
    assert published["id"] == view.id
    stale = refusal(client.views_publish, user_id=WHO, view=home(), hash="1.2")
    assert stale["error"] == "hash_conflict"
