"""Between `Decimal` dollars in code and integer cents in the database."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")


def cents(amount: Decimal) -> int:
    """Dollars as whole cents, half a cent rounded up."""
    return int(amount.quantize(_CENT, ROUND_HALF_UP) * 100)


def dollars(amount: int) -> Decimal:
    """Cents as dollars with two decimals."""
    return (Decimal(amount) / 100).quantize(_CENT)
