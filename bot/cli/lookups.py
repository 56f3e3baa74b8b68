"""`denials lookups`: who has seen claim numbers and notes."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.output import days_of, json_line, table

_HOW = {
    "reference": "claim number of",
    "claim": "reference of a claim number",
    "export": "claim numbers exported",
    "note": "notes of",
    "reveal": "private link of",
}


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("lookups", epilog="\b\nExamples:\n  denials lookups\n  denials lookups 365d --json\n")(lookups)


def lookups(
    since: Annotated[str, typer.Argument(metavar="[30d]", help="How far back.")] = "30d",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show who has looked at claim numbers and notes, when, and from where. No claim number is shown."""
    from bot.desk import opened_desk
    from bot.settings import load_settings
    from services.lookup import looks

    with opened_desk(load_settings()) as desk:
        found = looks(desk, days_of(since))
        zone = desk.rules.timezone
    if as_json:
        for one in found:
            json_line(
                {
                    "at": one.at.isoformat(),
                    "who": one.who,
                    "how": one.how,
                    "ref": one.ref,
                    "found": one.found,
                    "source": one.source,
                }
            )
        return
    rows = [
        (
            f"{one.at.astimezone(zone):%Y-%m-%d %H:%M %Z}",
            one.who,
            _HOW.get(one.how, one.how),
            one.ref or ("" if one.found else "nothing found"),
            f"from {one.source}" if one.source else "",
        )
        for one in found
    ]
    typer.echo(
        table(rows) if rows else f"nobody has looked at a claim number or a note in the last {days_of(since)} days"
    )
