"""`denials purge`."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.output import counted, json_line
from bot.cli.progress import progress_bar

_EXAMPLES = """\b
Examples:
  denials purge --resolved-before 24mo --dry-run     what would go
  denials purge --resolved-before 730d
"""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("purge", epilog=_EXAMPLES)(purge)


def purge(
    resolved_before: Annotated[
        str, typer.Option("--resolved-before", metavar="SPAN", help="How long ago: months (24mo) or days (730d).")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, delete nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Delete denials that were resolved so long ago, with everything that is kept of them but the counts.

    Open ones stay, however old. The bot may go on working.
    """
    from bot.desk import opened_desk
    from bot.settings import load_settings
    from services import retention

    keep = retention.parse(resolved_before)
    with opened_desk(load_settings()) as desk, progress_bar("purging", quiet=as_json or dry_run) as progress:
        done = retention.look(desk, keep) if dry_run else retention.purge(desk, keep, progress)
    if as_json:
        json_line({"before": done.before.isoformat(), "denials": done.items, "claims": done.claims, "dry_run": dry_run})
        return
    gone = "would go" if dry_run else "are gone; the counts stay"
    typer.echo(
        f"{counted(done.items, 'denial')} resolved before {done.before.isoformat()} and the decisions on"
        f" {counted(done.claims, 'other claim')} {gone}"
    )
