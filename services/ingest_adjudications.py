"""What a remittance decided of each claim, as narrow rows: the denominator of every rate."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import islice
from operator import itemgetter

from denials.model import JudgedClaim, JudgedLine, RemitClaim, Verdict
from denials.settlement import Standing
from services.ingest_context import Context
from services.ingest_remits import RemitRow
from services.matching import lines_text
from services.money import cents
from store.bulk import Row, Target
from store.claims import StoredClaim

ADJUDICATION = Target("adjudication", StoredClaim._fields)
_PAID = Target(
    "adjudication",
    ("claim_key", "remit_id", "ordinal", "charge_cents", "paid_cents"),
    (("standing", int(Standing.STANDS)), ("denied", 0), ("fully_denied", 0), ("denied_cents", 0), ("lines", None)),
)
_DENIED = Target(
    "adjudication",
    ("claim_key", "remit_id", "ordinal", "fully_denied", "charge_cents", "paid_cents", "denied_cents", "lines"),
    (("standing", int(Standing.STANDS)), ("denied", 1)),
)
_WRITE_AT = 16_000  # rows that are sorted together: each time, every page of a large table is written once
_PORTION = 2_000  # rows handed to the loader at once, of those sorted together
_MOST_KEPT = 5_000


class Adjudications:
    """Gathers rows for the loader and counts what stands."""

    def __init__(self, context: Context) -> None:
        self._loader, self._tally = context.loader, context.tally
        self._paid = [array("q") for _ in _PAID.columns]
        self._denied: list[Row] = []
        self._rows: list[Row] = []
        self._texts: dict[tuple[int, JudgedLine], str] = {}  # of a line at its place

    def add_paid(self, rows: Sequence[Row], remit: RemitRow | None) -> None:
        """Claims of one remittance that were simply paid: their keys, the remittance, ordinals, charges and payments.

        Lines are not kept: nothing is known that they matter to.
        """
        if remit is not None:
            for column, values in zip(self._paid, zip(*rows, strict=True), strict=False):
                column.extend(values)
            remit.counts[0] += len(rows)
            remit.counts[3] += sum([row[3] for row in rows])

    def add_judged(self, claim: JudgedClaim, key: int, remit: RemitRow) -> None:
        """A denied claim that came with its lines judged."""
        denied = share = 0
        texts, lines = self._texts, []
        for place in enumerate(claim.judged, 1):
            line = place[1]
            denied += line.denied_cents
            share += line.share_cents
            lines.append(texts.get(place) or self._text(place))
        charge, paid = claim.charge_cents, claim.paid_cents
        fully = paid <= 0 and share <= 0
        self._denied.append((key, remit.id, claim.ordinal, fully, charge, paid, denied, ";".join(lines)))
        counts = remit.counts
        counts[0] += 1
        counts[1] += 1
        counts[2] += fully
        counts[3] += charge
        counts[4] += denied

    def _text(self, at: tuple[int, JudgedLine]) -> str:
        place, line = at
        if len(self._texts) >= _MOST_KEPT:
            self._texts.clear()
        text = self._texts[at] = f"{place}:{line.procedure or ''}:{line.charge_cents}:{line.paid_cents}"
        return text

    def add(self, row: StoredClaim, remit: RemitRow) -> None:
        """Any other claim."""
        self._rows.append(row)
        if row.standing == Standing.STANDS:
            values = (1, int(row.denied), int(row.fully_denied), row.charge_cents, row.denied_cents)
            for place, value in enumerate(values):
                remit.counts[place] += value

    def write_if_many(self) -> None:
        """Hand what was gathered to the loader, once it is worth it."""
        if len(self._paid[0]) >= _WRITE_AT:
            self._write_paid()
        if len(self._denied) + len(self._rows) >= _WRITE_AT // 4:  # they are larger
            self._write_others()

    def write(self) -> None:
        """Hand what was gathered to the loader."""
        self._write_paid()
        self._write_others()

    def _write_paid(self) -> None:
        keys = self._paid[0]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        rows = zip(*[map(column.__getitem__, order) for column in self._paid], strict=True)
        while portion := list(islice(rows, _PORTION)):
            self._loader.put(_PAID, portion)
        self._paid = [array("q") for _ in _PAID.columns]

    def _write_others(self) -> None:
        for target, rows in ((_DENIED, self._denied), (ADJUDICATION, self._rows)):
            rows.sort(key=itemgetter(0))  # SQLite keeps them in that order, so neighbors are found at once
            self._loader.put(target, rows)
        self._denied, self._rows = [], []

    def count(self, remit: RemitRow) -> None:
        """Add what a remittance brought to the rollups; once, at the end."""
        cell = self._tally.claims[remit.day]
        for place, value in enumerate(remit.counts):
            cell[place] += value


def row_of(claim: RemitClaim, verdict: Verdict, key: int, remit: RemitRow) -> StoredClaim:
    """A judged claim as it is stored."""
    return StoredClaim(
        key,
        remit.id,
        claim.ordinal,
        int(Standing.REVERSAL if verdict.reversal else Standing.STANDS),
        bool(verdict.denials),
        verdict.fully_denied,
        cents(claim.charge),
        cents(claim.paid),
        cents(verdict.denied),
        lines_text(claim),
    )
