"""`denials stats`, `lookup` and `export`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.output import days_of, json_line, table
from denials.errors import SettingsError


class By(StrEnum):
    """What the numbers are grouped by."""

    CATEGORY = "category"
    PAYER = "payer"
    OWNER = "owner"
    HANDOFF = "handoff"
    CODE = "code"
    PRACTICE = "practice"
    LOCATION = "location"


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("stats", epilog="\b\nExamples:\n  denials stats\n  denials stats 90d --by payer --json\n")(stats)
    app.command(
        "lookup",
        epilog="\b\nExamples:\n  denials lookup DN-7KQ2M4XP DN-3NDW8RTB\n"
        "  denials lookup --claim 12345        which references a claim has\n"
        "  denials lookup --claim -            the number from standard input, unseen by the process list\n",
    )(lookup)
    app.command(
        "export",
        epilog="\b\nExamples:\n  denials export --since 90d --output denials.csv\n"
        "  denials export --with-claim-numbers --output worklist.csv    holds patient data: keep it on this host\n",
    )(export)


def stats(
    days: Annotated[str, typer.Argument(metavar="[DAYS]", help="The period, such as 30d.")] = "30d",
    by: Annotated[By, typer.Option("--by", help="What to group by.")] = By.CATEGORY,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Show the numbers that `/denials stats` shows."""
    from bot.desk import opened_desk
    from bot.settings import load_settings
    from services import stats as numbers

    span = days_of(days)
    with opened_desk(load_settings()) as desk:
        data = numbers.as_json(numbers.stats(desk, span, by.value))
    if as_json:
        json_line(data)
    else:
        typer.echo(stats_text(data, by.value))


def stats_text(data: dict[str, Any], by: str) -> str:
    """The numbers for people."""
    period, denials, claims = data["period"], data["denials"], data["claims"]
    done, backlog, preventable = data["resolution"], data["backlog"], data["preventable"]
    facts = [
        ("New denials", f"{denials['new']} (${denials['amount']})", _change(denials)),
        ("Denial rate", _rate(claims["denial_rate"]), f"{claims['denied']} of {claims['adjudicated']} claims"),
        ("Fully denied", str(claims["fully_denied"]), ""),
        ("Resolved", str(done["resolved"]), f"median {_known(done['median_days_to_resolve'])} days"),
        ("Overturn rate", _rate(done["overturn_rate"]), f"${done['recovered_amount']} recovered"),
        ("Written off", f"${done['written_off_amount']}", ""),
        ("Preventable", _rate(preventable["share"]), f"yes {preventable['yes']}, partly {preventable['partly']}"),
        ("Open now", f"{backlog['open']} (${backlog['amount']})", f"{backlog['unclaimed']} unclaimed"),
        ("Overdue", str(backlog["overdue"]), ""),
    ]
    aging = ", ".join(f"{bucket}: {count}" for bucket, count in backlog["aging"].items())
    groups = [(by.capitalize(), "New", "Before", "Dollars", "Trend")]
    groups += [
        (str(one["name"]), str(one["new"]), str(one["previous"]), str(one["amount"]), str(one["trend"]))
        for one in data["groups"]
    ]
    parts = [f"{period['from']} to {period['to']}, {period['days']} days", table(facts), f"Days since remit  {aging}"]
    if len(groups) > 1:
        parts.append(table(groups, right=(1, 2, 3)))
    return "\n\n".join(parts)


def _change(denials: dict[str, Any]) -> str:
    change = denials["change"]
    percent = "" if change is None else f", {change:+.0%}"
    return f"{denials['previous']} in the period before{percent}, {denials['trend']}"


def _rate(value: float | None) -> str:
    return "not known" if value is None else f"{value:.1%}"


def _known(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g}"


def lookup(
    refs: Annotated[
        list[str] | None, typer.Argument(metavar="[DN-XXXXXXXX]", help="References, as cards show them.")
    ] = None,
    claim: Annotated[
        str | None, typer.Option("--claim", metavar="NUMBER", help="A claim number instead; - reads it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> int:
    """Show the claim number behind a reference, or the references of a claim number. Every look-up is logged."""
    from bot.desk import opened_desk
    from bot.settings import load_settings
    from services import lookup as numbers

    if bool(refs) == (claim is not None):
        raise SettingsError("name references, or a claim number with --claim, and not both")
    with opened_desk(load_settings()) as desk:
        if claim is not None:
            number = (sys.stdin.readline() if claim == "-" else claim).strip()
            return _show_refs(numbers.lookup_claim(desk, number, whoami()), as_json=as_json)
        found = numbers.lookup(desk, [ref.strip().upper() for ref in refs or ()], whoami())
    for one in found:
        number_text = one.claim_number.reveal() if one.claim_number is not None else None
        if as_json:
            json_line({"ref": one.ref, "claim_number": number_text})
        elif number_text is not None:
            typer.echo(f"{one.ref}  {number_text}")
    unknown = [one.ref for one in found if one.claim_number is None]
    if unknown:
        typer.echo(f"denials: {_refs(unknown)} not known here", err=True)
    return 1 if unknown else 0


def _show_refs(refs: list[str], *, as_json: bool) -> int:
    if as_json:
        json_line({"refs": refs})
    elif refs:
        typer.echo("\n".join(refs))
    if not refs:
        typer.echo("denials: no denial of this claim number is known here", err=True)
    return 0 if refs else 1


def _refs(refs: Iterable[str]) -> str:
    """References that look like references; anything else may be a claim number typed by mistake."""
    shown = [ref if ref.startswith("DN-") and len(ref) == 11 else "something that is no reference" for ref in refs]
    return f"{', '.join(shown)} {'is' if len(shown) == 1 else 'are'}"


def whoami() -> str:
    """The person at the keyboard, also behind sudo."""
    import getpass
    import os

    name = os.environ.get("SUDO_USER")
    if name:
        return name
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def export(
    since: Annotated[
        str, typer.Option("--since", metavar="90d", help="Only denials remitted in the last so many days.")
    ] = "3660d",
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to write; standard output else.")
    ] = None,
    with_claim_numbers: Annotated[
        bool, typer.Option("--with-claim-numbers", help="Add a claim number column. The file then holds patient data.")
    ] = False,
) -> None:
    """Write denials as CSV: reference, state, owner, category, codes, payer, amounts, dates of work, outcome."""
    from bot.desk import opened_desk
    from bot.private_file import private_file
    from bot.settings import load_settings
    from services.export import write_csv

    days = days_of(since)
    with opened_desk(load_settings()) as desk:
        who = whoami() if with_claim_numbers else None
        if output is None:
            write_csv(desk, sys.stdout, days, claim_numbers_for=who)
            return
        with private_file(output) as file:
            count = write_csv(desk, file, days, claim_numbers_for=who)
    typer.echo(f"{output}: {count} denials", err=True)
