"""Cells of CSV files that people open in a spreadsheet."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # the wide ones begin a formula in some languages


def cell(text: str | None) -> str:
    """A text that no spreadsheet takes for a formula, on one line."""
    if not text:
        return ""
    flat = " ".join(text.splitlines()) if "\n" in text or "\r" in text else text
    return f"'{flat}" if flat.startswith(_FORMULA) else flat
