"""`denials run` and `denials sandbox`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from denials.errors import SettingsError

if TYPE_CHECKING:
    from bot.settings import Settings

_RUN_EXAMPLES = """\b
Examples:
  denials run --sandbox                    a workspace of its own in the browser, no Slack needed
  SLACK_BOT_TOKEN=xoxb-… SLACK_APP_TOKEN=xapp-… denials run
"""


_SANDBOX_EXAMPLES = """\b
Examples:
  DENIALS_SANDBOX_PORT=3400 denials sandbox
  denials sandbox --events-url http://127.0.0.1:3000/slack/events     an app that is called over HTTP
"""


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("run", epilog=_RUN_EXAMPLES)(run)
    app.command("sandbox", epilog=_SANDBOX_EXAMPLES)(sandbox)


def run(
    sandbox: Annotated[
        bool,
        typer.Option("--sandbox", help="Run in the built-in workspace, with a database of its own and sample batches."),
    ] = False,
) -> None:
    """Run the bot until it is stopped.

    Uses Socket Mode if SLACK_APP_TOKEN is set, else HTTP if SLACK_SIGNING_SECRET is set.
    """
    from bot.settings import load_settings

    settings = load_settings()
    if sandbox:
        _require_sandbox()
        from bot.sandbox_run import run_in_sandbox

        run_in_sandbox(settings)
    else:
        _require(settings)  # says what is missing before anything heavy is loaded
        from bot.run import run as run_bot

        run_bot(settings)


def _require(settings: Settings) -> None:
    """Everything that is missing, in one line. Raises SettingsError."""
    try:
        _ = settings.mode
    except SettingsError as missing:
        if settings.rules.exists():
            raise
        raise SettingsError(
            f"{missing}; there is no rules file {settings.rules} either: copy the shipped rules.yaml there"
        ) from missing


def sandbox(
    events_url: Annotated[
        str | None,
        typer.Option("--events-url", metavar="URL", help="Call the app over HTTP there instead of Socket Mode."),
    ] = None,
) -> None:
    """Run the sandbox workspace alone, for an app that you start yourself.

    Prints the address of its page and the variables an app needs to connect to it.
    """
    if events_url is not None and not re.match(r"https?://[^/\s]", events_url):
        raise SettingsError("--events-url must be the app's address, such as http://127.0.0.1:3000/slack/events")
    _require_sandbox()
    from bot.sandbox_run import run_workspace_alone
    from bot.settings import load_settings

    run_workspace_alone(load_settings(), events_url)


def _require_sandbox() -> None:
    """The workspace's server needs a library that a production installation leaves out."""
    from importlib.util import find_spec

    if find_spec("websockets") is None:
        raise SettingsError("the sandbox is not installed here: pip install 'denial-desk[sandbox]'")
