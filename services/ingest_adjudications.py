"""What a remittance decided of each claim, as narrow rows: the denominator of every rate."""

from __future__ import annotations

from denials.model import PaidClaim, RemitClaim, Verdict
from denials.settlement import Standing
from services.ingest_context import Context
from services.ingest_remits import RemitRow
from services.matching import lines_text
from services.money import cents
from store.bulk import Row, Target
from store.claims import StoredClaim

ADJUDICATION = Target("adjudication", StoredClaim._fields)


class Adjudications:
    """Gathers rows for the loader and counts what stands."""

    def __init__(self, context: Context) -> None:
        self._loader, self._tally = context.loader, context.tally
        self._rows: list[Row] = []

    def add_paid(self, claim: PaidClaim, key: int, remit: RemitRow) -> None:
        """A claim that was simply paid. Its lines are not kept: nothing is known of it that they could matter to."""
        charge = claim.charge_cents
        self._rows.append((key, remit.id, claim.ordinal, 0, False, False, charge, claim.paid_cents, 0, None))
        counts = remit.counts
        counts[0] += 1
        counts[3] += charge

    def add(self, row: StoredClaim, remit: RemitRow) -> None:
        """Any other claim."""
        self._rows.append(row)
        if row.standing == Standing.STANDS:
            values = (1, int(row.denied), int(row.fully_denied), row.charge_cents, row.denied_cents)
            for place, value in enumerate(values):
                remit.counts[place] += value

    def write(self) -> None:
        """Hand what was gathered to the loader."""
        self._loader.put(ADJUDICATION, self._rows)
        self._rows = []

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
