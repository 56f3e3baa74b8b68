"""What is rarer than claim and resolve, from a card's menu and from forms for several, through a whole workspace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from sandbox.limits import Limits
from sandbox.shown import Shown
from services.people import Actor
from services.reveal import is_live
from services.views import Done
from services.work import claim
from tests.services.stock import add_items, change, gather, get
from tests.stories.practice import Practice, practice

MAYA, SAM, LEAD, MANAGER, CODER = "U0FRONT1", "U0FRONT2", "U0LEAD", "U0MANAGER", "U0CODE1"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Practice]:
    """A practice over HTTP."""
    with practice(tmp_path, "http") as running:
        yield running


def _card(opened: Practice, **values: object) -> tuple[str, Shown]:
    [ref] = add_items(opened.desk, 1, **values)
    gather(opened.desk, [ref])
    return ref, opened.card("front-desk", ref)


def test_a_hand_off_moves_the_card_and_leaves_a_pointer(served: Practice) -> None:
    ref, card = _card(served)
    story = served.story

    story.choose(card, "Hand off", by=MAYA)
    wrong = story.submit(MAYA, {"category": "coding", "reason": "Wrong category", "note": "member 123456789"})
    assert wrong is not None
    assert list(wrong.errors) == ["note"]
    story.submit(MAYA, {"category": "coding", "reason": "Wrong category", "note": "see the modifier"})

    moved = story.expect_message("coding", (ref, "Coding errors", "Next step"))
    assert moved.labels == ["Claim", "Resolve"]
    left = story.expect_update(card, (ref, "was handed off to Coding in <#C0CODING>"))
    assert left.labels == []
    assert story.refused_calls() == []


def test_a_snoozed_card_rests_and_can_be_taken_up_again(served: Practice) -> None:
    ref, card = _card(served)
    story = served.story

    story.choose(card, "Snooze", by=MAYA)
    wrong = story.submit(MAYA, {"until": served.desk.today().isoformat()})
    assert wrong is not None
    assert list(wrong.errors) == ["until"]
    story.submit(MAYA, {"until": "2026-03-11"})

    resting = story.expect_update(card, "Snoozed until Mar 11")
    story.choose(resting, "Take up again now", by=MAYA)
    story.expect_update(card, "Open, nobody has claimed it")
    assert get(served.desk, ref).state == "open"


def test_escalate_now_tells_the_next_level_and_says_so(served: Practice) -> None:
    ref, card = _card(served)
    story = served.story

    story.choose(card, "Escalate now", by=MAYA)

    story.expect_private_answer(MAYA, (ref, f"<@{LEAD}> is told"))
    ping = story.expect_message(LEAD, (ref, f"escalated by <@{MAYA}>"))
    story.click(ping, "Got it", by=LEAD)
    seen = story.expect_update(ping, f"Seen by <@{LEAD}>")
    assert seen.labels == []


def test_a_lead_gives_work_to_somebody_and_leaves_a_note_from_the_details(served: Practice) -> None:
    ref, card = _card(served)
    story = served.story

    story.choose(card, "Details and history", by=SAM)
    assert story.modal(SAM).inputs == ["No patient details: this text passes through Slack"], "only leads give away"
    story.close_modal(SAM)

    story.choose(card, "Details and history", by=LEAD)
    story.submit(LEAD, {"Give it to": SAM, "note": "please call the payer"})
    story.expect_no_modal(LEAD)

    story.expect_update(card, f"Claimed by <@{SAM}>")
    story.expect_message(SAM, (ref, f"given to you by <@{LEAD}>"))
    story.choose(story.expect_update(card, f"<@{SAM}>"), "Details and history", by=SAM)
    assert story.modal(SAM).says(("Note kept", f"Reassigned by <@{LEAD}>: to <@{SAM}>"))
    assert not story.modal(SAM).says("call the payer")


def test_a_resolved_denial_can_be_reopened(served: Practice) -> None:
    ref, card = _card(served)
    story = served.story
    story.click(card, "Resolve", by=MAYA)
    story.submit(MAYA, {"outcome": "Not a denial"})
    done = story.expect_update(card, "Resolved: Not a denial")

    story.choose(done, "Reopen", by=MAYA)

    story.expect_update(card, "Open, nobody has claimed it", button="Claim")
    assert get(served.desk, ref).outcome is None


def test_several_are_claimed_at_once_with_one_answer(served: Practice) -> None:
    refs = add_items(served.desk, 6)
    gather(served.desk, refs)
    story = served.story
    served.card("front-desk", refs[2])
    summary = story.expect_message("front-desk", "6 new denials for Front desk")
    listed = story.expect_message("front-desk", "More denials for Front desk")
    posts = len(story.calls("chat.postMessage"))

    story.click(summary, "Claim several", by=MAYA)
    modal = story.modal(MAYA)
    assert modal.says("6 denials to choose from")
    assert len(modal.options("Denials")) == 6
    empty = story.submit(MAYA, {})
    assert empty is not None
    assert list(empty.errors) == ["items"]
    change(served.desk, refs[5], state="claimed", assignee=SAM, version=2)
    chosen = [f"{refs[4]}:1", f"{refs[5]}:1"]
    story.submit(MAYA, {"items": chosen})

    answer = story.expect_private_answer(MAYA, "Claimed 1 denial, $20.00.")
    assert (refs[5], "already claimed by", f"<@{SAM}>") == tuple(
        word for word in (refs[5], "already claimed by", f"<@{SAM}>") if word in answer.words
    )
    story.expect_update(listed, f"<@{MAYA}>")
    assert len(story.calls("chat.postMessage")) == posts, "several claims post no flood of cards"


def test_all_of_one_kind_are_resolved_at_once(served: Practice) -> None:
    alike = add_items(served.desk, 3)
    other = add_items(served.desk, 1, payer_label="Cigna")
    gather(served.desk, [*alike, *other])
    story = served.story
    summary = story.expect_message("front-desk", "4 new denials")

    story.click(summary, "Resolve several", by=MAYA)
    [kind] = story.modal(MAYA).options("All like these")
    assert kind == "Aetna, CO-31: 3 denials, $60.00"
    story.submit(MAYA, {"All like these": kind, "outcome": "Corrected and resubmitted"})

    story.expect_private_answer(MAYA, "Resolved 3 denials, $60.00.")
    assert [get(served.desk, ref).state for ref in alike] == ["waiting"] * 3
    assert get(served.desk, other[0]).state == "open"


def test_several_are_handed_off_and_announced_together(served: Practice) -> None:
    refs = add_items(served.desk, 3)
    gather(served.desk, refs)
    story = served.story
    summary = story.expect_message("front-desk", "3 new denials")

    story.click(summary, "Hand off several", by=MAYA)
    chosen = [f"{ref}:1" for ref in refs[:2]]
    story.submit(MAYA, {"items": chosen, "category": "coding", "reason": "Another team fixes this"})
    story.expect_private_answer(MAYA, "Handed off 2 denials")
    story.move_clock("2m")

    story.expect_message("coding", "2 new denials for Coding")


def test_several_from_home_answer_at_its_top(served: Practice) -> None:
    refs = add_items(served.desk, 3)
    story = served.story
    home = story.home(MAYA, containing=("Not claimed yet (3)", refs[0]))

    story.click(home, "Claim several", by=MAYA)
    story.submit(MAYA, {"items": [f"{refs[0]}:1", f"{refs[1]}:1"]})

    story.expect(
        lambda: "Claimed 2 denials" in str(story.state(MAYA, "home")["home"]) or None, "the answer at the top of Home"
    )


def test_with_nothing_to_choose_no_form_opens(served: Practice) -> None:
    refs = add_items(served.desk, 2)
    gather(served.desk, refs)
    story = served.story
    summary = story.expect_message("front-desk", "2 new denials")
    for ref in refs:
        assert isinstance(claim(served.desk, ref, None, Actor(SAM)), Done)

    story.click(summary, "Claim several", by=MAYA)

    story.expect_private_answer(MAYA, "There is nothing here for you to choose from.")
    assert story.open_modal(MAYA) is None


def test_the_second_person_agrees_or_declines(tmp_path: Path) -> None:
    rules = tmp_path / "limited.yaml"
    sample = (Path(__file__).parents[1] / "samples" / "rules.yaml").read_text(encoding="utf-8")
    rules.write_text(f"{sample}\nwrite_off: {{second_person_above: 5.00}}\n", encoding="utf-8")
    with practice(tmp_path, "http", rules=rules) as running:
        ref, card = _card(running)
        story = running.story
        story.click(card, "Resolve", by=MAYA)
        assert story.modal(MAYA).says("A write-off above $5.00 waits for a second person.")
        story.submit(MAYA, {"outcome": "Written off"})
        asked = story.expect_update(card, f"Write-off asked by <@{MAYA}>, waiting for a second person")

        story.choose(asked, "Decline the write-off", by=MANAGER)
        back = story.expect_update(card, f"Claimed by <@{MAYA}>")

        story.click(back, "Resolve", by=MAYA)
        story.submit(MAYA, {"outcome": "Written off"})
        again = story.expect_update(card, "waiting for a second person")
        story.click(again, "Resolve", by=MANAGER)
        assert story.modal(MANAGER).says(("You are the second person", f"<@{MAYA}> asked to write this off"))
        story.close_modal(MANAGER)
        ping = story.expect_message(MANAGER, (ref, "Approve the write-off"))
        assert "/denials overdue" not in ping.words
        story.choose(again, "Approve the write-off", by=MAYA)
        story.expect_private_answer(MAYA, (ref, "You asked for this write-off", f"<@{MANAGER}>"))
        story.choose(again, "Approve the write-off", by=MANAGER)
        story.expect_update(card, (f"asked by <@{MAYA}>", f"approved by <@{MANAGER}>"))
        assert get(running.desk, ref).state == "resolved"
        story.command(SAM, f"/denials find {ref}", channel="front-desk")
        story.expect_private_answer(SAM, (f"asked by <@{MAYA}>", f"approved by <@{MANAGER}>"))
        story.home(MAYA, containing=("Done in the last week", f"approved by <@{MANAGER}>"))


def test_the_claim_number_is_a_private_link_for_who_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DENIALS_REVEAL_URL", "http://desk.practice.example:3000")
    with practice(tmp_path, "http") as running:
        ref, card = _card(running)
        story = running.story
        story.click(card, "Claim", by=MAYA)
        claimed = story.expect_update(card, button="Release")

        story.choose(claimed, "Claim number", by=MAYA)
        answer = story.expect_private_answer(MAYA, (f"Open the claim number of {ref}", "works once, for five minutes"))
        [token] = re.findall(r"<http://desk\.practice\.example:3000/reveal/([A-Za-z0-9_-]+)\|", answer.text)
        assert is_live(running.desk, token)

        story.choose(claimed, "Claim number", by=SAM)
        story.expect_private_answer(SAM, (ref, "can see the claim number", f"<@{MAYA}>"))
        assert not any(token in one.text for one in story.messages("front-desk"))


def test_a_refusal_reaches_whoever_left_a_form_open_longer_than_its_response_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.stories.practice.Limits", partial(Limits, response_url=0.0))  # ended at once
    with practice(tmp_path, "http") as running:
        ref, card = _card(running)
        story = running.story
        story.click(card, "Resolve", by=MAYA)
        story.modal(MAYA)
        change(running.desk, ref, state="claimed", assignee=SAM, version=2)

        story.submit(MAYA, {"outcome": "Not a denial"})

        story.expect_private_answer(MAYA, (ref, f"<@{SAM}>"))
        assert len(story.calls("chat.postEphemeral")) == 1
