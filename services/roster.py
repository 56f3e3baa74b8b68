"""Who is in the user groups that the rules name, as Slack last told: part of the rules in force, never of the file."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace

from denials.rules.model import RuleSet


def is_group(ident: str) -> bool:
    """Whether an id is a user group's."""
    return ident.startswith("S")


def groups_of(rules: RuleSet) -> tuple[str, ...]:
    """The user groups whose members may do something: among members, leads, managers and administrators."""
    named: list[str | None] = [*rules.admins]
    for owner in rules.owners.values():
        named += [*owner.members, owner.lead, owner.manager]
    return tuple(dict.fromkeys(one for one in named if one and is_group(one)))


def people_of(rules: RuleSet, idents: Iterable[str]) -> tuple[str, ...]:
    """The people behind ids of people and user groups, each once; a group that is not known has none."""
    found: list[str] = []
    for ident in idents:
        found += rules.user_groups.get(ident, ()) if is_group(ident) else (ident,)
    return tuple(dict.fromkeys(found))


class Roster:
    """The members of the groups as this process knows them, and the wish to have them read anew. Thread-safe."""

    def __init__(self) -> None:
        self._groups: Mapping[str, tuple[str, ...]] = {}
        self._kept: tuple[RuleSet, Mapping[str, tuple[str, ...]], RuleSet] | None = None
        self._lock = threading.Lock()
        self._wanted: set[str] = set()
        self._asked = threading.Event()

    def learn(self, groups: Mapping[str, tuple[str, ...]]) -> None:
        """These are the members from now on."""
        if groups != self._groups:
            self._groups = dict(groups)

    def applied(self, rules: RuleSet) -> RuleSet:
        """The rules with the members of their groups: the same object while neither has changed."""
        groups, kept = self._groups, self._kept
        if kept is not None and kept[0] is rules and kept[1] is groups:
            return kept[2]
        named = {one: groups[one] for one in groups_of(rules) if one in groups}
        full = replace(rules, user_groups=named) if named else rules
        self._kept = (rules, groups, full)
        return full

    def ask(self, group: str) -> None:
        """Slack says that a group has changed."""
        with self._lock:
            self._wanted.add(group)
        self._asked.set()

    def asked(self, seconds: float) -> frozenset[str]:
        """The groups that have changed, as soon as there are any; none after so many seconds."""
        self._asked.wait(seconds)
        with self._lock:
            wanted, self._wanted = frozenset(self._wanted), set()
            self._asked.clear()
        return wanted
