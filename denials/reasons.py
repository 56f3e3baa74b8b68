"""Why work changes teams: the fixed words people choose from, so that hand-offs can be counted and say nothing else."""

from __future__ import annotations

from enum import StrEnum


class HandOffReason(StrEnum):
    """Why an item is handed off, in the words that people choose."""

    WRONG_CATEGORY = "Wrong category"
    NOT_OURS = "Another team fixes this"
    OUR_PART_DONE = "Our part is done, theirs is next"
    NEEDS_INFORMATION = "Needs information from that team"
    NO_CAPACITY = "No capacity in our team now"
