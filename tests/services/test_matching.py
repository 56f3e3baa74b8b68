"""Claims over time: repeats, payments, reversals, corrections, and that the order of arrival does not matter."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from sqlmodel import select

from denials.commands import Outcome
from services.desk import Desk
from services.items import state_of
from services.sweep import sweep
from store import guidance
from store.guidance import Words, guidance_id
from store.tables import DigestItem, Item
from tests.conftest import FixedClock
from tests.remits import Claim, claim, csv_row, denied_claim, line, reversal
from tests.services.files import DAY, adjudicated, counted, events, item, items, remit, rows

FEB, MAR, APR, MAY = date(2026, 2, 2), date(2026, 3, 2), date(2026, 4, 6), date(2026, 5, 4)


def two_lines(first: tuple[int, str] | int, second: tuple[int, str] | int) -> Claim:
    """A claim C1 of two lines of $100; each says what was paid, or what was denied and why."""
    made = []
    for procedure, told in (("99213", first), ("97110", second)):
        if isinstance(told, tuple):
            denied, code = told
            made.append(line(100, 100 - denied, cas=[("CO", code, denied)], procedure=procedure))
        else:
            cas = [("CO", "45", 100 - told)] if told < 100 else []
            made.append(line(100, told, cas=cas, procedure=procedure))
    return claim("C1", 200, sum((one.paid for one in made), start=made[0].paid * 0), lines=made, patient_share=0)


def resolve(desk: Desk, **values: object) -> None:
    """Put the only item into a state as people would leave it."""
    with desk.db.write() as session:
        found = session.exec(select(Item)).one()
        for name, value in values.items():
            setattr(found, name, value)
        session.add(found)


# Repeats


def test_the_same_claim_denied_again_is_a_repeat_of_its_item(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1", 100), day=MAR)
    summary = remit(desk, tmp_path, denied_claim("C1", 120), day=APR)
    assert (summary.new, summary.repeats, summary.denials) == (0, 1, 1)
    one = item(desk)
    assert (one.repeats, one.amount_cents, one.remit_date, one.first_remit_date) == (1, 12_000, APR, MAR)
    assert one.due == APR + timedelta(days=180)
    assert events(desk, one.id) == ["created", "repeated"]
    assert (counted(desk, MAR), counted(desk, APR)) == ((1, 10_000, 0, 0), (0, 0, 1, 0))


def test_a_repeat_reopens_a_resolved_item_and_announces_it_again(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1"), day=MAR)
    resolve(desk, state="resolved", outcome="Written off", resolved_at=desk.now())
    with desk.db.write() as session:
        for row in session.exec(select(DigestItem)):
            session.delete(row)
    remit(desk, tmp_path, denied_claim("C1"), day=APR)
    one = item(desk)
    assert (one.state, one.outcome, one.resolved_at) == ("open", None, None)
    assert one.next_escalation_at is not None
    with desk.db.read() as session:
        assert session.exec(select(DigestItem.item_id)).all() == [one.id]


def test_a_repeat_ends_the_wait_for_the_payer(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1"), day=MAR)
    resolve(desk, state="waiting", assignee="U0AUTH1", outcome="Appeal sent", follow_up=APR)
    remit(desk, tmp_path, denied_claim("C1"), day=APR)
    one = item(desk)
    assert (one.state, one.assignee, one.outcome, one.follow_up) == ("claimed", "U0AUTH1", None, None)


def test_a_repeat_of_a_pasts_item_makes_it_work_of_today(desk: Desk, tmp_path: Path) -> None:
    from tests import remits
    from tests.services.files import put

    put(desk, tmp_path, remits.remit([denied_claim("C1")], date=FEB, trace="T1"), history=True)
    remit(desk, tmp_path, denied_claim("C1"), day=MAR)
    one = item(desk)
    assert (one.history, one.repeats, one.state) == (False, 1, "open")
    assert one.next_escalation_at is not None
    with desk.db.read() as session:
        assert session.exec(select(DigestItem.item_id)).all() == [one.id]


def test_an_older_denial_that_comes_late_is_counted_on_its_own_day_and_reopens_nothing(
    desk: Desk, tmp_path: Path
) -> None:
    remit(desk, tmp_path, denied_claim("C1", 120), day=APR)
    resolve(desk, state="resolved", outcome="Written off", resolved_at=desk.now())
    remit(desk, tmp_path, denied_claim("C1", 100), day=MAR)
    one = item(desk)
    assert (one.state, one.repeats, one.amount_cents) == ("resolved", 1, 12_000)
    assert (one.first_remit_date, one.remit_date) == (MAR, APR)
    assert (counted(desk, MAR), counted(desk, APR)) == ((1, 10_000, 0, 0), (0, 0, 1, 0))


def test_a_deadline_that_was_told_is_not_looked_at_again_for_a_payment(
    desk: Desk, tmp_path: Path, clock: FixedClock
) -> None:
    remit(desk, tmp_path, two_lines((100, "197"), (100, "197")), day=DAY)
    resolve(desk, due=desk.today() + timedelta(days=5), next_escalation_at=desk.now())
    clock.forward(days=1)
    sweep(desk)
    later = item(desk).next_escalation_at
    assert later is None or later > desk.now()
    paid = line(100, 80, cas=[("CO", "45", 20)], procedure="99213")
    remit(desk, tmp_path, claim("C1", 100, 80, lines=[paid], patient_share=0), day=DAY + timedelta(days=1))
    one = item(desk)
    assert (one.payment, one.amount_cents, one.next_escalation_at) == ("part", 10_000, later)


def test_another_category_is_another_item(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1", carc="197"), day=MAR)
    summary = remit(desk, tmp_path, denied_claim("C1", carc="29"), day=APR)
    assert (summary.new, summary.repeats) == (1, 0)
    assert [one.repeats for one in items(desk)] == [0, 0]


def test_another_payer_or_payee_is_another_item(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1"))
    remit(desk, tmp_path, denied_claim("C1"), payer="MEDICARE", payer_id="13202", day=APR)
    remit(desk, tmp_path, denied_claim("C1"), payee_npi="1999999984", day=APR)
    assert len(items(desk)) == 3


def test_an_item_that_people_moved_keeps_its_place_and_its_history(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1", carc="197"), day=MAR)
    resolve(desk, category="coding", owner="coding_team")
    summary = remit(desk, tmp_path, denied_claim("C1", carc="197"), day=APR)
    assert (summary.new, summary.repeats) == (0, 1)
    assert (item(desk).category, item(desk).owner) == ("coding", "coding_team")


def test_the_words_of_a_card_follow_the_latest_denial_but_for_what_people_decided(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1", carc="197"), day=MAR)
    first = words(desk)
    remit(desk, tmp_path, denied_claim("C1", carc="198"), day=APR)
    second = words(desk)
    assert (first.decided_by, second.decided_by) == ("carc:197", "carc:198")
    assert second.why != first.why
    assert second.next_step == first.next_step

    moved = second._replace(next_step="Ask the surgeon.")
    resolve(desk, category="coding", guidance_id=guidance_id(moved))
    with desk.db.write() as session:
        guidance.add(session, [moved])
    remit(desk, tmp_path, denied_claim("C1", carc="197"), day=MAY)
    assert words(desk) == moved


def words(desk: Desk) -> Words:
    """What the card of the only item says."""
    with desk.db.read() as session:
        return session.exec(select(Item)).one().words


def test_an_exports_denial_is_repeated_by_a_remittance_of_the_same_labelled_payer(desk: Desk, tmp_path: Path) -> None:
    rows(desk, [csv_row("C1", remit_date="2026-03-02")], tmp_path)
    summary = remit(desk, tmp_path, denied_claim("C1"), day=APR)
    assert (summary.new, summary.repeats) == (0, 1)


# Payments


def test_a_later_payment_settles_the_item_with_the_true_amount(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1", 100), day=MAR)
    remit(desk, tmp_path, claim("C1", 100, 80, cas=[("CO", "45", 20)]), day=APR)
    one = item(desk)
    assert (one.state, one.outcome, one.recovered_cents) == ("resolved", Outcome.OVERTURNED, 8_000)
    assert one.resolved_at == desk.now()
    assert one.next_escalation_at is None
    assert events(desk, one.id) == ["created", "settled"]


def test_only_the_denied_lines_count_and_what_was_paid_before_does_not(desk: Desk, tmp_path: Path) -> None:
    first = two_lines(100, (100, "197"))
    remit(desk, tmp_path, first, day=MAR)
    remit(desk, tmp_path, reversal(first), two_lines(90, 70), day=APR)
    one = item(desk)
    assert (one.state, one.recovered_cents) == ("resolved", 7_000)


def test_a_payment_of_the_denied_line_alone_settles_it(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, two_lines(100, (100, "197")), day=MAR)
    alone = claim("C1", 100, 60, lines=[line(100, 60, cas=[("CO", "45", 40)], procedure="97110")], patient_share=0)
    remit(desk, tmp_path, alone, day=APR)
    assert (item(desk).state, item(desk).recovered_cents) == ("resolved", 6_000)


def test_a_payment_of_other_lines_settles_nothing(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, two_lines((100, "29"), (100, "197")), day=MAR)
    alone = claim("C1", 100, 60, lines=[line(100, 60, cas=[("CO", "45", 40)], procedure="99213")], patient_share=0)
    remit(desk, tmp_path, alone, day=APR)
    states = {one.codes: (one.state, one.recovered_cents) for one in items(desk)}
    assert states == {"CO-29": ("resolved", 6_000), "CO-197": ("open", None)}


def test_some_of_two_denied_lines_paid_leaves_it_open_with_the_rest(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, two_lines((100, "197"), (100, "197")), day=MAR)
    assert item(desk).amount_cents == 20_000
    alone = claim("C1", 100, 60, lines=[line(100, 60, cas=[("CO", "45", 40)], procedure="97110")], patient_share=0)
    remit(desk, tmp_path, alone, day=APR)
    one = item(desk)
    assert (one.state, one.amount_cents, one.recovered_cents) == ("open", 10_000, 6_000)


def test_a_line_paid_in_part_and_denied_in_part_is_a_repeat_with_the_rest(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1", 100), day=MAR)
    part = claim("C1", 100, 60, lines=[line(100, 60, cas=[("CO", "197", 40)])], patient_share=0)
    remit(desk, tmp_path, part, day=APR)
    one = item(desk)
    assert (one.state, one.amount_cents, one.recovered_cents, one.repeats) == ("open", 4_000, 6_000, 1)


def test_denied_lines_moved_to_patient_share_beside_a_payment_are_overturned(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, two_lines((100, "197"), (100, "197")), day=MAR)
    moved = claim(
        "C1",
        200,
        70,
        lines=[
            line(100, 70, cas=[("CO", "45", 30)], procedure="99213"),
            line(100, 0, cas=[("PR", "1", 100)], procedure="97110"),
        ],
        patient_share=100,
    )
    remit(desk, tmp_path, moved, day=APR)
    assert (item(desk).state, item(desk).recovered_cents) == ("resolved", 7_000)


def test_without_any_payment_nothing_is_overturned(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1", 100), day=MAR)
    remit(desk, tmp_path, claim("C1", 100, 0, cas=[("PR", "1", 100)], patient_share=100), day=APR)
    assert (item(desk).state, item(desk).recovered_cents) == ("open", None)


def test_another_payers_payment_is_noted_only_and_once(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1", 100), day=MAR)
    for day in (APR, MAY):
        secondary = claim("C1", 100, 80, status="2", cas=[("CO", "45", 20)])
        remit(desk, tmp_path, secondary, day=day, payer="MEDICARE", payer_id="13202")
    one = item(desk)
    assert (one.state, one.recovered_cents) == ("open", None)
    assert events(desk, one.id) == ["created", "other_payer_paid", "other_payer_paid"]


def test_a_payment_overrules_what_people_noted(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1", 100), day=MAR)
    resolve(desk, state="resolved", outcome="Overturned and paid", recovered_cents=10_000, resolved_at=desk.now())
    remit(desk, tmp_path, claim("C1", 100, 80, cas=[("CO", "45", 20)]), day=APR)
    assert item(desk).recovered_cents == 8_000


def test_what_people_resolved_stays_so_while_no_payment_came(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1", 100), day=MAR)
    resolve(desk, state="resolved", outcome="Overturned and paid", recovered_cents=10_000, resolved_at=desk.now())
    remit(desk, tmp_path, claim("C1", 100, 0, cas=[("PR", "1", 100)], patient_share=100), day=APR)
    assert (item(desk).state, item(desk).recovered_cents) == ("resolved", 10_000)


def test_a_remittance_pays_what_an_export_said_was_denied(desk: Desk, tmp_path: Path) -> None:
    rows(desk, [csv_row("C1", remit_date="2026-03-02")], tmp_path)
    remit(desk, tmp_path, claim("C1", 100, 80, cas=[("CO", "45", 20)]), day=APR)
    assert (item(desk).state, item(desk).recovered_cents) == ("resolved", 8_000)


# Reversals and corrections


def test_a_reversed_payment_reopens_the_item(desk: Desk, tmp_path: Path) -> None:
    paid = claim("C1", 100, 80, cas=[("CO", "45", 20)])
    remit(desk, tmp_path, denied_claim("C1", 100), day=MAR)
    remit(desk, tmp_path, paid, day=APR)
    remit(desk, tmp_path, reversal(paid), day=MAY)
    denial, taken = items(desk)
    assert (denial.state, denial.outcome, denial.recovered_cents or 0) == ("open", None, 0)
    assert events(desk, denial.id) == ["created", "settled", "reopened"]
    assert (taken.kind, taken.state, taken.amount_cents, taken.owner) == ("takeback", "open", 8_000, "follow_up_team")


def test_a_reversal_with_a_new_denial_repeats_and_takes_nothing_back(desk: Desk, tmp_path: Path) -> None:
    paid = claim("C1", 100, 80, cas=[("CO", "45", 20)])
    remit(desk, tmp_path, denied_claim("C1", 100), day=MAR)
    remit(desk, tmp_path, paid, day=APR)
    remit(desk, tmp_path, reversal(paid), denied_claim("C1", 100), day=MAY)
    one = item(desk)
    assert (one.state, one.repeats, one.recovered_cents or 0) == ("open", 1, 0)


def test_a_paid_claim_reversed_and_denied_is_a_new_item(desk: Desk, tmp_path: Path) -> None:
    paid = claim("C1", 100, 80, cas=[("CO", "45", 20)])
    remit(desk, tmp_path, paid, day=MAR)
    remit(desk, tmp_path, reversal(paid), denied_claim("C1", 100), day=APR)
    one = item(desk)
    assert (one.kind, one.state, one.amount_cents, one.repeats) == ("denial", "open", 10_000, 0)
    assert (adjudicated(desk, MAR)[:2], adjudicated(desk, APR)[:2]) == ((0, 0), (1, 1))


def test_a_reversal_alone_is_a_take_back_in_no_denial_count(desk: Desk, tmp_path: Path) -> None:
    paid = claim("C1", 100, 80, cas=[("CO", "45", 20)])
    remit(desk, tmp_path, paid, day=MAR)
    summary = remit(desk, tmp_path, reversal(paid), day=APR)
    assert (summary.reversals, summary.new, summary.denials) == (1, 1, 0)
    one = item(desk)
    assert (one.kind, one.category, one.amount_cents) == ("takeback", "follow_up", 8_000)
    assert (counted(desk, MAR), counted(desk, APR)) == ((0, 0, 0, 0), (0, 0, 0, 0))
    assert (adjudicated(desk, MAR)[0], adjudicated(desk, APR)[0]) == (0, 0)


def test_a_new_decision_ends_a_take_back(desk: Desk, tmp_path: Path) -> None:
    paid = claim("C1", 100, 80, cas=[("CO", "45", 20)])
    remit(desk, tmp_path, paid, day=MAR)
    remit(desk, tmp_path, reversal(paid), day=APR)
    remit(desk, tmp_path, claim("C1", 100, 90, cas=[("CO", "45", 10)]), day=MAY)
    assert item(desk).state == "resolved"
    assert (adjudicated(desk, MAR)[0], adjudicated(desk, MAY)[0]) == (0, 1)


def test_a_take_back_that_ends_in_a_denial_gives_way_to_it(desk: Desk, tmp_path: Path) -> None:
    paid = claim("C1", 100, 80, cas=[("CO", "45", 20)])
    remit(desk, tmp_path, paid, day=MAR)
    remit(desk, tmp_path, reversal(paid), day=APR)
    remit(desk, tmp_path, denied_claim("C1", 100), day=MAY)
    taken, denial = items(desk)
    assert (taken.kind, taken.state, taken.outcome) == ("takeback", "resolved", Outcome.NOT_A_DENIAL)
    assert (denial.kind, denial.state) == ("denial", "open")


def test_a_correction_counts_in_the_place_of_its_original(desk: Desk, tmp_path: Path) -> None:
    denied = denied_claim("C1", 100)
    remit(desk, tmp_path, denied, day=MAR)
    remit(desk, tmp_path, reversal(denied), claim("C1", 100, 80, cas=[("CO", "45", 20)]), day=APR)
    assert adjudicated(desk, MAR) == (0, 0, 0, 0, 0)
    assert adjudicated(desk, APR) == (1, 0, 0, 10_000, 0)
    assert (item(desk).state, item(desk).recovered_cents) == ("resolved", 8_000)


def test_the_log_replays_to_the_row(desk: Desk, tmp_path: Path) -> None:
    import json

    from denials.commands import LogEntry
    from denials.lifecycle import replay
    from store import items as stored

    paid = claim("C1", 100, 80, cas=[("CO", "45", 20)])
    remit(desk, tmp_path, denied_claim("C1", 100), day=FEB)
    remit(desk, tmp_path, paid, day=MAR)
    remit(desk, tmp_path, reversal(paid), denied_claim("C1", 100), day=APR)
    remit(desk, tmp_path, claim("C1", 100, 50, cas=[("CO", "45", 50)]), day=MAY)
    one = item(desk)
    with desk.db.read() as session:
        log = [LogEntry(e.kind, json.loads(e.data), e.version) for e in stored.events_of(session, one.id or 0)]
    assert replay(log) == state_of(one)
    assert (one.state, one.recovered_cents, one.repeats) == ("resolved", 5_000, 1)


def test_known_claims_by_the_thousand(desk: Desk, tmp_path: Path) -> None:
    denied = [denied_claim(f"C{n}", 100) for n in range(1500)]
    remit(desk, tmp_path, *denied, day=MAR)
    summary = remit(desk, tmp_path, *[claim(f"C{n}", 100, 80, cas=[("CO", "45", 20)]) for n in range(1500)], day=APR)
    assert (summary.paid_claims, summary.new) == (1500, 0)
    assert {(one.state, one.recovered_cents) for one in items(desk)} == {("resolved", 8_000)}
    assert adjudicated(desk, DAY, APR)[0] == 3000
