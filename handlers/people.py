"""Who pressed or typed: from Slack's payload to the person the services know."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt import BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from services.people import Actor

LOOKUP_TIMEOUT_S = 2
_KNOWN_S = 3600.0
_UNKNOWN_S = 60.0  # after a failed look-up
_MOST_KNOWN = 10_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Account:
    guest: bool  # or a program, which works no items either
    stranger: bool
    until: float  # monotonic
    unproven: bool = False


class People:
    """Tells members from guests and from people of other workspaces. Safe to use from several threads.

    Payloads do not say who is a guest, so `users.info` is asked, once an hour for each person who does something. When
    it does not answer for a moment, the person counts as a member. Where the app may not ask at all, that is unproven:
    they may then work only for teams whose rules name them.
    """

    def __init__(self) -> None:
        self._accounts: dict[str, _Account] = {}
        self._lock = threading.Lock()

    def actor(self, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> Actor:
        """The person behind a payload."""
        user, team = _named(body)
        account = self._account(user, client)
        outsider = account.stranger or _outside(team, body, context)
        return Actor(user=user, guest=account.guest, outsider=outsider, unproven=account.unproven)

    def known(self, user: str, client: WebClient) -> Actor:
        """Somebody whom a payload only names."""
        account = self._account(user, client)
        return Actor(user=user, guest=account.guest, outsider=account.stranger, unproven=account.unproven)

    def _account(self, user: str, client: WebClient) -> _Account:
        now = time.monotonic()
        with self._lock:
            known = self._accounts.get(user)
        if known is not None and known.until > now:
            return known
        found = _look_up(user, client, now)
        with self._lock:
            if len(self._accounts) >= _MOST_KNOWN:
                self._accounts.clear()
            self._accounts[user] = found
        return found


def _look_up(user: str, client: WebClient, now: float) -> _Account:
    client.timeout = LOOKUP_TIMEOUT_S
    try:
        account = client.users_info(user=user)["user"]
    except (OSError, SlackClientError, KeyError) as failed:
        log.warning("person_not_looked_up", error=type(failed).__name__)
        unproven = isinstance(failed, SlackApiError) and failed.response.get("error") == "missing_scope"
        return _Account(guest=False, stranger=False, until=now + _UNKNOWN_S, unproven=unproven)
    guest = any(account.get(key) for key in ("is_restricted", "is_ultra_restricted", "is_bot"))
    return _Account(guest=guest, stranger=bool(account.get("is_stranger")), until=now + _KNOWN_S)


def _named(body: Mapping[str, Any]) -> tuple[str, str | None]:
    """User and team of a press, a form, a command or an event."""
    person = body.get("user")
    if isinstance(person, Mapping):
        return str(person["id"]), person.get("team_id")
    event = body.get("event")
    if isinstance(event, Mapping):
        return str(event["user"]), body.get("team_id")
    return str(body["user_id"]), body.get("team_id")


def _outside(team: str | None, body: Mapping[str, Any], context: BoltContext) -> bool:
    """Whether the team is neither the app's own nor of the same organization (Enterprise Grid)."""
    own = context.authorize_result
    if own is None or not team or not own.team_id or team == own.team_id:
        return False
    organization = (body.get("enterprise") or {}).get("id") or body.get("enterprise_id")
    return own.enterprise_id is None or own.enterprise_id not in (team, organization)
