"""Every message's text alone, as a notification and a screen reader have it, says what it is about in plain words."""

from __future__ import annotations

import re
import typing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from denials.commands import Outcome, State
from denials.rules.model import RuleSet
from handlers.blocks import texts
from handlers.render import plain, render
from services.views import (
    Card,
    Content,
    Moved,
    Notice,
    Pattern,
    Ping,
    Proposal,
    Review,
    ReviewReminder,
    Summary,
    VerdictPosted,
    WorkList,
)
from tests.handlers import review_examples as reviews
from tests.handlers.examples import CLAIMED, ITEM, RESOLVED, TODAY
from tests.handlers.report_examples import REPORT

SNOOZED = replace(ITEM, state=State.SNOOZED, follow_up=TODAY + timedelta(days=3))
WAITING = replace(CLAIMED, state=State.WAITING, outcome=str(Outcome.APPEALED), follow_up=TODAY + timedelta(days=9))
ASKED = replace(CLAIMED, state=State.WAITING, outcome=str(Outcome.WRITTEN_OFF))
ELSEWHERE = replace(ITEM, lives_elsewhere=True, moved=True)
PATTERNS = (Pattern("Registration errors", "Aetna", "CO-31", 18, Decimal("1240.00")),)
PROPOSED = Proposal(
    "Aetna", "CO-16", "N290", ("Registration errors",), "Coding errors", 12, Decimal("3400.00"), 2, 1, 90,
    ("DN-7KQ2M4XT",), "  - id: aetna-co-16\n", (), 240, (Moved("Registration", "Coding", 14, Decimal("4100.00")),),
)  # fmt: skip
PING = Ping("unclaimed for 4 business hours", "owner", ("S0FRONT",), (ITEM,), (), TODAY)

SPOKEN: dict[str, tuple[Content, tuple[str, ...]]] = {
    "open card": (Card(ITEM, TODAY), ("DN-7KQ2M4XT", "$1,240.00", "Aetna", "Open, nobody has claimed it")),
    "claimed card": (Card(CLAIMED, TODAY), ("DN-7KQ2M4XT", "$1,240.00", "Claimed by <@U0FRONT1>")),
    "resolved card": (Card(RESOLVED, TODAY), ("DN-7KQ2M4XT", "$1,240.00", "Resolved: Overturned and paid")),
    "snoozed card": (Card(SNOOZED, TODAY), ("DN-7KQ2M4XT", "$1,240.00", "Snoozed until Mar 13")),
    "waiting card": (Card(WAITING, TODAY), ("DN-7KQ2M4XT", "$1,240.00", "Waiting for the payer: Appeal sent")),
    "card to approve": (Card(ASKED, TODAY), ("DN-7KQ2M4XT", "$1,240.00", "waiting for a second person")),
    "card that has moved": (Card(ELSEWHERE, TODAY), ("DN-7KQ2M4XT", "handed off")),
    "list": (WorkList((ITEM, CLAIMED), 1, 1, TODAY), ("Front desk", "2 denials", "$2,480.00", "1 not claimed yet")),
    "summary": (
        Summary("Front desk", 18, Decimal("1240.00"), PATTERNS, 0, 3, 15, TODAY, TODAY),
        ("18 new denials for Front desk", "$1,240.00", "due today", "Aetna"),
    ),
    "reminder": (PING, ("1 denial unclaimed for 4 business hours", "$1,240.00", "DN-7KQ2M4XT")),
    "reminder that was seen": (replace(PING, acknowledged_by="U0FRONT1"), ("DN-7KQ2M4XT", "$1,240.00")),
    "notice": (Notice("A file was rejected; see it in the rejected folder."), ("rejected",)),
    "proposal": (PROPOSED, ("12 Aetna denials", "$3,400.00", "CO-16")),
    "review": (Review(reviews.OPEN, TODAY), (reviews.OPEN.ref,)),
    "review that is measured": (Review(reviews.MEASURING, TODAY), (reviews.OPEN.ref,)),
    "verdict": (VerdictPosted(reviews.WORKED, reviews.FELL, TODAY), (reviews.OPEN.ref,)),
    "reminder of reviews": (ReviewReminder((reviews.TAKEN,), (), TODAY), (reviews.OPEN.ref,)),
    "weekly report": (REPORT, ("128", "$45,200.00")),
}

_EMOJI = re.compile("[\U0001f000-\U0001faff☀-➿]|:[a-z_+-]+:")
_COLORS = re.compile(r"\b(red|green|yellow|orange|blue|gr[ae]y|purple|colou?rs?|colou?red)\b", re.IGNORECASE)


def test_no_kind_of_message_is_left_out() -> None:
    assert {type(content) for content, _ in SPOKEN.values()} == set(typing.get_args(Content))


@pytest.mark.parametrize("name", SPOKEN)
def test_the_text_alone_makes_sense(rules: RuleSet, name: str) -> None:
    content, expected = SPOKEN[name]
    shown, shortened = render(content, rules), plain(content, rules)
    for text in (shown.text, shortened.text):
        assert len(re.findall(r"[A-Za-z]{2,}", text)) >= 4, "a sentence, not a mark"
        assert not _COLORS.search(text)
        assert not _EMOJI.search(text)
    for words in expected:
        assert words in shown.text, shown.text
    seen = "\n".join(texts(shown.blocks))
    assert not _COLORS.search(seen), "no state is told by its color"
    alone = [line for line in seen.splitlines() if _EMOJI.search(line) and not re.search("[A-Za-z]{3}", line)]
    assert alone == [], "no emoji without words"
