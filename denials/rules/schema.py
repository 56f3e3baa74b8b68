"""The shape of rules.yaml: every key, its default and what may stand there. Unknown keys are errors.

These models only check and convert; `build.py` turns them into the frozen types of `model.py`.
"""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from denials.model import Preventable
from denials.prevention import DIMENSIONS
from denials.rules.fields import (
    DAYS,
    AnyDuration,
    AsList,
    Carc,
    Channel,
    ClockTime,
    Column,
    DateFormat,
    Days,
    FilingIndicator,
    Glob,
    Group,
    Holiday,
    LabelText,
    Money,
    Name,
    Npi,
    PayerId,
    Rarc,
    RuleId,
    Sentence,
    ShortTime,
    Staff,
    StatusCode,
    Target,
    Text,
    UserGroup,
    Weekday,
    Zone,
    choice,
    parsed,
)
from denials.rules.model import Duration

Version = Annotated[Literal[1], parsed(lambda text: {"1": 1}[choice("1")(text)])]
PreventableWord = Annotated[Preventable, parsed(lambda text: Preventable(choice("yes", "partly", "no")(text)))]
WhenWord = Annotated[Literal["unclaimed", "claimed", "open"], parsed(choice("unclaimed", "claimed", "open"))]
ConfidenceWord = Annotated[
    Literal["high", "medium", "low", "assumed"], parsed(choice("high", "medium", "low", "assumed"))
]

Dimension = Annotated[str, parsed(choice(*DIMENSIONS))]


class Part(BaseModel):
    """A mapping of the file. A key without a value counts as left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data


class BusinessHoursPart(Part):
    """When the practice works, in `timezone`."""

    days: Annotated[list[Weekday], AsList, Field(min_length=1)] = list(DAYS[:5])
    open: ClockTime = time(8)
    close: ClockTime = time(17)
    holidays: Annotated[list[Holiday], AsList] = ["US"]

    @model_validator(mode="after")
    def _opens_first(self) -> BusinessHoursPart:
        if self.close <= self.open:
            raise ValueError("close must be later than open on the same day")
        return self


class PrivacyPart(Part):
    """How amounts are shown."""

    amounts: Annotated[Literal["exact", "banded"], parsed(choice("exact", "banded"))] = "exact"


class DigestPart(Part):
    """How files that arrive together become one message per channel."""

    cards: Annotated[int, Field(ge=0, le=20)] = 3
    gather: ShortTime = Duration(2, "m")


class ReportPart(Part):
    """When the weekly report goes out."""

    day: Weekday = "mon"
    at: ClockTime = time(8)


class PracticePart(Part):
    """One practice that is billed for."""

    label: LabelText


class OwnerPart(Part):
    """A team that owns denials."""

    channel: Channel
    title: Text | None = None
    group: UserGroup | None = None
    members: Annotated[list[Staff], AsList] = []
    lead: Staff | None = None
    manager: Staff | None = None


class CategoryTextPart(Part):
    """What the shipped defaults say of a category."""

    title: Text | None = None
    handoff: Text | None = None
    preventable: PreventableWord | None = None
    next_step: Sentence | None = None


class CategoryPart(CategoryTextPart):
    """A category of the file."""

    owner: Name
    escalation: Name | None = None


class HandOffPart(Part):
    """Where denials start."""

    owner: Name | None = None


class StepPart(Part):
    """One step of an escalation policy."""

    when: WhenWord
    after: AnyDuration | None = None
    due_within: AnyDuration | None = None
    notify: Annotated[list[Target], AsList, Field(min_length=1)]

    @model_validator(mode="after")
    def _one_clock(self) -> StepPart:
        if (self.after is None) == (self.due_within is None):
            raise ValueError('a step needs either "after" or "due_within", and not both')
        return self


class DeadlinePart(Part):
    """One row of the deadlines."""

    payer: Annotated[list[Glob], AsList] = []
    payer_id: Annotated[list[PayerId], AsList] = []
    filing_indicator: Annotated[list[FilingIndicator], AsList] = []
    appeal: Days | None = None
    filing: Days | None = None
    confidence: ConfidenceWord = "assumed"
    source: Text | None = None


class MatchPart(Part):
    """The conditions of a rule."""

    payer: Annotated[list[Glob], AsList] = []
    carc: Annotated[list[Carc], AsList] = []
    rarc: Annotated[list[Rarc], AsList] = []
    group: Annotated[list[Group], AsList] = []
    min_amount: Money = Decimal(0)
    procedure: Annotated[list[Glob], AsList] = []
    location: Annotated[list[Glob], AsList] = []
    practice: Annotated[list[Glob], AsList] = []
    filing_indicator: Annotated[list[FilingIndicator], AsList] = []
    payer_id: Annotated[list[PayerId], AsList] = []
    status_code: Annotated[list[StatusCode], AsList] = []


class RulePart(Part):
    """One rule."""

    id: RuleId
    match: MatchPart = MatchPart()
    category: Name
    owner: Name | None = None
    next_step: Sentence | None = None
    preventable: PreventableWord | None = None
    handoff: Text | None = None


class RepeatPart(Part):
    """How many repeats open a prevention review."""

    count: Annotated[int, Field(ge=2, le=1000)] = 5
    within: Days = 14


class PreventionPart(Part):
    """When repeats become a prevention review."""

    repeat: RepeatPart = RepeatPart()
    remeasure: Days = 28
    by: Annotated[list[Dimension], AsList, Field(min_length=1)] = list(DIMENSIONS)


class WriteOffPart(Part):
    """When a write-off needs a second person."""

    second_person_above: Money


class ProfilePart(Part):
    """How one export names its columns."""

    columns: dict[Text, Column]
    date_format: DateFormat | None = None

    @model_validator(mode="after")
    def _one_each(self) -> ProfilePart:
        names = list(self.columns.values())
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f'two headings are mapped to "{twice}"; keep one')
        return self


class DefaultsFile(Part):
    """The shape of the shipped defaults.yaml: what a rules file may leave out."""

    payers: dict[Glob, LabelText]
    categories: dict[Name, CategoryTextPart]
    escalations: dict[Name, list[StepPart]]
    deadlines: list[DeadlinePart]


class RulesFile(Part):
    """The whole of rules.yaml."""

    version: Version = 1
    timezone: Zone = ZoneInfo("America/New_York")
    business_hours: BusinessHoursPart = BusinessHoursPart()
    privacy: PrivacyPart = PrivacyPart()
    digest: DigestPart = DigestPart()
    ops_channel: Channel
    reports_channel: Channel | None = None
    report: ReportPart = ReportPart()
    payers: dict[Glob, LabelText] | None = None
    practices: dict[Npi, PracticePart] = {}
    locations: dict[Glob, LabelText] = {}
    admins: Annotated[list[Staff], AsList] = []
    owners: dict[Name, OwnerPart] = {}
    categories: dict[Name, CategoryPart] = {}
    handoffs: dict[Text, HandOffPart] = {}
    escalations: dict[Name, Annotated[list[StepPart], Field(min_length=1)]] | None = None
    deadlines: list[DeadlinePart] | None = None
    rules: list[RulePart] = []
    prevention: PreventionPart = PreventionPart()
    write_off: WriteOffPart | None = None
    profiles: dict[Name, ProfilePart] = {}
