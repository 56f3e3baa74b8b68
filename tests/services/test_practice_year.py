"""A practice's year: a cause that is planted, found, mended and measured, and every figure recomputed from a ledger."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import quantiles
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from denials.lifecycle import Outcome
from denials.prevention import ACTIONS, CAUSES, ReviewState
from services import reviews, work
from services.desk import Desk
from services.lookup import lookup_claim
from services.people import Actor
from services.recount import check
from services.stats import as_json, stats
from services.views import Done, Refused, ReviewView
from services.work import Resolution
from tests.services.files import put
from tests.services.practice_year import FIRST_DAY, Denied, Shift, Year

LEAD = Actor("U0LEAD")
_START, _MENDED = FIRST_DAY + timedelta(weeks=20), FIRST_DAY + timedelta(weeks=28)
PLANTED = (Shift("197", "Aetna", _START, 5.0), Shift("197", "Aetna", _MENDED, 0.06))
SIZES = pytest.mark.parametrize(
    ("claims_per_week", "weeks"),
    [(400, 36), pytest.param(19_231, 52, marks=[pytest.mark.long, pytest.mark.timeout(7200)])],
)
BOTH = pytest.mark.parametrize(
    "database_url",
    ["sqlite", pytest.param("postgresql", marks=[pytest.mark.long, pytest.mark.timeout(7200)])],
    indirect=True,
)
_FINAL = (Outcome.OVERTURNED, Outcome.BILLED_TO_PATIENT, Outcome.WRITTEN_OFF, Outcome.NOT_A_DENIAL)
_AT = time(15, 0)  # UTC: business hours in New York
_CHECKED_WEEKS = (12, 26, 35, 51)


@dataclass(frozen=True)
class Ended:
    """What somebody, or a payment, brought to its end."""

    outcome: str
    ingested: datetime
    ended: datetime
    recovered: int = 0
    written_off: int = 0


@dataclass
class Office:
    """The people of the practice, and a diary of what they did."""

    desk: Desk
    clock: Any
    year: Year
    folder: Path
    busy: int = 0  # denials that people finish in a week
    draw: random.Random = field(default_factory=lambda: random.Random(7))
    ended: list[Ended] = field(default_factory=list)
    claimed: list[tuple[datetime, datetime]] = field(default_factory=list)  # ingested, claimed
    opened: dict[str, tuple[date, ReviewView]] = field(default_factory=dict)
    ingested: dict[str, datetime] = field(default_factory=dict)
    known: int = 0
    judged: list[ReviewView] = field(default_factory=list)

    def live(self, look: Callable[[ReviewView], None], checkpoint: Callable[[date], None]) -> None:
        """The whole year; `look` sees each new review and each verdict on its day, `checkpoint` some of the Fridays."""
        for week, (friday, text) in enumerate(self.year.files()):
            self._receive(friday, text)
            if week in _CHECKED_WEEKS:
                checkpoint(friday)
            for day in range(7):
                self.clock.at = datetime.combine(friday + timedelta(days=day), _AT, UTC) + timedelta(hours=1)
                reviews.detect_due(self.desk)
                reviews.remind_due(self.desk)
                reviews.measure_due(self.desk)
                for one in reviews.listing(self.desk):
                    if one.ref not in self.opened:
                        self.opened[one.ref] = (self.desk.today(), one)
                        look(one)
                    elif one.verdict is not None and one.verdict.measured_on == self.desk.today():
                        self.judged.append(one)
                        look(one)

    def _receive(self, friday: date, text: str) -> None:
        self.clock.at = datetime.combine(friday, _AT, UTC)
        summary = put(self.desk, self.folder, text)
        assert (summary.status, summary.rejected_rows) == ("ingested", 0), summary.errors
        fresh = self.year.denied[self.known :]
        self.known = len(self.year.denied)
        for one in fresh:
            self.ingested[one.number] = self.clock.now()
        for number, (day, cents) in self.year.paid_later.items():
            if friday - timedelta(days=4) <= day <= friday:
                self.ended.append(Ended(str(Outcome.OVERTURNED), self.ingested[number], self.clock.now(), cents))
        self._work(fresh)

    def _work(self, fresh: list[Denied]) -> None:
        """Some of the week's denials are claimed after a while and brought to an end."""
        free = [one for one in fresh if one.number not in self.year.comes_again]
        for one in self.draw.sample(free, min(self.busy, len(free))):
            (ref,) = lookup_claim(self.desk, one.number, "office")
            began = self.clock.now()
            self.clock.at = began + timedelta(minutes=self.draw.randrange(10, 600))
            taken = work.claim(self.desk, ref, None, LEAD)
            assert isinstance(taken, Done)
            self.claimed.append((began, self.clock.now()))
            self.clock.at += timedelta(minutes=self.draw.randrange(10, 600))
            outcome = self.draw.choice(_FINAL)
            recovered = one.cents // 2 if outcome == Outcome.OVERTURNED else 0
            how = Resolution(outcome, _dollars(recovered) if recovered else None, None, "")
            if isinstance(work.resolve(self.desk, ref, taken.item.version, LEAD, how), Done):
                lost = one.cents if outcome == Outcome.WRITTEN_OFF else 0
                self.ended.append(Ended(str(outcome), began, self.clock.now(), recovered, lost))
            self.clock.at = began


def _dollars(cents: int) -> Decimal:
    return Decimal(cents) / 100


def _span(values: list[timedelta], unit: timedelta, share: int) -> float | None:
    """A percentile (50 or 90) as the standard library works it out."""
    if not values:
        return None
    spans = [value / unit for value in values]
    found = quantiles(spans, n=100, method="inclusive")[share - 1] if len(spans) > 1 else spans[0]
    return round(found, 4)


def agree(office: Office, friday: date) -> None:
    """Every figure of the last thirty days, beside the ledger's and the diary's."""
    desk, year = office.desk, office.year
    first, before = friday - timedelta(days=29), friday - timedelta(days=59)
    told = as_json(stats(desk, 30))
    truth = year.adjudicated(first, friday)
    ended = [one for one in office.ended if desk.today() - timedelta(days=29) <= _day(one.ended) <= friday]
    decided = Counter(one.outcome for one in ended)
    whole = sum(decided[str(outcome)] for outcome in Outcome if outcome.decided)
    days = [one.ended - one.ingested for one in ended]
    waits = [end - start for start, end in office.claimed if first <= _day(end) <= friday]
    new = year.count(first, friday, lambda _: "")[""]
    assert told["denials"]["new"] == new
    assert told["denials"]["previous"] == year.count(before, first - timedelta(days=1), lambda _: "")[""]
    assert told["denials"]["amount"] == f"{_dollars(year.cents(first, friday)):.2f}"
    assert told["denials"]["repeats"] == sum(n for day, n in year.repeats.items() if first <= day <= friday)
    assert told["claims"] == {
        "adjudicated": truth.adjudicated,
        "denied": truth.denied,
        "fully_denied": truth.denied,
        "denial_rate": round(truth.denied / truth.adjudicated, 4),
        "denied_amount_rate": round(truth.denied_cents / truth.charged, 4),
    }
    assert told["resolution"] == {
        "resolved": len(ended),
        "median_hours_to_claim": _span(waits, timedelta(hours=1), 50),
        "median_days_to_resolve": _span(days, timedelta(days=1), 50),
        "p90_days_to_resolve": _span(days, timedelta(days=1), 90),
        "overturned": decided[str(Outcome.OVERTURNED)],
        "overturn_rate": round(decided[str(Outcome.OVERTURNED)] / whole, 4) if whole else None,
        "recovered_amount": f"{_dollars(sum(one.recovered for one in ended)):.2f}",
        "written_off_amount": f"{_dollars(sum(one.written_off for one in ended)):.2f}",
        "handed_off": 0,
    }
    assert told["backlog"]["open"] == len(year.denied) - len(office.ended)
    groups_agree(office, first, friday)
    assert check(desk) == ()


def groups_agree(office: Office, first: date, last: date) -> None:
    """The same period by each dimension that a remittance tells."""
    rules = office.desk.rules
    names: dict[str, Callable[[Denied], str]] = {
        "category": lambda one: one.cause.category,
        "owner": lambda one: rules.categories[one.cause.category].owner or "",
        "handoff": lambda one: rules.categories[one.cause.category].handoff,
        "payer": lambda one: one.payer,
        "code": lambda one: one.cause.code,
        "practice": lambda one: one.clinic,
    }
    for by, name in names.items():
        told = {group.name: group.new for group in stats(office.desk, 30, by).groups if group.new and group.name}
        truth = {group: n for group, n in office.year.count(first, last, name).items() if group}
        assert told == truth, by


def _day(at: datetime) -> date:
    return at.astimezone(ZoneInfo("America/New_York")).date()


def is_about_the_planted(one: ReviewView) -> bool:
    """Whether a review is about the cause that was planted, by whatever it was noticed."""
    return one.title in ("CO-197", "Missing authorization", "Prior authorization", "Aetna")


def log(desk: Desk, one: ReviewView) -> None:
    """The team finds the cause at once; what it does about it takes effect on the planted day."""
    taken = reviews.take(desk, one.ref, one.version, LEAD)
    assert not isinstance(taken, Refused), taken
    filled = reviews.CauseLog(CAUSES[0], "", ACTIONS[0], "", LEAD.user, _MENDED)
    done = reviews.log_cause(desk, one.ref, taken.review.version, LEAD, filled)
    assert not isinstance(done, Refused), done


def verdict_agrees(office: Office, one: ReviewView) -> None:
    """The verdict on the planted mend: what it says is so, and as the ledger has it."""
    found = one.verdict
    assert found is not None
    assert (one.state, found.kind, found.unlikely_chance) == (ReviewState.WORKED, "worked", True)

    def name(denial: Denied) -> str:
        by_category = one.title if denial.cause.category == "authorization" else ""
        return {"code": denial.cause.code, "payer": denial.payer}.get(one.dimension, by_category)

    start, end = _MENDED - timedelta(days=found.days_before), _MENDED + timedelta(days=found.days_after - 1)
    sides = []
    for first, last in ((start, _MENDED - timedelta(days=1)), (_MENDED, end)):
        denials = [d for d in office.year.denied if first <= d.day <= last and name(d) == one.title]
        claims = office.year.adjudicated(first, last).adjudicated
        days = (last - first).days + 1
        sides.append((len(denials) * 7 / days, len(denials) / claims, sum(d.cents for d in denials) / 100 / days))
    (week_before, rate_before, dollars_before), (week_after, rate_after, dollars_after) = sides
    assert (found.before_per_week, found.after_per_week) == pytest.approx((week_before, week_after), abs=0.01)
    if one.dimension != "payer":  # whose claims are counted apart
        assert (found.before_rate, found.after_rate) == pytest.approx((rate_before, rate_after), rel=1e-3)
        assert found.change == pytest.approx(rate_after / rate_before - 1, abs=0.001)
    assert float(found.dollars_less_a_month or 0) == pytest.approx((dollars_before - dollars_after) * 30.4, rel=1e-3)


@BOTH
@SIZES
def test_a_planted_cause_is_found_mended_and_measured_and_every_figure_agrees(
    desk: Desk, clock: Any, tmp_path: Path, claims_per_week: int, weeks: int
) -> None:
    office = Office(desk, clock, Year(1, claims_per_week, PLANTED, weeks), tmp_path, busy=3 if weeks < 52 else 40)
    planted: list[str] = []

    def look(one: ReviewView) -> None:
        if one.verdict is not None:
            verdict_agrees(office, one)  # now: later corrections change what was adjudicated when
        elif is_about_the_planted(one) and desk.today() >= _START:
            planted.append(one.ref)
            log(desk, one)

    office.live(look, lambda friday: agree(office, friday))
    assert len(planted) == 1, "the planted cause is reviewed once"
    opened = office.opened[planted[0]][0]
    window = desk.rules.prevention.within
    assert _START < opened <= _START + window + timedelta(days=7), (
        "within its window of the shift, once its files are there"
    )
    strangers = [ref for ref, (_, one) in office.opened.items() if not is_about_the_planted(one)]
    sys.stdout.write(
        f"\n{len(office.year.denied):,} denials: found on {opened}, {len(strangers)} other reviews in the year\n"
    )
    assert [one.ref for one in office.judged] == planted


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # detection is the same on any database
@SIZES
def test_a_year_without_shifts_gives_less_than_one_false_alarm_a_month(
    desk: Desk, clock: Any, tmp_path: Path, claims_per_week: int, weeks: int
) -> None:
    office = Office(desk, clock, Year(2, claims_per_week, weeks=weeks), tmp_path)
    office.live(lambda _: None, lambda _: None)
    sys.stdout.write(
        f"\n{len(office.year.denied):,} denials without a shift: {len(office.opened)} false alarms in the year\n"
    )
    assert len(office.opened) < weeks // 4
