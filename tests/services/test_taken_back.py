"""A payer that takes a refusal back and says nothing else: told on the denial until it decides anew."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from denials.commands import Outcome
from services import history, work
from services.desk import Desk
from services.people import Actor
from services.views import ItemView
from services.work import Resolution
from tests.remits import Claim, claim, denied_claim, reversal
from tests.services.files import events, item, items, remit

MAR, APR, MAY, JUN = date(2026, 3, 2), date(2026, 4, 6), date(2026, 5, 4), date(2026, 6, 1)
LEAD = Actor("U0LEAD")
DENIED = denied_claim("C1", 100)
PAID = claim("C1", 100, 80, cas=[("CO", "45", 20)])


def shown(desk: Desk) -> ItemView:
    """The first item as people find it."""
    found = work.find(desk, items(desk)[0].ref)
    assert found is not None
    return found


def test_a_refusal_taken_back_is_told_with_its_day(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, DENIED, day=MAR)
    assert shown(desk).taken_back_on is None
    remit(desk, tmp_path, reversal(DENIED), day=APR)

    one = item(desk)
    assert (one.kind, one.state, one.amount_cents, one.version) == ("denial", "open", 10_000, 2)
    assert events(desk, one.id) == ["created", "taken_back"]
    details = history.details(desk, one.ref)
    assert details is not None
    assert (details.item.taken_back_on, details.entries[-1].data) == (APR, {"day": "2026-04-06"})
    work.claim(desk, one.ref, None, LEAD)
    assert [mine.taken_back_on for mine in work.mine(desk, LEAD.user)] == [APR]


@pytest.mark.parametrize(
    "decision",
    [DENIED, PAID, denied_claim("C1", 100, "29"), claim("C1", 100, 0, cas=[("PR", "1", 100)], patient_share=100)],
    ids=["denied again", "paid", "denied for another reason", "nothing paid and nothing denied"],
)
@pytest.mark.parametrize("late", [False, True], ids=["in time", "the reversal comes late"])
def test_a_new_decision_ends_that(desk: Desk, tmp_path: Path, decision: Claim, late: bool) -> None:
    remit(desk, tmp_path, DENIED, day=MAR)
    taken_back, decided = (reversal(DENIED), APR), (decision, MAY)
    for told, day in (decided, taken_back) if late else (taken_back, decided):
        remit(desk, tmp_path, told, day=day)
    assert shown(desk).taken_back_on is None
    told_before = "taken_back" in events(desk, items(desk)[0].id)
    assert told_before is not late


def test_it_may_happen_again(desk: Desk, tmp_path: Path) -> None:
    for number, day in enumerate((MAR, APR, MAY, JUN)):
        remit(desk, tmp_path, reversal(DENIED) if number % 2 else DENIED, day=day)
    assert shown(desk).taken_back_on == JUN
    assert events(desk, item(desk).id).count("taken_back") == 2


def test_a_payment_taken_back_says_nothing_of_the_refusal(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, DENIED, day=MAR)
    remit(desk, tmp_path, PAID, day=APR)
    remit(desk, tmp_path, reversal(PAID), day=MAY)
    assert shown(desk).taken_back_on is None, "a take-back has an item of its own, and this one is open again"
    assert events(desk, items(desk)[0].id) == ["created", "settled", "reopened"]


def test_a_resolved_denial_stays_as_people_left_it(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, DENIED, day=MAR)
    work.resolve(desk, item(desk).ref, None, LEAD, Resolution(Outcome.NOT_A_DENIAL))
    assert item(desk).state == "resolved"
    remit(desk, tmp_path, reversal(DENIED), day=APR)
    assert (item(desk).state, shown(desk).taken_back_on) == ("resolved", None)
    assert events(desk, item(desk).id)[-1] == "taken_back"
