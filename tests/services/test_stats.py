"""Each number on a data set small enough to count by hand. Today is Tuesday, March 10, 2026, in New York."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from denials.errors import DenialDeskError
from denials.lifecycle import Outcome
from services import work
from services.desk import Desk
from services.people import Actor
from services.stats import Stats, as_json, stats
from services.work import Resolution
from store.rollups import Tally
from tests.conftest import FixedClock
from tests.services.stock import add_items

TODAY = date(2026, 3, 10)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def count(desk: Desk, day: date, new: int, cents: int = 0, **names: str) -> None:
    """New denials of a day, as ingestion counts them."""
    tally = Tally()
    tally.denial({"category": "registration", **names}, day, new=new, cents=cents)
    with desk.db.write() as session:
        tally.write(session)


def finish(desk: Desk, outcome: str, **values: Any) -> None:
    """An item that got its outcome now."""
    final = {"state": "resolved", "outcome": outcome, "resolved_at": desk.now(), **values}
    add_items(desk, 1, **final)


def resolution(desk: Desk) -> Any:
    return stats(desk).resolution


def test_an_empty_desk_answers_with_zeros_and_what_cannot_be_known_is_null(desk: Desk) -> None:
    assert as_json(stats(desk)) == {
        "period": {"from": "2026-02-09", "to": "2026-03-10", "days": 30},
        "denials": {
            "new": 0,
            "previous": 0,
            "change": None,
            "trend": "steady",
            "amount": "0.00",
            "repeats": 0,
            "rejections": 0,
        },
        "claims": {
            "adjudicated": 0,
            "denied": 0,
            "fully_denied": 0,
            "denial_rate": None,
            "denied_amount_rate": None,
        },
        "groups": [],
        "resolution": {
            "resolved": 0,
            "median_hours_to_claim": None,
            "median_days_to_resolve": None,
            "p90_days_to_resolve": None,
            "overturned": 0,
            "overturn_rate": None,
            "recovered_amount": "0.00",
            "written_off_amount": "0.00",
            "handed_off": 0,
        },
        "preventable": {"yes": 0, "partly": 0, "no": 0, "share": None},
        "backlog": {
            "open": 0,
            "unclaimed": 0,
            "overdue": 0,
            "amount": "0.00",
            "aging": {"0-30": 0, "31-60": 0, "61-90": 0, "91-120": 0, "121+": 0},
            "rejections": 0,
            "takebacks": 0,
        },
    }


def test_the_period_ends_today_in_the_rules_time_zone(desk: Desk, clock: FixedClock) -> None:
    clock.at = datetime(2026, 3, 11, 3, 30, tzinfo=UTC)  # still the 10th in New York
    assert (stats(desk, 7).first, stats(desk, 7).last, stats(desk, 7).days) == (ago(6), TODAY, 7)


def test_new_denials_are_counted_by_remit_date_beside_the_period_before(desk: Desk) -> None:
    for day, new in ((ago(0), 3), (ago(29), 20), (ago(30), 7), (ago(59), 4), (ago(60), 100)):
        count(desk, day, new, new * 1000)
    told = as_json(stats(desk))["denials"]
    assert told == {
        "new": 23,
        "previous": 11,
        "change": 1.0909,
        "trend": "rising",
        "amount": "230.00",
        "repeats": 0,
        "rejections": 0,
    }


def test_repeats_and_rejections_stand_beside_the_new_ones(desk: Desk) -> None:
    tally = Tally()
    tally.denial({"category": "coding"}, TODAY, new=2, cents=5000)
    tally.denial({"category": "coding"}, TODAY, repeats=3)
    tally.rejection(TODAY)
    with desk.db.write() as session:
        tally.write(session)
    told = as_json(stats(desk))["denials"]
    assert (told["new"], told["repeats"], told["rejections"], told["amount"]) == (2, 3, 1, "50.00")


def test_groups_are_of_one_dimension_with_most_new_ones_first(desk: Desk) -> None:
    count(desk, ago(1), 2, 100, category="coding", payer="Aetna")
    count(desk, ago(2), 5, 900, category="eligibility", payer="Cigna")
    count(desk, ago(40), 4, 400, category="registration", payer="Aetna")
    assert [(one.name, one.new, one.previous, one.trend) for one in stats(desk).groups] == [
        ("eligibility", 5, 0, "rising"),
        ("coding", 2, 0, "steady"),
        ("registration", 0, 4, "falling"),
    ]
    by_payer = as_json(stats(desk, by="payer"))["groups"]
    assert [(one["name"], one["new"], one["previous"], one["amount"]) for one in by_payer] == [
        ("Cigna", 5, 0, "9.00"),
        ("Aetna", 2, 4, "1.00"),
    ]


@pytest.mark.parametrize(("days", "by"), [(0, "category"), (30, "person"), (-5, "payer"), (99_999, "payer")])
def test_a_period_or_grouping_there_is_none_of_is_refused_in_one_line(desk: Desk, days: int, by: str) -> None:
    with pytest.raises(DenialDeskError) as refused:
        stats(desk, days, by)
    assert "\n" not in str(refused.value)


def test_rates_are_of_the_claims_adjudicated_in_the_period(desk: Desk) -> None:
    tally = Tally()
    for day, denied, fully in (
        (ago(0), True, True),
        (ago(5), True, False),
        (ago(6), False, False),
        (ago(31), True, True),
    ):
        tally.claim(day, 1, denied=denied, fully=fully, charge=10_000, denied_cents=4_000 if denied else 0)
    tally.claim(ago(7), 1, denied=False, fully=False, charge=10_000, denied_cents=0)
    tally.claim(ago(7), -1, denied=False, fully=False, charge=10_000, denied_cents=0)  # corrected elsewhere
    with desk.db.write() as session:
        tally.write(session)
    claims = stats(desk).claims
    assert (claims.adjudicated, claims.denied, claims.fully_denied) == (3, 2, 1)
    assert (claims.denial_rate, claims.denied_amount_rate) == (0.6667, 0.2667)


def test_the_overturn_rate_is_of_decided_items(desk: Desk) -> None:
    for outcome, times in (
        ("Overturned and paid", 3),
        ("Billed to patient", 1),
        ("Written off", 2),
        ("Not a denial", 4),
    ):
        for _ in range(times):
            finish(desk, outcome)
    found = resolution(desk)
    assert (found.resolved, found.overturned, found.overturn_rate) == (10, 3, 0.5)


def test_what_waits_for_the_payer_is_open_and_not_resolved(desk: Desk) -> None:
    ref = add_items(desk, 1, owner=None)[0]
    work.resolve(desk, ref, 1, Actor("U0ADMIN"), Resolution(Outcome.APPEALED))
    found = stats(desk)
    assert (found.resolution.resolved, found.backlog.open, found.backlog.unclaimed) == (0, 1, 0)


def test_times_to_resolve_run_from_ingestion_to_the_outcome(desk: Desk) -> None:
    for days in range(1, 12):
        finish(desk, "Billed to patient", ingested_at=desk.now() - timedelta(days=days))
    finish(desk, "Billed to patient", resolved_at=desk.now() - timedelta(days=31))  # before the period
    found = resolution(desk)
    assert (found.resolved, found.median_days_to_resolve, found.p90_days_to_resolve) == (11, 6.0, 10.0)


def test_time_to_claim_is_the_median_of_the_items_first_claimed_in_the_period(desk: Desk) -> None:
    for hours in (1, 2, 6):
        add_items(desk, 1, ingested_at=desk.now() - timedelta(hours=hours), first_claimed_at=desk.now())
    add_items(desk, 1, ingested_at=desk.now() - timedelta(days=90), first_claimed_at=desk.now() - timedelta(days=31))
    assert resolution(desk).median_hours_to_claim == 2.0


def test_the_day_of_an_outcome_is_a_local_day(desk: Desk, clock: FixedClock) -> None:
    midnight = datetime(2026, 2, 9, 5, 0, tzinfo=UTC)  # the first day of the period begins in New York
    finish(desk, "Billed to patient", resolved_at=midnight)
    finish(desk, "Billed to patient", resolved_at=midnight - timedelta(seconds=1))
    assert resolution(desk).resolved == 1


def test_money_of_the_period_is_what_its_outcomes_brought_and_cost(desk: Desk) -> None:
    finish(desk, "Overturned and paid", recovered_cents=12_345)
    finish(desk, "Written off", recovered_cents=1_000, written_off_cents=4_000)
    finish(desk, "Overturned and paid", recovered_cents=99_999, resolved_at=desk.now() - timedelta(days=45))
    found = resolution(desk)
    assert (found.recovered, found.written_off) == (Decimal("133.45"), Decimal("40.00"))


def test_preventable_is_of_the_new_items_of_the_period(desk: Desk) -> None:
    for answer, times in (("yes", 2), ("partly", 1), ("no", 1)):
        add_items(desk, times, preventable=answer)
    add_items(desk, 1, preventable="no", first_remit_date=ago(30))
    add_items(desk, 1, preventable="no", kind="rejection")
    assert as_json(stats(desk))["preventable"] == {"yes": 2, "partly": 1, "no": 1, "share": 0.75}


def test_the_backlog_is_everything_open_whatever_the_period(desk: Desk) -> None:
    add_items(desk, 1, amount_cents=100, due=ago(1))
    add_items(desk, 1, amount_cents=200, due=TODAY, state="claimed", assignee="U0FRONT1")
    add_items(desk, 1, amount_cents=400, due=None, state="waiting", assignee="U0FRONT1", follow_up=ago(1))
    add_items(desk, 1, amount_cents=800, due=ago(3), state="resolved", outcome="Written off", resolved_at=desk.now())
    backlog = stats(desk, 1).backlog
    assert (backlog.open, backlog.unclaimed, backlog.overdue, backlog.amount) == (3, 1, 2, Decimal("7.00"))


def test_open_items_age_from_the_remit_date(desk: Desk) -> None:
    for days in (0, 30, 31, 60, 61, 90, 91, 120, 121, 900):
        add_items(desk, 1, remit_date=ago(days))
    assert stats(desk).backlog.aging == {"0-30": 2, "31-60": 2, "61-90": 2, "91-120": 2, "121+": 2}


def test_rejections_take_backs_and_a_practices_past_are_in_no_count_of_denials(desk: Desk) -> None:
    add_items(desk, 2, kind="rejection")
    add_items(desk, 1, kind="takeback")
    add_items(desk, 4, history=True)
    finish(desk, "Overturned and paid", kind="rejection")
    finish(desk, "Overturned and paid", history=True)
    found = stats(desk)
    assert (found.backlog.open, found.backlog.rejections, found.backlog.takebacks) == (0, 2, 1)
    assert (found.resolution.resolved, found.resolution.overturned) == (0, 0)


def series(found: Stats) -> list[tuple[str, str, int]]:
    return [(point.first.isoformat(), point.last.isoformat(), point.new) for point in found.series]


def test_a_short_period_is_drawn_by_days(desk: Desk) -> None:
    count(desk, ago(0), 2)
    count(desk, ago(2), 5)
    assert series(stats(desk, 3)) == [
        ("2026-03-08", "2026-03-08", 5),
        ("2026-03-09", "2026-03-09", 0),
        ("2026-03-10", "2026-03-10", 2),
    ]


def test_a_long_period_is_drawn_by_weeks_that_end_today(desk: Desk) -> None:
    for days in (0, 6, 7, 29):
        count(desk, ago(days), 1)
    assert series(stats(desk, 30)) == [
        ("2026-02-09", "2026-02-10", 1),
        ("2026-02-11", "2026-02-17", 0),
        ("2026-02-18", "2026-02-24", 0),
        ("2026-02-25", "2026-03-03", 1),
        ("2026-03-04", "2026-03-10", 2),
    ]


def test_the_period_before_is_covered_only_when_an_older_remittance_is_known(desk: Desk) -> None:
    count(desk, ago(58), 3, 300)
    assert not stats(desk).covered
    count(desk, ago(59), 1, 100)
    assert stats(desk).covered


def test_a_time_of_minutes_keeps_enough_digits_to_be_told(desk: Desk, clock: FixedClock) -> None:
    start = clock.now() - timedelta(minutes=3)
    add_items(desk, 1, state="resolved", outcome="Not a denial", ingested_at=start, resolved_at=clock.now())
    assert as_json(stats(desk))["resolution"]["median_days_to_resolve"] == 0.0021
