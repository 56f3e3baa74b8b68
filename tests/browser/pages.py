"""The sandbox's page as a person uses it, so that a test reads like what someone did and saw."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect


class Workspace:
    """The page of a workspace. Everything waits until the page shows what was asked for."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    def open(self) -> Workspace:
        """Load the page and wait for its first state."""
        self.page.goto(self._url)
        expect(self.page.locator("body[data-viewer]")).to_be_attached()
        return self

    # Who looks, and where

    def as_person(self, name: str) -> Workspace:
        """Look through a person's eyes, by their name."""
        choice = self.page.get_by_test_id("viewer-select")
        option = choice.locator("option").filter(has_text=name)
        user = option.first.get_attribute("value")
        choice.select_option(user)
        expect(self.page.locator(f'body[data-viewer="{user}"]')).to_be_attached()
        return self

    def open_channel(self, name: str) -> Workspace:
        """Open a channel by its name without ``#``."""
        self._go(self.page.get_by_test_id(f"channel-{name}"))
        expect(self.page.get_by_role("heading", level=1, name=f"#{name}", exact=True)).to_be_visible()
        return self

    def open_direct(self, name: str) -> Workspace:
        """Open the direct messages with a person or the app."""
        self._go(self.page.get_by_test_id(f"dm-{name}"))
        expect(self.page.get_by_role("heading", level=1, name=name, exact=True)).to_be_visible()
        return self

    def open_home(self) -> Locator:
        """Open the app's Home; the view."""
        self._go(self.page.get_by_test_id("home-tab"))
        home = self.page.get_by_test_id("home")
        expect(home).to_be_visible()
        return home

    def _go(self, place: Locator) -> None:
        place.click()
        expect(place).to_have_attribute("aria-current", "page")

    # Messages

    @property
    def messages(self) -> Locator:
        """The messages of the open conversation, oldest first, without those of a thread."""
        return self.page.get_by_test_id("messages").get_by_test_id("message")

    def message_with(self, *texts: str) -> Locator:
        """The newest message that holds all these texts, once it is there."""
        found = self.messages
        for text in texts:
            found = found.filter(has_text=text)
        expect(found.last).to_be_visible()
        return self._pinned(found.last)

    def private_answer(self, text: str) -> Locator:
        """The newest message with this text that is marked as visible to the viewer alone."""
        found = self.messages.filter(has_text="Only visible to you").filter(has_text=text).last
        expect(found).to_be_visible()
        return self._pinned(found)

    def _pinned(self, message: Locator) -> Locator:
        """The same message however it changes: by its time instead of its words."""
        return self.page.get_by_test_id("messages").locator(f'[data-ts="{message.get_attribute("data-ts")}"]')

    def line(self, message: Locator, text: str) -> Locator:
        """The block of a message (a line of a list) that holds this text."""
        return message.locator(".block").filter(has_text=text).first

    def press(self, where: Locator, button: str) -> None:
        """Press a button by its name, in a message, in a line of it or in a view."""
        where.get_by_role("button", name=button, exact=True).first.click()

    def choose_more(self, where: Locator, option: str) -> None:
        """Choose from the overflow menu of a message."""
        where.get_by_test_id("overflow").first.click()
        self.page.get_by_role("menuitem", name=option).click()

    def open_thread(self, message: Locator) -> Locator:
        """Open a message's thread; the pane."""
        message.hover()
        message.get_by_test_id("reply-in-thread").click()
        thread = self.page.get_by_test_id("thread")
        expect(thread).to_be_visible()
        return thread

    # Typing

    @property
    def composer(self) -> Locator:
        """Where messages and commands are typed."""
        return self.page.get_by_test_id("composer")

    def type_command(self, text: str) -> None:
        """Type a slash command and send it."""
        self.composer.fill(text)
        self.composer.press("Enter")
        expect(self.composer).to_have_value("")

    say = type_command

    # The clock, dialogs and notices

    def move_clock(self, amount: str) -> None:
        """Move the workspace's clock forward: ``15m``, ``1h``, ``4h``, ``1d`` or ``1w``."""
        before = self.page.get_by_test_id("clock-offset").inner_text()
        self.page.get_by_test_id(f"clock-forward-{amount}").click()
        expect(self.page.get_by_test_id("clock-offset")).not_to_have_text(before)

    def reset_clock(self) -> None:
        """Set the workspace's clock back to real time."""
        self.page.get_by_test_id("clock-reset").click()
        expect(self.page.get_by_test_id("clock-offset")).to_have_text("real time")

    @property
    def modal(self) -> Modal:
        """The dialog on top, once there is one."""
        return Modal(self.page)

    def notice(self, text: str) -> Locator:
        """A notice with this text, once it is there."""
        found = self.page.get_by_test_id("notice").filter(has_text=text).first
        expect(found).to_be_visible()
        return found

    def unread(self, channel: str) -> Locator:
        """The badge with the number of new messages of a channel."""
        return self.page.get_by_test_id(f"channel-{channel}").locator(".badge")

    def screenshot(self, path: Path) -> None:
        """Keep what is seen as a picture."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, animations="disabled", caret="hide")


class Modal:
    """The dialog that is open."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.node = page.get_by_test_id("modal")
        expect(self.node).to_be_visible()

    def titled(self, title: str) -> Modal:
        """Wait until the dialog has this title."""
        expect(self.node.get_by_role("heading", level=2)).to_have_text(title)
        return self

    def field(self, label: str) -> Locator:
        """A field by its label."""
        return self.node.get_by_label(re.compile(rf"^{re.escape(label)}"))

    def fill(self, label: str, text: str) -> Modal:
        """Type into a field; a date as ``2026-12-24``."""
        self.field(label).fill(text)
        return self

    def choose(self, label: str, option: str) -> Modal:
        """Choose from a drop-down by the option's words, or a radio button or checkbox in the group of that label."""
        field = self.field(label)
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(label=option)
        else:
            field.get_by_label(option).check()
        return self

    def error(self, text: str) -> Locator:
        """A message under one of the fields, once it is there."""
        found = self.node.get_by_test_id("field-error").filter(has_text=text)
        expect(found).to_be_visible()
        return found

    def submit(self) -> None:
        """Press the dialog's main button."""
        self.node.get_by_test_id("modal-submit").click()

    def close(self) -> None:
        """Press the dialog's other button."""
        self.node.get_by_test_id("modal-close").click()

    def is_gone(self) -> None:
        """Wait until no dialog is open."""
        expect(self.node).to_have_count(0)
