"""X12 files as a stream of segments, whatever their sender's habits: what remittances and claim statuses share.

    Scanner         finds each interchange, reads its delimiters, hands out segments with their number
    transactions()  checks the envelope ISA/GS/ST … SE/GE/IEA on the way and stops at every transaction

Delimiters are read at every ISA. Line breaks after segments, or in the middle of them (80-column files), are removed
unless the line break is the segment terminator. Memory is bounded: a file is read in chunks, and a segment or claim
that does not end is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from denials.errors import IntakeError

CHUNK = 1 << 18
LONGEST_SEGMENT = 1 << 20
LONGEST_CLAIM = 1 << 24
_LONGEST_HEADER = 1024

_ISA = re.compile(rb"ISA([^A-Za-z0-9\s])[A-Za-z0-9 ]{2}\1", re.IGNORECASE)
_LINE_BREAKS = b"\r\n"
_KNOWN = frozenset(
    [
        "ISA",
        "TA1",
        "GS",
        "ST",
        "SE",
        "GE",
        "IEA",
        "BPR",
        "TRN",
        "N1",
        "LX",
        "CLP",
        "NM1",
        "SVC",
        "CAS",
        "DTM",
        "REF",
        "PLB",
        "BHT",
        "HL",
        "STC",
    ]
)
GET_AGAIN = "get the file again from its sender"


@dataclass(frozen=True, slots=True)
class Marks:
    """The delimiters of one interchange, one byte each; `ignored` are the line breaks that mean nothing in it."""

    element: bytes
    component: bytes
    segment: bytes
    ignored: bytes = _LINE_BREAKS

    @property
    def element_text(self) -> str:
        """The element separator as text."""
        return self.element.decode("latin-1")


def find_isa(data: bytes, start: int = 0) -> int:
    """Where an interchange header begins, or -1."""
    found = _ISA.search(data, start)
    return found.start() if found else -1


def as_text(raw: bytes) -> str:
    """Bytes as text: UTF-8, else Latin-1, which takes anything."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def x12_date(text: str) -> date | None:
    """CCYYMMDD, or the first day of a range of two (RD8), as a date; None for what is none."""
    day = text[:8] if len(text) == 17 and text[8] == "-" else text
    if len(day) != 8 or not (day.isascii() and day.isdigit()):
        return None
    try:
        return date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return None


def read_marks(head: bytes) -> tuple[Marks, int]:
    """The delimiters of an ISA at the start of `head`, and where the next segment begins.

    Elements are counted rather than columns, since some senders do not pad theirs. Raises IntakeError.
    """
    element = head[3:4]
    at = 3
    for _ in range(15):
        at = head.find(element, at + 1)
        if at < 0:
            raise IntakeError(f"the interchange header (ISA) is damaged: it has too few elements; {GET_AGAIN}")
    at += 1
    while head[at : at + 1] in (b"\r", b"\n"):
        at += 1
    component, segment, ignored = head[at : at + 1], head[at + 1 : at + 2], _LINE_BREAKS
    end = at + 2
    if segment in (b"\r", b"\n"):
        if head[at + 1 : at + 3] == b"\r\n":
            segment, end = b"\n", at + 3
        ignored = b"\r" if segment == b"\n" else b"\n"
    if not segment or segment.isalnum() or segment == b" " or len({element, component, segment}) < 3:
        raise IntakeError(f"the interchange header (ISA) is damaged: its delimiters cannot be read; {GET_AGAIN}")
    return Marks(element, component, segment, ignored), end


@dataclass(frozen=True, slots=True)
class Region:
    """Whole claims, one behind the other: `data` from the mark before the first CLP to the one after the last claim."""

    data: bytes
    start: int
    stop: int
    first: int  # the number of the first CLP
    last: bool  # whether SE comes next


class Scanner:
    """Segments of one file. `number` counts those handed out, from 1; `marks` are those of the present interchange."""

    marks: Marks

    def __init__(self, source: BinaryIO, chunk: int = CHUNK) -> None:
        self._source = source
        self._chunk = chunk
        self._raw = b""  # read, delimiters not applied yet
        self._buffer = b""  # of the present interchange, ignored line breaks removed, from the mark before `_at` on
        self._at = 0
        self._before = 0
        self._untidy: re.Pattern[bytes] | None = None  # set where segment ids are lower-case or indented
        self.number = 0
        self.skipped = False  # whether find_interchange passed over something that is not blank

    def find_interchange(self) -> list[str] | None:
        """Go to the next interchange: its ISA's elements, or None at the end of the file."""
        data = self._buffer[self._at :] + self._raw
        self._buffer, self._at, self._raw, self.skipped = b"", 0, b"", False
        while (start := find_isa(data)) < 0:
            more = self._source.read(self._chunk)
            keep = data[-8:] if more else b""
            self.skipped |= bool(data[: len(data) - len(keep)].strip(b"\xef\xbb\xbf\x00\x1a \t\r\n"))
            if not more:
                return None
            data = keep + more
        self.skipped |= bool(data[:start].strip(b"\xef\xbb\xbf \t\r\n"))
        data = data[start:]
        while len(data) < _LONGEST_HEADER and (more := self._source.read(self._chunk)):
            data += more
        self.marks, end = read_marks(data[:_LONGEST_HEADER])
        self._raw = data[end:]
        self._untidy = None
        self.number += 1
        return self._elements(data[: end - 1].translate(None, _LINE_BREAKS))

    def segment(self) -> list[str]:
        """The elements of the next segment, its id in capitals. Raises IntakeError where the file ends."""
        mark = self.marks.segment
        while True:
            end = self._buffer.find(mark, self._at)
            if end < 0:
                if len(self._buffer) - self._at > LONGEST_SEGMENT:
                    raise self._too_long(self.number + 1)
                if not self._fill():
                    raise self.truncated()
                continue
            raw, self._before = self._buffer[self._at : end], self._at
            self._at = end + 1
            if raw and not raw.isspace():
                break
        self.number += 1
        if self._untidy is None and (raw[:1].isspace() or not raw[:2].isupper()):
            self._tidy_up()
        return self._elements(raw)

    def back(self) -> None:
        """Put the segment just handed out back. Once only."""
        self._at = self._before
        self.number -= 1

    def claims(self) -> Region:
        """From a CLP on, the whole claims in memory."""
        mark = self.marks.segment
        claim, trailer = mark + b"CLP" + self.marks.element, mark + b"SE" + self.marks.element
        searched = self._at
        while True:
            last = True
            stop = self._buffer.find(trailer, searched)
            if stop < 0:
                last = False
                stop = self._buffer.rfind(claim, self._at)
            if stop >= 0:
                break
            held = len(self._buffer) - self._at
            if held > LONGEST_CLAIM:
                raise IntakeError(f"the claim at segment {self.number + 1} does not end within 16 MB; {GET_AGAIN}")
            ahead = max(self._buffer.rfind(mark, self._at) - self._at, 0)
            if held - ahead > LONGEST_SEGMENT:
                raise self._too_long(self.number + 1 + self._buffer.count(mark, self._at))
            if not self._fill():
                raise self.truncated()
            searched = self._at + ahead
        region = Region(self._buffer, self._at - 1, stop, self.number + 1, last)
        self._at = stop + 1
        self.number += self._buffer.count(mark, region.start, stop)
        return region

    def truncated(self) -> IntakeError:
        """The error for a file that ends here."""
        rest = self._buffer[self._at :].strip()
        where = f"within segment {self.number + 1}" if rest else f"after segment {self.number}"
        return IntakeError(
            f"the file ends {where}, before the end of its interchange (IEA): it is truncated; {GET_AGAIN}"
        )

    def _too_long(self, number: int) -> IntakeError:
        return IntakeError(f"segment {number} is longer than 1 MB, so this is no sound X12 file; {GET_AGAIN}")

    def _fill(self) -> bool:
        part = self._raw or self._source.read(self._chunk)
        self._raw = b""
        if not part:
            return False
        if b"\0" in part:
            raise IntakeError(f"after segment {self.number} the file holds NUL bytes: it is damaged; {GET_AGAIN}")
        ignored = self.marks.ignored
        if any(ignored[place : place + 1] in part for place in range(len(ignored))):
            # The next interchange may use a line break as its terminator, so only this one's are taken out.
            part, self._raw = self._until_trailer(part)
            part = part.translate(None, ignored)
        kept = max(self._at - 1, 0)
        self._buffer = self._buffer[kept:] + part
        self._at -= kept
        if self._untidy is not None:
            self._buffer = self._untidy.sub(_capital, self._buffer)
        return True

    def _until_trailer(self, part: bytes) -> tuple[bytes, bytes]:
        found = part.find(b"IEA" + self.marks.element)
        if found < 0 and self._untidy is not None:
            found = part.find(b"iea" + self.marks.element)
        if found < 0:
            return part, b""
        end = part.find(self.marks.segment, found) + 1
        cut = end or len(part)
        return part[:cut], part[cut:]

    def _tidy_up(self) -> None:
        mark, element = re.escape(self.marks.segment), re.escape(self.marks.element)
        self._untidy = re.compile(rb"(\A|" + mark + rb")[ \t]*([A-Za-z][A-Za-z0-9]{1,2})(?=" + element + rb")")
        # The segment at hand is mended too: it may be put back.
        self._buffer = self.marks.segment + self._untidy.sub(_capital, self._buffer[self._before :])
        self._before = 1
        self._at = self._buffer.find(self.marks.segment, 1) + 1

    def _elements(self, raw: bytes) -> list[str]:
        elements = as_text(raw).strip().split(self.marks.element_text)
        elements[0] = elements[0].upper()
        return elements


def _capital(found: re.Match[bytes]) -> bytes:
    return found[1] + found[2].upper()


@dataclass(slots=True)
class Transaction:
    """One transaction, opened at its ST. Its reader takes every segment from the scanner, the SE for `close`."""

    kind: str
    version: str
    control: str
    number: int  # of the ST
    group_date: str
    scanner: Scanner
    closed: bool = field(default=False)

    def segment(self) -> list[str] | None:
        """The next segment of this transaction; None at its SE, whose count and control number are checked."""
        elements = self.scanner.segment()
        if elements[0] == "SE":
            self.close(elements)
            return None
        if elements[0] in ("ISA", "GS", "ST", "GE", "IEA"):
            raise _misplaced(self.scanner, elements[0], "SE")
        return elements

    def close(self, trailer: list[str]) -> None:
        """Check the SE that the scanner just handed out."""
        count = self.scanner.number - self.number + 1
        _check(self.scanner, trailer, count, self.control, "transaction", "segments")
        self.closed = True


def transactions(scanner: Scanner) -> Iterator[Transaction]:
    """Every transaction of every interchange. Raises IntakeError where counts, control numbers or order are wrong.

    The one who iterates must have read each transaction to its end before asking for the next.
    """
    while (isa := scanner.find_interchange()) is not None:
        groups = 0
        while True:
            elements = scanner.segment()
            if elements[0] == "IEA":
                _check(scanner, elements, groups, _element(isa, 13), "interchange", "groups")
                break
            if elements[0] == "GS":
                groups += 1
                yield from _group(scanner, elements)
            elif elements[0] != "TA1":
                raise _misplaced(scanner, elements[0], "GS or IEA")


def _group(scanner: Scanner, opening: list[str]) -> Iterator[Transaction]:
    count = 0
    while True:
        elements = scanner.segment()
        if elements[0] == "GE":
            _check(scanner, elements, count, _element(opening, 6), "group", "transactions")
            return
        if elements[0] != "ST":
            raise _misplaced(scanner, elements[0], "ST or GE")
        count += 1
        transaction = Transaction(
            kind=_element(elements, 1),
            version=(_element(elements, 3) or _element(opening, 8)).upper(),
            control=_element(elements, 2),
            number=scanner.number,
            group_date=_element(opening, 4),
            scanner=scanner,
        )
        yield transaction
        if not transaction.closed:
            raise RuntimeError("the reader of a transaction left it open")


def _element(elements: list[str], place: int) -> str:
    return elements[place].strip() if len(elements) > place else ""


def _check(scanner: Scanner, trailer: list[str], count: int, control: str, name: str, parts: str) -> None:
    told = _element(trailer, 1)
    number = (told.lstrip("0")[:9] or "0") if told.isascii() and told.isdigit() else "no number of"
    if number != str(count):
        raise IntakeError(
            f"segment {scanner.number}: the {name}'s trailer counts {number} {parts}, the file has {count}: "
            f"something is missing or added; {GET_AGAIN}"
        )
    if _element(trailer, 2).lstrip("0") != control.lstrip("0"):
        raise IntakeError(
            f"segment {scanner.number}: the {name}'s trailer has another control number than its header: "
            f"parts of two files are mixed; {GET_AGAIN}"
        )


def _misplaced(scanner: Scanner, found: str, due: str) -> IntakeError:
    name = found if found in _KNOWN else "something else"
    return IntakeError(f"segment {scanner.number}: {name} stands where {due} is due; {GET_AGAIN}")
