"""Until when a denial can be appealed and a claim sent again, by the `deadlines` of the rules."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from denials.model import Sensitive
from denials.rules.labels import any_glob
from denials.rules.model import Confidence, DeadlineRow, RuleSet
from denials.triage_types import Deadline, Deadlines, Facts

NO_APPEAL = frozenset({"MA130", "N211"})
"""Remarks that take the right of appeal away: an unprocessable claim is fixed and sent as new."""

ASSUMED_SOURCE = "assumed, check contract"


def deadlines(facts: Facts, rules: RuleSet, *, remit_date: date, service_date: date | None) -> Deadlines:
    """The limits of one denial; the first row that matches decides.

    The appeal clock starts at the remit date, the filing clock at the service date. There is no appeal limit where
    there is no appeal: a 277CA rejection was never decided, and remarks MA130 and N211 exclude it.
    """
    appealable = not facts.status_codes and NO_APPEAL.isdisjoint(facts.rarcs)
    who = (facts.payer_name, facts.payer_ids, facts.filing_indicator)
    return _limits(rules, *who, remit_date if appealable else None, service_date)


@lru_cache(maxsize=16384)
def _limits(
    rules: RuleSet,
    name: Sensitive,
    ids: tuple[str, ...],
    filing_indicator: str,
    remit_date: date | None,
    service_date: date | None,
) -> Deadlines:
    row = _row(rules, name, ids, filing_indicator)
    if row is None:
        return Deadlines()
    return Deadlines(_deadline(row, remit_date, row.appeal_days), _deadline(row, service_date, row.filing_days))


@lru_cache(maxsize=4096)
def _row(rules: RuleSet, name: Sensitive, ids: tuple[str, ...], filing_indicator: str) -> DeadlineRow | None:
    return next((row for row in rules.deadlines if _matches(row, name, ids, filing_indicator)), None)


def _matches(row: DeadlineRow, name: Sensitive, ids: tuple[str, ...], filing_indicator: str) -> bool:
    """Whether every condition of the row holds; a condition holds when one of its values does."""
    return (
        (not row.filing_indicator or filing_indicator.upper() in row.filing_indicator)
        and (not row.payer_id or any(one.upper() in row.payer_id for one in ids))
        and (not row.payer or any_glob(row.payer, name.reveal()))
    )


def _deadline(row: DeadlineRow, start: date | None, days: int | None) -> Deadline | None:
    if start is None or days is None:
        return None
    return Deadline(start + timedelta(days=days), confidence_of(row), row.source or _source(row))


def confidence_of(row: DeadlineRow) -> Confidence:
    """How far to trust a row: a payer's name alone never gives more than medium."""
    identified = bool(row.payer_id or row.filing_indicator)
    return "medium" if row.confidence == "high" and not identified else row.confidence


def _source(row: DeadlineRow) -> str:
    return ASSUMED_SOURCE if row.confidence == "assumed" else "rules file"
