"""What triage is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from denials.model import Preventable, Sensitive

STATUS_4 = "status_4"
WHOLE_CHARGE = "whole_charge_write_down"
UNEXPLAINED = "unexplained"
TAKE_BACK = "take_back"
"""Hints (`Denial.hint`, `Facts.hint`): what, other than a code, made it an item. In turn: claim status 4 with nothing
paid; CO-45 for the whole charge; nothing paid and no reason given at all; a reversal without a new decision."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that rules may look at. `payer_name` is matched by globs and never shown."""

    payer_name: Sensitive
    payer_ids: tuple[str, ...] = ()
    filing_indicator: str = ""
    group: str = ""
    carc: str = ""
    rarcs: tuple[str, ...] = ()
    amount: Decimal = Decimal(0)
    procedure: str | None = None
    practice: str | None = None  # payee NPI
    location: Sensitive | None = None
    status_codes: tuple[str, ...] = ()  # 277CA, e.g. "A3:21"
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Triage:
    """Where a denial belongs and why.

    `decided_by` is machine-readable: `rule:<id>`, `carc:<code>`, `rarc:<code>`, `claim_status:<code>` (277CA),
    `status:4`, `status:22` (a take-back), `amounts` or `default`; `why` is the same as one plain sentence that holds no
    outside text.
    """

    category: str
    owner: str | None  # None: the file names no owner for it, so it goes to the ops channel
    next_step: str
    handoff: str
    preventable: Preventable
    escalation: str
    decided_by: str
    why: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """A limit with how far to trust it. `confidence` is high, medium, low or assumed."""

    due: date
    confidence: str
    source: str


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Appeal limit (from the remit date) and filing limit (from the service date); None where not known."""

    appeal: Deadline | None = None
    filing: Deadline | None = None
