"""Two independent readers must agree with ours row by row, on generated files of every style they can read."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import oxedi
import pytest
from hypothesis import given
from x12sdk.io import X12SegmentReader

from intake.batch import Record
from tests.intake.generated import File, files
from tests.intake.reading import Row, as_row, claims, read
from tests.remits import Delimiters

SAMPLES = sorted((Path(__file__).parent.parent / "samples").glob("*.835"))
ONE_FILE = (
    Delimiters(newline=""),
    Delimiters(),
    Delimiters("|", ">", "~", "^", "\n"),
    Delimiters("*", "<", "'", "!", ""),
)


def ours(records: list[Record]) -> list[Row]:
    return [as_row(row) for row in claims(records)]


@given(files(most=1, marks=ONE_FILE))
def test_oxedi_agrees_row_by_row(file: File) -> None:
    assert by_oxedi(file.text) == ours(read(file.text))


@given(files(most=1, marks=ONE_FILE))
def test_x12sdk_agrees_row_by_row(file: File) -> None:
    assert by_x12sdk(file.text) == ours(read(file.text))


@pytest.mark.parametrize(
    "sample", sorted((Path(__file__).parent.parent / "samples").glob("*.835")), ids=lambda p: p.stem
)
def test_both_agree_on_the_samples(sample: Path) -> None:
    text = sample.read_text(encoding="ascii")
    expected = ours(read(text))
    assert by_oxedi(text) == expected
    assert by_x12sdk(text) == expected


def by_oxedi(text: str) -> list[Row]:
    """Claims from oxedi's tables, which it shows as text without a data frame library."""
    tables = oxedi.parse(text.encode()).tables
    ordinals: dict[str, int] = {}
    lines: dict[str, list[tuple[int, str | None, Decimal, Decimal]]] = {}
    for service in rows_of(tables["services"]):
        mine = lines.setdefault(service["claim"], [])
        ordinals[service["row"]] = len(mine) + 1
        code = service["procedure_code"]
        mine.append((len(mine) + 1, code, Decimal(service["charge_amount"]), Decimal(service["payment_amount"])))
    adjusted: dict[str, list[tuple[int, str, str, Decimal]]] = {}
    for row in rows_of(tables["adjustments"]):
        place = ordinals[row["service"]] if row["service"] != "∅" else 0
        adjusted.setdefault(row["claim"], []).append(
            (place, row["group_code"], row["reason_code"], Decimal(row["amount"]))
        )
    return [
        (
            row["claim_id"],
            row["claim_status"],
            Decimal(row["charge_amount"]),
            Decimal(row["payment_amount"]),
            Decimal(0) if row["patient_responsibility"] == "∅" else Decimal(row["patient_responsibility"]),
            tuple(adjusted.get(row["row"], ())),
            tuple(lines.get(row["row"], ())),
        )
        for row in rows_of(tables["claims"])
    ]


def rows_of(table: oxedi.Table) -> Iterator[dict[str, str]]:
    """The rows of a table as it renders itself: a title, the columns with their types, one line a row."""
    _, columns, *rows = table.render().rstrip("\n").split("\n")
    names = [column.split(":")[0] for column in columns.split(" | ")]
    for row in rows:
        if row:
            yield dict(zip(names, row.split(" | "), strict=True))


def by_x12sdk(text: str) -> list[Row]:
    """Claims folded from x12sdk's segments."""
    out: list[Row] = []
    claim: list[str] = []
    lines: list[tuple[int, str | None, Decimal, Decimal]] = []
    adjusted: list[tuple[int, str, str, Decimal]] = []
    with X12SegmentReader(text) as reader:
        assert reader.delimiters is not None
        component = reader.delimiters.component_separator
        for name, fields in [*reader.segments(), ("SE", [])]:
            if name in ("CLP", "SE", "PLB") and claim:
                share = Decimal(claim[5] or "0")
                out.append(
                    (claim[1], claim[2], Decimal(claim[3]), Decimal(claim[4]), share, tuple(adjusted), tuple(lines))
                )
                claim, lines, adjusted = [], [], []
            if name == "CLP":
                claim = fields
            elif name == "SVC":
                procedure = fields[1].split(component)[1]
                lines.append((len(lines) + 1, procedure, Decimal(fields[2]), Decimal(fields[3])))
            elif name == "CAS":
                for place in range(2, len(fields), 3):
                    adjusted.append((len(lines), fields[1], fields[place], Decimal(fields[place + 1])))
    return out
