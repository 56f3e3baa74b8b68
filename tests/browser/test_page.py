"""The sandbox's page: what a person sees and does in it, with a small app behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from slack_sdk import WebClient

from sandbox.limits import Limits
from sandbox.server import Sandbox
from tests.browser.pages import Workspace
from tests.browser.tiny_app import card, connected, section

FRONT = "C0FRONT"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A workspace of its own, whose paces are no hindrance."""
    with Sandbox(limits=Limits(scale=10_000)) as started:
        yield started


@pytest.fixture
def app(sandbox: Sandbox) -> Iterator[WebClient]:
    """The small app, connected."""
    with connected(sandbox) as client:
        yield client


@pytest.fixture
def workspace(sandbox: Sandbox, app: WebClient, page: Page) -> Workspace:
    """The page, seen by a front desk biller."""
    return Workspace(page, sandbox.url).open().as_person("Maya Ortiz").open_channel("front-desk")


def test_it_says_at_a_glance_that_it_is_not_slack(workspace: Workspace, page: Page) -> None:
    expect(page.get_by_test_id("not-slack")).to_contain_text("Denial Desk sandbox — not Slack")
    expect(page).to_have_title("#front-desk · Denial Desk sandbox, not Slack")


def test_nothing_is_loaded_from_elsewhere(sandbox: Sandbox, app: WebClient, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    Workspace(page, sandbox.url).open()
    assert asked
    assert [url for url in asked if not url.startswith(sandbox.url)] == []


def test_a_message_shows_author_time_badge_and_markup(workspace: Workspace, app: WebClient) -> None:
    app.chat_postMessage(
        channel=FRONT, text="Good *morning* <@U0FRONT1>, see <#C0CODING> &amp; <https://example.org|this>"
    )
    message = workspace.message_with("Good morning")
    expect(message.locator(".author")).to_have_text("Denial Desk")
    expect(message.locator(".app-badge")).to_have_text("APP")
    expect(message.locator("time")).to_be_visible()
    expect(message.locator("strong")).to_have_text("morning")
    expect(message.locator(".mention-me")).to_have_text("@Maya Ortiz")
    expect(message.get_by_role("link", name="this")).to_have_attribute("href", "https://example.org")


def test_markup_in_a_message_stays_text(workspace: Workspace, app: WebClient) -> None:
    app.chat_postMessage(channel=FRONT, text="&lt;img src=x onerror=alert(1)&gt; <javascript:alert(1)|press me>")
    message = workspace.message_with("<img src=x onerror=alert(1)>")
    expect(message.locator("img")).to_have_count(0)
    expect(message.get_by_role("link")).to_have_count(0)


def test_a_pressed_button_updates_the_message_in_place(workspace: Workspace, app: WebClient, page: Page) -> None:
    app.chat_postMessage(channel=FRONT, text="One denial", blocks=card("DN-ONE"))
    message = workspace.message_with("DN-ONE")
    workspace.press(message, "Claim")
    expect(message).to_contain_text("Claimed by @Maya Ortiz")
    expect(message.get_by_role("button", name="Release")).to_be_visible()
    expect(message.locator(".edited")).to_have_text("(edited)")
    expect(workspace.messages.filter(has_text="DN-ONE")).to_have_count(1)
    # The focus is still in the card, although its button is gone.
    assert message.evaluate("node => node.contains(document.activeElement)")


def test_a_dialog_shows_the_apps_errors_and_keeps_what_was_typed(
    workspace: Workspace, app: WebClient, page: Page
) -> None:
    app.chat_postMessage(channel=FRONT, text="One denial", blocks=card("DN-ONE"))
    workspace.press(workspace.message_with("DN-ONE"), "Resolve")
    modal = workspace.modal.titled("Resolve")
    modal.submit()
    modal.error("Fill in this field.")
    modal.choose("Outcome", "Paid").fill("Note", "called the payer").submit()
    modal.error("Say how much was recovered.")
    expect(modal.field("Recovered amount")).to_be_focused()
    expect(modal.field("Note")).to_have_value("called the payer")
    modal.fill("Recovered amount", "120.00").submit()
    modal.is_gone()
    workspace.message_with("Resolved with 120.00 recovered")


def test_typing_in_a_dialog_survives_what_happens_behind_it(workspace: Workspace, app: WebClient, page: Page) -> None:
    app.chat_postMessage(channel=FRONT, text="One denial", blocks=card("DN-ONE"))
    workspace.press(workspace.message_with("DN-ONE"), "Resolve")
    modal = workspace.modal
    note = modal.field("Note")
    note.press_sequentially("first half, ")
    app.chat_postMessage(channel=FRONT, text="Something else happens")
    expect(workspace.messages.filter(has_text="Something else happens")).to_be_attached()
    page.keyboard.type("second half")
    expect(note).to_have_value("first half, second half")
    modal.close()
    modal.is_gone()


def test_typing_in_a_dialog_survives_its_own_update_and_a_second_dialog_on_top(
    workspace: Workspace, app: WebClient
) -> None:
    app.chat_postMessage(channel=FRONT, text="One denial", blocks=card("DN-ONE"))
    workspace.press(workspace.message_with("DN-ONE"), "Resolve")
    modal = workspace.modal.titled("Resolve")
    modal.fill("Note", "called the payer").choose("Outcome", "Written off")
    expect(modal.node).to_contain_text("You chose Written off")
    expect(modal.field("Note")).to_have_value("called the payer")
    workspace.press(modal.node, "Explain")
    workspace.modal.titled("Outcomes").close()
    workspace.modal.titled("Resolve")
    expect(modal.field("Note")).to_have_value("called the payer")
    expect(modal.field("Outcome")).to_have_value("Written off")
    modal.submit()
    modal.is_gone()
    workspace.message_with("Resolved with nothing recovered")


def test_a_menu_stays_open_while_its_message_is_updated(workspace: Workspace, app: WebClient, page: Page) -> None:
    posted = app.chat_postMessage(channel=FRONT, text="One denial", blocks=card("DN-ONE"))
    workspace.message_with("DN-ONE").get_by_test_id("overflow").click()
    app.chat_update(channel=FRONT, ts=posted["ts"], text="One denial", blocks=card("DN-ONE", owner="U0LEAD"))
    workspace.message_with("Claimed by @Dana Whitfield")
    page.get_by_role("menuitem", name="Details").click()
    workspace.private_answer("You chose Details")


def test_a_command_is_hinted_and_answered_privately_with_chart_and_table(workspace: Workspace, page: Page) -> None:
    workspace.composer.press_sequentially("/den")
    expect(page.get_by_test_id("command-hints").get_by_role("option").first).to_contain_text("/denials")
    workspace.type_command("/denials stats")
    answer = workspace.private_answer("Your numbers")
    chart = answer.get_by_test_id("chart")
    expect(chart.get_by_role("img", name="New denials by category")).to_be_visible()
    expect(chart.locator("rect.bar")).to_have_count(4)
    expect(chart).to_contain_text("This period")
    table = answer.get_by_test_id("data-table")
    expect(table.locator("tbody tr")).to_have_count(3)
    expect(table).to_contain_text("1–3 of 4")
    table.get_by_role("button", name="New").click()
    expect(table.locator("tbody tr").first).to_contain_text("Cigna")
    table.get_by_role("button", name="Next page").click()
    expect(table.locator("tbody tr")).to_have_count(1)


def test_an_unknown_command_is_refused_with_a_notice(workspace: Workspace) -> None:
    workspace.type_command("/nonsense")
    workspace.notice("/nonsense is not a valid command.")


def test_a_message_that_cannot_be_sent_stays_to_be_sent_later(
    workspace: Workspace, sandbox: Sandbox, page: Page
) -> None:
    page.route("**/sandbox/message", lambda route: route.fulfill(status=403, json={"error": "the channel is archived"}))
    workspace.composer.fill("Did anyone call them?")
    workspace.composer.press("Enter")
    expect(page.get_by_test_id("composer-error")).to_have_text("The sandbox refused this: the channel is archived")
    expect(workspace.composer).to_have_value("Did anyone call them?")
    sandbox.archive(FRONT)
    expect(workspace.composer).to_be_disabled()


def test_private_answers_are_hidden_from_others(workspace: Workspace, page: Page) -> None:
    workspace.type_command("/denials stats")
    workspace.private_answer("Your numbers")
    workspace.as_person("Dana Whitfield").open_channel("front-desk")
    expect(workspace.messages.filter(has_text="Your numbers")).to_have_count(0)
    workspace.as_person("Maya Ortiz").open_channel("front-desk")
    workspace.private_answer("Your numbers")


def test_people_see_only_their_own_private_channels_and_what_is_new_for_them(
    workspace: Workspace, app: WebClient, page: Page
) -> None:
    app.chat_postMessage(channel=FRONT, text="<@U0LEAD> please look")
    workspace.message_with("please look")
    page.get_by_test_id("home-tab").click()
    workspace.as_person("Dana Whitfield")
    # A lead who arrives is taken to what mentions her, and reading it takes the badge away.
    workspace.message_with("please look")
    expect(workspace.unread("front-desk")).to_have_count(0)
    app.chat_postMessage(channel="C0CODING", text="<@U0LEAD> and here")
    expect(workspace.unread("coding")).to_contain_text("1")


def test_an_overflow_menu_works_by_keyboard(workspace: Workspace, app: WebClient, page: Page) -> None:
    app.chat_postMessage(channel=FRONT, text="One denial", blocks=card("DN-ONE"))
    workspace.message_with("DN-ONE").get_by_test_id("overflow").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Details")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    workspace.private_answer("You chose Snooze")


def test_a_press_that_nobody_answers_becomes_a_notice(workspace: Workspace, app: WebClient, page: Page) -> None:
    unheard = {"type": "button", "text": {"type": "plain_text", "text": "Ask"}, "action_id": "unheard"}
    app.chat_postMessage(channel=FRONT, text="Ask", blocks=[section("Unheard", unheard)])
    workspace.press(workspace.message_with("Unheard"), "Ask")
    notice = workspace.notice("Denial Desk")
    notice.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_test_id("notice")).to_have_count(0)


def test_the_clock_moves_forward_and_back_to_now(workspace: Workspace, page: Page) -> None:
    offset = page.get_by_test_id("clock-offset")
    expect(offset).to_have_text("real time")
    for amount, shown in (
        ("15m", "15 min"),
        ("1h", "1 h 15 min"),
        ("4h", "5 h 15 min"),
        ("1d", "1 day 5 h"),
        ("1w", "8 days 5 h"),
    ):
        workspace.move_clock(amount)
        expect(offset).to_have_text(f"{shown} ahead of real time")
    workspace.reset_clock()
    page.get_by_test_id("clock-next-workday").click()
    expect(page.get_by_test_id("clock")).to_contain_text("9:00 AM")


def test_replies_stand_in_the_thread(workspace: Workspace, app: WebClient, page: Page) -> None:
    app.chat_postMessage(channel=FRONT, text="One denial", blocks=card("DN-ONE"))
    message = workspace.message_with("DN-ONE")
    thread = workspace.open_thread(message)
    reply = thread.get_by_test_id("thread-composer")
    expect(reply).to_be_focused()
    reply.fill("I called them")
    reply.press("Enter")
    expect(thread.get_by_test_id("message").filter(has_text="I called them")).to_be_visible()
    expect(message.get_by_test_id("replies")).to_have_text("1 reply")
    expect(workspace.messages.filter(has_text="I called them")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(thread).to_be_hidden()


def test_home_is_drawn_when_it_is_opened(workspace: Workspace) -> None:
    home = workspace.open_home()
    expect(home).to_contain_text("Your queue is empty.")
    expect(home.get_by_role("button", name="Claim")).to_be_visible()


def test_a_direct_message_reaches_only_the_other(workspace: Workspace, page: Page) -> None:
    page.get_by_test_id("new-dm").click()
    page.get_by_test_id("people").get_by_role("button", name="Dana Whitfield").click()
    expect(page.get_by_role("heading", level=1, name="Dana Whitfield")).to_be_visible()
    workspace.say("Could you take two of mine?")
    workspace.as_person("Dana Whitfield").open_direct("Maya Ortiz")
    workspace.message_with("Could you take two of mine?")
    workspace.as_person("Sam Becker")
    expect(page.get_by_test_id("dm-Maya Ortiz")).to_have_count(0)


def test_a_reader_keeps_the_place_while_messages_come_in(workspace: Workspace, app: WebClient, page: Page) -> None:
    for number in range(30):
        app.chat_postMessage(channel=FRONT, text=f"Line {number}\nwith a second line")
    workspace.message_with("Line 29")
    scroller = page.get_by_test_id("messages")
    left = "node => node.scrollHeight - node.scrollTop - node.clientHeight"
    assert scroller.evaluate(left) < 5, "a conversation opens at its newest message"
    scroller.evaluate("node => { node.scrollTop = 200; }")
    expect(page.get_by_test_id("jump-to-newest")).to_be_visible()
    app.chat_postMessage(channel=FRONT, text="One more")
    expect(page.get_by_test_id("jump-to-newest")).to_have_text("1 new")
    assert scroller.evaluate("node => node.scrollTop") == 200
    page.get_by_test_id("jump-to-newest").click()
    expect(workspace.messages.filter(has_text="One more")).to_be_in_viewport()
    scroller.evaluate("node => { node.scrollTop = 200; }")
    workspace.type_command("/denials")
    # A long answer to one's own command is read from its beginning.
    expect(workspace.private_answer("Your numbers").locator(".byline")).to_be_in_viewport()


def test_the_main_controls_are_reached_by_keyboard_alone(workspace: Workspace, app: WebClient, page: Page) -> None:
    app.chat_postMessage(channel=FRONT, text="One denial", blocks=card("DN-ONE"))
    workspace.message_with("DN-ONE")
    page.locator("body").evaluate("() => document.activeElement.blur()")
    reached: list[str] = []
    name = """() => {
        const at = document.activeElement;
        return at.dataset.testid ?? at.getAttribute("aria-label") ?? at.textContent;
    }"""
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(name).strip())
    for control in (
        "Skip to the conversation",
        "viewer-select",
        "clock-forward-4h",
        "home-tab",
        "channel-front-desk",
        "new-dm",
        "Claim",
        "Resolve",
        "overflow",
        "reply-in-thread",
        "composer",
    ):
        assert control in reached, f"{control} is not in {reached}"


@pytest.mark.parametrize("width", [360, 768, 1024, 1280])
def test_nothing_is_cut_off_on_narrow_screens(sandbox: Sandbox, app: WebClient, page: Page, width: int) -> None:
    app.chat_postMessage(channel=FRONT, text="One denial", blocks=card("DN-ONE"))
    page.set_viewport_size({"width": width, "height": 800})
    workspace = Workspace(page, sandbox.url).open().as_person("Maya Ortiz")
    message = workspace.message_with("DN-ONE")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in (
        message.get_by_role("button", name="Claim"),
        workspace.composer,
        page.get_by_test_id("viewer-select"),
    ):
        expect(control).to_be_in_viewport(ratio=1)
    if width < 760:
        page.get_by_role("button", name="Channels").click()
        page.get_by_test_id("home-tab").click()
        expect(page.get_by_test_id("home")).to_be_visible()


def test_the_page_says_when_no_app_is_connected(sandbox: Sandbox, page: Page) -> None:
    Workspace(page, sandbox.url).open()
    expect(page.get_by_test_id("trouble")).to_contain_text("Denial Desk is not connected")
    with connected(sandbox):
        expect(page.get_by_test_id("trouble")).to_be_hidden()
        expect(page.get_by_test_id("app-connection")).to_contain_text("Denial Desk connected")
