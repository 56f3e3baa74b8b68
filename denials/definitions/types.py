"""The shape of a definition."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Definition:
    """One number. `anchor` is its place on the page and never changes; `keys` are its names in JSON."""

    anchor: str
    name: str
    formula: str
    denominator: str  # "" where it is no share
    date: str  # which day decides the period it is counted in
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Definitions that belong together."""

    title: str
    definitions: tuple[Definition, ...]


REMIT = "remittance date"
FIRST = "date of the remittance that first denied it"
OUTCOME = "day of the final outcome"
NOW = "now, whatever the period"
