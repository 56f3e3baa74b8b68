"""The claims of a remittance: CLP loops from bytes.

Two ways through. Most claims were paid and hold nothing to judge; what says so are their CLP, SVC and CAS segments
alone, compared as whole cents. Every other claim is read with its dates and remark codes too. NM1, REF, N1 and the
like are never looked at in either: the regular expressions pass over them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from denials.adjudication import never_denial
from denials.codes import GROUPS, looks_like_carc
from denials.model import JudgedClaim, PaidClaim, Remit, RemitClaim, Sensitive
from intake.amounts import Memory, to_cents
from intake.rows import RowError
from intake.segments import BadClaim, Builder
from intake.x12 import Marks, as_text

Record = RemitClaim | PaidClaim | JudgedClaim | RowError

_STATUS = {status.encode(): status for status in ("1", "2", "3", "19", "20", "21")}
_STATUSES = frozenset(_STATUS.values())
_LONGEST_NUMBER = 80
_NOT_PLAIN = (0, 0, 1 << 62)  # a difference that no other segment makes up for


class ClaimParser:
    """Reads claims written with one set of delimiters, and remembers the segments that recur.

    `paid` adds up CLP04 in cents over everything read since it was last set; `unread` counts claims left out of it.
    """

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._claim = marks.segment + b"CLP" + marks.element
        end, sep = re.escape(marks.segment), re.escape(marks.element)
        self._find_money = re.compile(end + b"((?:CAS|SVC)" + sep + b"[^" + end + b"]*)").findall
        self._cents: Memory[bytes, int | None] = Memory(to_cents)
        self._builder = Builder(marks)
        self._harmless: Memory[bytes, tuple[int, int, int]] = Memory(self._read_harmless)
        self._codes: Memory[tuple[bytes, bytes], bool] = Memory(_harmless_codes, 2000)
        self._short_codes: Memory[bytes, str] = Memory(_short_code, 2000)
        self.paid = 0
        self.unread = 0

    def split(self, region: bytes) -> list[bytes]:
        """The claims of a region that begins with a CLP, each without its "CLP" and separator."""
        return region[len(self._claim) - 1 :].split(self._claim)

    def read(self, blocks: Sequence[bytes], first: int, ordinal: int, remit: Remit) -> list[Record]:
        """The claims in order. `first` is the number of the first one's CLP segment, `ordinal` of the claim before."""
        out: list[Record] = []
        numbers = _Numbers(blocks, first, self._marks.segment)
        separator, find_money, rebuild = self._marks.element, self._find_money, self._rebuild
        fact, cents, add, new, total = self._harmless.__getitem__, self._cents, out.append, tuple.__new__, 0
        for place, block in enumerate(blocks):
            ordinal += 1
            fields = block.split(separator, 6)
            if len(fields) == 7 and fields[1] in _STATUS:
                number, status, charge_text, paid_text, patient_text, _, _ = fields
                charge, paid = cents[charge_text], cents[paid_text]
                patient = cents[patient_text] if patient_text else 0
                if charge and paid and paid > 0 and patient is not None and (number.isalnum() or self._plain(number)):
                    money = find_money(block)
                    charges = payments = unexplained = 0
                    for line_charge, line_paid, difference in map(fact, money):
                        if line_charge and unexplained:
                            break
                        charges += line_charge
                        payments += line_paid
                        unexplained += difference
                    else:
                        if (
                            (unexplained == 0 and payments == paid and charges == charge)
                            if charges
                            else unexplained == paid - charge
                        ) and len(number) <= _LONGEST_NUMBER:
                            total += paid
                            known, said = Sensitive(number.strip(), "ascii"), _STATUS[status]
                            row = (known, said, charge, paid, patient, ordinal, remit, rebuild, money)
                            add(new(PaidClaim, row))  # twice as fast as by name, and there is one for most claims
                            continue
            total += self._read_whole(block, fields, numbers, place, ordinal, remit, out)
        self.paid += total
        return out

    def _plain(self, number: bytes) -> bool:
        """Whether a claim number that is not of letters and digits alone is one still."""
        return (
            number.isascii()
            and number.decode().isprintable()
            and not number.isspace()
            and self._marks.segment not in number
        )

    def provider_level(self, block: bytes) -> list[list[str]]:
        """The elements of the PLB segments after a transaction's last claim."""
        found = [raw for raw in block.split(self._marks.segment) if raw.startswith(b"PLB" + self._marks.element)]
        return [as_text(raw).split(self._marks.element_text) for raw in found]

    def _read_whole(
        self,
        block: bytes,
        fields: list[bytes],
        numbers: _Numbers,
        place: int,
        ordinal: int,
        remit: Remit,
        out: list[Record],
    ) -> int:
        """Add the claim and what there is to say about it; its payment in cents."""
        try:
            if len(fields) < 7 or self._marks.segment in b"".join(fields[:6]):
                fields = self._short(block)
            number, status, cents = self._number(fields[0]), self._short_codes[fields[1]], self._amounts(fields)
            if not status:
                raise BadClaim("a claim (CLP) without a claim status code")
            filing, builder = self._short_codes[fields[5]], self._builder
            segments, served = builder.find(block), builder.served(block)
            told = (number, status, cents, filing, segments, served, ordinal, remit)
            if status in _STATUSES and (plain := builder.build_plain(*told)) is not None:
                out.append(plain)
                return cents[1]
            claim, fault = builder.build(*told)
        except BadClaim as error:
            self.unread += 1
            out.append(RowError(numbers.of(place), f"{error}; the claim was left out"))
            return 0
        out.append(claim)
        if fault:
            out.append(RowError(numbers.of(place), fault, "warning"))
        return cents[1]

    def _short(self, block: bytes) -> list[bytes]:
        fields = block.partition(self._marks.segment)[0].split(self._marks.element)
        if len(fields) < 4:
            raise BadClaim("a claim (CLP) with too few elements")
        return fields + [b""] * 3

    def _number(self, raw: bytes) -> Sensitive:
        raw = raw.strip()
        if not 0 < len(raw) <= _LONGEST_NUMBER or not (raw.isalnum() or as_text(raw).isprintable()):
            raise BadClaim("a claim (CLP) without a usable claim number")
        return Sensitive(as_text(raw))

    def _amounts(self, fields: list[bytes]) -> tuple[int, int, int]:
        charge = self._cents[fields[2]]
        paid = self._cents[fields[3]] if fields[3] and not fields[3].isspace() else 0
        patient = self._cents[fields[4]] if fields[4] and not fields[4].isspace() else 0
        if charge is None or paid is None or patient is None:
            raise BadClaim("an amount of the claim (CLP) is not a number")
        return charge, paid, patient

    def _rebuild(self, claim: PaidClaim) -> RemitClaim:
        cents = claim.charge_cents, claim.paid_cents, claim.patient_cents
        return self._builder.build(
            claim.claim_number, claim.status, cents, "", claim.detail, None, claim.ordinal, claim.remit
        )[0]

    def _read_harmless(self, raw: bytes) -> tuple[int, int, int]:
        """What a segment of a claim that was simply paid says: a line's charge and payment, and what is unexplained.

        An SVC leaves its charge less its payment to be explained, a CAS explains its amount. Any other SVC or CAS gives
        a difference that no claim can make up for.
        """
        fields = raw.split(self._marks.element)
        if raw[:1] == b"S":
            if len(fields) < 4:
                return _NOT_PLAIN
            charge, paid = to_cents(fields[2]), to_cents(fields[3])
            if charge is None or paid is None or charge <= 0 or paid < 0:
                return _NOT_PLAIN
            return charge, paid, charge - paid
        explained = 0
        fields += [b""]
        for place in range(2, len(fields) - 1, 3):
            amount = to_cents(fields[place + 1])
            if amount is None or not self._codes[fields[1], fields[place]]:
                return _NOT_PLAIN
            explained += amount
        return 0, 0, -explained


class _Numbers:
    """Segment numbers of claims, counted only when one is needed."""

    def __init__(self, blocks: Sequence[bytes], first: int, mark: bytes) -> None:
        self._blocks, self._mark = blocks, mark
        self._place, self._number = 0, first

    def of(self, place: int) -> int:
        """The number of the CLP of a block at or after the last one asked for."""
        while self._place < place:
            self._number += self._blocks[self._place].count(self._mark) + 1
            self._place += 1
        return self._number


def _harmless_codes(codes: tuple[bytes, bytes]) -> bool:
    """Whether group and reason code, exactly as they stand, are known and refuse nothing."""
    group, carc = (as_text(code) for code in codes)
    return group in GROUPS and looks_like_carc(carc) and never_denial(group, carc)


def _short_code(raw: bytes) -> str:
    """CLP02 or CLP06: one or two letters or digits without leading zeros; "" for anything else."""
    text = as_text(raw).strip().upper().lstrip("0")
    return text if len(text) <= 2 and text.isascii() and text.isalnum() else ""
