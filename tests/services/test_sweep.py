"""The sweep: each step told once, one message per person, nothing that has become pointless."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from sqlmodel import select

from denials.escalation import key_of
from denials.lifecycle import Outcome
from denials.reasons import HandOffReason
from denials.rules.load import load_rules
from denials.rules.model import RuleSet
from services import delivery, work
from services import sweep as sweeping
from services.desk import Desk
from services.moves import Destination, hand_off
from services.sweep import first_escalation, sweep
from services.views import Ping
from services.work import Resolution
from store.tables import Escalation, Event
from tests.conftest import FixedClock, FixedRules
from tests.services.stock import add_items, change, get, item_id
from tests.services.teams import ANA, BEN, LEAD, RULES, small_practice


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return small_practice()


def stale(desk: Desk, count: int, **values: object) -> list[str]:
    """Items as ingestion leaves them: with the moment of their first step."""
    plain = {"escalation": "standard", "opened_at": desk.now(), "due": None, **values}
    return add_items(desk, count, **{**plain, "next_escalation_at": first_escalation(desk.rules, plain, desk.now())})


def told(desk: Desk) -> dict[str, Ping]:
    """What the pings that wait say now, by channel or person; they count as posted afterwards."""
    found = {}
    while taken := delivery.take(desk, "w", limit=50):
        for send in taken:
            shown = delivery.content(desk, send)
            if shown is None:
                delivery.drop(desk, send)
                continue
            delivery.posted(desk, send, send.channel, f"1.{send.message_id[:6]}")
            if isinstance(shown, Ping):
                assert send.channel not in found, "one message per recipient"
                found[send.channel] = shown
    return found


def test_nothing_is_said_before_its_time(desk: Desk, clock: FixedClock) -> None:
    stale(desk, 3)
    clock.forward(hours=3, minutes=59)
    assert sweep(desk) == 0


def test_a_team_hears_of_its_untouched_items_in_one_message(desk: Desk, clock: FixedClock) -> None:
    refs = stale(desk, 12)
    clock.forward(hours=4)

    assert sweep(desk) == 1
    assert sweep(desk) == 0, "each step is told once"

    ping = told(desk)["C0FRONT"]
    assert [item.ref for item in ping.items] == refs
    assert (ping.reason, ping.audience, ping.mentions) == ("unclaimed for 4 business hours", "owner", ("S0FRONT",))


def test_what_nobody_touches_climbs_to_the_lead(desk: Desk, clock: FixedClock) -> None:
    stale(desk, 2)
    clock.forward(hours=4)
    sweep(desk)
    told(desk)
    clock.forward(days=1, hours=-4)

    assert sweep(desk) == 1

    ping = told(desk)[LEAD.user]
    assert (ping.reason, ping.audience, len(ping.items), ping.mentions) == (
        "unclaimed for 1 business day",
        "lead",
        2,
        (),
    )
    clock.forward(days=30)
    assert sweep(desk) == 0


def test_a_claim_or_a_resolution_makes_a_waiting_ping_pointless(desk: Desk, clock: FixedClock) -> None:
    claimed, resolved, still = stale(desk, 3)
    clock.forward(hours=4)
    sweep(desk)
    work.claim(desk, claimed, 1, ANA)
    work.resolve(desk, resolved, 1, ANA, Resolution(Outcome.NOT_A_DENIAL))
    assert [item.ref for item in told(desk)["C0FRONT"].items] == [still]


def test_a_ping_about_nothing_is_not_sent(desk: Desk, clock: FixedClock) -> None:
    [ref] = stale(desk, 1)
    clock.forward(hours=4)
    sweep(desk)
    work.claim(desk, ref, 1, ANA)
    assert "C0FRONT" not in told(desk)


def test_a_claimed_item_without_activity_reminds_its_assignee_and_then_the_manager(
    desk: Desk, clock: FixedClock
) -> None:
    [ref] = stale(desk, 1)
    work.claim(desk, ref, 1, ANA)
    told(desk)
    clock.forward(days=7)
    assert sweep(desk) == 1
    assert told(desk)[ANA.user].reason == "claimed without activity for 5 business days"
    clock.forward(days=7)
    assert sweep(desk) == 1
    assert told(desk)["U0MANAGER"].audience == "manager"


def test_a_lead_of_two_teams_gets_one_message(desk: Desk, clock: FixedClock) -> None:
    stale(desk, 2)
    stale(desk, 3, owner="coders", category="coding")
    clock.forward(days=1)
    sweep(desk)
    assert len(told(desk)[LEAD.user].items) == 5


def test_batches_of_one_sweep_still_make_one_message(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = stale(desk, 25)
    monkeypatch.setattr(sweeping, "BATCH", 10)
    clock.forward(hours=4)
    assert sweep(desk) == 1
    assert len(told(desk)["C0FRONT"].items) == len(refs)


def test_a_person_who_is_both_assignee_and_lead_is_told_once(desk: Desk, clock: FixedClock) -> None:
    [ref] = stale(desk, 1, due=desk.today() + timedelta(days=8))
    work.claim(desk, ref, 1, LEAD)
    told(desk)
    clock.forward(days=1)
    assert sweep(desk) == 1
    assert told(desk)[LEAD.user].reason == "due within 7 days"


def test_one_message_names_every_reason(desk: Desk, clock: FixedClock) -> None:
    stale(desk, 2)
    stale(desk, 1, due=desk.today() + timedelta(days=8))
    clock.forward(days=1)
    sweep(desk)
    assert told(desk)[LEAD.user].reason == "3 unclaimed for 1 business day, 1 due within 7 days"


def test_an_outage_tells_each_recipient_once_and_says_what_is_past(desk: Desk, clock: FixedClock) -> None:
    [ref] = stale(desk, 1, due=desk.today() + timedelta(days=8))
    clock.forward(days=20)

    assert sweep(desk) == 2

    found = told(desk)
    assert set(found) == {"C0FRONT", LEAD.user}
    assert found[LEAD.user].reason == "1 past the deadline, 1 unclaimed for 1 business day"
    with desk.db.read() as session:
        rows = session.exec(select(Escalation).where(Escalation.item_id == item_id(desk, ref))).all()
    assert len(rows) == 3
    assert all(row.pinged for row in rows)


def test_nothing_is_told_at_night(desk: Desk, clock: FixedClock) -> None:
    [ref] = stale(desk, 1)
    clock.forward(hours=11)  # ten in the evening; the sweep did not run in time
    assert sweep(desk) == 0
    assert get(desk, ref).next_escalation_at == datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
    clock.at = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
    assert sweep(desk) == 1


def test_a_step_that_names_nobody_goes_to_the_teams_channel(desk: Desk, clock: FixedClock) -> None:
    stale(desk, 1, owner=None)
    clock.forward(days=1)
    assert sweep(desk) == 1
    assert told(desk)["C0OPS"].reason == "unclaimed for 1 business day"


def test_an_appeal_wakes_on_its_follow_up_date_and_tells_who_has_it(desk: Desk, clock: FixedClock) -> None:
    [ref] = stale(desk, 1, due=desk.today() + timedelta(days=3))
    work.resolve(desk, ref, 1, ANA, Resolution(Outcome.APPEALED, follow_up=date(2026, 3, 20)))
    told(desk)
    assert get(desk, ref).next_escalation_at == datetime(2026, 3, 20, 12, 0, tzinfo=UTC)

    clock.at = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
    assert sweep(desk) == 1

    assert told(desk)[ANA.user].reason == "due for a follow-up with the payer"
    row = get(desk, ref)
    assert (row.state, row.assignee, row.follow_up) == ("claimed", ANA.user, date(2026, 3, 20))
    with desk.db.read() as session:
        kinds = [event.kind for event in session.exec(select(Event).where(Event.item_id == row.id))]
    assert kinds == ["sent", "woken"]
    clock.forward(days=7)
    assert sweep(desk) == 1, "the five days without activity count from the waking; the deadline was met by the appeal"
    assert told(desk)[ANA.user].reason == "claimed without activity for 5 business days"


def test_resolved_items_and_a_practices_past_are_left_alone(desk: Desk, clock: FixedClock) -> None:
    assert first_escalation(desk.rules, {"history": True, "escalation": "standard"}, desk.now()) is None
    due = desk.now() + timedelta(hours=1)
    refs = [
        *add_items(desk, 1, state="resolved", outcome="Written off", next_escalation_at=due),
        *add_items(desk, 1, history=True, next_escalation_at=due),
    ]
    clock.forward(days=3)
    assert sweep(desk) == 0
    assert [get(desk, ref).next_escalation_at for ref in refs] == [None, None]


def test_a_sweep_does_not_change_the_version_that_buttons_carry(desk: Desk, clock: FixedClock) -> None:
    [ref] = stale(desk, 1)
    clock.forward(hours=4)
    sweep(desk)
    assert get(desk, ref).version == 1


def test_an_item_is_looked_at_again_without_repeating_what_was_told(desk: Desk, clock: FixedClock) -> None:
    [ref] = stale(desk, 1)
    clock.forward(days=1)
    sweep(desk)
    told(desk)
    change(desk, ref, next_escalation_at=desk.now())
    assert sweep(desk) == 0
    assert get(desk, ref).next_escalation_at is None


def test_a_changed_policy_holds_for_items_that_are_there_already(desk: Desk, clock: FixedClock) -> None:
    [ref] = stale(desk, 1)
    sweep(desk)
    assert get(desk, ref).next_escalation_at == desk.now() + timedelta(hours=4)

    impatient = load_rules(RULES.replace("after: 4bh", "after: 1bh"))
    quick = replace(desk, rules_source=FixedRules(impatient))
    assert sweep(quick) == 0
    assert get(desk, ref).next_escalation_at == desk.now() + timedelta(hours=1)

    clock.forward(hours=1)
    assert sweep(quick) == 1
    assert told(quick)["C0FRONT"].reason == "unclaimed for 1 business hour"


def test_four_processes_sweeping_at_once_tell_each_step_once(desk: Desk, clock: FixedClock) -> None:
    refs = stale(desk, 60)
    clock.forward(hours=4)
    barrier = Barrier(4)

    def run(_: int) -> int:
        barrier.wait(timeout=60)
        return sweep(desk)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    sweep(desk)

    seen: list[str] = []
    while taken := delivery.take(desk, "w", limit=50):
        for send in taken:
            shown = delivery.content(desk, send)
            assert isinstance(shown, Ping)
            seen.extend(item.ref for item in shown.items)
            delivery.posted(desk, send, send.channel, f"1.{send.message_id[:6]}")
    assert sorted(seen) == sorted(refs)


def test_claiming_and_sweeping_at_once_keep_both(desk: Desk, clock: FixedClock) -> None:
    refs = stale(desk, 20)
    clock.forward(hours=4)
    barrier = Barrier(2)

    def claim_all() -> None:
        barrier.wait(timeout=60)
        for ref in refs:
            work.claim(desk, ref, 1, BEN)

    def sweep_all() -> None:
        barrier.wait(timeout=60)
        for _ in range(5):
            sweep(desk)

    with ThreadPoolExecutor(2) as pool:
        for future in (pool.submit(claim_all), pool.submit(sweep_all)):
            future.result(timeout=60)

    for ref in refs:
        row = get(desk, ref)
        assert (row.state, row.assignee, row.version) == ("claimed", BEN.user, 2)
        assert row.next_escalation_at == desk.now() + timedelta(days=7)


def test_a_deadline_is_told_again_to_the_team_that_an_item_was_handed_to(desk: Desk, clock: FixedClock) -> None:
    [ref] = stale(desk, 1, due=date(2026, 3, 16))
    sweep(desk)
    assert told(desk)["U0LEAD"].reason == "due within 7 days"
    clock.forward(minutes=5)

    hand_off(desk, ref, None, ANA, Destination("coding", HandOffReason.WRONG_CATEGORY))
    sweep(desk)

    assert told(desk)["U0LEAD"].reason == "due within 7 days", "theirs is another team"
    clock.forward(days=1)
    sweep(desk)
    assert "due within 7 days" not in {ping.reason for ping in told(desk).values()}, "once for each team"


def test_what_was_told_before_owners_were_remembered_is_not_told_again(desk: Desk, clock: FixedClock) -> None:
    [ref] = stale(desk, 1, due=date(2026, 3, 16))
    with desk.db.write() as session:
        step = key_of(desk.rules.escalations["standard"][-1])
        session.add(Escalation(item_id=item_id(desk, ref), step=step, anchor="2026-03-16", at=clock.now(), pinged=True))
    sweep(desk)
    assert told(desk) == {}
