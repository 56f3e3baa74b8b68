"""Denials as CSV: encoding and delimiter are found out, rows are read one by one, a bad one is rejected by its line."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

from denials.errors import IntakeError
from denials.model import RemitClaim
from denials.rules.model import Profile
from intake.rows import RowError
from intake.table import BadRow, RowReader, columns_of

DELIMITERS = (",", ";", "\t", "|")
LONGEST_LINE = 1 << 20
_CHUNK = 1 << 18
_ROWS = 500
_LONGEST_ROW = 50  # lines; more means that a quotation mark is missing
_SAMPLE = 1 << 16
_LEGACY_ENCODINGS = ["cp1252", "mac_roman", "cp437", "iso8859_15"]
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Record = RemitClaim | RowError


def read_csv(source: BinaryIO, today: date, profile: Profile | None = None) -> Iterator[list[Record]]:
    """Every row as a claim or a rejection, in the order of the file. A row without remit date gets `today`.

    Raises IntakeError where the file is no such table at all, also late (undecodable text).
    """
    encoding = find_encoding(source)
    source.seek(0)
    text = io.TextIOWrapper(source, encoding=encoding, newline="")
    try:
        yield from _read(text, today, profile)
    except UnicodeDecodeError:
        raise IntakeError("the file's text cannot be decoded; save it as CSV in UTF-8") from None
    finally:
        text.detach()


def find_encoding(source: BinaryIO) -> str:
    """The name of the encoding of all of a file's text. Raises IntakeError for binary files and endless lines."""
    head = source.read(4)
    source.seek(0)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    wrong = b""
    while chunk := source.read(_CHUNK):
        if b"\0" in chunk:
            raise IntakeError("the file holds NUL bytes, so it is not CSV text; save it as CSV in UTF-8")
        if len(chunk) == _CHUNK and not (b"\n" in chunk or b"\r" in chunk):
            raise IntakeError("a line of the file is longer than 256 KB, so it is not a table")
        if decoder is not None:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                decoder, wrong = None, chunk[max(0, error.start - _SAMPLE // 2) :][:_SAMPLE]
    if decoder is not None:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise IntakeError("the file ends within a character: it is truncated; export it again") from None
        return "utf-8"
    return _guess(wrong)


def _guess(sample: bytes) -> str:
    # Loaded only for files that are not UTF-8, since it is large and most files are.
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_LEGACY_ENCODINGS).best()
    return best.encoding if best is not None else "cp1252"


def _read(text: io.TextIOWrapper, today: date, profile: Profile | None) -> Iterator[list[Record]]:
    lines = 0
    line = ""
    for line in text:
        lines += 1
        if line.strip("\ufeff \t\r\n,;|") and not line.lower().startswith("sep="):
            break
    else:
        raise IntakeError("the file is empty")
    delimiter = _delimiter(line, profile)
    headings = next(csv.reader([line], delimiter=delimiter))
    reader = RowReader(columns_of(headings, profile), today, profile)
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    width = len(headings)
    out: list[Record] = []
    done = False
    while not done:
        first = lines + rows.line_num + 1
        try:
            row = next(rows)
            last = lines + rows.line_num
            if len(row) != width:
                if not any(cell and not cell.isspace() for cell in row):
                    continue
                row = _fitted(row, width)
            if last - first >= _LONGEST_ROW:
                raise BadRow("a quotation mark is missing")
            out.append(reader.claim(row))
        except StopIteration:
            done = True
        except (BadRow, csv.Error) as error:
            reason = str(error) if isinstance(error, BadRow) else "a quotation mark or delimiter is out of place"
            last = lines + rows.line_num
            span = f" (it spans lines {first} to {last})" if last > first else ""
            out.append(RowError(first, f"{reason}{span}"))
        if len(out) >= _ROWS:
            yield out
            out = []
    yield out


def _fitted(row: list[str], width: int) -> list[str]:
    """A row as long as the headings. Raises BadRow where it has more than empty cells beyond them."""
    if any(cell and not cell.isspace() for cell in row[width:]):
        raise BadRow("the row has more cells than the heading row")
    return row[:width] + [""] * (width - len(row))


def _delimiter(line: str, profile: Profile | None) -> str:
    """The delimiter with which most headings are recognised; a comma where none is."""

    def recognised(delimiter: str) -> int:
        try:
            return len(columns_of(next(csv.reader([line], delimiter=delimiter)), profile))
        except (IntakeError, csv.Error):
            return 1

    return max(DELIMITERS, key=recognised)
