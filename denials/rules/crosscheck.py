"""What no single key can show: names that lead nowhere, and rows that can never be reached.

Works on whatever parts of a file are sound, so one run finds the mistakes of every kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from pydantic import BaseModel, ValidationError

from denials.rules.fields import suggest
from denials.rules.model import SHIPPED_CATEGORIES, STANDARD, UNCLASSIFIED, Finding
from denials.rules.schema import CategoryPart, DeadlinePart, HandOffPart, OwnerPart, RulePart, StepPart
from denials.rules.source import Data, Path, Source, dotted, quoted

_P = TypeVar("_P", bound=BaseModel)
Severity = Literal["error", "warning"]


@dataclass(slots=True)
class Parts:
    """The parts of a file that are sound in themselves, by name or by index, and every name that is written there."""

    source: Source
    owners: dict[str, OwnerPart] = field(default_factory=dict)
    categories: dict[str, CategoryPart] = field(default_factory=dict)
    handoffs: dict[str, HandOffPart] = field(default_factory=dict)
    steps: dict[str, dict[int, StepPart]] = field(default_factory=dict)
    deadlines: dict[int, DeadlinePart] = field(default_factory=dict)
    rules: dict[int, RulePart] = field(default_factory=dict)
    owner_names: tuple[str, ...] = ()
    category_names: tuple[str, ...] = ()
    policy_names: tuple[str, ...] = ()

    def at(self, path: Path, message: str, severity: Severity = "error", *, key: bool = False) -> Finding:
        """A finding at the value (or the key) of a path."""
        line, column = self.source.at_key(path) if key else self.source.at_value(path)
        return Finding(line, column, message, dotted(path), severity)

    def line(self, path: Path) -> int:
        """The line of a path, for messages."""
        return self.source.at_key(path)[0]


def parts_of(source: Source) -> Parts:
    """Takes the sound parts out of a file that may be wrong elsewhere."""
    data = source.data or {}
    owners, categories = _mapping(data.get("owners")), _mapping(data.get("categories"))
    policies = _mapping(data.get("escalations"))
    return Parts(
        source=source,
        owners=_sound(OwnerPart, owners),
        categories=_sound(CategoryPart, categories),
        handoffs=_sound(HandOffPart, {key: row or {} for key, row in _mapping(data.get("handoffs")).items()}),
        steps={name: _sound_rows(StepPart, rows) for name, rows in policies.items()},
        deadlines=_sound_rows(DeadlinePart, data.get("deadlines")),
        rules=_sound_rows(RulePart, data.get("rules")),
        owner_names=tuple(owners),
        category_names=tuple(dict.fromkeys((*categories, *SHIPPED_CATEGORIES, UNCLASSIFIED))),
        policy_names=tuple(dict.fromkeys((*policies, STANDARD))),
    )


def _mapping(data: Data) -> dict[str, Data]:
    return data if isinstance(data, dict) else {}


def _sound(model: type[_P], rows: dict[str, Data]) -> dict[str, _P]:
    return {name: part for name, data in rows.items() if (part := _try(model, data)) is not None}


def _sound_rows(model: type[_P], rows: Data) -> dict[int, _P]:
    listed = rows if isinstance(rows, list) else []
    return {index: part for index, data in enumerate(listed) if (part := _try(model, data)) is not None}


def _try(model: type[_P], data: Data) -> _P | None:
    try:
        return model.model_validate(data)
    except ValidationError:
        return None


def crosscheck(parts: Parts) -> Iterator[Finding]:
    """Every finding about names: where they lead, and which nothing uses."""
    yield from _categories(parts)
    yield from _handoffs(parts)
    yield from _rules(parts)
    yield from _policies(parts)
    yield from _unused_owners(parts)


def _known(parts: Parts, path: Path, name: str | None, what: str, names: tuple[str, ...]) -> Iterator[Finding]:
    if name is not None and name not in names:
        hint = suggest(name, names) if names else f"; the file lists no {what}"
        yield parts.at(path, f'there is no {what} "{quoted(name)}"{hint}')


def _categories(parts: Parts) -> Iterator[Finding]:
    for name, part in parts.categories.items():
        path: Path = ("categories", name)
        yield from _known(parts, (*path, "owner"), part.owner, "owner", parts.owner_names)
        yield from _known(parts, (*path, "escalation"), part.escalation, "escalation", parts.policy_names)
        yield from _near_handoff(parts, (*path, "handoff"), part.handoff)
        if name not in SHIPPED_CATEGORIES and name != UNCLASSIFIED:
            yield from _added_category(parts, path, name, part)


def _added_category(parts: Parts, path: Path, name: str, part: CategoryPart) -> Iterator[Finding]:
    twin = _folded(name)
    meant = next((known for known in (*SHIPPED_CATEGORIES, UNCLASSIFIED) if _folded(known) == twin), None)
    if meant:
        yield parts.at(path, f'the shipped category is written "{meant}"; this is another one', "warning", key=True)
    missing = [key for key in ("next_step", "handoff") if getattr(part, key) is None]
    if missing:
        message = f"a category of your own needs {' and '.join(missing)}; a general text stands in for it"
        yield parts.at(path, message, "warning", key=True)


def _folded(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _near_handoff(parts: Parts, path: Path, name: str | None) -> Iterator[Finding]:
    """A hand-off needs no row, so only one that is nearly a row's name is worth a word."""
    if name is None or name in parts.handoffs:
        return
    near = next((row for row in parts.handoffs if _folded(row) == _folded(name)), None)
    if near:
        yield parts.at(path, f'nearly the hand-off "{quoted(near)}"; write both alike', "warning")


def _handoffs(parts: Parts) -> Iterator[Finding]:
    for name, part in parts.handoffs.items():
        yield from _known(parts, ("handoffs", name, "owner"), part.owner, "owner", parts.owner_names)


def _rules(parts: Parts) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, rule in parts.rules.items():
        path: Path = ("rules", index)
        if rule.id in first:
            line = parts.line(("rules", first[rule.id], "id"))
            yield parts.at((*path, "id"), f"another rule has this id (line {line}); give each its own")
        first.setdefault(rule.id, index)
        yield from _known(parts, (*path, "category"), rule.category, "category", parts.category_names)
        yield from _known(parts, (*path, "owner"), rule.owner, "owner", parts.owner_names)
        yield from _near_handoff(parts, (*path, "handoff"), rule.handoff)


def _policies(parts: Parts) -> Iterator[Finding]:
    used = {part.escalation for part in parts.categories.values() if part.escalation} | {STANDARD}
    for name, steps in parts.steps.items():
        path: Path = ("escalations", name)
        if name not in used:
            yield parts.at(path, "no category names this escalation", "warning", key=True)
        yield from _steps(parts, path, steps)
        yield from _nobody(parts, path, name, steps)


def _steps(parts: Parts, path: Path, steps: dict[int, StepPart]) -> Iterator[Finding]:
    seen: dict[tuple[str, str], int] = {}
    for index, step in steps.items():
        clock = (step.when, f"after {step.after}" if step.after else f"due {step.due_within}")
        here: Path = (*path, index)
        if clock in seen:
            line = parts.line((*path, seen[clock]))
            message = f"never fires on its own: the step in line {line} has the same moment; put both in one notify"
            yield parts.at(here, message, "warning")
        seen.setdefault(clock, index)
        if step.when == "unclaimed" and set(step.notify) == {"assignee"}:
            yield parts.at((*here, "notify"), "an unclaimed item has no assignee, so this reaches nobody", "warning")


def _nobody(parts: Parts, path: Path, name: str, steps: dict[int, StepPart]) -> Iterator[Finding]:
    """Steps for a lead or manager that an owner under this policy does not have."""
    owners = {part.owner for part in parts.categories.values() if (part.escalation or STANDARD) == name}
    for role in ("lead", "manager"):
        named = next((index for index, step in steps.items() if role in step.notify), None)
        lacking = [owner for owner, part in parts.owners.items() if owner in owners and not getattr(part, role)]
        if named is not None and lacking:
            message = f"notifies the {role}, but {', '.join(lacking)} has none"
            yield parts.at((*path, named, "notify"), message, "warning")


def _unused_owners(parts: Parts) -> Iterator[Finding]:
    if not parts.owner_names:
        yield parts.at(("owners",), "no owners, so every denial goes to ops_channel", "warning", key=True)
    used = {part.owner for part in parts.categories.values()}
    used |= {row.owner for row in parts.handoffs.values() if row.owner}
    used |= {rule.owner for rule in parts.rules.values() if rule.owner}
    for name in parts.owner_names:
        if name not in used:
            message = "owns no category, hand-off or rule, so nothing ever reaches it"
            yield parts.at(("owners", name), message, "warning", key=True)
