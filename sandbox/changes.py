"""A version number that grows with each change of the workspace, and a way to wait for the next one."""

from __future__ import annotations

import asyncio
import threading


class Changes:
    """Thread-safe; `wait` is for the server's event loop."""

    def __init__(self) -> None:
        self.version = 1
        self._lock = threading.Lock()
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def bump(self) -> None:
        """Count one change and wake whoever waits."""
        with self._lock:
            self.version += 1
            waiting = list(self._waiting.items())
        for event, loop in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    async def wait(self, after: int, seconds: float) -> int:
        """The version once it is greater than ``after``, or as it is when the time is up."""
        event = asyncio.Event()
        with self._lock:
            self._waiting[event] = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds):
                while self.version <= after:
                    await event.wait()
                    event.clear()
        except TimeoutError:
            pass
        finally:
            with self._lock:
                del self._waiting[event]
        return self.version
