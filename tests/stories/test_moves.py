"""The rest of the working day as people see it: work that changes teams, rests, comes back, and is never forgotten."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sandbox.shown import Shown
from services import delivery
from store import items
from tests.remits import denied_claim, remit
from tests.services.stock import get, item_id
from tests.stories.practice import Practice, practice

MAYA, SAM, CODER, LEAD, MANAGER = "U0FRONT1", "U0FRONT2", "U0CODE1", "U0LEAD", "U0MANAGER"


@pytest.fixture(params=["socket", "http"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Practice]:
    """A practice, once over Socket Mode and once over HTTP."""
    with practice(tmp_path, request.param) as running:
        yield running


def ref_of(card: Shown) -> str:
    return card.pressables()[0].value.partition(":")[0]


def test_what_was_handed_off_belongs_to_the_new_team_alone(opened: Practice) -> None:
    story = opened.story
    opened.take_in(remit([denied_claim("C1", 240, "27")]))
    card = opened.card("front-desk")
    ref = ref_of(card)
    story.click(card, "Claim", by=MAYA)
    story.choose(story.expect_update(card, button="Release"), "Hand off", by=MAYA)
    story.submit(MAYA, {"category": "coding", "reason": "Wrong category"})

    moved = story.expect_message("coding", (ref, "Next step"))
    story.expect_update(card, ("was handed off to Coding", "<#C0CODING>"))
    story.click(card, "Claim", by=SAM)  # the old card, as it stood a moment ago
    story.expect_private_answer(SAM, f"<@{CODER}>")
    story.click(moved, "Claim", by=CODER)
    story.expect_update(moved, f"Claimed by <@{CODER}>")
    assert story.refused_calls() == []

    story.command(MANAGER, "/denials stats 30d by team", channel="front-desk")
    answer = story.expect_private_answer(MANAGER, "handed off 1 time")
    assert answer.says("Coding")


def test_the_day_can_be_worked_by_typing(opened: Practice) -> None:
    story = opened.story
    opened.take_in(remit([denied_claim("C1", 240, "27")]))
    card = opened.card("front-desk")
    ref = ref_of(card)
    answer = None
    for typed, answered, shown in (
        ("claim", f"Claimed by <@{MAYA}>", f"Claimed by <@{MAYA}>"),
        ("snooze", "Snoozed until Mar 11", "Snoozed until Mar 11"),
        ("escalate", f"<@{LEAD}> is told", "Snoozed until Mar 11"),
        ("release", "Open, nobody has claimed it", "Open, nobody has claimed it"),
        ("reopen", "This one is not resolved", "Open, nobody has claimed it"),
    ):
        story.command(MAYA, f"/denials {typed} {ref}", channel="front-desk")
        answer = story.expect_private_answer(MAYA, answered, after=answer)
        story.expect_update(card, shown)
    story.expect_message(LEAD, (ref, f"escalated by <@{MAYA}>"))


def test_an_appeal_wakes_on_its_day_and_its_owner_hears_once(opened: Practice) -> None:
    story = opened.story
    opened.take_in(remit([denied_claim("C1", 240, "27"), denied_claim("C2", 250, "27")]))
    for amount in ("$240.00", "$250.00"):
        card = story.expect_message("front-desk", (amount, "Next step"))
        story.click(card, "Resolve", by=MAYA)
        story.submit(MAYA, {"outcome": "Appeal sent", "follow_up": "2026-03-20"})
        story.expect_update(card, "Waiting for the payer: Appeal sent")

    story.move_clock_to("2026-03-20T13:00:00Z")  # 9:00 in New York

    ping = story.expect_message(MAYA, ("2 denials", "due for a follow-up with the payer"))
    story.expect_update(card, f"Claimed by <@{MAYA}>")
    story.click(ping, "Got it", by=MAYA)
    story.expect_update(ping, f"Seen by <@{MAYA}>")
    assert len([one for one in story.messages(MAYA) if one.says("follow-up with the payer")]) == 1


def test_reminders_wait_for_the_morning(opened: Practice) -> None:
    story = opened.story
    story.move_clock_to("2026-03-10T20:00:00Z")  # 16:00 in New York: four business hours end on the next day at 11:00
    opened.take_in(remit([denied_claim("C1", 240, "27")]))
    opened.card("front-desk")

    story.move_clock_to("2026-03-11T03:00:00Z")
    opened.take_in(remit([denied_claim("C2", 90, "197")], trace="NIGHT"))
    story.expect_message("authorizations", "$90.00")
    assert not [one for one in story.messages("front-desk") if one.says("4 business hours")]

    story.move_clock_to("2026-03-11T15:30:00Z")
    story.expect_message("front-desk", "4 business hours")


def test_the_claim_number_opens_once_on_the_practices_own_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DENIALS_REVEAL_URL", "http://desk.practice.example:3000")
    with practice(tmp_path, "http") as running:
        story = running.story
        running.take_in(remit([denied_claim("CLAIM-4711", 240, "27")]))
        card = running.card("front-desk")
        story.click(card, "Claim", by=MAYA)
        story.choose(story.expect_update(card, button="Release"), "Claim number", by=MAYA)
        answer = story.expect_private_answer(MAYA, "works once")
        [path] = re.findall(r"<http://desk\.practice\.example:3000(/reveal/[A-Za-z0-9_-]+)\|", answer.text)

        assert "CLAIM-4711" not in fetch(running, "GET", path)
        assert "CLAIM-4711" in fetch(running, "POST", path)
        assert "CLAIM-4711" not in fetch(running, "POST", path)

        seen = [str(story.state(user, "front-desk")) for user in (MAYA, SAM, LEAD)]
        assert not any("CLAIM-4711" in one for one in [*seen, str(story.calls())])


def fetch(running: Practice, method: str, path: str) -> str:
    """A page of the bot's own server."""
    address = urlsplit(running.parts.http.address)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=20)
    try:
        connection.request(method, path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def test_after_a_busy_day_every_card_shows_the_truth(opened: Practice) -> None:
    """Random people press whatever they see, also on cards as they stood some time ago."""
    story, dice = opened.story, random.Random(20260310)
    opened.take_in(remit([denied_claim(f"C{n}", 100 + n, "27") for n in range(3)]))
    cards = [story.expect_message("front-desk", (f"${100 + n}.00", "Next step")) for n in range(3)]
    refs = [ref_of(card) for card in cards]
    drawn = list(cards)  # every state of every card that anybody has seen
    for _ in range(40):
        card = dice.choice(drawn[-4:] if dice.random() < 0.7 else drawn)
        who = dice.choice((MAYA, MAYA, SAM, LEAD, CODER))
        label = dice.choice([*card.labels, card.labels[0]]) if card.labels else ""
        if label:
            story.click(card, label, by=who)
        else:
            story.choose(card, "Reopen", by=who)
        if label == "Resolve" and story.open_modal(who) is not None:
            story.submit(who, {"outcome": dice.choice(["Appeal sent", "Billed to patient", "Not a denial"])})
        now = story.again(dice.choice(cards))
        drawn += [now] if now is not None else []

    story.expect(lambda: all(tells_the_truth(opened, card) for card in cards) or None, "every card to show its item")
    assert len(history(opened, refs)) > 8, "something did happen"
    assert story.refused_calls() == []
    assert len([one for one in story.messages("front-desk") if any(one.says(ref) for ref in refs)]) == 3


def tells_the_truth(opened: Practice, card: Shown) -> bool:
    """Whether a card stands as its item does, with nothing under way to change either."""
    if any(delivery.depth(opened.desk).get(state) for state in ("pending", "sending", "ambiguous")):
        return False
    item, now = get(opened.desk, ref_of(card)), opened.story.again(card)
    words = {
        "open": "nobody has claimed it",
        "claimed": f"Claimed by <@{item.assignee}>",
        "waiting": "Waiting for the payer: Appeal sent",
        "resolved": f"Resolved: {item.outcome}",
    }
    versions = {one.value.partition(":")[2] for one in now.pressables()} if now else set()
    return now is not None and now.says(words[item.state]) and versions <= {str(item.version)}


def history(opened: Practice, refs: list[str]) -> set[tuple[str, str, int]]:
    """What was done to the items: kind, reference, version."""
    with opened.desk.db.read() as session:
        return {
            (one.kind, ref, one.version) for ref in refs for one in items.events_of(session, item_id(opened.desk, ref))
        }
