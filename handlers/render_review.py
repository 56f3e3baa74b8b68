"""A prevention review as its team sees it: the evidence, how it stands, the buttons that work now.

And what is said about it later: the reminder, the verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from slackblocks import ActionsBlock, Block, Element

from denials import codes
from denials.prevention import Evidence, ReviewState
from denials.rules.model import RuleSet
from handlers import charts, review_words, words
from handlers.blocks import Rendered, button, context, header, message, section
from services.views import Review, ReviewReminder, ReviewView, VerdictPosted

REMINDER = "reminder"
"""The place that a reminder's block ids name, so that a press in it can be answered in words."""

REMINDER_LINES = 20
_MOST_SAMPLES = 6
_LABELS = {"take": "Take it", "log": "Log cause", "dismiss": "Dismiss", "history": "History"}
_OFFERS = {
    ReviewState.OPEN: ("take", "log", "dismiss", "history"),
    ReviewState.TAKEN: ("log", "take", "dismiss", "history"),  # taking it over is for leads: others are refused
    ReviewState.MEASURING: ("history", "dismiss"),
}


def review(shown: Review, rules: RuleSet, *, buttons: bool = True, place: str = "") -> Rendered:
    """The message. `place` names the private answer it is part of, so that a press can redraw it."""
    one, today = shown.review, shown.today
    blocks: list[Block] = [
        header(f"Prevention review: {review_words.plain_title(one)}"),
        section(f"{_mention(one, rules)}{_what(one, rules)}"),
        *_evidence(one.evidence, today),
        *_logged(one, today),
        *_last_verdict(one, rules),
        section(f"*{review_words.state(one, today)}.*{_next(one, today)}"),
        context(_small_print(one, today)),
    ]
    if buttons:
        blocks.append(ActionsBlock(elements=_buttons(one)))
    return message(review_text(shown, rules), blocks, place)


def review_text(shown: Review, rules: RuleSet) -> str:
    """The message as two sentences, for notifications and screen readers."""
    one = shown.review
    often = ", ".join(part for part in (review_words.how_often(one.evidence), _dollars(one, rules)) if part)
    about = f"{one.ref}: denials keep coming back, {review_words.subject(one)}"
    return f"{about}: {often}. {review_words.state(one, shown.today)}."


def _mention(one: ReviewView, rules: RuleSet) -> str:
    """The team hears of a review that nobody has; whoever has it needs no further call."""
    owner = rules.owners.get(one.owner) if one.owner else None
    return f"{words.audience(owner.group)} " if owner and owner.group and one.state is ReviewState.OPEN else ""


def _what(one: ReviewView, rules: RuleSet) -> str:
    evidence = one.evidence
    times = review_words.times(evidence)
    return (
        f"*Denials keep coming back: {review_words.subject(one)}.* {review_words.how_often(evidence)},"
        f" {_dollars(one, rules)}{f'. That is {times}' if times else ''}.\n"
        f"It starts at *{words.safe(one.handoff, 60)}*."
        " Find out why, change what causes it, and Denial Desk measures whether it helped."
    )


def _dollars(one: ReviewView, rules: RuleSet) -> str:
    return f"{words.money(one.evidence.amount, rules)} denied"


def _evidence(evidence: Evidence, today: date) -> list[Block]:
    blocks: list[Block] = []
    tops = [_top("Codes", [_code(code, number) for code, number in evidence.top_codes])]
    tops.append(_top("Payers", [f"{words.safe(name, 40)}: {number:,}" for name, number in evidence.top_payers]))
    if listed := "\n".join(top for top in tops if top):
        blocks.append(section(listed))
    if any(number for _, number in evidence.weeks):
        labels = [words.short_day(first) for first, _ in evidence.weeks]
        values = [number for _, number in evidence.weeks]
        blocks.append(charts.lines("Denials a week", labels, [("Denials", values)], y="Denials"))
        blocks.append(context(_by_week(evidence, today)))
    return blocks


def _top(name: str, lines: Sequence[str]) -> str:
    return "\n".join([f"*{name}*", *(f"•  {one}" for one in lines)]) if lines else ""


def _code(code: str, number: int) -> str:
    return f"{words.safe(code, 20)}: {number:,}, {words.safe(codes.meaning(code), 120)}"


def _by_week(evidence: Evidence, today: date) -> str:
    """The chart in words."""
    numbers = ", ".join(f"{number:,}" for _, number in evidence.weeks)
    since = words.day(evidence.weeks[0][0], today)
    return f"Denials a week, by remittance date, from the week of {since} on: {numbers}"


def _logged(one: ReviewView, today: date) -> list[Block]:
    """What the team found and does; how they put it in words stays on the host."""
    if not one.cause or not one.action:
        return []
    by = f" Responsible: {words.person(one.responsible)}." if one.responsible else ""
    when = f" Effective {words.day(one.effective, today)}." if one.effective else ""
    return [
        section(f"*Cause:* {words.safe(one.cause, 120)}\n*Corrective action:* {words.safe(one.action, 120)}.{by}{when}")
    ]


def _last_verdict(one: ReviewView, rules: RuleSet) -> list[Block]:
    if one.verdict is None:
        return []
    told = f"{review_words.fell(one.verdict)}, {review_words.outcome(one.verdict, rules)}"
    lead = review_words.headline(one.verdict)
    if one.round > 1 and one.state.live:
        lead = f"Round {one.round - 1}: {lead[0].lower()}{lead[1:]}"
    return [section(f"*{lead}:* {told}."), context(review_words.basis(one.verdict))]


def _next(one: ReviewView, today: date) -> str:
    step = review_words.next_step(one, today)
    return f" Next: {step}." if step and one.state is not ReviewState.MEASURING else ""


def _small_print(one: ReviewView, today: date) -> str:
    parts = [f"*{one.ref}*", words.safe(one.owner_title, 60), f"open since {words.day(one.opened_on, today)}"]
    if refs := one.evidence.refs[:_MOST_SAMPLES]:
        parts.append(f"such as {', '.join(refs)}")
    return "  ·  ".join(parts)


def _buttons(one: ReviewView) -> list[Element]:
    return [pressable(one, verb, first=place == 0) for place, verb in enumerate(_OFFERS.get(one.state, ("history",)))]


def pressable(one: ReviewView, verb: str, *, first: bool = False) -> Element:
    """One of a review's buttons; a screen reader hears which review it is about."""
    label = "Take over" if verb == "take" and one.holder else _LABELS[verb]
    return button(label, verb, one.ref, one.version, primary=first and verb != "history", says=_says(label, one))


def _says(label: str, one: ReviewView) -> str:
    return words.cut(f"{label}: {one.ref}, {review_words.plain_title(one)}", 75)


def next_press(one: ReviewView) -> str:
    """The verb of the one button that moves a review on."""
    return _OFFERS.get(one.state, ("history",))[0]


def verdict(shown: VerdictPosted, rules: RuleSet) -> Rendered:
    """What became of it, told where the review stands."""
    one, found = shown.review, shown.verdict
    told = f"{review_words.fell(found)}, {review_words.outcome(found, rules)}"
    blocks: list[Block] = [
        section(f"*{review_words.headline(found)}: {review_words.subject(one)}*\n{told}.{_then(shown)}"),
        *_logged(one, shown.today),
        context(f"*{one.ref}*  ·  {review_words.basis(found)}"),
    ]
    return message(verdict_text(shown, rules), blocks)


def verdict_text(shown: VerdictPosted, rules: RuleSet) -> str:
    """The verdict in one or two sentences."""
    found = shown.verdict
    told = f"{review_words.fell_spoken(found)}, {review_words.outcome(found, rules)}"
    about = f"{shown.review.ref}, {review_words.subject(shown.review)}"
    return f"{review_words.headline(found)}: {about}: {told}.{_then(shown)}"


def _then(shown: VerdictPosted) -> str:
    match shown.verdict.kind:
        case "did_not_work":
            return " The review is open again: look for another cause."
        case "too_little_data":
            return f" {_unmeasured(shown.review, shown.today)}"
        case _:
            return ""


def _unmeasured(one: ReviewView, today: date) -> str:
    if one.state is ReviewState.MEASURING and one.measure_on is not None:
        return f"It is measured again on {words.day(one.measure_on, today)}."
    return "The review is closed; should it come back, a new one opens."


def reminder(shown: ReviewReminder, rules: RuleSet) -> Rendered:
    """One message about all reviews of a team that wait for somebody."""
    mentions = "".join(f"{words.audience(ident)} " for ident in shown.mentions)
    blocks: list[Block] = [section(f"{mentions}*{_waiting(shown)}*")]
    blocks += [
        section(line(one, shown.today, rules), accessory=pressable(one, next_press(one)))
        for one in shown.reviews[:REMINDER_LINES]
    ]
    more = len(shown.reviews) - REMINDER_LINES
    blocks.append(context(f"{f'and {more:,} more  ·  ' if more > 0 else ''}`/denials reviews` lists all of them"))
    return message(reminder_text(shown), blocks, REMINDER)


def reminder_text(shown: ReviewReminder) -> str:
    """The reminder as one sentence."""
    refs = ", ".join(one.ref for one in shown.reviews[:3])
    more = f" and {len(shown.reviews) - 3} more" if len(shown.reviews) > 3 else ""
    return f"{_waiting(shown)}: {refs}{more}."


def _waiting(shown: ReviewReminder) -> str:
    number = len(shown.reviews)
    return f"{words.count(number, 'prevention review')} {'waits' if number == 1 else 'wait'} for a cause"


def line(one: ReviewView, today: date, rules: RuleSet) -> str:
    """A review in two short lines: what repeats and how much; then who has it, since when, and what comes next."""
    first = f"*{review_words.subject(one)}*  ·  {review_words.how_often(one.evidence)}  ·  {_dollars(one, rules)}"
    since = f"open since {words.day(one.opened_on, today)}"
    return f"{first}\n{one.ref}  ·  {since}  ·  {review_words.state(one, today)}"
