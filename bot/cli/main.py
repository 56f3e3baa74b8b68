"""The whole command line, and the one place where errors become a line on stderr and an exit status.

Exit status: 0 done, 1 the work failed or some input was rejected, 2 the call itself was wrong.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException
from typer.main import get_command

from bot.cli import admin, batches, database, keys, lookups, notes, numbers, outbox, process, purge, report, rules
from denials.errors import DenialDeskError, SettingsError

DONE, FAILED, WRONG_CALL = 0, 1, 2

_START = """\b
Start here:
  denials run --sandbox        try it without Slack
  denials doctor               check an installation
"""

app = typer.Typer(
    name="denials",
    help="Denial Desk: insurance claim denials as owned work in Slack. Patient data stays on this host.",
    epilog=_START,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)
for part in (process, batches, rules, numbers, lookups, report, notes, admin, outbox, database, keys, purge):
    part.add_to(app)


@app.callback(invoke_without_command=True)
def _top(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.", is_eager=True)] = False,
) -> None:
    if version:
        from bot.version import __version__

        typer.echo(f"denials {__version__}")
        raise typer.Exit


def invoke(arguments: Sequence[str]) -> int:
    """Run one command line; the exit status. Whatever fails is told in one line on stderr."""
    try:
        status = app(args=list(arguments), prog_name="denials", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else DONE
    except TyperException as wrong:
        return _usage(wrong, arguments)
    except SettingsError as wrong:
        return _say(str(wrong), WRONG_CALL)
    except DenialDeskError as failed:
        return _say(str(failed), FAILED)
    except (Abort, KeyboardInterrupt):
        return _say("stopped", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what reads us has gone; end quietly
        return FAILED
    except Exception as failed:  # noqa: BLE001 - never a traceback: its texts may quote patient data
        return _say(_unexpected(failed), FAILED)


def _usage(wrong: TyperException, arguments: Sequence[str]) -> int:
    if type(wrong).__name__ == "NoArgsIsHelpError":
        typer.echo(wrong.format_message(), err=True)
        return WRONG_CALL
    context = getattr(wrong, "ctx", None)
    path = context.command_path if context is not None else _called(arguments)
    message = wrong.format_message().replace("Value error, ", "").rstrip(".")
    return _say(f"{message} (see `{path} --help`)", wrong.exit_code)


def _called(arguments: Sequence[str]) -> str:
    """The command that was called, where the error does not tell."""
    command, path = get_command(app), "denials"
    for word in arguments:
        inner = getattr(command, "commands", {}).get(word)
        if inner is None:
            break
        command, path = inner, f"{path} {word}"
    return path


def _unexpected(failed: Exception) -> str:
    from sqlalchemy.exc import SQLAlchemyError

    if isinstance(failed, SQLAlchemyError):
        from bot.cli.database_errors import line_for

        return line_for(failed)
    if isinstance(failed, OSError) and failed.strerror:
        return f"the system says: {failed.strerror.lower()}; check that the disk has room and this user may write there"
    from bot.logs import where

    return f"something went wrong inside Denial Desk ({where(failed)}); please report this line"


def _say(message: str, status: int) -> int:
    typer.echo(f"denials: {' '.join(message.split())}", err=True)
    return status
