"""What would come out of a workbook's archive, found out before it is opened.

An XLSX is a zip archive: a small one may unpack to gigabytes, or hold one cell in the last row and column of a sheet,
which costs as much, since the reader makes a place for every cell of the rectangle around all of them.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from denials.errors import IntakeError

MOST_BYTES = 512 << 20
MOST_CELLS = 16 << 20
_MOST_PARTS = 2000
_CHUNK = 1 << 16  # what unpacks from it stays in the processor's cache
_LONGEST_TAG = 1 << 20  # with the text behind it; the text of a cell is a fifth of this at most

_ODD = re.compile(rb'<c(?! r="[A-Z][0-9]{1,5}+")(?! r="[A-Z]1[0-9]{5}")(?![a-z])')
"""A cell that does not say first of all that it stands in columns A to Z and above row 200,000, as nearly all do.
Where all do, a sheet is no larger than a table may be."""

_PREFIXED = re.compile(rb":c")
_PLACE = re.compile(rb"r\s*=\s*[\"']([A-Za-z]*)([0-9]+)")
_ROW = re.compile(rb"[<:]row(?![^\s/>])")
_ROW_ANYWHERE = re.compile(_ROW.pattern + rb"(?!\s+r\s*=\s*[\"'][0-9])")
_CELL_ANYWHERE = re.compile(rb"[<:]c(?![^\s/>])(?!\s+r\s*=\s*[\"'][A-Za-z]+[0-9])")
"""A row or cell that does not say where it stands: then it is the one after the last."""


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
    size, sheet, odd = 0, False, False
    for data in _pieces(source, part):
        size += len(data)
        if size > most:
            raise IntakeError("the workbook unpacks to more than 512 MB; split it, or export it as CSV")
        if sheet and not data.startswith(b"<"):
            raise IntakeError("the sheet holds text that is too long for a cell; export it as CSV")
        sheet = sheet or b"sheetData" in data
        odd = odd or (sheet and _is_odd(data))
    if odd:
        _check_extent(source, part)
    return size


def _is_odd(data: bytes) -> bool:
    """Whether a cell of a sheet may stand beyond what a table needs."""
    return _ODD.search(data) is not None or (b":" in data and _PREFIXED.search(data) is not None)


def _pieces(source: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part piece by piece, so that no tag is cut in two: each begins with one, but the first and what is behind one
    that is too long."""
    rest = b""
    for data in _inflated(source, part):
        rest += data
        cut = rest.rfind(b"<")
        if cut <= 0 and len(rest) >= _LONGEST_TAG:
            cut = len(rest)
        if cut > 0:
            yield rest[:cut]
            rest = rest[cut:]
    if rest:
        yield rest


def _inflated(source: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part as it unpacks."""
    source.seek(part.header_offset + 26)
    lengths = source.read(4)
    source.seek(int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little"), 1)
    inflate = zlib.decompressobj(-15) if part.compress_type == zipfile.ZIP_DEFLATED else None
    if inflate is None and part.compress_type != zipfile.ZIP_STORED:
        raise IntakeError("the workbook is packed in an unusual way; export it again")
    left, pending = part.compress_size, b""
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
        yield data


def _check_extent(source: BinaryIO, part: zipfile.ZipInfo) -> None:
    """Raise IntakeError where the rectangle around all cells of a sheet may be too large.

    Rows and cells that do not say where they stand are counted as if they stood beyond all that do.
    """
    columns, rows, uncounted_rows, uncounted_cells, in_this_row = 1, 1, 0, 0, 0
    for data in _pieces(source, part):
        found = _PLACE.findall(data)
        columns = max(columns, *map(_column, {letters for letters, _ in found}), 1)
        rows = max(rows, *map(int, {digits for _, digits in found}), 1)
        uncounted_rows += len(_ROW_ANYWHERE.findall(data))
        if _CELL_ANYWHERE.search(data) is not None:
            first, *others = (len(_CELL_ANYWHERE.findall(row)) for row in _ROW.split(data))
            in_this_row += first
            uncounted_cells = max(uncounted_cells, in_this_row, *others)
            in_this_row = others[-1] if others else in_this_row
        if (rows + uncounted_rows) * (columns + uncounted_cells) > MOST_CELLS:
            raise IntakeError("the sheet reaches too far: it has cells beyond any table; export it as CSV")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters[:9].upper():  # which is far beyond the last column
        number = number * 26 + letter - 64
    return number
