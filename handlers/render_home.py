"""App Home: one person's queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slackblocks import (
    ActionsBlock,
    Block,
    Button,
    DividerBlock,
    Element,
    HomeTabView,
    Option,
    PlainText,
    StaticSelectMenu,
)

from denials.rules.model import RuleSet
from handlers import words
from handlers.blocks import button, context, header, section
from handlers.render_lists import claimable, line, several_buttons
from services.home import Home, TeamState
from services.views import ItemView

PAGE = 10
_ALL = "all"
_MOST_TEAMS = 20


def home_view(shown: Home, rules: RuleSet, notice: str = "") -> dict[str, Any]:
    """The view to publish. `notice` is said at the top, for a press that was refused."""
    blocks: list[Block] = []
    if notice:
        blocks += [section(f"*{notice}*"), DividerBlock()]
    blocks += _part("In your hands", shown.in_work, shown.in_work_count, shown, rules, "You have nothing in work.")
    none = "Nothing is waiting for your team to claim."
    blocks += _part("Not claimed yet", shown.unclaimed, shown.unclaimed_count, shown, rules, none)
    blocks += _controls(shown)
    if shown.waiting:
        blocks += _part("Waiting for the payer or snoozed", shown.waiting, shown.waiting_count, shown, rules, "")
    if shown.done:
        blocks += [
            header("Done in the last week"),
            section("\n".join(_done(item, shown, rules) for item in shown.done)),
        ]
    if shown.teams:
        blocks += [header("Your teams"), *(_team(team, rules) for team in shown.teams[:_MOST_TEAMS])]
    if shown.stale:
        stale = "\n".join(_untouched(item, shown, rules) for item in shown.stale)
        blocks += [section(f"*Untouched for two days or longer*\n{stale}")]
    blocks.append(context("`/denials help` lists what else can be asked."))
    return HomeTabView(blocks=blocks[:100], private_metadata=state_text(shown.page, shown.only)).to_dict()


def _part(title: str, items: Sequence[ItemView], total: int, shown: Home, rules: RuleSet, none: str) -> list[Block]:
    lead = f"{title} ({total:,})" if total else title
    if not items:
        return [header(lead), section(none)]
    blocks: list[Block] = [header(lead)]
    for item in items:
        verb = "claim" if claimable(item) else "resolve"
        says = f"{verb.capitalize()} {item.ref}, {item.payer}"[:75]
        pressed = button(verb.capitalize(), verb, item.ref, item.version, says=says)
        blocks.append(section(line(item, shown.today, rules), accessory=pressed))
    return blocks


def _controls(shown: Home) -> list[Block]:
    """Filter, pages, several at once. The state of the view travels in the values, so that a refresh keeps it."""
    options = [Option(PlainText(words.cut(title, 75)), value=key or _ALL) for key, title in shown.filters[:100]]
    elements: list[Element] = []
    if len(options) > 1:
        chosen = next((one for one in options if one.value == (shown.only or _ALL)), options[0])
        elements.append(StaticSelectMenu(action_id="home:filter", options=options, initial_option=chosen))
    last = max(0, (shown.unclaimed_count - 1) // PAGE)
    if shown.page > 0:
        elements.append(_turn("Previous", "previous", shown.page - 1, shown.only))
    if shown.page < last:
        elements.append(_turn("Next", "next", shown.page + 1, shown.only))
    elements.append(_turn("Refresh", "refresh", shown.page, shown.only))
    blocks: list[Block] = [ActionsBlock(elements=elements)]
    if last:
        blocks.append(context(f"Page {shown.page + 1} of {last + 1}"))
    if shown.unclaimed_count + shown.in_work_count > 1:
        blocks.append(several_buttons())
    return blocks


def _turn(label: str, verb: str, page: int, only: str) -> Button:
    return Button(PlainText(label), action_id=f"home:{verb}", value=state_text(page, only))


def state_text(page: int, only: str) -> str:
    """Which page and filter a view shows, for values and private metadata."""
    return f"{page}|{only}"


def read_state(text: str) -> tuple[int, str]:
    """What `state_text` wrote; the first page of everything for anything else."""
    page, _, only = text.partition("|")
    return (int(page), only) if page.isascii() and page.isdigit() else (0, "")


def read_filter(value: str) -> str:
    """The filter behind an option."""
    return "" if value == _ALL else value


def _done(item: ItemView, shown: Home, rules: RuleSet) -> str:
    return (
        f"•  {item.ref}  *{words.money(item.amount, rules)}*  {words.safe(item.payer, 40)}  ·  "
        f"{words.state(item, shown.today)}{_approved(item)}"
    )


def _approved(item: ItemView) -> str:
    """Who agreed to one's write-off."""
    return f", approved by {words.person(item.approved_by)}" if item.approved_by else ""


def _untouched(item: ItemView, shown: Home, rules: RuleSet) -> str:
    return f"{_done(item, shown, rules)}, {words.due(item, shown.today)}"


def _team(team: TeamState, rules: RuleSet) -> Block:
    oldest = f", the oldest unclaimed one opened {_opened(team)}" if team.oldest else ""
    return section(
        f"*{words.safe(team.title, 60)}*  {words.channel(team.channel)}\n{words.count(team.open, 'open denial')},"
        f" {words.money(team.amount, rules)}  ·  {team.unclaimed:,} not claimed  ·  {team.overdue:,} overdue{oldest}"
    )


def _opened(team: TeamState) -> str:
    at = team.oldest
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}}|{at:%b %d}>" if at else ""
