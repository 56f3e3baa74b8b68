"""From what a message shows to what Slack is told. Nothing outside this package knows Block Kit."""

from __future__ import annotations

from typing import assert_never

from denials.rules.model import RuleSet
from handlers.blocks import DoesNotFit, Rendered, message, section
from handlers.render_card import card, spoken
from handlers.render_lists import line, ping, ping_text, summary, summary_text, work_list
from handlers.render_proposal import proposal, proposal_text
from handlers.render_report import report_text, weekly_report
from handlers.render_review import reminder, reminder_text, review, review_text, verdict, verdict_text
from services.views import (
    Card,
    Content,
    Notice,
    Ping,
    Proposal,
    Review,
    ReviewReminder,
    Summary,
    VerdictPosted,
    WeeklyReport,
    WorkList,
)

__all__ = ["Rendered", "plain", "render"]

_LONGEST_NOTICE = 2_900
_PLAIN = 3_500


def render(
    content: Content,
    rules: RuleSet,
    *,
    workspace_url: str = "https://slack.com/",
    definitions_url: str | None = None,
) -> Rendered:
    """A message as it should be shown now. Always within Slack's limits: what would not fit comes out as text only.

    `definitions_url` is the page that the numbers of a report link to.
    """
    try:
        return _render(content, rules, workspace_url, definitions_url)
    except DoesNotFit:
        return plain(content, rules)


def plain(content: Content, rules: RuleSet) -> Rendered:
    """The same in text only and shortened: for a message whose blocks Slack has refused."""
    match content:
        case Card():
            return Rendered(_with_commands(spoken(content.item, content.today, rules)), [])
        case WorkList():
            lines = [line(item, content.today, rules).replace("\n", "  ·  ") for item in content.items]
            return Rendered(_fill(["More denials.", *lines], "`/denials claim DN-…` claims one."), [])
        case Summary():
            return Rendered(summary_text(content, rules), [])
        case Ping():
            return Rendered(ping_text(content, rules), [])
        case Notice():
            return Rendered(content.text[:_LONGEST_NOTICE], [])
        case Proposal():
            return Rendered(proposal_text(content, rules)[:_PLAIN], [])
        case WeeklyReport():
            return Rendered(report_text(content, rules), [])
        case Review():
            return Rendered(f"{review_text(content, rules)} `/denials reviews` shows its buttons.", [])
        case VerdictPosted():
            return Rendered(verdict_text(content, rules), [])
        case ReviewReminder():
            return Rendered(f"{reminder_text(content)} `/denials reviews` lists them.", [])
        case _:
            assert_never(content)


def _render(content: Content, rules: RuleSet, workspace_url: str, definitions_url: str | None) -> Rendered:
    match content:
        case Card():
            return card(content.item, content.today, rules)
        case WorkList():
            return work_list(content, rules)
        case Summary():
            return summary(content, rules)
        case Ping():
            return ping(content, rules, workspace_url)
        case Notice():
            text = content.text[:_LONGEST_NOTICE]
            return message(text, [section(text)])
        case Proposal():
            return proposal(content, rules)
        case WeeklyReport():
            return weekly_report(content, rules, definitions_url)
        case Review():
            return review(content, rules)
        case VerdictPosted():
            return verdict(content, rules)
        case ReviewReminder():
            return reminder(content, rules)
        case _:
            assert_never(content)


def _with_commands(text: str) -> str:
    return f"{text} `/denials find DN-…` shows its buttons."


def _fill(lines: list[str], last: str) -> str:
    kept: list[str] = []
    room = _PLAIN - len(last) - 20
    for one in lines:
        if len(one) + 1 > room:
            kept.append("…")
            break
        kept.append(one)
        room -= len(one) + 1
    return "\n".join([*kept, last])
