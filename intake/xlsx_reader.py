"""Denials as XLSX, read by python-calamine after a look at what would come out of the archive.

An XLSX is a zip archive: a small one may unpack to gigabytes, or hold one cell in the last row and column of a sheet,
which costs as much. Both are found before the workbook is opened.
"""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from typing import BinaryIO, cast

from denials.errors import IntakeError
from denials.model import JudgedClaim
from denials.rules.model import Profile
from intake.rows import RowError
from intake.table import REQUIRED, BadRow, RowReader, columns_of, require

MOST_BYTES = 512 << 20
MOST_CELLS = 16 << 20
_MOST_PARTS = 2000
_CHUNK = 1 << 18
_ROWS = 500
_TITLE_ROWS = 20  # how far down the headings may stand
_OVERLAP = 32
_FAR = re.compile(rb"r(?:\s+=|=\s|=[\"'][A-Za-z](?:[A-Za-z]+[0-9]|[2-9][0-9]{5}|[0-9]{7}))")
"""A cell beyond column Z or row 199,999. Without any, a sheet is no larger than a table may be."""

_CELL = re.compile(rb"r\s*=\s*[\"']([A-Za-z]{1,9})([0-9]{1,9})")

Record = JudgedClaim | RowError


def read_xlsx(source: BinaryIO, today: date, profile: Profile | None = None) -> Iterator[list[Record]]:
    """Every row of the first sheet that has the headings, as a claim or a rejection. Formulas count by their value.

    The file must be open in binary mode and able to seek. A row without remit date gets `today`. Raises IntakeError
    where the file is no such workbook or no visible sheet has the headings.
    """
    check_archive(source)
    source.seek(0)
    number, columns, rows = _table(source, profile)
    read = RowReader(columns, today, profile).claim
    out: list[Record] = []
    for row in rows:
        number += 1
        try:
            out.append(read(row))
        except BadRow as error:
            if not _is_empty(row):
                out.append(RowError(number, str(error)))
        if len(out) >= _ROWS:
            yield out
            out = []
    yield out


def check_archive(source: BinaryIO) -> None:
    """Unpack everything to nowhere, within limits. Raises IntakeError for what is damaged or would not fit."""
    total = 0
    try:
        with zipfile.ZipFile(source) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS:
                raise IntakeError("the workbook holds too many parts")
            for part in parts:
                if part.flag_bits & 1:
                    raise IntakeError("the workbook is protected by a password: save it without one")
                total += _unpacked(source, part, MOST_BYTES - total)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OverflowError):
        raise IntakeError("the workbook is damaged; export it again") from None


def _unpacked(source: BinaryIO, part: zipfile.ZipInfo, most: int) -> int:
    """The true unpacked size of a part, which its own directory entry need not tell."""
    size, far = 0, False
    for data in _inflated(source, part):
        size += len(data) - _OVERLAP
        if size > most:
            raise IntakeError("the workbook unpacks to more than 512 MB; split it, or export it as CSV")
        far = far or _FAR.search(data) is not None
    if far:
        _check_extent(source, part)
    return size


def _inflated(source: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part piece by piece, each with the end of the one before in front of it."""
    source.seek(part.header_offset + 26)
    lengths = source.read(4)
    source.seek(int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little"), 1)
    inflate = zlib.decompressobj(-15) if part.compress_type == zipfile.ZIP_DEFLATED else None
    if inflate is None and part.compress_type != zipfile.ZIP_STORED:
        raise IntakeError("the workbook is packed in an unusual way; export it again")
    left, pending, seen = part.compress_size, b"", b" " * _OVERLAP
    while left > 0 or pending:
        if not pending:
            pending = source.read(min(_CHUNK, left))
            left -= len(pending)
            if not pending:
                raise EOFError
        if inflate is None:
            data, pending = pending, b""
        else:
            data = inflate.decompress(pending, _CHUNK * 4)
            pending = inflate.unconsumed_tail
        seen = seen[-_OVERLAP:] + data
        yield seen


def _check_extent(source: BinaryIO, part: zipfile.ZipInfo) -> None:
    """Raise IntakeError where the rectangle around all cells of a sheet, which is what it costs, is too large."""
    columns, rows = {b"A"}, 1
    for data in _inflated(source, part):
        found = _CELL.findall(data)
        columns |= {letters.upper() for letters, _ in found}
        rows = max(rows, *map(int, {digits for _, digits in found}), 1)
        if rows * max(map(_column, columns)) > MOST_CELLS:
            raise IntakeError("the sheet reaches too far: it has cells beyond any table; export it as CSV")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


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
