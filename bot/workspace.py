"""Who we are in Slack and whether our token works: asked at start, after a refusal, and from time to time."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from slack_bolt.authorization import AuthorizeResult

from bot.gateway import Answer, Gateway, Refused
from bot.logs import get_logger
from services import workspace
from services.desk import Desk

log = get_logger(__name__)

RECHECK_S = 30.0
_FIRST_RETRIES_S = 3.0
ANOTHER = "another_workspace"


@dataclass(frozen=True, slots=True)
class Identity:
    """What auth.test says of us."""

    team_id: str
    team: str
    bot_id: str
    user_id: str
    scopes: frozenset[str] = frozenset()
    enterprise_id: str | None = None
    url: str = "https://slack.com/"  # where links to messages begin


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the database knows of us from earlier."""

    team_id: str | None
    enterprise_id: str | None


class Workspace:
    """The workspace behind the bot token. Safe to use from several threads."""

    def __init__(self, desk: Desk, gateway: Gateway, token: str, scale: float = 1.0) -> None:
        self._desk = desk
        self._gateway = gateway
        self._token = token
        self._scale = scale
        self._check_at = 0.0
        self._lock = threading.Lock()
        self._kept = _Kept(workspace.remembered_in(desk.db), workspace.organization_in(desk.db))
        self.identity: Identity | None = None
        self.refused_by: str | None = None  # Slack's error (or `another_workspace`); None while nothing is wrong

    @property
    def works(self) -> bool:
        """Whether Slack knows the token and the workspace is ours."""
        return self.identity is not None and self.refused_by is None

    def refuse(self, error: str) -> None:
        """Slack refused the token: nothing is sent until a check succeeds."""
        if self.refused_by != error:
            log.critical(
                "Slack refuses our token; nothing is sent until that is mended, everything is kept",
                reason=error,
                mend="see `denials doctor`",
            )
        self.refused_by = error
        self._check_at = time.monotonic() + RECHECK_S / self._scale

    def _refuse_another(self, known: str, ours: str) -> None:
        if self.refused_by != ANOTHER:
            log.critical(
                "this database belongs to another workspace; nothing is sent, everything is kept",
                database=known,
                token=ours,
                mend=f"use the token of {known}, or a database of its own for {ours}; where the practice has moved to"
                f" {ours}, stop the bot and run `denials db workspace --forget {known}`",
            )
        self.refused_by = ANOTHER
        self._check_at = time.monotonic() + RECHECK_S / self._scale

    def ensure(self) -> bool:
        """Whether we may talk; asks Slack again when it is time to."""
        if self.works:
            return True
        with self._lock:
            if time.monotonic() >= self._check_at:
                self._check()
        return self.works

    def wait(self) -> float:
        """Seconds until the next check makes sense."""
        return max(0.05, self._check_at - time.monotonic())

    def _check(self) -> None:
        if self.works:  # another thread was quicker
            return
        self._check_at = time.monotonic() + _FIRST_RETRIES_S / self._scale
        answer = self._gateway.auth_test()
        if isinstance(answer, Refused):
            self.refuse(answer.error)
            return
        if not isinstance(answer, Answer):
            log.warning("Slack cannot be asked who we are; trying again", reason=type(answer).__name__)
            return
        identity = identity_of(answer)
        known = workspace.remember(self._desk, identity.team_id)
        if known != identity.team_id:
            self._refuse_another(known, identity.team_id)
            return
        workspace.remember_organization(self._desk, identity.enterprise_id)
        self.identity, self.refused_by = identity, None
        log.info("Slack knows us", team=identity.team_id, bot=identity.user_id)

    def authorize(self) -> AuthorizeResult | None:
        """What Bolt asks before each listener; None while Slack refuses our token.

        Slack is never asked here, since an acknowledgement waits for the answer: the sender's thread does that. Until
        it is known who we are, the workspace is the one this database belongs to.
        """
        if self.refused_by is not None:
            return None
        known = self.identity
        return AuthorizeResult(
            enterprise_id=known.enterprise_id if known else self._kept.enterprise_id,
            team_id=known.team_id if known else self._kept.team_id,
            bot_id=known.bot_id if known else None,
            bot_user_id=known.user_id if known else None,
            bot_token=self._token,
        )


def identity_of(answer: Answer) -> Identity:
    """An auth.test answer as an identity; the scopes stand in a header."""
    scopes = next((value for key, value in answer.headers.items() if key.lower() == "x-oauth-scopes"), "")
    return Identity(
        team_id=str(answer.data.get("team_id") or ""),
        team=str(answer.data.get("team") or ""),
        bot_id=str(answer.data.get("bot_id") or ""),
        user_id=str(answer.data.get("user_id") or ""),
        scopes=frozenset(scope.strip() for scope in str(scopes).split(",") if scope.strip()),
        enterprise_id=str(answer.data["enterprise_id"]) if answer.data.get("enterprise_id") else None,
        url=str(answer.data.get("url") or "https://slack.com/"),
    )
