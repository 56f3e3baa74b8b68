"""What `denials doctor` asks Slack about the people whom the rules name."""

from __future__ import annotations

from collections.abc import Iterator

from bot.findings import Finding
from bot.gateway import Answer, Gateway, Refused
from denials.rules.model import RuleSet
from services.roster import is_group

_MOST = 200


def people_findings(gateway: Gateway, rules: RuleSet) -> Iterator[Finding]:
    """Everybody whom reminders are for or who may work denials: somebody unknown would never hear of anything."""
    wanted = _named(rules)
    known = 0
    for user, use in list(wanted.items())[:_MOST]:
        answer = gateway.call("users.info", user=user)
        problem = _problem(answer)
        if problem is None:
            known += 1
            continue
        if isinstance(answer, Refused) and answer.error == "missing_scope":
            return  # told with the scopes
        yield Finding("people", "error", f"{user} ({use}): {problem[0]}", problem[1])
    if wanted:
        yield Finding("people", "ok", f"{known} of {len(wanted)} are known to Slack")


def _named(rules: RuleSet) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for owner in rules.owners.values():
        for user, use in (
            (owner.lead, "lead"),
            (owner.manager, "manager"),
            *((one, "member") for one in owner.members),
        ):
            if user and not is_group(user):
                wanted.setdefault(user, f"{use} of {owner.name}")
    for user in rules.admins:
        if not is_group(user):
            wanted.setdefault(user, "admins")
    return wanted


def _problem(answer: object) -> tuple[str, str] | None:
    if isinstance(answer, Refused):
        mend = "correct the id in rules.yaml (in Slack: Profile, ⋮, Copy member ID)"
        return f"Slack says {answer.error}", mend
    if not isinstance(answer, Answer):
        return "could not be looked up", "run doctor again"
    user = answer.data.get("user") or {}
    if user.get("deleted"):
        return "has been deactivated in Slack", "name somebody else in rules.yaml"
    if user.get("is_bot"):
        return "is an app and reads no messages", "name a person in rules.yaml"
    return None
