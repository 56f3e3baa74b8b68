"""The claims of a file, portion by portion: first-timers straight to the database, known ones beside what is stored.

Most claims are met for the first time and were simply paid: those cost one hash and one narrow row each. A claim that
the file or the database has met before, every reversal, and everything of a remittance that is known goes the careful
way (`services.matching`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from denials.adjudication import NO_STATUS, judge
from denials.model import Denial, Kind, PaidClaim, RemitClaim, StatusRejection, Verdict
from denials.rules.labels import UNLISTED_PAYER
from denials.settlement import Standing
from intake.batch import Record, RowError
from services.ingest_context import Context
from services.ingest_items import Draft, Items, drafts_of, rejection_draft
from services.ingest_remits import RemitRow, Remits
from services.matching import Matching, Touched, lines_text
from services.money import cents
from store import claims
from store.bulk import Row, Target

ADJUDICATION = Target(
    "adjudication",
    (
        "claim_key",
        "remit_id",
        "ordinal",
        "standing",
        "denied",
        "fully_denied",
        "charge_cents",
        "paid_cents",
        "denied_cents",
        "lines",
    ),
)
_KNOWN_PORTION = 1_000
_SETTLE_AT = 5_000
_MOST_ERRORS = 10_000
_MET_BITS = 25  # 4 MB; at a million claims one in thirty goes the careful way for nothing

Judged = RemitClaim | PaidClaim | StatusRejection


@dataclass(slots=True)
class Counts:
    """What a file brought."""

    claims: int = 0
    denials: int = 0
    new: int = 0
    repeats: int = 0
    duplicates: int = 0
    paid_claims: int = 0
    reversals: int = 0
    rejected_rows: int = 0
    denied_cents: int = 0
    by_category: Counter[str] = field(default_factory=Counter)
    errors: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Waiting:
    """A claim that goes the careful way."""

    key: int
    remit: RemitRow
    claim: Judged
    verdict: Verdict
    denials: list[tuple[Denial, int]]


@dataclass(slots=True)
class _Entry:
    """An item of a known claim."""

    id: int
    first_category: str
    kind: str
    payer_key: str
    payer_label: str
    practice: str
    remits: set[int]


class Claims:
    """Takes the records of one file and counts them."""

    def __init__(self, context: Context, counts: Counts) -> None:
        self._session, self._reader, self._loader = context.session, context.reader, context.loader
        self._rules, self._vault, self._tally = context.rules, context.desk.vault, context.tally
        self.counts = counts
        self.remits = self._remits = Remits(context)
        self.made = self._made = Items(context)
        self._matching = Matching(context, self._made)
        self._met = bytearray(1 << (_MET_BITS - 3))
        self._stored = claims.anything(self._reader)
        self._waiting: list[_Waiting] = []
        self._adjudications: list[Row] = []
        self._touched = Touched()
        self._rows_alike: Counter[int] = Counter()  # of an export: how often a row like this one came

    def take(self, portion: Sequence[Record]) -> None:
        """Take in the next records of the file."""
        read = [record for record in portion if not isinstance(record, RowError)]
        if len(read) < len(portion):
            self._note_errors(portion)
        self.counts.claims += len(read)
        keys = self._vault.number_keys([record.claim_number for record in read])
        known = self._known_among(read, keys)
        rows: dict[tuple[int, int], tuple[RemitClaim, RemitRow, list[tuple[Denial, int]]]] = {}
        for record, key in zip(read, keys, strict=True):
            place = key & ((1 << _MET_BITS) - 1)
            flag = 1 << (place & 7)
            met = self._met[place >> 3] & flag or key in known
            self._met[place >> 3] |= flag
            if type(record) is PaidClaim:
                self._take_paid(record, key, bool(met))
            elif isinstance(record, RemitClaim):
                if record.status == NO_STATUS:
                    self._take_row(record, key, bool(met), rows)
                else:
                    self._take_claim(record, key, bool(met))
            elif isinstance(record, StatusRejection):
                self._take_rejection(record, key, bool(met))
        for (key, _), (claim, remit, denials) in rows.items():
            self._create(drafts_of(claim, denials, key, remit, self._rules))
        self._write()
        if len(self._waiting) >= _KNOWN_PORTION:
            self._take_waiting()

    def finish(self) -> None:
        """Take in what still waits, settle what was touched, and count."""
        self._take_waiting()
        self._settle(self._touched.keys)
        self._write()
        self._loader.flush()
        self._made.count_new()
        self._remits.each(self._count_remit)
        self.counts.new = self._made.count

    # First-timers

    def _take_paid(self, claim: PaidClaim, key: int, met: bool) -> None:
        remit = self._remits.of_paid(claim.remit)
        self.counts.paid_claims += 1
        if met or remit.known:
            self._waiting.append(_Waiting(key, remit, claim, _CLEAN, []))
            return
        charge = claim.charge_cents
        self._adjudications.append((key, remit.id, claim.ordinal, 0, False, False, charge, claim.paid_cents, 0, None))
        remit.counts[0] += 1
        remit.counts[3] += charge

    def _take_claim(self, claim: RemitClaim, key: int, met: bool) -> None:
        verdict = judge(claim)
        if not verdict.counted and not verdict.reversal:
            return
        remit = self._remits.of(claim.payer, claim.remit_key, claim.payee_npi, claim.remit_date)
        denials = [(denial, denial.nth) for denial in verdict.denials]
        if not denials and not verdict.reversal:
            self.counts.paid_claims += 1
        if met or remit.known or verdict.reversal:
            self._waiting.append(_Waiting(key, remit, claim, verdict, denials))
            return
        self._adjudicate(claim, verdict, key, remit)
        if denials:
            self._create(drafts_of(claim, denials, key, remit, self._rules))

    def _take_row(
        self,
        claim: RemitClaim,
        key: int,
        met: bool,
        rows: dict[tuple[int, int], tuple[RemitClaim, RemitRow, list[tuple[Denial, int]]]],
    ) -> None:
        """A row of an export. The rows of one claim and day belong together, wherever in the file they stand."""
        verdict = judge(claim)
        remit = self._remits.of(claim.payer, claim.remit_key, claim.payee_npi, claim.remit_date)
        denials = []
        for denial in verdict.denials:
            alike = hash((key, remit.id, denial.line, denial.group, denial.carc, denial.amount))
            self._rows_alike[alike] += 1
            denials.append((denial, self._rows_alike[alike]))
        together = rows.get((key, remit.id))
        if together is not None:
            together[2].extend(denials)
        elif met:
            self._waiting.append(_Waiting(key, remit, claim, verdict, denials))
        elif denials:
            rows[key, remit.id] = (claim, remit, denials)

    def _take_rejection(self, rejection: StatusRejection, key: int, met: bool) -> None:
        remit = self._remits.of(rejection.payer, rejection.remit_key, rejection.payee_npi, rejection.remit_date)
        if met or remit.known:
            self._waiting.append(_Waiting(key, remit, rejection, _CLEAN, []))
        else:
            self._create([rejection_draft(rejection, key, remit, self._rules)])

    def _create(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            self._made.create(draft)
            self._count_rows(draft, draft.rows)

    def _adjudicate(self, claim: RemitClaim, verdict: Verdict, key: int, remit: RemitRow) -> None:
        charge, denied, lines = cents(claim.charge), cents(verdict.denied), lines_text(claim)
        standing = int(Standing.REVERSAL if verdict.reversal else Standing.STANDS)
        is_denied = bool(verdict.denials)
        self._adjudications.append(
            (
                key,
                remit.id,
                claim.ordinal,
                standing,
                is_denied,
                verdict.fully_denied,
                charge,
                cents(claim.paid),
                denied,
                lines,
            )
        )
        if standing == Standing.STANDS:
            for place, value in enumerate((1, int(is_denied), int(verdict.fully_denied), charge, denied)):
                remit.counts[place] += value

    # Known claims

    def _known_among(self, read: Sequence[Judged], keys: Sequence[int]) -> set[int]:
        """The claims of a portion that the database knew something of before this file that could matter."""
        items, adjudicated, reversals = self._stored
        found: set[int] = set()
        if items:
            found |= claims.items_among(self._reader, keys)
        if adjudicated:
            open_ones = [key for record, key in zip(read, keys, strict=True) if type(record) is not PaidClaim]
            found |= claims.adjudicated_among(self._reader, open_ones)
        if reversals:
            found |= claims.reversed_among(self._reader, keys)
        return found

    def _take_waiting(self) -> None:
        """Take in the claims that go the careful way, seeing everything that is stored of them."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        self._write()
        self._loader.flush()
        keys = {one.key for one in waiting}
        told: dict[int, list[claims.StoredClaim]] = defaultdict(list)
        for stored in claims.adjudications(self._session, keys):
            told[stored.claim_key].append(stored)
        denied = claims.denials(self._session, keys)
        rows = {tuple(row[:7]) for row in denied}
        entries = self._entries(keys, denied)
        for one in waiting:
            self._take_known(one, told[one.key], rows, entries[one.key])
        self._write()
        self._loader.flush()
        settled = self._touched.keys - self._touched.reversals.keys()
        if len(settled) >= _SETTLE_AT:
            self._settle(settled)

    def _settle(self, keys: set[int]) -> None:
        self._matching.settle(self._touched, keys)
        self._touched.keys = self._touched.keys - keys
        self._touched.drafts = {}
        self._write()
        self._loader.flush()

    def _entries(self, keys: set[int], denied: Sequence[claims.StoredDenial]) -> dict[int, list[_Entry]]:
        remits: dict[int, set[int]] = defaultdict(set)
        for row in denied:
            remits[row.item_id].add(row.remit_id)
        found: dict[int, list[_Entry]] = defaultdict(list)
        for item in claims.items_of(self._session, keys):
            number = item.id or 0
            entry = _Entry(
                number,
                item.first_category,
                item.kind,
                item.payer_key,
                item.payer_label,
                item.practice,
                remits[number],
            )
            found[item.number_key].append(entry)
        return found

    def _take_known(
        self,
        one: _Waiting,
        told: list[claims.StoredClaim],
        rows: set[tuple[object, ...]],
        entries: list[_Entry],
    ) -> None:
        claim, remit = one.claim, one.remit
        if isinstance(claim, StatusRejection):
            drafts = [rejection_draft(claim, one.key, remit, self._rules)]
        else:
            whole = claim.whole() if isinstance(claim, PaidClaim) else claim
            if not remit.csv and self._adjudicate_known(one, whole, told):
                self._touched.keys.add(one.key)
            drafts = drafts_of(whole, one.denials, one.key, remit, self._rules)
        for draft in drafts:
            fresh = [row for row in draft.rows if tuple(row[:7]) not in rows]
            self.counts.duplicates += len(draft.rows) - len(fresh)
            if not fresh:
                continue
            rows.update(tuple(row[:7]) for row in fresh)
            self._touched.keys.add(one.key)
            self._add(draft, fresh, entries)

    def _adjudicate_known(self, one: _Waiting, claim: RemitClaim, told: list[claims.StoredClaim]) -> bool:
        """Store the adjudication unless it is stored; whether it was new.

        The same decision in the same remittance is the same one, wherever it stands in the file, unless the remittance
        also takes it back.
        """
        verdict = one.verdict
        here = [stored for stored in told if stored.remit_id == one.remit.id]
        if any(stored.ordinal == claim.ordinal for stored in here):
            return False
        stored = claims.StoredClaim(
            one.key,
            one.remit.id,
            claim.ordinal,
            int(Standing.REVERSAL if verdict.reversal else Standing.STANDS),
            bool(verdict.denials),
            verdict.fully_denied,
            cents(claim.charge),
            cents(claim.paid),
            cents(verdict.denied),
            lines_text(claim),
        )
        twice = any((old.charge_cents, old.paid_cents, old.denied_cents) == stored[6:9] for old in here)
        if twice and (verdict.reversal or not any(old.standing == Standing.REVERSAL for old in here)):
            return False
        told.append(stored)
        self._adjudicate(claim, verdict, one.key, one.remit)
        if verdict.reversal:
            self.counts.reversals += 1
            latest = self._touched.reversals.get(one.key)
            if latest is None or latest[1].day <= one.remit.day:
                self._touched.reversals[one.key] = (claim, one.remit)
        return True

    def _add(self, draft: Draft, fresh: list[Row], entries: list[_Entry]) -> None:
        """Denied amounts of a claim that is known: of an item there is, or of a new one."""
        self._count_rows(draft, fresh)
        entry = self._entry_for(draft, entries)
        if entry is None:
            draft.rows, draft.amount = fresh, sum(row[5] for row in fresh)
            number = self._made.create(draft)
            key, remit = draft.remit.key, draft.remit
            category = draft.triage.category
            new = _Entry(number, category, str(draft.kind), key.payer_key, remit.payer_label, key.payee, {remit.id})
            entries.append(new)
            return
        self._made.add_rows(entry.id, fresh)
        if draft.remit.id not in entry.remits:
            entry.remits.add(draft.remit.id)
            self._touched.added[entry.id].add(draft.remit.id)
            self.counts.repeats += 1
        self._touched.drafts[entry.id, draft.remit.id] = draft

    @staticmethod
    def _entry_for(draft: Draft, entries: list[_Entry]) -> _Entry | None:
        """The item of this payer, payee and category; where one side gives no payee or another id, a label will do."""
        key, label = draft.remit.key, draft.remit.payer_label
        alike = [e for e in entries if (e.kind, e.first_category) == (str(draft.kind), draft.triage.category)]
        for entry in alike:
            if (entry.payer_key, entry.practice) == (key.payer_key, key.payee):
                return entry
        for entry in alike:
            same_payee = entry.practice == key.payee or not entry.practice or not key.payee
            same_payer = entry.payer_key == key.payer_key or entry.payer_label == label != UNLISTED_PAYER
            if same_payee and same_payer:
                return entry
        return None

    # Counting and writing

    def _count_rows(self, draft: Draft, rows: Sequence[Row]) -> None:
        counts = self.counts
        counts.by_category[draft.triage.category] += len(rows)
        if draft.kind is Kind.DENIAL:
            counts.denials += len(rows)
            counts.denied_cents += sum([row[5] for row in rows])

    def _count_remit(self, remit: RemitRow) -> None:
        cell = self._tally.claims[remit.day]
        for place, value in enumerate(remit.counts):
            cell[place] += value

    def _note_errors(self, portion: Sequence[Record]) -> None:
        for record in portion:
            if isinstance(record, RowError):
                self.counts.rejected_rows += record.kind == "rejected"
                if len(self.counts.errors) < _MOST_ERRORS:
                    self.counts.errors.append((record.line, record.message))

    def _write(self) -> None:
        self._loader.put(ADJUDICATION, self._adjudications)
        self._adjudications = []
        self._made.write()


_CLEAN = Verdict()
