"""A review whose corrective action worked, with the figures that say so, and the week that is told of."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from denials.prevention import Evidence, ReviewState
from denials.verdict import Measured, verdict
from denials.weeks import Week
from services.views import ReviewView

WEEK = Week.parse("2026-W10")

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
