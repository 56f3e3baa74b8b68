"""The shipped table of claim status codes: why a payer or clearinghouse did not take a claim in (277CA).

A rejection carries codes such as `A7:562:85`: category (A3, A6, A7, A8), status and the entity it is about. The texts
of `denials/data/claim_status.csv` are this project's own words; `match.status_code` in rules.yaml overrides every row.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

REJECTED = frozenset({"A3", "A6", "A7", "A8"})
"""Status categories that refuse a claim before anybody decides on it; every other one only informs."""

PAYER_ENTITY = "PR"


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """One row of `claim_status.csv`. `category` is "none" where the code does not say what is wrong."""

    code: str
    category: str
    description: str


@cache
def claim_statuses() -> Mapping[str, ClaimStatus]:
    """Every row of the table by its status code."""
    text = resources.files("denials").joinpath("data", "claim_status.csv").read_text(encoding="utf-8")
    return MappingProxyType({row["code"]: ClaimStatus(**row) for row in csv.DictReader(text.splitlines())})


def claim_status(composite: str) -> ClaimStatus | None:
    """The row for a code as a rejection carries it (`A7:562:85`, `A7:562` or `562`), or None where there is none."""
    parts = composite.split(":")
    return claim_statuses().get((parts[1] if len(parts) > 1 else parts[0]).lstrip("0"))


def category_of(composite: str) -> str | None:
    """The category a status code leads to, or None where it does not say what is wrong.

    What is wrong with the payer's own identity (entity PR) means that the claim went to the wrong one.
    """
    row = claim_status(composite)
    if row is None or row.category == "none":
        return None
    return "eligibility" if composite.split(":")[2:3] == [PAYER_ENTITY] else row.category
