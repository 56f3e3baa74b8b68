"""Trying other rules on the denials that are stored. Nothing is changed by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from denials.model import Kind, Sensitive
from denials.rules.backtest import Backtest, backtest
from denials.rules.model import RuleSet
from denials.triage_types import Facts
from services.desk import Desk
from services.money import dollars
from services.vault import Vault
from store import rehearsal as stored
from store.rehearsal import Told

_PAYERS_KEPT = 10_000


def rehearse(desk: Desk, after: RuleSet, *, days: int | None = None) -> Backtest:
    """What the rules `after` would do to the denials of the last `days` days (None: all), beside the rules in force."""
    before, since = desk.rules, first_day(desk, days)
    located = asks_for_location(before, after)
    with desk.db.read() as session:
        told = stored.denials_since(session, since, with_claim=located)
        return backtest((facts for _, facts in facts_of(desk.vault, told)), before, after)


def first_day(desk: Desk, days: int | None) -> date | None:
    """The first of the last `days` days; None for all of them."""
    return desk.today() - timedelta(days=days) if days is not None else None


def asks_for_location(*sets: RuleSet) -> bool:
    """Whether a rule looks at locations, which stand sealed with each claim."""
    return any(rule.match.location for rules in sets for rule in rules.rules)


def facts_of(vault: Vault, told: Iterable[Told]) -> Iterator[tuple[int, Facts]]:
    """(item id, what rules may look at) of stored denials. Locations only where the sealed claims came with them."""
    payers: dict[int, tuple[Sensitive, tuple[str, ...]]] = {}
    for row in told:
        payer = payers.get(row.remit_id)
        if payer is None:
            if len(payers) >= _PAYERS_KEPT:
                payers.clear()
            opened = vault.open(row.payer, row.payer_key.encode())
            payer = payers[row.remit_id] = (Sensitive(opened["payer"]), tuple(opened["ids"].split()))
        rejected = row.kind == Kind.REJECTION
        yield (
            row.item_id,
            Facts(
                payer_name=payer[0],
                payer_ids=payer[1],
                filing_indicator=row.filing_indicator,
                group=row.group,
                carc="" if rejected else row.carc,
                rarcs=tuple(row.rarcs.split(",")) if row.rarcs else (),
                amount=dollars(row.amount_cents),
                procedure=row.procedure,
                practice=row.practice or None,
                location=_location(vault, row),
                status_codes=tuple(row.carc.split()) if rejected else (),
                hint=row.hint,
            ),
        )


def _location(vault: Vault, row: Told) -> Sensitive | None:
    if not row.claim:
        return None
    location = vault.open(row.claim, row.ref.encode()).get("l")
    return Sensitive(location) if location else None
