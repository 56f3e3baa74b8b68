"""A repeat is noticed, worked and proven gone, in the page; `SCREENSHOTS=docs/images` keeps pictures of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Workspace
from tests.stories.practice import Practice, practice
from tests.stories.repeats import TODAY, past, week

PICTURES = os.environ.get("SCREENSHOTS")
PAST = (2, 1, 3, 2, 1, 2, 2, 1, 3, 2)  # denials a week, latest first


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Practice]:
    """A practice with a quiet past, and a fortnight in which two payers refuse the same thing again and again."""
    with practice(tmp_path, "http") as opened:
        past(opened, PAST, ("AETNA", "UNITEDHEALTHCARE"))
        opened.take_in(week(TODAY - timedelta(days=8), "A", denied=9), announce=False)
        opened.take_in(week(TODAY - timedelta(days=1), "B", denied=14, payer="UNITEDHEALTHCARE"), announce=False)
        opened.story.move_clock_to("2026-03-11T14:00:00Z")  # the morning of the next business day
        yield opened


def _keep(workspace: Workspace, name: str) -> None:
    if PICTURES:
        workspace.screenshot(Path(PICTURES) / f"{name}.png")


def test_a_repeat_is_worked_and_proven_gone_in_the_page(page: Page, office: Practice) -> None:
    workspace = Workspace(page, office.sandbox.url).open().as_person("Jonas Weber").open_channel("authorizations")
    review = workspace.message_with("Prevention review", "Denials keep coming back")
    expect(review.locator("svg").first).to_be_visible()
    expect(review).to_contain_text("23 denials in 14 days")
    expect(review).to_contain_text("UnitedHealthcare: 14")
    page.set_viewport_size({"width": 1280, "height": 1180})  # so that all of it is in the picture
    review.scroll_into_view_if_needed()
    _keep(workspace, "review")

    # Jonas takes it; what he types by habit is refused at its field.
    workspace.press(review, "Take it")
    expect(review).to_contain_text("Taken by @Jonas Weber")
    workspace.press(review, "Log cause")
    modal = workspace.modal.titled("Log cause")
    modal.choose("Cause", "A step was left out")
    modal.choose("Corrective action", "Added a check before the claim goes out")
    modal.fill("Why, in your own words", "member 12345678")
    modal.fill("Effective date", "2026-03-12")
    modal.submit()
    modal.error("claim, member or account number")
    modal.fill("Why, in your own words", "imaging orders came without the check")
    modal.submit()
    modal.is_gone()
    expect(review).to_contain_text("measured on Apr 9")
    expect(review.get_by_role("button", name="Log cause", exact=True)).to_have_count(0)

    # Four quiet weeks later the verdict is posted.
    for n in range(4):
        day = date(2026, 3, 16) + timedelta(weeks=n)
        office.take_in(week(day, f"Q{n}", denied=1 if n == 1 else 0), announce=False)
    office.story.move_clock_to("2026-04-09T14:00:00Z")
    verdict = workspace.message_with("It worked", "a month less denied")
    expect(verdict).to_contain_text("unlikely to be chance")
    expect(review).to_contain_text("Closed: the action worked")
    page.set_viewport_size({"width": 1280, "height": 800})
    verdict.scroll_into_view_if_needed()
    _keep(workspace, "verdict")

    workspace.as_person("Ruth Alvarez").open_channel("leaders")
    workspace.type_command("/denials reviews")
    answer = workspace.private_answer("Prevention reviews")
    expect(answer.get_by_role("table").first).to_be_visible()
    expect(answer).to_contain_text("less denied")
    assert office.story.refused_calls() == []
