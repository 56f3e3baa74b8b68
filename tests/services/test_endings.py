"""How work ended, as people read it later: who agreed to a write-off, and what was corrected on the way."""

from __future__ import annotations

import json

import pytest

from denials.commands import Outcome
from denials.model import Preventable
from denials.rules.model import RuleSet
from services import delivery, history, work
from services.desk import Desk
from services.digest import compose_due
from services.home import home
from services.views import Content, Done, WorkList
from services.work import PREVENTABLE_CORRECTED, Resolution
from tests.services.stock import add_items, gather, get
from tests.services.teams import ANA, MANAGER, small_practice


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return small_practice()


def _list_in_slack(desk: Desk) -> Content | None:
    """What the list shows now, once everything that waits has been posted."""
    lists = []
    while taken := delivery.take(desk, "w"):
        for number, send in enumerate(taken):
            shown = delivery.content(desk, send)
            lists += [send] if isinstance(shown, WorkList) else []
            delivery.posted(desk, send, send.channel, f"{len(lists)}.{number}")
    return delivery.content(desk, lists[0])


def test_the_approver_of_a_write_off_is_told_wherever_it_is_shown(desk: Desk) -> None:
    refs = add_items(desk, 5, amount_cents=60_000)
    gather(desk, refs)
    compose_due(desk)
    for ref in refs:
        work.resolve(desk, ref, None, ANA, Resolution(Outcome.WRITTEN_OFF), card=False)
        assert isinstance(work.approve_write_off(desk, ref, None, MANAGER), Done)

    both = (ANA.user, MANAGER.user)
    found, details, listed = work.find(desk, refs[0]), history.details(desk, refs[0]), _list_in_slack(desk)
    assert found is not None
    assert details is not None
    assert isinstance(listed, WorkList)
    shown = [found, details.item, *listed.items, *home(desk, ANA).done]
    assert len(shown) > 2 + 5
    assert {(one.resolved_by, one.approved_by) for one in shown} == {both}


def test_a_corrected_preventability_stands_in_the_log(desk: Desk) -> None:
    corrected, agreed, empty = add_items(desk, 3, preventable="yes")
    for ref, answer in ((corrected, Preventable.NO), (agreed, Preventable.YES), (empty, None)):
        work.resolve(desk, ref, None, ANA, Resolution(Outcome.NOT_A_DENIAL, preventable=answer))

    details = history.details(desk, corrected)
    assert details is not None
    assert [entry.kind for entry in details.entries] == ["resolved", PREVENTABLE_CORRECTED]
    told = details.entries[-1]
    assert (told.actor, json.dumps(told.data)) == (ANA.user, '{"from": "yes", "to": "no"}')
    assert get(desk, corrected).preventable == "no"
    for ref in (agreed, empty):
        other = history.details(desk, ref)
        assert other is not None
        assert [entry.kind for entry in other.entries] == ["resolved"]
