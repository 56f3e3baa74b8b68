"""The outbox's rows on their way to Slack: taken, settled, retried, moved, parked.

Each function is one transaction. The process's sender calls Slack between them and never inside one. Times of rows are
the database's real time, so that replicas agree on them. What comes of a row counts only for the attempt that it was
taken for: a sender that stood still while another one took over says too late what became of its call, and must not
have a message posted twice.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from services.desk import Desk
from services.items import view
from services.logged import one_with_log, with_log
from services.pings import ping_content
from services.proposals import proposal_of
from services.report import report_of
from services.review_views import review_content
from services.views import Card, Content, Notice, Pattern, Send, Summary, WorkList
from store import items, jobs, messages, outbox
from store.tables import Outbox, SlackMessage

_SAID_LATELY = timedelta(days=1)


def take(
    desk: Desk,
    worker: str,
    *,
    skip_channels: Collection[str] = (),
    allow_post: bool = True,
    allow_update: bool = True,
    allow_bulk_update: bool = True,
    limit: int = 1,
) -> list[Send]:
    """Rows to send now, marked as being sent by `worker`: people's first, then by age, one per channel at a time."""
    ops = [op for op, allowed in (("post", allow_post), ("update", allow_update)) if allowed]
    if not ops:
        return []
    wish: dict[str, Any] = {"skip_channels": skip_channels, "ops": ops, "bulk_updates": allow_bulk_update}
    with desk.db.read() as session:
        if not outbox.next_pending(session, desk.db.real_now(session), limit=1, lock=False, **wish):
            return []
    with desk.db.write() as session:
        now = desk.db.real_now(session)
        taken: list[Send] = []
        channels: set[str] = set()
        for row, message in outbox.next_pending(session, now, limit=limit, lock=True, **wish):
            if row.channel in channels:
                continue
            channels.add(row.channel)
            row.state, row.worker, row.attempts = "sending", worker, row.attempts + 1
            row.sent_at = now
            row.first_sent_at = row.first_sent_at or now
            session.add(row)
            taken.append(_send(row, message))
        return taken


def content(desk: Desk, send: Send) -> Content | None:
    """What the row's message shows at this moment; None when there is nothing left to show."""
    with desk.db.read() as session:
        message = messages.get(session, send.message_id)
        match message.kind:
            case "card":
                return _card(session, desk, message)
            case "list":
                return _list(session, desk, message)
            case "summary":
                return _summary(desk, message)
            case "ping":
                return ping_content(session, desk, message)
            case "proposal":
                return proposal_of(json.loads(message.data))
            case "report":
                return report_of(desk, json.loads(message.data))
            case "review" | "verdict" | "review_reminder":
                return review_content(session, desk, message)
            case _:
                return Notice(text=str(json.loads(message.data)["text"]))


def posted(desk: Desk, send: Send, channel: str, ts: str) -> None:
    """Slack has the message; bind it."""
    with desk.db.write() as session:
        row = _row(session, send)
        if row.attempts != send.attempts or row.state in ("sent", "dropped"):
            return
        message = messages.get(session, send.message_id)
        message.posted_channel, message.ts = channel, ts
        session.add(message)
        _end(session, row, "sent")


def updated(desk: Desk, send: Send) -> None:
    """Slack shows the latest state."""
    with desk.db.write() as session:
        if row := _held(session, send):
            _end(session, row, "sent")


def drop(desk: Desk, send: Send) -> None:
    """There is nothing left to show, so nothing is said."""
    with desk.db.write() as session:
        if row := _held(session, send):
            _end(session, row, "dropped")
            if send.op == "post":
                outbox.drop_updates(session, send.message_id)


def retry(desk: Desk, send: Send, delay_s: float, error: str) -> None:
    """Slack did not take it for sure; try again after `delay_s` real seconds."""
    with desk.db.write() as session:
        if row := _held(session, send):
            _wait(session, desk, row, delay_s, error)


def ambiguous(desk: Desk, send: Send, error: str = "outcome unknown") -> None:
    """A post may or may not have arrived. It stays apart until channel history has told which."""
    with desk.db.write() as session:
        if row := _held(session, send):
            _end(session, row, "ambiguous", error)


def ambiguous_rows(desk: Desk) -> list[Send]:
    """Posts whose fate is unknown, oldest first."""
    with desk.db.read() as session:
        return [_send(row, message) for row, message in outbox.in_state(session, "ambiguous")]


def not_arrived(desk: Desk, send: Send) -> None:
    """History was read completely, twice, without the message: post it again under the same id."""
    with desk.db.write() as session:
        if row := _held(session, send):
            _wait(session, desk, row, 0, "ambiguous post did not arrive")


def park(desk: Desk, send: Send, reason: str) -> None:
    """Nothing more is tried for this row; the ops channel hears of it, once a day per channel and reason."""
    with desk.db.write() as session:
        row = _held(session, send)
        if row is None:
            return
        _end(session, row, "parked", reason)
        if send.op == "post":  # what was never posted cannot be updated
            outbox.drop_updates(session, send.message_id)
        if send.channel != desk.rules.ops_channel:
            _trouble(
                session,
                desk,
                f"A message for {_name(send.channel)} is parked: {reason}. See `denials outbox` on the host.",
            )


def reroute(desk: Desk, send: Send, reason: str) -> None:
    """The channel cannot be posted to: move its posts to the ops channel, with one notice a day per channel and reason.

    Updates of what it shows already are given up.
    """
    ops = desk.rules.ops_channel
    if send.channel == ops:
        park(desk, send, reason)
        return
    with desk.db.write() as session:
        refused = _held(session, send)
        if refused is None:
            return
        if send.op == "update":
            _end(session, refused, "dropped", reason)
            return
        waiting = outbox.posts_to(session, send.channel)  # none of them needs to fail by itself
        for row, message in [(refused, messages.get(session, send.message_id)), *waiting]:
            message.channel, row.channel = ops, ops
            row.not_before = None
            session.add(message)
            _end(session, row, "pending", reason)
        _trouble(
            session,
            desk,
            f"{_name(send.channel)} cannot be posted to ({reason}); its messages come here until that is mended.",
        )


def replace(desk: Desk, send: Send) -> None:
    """The message is gone from Slack: post it anew, once; a second loss is left alone."""
    with desk.db.write() as session:
        row = _held(session, send)
        if row is None:
            return
        _end(session, row, "dropped", "message deleted in Slack")
        message = messages.get(session, send.message_id)
        data = json.loads(message.data)
        if data.get("replaced"):
            return
        message.data = json.dumps({**data, "replaced": True})
        channel = message.channel
        message.ts = message.posted_channel = None
        session.add(message)
        outbox.drop_updates(session, message.id)
        outbox.enqueue_post(session, message, channel, desk.db.real_now(session), human=send.human)


def plain_from_now_on(desk: Desk, send: Send, error: str) -> None:
    """Slack refused the blocks: this message is sent as text from now on, and the row is tried again."""
    with desk.db.write() as session:
        if row := _held(session, send):
            message = messages.get(session, send.message_id)
            message.plain = True
            session.add(message)
            _wait(session, desk, row, 0, error)


def is_plain(desk: Desk, send: Send) -> bool:
    """Whether the message goes out as text only."""
    with desk.db.read() as session:
        return messages.get(session, send.message_id).plain


def take_over(desk: Desk) -> int:
    """Rows a dead sender held: posts become ambiguous, updates are simply repeated. How many there were.

    Called by whoever has just got the sender's lease, so no living sender holds any.
    """
    with desk.db.write() as session:
        held = outbox.in_state(session, "sending")
        for row, _ in held:
            if row.op == "post":
                row.state = "ambiguous"
            else:  # a newer wish to update the same message stands for both
                row.state = "dropped" if outbox.update_waits(session, row.message_id) else "pending"
            row.worker = None
            session.add(row)
        session.flush()
        return len(held)


def depth(desk: Desk) -> dict[str, int]:
    """How many rows are pending, sending, ambiguous and parked."""
    with desk.db.read() as session:
        return outbox.depth(session)


def forget_waits(desk: Desk) -> None:
    """Let what waits for its time go now: after this host's clock was set, those times mean nothing any more."""
    with desk.db.write() as session:
        outbox.forget_waits(session)


def notify_ops(desk: Desk, text: str) -> None:
    """Tell the ops channel one line."""
    with desk.db.write() as session:
        _notice(session, desk, text)


def tell_ops_once(desk: Desk, about: str, text: str) -> bool:
    """Tell the ops channel one line about something, once a day however many processes notice it; whether it is told.

    `about` is a fingerprint of the trouble, so that another trouble of the same kind is told on the same day too.
    """
    with desk.db.write() as session:
        now = desk.db.real_now(session)
        first = jobs.take_slot(session, "trouble", f"{now.date().isoformat()} {about}", now)
        if first:
            _post_notice(session, desk, text)
        return first


def _send(row: Outbox, message: SlackMessage) -> Send:
    return Send(
        outbox_id=row.id,
        message_id=message.id,
        op=row.op,
        channel=(message.posted_channel or row.channel) if row.op == "update" else row.channel,
        ts=message.ts,
        human=row.human,
        attempts=row.attempts,
        first_sent_at=row.first_sent_at,
        last_sent_at=row.sent_at,
    )


def _row(session: Session, send: Send) -> Outbox:
    """The row as it is now, kept from other transactions (PostgreSQL)."""
    row = outbox.get(session, send.outbox_id)
    session.refresh(row, with_for_update=True)
    return row


def _held(session: Session, send: Send) -> Outbox | None:
    """The row while it is this attempt's to settle; None once another sender has settled it or taken it anew."""
    row = _row(session, send)
    return row if row.attempts == send.attempts and row.state in ("sending", "ambiguous") else None


def _end(session: Session, row: Outbox, state: str, error: str | None = None) -> None:
    row.state, row.worker, row.error = state, None, error
    session.add(row)


def _wait(session: Session, desk: Desk, row: Outbox, delay_s: float, error: str) -> None:
    """Back to pending, unless a newer wish to update the same message is pending already: that one stands for both."""
    if row.op == "update" and outbox.update_waits(session, row.message_id):
        _end(session, row, "dropped", error)
        return
    row.not_before = desk.db.real_now(session) + timedelta(seconds=delay_s) if delay_s > 0 else None
    _end(session, row, "pending", error)


def _notice(session: Session, desk: Desk, text: str) -> None:
    """Enqueue a notice unless the same one still waits."""
    if not messages.notice_waits(session, text):
        _post_notice(session, desk, text)


def _trouble(session: Session, desk: Desk, text: str) -> None:
    """Enqueue a notice unless the ops channel was told the same within a day."""
    if not messages.notice_since(session, text, desk.db.real_now(session) - _SAID_LATELY):
        _post_notice(session, desk, text)


def _post_notice(session: Session, desk: Desk, text: str) -> None:
    ops, now = desk.rules.ops_channel, desk.db.real_now(session)
    message_id = messages.add(session, "notice", ops, now, data={"text": text})
    outbox.enqueue_post(session, message_id, ops, now)


def _name(channel: str) -> str:
    if channel.startswith("#"):
        return channel
    return f"<#{channel}>" if channel[:1] in "CG" else f"<@{channel}>"


def _card(session: Session, desk: Desk, message: SlackMessage) -> Content | None:
    found = items.by_ids(session, [message.item_id] if message.item_id is not None else [])
    for item in found.values():
        chances = desk.chances.read(session, desk.now())
        shown = view(item, desk.rules, desk.today(), shown_by=message.id, shown_in=message.channel, chances=chances)
        return Card(item=one_with_log(session, item, shown), today=desk.today())
    return None


def _list(session: Session, desk: Desk, message: SlackMessage) -> Content:
    data = json.loads(message.data)
    shown = [
        (item, view(item, desk.rules, desk.today(), shown_by=message.id, shown_in=message.channel))
        for item in messages.items_of(session, message.id)
    ]
    return WorkList(
        items=with_log(session, shown), part=int(data["part"]), parts=int(data["parts"]), today=desk.today()
    )


def _summary(desk: Desk, message: SlackMessage) -> Content:
    data = json.loads(message.data)
    return Summary(
        owner_title=data["owner_title"],
        count=data["count"],
        amount=Decimal(data["amount"]),
        patterns=tuple(Pattern(a, b, c, int(n), Decimal(amount)) for a, b, c, n, amount in data["patterns"]),
        more_patterns=data["more_patterns"],
        carded=data["carded"],
        listed=data["listed"],
        earliest_due=date.fromisoformat(data["earliest_due"]) if data["earliest_due"] else None,
        today=desk.today(),
    )
