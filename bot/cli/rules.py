"""`denials rules check`, `explain` and `backtest`."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.output import counted, days_of, json_line
from denials.errors import SettingsError

if TYPE_CHECKING:
    from denials.rules.explain import Explanation
    from denials.triage_types import Facts

_GROUPS = ("CO", "PR", "OA", "PI", "CR")

_group = typer.Typer(
    name="rules",
    help="Check a rules file, and ask what it decides.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    _group.command("check", epilog="\b\nExamples:\n  denials rules check\n  denials rules check new-rules.yaml\n")(
        check
    )
    _group.command(
        "explain",
        epilog="\b\nExamples:\n  denials rules explain --group CO --carc 197 --payer 'Aetna'\n"
        "  denials rules explain --group CO --carc 16 --rarc N290 --amount 120.00 --json\n",
    )(explain)
    _group.command(
        "backtest",
        epilog="\b\nExamples:\n  denials rules backtest new-rules.yaml\n"
        "  denials rules backtest new-rules.yaml --since 90d --json\n",
    )(backtest)
    app.add_typer(_group)


def check(
    file: Annotated[
        Path | None, typer.Argument(help="The rules file; DENIALS_RULES (rules.yaml) where none is named.")
    ] = None,
) -> int:
    """Validate a rules file: every error with line and column, on standard error. Exit status 1 when there is one."""
    from bot.rules_file import read_rules
    from denials.rules.load import check_rules

    path = file or _rules_path()
    findings = check_rules(read_rules(path))
    for finding in findings:
        where = f"{finding.path}: " if finding.path else ""
        typer.echo(f"{path}:{finding.line}:{finding.column}: {finding.severity}: {where}{finding.message}", err=True)
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = len(findings) - errors
    if errors:
        typer.echo(f"{counted(errors, 'error')}, {counted(warnings, 'warning')}", err=True)
        return 1
    typer.echo(f"{path}: valid" + (f", {counted(warnings, 'warning')}" if warnings else ""))
    return 0


def explain(
    group: Annotated[str, typer.Option("--group", metavar="CO", help="Group code: CO, PR, OA, PI or CR.")],
    carc: Annotated[str, typer.Option("--carc", metavar="16", help="Claim adjustment reason code.")],
    rarc: Annotated[
        list[str] | None, typer.Option("--rarc", metavar="N290", help="Remark code; may be repeated.")
    ] = None,
    payer: Annotated[str, typer.Option("--payer", metavar="NAME", help="The payer's name as the file gives it.")] = "",
    amount: Annotated[str, typer.Option("--amount", metavar="120.00", help="Denied dollars.")] = "100.00",
    procedure: Annotated[str | None, typer.Option("--procedure", metavar="97110", help="Procedure code.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Show the category, owner, next step and due date that a denial would get, and what decided it."""
    from datetime import UTC, datetime

    from bot.rules_file import RulesFile
    from denials.model import Sensitive
    from denials.rules.explain import explain as explained
    from denials.triage_types import Facts

    rules = RulesFile(_rules_path()).current()
    facts = Facts(
        payer_name=Sensitive(payer),
        group=_one_of(group, _GROUPS, "--group"),
        carc=_carc(carc),
        rarcs=tuple(_rarc(one) for one in rarc or ()),
        amount=_amount(amount),
        procedure=procedure,
    )
    found = explained(rules, facts, datetime.now(UTC).astimezone(rules.timezone).date())
    unknown = _unknown(facts)
    if as_json:
        json_line({**found.as_json(), "denial": found.counts_as == "denial", "unknown_codes": unknown})
    else:
        typer.echo(_explained_text(found, unknown))


def backtest(
    file: Annotated[Path, typer.Argument(help="The changed rules file.")],
    since: Annotated[
        str | None, typer.Option("--since", metavar="90d", help="Only denials remitted in the last so many days.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Show what a changed rules file would have done to the denials stored: every move, with counts and dollars.

    The rules in force are those of DENIALS_RULES. Nothing is changed.
    """
    from bot.desk import opened_desk
    from bot.rules_file import read_rules
    from bot.settings import load_settings
    from denials.rules.load import load_rules
    from services.rehearsal import first_day, rehearse

    days = days_of(since) if since is not None else None
    after = load_rules(read_rules(file))
    with opened_desk(load_settings()) as desk:
        found, first, before = rehearse(desk, after, days=days), first_day(desk, days), desk.rules
    if as_json:
        json_line({"since": first.isoformat() if first else None, **found.as_json()})
        return
    from bot.cli.backtest import backtest_text

    typer.echo(backtest_text(found, before, after, first))
    if before is after:
        typer.echo("This file is the one in force: change a copy of it and name the copy.", err=True)


_NO_DENIAL = {
    "write_down": "a contract write-down, no denial unless it takes the whole charge",
    "patient_share": "the patient's share, no denial",
    "informational": "information, no denial",
}


def _explained_text(found: Explanation, unknown: list[str]) -> str:
    notes = [f"Unknown      {code} is not in the code table: is it typed right?" for code in unknown]
    if found.counts_as in ("patient_share", "informational"):
        code = f"{found.facts.group} {found.facts.carc}"
        return "\n".join([f"{code} is {_NO_DENIAL[found.counts_as]}: nobody gets it and nothing is due.", *notes])
    decided, appeal = found.triage, found.deadlines.appeal
    due = f"{appeal.due.isoformat()} ({appeal.confidence}: {appeal.source})" if appeal else "no appeal limit known"
    lines = [
        f"Category     {found.category_title} ({decided.category})",
        f"Owner        {found.owner_title or 'nobody (ops channel)'}",
        f"Next step    {decided.next_step}",
        f"Starts at    {decided.handoff}",
        f"Preventable  {decided.preventable.value}",
        f"Appeal by    {due}, if it were remitted today",
        f"Decided by   {decided.decided_by}: {decided.why}",
    ]
    if found.counts_as in _NO_DENIAL:
        lines.insert(0, f"Counts as    {_NO_DENIAL[found.counts_as]}")
    return "\n".join([*notes, *lines])


def _unknown(facts: Facts) -> list[str]:
    """The codes that look right and that the shipped tables do not have; a rule may still name them."""
    from denials import codes

    carcs = [facts.carc] if facts.carc and codes.carc(facts.carc) is None else []
    return carcs + [one for one in facts.rarcs if codes.rarc(one) is None]


def _rules_path() -> Path:
    from bot.settings import load_settings

    return load_settings().rules


def _one_of(text: str, words: tuple[str, ...], option: str) -> str:
    word = text.strip().upper()
    if word not in words:
        raise SettingsError(f"{option} must be one of {', '.join(words)}")
    return word


def _carc(text: str) -> str:
    from denials.codes import looks_like_carc, normal_code

    code = normal_code(text)
    if not looks_like_carc(code):
        raise SettingsError("--carc must be a claim adjustment reason code without the group, such as 16, 197 or B7")
    return code


def _rarc(text: str) -> str:
    from denials.codes import looks_like_rarc, normal_code

    code = normal_code(text)
    if not looks_like_rarc(code):
        raise SettingsError("--rarc must be a remark code such as N290, M51 or MA130")
    return code


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text.replace(",", "").lstrip("$"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise SettingsError("--amount must be dollars such as 120.00")
    return amount
