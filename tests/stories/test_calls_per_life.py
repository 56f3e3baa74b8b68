"""How many calls to Slack one denial costs in its whole life: counted, and not one more than stated in the docs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from services import delivery
from tests.remits import denied_claim, remit
from tests.stories.practice import Practice, practice

MAYA, REPORTS = "U0FRONT1", "C0LEADS"


@pytest.fixture(params=["socket", "http"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Practice]:
    """A practice, over Socket Mode and over HTTP, that has asked Slack who Maya is, as it does once an hour."""
    with practice(tmp_path, request.param) as running:
        running.story.command(MAYA, "/denials mine", channel="front-desk")
        running.story.expect_private_answer(MAYA)
        yield running


class Count:
    """The calls since the last look, by method, once nothing is under way any more."""

    def __init__(self, office: Practice) -> None:
        self.office = office
        self.seen = len(office.story.calls())

    def of(self, **expected: int) -> None:
        """Exactly these calls have been made since, `chat_update=1` for chat.update, and none was refused."""
        story, wanted = self.office.story, {name.replace("_", "."): number for name, number in expected.items()}
        story.expect(lambda: self.quiet() or None, "the outbox to be empty", timeout=30)
        made = story.calls()[self.seen :]
        theirs = [one for one in made if REPORTS not in str(one)]  # the weekly report is no denial's call
        assert Counter(one["method"] for one in theirs) == wanted
        assert story.refused_calls() == []
        self.seen += len(made)

    def quiet(self) -> bool:
        depth = delivery.depth(self.office.desk)
        return not any(depth.get(state) for state in ("pending", "sending", "ambiguous"))


def test_a_card_costs_six_calls_in_its_life(opened: Practice) -> None:
    story, calls = opened.story, Count(opened)

    opened.take_in(remit([denied_claim("C1", 240, "27")]))
    card = opened.card("front-desk")
    calls.of(chat_postMessage=1)

    story.move_clock("4h")
    story.expect_message("front-desk", "unclaimed for 4 business hours")
    calls.of(chat_postMessage=1)

    story.click(card, "Claim", by=MAYA)
    claimed = story.expect_update(card, f"<@{MAYA}>", button="Resolve")
    calls.of(chat_update=1)

    story.move_clock("7d")
    story.expect_message(MAYA, "claimed without activity for 5 business days")
    calls.of(chat_postMessage=1)

    story.click(claimed, "Resolve", by=MAYA)
    story.submit(MAYA, {"Outcome": "Billed to patient"})
    story.expect_update(card, "Billed to patient")
    calls.of(views_open=1, chat_update=1)


def test_a_line_of_a_list_costs_two_more_when_it_is_claimed_and_one_more_when_it_is_resolved(opened: Practice) -> None:
    story, calls = opened.story, Count(opened)

    opened.take_in(remit([denied_claim(f"C{n}", 100 + n, "27") for n in range(8)]))
    listed = story.expect_message("front-desk", "$100.00", without="Next step")
    calls.of(chat_postMessage=5)  # a summary, three cards and a list of the other five
    ref = listed.pressables("Claim")[0].value.partition(":")[0]

    story.click(listed, "Claim", by=MAYA, ref=ref)
    card = story.expect_message("front-desk", (ref, "Next step"))
    story.expect_update(listed, f"<@{MAYA}>")
    calls.of(chat_postMessage=1, chat_update=1)

    story.click(card, "Resolve", by=MAYA)
    story.submit(MAYA, {"Outcome": "Billed to patient"})
    story.expect_update(card, "Billed to patient")
    calls.of(views_open=1, chat_update=2)
