"""Every row of one database put into another: SQLite or PostgreSQL on either side, all of it or nothing.

Rows travel in portions, so memory does not grow with the database. The source is read in one snapshot, the target
written in one transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select
from sqlalchemy import text as sql
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel

from denials.errors import StorageError
from store import meta, tables  # the models must be known before their tables are listed
from store.database import Database

Progress = Callable[[int, int], None]
"""Called with the rows done and the rows there are in all."""

_PORTION = 2_000
_CACHE_KB = 65_536
_NOT_CARRIED = frozenset({tables.Lease.__tablename__})  # who may act right now is no fact about the practice
_HOUSEKEEPING = frozenset({"meta", "job_run", "seen_event"})  # what a process leaves in a database without denials


def carried() -> list[Table]:
    """The tables that are copied, each after those it refers to."""
    return [table for table in SQLModel.metadata.sorted_tables if table.name not in _NOT_CARRIED]


def holds_work(session: Session) -> bool:
    """Whether anything stands in the database that somebody would miss."""
    if meta.get(session, "workspace") is not None:
        return True
    wanted = [table for table in carried() if table.name not in _HOUSEKEEPING]
    return any(session.execute(select(sql("1")).select_from(table).limit(1)).first() for table in wanted)


def are_one(source: Database, target: Database) -> bool:
    """Whether two addresses lead to one PostgreSQL database: a lock held through the one is seen through the other."""
    if source.is_sqlite or target.is_sqlite:
        return False
    lock = {"key": secrets.randbits(63)}
    with source.engine.connect() as one, target.engine.connect() as other:
        one.execute(sql("SELECT pg_advisory_xact_lock(:key)"), lock)
        return not other.execute(sql("SELECT pg_try_advisory_xact_lock(:key)"), lock).scalar_one()


def copy_rows(
    source: Database, target: Database, *, replace: bool = False, progress: Progress | None = None
) -> dict[str, int]:
    """Copy everything into a database of the same schema; rows by table.

    The target must hold no work, unless `replace`: then what it holds goes in the same transaction. Raises
    StorageError.
    """
    with _snapshot(source) as reader, target.write() as session:
        writer = session.connection()
        _prepare(writer)
        if not replace and holds_work(session):
            raise StorageError("the database to copy to is not empty: name an empty one; nothing was changed")
        _empty(writer, everything=replace)
        there = {table.name: _count(reader, table) for table in carried()}
        total, done = sum(there.values()), 0
        for table in carried():
            with reader.execute(select(table).order_by(*table.primary_key)) as result:
                for portion in result.partitions():
                    _put(writer, table, portion)
                    done += len(portion)
                    if progress is not None:
                        progress(done, total)
            if _count(writer, table) != there[table.name]:
                raise StorageError(f"not every row of {table.name} arrived: nothing was kept; please try again")
        _set_sequences(writer)
    return there


@contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    """A connection that sees one moment, however long it reads."""
    engine = database.engine
    if not database.is_sqlite:
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        yield connection.execution_options(stream_results=True, yield_per=_PORTION)


def _prepare(writer: Connection) -> None:
    if writer.dialect.name == "postgresql":
        writer.execute(sql("SET LOCAL statement_timeout = 0"))
    else:
        writer.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KB}")  # indexes are written all over the file


def _empty(writer: Connection, *, everything: bool) -> None:
    gone = [table for table in SQLModel.metadata.sorted_tables if everything or table.name in _HOUSEKEEPING]
    if writer.dialect.name == "postgresql" and everything:
        names = ", ".join(table.name for table in gone)
        writer.exec_driver_sql(f"TRUNCATE {names}")
        return
    for table in reversed(gone):
        writer.execute(delete(table))


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _put(writer: Connection, table: Table, rows: Sequence[Any]) -> None:
    if writer.dialect.name != "postgresql":
        writer.execute(insert(table), [row._asdict() for row in rows])
        return
    driver: Any = writer.connection.driver_connection
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    try:
        with driver.cursor().copy(f"COPY {table.name} ({columns}) FROM STDIN") as stream:
            for row in rows:
                stream.write_row([_storable(value) for value in row])
    except writer.dialect.loaded_dbapi.Error as failure:
        raise OperationalError(None, None, failure) from None


def _storable(value: Any) -> Any:
    """SQLite keeps NUL characters in texts, PostgreSQL refuses them."""
    return value.replace("\0", "") if isinstance(value, str) and "\0" in value else value


def _set_sequences(writer: Connection) -> None:
    """Let PostgreSQL number new rows after those that came with their numbers."""
    if writer.dialect.name != "postgresql":
        return
    for table in carried():
        column = table.autoincrement_column
        if column is None:
            continue
        highest = f"SELECT max({column.name}) FROM {table.name}"  # noqa: S608 - our own names
        query = f"SELECT setval(pg_get_serial_sequence(:t, :c), coalesce(({highest}), 1), ({highest}) IS NOT NULL)"
        writer.execute(sql(query), {"t": table.name, "c": column.name})
