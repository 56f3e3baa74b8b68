"""Denials as XLSX, read by python-calamine after a look at what would come out of the archive.

An XLSX is a zip archive: a small one may unpack to gigabytes, or hold one cell in the last row and column of a sheet,
which costs as much. Both are found before the workbook is opened.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import BinaryIO

from denials.errors import IntakeError
from denials.model import RemitClaim
from denials.rules.model import Profile
from intake.rows import RowError
from intake.table import FIELDS, MONEY, REQUIRED, BadRow, RowReader, columns_of

MOST_BYTES = 512 << 20
MOST_CELLS = 16 << 20
_MOST_PARTS = 2000
_CHUNK = 1 << 18
_ROWS = 500
_OVERLAP = 32
_FAR = re.compile(rb"r(?:\s+=|=\s|=[\"'](?:[A-Za-z]{2,}[0-9]|[A-Za-z][0-9]{6}))")
_CELL = re.compile(rb"r\s*=\s*[\"']([A-Za-z]{1,9})([0-9]{1,9})")

Record = RemitClaim | RowError


def read_xlsx(source: BinaryIO, today: date, profile: Profile | None = None) -> Iterator[list[Record]]:
    """Every row of the first sheet that has the headings, as a claim or a rejection. Formulas count by their value.

    Raises IntakeError where the file is no such workbook or no sheet has the headings.
    """
    check_archive(source)
    source.seek(0)
    number, columns, rows = _table(source, profile)
    reader = RowReader({name: place for place, name in enumerate(FIELDS) if name in columns}, today, profile)
    places = [(columns.get(name, -1), name in MONEY) for name in FIELDS]
    out: list[Record] = []
    for row in rows:
        number += 1
        try:
            cells = [_as_text(row[place], money) if 0 <= place < len(row) else "" for place, money in places]
            if not any(cells) and not any(row):
                continue
            out.append(reader.claim(cells))
        except BadRow as error:
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
    source.seek(part.header_offset + 26)
    lengths = source.read(4)
    source.seek(int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little"), 1)
    size, left, tail, far = 0, part.compress_size, b"", False
    widest = longest = 0
    inflate = zlib.decompressobj(-15) if part.compress_type == zipfile.ZIP_DEFLATED else None
    if inflate is None and part.compress_type != zipfile.ZIP_STORED:
        raise IntakeError("the workbook is packed in an unusual way; export it again")
    pending = b""
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
        size += len(data)
        if size > most:
            raise IntakeError("the workbook unpacks to more than 512 MB; split it, or export it as CSV")
        seen = tail + data
        far = far or _FAR.search(seen) is not None
        if far:
            widest, longest = _extent(seen, widest, longest)
        tail = seen[-_OVERLAP:]
        if widest * longest > MOST_CELLS:
            raise IntakeError("the sheet reaches too far: it has cells beyond any table; export it as CSV")
    return size


def _extent(data: bytes, widest: int, longest: int) -> tuple[int, int]:
    # What came before the first far cell lies within 26 columns and 99,999 rows.
    widest, longest = max(widest, 26), max(longest, 99_999)
    for letters, digits in set(_CELL.findall(data)):
        column = 0
        for letter in letters.upper():
            column = column * 26 + letter - 64
        widest, longest = max(widest, column), max(longest, int(digits))
    return widest, longest


def _table(source: BinaryIO, profile: Profile | None) -> tuple[int, dict[str, int], Iterator[Sequence[object]]]:
    """The number of the heading row, its columns and the rows below, of the first sheet that has all headings."""
    # Loaded only for workbooks, since most files are none.
    from python_calamine import CalamineError, CalamineWorkbook

    best: dict[str, int] = {}
    try:
        workbook = CalamineWorkbook.from_filelike(source)
        for name in workbook.sheet_names:
            rows = workbook.get_sheet_by_name(name).iter_rows()
            for number, row in enumerate(rows, 1):
                if any(cell not in ("", None) for cell in row):
                    columns = columns_of([_as_text(cell, False) for cell in row], profile)
                    if all(required in columns for required in REQUIRED):
                        return number, columns, rows
                    best = max(best, columns, key=len)
                    break
    except IntakeError:
        raise
    except (CalamineError, OSError, ValueError):
        raise IntakeError("the workbook is damaged or is none; export it again") from None
    RowReader(best, date.min)  # says which headings are missing
    raise IntakeError("no sheet of the workbook has the headings")


def _as_text(cell: object, money: bool) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool) or cell is None:
        return "" if cell is None else str(cell).upper()
    if isinstance(cell, int | float):
        if money:
            return f"{cell:.2f}"
        if abs(cell) >= 1e15:
            raise BadRow("a number of more than 15 digits was rounded by the spreadsheet; format the column as text")
        return str(int(cell)) if float(cell).is_integer() else str(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
