"""The chance to overturn a denial, from this practice's own decided outcomes by code and payer."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from sqlmodel import Session

from denials.model import Kind
from denials.ranking import PRIOR, chance
from denials.rules.labels import UNLISTED_PAYER
from store import outcomes
from store.outcomes import Ended
from store.tables import Item

LEARNED_FROM = timedelta(days=730)  # payers change their ways; what ended longer ago says little
MOST_OUTCOMES = 50_000  # the latest ones, so that learning costs the same however long the past is
_KEPT_S = 300.0
RENEWED_S = 200.0  # how often a running bot works them out, so that nobody has to wait for it


@dataclass(frozen=True, slots=True)
class Odds:
    """A chance to overturn and the decided denials behind it: those with this code and payer, those with this code."""

    chance: Decimal = PRIOR
    overturned: int = 0
    decided: int = 0
    code_overturned: int = 0
    code_decided: int = 0


EVEN = Odds()


class Chances:
    """The odds by first code and payer label. The odds of a code are the prior for that code with one payer."""

    def __init__(self, ended: Iterable[Ended] = ()) -> None:
        self._both: Counter[tuple[str, str, bool]] = Counter()
        self._code: Counter[tuple[str, bool]] = Counter()
        for row in ended:
            if row.payer != UNLISTED_PAYER:  # many payers behind one label
                self._both[row.code, row.payer, True] += row.overturned
                self._both[row.code, row.payer, False] += row.decided - row.overturned
            self._code[row.code, True] += row.overturned
            self._code[row.code, False] += row.decided - row.overturned
        self._found: dict[tuple[str, str], Odds] = {}

    def of(self, code: str, payer: str) -> Odds:
        """The odds of a denial with this first code from this payer."""
        if not code:
            return EVEN
        found = self._found.get((code, payer))
        if found is None:
            found = self._found[code, payer] = self._work_out(code, payer)
        return found

    @cached_property
    def highest(self) -> Decimal:
        """No denial's chance is above this."""
        known = {(code, payer) for code, payer, _ in self._both} | {(code, UNLISTED_PAYER) for code, _ in self._code}
        return max([EVEN.chance, *(self.of(code, payer).chance for code, payer in known)])

    def of_item(self, item: Item) -> Odds:
        """The odds of a work item; even where it is no denial that a payer has decided."""
        if item.kind != Kind.DENIAL:
            return EVEN
        return self.of(item.first_code or item.codes.partition(",")[0], item.payer_label)

    def _work_out(self, code: str, payer: str) -> Odds:
        won, all_won = self._both[code, payer, True], self._code[code, True]
        decided, all_decided = won + self._both[code, payer, False], all_won + self._code[code, False]
        prior = chance(all_won, all_decided)
        return Odds(chance(won, decided, prior=prior), won, decided, all_won, all_decided)


NOTHING_KNOWN = Chances()


class ChanceBook:
    """The chances as they were a few minutes ago at most, worked out anew when somebody asks."""

    def __init__(self, kept_s: float = _KEPT_S) -> None:
        self._kept_s = kept_s
        self._lock = threading.Lock()
        self._known: Chances | None = None
        self._until = 0.0

    def read(self, session: Session, now: datetime) -> Chances:
        """The chances. `now` is the practice's time; how long they are kept is measured in real time."""
        known = self._known
        if known is not None and time.monotonic() < self._until:
            return known
        if not self._lock.acquire(blocking=known is None):
            return known or NOTHING_KNOWN  # another thread is at it; what was known will do
        try:
            if self._known is known:
                self._learn(session, now)
            return self._known or NOTHING_KNOWN
        finally:
            self._lock.release()

    def renew(self, session: Session, now: datetime) -> None:
        """Work them out anew before anybody has to wait for it."""
        with self._lock:
            self._learn(session, now)

    def forget(self) -> None:
        """Have them worked out anew the next time."""
        self._until = 0.0

    def _learn(self, session: Session, now: datetime) -> None:
        self._known = Chances(outcomes.decided(session, now - LEARNED_FROM, MOST_OUTCOMES))
        self._until = time.monotonic() + self._kept_s
