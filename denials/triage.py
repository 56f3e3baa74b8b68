"""Where a denial belongs: the practice's own rules first, then the shipped code tables.

A remittance brings thousands of denials that look alike, so what rules can tell apart is turned into a small key once,
and every answer is kept by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from denials import codes, statuses
from denials.model import Denial, RemitClaim, StatusRejection
from denials.rules.labels import any_glob, glob_matches
from denials.rules.model import UNCLASSIFIED, Match, Rule, RuleSet
from denials.rules.shadow import status_covers
from denials.triage_types import STATUS_4, TAKE_BACK, UNEXPLAINED, WHOLE_CHARGE, Facts, Triage

VAGUE_RARCS = frozenset({"MA130", "N517"})
"""Remarks that say "fix it and send it again" but not what: any other remark that names a cause is more exact."""

RESEND = "The payer never took this claim in: correct it and send it as a new claim. There is nothing to appeal."
LOOK_INTO_TAKE_BACK = "The payer took back an earlier payment: find out why, and whether a new decision follows."

_MOST_KEPT = 50_000


def facts_of(claim: RemitClaim, denial: Denial) -> Facts:
    """What the rules may look at, for one denial of one claim."""
    return Facts(
        claim.payer.name,
        claim.payer.ids,
        claim.filing_indicator,
        denial.group,
        denial.carc,
        denial.rarcs,
        denial.amount,
        denial.procedure,
        claim.payee_npi,
        claim.location,
        (),
        denial.hint,
    )


def facts_of_rejection(rejection: StatusRejection) -> Facts:
    """What the rules may look at, for a claim that was never taken in."""
    return Facts(
        rejection.payer.name,
        rejection.payer.ids,
        amount=rejection.charge,
        practice=rejection.payee_npi,
        status_codes=rejection.status_codes,
    )


def facts_of_take_back(claim: RemitClaim) -> Facts:
    """What the rules may look at, for a reversal without a new decision."""
    return Facts(
        claim.payer.name,
        claim.payer.ids,
        claim.filing_indicator,
        amount=abs(claim.paid),
        practice=claim.payee_npi,
        location=claim.location,
        hint=TAKE_BACK,
    )


def triage(facts: Facts, rules: RuleSet) -> Triage:
    """Where a denial belongs and what decided it: the first rule that matches, else the code tables."""
    return _decider(rules).decide(facts)


@dataclass(frozen=True, slots=True)
class _Reason:
    """A category with what decided it; `next_step` replaces the category's own."""

    category: str
    decided_by: str
    why: str
    next_step: str | None = None


class _Globs:
    """All globs that the rules have for one field: which of them a text matches, worked out once for each text."""

    def __init__(self, lists: Iterable[tuple[str, ...]]) -> None:
        self._globs = tuple(dict.fromkeys(glob for globs in lists for glob in globs))
        self._seen: dict[str, tuple[int, ...]] = {}

    def key(self, text: str) -> tuple[int, ...]:
        if not self._globs:
            return ()
        found = self._seen.get(text)
        if found is None:
            if len(self._seen) >= _MOST_KEPT:
                self._seen.clear()
            found = tuple(index for index, glob in enumerate(self._globs) if glob_matches(glob, text))
            self._seen[text] = found
        return found


@dataclass(slots=True)
class _Decider:
    """The rules made ready for many denials."""

    rules: RuleSet
    payers: _Globs
    procedures: _Globs
    locations: _Globs
    practices: _Globs
    by_payer_id: bool
    by_indicator: bool
    thresholds: tuple[Decimal, ...]
    kept: dict[tuple[object, ...], Triage] = field(default_factory=dict)

    def decide(self, facts: Facts) -> Triage:
        key = (
            facts.carc,
            facts.rarcs,
            facts.group,
            facts.hint,
            facts.status_codes,
            self.payers.key(facts.payer_name.reveal()),
            self.procedures.key(facts.procedure or ""),
            self.locations.key(facts.location.reveal() if facts.location else ""),
            self.practices.key(facts.practice or ""),
            facts.payer_ids if self.by_payer_id else (),
            facts.filing_indicator if self.by_indicator else "",
            sum(facts.amount >= limit for limit in self.thresholds) if self.thresholds else 0,
        )
        found = self.kept.get(key)
        if found is None:
            if len(self.kept) >= _MOST_KEPT:
                self.kept.clear()
            found = self.kept[key] = _decide(facts, self.rules)
        return found


@lru_cache(maxsize=8)
def _decider(rules: RuleSet) -> _Decider:
    matches = [rule.match for rule in rules.rules]
    return _Decider(
        rules=rules,
        payers=_Globs(match.payer for match in matches),
        procedures=_Globs(match.procedure for match in matches),
        locations=_Globs(match.location for match in matches),
        practices=_Globs(match.practice for match in matches),
        by_payer_id=any(match.payer_id for match in matches),
        by_indicator=any(match.filing_indicator for match in matches),
        thresholds=tuple(sorted({match.min_amount for match in matches if match.min_amount})),
    )


def _decide(facts: Facts, rules: RuleSet) -> Triage:
    rule = next((rule for rule in rules.rules if matches(rule.match, facts)), None)
    if rule is not None:
        why = f'Rule "{rule.id}" of the rules file matched.'
        return _answer(
            _Reason(rule.category, f"rule:{rule.id}", why, rule.next_step or _fixed_step(facts)), rules, rule
        )
    return _answer(_by_tables(facts), rules)


def _answer(reason: _Reason, rules: RuleSet, rule: Rule | None = None) -> Triage:
    category = rules.categories.get(reason.category) or rules.categories[UNCLASSIFIED]
    return Triage(
        category=category.name,
        owner=(rule.owner if rule else None) or category.owner,
        next_step=reason.next_step or category.next_step,
        handoff=(rule.handoff if rule else None) or category.handoff,
        preventable=(rule.preventable if rule else None) or category.preventable,
        escalation=category.escalation,
        decided_by=reason.decided_by,
        why=reason.why,
    )


def matches(match: Match, facts: Facts) -> bool:
    """Whether every condition holds; a condition holds when one of its values does, and an empty one always."""
    return (
        (not match.carc or codes.normal_code(facts.carc) in match.carc)
        and (not match.rarc or any(codes.normal_code(code) in match.rarc for code in facts.rarcs))
        and (not match.group or facts.group.upper() in match.group)
        and facts.amount >= match.min_amount
        and (not match.filing_indicator or facts.filing_indicator.upper() in match.filing_indicator)
        and (not match.payer_id or any(one.upper() in match.payer_id for one in facts.payer_ids))
        and (not match.status_code or _any_status(match.status_code, facts.status_codes))
        and (not match.payer or any_glob(match.payer, facts.payer_name.reveal()))
        and (not match.procedure or any_glob(match.procedure, facts.procedure or ""))
        and (not match.practice or any_glob(match.practice, facts.practice or ""))
        and (not match.location or any_glob(match.location, facts.location.reveal() if facts.location else ""))
    )


def _any_status(wanted: tuple[str, ...], found: tuple[str, ...]) -> bool:
    return any(status_covers(one, code.upper()) for one in wanted for code in found)


def _fixed_step(facts: Facts) -> str | None:
    """The next step that the kind of the item dictates, whatever its category."""
    if facts.status_codes:
        return RESEND
    return LOOK_INTO_TAKE_BACK if facts.hint == TAKE_BACK else None


def _by_tables(facts: Facts) -> _Reason:
    """What the shipped tables say: each source is asked in turn, the most exact first."""
    if facts.hint == TAKE_BACK:
        why = "The payer reversed an earlier payment and sent no new decision."
        return _Reason("follow_up", "status:22", why, LOOK_INTO_TAKE_BACK)
    if facts.status_codes:
        return _by_status(facts)
    sources: tuple[Callable[[Facts], _Reason | None], ...] = (_by_exact_carc, _by_rarc, _by_hint, _by_vague_carc)
    found = (source(facts) for source in sources)
    return next((reason for reason in found if reason), _unknown())


def _unknown() -> _Reason:
    return _Reason(UNCLASSIFIED, "default", "No rule and no row of the code tables says where this belongs.")


def _by_status(facts: Facts) -> _Reason:
    for composite in facts.status_codes:
        category = statuses.category_of(composite)
        row = statuses.claim_status(composite)
        if category and row:
            why = f"Rejected before adjudication, claim status {row.code}: {row.description}."
            return _Reason(category, f"claim_status:{row.code}", why, RESEND)
    why = "Rejected before adjudication with a status that does not say what is wrong."
    return _Reason(UNCLASSIFIED, "default", why, RESEND)


def _by_exact_carc(facts: Facts) -> _Reason | None:
    """The CARC's row, unless it is generic or names no cause."""
    row = codes.carc(facts.carc)
    if row is None or row.code in codes.GENERIC_CARCS or row.category == "none":
        return None
    return _carc_reason(row, row.category)


def _by_rarc(facts: Facts) -> _Reason | None:
    """The first remark that names a cause; remarks that only ask for a new claim stand back."""
    rows = [row for code in facts.rarcs if (row := codes.rarc(code)) and row.category != "none"]
    if not rows:
        return None
    row = next((one for one in rows if one.code not in VAGUE_RARCS), rows[0])
    carc = codes.carc(facts.carc)
    beats = f" It says more than CARC {carc.code}." if carc else ""
    return _Reason(row.category, f"rarc:{row.code}", f"Remark {row.code}: {row.description}.{beats}")


def _by_hint(facts: Facts) -> _Reason | None:
    if facts.hint == STATUS_4:
        why = "The payer denied the claim by its status (4, patient not recognized) and gave no reason code."
        return _Reason("registration", "status:4", why)
    if facts.hint == WHOLE_CHARGE:
        why = "The whole charge was written down as contractual and nothing was paid, which is suspicious."
        return _Reason("payer_edit", "amounts", why)
    if facts.hint == UNEXPLAINED:
        why = "Nothing was paid, and the remittance gives no reason for it."
        return _Reason("payer_edit", "amounts", why)
    return None


def _by_vague_carc(facts: Facts) -> _Reason | None:
    """What is left: a generic CARC without a telling remark, or one whose second category is better than none."""
    row = codes.carc(facts.carc)
    if row is None:
        return None
    category = row.category if row.category != "none" else row.secondary_category
    return _carc_reason(row, category) if category else None


def _carc_reason(row: codes.Carc, category: str) -> _Reason:
    return _Reason(category, f"carc:{row.code}", f"CARC {row.code}: {row.description}.")
