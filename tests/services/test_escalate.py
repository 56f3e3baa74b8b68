"""Escalation by hand: level by level, nobody twice, grouped; and reminders that somebody has seen."""

from __future__ import annotations

import json

import pytest

from denials.rules.model import RuleSet
from services import delivery, work
from services.desk import Desk
from services.escalate import Acknowledged, Escalated, acknowledge, escalate_now
from services.people import Actor
from services.sweep import sweep
from services.views import Ping, Refused
from store import items
from tests.conftest import FixedClock
from tests.services.stock import add_items, get, item_id
from tests.services.teams import ADMIN, ANA, BEN, LEAD, MANAGER, STRANGER, small_practice


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return small_practice()


@pytest.fixture
def ref(desk: Desk) -> str:
    return add_items(desk, 1)[0]


def pings(desk: Desk) -> list[tuple[str, Ping]]:
    """The reminders that wait for Slack by channel, settled as posted."""
    found = []
    while taken := delivery.take(desk, "w"):
        for send in taken:
            shown = delivery.content(desk, send)
            if isinstance(shown, Ping):
                found.append((send.channel, shown))
            if send.op == "post":
                delivery.posted(desk, send, send.channel, f"{len(found)}.{send.message_id[:6]}")
            else:
                delivery.updated(desk, send)
    return found


def told(answer: object) -> str:
    assert isinstance(answer, Escalated), answer
    return answer.told


def code(answer: object) -> str:
    assert isinstance(answer, Refused), answer
    return answer.code


def test_each_press_tells_the_next_level_and_nobody_twice(desk: Desk, ref: str) -> None:
    assert told(escalate_now(desk, ref, 1, ANA)) == LEAD.user
    assert told(escalate_now(desk, ref, 2, ANA)) == MANAGER.user
    assert told(escalate_now(desk, ref, 3, BEN)) == ADMIN.user
    assert code(escalate_now(desk, ref, 4, ANA)) == "everyone_told"

    assert [channel for channel, _ in pings(desk)] == [LEAD.user, MANAGER.user, ADMIN.user]


def test_a_double_press_tells_one_level(desk: Desk, ref: str) -> None:
    escalate_now(desk, ref, 1, ANA)
    assert code(escalate_now(desk, ref, 1, ANA)) == "stale"
    assert len(pings(desk)) == 1


def test_several_items_for_one_lead_are_one_message(desk: Desk) -> None:
    for ref in add_items(desk, 3):
        escalate_now(desk, ref, 1, ANA)
    [(channel, ping)] = pings(desk)
    assert channel == LEAD.user
    assert len(ping.items) == 3
    assert ping.reason == "escalated by <@U0FRONT1>"


def test_a_lead_goes_past_themselves(desk: Desk, ref: str) -> None:
    assert told(escalate_now(desk, ref, 1, LEAD)) == MANAGER.user


def test_whom_the_service_levels_have_told_is_passed_over(desk: Desk, clock: FixedClock, ref: str) -> None:
    with desk.db.write() as session:
        items.look_again(session, desk.now())
    clock.forward(days=2)
    sweep(desk)
    assert LEAD.user in [channel for channel, _ in pings(desk)]

    assert told(escalate_now(desk, ref, 1, ANA)) == MANAGER.user


def test_after_a_release_it_climbs_from_the_lead_again(desk: Desk, clock: FixedClock, ref: str) -> None:
    work.claim(desk, ref, 1, ANA)
    escalate_now(desk, ref, 2, ANA)
    clock.forward(minutes=1)
    work.release(desk, ref, 3, ANA)
    clock.forward(minutes=1)
    assert told(escalate_now(desk, ref, 4, ANA)) == LEAD.user


def test_what_cannot_be_escalated_says_why(desk: Desk, ref: str) -> None:
    from denials.commands import Outcome
    from services.work import Resolution

    assert code(escalate_now(desk, ref, 1, STRANGER)) == "not_allowed"
    assert code(escalate_now(desk, "DN-AAAAAAAA", 1, ANA)) == "unknown"
    work.resolve(desk, ref, 1, ANA, Resolution(Outcome.NOT_A_DENIAL))
    assert code(escalate_now(desk, ref, 2, ANA)) == "resolved"


def test_an_escalation_is_in_the_log_and_leaves_the_state(desk: Desk, ref: str) -> None:
    work.claim(desk, ref, 1, ANA)
    escalate_now(desk, ref, 2, ANA)
    with desk.db.read() as session:
        event = items.events_of(session, item_id(desk, ref))[-1]
    assert (event.kind, event.actor, event.version) == ("escalated", ANA.user, 3)
    assert json.loads(event.data) == {"to": LEAD.user, "level": "lead"}
    assert (get(desk, ref).state, get(desk, ref).assignee) == ("claimed", ANA.user)


def test_a_seen_reminder_says_who_saw_it(desk: Desk, ref: str) -> None:
    escalate_now(desk, ref, 1, ANA)
    [(_, ping)] = pings(desk)
    assert ping.acknowledged_by is None

    assert acknowledge(desk, ping.message_id, LEAD) == Acknowledged(1)

    [(channel, again)] = pings(desk)
    assert channel == LEAD.user
    assert again.acknowledged_by == LEAD.user
    assert [item.ref for item in again.items] == [ref]
    assert code(acknowledge(desk, ping.message_id, LEAD)) == "acknowledged"


def test_a_seen_reminder_stands_as_it_was_read(desk: Desk, ref: str) -> None:
    from denials.commands import Outcome
    from services.work import Resolution

    escalate_now(desk, ref, 1, ANA)
    [(_, ping)] = pings(desk)
    acknowledge(desk, ping.message_id, LEAD)
    work.resolve(desk, ref, 2, ANA, Resolution(Outcome.NOT_A_DENIAL))
    [(_, again)] = pings(desk)
    assert again.reason == ping.reason


def test_only_those_it_is_for_can_say_that_they_saw_it(desk: Desk, ref: str) -> None:
    escalate_now(desk, ref, 1, ANA)
    [(_, ping)] = pings(desk)
    assert code(acknowledge(desk, ping.message_id, ANA)) == "not_allowed"
    assert code(acknowledge(desk, ping.message_id, Actor(LEAD.user, outsider=True))) == "not_allowed"
    assert code(acknowledge(desk, "0" * 32, LEAD)) == "unknown"


def test_seeing_a_reminder_is_activity_of_whoever_has_the_item(desk: Desk, clock: FixedClock, ref: str) -> None:
    work.claim(desk, ref, 1, ANA)
    clock.forward(days=10)
    sweep(desk)
    [ping] = [shown for channel, shown in pings(desk) if channel == ANA.user]
    before = get(desk, ref)

    acknowledge(desk, ping.message_id, ANA)

    after = get(desk, ref)
    assert after.last_activity_at == desk.now()
    assert after.version == before.version
    assert after.next_escalation_at is not None
    assert after.next_escalation_at > desk.now()
