"""What single segments say of a claim's money (SVC, CAS) and remarks (LQ*HE, MIA, MOA). No other is handed in."""

from __future__ import annotations

import re
from typing import NamedTuple

from denials.codes import GROUPS, looks_like_carc, looks_like_rarc, normal_code
from intake.amounts import Memory, TextMemory, to_cents
from intake.x12 import Marks, as_text

_PROCEDURE = re.compile(r"(?:[A-Z0-9]{2}[^A-Z0-9])?([A-Z0-9]{3,11})(?:[^A-Z0-9].*)?", re.DOTALL)


Row = tuple[str, str, int]
"""An adjustment: group, reason code and cents."""


class BadClaim(Exception):
    """A claim that cannot be read; the text says why, without anything of the claim."""


class Segment(NamedTuple):
    """What one segment says. An SVC begins a service line, to which belongs everything up to the next."""

    charge: int | None  # of a service line, in cents; None where the segment is no SVC
    paid: int
    left: int  # what adjustments must explain; an adjustment leaves less than nothing
    procedure: str | None = None
    rows: tuple[Row, ...] = ()
    remarks: tuple[str, ...] = ()


class Segments(TextMemory[Segment]):
    """Every segment as it was written with one set of delimiters, and what it says. Raises BadClaim."""

    def __init__(self, marks: Marks) -> None:
        super().__init__(self._read)
        self._element = marks.element
        self._procedures: TextMemory[str | None] = TextMemory(_procedure, 5000)
        self._codes: Memory[tuple[bytes, bytes], tuple[str, str]] = Memory(_codes, 5000)

    def _read(self, raw: bytes) -> Segment:
        fields = raw.split(self._element)
        kind = fields[0]
        if kind == b"CAS":
            return self._adjusted(fields)
        if kind == b"SVC":
            return self._service(fields)
        if kind == b"LQ":
            return _remarks(fields[2:3])
        return _remarks(fields[3:8] if kind == b"MOA" else [*fields[5:6], *fields[20:24]])

    def _service(self, fields: list[bytes]) -> Segment:
        fields += [b""] * (4 - len(fields))
        charge = to_cents(fields[2])
        paid = to_cents(fields[3]) if fields[3] and not fields[3].isspace() else 0
        if charge is None or paid is None:
            raise BadClaim("an amount of a service line (SVC) is not a number")
        return Segment(charge, paid, charge - paid, self._procedures[fields[1]])

    def _adjusted(self, fields: list[bytes]) -> Segment:
        rows, explained = [], 0
        fields += [b""]
        for place in range(2, len(fields) - 1, 3):
            code, amount = fields[place], fields[place + 1]
            cents = to_cents(amount)
            if cents is None:
                if not (code.strip() or amount.strip()):
                    continue
                raise BadClaim("an amount of an adjustment (CAS) is not a number")
            group, carc = self._codes[fields[1], code]
            rows.append((group, carc, cents))
            explained += cents
        return Segment(None, 0, -explained, None, tuple(rows))


def _remarks(fields: list[bytes]) -> Segment:
    codes = [as_text(field).strip().upper() for field in fields]
    return Segment(None, 0, 0, None, (), tuple(code for code in codes if looks_like_rarc(code)))


def _procedure(raw: bytes) -> str | None:
    found = _PROCEDURE.fullmatch(as_text(raw).strip().upper())
    return found[1] if found else None


def _codes(pair: tuple[bytes, bytes]) -> tuple[str, str]:
    """Group and reason code. Raises BadClaim for what has not the shape of them: they are shown to people."""
    group, carc = as_text(pair[0]).strip().upper(), normal_code(as_text(pair[1]))
    if group and group not in GROUPS:
        raise BadClaim("an adjustment (CAS) with an unknown group code")
    if not looks_like_carc(carc):
        raise BadClaim("an adjustment (CAS) whose reason code has not the shape of one")
    return group, carc
