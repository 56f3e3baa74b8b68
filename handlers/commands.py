"""`/denials`: acknowledged at once, answered privately through the response URL, shared only with `--post`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, BoltContext
from slack_sdk import WebClient

from handlers import answers, help_page, render_payers, render_rules, render_stats, words
from handlers.blocks import Rendered
from handlers.people import People
from handlers.phrases import WITH_REFERENCE, Phrase, parse
from handlers.private import NOT_FOUND, OUTSIDER, Private
from handlers.reviews import NO_SUCH_REVIEW, Reviews
from services import escalate, moves, scorecard, stats, work
from services.desk import Desk
from services.people import Actor
from services.views import Done, Refused

EXPORT = (
    "Exports are written on the Denial Desk host and never uploaded to Slack:"
    " `denials export --since 90d --output denials.csv`"
)
NOTE = (
    "Notes are not typed into commands, since what is typed here passes through Slack. A short one fits into the form"
    " behind *Details and history* in a card's menu; anything else is kept on the Denial Desk host with"
    " `denials note DN-…`."
)


class Commands:
    """What can be asked with `/denials`."""

    def __init__(self, desk: Desk, private: Private, people: People, reviews: Reviews) -> None:
        self.desk = desk
        self.private = private
        self.people = people
        self.reviews = reviews

    def denials(self, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """One use of the command."""
        ack()
        response_url = body.get("response_url")
        actor = self.people.actor(body, context, client)
        if actor.outsider or actor.guest:
            answers.say(response_url, OUTSIDER)
            return
        phrase = parse(str(body.get("text") or ""))
        shown = answers.attempt(response_url, lambda: self._answer(phrase, actor))
        if isinstance(shown, str):
            answers.say(response_url, shown)
        else:
            answers.show(response_url, shown, post=phrase.post and phrase.verb != "help")

    def _answer(self, phrase: Phrase, actor: Actor) -> Rendered | str:
        if phrase.verb in WITH_REFERENCE and phrase.ref is None:
            return phrase.hint
        match phrase.verb:
            case "stats":
                return render_stats.stats(self._numbers(phrase), self.desk.rules, phrase.hint)
            case "payers":
                return render_payers.payers(self._payers(phrase), self.desk.rules, phrase.hint)
            case "trend":
                return render_stats.trend(self._numbers(phrase), self.desk.rules, phrase.hint)
            case "aging":
                return render_stats.aging(stats.stats(self.desk).backlog, self.desk.rules)
            case "mine":
                return self.private.mine(actor.user, buttons=not phrase.post)
            case "overdue":
                return self.private.overdue(buttons=not phrase.post)
            case "find":
                return self._found(phrase)
            case "claim" | "release" | "reopen" | "snooze":
                return self._change(phrase, actor)
            case "escalate":
                return self._escalate(phrase.ref or "", actor)
            case "reviews":
                return self._reviews(phrase)
            case "note":
                return NOTE
            case "rules":
                return render_rules.rules(self.desk.rules)
            case "export":
                return EXPORT
            case _:
                return help_page.help_text(phrase.hint)

    def _payers(self, phrase: Phrase) -> scorecard.Scorecard:
        return scorecard.scorecard(self.desk, phrase.days, phrase.month)

    def _numbers(self, phrase: Phrase) -> stats.Stats:
        if phrase.month:
            return stats.month(self.desk, phrase.month, phrase.by)
        return stats.stats(self.desk, phrase.days, phrase.by)

    def _change(self, phrase: Phrase, actor: Actor) -> Rendered | str:
        """A typed change, and the denial as it is after it."""
        answer = _CHANGES[phrase.verb](self.desk, phrase.ref or "", actor)
        return answer.text if isinstance(answer, Refused) else self._found(phrase)

    def _found(self, phrase: Phrase) -> Rendered | str:
        """The denial's card; without buttons where it is shared, since nobody would keep it up to date."""
        return self.private.find(phrase.ref or "", buttons=not phrase.post) or NOT_FOUND

    def _reviews(self, phrase: Phrase) -> Rendered | str:
        """All prevention reviews, or the one that was named."""
        if phrase.ref is None:
            return self.reviews.listed(buttons=not phrase.post)
        return self.reviews.shown(phrase.ref, buttons=not phrase.post) or NO_SUCH_REVIEW

    def _escalate(self, ref: str, actor: Actor) -> str:
        answer = escalate.escalate_now(self.desk, ref, None, actor)
        if isinstance(answer, Refused):
            return answer.text
        return f"{answer.item.ref}: {words.place(answer.told)} is told."


_CHANGES: dict[str, Callable[[Desk, str, Actor], Done | Refused]] = {
    "claim": lambda desk, ref, actor: work.claim(desk, ref, None, actor),
    "release": lambda desk, ref, actor: work.release(desk, ref, None, actor),
    "reopen": lambda desk, ref, actor: moves.reopen(desk, ref, None, actor),
    "snooze": lambda desk, ref, actor: moves.snooze(desk, ref, None, actor, None),
}
