"""Weeks and a whole year of a team's life: each escalation step at its business minute, none twice, none missed.

What must be told is worked out here anew, from a plain list of opening hours, across holidays and both changes of
daylight-saving time. The clock jumps from one due moment to the next, as it would pass with a sweep in each second.
"""

from __future__ import annotations

import random
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, func, update
from sqlmodel import col, select

from denials.commands import Outcome
from denials.rules.model import RuleSet
from services import work
from services.desk import Desk
from services.people import Actor
from services.sweep import first_escalation, sweep
from services.views import Done
from services.work import Resolution
from store.database import Database
from store.tables import Escalation, Item, Outbox, SlackMessage
from tests.conftest import FixedClock
from tests.services.stock import add_items
from tests.services.teams import ANA, BEN, LEAD, MANAGER, small_practice

NEW_YORK = ZoneInfo("America/New_York")
CLOSED = [  # United States, as observed
    *[date(2026, *day) for day in ((1, 1), (1, 19), (2, 16), (5, 25), (6, 19), (7, 3), (9, 7), (10, 12))],
    *[date(2026, *day) for day in ((11, 11), (11, 26), (12, 25))],
    *[date(2027, *day) for day in ((1, 1), (1, 18), (2, 15))],
]
FILES = (time(7, 40), time(11, 30), time(15, 45), time(20, 10))
HOUR, DAY = 3600, 9 * 3600  # business seconds
TEAM, LEADS = "unclaimed 4bh owner", "unclaimed 1bd lead"
IDLE, FORGOTTEN = "claimed 5bd assignee", "claimed 10bd manager"
NEAR = "open due 7d assignee+lead"


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """SQLite alone: what is told does not depend on the database."""
    path = tmp_path / "denials.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database that need not survive a power cut."""
    opened = Database(database_url)
    event.listen(opened.engine, "connect", lambda made, _: made.execute("PRAGMA synchronous=OFF").close())
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return small_practice()


class Hours:
    """The office's opening hours as a list."""

    def __init__(self, first: date, days: int) -> None:
        every = [first + timedelta(days=n) for n in range(days)]
        self.open = [at(day, time(8)) for day in every if day.weekday() < 5 and day not in CLOSED]
        self.worked = [n * DAY for n in range(len(self.open))]  # business seconds before each opening

    def next_open(self, moment: datetime) -> datetime:
        """The moment itself within hours, else the next opening."""
        place = bisect_right(self.open, moment) - 1
        if place >= 0 and moment < self.open[place] + timedelta(seconds=DAY):
            return moment
        return self.open[place + 1]

    def after(self, start: datetime, seconds: int) -> datetime:
        """When so many business seconds have passed and the office is open."""
        begun = self.next_open(start)
        place = bisect_right(self.open, begun) - 1
        total = self.worked[place] + int((begun - self.open[place]).total_seconds()) + seconds
        day = bisect_right(self.worked, total) - 1
        return self.open[day] + timedelta(seconds=total - self.worked[day])


def at(day: date, clock: time) -> datetime:
    """A local moment, in UTC."""
    return datetime.combine(day, clock, NEW_YORK).astimezone(UTC)


@dataclass
class Life:
    """What happened to one item."""

    opened: datetime
    due: date
    spans: list[tuple[bool, datetime, datetime | None]] = field(default_factory=list)  # claimed?, from, until
    holder: Actor | None = None

    def turn(self, claimed: bool | None, moment: datetime) -> None:
        """It was claimed or released, or (None) resolved."""
        was, start, _ = self.spans[-1]
        self.spans[-1] = (was, start, moment)
        if claimed is not None:
            self.spans.append((claimed, moment, None))

    def steps(self, hours: Hours, until: datetime) -> set[tuple[str, datetime]]:
        """What must have been told by a moment."""
        told = set()
        for claimed, start, end in self.spans:
            plan = ((IDLE, 5 * DAY), (FORGOTTEN, 10 * DAY)) if claimed else ((TEAM, 4 * HOUR), (LEADS, DAY))
            told |= {(key, when) for key, span in plan if (when := hours.after(start, span)) <= (end or until)}
        near = hours.next_open(max(self.opened, at(self.due - timedelta(days=7), time(0))))
        if near <= (self.spans[-1][2] or until):
            told.add((NEAR, near))
        return {(key, when) for key, when in told if when <= until}


class Office:
    """The desk, its clock, and what becomes of the work that comes in."""

    def __init__(self, desk: Desk, clock: FixedClock, seed: int) -> None:
        self.desk, self.clock, self.dice = desk, clock, random.Random(seed)
        self.lives: dict[str, Life] = {}
        self.pings: Counter[tuple[str, date]] = Counter()

    def run(self, first: date, days: int, items: int) -> datetime:
        """So many days from `first`, with so many items; the moment at which it ended."""
        moments: list[tuple[datetime, str]] = []
        for n in range(days):
            day = first + timedelta(days=n)
            moments += [(at(day, clock), "file") for clock in FILES if day.weekday() < 6]
            bursts = sorted(self.dice.sample(range(7 * 60, 19 * 60), 3)) if day.weekday() < 5 else []
            moments += [(at(day, time(*divmod(minute, 60), 30)), "work") for minute in bursts]
        size = -(-items // sum(kind == "file" for _, kind in moments))
        for moment, kind in sorted(moments):
            self.pass_until(moment)
            if kind == "file":
                self.take_in(min(size, items - len(self.lives)))
            else:
                self.work_a_while()
        end = at(first + timedelta(days=days), time(0))
        self.pass_until(end)
        return end

    def pass_until(self, moment: datetime) -> None:
        """Let time pass, sweeping at each moment that something is due."""
        while True:
            with self.desk.db.read() as session:
                due = session.exec(select(func.min(col(Item.next_escalation_at)))).one()
            if due is None or due > moment:
                break
            assert due >= self.clock.at or not self.pings, "what was due was swept in time"
            self.clock.at = max(due, self.clock.at)
            sweep(self.desk)
            self.send()
        self.clock.at = moment

    def send(self) -> None:
        """Everything that waits goes out; reminders are counted by recipient and local day."""
        with self.desk.db.write() as session:
            query = (
                select(SlackMessage.channel)
                .join(Outbox, col(Outbox.message_id) == col(SlackMessage.id))
                .where(SlackMessage.kind == "ping", Outbox.state == "pending")
            )
            for channel in session.exec(query):
                self.pings[channel, self.clock.at.astimezone(NEW_YORK).date()] += 1
            session.execute(update(Outbox).where(col(Outbox.state) == "pending").values(state="sent"))

    def take_in(self, count: int) -> None:
        """A file arrives."""
        now, rules = self.clock.at, self.desk.rules
        due = now.astimezone(NEW_YORK).date() + timedelta(days=self.dice.choice((5, 12, 20, 45)))
        values = {"escalation": "standard", "opened_at": now, "due": due}
        refs = add_items(self.desk, count, **values, next_escalation_at=first_escalation(rules, values, now))
        self.lives |= {ref: Life(now, due, [(False, now, None)]) for ref in refs}

    def work_a_while(self) -> None:
        """Somebody claims some of what is free, gives some back and resolves some."""
        who = self.dice.choice((ANA, BEN))
        open_ones = [ref for ref, life in self.lives.items() if life.spans[-1][2] is None]
        free = [ref for ref in open_ones if self.lives[ref].holder is None]
        mine = [ref for ref in open_ones if self.lives[ref].holder == who]
        for ref in self.dice.sample(free, min(len(free), 1 + len(free) // 60)):
            assert isinstance(work.claim(self.desk, ref, None, who, card=False), Done)
            self.lives[ref].turn(True, self.clock.at)
            self.lives[ref].holder = who
        for ref in self.dice.sample(mine, min(len(mine), 1 + len(mine) // 15)):
            back = self.dice.random() < 0.2
            change = work.release(self.desk, ref, None, who) if back else self.resolved(ref, who)
            assert isinstance(change, Done)
            self.lives[ref].turn(False if back else None, self.clock.at)
            self.lives[ref].holder = None

    def resolved(self, ref: str, who: Actor) -> object:
        return work.resolve(self.desk, ref, None, who, Resolution(Outcome.BILLED_TO_PATIENT), card=False)


def check(office: Office, first: date, days: int, end: datetime) -> None:
    """What was told is what had to be told."""
    hours = Hours(first - timedelta(days=1), days + 60)
    with office.desk.db.read() as session:
        query = select(Item.ref, Escalation.step, Escalation.at, Escalation.pinged).join(
            Item, col(Item.id) == col(Escalation.item_id)
        )
        rows = list(session.exec(query))
    told = Counter((ref, step, moment) for ref, step, moment, pinged in rows if pinged)
    must = {(ref, step, moment) for ref, life in office.lives.items() for step, moment in life.steps(hours, end)}
    assert not must - told.keys(), f"missed: {sorted(must - told.keys())[:3]}"
    assert not told.keys() - must, f"told without need or at another time: {sorted(told.keys() - must)[:3]}"
    assert max(told.values()) == 1, "told twice"
    assert {step for _, step, _ in told} == {TEAM, LEADS, IDLE, FORGOTTEN, NEAR}, "every kind of step happened"
    assert all(hours.next_open(moment) == moment for _, _, moment in told), "nobody is told anything outside hours"


def report(office: Office) -> str:
    """How many reminders each recipient had on a day."""
    lines = []
    for who in ("C0FRONT", ANA.user, BEN.user, LEAD.user, MANAGER.user):
        per_day = sorted(count for (channel, _), count in office.pings.items() if channel == who)
        if per_day:
            mean = sum(per_day) / len(per_day)
            lines.append(f"{who}: {len(per_day)} days with reminders, {mean:.1f} on average, {per_day[-1]} at most")
    return "\n".join(lines)


@pytest.mark.timeout(600)  # machines may be busy
def test_a_month_of_reminders_comes_to_the_minute(desk: Desk, clock: FixedClock) -> None:
    """Presidents' Day and the beginning of daylight-saving time are in it."""
    first, days = date(2026, 2, 12), 30
    clock.at = at(first, time(0))
    office = Office(desk, clock, seed=1)
    end = office.run(first, days, 2_000)
    check(office, first, days, end)
    sys.stdout.write(report(office))  # shown with -s


@pytest.mark.long
@pytest.mark.timeout(3_600)
def test_a_year_of_reminders_comes_to_the_minute(desk: Desk, clock: FixedClock) -> None:
    """All holidays and both changes of the clocks."""
    first, days = date(2026, 1, 12), 365
    clock.at = at(first, time(0))
    office = Office(desk, clock, seed=2)
    end = office.run(first, days, 20_000)
    check(office, first, days, end)
    sys.stdout.write(report(office))  # shown with -s
