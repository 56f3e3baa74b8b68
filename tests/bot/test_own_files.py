"""No file that a command writes takes the place of one that the installation lives on."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest

from bot.run_lock import RunLock
from store.database import Database
from tests.bot.conftest import Run
from tests.bot.processes import RULES

_WRITERS = (
    ("db", "backup", "--replace"),
    ("export", "--output"),
    ("report", "--output"),
)
_DATABASE = "the database itself: choose another name"
_KEY = "the data key: choose another name"
_OWN = (
    ("data/denials.db", _DATABASE),
    ("data/denials.db-wal", _DATABASE),
    ("data/denials.db-shm", _DATABASE),
    ("data/denials.db.run.lock", _DATABASE),
    ("data/denials.db.key", _KEY),
    ("data/denials.db.key.new", _KEY),
    ("data/denials.db.key.replaced-20260301-120000-000000", _KEY),
    ("data/../data/denials.db.key", _KEY),
    ("link", _KEY),
    ("twin", _KEY),
    ("my-rules.yaml", "the rules file: choose another name"),
    (".env", "the settings file: choose another name"),
)


@pytest.fixture
def here(run: Run, tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an installation in it: database, data key, an older one, rules, settings."""
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_template, tmp_path / "data" / "denials.db")
    shutil.copy(RULES, tmp_path / "my-rules.yaml")
    monkeypatch.setenv("DENIALS_RULES", "my-rules.yaml")
    assert run("export").status == 0, "the key is made"
    key = tmp_path / "data" / "denials.db.key"
    (tmp_path / "link").symlink_to(key)
    (tmp_path / "twin").hardlink_to(key)
    (tmp_path / "data" / "denials.db.key.replaced-20260301-120000-000000").write_text("older")
    (tmp_path / ".env").write_text("DENIALS_SWEEP_SECONDS=60\n")
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    """What stands in the files that must stay."""
    files = [one for one in folder.rglob("*") if one.is_file() and not one.name.endswith(("-wal", "-shm", ".lock"))]
    return {str(one.relative_to(folder)): one.read_bytes() for one in files}


@pytest.mark.parametrize("writer", _WRITERS, ids=lambda words: words[0])
def test_nothing_takes_the_place_of_what_the_installation_lives_on(here: Path, run: Run, writer: tuple[str]) -> None:
    before = contents(here)
    for place, said in _OWN:
        told = run(*writer, place)
        assert (told.status, told.out) == (2, ""), place
        assert told.err == f"denials: {place} is {said}\n"
    assert contents(here) == before


def test_the_named_key_file_stays_too(here: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "data" / "denials.db.key").rename(here / "key")
    monkeypatch.setenv("DENIALS_DATA_KEY_FILE", str(here / "key"))
    before = contents(here)
    for writer in _WRITERS:
        told = run(*writer, "key")
        assert (told.status, told.err) == (2, f"denials: key is {_KEY}\n")
    assert contents(here) == before


@pytest.mark.parametrize("writer", _WRITERS, ids=lambda words: words[0])
def test_a_folder_is_no_file_to_write_to(here: Path, run: Run, writer: tuple[str]) -> None:
    told = run(*writer, "data")
    assert (told.status, "data is a folder: name a file" in told.err) == (2, True)


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_a_new_key_does_not_go_into_the_database(here: Path, run: Run, suffix: str) -> None:
    told = run("keys", "rotate", "--new-key-file", f"data/denials.db{suffix}")
    assert (told.status, _DATABASE in told.err) == (2, True)
    told = run("keys", "rotate", "--new-key-file", "my-rules.yaml")
    assert (told.status, "the rules file: choose another name" in told.err) == (2, True)
    assert run("export").status == 0


def test_only_a_backup_gives_way_to_a_backup(here: Path, run: Run) -> None:
    (here / "letter.txt").write_text("dear payer")
    (here / "nothing").touch()
    shutil.copy(here / "data" / "denials.db", here / "in-use.db")
    other = Database(f"sqlite:///{here}/in-use.db")
    with other.read() as session:
        session.connection()
    other.dispose()
    before = contents(here)
    for place in ("letter.txt", "nothing", "in-use.db"):
        told = run("db", "backup", "--replace", place)
        assert told.status == 2
        assert told.err.startswith(f"denials: {place} is not a backup of Denial Desk")
        assert told.err.count("\n") == 1
    assert contents(here) == before
    assert [run("db", "backup", "--replace", "a.backup").status for _ in range(2)] == [0, 0]
    assert run("db", "backup", "a.backup").status == 2


def test_a_backup_that_was_spoiled_gives_way_too(here: Path, run: Run) -> None:
    assert run("db", "backup", "a.backup").status == 0
    spoiled = bytearray((here / "a.backup").read_bytes())
    spoiled[-4096:] = b"x" * 4096
    (here / "a.backup").write_bytes(spoiled)
    assert run("db", "backup", "--replace", "a.backup").status == 0
    assert (here / "a.backup").read_bytes() != spoiled


def test_folders_on_the_way_to_a_backup_are_made_for_this_user_only(here: Path, run: Run) -> None:
    assert run("db", "backup", "backups/daily/a.backup").status == 0
    for folder in (here / "backups", here / "backups" / "daily"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_place_that_cannot_be_written_to_is_a_wrong_call_of_every_command(here: Path, run: Run) -> None:
    for writer in _WRITERS:
        told = run(*writer, "my-rules.yaml/a.file")
        assert (told.status, "my-rules.yaml/a.file cannot be written (" in told.err) == (2, True), told.err
        assert told.err.count("\n") == 1


@pytest.mark.parametrize("running", [False, True])
def test_the_database_is_no_backup_of_itself_and_no_place_to_copy_to(here: Path, run: Run, running: bool) -> None:
    before = contents(here)
    lock = RunLock(Database("sqlite:///data/denials.db"))
    if running:
        lock.take()
    for options in ((), ("--replace",)):
        told = run("db", "restore", *options, "data/denials.db")
        assert (told.status, told.err) == (2, f"denials: data/denials.db is {_DATABASE}\n")
    for address in ("sqlite:///data/denials.db", f"sqlite:///{here}/data/denials.db"):
        told = run("db", "copy", "--to", address)
        assert (told.status, "both addresses name the same database" in told.err) == (2, True), told.err
    for address in ("data/denials.db.key", "my-rules.yaml", ".env"):
        told = run("db", "copy", "--to", f"sqlite:///{address}")
        assert (told.status, "choose another name" in told.err) == (2, True), told.err
    lock.release()
    assert contents(here) == before


def test_an_option_without_its_value_names_the_help_of_its_command(run: Run) -> None:
    assert "(see `denials db workspace --help`)" in run("db", "workspace", "--forget").err
    assert "(see `denials report --help`)" in run("report", "--output").err
    assert "(see `denials --help`)" in run("--nonsense").err
