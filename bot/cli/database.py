"""`denials db`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.output import counted, json_line, money
from bot.cli.progress import progress_bar
from denials.errors import SettingsError, StorageError

if TYPE_CHECKING:
    from bot.settings import Settings
    from services.recount import Difference
    from store.database import Database

_db = typer.Typer(name="db", help="The database.", no_args_is_help=True, rich_markup_mode=None)

_COPY = """\b
Examples:
  denials db copy --to postgresql://denials@db.example.org/denials     the password in PGPASSWORD or ~/.pgpass
  denials db copy --to sqlite:///data/copy.db
"""
_BACKUP = """\b
Examples:
  denials db backup backups/denials.backup
  denials db backup --replace /mnt/backup/denials-today.backup
"""
_RESTORE = """\b
Examples:
  denials db restore backups/denials.backup
  denials db restore --replace backups/denials.backup     what stands there goes
"""
_WORKSPACE = """\b
Examples:
  denials db workspace
  denials db workspace --forget T0123456789     the next workspace that is used takes its place
"""
_TOLD = 50


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    _db.command("upgrade", epilog="\b\nExample:\n  denials db upgrade\n")(upgrade)
    _db.command("verify", epilog="\b\nExamples:\n  denials db verify\n  denials db verify --mend\n")(verify)
    _db.command("copy", epilog=_COPY)(copy)
    _db.command("backup", epilog=_BACKUP)(backup)
    _db.command("restore", epilog=_RESTORE)(restore)
    _db.command("workspace", epilog=_WORKSPACE)(workspace)
    app.add_typer(_db)


def upgrade() -> None:
    """Bring the database to the schema of this version. Safe to repeat."""
    from bot.desk import open_database
    from bot.made_database import bring_up_to_date
    from bot.settings import load_settings
    from store.migrate import revision_of

    database = open_database(load_settings())
    try:
        bring_up_to_date(database)
        typer.echo(f"the database is at schema {revision_of(database)}")
    finally:
        database.dispose()


def verify(
    mend: Annotated[bool, typer.Option("--mend", help="Put the counts right where they differ.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> int:
    """Work the daily counts out anew from the logs of denials and hand-offs, and tell every one that differs.

    Exit status 1 when they differ and were not mended.
    """
    from bot.desk import opened_desk
    from bot.settings import load_settings
    from services import recount as counts

    with opened_desk(load_settings()) as desk:
        found = counts.mend(desk) if mend else counts.check(desk)
    if as_json:
        rows = [
            {
                "dimension": one.dimension,
                "day": one.day.isoformat(),
                "name": one.name,
                "kept": one.kept,
                "found": one.found,
            }
            for one in found
        ]
        json_line({"agree": not found, "mended": mend and bool(found), "differences": rows})
    elif not found:
        typer.echo("the daily counts agree")
    else:
        typer.echo(f"{len(found):,} of the daily counts {'were mended' if mend else 'differ; --mend puts them right'}")
        for one in found[:_TOLD]:
            typer.echo(f"  {_told(one)}")
        if len(found) > _TOLD:
            typer.echo(f"  and {len(found) - _TOLD:,} more; --json lists all")
    return 1 if found and not mend else 0


def _told(one: Difference) -> str:
    """One difference as a line."""
    what = {"all": "all denials", "claims": "adjudicated claims"}.get(one.dimension, f"{one.dimension} {one.name}")
    return f"{one.day.isoformat()} {what}: kept {_in_words(one.kept)}; found {_in_words(one.found)}"


def _in_words(values: tuple[int, ...]) -> str:
    """The four counts of denials, or the five of adjudicated claims."""
    if len(values) == 4:
        new, cents, repeats, rejections = values
        return f"{new:,} new, {_dollars(cents)}, {counted(repeats, 'repeat')}, {counted(rejections, 'rejection')}"
    adjudicated, denied, fully_denied, charged, refused = values
    return (
        f"{adjudicated:,} adjudicated, {denied:,} denied, {fully_denied:,} fully denied,"
        f" {_dollars(charged)} charged, {_dollars(refused)} denied"
    )


def _dollars(cents: int) -> str:
    return money(Decimal(cents) / 100)


def copy(
    to: Annotated[
        str, typer.Option("--to", metavar="URL", help="The empty database to copy to: SQLite or PostgreSQL.")
    ],
) -> None:
    """Copy everything into another database, from SQLite to PostgreSQL or any other way. The bot must be stopped.

    The other database is made ready first and must be empty. All rows arrive, or none.
    """
    from bot.desk import given_key, opened_database
    from bot.made_database import cannot_write
    from bot.own_files import must_hold_a_database
    from bot.quiet import no_bot
    from bot.settings import load_settings
    from services.copying import copy_database, require_another, require_apart
    from services.keys import open_vault

    settings = load_settings()
    target = _target(to)
    try:
        with opened_database(settings) as source:
            require_another(source, target)
            if target.file is not None:
                must_hold_a_database(target.file, settings, source.file)
            _reach(target)
            require_apart(source, target)
            with no_bot(source), no_bot(target):
                open_vault(source, given_key(settings), settings.data_key_file)  # without its key it is worth nothing
                if target.file is not None:
                    target.file.touch(0o600)  # for this user only from its first byte on
                with progress_bar("copying") as progress:
                    counts = copy_database(source, target, progress)
            typer.echo(f"{counted(sum(counts.values()), 'row')} copied, {counted(counts['item'], 'denial')} among them")
            for line in _next_steps(settings, source, target):
                typer.echo(line)
    except OSError as wrong:
        raise StorageError(cannot_write(target.file.parent if target.file else Path(), wrong)) from None
    finally:
        target.dispose()


def _target(url: str) -> Database:
    from store.database import Database

    try:
        database = Database(url)
    except SettingsError:
        raise SettingsError(
            "--to is not a database address; write it like postgresql://user@host/name or sqlite:///data/denials.db"
        ) from None
    if database.file is not None and not database.file.parent.is_dir():
        raise SettingsError(f"--to names a folder that there is not: make it (mkdir -p {database.file.parent})")
    if database.url.password is not None:
        typer.echo(
            "denials: a password in an address can be seen in the process list; PGPASSWORD or ~/.pgpass hides it",
            err=True,
        )
    return database


def _reach(target: Database) -> None:
    """Whether the other database answers. Raises StorageError that speaks of it, not of the settings' own."""
    from sqlalchemy.exc import SQLAlchemyError

    from store.database import reason_of
    from store.migrate import revision_of

    try:
        revision_of(target)
    except SQLAlchemyError as failure:
        raise StorageError(f"the database that --to names: {reason_of(failure)}; nothing was copied") from None


def _next_steps(settings: Settings, source: Database, target: Database) -> list[str]:
    from bot.desk import given_key
    from services.keys import key_path, stored_in

    lines = ["set DENIALS_DATABASE_URL to the new database, on every host that is to run the bot"]
    if given_key(settings) is not None:
        lines.append("keep DENIALS_DATA_KEY as it is: claim numbers are sealed with it")
    else:
        key = stored_in(source, settings.data_key_file)
        place = f", or put a copy of it at {key_path(target.file)}" if target.file is not None else ""
        lines.append(f"set DENIALS_DATA_KEY_FILE={key}{place}: claim numbers are sealed with the key in it")
    lines.append("the old database was not changed: put it away once the new one works")
    return lines


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the backup is to stand.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="An older backup of that name may go; no other file.")
    ] = False,
) -> None:
    """Write everything into one file, consistent while the bot works. The data key is not in it."""
    from bot.desk import given_key, open_database
    from bot.own_files import must_be_another
    from bot.settings import load_settings
    from services.backup import back_up
    from services.keys import stored_in

    settings = load_settings()
    database = open_database(settings)
    try:
        if database.file is not None and not database.file.exists():
            raise SettingsError(f"there is no database {database.file} yet: run `denials db upgrade`")
        must_be_another(file, settings, database.file)
        with progress_bar("writing") as progress:
            saved = back_up(database, file, replace=replace, progress=progress)
    finally:
        database.dispose()
    typer.echo(f"{file}: {counted(saved.items, 'denial')}, schema {saved.revision}, {file.stat().st_size:,} bytes")
    key = "DENIALS_DATA_KEY" if given_key(settings) else stored_in(database, settings.data_key_file)
    typer.echo(f"the data key is not in it: keep {key or 'the data key'} as well, and somewhere else")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    replace: Annotated[bool, typer.Option("--replace", help="The database that stands there may go.")] = False,
) -> None:
    """Put a backup into the database of the settings, SQLite or PostgreSQL. The bot must be stopped.

    The data key of the time of the backup must be in place. All of it or nothing.
    """
    from bot.desk import open_database
    from bot.made_database import provide_folder
    from bot.own_files import must_hold_a_database, must_not_be_the_database
    from bot.quiet import no_bot
    from bot.settings import load_settings
    from services.backup import restore as put_back

    settings = load_settings()
    database = open_database(settings)
    try:
        must_not_be_the_database(file, database.file)
        if database.file is not None:
            must_hold_a_database(database.file, settings, database.file)
            provide_folder(database.file.parent)
        key = _key_for(settings, database)
        with no_bot(database), progress_bar("restoring") as progress:
            saved = put_back(database, file, key, replace=replace, progress=progress)
    finally:
        database.dispose()
    belongs = f", of workspace {saved.workspace}" if saved.workspace else ""
    typer.echo(f"{counted(saved.items, 'denial')} restored{belongs}, schema {saved.revision}")
    if saved.kept is not None:
        typer.echo(f"the database that stood there is kept as {saved.kept}")
    typer.echo("take the files in again that came after the backup, then start the bot")


def _key_for(settings: Settings, database: Database) -> bytes:
    """The data key, which must be there already: a new one would not open the backup. Raises SettingsError."""
    from bot.desk import data_key_of, given_key
    from services.keys import stored_in

    file = None if given_key(settings) else stored_in(database, settings.data_key_file)
    if file is not None and not file.exists():
        raise SettingsError(
            f"there is no data key at {file}: put the key of the backup there first, or set DENIALS_DATA_KEY"
        )
    return data_key_of(settings)


def workspace(
    forget: Annotated[
        str | None,
        typer.Option("--forget", metavar="ID", help="No longer belong to this workspace. The bot must be stopped."),
    ] = None,
) -> None:
    """Tell which Slack workspace the database belongs to: the first it was used with."""
    from bot.desk import opened_database
    from bot.quiet import no_bot
    from bot.settings import load_settings
    from services import workspace as belonging

    with opened_database(load_settings()) as database:
        known = belonging.remembered_in(database)
        if forget is None or known is None:
            typer.echo(known or "no workspace yet: the first that the bot runs in")
            return
        with no_bot(database):
            belonging.forget(database, forget)
    typer.echo(f"the database no longer belongs to {forget}: the next workspace that the bot runs in takes its place")
