"""Old and new code at once: the schema only ever grows, so that what the version before asks for goes on working."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, inspect, text
from sqlalchemy.types import Boolean, Date, DateTime, Integer, LargeBinary

from denials.errors import SettingsError
from store import migrate
from store.database import Database

FOLDER = Path(migrate.__file__).parent / "migrations"
REVISIONS = [one.revision for one in reversed(list(ScriptDirectory(str(FOLDER)).walk_revisions()))]


def _at(database: Database, revision: str) -> MetaData:
    """The schema as a program of that revision knows it."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    known = MetaData()
    known.reflect(database.engine)
    known.remove(known.tables["alembic_version"])
    return known


def _value(column: Any) -> Any:
    kind = column.type
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer):
        return 1
    if isinstance(kind, DateTime):
        return datetime(2026, 3, 10, tzinfo=UTC) if kind.timezone else datetime(2026, 3, 10)  # noqa: DTZ001 - SQLite's
    if isinstance(kind, Date):
        return date(2026, 3, 10)
    return b"x" if isinstance(kind, LargeBinary) else "x"


def _row(table: Table) -> dict[str, Any]:
    return {column.name: _value(column) for column in table.columns}


def _floor(database: Database) -> str:
    with database.engine.connect() as connection:
        query = text("SELECT value FROM meta WHERE key = :key")
        return str(connection.execute(query, {"key": migrate.FLOOR}).scalar() or "")


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_older_version_works_on_the_newest_schema_or_is_kept_away(
    database: Database, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = _at(database, revision)
    migrate.upgrade(database)
    if revision < _floor(database):
        monkeypatch.setattr(migrate, "HEAD", revision)
        with pytest.raises(SettingsError, match="too new for this version"):
            migrate.require_current(database)
    else:
        _write_and_read(database, old)


def test_a_schema_that_takes_nothing_away_sets_no_floor(database: Database) -> None:
    kept = _at(database, "0004")
    assert _floor(database) == ""
    _write_and_read(database, kept)


def _write_and_read(database: Database, old: MetaData) -> None:
    """What a program that knows those tables does, on the schema as it is."""
    for table in old.tables.values():
        now = {column["name"]: column for column in inspect(database.engine).get_columns(table.name)}
        assert set(table.columns.keys()) <= set(now), f"{table.name} has lost a column"
        for name in set(now) - set(table.columns.keys()):
            assert now[name]["nullable"] or now[name]["default"] is not None, f"{table.name}.{name} has no default"
    with database.engine.connect() as connection:
        for table in old.sorted_tables:
            connection.execute(table.delete())
        for table in old.sorted_tables:
            connection.execute(table.insert().values(_row(table)))
            connection.execute(table.update().values(_row(table)))
            assert len(connection.execute(table.select()).all()) == 1
        for table in reversed(old.sorted_tables):
            connection.execute(table.delete())
        connection.rollback()


def test_a_program_goes_on_with_a_newer_schema_unless_that_says_it_is_too_old(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9998'"))
        connection.commit()
    assert migrate.is_current(database)
    migrate.require_current(database)
    migrate.upgrade(database)  # leaves it alone
    assert migrate.revision_of(database) == "9998"
    with database.engine.connect() as connection:
        connection.execute(text("UPDATE meta SET value = '9997' WHERE key = :key"), {"key": migrate.FLOOR})
        connection.commit()
    assert not migrate.is_current(database)
    for refused in (migrate.require_current, migrate.upgrade):
        with pytest.raises(SettingsError, match="too new for this version"):
            refused(database)


def test_a_database_behind_the_program_is_to_be_migrated_first(database: Database) -> None:
    _at(database, REVISIONS[-2])
    assert not migrate.is_current(database)
    with pytest.raises(SettingsError, match="denials db upgrade"):
        migrate.require_current(database)
