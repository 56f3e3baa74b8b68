"""Retention: denials that have been over for long are deleted, with everything kept of them but the counts.

What goes: the item with its sealed facts, its log, its denied amounts, its messages (in Slack they stay as they are),
and the decisions on claims that no item is left of. What stays: the daily counts, how denials ended by day, the files'
hashes, the remittances without their claims, and the log of look-ups.
"""

from __future__ import annotations

import calendar
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from denials.business_time import calendar_of
from denials.errors import SettingsError
from services import recount as counting
from services.desk import Desk
from store import claims, jobs, purged, recount
from store import purge as stored
from store.migrate import HEAD, require_own, revision_of
from store.rollups import Tally

JOB = "retention"
_SPAN = re.compile(r"([0-9]{1,4})(mo|d)")
_FEWEST_DAYS, _FEWEST_MONTHS = 30, 1


@dataclass(frozen=True, slots=True)
class Keep:
    """How long resolved denials are kept: calendar months or days."""

    count: int
    months: bool

    def before(self, today: date) -> date:
        """What was resolved before this day goes."""
        if not self.months:
            return today - timedelta(days=self.count)
        year, month = divmod(today.year * 12 + today.month - 1 - self.count, 12)
        return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Purged:
    """How much went, or would go: items, and claims without one."""

    before: date
    items: int
    claims: int


def parse(text: str) -> Keep:
    """`24mo` or `730d`. Raises SettingsError."""
    found = _SPAN.fullmatch(text.strip().lower())
    fewest = _FEWEST_MONTHS if found and found[2] == "mo" else _FEWEST_DAYS
    if found is None or not fewest <= int(found[1]) <= (1200 if found[2] == "mo" else 9999):
        raise SettingsError("resolved denials are kept for months or days, such as 24mo or 730d; at least 1mo or 30d")
    return Keep(int(found[1]), months=found[2] == "mo")


def look(desk: Desk, keep: Keep) -> Purged:
    """What would go; nothing is deleted.

    A claim that only items to be deleted stand for is not counted yet among the claims.
    """
    before, moment = _limit(desk, keep)
    with desk.db.read() as session:
        items = stored.count_over(session, moment, before)
    return Purged(before, items, _claims(desk, before, dry_run=True))


def purge(desk: Desk, keep: Keep, progress: Callable[[int, int], None] | None = None) -> Purged:
    """Delete what is over, a portion per transaction. What is interrupted goes on the next time.

    Raises SettingsError where the schema is a newer version's.
    """
    require_own(desk.db)
    before, moment = _limit(desk, keep)
    with desk.db.read() as session:
        total = stored.count_over(session, moment, before)
    items, last = 0, 0
    while total:
        with desk.db.write() as session:
            _begin(session)
            found = stored.over(session, moment, before, last)
            kept = stored.still_told(session, found)
            gone = [number for number in found if number not in kept]
            if gone:
                purged.add_counts(session, _counts(session, desk, gone))
                stored.delete_items(session, gone)
        items += len(gone)
        if progress is not None:
            progress(items, max(items, total))
        if len(found) < stored.PORTION:
            break
        last = found[-1]
    _leftovers(desk, moment)
    return Purged(before, items, _claims(desk, before, dry_run=False))


def purge_due(desk: Desk, keep: Keep) -> Purged | None:
    """`purge` once a day, by whichever process is first; None where it was done today."""
    day = desk.today().isoformat()
    if revision_of(desk.db) != HEAD:  # a newer version is being rolled out: it does this, and knows what it added
        return None
    with desk.db.read() as session:
        if jobs.slot_taken(session, JOB, day):
            return None
    with desk.db.write() as session:
        if not jobs.take_slot(session, JOB, day, desk.now()):
            return None
    return purge(desk, keep)


def _limit(desk: Desk, keep: Keep) -> tuple[date, datetime]:
    before = keep.before(desk.today())
    return before, calendar_of(desk.rules).midnight(before)


def _begin(session: Session) -> None:
    """No file goes in meanwhile: it might bring a repeat of what is just being deleted."""
    claims.begin_ingest(session)
    stored.overwrite_deleted(session)


def _counts(session: Session, desk: Desk, ids: Sequence[int]) -> dict[tuple[str, date, str], list[int]]:
    """What these items count: as denials on the day of the remittance, and how they ended on the day of that."""
    tally = Tally()
    counting.count_items(tally, recount.items(session, ids), recount.denied_on(session, ids))
    found: dict[tuple[str, date, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0], tally.denials)
    zone = desk.rules.timezone
    for one in stored.ends(session, ids):
        found[purged.PREVENTABLE, one.first_remit_date, one.preventable][0] += 1
        if one.resolved_at is None or one.history:
            continue
        day = one.resolved_at.astimezone(zone).date()
        found["outcome", day, one.outcome or ""][0] += 1
        found["recovered", day, ""][1] += one.recovered_cents or 0
        found["written_off", day, ""][1] += one.written_off_cents or 0
    days = Counter(at.astimezone(zone).date() for at in stored.hand_offs(session, ids))
    for day, number in days.items():
        found["handed_off", day, ""][0] += number
    return found


def _leftovers(desk: Desk, moment: datetime) -> None:
    """Digests that were composed long ago and payer names that nobody has labeled."""
    with desk.db.write() as session:
        stored.delete_payer_names(session, moment)
    while True:
        with desk.db.write() as session:
            if stored.delete_digests(session, moment) < stored.PORTION:
                return


def _claims(desk: Desk, before: date, *, dry_run: bool) -> int:
    """Decisions on claims without an item, all from before a day; how many claims went, or would go."""
    with desk.db.read() as session:
        if not stored.any_claims(session, before):
            return 0
    total, last = 0, None
    while True:
        with desk.db.read() as session:
            portion = stored.claims_over(session, before, last)
        if portion.keys and not dry_run:
            with desk.db.write() as session:
                _begin(session)
                portion = stored.claims_over(session, before, last)
                purged.add_claims(session, stored.counts_of_claims(session, portion.keys))
                stored.delete_claims(session, portion.keys)
        total += len(portion.keys)
        if portion.last is None:
            return total
        last = portion.last
