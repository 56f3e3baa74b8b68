"""The process's clockwork: APScheduler only says when. Job bodies query and enqueue; none of them calls Slack."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from bot.logs import get_logger, where
from bot.metrics import Metrics
from bot.rules_file import RulesFile
from denials.errors import DenialDeskError
from services import cleanup, delivery, digest, filing, proposals, retention, reviews, sweep
from services.chances import RENEWED_S
from services.desk import Desk
from services.inbox import Inbox
from services.report import post_due
from services.retention import Keep
from services.worklists import Worklists
from store.database import reason_of

log = get_logger(__name__)

_RULES_SECONDS = 5.0
_DIGEST_SECONDS = 2.0
_FOLDER_SECONDS = 5.0
_DAILY_SECONDS = 60.0  # how often a daily job looks whether its day has come
_CLEANUP_SECONDS = 3600.0


class Schedule:
    """Fixed jobs, each at most once at a time; one that fails is tried again at its next time."""

    def __init__(
        self,
        desk: Desk,
        rules: RulesFile,
        metrics: Metrics,
        *,
        sweep_seconds: float,
        inbox: Path | None = None,
        worklists: Path | None = None,
        keep: Keep | None = None,
    ) -> None:
        self._desk = desk
        self._rules = rules
        self._metrics = metrics
        self._failing: set[str] = set()
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._add("sweep", sweep_seconds, self._sweep)
        self._add("digest", min(_DIGEST_SECONDS, sweep_seconds), lambda: digest.compose_due(desk))
        self._add("rules", _RULES_SECONDS, self._reload_rules)
        daily = min(_DAILY_SECONDS, 10 * sweep_seconds)
        self._add("filing", daily, lambda: filing.look(desk))
        self._add("proposals", daily, lambda: proposals.propose_due(desk))
        self._add("report", daily, lambda: post_due(desk))
        self._add("reviews", daily, lambda: reviews.detect_due(desk))
        self._add("review reminders", daily, lambda: reviews.remind_due(desk))
        self._add("verdicts", daily, lambda: reviews.measure_due(desk))
        self._add("chances", RENEWED_S, desk.learn)
        self._add("cleanup", _CLEANUP_SECONDS, lambda: cleanup.tidy(desk))
        if keep is not None:
            self._add("retention", daily, lambda: self._purge(keep))
        if inbox is not None:
            self._add("inbox", min(_FOLDER_SECONDS, sweep_seconds), self._scanning(Inbox(desk, inbox)))
        if worklists is not None:
            self._add("worklists", _FOLDER_SECONDS, Worklists(desk, worklists).refresh)

    def start(self) -> None:
        """Begin; every job runs once right away."""
        self._scheduler.start()

    def stop(self) -> None:
        """Let running jobs end, start no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _add(self, name: str, seconds: float, body: Callable[[], object]) -> None:
        self._scheduler.add_job(
            self._run,
            "interval",
            seconds=seconds,
            args=(name, body),
            id=name,
            next_run_time=datetime.now(UTC),
        )

    def _run(self, name: str, body: Callable[[], object]) -> None:
        try:
            body()
        except Exception as failed:  # noqa: BLE001 - a job that fails runs again at its next time
            self._metrics.job_failures.labels(name).inc()
            if name not in self._failing:
                reason = str(failed) if isinstance(failed, DenialDeskError) else where(failed)
                if isinstance(failed, SQLAlchemyError):
                    reason = f"{reason_of(failed)} ({reason})"
                log.error("a job fails; it is tried again", job=name, reason=reason)
            self._failing.add(name)
        else:
            if name in self._failing:
                self._failing.discard(name)
                log.info("a job works again", job=name)

    def _scanning(self, inbox: Inbox) -> Callable[[], None]:
        def scan() -> None:
            for one in inbox.scan():
                self._metrics.took_in(one.status, one.rejected_rows)
                log.info(
                    "a batch was taken from the drop folder",
                    batch=one.batch,
                    outcome=one.status,
                    claims=one.claims,
                    denials=one.denials,
                    new=one.new,
                    rejected_rows=one.rejected_rows,
                )

        return scan

    def _sweep(self) -> None:
        started = time.perf_counter()
        pings = sweep.sweep(self._desk)
        self._metrics.swept(time.perf_counter() - started)
        if pings:
            log.info("escalation pings enqueued", pings=pings)

    def _purge(self, keep: Keep) -> None:
        gone = retention.purge_due(self._desk, keep)
        if gone is not None and (gone.items or gone.claims):
            log.info("what was resolved long ago is deleted; its counts stay", items=gone.items, claims=gone.claims)

    def _reload_rules(self) -> None:
        reload = self._rules.refresh()
        if reload.changed:
            log.info("the changed rules file is in force")
        elif reload.broken is not None:
            log.error("the changed rules file is not valid; the old rules stay in force")
            delivery.tell_ops_once(  # each replica finds it
                self._desk,
                f"rules {reload.content[:16]}",
                "The changed rules file is not valid, so the old rules stay in force."
                " Run `denials rules check` on the host to see every mistake.",
            )
