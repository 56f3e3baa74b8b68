"""A weekly report with something in every part, for tests of how it reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from denials.metrics import AGING_BUCKETS
from denials.prevention import Evidence, ReviewState, Verdict
from denials.weeks import Week
from services.stats import Backlog, Claims, Point, Resolved, Stats, Volume
from services.views import ReviewView, WeeklyReport
from services.weekly import Due, Weekly, grouped

WEEK = Week.parse("2026-W10")


AGES = dict(zip(AGING_BUCKETS, (100, 60, 30, 9, 1), strict=True))


def week_stats(new: int, previous: int, **more: Any) -> Stats:
    """The numbers of the week, with `more` in the place of some."""
    values: dict[str, Any] = {
        "first": WEEK.first,
        "last": WEEK.last,
        "by": "category",
        "total": Volume("", new, previous, Decimal("45200.00"), repeats=5, rejections=2),
        "claims": Claims(1034, 128, 40, 0.1238, 0.081),
        "groups": (),
        "resolution": Resolved(50, 3.25, 4.5, 12.0, 31, 0.62, Decimal("18400.00"), Decimal("900.00"), 3),
        "preventable": {"yes": 90, "partly": 10, "no": 28},
        "backlog": Backlog(
            200, 50, 10, Decimal("80000.00"), dict(zip(AGING_BUCKETS, (100, 60, 30, 9, 1), strict=True)), 3, 1
        ),
        "series": (),
    }
    return Stats(**{**values, **more})


CATEGORIES = [
    Volume("registration", 70, 40, Decimal("20000.00")),
    Volume("coding", 40, 38, Decimal("15000.00")),
    Volume("eligibility", 10, 30, Decimal("9000.00")),
    Volume("documentation", 8, 12, Decimal("1200.00")),
]
BY_WEEK = (96, 104, 99, 118, 122, 97, 110, 103, 115, 108, 120, 128)
PAYERS = [
    Volume("Aetna", 60, 58, Decimal("21000.00")),
    Volume("UnitedHealthcare", 40, 38, Decimal("16000.00")),
    Volume("Cigna", 28, 24, Decimal("8200.00")),
]
HANDOFFS = [
    Volume("Patient registration", 70, 40, Decimal("20000.00")),
    Volume("Charge capture", 58, 80, Decimal("25200.00")),
]
NUMBERS = Weekly(
    week=WEEK,
    as_of=date(2026, 3, 10),
    now=week_stats(128, 120),
    before=week_stats(
        120,
        118,
        total=Volume("", 120, 118, Decimal("41900.00"), repeats=3, rejections=4),
        claims=Claims(1000, 110, 30, 0.11, 0.07),
        resolution=Resolved(44, 4.5, 5.0, 13.5, 24, 0.558, Decimal("14100.00"), Decimal("1200.00"), 1),
        preventable={"yes": 82, "partly": 12, "no": 26},
    ),
    groups=(grouped("category", CATEGORIES), grouped("payer", PAYERS), grouped("handoff", HANDOFFS)),
    weeks=tuple(
        Point(WEEK.before(11 - n).first, WEEK.before(11 - n).last, new, Decimal(350 * new))
        for n, new in enumerate(BY_WEEK)
    ),
    due=Due(date(2026, 3, 10), date(2026, 3, 16), 12, Decimal("4100.50"), 3, Decimal("250.00")),
)
OPEN_REVIEW = ReviewView(
    ref="PR-7KQ2M4",
    version=1,
    state=ReviewState.OPEN,
    dimension="code",
    title="CO-197",
    handoff="Prior authorization",
    owner="auth_team",
    owner_title="Authorizations",
    owner_channel="C0AUTH",
    holder="U0AUTH1",
    opened_on=date(2026, 3, 5),
    evidence=Evidence(14, 23, 4.2, Decimal("4100.00"), (), (), (), ()),
    cause=None,
    action=None,
    responsible="U0AUTH1",
    effective=None,
    measure_on=None,
    verdict=None,
    round=1,
    dismissed_for=None,
)
VERDICT = Verdict("worked", 14.2, 3.1, -0.78, 0.0001, 0.1, 0.022, Decimal("9412.00"), 42, 28, date(2026, 3, 9))
MEASURED = replace(OPEN_REVIEW, ref="PR-3NDW8R", state=ReviewState.WORKED, verdict=VERDICT)
REPORT = WeeklyReport(NUMBERS, (OPEN_REVIEW,), (MEASURED,))
