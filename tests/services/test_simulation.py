"""Weeks and months of work in fast motion: every service level at its business minute, once, and never at night.

What must be told is worked out by `tests/services/oracle.py`, without the product's own calendar or escalation.
`pytest -m long -s tests/services/test_simulation.py` runs a whole year and prints what it found.
"""

from __future__ import annotations

import random
import statistics
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from denials.rules.load import load_rules
from denials.rules.model import RuleSet
from services.desk import Desk
from tests.conftest import FixedClock, FixedRules
from tests.services.office_minutes import OfficeMinutes
from tests.services.oracle import Level, Team
from tests.services.simulated import DAY, HOUR, MINUTE, Outage, Practice, Tally, hasty

NEW_YORK = ZoneInfo("America/New_York")
WEEKDAYS, EVERY_DAY = ("mon", "tue", "wed", "thu", "fri"), ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STANDARD = """
    - {when: unclaimed, after: 4bh, notify: [owner]}
    - {when: unclaimed, after: 1bd, notify: [lead]}
    - {when: claimed, after: 5bd, notify: [assignee]}
    - {when: claimed, after: 10bd, notify: [manager]}
    - {when: open, due_within: 14d, notify: [assignee]}
    - {when: open, due_within: 7d, notify: [assignee, lead]}
    - {when: open, due_within: 3d, notify: [assignee, lead, manager]}
    - {when: open, due_within: 1d, notify: [assignee, lead, manager, channel]}
"""
IMPATIENT = """
    - {when: unclaimed, after: 1bh, notify: [channel]}
    - {when: unclaimed, after: 2bd, notify: [channel, lead]}
    - {when: claimed, after: 9bh, notify: [assignee]}
    - {when: open, due_within: 2d, notify: [lead]}
"""


def standard(day: int) -> tuple[Level, ...]:
    """The service levels above in minutes; `day` is how long the office is open."""
    return (
        Level("unclaimed", ("owner",), "unclaimed for 4 business hours", minutes=240),
        Level("unclaimed", ("lead",), "unclaimed for 1 business day", minutes=day),
        Level("claimed", ("assignee",), "claimed without activity for 5 business days", minutes=5 * day),
        Level("claimed", ("manager",), "claimed without activity for 10 business days", minutes=10 * day),
        Level("open", ("assignee",), "due within 14 days", days=14),
        Level("open", ("assignee", "lead"), "due within 7 days", days=7),
        Level("open", ("assignee", "lead", "manager"), "due within 3 days", days=3),
        Level("open", ("assignee", "lead", "manager", "channel"), "due within 1 day", days=1),
    )


def impatient(day: int) -> tuple[Level, ...]:
    """The other ones, where a later level outdoes an earlier one that is told to fewer."""
    return (
        Level("unclaimed", ("channel",), "unclaimed for 1 business hour", minutes=60),
        Level("unclaimed", ("channel", "lead"), "unclaimed for 2 business days", minutes=2 * day),
        Level("claimed", ("assignee",), "claimed without activity for 9 business hours", minutes=540),
        Level("open", ("lead",), "due within 2 days", days=2),
    )


def teams(day: int) -> dict[str, Team]:
    """Four teams under two leads and one manager, one of them with service levels of its own."""
    return {
        "registration": Team("C0FRONT", "U0LEADA", "U0MANAGER", standard(day), ("U0ANA", "U0BEN", "U0CLEO")),
        "coding": Team("C0CODING", "U0LEADA", "U0MANAGER", standard(day), ("U0DAN", "U0EVE", "U0FAY")),
        "authorization": Team("C0AUTH", "U0LEADB", "U0MANAGER", standard(day), ("U0GIL", "U0HAL")),
        "payer_edit": Team("C0PAYER", "U0LEADB", "U0MANAGER", impatient(day), ("U0IDA", "U0JON")),
    }


def rules_for(office: OfficeMinutes) -> RuleSet:
    """The same practice as a rules file."""
    lines = [
        "version: 1",
        "timezone: America/New_York",
        f"business_hours: {{days: [{', '.join(EVERY_DAY[day] for day in office.days)}],"
        f' open: "{office.opens:%H:%M}", close: "{office.closes:%H:%M}", holidays: US}}',
        "ops_channel: C0OPS",
        "owners:",
        *(
            f"  {name}: {{channel: {team.channel}, members: [{', '.join(team.members)}], lead: {team.lead},"
            f" manager: {team.manager}}}"
            for name, team in teams(office.full_day).items()
        ),
        "categories:",
        *(f"  {name}: {{owner: {name}, escalation: {name}}}" for name in teams(office.full_day)),
        "escalations:",
        f"  standard:{STANDARD}",
        *(f"  {name}:{IMPATIENT if name == 'payer_edit' else STANDARD}" for name in teams(office.full_day)),
    ]
    return load_rules("\n".join(lines))


DAY_OFFICE = (tuple(range(5)), time(8), time(17))
NIGHT_OFFICE = (tuple(range(7)), time(0), time(23))  # open while the clocks are changed


@dataclass(frozen=True)
class Season:
    """How long, in which office, and how much of everything."""

    hours: tuple[tuple[int, ...], time, time]
    first: str
    last: str
    items: int
    outages: int
    untouched: float = 0.15

    @property
    def office(self) -> OfficeMinutes:
        """The office, known until long after the last day: deadlines and service levels lie beyond it."""
        first, last = date.fromisoformat(self.first), date.fromisoformat(self.last)
        days, opens, closes = self.hours
        return OfficeMinutes(NEW_YORK, days, opens, closes, first, last + timedelta(days=200))


AUTUMN = Season(
    DAY_OFFICE, "2026-10-26", "2026-11-29", items=2_000, outages=4, untouched=0.5
)  # clocks go back, two holidays
SPRING = Season(DAY_OFFICE, "2026-02-13", "2026-03-14", items=120, outages=4)  # clocks go forward, one holiday
NIGHTS = Season(NIGHT_OFFICE, "2026-10-30", "2026-11-13", items=200, outages=2)
YEAR = Season(DAY_OFFICE, "2026-02-02", "2027-02-01", items=20_000, outages=30)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("season", [AUTUMN, NIGHTS], ids=["a month", "an office that works at night"])
def test_every_service_level_is_told_once_at_its_business_minute(desk: Desk, clock: FixedClock, season: Season) -> None:
    tell(report(season, simulate(desk, clock, season)))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_tells_the_same(desk: Desk, clock: FixedClock) -> None:
    simulate(desk, clock, SPRING)


@pytest.mark.long
@pytest.mark.timeout(3 * HOUR)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_year_over_twenty_thousand_items(desk: Desk, clock: FixedClock) -> None:
    tell(report(YEAR, simulate(desk, clock, YEAR)))


def tell(text: str) -> None:
    """Print, for those who run it with `-s`."""
    print(text)  # noqa: T201  # the figures are what somebody runs it for


def simulate(desk: Desk, clock: FixedClock, season: Season) -> Tally:
    """Let a season pass; every sweep is checked on the way."""
    office = season.office
    practised = replace(desk, rules_source=FixedRules(rules_for(office)))
    start, end = (office.midnight(date.fromisoformat(day)) for day in (season.first, season.last))
    with hasty(practised):
        practice = Practice(practised, clock, office, teams(office.full_day), seed=835)
        practice.untouched = season.untouched
        practice.prepare(season.items, start, end - 5 * DAY, some_outages(season.outages, start, end))
        tally = practice.run(start, end)
    assert tally.levels > season.items / 2
    assert tally.pointless > 0
    assert tally.woken > 0
    assert tally.outside > 0 or season.items < 1_000, "deadlines on closed days are among them"

    return tally


def some_outages(number: int, start: int, end: int) -> list[Outage]:
    """Minutes, hours and days in which nothing is told, at any time of the day."""
    dice = random.Random(number)
    found = []
    for nth in range(number):
        at = dice.randrange(start + DAY, end - DAY)
        length = (dice.randint(1, 59) * MINUTE, dice.randint(1, 20) * HOUR, dice.randint(1, 4) * DAY)[nth % 3]
        begins = at - at % MINUTE
        found.append(Outage(begins, begins + length + dice.randrange(60) * MINUTE, deaf=dice.random() < 0.5))
    return found


def report(season: Season, tally: Tally) -> str:
    """How often people are disturbed: the figures that the service levels are judged by."""
    days = {day for _, day in tally.messages}
    lines = [
        f"{season.items} items from {season.first} to {season.last}: {sum(tally.messages.values())} reminders"
        f" about {sum(tally.lines.values())} items, {tally.levels} levels told, {tally.pointless} left out as"
        f" pointless, {tally.woken} woken, {tally.outside} reminders outside business hours, {tally.sweeps} sweeps that"
        f" had something to look at",
        f"{'who':<12}{'a day':>8}{'median':>8}{'9 of 10 days':>14}{'most':>6}{'items each':>12}",
    ]
    for whom in sorted({whom for whom, _ in tally.messages}):
        by_day = sorted(tally.messages[whom, day] for day in days)
        told = sum(tally.lines[one] for one in tally.lines if one[0] == whom)
        often = by_day[int(0.9 * (len(by_day) - 1))]
        lines.append(
            f"{whom:<12}{statistics.mean(by_day):>8.1f}{statistics.median(by_day):>8.0f}{often:>14}{by_day[-1]:>6}"
            f"{told / sum(by_day):>12.1f}"
        )
    return "\n".join(lines)
