"""How long the newest schema revision takes on a large database: `python -m benchmarks.upgrade`.

A database with a million denials of five years is filled, taken back to the revision before and brought up to date.
Beside the seconds stand those of this process's CPU (on PostgreSQL the server works, elsewhere), the size before and
after, and on SQLite the largest size of the write-ahead log meanwhile: so much room the disk must have beside the file.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from benchmarks.databases import databases
from benchmarks.history import fill
from benchmarks.home import benchmark_desk
from benchmarks.measure import MEGABYTE, load, machine, table
from store import migrate
from store.database import Database

_LOOK_EVERY = 0.2  # seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure an upgrade of the schema.")
    parser.add_argument("--items", type=int, default=1_000_000, help="denials (default: 1000000)")
    parser.add_argument("--before", default="-1", help="the revision to come from (default: the one before)")
    parser.add_argument("--sqlite", action="store_true", help="leave PostgreSQL out")
    given = parser.parse_args()
    print(machine(), flush=True)
    rows: list[list[str]] = []
    with (
        tempfile.TemporaryDirectory(prefix="denials-upgrade-") as name,
        databases(Path(name), postgresql=not given.sqlite) as places,
    ):
        for kind in ("sqlite",) if given.sqlite else ("sqlite", "postgresql"):
            with places.fresh(kind) as environment:
                db = Database(environment["DENIALS_DATABASE_URL"])
                try:
                    fill(benchmark_desk(db, environment["DENIALS_DATA_KEY"]), given.items)
                    rows.append([kind, f"{given.items:,}", *_upgraded(db, given.before)])
                finally:
                    db.dispose()
    print(table(("database", "denials", "from", "to", "seconds", "CPU", "MB before", "MB after", "log MB"), rows))
    print(f"Load at the end: {load()}")


def _upgraded(db: Database, before: str) -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    with db.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, before)
    _compact(db)
    came_from, was = str(migrate.revision_of(db)), _size(db)
    seconds, cpu, log = _watched(db, lambda: migrate.upgrade(db))
    found = [came_from, str(migrate.revision_of(db)), f"{seconds:.0f}", f"{cpu:.0f}", f"{was:.0f}"]
    return [*found, f"{_size(db):.0f}", f"{log:.0f}" if db.is_sqlite else "-"]


def _compact(db: Database) -> None:
    """Leave nothing in the file of how it came about."""
    if db.file is not None:
        with closing(sqlite3.connect(db.file)) as plain:
            plain.execute("VACUUM")
            plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM FULL"))
        connection.execute(text("CHECKPOINT"))


def _size(db: Database) -> float:
    if db.file is not None:
        return db.file.stat().st_size / MEGABYTE
    with db.engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()) / MEGABYTE


def _watched(db: Database, work: Callable[[], object]) -> tuple[float, float, float]:
    """Seconds, CPU seconds, and the largest write-ahead log meanwhile in MB."""
    done, largest = threading.Event(), 0

    def look() -> None:
        nonlocal largest
        log = db.file.with_name(f"{db.file.name}-wal") if db.file is not None else None
        while log is not None and not done.wait(_LOOK_EVERY):
            largest = max(largest, log.stat().st_size if log.exists() else 0)

    watcher = threading.Thread(target=look)
    watcher.start()
    cpu, start = time.process_time(), time.perf_counter()
    try:
        work()
    finally:
        spent = time.perf_counter() - start, time.process_time() - cpu
        done.set()
        watcher.join()
    return *spent, largest / MEGABYTE


if __name__ == "__main__":
    main()
