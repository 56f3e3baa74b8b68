"""Claiming, releasing and resolving: one owner at a time, friendly refusals, everything in the log."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier

import pytest

from denials.lifecycle import LogEntry, Outcome, State, replay
from denials.rules.model import RuleSet
from services import delivery, work
from services.desk import Desk
from services.digest import compose_due
from services.items import state_of
from services.people import Actor
from services.views import Done, ItemView, Ping, Refused, Send
from services.work import Resolution
from store import items, outbox
from store.tables import Event
from tests.conftest import FixedClock
from tests.services.stock import add_items, change, gather, get, item_id
from tests.services.teams import ADMIN, ANA, BEN, LEAD, MANAGER, STRANGER, small_practice


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return small_practice()


@pytest.fixture
def ref(desk: Desk) -> str:
    return add_items(desk, 1)[0]


def done(answer: Done | Refused) -> ItemView:
    assert isinstance(answer, Done), answer
    return answer.item


def refused(answer: object) -> Refused:
    assert isinstance(answer, Refused), answer
    return answer


def log(desk: Desk, ref: str) -> list[Event]:
    with desk.db.read() as session:
        return items.events_of(session, item_id(desk, ref))


def sent(desk: Desk) -> list[Send]:
    """What waits for Slack, taken and settled as posted, in the order of sending."""
    found = []
    while taken := delivery.take(desk, "w"):
        for send in taken:
            found.append(send)
            if send.op == "post":
                delivery.posted(desk, send, send.channel, f"{len(found)}.{send.message_id[:6]}")
            else:
                delivery.updated(desk, send)
    return found


def test_a_claim_names_the_person_and_is_logged(desk: Desk, ref: str) -> None:
    item = done(work.claim(desk, ref, 1, ANA))

    assert (item.state, item.assignee, item.version) == (State.CLAIMED, ANA.user, 2)
    [event] = log(desk, ref)
    assert (event.kind, event.actor, event.version, event.at) == ("claimed", ANA.user, 2, desk.now())
    row = get(desk, ref)
    assert row.claimed_at == row.first_claimed_at == desk.now()


def test_the_second_to_claim_hears_who_was_first(desk: Desk, ref: str) -> None:
    work.claim(desk, ref, 1, ANA)

    answer = refused(work.claim(desk, ref, 1, BEN))

    assert answer.code == "taken"
    assert answer.text == "This one is already claimed by <@U0FRONT1>."
    assert answer.item is not None
    assert answer.item.assignee == ANA.user


def test_claiming_twice_says_that_one_has_it_already(desk: Desk, ref: str) -> None:
    work.claim(desk, ref, 1, ANA)
    assert refused(work.claim(desk, ref, 1, ANA)).code == "yours"
    assert len(log(desk, ref)) == 1


def test_forty_items_and_two_people_at_the_same_instant_give_forty_owners_and_forty_refusals(desk: Desk) -> None:
    refs = add_items(desk, 40)
    gather(desk, refs)
    compose_due(desk)
    sent(desk)
    barrier = Barrier(2)

    def press_all(actor: Actor) -> list[Done | Refused]:
        answers = []
        for ref in refs:
            barrier.wait(timeout=60)
            answers.append(work.claim(desk, ref, 1, actor))
        return answers

    with ThreadPoolExecutor(2) as pool:
        pairs = list(zip(*pool.map(press_all, [ANA, BEN]), strict=True))

    for ref, pair in zip(refs, pairs, strict=True):
        [winner] = [answer for answer in pair if isinstance(answer, Done)]
        [loser] = [answer for answer in pair if isinstance(answer, Refused)]
        assert loser.code == "taken"
        assert f"<@{winner.item.assignee}>" in loser.text
        assert get(desk, ref).assignee == winner.item.assignee
        assert [event.kind for event in log(desk, ref)] == ["claimed"]
    with desk.db.read() as session:
        asked = [(row.op, message.kind) for row, message in outbox.in_state(session, "pending")]
    assert asked.count(("post", "card")) == 37, "each line of the lists got one card"
    assert asked.count(("update", "card")) == 3, "each card is updated once"
    assert asked.count(("update", "list")) == 2, "each list is updated once for all its lines"


def test_twenty_people_pressing_one_button_at_once_get_one_owner(desk: Desk, ref: str) -> None:
    barrier = Barrier(16)

    def press(n: int) -> Done | Refused:
        barrier.wait(timeout=60)
        return work.claim(desk, ref, 1, Actor("U0ADMIN" if n % 2 else "U0LEAD"))

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(press, range(16)))

    assert sum(isinstance(answer, Done) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refused)} <= {"taken", "yours"}
    assert get(desk, ref).version == 2


def test_release_gives_it_back_and_the_team_is_asked_again_later(desk: Desk, ref: str, clock: FixedClock) -> None:
    item = done(work.claim(desk, ref, 1, ANA))
    clock.forward(hours=1)

    item = done(work.release(desk, ref, item.version, ANA))

    assert (item.state, item.assignee) == (State.OPEN, None)
    row = get(desk, ref)
    assert row.opened_at == desk.now()
    assert row.next_escalation_at == desk.now() + timedelta(hours=4)
    assert row.first_claimed_at == desk.now() - timedelta(hours=1)


def test_only_a_lead_releases_what_somebody_else_has(desk: Desk, ref: str) -> None:
    work.claim(desk, ref, 1, ANA)
    assert refused(work.release(desk, ref, 2, BEN)).code == "not_yours"
    assert done(work.release(desk, ref, 2, LEAD)).assignee is None


def test_an_old_button_never_undoes_what_another_person_did_since(desk: Desk, ref: str) -> None:
    work.claim(desk, ref, 1, ANA)
    work.release(desk, ref, 2, ANA)
    work.claim(desk, ref, 3, BEN)

    answer = refused(work.release(desk, ref, 2, LEAD))

    assert answer.code == "stale"
    assert get(desk, ref).assignee == BEN.user


def test_ones_own_press_on_another_message_does_not_make_a_button_old(desk: Desk, ref: str) -> None:
    work.claim(desk, ref, 1, ANA)
    resolved = done(work.resolve(desk, ref, 1, ANA, Resolution(Outcome.NOT_A_DENIAL)))
    assert resolved.state is State.RESOLVED


@pytest.mark.parametrize("actor", [STRANGER, Actor("U0FRONT1", guest=True), Actor("U0FRONT1", outsider=True)])
def test_who_does_not_belong_to_the_team_cannot_work_its_items(desk: Desk, ref: str, actor: Actor) -> None:
    for answer in (
        work.claim(desk, ref, 1, actor),
        work.release(desk, ref, 1, actor),
        work.resolve(desk, ref, 1, actor, Resolution(Outcome.NOT_A_DENIAL)),
        work.may_resolve(desk, ref, 1, actor),
    ):
        assert refused(answer).code == "not_allowed"
    assert get(desk, ref).version == 1


def test_a_refusal_says_who_can(desk: Desk, ref: str) -> None:
    assert refused(work.claim(desk, ref, 1, STRANGER)).text == (
        "Only <@U0FRONT1>, <@U0FRONT2> or <@U0LEAD>, or a manager or administrator can work this one."
    )


def test_leads_managers_and_administrators_may_claim_and_so_may_anyone_where_no_members_are_listed(desk: Desk) -> None:
    for ref, actor in zip(add_items(desk, 3), (LEAD, MANAGER, ADMIN), strict=True):
        assert done(work.claim(desk, ref, 1, actor)).assignee == actor.user
    [ref] = add_items(desk, 1, owner="coders", category="coding")
    assert done(work.claim(desk, ref, 1, STRANGER)).assignee == STRANGER.user


def test_an_unknown_reference_is_refused(desk: Desk) -> None:
    assert refused(work.claim(desk, "DN-NOSUCH22", None, ANA)).code == "unknown"
    assert refused(work.may_resolve(desk, "DN-NOSUCH22", None, ANA)).code == "unknown"
    assert work.find(desk, "DN-NOSUCH22") is None


def test_a_reference_is_found_in_any_case_and_without_its_prefix(desk: Desk, ref: str) -> None:
    for typed in (ref, ref.lower(), ref.removeprefix("DN-"), f" {ref} "):
        found = work.find(desk, typed)
        assert found is not None
        assert found.ref == ref


def test_overturned_keeps_the_recovered_amount(desk: Desk, ref: str, clock: FixedClock) -> None:
    clock.forward(hours=3)
    item = done(work.resolve(desk, ref, 1, ANA, Resolution(Outcome.OVERTURNED, Decimal("9.50"))))
    assert (item.state, item.outcome, item.recovered) == (State.RESOLVED, "Overturned and paid", Decimal("9.50"))
    row = get(desk, ref)
    assert row.resolved_at == row.first_claimed_at == desk.now()
    assert row.next_escalation_at is None


def test_a_write_off_counts_the_denied_amount(desk: Desk, ref: str) -> None:
    done(work.resolve(desk, ref, 1, ANA, Resolution(Outcome.WRITTEN_OFF, Decimal("3.00"))))
    row = get(desk, ref)
    assert (row.written_off_cents, row.recovered_cents) == (1000, None)


def test_an_appeal_waits_thirty_days_unless_told_otherwise(desk: Desk) -> None:
    usual, other = add_items(desk, 2)
    assert done(work.resolve(desk, usual, 1, ANA, Resolution(Outcome.APPEALED))).follow_up == date(2026, 4, 9)
    chosen = Resolution(Outcome.RESUBMITTED, follow_up=date(2026, 3, 20))
    item = done(work.resolve(desk, other, 1, ANA, chosen))
    assert (item.state, item.follow_up, item.assignee) == (State.WAITING, date(2026, 3, 20), ANA.user)


def test_a_note_is_sealed_and_one_with_patient_data_is_refused(desk: Desk, ref: str) -> None:
    bad = Resolution(Outcome.NOT_A_DENIAL, note="call 555-123-4567")
    assert refused(work.resolve(desk, ref, 1, ANA, bad)).code == "note"
    done(work.resolve(desk, ref, 1, ANA, Resolution(Outcome.NOT_A_DENIAL, note="payer agreed")))
    [event] = log(desk, ref)
    assert event.note is not None
    assert b"payer agreed" not in event.note
    assert "payer agreed" not in event.data
    assert desk.vault.open(event.note, get(desk, ref).seal_context) == {"note": "payer agreed"}


def test_a_large_write_off_waits_for_another_person_who_is_told(desk: Desk) -> None:
    [ref] = add_items(desk, 1, amount_cents=50_001)
    asked = done(work.resolve(desk, ref, 1, ANA, Resolution(Outcome.WRITTEN_OFF)))
    assert asked.state is State.WAITING

    pings = [send for send in delivery.take(desk, "w", limit=10) if send.channel == MANAGER.user]
    [shown] = [delivery.content(desk, send) for send in pings]
    assert isinstance(shown, Ping)
    assert shown.reason == "written off above the limit, waiting for a second person"

    assert refused(work.resolve(desk, ref, 2, ANA, Resolution(Outcome.WRITTEN_OFF))).code == "second_person"
    agreed = done(work.resolve(desk, ref, 2, MANAGER, Resolution(Outcome.WRITTEN_OFF)))
    assert agreed.state is State.RESOLVED
    assert get(desk, ref).written_off_cents == 50_001


def test_a_large_write_off_by_the_manager_still_needs_a_second_person(desk: Desk) -> None:
    [ref] = add_items(desk, 1, amount_cents=50_001)
    assert done(work.resolve(desk, ref, 1, MANAGER, Resolution(Outcome.WRITTEN_OFF))).state is State.WAITING
    assert refused(work.resolve(desk, ref, 2, MANAGER, Resolution(Outcome.WRITTEN_OFF))).code == "second_person"
    assert done(work.decline_write_off(desk, ref, 2, LEAD)).state is State.CLAIMED


def test_the_modal_is_not_opened_where_it_could_not_be_submitted(desk: Desk, ref: str) -> None:
    assert isinstance(work.may_resolve(desk, ref, 1, ANA), ItemView)
    work.claim(desk, ref, 1, ANA)
    assert refused(work.may_resolve(desk, ref, 2, BEN)).code == "not_yours"
    work.resolve(desk, ref, 2, ANA, Resolution(Outcome.NOT_A_DENIAL))
    assert refused(work.may_resolve(desk, ref, 3, ANA)).code == "resolved"
    assert get(desk, ref).version == 3


def test_what_is_mine_comes_by_deadline_and_without_what_is_done(desk: Desk) -> None:
    today = desk.today()
    late, soon, without, finished = (
        add_items(desk, 1, due=due)[0]
        for due in (today + timedelta(days=40), today + timedelta(days=4), None, today + timedelta(days=1))
    )
    for ref in (late, soon, without, finished):
        work.claim(desk, ref, 1, ANA)
    work.resolve(desk, finished, 2, ANA, Resolution(Outcome.NOT_A_DENIAL))

    assert [item.ref for item in work.mine(desk, ANA.user)] == [soon, late, without]
    assert work.mine(desk, BEN.user) == ()


def test_overdue_is_past_the_deadline_or_the_follow_up_date(desk: Desk, clock: FixedClock) -> None:
    past, appealed, _fine = (add_items(desk, 1, due=desk.today() + timedelta(days=days))[0] for days in (-1, 90, 90))
    work.resolve(desk, appealed, 1, ANA, Resolution(Outcome.APPEALED, follow_up=desk.today() + timedelta(days=1)))
    assert [item.ref for item in work.overdue(desk, 10)] == [past]
    clock.forward(days=2)
    assert {item.ref for item in work.overdue(desk, 10)} == {past, appealed}


def test_claiming_a_line_of_a_list_gives_it_a_card_and_updates_the_list(desk: Desk) -> None:
    refs = add_items(desk, 5)
    gather(desk, refs)
    compose_due(desk)
    sent(desk)

    done(work.claim(desk, refs[4], 1, ANA))
    [card] = sent(desk)

    assert (card.op, card.channel, card.human) == ("post", "C0FRONT", True)
    with desk.db.read() as session:
        waiting = [message.kind for row, message in outbox.in_state(session, "pending")]
    assert waiting == ["list"], "the list follows a moment later, once for several presses"


def test_claiming_an_item_that_has_a_card_only_updates_it(desk: Desk, ref: str) -> None:
    gather(desk, [ref])
    compose_due(desk)
    sent(desk)

    done(work.claim(desk, ref, 1, ANA))
    work.claim(desk, ref, 1, BEN)

    assert [send.op for send in sent(desk)] == ["update"]


def test_the_log_replays_to_the_row(desk: Desk, ref: str, clock: FixedClock) -> None:
    work.claim(desk, ref, 1, ANA)
    work.resolve(desk, ref, 2, ANA, Resolution(Outcome.APPEALED))
    work.release(desk, ref, 3, ANA)
    work.claim(desk, ref, 4, BEN)
    work.resolve(desk, ref, 5, BEN, Resolution(Outcome.OVERTURNED, Decimal("4.00")))

    entries = [LogEntry(event.kind, json.loads(event.data), event.version) for event in log(desk, ref)]
    assert replay(entries) == state_of(get(desk, ref))


def test_a_change_that_came_in_between_makes_a_filled_in_resolution_old(desk: Desk, ref: str) -> None:
    work.claim(desk, ref, 1, ANA)
    change(desk, ref, amount_cents=99_900)
    with desk.db.write() as session:
        items.log_event(session, item_id(desk, ref), 3, desk.now(), "repeated", None, {})
    assert refused(work.resolve(desk, ref, 2, ANA, Resolution(Outcome.WRITTEN_OFF))).code == "stale"


def test_who_is_not_proven_a_member_works_only_for_teams_that_name_them(desk: Desk) -> None:
    [named] = add_items(desk, 1)
    [unowned] = add_items(desk, 1, owner=None)
    unproven = Actor("U0FRONT1", unproven=True)

    refused = work.claim(desk, unowned, None, unproven)

    assert isinstance(refused, Refused)
    assert "users:read" in refused.text
    assert isinstance(work.claim(desk, named, None, unproven), Done)
