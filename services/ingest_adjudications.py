"""What a remittance decided of each claim, as narrow rows: the denominator of every rate."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

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

    def add_paid(self, paid: Sequence[tuple[PaidClaim, int]], remit: RemitRow) -> None:
        """Claims that were simply paid, with their keys. Lines are not kept: nothing is known that they matter to."""
        number = remit.id
        self._rows += [
            (key, number, one.ordinal, 0, False, False, one.charge_cents, one.paid_cents, 0, None) for one, key in paid
        ]
        remit.counts[0] += len(paid)
        remit.counts[3] += sum([one.charge_cents for one, _ in paid])

    def add_judged(self, claim: RemitClaim, key: int, remit: RemitRow) -> int:
        """A denied claim that came with its lines judged; its charge in cents."""
        charge = paid = denied = share = 0
        lines = []
        for place, line in enumerate(claim.judged, 1):
            charge += line.charge_cents
            paid += line.paid_cents
            denied += line.denied_cents
            share += line.share_cents
            lines.append(f"{place}:{line.procedure or ''}:{line.charge_cents}:{line.paid_cents}")
        fully = paid <= 0 and share <= 0
        self._rows.append(
            (key, remit.id, claim.ordinal, 0, True, fully, charge, paid, denied, ";".join(lines)),
        )
        counts = remit.counts
        counts[0] += 1
        counts[1] += 1
        counts[2] += fully
        counts[3] += charge
        counts[4] += denied
        return charge

    def add(self, row: StoredClaim, remit: RemitRow) -> None:
        """Any other claim."""
        self._rows.append(row)
        if row.standing == Standing.STANDS:
            values = (1, int(row.denied), int(row.fully_denied), row.charge_cents, row.denied_cents)
            for place, value in enumerate(values):
                remit.counts[place] += value

    def write(self) -> None:
        """Hand what was gathered to the loader."""
        self._rows.sort(key=itemgetter(0))  # SQLite keeps them in that order, so neighbors are found at once
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
