"""Every listener, in one place: what Slack sends and who answers it."""

from __future__ import annotations

import re

from slack_bolt import App

from handlers import groups
from handlers.actions import Actions
from handlers.commands import Commands
from handlers.forms import Forms
from handlers.home import HomeTab
from handlers.modals import RESOLVE
from handlers.move_forms import DETAILS, HAND_OFF, SNOOZE
from handlers.people import People
from handlers.private import Private
from handlers.review_forms import DISMISS, LOG_CAUSE
from handlers.reviews import Reviews
from services.desk import Desk

COMMAND = "/denials"


def register(app: App, desk: Desk, *, reveal_url: str | None = None) -> None:
    """Add all listeners to the app. Each acknowledges first and works afterwards.

    `reveal_url` is the base address of the page on the practice's own network that opens a claim number; without it
    the menu names the host command.
    """
    people = People()
    home = HomeTab(desk, people)
    private = Private(desk, home)
    reviews = Reviews(desk, private, people)
    actions, commands = Actions(desk, private, people, reveal_url), Commands(desk, private, people, reviews)
    forms = Forms(desk, private, people)
    for verb, listener in (
        ("claim", actions.claim),
        ("release", actions.release),
        ("resolve", actions.resolve),
        ("menu", actions.menu),
        ("several", actions.several),
        ("acknowledge", actions.acknowledge),
        ("take", reviews.take),
        ("log", reviews.log_cause),
        ("dismiss", reviews.dismiss),
        ("history", reviews.history),
    ):
        app.action(re.compile(rf"^{verb}:"))(listener)
    app.action(re.compile("^home:"))(home.turn)
    app.event("app_home_opened")(home.opened)
    for event in groups.EVENTS:
        app.event(event)(groups.Groups(desk).changed)
    app.view(RESOLVE)(forms.resolve)
    app.view(HAND_OFF)(forms.hand_off)
    app.view(SNOOZE)(forms.snooze)
    app.view(DETAILS)(forms.details)
    app.view(LOG_CAUSE)(reviews.cause_logged)
    app.view(DISMISS)(reviews.dismissed)
    app.view(re.compile("^several_"))(forms.several)
    app.command(COMMAND)(commands.denials)
