"""One `denials run` at a time on one SQLite database. PostgreSQL carries any number."""

from __future__ import annotations

from filelock import FileLock, Timeout

from bot.made_database import provide_folder
from denials.errors import SettingsError
from store.database import Database


class RunLock:
    """Held from `take` to `release`, or until the process dies."""

    def __init__(self, database: Database) -> None:
        self._file = database.file
        self._lock = FileLock(f"{self._file}.run.lock") if self._file is not None else None

    def take(self) -> None:
        """Raises SettingsError when another process runs on this database."""
        if self._lock is None or self._file is None:
            return
        provide_folder(self._file.parent)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise SettingsError(
                f"another `denials run` works on {self._file}: stop it first, or use PostgreSQL for several processes"
            ) from None
        except OSError:
            raise SettingsError(f"the folder of {self._file} cannot be written to: let this user write there") from None

    def release(self) -> None:
        """Let others run."""
        if self._lock is not None:
            self._lock.release()
