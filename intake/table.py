"""Denials as rows of a table: which column is which, and one claim from one row. CSV and XLSX share it.

Only the recognized columns are ever looked at. Codes must look like codes, amounts like amounts and dates like dates,
or the row is rejected with the reason, so that a wrongly mapped column cannot put names where codes are shown.

What recurs from row to row is read once and remembered under the cells as they stand in the file, so that a usual row
costs a few look-ups.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import count
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
_CODES = ("group", "carc", "rarc", "procedure")
_MONEY = ("amount", "billed", "paid")
FIELDS = ("claim_id", "payer", *_CODES, *_MONEY, "remit_date", "service_date", "location")
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

_UNNUMBERED = 0  # an export does not say which of the claim's lines it means, so the claim is what may be paid later
_MOST_REMITS = 10_000


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


class _Codes(NamedTuple):
    """What a row says of a denial besides its money."""

    group: str
    carc: str
    rarcs: tuple[str, ...]
    procedure: str | None


class _Money(NamedTuple):
    """The amounts of a row in cents; zero where it has none."""

    denied: int
    charge: int
    paid: int


_Sort = tuple[int, int, tuple[JudgedLine, ...], tuple[_Codes, _Money]]
"""What rows of a sort have in common: charge and payment in cents, the judged line, and what `_whole` needs."""


class RowReader:
    """Makes claims of rows that have the given columns, each at least as long as the heading row."""

    def __init__(self, columns: dict[str, int], today: date, profile: Profile | None = None) -> None:
        require(columns)
        self._columns, self._today = columns, today
        self._codes_told, self._money_told = _known(columns, _CODES), _known(columns, _MONEY)
        self._dates = cells.Dates(today, profile.date_format if profile else None)
        self._codes: Memory[tuple[object, ...], _Codes] = Memory(self._read_codes)
        self._payers: Memory[object, Payer] = Memory(_payer, 5000)
        self._days: Memory[object, date | None] = Memory(self._dates.remitted, 5000)
        self._remits: Memory[object, Memory[object, Remit]] = Memory(self._remits_of, _MOST_REMITS)
        self._known_remits: dict[tuple[Payer, date], Remit] = {}
        self.claim = self._claim_reader()
        """Makes a claim with one adjustment of a row. Raises BadRow."""

    def _claim_reader(self) -> Callable[[Sequence[object]], JudgedClaim]:
        """What `claim` does, as a function that has all it needs at hand: it runs for every row."""
        columns, ordinals = self._columns, count(1)
        number_at, served_at, place_at = columns["claim_id"], columns.get("service_date"), columns.get("location")
        take_sort = _taker(columns, (*self._codes_told, *self._money_told))
        payer_at, remitted_at = columns["payer"], columns.get("remit_date")
        sorts: Memory[tuple[object, ...], _Sort] = Memory(self._read_sort)
        remits = self._remits
        served: Memory[object, date | None] = Memory(self._dates.served, 5000)
        places: Memory[object, Sensitive | None] = Memory(_location, 5000)

        def claim(row: Sequence[object]) -> JudgedClaim:
            number = row[number_at]
            if not (type(number) is str and number.isalnum() and len(number) <= cells.LONGEST_NUMBER):
                number = cells.claim_number(number)
            charge, paid, judged, detail = sorts[take_sort(row)]
            remit = remits[row[payer_at]][None if remitted_at is None else row[remitted_at]]
            day = None if served_at is None else served[row[served_at]]
            place = None if place_at is None else places[row[place_at]]
            name, ordinal = Sensitive(number), next(ordinals)
            values = (name, "", charge, paid, 0, ordinal, remit, _whole, judged, "", day, place, detail)
            return _new(JudgedClaim, values)

        return claim

    def _read_sort(self, told: tuple[object, ...]) -> _Sort:
        middle = len(self._codes_told)
        codes, money = self._codes[told[:middle]], self._read_money(told[middle:])
        adjustment = Adjustment(codes.group, codes.carc, to_dollars(money.denied))
        judged = judge_row(adjustment, money.charge, money.paid, codes.rarcs, codes.procedure)
        return money.charge, money.paid, (judged,), (codes, money)

    def _read_codes(self, told: tuple[object, ...]) -> _Codes:
        row = dict(zip(self._codes_told, told, strict=True))
        group, carc = cells.denial_code(row.get("group"), row["carc"])
        return _Codes(group, carc, cells.remark_codes(row.get("rarc")), cells.procedure_code(row.get("procedure")))

    def _read_money(self, told: tuple[object, ...]) -> _Money:
        amounts = dict(zip(self._money_told, map(cells.cents, self._money_told, told), strict=True))
        denied, charge, paid = amounts["amount"], amounts.get("billed") or 0, amounts.get("paid") or 0
        if denied is None:
            raise BadRow("amount is missing")
        if denied <= 0:
            raise BadRow(f"amount is {'negative' if denied else 'zero'}: nothing was denied")
        if charge < 0:
            raise BadRow("billed is negative")
        return _Money(denied, charge, paid)

    def _remits_of(self, cell: object) -> Memory[object, Remit]:
        """The remittances of the payer in a cell, by the cell with their day."""
        payer = self._payers[cell]
        return Memory(lambda told: self._remit(payer, self._days[told] or self._today))

    def _remit(self, payer: Payer, day: date) -> Remit:
        """One object for all rows of the payer and day, as long as there are not too many of them."""
        found = self._known_remits.get((payer, day))
        if found is None:
            if len(self._known_remits) >= _MOST_REMITS:  # rows of one day mostly stand together: the old ones may go
                self._known_remits.clear()
                self._remits.clear()
            found = self._known_remits[payer, day] = Remit(payer, day, "")
        return found


_new: Callable[[type[JudgedClaim], tuple[object, ...]], JudgedClaim] = tuple.__new__
"""Makes a claim of its values in their order, without the detour through a function with their names."""


def _whole(claim: JudgedClaim) -> RemitClaim:
    """The claim of a row with everything that the row says."""
    codes, money = claim.detail
    charge, paid, remit = to_dollars(claim.charge_cents), to_dollars(claim.paid_cents), claim.remit
    adjustments: tuple[Adjustment, ...] = (Adjustment(codes.group, codes.carc, to_dollars(money.denied)),)
    remarks, lines = codes.rarcs, tuple[ServiceLine, ...]()
    if codes.procedure is not None:
        lines = (ServiceLine(_UNNUMBERED, charge, paid, codes.procedure, adjustments, remarks),)
        adjustments, remarks = (), ()
    return RemitClaim(
        claim.claim_number,
        claim.status,
        charge,
        paid,
        to_dollars(claim.patient_cents),
        remit.payer,
        remit.remit_date,
        remit.remit_key,
        claim.ordinal,
        remit.payee_npi,
        claim.filing_indicator,
        claim.service_date,
        claim.location,
        adjustments,
        remarks,
        lines,
    )


def _payer(cell: object) -> Payer:
    return Payer(Sensitive(cells.payer_name(cell)))


def _location(cell: object) -> Sensitive | None:
    name = cells.location_name(cell)
    return Sensitive(name) if name else None


def _known(columns: dict[str, int], names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the names that have a column."""
    return tuple(name for name in names if name in columns)


def _taker(columns: dict[str, int], names: tuple[str, ...]) -> Callable[[Sequence[object]], tuple[object, ...]]:
    """What takes the cells of these names out of a row."""
    places = [columns[name] for name in names]
    if len(places) == 1:
        (only,) = places
        return lambda row: (row[only],)
    return itemgetter(*places)
