"""SQLite files as a whole: a consistent copy of one in use, and what a file is before it is trusted."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from denials.errors import SettingsError, StorageError
from store.database import BUSY_TIMEOUT_MS


class Damaged(StorageError):
    """A database file is not whole."""


_MAGIC = b"SQLite format 3\0"
_WITHOUT_LOG = b"\1\1"  # after the page size: a file that is written and read without a write-ahead log
_TABLES = {"alembic_version", "meta", "item", "event", "outbox"}
_FULL = "full"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a database file says of itself."""

    revision: str
    workspace: str | None
    wrapped_key: str | None = field(repr=False)
    items: int


@contextlib.contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """An empty file of mode 0600 beside `path`, to be filled and moved there; gone when the block ends otherwise.

    Raises SettingsError.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as wrong:
        raise SettingsError(
            f"{path} cannot be written ({wrong.strerror}): name a folder that exists and that this user may write to"
        ) from None
    try:
        yield draft
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            draft.with_name(draft.name + suffix).unlink(missing_ok=True)


def save(source: Path, target: Path) -> None:
    """Write what `source` holds at this moment into `target`, an empty file. Others may write meanwhile.

    VACUUM INTO reads one snapshot, leaves out what was deleted, and fails on a damaged source. Raises StorageError.
    """
    with _told(source), contextlib.closing(_open(source, writes=True)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))


def facts_of(path: Path) -> Facts:
    """Look at every page of a file and at what it says of itself.

    Raises StorageError where it is no database, damaged, or not one of Denial Desk's.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(_MAGIC))
    except OSError as wrong:
        raise StorageError(f"{path} cannot be read ({wrong.strerror})") from None
    if start != _MAGIC:
        raise StorageError(f"{path} is not a backup of Denial Desk: it is no SQLite file")
    with _told(path), contextlib.closing(_open(path)) as connection:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if found is None or found[0] != "ok":
            raise Damaged(f"{path} is damaged or incomplete: use another backup")
        names = _tables_of(connection)
        if not names >= _TABLES:
            raise StorageError(f"{path} is not a backup of Denial Desk: it is another program's database")
        known = dict(connection.execute("SELECT key, value FROM meta"))
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
        (items,) = connection.execute("SELECT count(*) FROM item").fetchone()
        return Facts(str(revision), known.get("workspace"), known.get("matching_key"), int(items))


def is_backup(path: Path) -> bool:
    """Whether a file is a backup, whole or damaged behind its first pages, and no database that is worked on.

    Those keep a write-ahead log, and a backup none.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(_MAGIC) + 4)
    except OSError:
        return False
    if start[: len(_MAGIC)] != _MAGIC or start[len(_MAGIC) + 2 :] != _WITHOUT_LOG:
        return False
    try:
        with contextlib.closing(_open(path)) as connection:
            return _tables_of(connection) >= _TABLES
    except sqlite3.Error:
        return False


def _tables_of(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def provide_folder_of(path: Path) -> None:
    """Make the missing folders on the way to a file, for this user only. Raises SettingsError."""
    for folder in reversed((path.parent, *path.parent.parents)):
        if folder.exists():
            continue
        try:
            folder.mkdir(0o700, exist_ok=True)
        except OSError as wrong:
            raise SettingsError(
                f"the folder {folder} cannot be made ({wrong.strerror}): name a folder that this user may write to"
            ) from None


def settle(path: Path) -> None:
    """Make a database one file: nothing of it stays in a write-ahead log. Fails while anybody else has it open.

    Raises StorageError.
    """
    with _told(path), contextlib.closing(_open(path, writes=True, wait=2.0)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        if mode != "delete":
            raise StorageError(f"another program has {path} open: stop it first; nothing was changed")


def set_aside(path: Path, kept: Path) -> None:
    """Give a database a second name, with all that belongs to it; nobody may have it open. Raises StorageError."""
    try:
        settle(path)
        kept.hardlink_to(path)
    except Damaged:  # it goes as it is, so that somebody may look at it
        for suffix in ("-wal", "-shm", "-journal", ""):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(kept.with_name(kept.name + suffix))


def put_in_place(draft: Path, path: Path) -> None:
    """Give a finished draft its name, so that a power cut leaves the old file or the new one."""
    descriptor = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    draft.replace(path)
    with contextlib.suppress(OSError):  # some systems do not let folders be synced
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _open(path: Path, *, writes: bool = False, wait: float = BUSY_TIMEOUT_MS / 1000) -> sqlite3.Connection:
    """A plain connection. A file to look at only is opened so, and left without a trace of that."""
    way = "mode=rw" if writes else "mode=ro"
    log = path.with_name(path.name + "-wal")
    if not writes and not (log.exists() and log.stat().st_size):
        way += "&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{way}", uri=True, isolation_level=None, timeout=wait)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as failure:
        told = str(failure).lower()
        if "locked" in told or "busy" in told:
            raise StorageError(f"another program has {path} open: stop it first; nothing was changed") from None
        if _FULL in told or "i/o" in told:
            raise StorageError("the disk is full, or does not work as it should: make room and try again") from None
        raise Damaged(f"{path} is damaged or incomplete; nothing was changed") from None
