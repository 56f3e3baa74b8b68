"""The sandbox's people, groups and channels: the default ones, and whatever else the rules name."""

from __future__ import annotations

from dataclasses import replace

from denials.rules.model import Owner, RuleSet
from sandbox.seed import Channel, Group, Person, Seed, default_seed


def seed_for(rules: RuleSet | None) -> Seed:
    """The default workspace with every id that the rules name and it does not have."""
    seed = default_seed()
    if rules is None:
        return seed
    people = {person.id: person for person in seed.people}
    channels = {channel.id: channel for channel in seed.channels}
    groups = {group.id: group for group in seed.groups}
    for admin in rules.admins:
        people.setdefault(admin, Person(admin, _spoken(admin), "Administrator", is_admin=True))
    for owner in rules.owners.values():
        _add_people(people, owner)
        if owner.group:
            groups.setdefault(owner.group, Group(owner.group, _handle(owner.name), owner.title, owner.members))
    everybody = tuple(people)
    for owner in rules.owners.values():
        _add_channel(channels, owner.channel, owner.title, _workers(owner) or everybody)
    _add_channel(channels, rules.ops_channel, "Notices for administrators", rules.admins or everybody)
    if rules.reports_channel:
        _add_channel(channels, rules.reports_channel, "Weekly report and reviews", everybody)
    return replace(
        seed, people=tuple(people.values()), channels=tuple(channels.values()), groups=tuple(groups.values())
    )


def _workers(owner: Owner) -> tuple[str, ...]:
    return (*owner.members, *(one for one in (owner.lead, owner.manager) if one))


def _add_people(people: dict[str, Person], owner: Owner) -> None:
    for member in owner.members:
        people.setdefault(member, Person(member, _spoken(member), owner.title))
    if owner.lead:
        people.setdefault(owner.lead, Person(owner.lead, _spoken(owner.lead), f"Lead, {owner.title}"))
    if owner.manager:
        people.setdefault(owner.manager, Person(owner.manager, _spoken(owner.manager), "Manager"))


def _add_channel(channels: dict[str, Channel], channel: str, topic: str, members: tuple[str, ...]) -> None:
    if channel.startswith("#"):
        name = channel[1:]
        if not any(one.name == name for one in channels.values()):
            made_up = "C0" + "".join(char for char in name.upper() if char.isalnum())
            channels.setdefault(made_up, Channel(made_up, name, topic, members))
    elif channel not in channels and channel[:1] in "CG":
        channels[channel] = Channel(channel, _handle(channel[2:] or channel), topic, members)


def _spoken(identifier: str) -> str:
    """A readable name for an id such as U0LEAD."""
    return identifier[1:].lstrip("0").replace("_", " ").capitalize() or identifier


def _handle(text: str) -> str:
    return text.lower().replace("_", "-")
