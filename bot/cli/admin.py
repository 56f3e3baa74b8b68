"""`denials manifest`, `doctor` and `db`."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.output import json_line
from denials.errors import SettingsError

_db = typer.Typer(name="db", help="The database.", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("manifest", epilog="\b\nExample:\n  denials manifest > manifest.json\n")(manifest)
    app.command("doctor", epilog="\b\nExamples:\n  denials doctor\n  denials doctor --json\n")(doctor)
    _db.command("upgrade", epilog="\b\nExample:\n  denials db upgrade\n")(upgrade)
    _db.command("recount", epilog="\b\nExamples:\n  denials db recount\n  denials db recount --mend\n")(recount)
    app.add_typer(_db)


def manifest(
    request_url: Annotated[
        str | None,
        typer.Option(
            "--request-url", metavar="URL", help="Your https://…/slack/events, for HTTP instead of Socket Mode."
        ),
    ] = None,
) -> None:
    """Print the Slack app manifest for this version, as JSON."""
    import json
    from urllib.parse import urlsplit

    from bot.manifest import app_manifest

    if request_url is not None and not (request_url.startswith("https://") and urlsplit(request_url).hostname):
        raise SettingsError(
            "--request-url must be an https:// address that Slack can reach, such as"
            " https://denials.example.org/slack/events"
        )
    typer.echo(json.dumps(app_manifest(request_url), indent=2))


def doctor(as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False) -> int:
    """Check settings, tokens, scopes, channels, rules, database and clock, each with the mend.

    Exit status 1 when something must be mended.
    """
    from bot.doctor import examine

    findings = examine()
    if as_json:
        json_line(
            {"ok": all(one.level != "error" for one in findings), "findings": [one.as_json() for one in findings]}
        )
    else:
        marks = {"ok": "ok     ", "warning": "look   ", "error": "MEND   "}
        for one in findings:
            typer.echo(f"{marks[one.level]} {one.topic}: {one.message}" + (f" → {one.mend}" if one.mend else ""))
    return 1 if any(one.level == "error" for one in findings) else 0


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


def recount(
    mend: Annotated[bool, typer.Option("--mend", help="Put the counts right where they differ.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> int:
    """Work the daily counts out anew from what they count, and say whether they agree.

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
        typer.echo(f"{len(found)} of the daily counts {'were mended' if mend else 'differ; --mend puts them right'}")
    return 1 if found and not mend else 0
