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

_ODD = re.compile(rb'<c(?! r="[A-Z][0-9]{1,5}+")(?! r="[AB]?[A-Z]1?[0-9]{1,5}+")(?![a-z])')
"""A cell that does not say first of all that it stands in columns A to BZ and above row 200,000, as nearly all do.
Where all do, a sheet is no larger than a table may be."""

_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')
_NO_CELL = re.compile(rb'<c(?! r="[A-Z]{1,3}[0-9]{1,7}+")(?![a-z])')
_ROW = re.compile(rb'<row r="([0-9]{1,9})"')
_NO_ROW = re.compile(rb'<row(?! r="[0-9]{1,9}+")')
"""Cells and rows that say first of all where they stand, and the beginning of those that do not."""

_PREFIXED = (re.compile(rb":c(?![^\s/>])"), re.compile(rb":row(?![^\s/>])"))
_ANY_PLACE = re.compile(rb"r\s*=\s*[\"']([A-Za-z]*)([0-9]+)")
_ANY_ROW = re.compile(rb"[<:]row(?![^\s/>])")
_UNPLACED_ROW = re.compile(_ANY_ROW.pattern + rb"(?!\s+r\s*=\s*[\"'][0-9])")
_UNPLACED_CELL = re.compile(rb"[<:]c(?![^\s/>])(?!\s+r\s*=\s*[\"'][A-Za-z]+[0-9])")
"""However they may be written. Those without a place stand behind the last one."""


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
    return _ODD.search(data) is not None or _is_prefixed(data)


def _is_prefixed(data: bytes) -> bool:
    return b":" in data and any(name.search(data) for name in _PREFIXED)


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
    """Raise IntakeError where the rectangle around all cells of a sheet may be too large."""
    extent = _Extent()
    for data in _pieces(source, part):
        extent.add(data)
        if extent.cells > MOST_CELLS:
            raise IntakeError("the sheet reaches too far: it has cells beyond any table; export it as CSV")


class _Extent:
    """How far the rows and cells of a sheet reach at most.

    Those that do not say where they stand are counted as if they stood beyond all that do.
    """

    def __init__(self) -> None:
        self._columns = self._rows = 1
        self._unplaced_rows = self._unplaced_cells = self._in_this_row = 0

    @property
    def cells(self) -> int:
        """The size of the rectangle around all of them."""
        return (self._rows + self._unplaced_rows) * (self._columns + self._unplaced_cells)

    def add(self, data: bytes) -> None:
        """Take the next piece of the sheet."""
        if _NO_CELL.search(data) or _NO_ROW.search(data) or _is_prefixed(data):
            found = _ANY_PLACE.findall(data)
            self._count_unplaced(data)
        else:
            found = _CELL.findall(data)
            self._rows = max(self._rows, *map(int, _ROW.findall(data)), 1)
        self._columns = max(self._columns, *map(_column, {letters for letters, _ in found}), 1)
        self._rows = max(self._rows, *map(int, {digits for _, digits in found}), 1)

    def _count_unplaced(self, data: bytes) -> None:
        self._unplaced_rows += len(_UNPLACED_ROW.findall(data))
        first, *others = (len(_UNPLACED_CELL.findall(row)) for row in _ANY_ROW.split(data))
        self._in_this_row += first
        self._unplaced_cells = max(self._unplaced_cells, self._in_this_row, *others)
        self._in_this_row = others[-1] if others else self._in_this_row


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters[:9].upper():  # which is far beyond the last column
        number = number * 26 + letter - 64
    return number
