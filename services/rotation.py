"""A new data key: everything sealed is sealed anew, in one transaction, while nobody else writes.

The new key is on the disk before the first value is sealed with it, and the old one stays until the last is. Of a
process that dies, what stands in the database and the key that opens it are both there: before the commit that is the
old key, after it the new one, and whoever opens the database next ends what was begun (`services.keys.open_vault`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from denials.errors import SettingsError, StorageError
from services import keys
from services.vault import Vault, new_data_key, parse_data_key
from store import claims, meta, sealed
from store.database import Database, reason_of
from store.migrate import require_own

Progress = Callable[[int, int], None]
"""Called with the values done and the values there are in all."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was done: values sealed anew, where the new key stands, and where the old one is kept, if in a file."""

    values: int
    key_file: Path
    kept: Path | None


def rotate_in_place(db: Database, vault: Vault, file: Path, progress: Progress | None = None) -> Rotated:
    """A new key in the file that holds the old one, which is kept under another name.

    Raises SettingsError, StorageError; then nothing was changed.
    """
    if file.is_symlink():
        raise SettingsError(f"{file} is a link, whose target somebody else keeps: name --new-key-file FILE")

    def draw() -> bytes:
        """A key in the place of what was left of a change that ended before its commit: the old one is in force."""
        new, key = keys.coming(file), new_data_key()
        new.unlink(missing_ok=True)
        keys.write_key(new, key)
        return parse_data_key(key)

    done = _resealed(db, vault, draw, progress)  # where it fails, whether it was kept may not be known
    return Rotated(done, file, keys.put_in_force(file))


def rotate_to(db: Database, vault: Vault, current: bytes, file: Path, progress: Progress | None = None) -> Rotated:
    """A new key in a file of its own: the one it holds, or one that is drawn and written there.

    Raises SettingsError, StorageError; then nothing was changed.
    """
    if not file.exists():
        keys.write_key(file, new_data_key())
    key = keys.read_key(file)
    if key == current:
        raise SettingsError(f"{file} holds the key that is in force: name another file")
    return Rotated(reseal(db, vault, key, progress), file, None)


def reseal(db: Database, vault: Vault, data_key: bytes, progress: Progress | None = None) -> int:
    """Seal every sealed value and the matching key with another data key; how many values. All or nothing."""
    return _resealed(db, vault, lambda: data_key, progress)


def _resealed(db: Database, vault: Vault, key: Callable[[], bytes], progress: Progress | None) -> int:
    """`key` is asked once nobody else can change it: a file that another change has begun must not be touched."""
    require_own(db)
    try:
        with db.write() as session:
            claims.begin_ingest(session)
            sealed.keep_writers_away(session)
            if meta.get(session, keys.MATCHING_KEY) != vault.wrapped:
                raise StorageError("the data key was changed by another process: run this again with the new key")
            new, wrapped = vault.under(key())
            meta.replace(session, keys.MATCHING_KEY, vault.wrapped, wrapped)
            total, done = sealed.count(session), 0
            for place in sealed.PLACES:
                for values in sealed.portions(session, place):
                    moved = [one._replace(sealed=vault.moved(one.sealed, one.context, new)) for one in values]
                    sealed.rewrite(session, place, moved)
                    done += len(moved)
                    if progress is not None:
                        progress(done, total)
    except SQLAlchemyError as failure:
        raise StorageError(f"the data key stays as it was: {reason_of(failure)}") from None
    return done
