"""The weekly report: once a week into the leaders' channel, and as a file whenever somebody asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from denials.rules.model import RuleSet
from denials.weeks import Week
from services import reviews, stats
from services.desk import Desk
from services.stats import Volume
from services.views import ReviewView, WeeklyReport
from services.weekly import Groups, weekly
from store import jobs, messages, outbox
from store import stats as stored

_JOB = "report"
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


def report(desk: Desk, week: Week) -> WeeklyReport:
    """What is to be told of a week: its numbers, the reviews that are open now, and the verdicts since it began."""
    listed = reviews.listing(desk)
    return WeeklyReport(
        numbers=weekly(desk, week),
        open_reviews=tuple(one for one in listed if one.state.live),
        verdicts=tuple(
            one for one in listed if one.verdict is not None and week.first <= one.verdict.measured_on <= desk.today()
        ),
    )


def post_due(desk: Desk) -> int:
    """Ask for the report whose time has come, once per week whoever looks; how many were asked for.

    Of reports missed in an outage only the latest is still told. One whose time had come before the first file was
    taken in was never due.
    """
    rules, now = desk.rules, desk.now()
    if rules.reports_channel is None:
        return 0
    due_at = last_time(rules, now)
    week = reported_at(rules, due_at)
    with desk.db.read() as session:
        if jobs.slot_taken(session, _JOB, str(week)) or not stored.in_use_since(session, due_at):
            return 0
    with desk.db.write() as session:
        if not jobs.take_slot(session, _JOB, str(week), now):
            return 0
        asked_at = datetime.now(UTC)
        message_id = messages.add(session, "report", rules.reports_channel, asked_at, data={"week": str(week)})
        outbox.enqueue_post(session, message_id, rules.reports_channel, asked_at)
    return 1


def report_of(desk: Desk, data: Mapping[str, Any]) -> WeeklyReport:
    """The report that a stored message is to show, with the numbers of this moment."""
    return report(desk, Week.parse(str(data["week"])))


def last_time(rules: RuleSet, now: datetime) -> datetime:
    """When a report was due for the last time, at `now` or before."""
    today = now.astimezone(rules.timezone).date()
    day = today - timedelta(days=(today.weekday() - rules.report.day) % 7)
    due_at = _at(rules, day)
    return due_at if due_at <= now else _at(rules, day - _WEEK)


def reported_at(rules: RuleSet, due_at: datetime) -> Week:
    """The week that a report due at that moment is about: the last that had ended before its day."""
    return Week.last_before(due_at.astimezone(rules.timezone).date())


def _at(rules: RuleSet, day: date) -> datetime:
    return datetime.combine(day, rules.report.at, tzinfo=rules.timezone).astimezone(UTC)


def as_json(told: WeeklyReport) -> dict[str, Any]:
    """The object that `denials report --json` prints; every key of it is public."""
    numbers = told.numbers
    due = numbers.due
    return {
        "week": str(numbers.week),
        "as_of": numbers.as_of.isoformat(),
        "numbers": _without_groups(numbers.now),
        "before": {key: value for key, value in _without_groups(numbers.before).items() if key != "backlog"},
        "weeks": [
            {"from": one.first.isoformat(), "to": one.last.isoformat(), "new": one.new, "amount": str(one.amount)}
            for one in numbers.weeks
        ],
        "groups": {groups.by: _groups(groups) for groups in numbers.groups},
        "due": {
            "from": due.first.isoformat(),
            "to": due.last.isoformat(),
            "deadlines": due.deadlines,
            "deadlines_amount": str(due.deadline_amount),
            "follow_ups": due.follow_ups,
            "follow_ups_amount": str(due.follow_up_amount),
        },
        "reviews": {
            "open": [_review(one) for one in told.open_reviews],
            "verdicts": [_verdict(one) for one in told.verdicts],
        },
    }


def _without_groups(numbers: stats.Stats) -> dict[str, Any]:
    """The groups stand apart, the small ones merged."""
    return {key: value for key, value in stats.as_json(numbers).items() if key != "groups"}


def _groups(groups: Groups) -> dict[str, Any]:
    return {
        "shown": [_volume(one) for one in groups.shown],
        "other": {**_volume(groups.other), "merged": groups.merged} if groups.other else None,
    }


def _volume(one: Volume) -> dict[str, Any]:
    told = {
        "new": one.new,
        "previous": one.previous,
        "change": one.change,
        "trend": one.trend,
        "amount": str(one.amount),
    }
    return {"name": one.name, **told} if one.name else told


def _review(one: ReviewView) -> dict[str, Any]:
    return {
        "ref": one.ref,
        "by": one.dimension,
        "name": one.title,
        "state": str(one.state),
        "opened_on": one.opened_on.isoformat(),
        "count": one.evidence.count,
        "expected": one.evidence.expected,
        "amount": str(one.evidence.amount),
    }


def _verdict(one: ReviewView) -> dict[str, Any]:
    found = one.verdict
    if found is None:
        raise ValueError("a review without a verdict")
    saved = found.dollars_less_a_month
    return {
        "ref": one.ref,
        "by": one.dimension,
        "name": one.title,
        "verdict": found.kind,
        "measured_on": found.measured_on.isoformat(),
        "before_per_week": found.before_per_week,
        "after_per_week": found.after_per_week,
        "before_rate": found.before_rate,
        "after_rate": found.after_rate,
        "change": found.change,
        "p": found.p,
        "less_a_month": None if saved is None else str(saved),
    }
