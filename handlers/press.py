"""A press of a button or a choice in a menu, read from Slack's payload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.blocks import parse_value
from services.people import Actor

HOME = "home:"


@dataclass(frozen=True, slots=True)
class Press:
    """Who pressed what, about which item at which version."""

    actor: Actor
    verb: str
    ref: str
    version: int
    trigger_id: str
    response_url: str | None
    place: str  # see `place_of`
    channel: str = ""  # where it was pressed; "" for App Home


def press_of(body: Mapping[str, Any], actor: Actor) -> Press | None:
    """What was pressed by whom, or None where the value is not one of ours."""
    action = body["actions"][0]
    chosen = (action.get("selected_option") or {}).get("value")
    if chosen:
        value, _, verb = str(chosen).rpartition(":")
    else:
        verb, value = str(action["action_id"]).partition(":")[0], str(action.get("value", ""))
    parsed = parse_value(value)
    if parsed is None:
        return None
    return Press(
        actor=actor,
        verb=verb,
        ref=parsed[0],
        version=parsed[1],
        trigger_id=str(body.get("trigger_id", "")),
        response_url=body.get("response_url"),
        place=place_of(body),
        channel=channel_of(body),
    )


def channel_of(body: Mapping[str, Any]) -> str:
    """The channel in which it was pressed; "" where it was none."""
    return str((body.get("channel") or {}).get("id") or "")


def place_of(body: Mapping[str, Any]) -> str:
    """Where it was pressed, so that it can be drawn anew: "" for the bot's own messages, which follow by themselves.

    `find`, `mine` and `overdue` are private answers, named in their block ids; `home:…` is App Home with its state.
    """
    container = body.get("container") or {}
    if container.get("type") == "view":
        return f"{HOME}{(body.get('view') or {}).get('private_metadata') or ''}"
    if container.get("is_ephemeral"):
        return str(body["actions"][0].get("block_id", "")).partition(":")[0]
    return ""
