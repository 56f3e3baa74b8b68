"""The claims of a file, portion by portion: first-timers straight to the database, known ones beside what is stored.

Most claims are met for the first time and were simply paid: those cost one hash and one narrow row each. A claim that
the file or the database has met before, every reversal, and everything of a remittance that is known goes the careful
way (`services.ingest_known`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from denials.adjudication import NO_STATUS, judge
from denials.model import JudgedClaim, PaidClaim, Remit, RemitClaim, StatusRejection, Verdict
from intake.batch import Record, RowError
from services.ingest_adjudications import Adjudications, row_of
from services.ingest_context import Context, Counts
from services.ingest_drafts import Draft, Drafter, Placed, drafts_of, rejection_draft
from services.ingest_items import Items
from services.ingest_known import KnownClaims, Waiting
from services.ingest_remits import RemitRow, Remits
from services.money import cents
from services.views import NOTHING_LEFT_OUT
from store import claims
from store.bulk import Row

_MOST_ERRORS = 10_000
_MET_BITS = 24  # 2 MB; of a million claims one in thirty goes the careful way for nothing
_CLEAN = Verdict()

Judged = RemitClaim | PaidClaim | JudgedClaim | StatusRejection
_Rows = dict[tuple[int, int], tuple[JudgedClaim, RemitRow, list[tuple[Placed, int]]]]


class Claims:
    """Takes the records of one file and counts them."""

    def __init__(self, context: Context, counts: Counts) -> None:
        self._reader, self._stored = context.reader, context.stored
        self._rules, self._vault = context.rules, context.desk.vault
        self._counts = counts
        self.remits = Remits(context)
        self.made = Items(context, counts)
        self._adjudications = Adjudications(context)
        self._known = KnownClaims(context, counts, self.made, self._adjudications)
        self._met = bytearray()  # made with the first claim of a remittance
        self._drafter = Drafter(context.rules)
        # Of an export: its claims, with a hash of their row while they have only one; then how often each row came.
        self._exported: dict[int, int] = {}
        self._rows_alike: dict[tuple[int, int], int] = {}

    def take(self, portion: Sequence[Record]) -> None:
        """Take in the next records of the file."""
        read = [record for record in portion if not isinstance(record, RowError)]
        if len(read) < len(portion):
            self._note_errors(portion)
        keys = self._vault.number_keys([record.claim_number for record in read])
        known = self._known_among(read, keys)
        if read and isinstance(read[0], JudgedClaim) and read[0].status == NO_STATUS:
            self._take_export(read, keys, known)
        else:
            self._take_claims(read, keys, known)
        self._adjudications.write_if_many()
        self.made.write_if_many()
        self._known.take_if_many()

    def finish(self) -> None:
        """Take in what still waits, settle what was touched, and count."""
        self._known.finish()
        self._adjudications.write()
        self.made.write()
        self.made.count()
        self.remits.each(self._adjudications.count)

    def _take_claims(self, read: Sequence[Judged], keys: Sequence[int], known: set[int]) -> None:
        self._counts.claims += len(read)
        seen = self._met = self._met or bytearray(1 << (_MET_BITS - 3))
        bits = (1 << _MET_BITS) - 1
        paid: list[Row] = []
        remit: Remit | None = None
        row: RemitRow | None = None
        for record, key in zip(read, keys, strict=True):
            place, flag = (key & bits) >> 3, 1 << (key & 7)
            byte = seen[place]
            seen[place] = byte | flag
            met = byte & flag or key in known
            if type(record) is PaidClaim:
                if row is None or record.remit is not remit:
                    self._adjudications.add_paid(paid, row)
                    paid, remit, row = [], record.remit, self.remits.of_remit(record.remit)
                if met or row.known:
                    self._known.add(Waiting(key, row, record, _CLEAN, []))
                else:
                    paid.append((key, row.id, record.ordinal, record.charge_cents, record.paid_cents))
            else:
                self._take_other(record, key, bool(met))
        self._counts.paid_claims += sum(type(record) is PaidClaim for record in read)
        self._adjudications.add_paid(paid, row)

    def _take_other(self, record: Judged, key: int, met: bool) -> None:
        """A claim that was not simply paid."""
        if isinstance(record, JudgedClaim):
            remit = self.remits.of_remit(record.remit)
            if met or remit.known:
                self._take_claim(record.whole(), key, met)
            else:
                self._adjudications.add_judged(record, key, remit)
                self.made.add(self._drafter.molds(record), key, remit, record)
        elif isinstance(record, RemitClaim):
            self._take_claim(record, key, met)
        elif isinstance(record, StatusRejection):
            self._take_rejection(record, key, met)

    def _take_export(self, read: Sequence[Judged], keys: Sequence[int], known: set[int]) -> None:
        """Rows of an export. A claim that has several is still one claim, and their amounts belong together."""
        exported, rows, before = self._exported, _Rows(), len(self._exported)
        several = {key for key, count in Counter(keys).items() if count > 1} if len(set(keys)) < len(keys) else ()
        for record, key in zip(read, keys, strict=True):
            if not isinstance(record, JudgedClaim):
                continue
            remit = self.remits.of_remit(record.remit)
            met = key in exported or key in known
            molds = self._drafter.molds(record)
            if met or key in several or [len(mold.rows) for mold in molds] != [1]:
                self._take_row(record, key, remit, met, rows)
                exported.setdefault(key, 0)
            else:
                self.made.add(molds, key, remit, record)
                exported[key] = hash((remit.id, hash(molds[0].rows[0][:4])))
        self._counts.claims += len(exported) - before
        for (key, _), (claim, said_by, denials) in rows.items():
            self._create(drafts_of(claim, denials, key, said_by, claim.charge_cents))

    def _known_among(self, read: Sequence[Judged], keys: Sequence[int]) -> set[int]:
        """The claims of a portion that the database knew something of before this file that could matter."""
        found: set[int] = set()
        if self._stored.items:
            found |= claims.items_among(self._reader, keys)
        if self._stored.adjudications:
            open_ones = [key for record, key in zip(read, keys, strict=True) if type(record) is not PaidClaim]
            found |= claims.adjudicated_among(self._reader, open_ones)
        if self._stored.reversals:
            found |= claims.reversed_among(self._reader, keys)
        return found

    def _take_claim(self, claim: RemitClaim, key: int, met: bool) -> None:
        verdict = judge(claim)
        if not verdict.counted and not verdict.reversal:
            return
        remit = self.remits.of(claim.payer, claim.remit_key, claim.payee_npi, claim.remit_date)
        denials = [(placed, placed.nth) for placed in self._drafter.placed(claim, verdict.denials)]
        if not denials and not verdict.reversal:
            self._counts.paid_claims += 1
        if met or remit.known or verdict.reversal:
            self._known.add(Waiting(key, remit, claim, verdict, denials))
            return
        self._adjudications.add(row_of(claim, verdict, key, remit), remit)
        if denials:
            self._create(drafts_of(claim, denials, key, remit, cents(claim.charge)))

    def _take_row(self, claim: JudgedClaim, key: int, remit: RemitRow, met: bool, rows: _Rows) -> None:
        """A row of an export. The rows of one claim and day belong together, wherever in the file they stand."""
        denials = []
        for placed in self._drafter.placed_by_line(claim):
            alike = hash((remit.id, hash(placed.head)))
            before = self._exported.get(key) == alike
            nth = self._rows_alike[key, alike] = self._rows_alike.get((key, alike), int(before)) + 1
            denials.append((placed, nth))
        together = rows.get((key, remit.id))
        if together is not None:
            together[2].extend(denials)
        elif met:
            self._known.add(Waiting(key, remit, claim, _CLEAN, denials))
        elif denials:
            rows[key, remit.id] = (claim, remit, denials)

    def _take_rejection(self, rejection: StatusRejection, key: int, met: bool) -> None:
        remit = self.remits.of(rejection.payer, rejection.remit_key, rejection.payee_npi, rejection.remit_date)
        if met or remit.known:
            self._known.add(Waiting(key, remit, rejection, _CLEAN, []))
        else:
            self._create([rejection_draft(rejection, key, remit, self._rules)])

    def _create(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            self.made.create(draft)

    def _note_errors(self, portion: Sequence[Record]) -> None:
        for record in portion:
            if isinstance(record, RowError):
                self._counts.rejected_rows += record.kind == "rejected"
                if len(self._counts.errors) < _MOST_ERRORS:
                    message = record.message if record.kind == "rejected" else NOTHING_LEFT_OUT + record.message
                    self._counts.errors.append((record.line, message))
