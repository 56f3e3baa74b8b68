"""The Slack app manifest: what the app asks for, and why. No file scopes: patient data must not come in by Slack."""

from __future__ import annotations

from typing import Any

SCOPES: dict[str, str] = {
    "channels:history": "after a dropped connection, look for its own message's metadata before posting again",
    "channels:join": "join a public channel that rules.yaml names",
    "channels:read": "find a channel by the name written in rules.yaml, and check it in `denials doctor`",
    "chat:write": "post and update cards, lists, summaries and reminders",
    "commands": "the /denials command",
    "groups:history": "the same look for its own message in private channels it was invited to",
    "groups:read": "the same as channels:read for private channels it was invited to",
    "im:history": "the same look for its own message in its direct messages",
    "im:write": "send reminders to a lead, a manager or an assignee",
    "usergroups:read": "follow who is in the user groups that rules.yaml names as members, lead, manager or admins",
    "users:read": "tell members from guests and from people of other companies, who may not work items",
}
EVENTS = ("app_home_opened", "subteam_members_changed", "subteam_updated")


def app_manifest(request_url: str | None = None) -> dict[str, Any]:
    """The manifest for Socket Mode, or for HTTP where `request_url` (https://…/slack/events) is given."""
    interactivity: dict[str, Any] = {"is_enabled": True}
    events: dict[str, Any] = {"bot_events": list(EVENTS)}
    command: dict[str, Any] = {
        "command": "/denials",
        "description": "Denials: numbers, your queue, find and claim",
        "usage_hint": "help | stats 30d | mine | overdue | find DN-… | claim DN-…",
        "should_escape": False,
    }
    if request_url:
        interactivity["request_url"] = events["request_url"] = command["url"] = request_url
    return {
        "display_information": {
            "name": "Denial Desk",
            "description": "Turns insurance claim denials into owned work. Patient data never reaches Slack.",
            "background_color": "#1f4e5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "Denial Desk", "always_online": True},
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": not request_url,
            "token_rotation_enabled": False,
        },
    }
