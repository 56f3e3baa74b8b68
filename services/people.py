"""Who may do what: a team's members, its lead and manager, the administrators; each may be named by a user group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from denials.rules.model import RuleSet
from services.roster import is_group, people_of
from services.views import Refused


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


def refusal(rules: RuleSet, owners: Sequence[str | None], actor: Actor, what: str) -> Refused:
    """Why somebody may work the items of none of these teams, with who can `what`."""
    who = "; or ".join(dict.fromkeys(who_may(rules, owner) for owner in owners)) or who_may(rules, None)
    if actor.guest or actor.outsider:
        return Refused("not_allowed", f"Guests and people from other workspaces cannot work denials. Only {who} can.")
    if any(lacks_proof(rules, owner, actor) for owner in owners):
        return Refused("unproven", UNPROVEN)
    group = next((one for owner in owners if (one := unread_group(rules, owner)) is not None), None)
    if group is not None:
        return Refused("unread_group", unread(group))
    return Refused("not_allowed", f"Only {who} can {what}.")


def may_work(rules: RuleSet, owner: str | None, actor: Actor) -> bool:
    """Whether somebody may claim and resolve a team's items.

    Members, lead, manager and administrators; anyone of the workspace where the rules list no members or no team has
    the item. Never guests nor people from other workspaces.
    """
    return not lacks_proof(rules, owner, actor) and _may(rules, owner, actor)


def lacks_proof(rules: RuleSet, owner: str | None, actor: Actor) -> bool:
    """Whether somebody could work a team's items if Slack said that they are no guest: the rules do not name them."""
    return actor.unproven and _may(rules, owner, actor) and not _named(rules, owner, actor.user)


def unread_group(rules: RuleSet, owner: str | None) -> str | None:
    """A user group that decides who may work a team's items and was not read yet; None where all are known."""
    named = (*_members(rules, owner), *leads(rules, owner))
    return next((one for one in named if is_group(one) and one not in rules.user_groups), None)


def unread(group: str) -> str:
    """The refusal of somebody who may be in a group that could not be read."""
    return (
        f"Slack does not tell yet who is in {mention(group)}. If this lasts, an administrator must give the app"
        " `usergroups:read`; `denials doctor` says more."
    )


def _may(rules: RuleSet, owner: str | None, actor: Actor) -> bool:
    if actor.guest or actor.outsider:
        return False
    return not _members(rules, owner) or _named(rules, owner, actor.user)


def _named(rules: RuleSet, owner: str | None, user: str) -> bool:
    return is_member(rules, owner, user) or is_lead(rules, owner, user)


def is_member(rules: RuleSet, owner: str | None, user: str) -> bool:
    """Whether the rules name somebody among a team's members, by id or by user group."""
    return user in people_of(rules, _members(rules, owner))


def _members(rules: RuleSet, owner: str | None) -> tuple[str, ...]:
    team = rules.owners.get(owner) if owner else None
    return tuple(team.members) if team else ()


def is_lead(rules: RuleSet, owner: str | None, user: str) -> bool:
    """Whether somebody may act on other people's items of a team: its lead, its manager, an administrator."""
    return user in people_of(rules, leads(rules, owner))


def leads(rules: RuleSet, owner: str | None) -> tuple[str, ...]:
    """Lead, manager and administrators of a team as the rules name them, each once: people and user groups."""
    team = rules.owners.get(owner) if owner else None
    known = [team.lead, team.manager] if team else []
    return tuple(dict.fromkeys(ident for ident in (*known, *rules.admins) if ident))


def lead_names(rules: RuleSet, owner: str | None, *, besides: str | None = None) -> str:
    """Lead, manager and administrators as a refusal says them."""
    names = [mention(ident) for ident in leads(rules, owner) if ident != besides]
    return _joined(names) or "an administrator"


def who_may(rules: RuleSet, owner: str | None) -> str:
    """Who can, as a refusal says it: the members if they are few, else the team; its lead; who else is above them."""
    team = rules.owners.get(owner) if owner else None
    if team is None or not team.members:
        return "members of this workspace who are no guests"
    few = len(team.members) <= 5
    named = [mention(ident) for ident in team.members] if few else [f"the team {team.title}"]
    if team.lead:
        named.append(mention(team.lead))
    above = [word for word, there in (("manager", team.manager), ("administrator", rules.admins)) if there]
    higher = f", or a{'n' if above[0] == 'administrator' else ''} {' or '.join(above)}" if above else ""
    return _joined(list(dict.fromkeys(named))) + higher


def _joined(names: Sequence[str]) -> str:
    """`A, B or C`."""
    return " or ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def mention(ident: str) -> str:
    """A person or a user group as Slack links it."""
    return f"<!subteam^{ident}>" if is_group(ident) else f"<@{ident}>"
