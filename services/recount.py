"""Whether the daily counts agree with the logs of denied amounts and of hand-offs, and putting them right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from denials.model import Kind
from services.desk import Desk
from services.ingest_drafts import dearest_first, named
from services.ingest_items import names_of
from store import claims, purged, recount
from store.recount import Counted
from store.rollups import Tally


@dataclass(frozen=True, slots=True)
class Difference:
    """One count that is kept otherwise than it should be. `name` is empty for the whole practice."""

    dimension: str  # "claims" for adjudicated claims
    day: date
    name: str
    kept: tuple[int, ...]
    found: tuple[int, ...]


def check(desk: Desk) -> tuple[Difference, ...]:
    """Work the counts out anew and compare; nothing is changed."""
    with desk.db.snapshot() as session:
        return _differences(session, _worked_out(session))


def mend(desk: Desk) -> tuple[Difference, ...]:
    """Put the counts right; what differed before."""
    with desk.db.write() as session:
        claims.begin_ingest(session)
        recount.shut(session)
        tally = _worked_out(session)
        differences = _differences(session, tally)
        if differences:
            recount.forget(session)
            tally.write(session)
        return differences


def count_items(tally: Tally, items: Iterable[Counted], denied_on: Iterable[tuple[int, date]]) -> None:
    """Count items as the daily counts do. `denied_on` tells of each the days it was denied, the oldest first."""
    names: dict[int, dict[str, str]] = {}
    for item in items:
        if item.kind == Kind.REJECTION:
            tally.rejection(item.first_remit_date)
        elif item.kind == Kind.DENIAL:
            named = names_of(
                item.category,
                item.payer_label,
                item.owner,
                item.handoff,
                item.first_code,
                item.practice_label,
                item.location_label,
            )
            tally.denial(named, item.first_remit_date, new=1, cents=item.first_cents)
            names[item.id] = named
    seen: Counter[int] = Counter()
    for number, day in denied_on:
        seen[number] += 1
        if seen[number] > 1 and number in names:
            tally.denial(names[number], day, repeats=1)


def _worked_out(session: Session) -> Tally:
    """From what the logs say of each item, and what was counted of what was purged."""
    tally = Tally()
    count_items(tally, _as_logged(session), recount.denied_on(session))
    for key, counts in purged.counts(session):
        tally.denials[key] = [one + other for one, other in zip(tally.denials[key], counts, strict=True)]
    for day, *numbers in recount.claims(session):
        tally.claims[day] = list(numbers)
    for day, gone in purged.claims(session):
        tally.claims[day] = [one + other for one, other in zip(tally.claims[day], gone, strict=True)]
    return tally


def _as_logged(session: Session) -> Iterator[Counted]:
    """Every item as its denied amounts and its hand-offs tell it, whatever its own row says of them."""
    handed_to = recount.handed_to(session)
    with closing(recount.first_refused(session)) as refused:
        upcoming = next(refused, None)
        for item in recount.items(session):
            category, owner = handed_to.get(item.id, (item.first_category, item.owner))
            logged = item._replace(category=category, owner=owner)
            while upcoming is not None and upcoming[0] < item.id:
                upcoming = next(refused, None)
            if upcoming is not None and upcoming[0] == item.id:
                _, day, rows = upcoming
                cents = sum(amount for *_, amount in rows)
                code = dearest_first((named(group, carc), amount) for group, carc, amount in rows).partition(",")[0]
                logged = logged._replace(first_remit_date=day, first_cents=cents, first_code=code)
            yield logged


def _differences(session: Session, tally: Tally) -> tuple[Difference, ...]:
    none, nothing = (0, 0, 0, 0), (0, 0, 0, 0, 0)
    kept, right = recount.stored_denials(session), {key: tuple(cell) for key, cell in tally.denials.items()}
    denials = [
        Difference(*key, kept=kept.get(key, none), found=right.get(key, none))
        for key in sorted(kept.keys() | right.keys())
    ]
    kept_by_day = recount.stored_claims(session)
    right_by_day = {day: tuple(cell) for day, cell in tally.claims.items()}
    adjudicated = [
        Difference("claims", day, "", kept_by_day.get(day, nothing), right_by_day.get(day, nothing))
        for day in sorted(kept_by_day.keys() | right_by_day.keys())
    ]
    return tuple(one for one in (*denials, *adjudicated) if one.kept != one.found)
