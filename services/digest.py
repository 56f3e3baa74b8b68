"""Announcing new denials without a flood: what gathered for a channel becomes a summary, a few cards and lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlmodel import Session

from denials.rules.model import RuleSet
from services.desk import Desk
from services.items import view
from services.money import dollars
from services.views import ItemView, Pattern, Summary
from store import messages, outbox
from store.tables import Digest, Item

log = structlog.stdlib.get_logger(__name__)

LIST_LINES = 30  # fits 50 blocks and about 13,000 characters with the longest labels there can be
PATTERNS = 5


def compose_due(desk: Desk) -> int:
    """Turn every digest whose time has come into messages to post; how many digests that were."""
    with desk.db.read() as session:
        if not messages.any_due(session, desk.now()):
            return 0
    with desk.db.write() as session:
        due = messages.due_digests(session, desk.now())
        for digest in due:
            _compose(session, digest, desk)
        return len(due)


def _compose(session: Session, digest: Digest, desk: Desk) -> None:
    if digest.id is None:
        return
    rules, now = desk.rules, datetime.now(UTC)
    digest.composed_at = desk.now()
    session.add(digest)
    ranked = _to_announce(session, digest.id, digest.channel, desk)
    if len(ranked) > 1:
        carded, listed = ranked[: rules.digest.cards], ranked[rules.digest.cards :]
        summary = summarise([shown for shown, _ in ranked], digest.owner, rules, desk, len(carded))
        message_id = messages.add(session, "summary", digest.channel, now, data=summary_data(summary))
        outbox.enqueue_post(session, message_id, digest.channel, now)
    else:
        carded, listed = ranked, []
    for _, item in carded:
        _show(session, "card", digest.channel, [item], now)
    parts = [listed[start : start + LIST_LINES] for start in range(0, len(listed), LIST_LINES)]
    for number, part in enumerate(parts, start=1):
        data = {"part": number, "parts": len(parts)}
        _show(session, "list", digest.channel, [item for _, item in part], now, data)


def _to_announce(session: Session, digest_id: int, channel: str, desk: Desk) -> list[tuple[ItemView, Item]]:
    """What a digest is about, most valuable first; not what is resolved or what somebody has on a card here already."""
    items = [item for item in messages.digest_items(session, digest_id) if item.state != "resolved"]
    homes = messages.homes(session, [item for item in items if item.assignee])
    found, chances = [], desk.chances.read(session, desk.now())
    for item in items:
        home = homes.get(item.home or "") if item.assignee else None
        if home is None or home.kind != "card" or channel not in (home.channel, home.posted_channel):
            found.append((view(item, desk.rules, desk.today(), chances=chances), item))
    return sorted(found, key=lambda pair: (-pair[0].score, pair[0].ref))


def _show(
    session: Session,
    kind: str,
    channel: str,
    items: Sequence[Item],
    now: datetime,
    data: Mapping[str, object] | None = None,
) -> None:
    """Post a card or a list that shows these items live; older messages that did now point to the newer one."""
    previous = messages.homes(session, items)
    ids = [item.id for item in items if item.id is not None]
    shown: dict[str, Any] = {"item_id": ids[0]} if kind == "card" else {"item_ids": ids}
    message_id = messages.add(session, kind, channel, now, data=data, lives_here=True, **shown)
    outbox_id = outbox.enqueue_post(session, message_id, channel, now)
    for item in items:  # what ties a file's batch to a message in Slack for whoever reads the log
        log.info("composed", ref=item.ref, batch=item.batch_id, outbox_id=outbox_id, kind=kind, channel=channel)
    for _, older in sorted(previous.items()):
        outbox.enqueue_update(session, older, now)


def summarise(items: Sequence[ItemView], owner: str | None, rules: RuleSet, desk: Desk, carded: int) -> Summary:
    """Patterns before single accounts: what is alike by category, payer and first code.

    What stands for several items comes first, most dollars first; a single account is no pattern yet.
    """
    groups: dict[tuple[str, str, str], list[ItemView]] = defaultdict(list)
    for item in items:
        groups[(item.category_title, item.payer, item.codes[0] if item.codes else "")].append(item)
    patterns = sorted(
        (
            Pattern(*key, count=len(group), amount=sum((one.amount for one in group), start=dollars(0)))
            for key, group in groups.items()
        ),
        key=lambda pattern: (pattern.count < 2, -pattern.amount, pattern.category_title, pattern.payer, pattern.code),
    )
    known = rules.owners.get(owner) if owner else None
    return Summary(
        owner_title=known.title if known else "Unowned denials",
        count=len(items),
        amount=sum((item.amount for item in items), start=dollars(0)),
        patterns=tuple(patterns[:PATTERNS]),
        more_patterns=max(0, len(patterns) - PATTERNS),
        carded=carded,
        listed=len(items) - carded,
        earliest_due=min((item.due for item in items if item.due), default=None),
        today=desk.today(),
    )


def summary_data(summary: Summary) -> dict[str, object]:
    """A summary as the JSON that is stored with its message."""
    return {
        "owner_title": summary.owner_title,
        "count": summary.count,
        "amount": str(summary.amount),
        "patterns": [[p.category_title, p.payer, p.code, p.count, str(p.amount)] for p in summary.patterns],
        "more_patterns": summary.more_patterns,
        "carded": summary.carded,
        "listed": summary.listed,
        "earliest_due": summary.earliest_due.isoformat() if summary.earliest_due else None,
    }
