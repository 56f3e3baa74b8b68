"""Where a claim's denials stand after all that one payer decided, whatever the order in which it was learned."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from denials.settlement import Decision, LineAmounts, Refused, Settlement, Standing, settle

START = date(2026, 1, 5)


def decision(day: int, *lines: tuple[str, int, int, int], item: str = "auth", place: int = 1) -> Decision:
    """A claim of lines (procedure, charge, paid, denied)."""
    return Decision(
        day=START + timedelta(days=day),
        place=(f"r{day}", place),
        charge=sum(line[1] for line in lines),
        paid=sum(line[2] for line in lines),
        lines=tuple(LineAmounts(n, line[0], line[1], line[2]) for n, line in enumerate(lines, 1)),
        refused=tuple(Refused(item, n, line[3]) for n, line in enumerate(lines, 1) if line[3]),
    )


def reversal(day: int, of: Decision, place: int = 0) -> Decision:
    """The status 22 of a decision."""
    lines = tuple(LineAmounts(n.ordinal, n.procedure, -n.charge, -n.paid) for n in of.lines or ())
    return Decision(START + timedelta(days=day), (f"r{day}", place), -of.charge, -of.paid, True, lines)


DENIED = decision(0, ("99213", 100, 80, 0), ("97110", 100, 0, 100))


def test_an_unanswered_denial_stays() -> None:
    assert settle([DENIED]).items == {"auth": Settlement(100, 0, "none")}


def test_lines_are_told_apart_by_what_they_are_when_a_payer_reorders_them() -> None:
    swapped = decision(9, ("97110", 100, 60, 0), ("99213", 100, 80, 0))
    found = settle([DENIED, reversal(9, DENIED), swapped])
    assert found.items["auth"] == Settlement(100, 60, "full")
    assert found.standings == (Standing.REPLACED, Standing.REVERSAL, Standing.STANDS)


def test_two_alike_lines_are_told_apart_by_their_place() -> None:
    first = decision(0, ("97110", 100, 70, 0), ("97110", 100, 0, 100))
    again = decision(9, ("97110", 100, 70, 0), ("97110", 100, 70, 0))
    assert settle([first, reversal(9, first), again]).items["auth"] == Settlement(100, 70, "full")


def test_the_lines_of_a_plain_payment_may_be_unknown() -> None:
    whole = Decision(START + timedelta(days=9), ("r9", 1), 200, 150)
    assert settle([DENIED, reversal(8, DENIED), whole]).items["auth"] == Settlement(100, 70, "full")
    alone = Decision(START + timedelta(days=9), ("r9", 1), 100, 65)
    assert settle([DENIED, alone]).items["auth"] == Settlement(100, 65, "full")


def test_two_items_on_one_line_share_what_is_recovered() -> None:
    both = Decision(
        START,
        ("r0", 1),
        100,
        0,
        lines=(LineAmounts(1, "97110", 100, 0),),
        refused=(Refused("auth", 1, 75), Refused("coding", 1, 25)),
    )
    found = settle([both, decision(9, ("97110", 100, 80, 0))]).items
    assert (found["auth"].recovered, found["coding"].recovered) == (60, 20)


def test_a_line_refused_for_another_reason_counts_there_only() -> None:
    first = decision(0, ("99213", 100, 0, 100), ("97110", 100, 0, 100))
    lines = first.lines
    mixed = Decision(
        START + timedelta(days=9),
        ("r9", 1),
        200,
        0,
        lines=lines,
        refused=(Refused("auth", 1, 100), Refused("coding", 2, 100)),
    )
    found = settle([first, reversal(9, first), mixed]).items
    assert (found["auth"].amount, found["coding"].amount) == (100, 100)


def test_a_claim_level_denial_is_paid_bit_by_bit() -> None:
    whole = Decision(START, ("r0", 1), 200, 0, refused=(Refused("auth", 0, 200),))
    first, second = decision(5, ("99213", 80, 70, 0)), decision(9, ("97110", 120, 90, 0))
    assert settle([whole, first]).items["auth"] == Settlement(120, 70, "part")
    assert settle([whole, first, second]).items["auth"] == Settlement(200, 160, "full")


def test_only_money_that_no_later_decision_explains_was_taken_back() -> None:
    paid = decision(0, ("99213", 100, 80, 0))
    assert settle([paid]).taken_back == 0
    assert settle([paid, reversal(3, paid)]).taken_back == 80
    assert settle([paid, reversal(3, paid), decision(9, ("99213", 100, 50, 0))]).taken_back == 0


def test_a_reversal_takes_back_the_decision_it_fits() -> None:
    small, large = decision(0, ("99213", 100, 20, 0)), decision(2, ("99213", 100, 80, 0))
    assert settle([small, large, reversal(5, small)]).standings[:2] == (Standing.REVERSED, Standing.STANDS)


lines = st.lists(
    st.tuples(
        st.sampled_from(["99213", "97110", "80053"]), st.sampled_from([100, 150]), st.integers(0, 100), st.just(0)
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def histories(draw: st.DrawFn) -> list[Decision]:
    """What a payer decides over time: denials, payments, and reversals of what was decided before."""
    made: list[Decision] = []
    for day in range(draw(st.integers(1, 5))):
        takes_back = draw(st.booleans())
        if made and takes_back:
            taken: Decision = draw(st.sampled_from([one for one in made if not one.reversal]))
            made.append(reversal(day, taken))
        decided = []
        for procedure, charge, paid, _ in draw(lines):
            denied = draw(st.sampled_from([0, charge - paid]))
            decided.append((procedure, charge, paid, denied))
        made.append(decision(day, *decided, item=draw(st.sampled_from(["auth", "coding"]))))
    return made


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(history: list[Decision], order: object) -> None:
    shuffled = list(history)
    order.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert settle(shuffled) == settle(history)


@given(histories())
def test_never_more_is_recovered_than_came_after_the_first_denial(history: list[Decision]) -> None:
    found = settle(history)
    first = next((n for n, one in enumerate(found.order) if one.refused), len(found.order))
    gained = sum(max(0, line.paid) for one in found.order[first + 1 :] for line in one.lines or ())
    assert 0 <= sum(one.recovered for one in found.items.values()) <= gained
    for one in found.items.values():
        assert one.payment in ("none", "part", "full")
        assert (one.payment == "none") == (one.recovered == 0)
        assert one.amount > 0


@given(histories())
def test_each_reversal_takes_back_at_most_one_decision(history: list[Decision]) -> None:
    marks = settle(history).standings
    taken = sum(mark in (Standing.REVERSED, Standing.REPLACED) for mark in marks)
    assert taken <= marks.count(Standing.REVERSAL)
    assert marks.count(Standing.REVERSAL) == sum(one.reversal for one in history)
