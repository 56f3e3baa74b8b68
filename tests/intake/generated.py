"""Random valid remittances with known truth, in random styles."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from tests.remits import Cas, Claim, Delimiters, Line, claim, interchange, line, transaction

CODES = (
    *(("CO", code) for code in ("16", "18", "22", "29", "45", "50", "97", "197", "253", "B7", "A1")),
    *(("PR", code) for code in ("1", "2", "3", "27", "204")),
    *(("OA", code) for code in ("18", "23", "94", "109")),
    ("PI", "204"),
)
RARCS = ("N290", "M51", "MA04", "N30", "M127", "N522", "MA130")
PROCEDURES = ("99213", "97110", "J1100", "D0120", "0001F", "G0283")
STATUSES = ("1", "1", "1", "2", "3", "4", "19", "22", "23", "25")
MARKS = (
    Delimiters(),
    Delimiters(newline=""),
    Delimiters(newline="\r\n"),
    Delimiters("|", ">", "~", "^", "\n"),
    Delimiters("*", ":", "\n", "^", ""),
    Delimiters("*", "<", "'", "!", ""),
)


@dataclass(frozen=True)
class Style:
    """How one interchange is written."""

    marks: Delimiters
    version: str
    groups: int


@dataclass(frozen=True)
class File:
    """A file with everything that is in it, in order."""

    text: str
    claims: tuple[Claim, ...]
    interchanges: int


def some_claim(draw: random.Random, number: str) -> Claim:
    """A claim that adds up: at claim level, on its lines or both."""
    lines = [_some_line(draw) for _ in range(draw.choice((0, 1, 1, 2, 3)))]
    status = draw.choice(STATUSES)
    if not lines:
        charge, cas = _some_adjustments(draw, draw.randrange(1000, 200_000))
        return claim(number, charge, cas=cas, status=status, remarks=_some_remarks(draw), date=_some_day(draw))
    charge = sum((each.charge for each in lines), Decimal(0))
    paid = sum((each.paid for each in lines), Decimal(0))
    upper: list[Cas] = []
    if paid > 0 and draw.random() < 0.3:
        upper = [(*draw.choice(CODES), paid / 2 if paid % 2 == 0 else paid)]
    return claim(
        number,
        charge,
        status=status,
        cas=upper,
        lines=lines,
        remarks=_some_remarks(draw),
        date=_some_day(draw),
        filing=draw.choice(("12", "MB", "HM", "")),
        inpatient=draw.random() < 0.2,
    )


def _some_line(draw: random.Random) -> Line:
    charge, cas = _some_adjustments(draw, draw.randrange(100, 90_000))
    return line(charge, cas=cas, remarks=_some_remarks(draw), procedure=draw.choice(PROCEDURES), date=_some_day(draw))


def _some_adjustments(draw: random.Random, cents: int) -> tuple[Decimal, list[Cas]]:
    charge, left, cas = Decimal(cents) / 100, cents, []
    for group, code in draw.sample(CODES, k=draw.choice((0, 1, 1, 2, 3, 9))):
        part = left if draw.random() < 0.4 else draw.randrange(0, left + 1)
        if part:
            cas.append((group, code, Decimal(part) / 100))
        left -= part
    return charge, sorted(cas, key=lambda row: row[0])


def _some_remarks(draw: random.Random) -> list[str]:
    return draw.sample(RARCS, k=draw.choice((0, 0, 1, 2)))


def _some_day(draw: random.Random) -> date | None:
    return draw.choice((None, date(2026, 1, 1) + timedelta(days=draw.randrange(60))))


def some_file(draw: random.Random, styles: list[Style]) -> File:
    """A file of several interchanges, some of whose transactions may be empty."""
    texts: list[str] = []
    built: list[Claim] = []
    for control, style in enumerate(styles, 1):
        parts: list[list[Claim]] = [
            [some_claim(draw, f"C{control}-{place}-{row}") for row in range(draw.choice((0, 1, 2, 5)))]
            for place in range(draw.randrange(style.groups, 4))
        ]
        bodies = [
            transaction(rows, trace=f"T{control}-{place}", plb=draw.choice(((), (), (("WO:1", "12.50"),))))
            for place, rows in enumerate(parts)
        ]
        texts.append(
            interchange(bodies, delimiters=style.marks, version=style.version, control=control, groups=style.groups)
        )
        built += [row for group in range(style.groups) for rows in parts[group :: style.groups] for row in rows]
    return File("".join(texts), tuple(built), len(styles))


def styles(marks: tuple[Delimiters, ...] = MARKS) -> st.SearchStrategy[Style]:
    """Interchange styles."""
    versions = st.sampled_from(("005010X221A1", "005010X221", "004010X091A1"))
    return st.builds(Style, st.sampled_from(marks), versions, st.integers(1, 2))


def files(most: int = 3, marks: tuple[Delimiters, ...] = MARKS) -> st.SearchStrategy[File]:
    """Files of up to so many interchanges."""
    build: Callable[[random.Random, list[Style]], File] = some_file
    return st.builds(build, st.randoms(use_true_random=False), st.lists(styles(marks), min_size=1, max_size=most))
