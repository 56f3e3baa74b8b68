"""Remittances: 835 in version 005010X221A1, tolerant of 004010X091A1 and of what senders make of both.

A remittance holds thousands of claims that were simply paid. Those are recognized by what is said of money alone,
which one regular expression finds, and come out as `PaidClaim`; claims whose lines decide one by one what is refused
come out as `JudgedClaim`. Whatever is not plainly in order is read completely (`intake.builder`) and comes out as
`RemitClaim`. Names, member ids and the like are never looked at.

What must add up: BPR is the payments of the claims less the provider-level PLB amounts; a claim's charge less its
payment is its adjustments, and so is each line's; the lines' charges are the claim's. What does not is told in a
`RowError` of kind "warning"; a claim with an unreadable amount is left out and told as "rejected".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import BinaryIO

from denials.errors import IntakeError
from denials.model import Payer, Remit, Sensitive
from intake.amounts import to_cents
from intake.claims import ClaimParser, Record
from intake.rows import RowError
from intake.x12 import GET_AGAIN, Marks, Scanner, Transaction, transactions, x12_date

_OTHER_KINDS = {
    "837": "a claim (837)",
    "277": "a claim status (277)",
    "276": "a status request (276)",
    "270": "an eligibility request (270)",
    "271": "an eligibility answer (271)",
    "278": "an authorization (278)",
    "820": "a premium payment (820)",
    "834": "an enrollment (834)",
    "997": "an acknowledgement (997)",
    "999": "an acknowledgement (999)",
}
_PAYER_IDS = frozenset({"2U", "EO", "HI", "NF"})
_EARLIEST, _LATEST_AHEAD = date(1990, 1, 1), 400


def read_835(source: BinaryIO, today: date) -> Iterator[list[Record]]:
    """Every claim of every remittance in the file, in its order, some hundreds together as they are read.

    `today` judges whether a date can be true. Raises IntakeError, also late, where the file as a whole cannot be
    trusted; then nothing of it may be kept.
    """
    scanner = Scanner(source)
    parsers: dict[Marks, ClaimParser] = {}
    places: dict[str, int] = {}
    for transaction in transactions(scanner):
        if scanner.skipped:
            scanner.skipped = False
            yield [RowError(scanner.number, "text before the interchange header (ISA) was passed over", "warning")]
        if transaction.kind != "835":
            kind = _OTHER_KINDS.get(transaction.kind, "another transaction")
            raise IntakeError(f"segment {transaction.number}: this is {kind}, not a remittance (835)")
        parser = parsers.get(scanner.marks)
        if parser is None:
            parser = parsers[scanner.marks] = ClaimParser(scanner.marks)
        yield from _Reading(transaction, parser, today).claims(places)
    if scanner.skipped:
        yield [RowError(scanner.number, "text after the last interchange was passed over", "warning")]
    if not scanner.number:
        raise IntakeError("this is no X12 file: it has no interchange header (ISA)")


class _Reading:
    """One transaction on its way through: its header, then its claims, then what its total must be."""

    def __init__(self, transaction: Transaction, parser: ClaimParser, today: date) -> None:
        self._transaction = transaction
        self._scanner = transaction.scanner
        self._parser = parser
        self._today = today
        self._header = _Header()
        self._provider: int | None = 0  # the PLB amounts; None once one could not be read

    def claims(self, places: dict[str, int]) -> Iterator[list[Record]]:
        """Read the transaction to its end. `places` counts the claims of each remittance within the file."""
        more = self._read_header()
        remit = self._header.remit(self._transaction.group_date, self._today)
        parser, scanner = self._parser, self._scanner
        parser.ordinal, parser.paid, parser.unread = places.get(remit.remit_key, 0), 0, 0
        while more:
            region = scanner.claims()
            yield parser.read(region, remit)
            if region.last:
                for elements in parser.provider_level(region):
                    self._add_provider_level(elements)
                if self._transaction.segment() is not None:
                    raise RuntimeError("claims() stops at SE")
                more = False
        places[remit.remit_key] = parser.ordinal
        fault = self._fault()
        if fault:
            yield [RowError(self._header.total_at or self._transaction.number, fault, "warning")]

    def _read_header(self) -> bool:
        """Read to the first claim, or to SE: then False."""
        while (elements := self._transaction.segment()) is not None:
            if elements[0] == "CLP":
                self._scanner.back()
                return True
            if elements[0] in ("SVC", "CAS"):
                raise IntakeError(f"segment {self._scanner.number}: {elements[0]} stands before any claim; {GET_AGAIN}")
            if elements[0] == "PLB":
                self._add_provider_level(elements)
            else:
                self._header.add(elements, self._scanner.number)
        return False

    def _add_provider_level(self, elements: list[str]) -> None:
        for amount in elements[4::2]:
            cents = to_cents(amount.encode()) if amount.strip() else 0
            self._provider = None if cents is None or self._provider is None else self._provider + cents

    def _fault(self) -> str | None:
        total = self._header.total
        if total is None:
            return "the remittance has no readable payment total (BPR), so its claims cannot be proven against one"
        if self._parser.unread:
            return None  # what was left out has been told, and its payment is not known
        if self._provider is None:
            return "an amount of a provider-level adjustment (PLB) is not a number, so the total cannot be proven"
        paid = self._parser.paid - self._provider
        if total == paid or (self._header.debit and total == -paid):
            return None
        return (
            "the payment total (BPR) is not what the claims (CLP) less the provider-level adjustments (PLB) add up to"
        )


class _Header:
    """What stands before the claims of a remittance: BPR, TRN, DTM*405 and who pays whom."""

    def __init__(self) -> None:
        self.total: int | None = None
        self.total_at = 0
        self.debit = False
        self._dates: list[str] = ["", ""]  # BPR16, DTM*405
        self._trace: list[str] = ["", ""]  # number, who gave it
        self._party = ""
        self._name = ""
        self._ids: list[str] = []
        self._npi: str | None = None

    def add(self, elements: list[str], number: int) -> None:
        """Take one segment, whose number is given."""
        kind = elements[0]
        get = (elements + [""] * 17).__getitem__
        if kind == "BPR":
            self.total, self.total_at = to_cents(get(2).encode()), number
            self.debit = get(3).strip().upper() == "D"
            self._dates[0] = get(16)
        elif kind == "TRN" and not self._trace[0]:
            self._trace = [get(2).strip(), get(3).strip()]
        elif kind == "DTM" and get(1) == "405":
            self._dates[1] = get(2)
        elif kind == "N1":
            self._party = get(1).strip().upper()
            if self._party == "PR":
                self._name = get(2).strip()
                self._add_id(get(4))
            elif self._party == "PE" and get(3).strip().upper() == "XX":
                npi = get(4).strip()
                self._npi = npi if len(npi) == 10 and npi.isascii() and npi.isdigit() else None
        elif kind == "REF" and self._party == "PR" and get(1).strip().upper() in _PAYER_IDS:
            self._add_id(get(2))

    def _add_id(self, text: str) -> None:
        identity = text.strip()
        if identity and identity not in self._ids:
            self._ids.append(identity)

    def remit(self, group_date: str, today: date) -> Remit:
        """Everything together. The payment's date comes first, then the file's; an impossible one is passed over."""
        told = (x12_date(text) for text in (*self._dates, group_date))
        latest = today + timedelta(days=_LATEST_AHEAD)
        day = next((found for found in told if found and _EARLIEST <= found <= latest), None)
        trace, giver = self._trace
        # A payer's name is the last resort: it is written in many ways, and a payment that is sent again is the same.
        paid_out = f"{self._npi or ''} {self.total}" if trace and self.total is not None else self._name.upper()
        who = giver or (self._ids[0] if self._ids else paid_out)
        what = trace or f"without a trace number: {self.total}"
        key = hashlib.sha256("\x1f".join((who, what, day.isoformat() if day else "")).encode()).hexdigest()[:32]
        payer = Payer(Sensitive(self._name), tuple(self._ids), trusted=bool(self._name))
        return Remit(payer, day or today, key, self._npi)
