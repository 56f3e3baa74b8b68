"""Denials as CSV: encoding and delimiter are found out, rows are read one by one, a bad one is rejected by its line."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain
from typing import BinaryIO

from denials.errors import IntakeError
from denials.model import JudgedClaim
from denials.rules.model import Profile
from intake.rows import RowError
from intake.table import REQUIRED, BadRow, RowReader, columns_of, recognised, require

DELIMITERS = (",", ";", "\t", "|")
_CHUNK = 1 << 18
_PORTION = 1 << 14  # characters that are read and handed out together
_LONGEST_ROW = 50  # lines; more means that a quotation mark is missing
_TITLE_ROWS = 20  # how far down the headings may stand
_SAMPLE = 1 << 16
_LEGACY_ENCODINGS = ["cp1252", "mac_roman", "cp437", "iso8859_15"]
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Record = JudgedClaim | RowError


def read_csv(source: BinaryIO, today: date, profile: Profile | None = None) -> Iterator[list[Record]]:
    """Every row as a claim or a rejection, in the order of the file, some hundreds together as they are read.

    The file must be open in binary mode and able to seek. A row without remit date gets `today`. Raises IntakeError
    where the file is no such table at all, also late (undecodable text); then nothing of it may be kept.
    """
    found = find_text(source)
    source.seek(0)
    text = io.TextIOWrapper(source, encoding=found.encoding, errors=found.errors, newline="")
    try:
        yield from _read(text, today, profile, whole=found.whole)
    except UnicodeDecodeError:
        raise IntakeError("the file's text cannot be decoded; save it as CSV in UTF-8") from None
    finally:
        text.detach()


@dataclass(frozen=True, slots=True)
class Text:
    """How a file's text is written. `whole`: its last line has an end, so it is not cut off."""

    encoding: str
    errors: str
    whole: bool


def find_text(source: BinaryIO) -> Text:
    """How all of a file's text is written. Raises IntakeError for binary files and endless lines."""
    head = source.read(4)
    source.seek(0)
    encoding = next((name for mark, name in _BOMS if head.startswith(mark)), "utf-8")
    wide = encoding == "utf-16"
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder(encoding)()
    wrong = end = b""
    while chunk := source.read(_CHUNK):
        if b"\0" in chunk and not wide:
            raise IntakeError("the file holds NUL bytes, so it is not CSV text; save it as CSV in UTF-8")
        if len(chunk) == _CHUNK and not (b"\n" in chunk or b"\r" in chunk):
            raise IntakeError("a line of the file is longer than 256 KB, so it is not a table")
        plain = not wide and chunk.isascii() and decoder is not None and not decoder.getstate()[0]
        if decoder is not None and not plain:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                decoder, wrong = None, chunk[max(0, error.start - _SAMPLE // 2) :][:_SAMPLE]
        end = chunk
    whole = end.endswith((b"\n", b"\r", b"\n\0", b"\r\0"))
    if decoder is None:
        if encoding != "utf-8":
            raise IntakeError("the file's text cannot be decoded; save it as CSV in UTF-8")
        return Text(_guess(wrong), "replace", whole)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise IntakeError("the file ends within a character: it is truncated; export it again") from None
    return Text(encoding, "strict", whole)


def _guess(sample: bytes) -> str:
    # Loaded only for files that are not UTF-8, since it is large and most files are.
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_LEGACY_ENCODINGS).best()
    return best.encoding if best is not None else "cp1252"


def _read(text: io.TextIOWrapper, today: date, profile: Profile | None, *, whole: bool) -> Iterator[list[Record]]:
    top = _top(text, profile)
    rows = _Rows(text, top, RowReader(top.columns, today, profile).claim)
    out: list[Record] = []
    while lines := text.readlines(_PORTION):
        yield out  # not before there is another line: the last row may be cut off
        plain = rows.plain(lines)
        out = rows.careful(lines) if plain is None else plain
    if rows.short and not whole:
        out[-1] = RowError(rows.short, "the file ends within this row: it is truncated; export it again")
    yield out


class _Rows:
    """Makes records of a table's lines, some hundreds at a time."""

    def __init__(self, text: io.TextIOWrapper, top: _Top, claim: Callable[[list[str]], JudgedClaim]) -> None:
        self._text, self._width, self._claim = text, top.width, claim
        self._rows = partial(csv.reader, delimiter=top.delimiter, strict=True, skipinitialspace=True)
        self._before = top.lines
        self.short = 0
        """The line of the last row, if that was taken although it has fewer cells than the heading row."""

    def plain(self, lines: list[str]) -> list[Record] | None:
        """What most lines are: each one row with as many cells as the headings. None where one is not."""
        try:
            rows = list(self._rows(lines))
        except csv.Error:
            return None
        if len(rows) != len(lines) or set(map(len, rows)) != {self._width}:
            return None
        claim, out = self._claim, list[Record]()
        for line, row in enumerate(rows, self._before + 1):
            try:
                out.append(claim(row))
            except BadRow as error:
                if not _is_blank(row):
                    out.append(RowError(line, str(error)))
        self._before += len(lines)
        self.short = 0
        return out

    def careful(self, lines: list[str]) -> list[Record]:
        """Any lines, and those after them in the text into which the last row reaches."""
        rows, before = self._rows(chain(lines, self._text)), self._before
        out: list[Record] = []
        while rows.line_num < len(lines):
            first, row, self.short = before + rows.line_num + 1, list[str](), 0
            try:
                row = next(rows)
                if len(row) != self._width and _is_blank(row):
                    continue
                whole = _fitted(row, self._width)
                if before + rows.line_num - first >= _LONGEST_ROW:
                    raise BadRow("a quotation mark is missing")
                out.append(self._claim(whole))
                self.short = first if len(row) < self._width else 0
            except BadRow as error:
                if not _is_blank(row):
                    out.append(RowError(first, f"{error}{_span(first, before + rows.line_num)}"))
            except csv.Error:
                span = _span(first, before + rows.line_num)
                out.append(RowError(first, f"a quotation mark or delimiter is out of place{span}"))
        self._before += rows.line_num
        return out


def _is_blank(row: list[str]) -> bool:
    return not any(cell and not cell.isspace() for cell in row)


def _span(first: int, last: int) -> str:
    return f" (it spans lines {first} to {last})" if last > first else ""


def _fitted(row: list[str], width: int) -> list[str]:
    """A row as long as the headings. Raises BadRow where it has more than empty cells beyond them."""
    if len(row) == width:
        return row
    if not _is_blank(row[width:]):
        raise BadRow("the row has more cells than the heading row")
    return row[:width] + [""] * (width - len(row))


@dataclass(frozen=True, slots=True)
class _Top:
    """The heading row: how many lines it and what is above it take, and what it says."""

    lines: int
    delimiter: str
    width: int
    columns: dict[str, int]


def _top(text: io.TextIOWrapper, profile: Profile | None) -> _Top:
    """Read up to the heading row, which may have a title above it. Raises IntakeError where there is none."""
    lines = 0
    best: _Top | None = None
    for _ in range(_TITLE_ROWS):
        count, row = _next_row(text)
        if not row:
            break
        lines += count
        cells = {delimiter: _split(row, delimiter) for delimiter in DELIMITERS}
        delimiter = max(cells, key=lambda one: recognised(cells[one], profile))
        columns = columns_of(cells[delimiter], profile)
        if best is None or len(columns) > len(best.columns):
            best = _Top(lines, delimiter, len(cells[delimiter]), columns)
        if all(name in columns for name in REQUIRED):
            break
    if best is None:
        raise IntakeError("the file is empty")
    require(best.columns)
    return best


def _next_row(text: io.TextIOWrapper) -> tuple[int, str]:
    """The next row that is not blank, and how many lines it took to its end; "" where there is none."""
    count, row = 0, ""
    for line in text:
        count += 1
        row += line
        if row.count('"') % 2 and len(row) < _CHUNK:
            continue  # a heading with a line break in it
        if row.strip('\ufeff \t\r\n,;|"') and not row.lower().startswith("sep="):
            return count, row
        row = ""
    return count, row


def _split(row: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(row, newline=""), delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return []
