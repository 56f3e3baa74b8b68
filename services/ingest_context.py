"""What the parts of one file's ingestion share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from denials.model import Kind
from denials.rules.model import RuleSet
from services.desk import Desk
from store.bulk import Loader
from store.claims import Stored
from store.rollups import Tally


@dataclass(frozen=True, slots=True)
class Context:
    """One file on its way into the database.

    `session` holds the transaction and belongs to the `loader` between `put` and `flush`; `reader` sees the database as
    it was before the file, and `stored` says what there was. `rules` are those of the beginning: a reload meanwhile
    does not split a file.
    """

    session: Session
    reader: Session
    loader: Loader
    desk: Desk
    rules: RuleSet
    tally: Tally
    batch_id: str
    now: datetime
    history: bool
    stored: Stored


@dataclass(slots=True)
class Counts:
    """What a file brought."""

    claims: int = 0
    denials: int = 0
    new: int = 0
    repeats: int = 0
    duplicates: int = 0
    paid_claims: int = 0
    reversals: int = 0
    rejected_rows: int = 0
    denied_cents: int = 0
    by_category: Counter[str] = field(default_factory=Counter)
    errors: list[tuple[int, str]] = field(default_factory=list)

    def count_rows(self, category: str, kind: Kind, rows: int, cents: int) -> None:
        """Count denied amounts (or rejections) that were taken in."""
        self.by_category[category] += rows
        if kind is Kind.DENIAL:
            self.denials += rows
            self.denied_cents += cents
