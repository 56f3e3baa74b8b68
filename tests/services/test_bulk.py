"""Several items at once: what there is to choose from, what is alike, and what came of each."""

from __future__ import annotations

import pytest

from denials.commands import Outcome
from denials.reasons import HandOffReason
from denials.rules.model import RuleSet
from services import bulk, delivery, work
from services.desk import Desk
from services.moves import Destination, hand_off
from services.people import Actor
from services.views import Card
from services.work import Resolution
from tests.services.stock import add_items, get
from tests.services.teams import ANA, BEN, LEAD, STRANGER, small_practice

FRONT = ["front_desk"]


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return small_practice()


def claim_all(desk: Desk, refs: list[str], actor: Actor) -> bulk.Several:
    return bulk.each([(ref, 1) for ref in refs], lambda ref, version: work.claim(desk, ref, version, actor, card=False))


def test_one_that_was_taken_does_not_stop_the_others(desk: Desk) -> None:
    refs = add_items(desk, 4)
    work.claim(desk, refs[1], 1, BEN)

    came = claim_all(desk, [*refs, "DN-AAAAAAAA"], ANA)

    assert [item.ref for item in came.done] == [refs[0], refs[2], refs[3]]
    assert [(ref, why.code) for ref, why in came.refused] == [(refs[1], "taken"), ("DN-AAAAAAAA", "unknown")]
    assert {get(desk, ref).assignee for ref in came_refs(came)} == {ANA.user}


def came_refs(came: bulk.Several) -> list[str]:
    return [item.ref for item in came.done]


def test_claiming_many_makes_no_flood_of_cards(desk: Desk) -> None:
    claim_all(desk, add_items(desk, 30), ANA)
    sent = [delivery.content(desk, send) for send in delivery.take(desk, "w", limit=100)]
    assert not [shown for shown in sent if isinstance(shown, Card)]


def test_several_are_resolved_alike(desk: Desk) -> None:
    refs = add_items(desk, 3)
    answer = Resolution(Outcome.APPEALED)
    came = bulk.each([(ref, 1) for ref in refs], lambda r, v: work.resolve(desk, r, v, ANA, answer, card=False))
    assert len(came.done) == 3
    assert {get(desk, ref).state for ref in refs} == {"waiting"}


def test_the_most_valuable_come_first_and_claimed_ones_only_to_whom_they_belong(desk: Desk) -> None:
    refs = add_items(desk, 5)
    work.claim(desk, refs[0], 1, ANA)
    work.claim(desk, refs[1], 1, BEN)

    free = bulk.choices(desk, FRONT, ANA, free_only=True)
    mine = bulk.choices(desk, FRONT, ANA, free_only=False)

    assert [item.ref for item in free.items] == refs[2:]
    assert [item.ref for item in mine.items] == [refs[0], *refs[2:]]
    assert mine.total == 4


def test_what_is_alike_is_of_one_payer_with_the_same_codes(desk: Desk) -> None:
    alike = add_items(desk, 4)
    add_items(desk, 2, payer_label="Cigna")
    add_items(desk, 1, codes="CO-16")
    add_items(desk, 3, owner="coders")

    kinds = bulk.choices(desk, FRONT, ANA, free_only=True).alike

    assert [(one.payer, one.codes, one.count) for one in kinds] == [("Aetna", ("CO-31",), 4), ("Cigna", ("CO-31",), 2)]
    chosen, left = bulk.with_those_alike(desk, FRONT, ANA, [], kinds[0].key, free_only=True)
    assert (sorted(ref for ref, _ in chosen), left) == (sorted(alike), 0)


def test_chosen_and_alike_come_together_once_and_not_too_many(desk: Desk) -> None:
    refs = add_items(desk, bulk.MOST + 20)
    [kind] = bulk.choices(desk, FRONT, ANA, free_only=True).alike
    chosen, left = bulk.with_those_alike(desk, FRONT, ANA, [(refs[-1], 1)], kind.key, free_only=True)
    assert len({ref for ref, _ in chosen}) == len(chosen) == bulk.MOST
    assert left == 20
    assert chosen[0] == (refs[-1], 1)
    assert bulk.with_those_alike(desk, FRONT, ANA, [(refs[0], 1)], "no such kind", free_only=True)[0] == [(refs[0], 1)]


def test_a_press_means_the_channels_team_or_ones_own(desk: Desk) -> None:
    assert bulk.teams_for(desk, ANA, "C0FRONT") == ["front_desk"]
    assert bulk.teams_for(desk, ANA, None) == ["front_desk"]
    assert set(bulk.teams_for(desk, LEAD, None)) == {"front_desk", "coders"}
    assert bulk.teams_for(desk, LEAD, "C0CODE") == ["coders"]
    assert bulk.teams_for(desk, ANA, "C0CODE") == ["coders"], "where anyone works, so may a member of another team"
    assert bulk.teams_for(desk, STRANGER, None) == ["coders"], "where no members are listed, anyone works"
    assert bulk.teams_for(desk, Actor(ANA.user, guest=True), "C0FRONT") == []


@pytest.mark.parametrize("actor", [STRANGER, Actor(ANA.user, guest=True), Actor(ANA.user, outsider=True)])
def test_a_form_of_somebody_who_may_not_work_these_changes_none_of_them(desk: Desk, actor: Actor) -> None:
    """Whatever the form names: it may be older than a hand-off, or made up."""
    refs = add_items(desk, 2)
    chosen, _ = bulk.with_those_alike(desk, FRONT, actor, [(ref, 1) for ref in refs], None, free_only=False)

    ways: tuple[bulk.One, ...] = (
        lambda ref, version: work.claim(desk, ref, version, actor),
        lambda ref, version: work.resolve(desk, ref, version, actor, Resolution(Outcome.NOT_A_DENIAL)),
        lambda ref, version: hand_off(desk, ref, version, actor, Destination("coding", HandOffReason.WRONG_CATEGORY)),
    )
    for one in ways:
        came = bulk.each(chosen, one)
        assert came.done == ()
        assert [refused.code for _, refused in came.refused] == ["not_allowed"] * 2
    assert [get(desk, ref).version for ref in refs] == [1, 1]
