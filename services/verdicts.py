"""Whether corrective actions helped: measured on their day, told in the channel of the team, reopened if not."""

from __future__ import annotations

import json
from datetime import date, timedelta

from sqlmodel import Session

from denials.business_time import calendar_of
from denials.commands import Refusal
from denials.prevention import ReviewState, Verdict
from denials.review_cycle import Measure, decide
from denials.rules.model import RuleSet
from denials.verdict import Measured, before_span, verdict
from services.desk import Desk
from services.money import dollars
from services.repeats import FIRST_REMINDER, evidence_now
from services.review_views import apply, evidence_of, evidence_text, facts_of, post_verdict, verdict_data
from store import jobs, purged, reviews, rollups
from store import repeats as stored
from store.reviews import Review

_DAILY = "verdicts"
_DAY = timedelta(days=1)


def measure_due(desk: Desk) -> int:
    """Measure every review whose day has come, once each business day; how many verdicts there were."""
    now, today = desk.now(), desk.today()
    if not calendar_of(desk.rules).is_open(now):
        return 0
    with desk.db.read() as session:
        if jobs.slot_taken(session, _DAILY, today.isoformat()):
            return 0
        due = [(one.ref, one.version, measured(session, desk.rules, one, today)) for one in _due(session, today)]
    with desk.db.write() as session:
        if not jobs.take_slot(session, _DAILY, today.isoformat(), now):
            return 0
        return sum(_tell(session, desk, ref, version, found, today) for ref, version, found in due)


def measured(session: Session, rules: RuleSet, review: Review, today: date) -> Verdict:
    """The verdict on the action of a review as of a day; its effective date must lie before that day."""
    if review.effective is None or review.effective >= today:
        raise ValueError("an action that has not begun cannot be measured")
    last = min(review.measure_on or today, today) - _DAY
    before = before_span(review.opened_on, evidence_of(review.evidence).window_days, review.effective)
    after = (review.effective, max(last, review.effective))
    return verdict(_side(session, rules, review, *before), _side(session, rules, review, *after), today)


def _due(session: Session, today: date) -> list[Review]:
    return [one for one in reviews.to_measure(session, today) if one.effective is not None and one.effective < today]


def _side(session: Session, rules: RuleSet, review: Review, first: date, last: date) -> Measured:
    rows = stored.of_series(session, review.dimension, review.name, first, last)
    return Measured(
        days=(last - first).days + 1,
        denials=sum(new for _, new, _ in rows),
        amount=dollars(sum(cents for _, _, cents in rows)),
        claims=_claims(session, rules, review, first, last),
        silent=not stored.anything_in(session, first, last),
    )


def _claims(session: Session, rules: RuleSet, review: Review, first: date, last: date) -> int | None:
    """Claims adjudicated in the scope of a review: of the payer or the practice it is about, else of all.

    None where most denials of these days came from exports, which name no claims beside the denied ones; and where
    claims of these days were purged: how many of them a payer had is not known any more.
    """
    adjudicated, denied, *_ = rollups.claims_between(session, first, last)
    new, *_ = rollups.denials_between(session, "all", first, last).get("", (0,))
    if new > 2 * denied:
        return None
    if review.dimension in ("payer", "practice") and purged.any_claims_in(session, first, last):
        return None
    if review.dimension == "payer":
        return stored.claims_of_payer(session, review.name, first, last)
    if review.dimension == "practice":
        payees = [npi for npi, label in rules.practices.items() if label == review.name]
        return stored.claims_of_payees(session, payees, first, last)
    return adjudicated


def _tell(session: Session, desk: Desk, ref: str, version: int, found: Verdict, today: date) -> int:
    """Write what was measured and ask for its message; 0 where somebody changed the review meanwhile."""
    review = reviews.by_ref(session, ref, lock=True)
    if review is None or review.version != version or review.effective is None:
        return 0
    again = (review.measure_on or today) + desk.rules.prevention.remeasure
    answer = decide(facts_of(review), Measure(found, again), today)
    if isinstance(answer, Refusal):
        return 0
    data = verdict_data(found)
    also: dict[str, object] = {"verdict": json.dumps(data)}
    if answer.after.state in (ReviewState.OPEN, ReviewState.TAKEN):
        evidence = evidence_now(session, desk.rules, review.dimension, review.name, today)
        also["opened_on"], also["evidence"] = today, evidence_text(evidence)
        also["remind_at"], also["reminded"] = calendar_of(desk.rules).after(desk.now(), FIRST_REMINDER), 0
    event_id = apply(session, desk, review, answer, None, also=also, data={"verdict": data})
    if event_id is None:
        return 0
    post_verdict(session, review, event_id, desk.rules)
    return 1
