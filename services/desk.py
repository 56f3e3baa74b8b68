"""What every use case needs, wired once by the process."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from denials.rules.model import RuleSet
from services.chances import ChanceBook
from services.roster import Roster
from services.vault import Vault
from store.database import Database


class Clock(Protocol):
    """The one source of time. Only the sandbox moves it; leases and rate limits do not use it."""

    def now(self) -> datetime:
        """The present as an aware UTC datetime."""
        ...


class RulesSource(Protocol):
    """Hands out the rules in force; a reload replaces them as a whole."""

    def current(self) -> RuleSet: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """The practice's desk: its database, rules, keys and clock, and what it has learned from its outcomes."""

    db: Database
    rules_source: RulesSource
    vault: Vault
    clock: Clock
    chances: ChanceBook = field(default_factory=ChanceBook, compare=False, repr=False)
    roster: Roster = field(default_factory=Roster, compare=False, repr=False)

    @property
    def rules(self) -> RuleSet:
        """The rules in force now, with the members of their user groups."""
        return self.roster.applied(self.rules_source.current())

    def now(self) -> datetime:
        """The present, UTC."""
        return self.clock.now()

    def today(self) -> date:
        """Today in the rules' time zone."""
        return self.now().astimezone(self.rules.timezone).date()

    def learn(self) -> None:
        """Look at past outcomes anew, so that no person has to wait for it."""
        with self.db.read() as session:
            self.chances.renew(session, self.now())
