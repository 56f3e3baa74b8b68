"""The denial test: what of an adjudicated claim was refused. Amounts first, then codes.

    status 22, or a negative charge        a reversal: nothing new was decided
    23, 25, pended                         no adjudication
    charge − paid                          must equal the adjustments; that decides which level's are read
    what the adjustments' codes refuse     denials; contract write-downs and patient share are none
    nothing paid and nothing refused       a denial by amounts: status 4, CO-45 for the whole charge, no reason at all

A claim status of 1, 2 or 3 says which payer this is, not that it paid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from denials.codes import AdjustmentClass, classify_adjustment
from denials.model import Adjustment, Denial, JudgedLine, RemitClaim, ServiceLine, Verdict
from denials.triage_types import STATUS_4, UNEXPLAINED, WHOLE_CHARGE

REVERSAL = "22"
DENIED = "4"
NO_STATUS = ""
"""A row of an export, where nobody says what the claim's other money did."""

NOT_ADJUDICATED = frozenset({"23", "25", "5", "10", "13", "15", "16", "17", "27"})
"""Forwarded as not this payer's (23), estimates (25), and the pended states of 4010 remittances."""

CONTRACT_WRITE_DOWN = "45"
_NEVER_PATIENT = frozenset({"CO", "OA", "PI", "CR"})
_ZERO = Decimal(0)
_CLEAN = Verdict()
_CLEAN_UNBALANCED = Verdict(balanced=False)
_REVERSED = Verdict(counted=False, reversal=True)
_NOT_COUNTED = Verdict(counted=False)


def judge(claim: RemitClaim) -> Verdict:
    """What a remittance refused of one claim. Never raises; what does not add up is `balanced=False`, not an error."""
    if claim.status == REVERSAL or claim.charge < 0:
        return _REVERSED
    if claim.status in NOT_ADJUDICATED:
        return _NOT_COUNTED
    if claim.paid > 0 and claim.status != NO_STATUS:
        clean = _clean(claim)
        if clean is not None:
            return clean
    return _judge(claim)


def judge_line(line: ServiceLine) -> JudgedLine | None:
    """A line by itself, as `judge` sees it in a claim that adds up and says nothing above its lines.

    None where the line's own charge and payment are not what its adjustments explain.
    """
    missing = line.charge - line.paid
    if line.charge < 0 or line.paid < 0 or _total(line.adjustments) != missing:
        return None
    refused: list[Denial] = []
    if line.adjustments:
        refused = _denials(line.adjustments, line.paid <= 0, missing, line.remarks, line.ordinal, line.procedure)
    share = _total(one for one in line.adjustments if _is_patients(one, unpaid=True))
    return _judged(tuple(refused), line.charge, line.paid, share, line.procedure)


def judge_row(
    one: Adjustment, charge_cents: int, paid_cents: int, remarks: tuple[str, ...], procedure: str | None
) -> JudgedLine:
    """A row of an export, for all rows with the same money and codes: as `judge` sees a claim without status that has
    one adjustment, whose amount is above zero, on its only line or above it."""
    denied_cents, unpaid = int(one.amount * 100), paid_cents <= 0
    kind = classify_adjustment(one.group, one.carc, unpaid=unpaid)
    denials: tuple[Denial, ...] = ()
    if kind == "denial":
        denials = (Denial(one.group, one.carc, one.amount, remarks, procedure),)
    elif unpaid and denied_cents == charge_cents and one.carc == CONTRACT_WRITE_DOWN and _written_down(one, kind):
        denials = (Denial(one.group, one.carc, one.amount, remarks, procedure, hint=WHOLE_CHARGE),)
    return JudgedLine(denials, charge_cents, paid_cents, denied_cents if denials else 0, 0, procedure)


def _judged(
    denials: tuple[Denial, ...], charge: Decimal, paid: Decimal, share: Decimal, procedure: str | None
) -> JudgedLine:
    denied = sum((denial.amount for denial in denials), _ZERO)
    return JudgedLine(
        denials,
        charge_cents=int(charge * 100),
        paid_cents=int(paid * 100),
        denied_cents=int(denied * 100),
        share_cents=int(share * 100),
        procedure=procedure,
    )


_harmless: dict[tuple[str, str], bool] = {}


def never_denial(group: str, carc: str) -> bool:
    """Whether an adjustment with these codes refuses nothing, whatever was paid beside it. Cheap."""
    found = _harmless.get((group, carc))
    if found is None:
        if len(_harmless) >= 4096:
            _harmless.clear()
        found = _harmless[group, carc] = classify_adjustment(group, carc, unpaid=True) != "denial"
    return found


def _clean(claim: RemitClaim) -> Verdict | None:
    """The verdict on a claim with a payment and harmless codes only, which is what most claims are; None for others."""
    harmless = _harmless
    upper = lower = _ZERO
    for one in claim.adjustments:
        if not harmless.get((one.group, one.carc)) and not never_denial(one.group, one.carc):
            return None
        upper += one.amount
    for line in claim.lines:
        for one in line.adjustments:
            if not harmless.get((one.group, one.carc)) and not never_denial(one.group, one.carc):
                return None
            lower += one.amount
    difference = claim.charge - claim.paid
    if upper + lower == difference or _read(claim).balanced:
        return _CLEAN
    return _CLEAN_UNBALANCED


@dataclass(slots=True)
class _Reading:
    """Which adjustments count: those of the claim level, and the lines whose do."""

    upper: tuple[Adjustment, ...]
    lines: tuple[ServiceLine, ...]
    balanced: bool = True

    def adjustments(self) -> list[Adjustment]:
        """Every adjustment that counts."""
        return [*self.upper, *(one for line in self.lines for one in line.adjustments)]


def _read(claim: RemitClaim) -> _Reading:
    """The balance decides: the same money may stand at both levels, and then it counts once.

    Where both levels explain all of the money, the lines are read, unless only the claim level refuses something.
    Where neither reading adds up, nothing is dropped and nothing doubled: claim-level adjustments that a line repeats
    are left out.
    """
    difference = claim.charge - claim.paid
    upper, lower = _total(claim.adjustments), _ZERO
    for line in claim.lines:
        lower += _total(line.adjustments)
    balanced = upper + lower == difference
    if balanced or not claim.adjustments or not any(line.adjustments for line in claim.lines):
        return _Reading(claim.adjustments, claim.lines, balanced)
    by_lines, by_claim = _Reading((), claim.lines), _Reading(claim.adjustments, ())
    if lower == difference:
        prefer_claim = upper == difference and not _refuses(by_lines) and _refuses(by_claim)
        return by_claim if prefer_claim else by_lines
    if upper == difference:
        return by_claim
    rest = _not_repeated(claim)
    return _Reading(rest, claim.lines, _total(rest) + lower == difference)


def _not_repeated(claim: RemitClaim) -> tuple[Adjustment, ...]:
    """The claim-level adjustments whose money does not stand on the lines as well."""
    below = _sums(one for line in claim.lines for one in line.adjustments)
    return tuple(one for one in claim.adjustments if below.get((one.group, one.carc)) != one.amount)


def _sums(adjustments: Iterable[Adjustment]) -> dict[tuple[str, str], Decimal]:
    """The money of each pair of codes, in the order of the file."""
    sums: dict[tuple[str, str], Decimal] = {}
    for one in adjustments:
        sums[one.group, one.carc] = sums.get((one.group, one.carc), _ZERO) + one.amount
    return sums


def _total(adjustments: Iterable[Adjustment]) -> Decimal:
    total = _ZERO
    for one in adjustments:
        total += one.amount
    return total


def _refuses(reading: _Reading) -> bool:
    return any(one.amount > 0 and not never_denial(one.group, one.carc) for one in reading.adjustments())


def _judge(claim: RemitClaim) -> Verdict:
    reading = _read(claim) if claim.status != NO_STATUS else _Reading(claim.adjustments, claim.lines)
    denials = tuple(_refused(claim, reading))
    if not denials and claim.paid <= 0:
        denials = _by_amounts(claim, reading)
    if not denials:
        return _CLEAN if reading.balanced else _CLEAN_UNBALANCED
    denied = denials[0].amount
    for denial in denials[1:]:
        denied += denial.amount
    fully = claim.paid <= 0 and _patient_share(claim, reading) <= 0
    return Verdict(denials, fully_denied=fully, balanced=reading.balanced, denied=denied)


def _refused(claim: RemitClaim, reading: _Reading) -> list[Denial]:
    """What the codes refuse, never more than what is missing.

    Where the claim as a whole does not add up, a line that does is still believed; the rest may refuse no more than
    what is missing beside it.
    """
    room = claim.charge - claim.paid
    known = claim.status != NO_STATUS
    unsure: list[Denial] = []
    if reading.upper:
        unsure = _denials(reading.upper, claim.paid <= 0, room if known else None, _claim_remarks(claim))
    sound: list[Denial] = []
    for line in reading.lines:
        if line.adjustments:
            missing = line.charge - line.paid
            adds_up = known and _total(line.adjustments) == missing
            cap, remarks = missing if adds_up else None, _line_remarks(claim, line)
            found = _denials(line.adjustments, line.paid <= 0, cap, remarks, line.ordinal, line.procedure)
            (sound if adds_up else unsure).extend(found)
    if not reading.balanced:
        unsure = _trimmed(unsure, room - sum((denial.amount for denial in sound), _ZERO))
    if unsure and sound:
        return sorted((*unsure, *sound), key=lambda denial: denial.line)
    return unsure or sound


def _denials(
    adjustments: tuple[Adjustment, ...],
    unpaid: bool,
    room: Decimal | None,
    remarks: tuple[str, ...],
    line: int = 0,
    procedure: str | None = None,
) -> list[Denial]:
    """The refused adjustments of one level. What a code takes and gives back again nets; `room` caps the sum."""
    gives_back = min([one.amount for one in adjustments]) < 0
    counted = _netted(adjustments) if gives_back else adjustments
    refused = [one for one in counted if classify_adjustment(one.group, one.carc, unpaid=unpaid) == "denial"]
    found: list[Denial] = []
    for one in refused:
        if one.amount > 0:
            nth = 1 if not found else 1 + sum(_alike(one, other) for other in found)
            found.append(Denial(one.group, one.carc, one.amount, remarks, procedure, line, nth))
    if not gives_back and (line or room is None):
        return found  # positive parts of a sum cannot exceed it
    limit = _total(refused)
    return _trimmed(found, limit if room is None else min(limit, room))


def _alike(one: Adjustment, denial: Denial) -> bool:
    return (one.group, one.carc, one.amount) == (denial.group, denial.carc, denial.amount)


def _netted(adjustments: tuple[Adjustment, ...]) -> tuple[Adjustment, ...]:
    """One adjustment per pair of codes."""
    return tuple(Adjustment(group, carc, amount) for (group, carc), amount in _sums(adjustments).items())


def _trimmed(denials: list[Denial], limit: Decimal) -> list[Denial]:
    """The denials with their sum brought down to a limit, from the last one backwards."""
    over = sum((denial.amount for denial in denials), _ZERO) - limit
    if over <= 0:
        return denials
    kept: list[Denial] = []
    for denial in reversed(denials):
        cut = min(denial.amount, max(over, _ZERO))
        over -= cut
        if cut < denial.amount:
            kept.append(_with_amount(denial, denial.amount - cut) if cut else denial)
    return kept[::-1]


def _with_amount(denial: Denial, amount: Decimal) -> Denial:
    return Denial(
        denial.group, denial.carc, amount, denial.rarcs, denial.procedure, denial.line, denial.nth, denial.hint
    )


def _by_amounts(claim: RemitClaim, reading: _Reading) -> tuple[Denial, ...]:
    """Nothing was paid and no code refuses anything: what the amounts say of it."""
    counted = [(one, _class(claim, one)) for one in reading.adjustments()]
    share = _total(one for one, kind in counted if kind == "patient_share")
    if claim.charge > 0 and all(_written_down(one, kind) for one, kind in counted):
        whole = tuple(_whole_charge(claim, reading)) if _total(one for one, _ in counted) == claim.charge else ()
        if whole:
            return whole
    if claim.status == DENIED and claim.charge > share:
        rest = claim.charge - _total(one for one, _ in counted)
        amount = rest if rest > 0 or share > 0 else claim.charge
        return _one(claim, amount, STATUS_4)
    if not counted and claim.status != NO_STATUS:
        return _one(claim, claim.charge - claim.patient_share, UNEXPLAINED)
    return ()


def _one(claim: RemitClaim, amount: Decimal, hint: str) -> tuple[Denial, ...]:
    return (Denial("", "", amount, _claim_remarks(claim), hint=hint),) if amount > 0 else ()


def _class(claim: RemitClaim, one: Adjustment) -> AdjustmentClass:
    return classify_adjustment(one.group, one.carc, unpaid=claim.paid <= 0)


def _written_down(one: Adjustment, kind: AdjustmentClass) -> bool:
    """A contract write-down, in any group but the patient's; OA-45 gives as little reason as CO-45."""
    return kind == "write_down" or (one.carc == CONTRACT_WRITE_DOWN and one.group not in ("PR", "CR"))


def _whole_charge(claim: RemitClaim, reading: _Reading) -> Iterator[Denial]:
    for one in reading.upper:
        if one.carc == CONTRACT_WRITE_DOWN and one.amount > 0:
            yield Denial(one.group, one.carc, one.amount, _claim_remarks(claim), hint=WHOLE_CHARGE)
    for line in reading.lines:
        for one in line.adjustments:
            if one.carc == CONTRACT_WRITE_DOWN and one.amount > 0:
                remarks = _line_remarks(claim, line)
                yield Denial(one.group, one.carc, one.amount, remarks, line.procedure, line.ordinal, hint=WHOLE_CHARGE)


def _patient_share(claim: RemitClaim, reading: _Reading) -> Decimal:
    """Deductible, coinsurance, copay and the like. CLP05 is no help: it counts refused money that the patient owes."""
    return _total(one for one in reading.adjustments() if _is_patients(one, unpaid=claim.paid <= 0))


def _is_patients(one: Adjustment, *, unpaid: bool) -> bool:
    if one.group in _NEVER_PATIENT:
        return False
    return classify_adjustment(one.group, one.carc, unpaid=unpaid) == "patient_share"


def _line_remarks(claim: RemitClaim, line: ServiceLine) -> tuple[str, ...]:
    """A line's remarks, then the claim's: the nearer one is the more exact."""
    if not claim.remarks or not line.remarks:
        return line.remarks or claim.remarks
    return tuple(dict.fromkeys((*line.remarks, *claim.remarks)))


def _claim_remarks(claim: RemitClaim) -> tuple[str, ...]:
    """The claim's remarks, then the lines': a sender may put its adjustments above and its remarks below."""
    if not any(line.remarks for line in claim.lines):
        return claim.remarks
    return tuple(dict.fromkeys((*claim.remarks, *(code for line in claim.lines for code in line.remarks))))
