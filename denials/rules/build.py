"""A checked rules file as the frozen types of `model.py`, shipped defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import TypeVar

from denials.model import Preventable
from denials.rules.defaults import shipped
from denials.rules.fields import DAYS
from denials.rules.labels import safe_label
from denials.rules.model import (
    SHIPPED_CATEGORIES,
    STANDARD,
    UNCLASSIFIED,
    BusinessHours,
    Category,
    DeadlineRow,
    Digest,
    HandOff,
    Label,
    Match,
    Owner,
    Prevention,
    Profile,
    ReportTime,
    Rule,
    RuleSet,
    Step,
)
from denials.rules.schema import (
    BusinessHoursPart,
    CategoryPart,
    CategoryTextPart,
    DeadlinePart,
    MatchPart,
    OwnerPart,
    ProfilePart,
    RulePart,
    RulesFile,
    StepPart,
)

_V = TypeVar("_V")

ANY_NEXT_STEP = "Read the codes, decide what this denial needs and hand it to the team that can do it."
"""The next step of an added category that names none."""


def build(file: RulesFile) -> RuleSet:
    """The rule set of a file that has no errors."""
    categories = _categories(file.categories)
    rules = tuple(_rule(part) for part in file.rules)
    return RuleSet(
        timezone=file.timezone,
        ops_channel=file.ops_channel,
        owners=_frozen({name: _owner(name, part) for name, part in file.owners.items()}),
        categories=_frozen(categories),
        handoffs=_frozen(_handoffs(file, categories, rules)),
        escalations=_frozen(_escalations(file)),
        deadlines=tuple(map(_deadline, file.deadlines if file.deadlines is not None else shipped().deadlines)),
        payers=_labels(file.payers if file.payers is not None else shipped().payers),
        rules=rules,
        practices=_frozen({npi: safe_label(part.label) for npi, part in file.practices.items()}),
        locations=_labels(file.locations),
        profiles=_frozen({name: _profile(name, part) for name, part in file.profiles.items()}),
        business_hours=_hours(file.business_hours),
        amounts=file.privacy.amounts,
        digest=Digest(file.digest.cards, file.digest.gather.calendar()),
        reports_channel=file.reports_channel,
        report=ReportTime(DAYS.index(file.report.day), file.report.at),
        admins=tuple(file.admins),
        prevention=Prevention(
            file.prevention.repeat.count,
            timedelta(days=file.prevention.repeat.within),
            timedelta(days=file.prevention.remeasure),
            tuple(dict.fromkeys(file.prevention.by)),
        ),
        write_off_limit=file.write_off.second_person_above if file.write_off else None,
    )


def _frozen(mapping: dict[str, _V]) -> Mapping[str, _V]:
    return MappingProxyType(mapping)


def _labels(rows: Mapping[str, str]) -> tuple[Label, ...]:
    return tuple(Label(glob, safe_label(label)) for glob, label in rows.items())


def _owner(name: str, part: OwnerPart) -> Owner:
    return Owner(
        name=name,
        title=part.title or _title(name),
        channel=part.channel,
        group=part.group,
        members=tuple(part.members),
        lead=part.lead,
        manager=part.manager,
    )


def _categories(parts: Mapping[str, CategoryPart]) -> dict[str, Category]:
    """The file's categories in its order, then the shipped ones that it leaves out, without an owner."""
    rest = [name for name in (*SHIPPED_CATEGORIES, UNCLASSIFIED) if name not in parts]
    return {name: _category(name, parts.get(name)) for name in (*parts, *rest)}


def _category(name: str, part: CategoryPart | None) -> Category:
    """One category; a text that the file leaves out is the shipped one."""
    whole = part is not None and part.title and part.handoff and part.preventable and part.next_step
    default = CategoryTextPart() if whole else shipped().categories.get(name, CategoryTextPart())
    own = part or CategoryTextPart()
    title = own.title or default.title or _title(name)
    return Category(
        name=name,
        title=title,
        owner=part.owner if part else None,
        handoff=own.handoff or default.handoff or title,
        preventable=own.preventable or default.preventable or Preventable.PARTLY,
        next_step=own.next_step or default.next_step or ANY_NEXT_STEP,
        escalation=(part.escalation if part else None) or STANDARD,
    )


def _handoffs(file: RulesFile, categories: Mapping[str, Category], rules: tuple[Rule, ...]) -> dict[str, HandOff]:
    """The file's rows, then every other hand-off that a category or rule names."""
    rows = {name: HandOff(name, part.owner) for name, part in file.handoffs.items()}
    for name in (*(category.handoff for category in categories.values()), *(rule.handoff for rule in rules)):
        if name and name not in rows:
            rows[name] = HandOff(name)
    return rows


def _escalations(file: RulesFile) -> dict[str, tuple[Step, ...]]:
    """The file's policies; `standard` is the shipped one where the file has none of that name."""
    parts = dict(file.escalations or {})
    if STANDARD not in parts:
        parts = {**shipped().escalations, **parts}
    return {name: tuple(map(_step, steps)) for name, steps in parts.items()}


def _step(part: StepPart) -> Step:
    return Step(part.when, tuple(part.notify), part.after, part.due_within)


def _deadline(part: DeadlinePart) -> DeadlineRow:
    return DeadlineRow(
        payer=tuple(part.payer),
        payer_id=tuple(part.payer_id),
        filing_indicator=tuple(part.filing_indicator),
        appeal_days=part.appeal,
        filing_days=part.filing,
        confidence=part.confidence,
        source=part.source or "",
    )


def _rule(part: RulePart) -> Rule:
    return Rule(
        part.id, match_of(part.match), part.category, part.owner, part.next_step, part.preventable, part.handoff
    )


def match_of(part: MatchPart) -> Match:
    """The conditions of a rule."""
    return Match(
        payer=tuple(part.payer),
        carc=tuple(part.carc),
        rarc=tuple(part.rarc),
        group=tuple(part.group),
        min_amount=part.min_amount,
        procedure=tuple(part.procedure),
        location=tuple(part.location),
        practice=tuple(part.practice),
        filing_indicator=tuple(part.filing_indicator),
        payer_id=tuple(part.payer_id),
        status_code=tuple(part.status_code),
    )


def _profile(name: str, part: ProfilePart) -> Profile:
    columns = {heading.casefold(): ours for heading, ours in part.columns.items()}
    return Profile(name, _frozen(columns), part.date_format)


def _hours(part: BusinessHoursPart) -> BusinessHours:
    return BusinessHours(
        days=frozenset(DAYS.index(day) for day in part.days),
        open=part.open,
        close=part.close,
        holidays=tuple(item for item in part.holidays if isinstance(item, str)),
        closed_on=frozenset(item for item in part.holidays if isinstance(item, date)),
    )


def _title(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()
