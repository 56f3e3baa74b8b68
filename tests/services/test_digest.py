"""New denials are announced without a flood, each exactly once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services import delivery
from services.desk import Desk
from services.digest import LIST_LINES, compose_due
from services.items import give_card
from services.views import Card, Send, Summary, WorkList
from tests.conftest import FixedClock
from tests.services.stock import add_items, change, gather, get


def _posted(desk: Desk) -> list[Send]:
    """Everything that waits, sent; in the order of sending."""
    sent = []
    while taken := delivery.take(desk, "w"):
        for send in taken:
            sent.append(send)
            if send.op == "post":
                delivery.posted(desk, send, "C0FRONT", f"{len(sent)}.{send.message_id[:4]}")
            else:
                delivery.updated(desk, send)
    return sent


def test_a_single_denial_gets_only_its_card(desk: Desk) -> None:
    [ref] = add_items(desk, 1)
    gather(desk, [ref])

    assert compose_due(desk) == 1

    [send] = _posted(desk)
    shown = delivery.content(desk, send)
    assert isinstance(shown, Card)
    assert shown.item.ref == ref


def test_a_digest_is_a_summary_then_cards_then_lists_with_every_item_once(desk: Desk) -> None:
    refs = add_items(desk, 70)
    gather(desk, refs)

    compose_due(desk)

    shown = [delivery.content(desk, send) for send in _posted(desk)]
    summary, *rest = shown
    assert isinstance(summary, Summary)
    assert (summary.count, summary.carded, summary.listed) == (70, 3, 67)
    cards = [one.item.ref for one in rest if isinstance(one, Card)]
    lists = [one for one in rest if isinstance(one, WorkList)]
    assert cards == refs[:3], "the most valuable ones get the cards"
    assert [len(one.items) for one in lists] == [LIST_LINES, LIST_LINES, 7]
    assert [*cards, *(item.ref for one in lists for item in one.items)] == refs
    assert [type(one) for one in rest] == [Card] * 3 + [WorkList] * 3


def test_nothing_is_announced_before_the_gathering_ends(desk: Desk, clock: FixedClock) -> None:
    refs = add_items(desk, 2)
    gather(desk, refs)
    clock.at -= timedelta(seconds=1)

    assert compose_due(desk) == 0
    assert delivery.take(desk, "w") == []


def test_a_digest_is_composed_once(desk: Desk) -> None:
    gather(desk, add_items(desk, 2))

    assert compose_due(desk) == 1
    assert compose_due(desk) == 0


def test_what_was_resolved_meanwhile_is_not_announced(desk: Desk) -> None:
    [kept, gone] = add_items(desk, 2)
    gather(desk, [kept, gone])
    change(desk, gone, state="resolved", outcome="Not a denial")

    compose_due(desk)

    [send] = _posted(desk)
    shown = delivery.content(desk, send)
    assert isinstance(shown, Card)
    assert shown.item.ref == kept


def test_what_somebody_has_on_a_card_already_is_not_announced_again(desk: Desk, clock: FixedClock) -> None:
    [taken, other] = add_items(desk, 2)
    gather(desk, [taken, other])
    change(desk, taken, state="claimed", assignee="U0FRONT1")
    with desk.db.write() as session:
        item = session.merge(get(desk, taken))
        give_card(session, item, "C0FRONT", clock.now())

    compose_due(desk)

    shown = [delivery.content(desk, send) for send in _posted(desk)]
    assert sorted(one.item.ref for one in shown if isinstance(one, Card)) == sorted([taken, other])


@pytest.mark.parametrize("count", [2, 5])
def test_an_item_that_comes_back_leaves_a_pointer_on_its_older_message(desk: Desk, count: int) -> None:
    refs = add_items(desk, count)
    gather(desk, refs)
    compose_due(desk)
    first = {send.message_id for send in _posted(desk) if send.op == "post"}

    gather(desk, refs)
    compose_due(desk)
    sent = _posted(desk)

    updates = [send for send in sent if send.op == "update"]
    assert {send.message_id for send in updates} == first - _summaries(desk, first)
    for send in updates:
        shown = delivery.content(desk, send)
        items = [shown.item] if isinstance(shown, Card) else shown.items if isinstance(shown, WorkList) else ()
        assert items
        assert all(item.lives_elsewhere for item in items)


def _summaries(desk: Desk, ids: set[str]) -> set[str]:
    from store import messages

    with desk.db.read() as session:
        return {one for one in ids if messages.get(session, one).kind == "summary"}


def test_a_summary_names_the_patterns_with_most_dollars_first(desk: Desk) -> None:
    few = add_items(desk, 2, payer_label="Cigna", amount_cents=90_000)
    many = add_items(desk, 6, amount_cents=10_000)
    lone = [add_items(desk, 1, payer_label=f"Payer {n}", amount_cents=500_000)[0] for n in range(6)]
    gather(desk, [*many, *few, *lone])

    compose_due(desk)

    summary = delivery.content(desk, _posted(desk)[0])
    assert isinstance(summary, Summary)
    assert [(one.payer, one.count, str(one.amount)) for one in summary.patterns[:2]] == [
        ("Cigna", 2, "1800.00"),
        ("Aetna", 6, "600.00"),
    ]
    assert {one.count for one in summary.patterns[2:]} == {1}, "a dear single account hides no pattern"
    assert summary.more_patterns == 3
    assert summary.earliest_due == desk.today() + timedelta(days=57)
