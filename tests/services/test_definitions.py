"""One test per definition, on a practice that is counted by hand: tests/services/small_practice.py tells what happened.

A test is named after the anchor of its definition. It compares with what the public numbers say.
"""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from denials import repeats
from denials.definitions import everything
from denials.prevention import Evidence, ReviewState
from denials.rules.model import RuleSet
from denials.verdict import Measured, before_span, verdict
from denials.weeks import Week
from services import report, scorecard, stats
from services.desk import Desk
from services.keys import provide_vault
from services.views import ReviewView, WeeklyReport
from services.weekly import weekly
from store.database import Database
from tests.conftest import DATA_KEY, FixedClock, FixedRules
from tests.services.small_practice import live

WEEK = Week.parse("2026-W10")


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, rules: RuleSet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The practice on March 10, made once: these tests only read."""
    folder = tmp_path_factory.mktemp("small-practice")
    shutil.copy(sqlite_template, folder / "denials.db")
    database = Database(f"sqlite:///{folder}/denials.db")
    clock = FixedClock()
    made = Desk(database, FixedRules(rules), provide_vault(database, DATA_KEY), clock)
    live(made, clock, folder)
    yield made
    database.dispose()


@pytest.fixture(scope="module")
def told(desk: Desk) -> dict[str, Any]:
    """What `denials report --week 2026-W10 --json` says."""
    return report.as_json(report.report(desk, WEEK))


@pytest.fixture(scope="module")
def numbers(told: dict[str, Any]) -> dict[str, Any]:
    """The numbers of the week, as `denials stats --json` names them."""
    return dict(told["numbers"])


# Volume


def test_period(desk: Desk, told: dict[str, Any], numbers: dict[str, Any]) -> None:
    # The week; a CSV row and remittances count on their own dates though they came on others. Today is March 10.
    assert numbers["period"] == {"from": "2026-03-02", "to": "2026-03-08", "days": 7}
    assert (told["week"], told["as_of"]) == ("2026-W10", "2026-03-10")
    assert stats.as_json(stats.stats(desk, 30))["period"] == {"from": "2026-02-09", "to": "2026-03-10", "days": 30}


def test_new(numbers: dict[str, Any]) -> None:
    # 6 A + B1 + P3 + 2 E + 3 D + 2 R on March 3, C1 on March 4, V1 of the export on March 5
    assert numbers["denials"]["new"] == 6 + 1 + 1 + 2 + 3 + 2 + 1 + 1


def test_amount(numbers: dict[str, Any]) -> None:
    # 6 × 100 + 50 + 150 + 2 × 20 + 3 × 10 + 2 × 15 + 30 + 70
    assert numbers["denials"]["amount"] == "1000.00"


def test_previous(told: dict[str, Any]) -> None:
    assert told["numbers"]["denials"]["previous"] == 2  # P1 and P2
    assert told["before"]["denials"]["new"] == 2


def test_change(numbers: dict[str, Any], told: dict[str, Any]) -> None:
    assert numbers["denials"]["change"] == 7.5  # 17 ÷ 2 − 1
    eligibility = told["groups"]["category"]["shown"][1]
    assert eligibility["change"] is None  # there was none in the week before


def test_trend(told: dict[str, Any]) -> None:
    # 17 and 2: 15 > 1.96 × √19 = 8.5. Authorization 6 and 2: 4 < 1.96 × √8 = 5.5. Eligibility 5 and 0: 5 > 4.4.
    assert told["numbers"]["denials"]["trend"] == "rising"
    assert [group["trend"] for group in told["groups"]["category"]["shown"]] == ["steady", "rising"]


def test_repeats(numbers: dict[str, Any]) -> None:
    assert numbers["denials"]["repeats"] == 1  # P1, denied on February 24 and again on March 4


def test_rejections(numbers: dict[str, Any]) -> None:
    assert numbers["denials"]["rejections"] == 1  # Z1


def test_group(desk: Desk) -> None:
    def groups(by: str) -> list[tuple[str, int, Decimal]]:
        return [(one.name, one.new, one.amount) for one in stats.volumes(desk, WEEK.first, WEEK.last, by) if one.new]

    # A4 was handed off to payer edits. Of A, five are left, and V1. Eligibility: B1, P3, E1, E2, C1.
    assert groups("category") == [
        ("authorization", 6, Decimal(570)),
        ("eligibility", 5, Decimal(270)),
        ("coding", 3, Decimal(30)),
        ("registration", 2, Decimal(30)),
        ("payer_edit", 1, Decimal(100)),
    ]
    assert groups("payer") == [("Aetna", 16, Decimal(970)), ("OMEGA", 1, Decimal(30))]
    assert groups("code") == [  # the code stays: A4's is CO-197
        ("CO-197", 7, Decimal(670)),
        ("CO-27", 5, Decimal(270)),
        ("CO-4", 3, Decimal(30)),
        ("CO-31", 2, Decimal(30)),
    ]
    assert groups("owner") == [  # the front desk has eligibility and registration
        ("front_desk", 7, Decimal(300)),
        ("auth_team", 6, Decimal(570)),
        ("coding_team", 3, Decimal(30)),
        ("follow_up_team", 1, Decimal(100)),
    ]
    assert groups("handoff")[0] == ("Prior authorization", 6, Decimal(570))
    assert groups("practice") == [("North Clinic", 16, Decimal(930))]  # an export names no payee
    assert groups("location") == []


def test_over_time(told: dict[str, Any]) -> None:
    # Twelve weeks that end with this one: U2 in the week of January 5, U1 in the next, Q1 on February 16, P1 and P2.
    assert [week["new"] for week in told["weeks"]] == [0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 2, 17]
    assert [week["amount"] for week in told["weeks"]][-3:] == ["60.00", "140.00", "1000.00"]
    assert (told["weeks"][0]["from"], told["weeks"][-1]["to"]) == ("2025-12-15", "2026-03-08")


# Adjudicated claims


def test_adjudicated(told: dict[str, Any]) -> None:
    # 6 A, B1, P3 corrected, 2 E, 3 D, 2 R and 3 S on March 3; C1 and P1 on March 4; A3 paid on March 7.
    # Not Y1 (predetermination), Y2 (forwarded), the reversals, V1 (an export) and Z1 (a rejection).
    assert told["numbers"]["claims"]["adjudicated"] == 6 + 1 + 1 + 2 + 3 + 2 + 3 + 1 + 1 + 1
    # P1, P2, P5: P3 counts where its correction came, P4's payment was taken back.
    assert told["before"]["claims"]["adjudicated"] == 3


def test_denied(numbers: dict[str, Any]) -> None:
    assert numbers["claims"]["denied"] == 17  # of the 21 all but the three S and A3's payment


def test_fully_denied(numbers: dict[str, Any]) -> None:
    assert numbers["claims"]["fully_denied"] == 16  # B1's other line was paid


def test_denial_rate(numbers: dict[str, Any]) -> None:
    assert numbers["claims"]["denial_rate"] == round(17 / 21, 4) == 0.8095


def test_denied_amount_rate(numbers: dict[str, Any]) -> None:
    # Denied: the new ones without V1 (an export), 930, and P1's 100. Charged: A 600, B1 200, P3 150, E 40, D 30, R 30,
    # S 450, C1 30, P1 100, A3 again 100.
    assert numbers["claims"]["denied_amount_rate"] == round(1030 / 1730, 4) == 0.5954


# Work and outcomes


def test_resolved(told: dict[str, Any]) -> None:
    assert told["numbers"]["resolution"]["resolved"] == 5  # A1, A2, E1, P2 by people, A3 by a remittance; not E2
    assert told["before"]["resolution"]["resolved"] == 0


def test_hours_to_claim(told: dict[str, Any]) -> None:
    # A1 after 2 hours, A2 after 4, E1 after 8, E2 after 24: the median is 6. P2 was claimed in the week before.
    assert told["numbers"]["resolution"]["median_hours_to_claim"] == 6.0
    assert told["before"]["resolution"]["median_hours_to_claim"] == 1.0


def test_days_to_resolve(numbers: dict[str, Any]) -> None:
    # 1 (A1), 2 (A2), 3 (E1), 4 (A3), 9 (P2): the median is 3. The 90th percentile lies at 0.9 × 4 = 3.6, so 60 % of the
    # way from 4 to 9.
    assert numbers["resolution"]["median_days_to_resolve"] == 3.0
    assert numbers["resolution"]["p90_days_to_resolve"] == 7.0


def test_overturned(numbers: dict[str, Any]) -> None:
    assert numbers["resolution"]["overturned"] == 2  # P2 by people, A3 by the remittance that paid it


def test_overturn_rate(numbers: dict[str, Any]) -> None:
    # Overturned: P2, A3. Billed to the patient: A2. Written off: A1. E1 was no denial and decides nothing.
    assert numbers["resolution"]["overturn_rate"] == 2 / (2 + 1 + 1)


def test_recovered(numbers: dict[str, Any]) -> None:
    assert numbers["resolution"]["recovered_amount"] == "105.00"  # A3's payment of 80, and 25 as said of P2


def test_written_off(numbers: dict[str, Any]) -> None:
    assert numbers["resolution"]["written_off_amount"] == "100.00"  # A1


def test_handed_off(numbers: dict[str, Any]) -> None:
    assert numbers["resolution"]["handed_off"] == 1  # A4


def test_preventable(numbers: dict[str, Any]) -> None:
    # Authorization, eligibility, coding and registration: yes. A4 is a payer edit now: partly. E1 was corrected to no.
    assert numbers["preventable"] == {"yes": 15, "partly": 1, "no": 1, "share": round(16 / 17, 4)}


# Open work


def test_open(numbers: dict[str, Any]) -> None:
    # U1 45, U2 55, Q1 60, P1 100; A4, A5, A6 300, B1 50, P3 150, E2 20, D 30, R 30, C1 30, V1 70
    assert numbers["backlog"]["open"] == 4 + 3 + 1 + 1 + 1 + 3 + 2 + 1 + 1
    assert numbers["backlog"]["amount"] == "940.00"


def test_unclaimed(numbers: dict[str, Any]) -> None:
    assert numbers["backlog"]["unclaimed"] == 16  # E2 waits for the payer with somebody


def test_overdue(numbers: dict[str, Any]) -> None:
    assert numbers["backlog"]["overdue"] == 1  # U2's 60 days ended on March 6


def test_aging(numbers: dict[str, Any]) -> None:
    # On March 10, U2's remittance of January 5 is 64 days old, U1's of January 12 is 57, everything else under 31.
    # P1 ages from its latest denial, March 4.
    assert numbers["backlog"]["aging"] == {"0-30": 15, "31-60": 1, "61-90": 1, "91-120": 0, "121+": 0}


def test_open_apart(numbers: dict[str, Any]) -> None:
    assert (numbers["backlog"]["rejections"], numbers["backlog"]["takebacks"]) == (1, 1)  # Z1; P4


# Payers, February 25 to March 10


@pytest.fixture(scope="module")
def aetna(desk: Desk) -> scorecard.PayerScore:
    """The first of two payers."""
    first, second = scorecard.scorecard(desk, 14).payers
    assert (first.volume.name, first.volume.new, first.volume.amount) == ("Aetna", 16, Decimal(970))
    assert (second.volume.name, second.resolved, second.overturn_rate) == ("OMEGA", 0, None)
    return first


def test_payer_codes(aetna: scorecard.PayerScore) -> None:
    # Six A and V1; B1, P3, E1, E2; three D. The two R of CO-31 are fourth.
    assert aetna.top_codes == (("CO-197", 7), ("CO-27", 4), ("CO-4", 3))


def test_payer_days(aetna: scorecard.PayerScore) -> None:
    assert (aetna.resolved, aetna.median_days) == (5, 3.0)  # 1, 2, 3, 4, 9: all of them are Aetna's


def test_payer_overturn_rate(aetna: scorecard.PayerScore) -> None:
    assert (aetna.overturned, aetna.decided, aetna.overturn_rate) == (2, 4, 0.5)


def test_payer_recovered(aetna: scorecard.PayerScore) -> None:
    assert aetna.recovered == Decimal(105)


# Weekly report


def test_week(rules: RuleSet) -> None:
    assert (WEEK.first, WEEK.last, WEEK.before()) == (date(2026, 3, 2), date(2026, 3, 8), Week.parse("2026-W09"))
    # January 1, 2026 is a Thursday, so its week is the first, though it began in December.
    assert Week.parse("2026-W01").first == date(2025, 12, 29)
    monday = report.last_time(rules, FixedClock().now())  # Monday at 8, the day before
    assert report.reported_at(rules, monday) == WEEK


def test_other(told: dict[str, Any]) -> None:
    # Coding 3, registration 2, payer edits 1 are six together. Of the payers OMEGA has 1, so Aetna joins it.
    by_category, by_payer = told["groups"]["category"], told["groups"]["payer"]
    assert [group["name"] for group in by_category["shown"]] == ["authorization", "eligibility"]
    assert (by_category["other"]["new"], by_category["other"]["amount"], by_category["other"]["merged"]) == (
        6,
        "160.00",
        3,
    )
    assert (by_payer["shown"], by_payer["other"]["new"], by_payer["other"]["merged"]) == ([], 17, 2)


def test_due(told: dict[str, Any]) -> None:
    # U1's 60 days end on March 13; E2 is to be followed up on March 12. U2 is past, everything else far off.
    assert told["due"] == {
        "from": "2026-03-10",
        "to": "2026-03-16",
        "deadlines": 1,
        "deadlines_amount": "45.00",
        "follow_ups": 1,
        "follow_ups_amount": "20.00",
    }


# Prevention reviews

OPENED = date(2026, 3, 10)
BEFORE = Measured(days=42, denials=60, amount=Decimal(6_000), claims=600)  # 10 a week, one claim in 10, $1,000 a week
AFTER = Measured(days=28, denials=12, amount=Decimal(1_200), claims=400)  # 3 a week, three in 100, $300 a week
WORKED = verdict(BEFORE, AFTER, OPENED)
REVIEW = ReviewView(
    ref="PR-7KQ2M4",
    version=1,
    state=ReviewState.OPEN,
    dimension="code",
    title="CO-197",
    handoff="Prior authorization",
    owner="auth_team",
    owner_title="Authorizations",
    owner_channel="C0AUTH",
    holder=None,
    opened_on=OPENED,
    evidence=Evidence(14, 23, 4.2, Decimal("4100.00"), (), (), (), ()),
    cause=None,
    action=None,
    responsible=None,
    effective=None,
    measure_on=None,
    verdict=None,
    round=1,
    dismissed_for=None,
)


@pytest.fixture(scope="module")
def with_reviews(desk: Desk) -> dict[str, Any]:
    """The report with a review that is open and one that was measured."""
    numbers = weekly(desk, WEEK)
    measured = replace(REVIEW, ref="PR-3NDW8R", state=ReviewState.WORKED, verdict=WORKED)
    return report.as_json(WeeklyReport(numbers, (REVIEW,), (measured,)))


def test_reviews_open(with_reviews: dict[str, Any]) -> None:
    assert [(one["ref"], one["state"]) for one in with_reviews["reviews"]["open"]] == [("PR-7KQ2M4", "open")]
    assert [state for state in ReviewState if state.live] == ["open", "taken", "measuring"]


def test_review_count(with_reviews: dict[str, Any]) -> None:
    (told,) = with_reviews["reviews"]["open"]  # what was found when the review was opened
    assert (told["count"], told["expected"], told["amount"], told["opened_on"]) == (23, 4.2, "4100.00", "2026-03-10")


def test_review_expected() -> None:
    # 30 denials in the 70 days and 1,000 claims before. The window has 14 days (30 × 14 ÷ 70 = 6) and 250 claims
    # (30 × 250 ÷ 1,000 = 7.5): the larger figure counts.
    window = repeats.Span(date(2026, 2, 25), date(2026, 3, 10), 250)
    past = repeats.Span(date(2025, 12, 17), date(2026, 2, 24), 1_000)
    series = repeats.Series("code", "CO-197", frozenset(), Decimal(0), (3,) * 10, past)
    assert (window.days, past.days) == (14, 70)
    assert repeats.expected(series, window) == 7.5


def test_verdict() -> None:
    assert WORKED.kind == "worked"
    same = verdict(BEFORE, Measured(28, 40, Decimal(4_000), 400), OPENED)  # one claim in ten, as before
    assert same.kind == "did_not_work"
    few = verdict(BEFORE, Measured(28, 1, Decimal(100), 49), OPENED)  # 49 claims
    assert few.kind == "too_little_data"
    nothing = verdict(BEFORE, Measured(28, 0, Decimal(0), silent=True), OPENED)  # and no remittance at all
    assert nothing.kind == "too_little_data"


def test_verdict_per_week() -> None:
    assert (WORKED.before_per_week, WORKED.after_per_week) == (10.0, 3.0)  # 60 × 7 ÷ 42, 12 × 7 ÷ 28
    # The window of a review opened on March 10 began on February 25; the action came into force on April 1.
    assert before_span(OPENED, 14, date(2026, 4, 1)) == (date(2026, 2, 25), date(2026, 3, 31))
    assert before_span(OPENED, 14, OPENED + timedelta(days=365))[0] == OPENED + timedelta(days=365, weeks=-12)


def test_verdict_rate() -> None:
    assert (WORKED.before_rate, WORKED.after_rate) == (0.1, 0.03)  # 60 ÷ 600, 12 ÷ 400


def test_verdict_change() -> None:
    assert WORKED.change == -0.7  # 0.03 ÷ 0.1 − 1


def test_verdict_p() -> None:
    # 3 denials before and none after, in as many days: of 3 that fall on either side alike, all on one side has the
    # probability 2 × (1 ÷ 2)³.
    one = verdict(Measured(7, 3, Decimal(0)), Measured(7, 0, Decimal(0)), OPENED)
    assert one.p is not None
    assert math.isclose(one.p, 0.25)


def test_verdict_dollars() -> None:
    assert WORKED.dollars_less_a_month == Decimal("3040.00")  # (6,000 ÷ 42 − 1,200 ÷ 28) × 30.4


# The page itself


def test_every_definition_has_its_test_and_every_test_its_definition() -> None:
    anchors = [one.anchor for one in everything()]
    assert len(anchors) == len(set(anchors))
    tests = {name[5:].replace("_", "-") for name in vars(sys.modules[__name__]) if name.startswith("test_")}
    assert set(anchors) == {name for name in tests if not name.startswith(("every-", "the-"))}


def test_every_key_of_the_json_has_a_definition_and_no_definition_a_key_there_is_not(
    desk: Desk, with_reviews: dict[str, Any]
) -> None:
    defined = [key for one in everything() for key in one.keys]
    assert len(defined) == len(set(defined))
    found = {_plain(key) for key in _keys(with_reviews)} | set(_keys(stats.as_json(stats.stats(desk, 30))))
    assert found == set(defined)


def _plain(key: str) -> str:
    """A key of the report under the name that `denials stats --json` has for it."""
    for part in ("numbers.", "before."):
        key = key.removeprefix(part)
    if key.startswith("groups."):
        return f"groups[].{key.rpartition('.')[2]}"
    return key


def _keys(value: Any, at: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _keys(one, f"{at}.{key}" if at else key)
    elif isinstance(value, list):
        for one in value:
            yield from _keys(one, f"{at}[]")
    else:
        yield at


def test_the_numbers_of_the_week_are_the_same_whoever_asks(desk: Desk) -> None:
    found = weekly(desk, WEEK)
    assert found.now == stats.between(desk, WEEK.first, WEEK.last)
    assert found.categories.rising[0].name == "eligibility"
