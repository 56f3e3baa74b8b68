"""Whole claims made of their segments, with what does not add up; and the date of service of any claim."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from denials.model import Remit, RemitClaim, Sensitive, ServiceLine
from intake.amounts import TextMemory, to_dollars
from intake.money import adjustments
from intake.segments import Row, Segment, Segments
from intake.x12 import Marks, as_text, x12_date

NO_BALANCE = "the claim's charge less its payment is not what its adjustments add up to"
NO_LINE_BALANCE = "a service line's charge less its payment is not what its adjustments add up to"
NO_CHARGE_BALANCE = "the charges of the service lines are not the claim's charge"


@dataclass(slots=True)
class _Level:
    """The claim as a whole, which has no `service`, or one of its lines."""

    service: Segment | None = None
    rows: tuple[Row, ...] = ()
    remarks: tuple[str, ...] = ()
    explained: int = 0


class Builder:
    """Builds claims from the segments of one set of delimiters."""

    def __init__(self, marks: Marks, segments: Segments) -> None:
        self._segments = segments
        end, sep = re.escape(marks.segment), re.escape(marks.element)
        date_of, day = end + b"DTM" + sep, sep + b"([^" + end + sep + b"]*)"
        self._claim_from = marks.segment + b"DTM" + marks.element + b"232" + marks.element
        self._dates_of_lines = re.compile(date_of + b"(?:472|150)" + day).findall
        self._claim_to = re.compile(date_of + b"233" + day).findall
        self._days: TextMemory[date | None] = TextMemory(lambda raw: x12_date(as_text(raw).strip()), 5000)

    def build(
        self,
        number: Sensitive,
        status: str,
        cents: tuple[int, int, int],
        filing: str,
        segments: Iterable[bytes],
        served: date | None,
        ordinal: int,
        remit: Remit,
    ) -> tuple[RemitClaim, str | None]:
        """The claim with everything that is kept of it, and what does not add up. Raises BadClaim.

        `cents` are its charge, its payment and the patient's share.
        """
        above, *lines = self._levels(segments)
        charge, paid, patient = cents
        claim = (
            *(number, status, to_dollars(charge), to_dollars(paid), to_dollars(patient)),
            *(remit.payer, remit.remit_date, remit.remit_key, ordinal, remit.payee_npi),
            *(filing, served, None, adjustments(above.rows), above.remarks),
            tuple([_line(place, level) for place, level in enumerate(lines, 1)]),
        )
        return RemitClaim(*claim), _fault(charge, charge - paid, above, lines)

    def _levels(self, segments: Iterable[bytes]) -> list[_Level]:
        level = _Level()
        levels = [level]
        for one in map(self._segments.__getitem__, segments):
            if one.charge is not None:
                level = _Level(one)
                levels.append(level)
                continue
            level.rows += one.rows
            level.remarks += one.remarks
            level.explained -= one.left
        return levels

    def served(self, block: bytes) -> date | None:
        """The claim's date of service; else the earliest of its lines, else the end of the claim's period."""
        at = block.find(self._claim_from)
        if at >= 0:
            at += len(self._claim_from)
            day = self._days[block[at : at + 8]]
            if day is not None:
                return day
        for find in (self._dates_of_lines, self._claim_to):
            days = [day for raw in find(block) if (day := self._days[raw]) is not None]
            if days:
                return min(days)
        return None


def _line(place: int, level: _Level) -> ServiceLine:
    service = level.service or Segment(0, 0, 0)
    charge, paid = to_dollars(service.charge or 0), to_dollars(service.paid)
    return ServiceLine(place, charge, paid, service.procedure, adjustments(level.rows), level.remarks)


def _fault(charge: int, missing: int, above: _Level, lines: Sequence[_Level]) -> str | None:
    """What does not add up of a claim from whose charge so much is missing."""
    below = sum([line.explained for line in lines])
    whole = missing == above.explained + below
    repeated = not whole and bool(above.rows) and _repeats(above, lines)
    if not (whole or (repeated and missing in (above.explained, below))):
        return NO_BALANCE
    services = [(line.service, line.explained) for line in lines if line.service is not None]
    if lines and charge != sum([service.charge or 0 for service, _ in services]):
        return NO_CHARGE_BALANCE
    sound = all(service.left == explained for service, explained in services)
    if not (sound or (repeated and missing == above.explained)):
        return NO_LINE_BALANCE
    return None


def _repeats(upper: _Level, lines: Sequence[_Level]) -> bool:
    """Whether one level says over again what the other says: some senders put the same money at both."""
    above: Counter[tuple[str, str]] = Counter()
    below: Counter[tuple[str, str]] = Counter()
    for group, carc, cents in upper.rows:
        above[group, carc] += cents
    for line in lines:
        for group, carc, cents in line.rows:
            below[group, carc] += cents
    return all(above.get(pair) == below.get(pair) for pair in min(above, below, key=len))
