"""Monday morning in the leaders' channel, and what a manager asks after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from sandbox.shown import Shown
from tests.remits import denied_claim, paid_claim, remit
from tests.stories.practice import Practice, practice


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Practice]:
    """A practice with a file of last week, on Tuesday, March 10."""
    with practice(tmp_path) as opened:
        claims = [denied_claim(f"C{n}", 100, "197") for n in range(8)]
        opened.take_in(remit([*claims, paid_claim("P1"), paid_claim("P2")]), announce=False)  # March 2
        yield opened


def _reports(office: Practice) -> list[Shown]:
    return [one for one in office.story.messages("leaders") if one.says("Weekly report")]


def test_the_report_comes_on_monday_once_and_what_it_links_to_is_there(office: Practice) -> None:
    story = office.story
    assert _reports(office) == [], "the Monday before had come before there was a file"

    story.move_clock_to("2026-03-16T12:01:00Z")  # 8:01
    first = story.expect_message("leaders", ("Weekly report, Mar 9 to Mar 15, 2026", "0 new denials", "8 still open"))
    story.move_clock("2d")
    story.move_clock_to("2026-03-23T12:01:00Z")
    story.expect_message("leaders", "Weekly report, Mar 16 to Mar 22, 2026")

    assert [one.ts for one in _reports(office)].index(first.ts) == 0
    assert len(_reports(office)) == 2
    assert story.refused_calls() == []
    with urlopen(f"{office.parts.http.address}/definitions", timeout=10) as page:
        assert 'id="new"' in page.read().decode()

    story.command("U0MANAGER", "/denials payers", channel="leaders")
    answer = story.expect_private_answer("U0MANAGER", ("Aetna", "8 new denials", "$800.00", "CO-197 (8)"))
    assert {"data_visualization", "data_table"} <= {block["type"] for block in answer.blocks}
