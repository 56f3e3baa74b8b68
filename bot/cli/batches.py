"""`denials ingest`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.output import counted, json_line, money

if TYPE_CHECKING:
    from services.views import BatchSummary

_EXAMPLES = """\b
Examples:
  denials ingest remit.835
  denials ingest --format csv --profile kareo export.csv
  denials ingest --history 2025/*.835      a practice's past: counted and learned from, not posted
  denials ingest --dry-run --json remit.835
"""
_LARGE = 1_000_000  # bytes; from here on a terminal gets a progress bar
_SHOWN_ERRORS = 20


class Format(StrEnum):
    """What a file may be said to be."""

    AUTO = "auto"
    X835 = "835"
    X277CA = "277ca"
    CSV = "csv"
    XLSX = "xlsx"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("ingest", epilog=_EXAMPLES)(ingest)


def ingest(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Batches: 835, 277CA, CSV or XLSX.")],
    format: Annotated[
        Format, typer.Option("--format", help="What the files are, where their content does not tell.")
    ] = Format.AUTO,
    profile: Annotated[
        str | None, typer.Option("--profile", metavar="NAME", help="Column names, from profiles in rules.yaml.")
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="A practice's past: no cards, escalations or reviews.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and count, keep nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per file, one a line.")] = False,
) -> int:
    """Read batches into the database; a running bot posts what is new.

    A file or a denial that is there already adds nothing. What was rejected is told on standard error, with exit
    status 1. Where there is no SQLite database yet, it is made.
    """
    from bot.desk import opened_desk
    from bot.settings import load_settings
    from services.ingest import ingest_file

    rejected = False
    with opened_desk(load_settings(), create=True) as desk:
        for path in files:
            with _progress(path, quiet=as_json) as progress:
                summary = ingest_file(
                    desk,
                    path,
                    format=format.value,
                    profile=profile,
                    history=history,
                    dry_run=dry_run,
                    progress=progress,
                )
            rejected = rejected or summary.status == "rejected" or summary.rejected_rows > 0
            if as_json:
                json_line(as_object(summary))
            elif summary.status != "rejected":
                typer.echo(as_text(summary, dry_run=dry_run))
            for line in rejections(summary):
                typer.echo(f"denials: {line}", err=True)
    return 1 if rejected else 0


def as_object(summary: BatchSummary) -> dict[str, Any]:
    """A summary in the shape of `denials ingest --json`."""
    return {
        "file": summary.file,
        "format": summary.format,
        "status": summary.status,
        "batch": summary.batch,
        "sha256": summary.sha256,
        "claims": summary.claims,
        "denials": summary.denials,
        "new": summary.new,
        "repeats": summary.repeats,
        "duplicates": summary.duplicates,
        "paid_claims": summary.paid_claims,
        "reversals": summary.reversals,
        "rejected_rows": summary.rejected_rows,
        "denied_amount": f"{summary.denied_amount:.2f}",
        "by_category": dict(summary.by_category),
        "errors": [{"line": line, "message": message} for line, message in summary.errors],
    }


def as_text(summary: BatchSummary, *, dry_run: bool = False) -> str:
    """What went in, for people."""
    if summary.status == "already_ingested":
        return f"{summary.file}: this file was ingested before; nothing was added"
    lines = [
        f"{summary.file} ({summary.format}){': dry run, nothing is kept' if dry_run else ''}:"
        f" {counted(summary.claims, 'claim')}, {summary.paid_claims:,} paid,"
        f" {counted(summary.denials, 'denial')} worth {money(summary.denied_amount)}",
        f"  {summary.new:,} new, {counted(summary.repeats, 'repeat')}, {counted(summary.duplicates, 'duplicate')},"
        f" {counted(summary.reversals, 'reversal')}",
    ]
    if summary.by_category:
        lines.append("  " + ", ".join(f"{name} {count:,}" for name, count in summary.by_category))
    if summary.rejected_rows:
        lines.append(f"  {counted(summary.rejected_rows, 'row')} rejected")
    return "\n".join(lines)


def rejections(summary: BatchSummary) -> list[str]:
    """One line for each row, or for the file, that did not go in or does not add up, and why."""
    whole = "rejected, nothing was kept: " if summary.status == "rejected" else ""
    if whole and not summary.errors:
        return [f"{summary.file}: rejected, nothing was kept"]
    lines = [
        f"{summary.file}: {whole}{f'line {line}: ' if line else ''}{_rejected(summary, message)}{message}"
        for line, message in summary.errors[:_SHOWN_ERRORS]
    ]
    if len(summary.errors) > _SHOWN_ERRORS:
        lines.append(f"{summary.file}: and {len(summary.errors) - _SHOWN_ERRORS:,} more; --json lists all")
    return lines


def _rejected(summary: BatchSummary, message: str) -> str:
    from services.views import NOTHING_LEFT_OUT

    return "" if summary.status == "rejected" or message.startswith(NOTHING_LEFT_OUT) else "row rejected: "


@contextmanager
def _progress(path: Path, *, quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """On a terminal, how far a file that takes a while has been read."""
    size = path.stat().st_size if path.is_file() else 0
    if quiet or size < _LARGE or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TextColumn("{task.completed:,} claims read"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)  # how many there are is known only at the end
        yield lambda done: bar.update(task, completed=done)
