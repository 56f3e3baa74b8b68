"""What the parts of one file's ingestion share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from denials.rules.model import RuleSet
from services.desk import Desk
from store.bulk import Loader
from store.rollups import Tally


@dataclass(frozen=True, slots=True)
class Context:
    """One file on its way into the database.

    `session` holds the transaction and belongs to the `loader` between `put` and `flush`; `reader` sees the database as
    it was before the file. `rules` are those of the beginning: a reload meanwhile does not split a file.
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
