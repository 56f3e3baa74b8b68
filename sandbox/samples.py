"""Sample batches for a new workspace: a made-up practice's remittances, with days that end today.

Every name in them is obviously invented (TESTPATIENT …). Beside the batches of the last days, one with a cause that
repeats, and remittances that were fetched late and have limits that come soon, there is a past of half a year
under `history/`, so that trends, rates and outcomes have something to show.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

_SEED = 835
_WEEKS = 26
_RISING = 4  # weeks in which one payer refuses one cause more and more
_NPIS = ("1234567893", "1987654328")
_LOCATIONS = ("NORTH OFFICE", "NORTH THERAPY", "SOUTH OFFICE", "SOUTH ANNEX")
_CENT = Decimal("0.01")
_HEADINGS = (
    *("Account Number", "Patient Name", "Payer", "Denial Code", "Remark Code", "Denied Amount", "Billed"),
    *("Denial Date", "Service Date", "CPT", "Location", "Comments"),
)


@dataclass(frozen=True, slots=True)
class _Payer:
    name: str
    id: str
    filing: str  # CLP06
    write_down: Decimal  # the share of a charge that the contract takes off


@dataclass(frozen=True, slots=True)
class _Cause:
    """Why a payer refuses: group, CARC, remarks, and the procedures it happens to."""

    group: str
    carc: str
    remarks: tuple[str, ...]
    procedures: tuple[str, ...]
    weight: int


_PAYERS = (
    _Payer("AETNA", "60054", "12", Decimal("0.42")),
    _Payer("UNITEDHEALTHCARE", "87726", "12", Decimal("0.38")),
    _Payer("MEDICARE PART B", "05302", "MB", Decimal("0.55")),
    _Payer("BLUE CROSS BLUE SHIELD", "00060", "BL", Decimal("0.33")),
    _Payer("CIGNA HEALTHCARE", "62308", "12", Decimal("0.40")),
)
_ADVANTAGE = _Payer("HUMANA MEDICARE ADVANTAGE", "61101", "16", Decimal("0.52"))  # sixty days to appeal
_ALL_PAYERS = (*_PAYERS, _ADVANTAGE)

_VISITS = ("99213", "99214", "99203", "99204")
_THERAPY = ("97110", "97140", "97530")
_IMAGING = ("72148", "73721", "70553", "74177")
_SURGERY = ("29881", "20610", "11042", "64483")

_CAUSES = (
    _Cause("CO", "31", (), _VISITS, 7),
    _Cause("CO", "16", ("N382",), _VISITS, 5),
    _Cause("CO", "140", (), _VISITS, 3),
    _Cause("CO", "27", (), _VISITS + _THERAPY, 9),
    _Cause("CO", "22", (), _VISITS, 5),
    _Cause("CO", "109", (), _VISITS, 3),
    _Cause("CO", "197", (), _IMAGING + _THERAPY + _SURGERY, 14),
    _Cause("CO", "198", (), _THERAPY, 4),
    _Cause("CO", "4", (), _SURGERY, 6),
    _Cause("CO", "97", (), _SURGERY + _VISITS, 7),
    _Cause("CO", "16", ("M76",), _VISITS, 4),
    _Cause("CO", "50", (), _IMAGING + _SURGERY, 6),
    _Cause("CO", "252", ("N706",), _IMAGING + _SURGERY, 5),
    _Cause("CO", "29", (), _VISITS + _IMAGING, 4),
    _Cause("CO", "18", (), _VISITS, 5),
    _Cause("CO", "55", (), _SURGERY, 2),
)

_ELIGIBILITY = _Cause("CO", "27", (), _VISITS, 0)
_AUTHORIZATION = _Cause("CO", "197", (), _IMAGING, 0)
_RECORDS = _Cause("CO", "252", ("N706",), _IMAGING, 0)
_ENROLLMENT = _Cause("CO", "B7", (), _VISITS, 0)  # a new clinician whom a payer does not have on its list yet
_UNKNOWN = _Cause("CO", "399", (), _VISITS, 0)  # looks like a code and stands in no table

_PRICES = {
    **dict.fromkeys(_VISITS, (95, 260)),
    **dict.fromkeys(_THERAPY, (48, 140)),
    **dict.fromkeys(_IMAGING, (620, 2400)),
    **dict.fromkeys(_SURGERY, (310, 3900)),
}


_Asked = tuple[_Cause, _Payer]

# Remittances that somebody fetched from a portal late: days since, and denials of the payer with the short limit.
_LATE: tuple[tuple[int, tuple[_Asked, ...]], ...] = (
    (35, ()),
    (48, ((_RECORDS, _ADVANTAGE),)),  # twelve days left
    (55, ((_AUTHORIZATION, _ADVANTAGE), (_ELIGIBILITY, _ADVANTAGE))),  # five
    (66, ((_AUTHORIZATION, _ADVANTAGE),)),  # over
    (97, ()),
)


@dataclass(frozen=True, slots=True)
class _Line:
    procedure: str
    charge: Decimal
    cause: _Cause | None = None


@dataclass(frozen=True, slots=True)
class _Claim:
    number: str
    payer: _Payer
    npi: str
    service: date
    lines: tuple[_Line, ...]
    copay: Decimal

    @property
    def refused(self) -> _Line | None:
        """The first line that the payer refuses."""
        return next((line for line in self.lines if line.cause), None)

    @property
    def charge(self) -> Decimal:
        """What was billed."""
        return sum((line.charge for line in self.lines), Decimal(0))


def write_samples(folder: Path, today: date) -> None:
    """Write the batches of the last days into `folder` and the past into `folder/history`.

    The same day gives the same files.
    """
    practice = _Practice(random.Random(_SEED))
    past = folder / "history"
    past.mkdir(parents=True, exist_ok=True)
    for week in range(_WEEKS, 0, -1):
        remitted = _days_ago(today, 7 * week + 2)
        asked: list[_Asked] = [(_ELIGIBILITY, _ADVANTAGE)] if week % 3 == 0 else []
        asked += [(_AUTHORIZATION, _PAYERS[0])] * max(0, 3 * (_RISING + 1 - week))
        claims = practice.claims(66 + week % 3 * 8, 15 + week % 4 * 2, remitted, asked)
        corrected = practice.corrected(remitted, 1) if week % 3 == 0 else []
        text = practice.file(claims, remitted, practice.won(remitted), corrected)
        (past / f"week-{_WEEKS - week + 1:02d}.835").write_text(text, encoding="ascii")
    practice.write_export(past / "billing-system-last-month.csv", _days_ago(today, 40), 12)
    for days, asked_late in _LATE:
        remitted = _days_ago(today, days)
        text = practice.file(practice.claims(12, 3, remitted, asked_late), remitted)
        (folder / f"portal-{days}-days-late.835").write_text(text, encoding="ascii")
    rising: list[_Asked] = [(_AUTHORIZATION, _PAYERS[0])] * 4
    fresh = (("clearinghouse", 105, 18, 1, [*rising, (_UNKNOWN, _PAYERS[1])]), ("payer-portal", 60, 12, 2, rising[:2]))
    for name, count, denied, days, asked in fresh:
        remitted = _days_ago(today, days)
        corrected = practice.corrected(remitted, 2)
        claims = practice.claims(count, denied, remitted, asked)
        (folder / f"{name}.835").write_text(practice.file(claims, remitted, corrected=corrected), encoding="ascii")
    practice.write_export(folder / "billing-system.csv", _days_ago(today, 1), 10)
    remitted = _days_ago(today, 5)
    repeated: list[_Asked] = [(_ENROLLMENT, _PAYERS[4])] * 7  # what never happened before: a repeat with one cause
    text = practice.file(practice.claims(20, 1, remitted, repeated), remitted)
    (folder / "clearinghouse-late.835").write_text(text, encoding="ascii")


def _days_ago(today: date, days: int) -> date:
    """So many days before today."""
    return today - timedelta(days=days)


class _Practice:
    """Draws claims and writes them the way payers do."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._number = 70_000
        self._control = 0
        self._made: list[tuple[date, _Claim]] = []

    def claims(self, count: int, denied: int, remitted: date, asked: Sequence[_Asked] = ()) -> list[_Claim]:
        """So many claims, so many of them refused at least in part, and those asked for, remitted on one day."""
        causes: list[_Cause | None] = [*self._causes(denied), *[None] * (count - denied)]
        self._draw.shuffle(causes)
        made = [self._claim(cause, self._draw.choice(_PAYERS), remitted) for cause in causes]
        made += [self._claim(cause, payer, remitted) for cause, payer in asked]
        self._made += [(remitted, claim) for claim in made]
        return made

    def won(self, remitted: date) -> list[_Claim]:
        """Claims refused about three weeks before that this remittance pays: somebody has appealed them."""
        due = [claim for day, claim in self._made if claim.refused and 18 <= (remitted - day).days <= 24]
        return self._draw.sample(due, k=len(due) * 2 // 5)

    def corrected(self, remitted: date, most: int) -> list[_Claim]:
        """Claims paid about a month before that the payer takes back in order to decide them anew."""
        paid = [claim for day, claim in self._made if not claim.refused and 25 <= (remitted - day).days <= 40]
        return self._draw.sample(paid, k=min(most, len(paid)))

    def file(
        self,
        claims: Sequence[_Claim],
        remitted: date,
        paid_now: Sequence[_Claim] = (),
        corrected: Sequence[_Claim] = (),
    ) -> str:
        """One 835 with a transaction for each payer and each of the practice's places."""
        self._control += 1
        told = [(claim, _clp(claim)) for claim in claims]
        told += [(claim, _clp(_paid(claim))) for claim in paid_now]
        for claim in corrected:
            told += [(claim, _reversal(claim)), (claim, _clp(self._anew(claim)))]
        transactions: list[list[str]] = []
        for payer in _ALL_PAYERS:
            for npi in _NPIS:
                ours = [written for claim, written in told if claim.payer is payer and claim.npi == npi]
                if ours:
                    transactions.append(self._transaction(payer, npi, ours, remitted, len(transactions) + 1))
        day, control = remitted.strftime("%Y%m%d"), f"{self._control:09d}"
        parties = "*ZZ*CLEARINGHOUSE  *ZZ*TESTCLINIC     "
        head = [
            f"ISA*00*          *00*          {parties}*{day[2:]}*0800*^*00501*{control}*0*T*:",
            f"GS*HP*CLEARINGHOUSE*TESTCLINIC*{day}*0800*{self._control}*X*005010X221A1",
        ]
        tail = [f"GE*{len(transactions)}*{self._control}", f"IEA*1*{control}"]
        body = [segment for transaction in transactions for segment in transaction]
        return "".join(f"{segment}~\n" for segment in [*head, *body, *tail])

    def write_export(self, path: Path, remitted: date, rows: int) -> None:
        """A billing system's export of denials, with columns that nobody needs."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_HEADINGS)
            for claim in self.claims(rows, rows, remitted):
                line = claim.refused
                if line is None or line.cause is None:
                    continue
                row = [
                    claim.number,
                    "TESTPATIENT PAT",
                    claim.payer.name.title(),
                    f"{line.cause.group}-{line.cause.carc}",
                ]
                row += [" ".join(line.cause.remarks), f"{line.charge:.2f}", f"{claim.charge:.2f}"]
                row += [remitted.isoformat(), claim.service.isoformat(), line.procedure]
                writer.writerow([*row, self._draw.choice(_LOCATIONS), "invented"])

    def _causes(self, count: int) -> list[_Cause]:
        return self._draw.choices(_CAUSES, weights=[cause.weight for cause in _CAUSES], k=count)

    def _claim(self, cause: _Cause | None, payer: _Payer, remitted: date) -> _Claim:
        """A claim with a line for the cause; often another line is paid, now and then another is refused as well."""
        self._number += self._draw.randint(1, 9)
        lines = [self._line(cause)]
        kind = self._draw.random()
        if cause and kind < 0.1:
            lines += [self._line(other) for other in self._causes(1) if other.carc != cause.carc]
        if kind < (0.45 if cause else 0.2):
            lines.append(self._line(None))
        service = remitted - timedelta(days=self._draw.randint(12, 34))
        copay = Decimal(self._draw.choice((0, 20, 25)))
        npi = self._draw.choices(_NPIS, (7, 3))[0]
        return _Claim(f"T{self._number}", payer, npi, service, tuple(lines), copay)

    def _line(self, cause: _Cause | None) -> _Line:
        procedure = self._draw.choice(cause.procedures if cause else _VISITS + _THERAPY + _IMAGING[:1])
        low, high = _PRICES[procedure]
        charge = Decimal(self._draw.randint(low * 4, high * 4)) / 4
        return _Line(procedure, charge.quantize(_CENT), cause)

    def _anew(self, claim: _Claim) -> _Claim:
        """The same claim with its first line refused."""
        first = replace(claim.lines[0], cause=self._causes(1)[0])
        return replace(claim, lines=(first, *claim.lines[1:]))

    def _transaction(
        self, payer: _Payer, npi: str, claims: list[tuple[Decimal, list[str]]], remitted: date, control: int
    ) -> list[str]:
        total = sum((payment for payment, _ in claims), Decimal(0))
        day = remitted.strftime("%Y%m%d")
        segments = [
            f"ST*835*{control:04d}",
            f"BPR*I*{total:.2f}*C*ACH*CCP*01*111000025*DA*33445566*1512345678**01*111000025*DA*55667788*{day}",
            f"TRN*1*T{self._control:04d}{control:02d}{payer.id}*1512345678",
            f"DTM*405*{day}",
            f"N1*PR*{payer.name}*XV*{payer.id}",
            "N3*1 TEST STREET",
            "N4*TESTTOWN*NY*10001",
            f"N1*PE*TEST CLINIC*XX*{npi}",
            "LX*1",
            *(segment for _, claim in claims for segment in claim),
        ]
        return [*segments, f"SE*{len(segments) + 1}*{control:04d}"]


def _paid(claim: _Claim) -> _Claim:
    """The same claim with nothing refused."""
    return replace(claim, lines=tuple(replace(line, cause=None) for line in claim.lines))


def _reversal(claim: _Claim) -> tuple[Decimal, list[str]]:
    """The payment taken back: everything as it was, with the other sign."""
    return _clp(claim, status="22", sign=-1)


def _clp(claim: _Claim, status: str = "1", sign: int = 1) -> tuple[Decimal, list[str]]:
    """The payment and the segments of one claim. The first line that is paid bears the patient's share."""
    paid, share, lines = Decimal(0), Decimal(0), []
    for line in claim.lines:
        adjustments, copay = [], Decimal(0)
        if line.cause:
            payment = Decimal(0)
            adjustments.append(f"CAS*{line.cause.group}*{line.cause.carc}*{line.charge * sign}")
            adjustments += [f"LQ*HE*{remark}" for remark in line.cause.remarks]
        else:
            write_down = (line.charge * claim.payer.write_down).quantize(_CENT)
            copay = min(claim.copay - share, line.charge - write_down)
            payment = line.charge - write_down - copay
            adjustments.append(f"CAS*CO*45*{write_down * sign}")
            adjustments += [f"CAS*PR*3*{copay * sign}"] if copay else []
        paid, share = paid + payment, share + copay
        lines.append(f"SVC*HC:{line.procedure}*{line.charge * sign}*{payment * sign}**1")
        lines += [f"DTM*472*{claim.service:%Y%m%d}", *adjustments]
    amounts = f"{claim.charge * sign}*{paid * sign}*{share * sign or ''}"
    head = [
        f"CLP*{claim.number}*{status}*{amounts}*{claim.payer.filing}*{claim.number}P*11*1",
        "NM1*QC*1*TESTPATIENT*PAT****MI*TESTMEMBER",
        f"DTM*232*{claim.service:%Y%m%d}",
    ]
    return paid * sign, [*head, *lines]
