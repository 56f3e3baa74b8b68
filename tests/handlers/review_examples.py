"""Prevention reviews to show: an ordinary one, whatever else could be stored, and one put into the database."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from denials.prevention import ACTIONS, CAUSES, DIMENSIONS, DISMISSALS, Evidence, ReviewState, Verdict
from services.desk import Desk
from services.review_views import evidence_text, post
from services.views import ReviewView
from store import reviews
from tests.handlers.examples import TODAY, lines

EVIDENCE = Evidence(
    window_days=14,
    count=23,
    expected=4.2,
    amount=Decimal("12300.00"),
    top_codes=(("CO-197", 21), ("CO-198", 2)),
    top_payers=(("Aetna", 14), ("UnitedHealthcare", 9)),
    weeks=tuple((TODAY - timedelta(days=84 - 7 * n), (2, 1, 3, 2, 2, 1, 3, 2, 2, 4, 9, 14)[n]) for n in range(12)),
    refs=("DN-7KQ2M4XT", "DN-3NDW8RTB"),
)

OPEN = ReviewView(
    ref="PR-7KQ2M4",
    version=1,
    state=ReviewState.OPEN,
    dimension="category",
    title="Missing authorization",
    handoff="Prior authorization",
    owner="auth_team",
    owner_title="Authorizations",
    owner_channel="C0AUTH",
    holder=None,
    opened_on=TODAY,
    evidence=EVIDENCE,
    cause=None,
    action=None,
    responsible=None,
    effective=None,
    measure_on=None,
    verdict=None,
    round=1,
    dismissed_for=None,
)
TAKEN = replace(OPEN, state=ReviewState.TAKEN, holder="U0AUTH1", version=2)
MEASURING = replace(
    TAKEN,
    state=ReviewState.MEASURING,
    version=3,
    cause=CAUSES[0],
    action=ACTIONS[0],
    responsible="U0FRONT1",
    effective=TODAY + timedelta(days=6),
    measure_on=TODAY + timedelta(days=34),
)
FELL = Verdict(
    kind="worked",
    before_per_week=14.2,
    after_per_week=3.1,
    change=-0.78,
    p=0.0004,
    before_rate=None,
    after_rate=None,
    dollars_less_a_month=Decimal("9412.37"),
    days_before=28,
    days_after=28,
    measured_on=TODAY,
)
STAYED = replace(FELL, kind="did_not_work", after_per_week=13.9, change=-0.02, p=0.81, dollars_less_a_month=None)
TOO_LITTLE = replace(FELL, kind="too_little_data", before_per_week=0.8, after_per_week=0.0, p=None, change=-1.0)
WORKED = replace(MEASURING, state=ReviewState.WORKED, version=4, verdict=FELL, measure_on=None, closed_on=TODAY)
AGAIN = replace(TAKEN, round=2, version=4, verdict=STAYED)
DISMISSED = replace(OPEN, state=ReviewState.DISMISSED, version=2, dismissed_for=DISMISSALS[0], closed_on=TODAY)

_numbers = itertools.count(0)


def add_review(desk: Desk, **values: Any) -> str:
    """A review of its own series, posted to its team; its reference."""
    number = next(_numbers)
    plain: dict[str, Any] = {
        "ref": f"PR-{_letters(number)}",
        "dimension": "code",
        "name": f"CO-{300 + number}",
        "category": "registration",
        "handoff": "Patient registration",
        "opened_on": desk.today(),
        "evidence": evidence_text(EVIDENCE),
    }
    with desk.db.write() as session:
        row = reviews.add(session, {**plain, **values})
        assert row is not None
        reviews.log_event(session, row, 1, desk.now(), "opened", None, {"count": 23, "window_days": 14})
        post(session, row, desk.rules)
        return row.ref


def _letters(number: int) -> str:
    alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    return f"TEST{alphabet[number // 32]}{alphabet[number % 32]}"


def verdicts() -> st.SearchStrategy[Verdict]:
    """Any verdict."""
    rate = st.none() | st.floats(0, 1)
    return st.builds(
        Verdict,
        kind=st.sampled_from(["worked", "did_not_work", "too_little_data"]),
        before_per_week=st.floats(0, 1e5),
        after_per_week=st.floats(0, 1e5),
        change=st.none() | st.floats(-1, 1e4),
        p=rate,
        before_rate=rate,
        after_rate=rate,
        dollars_less_a_month=st.none() | st.decimals(Decimal("-9999999"), Decimal("9999999"), places=2),
        days_before=st.integers(1, 400),
        days_after=st.integers(1, 400),
        measured_on=st.just(TODAY),
    )


def evidences() -> st.SearchStrategy[Evidence]:
    """Any evidence."""
    count = st.integers(0, 10**6)
    weeks = [TODAY - timedelta(days=84 - 7 * n) for n in range(12)]
    return st.builds(
        Evidence,
        window_days=st.integers(1, 90),
        count=count,
        expected=st.none() | st.floats(0, 1e6),
        amount=st.decimals(0, Decimal("9999999.99"), places=2),
        top_codes=st.lists(st.tuples(st.sampled_from(["CO-197", "PI-B16", "OA-A1"]), count), max_size=5).map(tuple),
        top_payers=st.lists(st.tuples(lines(40), count), max_size=5).map(tuple),
        weeks=st.lists(count, min_size=12, max_size=12).map(lambda found: tuple(zip(weeks, found, strict=True))),
        refs=st.lists(st.just("DN-7KQ2M4XT"), max_size=5).map(tuple),
    )


def any_review() -> st.SearchStrategy[ReviewView]:
    """Any review that could be stored, with labels as rules files allow them."""
    person = st.none() | st.sampled_from(["U0FRONT1", "W012345678901234567890"])
    day: st.SearchStrategy[date | None] = st.none() | st.integers(-400, 400).map(lambda n: TODAY + timedelta(days=n))
    return st.builds(
        ReviewView,
        ref=st.just("PR-7KQ2M4"),
        version=st.integers(1, 10**6),
        state=st.sampled_from(ReviewState),
        dimension=st.sampled_from(DIMENSIONS),
        title=lines(60),
        handoff=lines(60),
        owner=st.none() | st.just("front_desk"),
        owner_title=lines(60),
        owner_channel=st.just("C0FRONT"),
        holder=person,
        opened_on=st.integers(0, 400).map(lambda n: TODAY - timedelta(days=n)),
        evidence=evidences(),
        cause=st.none() | st.sampled_from(CAUSES),
        action=st.none() | st.sampled_from(ACTIONS),
        responsible=person,
        effective=day,
        measure_on=day,
        verdict=st.none() | verdicts(),
        round=st.integers(1, 9),
        dismissed_for=st.none() | st.sampled_from(DISMISSALS),
    )
