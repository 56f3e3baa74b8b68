"""How denials ended that were decided: the counts that ranking learns from."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from denials.commands import Outcome, State
from denials.model import Kind
from store.tables import Item

_DECIDED = [str(outcome) for outcome in Outcome if outcome.decided]


class Ended(NamedTuple):
    """Decided denials with one first code and payer label."""

    code: str
    payer: str
    overturned: int
    decided: int


def decided(session: Session, since: datetime, limit: int) -> list[Ended]:
    """The latest `limit` decided denials that ended at `since` or later, counted; a practice's past is among them."""
    latest = (
        select(col(Item.first_code), col(Item.payer_label), col(Item.outcome))
        .where(
            col(Item.resolved_at) >= since,
            col(Item.state) == State.RESOLVED.value,
            col(Item.kind) == Kind.DENIAL.value,
            col(Item.outcome).in_(_DECIDED),
        )
        .order_by(col(Item.resolved_at).desc())
        .limit(limit)
        .subquery()
    )
    won = func.sum(case((latest.c.outcome == str(Outcome.OVERTURNED), 1), else_=0))
    query = select(latest.c.first_code, latest.c.payer_label, won, func.count()).group_by(
        latest.c.first_code, latest.c.payer_label
    )
    return [Ended(code, payer, int(won), int(count)) for code, payer, won, count in session.execute(query)]
