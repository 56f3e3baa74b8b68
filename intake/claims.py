"""The claims of a remittance: CLP loops from bytes.

One regular expression takes what is said about money out of many claims at once; NM1, REF, N1 and the like are never
looked at. Most claims were simply paid, or their lines decide one by one what is refused (`intake.money`): those come
out light. Every other claim is built as a whole (`intake.builder`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from denials.model import JudgedClaim, PaidClaim, Remit, RemitClaim, Sensitive
from intake.amounts import TextMemory
from intake.builder import Builder
from intake.money import Money, short_code
from intake.rows import RowError
from intake.segments import BadClaim, Segments
from intake.x12 import Marks, Region, as_text

Record = RemitClaim | PaidClaim | JudgedClaim | RowError

_LONGEST_NUMBER = 80


class ClaimParser:
    """Reads claims written with one set of delimiters, and remembers what recurs.

    `ordinal` counts the claims of a remittance, `paid` adds up their CLP04 in cents, and `unread` counts those left
    out, since each was last set.
    """

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._claim = marks.segment + b"CLP" + marks.element
        self._find = _money_finder(marks)
        segments = Segments(marks)
        self._money = Money(marks, segments)
        self._builder = Builder(marks, segments)
        self._filings: TextMemory[str] = TextMemory(short_code, 2000)
        self.ordinal = self.paid = self.unread = 0

    def read(self, region: Region, remit: Remit) -> list[Record]:
        """The claims in order."""
        out: list[Record] = []
        separator, rebuild, add, new = self._marks.element, self._rebuild, out.append, tuple.__new__
        known = self._money.__getitem__  # faster than by brackets
        raw, ordinal, total = _Raw(region, self._marks, self.ordinal + 1), self.ordinal, 0
        claims = b"".join(self._find(region.data, region.start, region.stop)).split(self._claim)
        del claims[0]  # what stands before the first claim, which is nothing
        for claim in claims:
            ordinal += 1
            number, _, said = claim.partition(separator)
            light = known(said)
            if light is None or len(number) > _LONGEST_NUMBER or not (number.isalnum() or (number := _plain(number))):
                total += self._read_whole(claim, raw, ordinal, remit, out)
                continue
            status, charge, paid, share, judged = light
            row = Sensitive(number, "ascii"), status, charge, paid, share, ordinal, remit, rebuild
            if judged is None:
                add(new(PaidClaim, (*row, said)))  # twice as fast as by name, and most claims are such
            else:
                add(new(JudgedClaim, (*row, judged, *self._around(raw.claim(ordinal)), None, said)))
            total += paid
        self.paid += total
        self.ordinal = ordinal
        return out

    def provider_level(self, region: Region) -> list[list[str]]:
        """The elements of the PLB segments after a transaction's last claim."""
        begins = region.data.rfind(self._claim, region.start, region.stop)
        found = region.data[begins : region.stop].split(self._marks.segment)
        plb = b"PLB" + self._marks.element
        return [as_text(raw).split(self._marks.element_text) for raw in found if raw.startswith(plb)]

    def _read_whole(self, claim: bytes, raw: _Raw, ordinal: int, remit: Remit, out: list[Record]) -> int:
        """Add a claim, whatever it is, and what there is to say about it; its payment in cents."""
        try:
            record, fault, paid = self._whole(claim, raw.claim(ordinal), ordinal, remit)
        except BadClaim as error:
            self.unread += 1
            out.append(RowError(raw.number(ordinal), f"{error}; the claim was left out"))
            return 0
        out.append(record)
        if fault:
            out.append(RowError(raw.number(ordinal), fault, "warning"))
        return paid

    def _whole(self, claim: bytes, raw: bytes, ordinal: int, remit: Remit) -> tuple[RemitClaim, str | None, int]:
        clp, *segments = claim.split(self._marks.segment)
        number, _, said = clp.partition(self._marks.element)
        name, (status, cents), (filing, served) = _number(number), self._money.head(said), self._around(raw)
        record, fault = self._builder.build(name, status, cents, filing, segments, served, ordinal, remit)
        return record, fault, cents[1]

    def _around(self, raw: bytes) -> tuple[str, date | None]:
        """Filing indicator and date of service, which stand among what is passed over."""
        clp = raw[: raw.find(self._marks.segment)].split(self._marks.element, 6)
        return self._filings[clp[5]] if len(clp) > 5 else "", self._builder.served(raw)

    def _rebuild(self, claim: PaidClaim | JudgedClaim) -> RemitClaim:
        filing, served = "", None
        if isinstance(claim, JudgedClaim):
            filing, served = claim.filing_indicator, claim.service_date
        cents = claim.charge_cents, claim.paid_cents, claim.patient_cents
        segments = claim.detail.split(self._marks.segment)[1:]
        known = claim.claim_number, claim.status, cents, filing
        return self._builder.build(*known, segments, served, claim.ordinal, claim.remit)[0]


class _Raw:
    """The claims of a region with all of their segments, for the few of which somebody asks."""

    def __init__(self, region: Region, marks: Marks, ordinal: int) -> None:
        self._region, self._marks, self._first = region, marks, ordinal
        self._claims: list[bytes] = []
        self._place, self._number = 0, region.first

    def claim(self, ordinal: int) -> bytes:
        """A claim from behind its CLP's separator to its last segment."""
        if not self._claims:
            data = self._region.data[self._region.start : self._region.stop]
            self._claims = data.split(self._marks.segment + b"CLP" + self._marks.element)[1:]
        return self._claims[ordinal - self._first]

    def number(self, ordinal: int) -> int:
        """The number of a claim's CLP segment. Ask for later and later ones."""
        while self._place < ordinal - self._first:
            self._number += self.claim(self._first + self._place).count(self._marks.segment) + 1
            self._place += 1
        return self._number


def _money_finder(marks: Marks) -> Callable[[bytes, int, int], list[bytes]]:
    """What finds the CLP segments, each up to its CLP05, and all other segments that are about money.

    Each kind has an alternative of its own, the most frequent ones first: together they would be slower. A CLP that
    is not of plain letters and numbers is found as a whole.
    """
    end, sep = re.escape(marks.segment), re.escape(marks.element)
    rest = b"[^" + end + b"]*"
    number = _class_of(bytes(range(0x20, 0x7F)), marks) + b"*+"
    amount = _class_of(b"0123456789.-", marks) + b"*+"
    clp = sep.join([number, *([amount] * 4)]) + b"(?=" + sep + b"|" + end + rb"|\Z)"
    kinds = [b"CAS" + sep + rest, b"SVC" + sep + rest, b"CLP" + sep + b"(?:" + clp + b"|" + rest + b")"]
    kinds += [kind + sep + rest for kind in (b"LQ" + sep + b"HE", b"MOA", b"MIA")]
    return re.compile(end + b"(?:" + b"|".join(kinds) + b")").findall


def _class_of(allowed: bytes, marks: Marks) -> bytes:
    """A regular expression's class of the bytes that are allowed and are no delimiters."""
    return b"[" + re.escape(allowed.translate(None, marks.segment + marks.element)) + b"]"


def _plain(number: bytes) -> bytes:
    """A claim number that is not of letters and digits alone, if it is one still; else nothing."""
    return number.strip() if number.isascii() and number.decode().isprintable() else b""


def _number(raw: bytes) -> Sensitive:
    raw = raw.strip()
    if not 0 < len(raw) <= _LONGEST_NUMBER or not (raw.isalnum() or as_text(raw).isprintable()):
        raise BadClaim("a claim (CLP) without a usable claim number")
    return Sensitive(as_text(raw))
