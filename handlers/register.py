"""Every listener, in one place: what Slack sends and who answers it."""

from __future__ import annotations

import re

from slack_bolt import App

from handlers.actions import Actions
from handlers.commands import Commands
from handlers.forms import Forms
from handlers.private import Private
from services.desk import Desk

COMMAND = "/denials"


def register(app: App, desk: Desk, *, reveal_url: str | None = None) -> None:
    """Add all listeners to the app. Each acknowledges first and works afterwards.

    `reveal_url` is the address of the page on the practice's own network that shows a claim number; without it the
    menu names the host command.
    """
    private = Private(desk)
    actions, commands, forms = Actions(desk, private), Commands(desk, private), Forms(desk, private)
    for verb, listener in (
        ("claim", actions.claim),
        ("release", actions.release),
        ("resolve", actions.resolve),
        ("menu", actions.menu),
    ):
        app.action(re.compile(rf"^{verb}:"))(listener)
    app.view("resolve")(forms.resolve)
    app.command(COMMAND)(commands.denials)
