"""Remittances made of plain arguments, with envelope counts and totals that are right, so that a test knows the truth.

    text = remit(
        claims=[claim("C1", charge=100, paid=0, lines=[line(charge=100, cas=[("CO", "197", 100)], remarks=["N290"])])],
        payer="AETNA",
        date=date(2026, 3, 2),
    )

`remit` makes a file of one transaction; `transaction` and `interchange` make files of several. `csv_text` makes a
denials CSV, `acknowledgement` a 277CA. Money may be given as int, str or Decimal.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812  (the builders' arguments are called date)
from decimal import Decimal
from itertools import groupby

Money = int | str | Decimal
Cas = tuple[str, str, Money]

DAY = Date(2026, 3, 2)
NPI = "1234567893"


@dataclass(frozen=True)
class Line:
    """One SVC loop."""

    charge: Decimal
    paid: Decimal
    cas: tuple[Cas, ...]
    remarks: tuple[str, ...]
    procedure: str
    date: Date | None


@dataclass(frozen=True)
class Claim:
    """One CLP loop."""

    number: str
    charge: Decimal
    paid: Decimal
    patient_share: Decimal
    status: str
    filing: str
    cas: tuple[Cas, ...]
    remarks: tuple[str, ...]
    lines: tuple[Line, ...]
    date: Date | None
    patient: str
    inpatient: bool


@dataclass(frozen=True)
class Delimiters:
    """The four separators of an interchange and what follows each segment."""

    element: str = "*"
    component: str = ":"
    segment: str = "~"
    repetition: str = "^"
    newline: str = "\n"


@dataclass(frozen=True)
class Transaction:
    """The segments of one ST…SE, elements not yet joined; `kind` is 835 or 277."""

    segments: tuple[tuple[str, ...], ...]
    kind: str = "835"


@dataclass(frozen=True)
class Rejection:
    """One claim of a 277CA."""

    number: str
    codes: tuple[str, ...] = ("A7:562:85",)
    charge: Money = "100.00"
    date: Date = DAY
    service_date: Date | None = None


def money(value: Money) -> str:
    """An amount as X12 writes it: `100`, `12.5`."""
    text = format(Decimal(str(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def line(
    charge: Money,
    paid: Money | None = None,
    *,
    cas: Iterable[Cas] = (),
    remarks: Iterable[str] = (),
    procedure: str = "99213",
    date: Date | None = None,
) -> Line:
    """A service line; without `paid`, what the adjustments leave of the charge."""
    adjustments = tuple(cas)
    rest = Decimal(str(charge)) - _sum(adjustments)
    return Line(
        Decimal(str(charge)),
        rest if paid is None else Decimal(str(paid)),
        adjustments,
        tuple(remarks),
        procedure,
        date,
    )


def claim(
    number: str,
    charge: Money,
    paid: Money | None = None,
    *,
    status: str = "1",
    cas: Iterable[Cas] = (),
    remarks: Iterable[str] = (),
    lines: Iterable[Line] = (),
    patient_share: Money | None = None,
    filing: str = "12",
    date: Date | None = None,
    patient: str = "TESTPATIENT",
    inpatient: bool = False,
) -> Claim:
    """A claim; without `paid`, charge less all adjustments; without `patient_share`, the sum of the PR adjustments."""
    own, services = tuple(cas), tuple(lines)
    everything = own + tuple(row for service in services for row in service.cas)
    share = sum((Decimal(str(row[2])) for row in everything if row[0] == "PR"), Decimal(0))
    return Claim(
        number,
        Decimal(str(charge)),
        Decimal(str(charge)) - _sum(everything) if paid is None else Decimal(str(paid)),
        share if patient_share is None else Decimal(str(patient_share)),
        status,
        filing,
        own,
        tuple(remarks),
        services,
        date,
        patient,
        inpatient,
    )


def paid_claim(number: str, charge: Money = 150, write_down: Money = 50, copay: Money = 20, **more: str) -> Claim:
    """A claim paid without trouble: a contract write-down (CO-45), a copay (PR-3), the rest paid."""
    cas: list[Cas] = [row for row in (("CO", "45", write_down), ("PR", "3", copay)) if Decimal(str(row[2]))]
    return claim(number, charge, lines=[line(charge, cas=cas)], **more)  # type: ignore[arg-type]  # only strings pass


def denied_claim(
    number: str, charge: Money = 100, carc: str = "197", *, group: str = "CO", remarks: Iterable[str] = (), **more: str
) -> Claim:
    """A claim with one line denied in full."""
    service = line(charge, 0, cas=[(group, carc, charge)], remarks=remarks)
    return claim(number, charge, 0, lines=[service], patient_share=0, **more)  # type: ignore[arg-type]  # only strings pass


def reversal(of: Claim) -> Claim:
    """The status 22 claim that takes back what `of` said: every amount negated."""
    flipped = [
        line(-row.charge, -row.paid, cas=_negated(row.cas), procedure=row.procedure, date=row.date) for row in of.lines
    ]
    return claim(
        of.number,
        -of.charge,
        -of.paid,
        status="22",
        cas=_negated(of.cas),
        lines=flipped,
        patient_share=-of.patient_share,
        filing=of.filing,
        date=of.date,
    )


def transaction(
    claims: Iterable[Claim],
    *,
    payer: str = "AETNA",
    payer_id: str | None = "60054",
    payee: str = "TEST CLINIC",
    payee_npi: str | None = NPI,
    trace: str = "TRACE0001",
    date: Date | None = None,
    plb: Iterable[tuple[str, Money]] = (),
    total: Money | None = None,
    production_date: bool = True,
) -> Transaction:
    """One 835 transaction. `plb` takes (reason, amount) pairs; `total` overrides BPR02; `date` stands in BPR16 and
    (with `production_date`) in DTM*405."""
    day, rows, provider = date or DAY, tuple(claims), tuple(plb)
    paid = sum((row.paid for row in rows), Decimal(0)) - sum((Decimal(str(row[1])) for row in provider), Decimal(0))
    amount = paid if total is None else Decimal(str(total))
    method = "NON" if amount == 0 else "ACH"
    out: list[tuple[str, ...]] = [
        ("BPR", "I", money(amount), "C", method, *[""] * 11, _day(day)),
        ("TRN", "1", trace, "1512345678"),
    ]
    if production_date:
        out.append(("DTM", "405", _day(day)))
    out.append(("N1", "PR", payer, "XV", payer_id) if payer_id else ("N1", "PR", payer))
    out += [("N3", "1 MAIN STREET"), ("N4", "SPRINGFIELD", "NY", "10001"), ("PER", "BL", "SERVICE", "TE", "8005550100")]
    out.append(("N1", "PE", payee, "XX", payee_npi) if payee_npi else ("N1", "PE", payee, "FI", "999999999"))
    out += [("REF", "TJ", "999999999"), ("LX", "1")]
    for row in rows:
        out += _claim_segments(row)
    out += [("PLB", payee_npi or NPI, f"{day.year}1231", reason, money(sum_)) for reason, sum_ in provider]
    return Transaction(tuple(out))


def interchange(
    transactions: Iterable[Transaction],
    *,
    delimiters: Delimiters | None = None,
    version: str = "005010X221A1",
    control: int = 1,
    groups: int = 1,
    lower: bool = False,
) -> str:
    """One ISA…IEA around transactions, spread over `groups` functional groups."""
    marks, bodies = delimiters or Delimiters(), tuple(transactions)
    kinds = {body.kind for body in bodies} or {"835"}
    code = "HN" if kinds == {"277"} else "HP"
    isa = [
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        "ZZ",
        "SENDER".ljust(15),
        "ZZ",
        "RECEIVER".ljust(15),
        "260302",
        "1200",
    ]
    isa += [marks.repetition if version >= "005010" else "U", version[:5], f"{control:09d}", "0", "T", marks.component]
    rows: list[tuple[str, ...]] = [tuple(isa)]
    shares = [bodies[index::groups] for index in range(groups)]
    for number, share in enumerate(shares, 1):
        rows.append(("GS", code, "SENDER", "RECEIVER", "20260302", "1200", str(number), "X", version))
        for place, body in enumerate(share, 1):
            opening = ("ST", body.kind, f"{place:04d}", *((version,) if version >= "005010" else ()))
            rows += [opening, *body.segments, ("SE", str(len(body.segments) + 2), f"{place:04d}")]
        rows.append(("GE", str(len(share)), str(number)))
    rows.append(("IEA", str(groups), f"{control:09d}"))
    text = "".join(_joined(row, marks) + marks.segment + marks.newline for row in rows)
    return text.lower() if lower else text


def remit(
    claims: Iterable[Claim],
    *,
    payer: str = "AETNA",
    payer_id: str | None = "60054",
    payee_npi: str | None = NPI,
    trace: str = "TRACE0001",
    date: Date | None = None,
    plb: Iterable[tuple[str, Money]] = (),
    total: Money | None = None,
    delimiters: Delimiters | None = None,
    version: str = "005010X221A1",
    control: int = 1,
) -> str:
    """A whole 835 file of one transaction."""
    body = transaction(
        claims, payer=payer, payer_id=payer_id, payee_npi=payee_npi, trace=trace, date=date, plb=plb, total=total
    )
    return interchange([body], delimiters=delimiters, version=version, control=control)


def acknowledgement(
    rejections: Iterable[Rejection],
    *,
    payer: str = "AETNA",
    payer_id: str = "60054",
    provider_npi: str = NPI,
    date: Date | None = None,
    delimiters: Delimiters | None = None,
    version: str = "005010X214",
    batch: str = "ACK0001",
) -> str:
    """A whole 277CA file; a code is category, status and optional entity ("A7:562:85")."""
    marks, day = delimiters or Delimiters(), _day(date or DAY)
    out: list[tuple[str, ...]] = [
        ("BHT", "0085", "08", batch, day, "1200", "TH"),
        ("HL", "1", "", "20", "1"),
        ("NM1", "PR", "2", payer, "", "", "", "", "PI", payer_id),
        ("TRN", "1", batch),
        ("DTP", "050", "D8", day),
        ("DTP", "009", "D8", day),
        ("HL", "2", "1", "21", "1"),
        ("NM1", "41", "2", "TEST BILLING", "", "", "", "", "46", "ETIN1"),
        ("TRN", "2", "SUBMITTED1"),
        ("STC", "A1:20".replace(":", marks.component), day, "WQ", "0"),
        ("HL", "3", "2", "19", "1"),
        ("NM1", "85", "2", "TEST CLINIC", "", "", "", "", "XX", provider_npi),
    ]
    for number, row in enumerate(rejections, 4):
        codes = [code.replace(":", marks.component) for code in row.codes]
        status = ["STC", codes[0], _day(row.date), "U", money(row.charge), *[""] * 5, *codes[1:3]]
        out += [
            ("HL", str(number), "3", "PT"),
            ("NM1", "QC", "1", "TESTPATIENT", "PAT", "", "", "", "MI", "MEMBER000001"),
            ("TRN", "2", row.number),
            tuple(status),
            ("REF", "1K", "PAYERCLAIM1"),
        ]
        if row.service_date:
            out.append(("DTP", "472", "D8", _day(row.service_date)))
    return interchange([Transaction(tuple(out), "277")], delimiters=marks, version=version)


def csv_row(
    claim_id: str, carc: str = "CO-197", amount: Money = 100, payer: str = "Aetna", **more: str
) -> dict[str, str]:
    """One row of a denials CSV under the contract's own headings."""
    return {"claim_id": claim_id, "payer": payer, "carc": carc, "amount": str(amount), **more}


def csv_text(rows: Sequence[Mapping[str, str]], *, delimiter: str = ",", headings: Sequence[str] | None = None) -> str:
    """A CSV with the headings of all rows, in the order they first appear."""
    names = list(headings or dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _claim_segments(row: Claim) -> list[tuple[str, ...]]:
    amounts = (money(row.charge), money(row.paid), money(row.patient_share) if row.patient_share else "")
    out: list[tuple[str, ...]] = [("CLP", row.number, row.status, *amounts, row.filing, "PAYERCLAIM1", "11", "1")]
    out += _cas_segments(row.cas)
    out.append(("NM1", "QC", "1", row.patient, "PAT", "", "", "", "MI", "MEMBER000001"))
    out.append(("NM1", "82", "1", "TESTDOCTOR", "DOC", "", "", "", "XX", "1999999984"))
    if row.remarks and row.inpatient:
        out.append(_trimmed("MIA", "0", "", "", "", row.remarks[0], *[""] * 14, *row.remarks[1:5]))
    elif row.remarks:
        out.append(_trimmed("MOA", "", "", *row.remarks[:5]))
    out.append(("REF", "1L", "GROUP1"))
    if row.date:
        out.append(("DTM", "232", _day(row.date)))
    out.append(("PER", "CX", "", "TE", "8005550100"))
    for number, service in enumerate(row.lines, 1):
        out.append(("SVC", f"HC:{service.procedure}", money(service.charge), money(service.paid), "", "1"))
        if service.date:
            out.append(("DTM", "472", _day(service.date)))
        out += _cas_segments(service.cas)
        out.append(("REF", "6R", str(number)))
        if service.paid:
            out.append(("AMT", "B6", money(service.paid)))
        out += [("LQ", "HE", code) for code in service.remarks]
    return out


def _cas_segments(rows: Sequence[Cas]) -> list[tuple[str, ...]]:
    out = []
    for group, members in groupby(rows, key=lambda row: row[0]):
        same = list(members)
        for start in range(0, len(same), 6):
            triplets = [part for _, carc, amount in same[start : start + 6] for part in (carc, money(amount), "")]
            out.append(_trimmed("CAS", group, *triplets))
    return out


def _negated(rows: Iterable[Cas]) -> list[Cas]:
    return [(group, carc, -Decimal(str(amount))) for group, carc, amount in rows]


def _sum(rows: Iterable[Cas]) -> Decimal:
    return sum((Decimal(str(row[2])) for row in rows), Decimal(0))


def _trimmed(*elements: str) -> tuple[str, ...]:
    out = list(elements)
    while out and not out[-1]:
        out.pop()
    return tuple(out)


def _joined(row: tuple[str, ...], marks: Delimiters) -> str:
    if row[0] == "SVC":
        row = (row[0], row[1].replace(":", marks.component), *row[2:])
    if row[0] == "PLB":
        row = (*row[:3], row[3].replace(":", marks.component), *row[4:])
    return marks.element.join(row)


def _day(day: Date) -> str:
    return day.strftime("%Y%m%d")
