"""Peak memory of the whole ingest as files grow: `python -m benchmarks.memory 10000 100000 1000000`.

Each size is one `denials ingest` in a process of its own, start and imports included, into a fresh database; the
files are streamed to disk. What a PostgreSQL server needs for itself is not counted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.databases import databases
from benchmarks.measure import child, judged, load, machine, table
from benchmarks.readers import sample

TARGET_MB = 120


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the peak memory of the whole ingest as files grow.")
    parser.add_argument("claims", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--sqlite", action="store_true", help="leave PostgreSQL out")
    given = parser.parse_args()
    kinds = {"sqlite": "SQLite"} if given.sqlite else {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    rows: list[list[str]] = []
    print(machine())
    with (
        tempfile.TemporaryDirectory(prefix="denials-bench-") as name,
        databases(Path(name), postgresql="postgresql" in kinds) as places,
    ):
        for claims in given.claims:
            file = sample(Path(name), claims)
            size = file.path.stat().st_size / 1e6
            for kind, label in kinds.items():
                with places.fresh(kind) as environment:
                    done = child(
                        "benchmarks.ours", ["denials", str(file.path)], environment=environment, folder=file.path.parent
                    )
                figures = (f"{size:.0f}", f"{done.seconds:.1f}", f"{done.peak_mb:.0f}", judged([done], file.truth))
                rows.append([f"{claims:,} claims into {label}", *figures])
                print(f"{claims:,} claims into {label} done", file=sys.stderr)
            file.path.unlink()
    print()
    print(table(("", "file MB", "seconds", "peak MB", "against the truth"), rows))
    print(f"\nThe target is less than {TARGET_MB} MB at every size. Load at the end: {load()}")


if __name__ == "__main__":
    main()
