"""Escalation steps: when they are due, when they are pointless, and that nobody is disturbed outside hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from denials.business_time import Calendar
from denials.escalation import DueStep, Situation, due_now, key_of, next_at, steps_ahead, wake_at
from denials.lifecycle import State
from denials.rules.model import BusinessHours, Duration, Step

NEW_YORK = ZoneInfo("America/New_York")
OFFICE = Calendar(BusinessHours(), NEW_YORK)


def step(when: str, notify: str, *, after: str | None = None, due_within: str | None = None) -> Step:
    return Step(
        when=when,  # type: ignore[arg-type]  # the tests use the three words there are
        notify=tuple(notify.split("+")),
        after=Duration.parse(after) if after else None,
        due_within=Duration.parse(due_within) if due_within else None,
    )


STANDARD = (
    step("unclaimed", "owner", after="4bh"),
    step("unclaimed", "lead", after="1bd"),
    step("claimed", "assignee", after="5bd"),
    step("claimed", "manager", after="10bd"),
    step("open", "assignee+lead", due_within="7d"),
    step("open", "assignee+lead+manager", due_within="1d"),
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def told(s: Situation, at: str, policy: tuple[Step, ...] = STANDARD) -> list[str]:
    fire, _ = due_now(policy, s, OFFICE, local(at))
    return [one.key for one in fire]


def skipped(s: Situation, at: str, policy: tuple[Step, ...] = STANDARD) -> list[str]:
    _, skip = due_now(policy, s, OFFICE, local(at))
    return [one.key for one in skip]


def looked_at(s: Situation, now: str, policy: tuple[Step, ...] = STANDARD) -> str | None:
    moment = next_at(policy, s, OFFICE, local(now))
    return moment.astimezone(NEW_YORK).strftime("%a %Y-%m-%d %H:%M") if moment else None


UNTOUCHED = Situation(State.OPEN, opened_at=local("2026-03-10T11:00"))


def after_firing(s: Situation, *steps: DueStep) -> Situation:
    return replace(s, fired=s.fired | {(one.key, one.anchor) for one in steps})


def test_an_untouched_item_climbs_from_the_team_to_the_lead() -> None:
    assert told(UNTOUCHED, "2026-03-10T14:59") == []
    assert looked_at(UNTOUCHED, "2026-03-10T11:00") == "Tue 2026-03-10 15:00"
    assert told(UNTOUCHED, "2026-03-10T15:00") == ["unclaimed 4bh owner"]
    fire, _ = due_now(STANDARD, UNTOUCHED, OFFICE, local("2026-03-10T15:00"))
    later = after_firing(UNTOUCHED, *fire)
    assert looked_at(later, "2026-03-10T15:00") == "Wed 2026-03-11 11:00"
    assert told(later, "2026-03-11T11:00") == ["unclaimed 1bd lead"]


def test_nothing_is_left_after_the_last_step() -> None:
    fire, skip = due_now(STANDARD, UNTOUCHED, OFFICE, local("2026-03-20T11:00"))
    assert next_at(STANDARD, after_firing(UNTOUCHED, *fire, *skip), OFFICE, local("2026-03-20T11:00")) is None


def test_a_claim_ends_the_steps_for_unclaimed_items() -> None:
    claimed = replace(
        UNTOUCHED,
        state=State.CLAIMED,
        claimed_at=local("2026-03-10T12:00"),
        last_activity_at=local("2026-03-10T12:00"),
    )
    assert told(claimed, "2026-03-12T12:00") == []
    assert told(claimed, "2026-03-17T12:00") == ["claimed 5bd assignee"]


def test_activity_starts_the_wait_anew() -> None:
    claimed = Situation(State.CLAIMED, local("2026-03-10T11:00"), local("2026-03-10T12:00"), local("2026-03-10T12:00"))
    fire, _ = due_now(STANDARD, claimed, OFFICE, local("2026-03-17T12:00"))
    active = replace(after_firing(claimed, *fire), last_activity_at=local("2026-03-17T13:00"))
    assert told(active, "2026-03-17T13:00") == []
    assert told(active, "2026-03-24T13:00") == ["claimed 5bd assignee"]


def test_a_resolved_item_has_no_steps() -> None:
    resolved = replace(UNTOUCHED, state=State.RESOLVED, due=date(2026, 3, 12))
    assert steps_ahead(STANDARD, resolved, OFFICE) == ()


def test_an_outage_tells_each_person_once() -> None:
    assert told(UNTOUCHED, "2026-03-30T09:00") == ["unclaimed 4bh owner", "unclaimed 1bd lead"]


def test_an_overdue_step_is_skipped_when_a_louder_one_reaches_the_same_people() -> None:
    late = replace(UNTOUCHED, due=date(2026, 3, 20), fired=frozenset({(key_of(s), a(UNTOUCHED)) for s in STANDARD[:2]}))
    assert told(late, "2026-03-19T09:00") == ["open due 1d assignee+lead+manager"]
    assert skipped(late, "2026-03-19T09:00") == ["open due 7d assignee+lead"]


def a(s: Situation) -> str:
    return s.opened_at.astimezone(UTC).isoformat()


def test_a_step_added_to_the_rules_later_is_not_told_after_a_louder_one() -> None:
    fired = replace(UNTOUCHED, fired=frozenset({(key_of(step("unclaimed", "owner", after="1bd")), a(UNTOUCHED))}))
    policy = (step("unclaimed", "owner", after="2bh"), step("unclaimed", "owner", after="1bd"))
    assert steps_ahead(policy, fired, OFFICE) == ()


def test_a_deadline_step_comes_at_the_opening_of_its_day() -> None:
    item = replace(UNTOUCHED, due=date(2026, 3, 24))
    ahead = [one for one in steps_ahead(STANDARD, item, OFFICE) if one.step.due_within]
    assert [one.at.astimezone(NEW_YORK).strftime("%a %d %H:%M") for one in ahead] == ["Tue 17 08:00", "Mon 23 08:00"]


def test_a_deadline_step_on_a_weekend_waits_for_monday() -> None:
    item = replace(UNTOUCHED, due=date(2026, 3, 22) + timedelta(days=6))  # a Saturday; seven days before is one too
    (seven, one) = (found for found in steps_ahead(STANDARD, item, OFFICE) if found.step.due_within)
    assert seven.at.astimezone(NEW_YORK).strftime("%a %d %H:%M") == "Mon 23 08:00"
    assert one.at.astimezone(NEW_YORK).strftime("%a %d %H:%M") == "Fri 27 08:00"


def test_what_could_only_be_told_after_the_deadline_is_told_on_a_closed_day() -> None:
    item = replace(UNTOUCHED, due=date(2026, 3, 15))  # a Sunday: one day before is a Saturday
    fire, _ = due_now(STANDARD, item, OFFICE, local("2026-03-11T11:00"))
    item = after_firing(item, *fire)
    assert looked_at(item, "2026-03-12T11:00") == "Sat 2026-03-14 08:00"
    assert told(item, "2026-03-14T07:59") == []
    assert told(item, "2026-03-14T08:01") == ["open due 1d assignee+lead+manager"]


def test_what_is_critical_on_a_closed_day_still_waits_for_the_morning() -> None:
    item = replace(UNTOUCHED, due=date(2026, 3, 15))  # a Sunday
    for s in STANDARD[:2]:
        item = replace(item, fired=item.fired | {(key_of(s), a(item))})
    assert told(item, "2026-03-14T02:00") == [], "an outage ended in the night"
    assert looked_at(item, "2026-03-14T02:00") == "Sat 2026-03-14 08:00"
    assert told(item, "2026-03-14T21:00") == []
    assert looked_at(item, "2026-03-14T21:00") == "Sun 2026-03-15 08:00"
    assert told(item, "2026-03-15T21:00") == ["open due 1d assignee+lead+manager"], "no morning is left"
    late = replace(UNTOUCHED, opened_at=local("2026-03-14T22:30"), due=date(2026, 3, 15))
    assert looked_at(late, "2026-03-14T22:30") == "Sun 2026-03-15 08:00"


def test_a_step_missed_until_after_hours_waits_for_the_morning() -> None:
    assert told(UNTOUCHED, "2026-03-10T19:00") == []
    assert looked_at(UNTOUCHED, "2026-03-10T19:00") == "Wed 2026-03-11 08:00"
    assert told(UNTOUCHED, "2026-03-11T08:00") == ["unclaimed 4bh owner"]


def test_a_snoozed_item_wakes_at_the_opening_of_its_day_and_keeps_its_deadline() -> None:
    snoozed = replace(UNTOUCHED, state=State.SNOOZED, follow_up=date(2026, 3, 14), due=date(2026, 3, 30))
    assert wake_at(snoozed, OFFICE) == local("2026-03-16T08:00")
    assert looked_at(snoozed, "2026-03-10T12:00") == "Mon 2026-03-16 08:00"
    assert looked_at(replace(snoozed, follow_up=date(2026, 4, 20)), "2026-03-10T12:00") == "Mon 2026-03-23 08:00"
    assert looked_at(replace(snoozed, due=None), "2026-03-16T20:00") == "Tue 2026-03-17 08:00"


def test_an_item_waiting_for_the_payer_is_only_woken() -> None:
    waiting = replace(UNTOUCHED, state=State.WAITING, follow_up=date(2026, 4, 9), due=date(2026, 3, 12))
    assert steps_ahead(STANDARD, waiting, OFFICE) == ()
    assert looked_at(waiting, "2026-03-10T12:00") == "Thu 2026-04-09 08:00"


durations = st.builds(Duration, st.integers(1, 40), st.sampled_from(["m", "h", "d", "bh", "bd"]))
people = st.lists(st.sampled_from(["owner", "lead", "manager", "assignee"]), min_size=1, max_size=3, unique=True)
steps = st.one_of(
    st.builds(
        lambda when, notify, span: Step(when, tuple(notify), after=span),
        st.sampled_from(["unclaimed", "claimed", "open"]),
        people,
        durations,
    ),
    st.builds(
        lambda when, notify, span: Step(when, tuple(notify), due_within=span),
        st.sampled_from(["unclaimed", "claimed", "open"]),
        people,
        durations,
    ),
)
policies = st.lists(steps, min_size=1, max_size=6).map(tuple)
moments = st.datetimes(
    datetime.fromisoformat("2026-02-01"), datetime.fromisoformat("2026-12-01"), timezones=st.just(UTC)
)
situations = st.builds(
    lambda state, opened, worked, due: Situation(
        state,
        opened,
        opened if state is State.CLAIMED else None,
        opened + worked,
        (opened + timedelta(days=due)).date() if due is not None else None,
    ),
    st.sampled_from([State.OPEN, State.CLAIMED]),
    moments,
    st.timedeltas(timedelta(0), timedelta(days=2)),
    st.one_of(st.none(), st.integers(-3, 60)),
)


@given(policies, situations, st.lists(st.timedeltas(timedelta(minutes=1), timedelta(days=9)), min_size=1, max_size=12))
def test_each_step_happens_once_whenever_the_sweeps_run(
    policy: tuple[Step, ...], s: Situation, gaps: list[timedelta]
) -> None:
    now, seen = s.opened_at, set[tuple[str, str]]()
    for gap in [*gaps, timedelta(days=120)]:
        now = OFFICE.next_opening(now + gap)
        fire, skip = due_now(policy, s, OFFICE, now)
        for one in (*fire, *skip):
            assert (one.key, one.anchor) not in seen
            assert one.at <= now
            seen.add((one.key, one.anchor))
        s = after_firing(s, *fire, *skip)
    assert steps_ahead(policy, s, OFFICE) == ()


@given(policies, situations)
def test_following_next_at_tells_every_step_at_its_moment_and_within_hours(
    policy: tuple[Step, ...], s: Situation
) -> None:
    now = s.opened_at
    for _ in range(20):
        moment = next_at(policy, s, OFFICE, now)
        if moment is None:
            break
        now = max(now, moment)
        fire, skip = due_now(policy, s, OFFICE, now)
        assert fire
        for one in fire:
            assert one.at == now
            assert OFFICE.is_open(now) or (one.last_call is not None and now < one.last_call)
        s = after_firing(s, *fire, *skip)
    assert next_at(policy, s, OFFICE, now) is None
