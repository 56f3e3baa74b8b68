"""Who may do what, by name and by user group; and every refusal says who can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from denials.commands import Outcome
from denials.reasons import HandOffReason
from denials.rules.load import load_rules
from denials.rules.model import RuleSet
from services import bulk, escalate, groups, home, moves, notes, people, reveal, work
from services.desk import Desk
from services.moves import Destination
from services.people import Actor
from services.pings import recipients
from services.roster import Roster, groups_of
from services.views import Refused
from services.work import Resolution
from tests.conftest import FixedRules
from tests.services.stock import add_items, change, get
from tests.services.teams import ANA, LEAD, MANAGER, RULES, STRANGER, small_practice

GUEST, OUTSIDER = Actor("U0GUEST", guest=True), Actor("U0FRONT1", outsider=True)
UNPROVEN = Actor("U0STRANGER", unproven=True)
GROUPED = RULES.replace(
    "members: [U0FRONT1, U0FRONT2], lead: U0LEAD, manager: U0MANAGER",
    "members: [S0DESK, U0EXTRA], lead: S0HEADS, manager: S0BOSSES",
).replace("admins: [U0ADMIN]", "admins: [S0ADMINS]")
SINCE = Resolution(Outcome.NOT_A_DENIAL)
CODING = Destination("coding", HandOffReason.WRONG_CATEGORY)

ENTRIES: dict[str, Callable[[Desk, str, Actor], object]] = {
    "claim": lambda desk, ref, actor: work.claim(desk, ref, None, actor),
    "release": lambda desk, ref, actor: work.release(desk, ref, None, actor),
    "resolve": lambda desk, ref, actor: work.resolve(desk, ref, None, actor, SINCE),
    "open a form": lambda desk, ref, actor: work.may_resolve(desk, ref, None, actor),
    "approve": lambda desk, ref, actor: work.approve_write_off(desk, ref, None, actor),
    "decline": lambda desk, ref, actor: work.decline_write_off(desk, ref, None, actor),
    "hand off": lambda desk, ref, actor: moves.hand_off(desk, ref, None, actor, CODING),
    "give away": lambda desk, ref, actor: moves.reassign(desk, ref, None, actor, ANA),
    "snooze": lambda desk, ref, actor: moves.snooze(desk, ref, None, actor, None),
    "wake": lambda desk, ref, actor: moves.wake(desk, ref, None, actor),
    "reopen": lambda desk, ref, actor: moves.reopen(desk, ref, None, actor),
    "escalate": lambda desk, ref, actor: escalate.escalate_now(desk, ref, None, actor),
    "note": lambda desk, ref, actor: notes.short_note(desk, ref, actor, "called the payer"),
    "claim number": reveal.make_link,
    "several": lambda desk, ref, actor: bulk.each(
        [(ref, None)], lambda one, v: work.claim(desk, one, v, actor)
    ).refused[0][1],
}


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return small_practice()


@pytest.fixture
def grouped(desk: Desk) -> Desk:
    """A desk whose front desk, leads, managers and administrators are user groups that Slack has told about."""
    opened = replace(desk, rules_source=FixedRules(load_rules(GROUPED)), roster=Roster())
    for group, users in (("S0DESK", ["U0FRONT1"]), ("S0HEADS", ["U0LEAD"]), ("S0BOSSES", ["U0MANAGER"])):
        groups.keep(opened, group, users)
    groups.keep(opened, "S0ADMINS", ["U0ADMIN"])
    return opened


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whoever_may_not_act_is_told_who_can_and_nothing_changes(desk: Desk, entry: str) -> None:
    [ref] = add_items(desk, 1)
    change(desk, ref, state="claimed", assignee="U0FRONT2")
    before = get(desk, ref).model_dump()
    for actor in (GUEST, OUTSIDER, STRANGER, UNPROVEN):
        answer = ENTRIES[entry](desk, ref, actor)
        assert isinstance(answer, Refused), actor
        assert "<@U0" in answer.text or "administrator" in answer.text, answer.text
    assert get(desk, ref).model_dump() == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reminder_is_acknowledged_only_by_those_who_may_and_the_others_hear_who(desk: Desk) -> None:
    [ref] = add_items(desk, 1)
    escalate.escalate_now(desk, ref, 1, ANA)
    from sqlmodel import select

    from store.tables import SlackMessage

    with desk.db.read() as session:
        ping = session.exec(select(SlackMessage).where(SlackMessage.kind == "ping")).one()
    for actor in (GUEST, STRANGER, UNPROVEN, Actor("U0LEAD", guest=True)):
        answer = escalate.acknowledge(desk, ping.id, actor)
        assert isinstance(answer, Refused)
        assert "<@U0LEAD>" in answer.text


def test_a_group_stands_for_its_members(grouped: Desk) -> None:
    rules = grouped.rules
    assert groups_of(rules) == ("S0ADMINS", "S0DESK", "S0HEADS", "S0BOSSES")
    assert [people.may_work(rules, "front_desk", one) for one in (ANA, Actor("U0EXTRA"), LEAD, MANAGER, STRANGER)] == [
        True,
        True,
        True,
        True,
        False,
    ]
    assert people.is_lead(rules, "front_desk", "U0LEAD")
    assert not people.is_lead(rules, "front_desk", "U0FRONT1")
    assert home.teams_of(rules, ANA) == (["front_desk"], [])
    assert home.teams_of(rules, LEAD)[1] == ["front_desk", "coders"]


def test_a_group_that_changes_changes_who_may(grouped: Desk) -> None:
    assert grouped.rules is grouped.rules, "no new rules while nothing has changed"
    assert groups.keep(grouped, "S0DESK", ["U0NEW"])
    assert not groups.keep(grouped, "S0DESK", ["U0NEW"])
    assert not people.may_work(grouped.rules, "front_desk", ANA)
    assert people.may_work(grouped.rules, "front_desk", Actor("U0NEW"))
    assert not people.may_work(grouped.rules, "front_desk", Actor("U0NEW", guest=True))


def test_another_process_learns_the_members_from_the_database(grouped: Desk) -> None:
    other = replace(grouped, roster=Roster())
    assert not people.may_work(other.rules, "front_desk", ANA)
    groups.refresh(other)
    assert people.may_work(other.rules, "front_desk", ANA)


def test_an_unread_group_lets_nobody_in_and_an_empty_one_is_not_everybody(desk: Desk) -> None:
    opened = replace(desk, rules_source=FixedRules(load_rules(GROUPED)), roster=Roster())
    [ref] = add_items(opened, 1)
    answer = work.claim(opened, ref, None, ANA)
    assert isinstance(answer, Refused)
    assert (answer.code, "`usergroups:read`" in answer.text) == ("unread_group", True)
    for group in groups_of(opened.rules):
        groups.keep(opened, group, [])
    answer = work.claim(opened, ref, None, ANA)
    assert isinstance(answer, Refused)
    assert (
        "Only <!subteam^S0DESK>, <@U0EXTRA> or <!subteam^S0HEADS>, or a manager or administrator can work this one."
        in answer.text
    )


def test_a_lead_that_is_a_group_is_mentioned_where_the_team_works(grouped: Desk) -> None:
    [ref] = add_items(grouped, 1)
    told = recipients("lead", get(grouped, ref), grouped.rules)
    assert told is not None
    assert (told.channel, told.mentions, told.who) == ("C0FRONT", ("S0HEADS",), "S0HEADS")
    levels = [escalate.escalate_now(grouped, ref, None, ANA) for _ in range(4)]
    assert [one.told if isinstance(one, escalate.Escalated) else one.code for one in levels] == [
        "S0HEADS",
        "S0BOSSES",
        "S0ADMINS",
        "everyone_told",
    ]
    assert isinstance(reveal.make_link(grouped, ref, LEAD), reveal.Link)
    refused = reveal.make_link(grouped, ref, ANA)
    assert isinstance(refused, Refused)
    assert "whoever claims it or <!subteam^S0HEADS> or <!subteam^S0BOSSES>" in refused.text
