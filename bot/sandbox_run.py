"""`denials run --sandbox`: the bot in the built-in workspace, with a database of its own and sample batches.

The bot talks to the workspace by real Socket Mode, at the paces of the real Slack. Only its clock differs: it follows
the workspace's, which can be moved forward in the page.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer
from pydantic import SecretStr

from bot.logs import configure, get_logger
from bot.made_database import USUAL_FOLDER, provide_folder
from bot.manifest import app_manifest
from bot.rules_file import RulesFile
from bot.run import stopping
from bot.sandbox_seed import seed_for
from bot.settings import Settings
from bot.wiring import Parts, build
from denials.errors import SettingsError
from denials.rules.model import RuleSet
from sandbox.app import app_of_manifest
from sandbox.clock import WorkspaceClock
from sandbox.errors import SandboxError
from sandbox.samples import write_samples
from sandbox.server import Sandbox
from services.desk import Clock, Desk
from services.ingest import ingest_file

log = get_logger(__name__)

DATA = USUAL_FOLDER
_SWEEP_S = 1.0  # workspace time may jump
_CONNECT_S = 15.0
_WRITTEN = ".written"


class SandboxClock:
    """Workspace time as the desk's clock."""

    def __init__(self, clock: WorkspaceClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """The present in the workspace, UTC."""
        return datetime.fromtimestamp(self._clock.now(), UTC)


class Earlier:
    """Another clock, so much behind."""

    def __init__(self, clock: Clock, behind: timedelta) -> None:
        self._clock = clock
        self._behind = behind

    def now(self) -> datetime:
        """The present of that clock, less the difference."""
        return self._clock.now() - self._behind


def run_in_sandbox(settings: Settings) -> None:
    """Run until SIGINT or SIGTERM. Raises SettingsError or RulesError before anything starts."""
    configure(settings.log_format, quiet=True)
    rules = RulesFile(settings.rules).current()
    with stopping() as stop:
        workspace = _started(settings, rules)
        try:
            parts = build(for_sandbox(settings, workspace), SandboxClock(workspace.clock))
            try:
                ingest_samples(parts.desk)
                parts.start()
                _wait_for_connection(parts)
                _say_where(workspace)
                stop.wait()
            finally:
                parts.stop()
        finally:
            workspace.stop()


def run_workspace_alone(settings: Settings, events_url: str | None = None) -> None:
    """The workspace without the bot, until SIGINT or SIGTERM. With `events_url` it calls an app over HTTP there."""
    configure(settings.log_format, quiet=True)
    rules = RulesFile(settings.rules).current() if settings.rules.exists() else None
    with stopping() as stop:
        workspace = _started(settings, rules, events_url)
        typer.echo("\n".join(how_to_connect(workspace, events_url)))
        stop.wait()
        workspace.stop()


def how_to_connect(workspace: Sandbox, events_url: str | None) -> list[str]:
    """What `denials sandbox` prints: the page, and the variables of an app in Socket Mode or over HTTP."""
    common = [f"  SLACK_API_URL={workspace.api_url}", f"  SLACK_BOT_TOKEN={workspace.bot_token}"]
    socket_mode, over_http = (
        f"  SLACK_APP_TOKEN={workspace.app_token}",
        f"  SLACK_SIGNING_SECRET={workspace.signing_secret}",
    )
    lines = [f"The sandbox workspace is at {workspace.url}", ""]
    if events_url:
        lines += [f"It calls the app over HTTP at {events_url}. The app needs, and no SLACK_APP_TOKEN,", ""]
        lines += [*common, over_http]
    else:
        lines += ["An app connects to it by Socket Mode with", "", *common, socket_mode, ""]
        lines += ["An app that is called over HTTP needs this in the place of SLACK_APP_TOKEN", "", over_http, ""]
        lines += ["and the workspace started with --events-url http://127.0.0.1:3000/slack/events."]
    return [*lines, "", "Press Ctrl-C to end it."]


def _started(settings: Settings, rules: RuleSet | None, events_url: str | None = None) -> Sandbox:
    _reach_loopback_directly()
    provide_folder(DATA)
    state = DATA / "sandbox-workspace.db"
    try:
        workspace = Sandbox(
            seed_for(rules),
            app=app_of_manifest(app_manifest(events_url)),
            state=state,
            port=settings.sandbox_port,
            events_url=events_url,
        )
        state.chmod(0o600)
    except (OSError, sqlite3.DatabaseError) as wrong:
        raise SettingsError(_state_problem(state, wrong)) from wrong
    try:
        workspace.start()
    except SandboxError as taken:
        raise SettingsError(
            f"the sandbox's port {settings.sandbox_port} is in use: open http://127.0.0.1:{settings.sandbox_port} if it"
            " is running already, or set DENIALS_SANDBOX_PORT to another port"
        ) from taken
    return workspace


def _state_problem(state: Path, wrong: OSError | sqlite3.DatabaseError) -> str:
    folder = state.parent.absolute()
    if "not a database" in str(wrong) or "malformed" in str(wrong):
        return f"{state.name} in {folder} is damaged: remove it, and the sandbox starts afresh"
    return (
        f"the sandbox keeps its workspace in the folder {folder}, which cannot be written to: let this user write to it"
        " and its files, or start in another folder"
    )


def for_sandbox(settings: Settings, workspace: Sandbox) -> Settings:
    """The settings with everything that must not touch a real installation replaced."""
    port = _free_port(settings.http_host, settings.http_port)
    return settings.model_copy(
        update={
            "bot_token": SecretStr(workspace.bot_token),
            "app_token": SecretStr(workspace.app_token),
            "signing_secret": None,
            "slack_api_url": workspace.api_url,
            "database_url": f"sqlite:///{DATA}/sandbox.db",
            "data_key": None,
            "data_key_file": None,
            "inbox": None,
            "worklists": None,
            "sweep_seconds": _SWEEP_S,
            "http_port": port,
            "reveal_url": settings.reveal_url or f"http://127.0.0.1:{port}",
        }
    )


def ingest_samples(desk: Desk) -> None:
    """The sample batches, written at the first start and known by their hash from then on. The past comes first."""
    folder = DATA / "sandbox-batches"
    if not (folder / _WRITTEN).exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_samples(folder, desk.today())
        (folder / _WRITTEN).touch()
    # As if they had come a moment ago: what gathers for a digest need not be waited for.
    earlier = replace(desk, clock=Earlier(desk.clock, desk.rules.digest.gather))
    for history in (True, False):
        for path in sorted((folder / "history" if history else folder).glob("*.*")):
            if path.is_file() and not path.name.startswith("."):
                summary = ingest_file(earlier, path, history=history)
                log.info("a sample batch", status=summary.status, new=summary.new, history=history)


def _wait_for_connection(parts: Parts) -> None:
    deadline = time.monotonic() + _CONNECT_S
    while not parts.ready().ready and time.monotonic() < deadline:
        time.sleep(0.05)


def _say_where(workspace: Sandbox) -> None:
    typer.echo(
        f"\n  Denial Desk runs in its sandbox workspace. Open\n\n      {workspace.url}\n\n"
        "  Nothing of it leaves this machine. The sample batches are being posted at Slack's pace.\n"
        "  Press Ctrl-C to end it; what happened is kept in data/.\n"
    )


def _free_port(host: str, port: int) -> int:
    """The port for health, metrics and the page of claim numbers, or any free one: a trial must not fail over it."""
    for wanted in (port, 0):
        with socket.socket() as probe:
            try:
                probe.bind((host, wanted))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return port


def _reach_loopback_directly() -> None:
    """A proxy in the environment must not stand between the bot and a workspace on this machine."""
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost"]))
