"""Hand-offs, reassignments, rest and return: whose work an item is, where it shows, and what the log says of it."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from denials.commands import Outcome, State
from denials.lifecycle import LogEntry, replay
from denials.reasons import HandOffReason
from denials.rules.model import RuleSet
from services import delivery, work
from services.desk import Desk
from services.digest import compose_due
from services.items import state_of
from services.moves import Destination, hand_off, next_business_day, reassign, reopen, snooze, wake
from services.people import Actor
from services.stats import stats
from services.sweep import sweep
from services.views import Card, Content, Done, ItemView, Ping, Refused, Send
from services.work import Resolution
from store import items, rollups
from store.tables import Event
from tests.conftest import FixedClock
from tests.services.stock import add_items, gather, get, item_id
from tests.services.teams import ADMIN, ANA, BEN, LEAD, MANAGER, STRANGER, small_practice

CODING = Destination("coding", HandOffReason.WRONG_CATEGORY)


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return small_practice()


@pytest.fixture
def ref(desk: Desk) -> str:
    return add_items(desk, 1)[0]


def done(answer: object) -> ItemView:
    assert isinstance(answer, Done), answer
    return answer.item


def refused(answer: object) -> Refused:
    assert isinstance(answer, Refused), answer
    return answer


def log(desk: Desk, ref: str) -> list[Event]:
    with desk.db.read() as session:
        return items.events_of(session, item_id(desk, ref))


def sent(desk: Desk) -> list[tuple[Send, Content | None]]:
    """What waits for Slack, as it reads now, taken and settled as posted."""
    found = []
    while taken := delivery.take(desk, "w"):
        for send in taken:
            found.append((send, delivery.content(desk, send)))
            if send.op == "post":
                delivery.posted(desk, send, send.channel, f"{len(found)}.{send.message_id[:6]}")
            else:
                delivery.updated(desk, send)
    return found


def announced(desk: Desk, *refs: str) -> None:
    """Post what there is to see of new items."""
    gather(desk, refs)
    compose_due(desk)
    sent(desk)


def replays(desk: Desk, ref: str) -> bool:
    entries = [LogEntry(one.kind, json.loads(one.data), one.version) for one in log(desk, ref)]
    return replay(entries) == state_of(get(desk, ref))


def test_a_hand_off_moves_the_card_and_the_old_one_says_where_to(desk: Desk, ref: str) -> None:
    announced(desk, ref)
    work.claim(desk, ref, 1, ANA)
    sent(desk)

    item = done(hand_off(desk, ref, 2, ANA, CODING))

    assert (item.owner, item.category, item.state, item.assignee) == ("coders", "coding", State.OPEN, None)
    shown = {(send.op, send.channel): content for send, content in sent(desk)}
    old, new = shown["update", "C0FRONT"], shown["post", "C0CODE"]
    assert isinstance(old, Card)
    assert (old.item.lives_elsewhere, old.item.moved, old.item.owner_channel) == (True, True, "C0CODE")
    assert isinstance(new, Card)
    assert not new.item.lives_elsewhere
    event = log(desk, ref)[-1]
    assert (event.kind, event.actor) == ("handed_off", ANA.user)
    assert json.loads(event.data)["reason"] == "Wrong category"
    assert replays(desk, ref)


def test_the_new_team_gets_the_words_and_service_levels_of_its_category(desk: Desk, rules: RuleSet, ref: str) -> None:
    before = get(desk, ref)
    hand_off(desk, ref, 1, ANA, CODING)

    row, coding = get(desk, ref), rules.categories["coding"]
    assert (row.words.next_step, row.handoff, row.escalation) == (coding.next_step, coding.handoff, coding.escalation)
    assert row.first_category == before.first_category, "a repeat must still find it"
    assert row.opened_at == desk.now()
    assert work.claim(desk, ref, None, STRANGER).__class__ is Done, "anyone in the coders' channel may take it"


def test_only_another_team_keeps_the_category(desk: Desk, ref: str) -> None:
    before = get(desk, ref).words
    to = Destination("registration", HandOffReason.NO_CAPACITY, owner="coders")
    item = done(hand_off(desk, ref, 1, ANA, to))
    assert (item.category, item.owner, item.next_step) == ("registration", "coders", before.next_step)


def test_a_hand_off_moves_the_counts_with_it(desk: Desk, ref: str) -> None:
    row = get(desk, ref)
    day = row.first_remit_date
    with desk.db.write() as session:
        tally = rollups.Tally()
        names = {"category": "registration", "owner": "front_desk", "handoff": row.handoff, "payer": "Aetna"}
        tally.denial(names, day, new=1, cents=row.first_cents)
        tally.write(session)

    hand_off(desk, ref, 1, ANA, CODING)

    with desk.db.read() as session:
        counted = {
            dimension: {name: numbers[0] for name, numbers in found.items() if numbers[0]}
            for dimension in ("all", "category", "owner", "handoff", "payer")
            for found in [rollups.denials_between(session, dimension, day, day)]
        }
    assert counted == {
        "all": {"": 1},
        "category": {"coding": 1},
        "owner": {"coders": 1},
        "handoff": {get(desk, ref).handoff: 1},
        "payer": {"Aetna": 1},
    }


def test_hand_offs_of_the_period_are_counted(desk: Desk, clock: FixedClock, ref: str) -> None:
    hand_off(desk, ref, 1, ANA, CODING)
    hand_off(desk, ref, 2, LEAD, Destination("registration", HandOffReason.NOT_OURS))
    assert stats(desk, 7).resolution.handed_off == 2
    clock.forward(days=8)
    assert stats(desk, 7).resolution.handed_off == 0


def test_what_is_not_announced_yet_is_announced_by_its_new_team_only(desk: Desk, ref: str) -> None:
    other = add_items(desk, 1)[0]
    gather(desk, [ref, other])
    hand_off(desk, ref, 1, ANA, CODING)
    compose_due(desk)

    cards = {(send.channel, shown.item.ref) for send, shown in sent(desk) if isinstance(shown, Card)}
    assert cards == {("C0CODE", ref), ("C0FRONT", other)}


def test_several_handed_off_together_are_announced_together(desk: Desk, clock: FixedClock) -> None:
    refs = add_items(desk, 6)
    announced(desk, *refs)
    for ref in refs:
        done(hand_off(desk, ref, 1, ANA, CODING, gather=True))

    away = [shown for _, shown in sent(desk) if isinstance(shown, Card)]
    assert away
    assert all(one.item.moved for one in away), "the old cards point away at once"
    clock.forward(minutes=2)
    compose_due(desk)

    posts = [send for send, _ in sent(desk) if send.op == "post"]
    assert {send.channel for send in posts} == {"C0CODE"}
    assert len(posts) == 5, "a summary, three cards, a list"


def test_handing_off_to_where_it_is_changes_nothing(desk: Desk, ref: str) -> None:
    to = Destination("registration", HandOffReason.NOT_OURS)
    assert refused(hand_off(desk, ref, 1, ANA, to)).code == "no_change"
    assert refused(hand_off(desk, ref, 1, ANA, Destination("nothing", HandOffReason.NOT_OURS))).code == "unknown_team"
    assert log(desk, ref) == []


def test_a_hand_off_note_is_sealed_and_guarded(desk: Desk, ref: str) -> None:
    bad = Destination("coding", HandOffReason.NOT_OURS, note="call 212-555-0187")
    assert refused(hand_off(desk, ref, 1, ANA, bad)).code == "note"
    good = Destination("coding", HandOffReason.NOT_OURS, note="modifier is missing")
    assert "modifier" not in repr(good)
    hand_off(desk, ref, 1, ANA, good)
    [event] = log(desk, ref)
    assert event.note is not None
    assert "modifier" not in event.data
    assert b"modifier" not in event.note


@pytest.mark.parametrize("move", ["hand_off", "snooze"])
def test_somebody_elses_item_stays_with_them(desk: Desk, ref: str, move: str) -> None:
    work.claim(desk, ref, 1, ANA)

    def attempt(actor: Actor) -> Done | Refused:
        return hand_off(desk, ref, 2, actor, CODING) if move == "hand_off" else snooze(desk, ref, 2, actor, None)

    assert refused(attempt(BEN)).code == "not_yours"
    assert refused(attempt(STRANGER)).code == "not_allowed"
    assert refused(attempt(Actor(ANA.user, guest=True))).code == "not_allowed"
    assert isinstance(attempt(LEAD), Done)


def test_a_stale_hand_off_undoes_nobodys_work(desk: Desk, ref: str) -> None:
    work.claim(desk, ref, 1, BEN)
    work.release(desk, ref, 2, BEN)
    assert refused(hand_off(desk, ref, 1, ANA, CODING)).code == "stale"
    assert get(desk, ref).owner == "front_desk"


def test_a_lead_gives_an_item_to_somebody_who_is_told_by_whom(desk: Desk, ref: str) -> None:
    item = done(reassign(desk, ref, 1, LEAD, BEN))

    assert (item.state, item.assignee) == (State.CLAIMED, BEN.user)
    pings = [(send.channel, shown) for send, shown in sent(desk) if isinstance(shown, Ping)]
    [(channel, ping)] = pings
    assert channel == BEN.user
    assert ping.reason == "given to you by <@U0LEAD>"
    assert replays(desk, ref)


@pytest.mark.parametrize("actor", [LEAD, MANAGER, ADMIN])
def test_only_those_above_a_team_reassign(desk: Desk, ref: str, actor: Actor) -> None:
    answer = refused(reassign(desk, ref, 1, ANA, BEN))
    assert answer.code == "not_allowed"
    assert "<@U0LEAD>, <@U0MANAGER> or <@U0ADMIN>" in answer.text
    assert isinstance(reassign(desk, ref, 1, actor, BEN), Done)


@pytest.mark.parametrize("to", [STRANGER, Actor(BEN.user, guest=True), Actor(BEN.user, outsider=True)])
def test_nobody_gets_an_item_that_they_may_not_work(desk: Desk, ref: str, to: Actor) -> None:
    answer = refused(reassign(desk, ref, 1, LEAD, to))
    assert answer.code == "not_theirs"
    assert "Hand it off instead" in answer.text


def test_a_snoozed_item_rests_until_its_day_and_comes_back(desk: Desk, clock: FixedClock, ref: str) -> None:
    work.claim(desk, ref, 1, ANA)
    item = done(snooze(desk, ref, 2, ANA, None))
    assert (item.state, item.follow_up, item.assignee) == (State.SNOOZED, date(2026, 3, 11), ANA.user)

    clock.at = clock.at.replace(day=11, hour=12, minute=0)  # opens at 8:00 in New York
    sweep(desk)

    assert get(desk, ref).state == State.CLAIMED
    assert replays(desk, ref)


def test_the_next_business_day_skips_weekends_and_holidays(desk: Desk, clock: FixedClock) -> None:
    clock.at = clock.at.replace(month=7, day=2)  # Thursday; Independence Day 2026 is observed on the 3rd
    assert next_business_day(desk) == date(2026, 7, 6)


def test_days_to_rest_until_are_within_reason(desk: Desk, ref: str) -> None:
    for until in (desk.today(), desk.today() - timedelta(days=1), desk.today() + timedelta(days=400)):
        assert refused(snooze(desk, ref, 1, ANA, until)).code == "until"


def test_what_rests_can_be_taken_up_early(desk: Desk, ref: str) -> None:
    snooze(desk, ref, 1, ANA, None)
    assert done(wake(desk, ref, 2, ANA)).state is State.OPEN
    assert refused(wake(desk, ref, 3, ANA)).code == "awake"
    assert replays(desk, ref)


def test_a_reopened_item_is_open_to_all_and_counts_as_resolved_no_more(desk: Desk, ref: str) -> None:
    announced(desk, ref)
    work.resolve(desk, ref, 1, ANA, Resolution(Outcome.WRITTEN_OFF))
    assert get(desk, ref).written_off_cents == 1000

    item = done(reopen(desk, ref, 2, BEN))

    row = get(desk, ref)
    assert (item.state, item.assignee, item.outcome) == (State.OPEN, None, None)
    assert (row.resolved_at, row.written_off_cents) == (None, None)
    assert row.next_escalation_at is not None
    assert refused(reopen(desk, ref, 3, BEN)).code == "not_resolved"
    assert refused(reopen(desk, ref, 3, STRANGER)).code == "not_allowed"
    assert replays(desk, ref)
