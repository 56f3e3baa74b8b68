"""App Home: one person's queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slackblocks import ActionsBlock, Block, Button, DividerBlock, HomeTabView, PlainText

from denials.rules.model import RuleSet
from handlers import words
from handlers.blocks import button, context, header, section
from handlers.render_lists import claimable, line
from services.home import Home, TeamState
from services.views import ItemView

PAGE = 10


def home_view(shown: Home, rules: RuleSet, notice: str = "") -> dict[str, Any]:
    """The view to publish. `notice` is said at the top, for a press that was refused."""
    blocks: list[Block] = []
    if notice:
        blocks += [section(f"*{notice}*"), DividerBlock()]
    blocks += _part("In your hands", shown.in_work, shown.in_work_count, shown, rules, "You have nothing in work.")
    none = "Nothing is waiting for your team to claim."
    blocks += _part("Not claimed yet", shown.unclaimed, shown.unclaimed_count, shown, rules, none)
    blocks += _pages(shown)
    if shown.waiting:
        blocks += _part("Waiting for the payer or snoozed", shown.waiting, shown.waiting_count, shown, rules, "")
    if shown.done:
        blocks += [
            header("Done in the last week"),
            section("\n".join(_done(item, shown, rules) for item in shown.done)),
        ]
    if shown.teams:
        blocks += [header("Your teams"), *(_team(team, rules) for team in shown.teams)]
    blocks.append(ActionsBlock([Button(PlainText("Refresh"), action_id="home:refresh", value=str(shown.page))]))
    blocks.append(context("`/denials help` lists what else can be asked."))
    return HomeTabView(blocks=blocks[:100], private_metadata=str(shown.page)).to_dict()


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


def _pages(shown: Home) -> list[Block]:
    last = max(0, (shown.unclaimed_count - 1) // PAGE)
    if last == 0:
        return []
    turns = []
    if shown.page > 0:
        turns.append(Button(PlainText("Previous"), action_id="home:previous", value=str(shown.page - 1)))
    if shown.page < last:
        turns.append(Button(PlainText("Next"), action_id="home:next", value=str(shown.page + 1)))
    return [ActionsBlock(elements=list(turns)), context(f"Page {shown.page + 1} of {last + 1}")]


def _done(item: ItemView, shown: Home, rules: RuleSet) -> str:
    return (
        f"•  {item.ref}  *{words.money(item.amount, rules)}*  {words.safe(item.payer, 40)}  ·  "
        f"{words.state(item, shown.today)}"
    )


def _team(team: TeamState, rules: RuleSet) -> Block:
    oldest = f", the oldest unclaimed one since {_since(team)}" if team.oldest else ""
    return section(
        f"*{words.safe(team.title, 60)}*  {words.channel(team.channel)}\n{words.count(team.open, 'open denial')},"
        f" {words.money(team.amount, rules)}  ·  {team.unclaimed:,} not claimed  ·  {team.overdue:,} overdue{oldest}"
    )


def _since(team: TeamState) -> str:
    at = team.oldest
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}}|{at:%b %d}>" if at else ""
