"""A backup is one consistent file that goes back into either kind of database: whole and with its key, or not."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from denials.errors import SettingsError, StorageError
from services import backup, recount, workspace
from services.desk import Desk
from services.keys import provide_vault
from services.lookup import lookup
from services.stats import as_json, stats
from store.database import Database
from store.migrate import HEAD
from store.tables import Item, Outbox
from tests.conftest import DATA_KEY
from tests.services.files import items
from tests.services.stock import add_items, post_notice
from tests.services.test_recount import a_season


def left_in(folder: Path) -> set[str]:
    """The names in a folder, without those of the database itself."""
    return {name for name in os.listdir(folder) if not name.startswith(("denials.db", "batch"))}


def on(desk: Desk, database: Database) -> Desk:
    """The same desk on another database."""
    return Desk(database, desk.rules_source, provide_vault(database, DATA_KEY), desk.clock)


@pytest.fixture
def fresh(tmp_path: Path) -> Database:
    """Where a restored SQLite database is to stand."""
    (tmp_path / "there").mkdir()
    return Database(f"sqlite:///{tmp_path}/there/denials.db")


def test_what_was_backed_up_comes_back(desk: Desk, fresh: Database, tmp_path: Path) -> None:
    a_season(desk, tmp_path)
    workspace.remember(desk, "T0ONE")
    file = tmp_path / "b.backup"
    saved = backup.back_up(desk.db, file)
    assert (saved.items, saved.workspace, saved.revision) == (len(items(desk)), "T0ONE", HEAD)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert left_in(tmp_path) == {"b.backup", "there"}

    assert backup.restore(fresh, file, DATA_KEY).kept is None
    again = on(desk, fresh)
    refs = [one.ref for one in items(desk)]
    assert as_json(stats(again, 365)) == as_json(stats(desk, 365))
    assert lookup(again, refs, "me") == lookup(desk, refs, "me")
    assert recount.check(again) == ()
    assert stat.S_IMODE((tmp_path / "there" / "denials.db").stat().st_mode) == 0o600
    fresh.dispose()

    kept = [one.ref for one in items(desk)]
    add_items(desk, 1)
    with pytest.raises(StorageError, match="--replace"):
        backup.restore(desk.db, file, DATA_KEY)
    assert len(items(desk)) == len(kept) + 1
    saved = backup.restore(desk.db, file, DATA_KEY, replace=True)
    assert [one.ref for one in items(desk)] == kept
    assert (saved.kept is not None) == desk.db.is_sqlite
    if saved.kept is not None:
        assert Database(f"sqlite:///{saved.kept}").file == saved.kept
        assert len(items(on(desk, Database(f"sqlite:///{saved.kept}")))) == len(kept) + 1


def test_a_backup_is_of_one_moment_while_others_write(desk: Desk, fresh: Database, tmp_path: Path) -> None:
    ended, failures = threading.Event(), list[BaseException]()

    def write() -> None:
        while not ended.is_set():
            try:
                add_items(desk, 2)  # in one transaction: a backup holds both or neither
            except BaseException as failure:  # noqa: BLE001 - told below
                failures.append(failure)
                return

    add_items(desk, 200)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            backup.back_up(desk.db, tmp_path / f"{number}.backup")
    finally:
        ended.set()
        writer.join()
    assert failures == []
    for number in range(3):
        backup.restore(fresh, tmp_path / f"{number}.backup", DATA_KEY, replace=True)
        with fresh.read() as session:
            found = len(session.exec(select(Item.id)).all())
        fresh.dispose()
        assert found >= 200
        assert found % 2 == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_posts_that_waited_count_as_in_doubt_after_a_restore(desk: Desk, fresh: Database, tmp_path: Path) -> None:
    post_notice(desk, "hello", "C0OPS")
    backup.back_up(desk.db, tmp_path / "b.backup")
    backup.restore(fresh, tmp_path / "b.backup", DATA_KEY)
    with fresh.read() as session:
        row = session.exec(select(Outbox)).one()
    assert (row.state, row.first_sent_at) == ("ambiguous", row.created_at)
    fresh.dispose()


@pytest.fixture
def file(sqlite_template: Path, tmp_path: Path) -> Path:
    """A backup of a small SQLite database."""
    shutil.copy(sqlite_template, tmp_path / "small.db")
    database = Database(f"sqlite:///{tmp_path}/small.db")
    provide_vault(database, DATA_KEY)
    backup.back_up(database, tmp_path / "b.backup")
    database.dispose()
    return tmp_path / "b.backup"


def broken(file: Path, how: str) -> None:
    """Spoil a backup."""
    if how == "cut off":
        file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])
    elif how == "overwritten":
        spoiled = bytearray(file.read_bytes())
        spoiled[8192:16384] = b"x" * 8192
        file.write_bytes(spoiled)
    elif how == "foreign":
        file.unlink()
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TABLE recipes (name)")
        connection.close()
    elif how == "newer":
        with sqlite3.connect(file) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.close()
    else:
        file.write_text("no database at all")


@pytest.mark.parametrize("how", ["cut off", "overwritten", "foreign", "newer", "a text"])
def test_a_spoiled_file_is_refused_in_one_line_and_nothing_is_made(
    file: Path, fresh: Database, tmp_path: Path, how: str
) -> None:
    broken(file, how)
    with pytest.raises(StorageError) as told:
        backup.restore(fresh, file, DATA_KEY, replace=True)
    assert "\n" not in str(told.value)
    assert str(file) in str(told.value)
    assert os.listdir(tmp_path / "there") == []


def test_another_data_key_is_refused(file: Path, fresh: Database, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="another data key"):
        backup.restore(fresh, file, bytes(32))
    assert os.listdir(tmp_path / "there") == []


def test_a_backup_of_another_workspace_does_not_replace_a_database(desk: Desk, file: Path, tmp_path: Path) -> None:
    workspace.remember(desk, "T0ONE")
    backup.back_up(desk.db, tmp_path / "one.backup")
    workspace.forget(desk.db, "T0ONE")
    workspace.remember(desk, "T0TWO")
    with pytest.raises(StorageError, match="belongs to workspace T0ONE"):
        backup.restore(desk.db, tmp_path / "one.backup", DATA_KEY, replace=True)
    assert workspace.remembered_in(desk.db) == "T0TWO"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_is_not_overwritten_unasked(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "b.backup"
    backup.back_up(desk.db, file)
    before = file.read_bytes()
    with pytest.raises(SettingsError, match="exists"):
        backup.back_up(desk.db, file)
    assert file.read_bytes() == before
    backup.back_up(desk.db, file, replace=True)
    if desk.db.file is not None:
        with pytest.raises(SettingsError, match="the database itself"):
            backup.back_up(desk.db, desk.db.file, replace=True)


def test_an_older_backup_is_brought_up_to_date(tmp_path: Path, fresh: Database) -> None:
    from store.migrate import revision_of, upgrade

    old = Database(f"sqlite:///{tmp_path}/old.db")
    upgrade(old, "0001")
    backup.back_up(old, tmp_path / "old.backup")
    backup.restore(fresh, tmp_path / "old.backup", DATA_KEY)
    assert revision_of(fresh) == HEAD
    old.dispose()
    fresh.dispose()


def test_a_database_somebody_has_open_is_not_replaced(file: Path, fresh: Database) -> None:
    backup.restore(fresh, file, DATA_KEY)
    add = Database(fresh.url.render_as_string())
    with add.write() as session:
        session.exec(select(Item).where(col(Item.id) == 1)).first()
        from store import meta

        meta.set_once(session, "workspace", "T0ONE")
        with pytest.raises(StorageError, match="another program"):
            backup.restore(fresh, file, DATA_KEY, replace=True)
    add.dispose()
    with fresh.read() as session:
        assert meta.get(session, "workspace") == "T0ONE"
    fresh.dispose()


def test_a_damaged_database_is_put_aside_for_a_backup(file: Path, fresh: Database, tmp_path: Path) -> None:
    place = tmp_path / "there" / "denials.db"
    place.write_bytes(b"x" * 10_000)
    with pytest.raises(StorageError, match="--replace"):
        backup.restore(fresh, file, DATA_KEY)
    kept = backup.restore(fresh, file, DATA_KEY, replace=True).kept
    assert kept is not None
    assert kept.read_bytes() == b"x" * 10_000
    provide_vault(fresh, DATA_KEY)
    fresh.dispose()


def test_a_database_of_a_newer_version_gives_way_when_going_back(file: Path, fresh: Database) -> None:
    backup.restore(fresh, file, DATA_KEY)
    with fresh.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    fresh.dispose()
    with pytest.raises(StorageError, match="--replace"):
        backup.restore(fresh, file, DATA_KEY)
    assert backup.restore(fresh, file, DATA_KEY, replace=True).kept is not None
    fresh.dispose()
