"""What people do in the workspace, and how the app's acknowledgement shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox import payloads
from sandbox.clock import parse_duration
from sandbox.core import Core
from sandbox.delivery import Delivery, Outcome
from sandbox.errors import PageRefusal, SlackRefusal
from sandbox.inputs import complaints, value_key, values_of
from sandbox.modals import Modal
from sandbox.records import Message, Room
from sandbox.responses import Responses
from sandbox.tickets import ResponseUrl
from sandbox.writing import written

Given = Mapping[str, Any]
Done = dict[str, Any]

_TROUBLE = "We had some trouble connecting. Try again?"


class Deeds:
    """Each method is one deed of one person; it raises PageRefusal if that person cannot do it."""

    def __init__(self, core: Core, delivery: Delivery, responses: Responses) -> None:
        self._core = core
        self._delivery = delivery
        self._responses = responses

    async def press(self, given: Given) -> Done:
        """Press a button, choose from a menu, or pick a date, in a message, a modal or on App Home."""
        user = self._viewer(given)
        block_id, action_id = given.get("block_id"), str(given.get("action_id") or "")
        if view_id := given.get("view_id"):
            payload = self._press_in_view(user, str(view_id), block_id, action_id, given)
        else:
            room = self._room(user, given)
            message = self._core.workspace.message(room.id, str(given.get("message_ts")))
            if message is None or message.only_for not in (None, user):
                raise PageRefusal("that message is not there any more", 404)
            found, element = self._element(message.blocks, block_id, action_id, given)
            action = payloads.action_of(self._core, found, element, self._chosen(given))
            payload = payloads.block_actions_in_message(self._core, user, message, room, action)
        if not self._core.app.interactive:
            self._core.workspace.tell(user, f"{self._core.app.name} has not turned interactivity on.")
            return {"acknowledged": False}
        outcome = await self._delivery.deed("interactive", payload)
        if not outcome.acknowledged:
            self._tell(user, outcome)
        return {"acknowledged": outcome.acknowledged}

    async def submit(self, given: Given) -> Done:
        """Press a modal's submit button."""
        user = self._viewer(given)
        modal = self._modal(user, given)
        modal.entered = values_of(modal.view["blocks"], {**modal.entered, **(given.get("values") or {})})
        if found := complaints(modal.view["blocks"], modal.entered):
            self._core.views.complain(modal, found)
            return {"closed": False, "errors": found}
        self._core.views.complain(modal, {})
        payload = payloads.view_submission(self._core, modal)
        outcome = await self._delivery.deed("interactive", payload, accepts_answer=True)
        if outcome.acknowledged:
            try:
                self._after_submission(modal, outcome.body)
            except SlackRefusal as refusal:
                self._core.workspace.tell(user, f"{_TROUBLE} ({refusal.error})")
        else:
            self._core.workspace.tell(user, _TROUBLE)
        return {"acknowledged": outcome.acknowledged, "closed": modal not in self._core.views.stack(user)}

    async def close(self, given: Given) -> Done:
        """Close a modal by its cross or its close button."""
        user = self._viewer(given)
        modal = self._modal(user, given)
        closed = self._core.views.close(modal, everything=bool(modal.view["clear_on_close"]))
        for one in closed:
            if one.view["notify_on_close"]:
                payload = payloads.view_closed(self._core, one, cleared=one is not modal)
                await self._delivery.deed("interactive", payload)
        return {}

    async def command(self, given: Given) -> Done:
        """Send a slash command."""
        user = self._viewer(given)
        room = self._room(user, given)
        word, _, text = str(given.get("text") or "").strip().partition(" ")
        command = next((one for one in self._core.app.commands if one.command == word), None)
        if command is None:
            self._core.workspace.tell(user, f"{word or '/'} is not a valid command.")
            return {"acknowledged": False}
        payload = payloads.slash_command(self._core, user, room, command, text.strip())
        outcome = await self._delivery.deed("slash_commands", payload, accepts_answer=True)
        if not outcome.acknowledged:
            name = {"timeout": "operation_timeout", "http_error": "http_error"}.get(outcome.failure, "dispatch_failed")
            self._core.workspace.tell(user, f'{command.command} failed with the error "{name}"')
        elif outcome.body:
            self._answered(user, room, outcome.body)
        return {"acknowledged": outcome.acknowledged}

    async def say(self, given: Given) -> Done:
        """Write a message."""
        user = self._viewer(given)
        room = self._room(user, given)
        if user not in room.members:
            raise PageRefusal("join the channel before writing in it", 403)
        if room.archived:
            raise PageRefusal("the channel is archived", 403)
        app = self._core.app
        if room.kind == "im" and app.user_id in room.members and not app.may_be_written_to:
            raise PageRefusal(f"sending messages to {app.name} has been turned off", 403)
        text = str(given.get("text") or "").strip()
        if not text:
            raise PageRefusal("a message needs a text")
        thread_ts = given.get("thread_ts") or None
        if thread_ts is not None and self._core.workspace.message(room.id, str(thread_ts)) is None:
            raise PageRefusal("that thread is not there", 404)
        escaped, blocks = written(self._core.workspace, text)
        ts = self._core.workspace.next_ts()
        message = self._core.workspace.post(Message(room.id, ts, user, escaped, blocks, thread_ts))
        if app.user_id in room.members:
            kind = {"private": "groups", "channel": "channels"}.get(room.kind, room.kind)
            self._delivery.event(f"message.{kind}", payloads.message_event(self._core, message, room, "message"))
            if room.kind != "im" and f"<@{app.user_id}>" in escaped:
                self._delivery.event("app_mention", payloads.message_event(self._core, message, room, "app_mention"))
        return {"ts": ts}

    async def home(self, given: Given) -> Done:
        """Open the app's Home."""
        user = self._viewer(given)
        self._delivery.event("app_home_opened", payloads.home_opened(self._core, user))
        return {}

    async def regroup(self, given: Given) -> Done:
        """Change who is in a user group, as its administrators do; Slack tells the app twice."""
        workspace = self._core.workspace
        members = given.get("members")
        if not isinstance(members, list) or not all(one in workspace.people for one in members):
            raise PageRefusal("a group takes a list of people")
        changed = workspace.regroup(str(given.get("group")), tuple(dict.fromkeys(members)))
        if changed is None:
            raise PageRefusal("there is no such user group", 404)
        self._delivery.event("subteam_updated", payloads.group_updated(self._core, changed[1]))
        self._delivery.event("subteam_members_changed", payloads.group_members_changed(self._core, *changed))
        return {}

    async def read(self, given: Given) -> Done:
        """Have seen everything in a room."""
        user = self._viewer(given)
        self._core.workspace.mark_read(user, self._room(user, given).id)
        return {}

    async def dismiss(self, given: Given) -> Done:
        """Take a notice away."""
        self._core.workspace.dismiss(self._viewer(given), str(given.get("id")))
        return {}

    async def dm(self, given: Given) -> Done:
        """Open the direct messages with someone."""
        user, other = self._viewer(given), str(given.get("user"))
        if other not in self._core.workspace.people or other == user:
            raise PageRefusal("there is no such person to write to", 404)
        return {"channel": self._core.workspace.direct(user, other).id}

    async def clock(self, given: Given) -> Done:
        """Move the workspace's time."""
        clock = self._core.clock
        if given.get("reset"):
            clock.reset()
        elif given.get("to") is not None:
            clock.move_to(str(given["to"]))
        elif given.get("advance") is not None:
            clock.advance(parse_duration(given["advance"]))
        else:
            raise PageRefusal("clock takes advance, to or reset")
        return {"now": clock.iso(), "offset": clock.offset}

    def _viewer(self, given: Given) -> str:
        user = str(given.get("viewer") or "")
        if user not in self._core.workspace.people or user == self._core.app.user_id:
            raise PageRefusal("there is no such person", 404)
        return user

    def _room(self, user: str, given: Given) -> Room:
        workspace = self._core.workspace
        room = workspace.rooms.get(str(given.get("channel") or ""))
        if room is None or not workspace.sees(user, room):
            raise PageRefusal("there is no such channel for this person", 404)
        return room

    def _modal(self, user: str, given: Given) -> Modal:
        modal = self._core.views.find(str(given.get("view_id")))
        if modal is None or modal.user != user:
            raise PageRefusal("that dialog is not open any more", 404)
        return modal

    def _press_in_view(self, user: str, view_id: str, block_id: Any, action_id: str, given: Given) -> Done:
        modal = self._core.views.find(view_id)
        if modal is not None and modal.user == user:
            entered = given.get("values") or {}
            modal.entered = values_of(modal.view["blocks"], {**modal.entered, **entered})
            view = modal.current()
        else:
            home = self._core.workspace.homes.get(user)
            if home is None or home["id"] != view_id:
                raise PageRefusal("that view is not open any more", 404)
            view = home
        found, element = self._element(view["blocks"], block_id, action_id, given)
        action = payloads.action_of(self._core, found, element, self._chosen(given))
        if modal is not None and (key := value_key(str(element.get("type")))) is not None:
            value = {"type": element["type"], key: action.get(key)}
            modal.entered.setdefault(found, {})[action_id] = value
            view = modal.current()
        return payloads.block_actions_in_view(self._core, user, view, action)

    def _element(self, blocks: list[Done], block_id: Any, action_id: str, given: Given) -> tuple[str, Done]:
        """The element as it stands now, else as the person's page still draws it."""
        found = payloads.find_element(blocks, block_id, action_id) or payloads.find_element(blocks, None, action_id)
        if found is not None and (not given.get("element") or given["element"].get("value") == found[1].get("value")):
            return found
        drawn = given.get("element")
        if not isinstance(drawn, dict) or drawn.get("action_id") != action_id:
            raise PageRefusal("there is no such button any more", 404)
        return str(block_id), drawn

    def _chosen(self, given: Given) -> Done:
        return {key: value for key, value in given.items() if key == "value" or key.startswith("selected_")}

    def _tell(self, user: str, outcome: Outcome) -> None:
        if outcome.failure == "not_connected":
            text = f"{self._core.app.name} is not connected, so nothing has happened."
        else:
            text = f"{self._core.app.name} did not respond in time. Try again."
        self._core.workspace.tell(user, text)

    def _answered(self, user: str, room: Room, body: Any) -> None:
        if not isinstance(body, dict):
            return
        try:
            self._responses.apply(body, ResponseUrl(user, room.id, None, self._core.clock.monotonic()))
        except SlackRefusal as refusal:
            self._core.workspace.tell(user, f"The answer could not be shown ({refusal.error}).")

    def _after_submission(self, modal: Modal, body: Any) -> None:
        action = body.get("response_action") if isinstance(body, dict) else None
        views = self._core.views
        if action is None:
            views.close(modal)
        elif action == "clear":
            views.close(modal, everything=True)
        elif action == "update":
            views.update(modal, body.get("view"))
        elif action == "push":
            views.push(modal.user, body.get("view"))
        elif action == "errors":
            self._show_errors(modal, body.get("errors"))
        else:
            raise SlackRefusal("invalid_response_action")

    def _show_errors(self, modal: Modal, errors: Any) -> None:
        inputs = {block["block_id"] for block in modal.view["blocks"] if block["type"] == "input"}
        if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
            raise SlackRefusal("invalid_errors")
        self._core.views.complain(modal, {str(key): str(text) for key, text in errors.items()})
