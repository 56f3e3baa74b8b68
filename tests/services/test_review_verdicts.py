"""Whether corrective actions helped, measured on what is stored and told in the channel of the team."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from denials.prevention import ReviewState
from services import reviews
from services.desk import Desk
from services.views import Content, Review, ReviewView, VerdictPosted
from store import purged
from tests import remits
from tests.conftest import FixedClock
from tests.services import files
from tests.services.repeating import AUTHORIZATION, adjudicated, counted, denied
from tests.services.reviewing import LEAD, MEMBER, cause, done, live_ten_weeks, open_review, sent


@pytest.fixture
def past(desk: Desk) -> None:
    """Ten weeks before the window."""
    live_ten_weeks(desk)


@pytest.fixture
def review(desk: Desk, past: None) -> ReviewView:
    """A review of prior authorizations."""
    del past
    return open_review(desk)


def _measured(desk: Desk, review: ReviewView, clock: FixedClock, weekly: int) -> list[tuple[str, Content | None]]:
    """Log a cause, let four weeks pass with so many denials each, measure, and what is told then."""
    done(reviews.log_cause(desk, review.ref, 1, MEMBER, cause(desk, effective=desk.today() + timedelta(days=1))))
    sent(desk)
    for _ in range(4):
        clock.forward(days=7)
        if weekly:
            denied(desk, desk.today(), weekly, **AUTHORIZATION)
        assert reviews.measure_due(desk) == 0
    clock.forward(days=1)
    assert [reviews.measure_due(desk), reviews.measure_due(desk)] == [1, 0]
    return sent(desk)


def test_an_action_that_helped_is_told_and_closes_the_review(desk: Desk, review: ReviewView, clock: FixedClock) -> None:
    """30 denials in the 14 days before, 3 a week in the 28 after: 15 a week → 3, $5,211 a month less."""
    told = _measured(desk, review, clock, weekly=3)
    after = reviews.get(desk, review.ref)
    assert after is not None and after.verdict is not None  # noqa: PT018 - for the types
    verdict = after.verdict
    assert (verdict.kind, verdict.before_per_week, verdict.after_per_week, verdict.change) == ("worked", 15, 3, -0.8)
    assert (verdict.days_before, verdict.days_after, verdict.before_rate) == (14, 28, None)
    assert str(verdict.dollars_less_a_month) == "5211.43"  # (3,000 ÷ 14 − 1,200 ÷ 28) × 30.4
    assert after.state is ReviewState.WORKED
    assert told == [
        ("C0AUTH", Review(after, desk.today())),
        ("C0AUTH", VerdictPosted(after, verdict, desk.today())),
    ]
    assert [one.text.partition(":")[0] for one in reviews.history(desk, review.ref)] == [
        "Opened",
        "Logged",
        "Measured",
    ]


def test_an_action_that_did_not_help_opens_it_again_for_its_holder(
    desk: Desk, review: ReviewView, clock: FixedClock
) -> None:
    told = _measured(desk, review, clock, weekly=15)
    after = reviews.get(desk, review.ref)
    assert after is not None
    assert (after.state, after.round, after.holder, after.cause) == (ReviewState.TAKEN, 2, "U0AUTH1", None)
    assert (after.opened_on, after.evidence.count) == (desk.today(), 30)
    assert any(isinstance(content, VerdictPosted) and content.verdict.kind == "did_not_work" for _, content in told)
    clock.forward(days=5)
    assert reviews.remind_due(desk) == 1
    done(reviews.log_cause(desk, review.ref, after.version, MEMBER, cause(desk)))


def test_days_whose_denials_came_from_exports_are_not_divided_by_the_claims_of_remittances(
    desk: Desk, review: ReviewView, clock: FixedClock
) -> None:
    adjudicated(desk, desk.today() - timedelta(days=20), desk.today(), 4, denied=False)
    adjudicated(desk, desk.today() + timedelta(days=1), desk.today() + timedelta(days=40), 400)
    _measured(desk, review, clock, weekly=15)
    after = reviews.get(desk, review.ref)
    assert after is not None and after.verdict is not None  # noqa: PT018 - for the types
    assert (after.verdict.kind, after.verdict.before_rate, after.verdict.change) == ("did_not_work", None, 0)


def test_with_too_few_claims_it_says_so_and_measures_again(desk: Desk, review: ReviewView, clock: FixedClock) -> None:
    adjudicated(desk, desk.today() - timedelta(days=20), desk.today() + timedelta(days=40), 1)
    adjudicated(desk, desk.today() - timedelta(days=20), desk.today(), 50)
    told = _measured(desk, review, clock, weekly=1)
    after = reviews.get(desk, review.ref)
    assert after is not None
    assert (after.state, after.measure_on) == (ReviewState.MEASURING, desk.today() + timedelta(days=28))
    assert any(isinstance(content, VerdictPosted) and content.verdict.kind == "too_little_data" for _, content in told)


def test_after_a_fix_the_past_begins_anew(desk: Desk, review: ReviewView, clock: FixedClock) -> None:
    """Two a week since the fix: nine in two weeks are more than chance again, and would not be beside the old past."""
    _measured(desk, review, clock, weekly=1)
    for _ in range(6):
        clock.forward(days=7)
        denied(desk, desk.today(), 1, **AUTHORIZATION)
        assert reviews.detect_due(desk) == 0
    denied(desk, desk.today(), 12, **AUTHORIZATION)
    clock.forward(days=1)
    assert reviews.detect_due(desk) == 1


def test_a_long_window_that_still_holds_days_before_the_fix_opens_nothing(
    desk: Desk, review: ReviewView, clock: FixedClock
) -> None:
    _measured(desk, review, clock, weekly=3)
    source: Any = desk.rules_source
    source.rules = replace(desk.rules, prevention=replace(desk.rules.prevention, within=timedelta(days=35)))
    assert reviews.detect_due(desk) == 0


def _claims(prefix: str, denials: int, paid: int, carc: str) -> list[remits.Claim]:
    refused_ones = [
        remits.claim(f"{prefix}D{n}", 200, lines=[remits.line(200, cas=[("CO", carc, 200)])]) for n in range(denials)
    ]
    return [*refused_ones, *(remits.claim(f"{prefix}P{n}", 100, lines=[remits.line(100)]) for n in range(paid))]


def test_from_files_to_the_verdict_per_claim_of_the_payer(desk: Desk, tmp_path: Path, clock: FixedClock) -> None:
    """Remittances as they come: a past, a burst, an action; the payer's own claims are the denominator."""
    day = desk.today()
    for week in range(2, 8):
        when = day - timedelta(days=7 * week)
        text = remits.remit(_claims(f"H{week}", 2, 10, "197"), date=when, trace=f"H{week}", payer="CIGNA")
        files.put(desk, tmp_path, text, history=True)
    for name, when in (("A", day - timedelta(days=8)), ("B", day - timedelta(days=1))):
        files.remit(desk, tmp_path, *_claims(name, 14, 20, "197"), day=when, payer="CIGNA")
    source: Any = desk.rules_source
    source.rules = replace(desk.rules, prevention=replace(desk.rules.prevention, by=("payer",)))
    assert reviews.detect_due(desk) == 1
    (review,) = reviews.listing(desk)
    assert (review.dimension, review.title, review.evidence.count) == ("payer", "CIGNA", 28)
    done(reviews.log_cause(desk, review.ref, 1, LEAD, cause(desk)))
    for week in range(4):
        when = day + timedelta(days=7 * week)
        files.remit(desk, tmp_path, *_claims(f"C{week}", 2, 30, "197"), day=when, payer="CIGNA")
        files.remit(desk, tmp_path, *_claims(f"O{week}", 0, 5, "197"), day=when, payer="UNITED")
    clock.forward(days=28)
    assert reviews.measure_due(desk) == 1
    (review,) = reviews.listing(desk)
    assert review.verdict is not None
    assert review.verdict.before_rate == pytest.approx(30 / 80, abs=1e-6)  # the fourteen days before the action
    assert review.verdict.after_rate == pytest.approx(8 / 128, abs=1e-6)
    assert review.verdict.kind == "worked"


def test_claims_of_a_payer_that_were_purged_are_not_taken_for_none(
    desk: Desk, tmp_path: Path, clock: FixedClock
) -> None:
    """28 of 148 were denied before, and 28 of the 68 that are still stored; 56 of 296 are after the action."""
    day = desk.today()
    counted(desk, *((day - timedelta(days=7 * week), 2, {"payer_label": "CIGNA"}) for week in range(2, 8)))
    for name, when in (("A", day - timedelta(days=8)), ("B", day - timedelta(days=1))):
        files.remit(desk, tmp_path, *_claims(name, 14, 20, "197"), day=when, payer="CIGNA")
    source: Any = desk.rules_source
    source.rules = replace(desk.rules, prevention=replace(desk.rules.prevention, by=("payer",)))
    assert reviews.detect_due(desk) == 1
    (review,) = reviews.listing(desk)
    done(reviews.log_cause(desk, review.ref, 1, LEAD, cause(desk)))
    for week in range(4):
        files.remit(
            desk, tmp_path, *_claims(f"C{week}", 14, 60, "197"), day=day + timedelta(days=7 * week), payer="CIGNA"
        )
    clock.forward(days=28)
    with desk.db.write() as session:
        purged.add_claims(session, [(day - timedelta(days=8), (80, 0, 0, 800_000, 0))])
    assert reviews.measure_due(desk) == 1
    (review,) = reviews.listing(desk)
    assert review.verdict is not None
    assert (review.verdict.kind, review.verdict.before_rate) == ("did_not_work", None)
