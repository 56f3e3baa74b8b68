"""The weekly report file as a browser shows and prints it; `SCREENSHOTS=docs/images` keeps a picture of it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.report_page import report_html
from denials.rules.model import RuleSet
from tests.handlers.report_examples import REPORT

PICTURES = os.environ.get("SCREENSHOTS")


@pytest.fixture
def report(page: Page, rules: RuleSet, tmp_path: Path) -> Page:
    """The file, opened without any network."""
    path = tmp_path / "report.html"
    path.write_text(report_html(REPORT, rules), encoding="utf-8")
    page.context.set_offline(True)
    page.goto(path.as_uri())
    return page


def test_its_charts_show_and_a_number_leads_to_its_definition(report: Page) -> None:
    expect(report.get_by_role("img", name=re.compile("^New denials by week.*Mar 2: 128"))).to_be_visible()
    expect(report.get_by_role("img", name=re.compile("^New denials by category"))).to_be_visible()
    if PICTURES:
        report.set_viewport_size({"width": 900, "height": 1150})
        report.screenshot(path=f"{PICTURES}/report.png")
    report.get_by_role("link", name="128 new denials").click()
    expect(report.locator("#new")).to_be_in_viewport()


def test_it_fits_a_narrow_window_and_both_kinds_of_paper(report: Page) -> None:
    report.set_viewport_size({"width": 400, "height": 800})
    assert report.evaluate("document.documentElement.scrollWidth") <= 400
    for paper, width in (("Letter", "612"), ("A4", "59[45]")):
        pages = report.pdf(format=paper)
        assert re.search(rb"/MediaBox \[0 0 " + width.encode() + rb"[.\d]* ", pages)
        assert 2 <= len(re.findall(rb"/Type /Page\b", pages)) <= 9
