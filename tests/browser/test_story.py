"""What a biller and a lead do in the page, in the running product; `SCREENSHOTS=docs/images` keeps pictures of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sandbox.samples import write_samples
from tests.browser.pages import Workspace
from tests.stories.practice import Practice, practice

ROOT = Path(__file__).parent.parent.parent
PICTURES = os.environ.get("SCREENSHOTS")
TUESDAY = date(2026, 3, 10)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Practice]:
    """The shipped rules and the sample batches, in the page; paces fast enough for a test."""
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
