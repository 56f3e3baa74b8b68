"""The modals that people have open, up to three on top of each other."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

from sandbox.app import App
from sandbox.blockkit import dress, view_problems
from sandbox.blockkit.dress import dress_text
from sandbox.blockkit.view import too_large
from sandbox.changes import Changes
from sandbox.clock import WorkspaceClock
from sandbox.errors import SlackRefusal
from sandbox.inputs import Values, values_of

_DEEPEST = 3


@dataclass(slots=True)
class Modal:
    """An open modal: the view as Slack tells it, what was entered so far, and the messages under its inputs."""

    user: str
    view: dict[str, Any]
    entered: Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The view's id."""
        return str(self.view["id"])

    def current(self) -> dict[str, Any]:
        """The view with the present state of its inputs."""
        return {**self.view, "state": {"values": values_of(self.view["blocks"], self.entered)}}


class Views:
    """Checks views, completes them as Slack does, and keeps the open modals. Thread-safe."""

    def __init__(self, team: str, app: App, clock: WorkspaceClock, changes: Changes) -> None:
        self._team = team
        self._app = app
        self._clock = clock
        self._changes = changes
        self._lock = threading.RLock()
        self._stacks: dict[str, list[Modal]] = {}

    def checked(self, view: Any, *surfaces: str, old: dict[str, Any] | None = None) -> dict[str, Any]:
        """The whole view as Slack answers with, or Slack's refusal. ``old`` is the one it takes the place of."""
        if problems := view_problems(view, *surfaces):
            raise SlackRefusal("invalid_arguments", *(f"[ERROR] {one}" for one in problems))
        if too_large(view):
            raise SlackRefusal("view_too_large")
        external = view.get("external_id", "")
        known = {modal.view["external_id"]: modal.id for stack in self._stacks.values() for modal in stack}
        if external and known.get(external, old and old["id"]) != (old and old["id"]):
            raise SlackRefusal("duplicate_external_id")
        view_id = old["id"] if old else f"V{secrets.token_hex(5).upper()}"
        complete: dict[str, Any] = {
            "id": view_id,
            "team_id": self._team,
            "type": view["type"],
            "blocks": dress(view["blocks"]),
            "private_metadata": view.get("private_metadata", ""),
            "callback_id": view.get("callback_id", ""),
            "state": {"values": {}},
            "hash": f"{self._clock.real():.0f}.{secrets.token_hex(4)}",
            "title": dress_text(view.get("title") or {"type": "plain_text", "text": "View Title"}),
            "clear_on_close": view.get("clear_on_close", False),
            "notify_on_close": view.get("notify_on_close", False),
            "close": dress_text(view.get("close")),
            "submit": dress_text(view.get("submit")),
            "previous_view_id": old["previous_view_id"] if old else None,
            "root_view_id": old["root_view_id"] if old else view_id,
            "app_id": self._app.id,
            "external_id": external,
            "app_installed_team_id": self._team,
            "bot_id": self._app.bot_id,
        }
        complete["state"] = {"values": values_of(complete["blocks"], {})}
        return complete

    def open(self, user: str, view: Any) -> dict[str, Any]:
        """Open a modal for a person, in the place of any other."""
        complete = self.checked(view, "modal")
        with self._lock:
            self._stacks[user] = [Modal(user, complete)]
        self._changes.bump()
        return complete

    def push(self, user: str, view: Any) -> dict[str, Any]:
        """Put a modal on top of a person's open one."""
        complete = self.checked(view, "modal")
        with self._lock:
            stack = self._stacks.get(user, [])
            if not stack:
                raise SlackRefusal("invalid_trigger_id")
            if len(stack) >= _DEEPEST:
                raise SlackRefusal("push_limit_reached")
            complete["previous_view_id"] = stack[-1].id
            complete["root_view_id"] = stack[0].id
            stack.append(Modal(user, complete))
        self._changes.bump()
        return complete

    def update(self, modal: Modal, view: Any) -> dict[str, Any]:
        """Replace a modal's content. Inputs whose block and action ids stay keep what was entered."""
        modal.view = self.checked(view, "modal", old=modal.view)
        modal.errors = {}
        self._changes.bump()
        return modal.view

    def find(self, view_id: str | None, external_id: str | None = None) -> Modal | None:
        """An open modal by one of its ids."""
        with self._lock:
            for stack in self._stacks.values():
                for modal in stack:
                    if modal.id == view_id or (external_id and modal.view["external_id"] == external_id):
                        return modal
        return None

    def stack(self, user: str) -> list[Modal]:
        """A person's open modals, the visible one last."""
        with self._lock:
            return list(self._stacks.get(user, []))

    def complain(self, modal: Modal, errors: dict[str, str]) -> None:
        """Show messages under a modal's inputs."""
        modal.errors = errors
        self._changes.bump()

    def close(self, modal: Modal, *, everything: bool = False) -> list[Modal]:
        """Close a modal, or all of its stack; the closed ones."""
        with self._lock:
            stack = self._stacks.get(modal.user, [])
            if modal not in stack:
                return []
            start = 0 if everything else stack.index(modal)
            closed = stack[start:]
            del stack[start:]
        self._changes.bump()
        return closed
