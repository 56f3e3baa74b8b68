"""Making and migrating the database of the settings, for this user only. Alembic is loaded only to migrate."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock

from denials.errors import SettingsError
from store.database import Database
from store.migrate import HEAD, revision_of, upgrade

USUAL_FOLDER = Path("data")


def provide_folder(folder: Path) -> None:
    """Make `data/` where it is missing. Any other missing folder is a slip of the pen. Raises SettingsError."""
    if folder.is_dir():
        return
    if folder != USUAL_FOLDER:
        raise SettingsError(
            f"there is no folder {folder} for the database: make it (mkdir -p {folder}), or correct"
            " DENIALS_DATABASE_URL"
        )
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as wrong:
        raise SettingsError(cannot_write(folder, wrong)) from wrong


def cannot_write(folder: Path, wrong: OSError) -> str:
    """The line about a folder that this user may not write to."""
    reason = (wrong.strerror or "no access").lower()
    return (
        f"the folder {folder.absolute()} cannot be written to ({reason}): let this user write there, or work in another"
    )


def is_to_be_made(database: Database) -> bool:
    """Whether the SQLite file does not exist yet, or another process is making it right now."""
    file = database.file
    return file is not None and (not file.exists() or _lock_of(file).exists())


def _lock_of(file: Path) -> Path:
    return file.with_name(f".{file.name}.making")


def bring_up_to_date(database: Database) -> None:
    """Make the database where there is none, and migrate it. Raises SettingsError.

    Of several processes that make one SQLite file at once, one migrates and the others wait for it.
    """
    file = database.file
    if file is None:
        upgrade(database)
        return
    provide_folder(file.parent)
    if revision_of(database) == HEAD:
        return
    lock = _lock_of(file)
    try:
        with FileLock(lock, mode=0o600):
            existed = file.exists()
            upgrade(database)
            if not existed:
                file.chmod(0o600)
            lock.unlink(missing_ok=True)
    except OSError as wrong:
        raise SettingsError(cannot_write(file.parent, wrong)) from wrong
