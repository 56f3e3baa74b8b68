"""The checks that Slack makes when an app manifest is entered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_COLOR = re.compile(r"#[0-9a-fA-F]{6}|#[0-9a-fA-F]{3}")
_COMMAND = re.compile(r"/[a-z0-9_-]{1,31}")
_EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "channel_archive": "channels:read",
    "channel_unarchive": "channels:read",
    "channel_rename": "channels:read",
    "subteam_created": "usergroups:read",
    "subteam_members_changed": "usergroups:read",
    "subteam_updated": "usergroups:read",
}


def manifest_findings(manifest: Mapping[str, Any]) -> list[str]:
    """What Slack would refuse in a manifest, a line each."""
    shown = manifest.get("display_information", {})
    findings = [
        *_length("display_information.name", shown.get("name"), 1, 35),
        *_length("display_information.description", shown.get("description", ""), 0, 140),
    ]
    if "long_description" in shown:
        findings += _length("display_information.long_description", shown["long_description"], 174, 4000)
    if "background_color" in shown and not _COLOR.fullmatch(shown["background_color"]):
        findings.append("display_information.background_color is no color such as #1f4e5f")
    scopes = bot_scopes(manifest)
    if len(set(scopes)) != len(scopes):
        findings.append("oauth_config.scopes.bot names a scope twice")
    return [*findings, *_commands(manifest, scopes), *_events(manifest, scopes), *_addresses(manifest)]


def bot_scopes(manifest: Mapping[str, Any]) -> list[str]:
    """The scopes that a manifest asks for."""
    return list(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", ()))


def _length(name: str, text: Any, least: int, most: int) -> list[str]:
    if isinstance(text, str) and least <= len(text) <= most:
        return []
    return [f"{name} must have between {least} and {most} characters"]


def _commands(manifest: Mapping[str, Any], scopes: list[str]) -> list[str]:
    commands = manifest.get("features", {}).get("slash_commands", ())
    findings = []
    if commands and "commands" not in scopes:
        findings.append("slash commands need the scope commands")
    for one in commands:
        if not _COMMAND.fullmatch(str(one.get("command"))):
            findings.append("a command is a slash and up to 31 small letters, digits, - or _")
        findings += _length("a command's description", one.get("description"), 1, 2000)
        findings += _length("a command's usage_hint", one.get("usage_hint", ""), 0, 1000)
    return findings


def _events(manifest: Mapping[str, Any], scopes: list[str]) -> list[str]:
    events = manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events", ())
    missing = {scope for event in events if (scope := _EVENT_SCOPES.get(event)) and scope not in scopes}
    return [f"an event needs the scope {scope}" for scope in sorted(missing)]


def _addresses(manifest: Mapping[str, Any]) -> list[str]:
    settings = manifest.get("settings", {})
    if settings.get("socket_mode_enabled"):
        return []
    places = [
        ("interactivity.request_url", settings.get("interactivity", {}).get("request_url"))
        if settings.get("interactivity", {}).get("is_enabled")
        else None,
        ("event_subscriptions.request_url", settings.get("event_subscriptions", {}).get("request_url"))
        if settings.get("event_subscriptions", {}).get("bot_events")
        else None,
        *(("a command's url", one.get("url")) for one in manifest.get("features", {}).get("slash_commands", ())),
    ]
    return [
        f"{place[0]} must be an https address without Socket Mode"
        for place in places
        if place is not None
        and not str(place[1] or "").startswith(("https://", "http://127.0.0.1", "http://localhost"))
    ]
