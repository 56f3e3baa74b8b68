"""The life of an item: what each command does, whom it refuses, and that the log tells the whole story."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.lifecycle import (
    Claim,
    Command,
    Decline,
    HandOff,
    ItemState,
    LogEntry,
    Outcome,
    Reassign,
    Refusal,
    Release,
    Reopen,
    Repeat,
    Resolve,
    Settle,
    Snooze,
    State,
    Transition,
    Wake,
    decide,
    replay,
    resolution_problems,
)

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
LATER = date(2026, 4, 9)
ANA, BEN, LEAD = "U0ANA", "U0BEN", "U0LEAD"
OPEN = ItemState()
ANAS = ItemState(State.CLAIMED, ANA, version=2)


def done(before: ItemState, command: Command, seen: int | None = None) -> ItemState:
    answer = decide(before, command, NOW, seen=seen)
    assert isinstance(answer, Transition), answer
    return answer.after


def refused(before: ItemState, command: Command, seen: int | None = None) -> Refusal:
    answer = decide(before, command, NOW, seen=seen)
    assert isinstance(answer, Refusal), answer
    return answer


def resolve(user: str, outcome: Outcome, **more: object) -> Resolve:
    if outcome.waits:
        more.setdefault("follow_up", LATER)
    return Resolve(user, outcome, **more)  # type: ignore[arg-type]  # the words of Resolve itself


def test_a_claim_gives_an_open_item_to_the_person() -> None:
    assert done(OPEN, Claim(ANA)) == ItemState(State.CLAIMED, ANA, version=2)


def test_the_loser_of_a_race_hears_who_has_it() -> None:
    answer = refused(ANAS, Claim(BEN), seen=1)
    assert answer.code == "taken"
    assert answer.text == "This one is already claimed by <@U0ANA>."


def test_claiming_ones_own_item_again_says_so() -> None:
    assert refused(ANAS, Claim(ANA)).code == "yours"


def test_an_outdated_claim_button_still_claims_a_free_item() -> None:
    assert done(replace(OPEN, version=3), Claim(BEN), seen=1).assignee == BEN


def test_release_gives_it_back_to_the_team() -> None:
    after = done(ANAS, Release(ANA))
    assert (after.state, after.assignee) == (State.OPEN, None)


def test_releasing_a_snoozed_item_ends_its_rest_and_one_at_the_payer_keeps_waiting() -> None:
    after = done(done(ANAS, Snooze(ANA, LATER)), Release(ANA))
    assert (after.state, after.assignee, after.follow_up) == (State.OPEN, None, None)
    sent = done(done(ANAS, resolve(ANA, Outcome.APPEALED)), Release(ANA))
    assert (sent.state, sent.assignee, sent.follow_up) == (State.WAITING, None, LATER)


def test_only_the_assignee_or_a_lead_releases() -> None:
    assert refused(ANAS, Release(BEN)).code == "not_yours"
    assert refused(OPEN, Release(BEN)).code == "not_claimed"
    assert done(ANAS, Release(LEAD, override=True)).assignee is None


def test_an_outdated_release_by_a_lead_does_not_take_away_what_was_claimed_since() -> None:
    bens = ItemState(State.CLAIMED, BEN, version=4)
    answer = refused(bens, Release(LEAD, override=True), seen=2)
    assert answer.code == "stale"
    assert "<@U0BEN> has it now" in answer.text


@pytest.mark.parametrize("outcome", [Outcome.BILLED_TO_PATIENT, Outcome.WRITTEN_OFF, Outcome.NOT_A_DENIAL])
def test_a_final_outcome_resolves(outcome: Outcome) -> None:
    after = done(ANAS, resolve(ANA, outcome, recovered_cents=500))
    assert (after.state, after.outcome, after.recovered_cents) == (State.RESOLVED, outcome, None)


def test_overturned_takes_the_recovered_amount() -> None:
    assert done(ANAS, resolve(ANA, Outcome.OVERTURNED, recovered_cents=500)).recovered_cents == 500
    assert refused(ANAS, resolve(ANA, Outcome.OVERTURNED, recovered_cents=-1)).code == "recovered"


@pytest.mark.parametrize("outcome", [Outcome.APPEALED, Outcome.RESUBMITTED])
def test_what_waits_for_the_payer_needs_a_follow_up_date(outcome: Outcome) -> None:
    after = done(ANAS, resolve(ANA, outcome))
    assert (after.state, after.assignee, after.follow_up) == (State.WAITING, ANA, LATER)
    assert refused(ANAS, Resolve(ANA, outcome)).code == "follow_up"
    assert refused(ANAS, Resolve(ANA, outcome, follow_up=date(2026, 3, 8))).code == "follow_up"


def test_resolving_an_open_item_makes_it_the_persons() -> None:
    assert done(OPEN, resolve(BEN, Outcome.NOT_A_DENIAL)).assignee == BEN
    assert done(OPEN, resolve(BEN, Outcome.APPEALED)).assignee == BEN


def test_nobody_resolves_what_another_person_has() -> None:
    assert refused(ANAS, resolve(BEN, Outcome.NOT_A_DENIAL)).code == "not_yours"
    assert done(ANAS, resolve(LEAD, Outcome.NOT_A_DENIAL, override=True)).assignee == LEAD


def test_a_resolution_filled_in_before_the_item_was_denied_again_is_refused() -> None:
    assert refused(done(ANAS, Repeat()), resolve(ANA, Outcome.WRITTEN_OFF), seen=2).code == "stale"


def test_nothing_is_resolved_twice() -> None:
    resolved = done(ANAS, resolve(ANA, Outcome.WRITTEN_OFF))
    for command in (
        Claim(BEN),
        Release(ANA),
        resolve(ANA, Outcome.OVERTURNED),
        Snooze(ANA, LATER),
        Reassign(LEAD, BEN, override=True),
        HandOff(ANA, "coding", "coders", "wrong team"),
        Wake(ANA),
    ):
        assert refused(resolved, command).code == "resolved"


def test_a_large_write_off_waits_for_a_second_person() -> None:
    asked = done(ANAS, resolve(ANA, Outcome.WRITTEN_OFF, second_person=True))
    assert asked.awaits_approval
    assert refused(asked, resolve(ANA, Outcome.WRITTEN_OFF, second_person=True)).code == "second_person"
    assert refused(asked, resolve(ANA, Outcome.WRITTEN_OFF, second_person=True, override=True)).code == "second_person"
    assert refused(asked, resolve(BEN, Outcome.WRITTEN_OFF, second_person=True)).code == "not_yours"
    agreed = done(asked, resolve(LEAD, Outcome.WRITTEN_OFF, second_person=True, override=True))
    assert (agreed.state, agreed.assignee) == (State.RESOLVED, ANA)


def test_a_declined_write_off_goes_back_to_whoever_asked() -> None:
    asked = done(ANAS, resolve(ANA, Outcome.WRITTEN_OFF, second_person=True))
    assert refused(asked, Decline(BEN)).code == "not_yours"
    after = done(asked, Decline(LEAD, override=True))
    assert (after.state, after.assignee, after.outcome) == (State.CLAIMED, ANA, None)


def test_a_write_off_that_waits_is_withdrawn_by_releasing() -> None:
    asked = done(ANAS, resolve(ANA, Outcome.WRITTEN_OFF, second_person=True))
    after = done(asked, Release(ANA))
    assert (after.state, after.outcome) == (State.OPEN, None)


def test_a_lead_reassigns_and_the_state_stays() -> None:
    assert done(OPEN, Reassign(LEAD, BEN, override=True)).state is State.CLAIMED
    waiting = done(ANAS, resolve(ANA, Outcome.APPEALED))
    after = done(waiting, Reassign(LEAD, BEN, override=True))
    assert (after.state, after.assignee, after.follow_up) == (State.WAITING, BEN, LATER)
    assert refused(ANAS, Reassign(LEAD, ANA, override=True)).code == "no_change"


def test_a_hand_off_leaves_it_open_for_the_other_team() -> None:
    answer = decide(ANAS, HandOff(ANA, "coding", "coders", "belongs to coding"), NOW)
    assert isinstance(answer, Transition)
    assert (answer.after.state, answer.after.assignee) == (State.OPEN, None)
    assert answer.events[0].data["reason"] == "belongs to coding"


def test_a_snoozed_item_wakes_for_whoever_had_it() -> None:
    snoozed = done(ANAS, Snooze(ANA, LATER))
    assert (snoozed.state, snoozed.follow_up) == (State.SNOOZED, LATER)
    woken = done(snoozed, Wake())
    assert (woken.state, woken.assignee, woken.follow_up) == (State.CLAIMED, ANA, None)
    assert done(done(OPEN, Snooze(BEN, LATER)), Wake()).state is State.OPEN


def test_a_payers_follow_up_date_stays_when_the_item_wakes() -> None:
    woken = done(done(ANAS, resolve(ANA, Outcome.APPEALED)), Wake())
    assert (woken.state, woken.follow_up, woken.outcome) == (State.CLAIMED, LATER, Outcome.APPEALED)


def test_an_item_denied_again_comes_back() -> None:
    resolved = done(ANAS, resolve(ANA, Outcome.BILLED_TO_PATIENT))
    assert done(resolved, Repeat()).state is State.OPEN
    waiting = done(ANAS, resolve(ANA, Outcome.APPEALED))
    after = done(waiting, Repeat())
    assert (after.state, after.assignee, after.follow_up) == (State.CLAIMED, ANA, None)


def test_a_payment_settles_an_item_whatever_its_state() -> None:
    for before in (OPEN, ANAS, done(ANAS, resolve(ANA, Outcome.APPEALED)), done(ANAS, Snooze(ANA, LATER))):
        after = done(before, Settle(12_000, full=True))
        assert (after.state, after.outcome, after.recovered_cents) == (State.RESOLVED, Outcome.OVERTURNED, 12_000)
        assert refused(after, Settle(12_000, full=True)).code == "no_change"


def test_a_measured_payment_corrects_what_a_person_reported() -> None:
    reported = done(ANAS, resolve(ANA, Outcome.OVERTURNED, recovered_cents=10_000))
    assert done(reported, Settle(12_000, full=True)).recovered_cents == 12_000


def test_a_partial_payment_leaves_the_item_open_with_the_rest() -> None:
    after = done(done(ANAS, resolve(ANA, Outcome.APPEALED)), Settle(4_000, full=False))
    assert (after.state, after.recovered_cents) == (State.CLAIMED, 4_000)
    assert refused(after, Settle(4_000, full=False)).code == "no_change"


def test_a_reversal_reopens_with_what_is_left_of_the_money() -> None:
    settled = done(ANAS, Settle(12_000, full=True))
    after = done(settled, Reopen(recovered_cents=0))
    assert (after.state, after.assignee, after.outcome, after.recovered_cents) == (State.OPEN, None, None, 0)
    assert refused(ANAS, Reopen(LEAD)).code == "not_resolved"


def test_a_filled_in_resolution_is_checked_field_by_field() -> None:
    today, amount = date(2026, 3, 10), Decimal("120.00")

    def problems(outcome: Outcome, recovered: str | None = None, follow_up: date | None = None) -> set[str]:
        money = Decimal(recovered) if recovered else None
        return set(resolution_problems(outcome, money, follow_up, amount=amount, today=today))

    assert problems(Outcome.OVERTURNED, "120.00") == set()
    assert problems(Outcome.OVERTURNED, "120.01") == {"recovered"}
    assert problems(Outcome.OVERTURNED, "-1") == {"recovered"}
    assert problems(Outcome.OVERTURNED, "NaN") == {"recovered"}
    assert problems(Outcome.WRITTEN_OFF, "999") == set()
    assert problems(Outcome.APPEALED, follow_up=today) == {"follow_up"}
    assert problems(Outcome.APPEALED, follow_up=date(2027, 6, 1)) == {"follow_up"}
    assert problems(Outcome.APPEALED, follow_up=LATER) == set()


users = st.sampled_from([ANA, BEN, LEAD])
days = st.dates(date(2026, 3, 12), date(2026, 12, 31))
flags = st.booleans()
cents = st.integers(0, 50_000)
commands = st.one_of(
    st.builds(Claim, users),
    st.builds(Release, users, flags),
    st.builds(Resolve, users, st.sampled_from(Outcome), st.none() | cents, st.none() | days, flags, flags),
    st.builds(Decline, users, flags),
    st.builds(Reassign, users, users, flags),
    st.builds(HandOff, users, st.just("coding"), st.just("coders"), st.just("wrong team"), flags),
    st.builds(Snooze, users, days, flags),
    st.builds(Wake, st.none() | users, flags),
    st.builds(Reopen, st.none() | users, st.none() | cents),
    st.builds(Repeat),
    st.builds(Settle, cents, flags),
)


@given(st.lists(st.tuples(commands, st.integers(0, 3)), max_size=25))
def test_whatever_happens_an_item_stays_sound_and_its_log_replays_to_it(steps: list[tuple[Command, int]]) -> None:
    state, log = ItemState(), [LogEntry("ingested", {}, 1)]
    for command, behind in steps:
        answer = decide(state, command, NOW, seen=max(1, state.version - behind))
        if isinstance(answer, Refusal):
            assert answer.code
            assert answer.text.endswith(".")
            continue
        assert answer.after.version == state.version + 1
        state = answer.after
        log.extend(answer.events)
        assert replay(log) == state
        if state.state is State.OPEN:
            assert state.assignee is None
        if state.state is State.CLAIMED:
            assert state.assignee is not None
        assert (state.state is State.SNOOZED) <= (state.follow_up is not None)
        assert (state.state is State.RESOLVED) <= (state.outcome is not None and state.follow_up is None)


@given(st.lists(commands, max_size=15), users, st.integers(1, 3))
def test_an_outdated_press_never_takes_an_item_from_anybody(steps: list[Command], user: str, behind: int) -> None:
    state = ItemState()
    for command in steps:
        answer = decide(state, command, NOW)
        state = answer.after if isinstance(answer, Transition) else state
    for command in (Claim(user), Release(user, True), resolve(user, Outcome.NOT_A_DENIAL, override=True)):
        answer = decide(state, command, NOW, seen=state.version - behind)
        if isinstance(answer, Transition):
            assert isinstance(command, Claim)
            assert state.assignee is None
