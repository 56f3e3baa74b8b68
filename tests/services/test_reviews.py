"""Prevention reviews from the first repeat to the verdict, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from denials.prevention import ACTIONS, CAUSES, DISMISSALS, ReviewState
from denials.rules.model import RuleSet
from services import reviews
from services.desk import Desk
from services.people import Actor
from services.views import Review, ReviewReminder, ReviewView
from store.reviews import ReviewEvent
from store.tables import SlackMessage
from tests.conftest import FixedClock, FixedRules
from tests.services.repeating import AUTHORIZATION, CODING, denied
from tests.services.reviewing import LEAD, MEMBER, cause, done, live_ten_weeks, open_review, refused, sent

OTHER, STRANGER = Actor("U0CODE1"), Actor("U0STRANGER")


@pytest.fixture
def past(desk: Desk) -> None:
    """Ten weeks before the window."""
    live_ten_weeks(desk)


@pytest.fixture
def review(desk: Desk, past: None) -> ReviewView:
    """A review of prior authorizations."""
    del past
    return open_review(desk)


def test_a_repeat_becomes_a_review_in_the_channel_of_the_team_where_it_starts(desk: Desk, review: ReviewView) -> None:
    assert (review.dimension, review.title, review.handoff) == ("code", "CO-197", "Prior authorization")
    assert (review.owner, review.owner_channel, review.state) == ("auth_team", "C0AUTH", ReviewState.OPEN)
    evidence = review.evidence
    assert (evidence.count, evidence.expected, str(evidence.amount)) == (30, 8.0, "3000.00")
    assert (evidence.top_codes, evidence.top_payers) == ((("CO-197", 30),), (("Aetna", 30),))
    assert [count for _, count in evidence.weeks] == [4] * 10 + [0, 30]
    assert len(evidence.refs) == 5
    assert review.ref.startswith("PR-") and len(review.ref) == 9  # noqa: PT018 - one shape
    (told,) = sent(desk)
    assert told == ("C0AUTH", Review(review, desk.today()))


def test_one_cause_gives_one_review_and_is_quiet_while_it_is_open(
    desk: Desk, review: ReviewView, clock: FixedClock
) -> None:
    for _ in range(3):
        clock.forward(days=1)
        denied(desk, desk.today(), 10, **AUTHORIZATION)
        assert reviews.detect_due(desk) == 0
    assert [one.ref for one in reviews.listing(desk)] == [review.ref]


def test_a_practices_past_teaches_but_opens_nothing(desk: Desk, past: None) -> None:
    denied(desk, desk.today() - timedelta(days=2), 30, **AUTHORIZATION, history=True)
    assert reviews.detect_due(desk) == 0


@pytest.mark.parametrize(("days", "opened"), [(26, 0), (27, 1)])
def test_nothing_opens_before_four_weeks_of_data(desk: Desk, days: int, opened: int) -> None:
    denied(desk, desk.today() - timedelta(days=days), 3)
    denied(desk, desk.today() - timedelta(days=20), 3)
    denied(desk, desk.today(), 9, **AUTHORIZATION)
    assert reviews.detect_due(desk) == opened


def test_three_a_week_those_with_most_dollars_first(desk: Desk, past: None, clock: FixedClock) -> None:
    for n, cents in enumerate((500, 900, 100, 700), start=1):
        values = {"category": f"c{n}", "handoff": f"H{n}", "first_code": f"CO-{n}", "payer_label": f"Payer {n}"}
        denied(desk, desk.today(), 7, **values, first_cents=100 * cents)
    assert reviews.detect_due(desk) == 3
    assert {one.title for one in reviews.listing(desk)} == {"CO-1", "CO-2", "CO-4"}
    clock.forward(days=1)
    assert reviews.detect_due(desk) == 0
    clock.forward(days=6)
    assert reviews.detect_due(desk) == 1


def test_only_what_the_rules_name_is_looked_for(desk: Desk, past: None) -> None:
    source: Any = desk.rules_source
    source.rules = replace(desk.rules, prevention=replace(desk.rules.prevention, by=("payer", "category")))
    denied(desk, desk.today(), 30, **AUTHORIZATION)
    reviews.detect_due(desk)
    assert [(one.dimension, one.title) for one in reviews.listing(desk)] == [
        ("category", desk.rules.category_title("authorization"))
    ]


def test_outside_business_hours_and_twice_a_day_nothing_is_looked_for(
    desk: Desk, past: None, clock: FixedClock
) -> None:
    denied(desk, desk.today(), 30, **AUTHORIZATION)
    clock.forward(hours=10)
    assert reviews.detect_due(desk) == 0
    clock.forward(hours=14)
    assert [reviews.detect_due(desk), reviews.detect_due(desk)] == [1, 0]


def test_take_log_and_the_message_follows(desk: Desk, review: ReviewView) -> None:
    sent(desk)
    taken = done(reviews.take(desk, review.ref, review.version, MEMBER))
    assert (taken.state, taken.holder) == (ReviewState.TAKEN, "U0AUTH1")
    assert sent(desk) == [("C0AUTH", Review(taken, desk.today()))]
    assert reviews.may_log(desk, review.ref, taken.version, MEMBER) == taken
    logged = done(reviews.log_cause(desk, review.ref, taken.version, MEMBER, cause(desk)))
    assert (logged.state, logged.cause, logged.action) == (ReviewState.MEASURING, CAUSES[0], ACTIONS[0])
    assert logged.measure_on == desk.today() + timedelta(days=28)
    assert sent(desk) == [("C0AUTH", Review(logged, desk.today()))]


def test_only_the_team_of_the_hand_off_may_act_and_the_loser_hears_who_has_it(desk: Desk, review: ReviewView) -> None:
    for actor in (OTHER, STRANGER, Actor("U0AUTH1", guest=True)):
        assert refused(reviews.take(desk, review.ref, 1, actor)).code == "not_allowed"
    done(reviews.take(desk, review.ref, 1, MEMBER))
    assert refused(reviews.take(desk, review.ref, 1, MEMBER)).code == "yours"
    assert refused(reviews.dismiss(desk, review.ref, 1, LEAD, DISMISSALS[0], "")).code == "stale"
    assert done(reviews.take(desk, review.ref, 2, LEAD)).holder == "U0LEAD"
    assert refused(reviews.take(desk, review.ref, 3, MEMBER)).text == "<@U0LEAD> already has this review."
    assert refused(reviews.may_log(desk, review.ref, 3, MEMBER)).code == "not_yours"
    assert refused(reviews.take(desk, "PR-222222", 1, MEMBER)).code == "unknown"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cause", "made up"),
        ("action", "made up"),
        ("responsible", "everybody"),
        ("cause_words", "call 555-123-4567"),
        ("action_words", "member 123456789"),
    ],
)
def test_what_is_typed_is_guarded(desk: Desk, review: ReviewView, field: str, value: str) -> None:
    answer = refused(reviews.log_cause(desk, review.ref, 1, MEMBER, cause(desk, **{field: value})))
    assert value not in answer.text
    assert reviews.get(desk, review.ref) == review


def test_words_are_sealed_and_stay_on_the_host(desk: Desk, review: ReviewView) -> None:
    sent(desk)
    done(reviews.log_cause(desk, review.ref, 1, MEMBER, cause(desk, cause_words="a word of ours")))
    done(reviews.dismiss(desk, review.ref, 2, MEMBER, DISMISSALS[0], "another word"))
    with desk.db.read() as session:
        rows = [row.model_dump() for row in session.exec(select(ReviewEvent))]
        data = [message.data for message in session.exec(select(SlackMessage))]
    assert " word" not in f"{rows} {data} {sent(desk)} {reviews.history(desk, review.ref)} {reviews.listing(desk)}"
    opened = reviews.words_of(desk, review.ref, "somebody")
    assert opened is not None
    assert [(one.who, one.cause, one.note) for one in opened] == [
        ("U0AUTH1", "a word of ours", ""),
        ("U0AUTH1", "", "another word"),
    ]


def test_a_dismissed_cause_is_quiet_for_four_weeks(desk: Desk, review: ReviewView, clock: FixedClock) -> None:
    assert refused(reviews.dismiss(desk, review.ref, 1, MEMBER, "no reason of the list", "")).code == "reason"
    ended = done(reviews.dismiss(desk, review.ref, 1, MEMBER, DISMISSALS[0], ""))
    assert (ended.state, ended.dismissed_for, ended.closed_on) == ("dismissed", DISMISSALS[0], desk.today())
    clock.forward(days=22)
    denied(desk, desk.today(), 80, **AUTHORIZATION)
    opened = []
    for day in range(23, 30):
        clock.forward(days=1)
        opened += [day] * reviews.detect_due(desk)
    assert opened == [28]


def test_reminders_come_until_the_cause_is_logged(desk: Desk, review: ReviewView, clock: FixedClock) -> None:
    sent(desk)
    assert reviews.remind_due(desk) == 0
    clock.forward(days=3)  # Friday
    assert [reviews.remind_due(desk), reviews.remind_due(desk)] == [1, 0]
    assert sent(desk) == [("U0LEAD", ReviewReminder((review,), (), desk.today()))]
    taken = done(reviews.take(desk, review.ref, 1, MEMBER))
    clock.forward(days=4)  # Tuesday: two business days
    assert reviews.remind_due(desk) == 0
    clock.forward(days=1)
    sent(desk)
    assert reviews.remind_due(desk) == 1
    assert sent(desk) == [("U0AUTH1", ReviewReminder((taken,), (), desk.today()))]
    clock.forward(days=7)
    assert reviews.remind_due(desk) == 2  # now the lead hears of it too
    done(reviews.log_cause(desk, review.ref, 2, MEMBER, cause(desk)))
    assert [content for _, content in sent(desk) if isinstance(content, ReviewReminder)] == []
    clock.forward(days=14)
    assert reviews.remind_due(desk) == 0


def test_a_user_group_as_lead_is_reminded_in_the_channel_of_its_team(
    desk: Desk, review: ReviewView, rules: RuleSet, clock: FixedClock
) -> None:
    team = rules.owners["auth_team"]
    grouped = replace(rules, owners={**rules.owners, team.name: replace(team, lead="S0HEADS")})
    desk = replace(desk, rules_source=FixedRules(grouped))
    sent(desk)
    clock.forward(days=3)
    assert reviews.remind_due(desk) == 1
    assert sent(desk) == [(team.channel, ReviewReminder((review,), ("S0HEADS",), desk.today()))]


def test_the_list_shows_open_ones_first_and_ended_ones_for_ninety_days(
    desk: Desk, review: ReviewView, clock: FixedClock
) -> None:
    done(reviews.dismiss(desk, review.ref, 1, MEMBER, DISMISSALS[0], ""))
    clock.forward(days=1)
    denied(desk, desk.today(), 30, **CODING)
    assert reviews.detect_due(desk) == 1
    assert [(one.title, one.state) for one in reviews.listing(desk)] == [("CO-4", "open"), ("CO-197", "dismissed")]
    clock.forward(days=90)
    assert [one.title for one in reviews.listing(desk)] == ["CO-4"]


def test_a_review_whose_team_the_rules_do_not_name_goes_to_the_administrators(desk: Desk, past: None) -> None:
    values = {"category": "strange", "handoff": "Nowhere", "first_code": "CO-9", "payer_label": "Cigna"}
    denied(desk, desk.today(), 9, **values)
    assert reviews.detect_due(desk) == 1
    (channel,) = {channel for channel, _ in sent(desk)}
    assert channel == "C0OPS"


def test_evidence_holds_no_more_than_counts_labels_and_references(desk: Desk, review: ReviewView) -> None:
    with desk.db.read() as session:
        (stored,) = [row.data for row in session.exec(select(SlackMessage))]
    assert json.loads(stored) == {"review": review.ref}
    assert isinstance(review.evidence.weeks[0][0], date)
