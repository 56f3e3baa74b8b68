"""Who may do what: a team's members, its lead and manager, the administrators."""

from __future__ import annotations

from dataclasses import dataclass

from denials.rules.model import RuleSet


@dataclass(frozen=True, slots=True)
class Actor:
    """Who pressed or typed. `guest`: a guest account. `outsider`: somebody from another workspace (Slack Connect).

    `unproven`: Slack will not say whether it is a guest, since the app may not ask.
    """

    user: str
    guest: bool = False
    outsider: bool = False
    unproven: bool = False


UNPROVEN = (
    "Slack does not tell whether you are a guest; an administrator must give the app `users:read`; `denials doctor`"
    " says more."
)


def may_work(rules: RuleSet, owner: str | None, actor: Actor) -> bool:
    """Whether somebody may claim and resolve a team's items.

    Members, lead, manager and administrators; anyone of the workspace where the rules list no members or no team has
    the item. Never guests nor people from other workspaces.
    """
    return not lacks_proof(rules, owner, actor) and _may(rules, owner, actor)


def lacks_proof(rules: RuleSet, owner: str | None, actor: Actor) -> bool:
    """Whether somebody could work a team's items if Slack said that they are no guest: the rules do not name them."""
    return actor.unproven and _may(rules, owner, actor) and not _named(rules, owner, actor.user)


def _may(rules: RuleSet, owner: str | None, actor: Actor) -> bool:
    if actor.guest or actor.outsider:
        return False
    return not _members(rules, owner) or _named(rules, owner, actor.user)


def _named(rules: RuleSet, owner: str | None, user: str) -> bool:
    return user in _members(rules, owner) or is_lead(rules, owner, user)


def _members(rules: RuleSet, owner: str | None) -> tuple[str, ...]:
    team = rules.owners.get(owner) if owner else None
    return tuple(team.members) if team else ()


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
    if team is None or not team.members:
        return "members of this workspace who are no guests"
    lead = f" or {_mention(team.lead)}" if team.lead else ""
    if len(team.members) <= 5:
        return f"{', '.join(_mention(user) for user in team.members)}{lead}"
    return f"the team {team.title}{lead}"


def _mention(user: str) -> str:
    return f"<@{user}>"
