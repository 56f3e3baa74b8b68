"""The migrations give the tables that the code expects, from an empty database, on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, select

from denials.errors import SettingsError
from services.desk import Desk
from services.items import give_card
from store import migrate, tables
from store.database import Database
from store.guidance import Words
from tests.services.stock import add_items


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
    assert made == wanted == {"adjudication", "denial_row", "digest_item", "guidance"}


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


def _to(database: Database, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_down_and_up_again(database: Database) -> None:
    _to(database, "base")
    with database.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    migrate.upgrade(database)
    assert tables.Item.__tablename__ in inspect(database.engine).get_table_names()


def _rows(database: Database, table: str) -> list[dict[str, Any]]:
    with database.engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY id"))]


def _indexes(database: Database) -> set[str]:
    query = (
        "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        if database.is_sqlite
        else "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
    )
    with database.engine.connect() as connection:
        return {" ".join(str(sql).split()) for (sql,) in connection.execute(text(query))}


def test_items_keep_everything_when_their_words_become_shared(desk: Desk) -> None:
    database = desk.db
    told = [
        Words("Call the payer.", "carc:31", "CARC 31: Patient not found."),
        Words("Appeal — don't wait: 3:30 o'clock.", "rule:é", "1:a", "medium", "Über 60 days"),
        Words("", "", "", "", ""),
    ]
    for number, words in enumerate((*told, told[0])):
        add_items(desk, 1, payer_key=f"p{number}", kind=("denial", "rejection")[number % 2], **words._asdict())
    with database.write() as session:
        give_card(session, session.exec(select(tables.Item)).all()[0], "C0FRONT", desk.now())
    kept = ("item", "slack_message", "guidance")
    before, indexes = [_rows(database, table) for table in kept], _indexes(database)
    assert all(before)

    _to(database, "0004")
    assert [tuple(one[name] for name in Words._fields) for one in _rows(database, "item")] == [*told, told[0]]
    migrate.upgrade(database)

    assert [_rows(database, table) for table in kept] == before
    assert _indexes(database) == indexes
    with database.engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text("UPDATE slack_message SET item_id = -1"))  # what refers to items still does


def test_indexes_have_the_conditions_of_the_models(tmp_path: Path, sqlite_template: Path) -> None:
    made, migrated = Database(f"sqlite:///{tmp_path}/made.db"), Database(f"sqlite:///{sqlite_template}")
    SQLModel.metadata.create_all(made.engine)
    plain = {one.replace('"', "") for one in _indexes(made)}
    assert {one.replace('"', "") for one in _indexes(migrated)} == plain
    made.dispose()
    migrated.dispose()
