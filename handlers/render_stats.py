"""The numbers as Slack shows them best: a readable summary, native charts, a sortable table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from slackblocks import Block, Markdown, SectionBlock

from denials.rules.model import RuleSet
from handlers import charts, words
from handlers.blocks import Rendered, context, header, message, section
from services.trend import Trendline

Numbers = Mapping[str, Any]
"""What `denials stats --json` prints."""

_NAMED = {
    "category": ("Category", "category"),
    "payer": ("Payer", "payer"),
    "owner": ("Team", "team"),
    "handoff": ("Hand-off", "hand-off"),
    "code": ("Code", "code"),
    "practice": ("Practice", "practice"),
    "location": ("Location", "location"),
}
_UNKNOWN = "not known"
_LONGEST_NAME = 60


def stats(numbers: Numbers, rules: RuleSet, by: str, hint: str = "") -> Rendered:
    """The answer to `/denials stats`."""
    period = numbers["period"]
    heading, word = _NAMED[by]
    blocks: list[Block] = [header(f"Denials, last {words.count(period['days'], 'day')}")]
    if hint:
        blocks.append(context(hint))
    blocks += [section(f"{_period(period)}\n{_volume(numbers, rules, bold=True)}"), _figures(numbers, rules)]
    groups = [group for group in numbers["groups"] if group["new"] or group["previous"]]
    names = [group_name(group["name"], by, rules) for group in groups]
    if groups:
        blocks.append(
            charts.bars(
                f"New denials by {word}",
                names,
                [
                    (f"Last {words.count(period['days'], 'day')}", [group["new"] for group in groups]),
                    ("The period before", [group["previous"] for group in groups]),
                ],
                y="Denials",
            )
        )
        table, left_out = charts.table(
            f"New denials by {word}, with the period before",
            (heading, "New", "Before", "Change", "Trend", "Amount"),
            [_row(name, group, rules) for name, group in zip(names, groups, strict=True)],
        )
        if table is not None:
            blocks.append(table)
        if left_out:
            blocks.append(context(f"{left_out:,} more on the host: `denials stats --by {by}`"))
    blocks += _backlog(numbers, rules)
    blocks.append(
        context(
            "Rising or falling is only said when the difference is more than chance. Sent appeals and resubmissions"
            " count as open until the payer answers."
        )
    )
    return message(_spoken(numbers, rules, names, word), blocks)


def aging(numbers: Numbers, rules: RuleSet) -> Rendered:
    """The answer to `/denials aging`."""
    backlog = numbers["backlog"]
    text = _open_now(numbers, rules)
    if not backlog["open"]:
        return message(text, [section(text)])
    buckets: Mapping[str, int] = backlog["aging"]
    table, _ = charts.table(
        "Open denials by days since the remittance",
        ("Days since the remittance", "Open denials", "Share"),
        [
            (name, (count, f"{count:,}"), (count / backlog["open"], _percent(count / backlog["open"])))
            for name, count in buckets.items()
        ],
    )
    blocks: list[Block] = [header("Aging of open denials"), section(text), _aging_chart(buckets)]
    if table is not None:
        blocks.append(table)
    spoken = ", ".join(f"{count:,} at {name} days" for name, count in buckets.items() if count)
    return message(f"{text} By days since the remittance: {spoken}.", blocks)


def trend(shown: Trendline, rules: RuleSet) -> Rendered:
    """The answer to `/denials trend`."""
    today = shown.weeks[-1].last
    half = len(shown.weeks) // 2
    lead = (
        f"{shown.trend.capitalize()}: {words.count(shown.later, 'new denial')} in the last {half} weeks,"
        f" {shown.earlier:,} in the {half} before."
    )
    labels = [words.day(week.first, today) for week in shown.weeks]
    table, _ = charts.table(
        "New denials by week of remittance",
        ("Week from", "New", "Amount"),
        [
            (label, (week.new, f"{week.new:,}"), words.money(week.amount, rules))
            for label, week in zip(labels, shown.weeks, strict=True)
        ],
    )
    chart = charts.lines(
        "New denials by week", labels, [("New denials", [week.new for week in shown.weeks])], y="Denials"
    )
    blocks: list[Block] = [header("New denials week by week"), section(f"*{lead}*"), chart]
    if table is not None:
        blocks.append(table)
    blocks.append(context("By remittance date: a late batch counts in the week it was decided, not when it came in."))
    return message(lead, blocks)


def group_name(name: str, by: str, rules: RuleSet) -> str:
    """A group as people know it."""
    if not name:
        return "Not stated"
    if by == "category":
        return rules.category_title(name)
    if by == "owner":
        owner = rules.owners.get(name)
        return owner.title if owner else name.replace("_", " ").capitalize()
    return words.cut(name, _LONGEST_NAME)


def _period(period: Numbers) -> str:
    first, last = date.fromisoformat(period["from"]), date.fromisoformat(period["to"])
    return f"{words.day(first, last)} to {words.day(last, last)}, by remittance date"


def _volume(numbers: Numbers, rules: RuleSet, *, bold: bool) -> str:
    told = numbers["denials"]
    mark = "*" if bold else ""
    volume = f"{mark}{words.count(told['new'], 'new denial')}{mark}, {words.money(Decimal(told['amount']), rules)}"
    if told["change"] is None:
        return f"{volume}; there were none in the period before." if told["new"] else f"{volume}."
    before = f"{told['previous']:,} in the period before ({_signed(told['change'])})"
    return f"{volume}. {str(told['trend']).capitalize()}: {before}."


def _figures(numbers: Numbers, rules: RuleSet) -> Block:
    claims, done, fault = numbers["claims"], numbers["resolution"], numbers["preventable"]
    rate = _UNKNOWN + ", no claim totals in these files"
    if claims["denial_rate"] is not None:
        rate = f"{_percent(claims['denial_rate'])} of {words.count(claims['adjudicated'], 'claim')}"
        if claims["denied_amount_rate"] is not None:
            rate += f", {_percent(claims['denied_amount_rate'])} of dollars"
    fields = [
        ("Denial rate", rate),
        ("Fully denied", words.count(claims["fully_denied"], "claim")),
        ("Time to claim", _hours(done["median_hours_to_claim"])),
        ("Time to resolve", _days(done["median_days_to_resolve"], done["p90_days_to_resolve"])),
        ("Resolved", f"{done['resolved']:,}, of them {done['overturned']:,} overturned"),
        ("Overturn rate", _rate(done["overturn_rate"])),
        ("Recovered", words.money(Decimal(done["recovered_amount"]), rules)),
        ("Written off", words.money(Decimal(done["written_off_amount"]), rules)),
        ("Preventable", _preventable(fault)),
        ("Open now", _open_short(numbers["backlog"], rules)),
    ]
    return SectionBlock(fields=[Markdown(f"*{name}*\n{value}", verbatim=True) for name, value in fields])


def _preventable(fault: Numbers) -> str:
    if fault["share"] is None:
        return _UNKNOWN
    return f"{_percent(fault['share'])}: {fault['yes']:,} yes, {fault['partly']:,} partly, {fault['no']:,} no"


def _open_short(backlog: Numbers, rules: RuleSet) -> str:
    return (
        f"{backlog['open']:,}, {words.money(Decimal(backlog['amount']), rules)};"
        f" {backlog['unclaimed']:,} not claimed, {backlog['overdue']:,} overdue"
    )


def _open_now(numbers: Numbers, rules: RuleSet) -> str:
    backlog = numbers["backlog"]
    if not backlog["open"]:
        return "Nothing is open."
    return (
        f"{words.count(backlog['open'], 'open denial')}, {words.money(Decimal(backlog['amount']), rules)}:"
        f" {backlog['unclaimed']:,} not claimed, {backlog['overdue']:,} overdue."
    )


def _backlog(numbers: Numbers, rules: RuleSet) -> list[Block]:
    if not numbers["backlog"]["open"]:
        return []
    return [section(f"*Still open, by age.* {_open_now(numbers, rules)}"), _aging_chart(numbers["backlog"]["aging"])]


def _aging_chart(buckets: Mapping[str, int]) -> Block:
    return charts.bars(
        "Open denials by days since the remittance",
        [f"{name} days" for name in buckets],
        [("Open denials", list(buckets.values()))],
        y="Denials",
    )


def _row(name: str, group: Numbers, rules: RuleSet) -> Sequence[charts.Cell]:
    change = group["change"]
    amount = Decimal(group["amount"])
    return (
        name,
        (group["new"], f"{group['new']:,}"),
        (group["previous"], f"{group['previous']:,}"),
        "new" if change is None else (change, _signed(change)),
        str(group["trend"]),
        (float(amount), words.money(amount, rules)) if rules.amounts == "exact" else words.money(amount, rules),
    )


def _spoken(numbers: Numbers, rules: RuleSet, names: Sequence[str], word: str) -> str:
    largest = ", ".join(
        f"{words.safe(name, 60)} {group['new']:,}" for name, group in zip(names[:3], numbers["groups"], strict=False)
    )
    top = f" Most by {word}: {largest}." if largest else ""
    lead = f"Last {words.count(numbers['period']['days'], 'day')}: {_volume(numbers, rules, bold=False)}"
    return f"{lead}{top} {_open_now(numbers, rules)}"


def _signed(share: float) -> str:
    return f"{share * 100:+,.0f}%"


def _percent(share: float) -> str:
    return f"{share * 100:.1f}%"


def _rate(share: float | None) -> str:
    return "nothing decided yet" if share is None else f"{_percent(share)} of what was decided"


def _hours(median: float | None) -> str:
    return "nothing claimed yet" if median is None else f"median {median:,.1f} hours"


def _days(median: float | None, p90: float | None) -> str:
    if median is None:
        return "nothing resolved yet"
    late = f", 90% within {p90:,.1f}" if p90 is not None else ""
    return f"median {median:,.1f} days{late}"
