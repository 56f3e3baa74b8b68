"""Looking for denials that repeat, each business day and after each batch, and a review for what is found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from denials.business_time import calendar_of
from denials.prevention import Evidence
from denials.repeats import MOST_A_WEEK, Known, Repeat, Series, Span, data_start, enough_data, past_of, repeats
from denials.rules.labels import UNLISTED_PAYER
from denials.rules.model import Duration, RuleSet
from services.desk import Desk
from services.money import dollars
from services.review_views import evidence_of, evidence_text, post
from services.vault import new_ref
from store import jobs, reviews, rollups
from store import repeats as stored
from store.repeats import Denied

QUIET = timedelta(days=28)  # after a review was dismissed or could not be measured
FIRST_REMINDER = Duration(3, "bd")
TREND_WEEKS = 12
_PAST_WEEKS = 26
_MOST_TOP = 5
_MOST_REFS = 5
_LOOK = "reviews"
_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look has before it."""

    window: Span
    denied: list[Denied]  # live ones of the window, most dollars first
    weekly: dict[tuple[str, str], list[int]]  # series → denials of each past week, latest first
    since: date

    def of(self, dimension: str, name: str) -> list[Denied]:
        """The window's denials of one series."""
        return [one for one in self.denied if getattr(one, dimension) == name]


def detect_due(desk: Desk) -> int:
    """Open reviews for what repeats more than chance, three a week at most; how many.

    One look each business day, and another one after a batch has come in.
    """
    now, today, rules = desk.now(), desk.today(), desk.rules
    if not calendar_of(rules).is_open(now):
        return 0
    with desk.db.read() as session:
        slot = f"{today.isoformat()} {stored.batches(session)}"
        if jobs.slot_taken(session, _LOOK, slot):
            return 0
        found, look = _find(session, desk, today)
    with desk.db.write() as session:
        if not jobs.take_slot(session, _LOOK, slot, now):
            return 0
        left = MOST_A_WEEK - reviews.opened_since(session, _monday(desk, today))
        opened = 0
        for repeat in found[: max(0, left)]:
            opened += _open(session, desk, repeat, look)
    return opened


def evidence_now(session: Session, rules: RuleSet, dimension: str, name: str, today: date) -> Evidence:
    """What a series looks like today, for a review that is opened again."""
    window = _window(rules, today)
    denied = [one for one in stored.denied_in(session, window.first, today) if getattr(one, dimension) == name]
    return _evidence(session, dimension, name, denied, window, None)


def _find(session: Session, desk: Desk, today: date) -> tuple[tuple[Repeat, ...], _Look]:
    rules = desk.rules
    window, first = _window(rules, today), stored.first_day(session)
    look = _Look(window, [], {}, today)
    if first is None or not enough_data(first, today):
        return (), look
    weekly = _weekly(session, rules.prevention.by, window.first)
    since = data_start(first, weekly.get(("all", ""), [0] * _PAST_WEEKS), window.first)
    if not enough_data(since, today):
        return (), look
    window = Span(window.first, window.last, _adjudicated(session, window.first, window.last))
    look = _Look(window, stored.denied_in(session, window.first, window.last), weekly, since)
    if not look.denied:
        return (), look
    series = _series(session, look, rules, today)
    return repeats(series, _known(session, look, today), window, count=rules.prevention.count, most=MOST_A_WEEK), look


def _window(rules: RuleSet, today: date) -> Span:
    return Span(today - rules.prevention.within + _DAY, today)


def _weekly(session: Session, by: Sequence[str], before: date) -> dict[tuple[str, str], list[int]]:
    """Denials of each of the 26 weeks before a day, latest first, by series and for the whole practice."""
    weekly: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * _PAST_WEEKS)
    for dimension, name, day, new in stored.by_day(session, ["all", *by], before - _PAST_WEEKS * _WEEK, before - _DAY):
        weekly[dimension, name][((before - day).days - 1) // 7] += new
    return dict(weekly)


def _series(session: Session, look: _Look, rules: RuleSet, today: date) -> list[Series]:
    """Every series of the dimensions looked for, with its own past: since the action, where one has helped."""
    restarted = _restarted(session, today - _PAST_WEEKS * _WEEK - rules.prevention.within)
    items: dict[tuple[str, str], list[Denied]] = defaultdict(list)
    for one in look.denied:
        for dimension in rules.prevention.by:
            if name := getattr(one, dimension):
                items[dimension, name].append(one)
    pasts: dict[date, Span] = {}
    found = []
    for key in sorted({*items, *look.weekly} - {("all", ""), ("payer", UNLISTED_PAYER)}):
        since = max(look.since, restarted.get(key, look.since))
        if since not in pasts:
            past = past_of(look.window, since)
            pasts[since] = Span(past.first, past.last, _adjudicated(session, past.first, past.last))
        past, mine = pasts[since], items.get(key, [])
        found.append(
            Series(
                *key,
                items=frozenset(one.id for one in mine),
                amount=dollars(sum(one.cents for one in mine)),
                past_weeks=tuple(look.weekly.get(key, [0] * _PAST_WEEKS)[: past.days // 7]),
                past=past,
            )
        )
    return found


def _restarted(session: Session, since: date) -> dict[tuple[str, str], date]:
    """series → effective date of the latest action that has helped."""
    found: dict[tuple[str, str], date] = {}
    for one in reviews.worked_since(session, since):
        if one.effective is not None:
            key = one.dimension, one.name
            found[key] = max(one.effective, found.get(key, one.effective))
    return found


def _known(session: Session, look: _Look, today: date) -> list[Known]:
    """Causes that have a review, or had one that ended without a fix a short time ago.

    Also those that an action ended so lately that the window holds days before it, or no whole week since it is past.
    """
    lately = [one for one in reviews.closed_since(session, today - QUIET + _DAY) if one.state != "worked"]
    ended = reviews.worked_since(session, look.window.first - _WEEK + _DAY)
    known = []
    for review in (*reviews.live(session), *lately, *ended):
        mine, evidence = look.of(review.dimension, review.name), evidence_of(review.evidence)
        usual = (evidence.expected or 0.0) * look.window.days / evidence.window_days
        items = frozenset(one.id for one in mine)
        known.append(Known(review.dimension, review.name, items, max(0.0, len(mine) - usual)))
    return known


def _adjudicated(session: Session, first: date, last: date) -> int:
    return rollups.claims_between(session, first, last)[0] if first <= last else 0


def _open(session: Session, desk: Desk, repeat: Repeat, look: _Look) -> int:
    """A review for a repeat, its message, and when it is first reminded of; 0 where another process was faster."""
    series, rules, now = repeat.series, desk.rules, desk.now()
    denied = [one for one in look.denied if one.id in series.items]
    evidence = _evidence(session, *series.key, denied, look.window, repeat.expected)
    handoff = series.name if series.dimension == "handoff" else _most(one.handoff for one in denied)
    within = [one for one in denied if one.handoff == handoff] or denied
    review = reviews.add(
        session,
        {
            "ref": f"PR-{new_ref()[3:9]}",
            "dimension": series.dimension,
            "name": series.name,
            "category": series.name if series.dimension == "category" else _most(one.category for one in within),
            "handoff": handoff,
            "opened_on": look.window.last,
            "evidence": evidence_text(evidence),
            "remind_at": calendar_of(rules).after(now, FIRST_REMINDER),
        },
    )
    if review is None:
        return 0
    told = {"count": evidence.count, "expected": evidence.expected, "window_days": evidence.window_days}
    reviews.log_event(session, review, review.version, now, "opened", None, told)
    post(session, review, rules)
    return 1


def _evidence(
    session: Session, dimension: str, name: str, denied: Sequence[Denied], window: Span, expected: float | None
) -> Evidence:
    start = window.last - TREND_WEEKS * _WEEK + _DAY
    weeks = [0] * TREND_WEEKS
    for day, new, _ in stored.of_series(session, dimension, name, start, window.last):
        weeks[(day - start).days // 7] += new
    return Evidence(
        window_days=window.days,
        count=len(denied),
        expected=None if expected is None else round(expected, 2),
        amount=dollars(sum(one.cents for one in denied)),
        top_codes=_top(one.code for one in denied),
        top_payers=_top(one.payer for one in denied),
        weeks=tuple((start + n * _WEEK, count) for n, count in enumerate(weeks)),
        refs=tuple(one.ref for one in denied[:_MOST_REFS]),
    )


def _top(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counts = Counter(name for name in names if name)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_TOP])


def _most(names: Iterable[str]) -> str:
    top = _top(names)
    return top[0][0] if top else ""


def _monday(desk: Desk, today: date) -> datetime:
    """When this week began."""
    return calendar_of(desk.rules).midnight(today - timedelta(days=today.weekday()))
