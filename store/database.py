"""The connection to SQLite or PostgreSQL, and the two kinds of transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlmodel import Session, create_engine

from denials.errors import SettingsError

BUSY_TIMEOUT_MS = 60_000  # a very large file holds the write lock that long; people rather wait than lose a click


def _host_clock() -> datetime:
    return datetime.now(UTC)


class Database:
    """One database. Every use case runs in exactly one `read()` or `write()` of it."""

    def __init__(self, url: str, host_clock: Callable[[], datetime] = _host_clock) -> None:
        """`url` is an SQLAlchemy URL; `postgresql://` means the psycopg driver. Raises SettingsError."""
        try:
            parsed = make_url(url)
        except ArgumentError as wrong:
            raise SettingsError(
                "DENIALS_DATABASE_URL is not a database address; write it like sqlite:///data/denials.db"
                " or postgresql://user@host/name"
            ) from wrong
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise SettingsError("DENIALS_DATABASE_URL must name SQLite or PostgreSQL")
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.url = parsed
        self._host_clock = host_clock
        self.engine: Engine = _sqlite(parsed) if self.is_sqlite else _postgresql(parsed)

    @property
    def file(self) -> Path | None:
        """Where SQLite keeps it; None for PostgreSQL and for a database in memory."""
        name = self.url.database
        return Path(name) if self.is_sqlite and name and name != ":memory:" else None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A transaction of several queries that all see the database as it was at the first of them."""
        engine = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        with Session(engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that commits when the block ends and keeps nothing when it raises.

        On SQLite it takes the write lock at once (BEGIN IMMEDIATE), so that a reader never has to upgrade and fail.
        """
        engine = self.engine.execution_options(denials_write=True)
        with Session(engine, expire_on_commit=False) as session:
            yield session
            session.commit()

    def real_now(self, session: Session) -> datetime:
        """Real time, the same for every process on this database: the server's on PostgreSQL, this host's on SQLite.

        Leases and the outbox go by it, so that a replica whose clock is wrong neither takes what is not its own nor
        loses what is.
        """
        if self.is_sqlite:
            return self._host_clock()
        now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
        return now.astimezone(UTC)

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


_REASONS = {
    "database is locked": "another program keeps the database locked; try again in a moment",
    "disk is full": "the disk is full",
    "no space left": "the disk is full",
    "readonly": "the database may not be written to: check its permissions",
    "unable to open": "the database file cannot be opened: check the folder and its permissions",
    "not a database": "the file is not a database",
    "malformed": "the database file is damaged",
    "no such table": "the database has no tables yet: run `denials db upgrade`",
    "does not exist": "the database has no tables yet: run `denials db upgrade`",
    "connection": "the database server cannot be reached",
}


def reason_of(failure: SQLAlchemyError) -> str:
    """Why the database failed, in words that hold nothing of what was to be written."""
    told = str(getattr(failure, "orig", failure)).lower()
    for words, reason in _REASONS.items():
        if words in told:
            return reason
    return f"the database failed ({type(failure).__name__})"


def _sqlite(url: Any) -> Engine:
    engine = create_engine(
        url, hide_parameters=True, connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, see below
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # an outbox row that is told to Slack must survive a power cut
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("denials_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: Any) -> Engine:
    return create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,
        pool_size=10,
        max_overflow=20,
        connect_args={"options": "-c statement_timeout=60000 -c lock_timeout=15000", "connect_timeout": 10},
    )
