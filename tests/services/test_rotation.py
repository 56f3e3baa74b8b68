"""A change of the data key: all opens with the new key, nothing with the old, and a death on the way loses neither."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary
from sqlmodel import SQLModel, select

from denials.errors import SettingsError, StorageError
from services import keys, notes, rotation
from services.desk import Desk
from services.keys import provide_vault
from services.lookup import lookup, lookup_claim
from services.vault import new_data_key, parse_data_key
from store import sealed
from store.database import Database
from store.tables import Item, UnlistedPayer
from tests.conftest import DATA_KEY
from tests.remits import csv_row
from tests.services.files import items, rows
from tests.services.test_recount import a_season

NEW = bytes(range(1, 33))
ROOT = Path(__file__).parents[2]


def a_stocked_desk(desk: Desk, folder: Path) -> list[str]:
    """Denials, a note, a payer name without a label; the references."""
    a_season(desk, folder)
    rows(desk, [csv_row("C77", payer="Nobody Listed")], folder)
    refs = [one.ref for one in items(desk)]
    notes.free_note(desk, refs[0], "me", "called them")
    return refs


def under(desk: Desk, data_key: bytes) -> Desk:
    """The desk as a process opens it that has this key."""
    return Desk(desk.db, desk.rules_source, provide_vault(desk.db, data_key), desk.clock)


def test_everything_opens_with_the_new_key_and_nothing_with_the_old(desk: Desk, tmp_path: Path) -> None:
    refs = a_stocked_desk(desk, tmp_path)
    before = lookup(desk, refs, "me")
    with desk.db.read() as session:
        values = sealed.count(session)

    told: list[tuple[int, int]] = []
    assert rotation.reseal(desk.db, desk.vault, NEW, lambda *how_far: told.append(how_far)) == values
    assert told[-1] == (values, values)

    moved = under(desk, NEW)
    assert lookup(moved, refs, "me") == before
    assert [one.text for one in notes.notes_of(moved, refs[0], "me")] == ["called them"]
    assert lookup_claim(moved, "C1", "me") == lookup_claim(desk, "C1", "me") != []
    with moved.db.read() as session:
        (name,) = session.exec(select(UnlistedPayer)).all()
        assert moved.vault.open(name.sealed, name.name_key.encode()) == {"name": "Nobody Listed"}
    with pytest.raises(SettingsError):
        provide_vault(desk.db, DATA_KEY)
    with pytest.raises(SettingsError):
        lookup(desk, refs, "me")


def test_a_process_with_the_old_key_seals_nothing_any_more(desk: Desk, tmp_path: Path) -> None:
    refs = a_stocked_desk(desk, tmp_path)
    rotation.reseal(desk.db, desk.vault, NEW)
    with pytest.raises(SettingsError, match="was changed"):
        notes.free_note(desk, refs[0], "me", "too late")
    with pytest.raises(SettingsError, match="was changed"):
        rows(desk, [csv_row("C78")], tmp_path)
    with pytest.raises(StorageError, match="another process"):
        rotation.reseal(desk.db, desk.vault, bytes(32))
    moved = under(desk, NEW)
    notes.free_note(moved, refs[0], "me", "in time")
    assert len(notes.notes_of(moved, refs[0], "me")) == 2


def test_a_value_that_does_not_open_leaves_everything_as_it_was(desk: Desk, tmp_path: Path) -> None:
    refs = a_stocked_desk(desk, tmp_path)
    with desk.db.write() as session:
        last = session.exec(select(Item).where(Item.ref == refs[-1])).one()
        whole, last.sealed = last.sealed, last.sealed[:-1] + bytes([last.sealed[-1] ^ 1])
        session.add(last)
    with pytest.raises(SettingsError, match="does not open"):
        rotation.reseal(desk.db, desk.vault, NEW)
    with desk.db.write() as session:
        last = session.exec(select(Item).where(Item.ref == refs[-1])).one()
        last.sealed = whole
        session.add(last)
    assert len(lookup(under(desk, DATA_KEY), refs, "me")) == len(refs)


def test_every_sealed_column_is_known_to_the_change() -> None:
    columns = {
        (table.name, column.name)
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert columns == {(place.table, place.column) for place in sealed.PLACES}


@pytest.fixture
def used(sqlite_template: Path, tmp_path: Path, desk: Desk) -> Path:
    """A SQLite database with its generated key file, in use."""
    path = tmp_path / "used" / "denials.db"
    path.parent.mkdir()
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    own = Desk(database, desk.rules_source, keys.open_vault(database), desk.clock)
    rows(own, [csv_row(f"K{number}") for number in range(40)], tmp_path)
    database.dispose()
    return path


def opened(path: Path, desk: Desk) -> list[str]:
    """Every claim number, as a process reads it that finds the key beside the database."""
    database = Database(f"sqlite:///{path}")
    own = Desk(database, desk.rules_source, keys.open_vault(database), desk.clock)
    numbers = [
        one.claim_number.reveal() for one in lookup(own, [one.ref for one in items(own)], "me") if one.claim_number
    ]
    database.dispose()
    return sorted(numbers)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestWithAKeyFile:
    """SQLite with the key in a file beside it."""

    def test_the_file_changes_and_the_old_key_is_kept(self, used: Path, desk: Desk) -> None:
        file = keys.key_path(used)
        before, numbers = file.read_text(), opened(used, desk)
        database = Database(f"sqlite:///{used}")
        done = rotation.rotate_in_place(database, keys.open_vault(database), file)
        database.dispose()
        assert done.kept is not None
        assert done.kept.read_text() == before != file.read_text()
        assert {stat.S_IMODE(one.stat().st_mode) for one in (file, done.kept)} == {0o600}
        assert opened(used, desk) == numbers != []

    @pytest.mark.parametrize("died", ["before the commit", "after the commit", "before the swap"])
    def test_whoever_opens_it_next_ends_what_a_death_left(self, used: Path, desk: Desk, died: str) -> None:
        file, numbers = keys.key_path(used), opened(used, desk)
        new = new_data_key()
        keys.write_key(keys.coming(file), new)
        database = Database(f"sqlite:///{used}")
        vault = keys.open_vault(database)
        if died != "before the commit":
            rotation.reseal(database, vault, parse_data_key(new))
        if died == "before the swap":
            os.link(file, file.with_name(f"{file.name}.replaced-1"))
        database.dispose()

        assert opened(used, desk) == numbers
        assert (file.read_text().strip() == new) == (died != "before the commit")
        database = Database(f"sqlite:///{used}")
        rotation.rotate_in_place(database, keys.open_vault(database), file)  # and it may be done again
        database.dispose()
        assert opened(used, desk) == numbers
        assert not keys.coming(file).exists()

    def test_a_change_that_comes_second_leaves_the_key_of_the_first(self, used: Path, desk: Desk) -> None:
        file, numbers = keys.key_path(used), opened(used, desk)
        database = Database(f"sqlite:///{used}")
        first, second = keys.open_vault(database), keys.open_vault(database)
        new = new_data_key()
        keys.write_key(keys.coming(file), new)
        rotation.reseal(database, first, parse_data_key(new))  # and has not put it in its place yet
        with pytest.raises(StorageError, match="changed by another process"):
            rotation.rotate_in_place(database, second, file)
        database.dispose()
        assert opened(used, desk) == numbers
        assert file.read_text().strip() == new

    @pytest.mark.long
    @pytest.mark.parametrize("turn", range(20))
    def test_a_kill_at_any_point_leaves_everything_readable(self, used: Path, desk: Desk, turn: int) -> None:
        numbers = opened(used, desk)
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "DENIALS_DATABASE_URL": f"sqlite:///{used}"}
        process = subprocess.Popen(
            [sys.executable, "-c", _ROTATES, str(used)], cwd=used.parent, env=environment, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(turn * 0.013)  # somewhere within a change or between two; where, differs from turn to turn
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert opened(used, desk) == numbers


_ROTATES = """
import sys
from pathlib import Path
from services import keys, rotation
from store.database import Database

path = Path(sys.argv[1])
database = Database(f"sqlite:///{path}")
print("ready", flush=True)
while True:
    rotation.rotate_in_place(database, keys.open_vault(database), keys.key_path(path))
"""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_key_file_of_its_own_is_taken_or_made(desk: Desk, tmp_path: Path) -> None:
    refs = a_stocked_desk(desk, tmp_path)
    before, file = lookup(desk, refs, "me"), tmp_path / "key-2"
    done = rotation.rotate_to(desk.db, desk.vault, DATA_KEY, file)
    assert (done.key_file, done.kept) == (file, None)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    moved = under(desk, keys.read_key(file))
    assert lookup(moved, refs, "me") == before
    with pytest.raises(SettingsError, match="in force"):
        rotation.rotate_to(desk.db, moved.vault, keys.read_key(file), file)
    given = tmp_path / "key-3"
    given.write_text(new_data_key())
    rotation.rotate_to(desk.db, moved.vault, keys.read_key(file), given)
    assert lookup(under(desk, keys.read_key(given)), refs, "me") == before
