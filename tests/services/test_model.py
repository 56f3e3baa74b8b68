"""Random people do random things at random times, with stale clicks and duplicates; the books must stay right.

After every step each item is in exactly one state with at most one person, its log replays to its row, and what a
person was told (done, or refused) is what happened.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import SQLModel

from denials.commands import Outcome, State
from denials.lifecycle import LogEntry, replay
from denials.reasons import HandOffReason
from denials.rules.model import RuleSet
from services import delivery, escalate, moves, notes, reveal, work
from services.desk import Desk
from services.digest import compose_due
from services.items import state_of
from services.people import Actor, is_lead, may_work
from services.sweep import sweep
from services.views import Card, Done, Ping, Refused, WorkList
from services.work import Resolution
from store import items
from store.tables import Item
from tests.conftest import FixedClock
from tests.services.stock import add_items, gather, get
from tests.services.teams import ADMIN, ANA, BEN, LEAD, MANAGER, STRANGER, small_practice

OTHERS = (ADMIN, STRANGER, Actor("U0GUEST", guest=True), Actor("U0FAR", outsider=True))

people = st.sampled_from((ANA, ANA, BEN, BEN, LEAD, LEAD, MANAGER, *OTHERS))  # mostly those whose work it is
which = st.integers(0, 1)
behind = st.sampled_from([0, 0, 0, 1, 2, 5])  # how many versions a click is late
reasons = st.sampled_from(list(HandOffReason))


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return small_practice()


class Practice(RuleBasedStateMachine):
    """Two items, eight people, one clock."""

    desk: Desk
    clock: FixedClock

    @initialize(dear=st.booleans())
    def begin(self, dear: bool) -> None:
        cents = 90_000 if dear else 20_000  # above or below the limit for write-offs by one person
        self.clock.at = FixedClock().at
        self.refs = add_items(self.desk, 2, amount_cents=cents, due=self.desk.today() + timedelta(days=9))
        self.pings: list[str] = []
        gather(self.desk, self.refs)
        compose_due(self.desk)

    def press(
        self, number: int, late: int, who: Actor, command: Callable[[str, int], Done | Refused]
    ) -> Done | Refused:
        """A click on a button drawn some versions ago, and what it must have done."""
        ref = self.refs[number]
        before = get(self.desk, ref)
        drawn = max(1, before.version - late)
        answer = command(ref, drawn)
        after = get(self.desk, ref)
        if isinstance(answer, Done):
            assert may_work(self.desk.rules, before.owner, who), "nobody works what is not theirs"
            assert after.version == before.version + 1
            assert answer.item.version == after.version
            assert (answer.item.state, answer.item.assignee) == (after.state, after.assignee)
            free = before.assignee is None and after.assignee == who.user
            assert free or not self.changed_by_others(ref, drawn, before.version, who), "a late click undid work"
        else:
            assert after == before, f"refused as {answer.code}, yet changed"
            assert answer.text.strip()
        return answer

    def changed_by_others(self, ref: str, drawn: int, version: int, who: Actor) -> bool:
        """Whether anybody else has changed an item since a button was drawn."""
        with self.desk.db.read() as session:
            log = items.events_of(session, get(self.desk, ref).id or 0)
        return any(drawn < one.version <= version and one.actor != who.user for one in log)

    @rule(number=which, late=behind, who=people)
    def claim(self, number: int, late: int, who: Actor) -> None:
        taken = get(self.desk, self.refs[number]).assignee
        answer = self.press(number, late, who, lambda ref, version: work.claim(self.desk, ref, version, who))
        if isinstance(answer, Done):
            assert taken is None
            assert answer.item.assignee == who.user

    @rule(number=which, who=people)
    def claim_twice_at_once(self, number: int, who: Actor) -> None:
        version = get(self.desk, self.refs[number]).version
        work.claim(self.desk, self.refs[number], version, who)
        assert isinstance(work.claim(self.desk, self.refs[number], version, who), Refused)

    @rule(number=which, late=behind, who=people)
    def release(self, number: int, late: int, who: Actor) -> None:
        holder = get(self.desk, self.refs[number])
        answer = self.press(number, late, who, lambda ref, version: work.release(self.desk, ref, version, who))
        if isinstance(answer, Done):
            assert holder.assignee == who.user or is_lead(self.desk.rules, holder.owner, who.user)

    @rule(
        number=which,
        late=behind,
        who=people,
        outcome=st.sampled_from(list(Outcome)),
        dollars=st.none() | st.integers(0, 200),
    )
    def resolve(self, number: int, late: int, who: Actor, outcome: Outcome, dollars: int | None) -> None:
        answer = Resolution(outcome, None if dollars is None else Decimal(dollars), note="as agreed")
        asked = get(self.desk, self.refs[number])
        came = self.press(number, late, who, lambda ref, version: work.resolve(self.desk, ref, version, who, answer))
        if isinstance(came, Done) and came.item.state is State.RESOLVED and outcome is Outcome.WRITTEN_OFF:
            second = state_of(asked).awaits_approval
            assert asked.amount_cents <= 50_000 or (second and asked.assignee != who.user), "two people for that much"

    @rule(number=which, late=behind, who=people)
    def decline(self, number: int, late: int, who: Actor) -> None:
        self.press(number, late, who, lambda ref, version: work.decline_write_off(self.desk, ref, version, who))

    @rule(number=which, late=behind, who=people, category=st.sampled_from(["coding", "registration"]), why=reasons)
    def hand_off(self, number: int, late: int, who: Actor, category: str, why: HandOffReason) -> None:
        to = moves.Destination(category, why)
        answer = self.press(number, late, who, lambda ref, version: moves.hand_off(self.desk, ref, version, who, to))
        if isinstance(answer, Done):
            assert (answer.item.category, answer.item.assignee) == (category, None)

    @rule(number=which, late=behind, who=people, to=people)
    def reassign(self, number: int, late: int, who: Actor, to: Actor) -> None:
        owner = get(self.desk, self.refs[number]).owner
        answer = self.press(number, late, who, lambda ref, version: moves.reassign(self.desk, ref, version, who, to))
        if isinstance(answer, Done):
            assert is_lead(self.desk.rules, owner, who.user)

    @rule(number=which, late=behind, who=people, days=st.none() | st.integers(-1, 5))
    def snooze(self, number: int, late: int, who: Actor, days: int | None) -> None:
        until = None if days is None else self.desk.today() + timedelta(days=days)
        self.press(number, late, who, lambda ref, version: moves.snooze(self.desk, ref, version, who, until))

    @rule(number=which, late=behind, who=people)
    def wake(self, number: int, late: int, who: Actor) -> None:
        self.press(number, late, who, lambda ref, version: moves.wake(self.desk, ref, version, who))

    @rule(number=which, late=behind, who=people)
    def reopen(self, number: int, late: int, who: Actor) -> None:
        self.press(number, late, who, lambda ref, version: moves.reopen(self.desk, ref, version, who))

    @rule(number=which, who=people)
    def escalate_and_note(self, number: int, who: Actor) -> None:
        ref = self.refs[number]
        before = state_of(get(self.desk, ref))
        escalate.escalate_now(self.desk, ref, before.version, who)
        notes.short_note(self.desk, ref, who, "called")
        after = state_of(get(self.desk, ref))
        assert (before.state, before.assignee) == (after.state, after.assignee)

    @rule(number=which, who=people)
    def ask_for_the_claim_number(self, number: int, who: Actor) -> None:
        item = get(self.desk, self.refs[number])
        team = self.desk.rules.owners[item.owner or ""]
        entitled = who.user in (item.assignee, team.lead, team.manager) and not who.guest and not who.outsider
        assert isinstance(reveal.make_link(self.desk, item.ref, who), reveal.Link) == entitled

    @rule(who=people, nth=st.integers(0, 9))
    def acknowledge(self, who: Actor, nth: int) -> None:
        if self.pings:
            escalate.acknowledge(self.desk, self.pings[nth % len(self.pings)], who)

    @rule(hours=st.sampled_from([1, 5, 26, 24 * 8, 24 * 31]))
    def time_passes(self, hours: int) -> None:
        self.clock.forward(hours=hours)
        sweep(self.desk)

    @rule()
    def slack_is_told(self) -> None:
        """Everything that waits is sent, and what is shown then is the truth."""
        while taken := delivery.take(self.desk, "w", limit=20):
            for send in taken:
                shown = delivery.content(self.desk, send)
                if send.op == "post":
                    delivery.posted(self.desk, send, send.channel, f"1.{send.message_id[:8]}")
                else:
                    delivery.updated(self.desk, send)
                match shown:
                    case Card():
                        self.is_true(shown.item.ref, shown.item.state, shown.item.assignee)
                    case WorkList():
                        for one in shown.items:
                            self.is_true(one.ref, one.state, one.assignee)
                    case Ping():
                        self.pings.append(shown.message_id)

    def is_true(self, ref: str, state: State, assignee: str | None) -> None:
        row = get(self.desk, ref)
        assert (str(state), assignee) == (row.state, row.assignee)

    @invariant()
    def the_books_are_right(self) -> None:
        if not hasattr(self, "refs"):
            return
        with self.desk.db.read() as session:
            for ref in self.refs:
                item = items.by_ref(session, ref)
                assert item is not None
                log = items.events_of(session, item.id or 0)
                entries = [LogEntry(one.kind, json.loads(one.data), one.version) for one in log]
                assert replay(entries) == state_of(item)
                assert [one.at for one in log] == sorted(one.at for one in log)
                one_state(item, self.desk.today())

    def teardown(self) -> None:
        """The next example begins with an empty database."""
        with self.desk.db.write() as session:
            for table in reversed(SQLModel.metadata.sorted_tables):
                if table.name != "meta":
                    session.execute(table.delete())


def one_state(item: Item, today: date) -> None:
    """What must hold of an item in each state."""
    match State(item.state):
        case State.OPEN:
            assert item.assignee is None
            assert item.resolved_at is None
        case State.CLAIMED:
            assert item.assignee is not None
            assert item.claimed_at is not None
        case State.SNOOZED:
            assert item.follow_up is not None
        case State.WAITING:
            assert item.outcome is not None
            assert (item.follow_up is None) == (item.outcome == Outcome.WRITTEN_OFF)
        case State.RESOLVED:
            assert item.outcome is not None
            assert item.resolved_at is not None
            assert item.next_escalation_at is None
    assert (item.written_off_cents is not None) == (item.state == "resolved" and item.outcome == Outcome.WRITTEN_OFF)


def test_whatever_people_do_the_books_stay_right(desk: Desk, clock: FixedClock) -> None:
    class Here(Practice):
        pass

    Here.desk, Here.clock = desk, clock
    quick = settings(
        max_examples=8,
        stateful_step_count=40,
        phases=[Phase.generate],  # making a failure shorter would take longer than a test may
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Here, settings=quick)
