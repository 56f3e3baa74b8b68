"""The shipped code tables: what an adjustment or remark code means and where it usually belongs.

CARC (claim adjustment reason code) and RARC (remittance advice remark code) are read from
`denials/data/*.csv`. The descriptions are this project's own words; `rules.yaml` overrides every row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

VERSION = 1
"""Raised with every change to a table, so that a stored decision can name the table it came from."""

AdjustmentClass = Literal["denial", "write_down", "patient_share", "informational"]
"""How one adjustment counts: refused money, contract reduction, the patient's part, or news only."""

GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "CO": "contractual obligation",
        "PR": "patient responsibility",
        "OA": "other adjustment",
        "PI": "payer initiated reduction",
        "CR": "correction or reversal",
    }
)
"""CAS group codes. CR is 4010 only and is accepted on input."""

GENERIC_CARCS = frozenset({"16", "96", "226", "227", "A1"})
"""CARCs that say almost nothing without their remark code: a RARC beats them."""

PATIENT_SHARE = frozenset({"1", "2", "3", "66", "85", "122", "142", "178", "241", "247", "248"})
CONTRACTUAL = frozenset({"44", "45", "103", "104", "105", "131", "144", "209", "245", "253", "237"})
OTHER_INFORMATIONAL = frozenset({"23", "94"})

# How the table's "depends" rows are decided; what is in none of these sets is a denial, because a denial
# taken for a write-down is money lost while the opposite costs somebody one click.
_PRIOR_PAYER = frozenset({"23", "275"})
_REDUCTION = frozenset({"59", "169", "203", "215", "238", "B4", "B10", "B22", "P22"})
_AWAITING = frozenset({"133", "257", "277", "290", "291", "292", "298", "300", "305", "B11", "P8", "P10", "P11"})
_PATIENT_WHEN_PR = frozenset({"201", "P3"})

_CARC = re.compile(r"[0-9]{1,3}|[ABDPWY][0-9]{1,2}")
_RARC = re.compile(r"(?:M|MA|N)[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class Carc:
    """One row of `carc.csv`. `category` is "none" where the code names no cause that someone could mend."""

    code: str
    group_dependent: bool
    category: str
    preventable: Literal["y", "partly", "n", "na"]
    is_denial: Literal["y", "n", "depends"]
    description: str
    secondary_category: str
    subcause: str
    severity: Literal["soft", "hard", "either", "na"]
    default_action: str
    status: Literal["active", "legacy"]


@dataclass(frozen=True, slots=True)
class Rarc:
    """One row of `rarc.csv`. `category` is "none" for remarks that only inform."""

    code: str
    category: str
    subcause: str
    preventable: Literal["y", "partly", "n", "na"]
    description: str


@dataclass(frozen=True, slots=True)
class PayerDeadline:
    """One row of `payer_deadlines.csv`: limits in days (None: not known) and how far to trust them."""

    payer_match: str
    plan_type: str
    claim_filing_days: int | None
    level1_name: str
    level1_days: int | None
    level2_name: str
    level2_days: str
    clock_start: str
    confidence: str
    source: str


def normal_code(text: str) -> str:
    """A CARC or RARC as the tables spell it: upper case, no spaces, no leading zeros ("016" is "16")."""
    code = "".join(text.split()).upper()
    return code.lstrip("0") or code if code.isdigit() else code


def looks_like_carc(text: str) -> bool:
    """Whether the text has the shape of a CARC, known or not: three digits, or a letter and two."""
    return _CARC.fullmatch(text.upper()) is not None


def looks_like_rarc(text: str) -> bool:
    """Whether the text has the shape of a RARC, known or not: M, MA or N and digits."""
    return _RARC.fullmatch(text.upper()) is not None


def looks_like_group(text: str) -> bool:
    """Whether the text is one of the five CAS group codes."""
    return text.upper() in GROUPS


def carc(code: str) -> Carc | None:
    """The table's row for a CARC, or None where the table has none."""
    return carcs().get(normal_code(code))


def rarc(code: str) -> Rarc | None:
    """The table's row for a RARC, or None where the table has none."""
    return rarcs().get(normal_code(code))


def meaning(code: str) -> str:
    """A CARC or RARC in plain words; a group in front ("CO-197") is ignored; an unknown code says so."""
    plain = normal_code(code)
    group, _, rest = plain.partition("-")
    if rest and looks_like_group(group):
        plain = normal_code(rest)
    row = carcs().get(plain) or rarcs().get(plain)
    return row.description if row else "Not in the code table"


@lru_cache(maxsize=4096)
def classify_adjustment(group: str, carc_code: str, *, unpaid: bool = True) -> AdjustmentClass:
    """How an adjustment counts, by `group_rules.csv` and the CARC's row.

    `unpaid` says that nothing was paid on the line (or claim) the adjustment stands on; the reduction codes
    among the "depends" rows (59 multiple procedures, B10 component…) are denials only then. The others:

    - 23 and 275 carry over what an earlier payer did: informational (275 under PR is patient share);
    - codes of a claim still undecided or passed on (133, 257, B11…): informational under OA, else a denial
      for follow-up;
    - everything else, and every code the table does not know: a denial, so that nothing is dropped.

    PI has no contract behind it, so "depends" is a denial there. CR belongs to a reversal and is never a new
    denial. A missing group is read like CO, but the patient's own codes stay the patient's.
    """
    group, code = group.strip().upper(), normal_code(carc_code)
    if group == "CR":
        return "informational"
    if (group == "PR" and code in PATIENT_SHARE) or (group not in GROUPS and code in PATIENT_SHARE - {"178"}):
        return "patient_share"
    if group == "CO" and code in CONTRACTUAL:
        return "write_down"
    if group == "OA" and code in OTHER_INFORMATIONAL:
        return "informational"
    row = carcs().get(code)
    if row is None or row.is_denial == "y":
        return "denial"
    if row.is_denial == "n":
        return _harmless(group)
    return _depends(group, code, unpaid)


def _harmless(group: str) -> AdjustmentClass:
    if group == "PR":
        return "patient_share"
    return "informational" if group == "OA" else "write_down"


def _depends(group: str, code: str, unpaid: bool) -> AdjustmentClass:
    if group == "PI":
        return "denial"
    if code in _PRIOR_PAYER:
        return "patient_share" if (group, code) == ("PR", "275") else "informational"
    if code in _AWAITING and group == "OA":
        return "informational"
    if code in _REDUCTION and not unpaid:
        return _harmless(group)
    if code in _PATIENT_WHEN_PR and group == "PR":
        return "patient_share"
    return "denial"


@cache
def carcs() -> Mapping[str, Carc]:
    """Every row of `carc.csv` by its code."""
    rows = (
        Carc(**(row | {"group_dependent": row["group_dependent"] == "y"}))  # type: ignore[arg-type]  # tests check rows
        for row in _read("carc.csv")
    )
    return MappingProxyType({row.code: row for row in rows})


@cache
def rarcs() -> Mapping[str, Rarc]:
    """Every row of `rarc.csv` by its code."""
    return MappingProxyType({row["code"]: Rarc(**row) for row in _read("rarc.csv")})  # type: ignore[arg-type]  # as above


@cache
def group_rules() -> Mapping[str, str]:
    """The sentence of `group_rules.csv` for each group code."""
    return MappingProxyType({row["group"]: row["rule"] for row in _read("group_rules.csv")})


@cache
def payer_deadlines() -> tuple[PayerDeadline, ...]:
    """Every row of `payer_deadlines.csv`, in its order."""
    return tuple(
        PayerDeadline(
            payer_match=row["payer_match"],
            plan_type=row["plan_type"],
            claim_filing_days=_days(row["claim_filing_days"]),
            level1_name=row["level1_name"],
            level1_days=_days(row["level1_days"]),
            level2_name=row["level2_name"],
            level2_days=row["level2_days"],
            clock_start=row["clock_start"],
            confidence=row["confidence"],
            source=row["source"],
        )
        for row in _read("payer_deadlines.csv")
    )


def _days(text: str) -> int | None:
    return int(text) if text else None


def _read(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("denials").joinpath("data", name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())
