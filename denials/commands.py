"""An item's states, the commands that change it, and what comes of them: the vocabulary of the life cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class State(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    SNOOZED = "snoozed"
    WAITING = "waiting"
    RESOLVED = "resolved"


class Outcome(StrEnum):
    """What came of an item, in the words that people choose."""

    OVERTURNED = "Overturned and paid"
    RESUBMITTED = "Corrected and resubmitted"
    APPEALED = "Appeal sent"
    BILLED_TO_PATIENT = "Billed to patient"
    WRITTEN_OFF = "Written off"
    NOT_A_DENIAL = "Not a denial"

    @property
    def waits(self) -> bool:
        """Whether the payer must answer first: the item waits with a follow-up date and stays among the open ones."""
        return self in (Outcome.RESUBMITTED, Outcome.APPEALED)

    @property
    def takes_recovered(self) -> bool:
        """Whether a recovered amount goes with it."""
        return self is Outcome.OVERTURNED

    @property
    def decided(self) -> bool:
        """Whether it counts among the decided ones, the denominator of the overturn rate."""
        return self in (Outcome.OVERTURNED, Outcome.BILLED_TO_PATIENT, Outcome.WRITTEN_OFF)


@dataclass(frozen=True, slots=True)
class ItemState:
    """The part of an item that the life cycle decides on. `recovered_cents` is what the payer has paid of it so far."""

    state: State = State.OPEN
    assignee: str | None = None
    version: int = 1
    outcome: str | None = None
    recovered_cents: int | None = None
    follow_up: date | None = None

    @property
    def awaits_approval(self) -> bool:
        """Whether a write-off of this item waits for a second person."""
        return self.state is State.WAITING and self.outcome == Outcome.WRITTEN_OFF


# Commands. `override` is True where the person may act on other people's items (lead, manager, administrator).


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody takes an item that nobody has."""

    user: str


@dataclass(frozen=True, slots=True)
class Release:
    """The assignee gives an item back to the team."""

    user: str
    override: bool = False


@dataclass(frozen=True, slots=True)
class Resolve:
    """Somebody states what came of an item; an open one is theirs from then on.

    `second_person`: a write-off of this size needs another person's agreement.
    """

    user: str
    outcome: Outcome
    recovered_cents: int | None = None
    follow_up: date | None = None
    override: bool = False
    second_person: bool = False


@dataclass(frozen=True, slots=True)
class Decline:
    """The second person does not agree to a write-off; the item goes back to whoever asked."""

    user: str
    override: bool = False


@dataclass(frozen=True, slots=True)
class Reassign:
    """A lead gives an item to somebody."""

    user: str
    to: str
    override: bool = False


@dataclass(frozen=True, slots=True)
class HandOff:
    """An item goes to another category or owner, with a reason from a fixed list; nobody there has it yet."""

    user: str
    category: str
    owner: str | None
    reason: str
    override: bool = False


@dataclass(frozen=True, slots=True)
class Snooze:
    """An item rests until a date; the deadline goes on."""

    user: str
    until: date
    override: bool = False


@dataclass(frozen=True, slots=True)
class Wake:
    """The date a snoozed or waiting item rested for has come (`user` None), or somebody does not want to wait."""

    user: str | None = None
    override: bool = False


@dataclass(frozen=True, slots=True)
class Reopen:
    """A resolved item is taken up again, by a person or (`user` None) because a payment was reversed."""

    user: str | None = None
    recovered_cents: int | None = None  # what is left of earlier payments


@dataclass(frozen=True, slots=True)
class Repeat:
    """A later remittance denied the same thing again."""


@dataclass(frozen=True, slots=True)
class Settle:
    """A later remittance paid: all of the denied lines (`full`) or some. `recovered_cents` is the new total."""

    recovered_cents: int
    full: bool


Command = (
    Claim | Release | Resolve | Decline | Reassign | HandOff | Snooze | Wake | Reopen | Repeat | Settle
)  # everything that can happen to an item


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of an item's history. `data` holds every field of the state that changed, and what explains it."""

    kind: str
    data: Mapping[str, object] = field(default_factory=dict)
    version: int = 1


@dataclass(frozen=True, slots=True)
class Transition:
    """A change that may be written: the state after it and what the log says of it."""

    after: ItemState
    events: tuple[LogEntry, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command cannot be carried out now. `code` is for programs, `text` for the person who asked."""

    code: str
    text: str
