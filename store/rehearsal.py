"""Every stored denied amount with what the rules may look at, one after the other, for trying other rules on them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import LargeBinary, literal, select
from sqlmodel import Session, col

from denials.model import Kind
from store.tables import DenialRow, Item, Remit

_AT_ONCE = 2_000  # rows in memory
_MANY = 500


class Told(NamedTuple):
    """One denied amount. `payer` is sealed for `payer_key`, `claim` for `ref`; `claim` is empty where not asked for."""

    item_id: int
    kind: str
    ref: str
    group: str
    carc: str  # of a rejection: its status codes, separated by spaces
    amount_cents: int
    rarcs: str
    procedure: str | None
    hint: str
    filing_indicator: str
    remit_id: int
    practice: str
    payer_key: str
    payer: bytes
    claim: bytes


def denials_since(session: Session, since: date | None, *, with_claim: bool = False) -> Iterator[Told]:
    """The denied amounts and rejections remitted on or after a day, in no order; memory does not grow with them."""
    query = _query(with_claim)
    if since is not None:
        query = query.where(col(Remit.remit_date) >= since)
    for row in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield Told._make(row)


def denials_of(session: Session, item_ids: Collection[int], *, with_claim: bool = False) -> Iterator[Told]:
    """The same for some items."""
    wanted = sorted(item_ids)
    for start in range(0, len(wanted), _MANY):
        of_claim = col(Item.number_key) == col(DenialRow.claim_key)
        query = _query(with_claim).where(of_claim, col(Item.id).in_(wanted[start : start + _MANY]))
        for row in session.execute(query):
            yield Told._make(row)


def _query(with_claim: bool) -> Any:
    return (
        select(
            col(DenialRow.item_id),
            col(Item.kind),
            col(Item.ref),
            col(DenialRow.grp),
            col(DenialRow.carc),
            col(DenialRow.amount_cents),
            col(DenialRow.rarcs),
            col(DenialRow.procedure),
            col(DenialRow.hint),
            col(Item.filing_indicator),
            col(DenialRow.remit_id),
            col(Remit.payee),
            col(Remit.payer_key),
            col(Remit.sealed),
            col(Item.sealed) if with_claim else literal(b"", LargeBinary),
        )
        .join(Item, col(Item.id) == col(DenialRow.item_id))
        .join(Remit, col(Remit.id) == col(DenialRow.remit_id))
        .where(col(Item.kind) != Kind.TAKEBACK.value)
    )
