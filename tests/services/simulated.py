"""A practice in fast motion: files come in, people work at random, sweeps run every minute; each one is checked.

A minute in which neither the oracle nor the database has anything due is passed over, since a sweep would end after
asking the database just that. So the checks are as sharp as a sweep in every single minute.
"""

from __future__ import annotations

import gc
import heapq
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import event, func, select, update
from sqlmodel import col

from denials.commands import Outcome
from denials.reasons import HandOffReason
from services import escalate, moves, work
from services.desk import Desk
from services.moves import Destination
from services.people import Actor
from services.sweep import first_escalation, sweep
from services.views import Done
from services.work import Resolution
from store.tables import Escalation, Item, MessageItem, Outbox, SlackMessage
from tests.conftest import FixedClock
from tests.services.office_minutes import OfficeMinutes
from tests.services.oracle import Life, Team
from tests.services.stock import add_items

MINUTE, HOUR, DAY = 60, 3600, 86400
Told = dict[str, dict[str, set[str]]]  # channel or person → reference → words

_NEXT = select(func.min(col(Item.next_escalation_at)))
_WAITING = (
    select(col(SlackMessage.id), col(SlackMessage.channel), col(SlackMessage.data))
    .join(Outbox, col(Outbox.message_id) == col(SlackMessage.id))
    .where(col(SlackMessage.kind) == "ping", col(Outbox.op) == "post", col(Outbox.state) == "pending")
)
_FINAL = (Outcome.OVERTURNED, Outcome.BILLED_TO_PATIENT, Outcome.WRITTEN_OFF, Outcome.NOT_A_DENIAL)


@dataclass(frozen=True)
class Outage:
    """No sweep runs. `deaf`: nobody can do anything either and files wait; else only the clock's part stands still."""

    start: int
    end: int
    deaf: bool


@dataclass
class Tally:
    """What happened, for the report."""

    sweeps: int = 0
    idle: int = 0  # sweeps that found nothing to tell
    actions: Counter[str] = field(default_factory=Counter)
    messages: Counter[tuple[str, date]] = field(default_factory=Counter)
    lines: Counter[tuple[str, date]] = field(default_factory=Counter)
    levels: int = 0
    pointless: int = 0
    woken: int = 0
    outside: int = 0


@dataclass
class Ping:
    """A message that was handed to the sender."""

    id: str
    refs: list[str]


class Practice:
    """The product's services on one side, the oracle on the other, and people who do the same to both."""

    def __init__(self, desk: Desk, clock: FixedClock, office: OfficeMinutes, teams: dict[str, Team], seed: int) -> None:
        self.desk, self.clock, self.office, self.teams = desk, clock, office, teams
        self.untouched = 0.15  # the part of the open items that nobody takes up
        self.dice = random.Random(seed)
        self.lives: dict[str, Life] = {}
        self.tally = Tally()
        self.outages: list[Outage] = []
        self._events: list[tuple[int, int, tuple[Any, ...]]] = []
        self._moments: list[tuple[int, int, str]] = []
        self._latest: dict[str, int] = {}  # the entry of `_moments` that counts for an item
        self._planned: dict[str, int] = {}  # likewise for what somebody means to do to it
        self._numbers = count()
        self._swept = 0

    # The plan

    def prepare(self, items: int, start: int, end: int, outages: Sequence[Outage], *, per_file: int = 20) -> None:
        """Files with so many items over a time, and the outages."""
        self.outages = list(outages)
        left = items
        while left > 0:
            size = min(left, self.dice.randint(1, 2 * per_file - 1))
            at = self.dice.randrange(start, end)
            if self.dice.random() < 0.85:
                at = self.office.opening(at)
            self._add(at + self.dice.choice((0, 0, 17)), "file", size)
            left -= size

    def run(self, start: int, end: int) -> Tally:
        """Let the time pass."""
        self._swept = start - MINUTE
        self._sweep(start)  # an empty database; the sweep learns which service levels hold
        while True:
            due = self._next_sweep()
            what = self._events[0][0] if self._events else end
            if min(due, what) >= end:
                break
            if what <= due:
                at, _, event = heapq.heappop(self._events)
                self._happen(at, event)
            else:
                self._sweep(due)
        self._sweep(end)
        self._settle(end)
        return self.tally

    def _add(self, at: int, *event: Any) -> int:
        number = next(self._numbers)
        heapq.heappush(self._events, (at, number, event))
        return number

    def _next_sweep(self) -> int:
        """The first minute in which the oracle or the database has something due."""
        while self._moments and self._latest.get(self._moments[0][2]) != self._moments[0][1]:
            heapq.heappop(self._moments)
        known = [self._moments[0][0]] if self._moments else []
        with self.desk.db.engine.connect() as connection:
            stored = connection.execute(_NEXT).scalar_one()
        if stored is not None:
            known.append(int(stored.timestamp()))
        at = max(min(known, default=1 << 40), self._swept + MINUTE, int(self.clock.at.timestamp()))
        at += -at % MINUTE
        return next((one.end for one in self.outages if one.start <= at < one.end), at)

    def _note(self, ref: str, now: int) -> None:
        """Keep when the oracle wants to look at an item next."""
        moment, number = self.lives[ref].next(now, self.office), next(self._numbers)
        self._latest[ref] = number
        if moment is not None:
            heapq.heappush(self._moments, (moment, number, ref))

    # What happens

    def _happen(self, at: int, event: tuple[Any, ...]) -> None:
        deaf = next((one for one in self.outages if one.deaf and one.start <= at < one.end), None)
        if deaf is not None:
            number = self._add(deaf.end + self.dice.randrange(2 * HOUR), *event)
            if event[0] == "do":
                self._planned[event[1]] = number
            return
        self.clock.at = datetime.fromtimestamp(at, UTC)
        match event:
            case ("file", size):
                self._take_in(size, at)
            case ("do", ref):
                if event[1] in self._planned:
                    self._do(ref, at)
            case ("acknowledge", message_id, refs, who):
                self._acknowledge(message_id, refs, who, at)

    def _take_in(self, size: int, now: int) -> None:
        name = self.dice.choice(list(self.teams))
        plain = {
            "owner": name,
            "category": name,
            "first_category": name,
            "escalation": name,
            "due": self._some_deadline(),
            "opened_at": self.clock.now(),
        }
        first = first_escalation(self.desk.rules, plain, self.clock.now())
        for ref in add_items(self.desk, size, **plain, next_escalation_at=first):
            self.lives[ref] = Life(self.teams[name], opened=now, due=plain["due"], active=now)  # type: ignore[arg-type]  # one dict, many types
            self._note(ref, now)
            self._plan(ref, now)
        self.tally.actions["file"] += 1

    def _some_deadline(self) -> date | None:
        today = self.office.local(int(self.clock.now().timestamp())).date()
        draw = self.dice.random()
        if draw < 0.05:
            return None
        days = self.dice.randint(-3, 16) if draw < 0.4 else self.dice.choice((27, 41, 57, 87, 177))
        return today + timedelta(days=days)

    def _plan(self, ref: str, now: int) -> None:
        """When somebody does something to an item next; never, for some."""
        life = self.lives[ref]
        never = {"open": self.untouched, "claimed": 0.2, "waiting": 0.7, "snoozed": 0.7, "resolved": 0.97}[life.state]
        usual = {"open": 5, "claimed": 25, "waiting": 60, "snoozed": 20, "resolved": 90}[life.state]  # business hours
        self._planned.pop(ref, None)
        if self.dice.random() < never:
            return
        if self.dice.random() < 0.07:
            at = now + self.dice.randrange(MINUTE, 4 * DAY)  # some work at night
        else:  # most sit down to it now and then, and do several
            at = self.office.after(now, int(self.dice.expovariate(1 / (usual * 60))) + 1)
            at += -at % (30 * MINUTE) if self.dice.random() < 0.8 else self.dice.choice((0, 0, 41))
        self._planned[ref] = self._add(at, "do", ref)

    def _do(self, ref: str, now: int) -> None:
        life = self.lives[ref]
        who = life.assignee or self.dice.choice(life.team.members)
        choices = {
            "open": (("claim", 72), ("resolve", 8), ("send", 8), ("snooze", 6), ("hand_off", 6)),
            "claimed": (("release", 12), ("resolve", 46), ("send", 22), ("snooze", 14), ("hand_off", 6)),
            "waiting": (("resolve", 70), ("wake", 30)),
            "snoozed": (("claim" if life.assignee is None else "wake", 60), ("resolve", 40)),
            "resolved": (("reopen", 1),),
        }[life.state]
        [what] = self.dice.choices([name for name, _ in choices], [weight for _, weight in choices])
        answer = getattr(self, f"_{what}")(ref, life, who, now)
        assert isinstance(answer, Done), f"{what}: {answer}"
        self.tally.actions[what] += 1
        self._note(ref, now)
        self._plan(ref, now)

    def _claim(self, ref: str, life: Life, who: str, now: int) -> object:
        life.claim(who, now)
        return work.claim(self.desk, ref, None, Actor(who), card=False)

    def _release(self, ref: str, life: Life, who: str, now: int) -> object:
        life.release(now)
        return work.release(self.desk, ref, None, Actor(who))

    def _resolve(self, ref: str, life: Life, who: str, now: int) -> object:
        life.resolve(who)
        return work.resolve(self.desk, ref, None, Actor(who), Resolution(self.dice.choice(_FINAL)), card=False)

    def _send(self, ref: str, life: Life, who: str, now: int) -> object:
        outcome = self.dice.choice((Outcome.APPEALED, Outcome.RESUBMITTED))
        until = self._some_day(now, 45)
        life.send(who, until, outcome is Outcome.APPEALED)
        return work.resolve(self.desk, ref, None, Actor(who), Resolution(outcome, follow_up=until), card=False)

    def _hand_off(self, ref: str, life: Life, who: str, now: int) -> object:
        name = self.dice.choice([name for name, team in self.teams.items() if team is not life.team])
        life.hand_off(self.teams[name], now)
        return moves.hand_off(self.desk, ref, None, Actor(who), Destination(name, HandOffReason.NOT_OURS))

    def _snooze(self, ref: str, life: Life, who: str, now: int) -> object:
        until = self._some_day(now, 14)
        life.snooze(until)
        return moves.snooze(self.desk, ref, None, Actor(who), until)

    def _wake(self, ref: str, life: Life, who: str, now: int) -> object:
        life.wake(now)
        return moves.wake(self.desk, ref, None, Actor(who))

    def _reopen(self, ref: str, life: Life, who: str, now: int) -> object:
        life.reopen(now)
        return moves.reopen(self.desk, ref, None, Actor(who))

    def _some_day(self, now: int, most: int) -> date:
        return self.office.local(now).date() + timedelta(days=self.dice.randint(1, most))

    def _acknowledge(self, message_id: str, refs: list[str], who: str, now: int) -> None:
        answer = escalate.acknowledge(self.desk, message_id, Actor(who))
        assert isinstance(answer, escalate.Acknowledged), answer
        self.tally.actions["acknowledge"] += 1
        for ref in refs:
            if self.lives[ref].assignee == who:
                self.lives[ref].touch(now)
                self._note(ref, now)

    # What is told

    def _sweep(self, now: int) -> None:
        """One sweep, and exactly what it had to say."""
        self.clock.at, self._swept = datetime.fromtimestamp(now, UTC), now
        expected: Told = defaultdict(dict)
        looked_at, quiet = [], not self.office.is_open(now)
        while self._moments and self._moments[0][0] <= now:
            _, number, ref = heapq.heappop(self._moments)
            if self._latest.get(ref) != number:
                continue
            looked_at.append(ref)
            before = self.lives[ref].state
            news = self.lives[ref].sweep(now, self.office)
            self.tally.levels += news.levels
            self.tally.pointless += news.pointless
            self.tally.woken += news.woken
            for whom, words in news.told:
                expected[whom].setdefault(ref, set()).add(words)
            if self.lives[ref].state != before:
                self._plan(ref, now)
        sweep(self.desk)
        pings, said = self._sent()
        here = self.office.local(now)
        assert said == expected, f"a sweep at {here}: {_difference(said, expected)}"
        for ref in looked_at:
            self._note(ref, now)
        self.tally.sweeps += 1
        self.tally.idle += not said
        self.tally.outside += len(said) if quiet else 0
        for whom, items in sorted(said.items()):
            assert not quiet or all(self._closes_before(ref, now) for ref in items), f"disturbed {whom} at {here}"
            self.tally.messages[whom, here.date()] += 1
            self.tally.lines[whom, here.date()] += len(items)
            if whom.startswith("U") and self.dice.random() < 0.3:
                after = self.office.after(now, self.dice.randint(1, 240))
                self._add(after, "acknowledge", pings[whom].id, pings[whom].refs, whom)

    def _closes_before(self, ref: str, now: int) -> bool:
        """Whether an item's deadline passes before the office opens again."""
        due = self.lives[ref].due
        return due is not None and now < self.office.midnight(due + timedelta(days=1)) <= self.office.opening(now)

    def _sent(self) -> tuple[dict[str, Ping], Told]:
        """The reminders that wait for the sender, and what they say; they count as sent from now on."""
        pings: dict[str, Ping] = {}
        said: Told = {}
        with self.desk.db.write() as session:
            for message_id, channel, data in session.execute(_WAITING):
                assert channel not in said, f"two messages at once for {channel}"
                listed = select(col(Item.ref)).join(MessageItem, col(MessageItem.item_id) == col(Item.id))
                refs = session.execute(listed.where(col(MessageItem.message_id) == message_id)).scalars().all()
                causes = json.loads(data)["causes"]
                assert sorted(refs) == sorted(causes)
                said[channel] = {ref: set(reasons.values()) for ref, reasons in causes.items()}
                pings[channel] = Ping(message_id, list(refs))
            if said:
                session.execute(update(Outbox).where(col(Outbox.state) == "pending").values(state="sent"))
        return pings, said

    # What is left

    def _settle(self, end: int) -> None:
        """Rows and lives agree, every level is written down once, and nothing has been left out."""
        for ref, life in self.lives.items():
            moment = life.next(end, self.office)
            assert moment is None or moment > end, f"{ref} should have been told"
        with self.desk.db.read() as session:
            rows = session.execute(
                select(col(Item.ref), col(Item.state), col(Item.assignee), col(Item.follow_up))
            ).all()
            pinged = session.execute(
                select(col(Escalation.pinged), func.count()).group_by(col(Escalation.pinged))
            ).all()
        stored = {ref: (state, assignee, follow_up) for ref, state, assignee, follow_up in rows}
        assert stored == {ref: (one.state, one.assignee, one.follow_up) for ref, one in self.lives.items()}
        assert Counter(dict(pinged)) == Counter({True: self.tally.levels, False: self.tally.pointless})


def _difference(said: Told, expected: Told) -> str:
    """The first recipient about whom the two do not agree."""
    for whom in sorted({*said, *expected}):
        one, other = said.get(whom, {}), expected.get(whom, {})
        for ref in sorted({*one, *other}):
            if one.get(ref) != other.get(ref):
                return f"{whom} about {ref}: said {one.get(ref)}, expected {other.get(ref)}"
    return "nothing"


@contextmanager
def hasty(desk: Desk) -> Iterator[None]:
    """Let SQLite not wait for the disk, as a power cut may lose a test, and look for garbage less often."""

    def prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    if desk.db.is_sqlite:
        event.listen(desk.db.engine, "connect", prepare)
        desk.db.dispose()
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
