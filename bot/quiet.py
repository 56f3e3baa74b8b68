"""Work on a database that no running bot may see half done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.run_lock import RunLock
from denials.errors import SettingsError, StorageError
from services.copying import is_worked_on
from store.database import Database

_STOP = "a bot runs on this database: stop it first (every replica of it), then run this again"


@contextmanager
def no_bot(database: Database) -> Iterator[None]:
    """Keep `denials run` off a SQLite database while the block runs; on PostgreSQL, see that none runs now.

    Raises StorageError.
    """
    lock = RunLock(database)
    try:
        lock.take()
    except SettingsError as taken:
        raise StorageError(_STOP if "another" in str(taken) else str(taken)) from None
    try:
        if not database.is_sqlite and is_worked_on(database):
            raise StorageError(_STOP)
        yield
    finally:
        lock.release()
