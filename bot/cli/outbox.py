"""`denials outbox`: what waits to be told to Slack, and what only the administrator can decide."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.output import json_line
from denials.errors import SettingsError

_EXAMPLES = """\b
Examples:
  denials outbox                    what waits, what is parked and why, each with the mend
  denials outbox --retry            after the mend: try every parked message again
  denials outbox --drop 3f2a91c0    let one go; its denial stays as it is
"""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("outbox", epilog=_EXAMPLES)(outbox)


def outbox(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]…", help="Parked messages; without any, all of them.")
    ] = None,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try parked messages again. What may have arrived is looked for first.")
    ] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Let parked messages go.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> int:
    """Show what waits to be sent to Slack and what is parked; retry or drop what is parked.

    Exit status 1 while messages are parked.
    """
    from bot.desk import opened_desk
    from bot.homes import mend_in
    from bot.settings import load_settings
    from services import delivery, health, parked

    if retry and drop:
        raise SettingsError("give --retry or --drop, and not both")
    if ids and not (retry or drop):
        raise SettingsError("say what to do with these messages: --retry or --drop")
    with opened_desk(load_settings()) as desk:
        done = parked.retry(desk, ids or ()) if retry else parked.drop(desk, ids or ()) if drop else None
        depth, waiting, zone = delivery.depth(desk), health.parked(desk, limit=1000), desk.rules.timezone
    if as_json:
        rows = [
            {
                "id": one.outbox_id,
                "kind": one.kind,
                "channel": one.channel,
                "since": one.since.isoformat(),
                "reason": one.reason,
                "mend": mend_in(one.reason),
            }
            for one in waiting
        ]
        states = {state: depth.get(state, 0) for state in ("pending", "sending", "ambiguous", "parked")}
        json_line({"depth": states, "parked": rows, **({} if done is None else {"changed": done})})
        return 1 if waiting else 0
    if done is not None:
        typer.echo(f"{done} to be tried again" if retry else f"{done} dropped")
    typer.echo(f"{depth.get('pending', 0)} pending, {depth.get('ambiguous', 0)} in doubt, {len(waiting)} parked")
    for one in waiting:
        typer.echo(
            f"{one.outbox_id[:8]}  {one.since.astimezone(zone):%Y-%m-%d %H:%M}  {one.kind} for {one.channel}:"
            f" {one.reason} → {mend_in(one.reason)}"
        )
    return 1 if waiting else 0
