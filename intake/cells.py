"""One cell of a table: text, code, amount or day, or the reason why it is none.

A cell of CSV is text. One of a workbook may be a number, a date or a truth value as well. No reason holds anything of
the cell.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from denials.codes import GROUPS, looks_like_carc, looks_like_rarc, normal_code

LONGEST_NUMBER = 80
_LONGEST_NAME = 120
_LONGEST = 200  # of any other cell that is read
_MOST_REMARKS = 20
_MOST_CENTS = 10**11
_PLAIN_DIGITS = 11  # which cannot be more than that
_WHOLE_DIGITS = 10**15

_BLANKS = frozenset({"", "-", "--", "n/a", "na", "#n/a", "none", "null"})
_CARC = re.compile(r"(?:([A-Z]{2})[\s:-]*)?([A-Z]?[0-9]{1,3})")
_PROCEDURE = re.compile(
    r"(?:(?:HC|CPT|HCPCS)\s*[:-]?\s*)?([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}|0[0-9]{3})(?:[\s:,/-]+[A-Z0-9]{2}){0,4}"
)
_MONEY = re.compile(r"(-?)\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{0,12})(?:\.([0-9]*))?\s*(-?)")
_QUOTED = re.compile(r'="([^"]*)"')  # how spreadsheets keep leading zeros
_ROUNDED = re.compile(r"[0-9]+(?:\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
_TIME = re.compile(r"[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?[AP]M)?Z?$", re.IGNORECASE)
_DATE_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%Y%m%d", "%Y/%m/%d", "%d-%b-%Y")
_EARLIEST = date(1990, 1, 1)
_AHEAD = timedelta(days=14)  # money is sent some days after the remittance


class BadRow(Exception):
    """A row that cannot be taken; the text says why, without anything of the row."""


def text_of(cell: object) -> str:
    """A cell as text, as a person would have typed it. Raises BadRow for a number that lost digits."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        if abs(cell) >= _WHOLE_DIGITS:
            raise BadRow("a number of more than 15 digits was rounded by the spreadsheet; format the column as text")
        return str(int(cell)) if float(cell).is_integer() else str(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return "" if cell is None else str(cell)


def is_blank(cell: object) -> bool:
    """Whether a cell that may be empty is, or holds what exports write for empty."""
    return text_of(cell).lower() in _BLANKS


def _plain(name: str, cell: object, longest: int = _LONGEST) -> str:
    """A cell's text on one line. Raises BadRow for formulas and for what is not text."""
    text = text_of(cell)
    if text[:1] in ("=", "@", "+"):
        quoted = _QUOTED.fullmatch(text)
        if quoted is None:
            raise BadRow(f"{name} holds a formula, not a value")
        text = quoted[1].strip()
        if text[:1] in ("=", "@", "+"):
            raise BadRow(f"{name} holds a formula, not a value")
    if len(text) > longest:
        raise BadRow(f"{name} is too long (more than {longest} characters)")
    if not text.isprintable() or "\ufffd" in text:
        raise BadRow(f"{name} holds line breaks or characters that cannot be read")
    return text


def _optional(name: str, cell: object, longest: int = _LONGEST) -> str:
    return "" if is_blank(cell) else _plain(name, cell, longest)


def claim_number(cell: object) -> str:
    """A claim number, with its leading zeros."""
    number = _plain("claim_id", cell, LONGEST_NUMBER)
    if not number:
        raise BadRow("claim_id is missing")
    if _ROUNDED.fullmatch(number):
        raise BadRow("claim_id is a number that a spreadsheet has rounded; format the column as text")
    return number


def payer_name(cell: object) -> str:
    """A payer's name."""
    name = _plain("payer", cell, _LONGEST_NAME)
    if not name:
        raise BadRow("payer is missing")
    return name


def location_name(cell: object) -> str | None:
    """A location's name, None where there is none."""
    return _optional("location", cell, _LONGEST_NAME) or None


def denial_code(group: object, carc: object) -> tuple[str, str]:
    """The group code ("" where none is given) and the CARC of `CO-197`, `CO197` or `197`."""
    told = _optional("group", group).upper()
    if told and told not in GROUPS:
        raise BadRow("group is not one of CO, PR, OA, PI and CR")
    text = _plain("carc", carc).upper()
    if not text:
        raise BadRow("carc is missing")
    found = _CARC.fullmatch(text.removesuffix(".0"))
    code = normal_code(found[2]) if found else ""
    if found is None or (found[1] and found[1] not in GROUPS) or not looks_like_carc(code):
        raise BadRow("carc is not one denial code such as CO-197 or 16")
    if told and found[1] and told != found[1]:
        raise BadRow("group is another than the one in carc")
    return told or found[1] or "", code


def remark_codes(cell: object) -> tuple[str, ...]:
    """The RARCs of a cell, each once."""
    codes = tuple(dict.fromkeys(_optional("rarc", cell).upper().replace(",", " ").replace(";", " ").split()))
    if not all(looks_like_rarc(code) for code in codes):
        raise BadRow("rarc is not a remark code such as N290 or MA130")
    if len(codes) > _MOST_REMARKS:
        raise BadRow(f"rarc holds more than {_MOST_REMARKS} remark codes")
    return codes


def procedure_code(cell: object) -> str | None:
    """A CPT, HCPCS, CDT or revenue code without its modifiers, None where there is none."""
    text = _optional("procedure", cell).upper().removesuffix(".0")
    if not text:
        return None
    found = _PROCEDURE.fullmatch(text)
    if found is None:
        raise BadRow("procedure is not a procedure code such as 99213 or J1885")
    return found[1]


def cents(name: str, cell: object) -> int | None:
    """`$1,234.50`, `(12.00)`, `-12`, `12.00-` or a number in cents, None for an empty cell. Raises BadRow."""
    if isinstance(cell, str):
        text = cell
    elif isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        text = f"{cell:.2f}"  # a workbook's sums are binary fractions
    else:
        text = text_of(cell)
    digits = text.replace(".", "", 1)
    if text[-3:-2] == "." and digits.isdigit() and digits.isascii() and len(digits) <= _PLAIN_DIGITS:
        return int(digits)  # `1234.50`, as nearly all are
    text = text.strip()
    if text.lower() in _BLANKS:
        return None
    value = _money(text)
    if value is None:
        raise BadRow(f"{name} is not an amount of dollars and cents such as 1,234.50")
    if abs(value) >= _MOST_CENTS:
        raise BadRow(f"{name} is too large for an amount")
    return value


def _money(text: str) -> int | None:
    quoted = _QUOTED.fullmatch(text)
    text = quoted[1].strip() if quoted else text
    negative = text.startswith("(") and text.endswith(")")
    if negative:
        text = text[1:-1].strip()
    found = _MONEY.fullmatch(text.replace("\u2212", "-").replace("$", "", 1) if _dollar_first(text) else text)
    if found is None or not (found[2] or found[3]):
        return None
    fraction = (found[3] or "").rstrip("0")
    if len(fraction) > 2 or negative + bool(found[1]) + bool(found[4]) > 1:
        return None
    value = int((found[2] or "0").replace(",", "") + fraction.ljust(2, "0"))
    return -value if negative or found[1] or found[4] else value


def _dollar_first(text: str) -> bool:
    """Whether nothing but a sign and spaces stands before the dollar sign, if there is one."""
    before, sign, _ = text.partition("$")
    return not sign or before.strip() in ("", "-", "\u2212")


class Dates:
    """Reads days in the formats an export may use; `form` is a profile's own, which is then the only one."""

    def __init__(self, today: date, form: str | None = None) -> None:
        self._formats = (form,) if form else _DATE_FORMATS
        self._what = "a date as the profile writes it" if form else "a date such as 2026-03-02 or 3/2/2026"
        self._latest_remit = today + _AHEAD
        self._today = today

    def remitted(self, cell: object) -> date | None:
        """The day of a decision; it may lie some days ahead."""
        return self._day("remit_date", cell, self._latest_remit)

    def served(self, cell: object) -> date | None:
        """The day of a service; never in the future."""
        return self._day("service_date", cell, self._today)

    def _day(self, name: str, cell: object, latest: date) -> date | None:
        if isinstance(cell, datetime):
            found: date | None = cell.date()
        elif isinstance(cell, date):
            found = cell
        elif is_blank(cell):
            return None
        else:
            found = self._parsed(text_of(cell))
        if found is None:
            raise BadRow(f"{name} is not {self._what}")
        if found > latest:
            raise BadRow(f"{name} lies in the future")
        if found < _EARLIEST:
            raise BadRow(f"{name} lies too far in the past")
        return found

    def _parsed(self, text: str) -> date | None:
        quoted = _QUOTED.fullmatch(text)
        day = _TIME.sub("", quoted[1] if quoted else text)
        if len(day) > 40 or not day.isascii():
            return None
        for form in self._formats:
            try:
                return datetime.strptime(day, form).date()  # noqa: DTZ007  (a calendar day has no time zone)
            except ValueError:
                continue
        return None
