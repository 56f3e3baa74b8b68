"""Buttons and menus: acknowledged first, then carried out, then shown by the outbox. Refusals are told privately."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from slack_bolt import Ack, BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from handlers import answers, modals
from handlers.blocks import parse_value
from handlers.people import People
from handlers.private import Private
from services import work
from services.desk import Desk
from services.people import Actor
from services.views import Done, Refused

VIEW_TIMEOUT_S = 2  # a trigger id lives three seconds

Answer = TypeVar("Answer")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Press:
    """One press of a button or choice in a menu."""

    actor: Actor
    verb: str
    ref: str
    version: int
    trigger_id: str
    response_url: str | None
    place: str  # which private answer it was in: "find", "mine", "overdue", "home", or "" for the bot's own messages


class Actions:
    """What the buttons on cards and lists do."""

    def __init__(self, desk: Desk, private: Private, people: People) -> None:
        self.desk = desk
        self.private = private
        self.people = people

    def claim(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """`Claim` on a card, a line or a private answer."""
        ack()
        self._change(body, context, client, work.claim)

    def release(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """`Release` on a card."""
        ack()
        self._change(body, context, client, work.release)

    def resolve(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """`Resolve` opens the outcome form, for whoever may use it."""
        ack()
        press = self._press(body, context, client)
        if press is None:
            return
        answer = self._carried_out(press, lambda: work.may_resolve(self.desk, press.ref, press.version, press.actor))
        if answer is None:
            return
        if isinstance(answer, Refused):
            self._refuse(press, answer, client)
            return
        origin = modals.Origin(answer.ref, answer.version, press.response_url, press.place, answer.amount)
        view = modals.resolve_view(answer, self.desk.today(), self.desk.rules, origin)
        self._open(client, press, view)

    def menu(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """A choice of a card's overflow menu."""
        ack()
        press = self._press(body, context, client)
        if press is None:
            return
        if press.verb == "number":
            answers.say(press.response_url, claim_number_text(press.ref))
            return
        if press.verb == "decline":
            self._carry_out(press, client, work.decline_write_off)
            return
        view = self._carried_out(press, lambda: self.private.details(press.ref, press.actor))
        if isinstance(view, dict):
            self._open(client, press, view)
        elif isinstance(view, Refused):
            self._refuse(press, view, client)

    def _change(
        self,
        body: dict[str, Any],
        context: BoltContext,
        client: WebClient,
        command: Callable[[Desk, str, int | None, Actor], Done | Refused],
    ) -> None:
        press = self._press(body, context, client)
        if press is not None:
            self._carry_out(press, client, command)

    def _carry_out(
        self, press: Press, client: WebClient, command: Callable[[Desk, str, int | None, Actor], Done | Refused]
    ) -> None:
        answer = self._carried_out(press, lambda: command(self.desk, press.ref, press.version, press.actor))
        if isinstance(answer, Refused):
            self._refuse(press, answer, client)
        elif answer is not None:
            self._redraw(press, client)

    def _press(self, body: dict[str, Any], context: BoltContext, client: WebClient) -> Press | None:
        return press_of(body, self.people.actor(body, context, client))

    def _refuse(self, press: Press, refused: Refused, client: WebClient) -> None:
        self._redraw(press, client, f"{press.ref}: {refused.text}")  # a person may have pressed several

    def _redraw(self, press: Press, client: WebClient, notice: str = "") -> None:
        self.private.redraw(press.place, press.ref, press.actor, press.response_url, client, notice=notice)

    def _carried_out(self, press: Press, job: Callable[[], Answer]) -> Answer | None:
        try:
            return job()
        except Exception:  # said to the person, logged without its message, raised again for the process to count
            answers.say(press.response_url, answers.TROUBLE)
            raise

    def _open(self, client: WebClient, press: Press, view: Mapping[str, Any]) -> None:
        client.timeout = VIEW_TIMEOUT_S
        client.retry_handlers = []
        try:
            client.views_open(trigger_id=press.trigger_id, view=dict(view))
        except (OSError, SlackClientError) as failed:
            log.warning("form_not_opened", error=type(failed).__name__)
            answers.say(press.response_url, "The form did not open in time. Please press again.")


def press_of(body: Mapping[str, Any], actor: Actor) -> Press | None:
    """What was pressed by whom, or None where the value is not one of ours."""
    action = body["actions"][0]
    chosen = (action.get("selected_option") or {}).get("value")
    if chosen:
        value, _, verb = str(chosen).rpartition(":")
    else:
        verb, value = str(action["action_id"]).partition(":")[0], str(action.get("value", ""))
    parsed = parse_value(value)
    if parsed is None:
        return None
    container = body.get("container") or {}
    place = "home" if container.get("type") == "view" else ""
    if container.get("is_ephemeral"):
        place = str(action.get("block_id", "")).partition(":")[0]
    return Press(
        actor=actor,
        verb=verb,
        ref=parsed[0],
        version=parsed[1],
        trigger_id=str(body.get("trigger_id", "")),
        response_url=body.get("response_url"),
        place=place,
    )


def claim_number_text(ref: str) -> str:
    """Where the claim number is: never in Slack."""
    return (
        f"Claim numbers stay out of Slack. On the Denial Desk host, `denials lookup {ref}` shows it to those who may"
        " see it; every look-up is logged."
    )
