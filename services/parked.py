"""What the administrator decides about messages that nothing more is tried for: try again, or let go."""

from __future__ import annotations

from collections.abc import Collection

from denials.errors import DenialDeskError
from services.desk import Desk
from store import outbox
from store.tables import Outbox, SlackMessage


class NotParked(DenialDeskError):
    """No parked message has that id."""


def retry(desk: Desk, ids: Collection[str] = ()) -> int:
    """Try parked messages again: these, or all of them; how many.

    A post may have arrived before it was parked, so it is looked for in the channel's history first.
    """
    with desk.db.write() as session:
        rows = _chosen(outbox.in_state(session, "parked"), ids)
        for row, _ in rows:
            if row.op == "post":
                row.state = "ambiguous"
            else:  # a newer wish to update the same message stands for both
                row.state = "dropped" if outbox.update_waits(session, row.message_id) else "pending"
            row.not_before, row.worker = None, None
            session.add(row)
            session.flush()
        return len(rows)


def drop(desk: Desk, ids: Collection[str] = ()) -> int:
    """Let parked messages go: these, or all of them; how many. Their items stay as they are."""
    with desk.db.write() as session:
        rows = _chosen(outbox.in_state(session, "parked"), ids)
        for row, _ in rows:
            row.state, row.worker = "dropped", None
            session.add(row)
        return len(rows)


def _chosen(rows: list[tuple[Outbox, SlackMessage]], ids: Collection[str]) -> list[tuple[Outbox, SlackMessage]]:
    """The rows with these ids (or beginnings of ids). Raises NotParked."""
    if not ids:
        return rows
    for one in ids:
        if not one or not any(row.id.startswith(one) for row, _ in rows):
            raise NotParked("no parked message has that id: `denials outbox` lists them")
    return [(row, message) for row, message in rows if row.id.startswith(tuple(ids))]
