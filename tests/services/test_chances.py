"""Ranking learns from how this practice's own denials ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from denials.ranking import PRIOR, chance
from denials.rules.labels import UNLISTED_PAYER
from services.chances import EVEN, ChanceBook, Chances, Odds
from services.delivery import content, posted, take
from services.desk import Desk
from services.digest import compose_due
from services.history import details
from services.home import home
from services.people import Actor
from services.views import Card
from store.outcomes import Ended
from tests.conftest import FixedClock
from tests.services.stock import add_items, gather

WON, WRITTEN_OFF = "Overturned and paid", "Written off"


def _past(desk: Desk, outcome: str, count: int, **values: object) -> None:
    ended = {"state": "resolved", "outcome": outcome, "resolved_at": desk.now(), "first_code": "CO-197"}
    add_items(desk, count, **{**ended, **values})


def test_without_outcomes_of_its_own_the_odds_are_even(desk: Desk) -> None:
    with desk.db.read() as session:
        assert desk.chances.read(session, desk.now()).of("CO-197", "Aetna") == EVEN == Odds(PRIOR)


def test_the_odds_are_those_of_the_code_with_this_payer_drawn_to_those_of_the_code(desk: Desk) -> None:
    _past(desk, WON, 8)
    _past(desk, WRITTEN_OFF, 2, payer_label="Cigna")

    with desk.db.read() as session:
        chances = desk.chances.read(session, desk.now())

    code = chance(8, 10)
    assert chances.of("CO-197", "Aetna") == Odds(chance(8, 8, prior=code), 8, 8, 8, 10)
    assert chances.of("CO-197", "Cigna") == Odds(chance(0, 2, prior=code), 0, 2, 8, 10)
    assert chances.of("CO-197", "Humana") == Odds(code, 0, 0, 8, 10)
    assert chances.of("CO-16", "Aetna") == EVEN


def test_only_decided_denials_count(desk: Desk) -> None:
    _past(desk, "Not a denial", 3)
    _past(desk, WON, 3, kind="rejection")
    _past(desk, "Appeal sent", 3, state="waiting", resolved_at=None)
    _past(desk, WON, 3, resolved_at=desk.now() - timedelta(days=731))
    _past(desk, "Billed to patient", 1, history=True)

    with desk.db.read() as session:
        assert desk.chances.read(session, desk.now()).of("CO-197", "Aetna").decided == 1


def test_payers_that_no_label_tells_apart_are_not_taken_for_one() -> None:
    chances = Chances([Ended("CO-197", UNLISTED_PAYER, 9, 10)])

    assert chances.of("CO-197", UNLISTED_PAYER) == Odds(chance(9, 10), 0, 0, 9, 10)


def test_outcomes_are_looked_at_again_after_a_while(desk: Desk) -> None:
    book, impatient = ChanceBook(), ChanceBook(kept_s=0)
    with desk.db.read() as session:
        assert book.read(session, desk.now()).of("CO-197", "Aetna").decided == 0
        assert impatient.read(session, desk.now()).of("CO-197", "Aetna").decided == 0
    _past(desk, WON, 1)
    with desk.db.read() as session:
        assert book.read(session, desk.now()).of("CO-197", "Aetna").decided == 0
        assert impatient.read(session, desk.now()).of("CO-197", "Aetna").decided == 1
        book.forget()
        assert book.read(session, desk.now()).of("CO-197", "Aetna").decided == 1


def _two(desk: Desk) -> list[str]:
    """The larger one hopeless, the smaller one nearly sure."""
    _past(desk, WRITTEN_OFF, 90, first_code="CO-29")
    _past(desk, WON, 90)
    [hopeless] = add_items(desk, 1, amount_cents=15000, first_code="CO-29", codes="CO-29")
    [sure] = add_items(desk, 1, amount_cents=10000, first_code="CO-197", codes="CO-197")
    return [sure, hopeless]


def _carded(desk: Desk) -> Sequence[str]:
    shown = []
    while sends := take(desk, "w"):
        for send in sends:
            shown.append(content(desk, send))
            posted(desk, send, "C0FRONT", send.message_id)
    return [one.item.ref for one in shown if isinstance(one, Card)]


def test_a_digest_begins_with_what_promises_most(desk: Desk) -> None:
    refs = _two(desk)
    gather(desk, refs)

    compose_due(desk)

    assert _carded(desk) == refs


def test_app_home_ranks_by_the_same_odds(desk: Desk) -> None:
    refs = _two(desk)

    found = home(desk, Actor("U0FRONT1"))

    assert [one.ref for one in found.unclaimed] == refs
    assert found.unclaimed[0].score > found.unclaimed[1].score


def test_the_details_say_what_the_chance_rests_on(desk: Desk, clock: FixedClock) -> None:
    [sure, _] = _two(desk)

    found = details(desk, sure)

    assert found is not None
    assert found.odds == Odds(found.chance, 90, 90, 90, 90)
    assert found.chance > Decimal("0.9")
    assert found.item.score == float((found.item.amount * found.chance * found.urgency).quantize(Decimal("0.01")))


ended = st.builds(
    lambda code, payer, won, lost: Ended(code, payer, won, won + lost),
    st.sampled_from(["CO-1", "CO-2"]),
    st.sampled_from(["A", "B", UNLISTED_PAYER]),
    st.integers(0, 200),
    st.integers(0, 200),
)


@given(st.lists(ended, max_size=12), st.sampled_from(["CO-1", "CO-2", "CO-3", ""]), st.sampled_from(["A", "B", "C"]))
def test_odds_are_chances_and_more_wins_never_lower_them(rows: list[Ended], code: str, payer: str) -> None:
    before = Chances(rows).of(code, payer)
    after = Chances([*rows, Ended(code, payer, 5, 5)]).of(code, payer)

    assert 0 <= before.chance <= 1
    assert after.chance >= before.chance
    assert before.decided <= before.code_decided


def test_what_was_learned_is_renewed_before_anybody_asks(desk: Desk) -> None:
    with desk.db.read() as session:
        assert desk.chances.read(session, desk.now()).of("CO-197", "Aetna") == EVEN
    _past(desk, WON, 8)
    desk.learn()
    with desk.db.read() as session:
        assert desk.chances.read(session, desk.now()).of("CO-197", "Aetna").decided == 8
