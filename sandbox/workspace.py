"""The workspace itself: people, rooms, messages, what each person has read, and each one's App Home."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import replace
from typing import Any

from sandbox.app import App
from sandbox.changes import Changes
from sandbox.clock import WorkspaceClock
from sandbox.records import Message, Notice, Room
from sandbox.seed import Group, Person, Seed
from sandbox.state_file import StateFile

_MENTION = re.compile(r"<(?:@(\w+)|!subteam\^(\w+)|!(channel|here|everyone))(?:\|[^>]*)?>")


class Workspace:
    """Thread-safe. Each change is kept in the state file and counted in `changes` before the call returns."""

    def __init__(self, seed: Seed, app: App, clock: WorkspaceClock, state: StateFile, changes: Changes) -> None:
        self.seed = seed
        self.app = app
        self.clock = clock
        self.changes = changes
        self.lock = threading.RLock()
        self.people: dict[str, Person] = {person.id: person for person in seed.people}
        self.people[app.user_id] = Person(app.user_id, app.name, "App")
        self.groups: dict[str, Group] = {group.id: group for group in seed.groups}
        self.rooms: dict[str, Room] = {}
        self.messages: dict[str, dict[str, Message]] = {}
        self.homes: dict[str, dict[str, Any]] = {}
        self.notices: dict[str, list[Notice]] = {}
        self._read: dict[str, str] = {}
        self._mentioned: dict[str, frozenset[str]] = {}
        self._state = state
        self._last_ts = 0.0
        self._notice_count = 0
        self._load()
        clock.when_moved(self._clock_moved)

    # Rooms

    def room(self, name: str) -> Room | None:
        """A room by id, or a channel by name with or without ``#``."""
        with self.lock:
            if name in self.rooms:
                return self.rooms[name]
            bare = name.removeprefix("#")
            return next((room for room in self.rooms.values() if room.kind != "im" and room.name == bare), None)

    def addressed(self, name: str) -> Room | None:
        """Where a message goes: a room, or, for a person's id, the app's direct messages with them."""
        if name in self.people and name != self.app.user_id:
            return self.direct(self.app.user_id, name)
        return self.room(name)

    def direct(self, one: str, other: str) -> Room:
        """The direct messages between two people; opened if there were none yet."""
        first, second = sorted((one, other), key=lambda user: (user != self.app.user_id, user))
        key = f"D{second}" if first == self.app.user_id else f"D{first}-{second}"  # speaks for itself in a test
        with self.lock:
            if key not in self.rooms:
                self.keep_room(Room(key, "", kind="im", members=[first, second], created=int(self.clock.now())))
            return self.rooms[key]

    def keep_room(self, room: Room) -> None:
        """Store a new or changed room."""
        with self.lock:
            self.rooms[room.id] = room
            self.messages.setdefault(room.id, {})
            self._state.put("room", room.id, room.document())
            self.changes.bump()

    def all_rooms(self) -> list[Room]:
        """Every channel and direct message."""
        with self.lock:
            return list(self.rooms.values())

    def sees(self, user: str, room: Room) -> bool:
        """Whether a person may read a room: its members, and everyone but guests in a public channel."""
        if user in room.members:
            return True
        person = self.people.get(user)
        return room.kind == "channel" and person is not None and not person.is_guest

    # Messages

    def next_ts(self) -> str:
        """A time stamp for a message, later than every one before even when the clock was moved back."""
        with self.lock:
            self._last_ts = max(self.clock.now(), self._last_ts + 0.0001)
            return f"{self._last_ts:.6f}"

    def post(self, message: Message) -> Message:
        """Store a new message. Whoever wrote it has read it."""
        with self.lock:
            self.messages[message.channel][message.ts] = message
            if not message.by_app:
                self._mark(message.user, message.channel, message.ts)
            self._keep(message)
            return message

    def edit(self, message: Message) -> None:
        """Store a changed message."""
        with self.lock:
            self._keep(message)

    def delete(self, message: Message) -> None:
        """Remove a message; its replies stay, as in Slack."""
        with self.lock:
            self.messages[message.channel].pop(message.ts, None)
            self._state.delete("message", f"{message.channel}:{message.ts}")
            self.changes.bump()

    def message(self, channel: str, ts: str) -> Message | None:
        """One message by its time stamp."""
        return self.messages.get(channel, {}).get(ts)

    def listed(self, channel: str) -> list[Message]:
        """The messages of a channel's main view, oldest first, ephemeral ones included."""
        with self.lock:
            return [one for one in self.messages.get(channel, {}).values() if not one.is_reply or one.broadcast]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """A thread's first message and its replies, oldest first."""
        with self.lock:
            return [one for one in self.messages.get(channel, {}).values() if one.ts == ts or one.thread_ts == ts]

    def replies(self, channel: str) -> Counter[str]:
        """How many replies each thread of a channel has."""
        with self.lock:
            found = self.messages.get(channel, {}).values()
            return Counter(one.thread_ts for one in found if one.thread_ts and one.is_reply and one.only_for is None)

    # What people have read

    def mark_read(self, user: str, channel: str) -> None:
        """A person has seen everything in a room."""
        with self.lock:
            newest = max(self.messages.get(channel, {}), default="0")
            if self._read.get(f"{user}:{channel}", "0") < newest:
                self._mark(user, channel, newest)
                self.changes.bump()

    def unread(self, user: str, channel: str) -> tuple[int, int]:
        """How many messages a person has not seen, and how many of these mention them."""
        with self.lock:
            since = self._read.get(f"{user}:{channel}", "0")
            new = [
                one
                for one in self.messages.get(channel, {}).values()
                if one.ts > since and one.user != user and one.only_for is None
            ]
        listed = [one for one in new if not one.is_reply or one.broadcast]
        return len(listed), sum(self.mentions(user, one) for one in new)

    def mentions(self, user: str, message: Message) -> bool:
        """Whether a message mentions a person, their group or the whole channel."""
        mentioned = self._mentioned.get(f"{message.channel}:{message.ts}", frozenset())
        groups = (group.id for group in self.groups.values() if user in group.members)
        return not mentioned.isdisjoint((user, "channel", *groups))

    # User groups

    def regroup(self, name: str, members: tuple[str, ...]) -> tuple[Group, Group] | None:
        """Give a user group these members; the group before and after, None where there is no such group."""
        with self.lock:
            before = self.groups.get(name)
            if before is None:
                return None
            after = self.groups[name] = replace(before, members=members)
            self._state.put("group", name, list(members))
            self.changes.bump()
            return before, after

    # App Home and notices

    def keep_home(self, user: str, view: dict[str, Any]) -> None:
        """Store what the app shows a person on its Home."""
        with self.lock:
            self.homes[user] = view
            self._state.put("home", user, view)
            self.changes.bump()

    def tell(self, user: str, text: str, level: str = "error") -> None:
        """Show a person a word of Slack's own; the last five are kept."""
        with self.lock:
            self._notice_count += 1
            notices = self.notices.setdefault(user, [])
            notices.append(Notice(f"N{self._notice_count}", text, level))
            del notices[:-5]
            self.changes.bump()

    def dismiss(self, user: str, notice: str) -> None:
        """Take a notice away."""
        with self.lock:
            self.notices[user] = [one for one in self.notices.get(user, []) if one.id != notice]
            self.changes.bump()

    # Keeping

    def _mark(self, user: str, channel: str, ts: str) -> None:
        self._read[f"{user}:{channel}"] = ts
        self._state.put("read", f"{user}:{channel}", ts)

    def _keep(self, message: Message) -> None:
        self._note_mentions(message)
        if message.only_for is None:  # Slack does not keep ephemeral messages either
            self._state.put("message", f"{message.channel}:{message.ts}", message.document())
        self.changes.bump()

    def _note_mentions(self, message: Message) -> None:
        found = _MENTION.findall(f"{message.text} {message.blocks}")
        named = frozenset("channel" if everyone else person or group for person, group, everyone in found)
        self._mentioned[f"{message.channel}:{message.ts}"] = named

    def _clock_moved(self, offset: float) -> None:
        self._state.put("clock", "offset", offset)
        self.changes.bump()

    def _load(self) -> None:
        for _, document in self._state.all("room"):
            room = Room(**document)
            self.rooms[room.id] = room
        for channel in self.seed.channels:
            if channel.id in self.rooms:
                continue
            members = [*channel.members, *([self.app.user_id] if channel.app_is_member else [])]
            kind = "private" if channel.private else "channel"
            created = int(self.clock.now())
            room = Room(channel.id, channel.name, channel.topic, kind, members, channel.archived, created)
            self.keep_room(room)
        for name in self.rooms:
            self.messages.setdefault(name, {})
        for _, document in self._state.all("message"):
            message = Message(**document)
            self.messages[message.channel][message.ts] = message
            self._note_mentions(message)
            self._last_ts = max(self._last_ts, float(message.ts))
        for name, members in self._state.all("group"):
            if name in self.groups:
                self.groups[name] = replace(self.groups[name], members=tuple(members))
        self.homes = dict(self._state.all("home"))
        self._read = dict(self._state.all("read"))
        self.clock.offset = dict(self._state.all("clock")).get("offset", self.clock.offset)
