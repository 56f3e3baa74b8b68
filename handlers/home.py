"""App Home: published when somebody opens it, turns a page, or presses something in it."""

from __future__ import annotations

from typing import Any

import structlog
from slack_bolt import Ack, BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from handlers.people import People
from handlers.render_home import PAGE, home_view, read_filter, read_state
from services import bulk, home, leases
from services.desk import Desk
from services.people import Actor

VIEW_TIMEOUT_S = 2

log = structlog.get_logger(__name__)


class HomeTab:
    """Every person's own queue."""

    def __init__(self, desk: Desk, people: People) -> None:
        self.desk = desk
        self.people = people

    def opened(self, event: dict[str, Any], body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """`app_home_opened`, which Slack may send more than once."""
        if event.get("tab") != "home" or not leases.first_time(self.desk, str(body["event_id"])):
            return
        page, only = read_state(str((event.get("view") or {}).get("private_metadata") or ""))
        self.publish(self.people.actor(body, context, client), client, page=page, only=only)

    def turn(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """Previous, Next, Refresh, and the filter."""
        ack()
        action = body["actions"][0]
        option = action.get("selected_option")
        page, only = (0, read_filter(str(option["value"]))) if option else read_state(str(action.get("value", "")))
        self.publish(self.people.actor(body, context, client), client, page=page, only=only)

    def publish(self, actor: Actor, client: WebClient, *, page: int = 0, only: str = "", notice: str = "") -> None:
        """Show somebody their queue as it is now."""
        refused = bulk.not_allowed(self.desk, actor, None)
        notice = notice or (refused.text if refused else "")
        shown = home.home(self.desk, actor, page=page, size=PAGE, only=only)
        client.timeout = VIEW_TIMEOUT_S
        try:
            client.views_publish(user_id=actor.user, view=home_view(shown, self.desk.rules, notice))
        except (OSError, SlackClientError) as failed:
            log.warning("home_not_published", error=type(failed).__name__)
