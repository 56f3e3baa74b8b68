"""What claims say of money: CLP02 to CLP05 and all SVC, CAS, LQ*HE, MIA and MOA segments, as they were written.

Fee schedules make the same few texts recur, so what was found out of one is remembered for all claims that are alike:
whether such a claim was simply paid, or its lines decide one by one what is refused, or must be looked at as a whole.
"""

from __future__ import annotations

from denials.adjudication import judge_line, never_denial
from denials.codes import GROUPS, looks_like_carc
from denials.model import Adjustment, JudgedLine, ServiceLine
from intake.amounts import Memory, TextMemory, to_cents, to_dollars
from intake.segments import BadClaim, Row, Segments
from intake.x12 import Marks, as_text

Light = tuple[str, int, int, int, tuple[JudgedLine, ...] | None]
"""A claim's status, charge, payment and patient's share in cents, and its judged lines where they refuse something."""

_STATUSES = frozenset({"1", "2", "3", "19", "20", "21"})
_PLAIN_STATUSES = {status.encode(): status for status in _STATUSES}
_LONGEST_LINE = 300


class Money(TextMemory[Light | None]):
    """What claims say of money, written with one set of delimiters; None where they must be looked at as a whole."""

    def __init__(self, marks: Marks, segments: Segments) -> None:
        super().__init__(self._read)
        self._end, self._element, self._segments = marks.segment, marks.element, segments
        self._service = marks.segment + b"SVC" + marks.element
        self._paid_of = TextMemory(self._paid_line).__getitem__
        self._judged: Memory[tuple[int, bytes], JudgedLine | None] = Memory(self._judged_line, 5000)
        self._harmless: TextMemory[bool] = TextMemory(self._are_harmless, 5000)
        self._cents_of = TextMemory(_cents_or_blank).__getitem__
        self._status_of = TextMemory(short_code, 2000).__getitem__

    def head(self, clp: bytes) -> tuple[str, tuple[int, int, int]]:
        """Status, and charge, payment and patient's share in cents, of CLP02 to CLP05. Raises BadClaim."""
        fields = clp.split(self._element)
        if len(fields) < 4:
            if len(fields) < 3:
                raise BadClaim("a claim (CLP) with too few elements")
            fields.append(b"")
        cents = self._cents_of
        charge, paid, share = cents(fields[1]), cents(fields[2]), cents(fields[3])
        if charge is None or paid is None or share is None or not (charge or fields[1].strip()):
            raise BadClaim("an amount of the claim (CLP) is not a number")
        status = self._status_of(fields[0])
        if not status:
            raise BadClaim("a claim (CLP) without a claim status code")
        return status, (charge, paid, share)

    def _read(self, said: bytes) -> Light | None:
        clp, *lines = said.split(self._service)
        fields = clp.split(self._element)
        if lines and len(fields) == 4 and fields[0] in _PLAIN_STATUSES:
            cents = self._cents_of
            charge, paid, share = cents(fields[1]), cents(fields[2]), cents(fields[3])
            if charge and paid and share is not None and self._are_simply_paid(lines, charge, paid):
                return _PLAIN_STATUSES[fields[0]], charge, paid, share, None
        return self._read_unusual(clp, lines)

    def _are_simply_paid(self, lines: list[bytes], charge: int, paid: int) -> bool:
        """Whether every line is explained by codes that refuse nothing, and they add up to the claim."""
        for line in map(self._paid_of, lines):
            if line is None:
                return False
            charge -= line[0]
            paid -= line[1]
        return charge == paid == 0

    def _read_unusual(self, clp: bytes, lines: list[bytes]) -> Light | None:
        """A claim that refuses money, or one with something above its lines, or without lines."""
        clp, mark, above = clp.partition(self._end)
        try:
            status, cents = self.head(clp)
        except BadClaim:
            return None
        charge, paid, _ = cents
        if status not in _STATUSES or charge <= 0 or paid < 0:
            return None
        explained = self._explained(mark + above)
        if lines:
            simply_paid = explained == 0 and self._are_simply_paid(lines, charge, paid)
        else:
            simply_paid = explained == charge - paid
        if paid and simply_paid:
            return status, *cents, None
        judged = self._refused(charge, paid, lines) if not above else None
        return None if judged is None else (status, *cents, judged)

    def _refused(self, charge: int, paid: int, texts: list[bytes]) -> tuple[JudgedLine, ...] | None:
        """The lines, judged, where each of them is explained, and so the claim, and at least one of them refuses money.

        Nothing may stand above them: what does can be meant for any of them.
        """
        denied = 0
        lines: list[JudgedLine] = []
        for key in enumerate(texts, 1):
            line = self._judged[key] if len(key[1]) <= _LONGEST_LINE else self._judged_line(key)
            if line is None:
                return None
            charge -= line.charge_cents
            paid -= line.paid_cents
            denied += line.denied_cents
            lines.append(line)
        return tuple(lines) if denied and charge == paid == 0 else None

    def _paid_line(self, text: bytes) -> tuple[int, int] | None:
        """Charge and payment of a line that is explained by codes which refuse nothing; None for any other."""
        service, mark, others = text.partition(self._end)
        fields = service.split(self._element, 3)
        if len(fields) < 3:
            return None
        charge, paid = to_cents(fields[1]), to_cents(fields[2])
        if charge is None or paid is None or charge < 0 or paid < 0:
            return None
        explained = self._explained(mark + others) if mark else 0
        return (charge, paid) if charge - paid == explained else None

    def _explained(self, segments: bytes) -> int | None:
        """What adjustments with codes that refuse nothing explain; None where there is another."""
        explained = 0
        for segment in segments.split(self._end)[1:]:
            codes, _, amount = segment.rpartition(self._element)
            cents = to_cents(amount) if self._harmless[codes] else self._of_several(segment)
            if cents is None:
                return None
            explained += cents
        return explained

    def _of_several(self, segment: bytes) -> int | None:
        kind, group, *triplets = [*segment.split(self._element), b""]
        explained = 0
        if kind == b"CAS":
            for carc, amount in zip(triplets[::3], triplets[1::3], strict=False):
                cents = to_cents(amount)
                if cents is None or not self._harmless[self._element.join((kind, group, carc))]:
                    return None
                explained += cents
        return explained

    def _are_harmless(self, start: bytes) -> bool:
        """Whether a segment's start is that of a CAS with one reason code, which refuses nothing whatever was paid."""
        kind, *codes = [as_text(field) for field in start.split(self._element)]
        if kind != "CAS" or len(codes) != 2:
            return False
        group, carc = codes
        return group in GROUPS and looks_like_carc(carc) and never_denial(group, carc)

    def _judged_line(self, key: tuple[int, bytes]) -> JudgedLine | None:
        """A line of its place in the claim and its segments; None where it is not explained."""
        place, text = key
        rows: tuple[Adjustment, ...] = ()
        remarks: tuple[str, ...] = ()
        service, *others = (self._service + text).split(self._end)[1:]
        try:
            charge, paid, _, procedure, _, _ = self._segments[service]
            for other in others:
                segment = self._segments[other]
                rows += adjustments(segment.rows)
                remarks += segment.remarks
        except BadClaim:
            return None
        return judge_line(ServiceLine(place, to_dollars(charge or 0), to_dollars(paid), procedure, rows, remarks))


def _cents_or_blank(raw: bytes) -> int | None:
    return to_cents(raw) if raw and not raw.isspace() else 0


def short_code(raw: bytes) -> str:
    """CLP02 or CLP06: one or two letters or digits without leading zeros; "" for anything else."""
    text = as_text(raw).strip().upper().lstrip("0")
    return text if len(text) <= 2 and text.isascii() and text.isalnum() else ""


def adjustments(rows: tuple[Row, ...]) -> tuple[Adjustment, ...]:
    """Adjustments with their amounts in dollars."""
    return tuple([Adjustment(group, carc, to_dollars(cents)) for group, carc, cents in rows])
