"""Amounts as files write them, as whole cents, and the small memories that spare reading the same text twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

_AMOUNT = re.compile(rb"([+-]?)([0-9]{0,15})(?:\.([0-9]*))?")
_CENT = Decimal("0.01")
_LONGEST_TEXT = 300

K = TypeVar("K")
V = TypeVar("V")


class Memory(dict[K, V]):
    """What `parse` makes of a key, kept for the first `limit` keys: values recur, and memory must not grow."""

    def __init__(self, parse: Callable[[K], V], limit: int = 10_000) -> None:
        super().__init__()
        self._parse = parse
        self._limit = limit

    def __missing__(self, key: K) -> V:
        value = self._parse(key)
        if len(self) < self._limit:
            self[key] = value
        return value


class TextMemory(Memory[bytes, V]):
    """The same for texts of a file. Long ones are not kept: they seldom recur, and thousands of them would be much."""

    def __missing__(self, key: bytes) -> V:
        value = self._parse(key)
        if len(self) < self._limit and len(key) <= _LONGEST_TEXT:
            self[key] = value
        return value


def to_cents(raw: bytes) -> int | None:
    """An X12 amount (`100`, `-12.5`, `.07`) in cents; None for what is none, a fraction of a cent included."""
    digits = raw.replace(b".", b"", 1)
    if raw[-3:-2] == b"." and digits.isdigit() and len(digits) < 18:
        return int(digits)
    if raw.isdigit() and len(raw) < 18:
        return int(raw) * 100
    return _unusual(raw)


def _unusual(raw: bytes) -> int | None:
    found = _AMOUNT.fullmatch(raw.strip())
    if found is None or not (found[2] or found[3]):
        return None
    fraction = (found[3] or b"").rstrip(b"0")
    if len(fraction) > 2:
        return None
    cents = int((found[2] or b"0") + fraction.ljust(2, b"0"))
    return -cents if found[1] == b"-" else cents


def to_dollars(cents: int) -> Decimal:
    """Cents as dollars with two decimals."""
    return cents * _CENT
