"""The life of a prevention review: what each command does, whom it refuses, and where it can end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.commands import Refusal
from denials.prevention import ACTIONS, CAUSES, DISMISSALS, ReviewState, Verdict
from denials.review_cycle import (
    MOST_MEASUREMENTS,
    Dismiss,
    Log,
    Measure,
    ReviewChange,
    ReviewCommand,
    ReviewFacts,
    Take,
    decide,
)

TODAY = date(2026, 3, 10)
ANA, BEN, LEAD = "U0ANA", "U0BEN", "U0LEAD"
MONTH = timedelta(days=28)
OPEN = ReviewFacts()
ANAS = ReviewFacts(ReviewState.TAKEN, version=2, holder=ANA)


def found(kind: str) -> Verdict:
    return Verdict(kind, 14.0, 3.5, -0.75, 0.001, None, None, None, 28, 28, TODAY)  # type: ignore[arg-type]  # any kind


def log(user: str = ANA, **more: object) -> Log:
    return replace(Log(user, CAUSES[0], ACTIONS[0], BEN, TODAY, MONTH), **more)  # type: ignore[arg-type]  # its own words


def done(before: ReviewFacts, command: ReviewCommand, seen: int | None = None, today: date = TODAY) -> ReviewChange:
    answer = decide(before, command, today, seen=seen)
    assert isinstance(answer, ReviewChange), answer
    return answer


def refused(before: ReviewFacts, command: ReviewCommand, seen: int | None = None) -> Refusal:
    answer = decide(before, command, TODAY, seen=seen)
    assert isinstance(answer, Refusal), answer
    return answer


MEASURING = done(ANAS, log()).after


def test_somebody_takes_an_open_review() -> None:
    assert done(OPEN, Take(ANA)).after == ANAS


def test_who_is_too_late_hears_who_has_it() -> None:
    assert refused(ANAS, Take(BEN), seen=1).text == "<@U0ANA> already has this review."


def test_a_lead_takes_over_what_they_have_seen_as_it_is() -> None:
    assert done(ANAS, Take(LEAD, override=True), seen=2).after.holder == LEAD
    assert refused(ANAS, Take(LEAD, override=True), seen=1).code == "stale"


def test_the_logged_cause_is_measured_four_weeks_after_the_action() -> None:
    after = done(ANAS, log(effective=TODAY + timedelta(days=3))).after
    assert (after.state, after.cause, after.action, after.responsible) == ("measuring", CAUSES[0], ACTIONS[0], BEN)
    assert after.measure_on == TODAY + timedelta(days=31)


def test_an_action_of_long_ago_is_measured_at_once() -> None:
    assert done(ANAS, log(effective=TODAY - timedelta(days=60))).after.measure_on == TODAY


def test_logging_what_nobody_has_taken_takes_it() -> None:
    assert done(OPEN, log(BEN)).after.holder == BEN


@pytest.mark.parametrize("days", [-85, 91])
def test_an_effective_date_too_far_off_is_refused(days: int) -> None:
    assert refused(ANAS, log(effective=TODAY + timedelta(days=days))).code == "effective"


def test_only_the_holder_or_a_lead_logs_and_dismisses() -> None:
    assert refused(ANAS, log(BEN)).code == "not_yours"
    assert refused(ANAS, Dismiss(BEN, DISMISSALS[0])).code == "not_yours"
    assert done(ANAS, log(LEAD, override=True)).after.holder == ANA
    assert done(ANAS, Dismiss(LEAD, DISMISSALS[0], override=True)).after.closed_on == TODAY


def test_an_action_that_helped_closes_the_review() -> None:
    after = done(MEASURING, Measure(found("worked"), TODAY + MONTH)).after
    assert (after.state, after.closed_on, after.effective) == ("worked", TODAY, TODAY)


def test_an_action_that_did_not_help_opens_the_next_round_for_its_holder() -> None:
    change = done(MEASURING, Measure(found("did_not_work"), TODAY + MONTH))
    assert change.after == ReviewFacts(ReviewState.TAKEN, version=4, round=2, holder=ANA)
    assert change.data["cause"] == CAUSES[0]


def test_with_too_little_data_it_is_measured_again_and_in_the_end_given_up() -> None:
    facts, states = MEASURING, []
    for _ in range(MOST_MEASUREMENTS):
        facts = done(facts, Measure(found("too_little_data"), TODAY + MONTH)).after
        states.append((facts.state, facts.measure_on))
    assert states == [("measuring", TODAY + MONTH)] * (MOST_MEASUREMENTS - 1) + [("unmeasured", None)]


def test_what_has_ended_stays_so() -> None:
    ended = done(ANAS, Dismiss(ANA, DISMISSALS[1])).after
    for command in (Take(BEN), log(), Dismiss(ANA, DISMISSALS[0])):
        assert refused(ended, command).text == f"This review is closed (dismissed: {DISMISSALS[1]})."


def commands() -> st.SearchStrategy[ReviewCommand]:
    users, sure = st.sampled_from([ANA, BEN, LEAD]), st.booleans()
    days = st.integers(-100, 100).map(lambda n: TODAY + timedelta(days=n))
    verdicts = st.sampled_from(["worked", "did_not_work", "too_little_data"]).map(found)
    return st.one_of(
        st.builds(Take, users, sure),
        st.builds(log, users, effective=days, override=sure),
        st.builds(Dismiss, users, st.sampled_from(DISMISSALS), sure),
        st.builds(Measure, verdicts, days),
    )


@given(st.lists(commands(), max_size=25))
def test_every_history_keeps_its_promises(history: list[ReviewCommand]) -> None:
    facts = ReviewFacts()
    for command in history:
        answer = decide(facts, command, TODAY)
        if isinstance(answer, Refusal):
            assert answer.text
            continue
        after = answer.after
        assert facts.state.live, "nothing that has ended changes"
        assert after.version == facts.version + 1
        assert after.round - facts.round == (answer.kind == "reopened")
        assert (after.closed_on is None) == after.state.live
        assert (after.measure_on is not None) == (after.state is ReviewState.MEASURING)
        assert after.measured <= MOST_MEASUREMENTS
        if after.state is ReviewState.TAKEN:
            assert after.holder is not None
        if after.state in (ReviewState.MEASURING, ReviewState.WORKED, ReviewState.UNMEASURED):
            assert None not in (after.cause, after.action, after.responsible, after.effective, after.holder)
        facts = after
