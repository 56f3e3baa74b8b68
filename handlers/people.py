"""Who pressed or typed: from Slack's payload to the person the services know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt import BoltContext

from services.people import Actor


def actor_of(body: Mapping[str, Any], context: BoltContext) -> Actor:
    """The person behind a payload. Somebody whose team is not the app's own comes from another workspace."""
    person = body.get("user")
    if isinstance(person, Mapping):
        user, team = str(person["id"]), person.get("team_id")
    else:  # a slash command
        user, team = str(body["user_id"]), body.get("team_id")
    return Actor(user=user, outsider=_outside(team, context))


def _outside(team: Any, context: BoltContext) -> bool:
    own = context.authorize_result
    if own is None or not team or not own.team_id:
        return False
    return team not in (own.team_id, own.enterprise_id)
