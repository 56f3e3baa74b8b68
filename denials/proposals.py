"""Rules that people's corrections ask for: when the same kind of denial is handed to another category again and again.

A proposal is made of stored facts alone and changes nothing. Its YAML is read back by the reader of rules files before
anybody sees it, so what is pasted is what was tried.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from denials.errors import RulesError
from denials.model import Sensitive
from denials.reasons import HandOffReason
from denials.rules.labels import UNLISTED_PAYER, any_glob, glob_matches, plain
from denials.rules.load import load_rules
from denials.rules.model import Match, Rule, RuleSet
from denials.rules.shadow import match_covers
from denials.triage import triage
from denials.triage_types import Facts

FEWEST = 3  # corrected items of a kind before a rule is proposed
AGREEMENT = Fraction(3, 4)  # of those that people took up, so many must have been handed on
CORRECTIONS = frozenset({HandOffReason.WRONG_CATEGORY, HandOffReason.NOT_OURS})
"""Reasons that say the item came to the wrong place; the others move work that had come to the right one."""

_TELLING = 3  # letters and digits; less would match half of all payers
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Alike:
    """What the corrected items of one proposal have in common. `code` is "CO-16", of a rejection its status."""

    payer: str  # a label that may be shown
    code: str
    remark: str = ""  # the first one; "" where there is none

    @property
    def is_status(self) -> bool:
        """Whether the code is a claim status of a rejection."""
        return ":" in self.code


@dataclass(frozen=True, slots=True)
class Correction:
    """One item that somebody handed to another category. `facts` are those of its largest denial."""

    ref: str
    alike: Alike
    came_to: str  # the category that triage chose
    handed_to: str
    amount: Decimal
    by: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class ProposedRule:
    """A rule to paste as the first one. `replaces` are rules that it takes everything from, which then have to go."""

    rule: Rule
    yaml: str
    alike: Alike
    corrections: tuple[Correction, ...]  # those the rule would have done
    replaces: tuple[str, ...] = ()

    def applied(self, rules: RuleSet) -> RuleSet:
        """The rules as they would be with it."""
        return replace(rules, rules=(self.rule, *(one for one in rules.rules if one.id not in self.replaces)))


def alike_of(payer: str, facts: Facts) -> Alike:
    """The kind of a denial, by the label of its payer, its code and its first remark."""
    if facts.status_codes:
        return Alike(payer, facts.status_codes[0])
    code = f"{facts.group}-{facts.carc}" if facts.group else facts.carc
    return Alike(payer, code, facts.rarcs[0] if facts.rarcs else "")


def agreed(corrected: int, kept: int) -> bool:
    """Whether enough of a kind were handed on: `kept` were taken up and stayed where they had come to."""
    return corrected >= FEWEST and Fraction(corrected, corrected + kept) >= AGREEMENT


def proposals(corrections: Iterable[Correction], rules: RuleSet) -> tuple[ProposedRule, ...]:
    """The rules that corrections ask for, most dollars first. None for what the rules do already."""
    groups: dict[tuple[Alike, str], list[Correction]] = defaultdict(list)
    for one in corrections:
        if one.came_to != one.handed_to and triage(one.facts, rules).category != one.handed_to:
            groups[one.alike, one.handed_to].append(one)
    made = (_propose(alike, category, group, rules) for (alike, category), group in groups.items())
    found = [one for one in made if one is not None]
    return tuple(sorted(found, key=lambda one: (-sum(c.amount for c in one.corrections), one.rule.id)))


def _propose(alike: Alike, category: str, group: Sequence[Correction], rules: RuleSet) -> ProposedRule | None:
    if len(group) < FEWEST or category not in rules.categories or not alike.code:
        return None
    payer = _payer(alike.payer, [one.facts for one in group], rules)
    if payer is None:
        return None
    match = {**payer, **_codes(alike)}
    rule_id = _free_id(alike, category, rules)
    yaml = _yaml(rule_id, match, category)
    rule = _read_back(yaml, category, rules)
    if rule is None or rule.id != rule_id or rule.match != Match(**match):  # type: ignore[arg-type]  # only lists of texts
        return None
    replaces = tuple(one.id for one in rules.rules if match_covers(rule.match, one.match))
    made = ProposedRule(rule, yaml, alike, (), replaces)
    then = made.applied(rules)
    done = tuple(one for one in group if triage(one.facts, then).category == category)
    return replace(made, corrections=done) if len(done) >= FEWEST else None


def _codes(alike: Alike) -> dict[str, tuple[str, ...]]:
    if alike.is_status:
        return {"status_code": (alike.code,)}
    group, dash, carc = alike.code.rpartition("-")
    found: dict[str, tuple[str, ...]] = {"group": (group,)} if dash else {}
    found["carc"] = (carc,)
    if alike.remark:
        found["rarc"] = (alike.remark,)
    return found


def _payer(label: str, denials: Sequence[Facts], rules: RuleSet) -> dict[str, tuple[str, ...]] | None:
    """The condition that stands for a payer's label: the globs that the file labels so, or its name; else None.

    A name that no label may show stays out of a proposal: it would be posted.
    """
    if label == UNLISTED_PAYER:
        return None
    names = [one.payer_name for one in denials]
    labels = [_labelling(name, rules) for name in names]
    if all(found is not None and found[1] == label for found in labels):
        return {"payer": tuple(sorted({found[0] for found in labels if found}))}
    for glob in (_glob(label), f"*{'*'.join(_words(label))}*"):
        if sum(map(str.isalnum, glob)) >= _TELLING and all(any_glob([glob], name.reveal()) for name in names):
            return {"payer": (glob,)}
    return None


def _labelling(name: Sensitive, rules: RuleSet) -> tuple[str, str] | None:
    """(glob, label) of the row that labels a name."""
    return next(((row.glob, row.label) for row in rules.payers if glob_matches(row.glob, name.reveal())), None)


def _glob(label: str) -> str:
    """A glob for the label as it stands; what a glob or a message would take for something else matches anything."""
    return "".join("?" if char in "[]`" else char for char in plain(label))


def _words(label: str) -> list[str]:
    return [word for word in re.split(r"[^a-z0-9]+", plain(label)) if word and word != "and"]


def _free_id(alike: Alike, category: str, rules: RuleSet) -> str:
    parts = [alike.payer, alike.code, alike.remark, category]
    name = _SLUG.sub("-", "-".join(part for part in parts if part).lower()).strip("-")[:54].strip("-")
    taken = {rule.id for rule in rules.rules}
    return next(one for one in (name, *(f"{name}-{n}" for n in range(2, len(taken) + 3))) if one not in taken)


def _yaml(rule_id: str, match: Mapping[str, tuple[str, ...]], category: str) -> str:
    """The rule as an entry of `rules`. A JSON text is a YAML text as well."""
    listed = ", ".join(f"{key}: {json.dumps(list(values), ensure_ascii=False)}" for key, values in match.items())
    return f"  - id: {rule_id}\n    match: {{{listed}}}\n    category: {category}\n"


def _read_back(yaml: str, category: str, rules: RuleSet) -> Rule | None:
    """The rule as a rules file gives it, from a file that holds it alone; None where it would not be read."""
    owner = rules.categories[category].owner
    names = ""
    if owner is not None:
        channel = json.dumps(rules.channel_for(owner))
        names = f"owners: {{{owner}: {{channel: {channel}}}}}\ncategories: {{{category}: {{owner: {owner}}}}}\n"
    try:
        [rule] = load_rules(f"ops_channel: {json.dumps(rules.ops_channel)}\n{names}rules:\n{yaml}").rules
    except RulesError:
        return None
    return rule
