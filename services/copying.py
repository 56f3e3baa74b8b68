"""The move from one database to another, and whether anybody works on one right now."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from denials.errors import SettingsError, StorageError
from store import copy, jobs
from store.copy import Progress
from store.database import Database, reason_of
from store.migrate import HEAD, require_own, revision_of, upgrade

_SAME = "both addresses name the same database: name another, empty one to copy to"

SENDER = "sender"
"""The lease that one of the processes on a database always has."""


def is_worked_on(database: Database) -> bool:
    """Whether a bot on PostgreSQL gave a sign of life in the last seconds. On SQLite the run lock tells."""
    if revision_of(database) is None:
        return False
    with database.read() as session:
        return jobs.lease_holder(session, SENDER, database.real_now(session)) is not None


def copy_database(source: Database, target: Database, progress: Progress | None = None) -> dict[str, int]:
    """Copy everything into an empty database, which is made ready first; rows by table.

    All or nothing: a copy that is interrupted leaves the target's tables empty. Raises StorageError, SettingsError.
    """
    require_own(source)
    require_another(source, target)
    try:
        require_apart(source, target)
        at = revision_of(target)
        if at is None:
            upgrade(target)
        elif at != HEAD:
            raise StorageError(
                f"the database to copy to is at schema {at}, this version needs {HEAD}: name an empty one"
            )
        return copy.copy_rows(source, target, progress=progress)
    except SQLAlchemyError as failure:
        raise StorageError(f"nothing was copied: {reason_of(failure)}") from None


def require_another(source: Database, target: Database) -> None:
    """Raises SettingsError where both addresses say the same database."""
    if source.url == target.url or _same_file(source, target):
        raise SettingsError(_SAME)


def require_apart(source: Database, target: Database) -> None:
    """Raises SettingsError where both addresses lead to the same database, however they are written; both must answer.

    `localhost` and `127.0.0.1`, two names of a host or a socket are one server.
    """
    if copy.are_one(source, target):
        raise SettingsError(_SAME)


def _same_file(source: Database, target: Database) -> bool:
    one, other = source.file, target.file
    return one is not None and other is not None and one.exists() and other.exists() and one.samefile(other)
