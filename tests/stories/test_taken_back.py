"""A payer takes a refusal back and says nothing else: people read so on the card until it has decided anew."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.remits import denied_claim, remit, reversal
from tests.stories.practice import practice

MAYA = "U0FRONT1"
TOLD = "The payer took its decision back on Mar 5; a new one is awaited"


def test_a_card_says_that_a_new_decision_is_awaited_until_there_is_one(tmp_path: Path) -> None:
    denied = denied_claim("C1", 240, "27")
    with practice(tmp_path) as opened:
        story = opened.story
        opened.take_in(remit([denied], date=date(2026, 3, 2)))
        card = opened.card("front-desk")
        story.click(card, "Claim", by=MAYA)

        opened.take_in(remit([reversal(denied)], date=date(2026, 3, 5), trace="T2"), announce=False)
        shown = story.expect_update(card, (TOLD, f"Claimed by <@{MAYA}>", "wait for the payer’s new decision"))
        story.choose(shown, "Details and history", by=MAYA)
        modal = story.modal(MAYA)
        assert modal.says((f"{TOLD}.", "took its decision back; a new one is awaited (remittance of Mar 5)"))
        story.close_modal(MAYA)

        opened.take_in(remit([denied], date=date(2026, 3, 9), trace="T3"), announce=False)
        shown = story.expect_update(shown, "came back once")
        assert not shown.says("decision")
        assert story.refused_calls() == []
