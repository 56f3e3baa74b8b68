"""Claim acknowledgements: 277CA (005010X214, and 004040X167 before it). What is handed out are the rejections.

A claim is rejected when one of its status codes (STC01, STC10, STC11, at claim or service level) is of category A3,
A6, A7 or A8. Everything else in the file says that a claim arrived, and asks for no work. Names of people and member
ids are not read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import BinaryIO

from denials.errors import IntakeError
from denials.model import Payer, Sensitive, StatusRejection
from denials.statuses import REJECTED
from intake.amounts import to_cents, to_dollars
from intake.rows import RowError
from intake.x12 import Scanner, Transaction, transactions, x12_date

ACKNOWLEDGEMENTS = ("X214", "X167")
_ACKNOWLEDGEMENT_PURPOSE = "0085"  # BHT01, where no version says it
_COMPOSITE_ELEMENTS = (1, 10, 11)
_PROVIDERS = frozenset({"85", "1P"})
_LONGEST_NUMBER = 80
_WHOLE_BATCH = (
    "a whole batch, or all of a provider's claims, was rejected without naming the claims; look at the sender"
)

Record = StatusRejection | RowError


def read_277ca(source: BinaryIO, today: date) -> Iterator[list[Record]]:
    """The rejections of every acknowledgement in the file, in its order.

    Raises IntakeError, also late, where the file as a whole cannot be trusted or is another kind of 277.
    """
    scanner = Scanner(source)
    places: dict[str, int] = {}
    for transaction in transactions(scanner):
        if scanner.skipped:
            scanner.skipped = False
            yield [RowError(scanner.number, "text before the interchange header (ISA) was passed over", "warning")]
        if transaction.kind != "277":
            raise IntakeError(
                f"segment {transaction.number}: this transaction is not a claim acknowledgement (277CA); "
                "send files of one kind"
            )
        yield from _Reading(transaction, today, places).batches()
    if scanner.skipped:
        yield [RowError(scanner.number, "text after the last interchange was passed over", "warning")]
    if not scanner.number:
        raise IntakeError("this is no X12 file: it has no interchange header (ISA)")


@dataclass(slots=True)
class _Claim:
    """One claim's acknowledgement while it is read."""

    number: str
    at: int
    codes: list[str] = field(default_factory=list)
    charge: Decimal = Decimal(0)
    told: date | None = None
    served: date | None = None
    fault: str | None = None


class _Reading:
    """One transaction on its way through."""

    def __init__(self, transaction: Transaction, today: date, places: dict[str, int]) -> None:
        self._transaction = transaction
        self._component = transaction.scanner.marks.component.decode("latin-1")
        self._today = today
        self._places = places
        self._purpose = self._batch = ""
        self._date: date | None = None
        self._payer = Payer(Sensitive(""))
        self._npi: str | None = None
        self._level = ""
        self._claim: _Claim | None = None
        self._key: str | None = None

    def batches(self) -> Iterator[list[Record]]:
        """Read the transaction to its end."""
        version = self._transaction.version
        if version and not any(known in version for known in ACKNOWLEDGEMENTS):
            raise _other_kind(self._transaction.number)
        while (elements := self._transaction.segment()) is not None:
            done = self._take(elements + [""] * 13)
            if done:
                yield done
        if not version and self._purpose != _ACKNOWLEDGEMENT_PURPOSE:
            raise _other_kind(self._transaction.number)
        yield self._finish()

    def _take(self, elements: list[str]) -> list[Record]:
        kind, done, claim = elements[0], [], self._claim
        if kind == "BHT":
            self._purpose, self._batch = elements[1].strip(), elements[3].strip()
            self._date = x12_date(elements[4].strip())
        elif kind == "HL":
            done = self._finish()
            self._level = elements[3].strip().upper()
            if self._level == "20":
                self._npi = None
        elif kind == "NM1":
            self._name(elements)
        elif kind == "TRN" and self._level in ("PT", "22", "23"):
            done = self._finish()
            self._claim = _Claim(elements[2].strip(), self._transaction.scanner.number)
        elif kind == "STC":
            done = self._status(elements)
        elif kind == "DTP" and claim is not None and elements[1].strip() == "472":
            day = x12_date(elements[3].strip())
            if day and (claim.served is None or day < claim.served):
                claim.served = day
        return done

    def _name(self, elements: list[str]) -> None:
        party, qualifier, identity = (elements[place].strip() for place in (1, 8, 9))
        if self._level == "20":
            self._payer = Payer(Sensitive(elements[3].strip()), (identity,) if identity else ())
        elif self._level == "19" and party in _PROVIDERS:
            sound = qualifier == "XX" and len(identity) == 10 and identity.isascii() and identity.isdigit()
            self._npi = identity if sound else None

    def _status(self, elements: list[str]) -> list[Record]:
        codes = [code for place in _COMPOSITE_ELEMENTS if (code := self._rejection(elements[place]))]
        claim = self._claim
        if claim is None:
            number = self._transaction.scanner.number
            return [RowError(number, _WHOLE_BATCH, "warning")] if codes else []
        claim.codes += [code for code in codes if code not in claim.codes]
        if claim.told is None:
            claim.told = x12_date(elements[2].strip())
            cents = to_cents(elements[4].encode()) if elements[4].strip() else 0
            if cents is None:
                claim.fault = "the charge of a rejected claim (STC) is not a number"
            claim.charge = to_dollars(cents or 0)
        return []

    def _rejection(self, composite: str) -> str:
        """`A7:562:85` of a rejecting category, whatever the component separator; "" for any other."""
        parts = [part.strip().upper() for part in composite.split(self._component)]
        if parts[0] not in REJECTED:
            return ""
        parts = [parts[0], *[part.lstrip("0") if part.isdigit() else part for part in parts[1:3]]]
        if not all(len(part) <= 4 and part.isascii() and (part.isalnum() or not part) for part in parts):
            return parts[0]
        return ":".join(parts).rstrip(":")

    def _finish(self) -> list[Record]:
        claim, self._claim = self._claim, None
        if claim is None or not claim.codes:
            return []
        if not 0 < len(claim.number) <= _LONGEST_NUMBER or not claim.number.isprintable():
            claim.fault = "a rejected claim (TRN) without a usable claim number"
        if claim.fault:
            return [RowError(claim.at, f"{claim.fault}; the claim was left out")]
        key = self._remit_key()
        self._places[key] = ordinal = self._places.get(key, 0) + 1
        return [
            StatusRejection(
                claim_number=Sensitive(claim.number),
                status_codes=tuple(claim.codes),
                charge=claim.charge,
                payer=self._payer,
                remit_date=claim.told or self._date or self._today,
                remit_key=key,
                ordinal=ordinal,
                payee_npi=self._npi,
                service_date=claim.served,
            )
        ]

    def _remit_key(self) -> str:
        if self._key is None:
            who = self._payer.ids[0] if self._payer.ids else self._payer.name.reveal().upper()
            what = self._batch or self._transaction.control
            when = self._date.isoformat() if self._date else ""
            self._key = hashlib.sha256("\x1f".join(("277CA", who, what, when)).encode()).hexdigest()[:32]
        return self._key


def _other_kind(number: int) -> IntakeError:
    return IntakeError(
        f"segment {number}: this is a claim status answer (277), not a claim acknowledgement (277CA, 005010X214): "
        "it holds no rejections to work"
    )
