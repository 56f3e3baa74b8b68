"""`denials stats`, `lookup` and `export`."""

from __future__ import annotations

import re
import sys
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.output import days_of, json_line, money, table
from denials.errors import SettingsError

if TYPE_CHECKING:
    from handlers.phrases import Phrase

_REFERENCE = re.compile(r"DN-[0-9A-Z]{8}")


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
    app.command(
        "stats",
        epilog="\b\nExamples:\n  denials stats\n  denials stats last month\n  denials stats 90d --by payer --json\n",
    )(stats)
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
    period: Annotated[
        list[str] | None, typer.Argument(metavar="[PERIOD]", help="30d, 2w, 3m, 1y, last month…; 30 days else.")
    ] = None,
    by: Annotated[By | None, typer.Option("--by", help="What to group by; category else.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Show the numbers that `/denials stats` shows."""
    from bot.desk import opened_desk
    from bot.settings import load_settings
    from services import stats as numbers

    asked = _asked(period or [])
    grouping = by.value if by is not None else asked.by
    with opened_desk(load_settings()) as desk:
        found = numbers.month(desk, asked.month, grouping) if asked.month else numbers.stats(desk, asked.days, grouping)
        data = numbers.as_json(found)
    if as_json:
        json_line(data)
    else:
        typer.echo(stats_text(data, grouping, covered=found.covered))


def _asked(words: list[str]) -> Phrase:
    """Period and grouping in the words that `/denials stats` takes. Raises SettingsError."""
    from handlers.phrases import MOST_DAYS, parse

    asked = parse(f"stats {' '.join(words)}")
    if asked.hint:
        raise SettingsError(
            f"that is no period: give 1 to {MOST_DAYS} days as 30d, 2w, 3m, 1q or 1y, or say last week, last month,"
            " this month, last quarter or last year; group with --by"
        )
    return asked


def stats_text(data: dict[str, Any], by: str, *, covered: bool = True) -> str:
    """The numbers for people; no trend where the data do not reach back over the period before (`covered`)."""
    period, denials, claims = data["period"], data["denials"], data["claims"]
    done, backlog, preventable = data["resolution"], data["backlog"], data["preventable"]
    facts = [
        (
            "New denials",
            f"{denials['new']:,} ({_dollars(denials['amount'])})",
            _change(denials) if covered else "no trend can be told yet: the data do not cover the period before",
        ),
        ("Came back", f"{denials['repeats']:,}", ""),
        ("Denial rate", _rate(claims["denial_rate"]), f"{claims['denied']:,} of {claims['adjudicated']:,} claims"),
        ("Fully denied", f"{claims['fully_denied']:,}", ""),
        ("Resolved", f"{done['resolved']:,}", _median(done["median_days_to_resolve"])),
        ("Overturn rate", _rate(done["overturn_rate"]), f"{_dollars(done['recovered_amount'])} recovered"),
        ("Written off", _dollars(done["written_off_amount"]), ""),
        ("Preventable", _rate(preventable["share"]), f"yes {preventable['yes']:,}, partly {preventable['partly']:,}"),
        ("Open now", f"{backlog['open']:,} ({_dollars(backlog['amount'])})", f"{backlog['unclaimed']:,} unclaimed"),
        ("Overdue", f"{backlog['overdue']:,}", ""),
    ]
    aging = ", ".join(f"{bucket}: {count:,}" for bucket, count in backlog["aging"].items())
    groups = [(by.capitalize(), "New", "Before", "Dollars", "Trend")]
    groups += [
        (
            str(one["name"]),
            f"{one['new']:,}",
            f"{one['previous']:,}",
            _dollars(one["amount"]),
            str(one["trend"]) if covered else "not known",
        )
        for one in data["groups"]
    ]
    parts = [f"{period['from']} to {period['to']}, {period['days']} days", table(facts), f"Days since remit  {aging}"]
    if len(groups) > 1:
        parts.append(table(groups, right=(1, 2, 3)))
    return "\n\n".join(parts)


def _change(denials: dict[str, Any]) -> str:
    change = denials["change"]
    percent = "" if change is None else f", {change:+.0%}" if change else ", no change"
    return f"{denials['previous']:,} in the period before{percent}, {denials['trend']}"


def _rate(value: float | None) -> str:
    return "not known" if value is None else f"{value:.1%}"


def _median(days: float | None) -> str:
    if days is None:
        return ""
    if days >= 1:
        return f"median {days:.1f} days"
    hours = days * 24
    return f"median {hours:.1f} hours" if hours >= 1 else f"median {hours * 60:.0f} minutes"


def _dollars(amount: str) -> str:
    return money(Decimal(amount))


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
    wanted = [_reference(ref, place) for place, ref in enumerate(refs or (), 1)]
    with opened_desk(load_settings()) as desk:
        if claim is not None:
            number = (sys.stdin.readline() if claim == "-" else claim).strip()
            return _show_refs(numbers.lookup_claim(desk, number, whoami()), as_json=as_json)
        found = numbers.lookup(desk, wanted, whoami())
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


def _refs(refs: list[str]) -> str:
    return f"{', '.join(refs)} {'is' if len(refs) == 1 else 'are'}"


def _reference(text: str, place: int) -> str:
    """What is typed is not repeated: it may be a claim number by mistake."""
    ref = text.strip().upper()
    if not _REFERENCE.fullmatch(ref):
        raise SettingsError(
            f"argument {place} is not a reference (DN- and eight characters); a claim number goes with --claim"
        )
    return ref


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
    from bot.own_files import must_be_another
    from bot.private_file import private_file
    from bot.settings import load_settings
    from services.export import write_csv

    days = days_of(since)
    if output is not None and output.is_dir():
        raise SettingsError(f"--output {output} is a folder: name a file in it, such as {output / 'denials.csv'}")
    settings = load_settings()
    with opened_desk(settings) as desk:
        who = whoami() if with_claim_numbers else None
        if output is None:
            write_csv(desk, sys.stdout, days, claim_numbers_for=who)
            return
        must_be_another(output, settings, desk.db.file)
        with private_file(output) as file:
            count = write_csv(desk, file, days, claim_numbers_for=who)
    typer.echo(f"{output}: {count} denials", err=True)
