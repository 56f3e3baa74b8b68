"""The files that an installation lives on, which nothing that a command writes may take the place of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from glob import escape
from pathlib import Path

from bot.settings import Settings
from denials.errors import SettingsError
from services.keys import coming, key_path

_DATABASE = "the database itself"
_KEY = "the data key"
_RULES = "the rules file"
_SETTINGS = "the settings file"
_OF_A_DATABASE = ("", "-wal", "-shm", "-journal", ".run.lock")


def must_be_another(path: Path, settings: Settings, database: Path | None) -> None:
    """Whether `path` may be written to. `database` is the SQLite file in use. Raises SettingsError."""
    _refuse(path, (*_of_database(database), *_of_key(settings, database), *_of_settings(settings)))
    if path.exists() and not path.is_file():
        raise SettingsError(f"{path} is {'a folder' if path.is_dir() else 'not a plain file'}: name a file")


def must_not_be_the_database(path: Path, database: Path | None) -> None:
    """Whether `path` is none of the files that make up the database in use. Raises SettingsError."""
    _refuse(path, _of_database(database))


def must_hold_a_database(path: Path, settings: Settings, database: Path | None) -> None:
    """Whether a database may stand at `path`, as far as the other files of this installation go.

    Raises SettingsError.
    """
    _refuse(path, (*_of_key(settings, database), *_of_settings(settings)))


def must_hold_a_key(path: Path, settings: Settings, database: Path | None) -> None:
    """Whether a data key may stand at `path`, as far as the other files of this installation go.

    Raises SettingsError.
    """
    _refuse(path, (*_of_database(database), *_of_settings(settings)))


def _refuse(path: Path, ours: Iterable[tuple[Path, str]]) -> None:
    for own, what in ours:
        if _same(path, own):
            raise SettingsError(f"{path} is {what}: choose another name")


def _same(one: Path, other: Path) -> bool:
    """By whatever name, and also where neither is there at this moment."""
    if one.resolve() == other.resolve():
        return True
    return one.exists() and other.exists() and one.samefile(other)


def _of_database(file: Path | None) -> Iterator[tuple[Path, str]]:
    if file is None:
        return
    for place in (
        file,
        file.resolve(),
    ):  # SQLite keeps its log beside the target of a link, we the lock beside the link
        for suffix in _OF_A_DATABASE:
            yield place.with_name(place.name + suffix), _DATABASE


def _of_key(settings: Settings, database: Path | None) -> Iterator[tuple[Path, str]]:
    """The key in force, one on its way, and those that open older backups."""
    places = [settings.data_key_file] if settings.data_key_file is not None else []
    if database is not None:
        places.append(key_path(database))
    for place in places:
        for file in (place, coming(place)):
            yield file, _KEY
        for file in place.parent.glob(f"{escape(place.name)}.replaced-*"):
            yield file, _KEY


def _of_settings(settings: Settings) -> Iterator[tuple[Path, str]]:
    yield settings.rules, _RULES
    yield Path(str(settings.model_config.get("env_file"))), _SETTINGS
