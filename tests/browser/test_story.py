"""What a biller and a lead do in the page, in the running product; `SCREENSHOTS=docs/images` keeps pictures of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from sandbox.samples import write_samples
from tests.browser.pages import Workspace
from tests.remits import denied_claim, remit
from tests.stories.practice import Practice, practice

ROOT = Path(__file__).parent.parent.parent
PICTURES = os.environ.get("SCREENSHOTS")
TUESDAY = date(2026, 3, 10)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Practice]:
    """The shipped rules and the sample batches, in the page; paces fast enough for a test."""
    monkeypatch.setenv("DENIALS_REVEAL_URL", "http://desk.practice.example:3000")
    with practice(tmp_path, rules=ROOT / "rules.yaml") as opened:
        folder = tmp_path / "batches"
        folder.mkdir()
        write_samples(folder, TUESDAY)
        for past in sorted((folder / "history").glob("*")):
            opened.take_in_file(past, history=True)
        for batch in sorted(path for path in folder.glob("*.*") if path.is_file()):
            opened.take_in_file(batch)
        opened.story.move_clock("2m")
        yield opened


def _keep(workspace: Workspace, name: str) -> None:
    if PICTURES:
        workspace.screenshot(Path(PICTURES) / f"{name}.png")


def test_a_biller_and_a_lead_work_a_batch_in_the_page(page: Page, office: Practice) -> None:
    workspace = Workspace(page, office.sandbox.url).open().as_person("Maya Ortiz").open_channel("front-desk")
    summary = workspace.message_with("new denials")
    expect(summary).to_contain_text("Front desk")
    workspace.message_with("Claiming a line gives it a card")
    listed = workspace.messages.filter(has=page.get_by_role("button", name="Claim", exact=True)).last
    summary.scroll_into_view_if_needed()
    _keep(workspace, "channel")

    # Claim a line of a list: it gets a card that names who has it.
    expect(listed).to_be_visible()
    workspace.press(listed, "Claim")
    card = workspace.message_with("Maya Ortiz", "Next step")
    expect(card.get_by_role("button", name="Release", exact=True)).to_be_visible()
    card.scroll_into_view_if_needed()
    _keep(workspace, "cards")

    # Resolve it through the dialog; a wrong amount is named under its field.
    workspace.press(card, "Resolve")
    modal = workspace.modal
    modal.choose("Outcome", "Overturned and paid")
    modal.fill("No patient details", "call 555-123-4567")
    _keep(workspace, "resolve")
    modal.submit()
    modal.error("phone")
    modal.fill("No patient details", "")
    modal.fill("Recovered amount", "40.00")
    modal.submit()
    modal.is_gone()
    expect(card).to_contain_text("Overturned and paid")
    expect(card.get_by_role("button", name="Resolve", exact=True)).to_have_count(0)

    # What nobody touches climbs: to the team after four business hours, to the lead after a business day.
    workspace.move_clock("4h")
    workspace.message_with("4 business hours")
    workspace.move_clock("1d")
    workspace.as_person("Dana Whitfield").open_direct("Denial Desk")
    workspace.message_with("1 business day")
    _keep(workspace, "escalation")

    # The manager asks for the numbers.
    workspace.as_person("Ruth Alvarez").open_channel("leaders")
    workspace.type_command("/denials stats 30d")
    answer = workspace.private_answer("denials")
    expect(answer.locator("svg").first).to_be_visible()
    expect(answer.get_by_role("table").first).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 1560})  # so that chart and table are both in the picture
    _keep(workspace, "stats")
    assert office.story.refused_calls() == []


def _picture(part: Locator, name: str) -> None:
    """Keep one part of the page: a dialog, a message, App Home."""
    if PICTURES:
        part.screenshot(path=Path(PICTURES) / f"{name}.png", animations="disabled", caret="hide")


def _around(workspace: Workspace, part: Locator, name: str) -> None:
    """Keep a part of the page with what opened beside it."""
    box = part.bounding_box()
    if PICTURES and box is not None:
        clip = FloatRect(x=box["x"], y=box["y"], width=box["width"], height=box["height"] + 15)
        workspace.page.screenshot(path=Path(PICTURES) / f"{name}.png", animations="disabled", caret="hide", clip=clip)


def _card_for(workspace: Workspace, number: int) -> Locator:
    """The nth card of the open channel, however it changes."""
    found = workspace.messages.filter(has_text="Next step").nth(number)
    expect(found).to_be_visible()
    return workspace.page.get_by_test_id("messages").locator(f'[data-ts="{found.get_attribute("data-ts")}"]')


def _closed(workspace: Workspace) -> None:
    expect(workspace.page.get_by_test_id("modal")).to_have_count(0)


def test_the_rarer_things_of_a_day_in_the_page(page: Page, office: Practice) -> None:
    workspace = Workspace(page, office.sandbox.url).open().as_person("Maya Ortiz").open_channel("front-desk")
    page.set_viewport_size({"width": 1180, "height": 900})
    workspace.message_with("Claiming a line gives it a card")
    first, third = (_card_for(workspace, number) for number in (0, 1))
    office.take_in(remit([denied_claim("LARGE", 1240, "27")], trace="LARGE"))
    workspace.message_with("$1,240.00", "Next step")
    second = _card_for(workspace, workspace.messages.filter(has_text="Next step").count() - 1)

    # Several alike in one go.
    workspace.press(workspace.message_with("Claiming a line gives it a card"), "Claim several")
    kinds = workspace.modal.field("All like these")
    kinds.select_option(index=1)
    _picture(workspace.modal.node, "claim-several")
    workspace.modal.submit()
    _closed(workspace)
    workspace.private_answer("Claimed ")

    # Why it is here, why it ranks so, and everything that happened.
    workspace.press(first, "Claim")
    expect(first).to_contain_text("Claimed by")
    workspace.choose_more(first, "Details and history")
    _picture(workspace.modal.titled("Denial details").node, "history")
    workspace.modal.close()
    _closed(workspace)

    # Rest, and the claim number by a private link.
    workspace.choose_more(first, "Snooze")
    _picture(workspace.modal.titled("Snooze").node, "snooze")
    workspace.modal.submit()
    _closed(workspace)
    expect(first).to_contain_text("Snoozed until")
    workspace.press(second, "Claim")
    expect(second).to_contain_text("Claimed by")
    workspace.choose_more(second, "Claim number")
    _picture(workspace.private_answer("works once"), "reveal-link")

    # Another team's work goes there.
    workspace.choose_more(first, "Hand off")
    workspace.modal.choose("Category", "Coding errors").choose("Reason", "Wrong category")
    _picture(workspace.modal.titled("Hand off").node, "hand-off")
    workspace.modal.submit()
    _closed(workspace)
    expect(first).to_contain_text("was handed off to Coding")

    _second_person_and_reassignment(workspace, second, third)
    _queues(workspace)
    assert office.story.refused_calls() == []


def _second_person_and_reassignment(workspace: Workspace, second: Locator, third: Locator) -> None:
    """A large write-off waits for a second person; a lead gives work to somebody."""
    workspace.press(second, "Resolve")
    workspace.modal.choose("Outcome", "Written off").submit()
    _closed(workspace)
    expect(second).to_contain_text("waiting for a second person")
    workspace.as_person("Dana Whitfield").open_channel("front-desk")
    second.get_by_test_id("overflow").first.click()
    expect(workspace.page.get_by_role("menuitem", name="Approve the write-off")).to_be_visible()
    _around(workspace, second, "write-off")
    workspace.page.get_by_role("menuitem", name="Approve the write-off").click()
    expect(second).to_contain_text("Resolved: Written off")
    workspace.choose_more(third, "Details and history")
    workspace.modal.choose("Give it to", "Sam Becker")
    workspace.modal.field("Give it to").scroll_into_view_if_needed()
    _picture(workspace.modal.node, "reassign")
    workspace.modal.submit()
    _closed(workspace)
    expect(third).to_contain_text("Claimed by @Sam Becker")


def _queues(workspace: Workspace) -> None:
    """Everybody's own queue."""
    for name, role, shown in (
        ("Maya Ortiz", "member", "In your hands"),
        ("Dana Whitfield", "lead", "Your teams"),
        ("Ruth Alvarez", "manager", "Your teams"),
    ):
        home = workspace.open_channel("front-desk").as_person(name).open_home()
        expect(home.get_by_role("heading", name=shown)).to_be_visible()
        if role != "member":
            home.evaluate("node => node.scrollTo(0, node.scrollHeight)")
        _picture(home, f"home-{role}")
