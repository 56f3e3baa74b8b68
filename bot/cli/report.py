"""`denials report`: the weekly report as a file to keep, to print or to send."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from denials.errors import SettingsError
from denials.weeks import Week

if TYPE_CHECKING:
    from services.desk import Desk

_EXAMPLES = """\b
Examples:
  denials report --output report.html                     the last whole week
  denials report --week 2026-W47 --output report.html     Monday, November 16, to Sunday, November 22, 2026
  denials report --week 2026-W47 --json
"""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("report", epilog=_EXAMPLES)(report)


def report(
    week: Annotated[
        str | None, typer.Option("--week", metavar="2026-W47", help="An ISO week; the last whole one else.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FILE", help="Where to write, in place of what is there; standard output else."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object instead of HTML.")] = False,
) -> None:
    """Write the weekly report: one HTML file with its charts, which needs no network and prints well.

    It holds counts, dollars and labels, and no patient data.
    """
    from bot.desk import opened_desk
    from bot.own_files import must_be_another
    from bot.private_file import private_file
    from bot.settings import load_settings

    asked = None if week is None else _week(week)
    if output is not None and output.is_dir():
        raise SettingsError(f"--output {output} is a folder: name a file in it, such as {output / 'report.html'}")
    settings = load_settings()
    with opened_desk(settings) as desk:
        if output is not None:
            must_be_another(output, settings, desk.db.file)
        shown = _last_whole(desk, asked)
        text = _text(desk, shown, as_json=as_json)
    if output is None:
        typer.echo(text, nl=False)
        return
    with private_file(output) as file:
        file.write(text)
    typer.echo(f"{output}: the report of {shown}", err=True)


def _week(text: str) -> Week:
    try:
        return Week.parse(text)
    except ValueError as wrong:
        raise SettingsError(f"--week: {wrong}") from None


def _last_whole(desk: Desk, asked: Week | None) -> Week:
    """The week asked for; one that has not ended cannot be reported."""
    last = Week.last_before(desk.today())
    if asked is not None and asked > last:
        state = "is not over yet" if asked.first <= desk.today() else "lies ahead"
        raise SettingsError(f"--week: {asked} {state}; the last whole week is {last}")
    return asked or last


def _text(desk: Desk, week: Week, *, as_json: bool) -> str:
    from bot.report_page import report_html
    from handlers import report_words, words
    from services.report import as_json as told_as_json
    from services.report import report as report_of

    told = report_of(desk, week)
    if not as_json:
        return report_html(told, desk.rules)
    answers = [report_words.spoken(one) for one in report_words.answers(told.numbers, desk.rules, words.exact)]
    return json.dumps({"answers": answers, **told_as_json(told)}, ensure_ascii=False) + "\n"
