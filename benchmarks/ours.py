"""This project's part of the comparison: `python -m benchmarks.ours read|ingest|denials|rows FILE`.

`read` only reads, as the peers do. `ingest` is all that `denials ingest` does with a file once the program is loaded:
read, strip, triage, match, write, commit. `denials` is the whole command, start and all, for its memory. `rows` is no
part of this project: csv.reader or python-calamine alone, going through the rows of a table.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from benchmarks.measure import Found, Measured, measured, report
from benchmarks.peers import CONTRACTUAL


def read(path: Path) -> Found:
    """What this project's reader says is in the file: of lines it has judged, what it says they refuse."""
    from denials.model import JudgedClaim, RemitClaim, ServiceLine
    from intake.batch import RowError, open_batch

    claims = rows = cents = rejected = 0
    for record in open_batch(path, today=date(2026, 4, 1)).records:
        if isinstance(record, RowError):
            rejected += 1
            continue
        claims += 1
        if isinstance(record, JudgedClaim):
            for line in record.judged:
                rows += len(line.denials)
                cents += line.denied_cents
        elif isinstance(record, RemitClaim):
            levels: tuple[RemitClaim | ServiceLine, ...] = (record, *record.lines)
            for level in levels:
                for group, carc, amount in level.adjustments:
                    if (group, carc) not in CONTRACTUAL:
                        rows += 1
                        cents += int(amount * 100)
    return Found(claims=claims, denials=rows, denied_cents=cents, rejected=rejected)


def read_csv(path: Path) -> Found:
    """Only csv.reader."""
    with path.open(encoding="utf-8", newline="") as source:
        for _ in csv.reader(source):
            pass
    return Found()


def read_xlsx(path: Path) -> Found:
    """Only python-calamine, row by row."""
    from python_calamine import CalamineWorkbook

    for _ in CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).iter_rows():
        pass
    return Found()


def measure_ingest(path: Path) -> None:
    """Measure the ingest into the database of the environment and report it."""
    from bot.desk import opened_desk
    from bot.settings import load_settings
    from services.ingest import ingest_file

    def ingest() -> Found:
        summary = ingest_file(desk, path)
        return Found(
            claims=summary.claims,
            denials=summary.denials,
            denied_cents=int(summary.denied_amount * 100),
            rejected=summary.rejected_rows,
        )

    with opened_desk(load_settings()) as desk:
        result = measured(ingest)
    report(_with_stored(result))


def measure_command(path: Path) -> None:
    """Measure the whole command `denials ingest --json` and report it."""

    def command() -> Found:
        from bot.cli.main import invoke

        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            invoke(["ingest", "--json", str(path)])
        summary = json.loads(told.getvalue())
        return Found(
            claims=summary["claims"],
            denials=summary["denials"],
            denied_cents=round(float(summary["denied_amount"]) * 100),
            rejected=summary["rejected_rows"],
        )

    report(_with_stored(measured(command)))


def _with_stored(result: Measured) -> Measured:
    """The same, with what a look into the database shows."""
    from sqlalchemy import text

    from store.database import Database

    database = Database(os.environ["DENIALS_DATABASE_URL"])
    with database.read() as session:
        rows, cents = session.execute(text("SELECT count(*), sum(amount_cents) FROM denial_row")).one()
    database.dispose()
    return replace(result, found=replace(result.found, stored=int(rows), stored_cents=int(cents or 0)))


def main() -> None:
    """Measure one way on one file."""
    way, path = sys.argv[1], Path(sys.argv[2])
    if way == "read":
        import intake.batch  # noqa: F401 - loaded before the clock starts, as for everybody

        report(measured(lambda: read(path)))
    elif way == "rows":
        report(measured(lambda: read_xlsx(path) if path.suffix == ".xlsx" else read_csv(path)))
    elif way == "ingest":
        measure_ingest(path)
    else:
        measure_command(path)


if __name__ == "__main__":
    main()
