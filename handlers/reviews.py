"""Prevention reviews: what their buttons, their forms and `/denials reviews` do. Acknowledged first, as everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, BoltContext
from slack_sdk import WebClient

from handlers import answers, review_forms
from handlers.blocks import Rendered
from handlers.origin import Origin
from handlers.people import People
from handlers.press import Press, press_of
from handlers.private import OUTSIDER, Private
from handlers.render_review import REMINDER, review
from handlers.render_reviews import REVIEWS, history_view, reviews
from services import reviews as service
from services.desk import Desk
from services.people import Actor
from services.views import Refused, Review, ReviewDone, ReviewView

ONE = "review"
"""The place of one review shown privately, so that a press in it redraws it."""

NO_SUCH_REVIEW = (
    "No prevention review has that reference. It is `PR-` and six letters or digits; `/denials reviews` lists them."
)
NO_STRANGERS = (
    "Guests, programs and people from other workspaces cannot be responsible; choose somebody of this workspace."
)

Probe = Callable[[Desk, str, int | None, Actor], ReviewView | Refused]
Draw = Callable[[ReviewView, Press], dict[str, Any]]


class Reviews:
    """What people do with prevention reviews."""

    def __init__(self, desk: Desk, private: Private, people: People) -> None:
        self.desk = desk
        self.private = private
        self.people = people

    # Asked for with `/denials reviews`

    def listed(self, *, buttons: bool = True) -> Rendered:
        """All that are open, and what came of the others."""
        return reviews(service.listing(self.desk), self.desk.today(), self.desk.rules, buttons=buttons)

    def shown(self, ref: str, *, buttons: bool = True) -> Rendered | None:
        """One review as its message stands, or None where there is no such review."""
        found = service.get(self.desk, ref)
        if found is None:
            return None
        shown = Review(found, self.desk.today())
        return review(shown, self.desk.rules, buttons=buttons, place=ONE if buttons else "")

    # Buttons

    def take(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """`Take it`: whoever presses first has the review."""
        ack()
        press = self._press(body, context, client)
        if press is None:
            return
        answer = answers.attempt(
            press.response_url, lambda: service.take(self.desk, press.ref, press.version, press.actor)
        )
        if isinstance(answer, Refused):
            self._refuse(press, answer, client)
        else:
            # A reminder stays as it is, so there the press is answered in words.
            self._redraw(press, client, f"{press.ref}: you have it now." if press.place == REMINDER else "")

    def log_cause(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """`Log cause` opens its form, for whoever may use it."""
        ack()
        if press := self._press(body, context, client):
            self._form(press, client, service.may_log, self._log_view)

    def dismiss(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """`Dismiss` asks for the reason."""
        ack()
        if press := self._press(body, context, client):
            self._form(press, client, service.may_dismiss, self._dismiss_view)

    def history(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """`History` shows what happened."""
        ack()
        press = self._press(body, context, client)
        if press is None:
            return
        if press.actor.guest or press.actor.outsider:
            self._refuse(press, Refused("not_allowed", OUTSIDER), client)
            return
        view = answers.attempt(press.response_url, lambda: self._history_view(press.ref))
        if view is None:
            self._refuse(press, Refused("unknown", NO_SUCH_REVIEW), client)
        else:
            self._open(press, client, view)

    # Forms

    def cause_logged(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """The form with cause and action was sent."""
        origin = Origin.from_text(body["view"]["private_metadata"])
        logged, wrong = review_forms.read_log(body["view"], self.desk.today())
        if logged is None:
            ack(response_action="errors", errors=wrong)
            return
        ack()
        actor = self.people.actor(body, context, client)
        responsible = self.people.known(logged.responsible, client)

        def command() -> ReviewDone | Refused:
            if responsible.guest or responsible.outsider:
                return Refused("responsible", NO_STRANGERS)
            return service.log_cause(self.desk, origin.ref, origin.version, actor, logged)

        self._finish(origin, actor, client, command, done="cause and action are logged.")

    def dismissed(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """The form with the reason of a dismissal was sent."""
        origin = Origin.from_text(body["view"]["private_metadata"])
        reason, note, wrong = review_forms.read_dismissal(body["view"])
        if reason is None:
            ack(response_action="errors", errors=wrong)
            return
        ack()
        actor = self.people.actor(body, context, client)
        self._finish(
            origin,
            actor,
            client,
            lambda: service.dismiss(self.desk, origin.ref, origin.version, actor, reason, note),
            done="dismissed.",
        )

    # How

    def _press(self, body: dict[str, Any], context: BoltContext, client: WebClient) -> Press | None:
        press = press_of(body, self.people.actor(body, context, client))
        block = str(body["actions"][0].get("block_id", ""))
        in_reminder = press is not None and block.startswith(f"{REMINDER}:")
        return replace(press, place=REMINDER) if press is not None and in_reminder else press

    def _form(self, press: Press, client: WebClient, may: Probe, draw: Draw) -> None:
        """Open a form about a review for whoever may use it now."""
        found = answers.attempt(press.response_url, lambda: may(self.desk, press.ref, press.version, press.actor))
        if isinstance(found, Refused):
            self._refuse(press, found, client)
        else:
            self._open(press, client, draw(found, press))

    def _log_view(self, found: ReviewView, press: Press) -> dict[str, Any]:
        today, rules = self.desk.today(), self.desk.rules
        return review_forms.log_cause_view(found, today, rules, _origin(press, found), viewer=press.actor.user)

    def _dismiss_view(self, found: ReviewView, press: Press) -> dict[str, Any]:
        return review_forms.dismiss_view(found, self.desk.today(), _origin(press, found))

    def _history_view(self, ref: str) -> dict[str, Any] | None:
        found = service.get(self.desk, ref)
        if found is None:
            return None
        return history_view(found, service.history(self.desk, ref), self.desk.today())

    def _finish(
        self,
        origin: Origin,
        actor: Actor,
        client: WebClient,
        command: Callable[[], ReviewDone | Refused],
        *,
        done: str,
    ) -> None:
        """Carry a form out; say privately why not, and bring the private answer it came from up to date."""
        try:
            answer = command()
        except Exception:  # said to the person, raised again for the process to log and count
            self.private.tell(actor, origin.response_url, origin.channel, client, answers.TROUBLE)
            raise
        said = done if origin.place == REMINDER else ""
        said = answer.text if isinstance(answer, Refused) else said
        notice = f"{origin.ref}: {said}" if said else ""
        self._show(origin.place, origin.ref, actor, origin.response_url, origin.channel, client, notice)

    def _refuse(self, press: Press, refused: Refused, client: WebClient) -> None:
        self._redraw(press, client, f"{press.ref}: {refused.text}")

    def _redraw(self, press: Press, client: WebClient, notice: str = "") -> None:
        self._show(press.place, press.ref, press.actor, press.response_url, press.channel, client, notice)

    def _show(
        self, place: str, ref: str, actor: Actor, url: str | None, channel: str, client: WebClient, notice: str
    ) -> None:
        """The bot's own messages follow through the outbox; a private answer is drawn anew here."""
        fresh = {REVIEWS: self.listed, ONE: lambda: self.shown(ref)}.get(place, lambda: None)()
        if fresh is not None:
            answers.redraw(url, fresh)
        if notice:
            self.private.tell(actor, url, channel, client, notice)

    def _open(self, press: Press, client: WebClient, view: Mapping[str, Any]) -> None:
        if not answers.open_form(client, press.trigger_id, view):
            self._redraw(press, client, answers.LATE)


def _origin(press: Press, found: ReviewView) -> Origin:
    return Origin(found.ref, found.version, press.response_url, press.place, channel=press.channel)
