"""Getting payloads to the app: one attempt for a person's deed, up to four for an event."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.core import Core


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt. ``failure`` is "" if it was acknowledged, with ``body`` as the app's answer."""

    failure: str = ""  # "timeout", "not_connected", "http_error"
    body: Any = None
    again: bool = True  # the app did not ask for an end of retries

    @property
    def acknowledged(self) -> bool:
        """Whether the app has acknowledged in time."""
        return not self.failure


@dataclass(frozen=True, slots=True)
class Parcel:
    """One payload on its way. ``kind``: interactive, slash_commands or events_api."""

    kind: str
    payload: dict[str, Any]
    accepts_answer: bool = False
    attempt: int = 0
    reason: str = ""


class Carrier(Protocol):
    """Socket Mode or HTTP."""

    async def offer(self, parcel: Parcel) -> Outcome:
        """Hand a payload to the app once and wait for its acknowledgement."""


class Delivery:
    """Sends people's deeds once and events until acknowledged. Belongs to the server's event loop."""

    def __init__(self, core: Core, carrier: Carrier) -> None:
        self._core = core
        self._carrier = carrier
        self._tasks: set[asyncio.Task[None]] = set()

    async def deed(self, kind: str, payload: dict[str, Any], *, accepts_answer: bool = False) -> Outcome:
        """Deliver a click, a submission or a command. It is never repeated."""
        return await self._carrier.offer(Parcel(kind, payload, accepts_answer))

    def event(self, name: str, payload: dict[str, Any]) -> None:
        """Deliver an event in the background, if the app has subscribed to it."""
        if name in self._core.app.events:
            task = asyncio.get_running_loop().create_task(self._deliver(payload))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Give up what is still waiting."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _deliver(self, payload: dict[str, Any]) -> None:
        reason = ""
        for attempt, wait in enumerate((0.0, *self._core.limits.redeliver)):
            await asyncio.sleep(wait)
            outcome = await self._carrier.offer(Parcel("events_api", payload, attempt=attempt, reason=reason))
            if outcome.acknowledged or not outcome.again:
                return
            reason = outcome.failure
