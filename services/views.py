"""What services hand out: frozen, free of patient data by construction, ready to be shown.

A card is built from `ItemView` and nothing else. There is no field for a claim number, a date of service or a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from denials.lifecycle import State
from denials.model import Kind, Preventable
from denials.prevention import Evidence, ReviewState, Verdict
from services.weekly import Weekly


@dataclass(frozen=True, slots=True)
class ItemView:
    """One work item: one claim's denied money in one category."""

    ref: str  # "DN-" and eight characters, random
    version: int
    kind: Kind
    state: State
    assignee: str | None  # user id
    owner: str | None  # owner key of rules.yaml; None: unowned, shown in the ops channel
    owner_channel: str
    owner_title: str
    category: str  # key
    category_title: str
    payer: str  # a label that may be shown
    practice: str | None
    location: str | None
    codes: tuple[str, ...]  # "CO-197", most dollars first
    meaning: str  # the first code in plain words
    rarcs: tuple[str, ...]
    amount: Decimal
    remit_date: date
    ingested_at: datetime
    due: date | None  # appeal limit
    due_assumed: bool
    next_step: str
    handoff: str
    preventable: Preventable
    why: str
    repeats: int  # how often it came back
    outcome: str | None
    recovered: Decimal | None
    follow_up: date | None
    score: float  # expected recovery in dollars, times urgency
    lives_elsewhere: bool  # drawn in a list or old card while a newer card shows it live: no buttons here
    moved: bool = False  # and that card is in another channel, since it was handed off
    resolved_by: str | None = None  # user id; None where it is not resolved or a remittance resolved it
    approved_by: str | None = None  # the second person of a write-off, where the history was read
    taken_back_on: date | None = None  # when the payer took its decision back and no other came, likewise
    filing_passed: bool = False  # the limit for sending the claim again, which itself is never shown


@dataclass(frozen=True, slots=True)
class Pattern:
    """Denials alike within one digest: what people should see before single accounts."""

    category_title: str
    payer: str
    code: str
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Card:
    """A single item with its buttons."""

    item: ItemView
    today: date


@dataclass(frozen=True, slots=True)
class WorkList:
    """A part of a digest's remaining items, one line and one Claim button each; claimed lines name who has them."""

    items: tuple[ItemView, ...]
    part: int  # from 1
    parts: int
    today: date


@dataclass(frozen=True, slots=True)
class Summary:
    """What opens a digest in one owner's channel. Counts are of the moment it was gathered."""

    owner_title: str
    count: int
    amount: Decimal
    patterns: tuple[Pattern, ...]  # at most five, most dollars first
    more_patterns: int
    carded: int
    listed: int
    earliest_due: date | None
    today: date


@dataclass(frozen=True, slots=True)
class Ping:
    """One grouped reminder to one recipient about the items that still need it at the moment of sending."""

    reason: str  # "unclaimed for 4 business hours": our own words
    audience: str  # "owner", "lead", "manager", "assignee" or "channel"
    mentions: tuple[str, ...]  # user ids (U…, W…) and user group ids (S…) to mention; empty in a direct message
    items: tuple[ItemView, ...]
    links: tuple[tuple[str, str, str], ...]  # (reference, channel, ts) of posted messages that show the item
    today: date
    message_id: str = ""  # what an acknowledgement names
    acknowledged_by: str | None = None  # user id


@dataclass(frozen=True, slots=True)
class Notice:
    """A line for administrators."""

    text: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What a rehearsed rule would have moved from one category to another."""

    from_title: str
    to_title: str
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule that people's hand-offs ask for, with its evidence and its backtest, for administrators."""

    payer: str  # a label that may be shown
    code: str
    remark: str  # "" where there is none
    from_titles: tuple[str, ...]
    to_title: str
    count: int  # items handed on
    amount: Decimal
    people: int
    kept: int  # items of the kind that people took up and left where they were
    days: int  # how far back all of this looks
    refs: tuple[str, ...]
    yaml: str  # to paste as the first entry of `rules`
    replaces: tuple[str, ...]  # ids of rules that have to go then
    tried: int  # denied amounts that the rule was tried on
    moves: tuple[Moved, ...]  # most dollars first


@dataclass(frozen=True, slots=True)
class ReviewView:
    """One prevention review: a cause that repeats, with the team where it starts."""

    ref: str  # "PR-" and six characters, random
    version: int
    state: ReviewState
    dimension: str  # one of denials.prevention.DIMENSIONS
    title: str  # what repeats, as it may be shown: "Prior authorization", "CO-197", a payer's label
    handoff: str  # where most of it starts
    owner: str | None  # owner key of rules.yaml; None: shown in the ops channel
    owner_title: str
    owner_channel: str
    holder: str | None  # user id of whoever has taken it
    opened_on: date
    evidence: Evidence
    cause: str | None  # one of denials.prevention.CAUSES
    action: str | None  # one of denials.prevention.ACTIONS
    responsible: str | None  # user id
    effective: date | None
    measure_on: date | None
    verdict: Verdict | None  # the latest
    round: int  # from 1; one more each time an action did not help
    dismissed_for: str | None  # one of denials.prevention.DISMISSALS
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A review with its buttons; kept up to date in place."""

    review: ReviewView
    today: date


@dataclass(frozen=True, slots=True)
class VerdictPosted:
    """What came of a corrective action, posted once when it is measured."""

    review: ReviewView
    verdict: Verdict
    today: date


@dataclass(frozen=True, slots=True)
class ReviewReminder:
    """One grouped reminder about reviews whose cause nobody has logged yet."""

    reviews: tuple[ReviewView, ...]
    mentions: tuple[str, ...]  # user ids; empty in a direct message
    today: date


@dataclass(frozen=True, slots=True)
class WeeklyReport:
    """What leaders are told once a week."""

    numbers: Weekly
    open_reviews: tuple[ReviewView, ...]
    verdicts: tuple[ReviewView, ...]  # of corrective actions measured since the week began


Content = Card | WorkList | Summary | Ping | Notice | Proposal | Review | VerdictPosted | ReviewReminder | WeeklyReport


@dataclass(frozen=True, slots=True)
class Send:
    """One outbox row handed to the sender, already marked as being sent."""

    outbox_id: str
    message_id: str
    op: str  # "post" or "update"
    channel: str  # channel id or name, or a user id for a direct message
    ts: str | None  # bound message, for updates
    human: bool  # somebody is waiting for it
    attempts: int  # from 1
    first_sent_at: datetime | None  # real time of the first attempt
    last_sent_at: datetime | None  # real time of the latest attempt; ambiguity is measured from there


@dataclass(frozen=True, slots=True)
class Refused:
    """A command that was not carried out; `text` is shown privately to the person."""

    code: str
    text: str
    item: ItemView | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was carried out."""

    item: ItemView


@dataclass(frozen=True, slots=True)
class ReviewDone:
    """A command on a review that was carried out."""

    review: ReviewView


NOTHING_LEFT_OUT = "warning, nothing was left out: "
"""How a message begins that is about something taken in all the same."""


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What one file brought; the shape of `denials ingest --json`."""

    file: str
    format: str
    status: str  # ingested, already_ingested, rejected
    batch: str | None = None
    sha256: str | None = None
    claims: int = 0
    denials: int = 0
    new: int = 0
    repeats: int = 0
    duplicates: int = 0
    paid_claims: int = 0
    reversals: int = 0
    rejected_rows: int = 0
    denied_amount: Decimal = Decimal(0)
    by_category: tuple[tuple[str, int], ...] = ()
    errors: tuple[tuple[int, str], ...] = ()  # (line or segment, message)
