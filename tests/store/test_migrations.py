"""The migrations give the tables that the code expects, from an empty database, on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from denials.errors import SettingsError
from store import migrate, tables
from store.database import Database


def test_the_tables_are_those_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences: list[Any] = compare_metadata(context, SQLModel.metadata)
    assert differences == []


def test_tables_kept_by_key_are_so_in_the_migration(sqlite_template: Path) -> None:
    database = Database(f"sqlite:///{sqlite_template}")
    with database.engine.connect() as connection:
        made = {
            name
            for name, sql in connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
            if "WITHOUT ROWID" in sql
        }
    database.dispose()
    wanted = {
        table.name
        for table in SQLModel.metadata.tables.values()
        if table.dialect_options["sqlite"]["with_rowid"] is False
    }
    assert made == wanted == {"adjudication", "denial_row", "digest_item"}


def test_the_newest_revision_is_the_one_the_code_asks_for() -> None:
    folder = Path(migrate.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_heads() == [migrate.HEAD]


def test_a_database_without_tables_is_named_with_the_mend(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new/denials.db")
    with pytest.raises(SettingsError, match="denials db upgrade"):
        migrate.require_current(database)
    migrate.upgrade(database)
    migrate.require_current(database)
    migrate.upgrade(database)  # a second time changes nothing
    assert migrate.is_current(database)
    database.dispose()


def test_down_and_up_again(database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    with database.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    migrate.upgrade(database)
    assert tables.Item.__tablename__ in inspect(database.engine).get_table_names()
