"""Other readers of 835 files that Python has, each told to find the same: claims and the adjustments that deny.

Run with the interpreter that has them, one reader and file at a time: `python -m benchmarks.peers NAME FILE`. Exit
status 3 where the reader is not installed. Nothing of this project is imported here besides the measuring.
"""

# Some of these libraries have no types, and they are not installed where types are checked.
# mypy: disable-error-code="import-not-found, import-untyped, no-untyped-call"

from __future__ import annotations

import importlib.metadata
import sys
import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.measure import Found, measured, report

MISSING = 3
CONTRACTUAL = frozenset({("CO", "45"), ("PR", "1"), ("PR", "2"), ("PR", "3")})
"""What the generated file has besides denials."""


def floor(path: Path) -> Found:
    """No reader at all: the bytes are split at the terminator and looped over."""
    parts = path.read_bytes().split(b"~")
    for _ in parts:
        pass
    return Found(segments=len(parts) - 1)


def by_oxedi(path: Path) -> Found:
    """Its tables, joined and filtered as polars data frames."""
    import oxedi
    import polars

    tables = oxedi.parse_file(str(path)).tables
    claims = tables["claims"].to_polars()
    rows = tables["adjustments"].to_polars().with_columns(polars.col("group_code", "reason_code").cast(polars.String))
    code = polars.concat_str("group_code", "reason_code")
    denied = rows.filter(~code.is_in([group + reason for group, reason in CONTRACTUAL]))
    named = denied.join(claims.select("row", "claim_id"), left_on="claim", right_on="row")
    cents = seen = 0
    for _claim, _group, _reason, amount in named.select("claim_id", "group_code", "reason_code", "amount").iter_rows():
        seen += 1
        cents += _cents(amount)
    return Found(claims=len(claims), denials=seen, denied_cents=cents)


def by_x12sdk(path: Path) -> Found:
    """Its segment reader; the denials are picked out of the CAS segments here."""
    from x12sdk.io import X12SegmentReader

    with X12SegmentReader(str(path)) as reader:
        return _folded((name, fields[1:]) for name, fields in reader.segments())


def by_pyx12(path: Path) -> Found:
    """Its segment reader; the denials are picked out of the CAS segments here."""
    import pyx12.x12file

    def segments() -> Iterator[tuple[str, list[str]]]:
        for segment in pyx12.x12file.X12Reader(str(path)):
            name = segment.get_seg_id()
            places = range(1, len(segment) + 1) if name == "CAS" else ()
            yield name, [segment.get_value(f"{name}{place:02d}") or "" for place in places]

    return _folded(segments())


def by_openx12(path: Path) -> Found:
    """Its claims with their services and adjustments, as dictionaries."""
    from openx12 import x835

    claims = x835.parse(path.read_text(encoding="ascii")).claims
    adjustments = (
        (adjustment["group"], adjustment["reason"], adjustment["amount"])
        for claim in claims
        for level in (claim, *claim["services"])
        for adjustment in level.get("adjustments", ())
    )
    denied = [amount for group, reason, amount in adjustments if (group, reason) not in CONTRACTUAL]
    return Found(claims=len(claims), denials=len(denied), denied_cents=sum(round(amount * 100) for amount in denied))


def by_edi_835_parser(path: Path) -> Found:
    """Its objects for claims, services and adjustments; its data frame refuses a file with several payers."""
    import edi_835_parser

    warnings.simplefilter("ignore")  # it warns of every segment that it does not keep
    claims = [claim for transaction in edi_835_parser.parse(str(path)) for claim in transaction.claims]
    adjustments = [
        (adjustment.group_code.code, adjustment.reason_code.code, adjustment.amount)
        for claim in claims
        for service in claim.services
        for adjustment in service.adjustments
    ]
    denied = [amount for group, reason, amount in adjustments if (group, reason) not in CONTRACTUAL]
    return Found(claims=len(claims), denials=len(denied), denied_cents=sum(_cents(amount) for amount in denied))


def _folded(segments: Iterator[tuple[str, list[str]]]) -> Found:
    """Claims and denials of segments, each a name and its elements."""
    seen = claims = denials = cents = 0
    for name, elements in segments:
        seen += 1
        if name == "CLP":
            claims += 1
        elif name == "CAS":
            for place in range(1, len(elements) - 1, 3):
                if (elements[0], elements[place]) not in CONTRACTUAL:
                    denials += 1
                    cents += _cents(elements[place + 1])
    return Found(claims=claims, denials=denials, denied_cents=cents, segments=seen)


def _cents(amount: Any) -> int:
    return int(Decimal(str(amount)).scaleb(2).to_integral_value())


READERS: dict[str, tuple[str | None, Callable[[Path], Found]]] = {
    "floor": (None, floor),
    "oxedi": ("oxedi", by_oxedi),
    "x12sdk": ("x12sdk", by_x12sdk),
    "pyx12": ("pyx12", by_pyx12),
    "openx12": ("openx12", by_openx12),
    "edi-835-parser": ("edi-835-parser", by_edi_835_parser),
}
"""By name: the distribution it needs, and how it reads."""

_IMPORTS = {
    "oxedi": ("oxedi", "polars"),
    "x12sdk": ("x12sdk.io",),
    "pyx12": ("pyx12.x12file",),
    "openx12": ("openx12",),
    "edi-835-parser": ("edi_835_parser",),
}


def versions() -> dict[str, str]:
    """Which of the readers are installed here, with their versions."""
    found = {}
    for name, (distribution, _) in READERS.items():
        if distribution is None:
            continue
        try:
            for module in _IMPORTS[name]:
                importlib.import_module(module)
            found[name] = importlib.metadata.version(distribution)
        except ImportError:
            continue
    return found


def main() -> None:
    """Measure one reader on one file, or, without arguments, say which readers there are."""
    if len(sys.argv) == 1:
        for name, version in versions().items():
            print(name, version)
        return
    name, path = sys.argv[1], Path(sys.argv[2])
    _, read = READERS[name]
    try:
        for module in _IMPORTS.get(name, ()):
            importlib.import_module(module)
    except ImportError:
        sys.exit(MISSING)
    report(measured(lambda: read(path)))


if __name__ == "__main__":
    main()
