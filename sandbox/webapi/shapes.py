"""People, channels and messages as Slack's Web API writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.core import Core
from sandbox.records import Message, Room
from sandbox.seed import Group, Person

Document = dict[str, Any]


def message_json(core: Core, message: Message, *, with_metadata: bool = False, replies: int = 0) -> Document:
    """A message; its metadata only where the caller asked for it."""
    shown: Document = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
    if message.by_app:
        shown |= {"bot_id": core.app.bot_id, "app_id": core.app.id, "bot_profile": bot_json(core)}
    shown["team"] = core.seed.team_id
    if message.blocks:
        shown["blocks"] = message.blocks
    if message.edited:
        shown["edited"] = {"user": core.app.bot_id if message.by_app else message.user, "ts": message.edited}
    if message.thread_ts or replies:
        shown["thread_ts"] = message.thread_ts or message.ts
    if message.is_reply:
        parent = core.workspace.message(message.channel, str(message.thread_ts))
        shown["parent_user_id"] = parent.user if parent else core.app.user_id
    if replies:
        shown |= {"reply_count": replies, "reply_users_count": 1, "is_locked": False, "subscribed": False}
    if with_metadata and message.metadata is not None:
        shown["metadata"] = message.metadata
    return shown


def bot_json(core: Core) -> Document:
    """The app's bot profile."""
    return {
        "id": core.app.bot_id,
        "app_id": core.app.id,
        "user_id": core.app.user_id,
        "name": core.app.name,
        "icons": {},
        "deleted": False,
        "updated": 0,
        "team_id": core.seed.team_id,
    }


def room_json(core: Core, room: Room, *, with_count: bool = False) -> Document:
    """A channel or a direct message."""
    if room.kind == "im":
        return {
            "id": room.id,
            "created": room.created,
            "is_im": True,
            "is_org_shared": False,
            "is_archived": False,
            "user": room.other(core.app.user_id),
            "is_user_deleted": False,
            "priority": 0,
        }
    shown: Document = {
        "id": room.id,
        "name": room.name,
        "is_channel": room.kind == "channel",
        "is_group": room.kind == "private",
        "is_im": False,
        "is_mpim": False,
        "is_private": room.kind == "private",
        "created": room.created,
        "is_archived": room.archived,
        "is_general": False,
        "unlinked": 0,
        "name_normalized": room.name,
        "is_shared": False,
        "is_org_shared": False,
        "is_ext_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "context_team_id": core.seed.team_id,
        "updated": room.created * 1000,
        "parent_conversation": None,
        "creator": next(iter(core.workspace.people)),
        "is_member": core.app.user_id in room.members,
        "topic": {"value": room.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
    }
    if with_count:
        shown["num_members"] = len(room.members)
    return shown


def person_json(core: Core, person: Person) -> Document:
    """A person, or the app's own user."""
    bot = person.id == core.app.user_id
    zone = ZoneInfo(person.tz)
    moment = datetime.fromtimestamp(core.clock.now(), zone)
    offset = moment.utcoffset()
    profile: Document = {
        "title": person.title,
        "phone": "",
        "real_name": person.name,
        "real_name_normalized": person.name,
        "display_name": "" if bot else person.name,
        "display_name_normalized": "" if bot else person.name,
        "status_text": "",
        "status_emoji": "",
        "team": core.seed.team_id,
    }
    if bot:
        profile |= {"bot_id": core.app.bot_id, "api_app_id": core.app.id, "always_active": True}
    return {
        "id": person.id,
        "team_id": core.seed.team_id,
        "name": handle(person),
        "deleted": False,
        "color": "9f69e7",
        "real_name": person.name,
        "tz": person.tz,
        "tz_label": moment.tzname() or "",
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": profile,
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_guest,
        "is_ultra_restricted": False,
        "is_bot": bot,
        "is_app_user": False,
        "updated": 0,
        "is_email_confirmed": True,
        "who_can_share_contact_card": "EVERYONE",
    }


def handle(person: Person) -> str:
    """The user name that Slack derives from a person's name."""
    return person.name.lower().replace(" ", ".")


def group_json(core: Core, group: Group, *, with_users: bool) -> Document:
    """A user group."""
    shown: Document = {
        "id": group.id,
        "team_id": core.seed.team_id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": 0,
        "date_update": 0,
        "date_delete": 0,
        "auto_type": None,
        "auto_provision": False,
        "created_by": next(iter(core.workspace.people)),
        "updated_by": next(iter(core.workspace.people)),
        "deleted_by": None,
        "prefs": {"channels": [], "groups": []},
        "user_count": len(group.members),
    }
    if with_users:
        shown["users"] = list(group.members)
    return shown
