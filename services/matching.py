"""Claims over time: what a file's claims mean for those already known.

For every claim that a file touches, all that is stored of it is looked at anew (`denials.settlement`), and what differs
from the stored item becomes a transition of its life cycle. So a late file leads to the same end as one in time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from denials.commands import Command, LogEntry, Outcome, Reopen, Repeat, Settle, State, Transition
from denials.model import Kind, RemitClaim
from denials.rules.labels import UNLISTED_PAYER
from denials.settlement import Decision, LineAmounts, Refused, Settlement, Standing, settle
from denials.settlement import Outcome as Decided
from denials.triage import triage
from denials.triage_types import TAKE_BACK, Facts
from services.ingest_context import Context
from services.ingest_drafts import Draft, codes_of, limits_of, rarcs_of, sealed_facts
from services.ingest_items import Items, names_of
from services.ingest_remits import RemitRow
from services.items import state_of
from services.logged import taken_back, taken_back_on
from services.matching_changes import Changes
from services.money import cents
from store import claims
from store.claims import StoredClaim, StoredDenial, StoredRemit
from store.guidance import Words, guidance_id
from store.tables import Item

_PORTION = 500


def lines_text(claim: RemitClaim) -> str | None:
    """A claim's lines as the adjudication keeps them."""
    if not claim.lines:
        return None
    return ";".join(
        f"{line.ordinal}:{line.procedure or ''}:{cents(line.charge)}:{cents(line.paid)}" for line in claim.lines
    )


def lines_of(text: str | None) -> tuple[LineAmounts, ...] | None:
    """What `lines_text` wrote."""
    if text is None:
        return None
    found = []
    for line in text.split(";"):
        ordinal, rest = line.split(":", 1)
        procedure, charge, paid = rest.rsplit(":", 2)
        found.append(LineAmounts(int(ordinal), procedure, int(charge), int(paid)))
    return tuple(found)


@dataclass(slots=True)
class Touched:
    """What a file brought for claims that were known: gathered while it is read, settled at its end."""

    keys: set[int] = field(default_factory=set)
    added: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))  # item → remittances with new denials
    drafts: dict[tuple[int, int], Draft] = field(default_factory=dict)  # (item, remittance) → what it says
    reversals: dict[int, tuple[RemitClaim, RemitRow]] = field(default_factory=dict)  # the latest, by claim
    noted: set[tuple[int, int, int]] = field(default_factory=set)  # (item, remittance, place) already told


@dataclass(slots=True)
class _Known:
    """Everything stored of one claim."""

    adjudications: list[StoredClaim] = field(default_factory=list)
    denials: list[StoredDenial] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)


class Matching:
    """Settles touched claims within the transaction of a file."""

    def __init__(self, context: Context, made: Items) -> None:
        self._session, self._desk, self._rules = context.session, context.desk, context.rules
        self._made, self._tally = made, context.tally
        self._batch, self._now, self._history = context.batch_id, context.now, context.history
        self._changes = Changes(context, made)
        self._remits: dict[int, StoredRemit] = {}
        self._taken_back: dict[int, date] = {}  # item → when its decision was taken back, as its log says
        self._touched = Touched()

    def settle(self, touched: Touched, keys: Iterable[int]) -> None:
        """Bring items, standings and rollups in line with all that is stored of some claims."""
        self._touched = touched
        wanted = sorted(keys)
        for start in range(0, len(wanted), _PORTION):
            part = wanted[start : start + _PORTION]
            loaded = self._load(part)
            self._changes.prepare([item for known in loaded.values() for item in known.items])
            for key, known in loaded.items():
                self._settle_claim(key, known)
            self._changes.write()

    def _load(self, keys: Sequence[int]) -> dict[int, _Known]:
        found: dict[int, _Known] = {key: _Known() for key in keys}
        for claim in claims.adjudications(self._session, keys):
            found[claim.claim_key].adjudications.append(claim)
        for denial in claims.denials(self._session, keys):
            found[denial.claim_key].denials.append(denial)
        for item in claims.items_of(self._session, keys):
            found[item.number_key].items.append(item)
        ids = {claim.remit_id for known in found.values() for claim in known.adjudications}
        ids |= {row.remit_id for known in found.values() for row in known.denials}
        self._remits = claims.remits(self._session, ids)
        reversed_ones = [k for k in found.values() if any(c.standing == Standing.REVERSAL for c in k.adjudications)]
        self._taken_back = taken_back_on(self._session, [i.id or 0 for known in reversed_ones for i in known.items])
        return found

    def _settle_claim(self, key: int, known: _Known) -> None:
        parties: dict[tuple[str, str], list[StoredClaim]] = defaultdict(list)
        for claim in known.adjudications:
            remit = self._remits[claim.remit_id]
            parties[remit.payer_key, remit.payee].append(claim)
        for (payer, payee), adjudicated in parties.items():
            decided = settle(self._decision(claim) for claim in adjudicated)
            self._set_standings(adjudicated, decided)
            taken = [i for i in known.items if i.kind == Kind.TAKEBACK and (i.payer_key, i.practice) == (payer, payee)]
            self._take_back(key, taken[0] if taken else None, decided)
        groups: dict[tuple[str, str], list[Item]] = defaultdict(list)
        for item in known.items:
            if item.kind == Kind.DENIAL:
                groups[item.payer_key, item.practice].append(item)
        for group in groups.values():
            self._settle_group(group, known)

    def _decision(self, claim: StoredClaim, refused: tuple[Refused, ...] = ()) -> Decision:
        remit = self._remits[claim.remit_id]
        return Decision(
            day=remit.remit_date,
            place=(remit.remit_key, claim.ordinal),
            charge=claim.charge_cents,
            paid=claim.paid_cents,
            reversal=claim.standing == Standing.REVERSAL,
            lines=lines_of(claim.lines),
            refused=refused,
        )

    def _set_standings(self, adjudicated: Sequence[StoredClaim], decided: Decided) -> None:
        """A claim that was reversed no longer counts among the adjudicated, one whose reversal went away does again."""
        by_place = {(self._remits[c.remit_id].remit_date, self._place(c)): c for c in adjudicated}
        for decision, standing in zip(decided.order, decided.standings, strict=True):
            claim = by_place[decision.day, decision.place]
            if claim.standing == standing:
                continue
            claims.set_standing(self._session, claim, int(standing))
            before, after = claim.standing == Standing.STANDS, standing is Standing.STANDS
            if before != after:
                self._tally.claim(
                    decision.day,
                    1 if after else -1,
                    denied=claim.denied,
                    fully=claim.fully_denied,
                    charge=claim.charge_cents,
                    denied_cents=claim.denied_cents,
                )

    def _place(self, claim: StoredClaim) -> tuple[str, int]:
        return self._remits[claim.remit_id].remit_key, claim.ordinal

    # Denials

    def _settle_group(self, group: list[Item], known: _Known) -> None:
        """The items of one payer and payee about one claim."""
        one = group[0]
        ids = {item.id: item.first_category for item in group}
        own = [row for row in known.denials if row.item_id in ids]
        by_remit: dict[int, list[StoredDenial]] = defaultdict(list)
        for row in own:
            by_remit[row.remit_id].append(row)
        decisions, told = [], set[int]()
        for claim in sorted(known.adjudications, key=lambda c: (c.remit_id, not c.denied, c.ordinal)):
            if not self._concerns(one, self._remits[claim.remit_id]):
                continue
            refused: tuple[Refused, ...] = ()
            if claim.standing != Standing.REVERSAL and claim.remit_id not in told:
                told.add(claim.remit_id)
                refused = tuple(Refused(ids[r.item_id], r.line, r.amount_cents) for r in by_remit[claim.remit_id])
            decisions.append(self._decision(claim, refused))
        for remit_id, rows in by_remit.items():
            if remit_id not in told:  # an export: it says what was refused and nothing else
                remit = self._remits[remit_id]
                refused = tuple(Refused(ids[row.item_id], 0, row.amount_cents) for row in rows)
                decisions.append(Decision(remit.remit_date, (remit.remit_key, 0), 0, 0, refused=refused))
        settlements = settle(decisions).items
        for item in group:
            rows = [row for row in own if row.item_id == item.id]
            if rows:
                self._bring_up_to_date(item, settlements[item.first_category], rows)
            self._note_other_payers(item, known.adjudications)

    @staticmethod
    def _concerns(item: Item, remit: StoredRemit) -> bool:
        """Whether a remittance is of the item's payer to its payee, as far as both sides say."""
        same_payee = item.practice == remit.payee or not item.practice or not remit.payee
        same_label = item.payer_label == remit.payer_label != UNLISTED_PAYER
        return same_payee and (item.payer_key == remit.payer_key or same_label)

    def _bring_up_to_date(self, item: Item, standing: Settlement, rows: list[StoredDenial]) -> None:
        by_remit: dict[int, list[StoredDenial]] = defaultdict(list)
        for row in rows:
            by_remit[row.remit_id].append(row)
        order = sorted(by_remit, key=lambda one: (self._remits[one].remit_date, self._remits[one].remit_key, one))
        first, last = by_remit[order[0]], by_remit[order[-1]]
        values: dict[str, Any] = {
            "codes": codes_of(last),
            "rarcs": rarcs_of(last),
            "procedure": max(last, key=lambda row: row.amount_cents).procedure,
            "amount_cents": standing.amount,
            "remit_id": order[-1],
            "remit_date": self._remits[order[-1]].remit_date,
            "first_remit_date": self._remits[order[0]].remit_date,
            "first_cents": sum(row.amount_cents for row in first),
            "first_code": codes_of(first).partition(",")[0],
            "repeats": len(order) - 1,
            "payment": standing.payment,
            "measured_cents": standing.recovered,
        }
        again = order[-1] != item.remit_id
        if again:
            values.update(self._as_told_last(item, order[-1]))
        self._recount(item, values, [self._remits[one].remit_date for one in order], order)
        self._changes.apply(item, values, self._commands(item, standing, again))
        if standing.taken_back_on != self._taken_back.get(item.id or 0):
            self._changes.apply(item, {}, [taken_back(item, standing.taken_back_on)])

    def _as_told_last(self, item: Item, remit_id: int) -> dict[str, Any]:
        """What the latest denial says anew: its limits, and why it belongs where it is, unless people moved it."""
        draft = self._touched.drafts.get((item.id or 0, remit_id))
        if draft is None:
            return {}
        limits = limits_of(draft, self._rules)
        values: dict[str, Any] = {
            "due": limits.appeal.due if limits.appeal else None,
            "sealed": self._desk.vault.seal(
                sealed_facts(draft, limits.filing.due if limits.filing else None), item.seal_context
            ),
            "billed_cents": draft.billed,
        }
        confidence, source = (limits.appeal.confidence, limits.appeal.source) if limits.appeal else ("", "")
        if item.category == item.first_category:
            decided = draft.triage
            words = Words(decided.next_step, decided.decided_by, decided.why, confidence, source)
        else:
            words = item.words._replace(due_confidence=confidence, due_source=source)
        if (key := guidance_id(words)) != item.guidance_id:
            self._made.guidance.add(words)
            values["guidance_id"] = key
        if item.history and not self._history:
            values.update(history=False, opened_at=self._now, last_activity_at=self._now)
        return values

    def _recount(self, item: Item, values: Mapping[str, Any], days: list[date], order: list[int]) -> None:
        """Move the rollups from how the item was counted to how it counts now."""
        added = self._touched.added.pop(item.id or 0, set())
        before = [day for day, remit_id in zip(days, order, strict=True) if remit_id not in added]
        was = Counter(before)
        was[item.first_remit_date] -= 1
        now = Counter(days)
        now[values["first_remit_date"]] -= 1
        old = (item.first_remit_date, item.first_cents, item.first_code)
        new = (values["first_remit_date"], values["first_cents"], values["first_code"])
        if old == new and was == now:
            return
        for sign, (day, amount, code), repeats in ((-1, old, was), (1, new, now)):
            names = names_of(
                item.category,
                item.payer_label,
                item.owner,
                item.handoff,
                code,
                item.practice_label,
                item.location_label,
            )
            self._tally.denial(names, day, new=sign, cents=sign * amount)
            for other, count in repeats.items():
                if count:
                    self._tally.denial(names, other, repeats=sign * count)

    @staticmethod
    def _commands(item: Item, standing: Settlement, again: bool) -> list[Command]:
        commands: list[Command] = [Repeat()] if again else []
        changed = standing.recovered != item.measured_cents or standing.payment != item.payment
        if standing.payment == "full":
            if changed or again:
                commands.append(Settle(standing.recovered, full=True))
        elif changed and item.payment == "full" and not again:
            commands.append(Reopen(None, standing.recovered or None))
        elif changed:
            commands.append(Settle(standing.recovered, full=False))
        return commands

    def _note_other_payers(self, item: Item, adjudicated: Iterable[StoredClaim]) -> None:
        """Another payer's payment is worth knowing and recovers nothing."""
        for claim in adjudicated:
            remit = self._remits[claim.remit_id]
            mark = (item.id or 0, claim.remit_id, claim.ordinal)
            new = self._batch in (remit.batch_id, item.batch_id) and mark not in self._touched.noted
            if new and claim.paid_cents > 0 and not self._concerns(item, remit):
                self._touched.noted.add(mark)
                data = {"payer": remit.payer_label, "cents": claim.paid_cents}
                self._changes.log(item, "other_payer_paid", data)

    # Take-backs

    def _take_back(self, key: int, item: Item | None, decided: Decided) -> None:
        """A reversal that no new decision follows is told to the follow-up owner, until one does."""
        amount = decided.taken_back
        if item is None:
            if amount and key in self._touched.reversals:
                self._made.create(self._take_back_draft(key, amount))
            return
        if amount and (item.payment == "full" or item.amount_cents != amount):
            self._changes.apply(item, {"amount_cents": amount, "payment": "none"}, [Reopen()])
        elif not amount and item.payment != "full":
            paid = sum(one.paid for one, mark in zip(decided.order, decided.standings, strict=True) if mark == 0)
            self._changes.apply(item, {"payment": "full"}, [self._explained(item, max(0, paid))])

    @staticmethod
    def _explained(item: Item, paid: int) -> Command | Transition:
        """The payer decided anew: it paid again, or it refused, and then the denial has an item of its own."""
        if paid:
            return Settle(min(paid, item.amount_cents), full=True)
        before = state_of(item)
        after = type(before)(State.RESOLVED, before.assignee, before.version + 1, Outcome.NOT_A_DENIAL)
        data = {"state": str(State.RESOLVED), "outcome": str(Outcome.NOT_A_DENIAL)}
        return Transition(after, (LogEntry("settled", data, after.version),))

    def _take_back_draft(self, key: int, amount: int) -> Draft:
        claim, remit = self._touched.reversals[key]
        facts = Facts(
            payer_name=claim.payer.name,
            payer_ids=claim.payer.ids,
            filing_indicator=claim.filing_indicator,
            amount=abs(claim.paid),
            practice=claim.payee_npi,
            hint=TAKE_BACK,
        )
        return Draft(
            number=claim.claim_number,
            key=key,
            remit=remit,
            kind=Kind.TAKEBACK,
            triage=triage(facts, self._rules),
            facts=facts,
            rows=[],
            amount=amount,
            billed=abs(cents(claim.charge)),
            filing_indicator=claim.filing_indicator,
            service_date=claim.service_date,
            location=claim.location,
        )
