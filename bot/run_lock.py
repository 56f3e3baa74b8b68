"""One `denials run` at a time on one SQLite database. PostgreSQL carries any number."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from denials.errors import SettingsError
from store.database import Database


class RunLock:
    """Held from `take` to `release`, or until the process dies."""

    def __init__(self, database: Database) -> None:
        name = database.url.database
        file_backed = database.is_sqlite and name not in (None, "", ":memory:")
        self._lock = FileLock(f"{name}.run.lock") if file_backed else None
        self._name = str(name)

    def take(self) -> None:
        """Raises SettingsError when another process runs on this database."""
        if self._lock is None:
            return
        Path(self._name).parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise SettingsError(
                f"another `denials run` works on {self._name}: stop it first, or use PostgreSQL for several processes"
            ) from None
        except OSError:
            raise SettingsError(f"the folder of {self._name} cannot be written to: let this user write there") from None

    def release(self) -> None:
        """Let others run."""
        if self._lock is not None:
            self._lock.release()
