"""A database copied into another: everything arrives, on either kind, or nothing does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import SQLModel

from denials.errors import SettingsError, StorageError
from services import recount, retention, rotation, work
from services.copying import copy_database, is_worked_on
from services.desk import Desk
from services.keys import provide_vault
from services.leases import acquire
from services.lookup import lookup
from services.people import Actor
from services.stats import as_json, stats
from services.views import Done
from store import copy
from store.database import Database
from tests.conftest import DATA_KEY
from tests.remits import denied_claim
from tests.services.files import everything, items, remit
from tests.services.stock import add_items
from tests.services.test_recount import a_season


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A second, empty database of either kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "other.db")
        database = Database(f"sqlite:///{tmp_path}/other.db")
        yield database
        database.dispose()
        return
    from tests import conftest

    address: str = request.getfixturevalue("postgres_url")
    name = f"other_{next(conftest._numbers)}"
    conftest._run(address, f"CREATE DATABASE {name} TEMPLATE template_denials")
    database = Database(conftest._named(address, name))
    yield database
    database.dispose()
    conftest._run(address, f"DROP DATABASE {name} WITH (FORCE)")


def on(desk: Desk, database: Database) -> Desk:
    """The same desk on another database."""
    return Desk(database, desk.rules_source, provide_vault(database, DATA_KEY), desk.clock)


def rows_of(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that is copied."""
    with database.engine.connect() as connection:
        return {table.name: sorted(map(tuple, connection.execute(select(table))), key=repr) for table in copy.carried()}


def test_everything_arrives_and_work_goes_on(desk: Desk, other: Database, tmp_path: Path) -> None:
    a_season(desk, tmp_path)
    counts = copy_database(desk.db, other)

    assert rows_of(other) == rows_of(desk.db)
    assert counts["item"] == len(items(desk))
    moved = on(desk, other)
    assert as_json(stats(moved, 365)) == as_json(stats(desk, 365))
    refs = [one.ref for one in items(desk)]
    assert lookup(moved, refs, "me") == lookup(desk, refs, "me")

    open_one = next(one for one in items(moved) if one.state == "open" and one.owner == "front_desk")
    done = work.claim(moved, open_one.ref, open_one.version, Actor("U0FRONT1"))
    assert isinstance(done, Done), done
    highest = max(one.id or 0 for one in items(moved))
    assert remit(moved, tmp_path, denied_claim("NEW1", 70)).new == 1
    assert items(moved)[-1].id == highest + 1 or not other.is_sqlite
    assert recount.check(moved) == ()

    before = rows_of(other)
    with pytest.raises(StorageError, match="not empty"):
        copy_database(desk.db, other)
    assert rows_of(other) == before
    with pytest.raises(SettingsError, match="same database"):
        copy_database(desk.db, desk.db)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_one_database_under_two_addresses_is_recognised(database: Database, other: Database) -> None:
    again = Database(database.url.update_query_dict({"application_name": "another"}).render_as_string(False))
    assert again.url != database.url
    with pytest.raises(SettingsError, match="same database"):
        copy_database(database, again)
    again.dispose()
    assert copy_database(database, other)["item"] == 0


def test_an_interrupted_copy_leaves_nothing_and_may_be_repeated(desk: Desk, other: Database) -> None:
    add_items(desk, 3)

    def fail(done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_database(desk.db, other, fail)
    with other.read() as session:
        there = everything(session)
    assert there.pop("meta") == 1, "what the migrations note"
    assert set(there.values()) == {0}
    provide_vault(other, bytes(32))  # another matching key, drawn by somebody who only looked
    copy_database(desk.db, other)
    assert rows_of(other) == rows_of(desk.db)


def test_a_server_that_is_gone_is_told_in_words(desk: Desk) -> None:
    gone = Database("postgresql://nobody:secret@127.0.0.1:9/none")
    with pytest.raises((StorageError, SQLAlchemyError)) as told:
        copy_database(desk.db, gone)
    assert isinstance(told.value, StorageError)
    assert "secret" not in str(told.value)


def test_a_bot_at_work_is_known_by_its_lease(desk: Desk) -> None:
    assert not is_worked_on(desk.db)
    acquire(desk, "sender", "someone", 8)
    assert is_worked_on(desk.db)


def test_every_table_but_the_leases_is_carried() -> None:
    assert set(SQLModel.metadata.tables) - {table.name for table in copy.carried()} == {"lease"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_newer_versions_database_is_left_to_that_version(desk: Desk, tmp_path: Path) -> None:
    with desk.db.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for upkeep in (
        lambda: copy_database(desk.db, Database(f"sqlite:///{tmp_path}/other.db")),
        lambda: rotation.reseal(desk.db, desk.vault, bytes(32)),
        lambda: retention.purge(desk, retention.parse("24mo")),
    ):
        with pytest.raises(SettingsError, match="newer version"):
            upkeep()
    assert retention.purge_due(desk, retention.parse("24mo")) is None
