"""What one person sees for themselves: a card by reference, their own list, what is overdue; and its redrawing."""

from __future__ import annotations

from slack_sdk import WebClient

from handlers import answers
from handlers.blocks import Rendered
from handlers.render_card import card
from handlers.render_lists import private_list
from services import work
from services.desk import Desk

FIND, MINE, OVERDUE, HOME = "find", "mine", "overdue", "home"
OVERDUE_LIMIT = 200


class Private:
    """Answers for one person."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

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

    def redraw(
        self, place: str, ref: str, user: str, response_url: str | None, client: WebClient, *, notice: str = ""
    ) -> None:
        """Bring the private answer that was pressed up to date. The bot's own messages follow through the outbox."""
        match place:
            case "find":
                shown = self.find(ref)
            case "mine":
                shown = self.mine(user)
            case "overdue":
                shown = self.overdue()
            case _:
                return
        if shown is not None:
            answers.redraw(response_url, shown)
