"""What a valid rules file says, as frozen dataclasses. `load_rules` makes them; nothing else does.

Times of day are local to `RuleSet.timezone`; money is `Decimal` dollars; limits are calendar days.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Literal, cast
from zoneinfo import ZoneInfo

from denials.errors import RulesError
from denials.model import Preventable, Sensitive
from denials.prevention import DIMENSIONS
from denials.rules.labels import UNLISTED_PAYER, glob_matches, safe_label

SHIPPED_CATEGORIES = (
    "registration",
    "eligibility",
    "authorization",
    "coding",
    "documentation",
    "payer_edit",
    "follow_up",
)
UNCLASSIFIED = "unclassified"
STANDARD = "standard"

Unit = Literal["s", "m", "h", "d", "bh", "bd"]
When = Literal["unclaimed", "claimed", "open"]
Confidence = Literal["high", "medium", "low", "assumed"]
_DURATION = re.compile(r"([0-9]{1,5})(s|m|h|d|bh|bd)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake in a rules file, line and column from 1; `path` is like `owners.front_desk.channel`."""

    line: int
    column: int
    message: str
    path: str = ""
    severity: Literal["error", "warning"] = "error"


class RulesFileError(RulesError):
    """The rules file has errors; `findings` lists every one (and the warnings), in the order of the file."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        errors = [finding for finding in findings if finding.severity == "error"]
        first = errors[0]
        where = f"{first.path}: " if first.path else ""
        rest = len(errors) - 1
        more = f" (and {rest} more; `denials rules check` lists all)" if rest else ""
        super().__init__(f"rules file, line {first.line}, column {first.column}: {where}{first.message}{more}")
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Duration:
    """A whole number and a unit; `bh` and `bd` are business time, which needs business hours."""

    count: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Duration:
        """`4bh`, `2m`, `14d`. Raises ValueError for anything else."""
        found = _DURATION.fullmatch(text.strip())
        if found is None:
            raise ValueError("a duration is a whole number and one of s, m, h, d, bh, bd, such as 4bh or 14d")
        return cls(int(found[1]), cast(Unit, found[2]))

    @property
    def business(self) -> bool:
        """Whether it counts business time."""
        return self.unit in ("bh", "bd")

    def calendar(self) -> timedelta:
        """The length in calendar time. Raises ValueError for business time."""
        if self.business:
            raise ValueError("business time has no calendar length")
        return timedelta(seconds=self.count * _SECONDS[self.unit])

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """When work happens. `days` are 0 (Monday) to 6; holidays are codes ("US", "US-NY") and single dates."""

    days: frozenset[int] = frozenset(range(5))
    open: time = time(8)
    close: time = time(17)
    holidays: tuple[str, ...] = ("US",)
    closed_on: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Digest:
    """How files taken close together become one summary per channel: this many cards, the rest in lists."""

    cards: int = 3
    gather: timedelta = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class ReportTime:
    """When the weekly report goes out: day 0 (Monday) to 6, local time."""

    day: int = 0
    at: time = time(8)


@dataclass(frozen=True, slots=True)
class Label:
    """A text that may be shown for names that a glob matches."""

    glob: str
    label: str


@dataclass(frozen=True, slots=True)
class Owner:
    """A team. `members` empty means anyone in the channel may claim and resolve. A user group may stand for people."""

    name: str
    title: str
    channel: str
    group: str | None = None
    members: tuple[str, ...] = ()
    lead: str | None = None
    manager: str | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A pattern of denials. `owner` None: the file does not list it, so `ops_channel` gets it."""

    name: str
    title: str
    owner: str | None
    handoff: str
    preventable: Preventable
    next_step: str
    escalation: str


@dataclass(frozen=True, slots=True)
class HandOff:
    """Where denials start, and the owner who hears of repeats (None: the category's owner)."""

    name: str
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a policy, with exactly one of `after` (time in the state `when`) and `due_within`.

    `notify` holds owner, assignee, lead, manager, channel, or an id or #name as written.
    """

    when: When
    notify: tuple[str, ...]
    after: Duration | None = None
    due_within: Duration | None = None


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """One row of `deadlines`: conditions (empty matches all) and limits in days."""

    payer: tuple[str, ...] = ()
    payer_id: tuple[str, ...] = ()
    filing_indicator: tuple[str, ...] = ()
    appeal_days: int | None = None
    filing_days: int | None = None
    confidence: Confidence = "assumed"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """The conditions of a rule: all must hold, each holds when one of its values does; empty matches all."""

    payer: tuple[str, ...] = ()
    carc: tuple[str, ...] = ()
    rarc: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    min_amount: Decimal = Decimal(0)
    procedure: tuple[str, ...] = ()
    location: tuple[str, ...] = ()
    practice: tuple[str, ...] = ()
    filing_indicator: tuple[str, ...] = ()
    payer_id: tuple[str, ...] = ()
    status_code: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; None leaves the category's own value."""

    id: str
    match: Match
    category: str
    owner: str | None = None
    next_step: str | None = None
    preventable: Preventable | None = None
    handoff: str | None = None


@dataclass(frozen=True, slots=True)
class Prevention:
    """A review opens after `count` denials of one cause within a span, and is measured after `remeasure`.

    `by` says which causes are looked for: dimensions of `denials.prevention.DIMENSIONS`.
    """

    count: int = 5
    within: timedelta = timedelta(days=14)
    remeasure: timedelta = timedelta(days=28)
    by: tuple[str, ...] = DIMENSIONS


@dataclass(frozen=True, slots=True)
class Profile:
    """How one practice's export names its columns: their heading (lower case) to our name."""

    name: str
    columns: Mapping[str, str]
    date_format: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """A whole valid rules file, shipped defaults filled in. Compared and hashed by identity."""

    timezone: ZoneInfo
    ops_channel: str
    owners: Mapping[str, Owner]
    categories: Mapping[str, Category]
    handoffs: Mapping[str, HandOff]
    escalations: Mapping[str, tuple[Step, ...]]
    deadlines: tuple[DeadlineRow, ...]
    payers: tuple[Label, ...]
    rules: tuple[Rule, ...] = ()
    practices: Mapping[str, str] = field(default_factory=dict)
    locations: tuple[Label, ...] = ()
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    business_hours: BusinessHours = BusinessHours()
    amounts: Literal["exact", "banded"] = "exact"
    digest: Digest = Digest()
    reports_channel: str | None = None
    report: ReportTime = ReportTime()
    admins: tuple[str, ...] = ()
    prevention: Prevention = Prevention()
    write_off_limit: Decimal | None = None
    user_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # members, as Slack told; not in the file

    def payer_label(self, name: Sensitive, trusted: bool) -> str:
        """What may be shown for a payer: a label, an 835's own name made harmless, or "Unlisted payer"."""
        for row in self.payers:
            if glob_matches(row.glob, name.reveal()):
                return row.label
        return (safe_label(name.reveal()) if trusted else "") or UNLISTED_PAYER

    def practice_label(self, npi: str | None) -> str | None:
        """The label of a payee NPI, or None where the file gives none."""
        return self.practices.get(npi) if npi else None

    def location_label(self, name: Sensitive | None) -> str | None:
        """The label of the first glob that matches, or None: a location without a label is not shown."""
        if name is None:
            return None
        return next((row.label for row in self.locations if glob_matches(row.glob, name.reveal())), None)

    def channel_for(self, owner: str | None) -> str:
        """The channel of an owner; the ops channel for none and for one that the file no longer names."""
        found = self.owners.get(owner) if owner else None
        return found.channel if found else self.ops_channel

    def category_title(self, name: str) -> str:
        """The title of a category, also of one that the file no longer names."""
        found = self.categories.get(name)
        return found.title if found else name.replace("_", " ").capitalize()

    def policy(self, escalation: str) -> tuple[Step, ...]:
        """The steps of a policy; those of `standard` for one that the file no longer names."""
        return self.escalations.get(escalation) or self.escalations[STANDARD]

    def prevention_owner(self, handoff: str, category: str) -> str | None:
        """Who hears of repeats that start at a hand-off: its owner, else the category's, else None."""
        row = self.handoffs.get(handoff)
        if row and row.owner:
            return row.owner
        found = self.categories.get(category)
        return found.owner if found else None
