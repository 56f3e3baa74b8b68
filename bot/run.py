"""`denials run`: builds the process, runs it until it is told to end, and ends it gracefully."""

from __future__ import annotations

import signal
import threading
from types import FrameType

from bot import __version__
from bot.logs import configure, get_logger
from bot.settings import Settings
from bot.wiring import build

log = get_logger(__name__)


def run(settings: Settings) -> None:
    """Run the bot against Slack until SIGINT or SIGTERM. Raises SettingsError or RulesError before anything starts."""
    configure(settings.log_format)
    parts = build(settings)
    with stopping() as stop:
        parts.start()
        log.info(
            "running",
            version=__version__,
            mode=settings.mode,
            database="sqlite" if parts.database.is_sqlite else "postgresql",
            address=parts.http.address,
        )
        stop.wait()
        log.info("stopping; what is under way is finished")
        parts.stop()
    log.info("stopped")


class stopping:  # noqa: N801 - reads like a function where it is used
    """An event that SIGINT and SIGTERM set; a second signal ends the process at once."""

    def __enter__(self) -> threading.Event:
        self._event = threading.Event()
        self._before = {number: signal.signal(number, self._told) for number in (signal.SIGINT, signal.SIGTERM)}
        return self._event

    def __exit__(self, *_error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _told(self, number: int, _frame: FrameType | None) -> None:
        if self._event.is_set():
            raise SystemExit(128 + number)
        self._event.set()
