"""The one place that knows all parts: from settings to a process that is ready to start."""

from __future__ import annotations

import logging
import os
import socket
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult

from bot import definitions_page, reveal_page
from bot.desk import make_desk, open_database
from bot.gateway import Gateway, make_client
from bot.groups import GroupWatch
from bot.http import HttpServer, SlackEndpoint, web_app
from bot.link import SocketLink
from bot.logs import get_logger, where
from bot.made_database import bring_up_to_date
from bot.metrics import Metrics
from bot.readiness import Readiness, readiness
from bot.rules_file import RulesFile
from bot.run_lock import RunLock
from bot.schedule import Schedule
from bot.sender import Sender
from bot.settings import Settings
from bot.turns import Turns, take_turns
from bot.workspace import Workspace
from handlers.register import register
from services import retention
from services.desk import Clock, Desk
from services.leases import ONE_PROCESS
from store.database import Database
from store.migrate import require_current

log = get_logger(__name__)

LISTENERS = 256  # most of them wait for their turn; with Bolt's own 5 a slow listener starves acknowledgements
_LISTENER_TIMEOUT_S = 2  # of views.open and the like: a trigger id lives three seconds


@dataclass(slots=True)
class Parts:
    """A wired process, not started yet. `start` and `stop` keep the order in which parts need each other."""

    lock: RunLock
    database: Database
    desk: Desk
    rules: RulesFile
    app: App
    listeners: ThreadPoolExecutor
    workspace: Workspace
    sender: Sender
    schedule: Schedule
    metrics: Metrics
    http: HttpServer
    endpoint: SlackEndpoint | None
    link: SocketLink | None
    groups: GroupWatch

    def start(self) -> None:
        """Bring everything up; nothing in here waits for Slack."""
        self.http.start()
        self.sender.start()
        self.schedule.start()
        self.groups.start()
        if self.link is not None:
            self.link.start()

    def stop(self) -> None:
        """Take no more, finish what is held, close."""
        if self.link is not None:
            self.link.stop()
        self.schedule.stop()
        self.groups.stop()
        self.http.stop()
        if self.endpoint is not None:
            self.endpoint.close()
        self.listeners.shutdown(wait=True)
        self.sender.stop()
        self.database.dispose()
        self.lock.release()

    def ready(self) -> Readiness:
        """What /readyz answers."""
        link = self.link
        return readiness(self.desk, self.workspace, self.sender, (lambda: link.connected) if link else None)


def build(settings: Settings, clock: Clock | None = None) -> Parts:
    """Wire the process. Raises SettingsError or RulesError with what to mend.

    Takes the run lock and migrates an SQLite database; a PostgreSQL database must be migrated already.
    """
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    rules = RulesFile(settings.rules)
    database = open_database(settings)
    lock = RunLock(database)
    lock.take()
    try:
        if database.is_sqlite:
            bring_up_to_date(database)
        require_current(database)
        desk = make_desk(settings, database, rules, clock)
        metrics = Metrics(desk)
        gateway = Gateway(make_client(token, settings.slack_api_url))
        workspace = Workspace(desk, gateway, token, settings.pace_scale)
        sender = Sender(
            desk,
            gateway,
            workspace,
            metrics,
            holder=_holder(database),
            scale=settings.pace_scale,
            definitions_url=settings.definitions_page,
        )
        listeners = ThreadPoolExecutor(LISTENERS, thread_name_prefix="listener")
        turns = Turns()
        app = _bolt(settings, workspace, listeners)
        take_turns(app, turns)
        register(app, desk, reveal_url=settings.reveal_url)
        endpoint, link = _ways_in(settings, app, workspace, metrics, turns)
        schedule = _schedule(settings, desk, rules, metrics)
        connected = (lambda: link.connected) if link is not None else None
        ready = partial(readiness, desk, workspace, sender, connected)
        metrics.watch(lambda: ready().ready, lambda: sender.state.has_lease)
        more = [*definitions_page.routes(), *(reveal_page.routes(desk) if settings.reveal_url else ())]
        http = HttpServer(web_app(metrics, ready, endpoint, more), settings.http_host, settings.http_port)
    except BaseException:
        database.dispose()
        lock.release()
        raise
    return Parts(
        lock,
        database,
        desk,
        rules,
        app,
        listeners,
        workspace,
        sender,
        schedule,
        metrics,
        http,
        endpoint,
        link,
        GroupWatch(desk, gateway, workspace, settings.pace_scale),
    )


def _ways_in(
    settings: Settings, app: App, workspace: Workspace, metrics: Metrics, turns: Turns
) -> tuple[SlackEndpoint | None, SocketLink | None]:
    """How Slack's requests reach the bot: at most one of the two."""
    if settings.mode == "socket" and settings.app_token is not None:
        app_token = settings.app_token.get_secret_value()
        return None, SocketLink(app, app_token, settings.slack_api_url, workspace, metrics, turns)
    if settings.signing_secret is not None:
        return SlackEndpoint(app, settings.signing_secret.get_secret_value(), metrics, turns), None
    return None, None


def _schedule(settings: Settings, desk: Desk, rules: RulesFile, metrics: Metrics) -> Schedule:
    return Schedule(
        desk,
        rules,
        metrics,
        sweep_seconds=settings.sweep_seconds,
        inbox=settings.inbox,
        worklists=settings.worklists,
        keep=retention.parse(settings.keep_resolved) if settings.keep_resolved else None,
    )


def _bolt(settings: Settings, workspace: Workspace, listeners: ThreadPoolExecutor) -> App:
    secret = settings.signing_secret.get_secret_value() if settings.signing_secret else ""

    def authorize() -> AuthorizeResult | None:
        return workspace.authorize()

    bolt_log = logging.getLogger("bot.bolt")
    bolt_log.setLevel(logging.ERROR)  # it warns of tokens in the environment, which our authorize stands in for
    app = App(
        logger=bolt_log,
        client=make_client("", settings.slack_api_url, _LISTENER_TIMEOUT_S),
        authorize=authorize,  # type: ignore[arg-type]  # None is Bolt's documented way to refuse a request
        signing_secret=secret,
        request_verification_enabled=bool(secret),
        process_before_response=False,
        listener_executor=listeners,
    )

    @app.error
    def _failed(error: Exception) -> None:
        log.error("a listener failed", error=where(error))

    return app


def _holder(database: Database) -> str:
    """Who holds the sender's lease. On SQLite the run lock proves that a former holder is dead, so the name stays."""
    if database.is_sqlite:
        return ONE_PROCESS
    return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
