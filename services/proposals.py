"""Learning from corrections: once a day, hand-offs that keep coming become a rule proposed to the administrators.

The rules file stays the one source of rules: a proposal is a message with the YAML to paste, and nothing more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from denials.business_time import calendar_of
from denials.proposals import CORRECTIONS, Correction, ProposedRule, agreed, alike_of, proposals
from denials.rules.backtest import Backtest, backtest
from denials.rules.model import RuleSet
from denials.triage_types import Facts
from services.desk import Desk
from services.money import dollars
from services.rehearsal import asks_for_location, facts_of
from services.views import Moved, Proposal
from store import corrections, jobs, messages, outbox, rehearsal

LOOKS_BACK = timedelta(days=90)
MOST_A_DAY = 3
_MOST_REFS = 10
_MOST_MOVES = 5
_DAILY, _PROPOSED = "proposals", "proposal"


@dataclass(frozen=True, slots=True)
class _Made:
    key: str
    content: Proposal


def propose_due(desk: Desk) -> int:
    """Propose what is asked for and was never proposed, once each business day; how many messages were asked for."""
    now, rules = desk.now(), desk.rules
    day = desk.today().isoformat()
    if not calendar_of(rules).is_open(now):
        return 0
    with desk.db.read() as session:
        if jobs.slot_taken(session, _DAILY, day):
            return 0
        made = _make(session, desk, rules)
    with desk.db.write() as session:
        if not jobs.take_slot(session, _DAILY, day, now):
            return 0
        new = [one for one in made if jobs.take_slot(session, _PROPOSED, one.key, now)]
        for one in new:
            _post(session, rules.ops_channel, one.content)
    return len(new)


def proposal_of(data: Mapping[str, Any]) -> Proposal:
    """A proposal as it is stored with its message."""
    return Proposal(
        **{
            **data,
            "amount": Decimal(data["amount"]),
            "from_titles": tuple(data["from_titles"]),
            "refs": tuple(data["refs"]),
            "replaces": tuple(data["replaces"]),
            "moves": tuple(Moved(**{**one, "amount": Decimal(one["amount"])}) for one in data["moves"]),
        }
    )


def _make(session: Session, desk: Desk, rules: RuleSet) -> list[_Made]:
    """What there is to propose now, most dollars first."""
    found: list[_Made] = []
    for one in proposals(_corrections(session, desk, rules), rules):
        key = _key(one)
        if jobs.slot_taken(session, _PROPOSED, key):
            continue
        came_to = {correction.came_to for correction in one.corrections}
        since = desk.today() - LOOKS_BACK
        alike = one.alike
        kept = sum(
            corrections.kept(session, since, alike.payer, alike.code, alike.remark, category) for category in came_to
        )
        if agreed(len(one.corrections), kept):
            found.append(_Made(key, _content(one, kept, _tried(session, desk, rules, one), rules)))
        if len(found) == MOST_A_DAY:
            break
    return found


def _key(one: ProposedRule) -> str:
    """What makes a proposal the same one, whatever it would be called."""
    return json.dumps([one.alike.payer, one.alike.code, one.alike.remark, one.rule.category], ensure_ascii=False)


def _corrections(session: Session, desk: Desk, rules: RuleSet) -> list[Correction]:
    handed = {
        one.item_id: one for one in corrections.handed_on(session, desk.now() - LOOKS_BACK) if one.reason in CORRECTIONS
    }
    largest: dict[int, Facts] = {}
    told = rehearsal.denials_of(session, handed, with_claim=asks_for_location(rules))
    for item_id, facts in facts_of(desk.vault, told):
        if item_id not in largest or facts.amount > largest[item_id].amount:
            largest[item_id] = facts
    return [
        Correction(
            ref=one.ref,
            alike=alike_of(one.payer, largest[item_id]),
            came_to=one.came_to,
            handed_to=one.handed_to,
            amount=dollars(one.amount_cents),
            by=one.by,
            facts=largest[item_id],
        )
        for item_id, one in handed.items()
        if item_id in largest
    ]


def _tried(session: Session, desk: Desk, rules: RuleSet, one: ProposedRule) -> Backtest:
    told = rehearsal.denials_since(session, desk.today() - LOOKS_BACK, with_claim=asks_for_location(rules))
    return backtest((facts for _, facts in facts_of(desk.vault, told)), rules, one.applied(rules))


def _content(one: ProposedRule, kept: int, tried: Backtest, rules: RuleSet) -> Proposal:
    title = rules.category_title
    return Proposal(
        payer=one.alike.payer,
        code=one.alike.code,
        remark=one.alike.remark,
        from_titles=tuple(sorted({title(correction.came_to) for correction in one.corrections})),
        to_title=title(one.rule.category),
        count=len(one.corrections),
        amount=sum((correction.amount for correction in one.corrections), Decimal(0)),
        people=len({correction.by for correction in one.corrections}),
        kept=kept,
        days=LOOKS_BACK.days,
        refs=tuple(correction.ref for correction in one.corrections[:_MOST_REFS]),
        yaml=one.yaml,
        replaces=one.replaces,
        tried=tried.denials,
        moves=tuple(
            Moved(title(move.from_category), title(move.to_category), move.count, move.amount)
            for move in tried.moves[:_MOST_MOVES]
        ),
    )


def _post(session: Session, channel: str, content: Proposal) -> None:
    now = datetime.now(UTC)
    data = {**asdict(content), "amount": str(content.amount)}
    data["moves"] = [{**one, "amount": str(one["amount"])} for one in data["moves"]]
    message_id = messages.add(session, "proposal", channel, now, data=data)
    outbox.enqueue_post(session, message_id, channel, now)
