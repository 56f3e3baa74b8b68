"""The sandbox's people, groups and channels: the default ones, and whatever else the rules name."""

from __future__ import annotations

from dataclasses import replace

from denials.rules.model import Owner, RuleSet
from sandbox.seed import Channel, Group, Person, Seed, default_seed
from services.roster import is_group


def seed_for(rules: RuleSet | None) -> Seed:
    """The default workspace with every id that the rules name and it does not have."""
    seed = default_seed()
    if rules is None:
        return seed
    folk = _Folk(seed)
    for admin in rules.admins:
        folk.add(admin, "Administrator", is_admin=True)
    for owner in rules.owners.values():
        _add_people(folk, owner)
    channels = {channel.id: channel for channel in seed.channels}
    everybody = tuple(folk.people)
    for owner in rules.owners.values():
        _add_channel(channels, owner.channel, owner.title, folk.behind(_workers(owner)) or everybody)
    _add_channel(channels, rules.ops_channel, "Notices for administrators", folk.behind(rules.admins) or everybody)
    if rules.reports_channel:
        _add_channel(channels, rules.reports_channel, "Weekly report and reviews", everybody)
    return replace(
        seed,
        people=tuple(folk.people.values()),
        channels=tuple(channels.values()),
        groups=tuple(folk.groups.values()),
    )


class _Folk:
    """The people and user groups of the workspace that is being made."""

    def __init__(self, seed: Seed) -> None:
        self.people = {person.id: person for person in seed.people}
        self.groups = {group.id: group for group in seed.groups}

    def add(self, ident: str, title: str, *, is_admin: bool = False) -> None:
        """Whoever an id means: a person, or a user group with one person in it."""
        if not is_group(ident):
            self.people.setdefault(ident, Person(ident, _spoken(ident), title, is_admin=is_admin))
        elif ident not in self.groups:
            somebody = f"U{ident[1:]}"
            self.add(somebody, title, is_admin=is_admin)
            self.groups[ident] = Group(ident, _handle(ident[1:].lstrip("0") or ident), _spoken(ident), (somebody,))

    def behind(self, idents: tuple[str, ...]) -> tuple[str, ...]:
        """The people whom these ids mean, each once."""
        found: list[str] = []
        for ident in idents:
            found += self.groups[ident].members if is_group(ident) else (ident,)
        return tuple(dict.fromkeys(found))


def _workers(owner: Owner) -> tuple[str, ...]:
    return (*owner.members, *(one for one in (owner.lead, owner.manager) if one))


def _add_people(folk: _Folk, owner: Owner) -> None:
    for member in owner.members:
        folk.add(member, owner.title)
    if owner.lead:
        folk.add(owner.lead, f"Lead, {owner.title}")
    if owner.manager:
        folk.add(owner.manager, "Manager")
    if owner.group:
        group = Group(owner.group, _handle(owner.name), owner.title, folk.behind(owner.members))
        folk.groups.setdefault(owner.group, group)


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
