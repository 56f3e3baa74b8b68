"""The weekly report in words, for Slack and for paper: sentences whose numbers know their definition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from denials.metrics import SMALLEST_CELL, preventable_share
from denials.prevention import ReviewState
from denials.rules.model import RuleSet
from handlers import review_words, words
from handlers.render_stats import group_name
from services.stats import Resolved, Stats, Volume
from services.views import ReviewView
from services.weekly import Groups, Weekly

Money = Callable[[Decimal], str]
MOST_NAMED = 3
_OLD = ("61-90", "91-120", "121+")  # buckets of what is open for more than 60 days
KINDS = {
    "category": ("Category", "category", "categories"),
    "payer": ("Payer", "payer", "payers"),
    "handoff": ("Starts at", "hand-off", "hand-offs"),
}
"""The heading of a table of groups, and what one and several of them are called."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence; `means` is the anchor of the definition it links to, "" for mere words."""

    text: str
    means: str = ""


Sentence = tuple[Part, ...]


def spoken(sentence: Sentence) -> str:
    """A sentence as plain text."""
    return "".join(part.text for part in sentence)


def title(numbers: Weekly) -> str:
    """`Weekly report, Nov 16 to Nov 22, 2026`."""
    first, last = numbers.week.first, numbers.week.last
    begins = words.short_day(first) if first.year == last.year else f"{words.short_day(first)}, {first.year}"
    return f"Weekly report, {begins} to {words.short_day(last)}, {last.year}"


def answers(numbers: Weekly, rules: RuleSet, money: Money) -> tuple[Sentence, Sentence, Sentence, Sentence]:
    """The four questions: is volume rising, which categories grow, how fast are they resolved, what was preventable."""
    return (_volume(numbers, money), _growing(numbers, rules), _speed(numbers), _preventable(numbers, rules))


def _volume(numbers: Weekly, money: Money) -> Sentence:
    now, before = numbers.now, numbers.before
    total = now.total
    counted = (Part(words.count(total.new, "new denial"), "new"), Part(", "), Part(money(total.amount), "amount"))
    if not now.covered:
        verdict: Sentence = (
            Part("Whether volume is rising cannot be told yet, since the data do not cover the week before: "),
        )
        return (*verdict, *counted, *_rate(now, before), Part("."))
    if not total.new and not total.previous:
        return (Part("Volume is "), Part("steady", "trend"), Part(": no new denials in either week."))
    verdict = (Part("Volume is "), Part(total.trend, "trend"), Part(": "))
    after = (Part(", after "), Part(f"{total.previous:,}", "previous"), Part(" the week before"))
    moved = (Part(" ("), Part(signed(total.change), "change"), Part(")")) if total.change is not None else ()
    return (*verdict, *counted, *after, *moved, *_rate(now, before), Part("."))


def _rate(now: Stats, before: Stats) -> Sentence:
    if now.claims.denial_rate is None:
        return ()
    then = f" ({percent(before.claims.denial_rate)} the week before)" if before.claims.denial_rate is not None else ""
    return (
        Part("; of "),
        Part(words.count(now.claims.adjudicated, "adjudicated claim"), "adjudicated"),
        Part(", "),
        Part(percent(now.claims.denial_rate), "denial-rate"),
        Part(f" {'was' if now.claims.adjudicated == 1 else 'were'} denied{then}"),
    )


def _growing(numbers: Weekly, rules: RuleSet) -> Sentence:
    groups = numbers.categories
    if not numbers.now.covered:
        return (Part("Which categories grow cannot be told yet"), *_largest(groups, rules, "; "), Part("."))
    if not groups.rising:
        return (
            Part("No category "),
            Part("grows", "trend"),
            Part(" beyond chance"),
            *_largest(groups, rules, "; "),
            Part("."),
        )
    named: list[Part] = []
    for place, group in enumerate(groups.rising[:MOST_NAMED]):
        named += [
            Part(", " if place else ""),
            Part(group_name(group.name, "category", rules)),
            Part(" from "),
            Part(f"{group.previous:,}", "previous"),
            Part(" to "),
            Part(f"{group.new:,}", "new"),
        ]
    more = len(groups.rising) - MOST_NAMED
    return (Part("Growing", "trend"), Part(" beyond chance: "), *named, Part(f" and {more} more." if more > 0 else "."))


def _largest(groups: Groups, rules: RuleSet, between: str) -> Sentence:
    if not groups.shown:
        return ()
    parts: list[Part] = [Part(f"{between}most denials are of ")]
    largest = [group for group in groups.shown if group.new][:MOST_NAMED]
    for place, group in enumerate(largest):
        parts += [
            Part("" if not place else " and " if place == len(largest) - 1 else ", "),
            Part(f"{group_name(group.name, groups.by, rules)} ("),
            Part(f"{group.new:,}", "new"),
            Part(")"),
        ]
    return tuple(parts)


def _speed(numbers: Weekly) -> Sentence:
    done, then = numbers.now.resolution, numbers.before.resolution
    still = _still_open(numbers)
    if done.median_days_to_resolve is None or done.p90_days_to_resolve is None:
        return (Part("No denial was "), Part("resolved", "resolved"), *still, Part("."))
    return (
        Part(words.count(done.resolved, "denial"), "resolved"),
        Part(f" {'was' if done.resolved == 1 else 'were'} resolved, half of them within "),
        Part(days(done.median_days_to_resolve), "days-to-resolve"),
        Part(" of coming in and nine in ten within "),
        Part(days(done.p90_days_to_resolve), "days-to-resolve"),
        Part(_speed_before(then)),
        *still,
        Part("."),
    )


def _speed_before(then: Resolved) -> str:
    if then.median_days_to_resolve is None or then.p90_days_to_resolve is None:
        return ""
    return f" (the week before {days(then.median_days_to_resolve)} and {days(then.p90_days_to_resolve)})"


def _still_open(numbers: Weekly) -> Sentence:
    backlog = numbers.now.backlog
    if not backlog.open:
        return (Part("; nothing is "), Part("open", "open"), Part(" now"))
    old = sum(backlog.aging.get(bucket, 0) for bucket in _OLD)
    return (
        Part("; of "),
        Part(f"{backlog.open:,} still open", "open"),
        Part(", "),
        Part(f"{old:,}" if old else "none", "aging"),
        Part(f" {'is' if old < 2 else 'are'} older than 60 days"),
    )


def _preventable(numbers: Weekly, rules: RuleSet) -> Sentence:
    counts = numbers.now.preventable
    share = preventable_share(**counts)
    if share is None:
        return (
            Part("What was "),
            Part("preventable", "preventable"),
            Part(" cannot be told of a week without new denials."),
        )
    starts = next(groups for groups in numbers.groups if groups.by == "handoff")
    top = starts.shown[0] if starts.shown and starts.shown[0].new else None
    origin: Sentence = ()
    if top is not None:
        origin = (
            Part(f"; most start at {group_name(top.name, 'handoff', rules)} ("),
            Part(f"{top.new:,}", "group"),
            Part(")"),
        )
    return (
        Part(percent(share), "preventable"),
        Part(" of the new denials could have been prevented at least in part ("),
        Part(f"{counts['yes']:,} yes, {counts['partly']:,} partly, {counts['no']:,} no", "preventable"),
        Part(")"),
        *origin,
        Part("."),
    )


def moves(groups: Groups, rules: RuleSet) -> tuple[str, ...]:
    """Groups that grow or shrink beyond chance, a line each."""
    told = [(group, "up") for group in groups.rising] + [(group, "down") for group in groups.falling]
    kind = KINDS[groups.by][1].capitalize()
    return tuple(
        f"{kind} {group_name(group.name, groups.by, rules)}: {way} from {group.previous:,} to {_few(group.new)}"
        for group, way in told
    )


def _few(count: int) -> str:
    return f"{count:,}" if count >= SMALLEST_CELL else f"fewer than {SMALLEST_CELL}"


def other_name(groups: Groups) -> str:
    """What the merged groups are called."""
    _, one, many = KINDS[groups.by]
    return f"Other ({words.count(groups.merged, one, many)})"


def rows(groups: Groups, rules: RuleSet) -> tuple[tuple[str, Volume], ...]:
    """The groups with the names people know them by, the merged ones last."""
    shown = [(group_name(group.name, groups.by, rules), group) for group in groups.shown]
    return (*shown, *([(other_name(groups), groups.other)] if groups.other else ()))


def due(numbers: Weekly, money: Money) -> Sentence:
    """What is due in the coming week, and what is late already."""
    coming, backlog = numbers.due, numbers.now.backlog
    span = f"{words.short_day(coming.first)} to {words.short_day(coming.last)}"
    return (
        Part(words.count(coming.deadlines, "appeal limit"), "due"),
        Part(f" ({money(coming.deadline_amount)}) and "),
        Part(words.count(coming.follow_ups, "follow-up"), "due"),
        Part(f" ({money(coming.follow_up_amount)}) from {span}; "),
        Part(f"{backlog.overdue:,} overdue", "overdue"),
        Part(" already; "),
        Part(f"{backlog.unclaimed:,} unclaimed", "unclaimed"),
        Part(f" of {backlog.open:,} open ({money(backlog.amount)})."),
    )


def review_line(one: ReviewView) -> str:
    """An open review: `PR-7KQ2M4 Code CO-197: 23 denials in 14 days, 4.2 expected; nobody has taken it`."""
    stands = {
        ReviewState.OPEN: "nobody has taken it",
        ReviewState.TAKEN: "waiting for the cause",
        ReviewState.MEASURING: "action logged",
    }[one.state]
    when = (
        f", measured on {words.short_day(one.measure_on)}"
        if one.state is ReviewState.MEASURING and one.measure_on
        else ""
    )
    return f"{one.ref} {_subject(one)}: {review_words.how_often(one.evidence)}; {stands}{when}"


def verdict_line(one: ReviewView, rules: RuleSet) -> str:
    """What came of a corrective action: `PR-7KQ2M4 Code CO-197: it worked, 14.2 a week → 3.1, −78%, …`."""
    found = one.verdict
    if found is None:
        return ""
    result = review_words.headline(found)
    return (
        f"{one.ref} {_subject(one)}: {result[:1].lower()}{result[1:]}; {review_words.fell(found)},"
        f" {review_words.outcome(found, rules)}"
    )


def _subject(one: ReviewView) -> str:
    """What repeats, not escaped yet."""
    return f"{one.dimension.replace('handoff', 'hand-off').capitalize()} {words.cut(one.title, 80)}"


def days(number: float | None) -> str:
    """A time span of so many days, in the unit that reads best."""
    return "–" if number is None else words.hours(number * 24)


def percent(share: float | None) -> str:
    """`12.4%`; a dash where it is not known."""
    return "–" if share is None else f"{share * 100:.1f}%".replace("100.0%", "100%")


def signed(share: float | None) -> str:
    """`+38%`, `−5%`."""
    if share is None:
        return "–"
    rounded = round(share * 100)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else '±'}{abs(rounded):,}%"
