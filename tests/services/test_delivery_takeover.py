"""The outbox when senders follow each other: what a dead one held, and what a late one says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from services import delivery
from services.desk import Desk
from services.views import Send
from tests.services.sending import card_in_slack, take_one
from tests.services.stock import change, post_notice


def test_rows_are_shared_by_replicas_without_being_taken_twice(desk: Desk) -> None:
    for number in range(4):
        post_notice(desk, str(number), f"C0CH{number}")

    one, other = delivery.take(desk, "a", limit=2), delivery.take(desk, "b", limit=4)

    ids = [send.outbox_id for send in (*one, *other)]
    assert len(ids) == 4
    assert len(set(ids)) == 4
    assert all(send.last_sent_at is not None and send.last_sent_at <= datetime.now(UTC) for send in one)


def test_after_a_crash_posts_are_doubtful_and_updates_are_repeated(desk: Desk) -> None:
    ref, _ = card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    update = take_one(desk)
    post_notice(desk, "bulk", "C0CODING")
    post = take_one(desk)

    assert delivery.take_over(desk) == 2

    assert [send.outbox_id for send in delivery.ambiguous_rows(desk)] == [post.outbox_id]
    assert take_one(desk).outbox_id == update.outbox_id


def test_after_a_crash_a_repeated_update_may_meet_a_newer_wish(desk: Desk) -> None:
    ref, _ = card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    take_one(desk)
    change(desk, ref, state="open", assignee=None)

    delivery.take_over(desk)

    delivery.updated(desk, take_one(desk))
    assert delivery.depth(desk) == {}


def _posted_by_another(desk: Desk) -> Send:
    """What a sender took before it stood still; another one has posted it since."""
    post_notice(desk, "once", "C0FRONT")
    late = take_one(desk)
    delivery.take_over(desk)
    [doubtful] = delivery.ambiguous_rows(desk)
    delivery.not_arrived(desk, doubtful)
    again = take_one(desk)
    delivery.posted(desk, again, "C0FRONT", "1.1")
    return late


TOO_LATE: dict[str, Callable[[Desk, Send], None]] = {
    "rate limited": lambda desk, send: delivery.retry(desk, send, 0, "rate limited"),
    "outcome unknown": delivery.ambiguous,
    "channel closed": lambda desk, send: delivery.reroute(desk, send, "is_archived"),
    "blocks refused": lambda desk, send: delivery.plain_from_now_on(desk, send, "invalid_blocks"),
    "refused": lambda desk, send: delivery.park(desk, send, "Slack refused it"),
    "not arrived": delivery.not_arrived,
    "nothing to show": delivery.drop,
}


@pytest.mark.parametrize("outcome", TOO_LATE.values(), ids=list(TOO_LATE))
def test_what_a_sender_says_after_another_took_over_posts_nothing_again(
    desk: Desk, outcome: Callable[[Desk, Send], None]
) -> None:
    late = _posted_by_another(desk)

    outcome(desk, late)

    assert delivery.depth(desk) == {}
    assert delivery.take(desk, "w") == []


def test_a_post_that_another_sender_is_making_is_not_given_up_for_it(desk: Desk) -> None:
    post_notice(desk, "once", "C0FRONT")
    late = take_one(desk)
    delivery.take_over(desk)
    delivery.not_arrived(desk, delivery.ambiguous_rows(desk)[0])
    again = take_one(desk)

    delivery.retry(desk, late, 0, "taken too long ago")

    assert delivery.depth(desk) == {"sending": 1}
    delivery.posted(desk, again, "C0FRONT", "1.1")
    assert delivery.depth(desk) == {}


def test_a_post_that_arrived_after_all_is_not_posted_again(desk: Desk) -> None:
    post_notice(desk, "once", "C0FRONT")
    late = take_one(desk)
    delivery.take_over(desk)
    delivery.not_arrived(desk, delivery.ambiguous_rows(desk)[0])

    delivery.posted(desk, late, "C0FRONT", "1.1")

    assert delivery.take(desk, "w") == []


def test_an_update_told_too_late_does_not_swallow_a_newer_wish(desk: Desk) -> None:
    ref, _ = card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    late = take_one(desk)
    delivery.take_over(desk)
    change(desk, ref, state="open", assignee=None)

    delivery.updated(desk, late)

    assert take_one(desk).op == "update"
