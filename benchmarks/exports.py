"""Ingest of billing exports, against reading alone: `python -m benchmarks.exports --rows 100000`.

CSV is compared with `csv.reader` alone, XLSX with python-calamine's own iteration over the same workbook; they are the
floors. All take turns in each round, every one in a process of its own; the figures are medians.
"""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path

from benchmarks import tables
from benchmarks.contest import Contender, play, standings
from benchmarks.databases import Databases, databases
from benchmarks.measure import Found, Measured, child, load, machine

_READING = {".csv": "csv.reader alone", ".xlsx": "python-calamine alone"}
_TARGETS = "CSV to SQLite at most 10 times csv.reader, XLSX at most 2.5 times python-calamine, less than 200 MB"


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description="Compare the ingest of CSV and XLSX with reading alone, in one run.")
    parser.add_argument("--rows", type=int, default=100_000, help="rows in each file (default: 100,000)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the medians are shown (default: 5)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="denials-bench-") as name, databases(Path(name)) as places:
        print(machine())
        ways: list[Contender] = []
        for suffix in _READING:
            path = Path(name) / f"denials{suffix}"
            ways += _contenders(path, tables.write(path, given.rows), places)
            print(f"{suffix[1:].upper()}: {given.rows:,} rows, {path.stat().st_size / 1e6:.1f} MB")
        print(f"medians of {given.rounds} rounds")
        play(ways, given.rounds)
    print(f"\n{standings(ways)}\n")
    print(f"The targets: {_TARGETS}. Load at the end: {load()}")


def _contenders(path: Path, truth: Found, places: Databases) -> list[Contender]:
    kind = path.suffix[1:].upper()
    floor = Contender(_READING[path.suffix], partial(_alone, path), None, truth)
    return [
        floor,
        Contender(f"`denials ingest` of {kind} into SQLite", partial(_ingest, path, "sqlite", places), floor, truth),
        Contender(
            f"`denials ingest` of {kind} into PostgreSQL", partial(_ingest, path, "postgresql", places), floor, truth
        ),
    ]


def _alone(path: Path) -> Measured:
    return child("benchmarks.ours", ["rows", str(path)])


def _ingest(path: Path, kind: str, places: Databases) -> Measured:
    with places.fresh(kind) as environment:
        return child("benchmarks.ours", ["ingest", str(path)], environment=environment, folder=path.parent)


if __name__ == "__main__":
    main()
