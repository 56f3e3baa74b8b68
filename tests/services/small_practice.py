"""Three weeks of a practice, small enough to count by hand, taken in and worked as real files and people would.

Today is Tuesday, March 10, 2026, 11:00 in New York. The week reported is 2026-W10, March 2 to 8; the week before is
February 23 to March 1. In the comments $ are dollars denied, and every claim stands once.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from denials.lifecycle import Outcome
from denials.model import Preventable
from denials.reasons import HandOffReason
from services import moves, work
from services.desk import Desk
from services.lookup import lookup_claim
from services.moves import Destination
from services.people import Actor
from services.views import Done
from services.work import Resolution
from tests.conftest import FixedClock
from tests.remits import Claim, Rejection, acknowledgement, claim, csv_row, denied_claim, line, paid_claim, reversal
from tests.services.files import put, remit, rows

AUTH, FRONT = Actor("U0AUTH1"), Actor("U0FRONT1")


def local(month: int, day: int, hour: int) -> datetime:
    """A full hour of New York's winter time."""
    return datetime(2026, month, day, 5, tzinfo=UTC) + timedelta(hours=hour)


def live(desk: Desk, clock: FixedClock, folder: Path) -> None:
    """Let everything happen; the clock then stands at today, as it stood before."""
    today = clock.at
    _before(desk, clock, folder)
    _week(desk, clock, folder)
    clock.at = today


def _before(desk: Desk, clock: FixedClock, folder: Path) -> None:
    clock.at = local(2, 16, 12)  # three denials for eligibility that nobody ever takes up
    remit(desk, folder, denied_claim("U2", 55, "27"), day=date(2026, 1, 5), payer="OMEGA")  # 60 days to appeal: March 6
    remit(desk, folder, denied_claim("U1", 45, "27"), day=date(2026, 1, 12), payer="OMEGA")  # until March 13
    remit(desk, folder, denied_claim("Q1", 60, "27"), day=date(2026, 2, 16))  # Aetna: 180 days
    clock.at = local(2, 24, 12)  # five claims, two of them denied for want of authorization: $140
    first = (denied_claim("P1", 100), denied_claim("P2", 40), paid_claim("P3"), paid_claim("P4"), paid_claim("P5"))
    remit(desk, folder, *first, day=date(2026, 2, 24))
    clock.at = local(2, 24, 13)
    _claim(desk, "P2", AUTH)  # an hour after it came in


def _week(desk: Desk, clock: FixedClock, folder: Path) -> None:
    clock.at = local(3, 3, 12)
    remit(desk, folder, *_tuesday(), day=date(2026, 3, 3))
    for hour, number, actor in ((14, "A1", AUTH), (16, "A2", AUTH), (20, "E1", FRONT)):  # two, four and eight hours
        clock.at = local(3, 3, hour)
        _claim(desk, number, actor)
    clock.at = local(3, 4, 12)
    _claim(desk, "E2", FRONT)  # a day
    _resolve(desk, "A1", AUTH, Outcome.WRITTEN_OFF)  # a day after it came in; $100 given up
    _wednesday(desk, folder)
    clock.at = local(3, 4, 13)  # A4 belongs to payer edits, where denials could have been prevented partly
    to = Destination("payer_edit", HandOffReason.WRONG_CATEGORY)
    assert isinstance(moves.hand_off(desk, ref_of(desk, "A4"), None, AUTH, to), Done)
    clock.at = local(3, 5, 12)
    _resolve(desk, "A2", AUTH, Outcome.BILLED_TO_PATIENT)  # two days
    _resolve(desk, "P2", AUTH, Outcome.OVERTURNED, recovered=Decimal(25))  # nine days
    _resolve(desk, "E2", FRONT, Outcome.APPEALED, follow_up=date(2026, 3, 12))  # stays open
    clock.at = local(3, 6, 12)
    # three days; and nothing could have been done about it
    _resolve(desk, "E1", FRONT, Outcome.NOT_A_DENIAL, preventable=Preventable.NO)
    clock.at = local(3, 7, 12)  # the payer pays $80 of A3's $100, four days after it came in
    remit(desk, folder, claim("A3", 100, 80, cas=[("CO", "45", 20)]), day=date(2026, 3, 7))


def _tuesday() -> list[Claim]:
    """March 3, Aetna: 19 claims that count, 16 of them denied, 15 fully."""
    part = (line(150, cas=[("CO", "45", 50), ("PR", "3", 20)]), line(50, 0, cas=[("CO", "27", 50)]))
    return [
        *(denied_claim(f"A{n}", 100) for n in range(1, 7)),  # authorization, $600
        claim("B1", 200, lines=part),  # eligibility, $50; its other line is paid
        reversal(paid_claim("P3")),  # eligibility, $150: paid in the week before, corrected now
        denied_claim("P3", 150, "27"),
        *(denied_claim(f"E{n}", 20, "27") for n in (1, 2)),  # eligibility, $40
        *(denied_claim(f"D{n}", 10, "4") for n in (1, 2, 3)),  # coding, $30
        *(denied_claim(f"R{n}", 15, "31") for n in (1, 2)),  # registration, $30
        *(paid_claim(f"S{n}") for n in (1, 2, 3)),  # three claims of $150, paid
        reversal(paid_claim("P4")),  # a payment taken back without a new decision: no claim that counts
        claim("Y1", 100, 0, status="25", cas=[("OA", "101", 100)], patient_share=0),  # a predetermination: none either
        claim("Y2", 100, 0, status="23", cas=[("OA", "94", 100)], patient_share=0),  # forwarded as not ours: none
    ]


def _wednesday(desk: Desk, folder: Path) -> None:
    """March 4: 2 claims, both fully denied; a rejection; and a denial from an export, which has no claim totals."""
    remit(desk, folder, denied_claim("C1", 30, "27"), day=date(2026, 3, 4), payer="OMEGA")  # eligibility, $30
    remit(desk, folder, denied_claim("P1", 100), day=date(2026, 3, 4))  # the same denial again: a repeat
    put(desk, folder, acknowledgement([Rejection("Z1", date=date(2026, 3, 4))], date=date(2026, 3, 4)))
    rows(desk, [csv_row("V1", "CO-197", 70, remit_date="2026-03-05")], folder)  # authorization, $70


def ref_of(desk: Desk, number: str) -> str:
    """The reference of a claim that has one item."""
    (ref,) = lookup_claim(desk, number, "tests")
    return ref


def _claim(desk: Desk, number: str, actor: Actor) -> None:
    done = work.claim(desk, ref_of(desk, number), None, actor)
    assert isinstance(done, Done), done


def _resolve(desk: Desk, number: str, actor: Actor, outcome: Outcome, **more: Any) -> None:
    done = work.resolve(desk, ref_of(desk, number), None, actor, Resolution(outcome, **more))
    assert isinstance(done, Done), done
