"""Sample batches for a new workspace: a made-up practice's remittances, with days that end today.

Every name in them is obviously invented (TESTPATIENT …). Beside the batches of the last days there is a past of twelve
weeks under `history/`, so that trends, rates and outcomes have something to show.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

_SEED = 835
_WEEKS = 12
_NPI = "1234567893"
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

_PRICES = {
    **dict.fromkeys(_VISITS, (95, 260)),
    **dict.fromkeys(_THERAPY, (48, 140)),
    **dict.fromkeys(_IMAGING, (620, 2400)),
    **dict.fromkeys(_SURGERY, (310, 3900)),
}


@dataclass(frozen=True, slots=True)
class _Claim:
    number: str
    payer: _Payer
    procedure: str
    charge: Decimal
    service: date
    cause: _Cause | None = None


def write_samples(folder: Path, today: date) -> None:
    """Write the batches of the last days into `folder` and the past into `folder/history`.

    The same day gives the same files.
    """
    practice = _Practice(random.Random(_SEED), today)
    past = folder / "history"
    past.mkdir(parents=True, exist_ok=True)
    for week in range(_WEEKS, 0, -1):
        remitted = today - timedelta(days=7 * week + 2)
        batch = practice.claims(150 + week % 3 * 12, 22 + week % 4 * 3, remitted)
        text = practice.file(batch, remitted, paid_now=practice.won(remitted))
        (past / f"week-{_WEEKS - week + 1:02d}.835").write_text(text, encoding="ascii")
    for name, claims, denied, days in (("clearinghouse", 210, 38, 1), ("payer-portal", 120, 24, 2)):
        remitted = today - timedelta(days=days)
        text = practice.file(practice.claims(claims, denied, remitted), remitted)
        (folder / f"{name}.835").write_text(text, encoding="ascii")
    practice.write_export(folder / "billing-system.csv", today - timedelta(days=1))


class _Practice:
    """Draws claims and writes them the way payers do."""

    def __init__(self, draw: random.Random, today: date) -> None:
        self._draw = draw
        self._today = today
        self._number = 70_000
        self._control = 0
        self._refused: list[tuple[date, _Claim]] = []

    def claims(self, count: int, denied: int, remitted: date) -> list[_Claim]:
        """So many claims, so many of them refused, remitted on one day."""
        causes: list[_Cause | None] = list(
            self._draw.choices(_CAUSES, weights=[cause.weight for cause in _CAUSES], k=denied)
        )
        causes += [None] * (count - denied)
        self._draw.shuffle(causes)
        made = [self._claim(cause, remitted) for cause in causes]
        self._refused += [(remitted, claim) for claim in made if claim.cause]
        return made

    def won(self, remitted: date) -> list[_Claim]:
        """Claims refused about three weeks before that this remittance pays: somebody has appealed them."""
        due = [claim for day, claim in self._refused if 18 <= (remitted - day).days <= 24]
        return self._draw.sample(due, k=len(due) * 2 // 5)

    def file(self, claims: list[_Claim], remitted: date, paid_now: list[_Claim] | None = None) -> str:
        """One 835 with a transaction for each payer."""
        self._control += 1
        transactions: list[list[str]] = []
        for payer in _PAYERS:
            ours = [self._clp(claim) for claim in claims if claim.payer is payer]
            ours += [self._clp(claim, paid=True) for claim in paid_now or () if claim.payer is payer]
            if ours:
                transactions.append(self._transaction(payer, ours, remitted, len(transactions) + 1))
        day, control = remitted.strftime("%Y%m%d"), f"{self._control:09d}"
        parties = "*ZZ*CLEARINGHOUSE  *ZZ*TESTCLINIC     "
        head = [
            f"ISA*00*          *00*          {parties}*{day[2:]}*0800*^*00501*{control}*0*T*:",
            f"GS*HP*CLEARINGHOUSE*TESTCLINIC*{day}*0800*{self._control}*X*005010X221A1",
        ]
        tail = [f"GE*{len(transactions)}*{self._control}", f"IEA*1*{control}"]
        body = [segment for transaction in transactions for segment in transaction]
        return "".join(f"{segment}~\n" for segment in [*head, *body, *tail])

    def write_export(self, path: Path, remitted: date) -> None:
        """A billing system's export of denials, with columns that nobody needs."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_HEADINGS)
            for claim in self.claims(14, 14, remitted):
                if claim.cause is None:
                    continue
                row = [
                    claim.number,
                    "TESTPATIENT PAT",
                    claim.payer.name.title(),
                    f"{claim.cause.group}-{claim.cause.carc}",
                ]
                row += [" ".join(claim.cause.remarks), f"{claim.charge:.2f}", f"{claim.charge:.2f}"]
                row += [remitted.isoformat(), claim.service.isoformat(), claim.procedure, "NORTH OFFICE", "invented"]
                writer.writerow(row)

    def _claim(self, cause: _Cause | None, remitted: date) -> _Claim:
        self._number += self._draw.randint(1, 9)
        procedure = self._draw.choice(cause.procedures if cause else _VISITS + _THERAPY + _IMAGING[:1])
        low, high = _PRICES[procedure]
        charge = Decimal(self._draw.randint(low * 4, high * 4)) / 4
        service = remitted - timedelta(days=self._draw.randint(12, 34))
        return _Claim(f"T{self._number}", self._draw.choice(_PAYERS), procedure, charge.quantize(_CENT), service, cause)

    def _clp(self, claim: _Claim, *, paid: bool = False) -> tuple[Decimal, list[str]]:
        """The payment and the segments of one claim; `paid` pays what was refused before."""
        refused = claim.cause if not paid else None
        write_down = (claim.charge * claim.payer.write_down).quantize(_CENT)
        copay = (
            min(Decimal(self._draw.choice((0, 20, 25, 40))), claim.charge - write_down) if not refused else Decimal(0)
        )
        payment = claim.charge - write_down - copay if not refused else Decimal(0)
        segments = [
            f"CLP*{claim.number}*1*{claim.charge}*{payment}*{copay or ''}*{claim.payer.filing}*{claim.number}P*11*1",
            "NM1*QC*1*TESTPATIENT*PAT****MI*TESTMEMBER",
            f"DTM*232*{claim.service:%Y%m%d}",
            f"SVC*HC:{claim.procedure}*{claim.charge}*{payment}**1",
            f"DTM*472*{claim.service:%Y%m%d}",
        ]
        if refused:
            segments.append(f"CAS*{refused.group}*{refused.carc}*{claim.charge}")
            segments += [f"LQ*HE*{remark}" for remark in refused.remarks]
        else:
            segments.append(f"CAS*CO*45*{write_down}")
            segments += [f"CAS*PR*3*{copay}"] if copay else []
        return payment, segments

    def _transaction(
        self, payer: _Payer, claims: list[tuple[Decimal, list[str]]], remitted: date, control: int
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
            f"N1*PE*TEST CLINIC*XX*{_NPI}",
            "LX*1",
            *(segment for _, claim in claims for segment in claim),
        ]
        return [*segments, f"SE*{len(segments) + 1}*{control:04d}"]
