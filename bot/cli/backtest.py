"""How `denials rules backtest` writes its answer for people."""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from datetime import date

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.output import counted, money
from denials.rules.backtest import Backtest, Total
from denials.rules.model import RuleSet

_NARROWEST = 120  # narrower, and names would be broken into two lines


def backtest_text(found: Backtest, before: RuleSet, after: RuleSet, since: date | None) -> str:
    """Moves, then what each category and owner would have more or less of. Titles are those of the changed rules."""
    span = f" remitted since {since.isoformat()}" if since else ""
    lines = [f"{counted(found.denials, 'denial')} stored{span}, {money(found.amount)}."]
    if not found.moves:
        return "\n".join([*lines, "None of them would get another category or owner. Nothing was changed."])
    lines.append(f"{found.moved:,} of them, {money(found.moved_amount)}, would move. Nothing was changed.")
    moves = [
        (
            f"{_category(move.from_category, before)}, {_owner(move.from_owner, before)}",
            f"{_category(move.to_category, after)}, {_owner(move.to_owner, after)}",
            f"{move.count:,}",
            money(move.amount),
            ", ".join(move.decided_by[:3]) + (" …" if len(move.decided_by) > 3 else ""),
        )
        for move in found.moves
    ]
    parts = [
        "\n".join(lines),
        _table(("From", "To", "Denials", "Dollars", "Decided by"), moves, numbers=(2, 3)),
        _totals("Category", [(_category(one.name or "", after), one) for one in found.categories]),
        _totals("Owner", [(_owner(one.name, after), one) for one in found.owners]),
    ]
    return "\n\n".join(part for part in parts if part)


def _totals(heading: str, totals: Sequence[tuple[str, Total]]) -> str:
    rows = [
        (name, f"{one.before:,}", money(one.before_amount), f"{one.after:,}", money(one.after_amount))
        for name, one in totals
    ]
    return _table((heading, "Now", "Dollars now", "Then", "Dollars then"), rows, numbers=(1, 2, 3, 4)) if rows else ""


def _category(name: str, rules: RuleSet) -> str:
    return rules.category_title(name)


def _owner(name: str | None, rules: RuleSet) -> str:
    found = rules.owners.get(name) if name else None
    return found.title if found else name or "nobody (ops channel)"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> str:
    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for place, heading in enumerate(headings):
        right = place in numbers
        made.add_column(heading, justify="right" if right else "left", no_wrap=right, overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    written = io.StringIO()
    Console(file=written, width=max(_NARROWEST, shutil.get_terminal_size().columns), color_system=None).print(made)
    return "\n".join(line.rstrip() for line in written.getvalue().strip("\n").splitlines())
