"""Opens the practice's desk for a command: database, rules, keys and clock. Without Bolt, without Alembic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.made_database import bring_up_to_date, is_to_be_made
from bot.rules_file import RulesFile
from bot.settings import Settings
from denials.errors import SettingsError
from services.desk import Clock, Desk
from services.keys import data_key_for, open_vault
from store.database import Database
from store.migrate import require_current


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        """The present, UTC."""
        return datetime.now(UTC)


def open_database(settings: Settings) -> Database:
    """The database of the settings, not yet looked at. Raises SettingsError for a wrong address."""
    return Database(settings.database_url)


def data_key_of(settings: Settings) -> bytes:
    """The key that encrypts claim numbers at rest. Raises SettingsError."""
    return data_key_for(settings.database_url, given_key(settings), settings.data_key_file)


def given_key(settings: Settings) -> str | None:
    """The data key where it stands in the environment."""
    return settings.data_key.get_secret_value() if settings.data_key else None


def make_desk(settings: Settings, database: Database, rules: RulesFile, clock: Clock | None = None) -> Desk:
    """The desk on a migrated database."""
    vault = open_vault(database, given_key(settings), settings.data_key_file)
    return Desk(db=database, rules_source=rules, vault=vault, clock=clock or SystemClock())


@contextmanager
def opened_desk(settings: Settings, *, create: bool = False) -> Iterator[Desk]:
    """A desk for one command. Raises SettingsError when the database has not been migrated yet.

    With `create`, a SQLite file that does not exist is made first.
    """
    rules = RulesFile(settings.rules)
    database = open_database(settings)
    try:
        if create and is_to_be_made(database):
            bring_up_to_date(database)
        _require_file(database)
        require_current(database)
        yield make_desk(settings, database, rules)
    finally:
        database.dispose()


@contextmanager
def opened_database(settings: Settings) -> Iterator[Database]:
    """The database for one command of upkeep, which wants no rules. Raises SettingsError unless it is migrated."""
    database = open_database(settings)
    try:
        _require_file(database)
        require_current(database)
        yield database
    finally:
        database.dispose()


def _require_file(database: Database) -> None:
    """Opening a missing SQLite file would create an empty one; say what to do instead."""
    if database.file is not None and not database.file.exists():
        beside = _sandbox_beside(database.file)
        raise SettingsError(f"there is no database {database.file} yet: run `denials db upgrade`{beside}")


def _sandbox_beside(file: Path) -> str:
    """The sandbox keeps a database of its own, where whoever tries things out has everything."""
    other = file.with_name("sandbox.db")
    return f", or set DENIALS_DATABASE_URL=sqlite:///{other} for the sandbox's" if other.exists() else ""
