"""One claim made of its kept segments: SVC, CAS, LQ*HE, MIA, MOA and the dates of service. No other is handed in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain

from denials.adjudication import judge_line
from denials.codes import GROUPS, looks_like_carc, looks_like_rarc, normal_code
from denials.model import Adjustment, JudgedClaim, JudgedLine, Remit, RemitClaim, Sensitive, ServiceLine
from intake.amounts import Memory, to_cents, to_dollars
from intake.x12 import Marks, as_text, x12_date

_PROCEDURE = re.compile(r"(?:[A-Z0-9]{2}[^A-Z0-9])?([A-Z0-9]{3,11})(?:[^A-Z0-9].*)?", re.DOTALL)

NO_BALANCE = "the claim's charge less its payment is not what its adjustments add up to"
NO_LINE_BALANCE = "a service line's charge less its payment is not what its adjustments add up to"
NO_CHARGE_BALANCE = "the charges of the service lines are not the claim's charge"


class BadClaim(Exception):
    """A claim that cannot be read; the text says why, without anything of the claim."""


@dataclass(slots=True)
class _Service:
    procedure: str | None
    charge: Decimal
    paid: Decimal
    charge_cents: int
    missing_cents: int


@dataclass(slots=True)
class _Adjusted:
    rows: tuple[Adjustment, ...]
    cents: int


@dataclass(slots=True)
class _Remarks:
    codes: tuple[str, ...]


_Kept = _Service | _Adjusted | _Remarks
_END = (_Service(None, Decimal(0), Decimal(0), 0, 0),)


class Builder:
    """Builds claims from the segments of one set of delimiters. `find` takes them out of a claim's bytes."""

    def __init__(self, marks: Marks) -> None:
        self._element = marks.element
        end, sep = re.escape(marks.segment), re.escape(marks.element)
        kinds = b"CAS|SVC|MOA|MIA|LQ" + sep + b"HE"
        self.find = re.compile(end + b"((?:" + kinds + b")" + sep + b"[^" + end + b"]*)").findall
        date_of, day = end + b"DTM" + sep, sep + b"([^" + end + sep + b"]*)"
        self._claim_from = marks.segment + b"DTM" + marks.element + b"232" + marks.element
        self._dates_of_lines = re.compile(date_of + b"(?:472|150)" + day).findall
        self._claim_to = re.compile(date_of + b"233" + day).findall
        self._days: Memory[bytes, date | None] = Memory(lambda raw: x12_date(as_text(raw).strip()), 5000)
        self._kept: Memory[bytes, _Kept] = Memory(self._read)
        self._dollars: Memory[int, Decimal] = Memory(to_dollars)
        self._procedures: Memory[bytes, str | None] = Memory(_procedure, 5000)
        self._codes: Memory[tuple[bytes, bytes], tuple[str, str]] = Memory(_codes, 5000)
        self._lines: Memory[tuple[int | bytes, ...], JudgedLine | None] = Memory(self._line, 4000)

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
        rows: tuple[Adjustment, ...] = ()
        remarks: tuple[str, ...] = ()
        adjusted = below = line_charges = 0
        upper, upper_cents, upper_remarks = rows, 0, remarks
        service: _Service | None = None
        lines: list[ServiceLine] = []
        sound, new = True, tuple.__new__  # faster than by name, which counts for hundreds of thousands
        for kept in chain(map(self._kept.__getitem__, segments), _END):
            if isinstance(kept, _Adjusted):
                rows = rows + kept.rows if rows else kept.rows
                adjusted += kept.cents
            elif isinstance(kept, _Service):
                if service is None:
                    upper, upper_cents, upper_remarks = rows, adjusted, remarks
                else:
                    place = len(lines) + 1
                    row = (place, service.charge, service.paid, service.procedure, rows, remarks)
                    lines.append(new(ServiceLine, row))
                    below += adjusted
                    line_charges += service.charge_cents
                    sound = sound and service.missing_cents == adjusted
                service, rows, remarks, adjusted = kept, (), (), 0
            else:
                remarks += kept.codes
        charge, paid, patient = cents
        missing, fault = charge - paid, None
        repeated = bool(upper) and missing != upper_cents + below and _repeats(upper, lines)
        if missing != upper_cents + below and not (repeated and missing in (upper_cents, below)):
            fault = NO_BALANCE
        elif lines and line_charges != charge:
            fault = NO_CHARGE_BALANCE
        elif not (sound or (repeated and missing == upper_cents)):
            fault = NO_LINE_BALANCE
        dollars = self._dollars
        claim = (
            *(number, status, dollars[charge], dollars[paid], dollars[patient]),
            *(remit.payer, remit.remit_date, remit.remit_key, ordinal, remit.payee_npi),
            *(filing, served, None, upper, upper_remarks, tuple(lines), ()),
        )
        return new(RemitClaim, claim), fault

    def build_plain(
        self,
        number: Sensitive,
        status: str,
        cents: tuple[int, int, int],
        filing: str,
        segments: Sequence[bytes],
        served: date | None,
        ordinal: int,
        remit: Remit,
    ) -> JudgedClaim | None:
        """The same claim, its lines judged, where they add up to it one by one and at least one of them refuses money.

        None where anything stands above the lines or does not add up, so that all of it must be looked at together.
        """
        charge, paid, patient = cents
        if not segments or not segments[0].startswith(b"SVC") or charge <= 0 or paid < 0:
            return None
        begins = [place for place, segment in enumerate(segments) if segment.startswith(b"SVC")]
        known, judged = self._lines, []
        charges = payments = denied = 0
        for place, (start, end) in enumerate(zip(begins, [*begins[1:], len(segments)], strict=True), 1):
            line = known[place, *segments[start:end]]
            if line is None:
                return None
            judged.append(line)
            charges += line.charge_cents
            payments += line.paid_cents
            denied += line.denied_cents
        if charges != charge or payments != paid or not denied:
            return None
        claim = (number, status, charge, paid, patient, ordinal, remit, self._whole, tuple(judged))
        return tuple.__new__(JudgedClaim, (*claim, filing, served, None, segments))

    def _whole(self, claim: JudgedClaim) -> RemitClaim:
        cents = claim.charge_cents, claim.paid_cents, claim.patient_cents
        said = (claim.claim_number, claim.status, cents, claim.filing_indicator)
        return self.build(*said, claim.detail, claim.service_date, claim.ordinal, claim.remit)[0]

    def _line(self, key: tuple[int | bytes, ...]) -> JudgedLine | None:
        """A line of its place in the claim and its segments, the SVC first; None where it is not plain."""
        place, *segments = key
        rows: tuple[Adjustment, ...] = ()
        remarks: tuple[str, ...] = ()
        try:
            service, *rest = [self._kept[segment] for segment in segments if isinstance(segment, bytes)]
        except BadClaim:
            return None
        for kept in rest:
            if isinstance(kept, _Adjusted):
                rows += kept.rows
            elif isinstance(kept, _Remarks):
                remarks += kept.codes
        if not isinstance(service, _Service) or not isinstance(place, int):
            return None
        return judge_line(ServiceLine(place, service.charge, service.paid, service.procedure, rows, remarks))

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

    def _read(self, raw: bytes) -> _Kept:
        fields = raw.split(self._element)
        kind = fields[0]
        if kind == b"SVC":
            return self._service(fields)
        if kind == b"CAS":
            return self._adjusted(fields)
        if kind == b"LQ":
            return _remarks(fields[2:3])
        return _remarks(fields[3:8] if kind == b"MOA" else [*fields[5:6], *fields[20:24]])

    def _service(self, fields: list[bytes]) -> _Service:
        fields += [b""] * (4 - len(fields))
        charge = to_cents(fields[2])
        paid = to_cents(fields[3]) if fields[3] and not fields[3].isspace() else 0
        if charge is None or paid is None:
            raise BadClaim("an amount of a service line (SVC) is not a number")
        dollars = self._dollars
        return _Service(self._procedures[fields[1]], dollars[charge], dollars[paid], charge, charge - paid)

    def _adjusted(self, fields: list[bytes]) -> _Adjusted:
        rows, total = [], 0
        fields += [b""]
        for place in range(2, len(fields) - 1, 3):
            code, amount = fields[place], fields[place + 1]
            if not (code.strip() or amount.strip()):
                continue
            cents = to_cents(amount)
            if cents is None:
                raise BadClaim("an amount of an adjustment (CAS) is not a number")
            group, carc = self._codes[fields[1], code]
            rows.append(Adjustment(group, carc, self._dollars[cents]))
            total += cents
        return _Adjusted(tuple(rows), total)


def _remarks(fields: list[bytes]) -> _Remarks:
    codes = [as_text(field).strip().upper() for field in fields]
    return _Remarks(tuple(code for code in codes if looks_like_rarc(code)))


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


def _repeats(upper: tuple[Adjustment, ...], lines: list[ServiceLine]) -> bool:
    """Whether one level says over again what the other says: some senders put the same money at both."""
    above: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    below: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in upper:
        above[row.group, row.carc] += row.amount
    for line in lines:
        for row in line.adjustments:
            below[row.group, row.carc] += row.amount
    return all(above.get(pair) == below.get(pair) for pair in min(above, below, key=len))
