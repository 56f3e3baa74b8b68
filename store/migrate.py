"""Schema migrations: Alembic, driven from code so that no ini file has to travel with the program.

Alembic is imported inside the functions: `denials ingest` checks the schema without paying for it.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy import text as sql

from denials.errors import SettingsError
from store.database import Database

HEAD = "0005"  # the newest revision; a test compares it with the migrations folder
FLOOR = "oldest_schema_of_programs"
_FOLDER = Path(__file__).parent / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema to `revision`. One process at a time migrates on PostgreSQL (advisory lock in env.py).

    A database that a newer version has migrated already is left as it is, where this version can work with it.
    """
    at = revision_of(database)
    if at is not None and at > HEAD and revision == "head":
        require_current(database)
        return
    from alembic import command
    from alembic.config import Config

    if database.file is not None:
        database.file.parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def revision_of(database: Database) -> str | None:
    """The schema revision the database is at; None where it was never migrated (or, on SQLite, never made)."""
    file = database.file
    if file is not None and not file.exists():
        return None
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        row = connection.execute(sql("SELECT version_num FROM alembic_version")).first()
        return str(row[0]) if row else None


def is_known(revision: str) -> bool:
    """Whether this version can bring a database of that revision up to date."""
    return any(path.name.startswith(f"{revision}_") for path in (_FOLDER / "versions").glob("*.py")) and bool(revision)


def is_current(database: Database) -> bool:
    """Whether this program can work with the schema: the one it was written for, or a newer one that allows it.

    While a new version is rolled out, the database is migrated first and old processes go on with the newer schema. A
    revision that takes something away notes the oldest revision whose program still works, as the fact `FLOOR`.
    """
    at = revision_of(database)
    return at == HEAD or (at is not None and at > HEAD and _floor(database) <= HEAD)


def require_current(database: Database) -> None:
    """Raise SettingsError with the mend unless this program can work with the schema."""
    if is_current(database):
        return
    at = revision_of(database)
    if at is not None and at > HEAD:
        raise SettingsError(f"the database is at schema {at}, which is too new for this version: install a newer one")
    state = "has no tables yet" if at is None else f"is at schema {at}, this version needs {HEAD}"
    raise SettingsError(f"the database {state}: run `denials db upgrade`")


def require_own(database: Database) -> None:
    """Raise SettingsError unless the schema is exactly this program's: for what must know every table there is."""
    require_current(database)
    at = revision_of(database)
    if at != HEAD:
        raise SettingsError(f"the database is at schema {at} of a newer version: use that version for this")


def _floor(database: Database) -> str:
    with database.engine.connect() as connection:
        row = connection.execute(sql("SELECT value FROM meta WHERE key = :key"), {"key": FLOOR}).first()
    return str(row[0]) if row else ""
