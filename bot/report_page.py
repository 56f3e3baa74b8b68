"""The weekly report as one HTML file: charts and definitions included, no network, no script, made to be printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from bot import report_charts
from bot.definitions_page import STYLE, definitions_html
from bot.version import __version__
from denials.metrics import SMALLEST_CELL
from denials.rules.model import RuleSet
from handlers import report_words, words
from handlers.report_figures import Figure, figures
from handlers.report_words import Part, Sentence
from services.stats import Volume
from services.views import WeeklyReport
from services.weekly import Groups, Weekly

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1d1c1d; background: #fff; max-width: 50rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; }
.when { color: #575757; margin: .2rem 0 1rem; } .answers { font-size: 1.08rem; padding-left: 1.3rem; }
.answers li { margin: .35rem 0; }
a { color: inherit; text-decoration: underline; text-decoration-color: #8aa9bd; text-underline-offset: 2px; }
figure { margin: 1.2rem 0; } figcaption, caption { font-weight: 600; text-align: left; margin-bottom: .4rem; }
svg { width: 100%; height: auto; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 1.2rem; }
th, td { text-align: left; padding: .28rem .6rem; border-bottom: 1px solid #e3e3e3; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.note, footer { color: #575757; font-size: .9rem; } footer { margin-top: 2rem; border-top: 1px solid #e3e3e3; }
@page { margin: 16mm; }
@media print {
  body { font-size: 10.5pt; max-width: none; margin: 0; padding: 0; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h2, h3, caption, figcaption { break-after: avoid; } figure, tr, li, dd { break-inside: avoid; }
  dt { break-after: avoid; } .scroll { overflow: visible; } thead { display: table-header-group; }
  .definitions-part { break-before: page; columns: 2; column-gap: 2rem; font-size: 9pt; }
  .definitions-part h2 { column-span: all; }
}
"""


def report_html(told: WeeklyReport, rules: RuleSet) -> str:
    """The whole file. Everything in it is counts, dollars, labels of the rules file and random references."""
    numbers = told.numbers
    title = report_words.title(numbers)
    body = "".join(
        (
            f"<h1>{escape(title)}</h1>",
            f'<p class="when">Week {numbers.week}, Monday to Sunday, by remittance date. What is open and due is told'
            f" as of {escape(_day(numbers))}.</p>",
            f'<ol class="answers">{_items(report_words.answers(numbers, rules, words.exact))}</ol>',
            _weeks(numbers),
            _changed(numbers, rules),
            "".join(_groups(groups, numbers, rules) for groups in numbers.groups),
            _open_work(numbers),
            _reviews(told, rules),
            f'<section class="definitions-part"><h2>What the numbers mean</h2>{definitions_html("h3")}</section>',
            f"<footer><p>Made by Denial Desk {escape(__version__)}. It holds counts, dollars and labels: no names, no"
            " claim numbers, no dates of service."
            f" Groups of fewer than {SMALLEST_CELL} are told together.</p></footer>",
        )
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{_STYLE}{STYLE}</style></head><body>{body}</body></html>\n"
    )


def _day(numbers: Weekly) -> str:
    return f"{words.short_day(numbers.as_of)}, {numbers.as_of.year}"


def _items(sentences: Iterable[Sentence]) -> str:
    return "".join(f"<li>{_sentence(one)}</li>" for one in sentences)


def _sentence(sentence: Sentence) -> str:
    return "".join(_part(part) for part in sentence)


def _part(part: Part) -> str:
    text = escape(part.text)
    return f'<a href="#{escape(part.means)}">{text}</a>' if part.means else text


def _weeks(numbers: Weekly) -> str:
    points = [(words.short_day(point.first), point.new) for point in numbers.weeks]
    return report_charts.columns("New denials by week, twelve weeks by their Mondays", points)


def _changed(numbers: Weekly, rules: RuleSet) -> str:
    rows = [_figure(one) for one in figures(numbers, words.exact)]
    table = _table("", (("Number", False), ("This week", True), ("Week before", True), ("Change", True)), rows)
    moved = [line for groups in numbers.groups for line in report_words.moves(groups, rules)]
    if not numbers.now.covered:
        lead = "<p>The data do not cover the week before, so no trend can be told yet.</p>"
    elif moved:
        lead = f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in moved)}</ul>"
    else:
        lead = "<p>No category, payer or hand-off grew or shrank beyond chance.</p>"
    return f"<h2>What changed against the week before</h2>{lead}{table}"


def _figure(one: Figure) -> Sequence[str]:
    return (_part(Part(one.name, one.means)), escape(one.now), escape(one.before), escape(one.change))


def _groups(groups: Groups, numbers: Weekly, rules: RuleSet) -> str:
    rows = report_words.rows(groups, rules)
    if not rows:
        return ""
    heading, one, _ = report_words.KINDS[groups.by]
    chart = report_charts.pairs(
        f"New denials by {one}", [(name, group.new, group.previous) for name, group in rows], "This week", "Week before"
    )
    head = ((heading, False), ("New", True), ("Before", True), ("Change", True), ("Trend", False), ("Dollars", True))
    table = _table("", head, [_group(name, group, numbers) for name, group in rows])
    return f"<h2>By {escape(one)}</h2>{chart}{table}"


def _group(name: str, group: Volume, numbers: Weekly) -> Sequence[str]:
    known = numbers.now.covered
    change = "new" if group.change is None and group.new else report_words.signed(group.change)
    return (
        escape(name),
        f"{group.new:,}",
        f"{group.previous:,}",
        change if known else "–",
        group.trend if known else "–",
        words.exact(group.amount),
    )


def _open_work(numbers: Weekly) -> str:
    backlog = numbers.now.backlog
    aging = report_charts.bars(
        "Open denials by days since the remittance", [(f"{name} days", count) for name, count in backlog.aging.items()]
    )
    due = _sentence(report_words.due(numbers, words.exact))
    return f"<h2>Due in the next seven days</h2><p>{due}</p>{aging if backlog.open else ''}"


def _reviews(told: WeeklyReport, rules: RuleSet) -> str:
    count = words.count(len(told.open_reviews), "review")
    lines = [report_words.review_line(one) for one in told.open_reviews]
    verdicts = [report_words.verdict_line(one, rules) for one in told.verdicts]
    open_now = f'<p><a href="#reviews-open">{count} open</a>{":" if lines else "."}</p>{_list(lines)}'
    if not verdicts:
        return f"<h2>Prevention reviews</h2>{open_now}"
    since = escape(words.short_day(told.numbers.week.first))
    return (
        f'<h2>Prevention reviews</h2>{open_now}<p><a href="#verdict">Measured</a> since {since}:</p>{_list(verdicts)}'
    )


def _list(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>" if lines else ""


def _table(caption: str, head: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are HTML already; True in `head` marks a column of numbers."""
    mark = [' class="number"' if number else "" for _, number in head]
    top = "".join(f'<th scope="col"{kind}>{escape(name)}</th>' for (name, _), kind in zip(head, mark, strict=True))
    lines = "".join(
        f"<tr>{''.join(f'<td{kind}>{cell}</td>' for cell, kind in zip(row, mark, strict=True))}</tr>" for row in rows
    )
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f'<div class="scroll"><table>{title}<thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table></div>'
