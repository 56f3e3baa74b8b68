"""Denials and adjudicated claims put straight into items and daily counts, for tests of what repeats."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from services.desk import Desk
from services.ingest_items import names_of
from store.rollups import Tally
from tests.services.stock import add_items


def denied(desk: Desk, day: date, count: int, **values: Any) -> list[str]:
    """So many denials first remitted on a day, registration errors at Aetna unless told otherwise; references."""
    known = {**_USUAL, **values}
    refs = add_items(desk, count, first_remit_date=day, remit_date=day, amount_cents=known["first_cents"], **known)
    counted(desk, (day, count, values))
    return refs


def counted(desk: Desk, *days: tuple[date, int, dict[str, Any]]) -> None:
    """Denials in the daily counts only: what the past is known by."""
    tally = Tally()
    for day, count, values in days:
        named = {**_USUAL, **values}
        names = names_of(
            named["category"],
            named["payer_label"],
            named["owner"],
            named["handoff"],
            named["first_code"],
            named.get("practice_label"),
            named.get("location_label"),
        )
        tally.denial(names, day, new=count, cents=count * named["first_cents"])
    with desk.db.write() as session:
        tally.write(session)


def adjudicated(desk: Desk, first: date, last: date, a_day: int, *, denied: bool = True) -> None:
    """So many claims adjudicated on each day; `denied`: each of them with a denial."""
    tally = Tally()
    for n in range((last - first).days + 1):
        for _ in range(a_day):
            tally.claim(first + timedelta(days=n), 1, denied=denied, fully=False, charge=10_000, denied_cents=0)
    with desk.db.write() as session:
        tally.write(session)


_USUAL: dict[str, Any] = {
    "category": "registration",
    "handoff": "Patient registration",
    "owner": "front_desk",
    "first_code": "CO-31",
    "payer_label": "Aetna",
    "first_cents": 10_000,
}
AUTHORIZATION: dict[str, Any] = {
    "category": "authorization",
    "first_category": "authorization",
    "owner": "auth_team",
    "handoff": "Prior authorization",
    "first_code": "CO-197",
    "codes": "CO-197",
}
CODING: dict[str, Any] = {
    "category": "coding",
    "first_category": "coding",
    "owner": "coding_team",
    "handoff": "Charge capture",
    "first_code": "CO-4",
    "codes": "CO-4",
    "payer_label": "Cigna",
}
