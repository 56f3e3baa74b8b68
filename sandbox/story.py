"""Tests that read as a story: expect a message, click its button, expect the update, move the clock.

    story = Story(sandbox)
    card = story.expect_message("#front-desk", containing="DN-")
    story.click(card, "Claim", by="U0FRONT1")
    story.expect_update(card, containing="Maya Ortiz")
    story.move_clock("4h")

A Story talks to the page's own addresses, so it works the same for a sandbox in this process and in another
(`Story("http://127.0.0.1:3300")`). What does not come in time is an AssertionError that tells what was there instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sandbox.page_client import PageClient
from sandbox.server import Sandbox
from sandbox.shown import Modal, Pressable, Shown, View, shown_of, view_of

T = TypeVar("T")
_LOOK_AGAIN_S = 0.25
Words = str | tuple[str, ...]


class Story:
    """What people see and do, in order. Waits up to ``patience`` real seconds for each thing expected."""

    def __init__(self, sandbox: Sandbox | str, *, patience: float = 10.0) -> None:
        self._client = PageClient(sandbox if isinstance(sandbox, str) else sandbox.url)
        self._patience = patience

    # What is there

    def messages(self, channel: str, *, thread: str | None = None) -> list[Shown]:
        """All messages of a channel (by id or name), or the app's direct messages with a person, oldest first."""
        return self._messages(channel, thread)[1]

    def private_answers(self, user: str, channel: str | None = None) -> list[Shown]:
        """The messages that only this person sees, oldest first."""
        answers = self._client.private(user)["answers"]
        found = [shown_of(one["channel"], one, seen_by=user) for one in answers]
        return sorted((one for one in found if channel is None or one.channel == channel), key=lambda one: one.ts)

    def modal(self, user: str, *, timeout: float | None = None) -> Modal:
        """The dialog that a person has open, once there is one."""
        return self._until(lambda: self.open_modal(user), f"{user} to have a dialog open", timeout)

    def open_modal(self, user: str) -> Modal | None:
        """The dialog that a person has open now."""
        found = self._client.private(user)["modal"]
        return Modal.of(found) if found else None

    def home(self, user: str, *, containing: Words = (), timeout: float | None = None) -> View:
        """Open App Home as a person, and what the app shows there once it shows all these words."""
        self._client.post("home", viewer=user)
        return self._until(lambda: self._home(user, containing), f"{user}'s Home with {containing!r}", timeout)

    def notices(self, user: str) -> list[str]:
        """Slack's own words to a person: an app that does not respond, a command that failed."""
        return [one["text"] for one in self._client.private(user)["notices"]]

    def state(self, user: str, channel: str | None = None, thread: str | None = None) -> dict[str, Any]:
        """The whole page as a person sees it."""
        return self._client.state(user, channel, thread)

    def calls(self, *methods: str) -> list[dict[str, Any]]:
        """The Web API calls so far, of some methods or of all."""
        return [call for call in self._client.calls() if not methods or call["method"] in methods]

    def refused_calls(self) -> list[dict[str, Any]]:
        """The calls that Slack would have refused, without what a test asked for."""
        return [call for call in self._client.calls() if call["error"] and not call["injected"]]

    # What must come

    def expect_message(
        self,
        channel: str,
        containing: Words = (),
        *,
        without: Words = (),
        after: Shown | None = None,
        thread: str | None = None,
        timeout: float | None = None,
    ) -> Shown:
        """The newest message of a channel that shows all of these words and none of those, once there is one."""

        def look() -> Shown | None:
            for one in reversed(self.messages(channel, thread=thread)):
                if (after is None or one.ts > after.ts) and one.says(containing) and not _any(one, without):
                    return one
            return None

        return self._until(look, f"a message in {channel} with {containing!r}", timeout, lambda: self.messages(channel))

    def expect_messages(
        self, channel: str, count: int, containing: Words = (), *, timeout: float | None = None
    ) -> list[Shown]:
        """The messages of a channel with these words, once there are at least so many."""

        def look() -> list[Shown] | None:
            found = [one for one in self.messages(channel) if one.says(containing)]
            return found if len(found) >= count else None

        what = f"{count} messages in {channel} with {containing!r}"
        return self._until(look, what, timeout, lambda: self.messages(channel))

    def expect_update(
        self,
        shown: Shown,
        containing: Words = (),
        *,
        without: Words = (),
        button: str | None = None,
        timeout: float | None = None,
    ) -> Shown:
        """The same message, once it shows these words, none of those, and the button named."""

        def look() -> Shown | None:
            now = self.again(shown)
            if now is None or not now.says(containing) or _any(now, without):
                return None
            return now if button is None or now.pressables(button) else None

        what = f"the message {shown.ts} to show {containing!r}"
        return self._until(look, what, timeout, lambda: [one for one in [self.again(shown)] if one])

    def expect_private_answer(
        self,
        user: str,
        containing: Words = (),
        *,
        after: Shown | None = None,
        timeout: float | None = None,
    ) -> Shown:
        """The newest message that only this person sees with these words, once there is one."""

        def look() -> Shown | None:
            for one in reversed(self.private_answers(user)):
                if (after is None or one.ts > after.ts) and one.says(containing):
                    return one
            return None

        what = f"a private answer to {user} with {containing!r}"
        return self._until(look, what, timeout, lambda: self.private_answers(user))

    def expect_notice(self, user: str, containing: str = "", *, timeout: float | None = None) -> str:
        """Slack's own word to a person, once there is one."""
        return self._until(
            lambda: next((one for one in self.notices(user) if containing in one), None),
            f"a notice to {user} with {containing!r}",
            timeout,
        )

    def expect_no_modal(self, user: str, *, timeout: float | None = None) -> None:
        """Wait until a person has no dialog open."""
        self._until(lambda: self.open_modal(user) is None or None, f"{user}'s dialog to close", timeout)

    def expect(self, look: Callable[[], T | None], what: str, *, timeout: float | None = None) -> T:
        """What ``look`` finds, once it finds anything; looked for again at each change of the workspace."""
        return self._until(look, what, timeout)

    def again(self, shown: Shown) -> Shown | None:
        """The same message as it stands now."""
        own = self.messages(shown.channel) if not shown.ephemeral else []
        if shown.thread_ts and shown.thread_ts != shown.ts:
            own = self.messages(shown.channel, thread=shown.thread_ts)
        if shown.ephemeral:
            own = self.private_answers(shown.user_seeing)
        return next((one for one in own if one.ts == shown.ts), None)

    # What people do

    def click(self, shown: Shown | View | Modal, label: str, *, by: str, ref: str | None = None) -> bool:
        """Press the button with this label; ``ref`` picks one of several by the start of its value.

        The button is pressed as it was drawn in ``shown``, even if the message has changed since, as a person does
        whose page is a moment behind. Answers whether the app has acknowledged in time.
        """
        return self._press(shown, shown.button(label, ref), by, {})

    def choose(self, shown: Shown | View | Modal, option: str, *, by: str, ref: str | None = None) -> bool:
        """Choose an option, by the text it shows, from an overflow menu or a select."""
        menu, chosen = shown.menu(option, ref)
        return self._press(shown, menu, by, {"selected_option": chosen})

    def submit(self, user: str, values: Mapping[str, Any] | None = None) -> Modal | None:
        """Fill the open dialog in and submit it; the dialog that is open afterwards, if any.

        ``values`` go by the label of the input, or by its block id or action id. A choice is named by the text of
        its option or its value; a date is an ISO string.
        """
        modal = self.modal(user)
        self._client.post("submit", viewer=user, view_id=modal.id, values=modal.filled(values or {}))
        return self.open_modal(user)

    def close_modal(self, user: str) -> None:
        """Close the open dialog without submitting it."""
        self._client.post("close", viewer=user, view_id=self.modal(user).id)

    def command(self, user: str, text: str, *, channel: str) -> bool:
        """Type a slash command; whether the app has acknowledged in time."""
        where = self._client.room(channel)["channel"]
        return bool(self._client.post("command", viewer=user, channel=where, text=text)["acknowledged"])

    def say(self, user: str, channel: str, text: str, *, thread: str | None = None) -> Shown:
        """Write a message."""
        where = self._client.room(channel)["channel"]
        ts = self._client.post("message", viewer=user, channel=where, text=text, thread_ts=thread)["ts"]
        return next(one for one in self.messages(where, thread=thread) if one.ts == ts)

    def change_group(self, group: str, members: Sequence[str]) -> None:
        """Change who is in a user group; Slack tells the app."""
        self._client.post("group", group=group, members=list(members))

    def direct(self, user: str) -> str:
        """The id of the direct messages between a person and the app."""
        return str(self._client.room(user)["channel"])

    def move_clock(self, span: str | float) -> None:
        """Move the workspace's time on: ``"4h"``, ``"2d"`` or seconds."""
        self._client.post("clock", advance=span)

    def move_clock_to(self, moment: str) -> None:
        """Set the workspace's time to an ISO 8601 moment."""
        self._client.post("clock", to=moment)

    def reset_clock(self) -> None:
        """Return to real time."""
        self._client.post("clock", reset=True)

    # How

    def _messages(self, channel: str, thread: str | None) -> tuple[int, list[Shown]]:
        found = self._client.room(channel, thread)
        return found["version"], [shown_of(found["channel"], one) for one in found["messages"]]

    def _home(self, user: str, containing: Words) -> View | None:
        found = self._client.private(user)["home"]
        view = view_of(found) if found else None
        return view if view is not None and view.says(containing) else None

    def _press(self, shown: Shown | View | Modal, element: Pressable, user: str, chosen: dict[str, Any]) -> bool:
        place = (
            {"channel": shown.channel, "message_ts": shown.ts} if isinstance(shown, Shown) else {"view_id": shown.id}
        )
        ids = {"block_id": element.block_id, "action_id": element.action_id, "element": element.element}
        return bool(self._client.post("action", viewer=user, **place, **ids, **chosen)["acknowledged"])

    def _until(
        self,
        look: Callable[[], T | None],
        what: str,
        timeout: float | None,
        instead: Callable[[], list[Shown]] | None = None,
    ) -> T:
        deadline = time.monotonic() + (self._patience if timeout is None else timeout)
        while True:
            version = self._client.version()
            found = look()
            if found is not None:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                break
            self._client.wait(version, min(left, _LOOK_AGAIN_S))  # what is looked for may lie outside the workspace
        there = "\n".join(f"  {one.ts} {one.words[:300]!r}" for one in (instead() if instead else [])[-12:])
        raise AssertionError(f"waited in vain for {what}" + (f"; there is:\n{there}" if there else ""))


def _any(shown: Shown, words: Words) -> bool:
    listed = (words,) if isinstance(words, str) else words
    return any(one in shown.words for one in listed)
