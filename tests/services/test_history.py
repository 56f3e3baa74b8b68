"""An item's history and its future, as people may see them."""

from __future__ import annotations

from datetime import timedelta

from denials.commands import Outcome
from services import work
from services.desk import Desk
from services.history import details
from services.people import Actor
from services.work import Resolution
from tests.conftest import FixedClock
from tests.services.stock import add_items

MAYA = Actor("U0FRONT1")


def test_every_change_is_in_the_history_with_actor_and_time(desk: Desk, clock: FixedClock) -> None:
    [ref] = add_items(desk, 1)
    work.claim(desk, ref, None, MAYA)
    clock.forward(hours=2)
    work.resolve(desk, ref, None, MAYA, Resolution(Outcome.APPEALED, note="sent by fax"))

    found = details(desk, ref)

    assert found is not None
    claimed, sent = found.entries
    assert (claimed.kind, claimed.actor, claimed.at) == ("claimed", "U0FRONT1", clock.now() - timedelta(hours=2))
    assert (sent.data["outcome"], sent.has_note) == ("Appeal sent", True)
    assert "fax" not in repr(found), "what people wrote stays sealed"


def test_the_steps_still_planned_follow_the_policy(desk: Desk) -> None:
    [ref] = add_items(desk, 1)

    found = details(desk, ref)

    assert found is not None
    assert [str(one.step.after or one.step.due_within) for one in found.planned] == ["4bh", "1bd", "7d"]
    assert sorted(one.at for one in found.planned) == [one.at for one in found.planned]


def test_what_waits_says_when_it_comes_back(desk: Desk) -> None:
    [ref] = add_items(desk, 1)
    follow_up = desk.today() + timedelta(days=30)
    work.resolve(desk, ref, None, MAYA, Resolution(Outcome.RESUBMITTED, follow_up=follow_up))

    found = details(desk, ref)

    assert found is not None
    assert found.wakes_at is not None
    assert found.wakes_at.astimezone(desk.rules.timezone).date() >= follow_up


def test_a_practices_past_has_nothing_planned(desk: Desk) -> None:
    [ref] = add_items(desk, 1, history=True)

    found = details(desk, ref)

    assert found is not None
    assert found.planned == ()


def test_an_unknown_reference_has_no_details(desk: Desk) -> None:
    assert details(desk, "DN-AAAAAAAA") is None


def test_a_step_whose_time_came_outside_business_hours_waits_for_the_opening(desk: Desk, clock: FixedClock) -> None:
    [ref] = add_items(desk, 1)
    before = details(desk, ref)
    assert before is not None
    assert not any(one.waits for one in before.planned)

    clock.at = before.planned[0].at.astimezone(desk.rules.timezone).replace(hour=20)  # after closing, untold till then

    after = details(desk, ref)
    assert after is not None
    assert after.planned[0].waits
    opening = after.planned[0].at.astimezone(desk.rules.timezone)
    assert (opening.hour, opening > clock.now()) == (8, True)
