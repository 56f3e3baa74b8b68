"""Write denials as CSV or XLSX whose truth is known: `python -m benchmarks.tables 100000 out.csv`.

Twelve columns, as billing systems export them. One row in a thousand has an amount that is none. The same count and
seed always give the same rows.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from benchmarks.generate import DENIALS, FIRST_DAY, PAYERS, PROCEDURES
from benchmarks.measure import Found

HEADINGS = (
    "Claim ID",
    "Payer",
    "Group",
    "CARC",
    "RARC",
    "Amount",
    "Billed",
    "Paid",
    "Remit date",
    "Service date",
    "CPT",
    "Location",
)
LOCATIONS = ("Main Street", "North Clinic", "Riverside", "Airport Road")
MONEY = (5, 6, 7)
AMOUNT = 5
NO_AMOUNT = "n/a"
_BAD_EVERY = 1000


def rows(count: int, *, seed: int = 835) -> Iterator[list[str | date]]:
    """The rows below the headings; every thousandth names no amount."""
    draw = random.Random(seed)
    for number in range(count):
        payer, _, _ = PAYERS[number % len(PAYERS)]
        group, carc, remarks = draw.choice(DENIALS)
        procedure = draw.randrange(len(PROCEDURES))
        cents = 4500 + procedure * 3725
        billed = f"{cents // 100}.{cents % 100:02d}"
        amount = NO_AMOUNT if number % _BAD_EVERY == _BAD_EVERY - 1 else billed
        remitted = FIRST_DAY + timedelta(days=number * 60 // count)
        served = remitted - timedelta(days=draw.randrange(14, 45))
        what = (payer, group, carc, " ".join(remarks), amount, billed, "0.00")
        yield [f"PCN{number:09d}", *what, remitted, served, PROCEDURES[procedure], draw.choice(LOCATIONS)]


def write(path: Path, count: int) -> Found:
    """Write the file, its format by its name, and say what is true of it."""
    (_write_xlsx if path.suffix == ".xlsx" else _write_csv)(path, count)
    good = cents = 0
    for row in rows(count):
        amount = str(row[AMOUNT])
        if amount != NO_AMOUNT:
            good += 1
            cents += int(amount.replace(".", ""))
    return Found(claims=good, denials=good, denied_cents=cents, rejected=count - good, stored=good, stored_cents=cents)


def _write_csv(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADINGS)
        writer.writerows(
            [f"{cell:%m/%d/%Y}" if isinstance(cell, date) else cell for cell in row] for row in rows(count)
        )


def _write_xlsx(path: Path, count: int) -> None:
    """Amounts as numbers and dates as dates, as Excel keeps them; claim numbers and codes as text."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet, day = book.add_worksheet("Denials"), book.add_format({"num_format": "mm/dd/yyyy"})
        sheet.write_row(0, 0, HEADINGS)
        for place, row in enumerate(rows(count), 1):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(place, column, cell, day)
                elif column in MONEY and cell != NO_AMOUNT:
                    sheet.write_number(place, column, float(cell))
                else:
                    sheet.write_string(place, column, cell)


def main() -> None:
    """Write one file and print its truth."""
    if len(sys.argv) != 3:
        sys.exit("usage: python -m benchmarks.tables ROWS FILE.csv|FILE.xlsx")
    path = Path(sys.argv[2])
    print(write(path, int(sys.argv[1])), f"{path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
