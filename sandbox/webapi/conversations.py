"""conversations.*: channels, their members and their history."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar

from sandbox.errors import SlackRefusal
from sandbox.records import Room
from sandbox.webapi.method import Answer, Method, Request
from sandbox.webapi.shapes import message_json, room_json

T = TypeVar("T")

_READ = {"channel": "channels:read", "private": "groups:read", "im": "im:read"}
_HISTORY = {"channel": "channels:history", "private": "groups:history", "im": "im:history"}
_TYPES = {"public_channel": "channel", "private_channel": "private", "im": "im", "mpim": "mpim"}


def page(call: Request, found: Sequence[T], default: int, most: int) -> tuple[Sequence[T], str]:
    """One page of a list and the cursor of the next one, "" after the last."""
    size = call.number("limit", default, most)
    start = 0
    if cursor := call.optional("cursor"):
        try:
            word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
            start = int(number)
        except (binascii.Error, ValueError):
            raise SlackRefusal("invalid_cursor") from None
        if word != "next" or start < 0:
            raise SlackRefusal("invalid_cursor")
    end = start + size
    following = base64.b64encode(f"next:{end}".encode()).decode() if end < len(found) else ""
    return found[start:end], following


def _readable(call: Request) -> Room:
    room = call.room()
    call.need(_HISTORY[room.kind])
    if not call.is_member(room):
        raise SlackRefusal("not_in_channel")
    return room


def _within(call: Request, ts: str) -> bool:
    inclusive = call.flag("inclusive")
    oldest, latest = call.optional("oldest"), call.optional("latest")
    try:
        moment = float(ts)
        late_enough = oldest is None or moment > float(oldest) or (inclusive and moment == float(oldest))
        early_enough = latest is None or moment < float(latest) or (inclusive and moment == float(latest))
    except ValueError:
        raise SlackRefusal("invalid_ts_oldest" if oldest else "invalid_ts_latest") from None
    return late_enough and early_enough


def history(call: Request) -> Answer:
    """conversations.history, newest first"""
    room = _readable(call)
    workspace = call.core.workspace
    found = [one for one in reversed(workspace.listed(room.id)) if one.only_for is None and _within(call, one.ts)]
    shown, following = page(call, found, 100, 999)
    replies = workspace.replies(room.id)
    with_metadata = call.flag("include_all_metadata")
    answer: Answer = {
        "messages": [message_json(call.core, m, with_metadata=with_metadata, replies=replies[m.ts]) for m in shown],
        "has_more": bool(following),
        "pin_count": 0,
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }
    if following:
        answer["response_metadata"] = {"next_cursor": following}
    return answer


def replies(call: Request) -> Answer:
    """conversations.replies: the first message of a thread and its replies, oldest first"""
    room = _readable(call)
    workspace = call.core.workspace
    ts = call.text("ts")
    parent = workspace.message(room.id, ts)
    if parent is None or parent.only_for is not None:
        raise SlackRefusal("thread_not_found")
    found = [one for one in workspace.thread(room.id, parent.thread_ts or ts) if one.only_for is None]
    inside = [one for one in found if one.ts == ts or _within(call, one.ts)]
    shown, following = page(call, inside, 100, 1000)
    count = workspace.replies(room.id)
    with_metadata = call.flag("include_all_metadata")
    answer: Answer = {
        "messages": [message_json(call.core, m, with_metadata=with_metadata, replies=count[m.ts]) for m in shown],
        "has_more": bool(following),
    }
    if following:
        answer["response_metadata"] = {"next_cursor": following}
    return answer


def list_channels(call: Request) -> Answer:
    """conversations.list"""
    wanted = []
    for word in (call.optional("types") or "public_channel").split(","):
        kind = _TYPES.get(word.strip())
        if kind is None:
            raise SlackRefusal("invalid_types")
        call.need("mpim:read" if kind == "mpim" else _READ[kind])
        wanted.append(kind)
    found = [
        room
        for room in call.core.workspace.all_rooms()
        if room.kind in wanted
        and (room.kind == "channel" or call.is_member(room))
        and not (room.archived and call.flag("exclude_archived"))
    ]
    shown, following = page(call, found, 100, 1000)
    return {
        "channels": [room_json(call.core, room, with_count=True) for room in shown],
        "response_metadata": {"next_cursor": following},
    }


def info(call: Request) -> Answer:
    """conversations.info"""
    room = call.room()
    call.need(_READ[room.kind])
    return {"channel": room_json(call.core, room, with_count=call.flag("include_num_members"))}


def join(call: Request) -> Answer:
    """conversations.join, for public channels"""
    room = call.room()
    if room.kind != "channel":
        raise SlackRefusal("method_not_supported_for_channel_type")
    if room.archived:
        raise SlackRefusal("is_archived")
    if call.is_member(room):
        call.warnings.append("already_in_channel")
    else:
        room.members.append(call.core.app.user_id)
        call.core.workspace.keep_room(room)
    return {"channel": room_json(call.core, room)}


def open_direct(call: Request) -> Answer:
    """conversations.open, with one person"""
    workspace = call.core.workspace
    if (known := call.optional("channel")) is not None:
        room = workspace.rooms.get(known)
        if room is None or room.kind != "im" or not call.is_member(room):
            raise SlackRefusal("channel_not_found")
        before = True
    else:
        users = [one.strip() for one in call.text("users").split(",")]
        if any(user not in workspace.people for user in users):
            raise SlackRefusal("user_not_found")
        if len(users) != 1:
            raise SlackRefusal("method_not_supported_for_channel_type")
        if users[0] == call.core.app.user_id:
            raise SlackRefusal("cannot_dm_bot")
        count = len(workspace.rooms)
        room = workspace.direct(call.core.app.user_id, users[0])
        before = len(workspace.rooms) == count
    shown: dict[str, Any] = room_json(call.core, room) if call.flag("return_im") else {"id": room.id}
    return {"channel": shown, **({"no_op": True, "already_open": True} if before else {})}


def members(call: Request) -> Answer:
    """conversations.members"""
    room = call.room()
    call.need(_READ[room.kind])
    shown, following = page(call, room.members, 100, 1000)
    return {"members": list(shown), "response_metadata": {"next_cursor": following}}


METHODS = {
    "conversations.history": Method(history),
    "conversations.replies": Method(replies),
    "conversations.list": Method(list_channels),
    "conversations.info": Method(info),
    "conversations.join": Method(join, "channels:join"),
    "conversations.open": Method(open_direct, "im:write"),
    "conversations.members": Method(members),
}
