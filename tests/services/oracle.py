"""What the service levels must say when, worked out anew from their words and a table of business minutes.

Per item it keeps what people did. Asked at a moment, it says whom a sweep must tell what, and what it must leave out.
Times are whole seconds since 1970; nothing of the product's own escalation is used here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.services.office_minutes import OfficeMinutes

PAST = "past the deadline"
SNOOZED, FOLLOW_UP = "snoozed until today", "due for a follow-up with the payer"


@dataclass(frozen=True)
class Level:
    """One service level. `minutes` of business time in a condition, or `days` before the deadline."""

    when: str
    notify: tuple[str, ...]
    words: str
    minutes: int = 0
    days: int | None = None


@dataclass(frozen=True)
class Team:
    """Who is told for a team's items."""

    channel: str
    lead: str
    manager: str
    levels: tuple[Level, ...]
    members: tuple[str, ...]


@dataclass(frozen=True)
class Moment:
    """A level that will be reached if nobody does anything."""

    level: Level
    anchor: int | date
    reached: int  # when its condition holds
    at: int  # when it may be told


@dataclass(frozen=True)
class News:
    """What a sweep must do about an item: pairs of whom to tell and the words, and how many levels to leave out."""

    told: frozenset[tuple[str, str]] = frozenset()
    levels: int = 0
    pointless: int = 0
    woken: bool = False


@dataclass
class Life:
    """One item as people left it."""

    team: Team
    opened: int
    due: date | None
    state: str = "open"
    assignee: str | None = None
    active: int = 0
    follow_up: date | None = None
    appealed: bool = False  # the deadline is met
    heard: set[tuple[str, Level, int | date]] = field(default_factory=set)  # by the channel of the team that was told

    # What people do

    def claim(self, who: str, now: int) -> None:
        if self.state == "snoozed":
            self.follow_up = None
        self.state, self.assignee, self.active = "claimed", who, now

    def release(self, now: int) -> None:
        self.state, self.assignee, self.opened, self.active = "open", None, now, now

    def resolve(self, who: str) -> None:
        self.state, self.assignee, self.follow_up, self.appealed = "resolved", who, None, False

    def send(self, who: str, until: date, appeal: bool) -> None:
        self.state, self.assignee, self.follow_up, self.appealed = "waiting", self.assignee or who, until, appeal

    def snooze(self, until: date) -> None:
        self.state, self.follow_up = "snoozed", until

    def hand_off(self, team: Team, now: int) -> None:
        self.team, self.state, self.assignee, self.follow_up, self.appealed = team, "open", None, None, False
        self.opened = self.active = now

    def wake(self, now: int) -> None:
        if self.state == "snoozed":
            self.follow_up = None
        self.state, self.active = "claimed" if self.assignee else "open", now
        if self.assignee is None:
            self.opened = now

    def reopen(self, now: int) -> None:
        self.state, self.assignee, self.opened, self.active = "open", None, now, now

    def touch(self, now: int) -> None:
        if self.state == "claimed":
            self.active = now

    # What must be told

    def next(self, now: int, office: OfficeMinutes) -> int | None:
        """When a sweep must next do something about it. Nothing may be left that could have been told by `now`."""
        moments = [one.at if one.at > now else self._allowed(one, now, office) for one in self._ahead(office)]
        if self.state in ("snoozed", "waiting") and self.follow_up is not None:
            moments.append(office.opening(max(now, office.midnight(self.follow_up))))
        return min(moments, default=None)

    def sweep(self, now: int, office: OfficeMinutes) -> News:
        """What a sweep at this moment must say, and so has said."""
        told = set[tuple[str, str]]()
        woken = self._wakes(now, office)
        if woken:
            told.add((self.assignee or self.team.channel, SNOOZED if self.state == "snoozed" else FOLLOW_UP))
            self.wake(now)
        ready = [one for one in self._ahead(office) if one.at <= now and self._allowed(one, now, office) == now]
        loud = [one for one in ready if not any(_outdoes(other, one) for other in ready)]
        for one in loud:
            told |= {(whom, self._words(one, now, office)) for whom in self._audience(one.level)}
        self.heard |= {self._known_by(one.level, one.anchor) for one in ready}
        return News(frozenset(told), len(loud), len(ready) - len(loud), woken)

    def _known_by(self, level: Level, anchor: int | date) -> tuple[str, Level, int | date]:
        return self.team.channel, level, anchor

    def _ahead(self, office: OfficeMinutes) -> list[Moment]:
        return [
            one
            for level in self.team.levels
            if (one := self._moment(level, office)) is not None
            and (self.team.channel, level, one.anchor) not in self.heard
        ]

    def _moment(self, level: Level, office: OfficeMinutes) -> Moment | None:
        if level.days is not None:
            if self.due is None or self.appealed or self.state not in ("open", "claimed", "snoozed"):
                return None
            return self._before_deadline(level, level.days, self.due, office)
        if self.state != {"unclaimed": "open"}.get(level.when, level.when):
            return None
        anchor = self.opened if level.when == "unclaimed" else self.active
        at = office.after(anchor, level.minutes)
        return Moment(level, anchor, at, at)

    def _before_deadline(self, level: Level, days: int, due: date, office: OfficeMinutes) -> Moment:
        reached = office.days_before(due, days)
        earliest = max(reached, self.opened)
        at = office.opening(earliest)
        end = office.midnight(due + timedelta(days=1))
        if earliest < end <= at:  # the office stays closed until the deadline
            at = office.by_day(earliest, end)
        return Moment(level, due, reached, at)

    def _allowed(self, one: Moment, now: int, office: OfficeMinutes) -> int:
        """When it may next be told: in business hours, or by day if the office stays closed until the deadline."""
        opening = office.opening(now)
        if isinstance(one.anchor, date):
            end = office.midnight(one.anchor + timedelta(days=1))
            if now < end <= opening:
                return office.by_day(now, end)
        return opening

    def _wakes(self, now: int, office: OfficeMinutes) -> bool:
        rests = self.state in ("snoozed", "waiting") and self.follow_up is not None
        return rests and self.follow_up is not None and office.midnight(self.follow_up) <= now and office.is_open(now)

    def _audience(self, level: Level) -> set[str]:
        people = {
            "owner": self.team.channel,
            "channel": self.team.channel,
            "assignee": self.assignee,
            "lead": self.team.lead,
            "manager": self.team.manager,
        }
        return {whom for word in level.notify if (whom := people[word])} or {self.team.channel}

    def _words(self, one: Moment, now: int, office: OfficeMinutes) -> str:
        late = isinstance(one.anchor, date) and office.local(now).date() > one.anchor
        return PAST if late else one.level.words


def _outdoes(other: Moment, one: Moment) -> bool:
    """Whether another level that is due as well tells the same people something later, and so louder."""
    return (
        (other.level.days is None, other.anchor) == (one.level.days is None, one.anchor)
        and other.reached > one.reached
        and set(other.level.notify) >= set(one.level.notify)
    )
