"""Whatever is typed after `/denials`, odd or wrong, gets one friendly private answer that does not repeat it."""

from __future__ import annotations

from pathlib import Path

import pytest

from denials.notes import HOLDS_NUMBER
from handlers.answers import TROUBLE
from tests.remits import denied_claim, remit
from tests.stories.practice import practice

MAYA = "U0FRONT1"
TYPED = [
    "", " ", "?", "HELP", "/denials help", "hlep", "Xyzzy", "stats", "STATS 7D", "stats 0d", "stats -5d",
    "stats 99999d", "stats 30 days by payor", "stats by", "stats by Xyzzy", "stats last month", "stats by hand off",
    "stats 1e9", "stats 30d 60d", "stats by payer by owner", "stats;drop table item", "trend 12w",
    "trend by location", "aging 30d", "mine Xyzzy", "overdue --post now", "payers 90d", "payers by code", "reviews",
    "reviews PR-XYZZY2", "rules", "export", "export --since 90d", "note", "note Xyzzy has called", "find",
    "find DN-", "find DN-XYZZY222", "find dn xyzzy222", "find 123-45-6789", "find claim 4711-Xyzzy", "DN-XYZZY222",
    "claim", "claim DN-XYZZY222", "claim DN-XYZZY222 DN-XYZZY333", "release DN-XYZZY222",
    "snooze DN-XYZZY222 until Friday", "reopen DN-XYZZY222", "escalate", "escalate DN-XYZZY222", "<@U0LEAD>",
    "<!channel> Xyzzy", "`Xyzzy`", "*Xyzzy*", "—post", "–post stats", "stats —post", "stats --posted", "💥",
    "Xyzzy " * 500, "\u202eyzzyX", "ſtats", "𝐬𝐭𝐚𝐭𝐬", "stats 30d\nby payer", "show me what is overdue",
    "give me my numbers",
]  # fmt: skip


def test_odd_words_get_a_hint_and_are_never_repeated(tmp_path: Path) -> None:
    with practice(tmp_path) as opened:
        story = opened.story
        opened.take_in(remit([denied_claim("C1", 240, "27")]))
        opened.card("front-desk")
        for text in TYPED:
            assert story.command(MAYA, f"/denials {text}", channel="front-desk"), text

        def said() -> bool:
            shared = sum(one.user == "U0DENIALDESK" for one in story.messages("front-desk")) - 1
            return len(story.private_answers(MAYA)) + shared >= len(TYPED)

        story.expect(lambda: said() or None, "an answer to each")
        answers = [one.words for one in [*story.private_answers(MAYA), *story.messages("front-desk")]]
        assert not [one for one in answers if "xyzzy" in one.lower() or "4711" in one or "6789" in one]
        assert not [one for one in answers if TROUBLE in one or not one.strip()]
        assert [one for one in answers if "That is not one of the words below." in one]
        assert story.notices(MAYA) == []
        assert story.refused_calls() == []


def test_a_claim_number_in_a_note_is_answered_privately_and_nothing_is_kept(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with practice(tmp_path) as opened:
        story = opened.story
        opened.take_in(remit([denied_claim("AB77", 240, "27")]))
        card = opened.card("front-desk")
        filled = {"outcome": "Appeal sent", "note": "same as ab77, see there"}
        story.click(card, "Resolve", by=MAYA)
        assert story.submit(MAYA, filled) is None
        answer = story.expect_private_answer(MAYA, HOLDS_NUMBER)
        assert "ab77" not in answer.words.lower()
        assert story.expect_message("front-desk", "Open, nobody has claimed it").ts == card.ts
        story.click(card, "Resolve", by=MAYA)
        story.submit(MAYA, {**filled, "note": "same as the one before"})
        story.expect_update(card, "Waiting for the payer: Appeal sent")
    logged = capfd.readouterr()
    assert "ab77" not in (logged.out + logged.err).lower()
