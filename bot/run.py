"""`denials run`: builds the process, runs it until it is told to end, and ends it gracefully."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType

from bot.logs import configure, get_logger
from bot.settings import Settings
from bot.version import __version__
from bot.wiring import build

log = get_logger(__name__)

_LOOK_S = 1.0
SWITCH_S = 0.001  # Python's usual 5 ms between threads add up for an acknowledgement, which needs several of them


def run(settings: Settings) -> None:
    """Run the bot against Slack until SIGINT or SIGTERM. Raises SettingsError or RulesError before anything starts."""
    configure(settings.log_format)
    sys.setswitchinterval(SWITCH_S)
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


class Stop:
    """What SIGINT and SIGTERM tell. A second signal ends the process at once."""

    def __init__(self) -> None:
        # A signal handler runs inside whatever the main thread is doing; an Event's lock could be held right then,
        # while this queue may be put to from a handler.
        self._told: SimpleQueue[int] = SimpleQueue()
        self._twice = False

    def wait(self) -> None:
        """Until a signal comes.

        One that comes while the main thread gives up the interpreter on its way into the wait does not interrupt the
        wait, and its handler runs only when the thread is back: so it comes back now and then.
        """
        while True:
            with suppress(Empty):
                self._told.get(timeout=_LOOK_S)
                return

    def tell(self, number: int, _frame: FrameType | None) -> None:
        """The signal handler."""
        if self._twice:
            raise SystemExit(128 + number)
        self._twice = True
        self._told.put(number)


@contextmanager
def stopping() -> Iterator[Stop]:
    """Catch SIGINT and SIGTERM while the block runs; for the main thread only."""
    stop = Stop()
    before = {number: signal.signal(number, stop.tell) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
