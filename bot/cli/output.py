"""How the command line writes: money, JSON lines, tables of plain text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import typer

from denials.errors import SettingsError

_SPAN = re.compile(r"([0-9]{1,5})d?")


def days_of(text: str) -> int:
    """`30d` or `30` as a number of days. Raises SettingsError for anything else."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None or not 1 <= int(found[1]) <= 3660:
        raise SettingsError("a span is a number of days from 1d to 3660d, such as 30d")
    return int(found[1])


def money(amount: Decimal) -> str:
    """`$1,234.50`."""
    return f"-${-amount:,.2f}" if amount < 0 else f"${amount:,.2f}"


def json_line(data: Mapping[str, Any] | Sequence[Any]) -> None:
    """One JSON document on one line of stdout."""
    typer.echo(json.dumps(data, ensure_ascii=False))


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 claim`, `2 claims`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Rows of text in columns; `right` names the columns (from 0) that are right-aligned."""
    if not rows:
        return ""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [cell.rjust(widths[n]) if n in right else cell.ljust(widths[n]) for n, cell in enumerate(row)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
