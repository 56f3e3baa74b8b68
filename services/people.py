"""Who may do what: a team's members, its lead and manager, the administrators."""

from __future__ import annotations

from dataclasses import dataclass

from denials.rules.model import RuleSet


@dataclass(frozen=True, slots=True)
class Actor:
    """Who pressed or typed. `guest`: a guest account. `outsider`: somebody from another workspace (Slack Connect)."""

    user: str
    guest: bool = False
    outsider: bool = False


def may_work(rules: RuleSet, owner: str | None, actor: Actor) -> bool:
    """Whether somebody may claim and resolve a team's items.

    Members, lead, manager and administrators; anyone in the channel where the rules list no members. Never guests nor
    people from other workspaces.
    """
    if actor.guest or actor.outsider:
        return False
    team = rules.owners.get(owner) if owner else None
    return team is None or not team.members or actor.user in team.members or is_lead(rules, owner, actor.user)


def is_lead(rules: RuleSet, owner: str | None, user: str) -> bool:
    """Whether somebody may act on other people's items of a team: its lead, its manager, an administrator."""
    return user in leads(rules, owner)


def leads(rules: RuleSet, owner: str | None) -> tuple[str, ...]:
    """Lead, manager and administrators of a team, each once, in that order."""
    team = rules.owners.get(owner) if owner else None
    known = [team.lead, team.manager] if team else []
    return tuple(dict.fromkeys(user for user in (*known, *rules.admins) if user))


def who_may(rules: RuleSet, owner: str | None) -> str:
    """Who can, as a refusal says it: the members if they are few, else the team and its lead."""
    team = rules.owners.get(owner) if owner else None
    if team is None:
        return "the administrators"
    lead = f" or {_mention(team.lead)}" if team.lead else ""
    if team.members and len(team.members) <= 5:
        return f"{', '.join(_mention(user) for user in team.members)}{lead}"
    return f"the team {team.title}{lead}"


def _mention(user: str) -> str:
    return f"<@{user}>"
