"""What changed rules would have done to denials already seen: the answer of `denials rules backtest`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from denials.rules.model import RuleSet
from denials.triage import triage
from denials.triage_types import Facts

Place = tuple[str, str | None]
"""A category and its owner; None: the ops channel."""


@dataclass(frozen=True, slots=True)
class Move:
    """Denials that go from one place to another; `decided_by` lists what decides then, the most frequent first."""

    from_category: str
    from_owner: str | None
    to_category: str
    to_owner: str | None
    count: int
    amount: Decimal
    decided_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """How much one category or owner has under the old and the new rules. `name` None: no owner."""

    name: str | None
    before: int
    before_amount: Decimal
    after: int
    after_amount: Decimal


@dataclass(frozen=True, slots=True)
class Backtest:
    """The whole comparison; moves with the most dollars first, totals of what changed only."""

    denials: int
    amount: Decimal
    moves: tuple[Move, ...]
    categories: tuple[Total, ...]
    owners: tuple[Total, ...]

    @property
    def moved(self) -> int:
        """How many denials get another category or owner."""
        return sum(move.count for move in self.moves)

    @property
    def moved_amount(self) -> Decimal:
        """Their dollars."""
        return sum((move.amount for move in self.moves), Decimal(0))

    def as_json(self) -> dict[str, object]:
        """Plain values for `--json`; money as text with two decimals."""
        return {
            "denials": self.denials,
            "amount": f"{self.amount:.2f}",
            "moved": self.moved,
            "moved_amount": f"{self.moved_amount:.2f}",
            "moves": [
                {
                    "from": {"category": move.from_category, "owner": move.from_owner},
                    "to": {"category": move.to_category, "owner": move.to_owner},
                    "count": move.count,
                    "amount": f"{move.amount:.2f}",
                    "decided_by": list(move.decided_by),
                }
                for move in self.moves
            ],
            "categories": [_total_json(total) for total in self.categories],
            "owners": [_total_json(total) for total in self.owners],
        }


def _total_json(total: Total) -> dict[str, object]:
    return {
        "name": total.name,
        "before": total.before,
        "before_amount": f"{total.before_amount:.2f}",
        "after": total.after,
        "after_amount": f"{total.after_amount:.2f}",
    }


@dataclass(slots=True)
class _Sum:
    count: int = 0
    amount: Decimal = Decimal(0)
    deciders: Counter[str] = field(default_factory=Counter)


def backtest(denials: Iterable[Facts], before: RuleSet, after: RuleSet) -> Backtest:
    """Triages every denial under both rule sets. Reads the denials once and keeps only sums."""
    flows: dict[tuple[Place, Place], _Sum] = {}
    for facts in denials:
        old, new = triage(facts, before), triage(facts, after)
        key = ((old.category, old.owner), (new.category, new.owner))
        flow = flows.get(key) or flows.setdefault(key, _Sum())
        flow.count += 1
        flow.amount += facts.amount
        flow.deciders[new.decided_by] += 1
    moves = [_move(old, new, flow) for (old, new), flow in flows.items() if old != new]
    moves.sort(key=lambda move: (-move.amount, -move.count, move.from_category, move.to_category))
    return Backtest(
        denials=sum(flow.count for flow in flows.values()),
        amount=sum((flow.amount for flow in flows.values()), Decimal(0)),
        moves=tuple(moves),
        categories=_totals(flows, 0),
        owners=_totals(flows, 1),
    )


def _move(old: Place, new: Place, flow: _Sum) -> Move:
    deciders = tuple(name for name, _ in sorted(flow.deciders.items(), key=lambda item: (-item[1], item[0])))
    return Move(*old, *new, flow.count, flow.amount, deciders)


def _totals(flows: dict[tuple[Place, Place], _Sum], part: int) -> tuple[Total, ...]:
    """Before and after of each name in one part of the places (0 category, 1 owner) that does not stay as it is."""
    old: dict[str | None, _Sum] = {}
    new: dict[str | None, _Sum] = {}
    for places, flow in flows.items():
        for place, sums in zip(places, (old, new), strict=True):
            total = sums.setdefault(place[part], _Sum())
            total.count += flow.count
            total.amount += flow.amount
    names = sorted({*old, *new}, key=lambda name: (name is None, name or ""))
    found = [(name, old.get(name, _Sum()), new.get(name, _Sum())) for name in names]
    return tuple(
        Total(name, was.count, was.amount, now.count, now.amount)
        for name, was, now in found
        if (was.count, was.amount) != (now.count, now.amount)
    )
