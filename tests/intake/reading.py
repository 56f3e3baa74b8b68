"""What the intake tests share: reading text or bytes, and comparing what came out with what went in."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import chain
from pathlib import Path

from denials.model import JudgedClaim, PaidClaim, RemitClaim, StatusRejection
from intake.batch import Record, RowError, open_batch
from intake.x277 import read_277ca
from intake.x835 import read_835
from tests import remits

TODAY = date(2026, 3, 10)

Row = tuple[
    str, str, Decimal, Decimal, Decimal, tuple[tuple[int, str, str, Decimal], ...], tuple[tuple[object, ...], ...]
]


def read(data: str | bytes) -> list[Record]:
    """Every record of an 835."""
    return list(chain.from_iterable(read_835(io.BytesIO(_bytes(data)), TODAY)))


def read_status(data: str | bytes) -> list[Record]:
    """Every record of a 277CA."""
    return list(chain.from_iterable(read_277ca(io.BytesIO(_bytes(data)), TODAY)))


def read_file(path: Path, data: str | bytes, **options: object) -> list[Record]:
    """Every record of a file with this content, as `open_batch` finds it."""
    path.write_bytes(_bytes(data))
    return list(open_batch(path, today=TODAY, **options).records)  # type: ignore[arg-type]  # the test's own options


def claims(records: Iterable[Record]) -> list[RemitClaim]:
    """The claims, paid ones with their lines."""
    return [
        record if isinstance(record, RemitClaim) else record.whole()
        for record in records
        if isinstance(record, PaidClaim | JudgedClaim | RemitClaim)
    ]


def only_claim(data: str | bytes) -> RemitClaim:
    """The one claim of an 835 that has nothing to complain about."""
    (found,) = read(data)
    (claim,) = claims([found])
    return claim


def rejections(records: Iterable[Record]) -> list[StatusRejection]:
    """The 277CA rejections."""
    return [record for record in records if isinstance(record, StatusRejection)]


def faults(records: Iterable[Record]) -> list[RowError]:
    """What was rejected or does not add up."""
    return [record for record in records if isinstance(record, RowError)]


def as_row(claim: RemitClaim) -> Row:
    """A claim as plain values that can be compared."""
    adjustments = [(0, row.group, row.carc, row.amount) for row in claim.adjustments]
    adjustments += [(line.ordinal, row.group, row.carc, row.amount) for line in claim.lines for row in line.adjustments]
    lines = tuple((line.ordinal, line.procedure, line.charge, line.paid) for line in claim.lines)
    number, status = claim.claim_number.reveal(), claim.status
    return number, status, claim.charge, claim.paid, claim.patient_share, tuple(adjustments), lines


def expected_row(claim: remits.Claim) -> Row:
    """The same of what a test built."""
    adjustments = [(0, group, carc, Decimal(str(amount))) for group, carc, amount in claim.cas]
    adjustments += [
        (place, group, carc, Decimal(str(amount)))
        for place, line in enumerate(claim.lines, 1)
        for group, carc, amount in line.cas
    ]
    lines = tuple((place, line.procedure, line.charge, line.paid) for place, line in enumerate(claim.lines, 1))
    return claim.number, claim.status, claim.charge, claim.paid, claim.patient_share, tuple(adjustments), lines


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data
