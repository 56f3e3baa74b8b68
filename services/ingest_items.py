"""From the denials of a claim to the rows of its work items."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from denials.deadlines import deadlines
from denials.model import Denial, Kind, RemitClaim, Sensitive, StatusRejection
from denials.rules.model import RuleSet
from denials.triage import facts_of, triage
from denials.triage_types import Deadlines, Facts, Triage
from services.ingest_context import Context
from services.ingest_remits import RemitRow
from services.money import cents
from services.sweep import first_escalation
from services.vault import new_refs
from store import claims
from store.bulk import Row, Shared, Target
from store.claims import Numbers
from store.tables import Item

_OWN = (
    "id",
    "ref",
    "number_key",
    "codes",
    "rarcs",
    "procedure",
    "amount_cents",
    "billed_cents",
    "first_cents",
    "first_code",
    "due",
    "sealed",
    "next_escalation_at",
    "location_label",
)
_ALIKE = (
    "batch_id",
    "kind",
    "history",
    "state",
    "version",
    "repeats",
    "category",
    "first_category",
    "owner",
    "handoff",
    "next_step",
    "preventable",
    "escalation",
    "decided_by",
    "why",
    "payer_key",
    "payer_label",
    "practice",
    "practice_label",
    "filing_indicator",
    "remit_date",
    "remit_id",
    "first_remit_date",
    "payment",
    "measured_cents",
    "due_confidence",
    "due_source",
    "ingested_at",
    "opened_at",
    "last_activity_at",
)
ITEM = Target("item", _OWN + _ALIKE)
EVENT = Target("event", ("item_id", "version", "at", "kind", "data"))
DENIAL = Target(
    "denial_row",
    ("claim_key", "remit_id", "line", "grp", "carc", "amount_cents", "nth", "item_id", "rarcs", "procedure", "hint"),
)


@dataclass(slots=True)
class Draft:
    """One claim's denied money in one category, as one remittance states it: a new item, or news of one there is."""

    number: Sensitive
    key: int
    remit: RemitRow
    kind: Kind
    triage: Triage
    facts: Facts  # of the largest denial
    rows: list[Row]  # as DENIAL has them, the item left open (None)
    amount: int
    billed: int
    filing_indicator: str = ""
    service_date: date | None = None
    location: Sensitive | None = None


def drafts_of(
    claim: RemitClaim, denials: Sequence[tuple[Denial, int]], key: int, remit: RemitRow, rules: RuleSet
) -> list[Draft]:
    """The claim's denials by category. Each denial comes with its `nth`, which an export's rows are counted for."""
    found: dict[str, Draft] = {}
    largest: dict[str, int] = {}
    for denial, nth in denials:
        facts = facts_of(claim, denial)
        decided = triage(facts, rules)
        amount = cents(denial.amount)
        row = (
            key,
            remit.id,
            denial.line,
            denial.group,
            denial.carc,
            amount,
            nth,
            None,
            ",".join(denial.rarcs),
            denial.procedure,
            denial.hint,
        )
        draft = found.get(decided.category)
        if draft is None:
            largest[decided.category] = amount
            found[decided.category] = Draft(
                claim.claim_number,
                key,
                remit,
                Kind.DENIAL,
                decided,
                facts,
                [row],
                amount,
                cents(claim.charge),
                claim.filing_indicator,
                claim.service_date,
                claim.location,
            )
            continue
        draft.rows.append(row)
        draft.amount += amount
        if amount > largest[decided.category]:
            largest[decided.category], draft.triage, draft.facts = amount, decided, facts
    return list(found.values())


def rejection_draft(rejection: StatusRejection, key: int, remit: RemitRow, rules: RuleSet) -> Draft:
    """A claim that was never taken in, as a work item of its own kind."""
    amount = cents(rejection.charge)
    facts = Facts(
        payer_name=rejection.payer.name,
        payer_ids=rejection.payer.ids,
        amount=rejection.charge,
        practice=rejection.payee_npi,
        status_codes=rejection.status_codes,
    )
    codes = " ".join(rejection.status_codes)
    row = (key, remit.id, 0, "", codes, amount, 1, None, "", None, "")
    return Draft(
        number=rejection.claim_number,
        key=key,
        remit=remit,
        kind=Kind.REJECTION,
        triage=triage(facts, rules),
        facts=facts,
        rows=[row],
        amount=amount,
        billed=amount,
        service_date=rejection.service_date,
    )


def codes_of(rows: Iterable[Row]) -> str:
    """ "CO-197,CO-16": the codes of denial rows, most dollars first. Claim statuses stay as they are."""
    sums: Counter[str] = Counter()
    for row in rows:
        code = f"{row[3]}-{row[4]}" if row[3] else str(row[4]).replace(" ", ",")
        if code:
            sums[code] += row[5]
    return ",".join(sorted(sums, key=lambda code: (-sums[code], code)))


def rarcs_of(rows: Iterable[Row]) -> str:
    """All remark codes of denial rows, each once."""
    return ",".join(dict.fromkeys(code for row in rows if row[8] for code in row[8].split(",")))


def sealed_facts(draft: Draft, limits: Deadlines) -> dict[str, object]:
    """What is kept of a claim for the people who work it, to be sealed: its number and what gives a date away."""
    facts: dict[str, object] = {"n": draft.number.reveal()}
    if draft.service_date:
        facts["s"] = draft.service_date.isoformat()
    if limits.filing:
        facts["f"] = limits.filing.due.isoformat()
    if draft.location:
        facts["l"] = draft.location.reveal()
    return facts


def limits_of(draft: Draft, rules: RuleSet) -> Deadlines:
    """The appeal and filing limits of an item."""
    return deadlines(draft.facts, rules, remit_date=draft.remit.day, service_date=draft.service_date)


@dataclass(frozen=True, slots=True)
class _Alike:
    """What items of one kind, decision and remittance have alike. `decided` is held because its id is in the key."""

    columns: Shared
    news: str
    decided: Triage


class Items:
    """Makes new items. Their rows are handed to the loader by `write`, portion by portion."""

    def __init__(self, context: Context) -> None:
        self._reader, self._loader, self._tally = context.reader, context.loader, context.tally
        self._rules, self._vault = context.rules, context.desk.vault
        self._batch, self._now, self._history = context.batch_id, context.now, context.history
        self._stored_now = context.loader.instant(context.now)
        self._ids = Numbers(context.reader, Item)
        self._refs: list[str] = []
        self._taken: set[str] = set()
        self._shared: dict[tuple[object, ...], _Alike] = {}
        self._new: dict[tuple[Any, ...], list[int]] = {}
        self._items: list[tuple[Row, Shared]] = []
        self._rows: list[Row] = []
        self._events: list[Row] = []
        self.by_channel: dict[tuple[str, str | None], list[int]] = {}  # new ones to be announced
        self.reopened: dict[tuple[str, str | None], list[int]] = {}  # older ones to be announced again
        self.count = 0

    def create(self, draft: Draft) -> int:
        """A new item; its id."""
        decided = draft.triage
        limits = limits_of(draft, self._rules)
        appeal = limits.appeal
        item_id, ref = self._ids.draw(), self._ref()
        codes = codes_of(draft.rows) if draft.kind is not Kind.TAKEBACK else ""
        first_code = codes.partition(",")[0]
        location = self._rules.location_label(draft.location) if draft.location else None
        own = (
            item_id,
            ref,
            draft.key,
            codes,
            rarcs_of(draft.rows),
            draft.facts.procedure,
            draft.amount,
            draft.billed,
            draft.amount,
            first_code,
            self._loader.day(appeal.due) if appeal else None,
            self._vault.seal(sealed_facts(draft, limits), ref.encode()),
            self._first_look(decided, appeal.due if appeal else None),
            location,
        )
        confidence, source = (appeal.confidence, appeal.source) if appeal else ("", "")
        alike = self._alike(draft, confidence, source)
        self._items.append((own, alike.columns))
        self.add_rows(item_id, draft.rows)
        self._events.append((item_id, 1, self._stored_now, "created", alike.news))
        self._count(draft, first_code, location)
        if not self._history:
            place = (self._rules.channel_for(decided.owner), decided.owner)
            self.by_channel.setdefault(place, []).append(item_id)
        self.count += 1
        return item_id

    def add_rows(self, item_id: int, rows: Iterable[Row]) -> None:
        """Denied amounts of an item that is there."""
        self._rows.extend([(*row[:7], item_id, *row[8:]) for row in rows])

    def write(self) -> None:
        """Hand what was made since the last time to the loader."""
        self._loader.put_shared(ITEM, self._items)
        self._loader.put(DENIAL, self._rows)
        self._loader.put(EVENT, self._events)
        self._items, self._rows, self._events = [], [], []

    def count_new(self) -> None:
        """Add what was made to the rollups; once, at the end."""
        for (category, payer, owner, handoff, practice, day, code, location), (new, amount) in self._new.items():
            names = names_of(category, payer, owner, handoff, code, practice, location)
            self._tally.denial(names, day, new=new, cents=amount)
        self._new = {}

    def _first_look(self, decided: Triage, due: date | None) -> Any:
        values = {"history": self._history, "escalation": decided.escalation, "opened_at": self._now, "due": due}
        return self._loader.instant(first_escalation(self._rules, values, self._now))

    def _alike(self, draft: Draft, confidence: str, source: str) -> _Alike:
        decided, remit = draft.triage, draft.remit
        key = (id(decided), remit.id, draft.kind, draft.filing_indicator, confidence, source)
        found = self._shared.get(key)
        if found is None:
            if len(self._shared) > 2000:
                self._shared.clear()
            columns = Shared(
                (
                    self._batch,
                    str(draft.kind),
                    self._history,
                    "open",
                    1,
                    0,
                    decided.category,
                    decided.category,
                    decided.owner,
                    decided.handoff,
                    decided.next_step,
                    str(decided.preventable),
                    decided.escalation,
                    decided.decided_by,
                    decided.why,
                    remit.key.payer_key,
                    remit.payer_label,
                    remit.key.payee,
                    remit.practice_label,
                    draft.filing_indicator,
                    remit.stored_day,
                    remit.id,
                    remit.stored_day,
                    "none",
                    0,
                    confidence,
                    source,
                    self._stored_now,
                    self._stored_now,
                    self._stored_now,
                )
            )
            news = {"kind": str(draft.kind), "category": decided.category, "owner": decided.owner}
            found = self._shared[key] = _Alike(columns, json.dumps(news), decided)
        return found

    def _count(self, draft: Draft, code: str, location: str | None) -> None:
        decided, remit = draft.triage, draft.remit
        if draft.kind is Kind.REJECTION:
            self._tally.rejection(remit.day)
        if draft.kind is not Kind.DENIAL:
            return
        key = (
            decided.category,
            remit.payer_label,
            decided.owner,
            decided.handoff,
            remit.practice_label,
            remit.day,
            code,
            location,
        )
        cell = self._new.get(key)
        if cell is None:
            cell = self._new[key] = [0, 0]
        cell[0] += 1
        cell[1] += draft.amount

    def _ref(self) -> str:
        """A reference nobody has."""
        while not self._refs:
            drawn = [ref for ref in dict.fromkeys(new_refs(500)) if ref not in self._taken]
            used = claims.refs_among(self._reader, drawn)
            self._refs = [ref for ref in drawn if ref not in used]
            self._taken.update(self._refs)
        return self._refs.pop()


def names_of(
    category: str,
    payer: str,
    owner: str | None,
    handoff: str,
    code: str,
    practice: str | None,
    location: str | None,
) -> dict[str, str]:
    """The name under each dimension that a denial is counted under; none where it has no label."""
    names = {
        "category": category,
        "payer": payer,
        "owner": owner or "unowned",
        "handoff": handoff,
        "code": code,
        "practice": practice,
        "location": location,
    }
    return {dimension: name for dimension, name in names.items() if name}
