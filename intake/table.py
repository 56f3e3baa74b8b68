"""Denials as rows of a table: which column is which, and one claim from one row. CSV and XLSX share it.

Only the recognized columns are ever looked at. Codes must look like codes, amounts like amounts and dates like dates,
or the row is rejected with the reason, so that a wrongly mapped column cannot put names where codes are shown.

What recurs from row to row is read once and remembered under the cells as they stand in the file, so that a usual row
costs a few look-ups.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import NamedTuple

from denials.adjudication import judge_row
from denials.errors import IntakeError
from denials.model import Adjustment, JudgedClaim, JudgedLine, Payer, Remit, RemitClaim, Sensitive, ServiceLine
from denials.rules.model import Profile
from intake import cells
from intake.amounts import Memory, to_dollars
from intake.cells import BadRow

__all__ = ["FIELDS", "REQUIRED", "BadRow", "RowReader", "columns_of", "heading", "require"]

REQUIRED = ("claim_id", "payer", "carc", "amount")
_ALIKE = ("payer", "group", "carc", "rarc", "procedure", "location")
_MONEY = ("amount", "billed", "paid")
_DATES = ("remit_date", "service_date")
FIELDS = ("claim_id", *_ALIKE, *_MONEY, *_DATES)
_HEADINGS = {
    "claim_id": ("claim id", "claim number", "account number", "patient control number"),
    "payer": ("payer",),
    "group": ("group", "group code"),
    "carc": ("carc", "denial code", "reason code"),
    "rarc": ("rarc", "remark code"),
    "amount": ("amount", "denied amount"),
    "billed": ("billed",),
    "paid": ("paid",),
    "remit_date": ("remit date", "denial date"),
    "service_date": ("service date",),
    "procedure": ("procedure", "cpt"),
    "location": ("location",),
}
_VARIANTS = {
    "claim_id": ("claim no", "account no", "acct number", "acct no", "patient account number", "patient control no"),
    "payer": ("payer name",),
    "group": ("adjustment group", "adjustment group code"),
    "carc": ("carc code", "denial reason code", "adjustment reason code", "claim adjustment reason code"),
    "rarc": ("rarcs", "rarc code", "rarc codes", "remark codes", "remittance advice remark code"),
    "amount": ("amount denied", "denial amount"),
    "billed": ("billed amount", "amount billed", "charge", "charges", "charge amount", "billed charges"),
    "paid": ("paid amount", "amount paid"),
    "remit_date": ("remittance date", "denied date", "date denied"),
    "service_date": ("date of service", "dos"),
    "procedure": ("procedure code", "cpt code", "hcpcs", "hcpcs code", "cpt hcpcs"),
    "location": ("location name",),
}
"""Looked for where no column has one of the first headings."""

_ZERO = Decimal("0.00")
_UNNUMBERED = 0  # an export does not say which of the claim's lines it means, so the claim is what may be paid later


def heading(text: str) -> str:
    """A heading as it is compared: letters and digits in lower case, `#` as "number"."""
    return "".join(letter for letter in text.casefold().replace("#", "number") if letter.isalnum())


_FIRST, _SECOND = (
    {heading(text): name for name, texts in known.items() for text in texts} for known in (_HEADINGS, _VARIANTS)
)


def recognised(headings: Sequence[str], profile: Profile | None = None) -> int:
    """How many of the headings are known, with or without the profile."""
    mapped = _mapped(profile)
    return sum(1 for text in map(heading, headings) if text in mapped or text in _FIRST or text in _SECOND)


def columns_of(headings: Sequence[str], profile: Profile | None = None) -> dict[str, int]:
    """Which of our names stands in which column; a profile's headings come before the ones known without it.

    Raises IntakeError where two columns claim one name. What is missing is for `require` to say.
    """
    texts, mapped = [heading(text) for text in headings], _mapped(profile)
    found: dict[str, int] = {}
    for names in (mapped, _FIRST, _SECOND):
        claimed = dict(found)
        for place, text in enumerate(texts):
            name = names.get(text)
            if name is None or name in claimed or (names is not mapped and text in mapped):
                continue
            if name in found:
                raise IntakeError(
                    f"columns {found[name] + 1} and {place + 1} are both read as {name}: "
                    "rename one, or choose in a profile of rules.yaml (--profile)"
                )
            found[name] = place
    return found


def _mapped(profile: Profile | None) -> dict[str, str]:
    return {heading(text): name for text, name in profile.columns.items()} if profile else {}


def require(columns: dict[str, int]) -> None:
    """Raise IntakeError unless every required column is there."""
    missing = [name for name in REQUIRED if name not in columns]
    if len(missing) == len(REQUIRED):
        raise IntakeError(
            "none of the headings claim_id, payer, carc and amount was found; "
            "add them as the first row, or name your own in a profile of rules.yaml (--profile)"
        )
    if missing:
        raise IntakeError(
            f"the heading row has no column for {', '.join(missing)}; "
            "add it, or name your own heading in a profile of rules.yaml (--profile)"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Mold:
    """What a row has in common with many others."""

    payer: Payer
    group: str
    carc: str
    rarcs: tuple[str, ...]
    procedure: str | None
    location: Sensitive | None


class _Content(NamedTuple):
    """What the whole claim has besides."""

    charge: Decimal
    paid: Decimal
    adjustments: tuple[Adjustment, ...]
    remarks: tuple[str, ...]
    lines: tuple[ServiceLine, ...]


class _Money(NamedTuple):
    """A mold filled with a row's amounts."""

    charge_cents: int
    paid_cents: int
    judged: tuple[JudgedLine, ...]
    content: _Content


class RowReader:
    """Makes claims of rows that have the given columns, each at least as long as the heading row."""

    def __init__(self, columns: dict[str, int], today: date, profile: Profile | None = None) -> None:
        require(columns)
        self._number = columns["claim_id"]
        self._alike, self._take_alike = _taker(columns, _ALIKE)
        self._money, self._take_money = _taker(columns, _MONEY)
        self._remitted, self._served = (columns.get(name) for name in _DATES)
        self._today = today
        dates = cells.Dates(today, profile.date_format if profile else None)
        self._payers: Memory[object, Payer] = Memory(_payer, 5000)
        self._cents: Memory[tuple[str, object], int | None] = Memory(lambda key: cells.cents(*key))
        self._dollars: Memory[int, Decimal] = Memory(to_dollars)
        self._molds: Memory[tuple[object, ...], _Mold] = Memory(self._mold)
        self._filled: Memory[tuple[_Mold, tuple[object, ...]], _Money] = Memory(self._fill)
        self._remit_dates: Memory[object, date | None] = Memory(dates.remitted, 5000)
        self._service_dates: Memory[object, date | None] = Memory(dates.served, 5000)
        self._remits: Memory[tuple[Payer, date], Remit] = Memory(self._remit)
        self._ordinal = 0

    def claim(self, row: Sequence[object]) -> JudgedClaim:
        """One row as a claim with one adjustment. Raises BadRow."""
        number = row[self._number]
        if not (type(number) is str and number.isalnum() and len(number) <= cells.LONGEST_NUMBER):
            number = cells.claim_number(number)
        mold = self._molds[self._take_alike(row)]
        money = self._filled[mold, self._take_money(row)]
        remitted = (self._remit_dates[row[self._remitted]] if self._remitted is not None else None) or self._today
        served = self._service_dates[row[self._served]] if self._served is not None else None
        self._ordinal += 1
        return JudgedClaim(
            Sensitive(number),
            "",
            money.charge_cents,
            money.paid_cents,
            0,
            self._ordinal,
            self._remits[mold.payer, remitted],
            _whole,
            money.judged,
            "",
            served,
            mold.location,
            money.content,
        )

    @staticmethod
    def _remit(key: tuple[Payer, date]) -> Remit:
        payer, day = key
        return Remit(payer, day, "")

    def _mold(self, told: tuple[object, ...]) -> _Mold:
        row = dict(zip(self._alike, told, strict=True))
        group, carc = cells.denial_code(row.get("group"), row["carc"])
        where = cells.location_name(row.get("location"))
        return _Mold(
            self._payers[row["payer"]],
            group,
            carc,
            cells.remark_codes(row.get("rarc")),
            cells.procedure_code(row.get("procedure")),
            Sensitive(where) if where else None,
        )

    def _fill(self, key: tuple[_Mold, tuple[object, ...]]) -> _Money:
        mold, told = key
        amounts = {name: self._cents[name, cell] for name, cell in zip(self._money, told, strict=True)}
        denied, charge, paid = amounts["amount"], amounts.get("billed") or 0, amounts.get("paid") or 0
        if denied is None:
            raise BadRow("amount is missing")
        if denied <= 0:
            raise BadRow(f"amount is {'negative' if denied else 'zero'}: nothing was denied")
        if charge < 0:
            raise BadRow("billed is negative")
        adjustments: tuple[Adjustment, ...] = (Adjustment(mold.group, mold.carc, self._dollars[denied]),)
        billed, kept = self._dollars[charge], self._dollars[paid]
        remarks, lines = mold.rarcs, tuple[ServiceLine, ...]()
        if mold.procedure is not None:
            lines = (ServiceLine(_UNNUMBERED, billed, kept, mold.procedure, adjustments, remarks),)
            adjustments, remarks = (), ()
        row = RemitClaim(
            *(Sensitive(""), "", billed, kept, _ZERO, mold.payer, self._today, "", 0),
            adjustments=adjustments,
            remarks=remarks,
            lines=lines,
        )
        return _Money(charge, paid, judge_row(row), _Content(billed, kept, adjustments, remarks, lines))


def _whole(claim: JudgedClaim) -> RemitClaim:
    """The claim of a row with everything that the row says."""
    content: _Content = claim.detail
    remit = claim.remit
    return RemitClaim(
        claim.claim_number,
        "",
        content.charge,
        content.paid,
        _ZERO,
        remit.payer,
        remit.remit_date,
        remit.remit_key,
        claim.ordinal,
        remit.payee_npi,
        claim.filing_indicator,
        claim.service_date,
        claim.location,
        content.adjustments,
        content.remarks,
        content.lines,
    )


def _payer(cell: object) -> Payer:
    return Payer(Sensitive(cells.payer_name(cell)))


def _taker(
    columns: dict[str, int], names: tuple[str, ...]
) -> tuple[tuple[str, ...], Callable[[Sequence[object]], tuple[object, ...]]]:
    """Those of the names that have a column, and what takes their cells out of a row."""
    known = tuple(name for name in names if name in columns)
    places = [columns[name] for name in known]
    if len(places) == 1:
        (only,) = places
        return known, lambda row: (row[only],)
    return known, itemgetter(*places)
