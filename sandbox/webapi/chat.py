"""chat.*: posting, changing and removing messages."""

from __future__ import annotations

from typing import Any

from sandbox.compose import LONGEST_UPDATE, checked_content, checked_metadata
from sandbox.errors import SlackRefusal
from sandbox.records import Message, Room
from sandbox.webapi.method import Answer, Method, Request
from sandbox.webapi.shapes import message_json


def _writable(call: Request) -> Room:
    """The channel to post to; the app must be in it, and it must not be archived."""
    room = call.addressed()
    if room.archived:
        raise SlackRefusal("is_archived")
    if not call.is_member(room) and "chat:write.public" not in call.core.app.scopes:
        raise SlackRefusal("not_in_channel")
    return room


def _content(call: Request, longest: int | None = None) -> tuple[str, list[dict[str, Any]]]:
    if call.args.get("attachments") not in (None, "", []):
        raise SlackRefusal("invalid_attachments")  # the sandbox checks blocks only, so nothing else passes
    blocks = call.document("blocks", "invalid_blocks_format")
    found = checked_content(call.args.get("text"), blocks, **({"longest": longest} if longest else {}))
    if blocks and not found[0]:
        call.warnings.append("missing_text_in_message")
    return found


def _thread(call: Request, room: Room) -> str | None:
    ts = call.optional("thread_ts")
    if ts is None:
        return None
    parent = call.core.workspace.message(room.id, ts)
    if parent is None or parent.is_reply or parent.only_for is not None:
        raise SlackRefusal("cannot_reply_to_message")
    return ts


def post_message(call: Request) -> Answer:
    """chat.postMessage"""
    room = _writable(call)
    text, blocks = _content(call)
    metadata = checked_metadata(call.document("metadata", "invalid_metadata_format"))
    thread_ts = _thread(call, room)
    core = call.core
    message = core.workspace.post(
        Message(
            channel=room.id,
            ts=core.workspace.next_ts(),
            user=core.app.user_id,
            text=text,
            blocks=blocks,
            thread_ts=thread_ts,
            broadcast=call.flag("reply_broadcast"),
            metadata=metadata,
            by_app=True,
        )
    )
    shown = message_json(core, message, with_metadata=metadata is not None)
    return {"channel": room.id, "ts": message.ts, "message": shown}


def _own(call: Request, error: str) -> Message:
    room = call.room()
    message = call.core.workspace.message(room.id, call.text("ts"))
    if message is None or message.only_for is not None:
        raise SlackRefusal("message_not_found")
    if not message.by_app:
        raise SlackRefusal(error)
    if room.archived:
        raise SlackRefusal("is_inactive")
    return message


def update(call: Request) -> Answer:
    """chat.update: what is not given stays as it is."""
    message = _own(call, "cant_update_message")
    if call.args.get("text") is None and call.args.get("blocks") is None:
        raise SlackRefusal("no_text")
    keeps_blocks = call.args.get("blocks") is None
    text, blocks = _content(call, LONGEST_UPDATE)
    message.text = text
    message.blocks = message.blocks if keeps_blocks else blocks
    if call.args.get("metadata") is not None:
        message.metadata = checked_metadata(call.document("metadata", "invalid_metadata_format"))
    message.edited = call.core.workspace.next_ts()
    call.core.workspace.edit(message)
    shown = message_json(call.core, message, with_metadata=message.metadata is not None)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}


def delete(call: Request) -> Answer:
    """chat.delete"""
    message = _own(call, "cant_delete_message")
    call.core.workspace.delete(message)
    return {"channel": message.channel, "ts": message.ts}


def post_ephemeral(call: Request) -> Answer:
    """chat.postEphemeral: seen by one person, kept by nobody."""
    room = _writable(call)
    user = call.text("user")
    core = call.core
    if user not in core.workspace.people or user not in room.members:
        raise SlackRefusal("user_not_in_channel")
    text, blocks = _content(call)
    message = Message(
        room.id,
        core.workspace.next_ts(),
        core.app.user_id,
        text,
        blocks,
        _thread(call, room),
        only_for=user,
        by_app=True,
    )
    core.workspace.post(message)
    return {"message_ts": message.ts}


def get_permalink(call: Request) -> Answer:
    """chat.getPermalink"""
    room = call.room()
    ts = call.text("message_ts")
    if call.core.workspace.message(room.id, ts) is None:
        raise SlackRefusal("message_not_found")
    return {"channel": room.id, "permalink": f"{call.core.url}/archives/{room.id}/p{ts.replace('.', '')}"}


METHODS = {
    "chat.postMessage": Method(post_message, "chat:write"),
    "chat.update": Method(update, "chat:write"),
    "chat.delete": Method(delete, "chat:write"),
    "chat.postEphemeral": Method(post_ephemeral, "chat:write"),
    "chat.getPermalink": Method(get_permalink),
}
