"""What one person sees for themselves: a card by reference, their own list, what is overdue; and its redrawing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from slack_sdk import WebClient

from denials.commands import State
from handlers import answers
from handlers.blocks import Rendered
from handlers.home import HomeTab
from handlers.origin import Origin
from handlers.press import HOME
from handlers.render_card import card
from handlers.render_details import details_view
from handlers.render_home import read_state
from handlers.render_lists import private_list
from services import history, work
from services.desk import Desk
from services.people import Actor, is_lead, may_work
from services.views import Refused

FIND, MINE, OVERDUE = "find", "mine", "overdue"
OVERDUE_LIMIT = 200
NOT_FOUND = "No denial has that reference. It is `DN-` and eight letters or digits, as it stands on a card."
OUTSIDER = "Only members of this practice's own workspace can use this."


class Private:
    """Answers for one person."""

    def __init__(self, desk: Desk, home_tab: HomeTab) -> None:
        self.desk = desk
        self.home_tab = home_tab

    def find(self, ref: str, *, buttons: bool = True) -> Rendered | None:
        """The card of a reference, or None where there is no such item."""
        item = work.find(self.desk, ref)
        if item is None:
            return None
        return card(item, self.desk.today(), self.desk.rules, buttons=buttons, place=FIND if buttons else "")

    def mine(self, user: str, *, buttons: bool = True) -> Rendered:
        """What a person has, by due date."""
        return private_list(
            "You have" if buttons else "In work",
            work.mine(self.desk, user),
            self.desk.today(),
            self.desk.rules,
            none="You have no denials in work. Claim one from your team's channel.",
            buttons=buttons,
            place=MINE if buttons else "",
        )

    def overdue(self, *, buttons: bool = True) -> Rendered:
        """What is past its appeal limit or follow-up date, longest first."""
        found = work.overdue(self.desk, OVERDUE_LIMIT)
        return private_list(
            "Overdue",
            found,
            self.desk.today(),
            self.desk.rules,
            none="Nothing is overdue.",
            buttons=buttons,
            place=OVERDUE if buttons else "",
        )

    def details(self, ref: str, actor: Actor, origin: Origin) -> dict[str, Any] | Refused:
        """The details form of an item; who may work it can leave a note, who leads its team can give it away."""
        if actor.guest or actor.outsider:
            return Refused("not_allowed", OUTSIDER)
        found = history.details(self.desk, ref)
        if found is None:
            return Refused("unknown", NOT_FOUND)
        rules, owner = self.desk.rules, found.item.owner
        return details_view(
            found,
            rules,
            replace(origin, version=found.item.version),
            may_note=may_work(rules, owner, actor),
            may_give=is_lead(rules, owner, actor.user) and found.item.state is not State.RESOLVED,
        )

    def redraw(
        self,
        place: str,
        ref: str,
        actor: Actor,
        response_url: str | None,
        client: WebClient,
        *,
        notice: str = "",
        channel: str = "",
    ) -> None:
        """Bring the private answer that was pressed up to date, and say `notice` to the person.

        The bot's own messages follow through the outbox. `channel` is where it was pressed.
        """
        if place.startswith(HOME):
            page, only = read_state(place.removeprefix(HOME))
            self.home_tab.publish(actor, client, page=page, only=only, notice=notice)
            return
        fresh = self._again(place, ref, actor.user)
        if fresh is not None:
            answers.redraw(response_url, fresh)
        if notice:
            self.tell(actor, response_url, channel, client, notice)

    def tell(self, actor: Actor, response_url: str | None, channel: str, client: WebClient, text: str) -> None:
        """Say something to one person: through the response URL; once it has ended in the channel, else in App Home."""
        if answers.say(response_url, text) or (channel and answers.whisper(client, channel, actor.user, text)):
            return
        self.home_tab.publish(actor, client, notice=text)

    def _again(self, place: str, ref: str, user: str) -> Rendered | None:
        match place:
            case "find":
                return self.find(ref)
            case "mine":
                return self.mine(user)
            case "overdue":
                return self.overdue()
            case _:
                return None
