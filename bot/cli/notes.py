"""`denials note`: what does not belong into Slack, kept with the denial on this host."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bot.cli.numbers import whoami
from denials.errors import SettingsError

_EXAMPLES = """\b
Examples:
  denials note DN-7KQ2M4XP                   the note from standard input, unseen by the process list
  denials note DN-7KQ2M4XP "called, waiting"
  denials note DN-7KQ2M4XP --show            every note of it
  denials note PR-7KQ2M4 --show              what people wrote about a prevention review
"""
_MOST_READ = 100_000  # characters; far more than a note may have


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("note", epilog=_EXAMPLES)(note)


def note(
    ref: Annotated[str, typer.Argument(metavar="DN-XXXXXXXX", help="The reference, as cards show it.")],
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="The note; without it, or with -, it is read.")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Show the notes there are. Who looked is logged.")] = False,
) -> None:
    """Keep a note with a denial, or show its notes. They are sealed, stay on this host and never reach Slack."""
    from bot.desk import opened_desk
    from bot.settings import load_settings
    from services import notes

    if show and text is not None:
        raise SettingsError("give a note or --show, and not both")
    if ref.strip().upper().startswith("PR-"):
        _show_review(ref, show)
        return
    settings = load_settings()
    written = "" if show else _read() if text in (None, "-") else text or ""
    with opened_desk(settings) as desk:
        if not show:
            notes.free_note(desk, ref, whoami(), written)
            return
        found = notes.notes_of(desk, ref, whoami())
        zone = desk.rules.timezone
    for one in found:
        typer.echo(f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}  {one.who}\n{_indented(one.text)}")
    if not found:
        typer.echo("denials: no note is kept with this denial", err=True)


def _show_review(ref: str, show: bool) -> None:
    """What people typed about a prevention review; it is written in Slack and only read here."""
    from bot.desk import opened_desk
    from bot.settings import load_settings
    from services import reviews
    from services.notes import NoteError

    if not show:
        raise SettingsError("what is written about a prevention review is written in Slack; --show reads it here")
    with opened_desk(load_settings()) as desk:
        found = reviews.words_of(desk, ref, whoami())
        zone = desk.rules.timezone
    if found is None:
        raise NoteError("no prevention review is known by that reference: it is PR- and six letters or digits")
    for one in found:
        typer.echo(f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}  {one.who}")
        for name, text in (("Cause", one.cause), ("Action", one.action), ("Note", one.note)):
            if text:
                typer.echo(_indented(f"{name}: {text}"))
    if not found:
        typer.echo("denials: nothing is written about this review", err=True)


def _read() -> str:
    if sys.stdin.isatty():
        typer.echo("Write the note and end it with Ctrl-D on a line of its own:", err=True)
    return sys.stdin.read(_MOST_READ)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
