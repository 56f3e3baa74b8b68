"""What keeps coming back is noticed, given to the team where it starts, and measured: as people see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from sandbox.shown import Shown
from tests.handlers.review_examples import add_review
from tests.stories.practice import Practice, practice
from tests.stories.repeats import TODAY, past, week

AUTH, MAYA, SAM, LEAD, MANAGER = "U0AUTH1", "U0FRONT1", "U0FRONT2", "U0LEAD", "U0MANAGER"
CAUSE, ACTION = "A step was left out", "Added a check before the claim goes out"


@pytest.fixture(params=["socket", "http"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Practice]:
    """A practice, once over Socket Mode and once over HTTP."""
    with practice(tmp_path, request.param) as running:
        yield running


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Practice]:
    """A practice over HTTP, which closes faster, for what does not depend on the transport."""
    with practice(tmp_path, "http") as running:
        yield running


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
    assert logged.labels == ["History", "Dismiss"]
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


def test_an_action_that_did_not_help_opens_the_review_again(served: Practice) -> None:
    story = served.story
    review = noticed(served)
    ref = ref_of(review)
    story.click(review, "Log cause", by=AUTH)
    story.submit(AUTH, {"cause": CAUSE, "action": ACTION, "effective": "2026-03-12"})
    logged = story.expect_update(review, "Action logged")
    assert logged.says(f"Responsible: <@{AUTH}>")
    for n in range(4):
        served.take_in(week(date(2026, 3, 16) + timedelta(weeks=n), f"STILL{n}", denied=12), announce=False)
    story.move_clock_to("2026-04-09T14:00:00Z")

    story.expect_message("authorizations", ("It did not work", ref, "The review is open again"))
    again = story.expect_update(review, ("Open again", "Round 1: it did not work"), button="Log cause")
    assert again.says(f"taken by <@{AUTH}>")
    assert story.refused_calls() == []


def test_two_who_take_it_at_once_and_everybody_else(opened: Practice) -> None:
    story, desk = opened.story, opened.desk
    ref = add_review(desk)
    review = story.expect_message("front-desk", ref)

    for user in (MAYA, SAM):
        story.click(review, "Take it", by=user)  # as it was drawn for both
    now = story.expect_update(review, "Taken by")
    first, second = (MAYA, SAM) if now.says(f"Taken by <@{MAYA}>") else (SAM, MAYA)
    story.expect_private_answer(second, (ref, f"<@{first}> already has this review"))
    story.click(now, "Log cause", by=second)
    story.expect_private_answer(second, f"<@{first}> has this review; only they or their lead")
    assert story.open_modal(second) is None
    story.click(now, "Take over", by=AUTH)
    story.expect_private_answer(AUTH, (f"<@{MAYA}>", "can work this review"))
    assert story.private_answers(first) == []

    story.click(now, "Take over", by=LEAD)
    story.expect_update(review, f"Taken by <@{LEAD}>")
    story.click(now, "Dismiss", by=LEAD)  # drawn before, but changed by nobody else
    assert story.submit(LEAD, {"note": "see jo@example.org", "reason": "Known and expected"}) is not None
    assert "e-mail" in story.modal(LEAD).errors["note"]
    story.submit(LEAD, {"reason": "Known and expected", "note": ""})
    gone = story.expect_update(review, "Dismissed: Known and expected")
    assert gone.labels == ["History"]

    story.click(now, "Log cause", by=LEAD)  # as it was drawn before
    story.expect_private_answer(LEAD, ("This review is closed", "Known and expected"))
    assert story.refused_calls() == []


def test_nobody_forgets_a_review_without_a_cause(served: Practice) -> None:
    story = served.story
    first = add_review(served.desk, remind_at=served.desk.now())
    second = add_review(served.desk, remind_at=served.desk.now())
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
    shared = story.expect_messages("front-desk", 2, (second, f"Taken by <@{LEAD}>"))
    assert [] in [one.labels for one in shared], "what is shared has no buttons, the review itself has"
    assert story.refused_calls() == []
