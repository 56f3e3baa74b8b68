"""What people press and type about prevention reviews, through a whole workspace, nothing patched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from handlers.phrases import parse
from sandbox.faults import refused
from sandbox.seed import default_seed
from sandbox.shown import Shown
from services import reviews
from store import reviews as stored
from tests.handlers.review_examples import add_review
from tests.stories.practice import Practice, practice

MAYA, GUEST, LEAD, MANAGER = "U0FRONT1", "U0FRONT2", "U0LEAD", "U0MANAGER"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """One practice for all of these, in which one colleague is a guest; every test has reviews of its own."""
    seed = default_seed()
    people = tuple(replace(one, is_guest=one.id == GUEST) for one in seed.people)
    with practice(tmp_path_factory.mktemp("practice"), "http", seed=replace(seed, people=people)) as running:
        yield running


def posted(opened: Practice) -> tuple[str, Shown]:
    """A review in its team's channel, and its reference."""
    ref = add_review(opened.desk)
    return ref, opened.story.expect_message("front-desk", ref)


@pytest.mark.parametrize(
    ("typed", "verb", "ref"),
    [
        ("reviews", "reviews", None),
        ("review", "reviews", None),
        ("reviews PR-7KQ2M4", "reviews", "PR-7KQ2M4"),
        ("Reviews pr 7kq2m4 --post", "reviews", "PR-7KQ2M4"),
        ("pr-7kq2m4", "reviews", "PR-7KQ2M4"),
        ("find PR–7KQ2M4", "reviews", "PR-7KQ2M4"),
        ("find DN-7KQ2M4XT", "find", "DN-7KQ2M4XT"),
        ("claim PR-7KQ2M4", "claim", None),
    ],
)
def test_a_review_is_asked_for_in_several_ways(typed: str, verb: str, ref: str | None) -> None:
    found = parse(typed)
    assert (found.verb, found.ref) == (verb, ref)


def test_what_was_typed_and_chosen_is_kept_and_the_words_sealed(opened: Practice) -> None:
    story, desk = opened.story, opened.desk
    ref, review = posted(opened)
    story.click(review, "Log cause", by=MAYA)
    modal = story.modal(MAYA)
    assert modal.title == "Log cause"
    assert modal.says((ref, "23 denials in 14 days"))

    wrong = story.submit(
        MAYA,
        {"cause": "Something else", "action": "Trained the team", "effective": "2028-03-12", "responsible": LEAD},
    )
    assert wrong is not None
    assert list(wrong.errors) == ["effective"]
    story.submit(
        MAYA,
        {
            "cause": "Something else",
            "cause_words": "two offices used the old form",
            "action": "Trained the team",
            "action_words": "half an hour on Monday",
            "responsible": LEAD,
            "effective": "2026-03-11",
        },
    )

    story.expect_update(review, ("Something else", "Trained the team", f"<@{LEAD}>", "measured on Apr 8"))
    kept = reviews.words_of(desk, ref, "root")
    assert kept is not None
    assert [(one.who, one.cause, one.action) for one in kept] == [
        (MAYA, "two offices used the old form", "half an hour on Monday")
    ]
    with desk.db.read() as session:
        row = stored.by_ref(session, ref)
        assert row is not None
        assert "old form" not in str(stored.events_of(session, row.id or 0)) + str(row)
    assert story.refused_calls() == []


def test_a_guest_is_neither_allowed_to_work_reviews_nor_made_responsible(opened: Practice) -> None:
    story = opened.story
    ref, review = posted(opened)
    story.click(review, "Take it", by=GUEST)
    last = story.expect_private_answer(GUEST, (ref, "Guests and people from other workspaces"))
    story.click(review, "History", by=GUEST)
    story.expect_private_answer(GUEST, "Only members of this practice", after=last)
    assert story.open_modal(GUEST) is None

    story.click(review, "Log cause", by=MAYA)
    story.submit(MAYA, {"cause": "Something else", "action": "Something else", "responsible": GUEST})
    story.expect_private_answer(MAYA, (ref, "cannot be responsible"))
    found = reviews.get(opened.desk, ref)
    assert found is not None
    assert found.cause is None


def test_a_review_asked_for_alone_is_redrawn_when_it_is_worked_there(opened: Practice) -> None:
    story = opened.story
    ref, review = posted(opened)
    story.command(MAYA, f"/denials reviews {ref}", channel="front-desk")
    alone = story.expect_private_answer(MAYA, (ref, "Prevention review"))
    story.click(alone, "Dismiss", by=MAYA)
    story.submit(MAYA, {"reason": "Already fixed"})

    story.expect_update(alone, "Dismissed: Already fixed")
    story.expect_update(review, "Dismissed: Already fixed")

    story.command(MAYA, "/denials reviews PR-AAAAAA", channel="front-desk")
    story.expect_private_answer(MAYA, "No prevention review has that reference")
    story.command(MANAGER, "/denials reviews --post", channel="front-desk")
    shared = story.expect_message("front-desk", ("Prevention reviews", "Dismissed: Already fixed"))
    assert shared.labels == []
    assert story.refused_calls() == []


def test_a_form_that_does_not_open_is_said(opened: Practice) -> None:
    story = opened.story
    _, review = posted(opened)
    opened.sandbox.faults.next("views.open", refused("expired_trigger_id"))
    story.click(review, "Log cause", by=MAYA)
    story.expect_private_answer(MAYA, "The form did not open in time")
