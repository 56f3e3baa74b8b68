"""One outbox row on its way: rendered as it is now, sent, and its outcome written down."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from bot.gateway import Answer, Failure, Gateway, Posted, RateLimited, Refused, Unknown, Unreachable
from bot.homes import Home, home_of
from bot.lease import Lease, boot_time
from bot.logs import get_logger, where
from bot.metrics import Metrics
from bot.pace import Pace, Ticket
from bot.refusals import Refusals
from bot.workspace import Workspace
from handlers.render import Rendered, plain, render
from services import delivery
from services.desk import Desk
from services.views import Send
from store.database import reason_of

log = get_logger(__name__)

FRESH_S = 10.0  # a row taken longer ago is taken anew: what is ambiguous is measured from the taking
MOST_REFUSALS = 6  # of one kind for one row; as many again whenever the administrator has it retried
_LONGEST_DELAY_S = 60.0
_SAVE_RETRY_S = 0.5
_LONGEST_SAVE_RETRY_S = 5.0


class Deliverer:
    """Sends single rows; the sender decides which and when. Safe to use from several threads."""

    def __init__(
        self,
        desk: Desk,
        gateway: Gateway,
        pace: Pace,
        lease: Lease,
        workspace: Workspace,
        metrics: Metrics,
        stopping: threading.Event,
        scale: float = 1.0,
        definitions_url: str | None = None,
    ) -> None:
        self._desk = desk
        self._gateway = gateway
        self._pace = pace
        self._lease = lease
        self._workspace = workspace
        self._metrics = metrics
        self._stopping = stopping
        self._scale = scale
        self._definitions_url = definitions_url
        self._trouble = 0  # calls without an answer in a row
        self._refusals = Refusals()

    def forget(self) -> None:
        """Start anew, after another process had the lease."""
        self._refusals.forget()

    def deliver(self, send: Send, ticket: Ticket, taken_at: float) -> None:
        """Send one row that was taken at `taken_at` (seconds since boot).

        Never raises; what cannot be written down now is tried until it can or we stop.
        """
        try:
            self._deliver(send, ticket, taken_at)
        except Exception as bug:  # noqa: BLE001 - a row left marked as being sent would block its channel
            log.error("a message stumbled", outbox_id=send.outbox_id, error=where(bug))
            doubt = delivery.ambiguous if send.op == "post" else _later
            self._save(lambda: doubt(self._desk, send, "the sender stumbled"))

    def _deliver(self, send: Send, ticket: Ticket, taken_at: float) -> None:
        try:
            rendered, is_plain = self._rendered(send)
        except SQLAlchemyError as failed:
            self._pace.cancel(ticket)
            log.warning("the database does not answer; a message waits", error=where(failed))
            self._save(lambda: delivery.retry(self._desk, send, self._delay(send.attempts), "database did not answer"))
            return
        except Exception as bug:  # noqa: BLE001 - one message that cannot be drawn must not stop the others
            self._pace.cancel(ticket)
            log.error("a message cannot be drawn", outbox_id=send.outbox_id, error=where(bug))
            self._end(send, lambda: delivery.park(self._desk, send, "it cannot be drawn; please report this"))
            return
        if rendered is None:
            self._pace.cancel(ticket)
            self._end(send, lambda: delivery.drop(self._desk, send))
            return
        if not self._lease.holds() or boot_time() - taken_at >= FRESH_S:
            self._pace.cancel(ticket)
            self._save(lambda: delivery.retry(self._desk, send, 0, "taken too long ago"))
            return
        rested = send.op == "post" and self._pace.rested(ticket.channel)
        try:
            result = self._call(send, rendered)
        finally:
            self._pace.end(ticket)  # a channel with a call that never ends would rest for good
        self._metrics.sends.labels(send.op, _outcome(result)).inc()
        if isinstance(result, Refused):
            log.warning("Slack refused", method=send.op, channel=send.channel, reason=result.error)
            self._refused(send, result.error, is_plain=is_plain)
        else:
            self._after(send, ticket, result, rested=rested)

    def _rendered(self, send: Send) -> tuple[Rendered | None, bool]:
        """What the message shows now, and whether it goes as text only."""
        content = delivery.content(self._desk, send)
        if content is None:
            return None, False
        is_plain = delivery.is_plain(self._desk, send)
        if is_plain:
            return plain(content, self._desk.rules), True
        identity = self._workspace.identity
        address = identity.url if identity else "https://slack.com/"
        rules, definitions = self._desk.rules, self._definitions_url
        return render(content, rules, workspace_url=address, definitions_url=definitions), False

    def _call(self, send: Send, rendered: Rendered) -> Posted | Answer | Failure:
        if send.op == "post":
            return self._gateway.post(send.channel, rendered.text, rendered.blocks, send.outbox_id)
        return self._gateway.update(send.channel, send.ts or "", rendered.text, rendered.blocks)

    def _after(
        self, send: Send, ticket: Ticket, result: Posted | Answer | RateLimited | Unknown | Unreachable, *, rested: bool
    ) -> None:
        self._trouble = self._trouble + 1 if isinstance(result, Unknown | Unreachable) else 0
        match result:
            case Posted(channel, ts):
                self._end(send, lambda: delivery.posted(self._desk, send, channel, ts))
                log.info("posted", outbox_id=send.outbox_id, channel=channel, ts=ts)
            case Answer():
                self._end(send, lambda: delivery.updated(self._desk, send))
            case RateLimited(seconds):
                # A channel that had its rest was refused for the workspace's pace, so the whole method waits.
                self._pace.hold(ticket.method, seconds, None if rested else ticket.channel)
                log.warning("Slack asked us to wait", method=send.op, channel=send.channel, seconds=seconds)
                self._save(lambda: delivery.retry(self._desk, send, seconds, "rate limited"))
            case Unknown(reason) if send.op == "post":
                self._pace.hold("post", self._trouble_delay())
                log.warning("a post's outcome is unknown", outbox_id=send.outbox_id, reason=reason)
                self._save(lambda: delivery.ambiguous(self._desk, send, reason))
            case Unknown(reason) | Unreachable(reason):
                self._pace.hold(ticket.method, self._trouble_delay())
                log.warning("Slack did not answer; trying again", method=send.op, reason=reason)
                self._save(lambda: delivery.retry(self._desk, send, self._delay(send.attempts), reason))

    def _refused(self, send: Send, error: str, *, is_plain: bool) -> None:
        self._trouble = 0
        home = home_of(error)
        refusals = self._refusals.one_more(send.outbox_id, home)
        if home is Home.STOP:
            self._workspace.refuse(error)
            self._save(lambda: delivery.retry(self._desk, send, 0, error))
        elif home is Home.JOIN and refusals < MOST_REFUSALS:
            self._join(send, error)
        elif home in (Home.JOIN, Home.MOVE):
            self._end(send, lambda: delivery.reroute(self._desk, send, error))
        elif home is Home.REPLACE and send.op == "update":
            self._end(send, lambda: delivery.replace(self._desk, send))
        elif home is Home.PLAIN:
            self._plain(send, error, is_plain=is_plain)
        elif refusals < MOST_REFUSALS:
            self._save(lambda: delivery.retry(self._desk, send, self._delay(refusals), error))
        else:
            self._end(send, lambda: delivery.park(self._desk, send, f"Slack refused it: {error}"))

    def _join(self, send: Send, error: str) -> None:
        conversation = self._gateway.conversation(send.channel)
        joined = self._gateway.join(conversation) if isinstance(conversation, str) else conversation
        if isinstance(joined, Answer):
            log.info("joined a channel", channel=send.channel)
            self._save(lambda: delivery.retry(self._desk, send, 0, error))
        elif isinstance(joined, Refused) and (
            joined.error == "missing_scope" or home_of(joined.error) is not Home.STOP
        ):
            self._end(send, lambda: delivery.reroute(self._desk, send, error))
        else:
            self._save(lambda: delivery.retry(self._desk, send, self._delay(send.attempts), error))

    def _plain(self, send: Send, error: str, *, is_plain: bool) -> None:
        if is_plain:
            self._end(send, lambda: delivery.park(self._desk, send, f"Slack refused it even as plain text: {error}"))
        else:
            log.error("Slack refused a message's blocks; it goes as text", outbox_id=send.outbox_id, reason=error)
            self._save(lambda: delivery.plain_from_now_on(self._desk, send, error))

    def _delay(self, tries: int) -> float:
        return min(_LONGEST_DELAY_S, 2.0 ** min(tries, 6)) / self._scale

    def _trouble_delay(self) -> float:
        """How long everybody waits when Slack does not answer: not at all the first time, then longer and longer."""
        return 0.0 if self._trouble < 2 else min(_LONGEST_DELAY_S, 0.5 * 2.0 ** min(self._trouble, 7)) / self._scale

    def _end(self, send: Send, write: Callable[[], None]) -> None:
        """Write down that the row is done with, or goes another way."""
        self._refusals.settled(send.outbox_id)
        self._save(write)

    def _save(self, write: Callable[[], None]) -> None:
        """Write an outcome down. Without it the row would stay marked as being sent, so it is tried until it works.

        When we stop first, the next sender finds the row marked and settles it like one of a crashed process.
        """
        wait = _SAVE_RETRY_S
        while True:
            try:
                write()
                return
            except SQLAlchemyError as failed:
                log.error("an outcome cannot be written down yet", reason=reason_of(failed), error=where(failed))
                if self._stopping.wait(wait):
                    return
                wait = min(_LONGEST_SAVE_RETRY_S, wait * 2)
            except Exception as bug:  # noqa: BLE001 - the sender must go on with the other rows
                log.error("an outcome cannot be written down", error=where(bug))
                return


def _later(desk: Desk, send: Send, error: str) -> None:
    delivery.retry(desk, send, 1, error)


def _outcome(result: Posted | Answer | Failure) -> str:
    match result:
        case Posted() | Answer():
            return "ok"
        case RateLimited():
            return "rate_limited"
        case Refused():
            return "refused"
        case Unknown():
            return "unknown"
        case Unreachable():
            return "unreachable"
