"""What Slack sends to an app, key for key: interactions, slash commands and events."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from sandbox.app import Command
from sandbox.core import VERIFICATION_TOKEN, Core
from sandbox.inputs import value_key, values_of
from sandbox.modals import Modal
from sandbox.records import Message, Room
from sandbox.seed import Group
from sandbox.webapi.shapes import group_json, handle, message_json

Payload = dict[str, Any]


def block_actions_in_message(core: Core, user: str, message: Message, room: Room, action: Payload) -> Payload:
    """A press in a message. Slack does not repeat the content of an ephemeral one."""
    ephemeral = message.only_for is not None
    container: Payload = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": room.id,
        "is_ephemeral": ephemeral,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = {
        **_interaction(core, "block_actions", user),
        "container": container,
        "trigger_id": core.tickets.trigger(user),
        "channel": {"id": room.id, "name": channel_name(room)},
        "state": {"values": values_of(message.blocks, _entered(action))},
        "response_url": _response_url(core, "actions", user, room, message.ts),
        "actions": [action],
    }
    if not ephemeral:
        payload["message"] = message_json(core, message, with_metadata=True)
    return payload


def block_actions_in_view(core: Core, user: str, view: Payload, action: Payload) -> Payload:
    """A press in a modal or on App Home."""
    return {
        **_interaction(core, "block_actions", user),
        "container": {"type": "view", "view_id": view["id"]},
        "trigger_id": core.tickets.trigger(user, view["id"] if view["type"] == "modal" else None),
        "view": view,
        "actions": [action],
    }


def view_submission(core: Core, modal: Modal) -> Payload:
    """A modal's submit button."""
    return {
        **_interaction(core, "view_submission", modal.user),
        "trigger_id": core.tickets.trigger(modal.user, modal.id),
        "view": modal.current(),
        "response_urls": [],
    }


def view_closed(core: Core, modal: Modal, *, cleared: bool) -> Payload:
    """A modal closed by its person."""
    return {**_interaction(core, "view_closed", modal.user), "view": modal.current(), "is_cleared": cleared}


def slash_command(core: Core, user: str, room: Room, command: Command, text: str) -> Payload:
    """A slash command. The fields are those of a form, so all are text."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": core.seed.team_id,
        "team_domain": core.seed.domain,
        "channel_id": room.id,
        "channel_name": channel_name(room),
        "user_id": user,
        "user_name": handle(core.workspace.people[user]),
        "command": command.command,
        "text": text,
        "api_app_id": core.app.id,
        "is_enterprise_install": "false",
        "response_url": _response_url(core, "commands", user, room, None),
        "trigger_id": core.tickets.trigger(user),
    }


def event_callback(core: Core, event: Payload, context: str) -> Payload:
    """The envelope around an event."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": core.seed.team_id,
        "api_app_id": core.app.id,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(core.clock.now()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": core.seed.team_id,
                "user_id": core.app.user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"1-{context}",
    }


def home_opened(core: Core, user: str) -> Payload:
    """app_home_opened, with what is shown there now."""
    event: Payload = {
        "type": "app_home_opened",
        "user": user,
        "channel": core.workspace.direct(core.app.user_id, user).id,
        "tab": "home",
        "event_ts": core.workspace.next_ts(),
    }
    if user in core.workspace.homes:
        event["view"] = core.workspace.homes[user]
    return event_callback(core, event, f"app_home_opened-{core.seed.team_id}")


def group_updated(core: Core, group: Group) -> Payload:
    """subteam_updated: the whole group, of its members the first 500."""
    subteam = group_json(core, group, with_users=True)
    event: Payload = {
        "type": "subteam_updated",
        "subteam": {**subteam, "users": subteam["users"][:500], "channel_count": 0},
        "event_ts": core.workspace.next_ts(),
    }
    return event_callback(core, event, f"subteam_updated-{core.seed.team_id}")


def group_members_changed(core: Core, before: Group, after: Group) -> Payload:
    """subteam_members_changed: only who came and who went."""
    added = [one for one in after.members if one not in before.members]
    removed = [one for one in before.members if one not in after.members]
    now = int(core.clock.now())
    event: Payload = {
        "type": "subteam_members_changed",
        "subteam_id": after.id,
        "team_id": core.seed.team_id,
        "date_previous_update": now,
        "date_update": now,
        "added_users": added,
        "added_users_count": str(len(added)),
        "removed_users": removed,
        "removed_users_count": str(len(removed)),
        "event_ts": core.workspace.next_ts(),
    }
    return event_callback(core, event, f"subteam_members_changed-{core.seed.team_id}")


def message_event(core: Core, message: Message, room: Room, kind: str) -> Payload:
    """``message`` or ``app_mention``, for what a person has written."""
    event: Payload = {
        "client_msg_id": str(uuid.uuid4()),
        "type": kind,
        "text": message.text,
        "user": message.user,
        "ts": message.ts,
        "team": core.seed.team_id,
        "blocks": message.blocks,
        "channel": room.id,
        "event_ts": message.ts,
    }
    if kind == "message":
        event["channel_type"] = {"private": "group"}.get(room.kind, room.kind)
    if message.thread_ts:
        event |= {"thread_ts": message.thread_ts}
    return event_callback(core, event, f"{kind}-{core.seed.team_id}-{room.id}")


def action_of(core: Core, block_id: str, element: Payload, given: Payload) -> Payload:
    """One entry of ``actions``: the element as it was pressed, with what was chosen."""
    kind = str(element.get("type"))
    action: Payload = {"action_id": element.get("action_id"), "block_id": block_id}
    for key in ("text", "value", "style", "placeholder"):
        if key in element and not (key == "value" and kind != "button"):
            action[key] = element[key]
    chosen = "selected_option" if kind == "overflow" else value_key(kind)
    if chosen is not None:
        action[chosen] = given.get(chosen)
    return {**action, "type": kind, "action_ts": core.workspace.next_ts()}


def find_element(blocks: list[Payload], block_id: str | None, action_id: str) -> tuple[str, Payload] | None:
    """Block id and element of an action id; the block id decides between several."""
    for block in blocks:
        if block_id is not None and block.get("block_id") != block_id:
            continue
        listed = block.get("elements") if block.get("type") == "actions" else ()
        for element in (block.get("accessory"), block.get("element"), *(listed or ())):
            if isinstance(element, dict) and element.get("action_id") == action_id:
                return str(block["block_id"]), element
    return None


def channel_name(room: Room) -> str:
    """The channel's name as interactions give it."""
    return "directmessage" if room.kind == "im" else room.name


def _interaction(core: Core, kind: str, user: str) -> Payload:
    name = handle(core.workspace.people[user])
    return {
        "type": kind,
        "user": {"id": user, "username": name, "name": name, "team_id": core.seed.team_id},
        "api_app_id": core.app.id,
        "token": VERIFICATION_TOKEN,
        "team": {"id": core.seed.team_id, "domain": core.seed.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _entered(action: Payload) -> dict[str, dict[str, Payload]]:
    """What was chosen just now, as an entered value."""
    return {str(action["block_id"]): {str(action["action_id"]): action}}


def _response_url(core: Core, kind: str, user: str, room: Room, message: str | None) -> str:
    secret = core.tickets.response_url(user, room.id, message)
    return f"{core.url}/hooks/{kind}/{core.seed.team_id}/{secret}"
