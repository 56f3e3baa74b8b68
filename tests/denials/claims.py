"""Claims and facts for tests, in few words: `claim("100", "0", "CO-197 100")`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from denials.model import Adjustment, Payer, RemitClaim, Sensitive, ServiceLine
from denials.triage_types import Facts

REMITTED = date(2026, 3, 2)
SERVED = date(2026, 1, 15)


def adjustments(text: str) -> tuple[Adjustment, ...]:
    """`CO-45 20, PR-1 30` as adjustments."""
    return tuple(
        Adjustment(code.partition("-")[0], code.partition("-")[2], Decimal(amount))
        for code, amount in (part.split() for part in text.split(",") if part.strip())
    )


def line(charge: str, paid: str, cas: str = "", *remarks: str, procedure: str = "99213") -> ServiceLine:
    """A service line; `claim` numbers it."""
    return ServiceLine(0, Decimal(charge), Decimal(paid), procedure, adjustments(cas), remarks)


def claim(charge: str, paid: str, cas: str = "", *lines: ServiceLine, status: str = "1", **more: Any) -> RemitClaim:
    """A claim with its claim-level adjustments and its lines."""
    numbered = tuple(
        ServiceLine(place, one.charge, one.paid, one.procedure, one.adjustments, one.remarks)
        for place, one in enumerate(lines, start=1)
    )
    values: dict[str, Any] = {
        "claim_number": Sensitive("CLAIM-1"),
        "status": status,
        "charge": Decimal(charge),
        "paid": Decimal(paid),
        "patient_share": Decimal(0),
        "payer": Payer(Sensitive("ACME HEALTH"), ("60054",), trusted=True),
        "remit_date": REMITTED,
        "remit_key": "remit-1",
        "ordinal": 1,
        "service_date": SERVED,
        "adjustments": adjustments(cas),
        "lines": numbered,
    }
    return RemitClaim(**(values | more))


def facts(group: str = "CO", carc: str = "197", *rarcs: str, payer: str = "ACME HEALTH", **more: Any) -> Facts:
    """What rules look at."""
    values: dict[str, Any] = {"payer_name": Sensitive(payer), "group": group, "carc": carc, "rarcs": rarcs}
    return Facts(**(values | {"amount": Decimal("100.00")} | more))
