"""What later remittances did to a claim's denials: who was paid, how much of it is new money, what is still refused.

Everything is worked out from all that one payer decided about one claim, in the order of the remittances and not of
their arrival, so a late file leads to the same end as one that came in time.

    recovered   what the payer pays on the denied lines above what it had paid when it first denied them, net of
                reversals; for a claim-level denial, on the claim
    moved       a denied line that a later standing decision refuses for another reason; another item holds it then
    cleared     a denied line that a later standing decision pays, or moves to contract or patient share beside a
                payment
    full        all denied lines cleared, and something recovered; part: something recovered

Money is whole cents.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import TypeVar

_Name = TypeVar("_Name")

CLAIM = -1
"""The target of a claim-level denial: the claim as a whole."""


class Standing(IntEnum):
    """What became of one decision."""

    STANDS = 0
    REVERSED = 1  # a status 22 took it back
    REPLACED = 2  # a status 22 took it back and its correction counts instead
    REVERSAL = 3  # it is a status 22 itself


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """One service line as one remittance decided it. In a reversal the amounts are negative."""

    ordinal: int
    procedure: str
    charge: int
    paid: int


@dataclass(frozen=True, slots=True)
class Refused:
    """One denied amount: the item it belongs to, and the line's ordinal (0 at claim level)."""

    item: str
    line: int
    amount: int


@dataclass(frozen=True, slots=True)
class Decision:
    """One claim in one remittance. `lines` is None where they are not known; `place` orders those of one day."""

    day: date
    place: tuple[str, int]
    charge: int
    paid: int
    reversal: bool = False
    lines: tuple[LineAmounts, ...] | None = None
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Settlement:
    """Where an item stands after all of it. `amount` is what is refused now (of a full one: what was refused last).

    `taken_back_on` is the day on which the payer took back the decision that refused it last, while none has followed.
    """

    amount: int
    recovered: int
    payment: str  # none, part, full
    taken_back_on: date | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one payer's decisions about one claim come to.

    `order` holds the decisions oldest first, `standings` what became of each of them. `taken_back` is money that a
    reversal took and no later decision explains.
    """

    order: tuple[Decision, ...]
    standings: tuple[Standing, ...]
    items: Mapping[str, Settlement]
    taken_back: int


def settle(decisions: Iterable[Decision]) -> Outcome:
    """Work out where every item of a claim stands."""
    order = tuple(sorted(decisions, key=lambda one: (one.day, not one.reversal, one.place)))
    standings, taken_back = _standings(order)
    ledger = _Ledger(order, standings, taken_back)
    return Outcome(order, standings, ledger.settlements(), _taken_back(order))


def _standings(order: Sequence[Decision]) -> tuple[tuple[Standing, ...], dict[int, date]]:
    """Pair each reversal with what it takes back: the latest that fits exactly, else the latest with that payment.

    Also tells by place when a decision was taken back that none has followed.
    """
    marks = [Standing.REVERSAL if one.reversal else Standing.STANDS for one in order]
    taken_back: dict[int, date] = {}
    for place, reversal in enumerate(order):
        if not reversal.reversal:
            continue
        free = [k for k in range(place - 1, -1, -1) if marks[k] is Standing.STANDS]
        if not free:  # within one day the order is not known for sure
            free = [
                k
                for k in range(place + 1, len(order))
                if marks[k] is Standing.STANDS
                and order[k].day == reversal.day
                and (order[k].charge, order[k].paid) == (-reversal.charge, -reversal.paid)
                and sum(not one.reversal for one in order[place:]) > 1
            ]
        exact = [k for k in free if (order[k].charge, order[k].paid) == (-reversal.charge, -reversal.paid)]
        alike = [k for k in free if order[k].paid == -reversal.paid]
        for k in (exact or alike or free)[:1]:
            follows = any(not one.reversal for j, one in enumerate(order) if j > place and j != k)
            marks[k] = Standing.REPLACED if follows else Standing.REVERSED
            if not follows:
                taken_back[k] = reversal.day
    return tuple(marks), taken_back


def _taken_back(order: Sequence[Decision]) -> int:
    """What reversals took since the last decision; 0 where a new decision came after them."""
    last = max((k for k, one in enumerate(order) if not one.reversal), default=-1)
    return max(0, -sum(one.paid for one in order[last + 1 :]))


class _Ledger:
    """The claim's lines under names that hold across remittances, and the money on each."""

    def __init__(
        self, order: Sequence[Decision], standings: Sequence[Standing], taken_back: Mapping[int, date]
    ) -> None:
        self.order, self.standings, self.taken_back = order, standings, taken_back
        self.lines: list[tuple[str, int]] = []  # (procedure, charge); the place in this list is the line's name
        self.names = [self._name(one) for one in order]

    def _name(self, decision: Decision) -> dict[int, int]:
        """Ordinals of one remittance to names. Payers leave out and reorder lines; what a line is decides first."""
        names: dict[int, int] = {}
        lines = decision.lines or ()
        for fits in (self._same, self._same_procedure):
            for line in lines:
                if line.ordinal not in names:
                    taken = set(names.values())
                    found = next((n for n in range(len(self.lines)) if n not in taken and fits(n, line)), None)
                    if found is not None:
                        names[line.ordinal] = found
        for place, line in enumerate(lines):
            if line.ordinal not in names:
                if len(lines) == len(self.lines) and place not in names.values():
                    names[line.ordinal] = place
                else:
                    self.lines.append((line.procedure, abs(line.charge)))
                    names[line.ordinal] = len(self.lines) - 1
        return names

    def _same(self, name: int, line: LineAmounts) -> bool:
        return self.lines[name] == (line.procedure, abs(line.charge))

    def _same_procedure(self, name: int, line: LineAmounts) -> bool:
        return self.lines[name][0] == line.procedure

    def settlements(self) -> dict[str, Settlement]:
        refused = self._refused()
        gains = self._gains(refused)
        return {item: self._settlement(targets, _of(gains, item)) for item, targets in refused.items()}

    def _refused(self) -> dict[str, dict[int, dict[int, int]]]:
        """item → target (line's name, or CLAIM) → place of the decision → cents."""
        found: dict[str, dict[int, dict[int, int]]] = defaultdict(lambda: defaultdict(Counter))
        for place, decision in enumerate(self.order):
            for one in decision.refused:
                target = self.names[place].get(one.line, CLAIM) if one.line else CLAIM
                found[one.item][target][place] += one.amount
        for targets in found.values():
            if CLAIM in targets and len(targets) > 1:  # the whole claim covers its lines
                whole: Counter[int] = Counter()
                for cents in targets.values():
                    whole.update(cents)
                targets.clear()
                targets[CLAIM] = whole
        return found

    def _paid_on(self, place: int, target: int) -> int:
        decision = self.order[place]
        if target == CLAIM:
            return decision.paid
        if decision.lines is None:
            return self._guess(place, target)
        return sum(line.paid for line in decision.lines if self.names[place][line.ordinal] == target)

    def _guess(self, place: int, target: int) -> int:
        """The payment on one line of a claim whose lines are not known: what the other lines do not explain.

        Two denied lines share what is left by their charge.
        """
        decision = self.order[place]
        known = next((k for k in range(place - 1, -1, -1) if self.order[k].lines), None)
        if known is None:
            known = next((k for k in range(place + 1, len(self.order)) if self.order[k].lines), None)
        if known is None:
            return decision.paid
        denied = {self.names[k].get(one.line) for k, d in enumerate(self.order) for one in d.refused if one.line}
        lines = {self.names[known][line.ordinal]: line for line in self.order[known].lines or ()}
        sign = -1 if decision.reversal else 1
        whole = abs(decision.charge) >= abs(self.order[known].charge)
        others = sum(abs(line.paid) for name, line in lines.items() if name not in denied) if whole else 0
        left = max(0, abs(decision.paid) - others)
        weights = {name: self.lines[name][1] for name in sorted(name for name in denied if name is not None)}
        return sign * _shares(left, weights).get(target, 0)

    def _gains(self, refused: Mapping[str, Mapping[int, Mapping[int, int]]]) -> dict[tuple[str, int], int]:
        """(item, target) → new money. What several items wait for on one target is shared by what each refused."""
        weights: dict[int, dict[str, int]] = defaultdict(dict)
        since: dict[int, int] = {}
        for item, targets in sorted(refused.items()):
            for target, cents in targets.items():
                first = min(cents)
                weights[target][item] = cents[first]
                since[target] = min(since.get(target, first), first)
        gains: dict[tuple[str, int], int] = {}
        on_lines = 0
        for target in sorted(weights, reverse=True):  # CLAIM comes last
            gain = max(0, sum(self._paid_on(k, target) for k in range(since[target] + 1, len(self.order))))
            if target == CLAIM:
                gain = max(0, gain - on_lines)
            else:
                on_lines += gain
            for item, share in _shares(gain, weights[target]).items():
                gains[item, target] = share
        return gains

    def _settlement(self, targets: Mapping[int, Mapping[int, int]], recovered: int) -> Settlement:
        last_refused = sum(cents[max(cents)] for cents in targets.values())
        taken_back = self.taken_back.get(max(place for cents in targets.values() for place in cents))
        here = {target: cents for target, cents in targets.items() if not self._moved(target, max(cents))}
        if not recovered:
            refused_now = sum(cents[max(cents)] for cents in here.values()) or last_refused
            return Settlement(refused_now, 0, "none", taken_back)
        left = sum(self._left(target, cents) for target, cents in here.items())
        return Settlement(left or last_refused, recovered, "part" if left else "full", taken_back)

    def _moved(self, target: int, last: int) -> bool:
        """Whether a later standing decision refuses a target for another reason, so that another item holds it now."""
        for place in range(last + 1, len(self.order)):
            if self.standings[place] is Standing.STANDS and self._refuses(place, target):
                return target != CLAIM or self.order[place].charge >= self.order[last].charge
        return False

    def _refuses(self, place: int, target: int) -> bool:
        """Whether a decision refuses something of a target; a refusal of the whole claim is one of each line."""
        refused = self.order[place].refused
        if target == CLAIM:
            return bool(refused)
        return any(not one.line or self.names[place].get(one.line) == target for one in refused)

    def _left(self, target: int, cents: Mapping[int, int]) -> int:
        """What is still refused on a target after the last time it was refused."""
        last = max(cents)
        left = cents[last]
        decided = 0
        for place in range(last + 1, len(self.order)):
            if self.standings[place] is not Standing.STANDS or not self._clears(place, target):
                continue
            if target != CLAIM:
                return 0
            decided += self.order[place].charge
            if decided >= self.order[last].charge:
                return 0
        return max(0, left - decided)

    def _clears(self, place: int, target: int) -> bool:
        """Whether a decision settles a target: it pays there, or pays the claim and refuses nothing there any more."""
        decision = self.order[place]
        if decision.paid <= 0:
            return False
        if target == CLAIM:
            return True
        if decision.lines is not None and target not in self.names[place].values():
            return False
        if self._paid_on(place, target) > 0:
            return True
        return not self._refuses(place, target)


def _of(gains: Mapping[tuple[str, int], int], item: str) -> int:
    return sum(gain for (owner, _), gain in gains.items() if owner == item)


def _shares(amount: int, weights: Mapping[_Name, int]) -> dict[_Name, int]:
    """An amount split by weights into whole cents that add up to it."""
    total = sum(weights.values())
    shares: dict[_Name, int] = {}
    given = before = 0
    for name, weight in weights.items():
        before += weight
        upto = amount * before // total if total else amount
        shares[name] = upto - given
        given = upto
    return shares
