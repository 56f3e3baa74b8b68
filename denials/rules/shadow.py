"""Whether one condition covers another, so that a row behind it can never be reached.

Every answer errs toward no: `True` means that whatever the narrow condition accepts, the wide one accepts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from denials.rules.labels import plain
from denials.rules.model import DeadlineRow, Match


@lru_cache(maxsize=4096)
def glob_covers(wide: str, narrow: str) -> bool:
    """Whether every name that `narrow` matches is matched by `wide`. Sets (`[abc]`) are compared as written only."""
    wide, narrow = plain(wide), plain(narrow)
    if wide in ("*", narrow):
        return True
    return "[" not in wide + narrow and _covers(wide, narrow)


def _covers(wide: str, narrow: str) -> bool:
    """Matches the narrow pattern as a text, whose own `*` only a `*` may absorb; one row of the table at a time."""
    reached = [True] + [False] * len(narrow)
    for char in wide:
        before = reached
        reached = [char == "*" and before[0]]
        for index, other in enumerate(narrow):
            if char == "*":
                reached.append(before[index + 1] or reached[index])
            else:
                reached.append(before[index] and other != "*" and char in (other, "?"))
    return reached[-1]


def _all_covered(
    wide: Iterable[str], narrow: Iterable[str], covers: Callable[[str, str], bool] = lambda a, b: a == b
) -> bool:
    """Whether a list of alternatives accepts all that another one does; an empty list accepts everything."""
    wide, narrow = tuple(wide), tuple(narrow)
    if not wide or (covers is glob_covers and "*" in wide):
        return True
    return bool(narrow) and all(any(covers(one, other) for one in wide) for other in narrow)


def status_covers(wide: str, narrow: str) -> bool:
    """`A3` covers `A3:21`, which covers `A3:21:40`."""
    return narrow == wide or narrow.startswith(f"{wide}:")


def match_covers(wide: Match, narrow: Match) -> bool:
    """Whether a rule with the wide conditions, standing earlier, takes everything from the narrow one."""
    return (
        wide.min_amount <= narrow.min_amount
        and _all_covered(wide.carc, narrow.carc)
        and _all_covered(wide.payer, narrow.payer, glob_covers)
        and _all_covered(wide.procedure, narrow.procedure, glob_covers)
        and _all_covered(wide.location, narrow.location, glob_covers)
        and _all_covered(wide.practice, narrow.practice, glob_covers)
        and _all_covered(wide.status_code, narrow.status_code, status_covers)
        and _all_covered(wide.rarc, narrow.rarc)
        and _all_covered(wide.group, narrow.group)
        and _all_covered(wide.filing_indicator, narrow.filing_indicator)
        and _all_covered(wide.payer_id, narrow.payer_id)
    )


def deadline_covers(wide: DeadlineRow, narrow: DeadlineRow) -> bool:
    """The same for two rows of the deadlines."""
    return (
        _all_covered(wide.payer, narrow.payer, glob_covers)
        and _all_covered(wide.payer_id, narrow.payer_id)
        and _all_covered(wide.filing_indicator, narrow.filing_indicator)
    )
