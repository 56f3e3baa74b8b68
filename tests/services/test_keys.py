"""The data key: where it comes from, and what happens without it."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from denials.errors import SettingsError
from denials.model import Sensitive
from services.keys import data_key_for, key_path, provide_vault
from services.vault import new_data_key, parse_data_key
from store.database import Database
from tests.conftest import DATA_KEY


def test_the_variable_is_the_key(tmp_path: Path) -> None:
    text = new_data_key()
    assert data_key_for(f"sqlite:///{tmp_path}/d.db", text) == parse_data_key(text)
    assert not key_path(tmp_path / "d.db").exists()


def test_the_key_file_is_the_key(tmp_path: Path) -> None:
    text, file = new_data_key(), tmp_path / "secret"
    file.write_text(text + "\n")
    assert data_key_for("postgresql://host/name", None, file) == parse_data_key(text)


def test_sqlite_gets_a_private_key_file_beside_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/sub/denials.db"
    first = data_key_for(url)
    file = tmp_path / "sub" / "denials.db.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert data_key_for(url) == first
    assert [path.name for path in file.parent.iterdir()] == ["denials.db.key"]


def test_processes_that_start_together_get_one_key(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/denials.db"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: data_key_for(url), range(32)))
    assert len(keys) == 1


def test_postgresql_must_name_a_key() -> None:
    with pytest.raises(SettingsError, match="DENIALS_DATA_KEY") as refusal:
        data_key_for("postgresql://host/name")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("text", ["short", "é" * 32, "AAAA" * 12, "!" * 44])
def test_what_is_no_key_is_refused_without_repeating_it(text: str, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(text, encoding="utf-8")
    for arguments in ((text, None), (None, file)):
        with pytest.raises(SettingsError) as refusal:
            data_key_for("postgresql://host/name", *arguments)
        assert text not in str(refusal.value)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere"):
        data_key_for("postgresql://host/name", None, tmp_path / "nowhere")


def test_two_different_keys_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(new_data_key())
    with pytest.raises(SettingsError, match="different"):
        data_key_for("postgresql://host/name", new_data_key(), file)


def test_a_lost_key_file_of_a_used_database_is_not_silently_replaced(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "denials.db"
    path.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{path}"
    database = Database(url)
    provide_vault(database, data_key_for(url))
    database.dispose()
    key_path(path).unlink()
    with pytest.raises(SettingsError, match="put it back"):
        data_key_for(url)
    assert not key_path(path).exists()


def test_the_matching_key_is_drawn_once(database: Database) -> None:
    with ThreadPoolExecutor(6) as pool:
        vaults = list(pool.map(lambda _: provide_vault(database, DATA_KEY), range(12)))
    assert len({vault.number_key(Sensitive("CLAIM-1")) for vault in vaults}) == 1


def test_another_data_key_does_not_open_the_database(database: Database) -> None:
    provide_vault(database, DATA_KEY)
    with pytest.raises(SettingsError, match="DENIALS_DATA_KEY"):
        provide_vault(database, bytes(32))
