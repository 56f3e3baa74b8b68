"""Submitted forms: checked without asking anybody, acknowledged, then carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, BoltContext
from slack_sdk import WebClient

from handlers import answers, modals, move_forms, several
from handlers.origin import Origin
from handlers.people import People
from handlers.private import Private
from handlers.several import SeveralOrigin
from services import bulk, moves, notes, work
from services.desk import Desk
from services.people import Actor
from services.views import Done, Refused


class Forms:
    """What happens when a form is sent."""

    def __init__(self, desk: Desk, private: Private, people: People) -> None:
        self.desk = desk
        self.private = private
        self.people = people

    def resolve(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """The outcome form."""
        origin = Origin.from_text(body["view"]["private_metadata"])
        resolution, wrong = modals.read_resolution(body["view"], origin.amount, self.desk.today())
        if resolution is None:
            ack(response_action="errors", errors=wrong)
            return
        ack()
        actor = self.people.actor(body, context, client)
        self._finish(origin, actor, client, lambda: work.resolve(self.desk, *_at(origin), actor, resolution))

    def hand_off(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """The hand-off form."""
        origin = Origin.from_text(body["view"]["private_metadata"])
        destination, wrong = move_forms.read_hand_off(body["view"])
        if destination is None:
            ack(response_action="errors", errors=wrong)
            return
        ack()
        actor = self.people.actor(body, context, client)
        self._finish(origin, actor, client, lambda: moves.hand_off(self.desk, *_at(origin), actor, destination))

    def snooze(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """The snooze form."""
        origin = Origin.from_text(body["view"]["private_metadata"])
        until, wrong = move_forms.read_snooze(body["view"], self.desk.today())
        if until is None:
            ack(response_action="errors", errors=wrong)
            return
        ack()
        actor = self.people.actor(body, context, client)
        self._finish(origin, actor, client, lambda: moves.snooze(self.desk, *_at(origin), actor, until))

    def details(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """What was filled in below the details: a note, a new assignee."""
        origin = Origin.from_text(body["view"]["private_metadata"])
        to, note, wrong = move_forms.read_details(body["view"])
        if wrong:
            ack(response_action="errors", errors=wrong)
            return
        ack()
        actor = self.people.actor(body, context, client)
        if note:
            self._finish(origin, actor, client, lambda: notes.short_note(self.desk, origin.ref, actor, note))
        if to is not None:
            # The version is the one in the form, but a note of one's own from the same form does not change it.
            given_to = self.people.known(to, client)
            self._finish(origin, actor, client, lambda: moves.reassign(self.desk, *_at(origin), actor, given_to))

    def several(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """A form for several denials: each is a change of its own, the answer tells them all."""
        view, origin = body["view"], SeveralOrigin.from_text(body["view"]["private_metadata"])
        chosen, kind, wrong = several.read_chosen(view)
        one, also_wrong = self._one(origin.verb, view)
        if one is None or wrong:
            ack(response_action="errors", errors={**wrong, **also_wrong})
            return
        ack()
        actor = self.people.actor(body, context, client)
        try:
            every, left = bulk.with_those_alike(
                self.desk, origin.teams, actor, chosen, kind, free_only=origin.verb == "claim"
            )
            came = bulk.each(every, lambda ref, version: one(ref, version, actor), left=left)
        except Exception:  # said to the person, raised again for the process to log and count
            self._trouble(origin, actor, client, answers.TROUBLE_WITH_SEVERAL)
            raise
        text = several.several_text(origin.verb, came, self.desk.rules)
        self.private.redraw(origin.place, "", actor, origin.response_url, client, notice=text, channel=origin.channel)

    def _one(
        self, verb: str, view: dict[str, Any]
    ) -> tuple[Callable[[str, int | None, Actor], Done | Refused] | None, dict[str, str]]:
        """What is done to each of several items, or what is wrong with the form by block id."""
        if verb == "claim":
            return lambda ref, version, actor: work.claim(self.desk, ref, version, actor, card=False), {}
        if verb == "resolve":
            resolution, wrong = modals.read_resolution(view, None, self.desk.today())
            if resolution is None:
                return None, wrong
            return lambda ref, version, actor: work.resolve(self.desk, ref, version, actor, resolution, card=False), {}
        to, wrong = move_forms.read_hand_off(view)
        if to is None:
            return None, wrong
        return lambda ref, version, actor: moves.hand_off(self.desk, ref, version, actor, to, gather=True), {}

    def _finish(self, origin: Origin, actor: Actor, client: WebClient, command: Callable[[], Done | Refused]) -> None:
        """Carry a form out; say privately why not, and bring the private answer it came from up to date."""
        try:
            answer = command()
        except Exception:  # said to the person, raised again for the process to log and count
            self._trouble(origin, actor, client, answers.TROUBLE)
            raise
        notice = f"{origin.ref}: {answer.text}" if isinstance(answer, Refused) else ""
        self.private.redraw(
            origin.place, origin.ref, actor, origin.response_url, client, notice=notice, channel=origin.channel
        )

    def _trouble(self, origin: Origin | SeveralOrigin, actor: Actor, client: WebClient, text: str) -> None:
        self.private.tell(actor, origin.response_url, origin.channel, client, text)


def _at(origin: Origin) -> tuple[str, int]:
    return origin.ref, origin.version
