"""The numbers as Slack shows them best: a readable summary, native charts, a sortable table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import ceil

from slackblocks import Block, Markdown, SectionBlock

from denials.rules.model import RuleSet
from handlers import charts, words
from handlers.blocks import Rendered, context, header, message, section
from services.stats import Backlog, Claims, Point, Resolved, Stats, Volume

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
_NOT_COVERED = "The period before is not covered by the data, so no trend can be told yet."
_CHANCE = (
    "Rising or falling is only said when the difference is more than chance. Sent appeals and resubmissions count as"
    " open until the payer answers."
)


def stats(numbers: Stats, rules: RuleSet, hint: str = "") -> Rendered:
    """The answer to `/denials stats`."""
    blocks: list[Block] = [header(f"Denials, {_last(numbers)}")]
    if hint:
        blocks.append(context(hint))
    blocks.append(section(f"{_period(numbers)}\n{_volume(numbers, rules, mark='*')}{_beside(numbers)}"))
    blocks.append(_figures(numbers, rules))
    groups = [group for group in numbers.groups if group.new or group.previous]
    if groups:
        blocks += _grouped(numbers, groups, rules)
    blocks += _open_work(numbers.backlog, rules)
    blocks.append(context(_CHANCE))
    return message(f"{_spoken(numbers, groups, rules)} {_open_now(numbers.backlog, rules)}", blocks)


def trend(numbers: Stats, rules: RuleSet, hint: str = "") -> Rendered:
    """The answer to `/denials trend`: the period over time, and which groups grow or shrink."""
    groups = [group for group in numbers.groups if group.new or group.previous]
    blocks: list[Block] = [header(f"Trend, {_last(numbers)}")]
    if hint:
        blocks.append(context(hint))
    blocks.append(section(f"{_period(numbers)}\n{_volume(numbers, rules, mark='*')}"))
    points = _merged(numbers.series, charts.MOST_POINTS)
    if numbers.total.new:
        labels = [words.short_day(point.first) for point in points]
        values = [point.new for point in points]
        blocks.append(charts.lines("New denials over time", labels, [("New denials", values)], y="Denials"))
    word = _NAMED[numbers.by][1]
    for label, mark in (("Growing", "rising"), ("Shrinking", "falling")) if numbers.covered else ():
        moved = [group for group in groups if group.trend == mark]
        blocks.append(section(f"*{label}*\n{_moves(moved, numbers, rules) or f'No {word} beyond chance.'}"))
    blocks.append(context(_CHANCE))
    return message(_spoken(numbers, groups, rules), blocks)


def aging(backlog: Backlog, rules: RuleSet) -> Rendered:
    """The answer to `/denials aging`."""
    text = _open_now(backlog, rules)
    if not backlog.open:
        return message(text, [section(text)])
    table, _ = charts.table(
        "Open denials by days since the remittance",
        ("Days since the remittance", "Open denials", "Share"),
        [
            (name, (number, f"{number:,}"), (number / backlog.open, _percent(number / backlog.open)))
            for name, number in backlog.aging.items()
        ],
    )
    blocks: list[Block] = [header("Aging of open denials"), section(text), _aging_chart(backlog.aging)]
    if table is not None:
        blocks.append(table)
    spoken = ", ".join(f"{number:,} at {name} days" for name, number in backlog.aging.items() if number)
    return message(f"{text} By days since the remittance: {spoken}.", blocks)


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


def _last(numbers: Stats) -> str:
    """The period in words: `last 30 days`, `October 1–31, 2026`."""
    if numbers.month:
        return words.month_days(numbers.first, numbers.last)
    return f"last {words.count(numbers.days, 'day')}"


def _heading(numbers: Stats) -> str:
    period = _last(numbers)
    return period[0].upper() + period[1:]


def _period(numbers: Stats) -> str:
    return f"{words.day(numbers.first, numbers.last)} to {words.day(numbers.last, numbers.last)}, by remittance date"


def _volume(numbers: Stats, rules: RuleSet, *, mark: str = "") -> str:
    total = numbers.total
    volume = f"{mark}{words.count(total.new, 'new denial')}{mark}, {words.money(total.amount, rules)}"
    if not numbers.covered:
        return f"{volume}. {_NOT_COVERED}"
    if total.change is None:
        return f"{volume}; there were none in the period before." if total.new else f"{volume}."
    before = f"{total.previous:,} in the period before ({_signed(total.change)})"
    return f"{volume}. {total.trend.capitalize()}: {before}."


def _beside(numbers: Stats) -> str:
    """What is work but no new denial."""
    parts = []
    if numbers.total.repeats:
        parts.append(f"{words.count(numbers.total.repeats, 'denial')} came back")
    if numbers.total.rejections:
        parts.append(f"{words.count(numbers.total.rejections, 'claim')} rejected before adjudication")
    return f"\nBeside them: {', '.join(parts)}." if parts else ""


def _grouped(numbers: Stats, groups: Sequence[Volume], rules: RuleSet) -> list[Block]:
    heading, word = _NAMED[numbers.by]
    names = [group_name(group.name, numbers.by, rules) for group in groups]
    series = [
        (_heading(numbers), [group.new for group in groups]),
        ("The period before", [group.previous for group in groups]),
    ]
    blocks: list[Block] = [charts.bars(f"New denials by {word}", names, series, y="Denials")]
    table, left_out = charts.table(
        f"New denials by {word}, with the period before",
        (heading, "New", "Before", "Change", "Trend", "Amount"),
        [_row(name, group, numbers, rules) for name, group in zip(names, groups, strict=True)],
    )
    if table is not None:
        blocks.append(table)
    if left_out:
        typed = numbers.month or f"{numbers.days}d"
        blocks.append(context(f"{left_out:,} more on the host: `denials stats {typed} --by {numbers.by}`"))
    if (without := numbers.total.new - sum(group.new for group in groups)) > 0:
        blocks.append(context(f"{without:,} more without a {word} label."))
    return blocks


def _row(name: str, group: Volume, numbers: Stats, rules: RuleSet) -> Sequence[charts.Cell]:
    amount = words.money(group.amount, rules)
    return (
        name,
        (group.new, f"{group.new:,}"),
        (group.previous, f"{group.previous:,}"),
        _change(group) if numbers.covered else _UNKNOWN,
        group.trend if numbers.covered else _UNKNOWN,
        (float(group.amount), amount) if rules.amounts == "exact" else amount,
    )


def _change(group: Volume) -> charts.Cell:
    return "new" if group.change is None else (group.change, _signed(group.change))


def _figures(numbers: Stats, rules: RuleSet) -> Block:
    done = numbers.resolution
    fields = [
        ("Denial rate", _denial_rate(numbers.claims)),
        ("Fully denied", words.count(numbers.claims.fully_denied, "claim")),
        ("Time to claim", _hours(done)),
        ("Time to resolve", _days(done)),
        ("Resolved", f"{done.resolved:,}, of them {done.overturned:,} overturned{_handed_off(done)}"),
        ("Overturn rate", _overturn_rate(done)),
        ("Recovered", words.money(done.recovered, rules)),
        ("Written off", words.money(done.written_off, rules)),
        ("Preventable", _preventable(numbers.preventable)),
        ("Open now", _open_short(numbers.backlog, rules)),
    ]
    return SectionBlock(fields=[Markdown(f"*{name}*\n{value}", verbatim=True) for name, value in fields])


def _denial_rate(claims: Claims) -> str:
    if claims.denial_rate is None:
        return f"{_UNKNOWN}, no claim totals in this period's files"
    rate = f"{_percent(claims.denial_rate)} of {words.count(claims.adjudicated, 'claim')}"
    return (
        f"{rate}, {_percent(claims.denied_amount_rate)} of dollars" if claims.denied_amount_rate is not None else rate
    )


def _preventable(counts: Mapping[str, int]) -> str:
    every = sum(counts.values())
    if not every:
        return _UNKNOWN
    share = (counts["yes"] + counts["partly"]) / every
    return f"{_percent(share)}: {counts['yes']:,} yes, {counts['partly']:,} partly, {counts['no']:,} no"


def _open_short(backlog: Backlog, rules: RuleSet) -> str:
    return (
        f"{backlog.open:,}, {words.money(backlog.amount, rules)};"
        f" {backlog.unclaimed:,} not claimed, {backlog.overdue:,} overdue"
    )


def _open_now(backlog: Backlog, rules: RuleSet) -> str:
    apart = [
        words.count(number, one, many)
        for number, one, many in (
            (backlog.rejections, "rejection", "rejections"),
            (backlog.takebacks, "take-back", "take-backs"),
        )
        if number
    ]
    beside = f" Beside them: {' and '.join(apart)}." if apart else ""
    if not backlog.open:
        return f"Nothing is open.{beside}"
    return (
        f"{words.count(backlog.open, 'open denial')}, {words.money(backlog.amount, rules)}:"
        f" {backlog.unclaimed:,} not claimed, {backlog.overdue:,} overdue.{beside}"
    )


def _open_work(backlog: Backlog, rules: RuleSet) -> list[Block]:
    if not backlog.open:
        return []
    return [section(f"*Still open, by age.* {_open_now(backlog, rules)}"), _aging_chart(backlog.aging)]


def _aging_chart(buckets: Mapping[str, int]) -> Block:
    names = [f"{name} days" for name in buckets]
    return charts.bars(
        "Open denials by days since the remittance", names, [("Open denials", list(buckets.values()))], y="Denials"
    )


def _spoken(numbers: Stats, groups: Sequence[Volume], rules: RuleSet) -> str:
    largest = ", ".join(
        f"{words.safe(group_name(group.name, numbers.by, rules), 60)} {group.new:,}" for group in groups[:3]
    )
    top = f" Most by {_NAMED[numbers.by][1]}: {largest}." if largest else ""
    return f"{_heading(numbers)}: {_volume(numbers, rules)}{top}"


def _moves(groups: Sequence[Volume], numbers: Stats, rules: RuleSet) -> str:
    lines = [
        f"•  *{words.safe(group_name(group.name, numbers.by, rules), 60)}*  {group.previous:,} to {group.new:,}"
        f"{f' ({_signed(group.change)})' if group.change is not None else ''}"
        for group in groups[:10]
    ]
    return "\n".join([*lines, *([f"and {len(groups) - 10} more"] if len(groups) > 10 else [])])


def _merged(series: Sequence[Point], most: int) -> list[Point]:
    """The series in at most so many points, each as many of the old ones as needed; the last ends with the period."""
    size = max(1, ceil(len(series) / most))
    first = len(series) % size
    cuts = [0, *range(first, len(series), size)] if first else list(range(0, len(series), size))
    parts = [series[start:end] for start, end in zip(cuts, [*cuts[1:], len(series)], strict=True) if start < end]
    return [_sum(part) for part in parts]


def _sum(part: Sequence[Point]) -> Point:
    first: date = part[0].first
    return Point(
        first, part[-1].last, sum(one.new for one in part), sum((one.amount for one in part[1:]), part[0].amount)
    )


def _signed(share: float) -> str:
    return f"{share * 100:+,.0f}%" if share else "no change"


def _percent(share: float) -> str:
    return f"{share * 100:.1f}%"


def _handed_off(done: Resolved) -> str:
    return f"; handed off {words.count(done.handed_off, 'time')}" if done.handed_off else ""


def _overturn_rate(done: Resolved) -> str:
    return (
        "nothing decided yet" if done.overturn_rate is None else f"{_percent(done.overturn_rate)} of what was decided"
    )


def _hours(done: Resolved) -> str:
    median = done.median_hours_to_claim
    return "nothing claimed yet" if median is None else f"median {words.hours(median)}"


def _days(done: Resolved) -> str:
    if done.median_days_to_resolve is None:
        return "nothing resolved yet"
    late = done.p90_days_to_resolve
    tail = f", 90% within {words.hours(late * 24)}" if late is not None else ""
    return f"median {words.hours(done.median_days_to_resolve * 24)}{tail}"
