"""What keeps coming back is noticed, given to the team where it starts, and measured: as people see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from sandbox.shown import Shown
from tests.handlers.review_examples import add_review
from tests.remits import denied_claim, interchange, paid_claim, transaction
from tests.stories.practice import Practice, practice

AUTH, MAYA, SAM, LEAD, MANAGER = "U0AUTH1", "U0FRONT1", "U0FRONT2", "U0LEAD", "U0MANAGER"
TODAY = date(2026, 3, 10)  # a Tuesday
CAUSE, ACTION = "A step was left out", "Added a check before the claim goes out"


@pytest.fixture(params=["socket", "http"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Practice]:
    """A practice, once over Socket Mode and once over HTTP."""
    with practice(tmp_path, request.param) as running:
        yield running


def week(first: date, name: str, *, denied: int, paid: int = 20) -> str:
    """A remittance of one day: so many claims denied for want of an authorization, so many paid."""
    claims = [denied_claim(f"{name}D{n}", 310, "197") for n in range(denied)]
    claims += [paid_claim(f"{name}P{n}") for n in range(paid)]
    return interchange([transaction(claims, date=first, trace=f"T{name}")])


def past(opened: Practice, weeks: int = 10) -> None:
    """A practice's past, in which one such denial a week was usual."""
    for n in range(weeks):
        day = TODAY - timedelta(weeks=3 + n)
        opened.take_in(week(day, f"H{n}", denied=1), history=True, announce=False)


def noticed(opened: Practice) -> Shown:
    """Twelve denials in a week are looked at on the next business day."""
    past(opened)
    opened.take_in(week(TODAY - timedelta(days=1), "NOW", denied=12))
    opened.story.move_clock_to("2026-03-11T14:00:00Z")  # 10:00 in New York
    return opened.story.expect_message("authorizations", "Prevention review")


def ref_of(shown: Shown) -> str:
    found = re.search(r"PR-\w{6}", shown.text)
    assert found is not None
    return found[0]


def test_a_repeat_is_noticed_worked_and_proven_to_be_gone(opened: Practice) -> None:
    story = opened.story
    review = noticed(opened)
    ref = ref_of(review)
    assert review.says(("12 denials in 14 days", "$3,720.00 denied", "CO-197: 12", "Prior authorization"))
    assert review.says("nobody has taken it")
    assert ref in review.text

    story.click(review, "Take it", by=AUTH)
    taken = story.expect_update(review, f"Taken by <@{AUTH}>", button="Log cause")

    story.click(taken, "Log cause", by=AUTH)
    wrong = story.submit(AUTH, {"cause": CAUSE, "action": ACTION, "cause_words": "ask 555-123-4567"})
    assert wrong is not None
    assert list(wrong.errors) == ["cause_words"]
    assert "phone number" in wrong.errors["cause_words"]
    story.submit(
        AUTH,
        {
            "cause": CAUSE,
            "cause_words": "the new scheduler skipped the check",
            "action": ACTION,
            "responsible": MAYA,
            "effective": "2026-03-12",
        },
    )
    story.expect_no_modal(AUTH)
    logged = story.expect_update(taken, (CAUSE, ACTION, f"<@{MAYA}>", "takes effect Mar 12", "measured on Apr 9"))
    assert logged.labels == ["History"]
    assert story.private_answers(AUTH) == [], "success needs no further word"

    opened.take_in(week(date(2026, 3, 20), "AFTER1", denied=0, paid=40), announce=False)
    opened.take_in(week(date(2026, 4, 2), "AFTER2", denied=1, paid=40), announce=False)
    story.move_clock_to("2026-04-09T14:00:00Z")

    told = story.expect_message("authorizations", ("It worked", ref, "unlikely to be chance", "a month less denied"))
    assert told.says((CAUSE, ACTION, "→ 0.2"))
    story.expect_update(review, "Closed: the action worked")

    story.command(MANAGER, "/denials reviews", channel="leaders")
    listed = story.expect_private_answer(MANAGER, (ref, "No prevention review is open", "It worked"))
    assert "less denied" in listed.text
    story.click(story.again(review) or review, "History", by=MANAGER)
    assert story.modal(MANAGER).says(("Opened: 12 denials in 14 days", f"Taken by <@{AUTH}>", "Measured", "closed"))
    assert story.refused_calls() == []
    seen = [str(story.state(user, "authorizations")) for user in (AUTH, LEAD)] + [str(story.calls())]
    assert not any("scheduler skipped" in one for one in seen), "what people wrote is never shown"


def test_an_action_that_did_not_help_opens_the_review_again(opened: Practice) -> None:
    story = opened.story
    review = noticed(opened)
    ref = ref_of(review)
    story.click(review, "Log cause", by=AUTH)
    story.submit(AUTH, {"cause": CAUSE, "action": ACTION, "effective": "2026-03-12"})
    logged = story.expect_update(review, "Action logged")
    assert logged.says(f"Responsible: <@{AUTH}>")
    for n in range(4):
        opened.take_in(week(date(2026, 3, 16) + timedelta(weeks=n), f"STILL{n}", denied=7), announce=False)
    story.move_clock_to("2026-04-09T14:00:00Z")

    story.expect_message("authorizations", ("It did not work", ref, "The review is open again"))
    again = story.expect_update(review, ("Open again", "Round 1: it did not work"), button="Log cause")
    assert again.says(f"taken by <@{AUTH}>")
    assert story.refused_calls() == []


def test_two_who_take_it_at_once_and_everybody_else(opened: Practice) -> None:
    story, desk = opened.story, opened.desk
    ref = add_review(desk)
    review = story.expect_message("front-desk", ref)

    story.click(review, "Take it", by=MAYA)
    story.click(review, "Take it", by=SAM)  # as it was drawn for both
    story.expect_update(review, f"Taken by <@{MAYA}>")
    story.expect_private_answer(SAM, (ref, f"<@{MAYA}> already has this review"))
    story.click(review, "Log cause", by=SAM)
    story.expect_private_answer(SAM, f"<@{MAYA}> has this review; only they or their lead")
    assert story.open_modal(SAM) is None
    story.click(review, "Take it", by=AUTH)
    story.expect_private_answer(AUTH, (f"<@{MAYA}>", "can work this review"))
    assert story.private_answers(MAYA) == []

    taken = story.again(review)
    assert taken is not None
    story.click(taken, "Take over", by=LEAD)
    story.expect_update(review, f"Taken by <@{LEAD}>")
    story.click(taken, "Dismiss", by=LEAD)  # drawn before, but changed by nobody else
    assert story.submit(LEAD, {"note": "see jo@example.org", "reason": "Known and expected"}) is not None
    assert "e-mail" in story.modal(LEAD).errors["note"]
    story.submit(LEAD, {"reason": "Known and expected", "note": ""})
    gone = story.expect_update(review, "Dismissed: Known and expected")
    assert gone.labels == ["History"]

    story.click(taken, "Log cause", by=LEAD)  # stale
    story.expect_private_answer(LEAD, ("This review is closed", "Known and expected"))
    assert story.refused_calls() == []


def test_nobody_forgets_a_review_without_a_cause(opened: Practice) -> None:
    story = opened.story
    first = add_review(opened.desk, remind_at=opened.desk.now())
    second = add_review(opened.desk, remind_at=opened.desk.now())
    story.expect_message("front-desk", second)

    reminder = story.expect_message(LEAD, ("2 prevention reviews wait for a cause", first, second))
    story.click(reminder, "Take it", by=LEAD, ref=first)
    story.expect_private_answer(LEAD, f"{first}: you have it now.")
    story.click(reminder, "Take it", by=LEAD, ref=first)
    story.expect_private_answer(LEAD, f"{first}: You already have this review.")

    story.command(LEAD, "/denials reviews", channel="front-desk")
    listed = story.expect_private_answer(LEAD, ("2 prevention reviews open", first, second))
    assert sorted(listed.labels) == ["Log cause", "Take it"]
    story.click(listed, "Take it", by=LEAD, ref=second)
    story.expect_update(listed, "2 waiting for the cause")
    story.command(SAM, f"/denials reviews {second.lower()} --post", channel="front-desk")
    shared = story.expect_message("front-desk", (second, f"Taken by <@{LEAD}>"))
    assert story.refused_calls() == []
    assert shared.labels in ([], ["Log cause", "Take over", "Dismiss", "History"]), (
        "the review's own, or the shared one"
    )
