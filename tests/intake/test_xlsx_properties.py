"""Random workbooks of denials are read back exactly; damaged ones give rows or one clear line."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import date
from decimal import Decimal
from itertools import chain

import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from denials.errors import IntakeError
from denials.rules.model import Profile
from intake.xlsx_reader import Record, read_xlsx
from tests.intake.reading import TODAY, claims, faults
from tests.intake.test_csv_properties import HEADINGS, MARK, OTHERS, Truth, cells_of, expected, seeds, told, truths


def workbook(rows: list[Truth], draw: random.Random) -> bytes:
    """The rows as a workbook, amounts, codes and dates as text or as the numbers and dates that they are."""
    columns = [*HEADINGS, *OTHERS]
    draw.shuffle(columns)
    out = io.BytesIO()
    top, left = draw.choice((0, 0, 3)), draw.choice((0, 0, 2))
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}
    ) as book:
        day = book.add_format({"num_format": draw.choice(("yyyy-mm-dd", "m/d/yyyy", "dd-mmm-yy hh:mm"))})
        if draw.random() < 0.3:
            book.add_worksheet().write(0, 0, "Denials of the month")
        sheet = book.add_worksheet()
        for across, name in enumerate(columns, left):
            sheet.write_string(top, across, draw.choice(HEADINGS.get(name, (name,))))
        for down, row in enumerate(rows, top + 1):
            for across, name in enumerate(columns, left):
                cell = cell_of(row, name, draw)
                if isinstance(cell, date):
                    sheet.write_datetime(down, across, cell, day)
                elif isinstance(cell, int | float):
                    sheet.write_number(down, across, cell)
                else:
                    sheet.write_string(down, across, cell)
    return out.getvalue()


def cell_of(row: Truth, name: str, draw: random.Random) -> str | float | date:
    """One cell of a row; an empty text for a cell of somebody else's column."""
    if name not in HEADINGS:
        return draw.choice((MARK, "", 3.5))
    value = getattr(row, name, None)
    if name in ("amount", "billed", "paid") and value is not None and draw.random() < 0.7:
        return float(value) / 100
    if name in ("remit_date", "service_date") and value is not None and draw.random() < 0.7:
        found: date = value
        return found
    if name == "carc" and not row.group and row.carc.isdigit() and draw.random() < 0.5:
        return int(row.carc)
    if name == "procedure" and row.procedure == "99213" and draw.random() < 0.5:
        return 99213
    if name in ("carc", "group"):
        return str(value)
    return cells_of(row, draw, "%m/%d/%Y")[name]


def read(data: bytes, profile: Profile | None = None) -> list[Record]:
    """Every record of a workbook."""
    return list(chain.from_iterable(read_xlsx(io.BytesIO(data), TODAY, profile)))


@given(st.lists(truths(), max_size=6), seeds)
def test_rows_of_a_workbook_are_read_back_exactly(rows: list[Truth], seed: int) -> None:
    found = read(workbook(rows, random.Random(seed)))

    assert faults(found) == []
    assert [told(claim) for claim in claims(found)] == [expected(row) for row in rows]
    assert MARK not in repr(found)


@given(st.lists(truths(), min_size=1, max_size=2), seeds, st.integers(1, 6))
def test_a_damaged_workbook_gives_rows_or_one_clear_line(rows: list[Truth], seed: int, hits: int) -> None:
    draw = random.Random(seed)
    data = bytearray(workbook(rows, draw))
    for _ in range(hits):
        start = draw.randrange(len(data))
        data[start : start + draw.choice((0, 1, 1, 4, 60))] = draw.randbytes(draw.choice((0, 1, 1, 4)))
    rows_or_one_line(bytes(data))


@given(st.lists(truths(), min_size=1, max_size=2), seeds, st.integers(1, 6))
def test_a_workbook_whose_parts_are_damaged_gives_rows_or_one_clear_line(
    rows: list[Truth], seed: int, hits: int
) -> None:
    draw = random.Random(seed)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(rows, draw))) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            part = bytearray(before.read(name))
            for _ in range(hits if draw.random() < 0.4 else 0):
                start = draw.randrange(len(part))
                piece = draw.choice((b"", b"<", b">", b'"', b"9999", b"<c>", b"\xff", draw.randbytes(2)))
                part[start : start + draw.choice((0, 1, 1, 8))] = piece
            after.writestr(name, bytes(part))
    rows_or_one_line(out.getvalue())


def rows_or_one_line(data: bytes) -> None:
    """Read what may be damaged."""
    try:
        read(data)
    except IntakeError as error:
        assert "\n" not in str(error)  # noqa: PT017  (an error is as good as none)
        assert MARK not in str(error)  # noqa: PT017


def test_real_dates_need_no_format_of_a_profile() -> None:
    row = Truth("C1", "Aetna", "CO", "16", (), 100, None, None, date(2026, 2, 1), None, None, None)
    profile = Profile("p", {"Posted": "remit_date"}, date_format="%d.%m.%Y")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("claim_id", "payer", "carc", "amount", "Posted"))
        sheet.write_row(1, 0, ("C1", "Aetna", "CO-16", 1))
        sheet.write_datetime(1, 4, date(2026, 2, 1), day)
        sheet.write_row(2, 0, ("C1", "Aetna", "CO-16", 1, "01.02.2026"))
    assert [told(claim) for claim in claims(read(out.getvalue(), profile))] == [expected(row)] * 2


def test_hidden_sheets_are_not_read() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for number in (1, 2):
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ("claim_id", "payer", "carc", "amount"))
            sheet.write_row(1, 0, (f"C{number}", "Aetna", "CO-16", number))
        book.worksheets()[1].activate()
        book.worksheets()[0].hide()
    (claim,) = claims(read(out.getvalue()))
    assert (claim.claim_number.reveal(), claim.adjustments[0].amount) == ("C2", Decimal(2))
