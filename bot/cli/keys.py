"""`denials keys`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.output import counted
from bot.cli.progress import progress_bar
from denials.errors import SettingsError

if TYPE_CHECKING:
    from bot.settings import Settings
    from services.rotation import Progress, Rotated
    from store.database import Database

_keys = typer.Typer(name="keys", help="The data key.", no_args_is_help=True, rich_markup_mode=None)

_EXAMPLES = """\b
Examples:
  denials keys rotate                                       where the key stands in a file
  denials keys rotate --new-key-file /etc/denials/key-2     where DENIALS_DATA_KEY is set
"""


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    _keys.command("rotate", epilog=_EXAMPLES)(rotate)
    app.add_typer(_keys)


def rotate(
    new_key_file: Annotated[
        Path | None,
        typer.Option(
            "--new-key-file", metavar="FILE", help="Where the new key is to stand; a key that stands there is taken."
        ),
    ] = None,
) -> None:
    """Seal everything sealed with a new data key. The bot must be stopped.

    All of it or nothing; a run that was cut short is ended by running it again. No key is printed.
    """
    from bot.desk import opened_database
    from bot.own_files import must_hold_a_key
    from bot.quiet import no_bot
    from bot.settings import load_settings

    settings = load_settings()
    with opened_database(settings) as database:
        if new_key_file is not None:
            must_hold_a_key(new_key_file, settings, database.file)
        with no_bot(database), progress_bar("sealing") as progress:
            done = _rotate(settings, database, new_key_file, progress)
    if done is None:
        typer.echo(f"this was done before: the database is sealed with the key in {new_key_file}")
    else:
        typer.echo(f"{counted(done.values, 'value')} sealed with the new data key, which stands in {done.key_file}")
    if new_key_file is not None:
        typer.echo(f"before anything else runs here: set DENIALS_DATA_KEY_FILE={new_key_file}, unset DENIALS_DATA_KEY")
    kept = f"the old key is kept in {done.kept}" if done and done.kept else "keep the old key"
    typer.echo(f"{kept}: backups made until now need it. Make a new backup; then the old ones and the key may go")


def _rotate(settings: Settings, database: Database, file: Path | None, progress: Progress | None) -> Rotated | None:
    from bot.desk import data_key_of, given_key
    from services import rotation
    from services.keys import open_vault, provide_vault, read_key, stored_in

    given = given_key(settings)
    if file is None and given is not None:
        raise SettingsError(
            "DENIALS_DATA_KEY stands in the environment, where this program cannot change it: name --new-key-file FILE"
        )
    try:
        vault = open_vault(database, given, settings.data_key_file)
    except SettingsError:
        if file is None or not file.exists():
            raise
        provide_vault(database, read_key(file))
        return None
    stored = stored_in(database, settings.data_key_file)
    if file is None:
        if stored is None:
            raise SettingsError("there is no key file to change: name --new-key-file FILE")
        return rotation.rotate_in_place(database, vault, stored, progress)
    return rotation.rotate_to(database, vault, data_key_of(settings), file, progress)
