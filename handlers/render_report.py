"""The weekly report as a message: the four answers first, then charts, what changed, what is due, and the reviews."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from slackblocks import Block

from denials.metrics import SMALLEST_CELL
from denials.rules.model import RuleSet
from handlers import charts, report_words, words
from handlers.blocks import DoesNotFit, Rendered, context, header, message, section
from handlers.report_figures import figures
from handlers.report_words import Part, Sentence
from services.views import ReviewView, WeeklyReport
from services.weekly import Groups, Weekly

MOST_REVIEWS = 6
MOST_MOVES = 5
_LONGEST_LINE = 300
_LONGEST_MOVE = 120
_LINKS = 8  # in one text, so that long addresses fit


def weekly_report(shown: WeeklyReport, rules: RuleSet, definitions_url: str | None = None) -> Rendered:
    """The message. With `definitions_url`, the address of the page of definitions, each number links to its own.

    Where the links make it too large for Slack, it goes without them.
    """
    try:
        return _message(shown, rules, definitions_url)
    except DoesNotFit:
        if definitions_url is None:
            raise
        return _message(shown, rules, None)


def _message(shown: WeeklyReport, rules: RuleSet, definitions_url: str | None) -> Rendered:
    numbers, money = shown.numbers, partial(words.money, rules=rules)
    link = partial(_linked, definitions_url)
    answers = report_words.answers(numbers, rules, money)
    blocks: list[Block] = [
        header(report_words.title(numbers)),
        context(f"Week {numbers.week}, Monday to Sunday, by remittance date.{_linked_hint(definitions_url)}"),
        *(section(f"*{place}.*  {link(sentence)}") for place, sentence in enumerate(answers, 1)),
        *_charts(numbers, rules),
        *_changed(numbers, rules, link),
        section(f"*Due in the next seven days*\n{link(report_words.due(numbers, money))}"),
        *_reviews(shown, rules, link),
        context(_small_print(numbers)),
    ]
    return message(report_text(shown, rules), blocks)


def report_text(shown: WeeklyReport, rules: RuleSet) -> str:
    """The same as one text, for notifications and screen readers: the four answers, what is due, the reviews."""
    numbers, money = shown.numbers, partial(words.money, rules=rules)
    told = [report_words.spoken(one) for one in report_words.answers(numbers, rules, money)]
    told.append(f"Due: {report_words.spoken(report_words.due(numbers, money))}")
    told.append(f"{words.count(len(shown.open_reviews), 'prevention review')} open.")
    told += [f"{report_words.verdict_line(one, rules)}." for one in shown.verdicts[:MOST_REVIEWS]]
    return words.safe(f"{report_words.title(numbers)}. {' '.join(told)}", 2_800)


Link = Callable[[Sentence], str]


def _linked(url: str | None, sentence: Sentence) -> str:
    return "".join(_part(part, url) for part in sentence)


def _part(part: Part, url: str | None) -> str:
    """A part as mrkdwn; the spaces at its ends stay."""
    text = words.safe(part.text, _LONGEST_LINE).replace("|", "¦")
    return f"<{url}#{part.means}|{text}>" if url and part.means else text


def _linked_hint(url: str | None) -> str:
    return " Each number links to its definition." if url else ""


def _charts(numbers: Weekly, rules: RuleSet) -> list[Block]:
    """Volume over twelve weeks, and this week's groups beside last week's: Slack takes two charts in a message."""
    drawn: list[Block] = []
    if any(point.new for point in numbers.weeks):
        labels = [words.short_day(point.first) for point in numbers.weeks]
        counts = [point.new for point in numbers.weeks]
        drawn.append(charts.lines("New denials by week, twelve weeks", labels, [("New denials", counts)], y="Denials"))
    named = report_words.rows(numbers.categories, rules)[: charts.MOST_BARS]
    if named:
        series = [
            ("This week", [group.new for _, group in named]),
            ("The week before", [group.previous for _, group in named]),
        ]
        drawn.append(charts.bars("New denials by category", [name for name, _ in named], series, y="Denials"))
    return drawn


def _changed(numbers: Weekly, rules: RuleSet, link: Link) -> list[Block]:
    money = partial(words.money, rules=rules)
    found = figures(numbers, money)
    table, _ = charts.table(
        "The week beside the week before",
        ("Number", "This week", "Week before", "Change"),
        [(one.name, one.now, one.before, one.change) for one in found],
    )
    moved = [line for groups in numbers.groups for line in _moves(groups, numbers, rules)]
    told = "\n".join(moved) or "No category, payer or hand-off grew or shrank beyond chance."
    if not numbers.now.covered:
        told = "The data do not cover the week before, so no trend can be told yet."
    blocks: list[Block] = [section(f"*What changed against the week before*\n{told}")]
    blocks += [table] if table is not None else []
    meanings = list({one.means: link((Part(one.name, one.means),)) for one in found}.values())
    if "<" not in meanings[0]:
        return blocks
    parts = [meanings[start : start + _LINKS] for start in range(0, len(meanings), _LINKS)]
    return [*blocks, context("What they mean:", *(", ".join(part) for part in parts))]


def _moves(groups: Groups, numbers: Weekly, rules: RuleSet) -> list[str]:
    lines = report_words.moves(groups, rules) if numbers.now.covered else ()
    told = [f"•  {words.safe(line, _LONGEST_MOVE)}" for line in lines[:MOST_MOVES]]
    return [*told, *([f"and {len(lines) - MOST_MOVES:,} more"] if len(lines) > MOST_MOVES else [])]


def _reviews(shown: WeeklyReport, rules: RuleSet, link: Link) -> list[Block]:
    count = words.count(len(shown.open_reviews), "review")
    open_now = _listed([report_words.review_line(one) for one in shown.open_reviews])
    lead = link((Part(f"{count} open", "reviews-open"), Part("." if not open_now else ":")))
    blocks: list[Block] = [section(f"*Prevention reviews*\n{lead}{open_now}")]
    if shown.verdicts:
        verdicts = _listed(_verdicts(shown.verdicts, rules))
        since = words.short_day(shown.numbers.week.first)
        lead = link((Part("Measured", "verdict"), Part(f" since {since}:")))
        blocks.append(section(f"{lead}{verdicts}"))
    return blocks


def _verdicts(reviews: Sequence[ReviewView], rules: RuleSet) -> list[str]:
    return [report_words.verdict_line(one, rules) for one in reviews]


def _listed(lines: Sequence[str]) -> str:
    told = [f"\n•  {words.safe(line, _LONGEST_LINE)}" for line in lines[:MOST_REVIEWS]]
    more = f"\nand {len(lines) - MOST_REVIEWS:,} more, see `/denials reviews`" if len(lines) > MOST_REVIEWS else ""
    return "".join(told) + more


def _small_print(numbers: Weekly) -> str:
    return (
        f"What is open and due is told as of {words.day(numbers.as_of, numbers.as_of)}. Groups of fewer than"
        f" {SMALLEST_CELL} are told together. As a page to print, on the host:"
        f" `denials report --week {numbers.week} --output report.html`"
    )
