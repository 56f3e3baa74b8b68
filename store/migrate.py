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
_FOLDER = Path(__file__).parent / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema to `revision`. One process at a time migrates on PostgreSQL (advisory lock in env.py)."""
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
    """Whether the schema is the one this program was written for."""
    return revision_of(database) == HEAD


def require_current(database: Database) -> None:
    """Raise SettingsError with the mend unless the schema is current."""
    at = revision_of(database)
    if at != HEAD:
        state = "has no tables yet" if at is None else f"is at schema {at}, this version needs {HEAD}"
        raise SettingsError(f"the database {state}: run `denials db upgrade`")
