"""A story says clearly what was there when something did not come."""

from __future__ import annotations

import threading

import pytest
from slack_sdk import WebClient

from sandbox.story import Story
from tests.sandbox.samples import actions, button, modal, overflow, section, select_input
from tests.sandbox.socket_app import SocketApp
from tests.sandbox.test_chat import FRONT

WHO = "U0FRONT1"


def test_what_did_not_come_is_told_with_what_was_there(client: WebClient, story: Story) -> None:
    client.chat_postMessage(channel=FRONT, text="another thing")
    with pytest.raises(AssertionError, match=r"(?s)in vain for a message in C0FRONT with 'DN-1'.*another thing"):
        story.expect_message(FRONT, "DN-1", timeout=0)


def test_what_comes_later_is_waited_for(client: WebClient, story: Story) -> None:
    later = threading.Thread(target=lambda: client.chat_postMessage(channel=FRONT, text="DN-1"))
    later.start()
    assert story.expect_message("front-desk", "DN-1").says(("DN", "1"))
    later.join()


def test_an_older_message_is_not_taken_for_a_newer_one(client: WebClient, story: Story) -> None:
    client.chat_postMessage(channel=FRONT, text="ping one")
    first = story.expect_message(FRONT, "ping")
    with pytest.raises(AssertionError):
        story.expect_message(FRONT, "ping", after=first, timeout=0)
    client.chat_postMessage(channel=FRONT, text="ping two")
    assert story.expect_message(FRONT, "ping", after=first).text == "ping two"
    assert len(story.expect_messages(FRONT, 2, "ping")) == 2
    with pytest.raises(AssertionError):
        story.expect_message(FRONT, "ping", without="ping", timeout=0)


def test_a_button_is_picked_by_its_reference(client: WebClient, story: Story, app: SocketApp) -> None:
    lines = [section(ref, accessory=button(action_id=f"claim:{ref}", value=f"{ref}:1")) for ref in ("DN-1", "DN-2")]
    client.chat_postMessage(channel=FRONT, text="x", blocks=lines)
    shown = story.expect_message(FRONT, "DN-2")
    with pytest.raises(AssertionError, match="2 of the button"):
        story.click(shown, "Claim", by=WHO)
    with pytest.raises(AssertionError, match=r"no button 'Resolve'; buttons: \['Claim', 'Claim'\]"):
        story.click(shown, "Resolve", by=WHO)
    story.click(shown, "Claim", by=WHO, ref="DN-2")
    assert app.next()["payload"]["actions"][0]["value"] == "DN-2:1"


def test_a_menu_that_does_not_offer_a_thing_says_what_it_offers(client: WebClient, story: Story) -> None:
    client.chat_postMessage(channel=FRONT, text="x", blocks=[section("DN-1", accessory=overflow("Snooze"))])
    with pytest.raises(AssertionError, match=r"no menu offers 'Sell'; there is \['Snooze'\]"):
        story.choose(story.expect_message(FRONT, "DN-1"), "Sell", by=WHO)


def test_inputs_are_named_as_they_are_shown(client: WebClient, story: Story, app: SocketApp) -> None:
    story.command(WHO, "/denials", channel=FRONT)
    view = modal(select_input("Outcome", "Paid", "Lost"))
    client.views_open(trigger_id=app.next()["payload"]["trigger_id"], view=view)
    shown = story.modal(WHO)
    assert (shown.inputs, shown.options("Outcome")) == (["Outcome"], ["Paid", "Lost"])
    with pytest.raises(AssertionError, match=r"no input 'Amount'; it has \['Outcome'\]"):
        story.submit(WHO, {"Amount": "1"})
    with pytest.raises(AssertionError, match=r"no option 'Won'; there is \['Paid', 'Lost'\]"):
        story.submit(WHO, {"Outcome": "Won"})
    assert story.submit(WHO, {"choice": "paid"}) is None
    story.expect_no_modal(WHO)


def test_an_update_is_waited_for_by_words_and_buttons(client: WebClient, story: Story) -> None:
    ts = client.chat_postMessage(channel=FRONT, text="x", blocks=[section("open"), actions(button())])["ts"]
    card = story.expect_message(FRONT, "open")
    client.chat_update(channel=FRONT, ts=ts, text="x", blocks=[section("taken"), actions(button("Release"))])
    assert story.expect_update(card, "taken", without="open", button="Release").labels == ["Release"]
    with pytest.raises(AssertionError, match="taken"):
        story.expect_update(card, "resolved", timeout=0)
