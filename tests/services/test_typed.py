"""A claim number that the database knows is not kept, wherever people type words in Slack."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import select

from denials.commands import Outcome
from denials.model import Sensitive
from denials.notes import HOLDS_NUMBER
from denials.prevention import DISMISSALS
from denials.reasons import HandOffReason
from denials.rules.model import RuleSet
from services import bulk, moves, notes, reviews, work
from services.desk import Desk
from services.moves import Destination
from services.people import Actor
from services.views import Done, Refused, ReviewDone
from services.work import Resolution
from store.tables import Adjudication, Event, ReviewEvent
from tests.services.repeating import AUTHORIZATION
from tests.services.reviewing import MEMBER, cause, live_ten_weeks, open_review
from tests.services.stock import add_items, get

FRONT = Actor("U0FRONT1")
DENIED, PAID = "AB-1234", "XY77Z"

Typing = Callable[[Desk, str, str], object]


def _to_coding(note: str) -> Destination:
    return Destination("coding", HandOffReason.WRONG_CATEGORY, note=note)


ON_ITEMS: dict[str, Typing] = {
    "resolve": lambda desk, ref, text: work.resolve(desk, ref, None, FRONT, Resolution(Outcome.APPEALED, note=text)),
    "write off": lambda desk, ref, text: work.resolve(
        desk, ref, None, FRONT, Resolution(Outcome.WRITTEN_OFF, note=text)
    ),
    "hand off": lambda desk, ref, text: moves.hand_off(desk, ref, None, FRONT, _to_coding(text)),
    "note": lambda desk, ref, text: notes.short_note(desk, ref, FRONT, text),
}
ON_REVIEWS: dict[str, Typing] = {
    "cause": lambda desk, ref, text: reviews.log_cause(desk, ref, None, MEMBER, cause(desk, cause_words=text)),
    "action": lambda desk, ref, text: reviews.log_cause(desk, ref, None, MEMBER, cause(desk, action_words=text)),
    "dismissal": lambda desk, ref, text: reviews.dismiss(desk, ref, None, MEMBER, DISMISSALS[0], text),
}


@pytest.fixture
def ref(desk: Desk, rules: RuleSet) -> str:
    """An item of one known claim, beside another claim that was paid and is nobody's work."""
    with desk.db.write() as session:
        paid = desk.vault.number_key(Sensitive(PAID))
        session.add(Adjudication(claim_key=paid, remit_id=1, ordinal=1, paid_cents=100))
    return add_items(desk, 1, number_key=desk.vault.number_key(Sensitive(DENIED)))[0]


def _logged(desk: Desk) -> int:
    with desk.db.read() as session:
        return len(session.exec(select(Event.id)).all()) + len(session.exec(select(ReviewEvent.id)).all())


@pytest.mark.parametrize("typing", ON_ITEMS.values(), ids=list(ON_ITEMS))
def test_a_known_claim_number_in_words_about_a_denial_is_not_kept(desk: Desk, ref: str, typing: Typing) -> None:
    for text in (f"see {DENIED.lower()}.", f"same as (#{PAID})"):
        answer = typing(desk, ref, text)
        assert answer == Refused("note", HOLDS_NUMBER)
    assert (_logged(desk), get(desk, ref).version) == (0, 1)
    assert isinstance(typing(desk, ref, "see AB-1235 and CO-197"), Done)


@pytest.mark.parametrize("typing", ON_REVIEWS.values(), ids=list(ON_REVIEWS))
def test_a_known_claim_number_in_words_about_a_review_is_not_kept(desk: Desk, ref: str, typing: Typing) -> None:
    live_ten_weeks(desk)
    review, before = open_review(desk), _logged(desk)
    assert typing(desk, review.ref, f"began with {PAID}") == Refused("note", HOLDS_NUMBER)
    assert (_logged(desk), reviews.get(desk, review.ref)) == (before, review)
    assert isinstance(typing(desk, review.ref, "began in the new office"), ReviewDone)


def test_for_several_it_is_said_once(desk: Desk, ref: str) -> None:
    every: list[tuple[str, int | None]] = [(one, 1) for one in (ref, *add_items(desk, 3, **AUTHORIZATION))]
    to = _to_coding(f"like {DENIED}")
    came = bulk.each(every, lambda one, version: moves.hand_off(desk, one, version, FRONT, to, gather=True))
    assert [refused.text for _, refused in came.refused] == [HOLDS_NUMBER]
    assert came.done == ()


def test_only_those_who_may_work_it_learn_anything(desk: Desk, ref: str) -> None:
    answer = notes.short_note(desk, ref, Actor("U0STRANGER", guest=True), f"see {DENIED}")
    assert isinstance(answer, Refused)
    assert answer.code == "not_allowed"
