"""`denials manifest` and `doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.output import json_line
from denials.errors import SettingsError


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("manifest", epilog="\b\nExample:\n  denials manifest > manifest.json\n")(manifest)
    app.command("doctor", epilog="\b\nExamples:\n  denials doctor\n  denials doctor --json\n")(doctor)


def manifest(
    request_url: Annotated[
        str | None,
        typer.Option(
            "--request-url", metavar="URL", help="Your https://…/slack/events, for HTTP instead of Socket Mode."
        ),
    ] = None,
) -> None:
    """Print the Slack app manifest for this version, as JSON."""
    import json
    from urllib.parse import urlsplit

    from bot.manifest import app_manifest

    if request_url is not None and not (request_url.startswith("https://") and urlsplit(request_url).hostname):
        raise SettingsError(
            "--request-url must be an https:// address that Slack can reach, such as"
            " https://denials.example.org/slack/events"
        )
    typer.echo(json.dumps(app_manifest(request_url), indent=2))


def doctor(as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False) -> int:
    """Check settings, tokens, scopes, channels, rules, database and clock, each with the mend.

    Exit status 1 when something must be mended.
    """
    from bot.doctor import examine

    findings = examine()
    if as_json:
        json_line(
            {"ok": all(one.level != "error" for one in findings), "findings": [one.as_json() for one in findings]}
        )
    else:
        marks = {"ok": "ok     ", "warning": "look   ", "error": "MEND   "}
        for one in findings:
            typer.echo(f"{marks[one.level]} {one.topic}: {one.message}" + (f" → {one.mend}" if one.mend else ""))
    return 1 if any(one.level == "error" for one in findings) else 0
