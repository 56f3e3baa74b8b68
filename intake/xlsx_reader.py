"""Denials as XLSX, read by python-calamine after a look at what would come out of the archive."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from typing import BinaryIO, cast

from denials.errors import IntakeError
from denials.model import JudgedClaim
from denials.rules.model import Profile
from intake.archive import check_archive
from intake.rows import RowError
from intake.table import REQUIRED, BadRow, RowReader, columns_of, require

_PORTION = 250  # rows that are read and handed out together
_TITLE_ROWS = 20  # how far down the headings may stand

Record = JudgedClaim | RowError


def read_xlsx(source: BinaryIO, today: date, profile: Profile | None = None) -> Iterator[list[Record]]:
    """Every row of the first sheet that has the headings, as a claim or a rejection. Formulas count by their value.

    The file must be open in binary mode and able to seek. A row without remit date gets `today`. Raises IntakeError
    where the file is no such workbook or no visible sheet has the headings.
    """
    check_archive(source)
    source.seek(0)
    number, columns, rows = _table(source, profile)
    claim = RowReader(columns, today, profile).claim
    while portion := list(islice(rows, _PORTION)):
        out: list[Record] = []
        for line, row in enumerate(portion, number + 1):
            try:
                out.append(claim(row))
            except BadRow as error:
                if not _is_empty(row):
                    out.append(RowError(line, str(error)))
        number += len(portion)
        yield out


def _table(source: BinaryIO, profile: Profile | None) -> tuple[int, dict[str, int], Iterator[list[object]]]:
    """The number of the heading row, its columns and the rows below, of the first sheet that has all headings."""
    best: dict[str, int] = {}
    for rows in _sheets(source):
        for number, row in enumerate(islice(rows, _TITLE_ROWS), 1):
            columns = columns_of([_heading(cell) for cell in row], profile)
            if all(name in columns for name in REQUIRED):
                return number, columns, rows
            best = max(best, columns, key=len)
    require(best)
    raise IntakeError("no sheet of the workbook has the headings")


def _sheets(source: BinaryIO) -> Iterator[Iterator[list[object]]]:
    """The rows of each visible sheet, empty ones above the first included."""
    # Loaded only for workbooks, since most files are none.
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    told = getattr(source, "name", "")
    path = told if isinstance(told, str) else ""  # a file in memory has none
    with _plain_errors(CalamineError, OSError, ValueError):
        # Opened by its path it is not copied into memory.
        workbook = CalamineWorkbook.from_path(path) if path else CalamineWorkbook.from_filelike(source)
    if path and not os.path.samestat(os.stat(path), os.fstat(source.fileno())):
        raise IntakeError("the file changed while it was read; wait until it is written completely and try again")
    for known in workbook.sheets_metadata:
        if known.typ == SheetTypeEnum.WorkSheet and known.visible == SheetVisibleEnum.Visible:
            with _plain_errors(CalamineError, OSError, ValueError):
                rows = workbook.get_sheet_by_name(known.name).iter_rows()
            yield cast(Iterator[list[object]], rows)


@contextmanager
def _plain_errors(*kinds: type[Exception]) -> Iterator[None]:
    try:
        yield
    except kinds:
        pass
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # which python-calamine may raise and which is no Exception
            raise
    else:
        return
    raise IntakeError("the workbook is damaged or is none; export it again")


def _heading(cell: object) -> str:
    return cell if isinstance(cell, str) else ""


def _is_empty(row: Sequence[object]) -> bool:
    return not any(cell for cell in row if not isinstance(cell, str) or cell.strip())
