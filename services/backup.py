"""Backups: one SQLite file, whichever database it was made of, that can be put back into either kind.

The data key is not in it: without the key, whoever finds a backup reads no claim number.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from denials.errors import SettingsError, StorageError
from services.vault import Vault
from store import copy, meta, outbox, snapshot
from store.copy import Progress
from store.database import Database, reason_of
from store.migrate import HEAD, is_known, require_own, revision_of, upgrade


@dataclass(frozen=True, slots=True)
class Saved:
    """What a backup holds. `workspace` is None where the database was never used with Slack."""

    items: int
    workspace: str | None
    revision: str
    kept: Path | None = None  # of a restore: where the database that was replaced stands now


def back_up(database: Database, file: Path, *, replace: bool = False, progress: Progress | None = None) -> Saved:
    """Write a backup while the bot goes on; missing folders on the way to it are made, for this user only.

    `replace` lets an older backup go, and nothing else. Raises StorageError, SettingsError; then `file` is as it was.
    """
    _not_itself(database, file)
    if file.exists() and not replace:
        raise SettingsError(f"{file} exists: choose another name, or add --replace")
    if file.exists() and not snapshot.is_backup(file):
        raise SettingsError(
            f"{file} is not a backup of Denial Desk, and --replace replaces nothing else: choose another name"
        )
    source = database.file
    snapshot.provide_folder_of(file)
    with snapshot.draft_of(file) as draft:
        if source is not None:
            snapshot.save(source, draft)
        else:
            _copy_out(database, draft, progress)
        facts = snapshot.facts_of(draft)
        snapshot.put_in_place(draft, file)
    return Saved(facts.items, facts.workspace, facts.revision)


def _not_itself(database: Database, file: Path) -> None:
    if database.file is not None and file.exists() and database.file.exists() and file.samefile(database.file):
        raise SettingsError(f"{file} is the database itself: choose another name")


def _copy_out(database: Database, draft: Path, progress: Progress | None) -> None:
    require_own(database)
    with _opened(draft) as made, _failures("no backup was made"):
        upgrade(made)
        copy.copy_rows(database, made, progress=progress)
    snapshot.settle(draft)


def examine(file: Path, data_key: bytes) -> snapshot.Facts:
    """Whether a backup can be put back: whole, ours, not newer than this version, and opened by this data key.

    Raises StorageError, and SettingsError for the key.
    """
    facts = snapshot.facts_of(file)
    if not is_known(facts.revision):
        raise StorageError(
            f"{file} is at schema {facts.revision or 'none'}, which this version does not know: use the version that"
            " made it, or a newer one"
        )
    if facts.wrapped_key is not None:
        try:
            Vault.unwrap(data_key, facts.wrapped_key)
        except SettingsError:
            raise SettingsError(
                f"{file} was made with another data key: set DENIALS_DATA_KEY or DENIALS_DATA_KEY_FILE to the key of"
                " that time; nothing was changed"
            ) from None
    return facts


def restore(
    database: Database, file: Path, data_key: bytes, *, replace: bool = False, progress: Progress | None = None
) -> Saved:
    """Put a backup into the database that the settings name, brought to this version's schema. No bot may run on it.

    Without `replace` that database must be missing or hold no work. Posts that had not gone out when the backup was
    made count as in doubt, so those that went out later are found in Slack and not posted twice. Raises StorageError,
    SettingsError; then nothing was changed.
    """
    _not_itself(database, file)
    facts = examine(file, data_key)
    _may_be_replaced(database, facts, replace=replace)
    if database.file is not None:
        kept = _put_file(database, database.file, file)
    else:
        kept = None
        with tempfile.TemporaryDirectory(prefix="denials-restore-") as folder:  # mode 0700
            _put_rows(database, file, Path(folder) / "restore.db", replace=replace, progress=progress)
    return Saved(facts.items, facts.workspace, HEAD, kept)


def _may_be_replaced(database: Database, facts: snapshot.Facts, *, replace: bool) -> None:
    place = database.file
    if place is not None and place.exists() and not _is_ours(database):
        holds, theirs = _of_another_schema(place)
    elif revision_of(database) is None:
        return
    elif revision_of(database) != HEAD:
        raise StorageError("the database that stands there has another schema: name a new, empty database instead")
    else:
        with _failures("nothing was changed"), database.read() as session:
            holds, theirs = copy.holds_work(session), meta.get(session, "workspace")
    if not holds:
        return
    if not replace:
        raise StorageError("there is a database with work in it: add --replace to put the backup in its place")
    if theirs is not None and facts.workspace not in (None, theirs):
        raise StorageError(
            f"the backup belongs to workspace {facts.workspace}, the database to {theirs}: restore it into a database"
            " of its own"
        )


def _is_ours(database: Database) -> bool:
    try:
        return revision_of(database) == HEAD
    except SQLAlchemyError:  # damaged, say; a backup is for that too
        return False


def _of_another_schema(place: Path) -> tuple[bool, str | None]:
    """Whether a file holds work, and whose; one that cannot be read may hold some."""
    if place.stat().st_size == 0:
        return False, None
    try:
        facts = snapshot.facts_of(place)
    except StorageError:
        return True, None
    return True, facts.workspace


def _put_file(database: Database, place: Path, file: Path) -> Path | None:
    with snapshot.draft_of(place) as draft:
        _ready(file, draft)
        kept = None
        database.dispose()
        if place.exists():
            kept = place.with_name(f"{place.name}.replaced-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}")
            snapshot.set_aside(place, kept)
        snapshot.put_in_place(draft, place)
        return kept


def _put_rows(database: Database, file: Path, draft: Path, *, replace: bool, progress: Progress | None) -> None:
    draft.touch(0o600)
    _ready(file, draft)
    with _opened(draft) as made, _failures("nothing was changed"):
        if revision_of(database) is None:
            upgrade(database)
        copy.copy_rows(made, database, replace=replace, progress=progress)


def _ready(file: Path, draft: Path) -> None:
    """A copy of the backup, at this version's schema and fit to be worked on."""
    snapshot.save(file, draft)
    with _opened(draft) as made, _failures("nothing was changed"):
        upgrade(made)
        with made.write() as session:
            outbox.doubt_posts(session)
    snapshot.settle(draft)


@contextmanager
def _opened(file: Path) -> Iterator[Database]:
    database = Database(URL.create("sqlite", database=str(file)).render_as_string())
    try:
        yield database
    finally:
        database.dispose()


@contextmanager
def _failures(what_then: str) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as failure:
        raise StorageError(f"{reason_of(failure)}; {what_then}") from None
