"""Transactions: all or nothing, readers undisturbed, and failures in words."""

from __future__ import annotations

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from denials.errors import SettingsError
from store.database import Database, reason_of
from store.tables import Meta


def add(database: Database, failure: Exception | None = None) -> None:
    """Write a row, then fail or not."""
    with database.write() as session:
        session.add(Meta(key="a", value="1"))
        session.flush()
        if failure is not None:
            raise failure


def test_a_write_that_raises_keeps_nothing(database: Database) -> None:
    with pytest.raises(KeyError):
        add(database, KeyError())
    with database.read() as session:
        assert session.get(Meta, "a") is None


def test_a_reader_does_not_see_a_write_before_its_end(database: Database) -> None:
    with database.write() as writer:
        writer.add(Meta(key="a", value="1"))
        writer.flush()
        with database.read() as reader:
            assert reader.get(Meta, "a") is None
    with database.read() as reader:
        assert reader.get(Meta, "a") is not None


def test_writers_wait_for_each_other(database: Database) -> None:
    with database.write() as session:
        session.add(Meta(key="n", value="0"))

    def one(_: int) -> None:
        with database.write() as session:
            row = session.exec(select(Meta).where(Meta.key == "n").with_for_update()).one()
            row.value = str(int(row.value) + 1)
            session.add(row)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, range(30)))
    with database.read() as session:
        assert session.exec(select(Meta.value).where(Meta.key == "n")).one() == "30"


@pytest.mark.parametrize("url", ["", "no url", "mysql://host/name", "postgres"])
def test_an_address_that_is_none_is_refused_in_words(url: str) -> None:
    with pytest.raises(SettingsError, match="DENIALS_DATABASE_URL"):
        Database(url)


def test_postgresql_addresses_mean_the_driver_that_is_installed() -> None:
    for url in ("postgresql://host/name", "postgres://host/name"):
        database = Database(url)
        assert database.url.drivername == "postgresql+psycopg"
        database.dispose()


def test_failures_are_told_without_what_was_to_be_written(tmp_path: Path) -> None:
    path = tmp_path / "denials.db"
    path.write_bytes(b"this is no database, but long enough to look like a file of one" * 20)
    database = Database(f"sqlite:///{path}")
    with pytest.raises(SQLAlchemyError) as failure, database.write() as session:
        session.add(Meta(key="secret", value="secret"))
    database.dispose()
    assert reason_of(failure.value) == "the file is not a database"


def test_a_locked_database_is_told(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "denials.db"
    path.write_bytes(sqlite_template.read_bytes())
    monkeypatch.setattr("store.database.BUSY_TIMEOUT_MS", 50)
    database = Database(f"sqlite:///{path}")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(SQLAlchemyError) as failure:
        add(database)
    holder.close()
    database.dispose()
    assert "locked" in reason_of(failure.value)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_may_not_be_written_to_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    database = Database(f"sqlite:///{tmp_path}/denials.db")
    with pytest.raises(SQLAlchemyError) as failure:
        add(database)
    database.dispose()
    assert "permissions" in reason_of(failure.value)
