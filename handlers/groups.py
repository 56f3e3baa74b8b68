"""What Slack says of user groups: one has changed, so its members are read anew."""

from __future__ import annotations

from typing import Any

from services.desk import Desk

EVENTS = ("subteam_members_changed", "subteam_updated")


class Groups:
    """Follows the user groups. Repeated and late events do no harm: each only has a group read anew."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def changed(self, event: dict[str, Any]) -> None:
        """Members came or went, or the group itself was changed, disabled or enabled.

        What the event says of the members is not used: one tells the difference only, the other at most 500.
        """
        group = event.get("subteam_id") or (event.get("subteam") or {}).get("id")
        if group:
            self.desk.roster.ask(str(group))
