"""What a reader hands out beside claims: one line about what it could not take as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class RowError:
    """A remark on one row or claim; the rest of the file goes in.

    `line` is the line of the file, or the segment's number for X12, from 1. `message` holds nothing of the file.
    `kind` is "rejected" where the row or claim was left out, "warning" where it was taken but does not add up.
    """

    line: int
    message: str
    kind: Literal["rejected", "warning"] = "rejected"
