"""Follows Slack's user groups: read at the start, when Slack says that one has changed, and from time to time."""

from __future__ import annotations

import threading
import time

from sqlalchemy.exc import SQLAlchemyError

from bot.gateway import Answer, Gateway, RateLimited, Refused
from bot.logs import get_logger, where
from bot.workspace import Workspace
from services import groups
from services.desk import Desk

log = get_logger(__name__)

HELD_S = 600.0  # an event may get lost; no older than this is what we know
_AGAIN_S = 30.0  # after a read that failed
_LOOK_S = 2.0  # how often another process's reads and changed rules are looked at
GONE = "no_such_subteam"  # deleted or disabled: nobody is in it


class GroupWatch:
    """Keeps the members of the groups that the rules name, in one thread. Rules that name none cost Slack nothing."""

    def __init__(self, desk: Desk, gateway: Gateway, workspace: Workspace, scale: float = 1.0) -> None:
        self._desk = desk
        self._gateway = gateway
        self._workspace = workspace
        self._scale = scale
        self._due: dict[str, float] = {}  # when each group is to be read next
        self._told: set[tuple[str, str]] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="user-groups", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Follow no more."""
        self._stopping.set()
        self._desk.roster.ask("")  # ends the wait
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        changed: frozenset[str] = frozenset()
        while not self._stopping.is_set():
            try:
                self._turn(changed)
            except SQLAlchemyError as failed:
                log.warning("user groups cannot be kept; trying again", error=where(failed))
                self._due.clear()
            except Exception as bug:  # noqa: BLE001 - who may act is followed as long as the process lives
                log.error("following the user groups stumbled and goes on", error=where(bug))
            changed = self._desk.roster.asked(_LOOK_S)

    def _turn(self, changed: frozenset[str]) -> None:
        named = groups.named(self._desk)
        for group in changed:
            self._due.pop(group, None)
        groups.refresh(self._desk)
        for group in named:
            if self._stopping.is_set():
                return
            if time.monotonic() >= self._due.get(group, 0.0) and self._workspace.ensure():
                self._due[group] = time.monotonic() + self._read(group)

    def _read(self, group: str) -> float:
        """Read one group; in how many seconds to do it again."""
        answer = self._gateway.call("usergroups.users.list", usergroup=group)
        if isinstance(answer, Answer):
            self._told = {one for one in self._told if one[0] != group}
            if groups.keep(self._desk, group, [str(user) for user in answer.data.get("users") or ()]):
                log.info("a user group has other members now", group=group)
            return HELD_S
        if isinstance(answer, RateLimited):
            return answer.seconds
        reason = answer.error if isinstance(answer, Refused) else type(answer).__name__.lower()
        if reason == GONE:
            groups.keep(self._desk, group, ())
        if (group, reason) not in self._told:
            self._told.add((group, reason))
            mend = "see `denials doctor`"
            log.warning("Slack does not tell who is in a user group", group=group, reason=reason, mend=mend)
        return _AGAIN_S / self._scale
