"""Every listener, in one place: what Slack sends and who answers it."""

from __future__ import annotations

import re

from slack_bolt import App

from handlers.actions import Actions
from handlers.commands import Commands
from handlers.forms import Forms
from handlers.home import HomeTab
from handlers.people import People
from handlers.private import Private
from services.desk import Desk

COMMAND = "/denials"


def register(app: App, desk: Desk) -> None:
    """Add all listeners to the app. Each acknowledges first and works afterwards."""
    people = People()
    home = HomeTab(desk, people)
    private = Private(desk, home)
    actions, commands = Actions(desk, private, people), Commands(desk, private, people)
    forms = Forms(desk, private, people)
    for verb, listener in (
        ("claim", actions.claim),
        ("release", actions.release),
        ("resolve", actions.resolve),
        ("menu", actions.menu),
    ):
        app.action(re.compile(rf"^{verb}:"))(listener)
    app.action(re.compile("^home:"))(home.turn)
    app.event("app_home_opened")(home.opened)
    app.view("resolve")(forms.resolve)
    app.command(COMMAND)(commands.denials)
