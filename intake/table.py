"""Denials as rows of a table: which column is which, and one claim from one row. CSV and XLSX share it.

Only the recognised columns are ever looked at. Codes must look like codes, amounts like amounts and dates like dates,
or the row is rejected with the reason, so that a wrongly mapped column cannot put names where codes are shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from denials.codes import GROUPS, looks_like_carc, looks_like_rarc, normal_code
from denials.errors import IntakeError
from denials.model import Adjustment, Payer, RemitClaim, Sensitive, ServiceLine
from denials.rules.model import Profile
from intake.amounts import Memory, to_dollars

REQUIRED = ("claim_id", "payer", "carc", "amount")
FIELDS = (*REQUIRED, "group", "rarc", "billed", "paid", "remit_date", "service_date", "procedure", "location")
MONEY = frozenset({"amount", "billed", "paid"})
_ALIASES = {
    "claim number": "claim_id",
    "account number": "claim_id",
    "patient control number": "claim_id",
    "group code": "group",
    "denial code": "carc",
    "reason code": "carc",
    "remark code": "rarc",
    "denied amount": "amount",
    "denial date": "remit_date",
    "cpt": "procedure",
}
_NAMES = {**{name.replace("_", " "): name for name in FIELDS}, **_ALIASES}

_CARC = re.compile(r"(?:([A-Z]{2})[\s\-]*)?([A-Z]?[0-9]{1,3})")
_PROCEDURE = re.compile(r"(?=(?:[A-Z]*[0-9]){3})([A-Z0-9]{3,7})(?:[\s\-:,/]+[A-Z0-9]{2}){0,4}")
_MONEY = re.compile(r"([-+]?)\$?\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{0,12})(?:\.([0-9]*))?(-?)")
_QUOTED = re.compile(r'="(.*)"', re.DOTALL)
_ROUNDED = re.compile(r"[0-9]+(?:\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_LONGEST = {"claim_id": 64, "payer": 160, "location": 120}
_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%Y%m%d", "%Y/%m/%d", "%d-%b-%Y", "%m.%d.%Y")
_TIME = re.compile(r"[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?[AP]M)?Z?$", re.IGNORECASE)
_BLANKS = frozenset({"", "-", "--", "n/a", "na", "none", "null"})
_EARLIEST, _DAYS_AHEAD = date(1990, 1, 1), 400
_ZERO = Decimal("0.00")


class BadRow(Exception):
    """A row that cannot be taken; the text says why, without anything of the row."""


def heading(text: str) -> str:
    """A heading as it is compared: lower case, with single spaces for underscores, hyphens and runs of spaces."""
    return " ".join(re.sub(r"[_\-\s]+", " ", text.strip("\ufeff")).lower().split())


def columns_of(headings: Sequence[str], profile: Profile | None = None) -> dict[str, int]:
    """Which of our names stands in which column; a profile's headings come before the ones known without it.

    Raises IntakeError where two columns claim one name. What is missing is for `require` to say.
    """
    names = dict(_NAMES)
    if profile is not None:
        taken = set(profile.columns.values())
        names = {text: name for text, name in names.items() if name not in taken}
        names |= {heading(text): name for text, name in profile.columns.items()}
    found: dict[str, int] = {}
    for place, text in enumerate(headings):
        name = names.get(heading(text))
        if name is None:
            continue
        if name in found:
            raise IntakeError(
                f"columns {found[name] + 1} and {place + 1} are both read as {name}: rename one, or choose in a profile"
            )
        found[name] = place
    return found


def require(columns: dict[str, int]) -> None:
    """Raise IntakeError unless every required column is there."""
    missing = [name for name in REQUIRED if name not in columns]
    if len(missing) == len(REQUIRED):
        raise IntakeError(
            "the first row has none of the headings claim_id, payer, carc and amount; "
            "add them, or name your own in a profile of rules.yaml (--profile)"
        )
    if missing:
        raise IntakeError(
            f"the heading row has no column for {', '.join(missing)}; "
            "add it, or name your own heading in a profile of rules.yaml (--profile)"
        )


@dataclass(frozen=True, slots=True)
class _Codes:
    group: str
    carc: str
    rarcs: tuple[str, ...]


class RowReader:
    """Makes claims of rows with given columns. What recurs (payers, codes, dates, amounts) is read once."""

    def __init__(self, columns: dict[str, int], today: date, profile: Profile | None = None) -> None:
        require(columns)
        self._today = today
        self._formats = (profile.date_format,) if profile and profile.date_format else _FORMATS
        self._places = tuple(columns.get(name, -1) for name in FIELDS)
        self._ordinal = 0
        self._payers: Memory[str, Payer] = Memory(_payer, 5000)
        self._codes: Memory[tuple[str, str, str], _Codes] = Memory(_codes, 5000)
        self._money: Memory[str, int | None] = Memory(parse_money)
        self._dollars: Memory[int, Decimal] = Memory(to_dollars)
        self._dates: Memory[str, date | None] = Memory(self._parse_date, 5000)
        self._procedures: Memory[str, str | None] = Memory(_procedure, 5000)

    def claim(self, row: Sequence[str]) -> RemitClaim:
        """One row as a claim with one adjustment. Raises BadRow."""
        cells = [row[place] if place >= 0 else "" for place in self._places]
        claim_id, payer, carc, amount, group, rarc, billed, paid, remit_day, service_day, procedure, location = cells
        number = _text("claim_id", claim_id)
        if not number:
            raise BadRow("claim_id is missing")
        if _ROUNDED.fullmatch(number):
            raise BadRow("claim_id is a number that a spreadsheet has rounded")
        codes = self._codes[group, carc, rarc]
        denied = self._amount("amount", amount)
        if not denied:
            raise BadRow("amount is missing" if denied is None else "amount is zero")
        kept = self._amount("paid", paid) or 0
        charge = self._amount("billed", billed)
        cents = abs(denied)  # accounting exports write what was taken off as a negative
        adjustments: tuple[Adjustment, ...] = (Adjustment(codes.group, codes.carc, self._dollars[cents]),)
        code = self._procedures[procedure] if procedure else None
        dollars_charge = self._dollars[cents + kept if charge is None else charge]
        dollars_paid = self._dollars[kept] if kept else _ZERO
        lines: tuple[ServiceLine, ...] = ()
        remarks = codes.rarcs
        if code is not None:
            lines = (ServiceLine(1, dollars_charge, dollars_paid, code, adjustments, remarks),)
            adjustments, remarks = (), ()
        told = self._dates[remit_day] if remit_day else None
        served = self._dates[service_day] if service_day else None
        where = _optional("location", location) if location else ""
        self._ordinal += 1
        return RemitClaim(
            Sensitive(number),
            "",
            dollars_charge,
            dollars_paid,
            _ZERO,
            self._payers[payer],
            told or self._today,
            "",
            self._ordinal,
            None,
            "",
            served,
            Sensitive(where) if where else None,
            adjustments,
            remarks,
            lines,
        )

    def _amount(self, name: str, text: str) -> int | None:
        if not text or (name != "amount" and text.strip().lower() in _BLANKS):
            return None
        cents = self._money[text]
        if cents is None:
            raise BadRow(f"{name} is not an amount of money")
        return cents

    def _parse_date(self, text: str) -> date | None:
        day = _TIME.sub("", text.strip()) if self._formats is _FORMATS else text.strip()
        if day.lower() in _BLANKS:
            return None
        for form in self._formats:
            try:
                found = datetime.strptime(day, form).date()  # noqa: DTZ007  (a calendar day has no time zone)
            except ValueError:
                continue
            if not (found >= _EARLIEST and (found - self._today).days <= _DAYS_AHEAD):
                raise BadRow("a date is too far in the past or the future")
            return found
        raise BadRow("a date has not the form of one")


def parse_money(text: str) -> int | None:
    """`$1,234.50`, `(12.00)`, `-12` or `12.00-` in cents; None for what is no amount or not whole cents."""
    amount = text.strip()
    negative = amount.startswith("(") and amount.endswith(")")
    found = _MONEY.fullmatch(amount[1:-1].strip() if negative else amount.replace("$-", "-$"))
    if found is None or not (found[2] or found[3]):
        return None
    fraction = (found[3] or "").rstrip("0")
    if len(fraction) > 2:
        return None
    cents = int((found[2] or "0").replace(",", "") + fraction.ljust(2, "0"))
    return -cents if negative or found[1] == "-" or found[4] else cents


def _text(name: str, text: str) -> str:
    """A cell's text. Raises BadRow for formulas and for what cannot be a name or number."""
    value = text.strip()
    if value[:1] in ("=", "@", "+") or (value[:1] == "-" and name != "claim_id"):
        quoted = _QUOTED.fullmatch(value)  # ="00123" is how spreadsheets keep leading zeros
        if quoted is None or '"' in quoted[1]:
            raise BadRow(f"{name} holds a formula")
        value = quoted[1].strip()
    if len(value) > _LONGEST.get(name, 80) or not value.isprintable():
        raise BadRow(f"{name} is too long or holds line breaks")
    return value


def _optional(name: str, text: str) -> str:
    """The same for a cell that may be empty, or hold what exports write for empty."""
    return "" if text.strip().lower() in _BLANKS else _text(name, text)


def _payer(text: str) -> Payer:
    name = _text("payer", text)
    if not name:
        raise BadRow("payer is missing")
    return Payer(Sensitive(name))


def _codes(cells: tuple[str, str, str]) -> _Codes:
    group_text, rarc_text = _optional("group", cells[0]).upper(), _optional("rarc", cells[2]).upper()
    carc_text = _text("carc", cells[1]).upper()
    if not carc_text:
        raise BadRow("carc is missing")
    found = _CARC.fullmatch(carc_text.removesuffix(".0"))
    if found is None or (found[1] and found[1] not in GROUPS) or not looks_like_carc(normal_code(found[2])):
        raise BadRow("carc is not an adjustment reason code")
    group = group_text or found[1] or ""
    if group and group not in GROUPS:
        raise BadRow("group is not one of CO, PR, OA, PI and CR")
    if found[1] and group != found[1]:
        raise BadRow("group is another than the one in carc")
    rarcs = tuple(dict.fromkeys(re.split(r"[\s,;]+", rarc_text))) if rarc_text else ()
    if not all(looks_like_rarc(code) for code in rarcs):
        raise BadRow("rarc is not a remark code")
    return _Codes(group, normal_code(found[2]), rarcs)


def _procedure(text: str) -> str | None:
    value = _optional("procedure", text).upper()
    if not value:
        return None
    found = _PROCEDURE.fullmatch(value)
    if found is None:
        raise BadRow("procedure is not a procedure code")
    return found[1]
