"""`/denials reviews`: what is open and what came of the rest; and the history of one review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from slackblocks import Block, ModalView

from denials.prevention import ReviewState
from denials.rules.model import RuleSet
from handlers import charts, review_words, words
from handlers.blocks import Rendered, context, header, message, section
from handlers.render_details import moment
from handlers.render_review import line, next_press, pressable
from handlers.review_forms import HISTORY, facts
from services.reviews import ReviewEntry
from services.views import ReviewView

REVIEWS = "reviews"
"""The place of the private list, so that a press in it redraws it."""

OPEN_STATES = (ReviewState.OPEN, ReviewState.TAKEN, ReviewState.MEASURING)
MOST_OPEN = 20
MOST_CLOSED = 15
MOST_ENTRIES = 40
_PER_SECTION = 8
_ORDER = {state: place for place, state in enumerate(OPEN_STATES)}


def reviews(
    listed: Sequence[ReviewView], today: date, rules: RuleSet, *, buttons: bool = True, place: str = REVIEWS
) -> Rendered:
    """The answer to `/denials reviews`; without buttons where it is shared, since nobody would keep it up to date."""
    still = sorted(
        (one for one in listed if one.state in OPEN_STATES), key=lambda one: (_ORDER[one.state], one.opened_on)
    )
    done = [one for one in listed if one.state not in OPEN_STATES or one.verdict is not None]
    lead = _lead(still, rules)
    blocks: list[Block] = [header("Prevention reviews"), section(lead)]
    for one in still[:MOST_OPEN]:
        press = pressable(one, next_press(one)) if buttons else None
        blocks.append(section(f"{line(one, today, rules)}{_next(one, today)}", accessory=press))
    if len(still) > MOST_OPEN:
        blocks.append(context(f"and {len(still) - MOST_OPEN:,} more that are open"))
    blocks += _results(done, today, rules)
    return message(f"{lead.replace('*', '')}{_spoken(still, done, rules)}", blocks, place if buttons else "")


def _lead(still: Sequence[ReviewView], rules: RuleSet) -> str:
    if not still:
        repeat = rules.prevention
        return (
            f"*No prevention review is open.* One opens by itself when {repeat.count} denials of one kind come within"
            f" {words.count(repeat.within.days, 'day')} and chance does not explain it."
        )
    parts = [
        f"{number:,} {what}"
        for state, what in (
            (ReviewState.OPEN, "nobody has taken"),
            (ReviewState.TAKEN, "waiting for the cause"),
            (ReviewState.MEASURING, "being measured"),
        )
        if (number := sum(1 for one in still if one.state is state))
    ]
    return f"*{words.count(len(still), 'prevention review')} open:* {', '.join(parts)}."


def _next(one: ReviewView, today: date) -> str:
    step = review_words.next_step(one, today)
    return f"\nNext: {step}" if step else ""


def _results(done: Sequence[ReviewView], today: date, rules: RuleSet) -> list[Block]:
    """What came of the latest, as a table and below it in words."""
    if not done:
        return []
    table, left = charts.table(
        "What came of earlier reviews: denials a week before and after",
        ("Review", "What came back", "Result", "Before", "After", "Change", "Measured"),
        [_row(one, today) for one in done[:MOST_CLOSED]],
    )
    blocks: list[Block] = [table] if table is not None else []
    told = [f"•  {one.ref}: {_result(one, rules)}" for one in done if one.verdict is not None][:5]
    blocks += [section(text) for text in words.packed(told)]
    left += max(0, len(done) - MOST_CLOSED)
    return [*blocks, context(f"and {left:,} more")] if left else blocks


def _row(one: ReviewView, today: date) -> Sequence[charts.Cell]:
    found = one.verdict
    what = review_words.plain_title(one, 60)
    if found is None:
        return one.ref, what, review_words.state(one, today), "–", "–", "–", "–"
    change = "–" if found.change is None else (found.change, f"{found.change * 100:+,.0f}%")
    return (
        one.ref,
        what,
        review_words.headline(found),
        (found.before_per_week, f"{found.before_per_week:,.1f}"),
        (found.after_per_week, f"{found.after_per_week:,.1f}"),
        change,
        words.day(found.measured_on, today),
    )


def _result(one: ReviewView, rules: RuleSet) -> str:
    if one.verdict is None:
        return ""
    told = f"{review_words.fell(one.verdict)}, {review_words.outcome(one.verdict, rules)}"
    return f"{review_words.subject(one)}, {told}"


def _spoken(still: Sequence[ReviewView], done: Sequence[ReviewView], rules: RuleSet) -> str:
    named = ", ".join(f"{one.ref} {review_words.subject(one)}" for one in still[:5])
    first = next((one for one in done if one.verdict is not None), None)
    results = f" Latest result: {_result(first, rules)}." if first is not None else ""
    return f"{f' {named}.' if named else ''}{results}"


def history_view(one: ReviewView, entries: Sequence[ReviewEntry], today: date) -> dict[str, Any]:
    """What happened to a review, oldest first; what people wrote about it stays on the host."""
    shown = entries[-MOST_ENTRIES:]
    lines = [f"•  {moment(entry.at)}: {_sentence(entry)}" for entry in shown]
    if len(entries) > len(shown):
        lines.insert(0, f"•  {len(entries) - len(shown):,} earlier entries are on the host")
    parts = [lines[start : start + _PER_SECTION] for start in range(0, len(lines), _PER_SECTION)]
    blocks: list[Block] = [facts(one, today), *(section("\n".join(part)) for part in parts)]
    return ModalView(title="Review history", blocks=blocks, close="Close", callback_id=HISTORY).to_dict()


def _sentence(entry: ReviewEntry) -> str:
    """A line of the log, which holds chosen texts and mentions and nothing from outside."""
    named = f"<@{entry.actor}>" if entry.actor else ""
    who = f", by {named}" if named and named not in entry.text else ""
    return f"{entry.text}{who}{', with words kept on the host' if entry.has_words else ''}"
