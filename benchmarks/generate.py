"""Write a large 835 whose truth is known: `python -m benchmarks.generate 100000 out.835`.

The same count, seed and options always give the same bytes. Amounts follow fee schedules, as they do at a practice;
`--random` draws every amount anew, which is the harder case for a reader that remembers amounts. `--newlines` breaks
the line after each segment, and `--triplets` tells a denial behind another adjustment in one CAS, as payers do.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

PAYERS = (
    ("AETNA", "60054", "12"),
    ("UNITED HEALTHCARE", "87726", "12"),
    ("BLUE CROSS OF SPRINGFIELD", "54704", "BL"),
    ("MEDICARE PART B", "13202", "MB"),
    ("STATE MEDICAID", "77027", "MC"),
)
PROCEDURES = ("99213", "99214", "97110", "97140", "70450", "93000", "36415", "99203", "20610", "80053")
DENIALS = (
    ("CO", "197", ()),
    ("CO", "16", ("N290",)),
    ("CO", "16", ("M51", "N56")),
    ("PR", "27", ("N30",)),
    ("CO", "50", ("N115",)),
    ("CO", "97", ("M15",)),
    ("OA", "18", ("N522",)),
    ("CO", "29", ()),
    ("PI", "204", ("N130",)),
)
CLAIMS_PER_TRANSACTION = 500
DENIED_SHARE = 0.20
FIRST_DAY = date(2026, 1, 5)


@dataclass
class Truth:
    """What a right reader finds: claims, denial rows, claims with at least one, and their dollars in cents."""

    claims: int = 0
    denials: int = 0
    denied_claims: int = 0
    denied_cents: int = 0
    paid_cents: int = 0
    segments: int = 0


def segments(claims: int, truth: Truth, *, seed: int = 835, at_random: bool = False) -> Iterator[str]:
    """Every segment of the file, without terminators; `truth` is filled in as they come."""
    draw = random.Random(seed)
    yield ("ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302*1200*^*00501*000000001*0*T*:")
    yield "GS*HP*SENDER*RECEIVER*20260302*1200*1*X*005010X221A1"
    transactions = -(-claims // CLAIMS_PER_TRANSACTION)
    for number in range(transactions):
        count = min(CLAIMS_PER_TRANSACTION, claims - number * CLAIMS_PER_TRANSACTION)
        yield from _transaction(draw, number, count, truth, at_random)
    yield f"GE*{transactions}*1"
    yield "IEA*1*000000001"


def _transaction(draw: random.Random, number: int, count: int, truth: Truth, at_random: bool) -> list[str]:
    payer, payer_id, filing = PAYERS[number % len(PAYERS)]
    day = FIRST_DAY + timedelta(days=number % 60)
    before = truth.paid_cents
    body: list[str] = []
    for place in range(count):
        body += _claim(draw, number * CLAIMS_PER_TRANSACTION + place, filing, day, truth, at_random)
    paid = truth.paid_cents - before
    out = [
        f"ST*835*{number + 1:04d}*005010X221A1",
        f"BPR*I*{_dollars(paid)}*C*ACH*CCP*01*111000025*DA*0000000001*1512345678**01*111000025*DA*0000000002*{day:%Y%m%d}",
        f"TRN*1*EFT{number:08d}*1512345678",
        f"DTM*405*{day:%Y%m%d}",
        f"N1*PR*{payer}*XV*{payer_id}",
        "N3*1 MAIN STREET",
        "N4*SPRINGFIELD*NY*10001",
        "PER*BL*PROVIDER SERVICE*TE*8005550100",
        "N1*PE*TEST CLINIC*XX*1234567893",
        "REF*TJ*999999999",
        "LX*1",
        *body,
    ]
    out.append(f"SE*{len(out) + 1}*{number + 1:04d}")
    return out


def _claim(draw: random.Random, number: int, filing: str, day: date, truth: Truth, at_random: bool) -> list[str]:
    truth.claims += 1
    lines: list[str] = []
    charge = paid = share = 0
    denied = draw.random() < DENIED_SHARE
    denied_lines = 0
    served = day - timedelta(days=draw.randrange(14, 45))
    for place in range(draw.choice((1, 1, 2, 2, 3))):
        procedure = draw.randrange(len(PROCEDURES))
        billed = draw.randrange(4000, 60000) if at_random else 4500 + procedure * 3725
        charge += billed
        lines.append("")  # the SVC, once its payment is known
        at = len(lines) - 1
        lines.append(f"DTM*472*{served:%Y%m%d}")
        if denied and (place == 0 or draw.random() < 0.4):
            group, carc, remarks = draw.choice(DENIALS)
            lines += [f"CAS*{group}*{carc}*{_dollars(billed)}", f"REF*6R*{place + 1}"]
            lines += [f"LQ*HE*{code}" for code in remarks]
            kept = 0
            denied_lines += 1
            truth.denials += 1
            truth.denied_cents += billed
        else:
            allowed = billed * draw.randrange(40, 90) // 100 if at_random else billed * (55 + len(filing) * 3) // 100
            copay = min(draw.choice((0, 0, 1000, 2500, allowed // 5)), allowed)
            kept = allowed - copay
            share += copay
            lines.append(f"CAS*CO*45*{_dollars(billed - allowed)}")
            if copay:
                lines.append(f"CAS*PR*{'3' if copay in (1000, 2500) else '2'}*{_dollars(copay)}")
            lines += [f"REF*6R*{place + 1}", f"AMT*B6*{_dollars(allowed)}"]
        lines[at] = f"SVC*HC:{PROCEDURES[procedure]}*{_dollars(billed)}*{_dollars(kept)}**1"
        paid += kept
    truth.paid_cents += paid
    truth.denied_claims += 1 if denied_lines else 0
    return [
        f"CLP*PCN{number:09d}*1*{_dollars(charge)}*{_dollars(paid)}*{_dollars(share)}*{filing}*26{number:011d}*11*1",
        f"NM1*QC*1*TESTPATIENT*PAT{number % 997}*A***MI*W{number:09d}",
        "NM1*82*1*TESTDOCTOR*DOC****XX*1999999984",
        f"REF*1L*GROUP{number % 89:05d}",
        f"DTM*232*{served:%Y%m%d}",
        f"DTM*233*{served:%Y%m%d}",
        f"DTM*050*{day - timedelta(days=7):%Y%m%d}",
        "PER*CX*CLAIM SERVICE*TE*8005550100",
        f"AMT*AU*{_dollars(charge)}",
        *lines,
    ]


def _dollars(cents: int) -> str:
    whole, part = divmod(cents, 100)
    return f"{whole}.{part:02d}"


def _with_triplets(parts: Iterator[str], truth: Truth) -> Iterator[str]:
    """A dollar of each CO denial becomes a contractual adjustment that stands before it in the same CAS."""
    for part in parts:
        if part.startswith("CAS*CO*") and not part.startswith("CAS*CO*45*"):
            _, _, reason, amount = part.split("*")
            part = f"CAS*CO*45*1.00**{reason}*{Decimal(amount) - 1}"
            truth.denied_cents -= 100
        yield part


def write(
    path: Path,
    claims: int,
    *,
    newlines: bool = False,
    seed: int = 835,
    at_random: bool = False,
    triplets: bool = False,
) -> Truth:
    """Write the file, streaming, and say what is true of it."""
    truth = Truth()
    ending = "~\n" if newlines else "~"
    parts = segments(claims, truth, seed=seed, at_random=at_random)
    with path.open("w", encoding="ascii", newline="") as out:
        for segment in _with_triplets(parts, truth) if triplets else parts:
            out.write(segment)
            out.write(ending)
            truth.segments += 1
    return truth


def main() -> None:
    """Write one file and print its truth."""
    arguments = [text for text in sys.argv[1:] if not text.startswith("--")]
    if len(arguments) != 2:
        sys.exit("usage: python -m benchmarks.generate CLAIMS FILE [--newlines] [--random] [--triplets]")
    path = Path(arguments[1])
    found = write(
        path,
        int(arguments[0]),
        newlines="--newlines" in sys.argv,
        at_random="--random" in sys.argv,
        triplets="--triplets" in sys.argv,
    )
    print(f"{path.stat().st_size / 1e6:.1f} MB, {found}")


if __name__ == "__main__":
    main()
