"""The one voice towards Slack: takes outbox rows, renders them as they are now, sends them at Slack's pace.

One process at a time has the lease to send. A thread decides what goes when; a few workers make the calls, never two at
once for one channel. A crash at any point leaves either a pending row (sent later) or one marked as being sent, which
whoever comes next treats as a post of unknown outcome.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from bot.clock_watch import ClockWatch
from bot.deliverer import Deliverer
from bot.gateway import Gateway
from bot.lease import LOOK_S, Lease, boot_time
from bot.logs import get_logger, where
from bot.metrics import Metrics
from bot.pace import Method, Pace
from bot.settler import Settler
from bot.workspace import Workspace
from services import delivery, health
from services.desk import Desk
from services.views import Send
from store.database import reason_of

log = get_logger(__name__)

CALLS_AT_ONCE = 6
_POLL_S = 0.5  # other processes (`denials ingest`) put rows into the outbox too
_TROUBLE_S = 2.0


@dataclass(frozen=True, slots=True)
class SenderState:
    """What /readyz says of the sender."""

    running: bool
    has_lease: bool


class Sender:
    """Runs from `start` to `stop`. Commits of this process wake it; other processes' rows are found by polling."""

    def __init__(
        self,
        desk: Desk,
        gateway: Gateway,
        workspace: Workspace,
        metrics: Metrics,
        *,
        holder: str,
        scale: float = 1.0,
        definitions_url: str | None = None,
    ) -> None:
        self._desk = desk
        self._gateway = gateway
        self._workspace = workspace
        self._scale = scale
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._pace = Pace(scale=scale)
        self._lease = Lease(desk, holder)
        self._deliverer = Deliverer(
            desk, gateway, self._pace, self._lease, workspace, metrics, self._stopping, scale, definitions_url
        )
        self._settler = Settler(desk, gateway, self._pace, workspace, metrics, self._stopping, scale)
        self._clock_watch = ClockWatch()
        self._in_charge = False
        self._running: set[Future[None]] = set()
        self._settling: Future[None] | None = None
        self._pool = ThreadPoolExecutor(CALLS_AT_ONCE + 1, thread_name_prefix="sender-call")
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    @property
    def state(self) -> SenderState:
        """Whether it runs and has the lease."""
        return SenderState(running=self._thread.is_alive(), has_lease=self._lease.holds())

    def watch_clock(self, watch: ClockWatch) -> None:
        """Notice by this one, before the start, that the host's clock is set."""
        self._clock_watch = watch

    def start(self) -> None:
        """Begin sending."""
        event.listen(self._desk.db.engine, "commit", self._on_commit)
        self._thread.start()

    def wake(self) -> None:
        """Look at the outbox at once."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the calls that are under way, take no more, give the lease back."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown(wait=True)
        if event.contains(self._desk.db.engine, "commit", self._on_commit):
            event.remove(self._desk.db.engine, "commit", self._on_commit)
        try:
            self._lease.release()
        except SQLAlchemyError as failed:
            log.warning("the lease cannot be given back; it runs out by itself", error=where(failed))

    def _on_commit(self, _connection: Any) -> None:
        if threading.current_thread() is not self._thread:
            self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                wait = self._tick()
            except SQLAlchemyError as failed:
                log.warning(
                    "the database does not answer; the sender waits", reason=reason_of(failed), error=where(failed)
                )
                wait = _TROUBLE_S
            except Exception as bug:  # noqa: BLE001 - the sender lives as long as the process
                log.error("the sender stumbled and goes on", error=where(bug))
                wait = _TROUBLE_S
            self._wake.wait(wait)

    def _tick(self) -> float:
        """Do what can be done now; seconds until there may be more."""
        self._running = {call for call in self._running if not call.done()}
        works = self._workspace.ensure()  # also where another process sends: its listeners need it
        if not self._lease.ensure():
            self._in_charge = False
            return LOOK_S
        if not self._in_charge and not self._take_charge():
            return _POLL_S
        if jumped := self._clock_watch.jumped():
            log.warning("this host's clock was set; what waited for its time goes now", seconds=round(jumped))
            delivery.forget_waits(self._desk)
        if not works:
            return min(LOOK_S, self._workspace.wait())
        doubt = self._settle()
        sent = self._fill()
        return self._pause(doubt, sent)

    def _take_charge(self) -> bool:
        """We have just got the lease: rows of a dead sender are settled, its calls of the last minute count."""
        if self._running or (self._settling and not self._settling.done()):
            return False  # our own calls from before we lost it end first
        held = delivery.take_over(self._desk)
        self._settler.forget()
        self._deliverer.forget()
        for op, channel, ago in health.recent_sends(self._desk, 60 / self._scale):
            method: Method = "post" if op == "post" else "update"
            self._pace.remember(method, self._gateway.known_as(channel), ago)
        self._in_charge = True
        log.info("sending", held_by_a_dead_sender=held)
        return True

    def _settle(self) -> float | None:
        """Have a due history read in the background; seconds until the next, None when nothing is in doubt."""
        if self._settling is not None and not self._settling.done():
            return _POLL_S
        due = self._settler.next_due()
        if due == 0:
            self._settling = self._pool.submit(self._settle_one)
        return due

    def _settle_one(self) -> None:
        try:
            self._settler.step()
        except SQLAlchemyError as failed:
            log.warning("the database does not answer; a doubt waits", error=where(failed))
        except Exception as bug:  # noqa: BLE001 - the next step may do better
            log.error("a post in doubt could not be settled yet", error=where(bug))

    def _fill(self) -> bool:
        """Hand rows to free workers; whether any was."""
        sent = False
        while len(self._running) < CALLS_AT_ONCE and not self._stopping.is_set():
            before = boot_time()
            taken = [*self._take_update(), *self._take_post()]
            for send in taken:
                self._hand_over(send, before)
            if not taken:
                break
            sent = True
        return sent

    def _take_update(self) -> list[Send]:
        if self._pace.wait("update", human=True) > 0:
            return []
        bulk = self._pace.wait("update") == 0
        return delivery.take(self._desk, self._lease.holder, allow_post=False, allow_bulk_update=bulk)

    def _take_post(self) -> list[Send]:
        if self._pace.wait("post") > 0:
            return []
        resting = {name for channel in self._pace.resting() for name in self._gateway.names_of(channel)}
        return delivery.take(self._desk, self._lease.holder, allow_update=False, skip_channels=resting)

    def _hand_over(self, send: Send, taken_at: float) -> None:
        method: Method = "post" if send.op == "post" else "update"
        ticket = self._pace.begin(method, self._gateway.known_as(send.channel))
        call = self._pool.submit(self._deliverer.deliver, send, ticket, taken_at)
        self._running.add(call)
        call.add_done_callback(lambda _: self._wake.set())

    def _pause(self, doubt: float | None, sent: bool) -> float:
        waits = [_POLL_S]
        if doubt:
            waits.append(doubt)
        change = self._pace.next_change()
        if change is not None:
            waits.append(change)
        return max(0.005, min(waits)) if sent or change or doubt else _POLL_S
