"""Whether the process can do its work now, and if not, what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from bot.sender import Sender
from bot.workspace import Workspace
from services import leases
from services.desk import Desk
from store.migrate import is_current


@dataclass(frozen=True, slots=True)
class Readiness:
    """Each part with its state in one word or two; `ready` when none of them is missing."""

    ready: bool
    parts: dict[str, str]


def readiness(desk: Desk, workspace: Workspace, sender: Sender, connected: Callable[[], bool] | None) -> Readiness:
    """Look at every part. `connected` is None in HTTP mode, where Slack comes to us."""
    parts: dict[str, str] = {}
    ready = True
    try:
        current = is_current(desk.db)
        parts["database"] = "ok"
        parts["schema"] = "ok" if current else "not current: run `denials db upgrade`"
        ready = current
        parts["sender"] = _sender(desk, sender)
    except SQLAlchemyError:
        parts["database"] = "not reachable"
        ready = False
    if not workspace.works:
        parts["slack"] = workspace.refused_by or "not asked yet"
        ready = False
    else:
        parts["slack"] = "ok"
    if connected is not None:
        up = connected()
        parts["socket"] = "ok" if up else "not connected"
        ready = ready and up
    if not sender.state.running:
        ready = False
    return Readiness(ready, parts)


def _sender(desk: Desk, sender: Sender) -> str:
    state = sender.state
    if not state.running:
        return "not running"
    if state.has_lease:
        return "sending"
    return "another process sends" if leases.holder_of(desk, "sender") else "waiting for the lease"
