"""What tests of prevention reviews share: a practice whose authorizations repeat, and what is told of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from denials.prevention import ACTIONS, CAUSES
from services import delivery, reviews
from services.desk import Desk
from services.people import Actor
from services.reviews import CauseLog
from services.views import Content, Refused, ReviewDone, ReviewView
from tests.services.repeating import AUTHORIZATION, counted, denied

MEMBER, LEAD = Actor("U0AUTH1"), Actor("U0LEAD")


def live_ten_weeks(desk: Desk) -> None:
    """Ten weeks of a practice before the window: four authorizations and six registrations a week."""
    weeks = [desk.today() - timedelta(days=14 + 7 * week) for week in range(10)]
    counted(desk, *((day, 4, AUTHORIZATION) for day in weeks), *((day, 6, {}) for day in weeks))


def open_review(desk: Desk) -> ReviewView:
    """A review of prior authorizations, after those weeks."""
    denied(desk, desk.today() - timedelta(days=2), 30, **AUTHORIZATION)
    assert reviews.detect_due(desk) == 1
    (found,) = reviews.listing(desk)
    return found


def cause(desk: Desk, **more: Any) -> CauseLog:
    words = {
        "cause": CAUSES[0],
        "cause_words": "the new form has no field for it",
        "action": ACTIONS[0],
        "action_words": "a field was added",
        "responsible": "U0AUTH1",
        "effective": desk.today(),
    }
    return CauseLog(**{**words, **more})


def done(answer: ReviewDone | Refused) -> ReviewView:
    assert isinstance(answer, ReviewDone), answer
    return answer.review


def refused(answer: object) -> Refused:
    assert isinstance(answer, Refused), answer
    return answer


def sent(desk: Desk) -> list[tuple[str, Content | None]]:
    """Everything that waits for the sender now, as it would read, by channel; it counts as sent then."""
    told = []
    while rows := delivery.take(desk, "test"):
        for send in rows:
            told.append((send.channel, delivery.content(desk, send)))
            if send.op == "post":
                delivery.posted(desk, send, send.channel, f"{len(told)}.{send.outbox_id[:6]}")
            else:
                delivery.updated(desk, send)
    return told
