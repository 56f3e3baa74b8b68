"""Every table. Money is integer cents, times are aware UTC, patient data stands only in `sealed` columns.

The tables that a file fills by the ten thousand (item, denial_row, event, digest_item, adjudication) have no foreign
keys: checking one per row would take longer than writing it, and one transaction writes both sides.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from store import access, groups, guidance, purged, reviews
from store.types import UtcDateTime

OPEN_WORK = "state <> 'resolved' AND NOT history"  # queries must say it in these words to be answered by the index
_OWNED = f"{OPEN_WORK} AND owner IS NOT NULL"  # SQLite takes this index only where a team is asked for
BY_PEOPLE = "actor IS NOT NULL"  # likewise; what files bring is most of the log and need not be in its index
_PENDING_UPDATE = "op = 'update' AND state = 'pending'"
_BY_KEY = {"sqlite_with_rowid": False}  # SQLite keeps the rows in the order of their key, in one tree instead of two


class Meta(SQLModel, table=True):
    """Facts about the database itself: the wrapped matching key, the workspace it belongs to."""

    __tablename__ = "meta"
    key: str = Field(primary_key=True)
    value: str


class Batch(SQLModel, table=True):
    """One file that was taken in, known by its SHA-256. Its name is not kept."""

    __tablename__ = "batch"
    id: str = Field(primary_key=True)
    sha256: str = Field(unique=True)
    format: str
    history: bool = False
    ingested_at: datetime = Field(sa_type=UtcDateTime)
    claims: int = 0
    denials: int = 0
    new: int = 0
    repeats: int = 0
    duplicates: int = 0
    paid_claims: int = 0
    reversals: int = 0
    rejected_rows: int = 0
    denied_cents: int = Field(default=0, sa_type=BigInteger)


class Remit(SQLModel, table=True):
    """One remittance of one payer to one payee; of a CSV, all it says of one payer and day (`remit_key` "csv")."""

    __tablename__ = "remit"
    __table_args__ = (UniqueConstraint("remit_key", "payee", "payer_key", "remit_date"),)
    id: int | None = Field(default=None, primary_key=True)
    remit_key: str
    payee: str  # NPI, "" where the file has none
    payer_key: str
    payer_label: str
    remit_date: date
    batch_id: str = Field(foreign_key="batch.id")
    sealed: bytes = Field(sa_type=LargeBinary)  # the payer's name and ids as the file has them, for trying other rules


class Adjudication(SQLModel, table=True):
    """One claim as one remittance decided it: the denominator of every rate, and what payments are matched by.

    `standing` is a `denials.settlement.Standing`. `lines` holds "ordinal:procedure:charge:paid" in cents, joined by
    semicolons; None where the claim was paid without a denial while nothing was known of it, and its lines did not
    matter.
    """

    __tablename__ = "adjudication"
    __table_args__ = (
        Index(
            "ix_adjudication_reversal",
            "claim_key",
            sqlite_where=text("standing = 3"),
            postgresql_where=text("standing = 3"),
        ),
        _BY_KEY,
    )
    claim_key: int = Field(sa_type=BigInteger, primary_key=True)
    remit_id: int = Field(primary_key=True)
    ordinal: int = Field(primary_key=True)
    standing: int = Field(default=0, sa_type=SmallInteger)
    denied: bool = False
    fully_denied: bool = False
    charge_cents: int = Field(default=0, sa_type=BigInteger)
    paid_cents: int = Field(default=0, sa_type=BigInteger)
    denied_cents: int = Field(default=0, sa_type=BigInteger)
    lines: str | None = None


class Item(SQLModel, table=True):
    """A work item: one claim's denied money in one category."""

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("number_key", "apart_key", name="ux_item_natural"),  # what makes an item the same one
        Index("ix_item_open", "id", sqlite_where=text(OPEN_WORK), postgresql_where=text(OPEN_WORK)),
        Index("ix_item_open_owner", "owner", "state", sqlite_where=text(_OWNED), postgresql_where=text(_OWNED)),
        Index(
            "ix_item_assignee_state",
            "assignee",
            "state",
            sqlite_where=text("assignee IS NOT NULL"),
            postgresql_where=text("assignee IS NOT NULL"),
        ),
        Index(
            "ix_item_next_escalation",
            "next_escalation_at",
            sqlite_where=text("next_escalation_at IS NOT NULL"),
            postgresql_where=text("next_escalation_at IS NOT NULL"),
        ),
        Index(
            "ix_item_resolved",
            "resolved_at",
            sqlite_where=text("resolved_at IS NOT NULL"),
            postgresql_where=text("resolved_at IS NOT NULL"),
        ),
        Index(
            "ix_item_claimed",
            "first_claimed_at",
            sqlite_where=text("first_claimed_at IS NOT NULL"),
            postgresql_where=text("first_claimed_at IS NOT NULL"),
        ),
        Index("ix_item_first_remit", "first_remit_date"),
    )
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(unique=True)
    number_key: int = Field(sa_type=BigInteger)  # keyed hash of the claim number
    apart_key: int = Field(sa_type=BigInteger)  # `guidance.apart_key`: who decided it for whom, and its first category
    guidance_id: int = Field(sa_type=BigInteger)
    batch_id: str
    kind: str = "denial"
    history: bool = False

    state: str = "open"
    assignee: str | None = None
    version: int = 1
    outcome: str | None = None
    recovered_cents: int | None = Field(default=None, sa_type=BigInteger)
    written_off_cents: int | None = Field(default=None, sa_type=BigInteger)
    follow_up: date | None = None
    repeats: int = 0

    category: str
    first_category: str
    owner: str | None = None
    handoff: str
    preventable: str
    escalation: str

    payer_key: str
    payer_label: str
    practice: str = ""  # payee NPI, "" where the file has none
    practice_label: str | None = None
    location_label: str | None = None
    codes: str  # "CO-197,CO-16", most dollars first
    rarcs: str = ""
    procedure: str | None = None
    filing_indicator: str = ""
    amount_cents: int = Field(sa_type=BigInteger)  # what is refused now
    billed_cents: int = Field(sa_type=BigInteger)
    remit_date: date  # of the latest denial
    remit_id: int = 0  # of the latest denial
    first_remit_date: date
    first_cents: int = Field(default=0, sa_type=BigInteger)  # as first denied; the rollups count this on that day
    first_code: str = ""  # and under this code
    payment: str = "none"  # what later remittances paid: none, part, full
    measured_cents: int = Field(default=0, sa_type=BigInteger)  # how much, net of reversals
    due: date | None = None
    filing_passed: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    sealed: bytes = Field(sa_type=LargeBinary)
    home: str | None = None  # the message that shows it live; older ones point away from themselves

    ingested_at: datetime = Field(sa_type=UtcDateTime)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    first_claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_activity_at: datetime = Field(sa_type=UtcDateTime)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_escalation_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def words(self) -> guidance.Words:
        """What its card says in words. Read with those of all other items of the session, unless known already."""
        return guidance.words_of(self)

    @property
    def seal_context(self) -> bytes:
        """What everything sealed for this item is bound to: a sealed value moved to another row does not open."""
        return self.ref.encode()


class DenialRow(SQLModel, table=True):
    """One denied amount as one remittance stated it. Its key is what makes it the same one when it comes again."""

    __tablename__ = "denial_row"
    __table_args__ = (_BY_KEY,)
    claim_key: int = Field(sa_type=BigInteger, primary_key=True)
    remit_id: int = Field(primary_key=True)
    line: int = Field(primary_key=True)
    grp: str = Field(primary_key=True)
    carc: str = Field(primary_key=True)
    amount_cents: int = Field(sa_type=BigInteger, primary_key=True)
    nth: int = Field(primary_key=True)
    item_id: int  # not indexed: an item's rows are found by its claim, whose `number_key` is their `claim_key`
    rarcs: str = ""
    procedure: str | None = None
    hint: str = ""


class Event(SQLModel, table=True):
    """The append-only log: audit trail, history, and the source of the metrics."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_by_people", "at", sqlite_where=text(BY_PEOPLE), postgresql_where=text(BY_PEOPLE)),
    )
    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(index=True)
    version: int
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    actor: str | None = None
    data: str = "{}"  # JSON
    note: bytes | None = Field(default=None, sa_type=LargeBinary)  # sealed: people's words stay here


class Digest(SQLModel, table=True):
    """What gathers for one channel until `due_at`; then it becomes a summary, cards and lists."""

    __tablename__ = "digest"
    __table_args__ = (
        Index(
            "ux_digest_gathering",
            "channel",
            unique=True,
            sqlite_where=text("composed_at IS NULL"),
            postgresql_where=text("composed_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    channel: str
    owner: str | None = None
    due_at: datetime = Field(sa_type=UtcDateTime)
    composed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DigestItem(SQLModel, table=True):
    """An item waiting to be announced."""

    __tablename__ = "digest_item"
    __table_args__ = (_BY_KEY,)
    digest_id: int = Field(primary_key=True)
    item_id: int = Field(primary_key=True)


class SlackMessage(SQLModel, table=True):
    """A message the bot owns: what it shows (kind, items) and where it stands (channel, ts)."""

    __tablename__ = "slack_message"
    id: str = Field(primary_key=True)
    kind: str  # card, list, summary, ping, notice
    channel: str  # as asked: id, "#name" or a user id
    posted_channel: str | None = None  # as Slack answered
    ts: str | None = None
    item_id: int | None = Field(default=None, foreign_key="item.id", index=True)
    data: str = "{}"  # JSON: counts frozen at composition, a ping's reason; never patient data
    plain: bool = False  # Slack refused the blocks; only text is sent
    created_at: datetime = Field(sa_type=UtcDateTime)


class MessageItem(SQLModel, table=True):
    """An item's line in a list or a ping."""

    __tablename__ = "message_item"
    message_id: str = Field(foreign_key="slack_message.id", primary_key=True)
    item_id: int = Field(foreign_key="item.id", primary_key=True, index=True)
    position: int


class Outbox(SQLModel, table=True):
    """One thing to tell Slack. Says what, never how it reads: rendering happens at the moment of sending.

    States: pending, sending, ambiguous (a post whose fate is unknown), parked (needs the administrator), sent, dropped.
    Times here are real time, never the sandbox's moved clock.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ux_outbox_one_pending_update",
            "message_id",
            unique=True,
            sqlite_where=text(_PENDING_UPDATE),
            postgresql_where=text(_PENDING_UPDATE),
        ),
        Index("ix_outbox_state", "state", "channel"),  # what is sent stays, and must not slow down what waits
    )
    seq: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    message_id: str = Field(foreign_key="slack_message.id", index=True)
    op: str  # post, update
    channel: str
    state: str = "pending"
    human: bool = False
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    worker: str | None = None
    first_sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = None


class Escalation(SQLModel, table=True):
    """A policy step that fired (or was skipped) for an item, once per anchor."""

    __tablename__ = "escalation"
    item_id: int = Field(foreign_key="item.id", primary_key=True)
    step: str = Field(primary_key=True)
    anchor: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    pinged: bool


class JobRun(SQLModel, table=True):
    """A job's right to run in a slot: whoever inserts the row has it."""

    __tablename__ = "job_run"
    job: str = Field(primary_key=True)
    slot: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)


class Lease(SQLModel, table=True):
    """Who may do a thing until when, in real time."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    holder: str
    until: datetime = Field(sa_type=UtcDateTime)
    code_version: str = ""


class SeenEvent(SQLModel, table=True):
    """An event id of Slack's that was acted on."""

    __tablename__ = "seen_event"
    id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)


Guidance = guidance.Guidance  # these live beside their queries
LookupLog, Reveal = access.LookupLog, access.Reveal
Review, ReviewEvent = reviews.Review, reviews.ReviewEvent
PurgedCount, PurgedClaims = purged.PurgedCount, purged.PurgedClaims
SlackGroup = groups.SlackGroup


class UnlistedPayer(SQLModel, table=True):
    """A payer name from a CSV that no label matched; sealed, since a wrongly mapped column may hold anything."""

    __tablename__ = "unlisted_payer"
    name_key: str = Field(primary_key=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    first_seen: datetime = Field(sa_type=UtcDateTime)


class Daily(SQLModel, table=True):
    """Counts and cents by remit date and one dimension; `all` with an empty name is the whole practice."""

    __tablename__ = "daily"
    dimension: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    name: str = Field(primary_key=True)
    new: int = 0
    cents: int = Field(default=0, sa_type=BigInteger)
    repeats: int = 0
    rejections: int = 0


class DailyClaims(SQLModel, table=True):
    """Adjudicated claims by remit date."""

    __tablename__ = "daily_claims"
    day: date = Field(primary_key=True)
    adjudicated: int = 0
    denied: int = 0
    fully_denied: int = 0
    charge_cents: int = Field(default=0, sa_type=BigInteger)
    denied_cents: int = Field(default=0, sa_type=BigInteger)
