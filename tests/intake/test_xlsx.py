"""A table of denials as a workbook: cells of every kind, several sheets, damaged files and bombs."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from denials.errors import IntakeError
from intake import archive, xlsx_reader
from tests.intake.reading import claims, faults, read_file

HEAD = ("claim_id", "payer", "carc", "amount", "remit_date")
Cell = str | float | int | bool | date | None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.xlsx"


def workbook(*sheets: list[tuple[Cell, ...]], top: int = 0, left: int = 0) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for rows in sheets:
            sheet = book.add_worksheet()
            for down, row in enumerate(rows, top):
                for across, cell in enumerate(row, left):
                    if isinstance(cell, date):
                        sheet.write_datetime(down, across, cell, day)
                    elif cell is not None:
                        sheet.write(down, across, cell)
    return out.getvalue()


def test_numbers_dates_and_text_become_what_they_mean(path: Path) -> None:
    rows: list[tuple[Cell, ...]] = [
        HEAD,
        ("C1", "Aetna", "CO-197", 80.5, date(2026, 2, 1)),
        (12345, "Aetna", 16, "$1,234.50", "2/1/2026"),
        ("C3", "Aetna", 97.0, 0.1 + 0.2, None),
    ]
    found = claims(read_file(path, workbook(rows)))
    assert [row.claim_number.reveal() for row in found] == ["C1", "12345", "C3"]
    assert [row.adjustments[0].carc for row in found] == ["197", "16", "97"]
    assert [row.adjustments[0].amount for row in found] == [Decimal("80.50"), Decimal("1234.50"), Decimal("0.30")]
    assert [row.remit_date for row in found[:2]] == [date(2026, 2, 1)] * 2


def test_rows_are_told_by_the_number_the_spreadsheet_shows(path: Path) -> None:
    rows: list[tuple[Cell, ...]] = [
        HEAD,
        ("C1", "Aetna", "197", 80),
        ("C2", "Aetna", "no", 80),
        (),
        ("C3", "Aetna", "x", 1),
    ]
    found = read_file(path, workbook(rows, top=3, left=2))
    assert [row.claim_number.reveal() for row in claims(found)] == ["C1"]
    assert [(fault.line, fault.kind) for fault in faults(found)] == [(6, "rejected"), (8, "rejected")]


def test_the_first_sheet_that_has_the_headings_is_read(path: Path) -> None:
    cover: list[tuple[Cell, ...]] = [("Denials of February",), ("made by", "somebody")]
    found = claims(read_file(path, workbook(cover, [HEAD, ("C1", "Aetna", "197", 80)])))
    assert [row.claim_number.reveal() for row in found] == ["C1"]


def test_a_workbook_without_the_headings_is_refused(path: Path) -> None:
    with pytest.raises(IntakeError, match="no column for carc, amount"):
        read_file(path, workbook([("claim_id", "payer"), ("C1", "Aetna")]))
    with pytest.raises(IntakeError, match="none of the headings"):
        read_file(path, workbook([]))


def test_a_number_that_the_spreadsheet_has_rounded_is_rejected(path: Path) -> None:
    found = read_file(path, workbook([HEAD, (1234567890123456789, "Aetna", "197", 80)]))
    assert ["15 digits" in fault.message for fault in faults(found)] == [True]


def test_a_formula_counts_by_its_value_and_one_without_a_value_is_told(path: Path) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for across, text in enumerate(HEAD[:4]):
            sheet.write(0, across, text)
        for down, value in ((1, 80), (2, "")):
            sheet.write_row(down, 0, ("C1", "Aetna", "197"))
            sheet.write_formula(down, 3, "=40+40", None, value)
    found = read_file(path, out.getvalue())
    assert [row.adjustments[0].amount for row in claims(found)] == [Decimal(80)]
    assert [fault.line for fault in faults(found)] == [3]


def test_columns_with_other_headings_are_not_read(path: Path) -> None:
    rows: list[tuple[Cell, ...]] = [("Patient", *HEAD), ("MARKER JANE", "C1", "Aetna", "197", 80)]
    assert "MARKER" not in repr(read_file(path, workbook(rows)))


def replaced(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.namelist():
            after.writestr(part, content if part == name else before.read(part))
    return out.getvalue()


@pytest.fixture
def bomb(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Spaces that pack a thousandfold, with a limit that lets the test be quick."""
    monkeypatch.setattr(archive, "MOST_BYTES", 16 << 20)
    return replaced(workbook([HEAD]), "xl/worksheets/sheet1.xml", b" " * (20 << 20))


def test_a_bomb_is_refused_before_it_unpacks(path: Path, bomb: bytes) -> None:
    assert len(bomb) < 1 << 17
    with pytest.raises(IntakeError, match="unpacks to more than"):
        read_file(path, bomb)


def test_a_bomb_that_lies_about_its_size_is_refused(path: Path, bomb: bytes) -> None:
    lying = bytearray(bomb)
    for header, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):  # where the unpacked size stands
        at = lying.find(header)
        while at >= 0:
            if lying[at + place : at + place + 4] == (20 << 20).to_bytes(4, "little"):
                lying[at + place : at + place + 4] = (1000).to_bytes(4, "little")
            at = lying.find(header, at + 4)
    assert bytes(lying) != bomb
    with pytest.raises(IntakeError, match="unpacks to more than"):
        read_file(path, bytes(lying))


@pytest.mark.parametrize("cell", ["XFD1048576", "Z999999", "ZZZ99999"])
def test_one_cell_far_out_is_refused(path: Path, cell: str) -> None:
    sheet = (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="' + cell.encode() + b'"><v>1</v></c></row>'
        b"</sheetData></worksheet>"
    )
    with pytest.raises(IntakeError, match="reaches too far"):
        read_file(path, replaced(workbook([HEAD]), "xl/worksheets/sheet1.xml", sheet))


ONE = b"<c><v>1</v></c>"


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="4000000000">' + ONE + b"</row>",
        b'<row r="1">' + ONE * 16_000 + b'</row><row r="1048576">' + ONE + b"</row>",
        b"<row>" + ONE * 3000 + b"</row>" + b"<row/>" * 100_000 + b"<row>" + ONE + b"</row>",
        b"<row><x:c r=\"XFD1\"/></row><row><x:c r = 'A1048576'/></row>",
        b'<row><c s="1" r="AAAAAAAAAAAAAA1"/></row>',
        b"<row><c" + b" " * (3 << 20) + b'r="XFD1048576"/></row>',
        b"<row><c" + b" " * 5000 + b"r" + b" " * 5000 + b'= "XFD1048576"/></row>',
    ],
    ids=["row", "cells without a place", "nothing with a place", "prefix", "letters", "long tag", "spaces"],
)
def test_a_sheet_that_reaches_far_in_an_unusual_way_is_refused(path: Path, rows: bytes) -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>1</v></c></row>' + rows + b"</sheetData></worksheet>"
    )
    with pytest.raises(IntakeError, match=r"reaches too far|too long for a cell"):
        read_file(path, replaced(workbook([HEAD]), "xl/worksheets/sheet1.xml", sheet))


def test_a_sheet_whose_cells_do_not_say_where_they_stand_is_read(path: Path) -> None:
    def row(*texts: str) -> str:
        cells = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)
        return f"<row>{cells}</row>"

    rows = "".join(row(f"C{number}", "Aetna", "197", "80") for number in range(3_000))
    sheet = f"<worksheet><sheetData>{row(*HEAD)}{rows}</sheetData></worksheet>".encode()
    assert len(claims(read_file(path, replaced(workbook([HEAD]), "xl/worksheets/sheet1.xml", sheet)))) == 3_000


def test_a_wide_sheet_of_few_rows_is_read(path: Path) -> None:
    rows: list[tuple[Cell, ...]] = [
        (*(f"Other {n}" for n in range(300)), *HEAD),
        (*[None] * 300, "C1", "Aetna", "197", 80),
    ]
    assert len(claims(read_file(path, workbook(rows)))) == 1


def test_a_workbook_that_is_replaced_while_it_is_opened_is_refused(path: Path) -> None:
    path.write_bytes(workbook([HEAD]))
    with path.open("rb") as source:
        path.unlink()
        path.write_bytes(workbook([HEAD, HEAD]))
        with pytest.raises(IntakeError, match="changed while it was read"):
            list(xlsx_reader.read_xlsx(source, date(2026, 3, 10)))


def test_a_damaged_workbook_is_refused_wherever_it_breaks_off(path: Path) -> None:
    data = workbook([HEAD, ("C1", "Aetna", "197", 80)])
    for end in range(10, len(data), 97):
        with pytest.raises(IntakeError):
            read_file(path, data[:end])


def test_a_workbook_whose_sheet_is_no_xml_is_refused(path: Path) -> None:
    broken = replaced(workbook([HEAD]), "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row><c")
    with pytest.raises(IntakeError):
        read_file(path, broken)
