"""`/denials payers`: how each payer stands, as a chart, a sortable table and in words."""

from __future__ import annotations

from collections.abc import Sequence

from slackblocks import Block

from denials.rules.model import RuleSet
from handlers import charts, words
from handlers.blocks import Rendered, context, header, message, section
from services.scorecard import PayerScore, Scorecard

_LONGEST_NAME = 60
_NONE = "–"
_NAMED = 3
_HEAD = ("Payer", "New", "Before", "Trend", "Amount", "Top codes", "Days to resolve", "Overturned", "Recovered")
_SMALL_PRINT = (
    "*Days to resolve* is the median from taken in to resolved, *Overturned* the share of what was decided: both of the"
    " denials resolved in the period."
)


def payers(card: Scorecard, rules: RuleSet, hint: str = "") -> Rendered:
    """The answer to `/denials payers`."""
    lead, last = _lead(card, rules), _last(card)
    blocks: list[Block] = [header(f"Payers, {last}")]
    if hint:
        blocks.append(context(hint))
    blocks.append(section(f"{_period(card)}\n{lead}"))
    told = [one for one in card.payers if one.volume.new or one.volume.previous]
    if told:
        names = [_name(one) for one in told]
        series = [
            (last[0].upper() + last[1:], [one.volume.new for one in told]),
            ("The period before", [one.volume.previous for one in told]),
        ]
        blocks.append(charts.bars("New denials by payer", names, series, y="Denials"))
        if rules.amounts == "exact":
            dollars = [float(one.volume.amount) for one in told]
            blocks.append(charts.bars("Dollars denied by payer", names, [("Dollars denied", dollars)], y="Dollars"))
    table, left_out = charts.table("Payers", _HEAD, [_row(one, card, rules) for one in card.payers])
    if table is not None:
        blocks.append(table)
    if left_out:
        typed = card.month or f"{card.days}d"
        blocks.append(context(f"{left_out:,} more on the host: `denials stats {typed} --by payer`"))
    if card.payers:
        blocks.append(context(_SMALL_PRINT))
    spoken = lead.replace("*", "").replace("\n", " ")
    return message(f"Payers, {last}: {spoken}", blocks)


def _last(card: Scorecard) -> str:
    return words.month_days(card.first, card.last) if card.month else f"last {words.count(card.days, 'day')}"


def _period(card: Scorecard) -> str:
    return f"{words.day(card.first, card.last)} to {words.day(card.last, card.last)}, by remittance date"


def _name(one: PayerScore) -> str:
    return words.cut(one.volume.name, _LONGEST_NAME) or "Not stated"


def _lead(card: Scorecard, rules: RuleSet) -> str:
    """The payers that deny most, each in a sentence."""
    told = [one for one in card.payers if one.volume.new][:_NAMED]
    if not told:
        return "No payer denied anything in this period."
    return "\n".join(_sentence(one, rules) for one in told)


def _sentence(one: PayerScore, rules: RuleSet) -> str:
    reasons = f", most for {_codes(one)}" if one.top_codes else ""
    won = (
        f"; {_percent(one.overturn_rate)} of {one.decided:,} decided were overturned"
        if one.overturn_rate is not None
        else ""
    )
    days = f"; half resolved within {words.hours(one.median_days * 24)}" if one.median_days is not None else ""
    name = words.safe(_name(one), _LONGEST_NAME)
    volume = f"{words.count(one.volume.new, 'new denial')}, {words.money(one.volume.amount, rules)}"
    return f"*{name}*  {volume}{reasons}{days}{won}."


def _codes(one: PayerScore) -> str:
    return ", ".join(f"{words.safe(code, 20) or 'no code'} ({count:,})" for code, count in one.top_codes)


def _row(one: PayerScore, card: Scorecard, rules: RuleSet) -> Sequence[charts.Cell]:
    volume, exact = one.volume, rules.amounts == "exact"
    amount, recovered = words.money(volume.amount, rules), words.money(one.recovered, rules)
    return (
        _name(one),
        (volume.new, f"{volume.new:,}"),
        (volume.previous, f"{volume.previous:,}"),
        volume.trend if card.covered else "not known",
        (float(volume.amount), amount) if exact else amount,
        ", ".join(f"{code} {count:,}" for code, count in one.top_codes) or _NONE,
        _NONE if one.median_days is None else (one.median_days, f"{one.median_days:,.1f}"),
        _NONE if one.overturn_rate is None else (one.overturn_rate, _won(one)),
        (float(one.recovered), recovered) if exact else recovered,
    )


def _won(one: PayerScore) -> str:
    return f"{_percent(one.overturn_rate)} ({one.overturned:,} of {one.decided:,})"


def _percent(share: float | None) -> str:
    return _NONE if share is None else f"{share * 100:.0f}%"
