"""What every number means: one row each, from which the page in the docs, the bot's own page and reports are made.

A number that is a share has a denominator, and every number has a date that decides which period it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator

from denials.definitions.prevention import REVIEWS
from denials.definitions.report import PAYERS, WEEKLY
from denials.definitions.types import Definition, Section
from denials.definitions.volume import CLAIMS, VOLUME
from denials.definitions.work import OPEN, OUTCOMES

__all__ = ["SECTIONS", "Definition", "Section", "everything"]

SECTIONS = (VOLUME, CLAIMS, OUTCOMES, OPEN, PAYERS, WEEKLY, REVIEWS)


def everything() -> Iterator[Definition]:
    """All definitions in the order of the page."""
    for section in SECTIONS:
        yield from section.definitions
