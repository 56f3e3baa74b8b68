"""What the page shows: the workspace as one person sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sandbox.core import Core
from sandbox.errors import PageRefusal
from sandbox.modals import Modal
from sandbox.records import Message, Room
from sandbox.seed import Person

Document = dict[str, Any]

MOST_MESSAGES = 200


class Page:
    """Builds the state document of the page. ``link`` tells how the app is connected: mode and connections."""

    def __init__(self, core: Core, link: Callable[[], tuple[str, int]]) -> None:
        self._core = core
        self._link = link

    def state(self, viewer: str | None, channel: str | None, thread: str | None) -> Document:
        """Everything that the page draws for a person; without one, the first person of the workspace."""
        core, workspace = self._core, self._core.workspace
        version = core.changes.version
        person = workspace.people.get(viewer or next(iter(workspace.people)))
        if person is None or person.id == core.app.user_id:
            raise PageRefusal("there is no such person", 404)
        room = self.visible(person.id, channel)
        mode, connections = self._link()
        stack = core.views.stack(person.id)
        listed = [one for one in workspace.listed(room.id) if one.only_for in (None, person.id)] if room else []
        return {
            "version": version,
            "now": core.clock.iso(),
            "offset": core.clock.offset,
            "workspace": {"id": core.seed.team_id, "name": core.seed.team_name},
            "app": {
                "id": core.app.id,
                "name": core.app.name,
                "user_id": core.app.user_id,
                "mode": mode,
                "connected": connections > 0,
                "connections": connections,
            },
            "viewer": self.person(person),
            "people": [self.person(one) for one in workspace.people.values()],
            "groups": [asdict(group) for group in workspace.groups.values()],
            "channels": self._channels(person.id),
            "dms": self._dms(person.id),
            "channel": self._channel(person.id, room) if room else None,
            "messages": self.messages(room.id, listed[-MOST_MESSAGES:]) if room else [],
            "more": len(listed) > MOST_MESSAGES,
            "thread": self._thread(person.id, room, thread) if room and thread else None,
            "home": workspace.homes.get(person.id) if channel == "home" else None,
            "modal": self.modal(stack[-1], len(stack)) if stack else None,
            "notices": [asdict(notice) for notice in workspace.notices.get(person.id, [])],
            "commands": [asdict(command) for command in core.app.commands],
        }

    def visible(self, user: str, channel: str | None) -> Room | None:
        """A room that a person may see; None for "home", for no room and for one that is hidden from them."""
        room = self._core.workspace.rooms.get(channel or "")
        return room if room is not None and self._core.workspace.sees(user, room) else None

    def messages(self, channel: str, messages: list[Message]) -> list[Document]:
        """Messages as the page draws them."""
        replies = self._core.workspace.replies(channel)
        return [
            {
                "ts": one.ts,
                "user": one.user,
                "text": one.text,
                "blocks": one.blocks,
                "edited": one.edited is not None,
                "ephemeral": one.only_for is not None,
                "thread_ts": one.thread_ts,
                "reply_count": replies[one.ts],
                "metadata": one.metadata,
            }
            for one in messages
        ]

    def modal(self, modal: Modal, depth: int) -> Document:
        """An open modal."""
        view = modal.view
        shown = {key: view[key] for key in ("id", "callback_id", "title", "submit", "close", "blocks", "hash")}
        return {**shown, "errors": modal.errors, "stack": depth, "values": modal.entered}

    def person(self, person: Person) -> Document:
        """A person as the page lists them."""
        bot = person.id == self._core.app.user_id
        return {**asdict(person), "is_bot": bot}

    def _channels(self, user: str) -> list[Document]:
        found = []
        for room in self._core.workspace.all_rooms():
            if room.kind == "im" or not self._core.workspace.sees(user, room):
                continue
            member = user in room.members
            unread, mentions = self._core.workspace.unread(user, room.id) if member else (0, 0)
            found.append(
                {
                    "id": room.id,
                    "name": room.name,
                    "topic": room.topic,
                    "private": room.kind == "private",
                    "archived": room.archived,
                    "is_member": member,
                    "unread": unread,
                    "mentions": mentions,
                }
            )
        return found

    def _dms(self, user: str) -> list[Document]:
        return [
            {
                "id": room.id,
                "user": room.other(user),
                "name": self._core.workspace.people[room.other(user)].name,
                "unread": self._core.workspace.unread(user, room.id)[0],
            }
            for room in self._core.workspace.all_rooms()
            if room.kind == "im" and user in room.members
        ]

    def _channel(self, user: str, room: Room) -> Document:
        direct = room.kind == "im"
        name = self._core.workspace.people[room.other(user)].name if direct else room.name
        return {"id": room.id, "name": name, "topic": room.topic, "is_dm": direct, "members": list(room.members)}

    def _thread(self, user: str, room: Room, ts: str) -> Document | None:
        found = [one for one in self._core.workspace.thread(room.id, ts) if one.only_for in (None, user)]
        return {"ts": ts, "messages": self.messages(room.id, found)} if found else None
