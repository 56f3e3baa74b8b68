"""Where the data key comes from, and the vault it opens.

The data key is the practice's secret: `DENIALS_DATA_KEY`, or a file that `DENIALS_DATA_KEY_FILE` names, or, on SQLite,
a file next to the database that is made on first use. Whoever has the database and the key can read claim numbers.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlmodel import Session

from denials.errors import SettingsError
from services.vault import KEY_BYTES, Vault, new_data_key, parse_data_key
from store import meta
from store.database import Database

MATCHING_KEY = "matching_key"
"""The fact about a database under which its wrapped matching key stands."""


def provide_vault(db: Database, data_key: bytes) -> Vault:
    """The vault of this database; its matching key is drawn on first use. Raises SettingsError for a wrong key."""
    with db.read() as session:
        wrapped = meta.get(session, MATCHING_KEY)
    if wrapped is None:
        _, drawn = Vault.draw(data_key)
        with db.write() as session:
            wrapped = meta.set_once(session, MATCHING_KEY, drawn)
    return Vault.unwrap(data_key, wrapped)


def open_vault(db: Database, key: str | None = None, key_file: Path | None = None) -> Vault:
    """The vault of this database by its settings; ends a change of the data key that was cut short.

    Raises SettingsError.
    """
    data_key = data_key_for(db.url, key, key_file)
    try:
        return provide_vault(db, data_key)
    except SettingsError:
        path = None if key else stored_in(db, key_file)
        if path is None:
            raise
        return _end_change(db, path)


def stored_in(db: Database, key_file: Path | None) -> Path | None:
    """The file that holds the data key, where a file does."""
    if key_file is not None:
        return key_file
    return key_path(db.file) if db.file is not None else None


def coming(path: Path) -> Path:
    """Where a new data key stands until the database is sealed with it."""
    return path.with_name(path.name + ".new")


def write_key(path: Path, key: str) -> None:
    """A new file of mode 0600 with a data key in it, surely on the disk. Raises SettingsError."""
    try:
        _write_new(path, key + "\n")
        _sync_folder(path.parent)
    except OSError as wrong:
        raise SettingsError(
            f"the data key file {path} cannot be written ({wrong.strerror}): let this user write there, or name another"
            " place with --new-key-file"
        ) from None


def read_key(path: Path) -> bytes:
    """The key in a file. Raises SettingsError."""
    return _read(path)


def put_in_force(path: Path) -> Path | None:
    """The new key takes the place of the old one, which is kept under the answered name. Safe to repeat."""
    new = coming(path)
    if not new.exists():
        return None
    kept = path.with_name(f"{path.name}.replaced-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}")
    with contextlib.suppress(FileNotFoundError, FileExistsError):
        os.link(path, kept)  # first, so that at no moment a key is missing
    with contextlib.suppress(FileNotFoundError):  # another process was quicker
        os.replace(new, path)
    _sync_folder(path.parent)
    return kept


def hold(session: Session, vault: Vault) -> None:
    """Keep the data key from being changed until this transaction ends: whoever seals something asks for that first.

    Raises SettingsError when it was changed since this process read it.
    """
    if vault.wrapped and meta.get(session, MATCHING_KEY, hold=True) != vault.wrapped:
        raise SettingsError("the data key was changed while this process ran: start it anew with the new key")


def _end_change(db: Database, path: Path) -> Vault:
    """A process died after the database was sealed with the new key and before the new key was in its place."""
    for file in (coming(path), path):  # another process may be ending it too
        if file.exists():
            with contextlib.suppress(SettingsError):
                vault = provide_vault(db, _read(file))
                if file != path:
                    with contextlib.suppress(OSError):  # who may only read leaves it to whoever may write
                        put_in_force(path)
                return vault
    return provide_vault(db, _read(path))


def data_key_for(db_url: str | URL, key: str | None = None, key_file: Path | None = None) -> bytes:
    """The data key for a database, by the rules of `DENIALS_DATA_KEY` and `DENIALS_DATA_KEY_FILE`.

    With neither, SQLite gets a key file of mode 0600 beside it; PostgreSQL must name one. Raises SettingsError.
    """
    if key:
        given = parse_data_key(key)
        if key_file is not None and key_file.exists() and _read(key_file) != given:
            raise SettingsError("DENIALS_DATA_KEY and DENIALS_DATA_KEY_FILE hold different keys: set only one of them")
        return given
    if key_file is not None:
        return _read(key_file)
    url = make_url(db_url)
    if url.get_backend_name() != "sqlite":
        raise SettingsError(
            "PostgreSQL needs DENIALS_DATA_KEY or DENIALS_DATA_KEY_FILE, the same for every process:"
            " 32 bytes in URL-safe base64"
        )
    if url.database in (None, "", ":memory:"):
        return secrets.token_bytes(KEY_BYTES)
    path = key_path(Path(str(url.database)))
    if not path.exists() and _was_used(Path(str(url.database))):
        raise SettingsError(
            f"the key file {path} is missing, and claim numbers in this database were sealed with it: put it back,"
            " or set DENIALS_DATA_KEY"
        )
    return _read_or_create(path)


def key_path(database: Path) -> Path:
    """The generated key file of a SQLite database: `denials.db` has `denials.db.key`."""
    return database.with_name(database.name + ".key")


def _read(path: Path) -> bytes:
    try:
        text = path.read_text(encoding="ascii")
    except UnicodeDecodeError:
        text = ""
    except OSError as wrong:
        raise SettingsError(
            f"the data key file {path} cannot be read ({wrong.strerror}): check its path and mode"
        ) from wrong
    try:
        return parse_data_key(text)
    except SettingsError as wrong:
        raise SettingsError(f"the data key file {path} does not hold 32 bytes in URL-safe base64") from wrong


def _read_or_create(path: Path) -> bytes:
    """The key in the file; of several processes that make it at once, all get the first one's."""
    if path.exists():
        return _read(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_new(draft, new_data_key() + "\n")
        try:
            os.link(draft, path)  # atomic, and refused where the file exists: nobody sees half a key or a second one
        except FileExistsError:
            return _read(path)
        _sync_folder(path.parent)
    except OSError as wrong:
        raise SettingsError(
            f"the data key file {path} cannot be made ({wrong.strerror}): mend that, or set DENIALS_DATA_KEY"
        ) from wrong
    finally:
        draft.unlink(missing_ok=True)
    return _read(path)


def _write_new(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut, where the system lets folders be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _was_used(database: Path) -> bool:
    """Whether something in the SQLite file was already sealed with a data key."""
    if not database.is_file():
        return False
    try:
        with contextlib.closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT 1 FROM meta WHERE key = ?", (MATCHING_KEY,)).fetchone()
            return row is not None
    except sqlite3.Error:  # no tables yet, or not a database: whoever opens it for work says so
        return False
