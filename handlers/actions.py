"""Buttons and menus: acknowledged first, then carried out, then shown by the outbox. Refusals are told privately."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, BoltContext
from slack_sdk import WebClient

from handlers import answers, modals, move_forms, words
from handlers.origin import Origin
from handlers.people import People
from handlers.press import Press, channel_of, place_of, press_of
from handlers.private import Private
from handlers.several import VERBS, SeveralOrigin, several_view
from services import bulk, escalate, moves, reveal, work
from services.desk import Desk
from services.people import Actor
from services.views import Done, ItemView, Refused

_NOTHING = "There is nothing here for you to choose from."

Command = Callable[[Desk, str, int | None, Actor], Done | Refused]


class Actions:
    """What the buttons and menus on cards, lists and reminders do."""

    def __init__(self, desk: Desk, private: Private, people: People, reveal_url: str | None = None) -> None:
        self.desk = desk
        self.private = private
        self.people = people
        self.reveal_url = reveal_url

    def claim(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """`Claim` on a card, a line or a private answer."""
        ack()
        if press := self._press(body, context, client):
            self._carry_out(press, client, work.claim)

    def release(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """`Release` on a card."""
        ack()
        if press := self._press(body, context, client):
            self._carry_out(press, client, work.release)

    def resolve(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """`Resolve` opens the outcome form, for whoever may use it."""
        ack()
        if press := self._press(body, context, client):
            self._form(press, client, self._resolve_view)

    def menu(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """A choice of a card's overflow menu."""
        ack()
        press = self._press(body, context, client)
        if press is None:
            return
        match press.verb:
            case "handoff":
                self._form(press, client, self._hand_off_view)
            case "snooze":
                self._form(press, client, self._snooze_view)
            case "wake":
                self._carry_out(press, client, moves.wake)
            case "reopen":
                self._carry_out(press, client, moves.reopen)
            case "approve":
                self._carry_out(press, client, work.approve_write_off)
            case "decline":
                self._carry_out(press, client, work.decline_write_off)
            case "escalate":
                self._escalate(press, client)
            case "number":
                self._number(press)
            case _:
                self._details(press, client)

    def several(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """Claim, resolve or hand off several: a form to choose them."""
        ack()
        verb = str(body["actions"][0]["action_id"]).partition(":")[2]
        if verb not in VERBS:
            return
        actor, url, place = self.people.actor(body, context, client), body.get("response_url"), place_of(body)
        channel = (body.get("channel") or {}).get("id")
        teams = bulk.teams_for(self.desk, actor, channel)
        offer = answers.attempt(url, lambda: bulk.choices(self.desk, teams, actor, free_only=verb == "claim"))
        if not offer.items:
            refused = bulk.not_allowed(self.desk, actor, channel)
            self._say(place, actor, url, client, refused.text if refused else _NOTHING)
            return
        origin = SeveralOrigin(verb, tuple(teams), url, place, channel_of(body))
        view = several_view(offer, self.desk.today(), self.desk.rules, origin)
        if not answers.open_form(client, str(body.get("trigger_id", "")), view):
            self._say(place, actor, url, client, answers.LATE)

    def acknowledge(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """`Got it` on a reminder."""
        ack()
        actor = self.people.actor(body, context, client)
        url, message_id = body.get("response_url"), str(body["actions"][0].get("value", ""))
        answer = answers.attempt(url, lambda: escalate.acknowledge(self.desk, message_id, actor))
        if isinstance(answer, Refused):
            answers.say(url, answer.text)

    def _press(self, body: dict[str, Any], context: BoltContext, client: WebClient) -> Press | None:
        return press_of(body, self.people.actor(body, context, client))

    def _carry_out(self, press: Press, client: WebClient, command: Command) -> None:
        answer = answers.attempt(press.response_url, lambda: command(self.desk, press.ref, press.version, press.actor))
        if isinstance(answer, Refused):
            self._refuse(press, answer, client)
        else:
            self._redraw(press, client)

    def _form(self, press: Press, client: WebClient, draw: Callable[[ItemView, Press], dict[str, Any]]) -> None:
        """Open a form about an item for whoever may work it now."""
        item = answers.attempt(
            press.response_url, lambda: work.may_resolve(self.desk, press.ref, press.version, press.actor)
        )
        if isinstance(item, Refused):
            self._refuse(press, item, client)
        else:
            self._open(press, client, draw(item, press))

    def _resolve_view(self, item: ItemView, press: Press) -> dict[str, Any]:
        origin = _origin(press, item, with_amount=True)
        return modals.resolve_view(item, self.desk.today(), self.desk.rules, origin, viewer=press.actor.user)

    def _hand_off_view(self, item: ItemView, press: Press) -> dict[str, Any]:
        return move_forms.hand_off_view(item, self.desk.today(), self.desk.rules, _origin(press, item))

    def _snooze_view(self, item: ItemView, press: Press) -> dict[str, Any]:
        next_day, today = moves.next_business_day(self.desk), self.desk.today()
        return move_forms.snooze_view(item, today, next_day, self.desk.rules, _origin(press, item))

    def _details(self, press: Press, client: WebClient) -> None:
        origin = Origin(press.ref, press.version, press.response_url, press.place, channel=press.channel)
        view = answers.attempt(press.response_url, lambda: self.private.details(press.ref, press.actor, origin))
        if isinstance(view, Refused):
            self._refuse(press, view, client)
        else:
            self._open(press, client, view)

    def _escalate(self, press: Press, client: WebClient) -> None:
        answer = answers.attempt(
            press.response_url, lambda: escalate.escalate_now(self.desk, press.ref, press.version, press.actor)
        )
        if isinstance(answer, Refused):
            self._refuse(press, answer, client)
        else:
            self._redraw(press, client, f"{press.ref}: {words.place(answer.told)} is told.")

    def _number(self, press: Press) -> None:
        if self.reveal_url is None:
            answers.say(press.response_url, claim_number_text(press.ref))
            return
        link = answers.attempt(press.response_url, lambda: reveal.make_link(self.desk, press.ref, press.actor))
        if isinstance(link, Refused):
            answers.say(press.response_url, f"{press.ref}: {link.text}")
        else:
            answers.say(press.response_url, link_text(self.reveal_url, link))

    def _refuse(self, press: Press, refused: Refused, client: WebClient) -> None:
        self._redraw(press, client, f"{press.ref}: {refused.text}")  # a person may have pressed several

    def _redraw(self, press: Press, client: WebClient, notice: str = "") -> None:
        self.private.redraw(
            press.place, press.ref, press.actor, press.response_url, client, notice=notice, channel=press.channel
        )

    def _say(self, place: str, actor: Actor, url: str | None, client: WebClient, text: str) -> None:
        self.private.redraw(place, "", actor, url, client, notice=text)

    def _open(self, press: Press, client: WebClient, view: Mapping[str, Any]) -> None:
        if not answers.open_form(client, press.trigger_id, view):
            self._redraw(press, client, answers.LATE)


def _origin(press: Press, item: ItemView, *, with_amount: bool = False) -> Origin:
    amount = item.amount if with_amount else None
    return Origin(item.ref, item.version, press.response_url, press.place, amount, press.channel)


def claim_number_text(ref: str) -> str:
    """Where the claim number is: never in Slack."""
    return (
        f"Claim numbers stay out of Slack. On the Denial Desk host, `denials lookup {ref}` shows it to those who may"
        " see it; every look-up is logged."
    )


def link_text(reveal_url: str, link: reveal.Link) -> str:
    """The private link to the page on the practice's own network."""
    address = f"{reveal_url.rstrip('/')}/reveal/{link.token}"
    return (
        f"<{address}|Open the claim number of {link.ref}>. The link works once, for five minutes, on the practice's own"
        " network; opening it is logged."
    )
