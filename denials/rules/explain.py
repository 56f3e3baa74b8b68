"""What one denial would get, and why: the answer of `denials rules explain`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from denials.codes import AdjustmentClass, classify_adjustment
from denials.deadlines import deadlines
from denials.rules.model import RuleSet
from denials.triage import triage
from denials.triage_types import Deadline, Deadlines, Facts, Triage


@dataclass(frozen=True, slots=True)
class Explanation:
    """A triage with its deadlines. `counts_as` says how the adjustment's codes are read when nothing was paid."""

    facts: Facts
    counts_as: AdjustmentClass
    triage: Triage
    category_title: str
    owner_title: str | None  # None: no owner, the ops channel gets it
    channel: str
    payer: str  # a label that may be shown
    deadlines: Deadlines
    today: date

    @property
    def due(self) -> date | None:
        """The appeal limit; None where there is none."""
        return self.deadlines.appeal.due if self.deadlines.appeal else None

    def as_json(self) -> dict[str, object]:
        """Plain values for `--json`; dates as ISO text, what is not known as null."""
        appeal, answer = self.deadlines.appeal, self.triage
        return {
            "group": self.facts.group,
            "carc": self.facts.carc,
            "rarcs": list(self.facts.rarcs),
            "counts_as": self.counts_as,
            "category": answer.category,
            "category_title": self.category_title,
            "owner": answer.owner,
            "owner_title": self.owner_title,
            "channel": self.channel,
            "next_step": answer.next_step,
            "handoff": answer.handoff,
            "preventable": answer.preventable.value,
            "escalation": answer.escalation,
            "payer": self.payer,
            "due": self.due.isoformat() if self.due else None,
            "due_days": (self.due - self.today).days if self.due else None,
            "due_confidence": appeal.confidence if appeal else None,
            "due_source": appeal.source if appeal else None,
            "filing": _limit(self.deadlines.filing),
            "decided_by": answer.decided_by,
            "why": answer.why,
        }


def _limit(limit: Deadline | None) -> dict[str, str] | None:
    if limit is None:
        return None
    return {"due": limit.due.isoformat(), "confidence": limit.confidence, "source": limit.source}


def explain(rules: RuleSet, facts: Facts, today: date, service_date: date | None = None) -> Explanation:
    """Triage and deadlines of a denial remitted today."""
    answer = triage(facts, rules)
    owner = rules.owners.get(answer.owner) if answer.owner else None
    return Explanation(
        facts=facts,
        counts_as=classify_adjustment(facts.group, facts.carc) if facts.carc else "denial",
        triage=answer,
        category_title=rules.category_title(answer.category),
        owner_title=owner.title if owner else None,
        channel=rules.channel_for(answer.owner),
        payer=rules.payer_label(facts.payer_name, trusted=False),
        deadlines=deadlines(facts, rules, remit_date=today, service_date=service_date),
        today=today,
    )
