"""The app installed in the workspace: who it is, what it may do and what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.errors import SandboxError
from sandbox.manifest import bot_scopes, manifest_findings

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
    """The installed app.

    ``scopes`` limit its calls, ``events`` are those it has subscribed to. Without ``interactive`` nothing that is
    pressed reaches it, without ``has_home`` it has no Home, and only if it ``may_be_written_to`` can people send
    it direct messages.
    """

    id: str = "A0SANDBOX"
    name: str = "Denial Desk"
    user_id: str = "U0DENIALDESK"
    bot_id: str = "B0DENIALDESK"
    scopes: frozenset[str] = frozenset(_SCOPES)
    events: frozenset[str] = frozenset({"app_home_opened", "app_mention", "message.im"})
    commands: tuple[Command, ...] = (Command("/denials", "[help | stats | mine | find]", "Work insurance denials"),)
    interactive: bool = True
    has_home: bool = True
    may_be_written_to: bool = True

    @property
    def handle(self) -> str:
        """The name as Slack writes it into user names."""
        return self.name.lower().replace(" ", "")


def app_of_manifest(manifest: Mapping[str, Any]) -> App:
    """The app that a manifest describes, with exactly its scopes, events, commands and tabs.

    Raises SandboxError with every finding if Slack would refuse the manifest.
    """
    findings = manifest_findings(manifest)
    if findings:
        raise SandboxError("the manifest would be refused: " + "; ".join(findings))
    features, settings = manifest.get("features", {}), manifest.get("settings", {})
    home = features.get("app_home", {})
    return App(
        name=features.get("bot_user", {}).get("display_name") or manifest["display_information"]["name"],
        scopes=frozenset(bot_scopes(manifest)),
        events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", ())),
        commands=tuple(
            Command(one["command"], one.get("usage_hint", ""), one["description"])
            for one in features.get("slash_commands", ())
        ),
        interactive=bool(settings.get("interactivity", {}).get("is_enabled")),
        has_home=bool(home.get("home_tab_enabled")),
        may_be_written_to=bool(home.get("messages_tab_enabled")) and not home.get("messages_tab_read_only_enabled"),
    )
