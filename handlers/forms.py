"""Submitted forms: checked without asking anybody, acknowledged, then carried out."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, BoltContext
from slack_sdk import WebClient

from handlers import answers, modals
from handlers.people import People
from handlers.private import Private
from services import work
from services.desk import Desk
from services.views import Refused


class Forms:
    """What happens when a form is sent."""

    def __init__(self, desk: Desk, private: Private, people: People) -> None:
        self.desk = desk
        self.private = private
        self.people = people

    def resolve(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """The outcome form."""
        view = body["view"]
        origin = modals.Origin.from_text(view["private_metadata"])
        resolution, wrong = modals.read_resolution(view, origin, self.desk.today())
        if resolution is None:
            ack(response_action="errors", errors=wrong)
            return
        ack()
        actor = self.people.actor(body, context, client)
        try:
            answer = work.resolve(self.desk, origin.ref, origin.version, actor, resolution)
        except Exception:  # said to the person, raised again for the process to log and count
            answers.say(origin.response_url, answers.TROUBLE)
            raise
        notice = answer.text if isinstance(answer, Refused) else ""
        self.private.redraw(origin.place, origin.ref, actor, origin.response_url, client, notice=notice)
