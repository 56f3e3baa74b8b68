"""What a remittance says, in the field's terms: the types between the readers and everything else.

Money is `Decimal` dollars. Dates are `datetime.date`. Codes are upper case without spaces. A reader fills these and
nothing more: what is not named here (patient, member, provider names, addresses) is never read out of the file.

What a remittance has by the hundred thousand (claims, lines, adjustments, denials, verdicts) are named tuples: as
unchangeable as frozen dataclasses, and made several times faster.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple


class Sensitive(str):
    """A string that must not show itself: claim numbers, and names whose column may have been mapped wrongly.

    It prints as dots wherever it is formatted by accident; `reveal()` is the one way to the text.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "‹hidden›"

    def __str__(self) -> str:
        return "‹hidden›"

    def __format__(self, spec: str) -> str:
        return "‹hidden›"

    def reveal(self) -> str:
        """The text itself, for hashing, sealing and matching only."""
        return str.__str__(self)


class Preventable(StrEnum):
    """Whether the practice could have prevented a denial: by category rule, corrected at resolution."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Kind(StrEnum):
    """What a work item is about. Only `DENIAL` is in denial counts, rates and overturns."""

    DENIAL = "denial"
    REJECTION = "rejection"  # a 277CA rejection: never adjudicated
    TAKEBACK = "takeback"  # a reversal without a new denial


class Adjustment(NamedTuple):
    """One CAS triplet: group (CO, PR, OA, PI, CR), CARC and dollars. A positive amount reduces the payment."""

    group: str
    carc: str
    amount: Decimal


class ServiceLine(NamedTuple):
    """One SVC loop of a claim. `ordinal` counts from 1 within the claim; 0 where a table does not say which line."""

    ordinal: int
    charge: Decimal
    paid: Decimal
    procedure: str | None = None
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()  # RARCs (LQ*HE)


@dataclass(frozen=True, slots=True)
class Payer:
    """Who adjudicated. `name` may come from a CSV column and is sensitive until a label is found for it."""

    name: Sensitive
    ids: tuple[str, ...] = ()  # N1*PR*…*XV id, REF*2U and the like
    trusted: bool = False  # True for an 835's own N1*PR name, which may be shown when no label matches


class Denial(NamedTuple):
    """One denied amount with the codes that explain it, before triage.

    `line` is the service line's ordinal, 0 at claim level. `carc` is "" where a claim was denied by its status alone.
    `nth` tells apart equal adjustments on one line (from 1).
    """

    group: str
    carc: str
    amount: Decimal
    rarcs: tuple[str, ...] = ()
    procedure: str | None = None
    line: int = 0
    nth: int = 1
    hint: str = ""  # a hint of `triage_types` where amounts, not a code, made it a denial


@dataclass(frozen=True, slots=True, eq=False)
class JudgedLine:
    """A service line, or a row of an export, that was judged for every claim that has such a one.

    Files bring the same few sorts of lines by the thousand. A reader gives the same object to all claims with such a
    line, and what else follows from it is remembered by that object.
    """

    denials: tuple[Denial, ...]
    charge_cents: int
    paid_cents: int
    denied_cents: int
    share_cents: int  # the patient's: deductible, coinsurance, copay
    procedure: str | None


class RemitClaim(NamedTuple):
    """One claim as one remittance adjudicated it (CLP loop), or one CSV row seen as such.

    `remit_key` names the remittance within the world (payer id, trace number and date, hashed by the reader into a
    short text without patient data), so that the same remittance in two files is recognized. `ordinal` is the claim's
    place in it, from 1.
    """

    claim_number: Sensitive
    status: str  # CLP02 without leading zeros; "" where the source has none (CSV)
    charge: Decimal
    paid: Decimal
    patient_share: Decimal  # CLP05
    payer: Payer
    remit_date: date
    remit_key: str
    ordinal: int
    payee_npi: str | None = None
    filing_indicator: str = ""  # CLP06
    service_date: date | None = None
    location: Sensitive | None = None
    adjustments: tuple[Adjustment, ...] = ()  # claim level
    remarks: tuple[str, ...] = ()  # claim level (MOA, MIA)
    lines: tuple[ServiceLine, ...] = ()

    def __repr__(self) -> str:
        return (
            f"RemitClaim(ordinal={self.ordinal}, status={self.status!r}, charge={self.charge}, paid={self.paid}, "
            f"remit_date={self.remit_date}, adjustments={self.adjustments}, remarks={self.remarks}, lines={self.lines})"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Remit:
    """What the claims of one remittance have in common. A reader makes one for each; it is known by identity."""

    payer: Payer
    remit_date: date
    remit_key: str
    payee_npi: str | None = None


class PaidClaim(NamedTuple):
    """A claim of a remittance that needs no judging, as most claims are: something was paid, everything balances on
    each line and over the claim, and no adjustment has a code that could be a denial. It would judge as a plain
    `Verdict()`.

    It is light, because there are so many: amounts are whole cents, and the lines are built only when asked for.
    """

    claim_number: Sensitive
    status: str
    charge_cents: int
    paid_cents: int
    patient_cents: int
    ordinal: int
    remit: Remit
    build: Callable[[PaidClaim], RemitClaim]
    detail: Any = ()
    """What `build` needs besides."""

    def whole(self) -> RemitClaim:
        """The same claim with its lines, adjustments and remarks, without dates and filing indicator."""
        return self.build(self)

    def __repr__(self) -> str:
        return f"PaidClaim(ordinal={self.ordinal}, paid_cents={self.paid_cents})"


class JudgedClaim(NamedTuple):
    """A claim whose lines decide one by one what is refused, and add up to it; at least one of them refuses money.

    Light for the same reason as `PaidClaim`. It would judge as the `denials` of its `judged` lines together. Of an
    export it is one row, its `status` "". Readers give the same `remit` object to all claims of a remittance, and the
    same `JudgedLine` to all lines of a sort, so that what follows from them can be remembered by them.
    """

    claim_number: Sensitive
    status: str
    charge_cents: int
    paid_cents: int
    patient_cents: int
    ordinal: int
    remit: Remit
    build: Callable[[JudgedClaim], RemitClaim]
    judged: tuple[JudgedLine, ...]
    filing_indicator: str = ""
    service_date: date | None = None
    location: Sensitive | None = None
    detail: Any = ()
    """What `build` needs besides: the segments as the file has them, or the cells of a row."""

    def whole(self) -> RemitClaim:
        """The same claim with its lines, adjustments and remarks."""
        return self.build(self)

    def __repr__(self) -> str:
        return f"JudgedClaim(ordinal={self.ordinal}, charge_cents={self.charge_cents}, judged={self.judged})"


@dataclass(frozen=True, slots=True)
class StatusRejection:
    """One claim that a payer or clearinghouse did not take in (277CA): it never reached adjudication.

    `status_codes` are those of the rejecting categories A3, A6, A7 and A8, as `category:status` or
    `category:status:entity`. `remit_date` is the date of the status; `remit_key` and `ordinal` name the
    acknowledgement and the claim's place in it, as for a remittance.
    """

    claim_number: Sensitive
    status_codes: tuple[str, ...]
    charge: Decimal
    payer: Payer
    remit_date: date
    remit_key: str
    ordinal: int
    payee_npi: str | None = None
    service_date: date | None = field(default=None, repr=False)


class Verdict(NamedTuple):
    """What the denial test says of one claim.

    `counted` is False for reversals, predeterminations, forwarded and pended claims, which are no adjudications.
    `balanced` is False where no reading of the adjustments explains charge minus payment.
    """

    denials: tuple[Denial, ...] = ()
    counted: bool = True
    reversal: bool = False
    fully_denied: bool = False
    balanced: bool = True
    denied: Decimal = Decimal(0)
