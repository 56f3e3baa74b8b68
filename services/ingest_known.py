"""Claims that were met before, in this file or an earlier one: each is taken in beside everything stored of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from denials.model import JudgedClaim, PaidClaim, RemitClaim, StatusRejection, Verdict
from denials.rules.labels import UNLISTED_PAYER
from denials.settlement import Standing
from services.ingest_adjudications import Adjudications, row_of
from services.ingest_context import Context, Counts
from services.ingest_drafts import Draft, Placed, drafts_of, rejection_draft
from services.ingest_items import Items
from services.ingest_remits import RemitRow
from services.matching import Matching, Touched
from services.money import cents
from store import claims
from store.bulk import Row

_PORTION = 1_000
_SETTLE_AT = 5_000


@dataclass(slots=True)
class Waiting:
    """A claim that goes the careful way."""

    key: int
    remit: RemitRow
    claim: RemitClaim | PaidClaim | JudgedClaim | StatusRejection
    verdict: Verdict
    denials: list[tuple[Placed, int]]


@dataclass(slots=True)
class _Entry:
    """An item of a known claim, and the remittances that denied it."""

    item: claims.StoredItem
    remits: set[int]


class KnownClaims:
    """Gathers known claims and takes them in by the thousand."""

    def __init__(self, context: Context, counts: Counts, made: Items, adjudications: Adjudications) -> None:
        self._session, self._loader, self._rules = context.session, context.loader, context.rules
        self._made, self._adjudications, self._counts = made, adjudications, counts
        self._matching = Matching(context, made)
        self._touched = Touched()
        self._waiting: list[Waiting] = []

    def add(self, waiting: Waiting) -> None:
        """Let a claim wait for its turn."""
        self._waiting.append(waiting)

    def take_if_many(self) -> None:
        """Take in what waits, once there is enough of it."""
        if len(self._waiting) >= _PORTION:
            self._take()

    def finish(self) -> None:
        """Take in the rest and settle every claim that was touched."""
        self._take()
        self._settle(self._touched.keys)

    def _take(self) -> None:
        """Take in the claims that go the careful way, seeing everything that is stored of them."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        self._store()
        keys = {one.key for one in waiting}
        told: dict[int, list[claims.StoredClaim]] = defaultdict(list)
        for stored in claims.adjudications(self._session, keys):
            told[stored.claim_key].append(stored)
        denied = claims.denials(self._session, keys)
        rows = {tuple(row[:7]) for row in denied}
        entries = self._entries(keys, denied)
        for one in waiting:
            self._take_known(one, told[one.key], rows, entries[one.key])
        self._store()
        settled = self._touched.keys - self._touched.reversals.keys()
        if len(settled) >= _SETTLE_AT:
            self._settle(settled)

    def _settle(self, keys: set[int]) -> None:
        self._matching.settle(self._touched, keys)
        self._touched.keys = self._touched.keys - keys
        self._touched.drafts = {k: draft for k, draft in self._touched.drafts.items() if draft.key not in keys}
        self._store()

    def _store(self) -> None:
        """Have everything that was made in the database, so that it can be looked up."""
        self._adjudications.write()
        self._made.write()
        self._loader.flush()

    def _entries(self, keys: set[int], denied: Sequence[claims.StoredDenial]) -> dict[int, list[_Entry]]:
        remits: dict[int, set[int]] = defaultdict(set)
        for row in denied:
            remits[row.item_id].add(row.remit_id)
        found: dict[int, list[_Entry]] = defaultdict(list)
        for item in claims.item_keys(self._session, keys):
            found[item.number_key].append(_Entry(item, remits[item.id]))
        return found

    def _take_known(
        self,
        one: Waiting,
        told: list[claims.StoredClaim],
        rows: set[tuple[object, ...]],
        entries: list[_Entry],
    ) -> None:
        claim, remit = one.claim, one.remit
        if isinstance(claim, StatusRejection):
            drafts = [rejection_draft(claim, one.key, remit, self._rules)]
        else:
            whole = claim if isinstance(claim, RemitClaim) else claim.whole()
            if not remit.csv and self._adjudicate_known(one, whole, told):
                self._touched.keys.add(one.key)
            drafts = drafts_of(whole, one.denials, one.key, remit, cents(whole.charge))
        for draft in drafts:
            fresh = [row for row in draft.rows if tuple(row[:7]) not in rows]
            self._counts.duplicates += len(draft.rows) - len(fresh)
            if not fresh:
                continue
            rows.update(tuple(row[:7]) for row in fresh)
            self._touched.keys.add(one.key)
            self._add(draft, fresh, entries)

    def _adjudicate_known(self, one: Waiting, claim: RemitClaim, told: list[claims.StoredClaim]) -> bool:
        """Store the adjudication unless it is stored; whether it was new.

        The same decision in the same remittance is the same one, wherever it stands in the file, unless the remittance
        also takes it back.
        """
        here = [stored for stored in told if stored.remit_id == one.remit.id]
        if any(stored.ordinal == claim.ordinal for stored in here):
            return False
        stored = row_of(claim, one.verdict, one.key, one.remit)
        twice = any((old.charge_cents, old.paid_cents, old.denied_cents) == stored[6:9] for old in here)
        if twice and (one.verdict.reversal or not any(old.standing == Standing.REVERSAL for old in here)):
            return False
        told.append(stored)
        self._adjudications.add(stored, one.remit)
        if one.verdict.reversal:
            self._counts.reversals += 1
            latest = self._touched.reversals.get(one.key)
            if latest is None or latest[1].day <= one.remit.day:
                self._touched.reversals[one.key] = (claim, one.remit)
        return True

    def _add(self, draft: Draft, fresh: list[Row], entries: list[_Entry]) -> None:
        """Denied amounts of a claim that is known: of an item there is, or of a new one."""
        entry = self._entry_for(draft, entries)
        if entry is None:
            draft.rows, draft.amount = fresh, sum(row[5] for row in fresh)
            number = self._made.create(draft)
            key, label = draft.remit.key, draft.remit.payer_label
            item = claims.StoredItem(
                draft.key, number, draft.triage.category, str(draft.kind), key.payer_key, label, key.payee
            )
            entries.append(_Entry(item, {draft.remit.id}))
            return
        self._counts.count_rows(draft.triage.category, draft.kind, len(fresh), sum(row[5] for row in fresh))
        number = entry.item.id
        self._made.add_rows(number, fresh)
        if draft.remit.id not in entry.remits:
            entry.remits.add(draft.remit.id)
            self._touched.added[number].add(draft.remit.id)
            self._counts.repeats += 1
        self._touched.drafts[number, draft.remit.id] = draft

    @staticmethod
    def _entry_for(draft: Draft, entries: list[_Entry]) -> _Entry | None:
        """The item of this payer, payee and category; where one side gives no payee or another id, a label will do."""
        key, label = draft.remit.key, draft.remit.payer_label
        kind, category = str(draft.kind), draft.triage.category
        alike = [one for one in entries if (one.item.kind, one.item.first_category) == (kind, category)]
        for entry in alike:
            if (entry.item.payer_key, entry.item.practice) == (key.payer_key, key.payee):
                return entry
        for entry in alike:
            item = entry.item
            same_payee = item.practice == key.payee or not item.practice or not key.payee
            same_payer = item.payer_key == key.payer_key or item.payer_label == label != UNLISTED_PAYER
            if same_payee and same_payer:
                return entry
        return None
