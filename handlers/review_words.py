"""Plain words for prevention reviews: what repeats, who has it, what comes next, and whether the action worked."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from denials.prevention import Evidence, ReviewState, Verdict
from denials.rules.model import RuleSet
from handlers import words
from services.views import ReviewView

_STARTS = {
    "category": "Category",
    "handoff": "Hand-off",
    "code": "Code",
    "payer": "Payer",
    "location": "Location",
    "practice": "Practice",
}
_LONGEST_TITLE = 100


def title(review: ReviewView) -> str:
    """What repeats, as outside text."""
    return words.safe(review.title, _LONGEST_TITLE)


def plain_title(review: ReviewView, longest: int = _LONGEST_TITLE) -> str:
    """What repeats, on one line of plain text: for headings, cells and what a screen reader speaks of a button."""
    return words.cut(" ".join(review.title.split()), longest)


def subject(review: ReviewView) -> str:
    """What repeats, with what kind of thing it is: `Payer Aetna`."""
    return f"{_STARTS.get(review.dimension, review.dimension.capitalize())} {title(review)}"


def holder(review: ReviewView) -> str:
    """Who has it: a person, or nobody."""
    return words.person(review.holder) if review.holder else "nobody yet"


def state(review: ReviewView, today: date) -> str:
    """How it stands, as a sentence without a stop."""
    again = f" again, round {review.round}" if review.round > 1 else ""
    match review.state:
        case ReviewState.OPEN:
            return f"Open{again}, nobody has taken it"
        case ReviewState.TAKEN:
            return f"{'Open again, taken' if again else 'Taken'} by {words.person(review.holder)}"
        case ReviewState.MEASURING:
            return f"Action logged, {_effective(review, today)}{_measured(review, today)}"
        case ReviewState.WORKED:
            return "Closed: the action worked"
        case ReviewState.UNMEASURED:
            return "Closed without a verdict: too little data"
        case ReviewState.DISMISSED:
            reason = f": {words.safe(review.dismissed_for, 80)}" if review.dismissed_for else ""
            return f"Dismissed{reason}"


def next_step(review: ReviewView, today: date) -> str:
    """What comes next and when; "" where nothing does."""
    match review.state:
        case ReviewState.OPEN:
            return f"somebody of {words.safe(review.owner_title, 60)} takes it and logs the cause"
        case ReviewState.TAKEN:
            return f"{words.person(review.holder)} logs the cause and a corrective action"
        case ReviewState.MEASURING if review.measure_on is not None:
            return f"measured on {words.day(review.measure_on, today)}"
        case _:
            return ""


def _effective(review: ReviewView, today: date) -> str:
    if review.effective is None:
        return "in effect"
    tense = "takes effect" if review.effective > today else "in effect since"
    return f"{tense} {words.day(review.effective, today)}"


def _measured(review: ReviewView, today: date) -> str:
    return f", measured on {words.day(review.measure_on, today)}" if review.measure_on else ""


def how_often(evidence: Evidence) -> str:
    """`23 denials in 14 days, 4.2 expected`: the count beside what its own past leads to expect."""
    counted = f"{words.count(evidence.count, 'denial')} in {words.count(evidence.window_days, 'day')}"
    return counted if evidence.expected is None else f"{counted}, {_number(evidence.expected)} expected"


def times(evidence: Evidence) -> str:
    """`5.5 times what its own past leads to expect`; "" where its past holds too little to say."""
    if not evidence.expected:
        return ""
    return f"{_number(evidence.count / evidence.expected)} times what its own past leads to expect"


def fell(verdict: Verdict) -> str:
    """`14.2 a week → 3.1, −78%`; where claim totals are known, the rate stands before the change, which is its own."""
    parts = [f"{_number(verdict.before_per_week)} a week → {_number(verdict.after_per_week)}"]
    if verdict.before_rate is not None and verdict.after_rate is not None:
        parts.append(f"{_percent(verdict.before_rate)} of claims → {_percent(verdict.after_rate)}")
    if verdict.change is not None:
        share = round(verdict.change * 100)
        parts.append(f"{'−' if share < 0 else '+' if share > 0 else '±'}{abs(share):,}%")
    return ", ".join(parts)


def fell_spoken(verdict: Verdict) -> str:
    """The same for who hears it: `from 14.2 a week to 3.1, 78% less`."""
    parts = [f"from {_number(verdict.before_per_week)} a week to {_number(verdict.after_per_week)}"]
    if verdict.before_rate is not None and verdict.after_rate is not None:
        parts.append(f"from {_percent(verdict.before_rate)} of claims to {_percent(verdict.after_rate)}")
    if share := round((verdict.change or 0) * 100):
        parts.append(f"{abs(share):,}% {'less' if share < 0 else 'more'}")
    return ", ".join(parts)


def outcome(verdict: Verdict, rules: RuleSet) -> str:
    """What the numbers mean: unlikely to be chance and how much it is worth, or why nothing can be said."""
    match verdict.kind:
        case "worked":
            saved = verdict.dollars_less_a_month
            worth = f"; about {roughly(saved, rules)} a month less denied" if saved is not None and saved > 0 else ""
            return f"unlikely to be chance{worth}"
        case "did_not_work":
            if (verdict.change or 0) < 0:
                return "fell by too little" if verdict.unlikely_chance else "did not fall by more than chance brings"
            return "rose, which is unlikely to be chance" if verdict.unlikely_chance else "did not fall"
        case _:
            less = verdict.p is not None and not verdict.unlikely_chance and (verdict.change or 0) < 0
            return f"too little data to tell{': the fall may be chance' if less else ''}"


def headline(verdict: Verdict) -> str:
    """The verdict in two or three words."""
    match verdict.kind:
        case "worked":
            return "It worked"
        case "did_not_work":
            return "It did not work"
        case _:
            return "No verdict"


def basis(verdict: Verdict) -> str:
    """What the verdict rests on, in small print."""
    told = f"Counted over {words.count(verdict.days_before, 'day')} before and {verdict.days_after:,} after"
    if verdict.before_rate is not None:
        told += ", per claim adjudicated in them"
    if verdict.p is not None and verdict.kind != "too_little_data":
        told += f". Chance alone brings a difference like this {_odds(verdict.p)}"
    return f"{told}."


def _odds(p: float) -> str:
    """A probability as people say it."""
    if p < 0.001:
        return "less than once in 1,000 times"
    number, of = (round(p * 100), 100) if p >= 0.01 else (round(p * 1000), 1000)
    return f"{'once' if number == 1 else f'{number} times'} in {of:,}"


def roughly(amount: Decimal, rules: RuleSet) -> str:
    """An estimate in dollars to two figures that count, or its band where the rules show no exact amounts."""
    if rules.amounts == "banded":
        return words.band(amount)
    step = Decimal(10) ** max(0, amount.adjusted() - 1)
    return f"${(amount / step).quantize(Decimal(1), ROUND_HALF_UP) * step:,.0f}"


def _number(value: float) -> str:
    """`14.2`, `3`, `1,204`: one decimal where it says something."""
    if 0 < value < 0.05:
        return "under 0.1"
    return f"{value:,.1f}".removesuffix(".0") if value < 1000 else f"{value:,.0f}"


def _percent(share: float) -> str:
    return f"{share * 100:.1f}%" if share >= 0.01 else f"{share * 100:.2f}%"
