"""The two times of the sandbox: the workspace's movable clock and the real one that cannot be moved."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sandbox.errors import PageRefusal

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(-?\d+(?:\.\d+)?)\s*([smhd])?")


def parse_duration(value: str | float) -> float:
    """Seconds in ``"90"``, ``"4h"``, ``"2d"`` or a number; anything else is a `PageRefusal`."""
    match = _DURATION.fullmatch(str(value).strip())
    if match is None:
        raise PageRefusal("advance must be seconds or a number with s, m, h or d, such as 4h")
    return float(match.group(1)) * _UNITS[match.group(2) or "s"]


class WorkspaceClock:
    """Workspace time is real time plus an offset in seconds; message times follow it.

    Trigger ids, response URLs and rate limits use `monotonic`, which never moves with the offset.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        offset: float = 0.0,
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._moved: Callable[[float], None] | None = None
        self.offset = offset

    def real(self) -> float:
        """Real seconds since the epoch; request signatures use it."""
        return self._wall()

    def now(self) -> float:
        """Workspace seconds since the epoch."""
        return self._wall() + self.offset

    def monotonic(self) -> float:
        """Seconds of a real clock that only ever goes forward."""
        return self._monotonic()

    def iso(self) -> str:
        """Workspace time, UTC, ISO 8601."""
        return datetime.fromtimestamp(self.now(), UTC).isoformat(timespec="seconds")

    def when_moved(self, tell: Callable[[float], None]) -> None:
        """Have ``tell`` called with the new offset after each move."""
        self._moved = tell

    def advance(self, seconds: float) -> None:
        """Move workspace time by ``seconds`` (may be negative)."""
        self._move(self.offset + seconds)

    def move_to(self, iso: str) -> None:
        """Set workspace time to an ISO 8601 moment; without a zone it is UTC."""
        try:
            moment = datetime.fromisoformat(iso)
        except ValueError:
            raise PageRefusal("to must be an ISO 8601 time such as 2026-11-24T09:00:00Z") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        self._move(moment.timestamp() - self._wall())

    def reset(self) -> None:
        """Return to real time."""
        self._move(0.0)

    def _move(self, offset: float) -> None:
        self.offset = offset
        if self._moved is not None:
            self._moved(offset)
