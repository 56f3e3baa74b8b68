"""A person's queue: what they have, what their team has not claimed, how the teams they lead stand."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from services.desk import Desk
from services.home import home, score, teams_of
from services.people import Actor
from store import queues
from tests.conftest import FixedRules
from tests.services.stock import add_items

MAYA, LEAD, ADMIN = Actor("U0FRONT1"), Actor("U0LEAD"), Actor("U0ADMIN")


def test_what_somebody_has_is_by_due_date_and_what_waits_is_apart(desk: Desk) -> None:
    today = desk.today()
    [late] = add_items(desk, 1, state="claimed", assignee="U0FRONT1", due=today + timedelta(days=9))
    [soon] = add_items(desk, 1, state="claimed", assignee="U0FRONT1", due=today + timedelta(days=1))
    [sent] = add_items(desk, 1, state="waiting", assignee="U0FRONT1", outcome="Appeal sent")
    add_items(desk, 1, state="claimed", assignee="U0FRONT2")

    shown = home(desk, MAYA)

    assert [item.ref for item in shown.in_work] == [soon, late]
    assert [item.ref for item in shown.waiting] == [sent]
    assert (shown.in_work_count, shown.waiting_count) == (2, 1)


def test_the_unclaimed_are_the_teams_own_by_rank(desk: Desk) -> None:
    today = desk.today()
    [large] = add_items(desk, 1, amount_cents=10_000)
    [urgent] = add_items(desk, 1, amount_cents=9_000, due=today + timedelta(days=1))
    [small] = add_items(desk, 1, amount_cents=100)
    add_items(desk, 1, owner="coding_team")
    add_items(desk, 1, history=True)
    add_items(desk, 1, state="resolved", outcome="Not a denial")

    shown = home(desk, MAYA)

    assert [item.ref for item in shown.unclaimed] == [urgent, large, small]


def test_the_order_is_the_one_that_cards_are_ranked_by(desk: Desk) -> None:
    for days, cents in ((1, 3_333), (40, 6_500), (-2, 20_000), (15, 4_444), (29, 6_400)):
        add_items(desk, 1, amount_cents=cents, due=desk.today() + timedelta(days=days))

    shown = home(desk, MAYA).unclaimed

    assert [item.score for item in shown] == sorted((item.score for item in shown), reverse=True)


def test_thousands_are_in_the_same_order_though_not_all_are_read(desk: Desk) -> None:
    dice = random.Random(835)
    for code in ("16", "27", "197"):
        ended = {"first_code": f"CO-{code}", "state": "resolved", "resolved_at": desk.now()}
        add_items(desk, 30, **ended, outcome="Written off")
        add_items(desk, int(code) // 2, **ended, outcome="Overturned and paid")
    for _ in range(60):
        code, days = dice.choice(("CO-16", "CO-27", "CO-197", "CO-5")), dice.choice((-3, 0, 5, 20, 90, None))
        due = None if days is None else desk.today() + timedelta(days=days)
        for cents in (dice.randint(1_00, 2_000_00), dice.randint(1_00, 2_000_00)):
            add_items(desk, 12, amount_cents=cents, due=due, first_code=code)

    with desk.db.read() as session:
        chances = desk.chances.read(session, desk.now())
        every = queues.unclaimed(session, ["front_desk"])
    order = [one.ref for one in sorted(every, key=lambda one: (-score(one, desk.today(), chances), one.ref))]
    assert len(order) > 1_000
    assert chances.highest > Decimal("0.5")
    for page in (0, 1, 30, len(order) // 10 - 1):
        assert [one.ref for one in home(desk, MAYA, page=page).unclaimed] == order[page * 10 : page * 10 + 10]


def test_pages_hold_every_unclaimed_item_once(desk: Desk) -> None:
    refs = add_items(desk, 25)

    pages = [home(desk, MAYA, page=number, size=10) for number in range(3)]

    assert [item.ref for one in pages for item in one.unclaimed] == refs
    beyond = home(desk, MAYA, page=99, size=10)
    assert (beyond.page, [item.ref for item in beyond.unclaimed]) == (2, refs[20:])


def test_a_lead_sees_how_each_team_stands(desk: Desk) -> None:
    today = desk.today()
    add_items(desk, 2, amount_cents=10_000)
    add_items(desk, 1, amount_cents=10_000, state="claimed", assignee="U0FRONT1", due=today - timedelta(days=1))
    add_items(desk, 1, owner="coding_team", amount_cents=5_000)

    teams = {team.title: team for team in home(desk, LEAD).teams}

    front = teams["Front desk"]
    assert (front.open, front.unclaimed, front.overdue, front.amount) == (3, 2, 1, Decimal("300.00"))
    assert front.oldest == desk.now()
    assert teams["Coding"].open == 1
    assert home(desk, MAYA).teams == ()


def test_a_filter_shows_one_team_or_what_is_due_soon(desk: Desk) -> None:
    today = desk.today()
    [soon] = add_items(desk, 1, due=today + timedelta(days=7))
    [late] = add_items(desk, 1, due=today - timedelta(days=3))
    [coding] = add_items(desk, 1, owner="coding_team")

    assert {item.ref for item in home(desk, LEAD, only="due").unclaimed} == {soon, late}
    assert [item.ref for item in home(desk, LEAD, only="team:coding_team").unclaimed] == [coding]
    unknown = home(desk, MAYA, only="team:coding_team")
    assert (unknown.only, unknown.unclaimed_count) == ("", 2), "no filter shows another team's work"


def test_a_lead_sees_what_nobody_touches(desk: Desk) -> None:
    long_ago, lately = desk.now() - timedelta(days=9), desk.now() - timedelta(hours=9)
    [oldest] = add_items(desk, 1, last_activity_at=long_ago)
    [held] = add_items(desk, 1, last_activity_at=long_ago + timedelta(days=1), state="claimed", assignee="U0FRONT1")
    add_items(desk, 1, last_activity_at=lately)
    add_items(desk, 1, last_activity_at=long_ago, state="waiting", assignee="U0FRONT1", outcome="Appeal sent")

    assert [item.ref for item in home(desk, LEAD).stale] == [oldest, held]
    assert home(desk, MAYA).stale == ()


def test_what_was_done_lately_is_shown_latest_first(desk: Desk) -> None:
    done = {"state": "resolved", "assignee": "U0FRONT1", "outcome": "Not a denial"}
    [older] = add_items(desk, 1, **done, resolved_at=desk.now() - timedelta(days=2))
    [newer] = add_items(desk, 1, **done, resolved_at=desk.now() - timedelta(hours=1))
    add_items(desk, 1, **done, resolved_at=desk.now() - timedelta(days=30))

    assert [item.ref for item in home(desk, MAYA).done] == [newer, older]


def test_whose_teams_are_whose(desk: Desk) -> None:
    assert teams_of(desk.rules, MAYA) == (["front_desk"], [])
    worked, led = teams_of(desk.rules, LEAD)
    assert worked == led == list(desk.rules.owners)
    assert teams_of(desk.rules, ADMIN)[1] == list(desk.rules.owners)
    assert teams_of(desk.rules, Actor("U0FRONT1", guest=True)) == ([], [])
    assert teams_of(desk.rules, Actor("U0STRANGER")) == ([], [])


def test_teams_without_a_list_of_members_are_everybodys(desk: Desk) -> None:
    owners = {name: replace(owner, members=()) for name, owner in desk.rules.owners.items()}
    open_to_all = replace(desk, rules_source=FixedRules(replace(desk.rules, owners=owners)))
    [ref] = add_items(desk, 1)

    assert [item.ref for item in home(open_to_all, Actor("U0STRANGER")).unclaimed] == [ref]
