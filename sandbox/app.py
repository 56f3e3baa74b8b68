"""The app installed in the workspace: who it is, what it may do and what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "team:read",
    "usergroups:read",
    "users:read",
)


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as people see it in the composer."""

    command: str
    usage_hint: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class App:
    """The installed app. ``scopes`` limit its calls, ``events`` are those it has subscribed to."""

    id: str = "A0SANDBOX"
    name: str = "Denial Desk"
    user_id: str = "U0DENIALDESK"
    bot_id: str = "B0DENIALDESK"
    scopes: frozenset[str] = frozenset(_SCOPES)
    events: frozenset[str] = frozenset({"app_home_opened", "app_mention", "message.im"})
    commands: tuple[Command, ...] = (Command("/denials", "[help | stats | mine | find]", "Work insurance denials"),)

    @property
    def handle(self) -> str:
        """The name as Slack writes it into user names."""
        return self.name.lower().replace(" ", "")


def app_of_manifest(manifest: Mapping[str, Any]) -> App:
    """The app that an app manifest describes, with exactly its scopes, events and commands."""
    features = manifest.get("features", {})
    settings = manifest.get("settings", {})
    return App(
        name=manifest.get("display_information", {}).get("name", "App"),
        scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", ())),
        events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", ())),
        commands=tuple(
            Command(one["command"], one.get("usage_hint", ""), one.get("description", ""))
            for one in features.get("slash_commands", ())
        ),
    )
