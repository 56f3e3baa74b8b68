"""Many rows at once, below the ORM, written by a second thread while the caller reads on.

SQLite gets INSERTs of hundreds of rows each, PostgreSQL gets COPY. Both wait for the disk or the server outside
Python's global lock, so on two cores the writing costs little time. Between `put` and `flush` the connection belongs to
the loader.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import chain
from typing import Any, Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

_VARIABLES = 2_000  # SQLite takes 32,766 in one statement, and keeps each such statement in memory
_CACHE_KB = 3_000
_AHEAD = 1  # portions of rows that may wait for the writer, beside the one it writes

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Target:
    """A table and the columns that rows are given in. `fixed` are columns that have one number in all of its rows."""

    table: str
    columns: tuple[str, ...]
    fixed: tuple[tuple[str, int | None], ...] = ()

    @property
    def names(self) -> str:
        """All columns, as SQL lists them."""
        return ",".join([*self.columns, *(name for name, _ in self.fixed)])


class Shared(tuple[Any, ...]):
    """Columns that many rows have alike, made ready for the database once."""

    text = ""


class Loader(Protocol):
    """Takes rows for tables. Rows of one table may be followed by rows that depend on them."""

    def put(self, target: Target, rows: Sequence[Row]) -> None:
        """Hand over rows; they are stored at the latest by `flush`."""
        ...

    def put_shared(self, target: Target, rows: Sequence[tuple[Row, ...]]) -> None:
        """Hand over rows in parts, one after the other: the row's own columns, and one or more `Shared`."""
        ...

    def flush(self) -> None:
        """Return when everything is stored; raises what went wrong on the way."""
        ...

    def day(self, value: date | None) -> Any:
        """A date as this database stores it."""
        ...

    def instant(self, value: datetime | None) -> Any:
        """An aware time as this database stores it."""
        ...

    def close(self) -> None:
        """Stop writing; what still waits is not stored."""
        ...


def loader_for(session: Session) -> Loader:
    """The loader for the transaction of a session."""
    connection = session.connection()
    return _PostgresLoader(connection) if connection.dialect.name == "postgresql" else _SqliteLoader(connection)


class _Threaded:
    """Runs jobs in their order in one thread of its own, started with the first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver_error: type[BaseException] = connection.dialect.loaded_dbapi.Error
        self._jobs: queue.Queue[Callable[[], None] | None] = queue.Queue(_AHEAD)
        self._failure: BaseException | None = None
        self._stopped = False
        self._thread: threading.Thread | None = None

    def _later(self, job: Callable[[], None]) -> None:
        if self._failure is not None:
            self._raise()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="denials-loader", daemon=True)
            self._thread.start()
        self._jobs.put(job)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                if self._failure is None and not self._stopped:
                    job()
            except self._driver_error as failure:
                self._failure = OperationalError(None, None, failure)
            except BaseException as failure:  # noqa: BLE001 - raised again where the rows came from
                self._failure = failure
            finally:
                self._jobs.task_done()
        self._jobs.task_done()

    def flush(self) -> None:
        """Return when everything is stored; raises what went wrong on the way."""
        self._jobs.join()
        self._raise()

    def _raise(self) -> None:
        if self._failure is not None:
            failure, self._failure = self._failure, None
            self._stopped = True
            raise failure

    def close(self) -> None:
        """Stop writing; what still waits is not stored."""
        self._stopped = True
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None


class _SqliteLoader(_Threaded):
    """INSERTs of as many rows as SQLite takes variables for; what is left over waits for more until `flush`."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._left: dict[Target, list[Any]] = {}  # values, row after row
        driver: Any = connection.connection.driver_connection
        self._driver = driver
        self._driver.execute(f"PRAGMA cache_size = {-_CACHE_KB}")

    def put(self, target: Target, rows: Sequence[Row]) -> None:
        if rows:
            self._later(lambda: self._insert(target, chain.from_iterable(rows)))

    def put_shared(self, target: Target, rows: Sequence[tuple[Row, ...]]) -> None:
        if rows:
            self._later(lambda: self._insert(target, chain.from_iterable(chain.from_iterable(rows))))

    def flush(self) -> None:
        """Return when everything is stored; raises what went wrong on the way."""
        if self._thread is not None:
            self._later(self._insert_left)
        super().flush()

    def close(self) -> None:
        """Stop writing; what still waits is not stored."""
        super().close()
        self._driver.execute("PRAGMA cache_size = -2000")

    def _insert(self, target: Target, values: Iterable[Any]) -> None:
        waiting = self._left.setdefault(target, [])
        waiting.extend(values)
        rows = max(1, _VARIABLES // len(target.columns))
        step = rows * len(target.columns)
        whole = len(waiting) - len(waiting) % step
        for start in range(0, whole, step):
            self._driver.execute(_insert(target, rows), waiting[start : start + step])
        del waiting[:whole]

    def _insert_left(self) -> None:
        for target, waiting in self._left.items():
            width = len(target.columns)
            rows = [waiting[start : start + width] for start in range(0, len(waiting), width)]
            self._driver.executemany(_insert(target, 1), rows)
        self._left = {}

    def day(self, value: date | None) -> Any:
        """SQLAlchemy's text form."""
        return value.isoformat() if value else None

    def instant(self, value: datetime | None) -> Any:
        """SQLAlchemy's text form, in UTC."""
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if value else None


@lru_cache(maxsize=64)
def _insert(target: Target, count: int) -> str:
    fixed = ["NULL" if value is None else str(value) for _, value in target.fixed]
    row = ",".join(["?"] * len(target.columns) + fixed)
    rows = ",".join([f"({row})"] * count)
    # Who fails rolls all of the file back. OR FAIL spares SQLite to keep every page that a statement changes, for
    # undoing that one statement: it wrote four times as much.
    return f"INSERT OR FAIL INTO {target.table} ({target.names}) VALUES {rows}"  # noqa: S608 - our own names only


class _PostgresLoader(_Threaded):
    """COPY, a portion at a time, made into text by the thread that writes it."""

    def put(self, target: Target, rows: Sequence[Row]) -> None:
        if rows:
            self._later(lambda: self._copy(target, [_line(row) for row in rows]))

    def put_shared(self, target: Target, rows: Sequence[tuple[Row, ...]]) -> None:
        if rows:
            self._later(lambda: self._copy(target, ["\t".join([_text(part) for part in parts]) for parts in rows]))

    def _copy(self, target: Target, lines: Sequence[str]) -> None:
        driver: Any = self._connection.connection.driver_connection
        end = "".join(f"\t{_FORMS[type(value)](value)}" for _, value in target.fixed) + "\n"
        with driver.cursor().copy(f"COPY {target.table} ({target.names}) FROM STDIN") as copy:
            copy.write(end.join(lines) + end)

    def day(self, value: date | None) -> Any:
        """ISO."""
        return value.isoformat() if value else None

    def instant(self, value: datetime | None) -> Any:
        """ISO with the zone."""
        return value.isoformat() if value else None


def _text(part: Row) -> str:
    """A part of a row as COPY reads it; of a shared one, kept with it."""
    if type(part) is not Shared:
        return _line(part)
    if not part.text:
        part.text = _line(part)
    return part.text


def _line(row: Row) -> str:
    return "\t".join([_FORMS[type(value)](value) for value in row])


_ESCAPES = str.maketrans({"\0": "", "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _escaped(value: str) -> str:
    return value.translate(_ESCAPES) if not value.isprintable() or "\\" in value else value


_FORMS: dict[type, Callable[[Any], str]] = {
    int: str,
    str: _escaped,
    bool: lambda value: "t" if value else "f",
    bytes: lambda value: "\\\\x" + value.hex(),
    type(None): lambda _: "\\N",
}
