"""The outbox: order, one pending update per message, people first, and a home for every failure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from services import delivery
from services.desk import Desk
from services.digest import compose_due
from services.items import show_change
from services.views import Card, Notice, Send
from store import items
from tests.services.stock import add_items, change, gather, get, post_notice


def _take_one(desk: Desk, **wishes: Any) -> Send:
    [send] = delivery.take(desk, "w", **wishes)
    return send


def _card_in_slack(desk: Desk) -> tuple[str, Send]:
    """A posted card: its reference and what was sent."""
    [ref] = add_items(desk, 1)
    gather(desk, [ref])
    compose_due(desk)
    send = _take_one(desk)
    delivery.posted(desk, send, "C0FRONT", "100.1")
    return ref, send


def _list_in_slack(desk: Desk, count: int = 5) -> list[str]:
    """A posted digest: the references on its list."""
    refs = add_items(desk, count)
    gather(desk, refs)
    compose_due(desk)
    number = 0
    while taken := delivery.take(desk, "w"):
        for send in taken:
            number += 1
            delivery.posted(desk, send, "C0FRONT", f"100.{number}")
    return refs[desk.rules.digest.cards :]


def _notices(desk: Desk) -> list[str]:
    """What the ops channel is told, each line once per post."""
    said = []
    while taken := delivery.take(desk, "w"):
        for send in taken:
            shown = delivery.content(desk, send)
            if isinstance(shown, Notice):
                said.append(shown.text)
            delivery.posted(desk, send, send.channel, f"200.{len(said)}")
    return said


def test_a_channel_gets_its_messages_in_order_and_one_at_a_time(desk: Desk) -> None:
    first, second = post_notice(desk, "one", "C0FRONT"), post_notice(desk, "two", "C0FRONT")
    elsewhere = post_notice(desk, "three", "C0CODING")

    taken = [_take_one(desk), _take_one(desk)]
    assert [send.message_id for send in taken] == [first, elsewhere], "one in flight per channel"
    assert delivery.take(desk, "w") == []

    delivery.posted(desk, taken[0], "C0FRONT", "1.1")
    assert _take_one(desk).message_id == second


def test_an_update_waits_for_its_post(desk: Desk) -> None:
    [ref] = add_items(desk, 1)
    gather(desk, [ref])
    compose_due(desk)
    post = _take_one(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")

    assert delivery.take(desk, "w") == [], "the post is still under way"

    delivery.posted(desk, post, "C0FRONT", "1.1")
    update = _take_one(desk)
    assert (update.op, update.channel, update.ts) == ("update", "C0FRONT", "1.1")
    shown = delivery.content(desk, update)
    assert isinstance(shown, Card)
    assert shown.item.assignee == "U0FRONT1"


def test_a_post_that_waits_shows_the_latest_state_without_an_update(desk: Desk) -> None:
    [ref] = add_items(desk, 1)
    gather(desk, [ref])
    compose_due(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")

    post = _take_one(desk)
    shown = delivery.content(desk, post)
    assert isinstance(shown, Card)
    assert shown.item.assignee == "U0FRONT1"
    delivery.posted(desk, post, "C0FRONT", "1.1")
    assert delivery.take(desk, "w") == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_post_is_not_drawn_while_somebody_is_changing_what_it_shows(desk: Desk) -> None:
    [ref] = add_items(desk, 1)
    gather(desk, [ref])
    compose_due(desk)
    with desk.db.write() as session:
        item = items.by_ref(session, ref, lock=True)
        assert item is not None
        items.change(session, item, {"state": "claimed", "assignee": "U0FRONT1"})
        show_change(session, item, datetime.now(UTC), human=True)
        assert delivery.take(desk, "w") == []

    shown = delivery.content(desk, _take_one(desk))
    assert isinstance(shown, Card)
    assert shown.item.assignee == "U0FRONT1"


def test_several_changes_become_one_update(desk: Desk) -> None:
    ref, _ = _card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    change(desk, ref, state="open", assignee=None)
    change(desk, ref, state="claimed", assignee="U0FRONT2")

    update = _take_one(desk)
    shown = delivery.content(desk, update)
    assert isinstance(shown, Card)
    assert shown.item.assignee == "U0FRONT2"
    delivery.updated(desk, update)
    assert delivery.take(desk, "w") == []


def test_a_change_during_an_update_is_shown_by_another_one(desk: Desk) -> None:
    ref, _ = _card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    under_way = _take_one(desk)
    change(desk, ref, state="open", assignee=None)

    assert delivery.take(desk, "w") == []
    delivery.updated(desk, under_way)
    assert _take_one(desk).op == "update"


def test_an_update_that_failed_joins_the_newer_wish(desk: Desk) -> None:
    ref, _ = _card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    under_way = _take_one(desk)
    change(desk, ref, state="open", assignee=None)
    delivery.retry(desk, under_way, 3600, "rate limited")

    again = _take_one(desk)
    assert again.outbox_id != under_way.outbox_id
    delivery.updated(desk, again)
    assert delivery.depth(desk).get("pending", 0) == 0


def test_clicks_on_one_list_wait_a_moment_and_become_one_update(desk: Desk) -> None:
    refs = _list_in_slack(desk)
    for ref in refs:
        change(desk, ref, state="claimed", assignee="U0FRONT1")

    assert delivery.take(desk, "w") == [], "the list waits for further clicks"
    assert delivery.depth(desk) == {"pending": 1}


def test_people_come_before_bulk_posts(desk: Desk) -> None:
    ref, _ = _card_in_slack(desk)
    post_notice(desk, "bulk", "C0CODING")
    change(desk, ref, state="claimed", assignee="U0FRONT1")

    assert _take_one(desk).op == "update"


def test_operations_can_be_held_back(desk: Desk) -> None:
    ref, _ = _card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    post_notice(desk, "bulk", "C0CODING")

    assert delivery.take(desk, "w", allow_post=False, allow_update=False) == []
    assert delivery.take(desk, "w", allow_update=False, skip_channels=["C0CODING"]) == []
    assert _take_one(desk, allow_bulk_update=False).op == "update", "a person's update is no bulk"


def test_a_retried_row_waits_its_time(desk: Desk) -> None:
    post_notice(desk, "one", "C0FRONT")
    send = _take_one(desk)
    delivery.retry(desk, send, 3600, "rate limited")
    assert delivery.take(desk, "w") == []

    post_notice(desk, "two", "C0CODING")
    soon = _take_one(desk)
    delivery.retry(desk, soon, 0, "again")
    again = _take_one(desk)
    assert (again.outbox_id, again.attempts) == (soon.outbox_id, 2)
    assert again.first_sent_at == soon.first_sent_at
    assert again.last_sent_at is not None
    assert soon.last_sent_at is not None
    assert again.last_sent_at >= soon.last_sent_at


def test_a_post_of_unknown_outcome_stays_apart_until_it_is_settled(desk: Desk) -> None:
    post_notice(desk, "one", "C0FRONT")
    send = _take_one(desk)
    delivery.ambiguous(desk, send)

    assert delivery.take(desk, "w") == []
    [doubtful] = delivery.ambiguous_rows(desk)
    assert doubtful.outbox_id == send.outbox_id

    delivery.not_arrived(desk, doubtful)
    again = _take_one(desk)
    assert again.outbox_id == send.outbox_id, "the same id, so that a late arrival is still recognized"
    delivery.ambiguous(desk, again)
    delivery.posted(desk, delivery.ambiguous_rows(desk)[0], "C0FRONT", "1.1")
    assert delivery.depth(desk) == {}


def test_after_a_crash_posts_are_doubtful_and_updates_are_repeated(desk: Desk) -> None:
    ref, _ = _card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    update = _take_one(desk)
    post_notice(desk, "bulk", "C0CODING")
    post = _take_one(desk)

    assert delivery.take_over(desk) == 2

    assert [send.outbox_id for send in delivery.ambiguous_rows(desk)] == [post.outbox_id]
    assert _take_one(desk).outbox_id == update.outbox_id


def test_after_a_crash_a_repeated_update_may_meet_a_newer_wish(desk: Desk) -> None:
    ref, _ = _card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    _take_one(desk)
    change(desk, ref, state="open", assignee=None)

    delivery.take_over(desk)

    delivery.updated(desk, _take_one(desk))
    assert delivery.depth(desk) == {}


def test_a_closed_channel_sends_all_its_posts_to_the_ops_channel_with_one_notice(desk: Desk) -> None:
    for text in ("one", "two", "three"):
        post_notice(desk, text, "C0CODING")
    delivery.reroute(desk, _take_one(desk), "is_archived")

    said = _notices(desk)
    assert said[:3] == ["one", "two", "three"]
    [notice] = said[3:]
    assert "<#C0CODING> cannot be posted to (is_archived)" in notice

    post_notice(desk, "four", "C0CODING")
    delivery.reroute(desk, _take_one(desk), "is_archived")
    assert _notices(desk) == ["four"], "the ops channel was told already"


def test_updates_for_a_closed_channel_are_given_up(desk: Desk) -> None:
    ref, _ = _card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    delivery.reroute(desk, _take_one(desk), "is_archived")
    assert delivery.depth(desk) == {}


def test_a_closed_ops_channel_parks_its_posts(desk: Desk) -> None:
    post_notice(desk, "one", desk.rules.ops_channel)
    delivery.reroute(desk, _take_one(desk), "channel_not_found")
    assert delivery.depth(desk) == {"parked": 1}


def test_a_parked_post_is_told_once_and_never_updated(desk: Desk) -> None:
    [ref] = add_items(desk, 1)
    gather(desk, [ref])
    compose_due(desk)
    send = _take_one(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    delivery.park(desk, send, "Slack refused it")
    change(desk, ref, state="open", assignee=None)

    [notice] = _notices(desk)
    assert "is parked: Slack refused it" in notice
    assert delivery.depth(desk) == {"parked": 1}


def test_a_message_deleted_in_slack_is_posted_anew_once(desk: Desk) -> None:
    ref, first = _card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    delivery.replace(desk, _take_one(desk))

    post = _take_one(desk)
    assert (post.op, post.message_id, post.channel) == ("post", first.message_id, "C0FRONT")
    delivery.posted(desk, post, "C0FRONT", "200.1")
    assert get(desk, ref).home == first.message_id

    change(desk, ref, state="open", assignee=None)
    update = _take_one(desk)
    assert update.ts == "200.1"
    delivery.replace(desk, update)
    assert delivery.take(desk, "w") == [], "a second loss is left alone"


def test_a_message_whose_blocks_were_refused_goes_as_text_from_then_on(desk: Desk) -> None:
    ref, _ = _card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    update = _take_one(desk)
    assert not delivery.is_plain(desk, update)
    delivery.plain_from_now_on(desk, update, "invalid_blocks")

    assert delivery.is_plain(desk, _take_one(desk))


def test_nothing_left_to_show_is_not_sent(desk: Desk) -> None:
    post_notice(desk, "one", "C0FRONT")
    delivery.drop(desk, _take_one(desk))
    assert delivery.depth(desk) == {}


def test_the_same_notice_waits_only_once(desk: Desk) -> None:
    delivery.notify_ops(desk, "A file was rejected.")
    delivery.notify_ops(desk, "A file was rejected.")
    assert _notices(desk) == ["A file was rejected."]

    delivery.notify_ops(desk, "A file was rejected.")
    assert _notices(desk) == ["A file was rejected."], "another file, another notice"


def test_rows_are_shared_by_replicas_without_being_taken_twice(desk: Desk) -> None:
    for number in range(4):
        post_notice(desk, str(number), f"C0CH{number}")

    one, other = delivery.take(desk, "a", limit=2), delivery.take(desk, "b", limit=4)

    ids = [send.outbox_id for send in (*one, *other)]
    assert len(ids) == 4
    assert len(set(ids)) == 4
    assert all(send.last_sent_at is not None and send.last_sent_at <= datetime.now(UTC) for send in one)


def _posted_by_another(desk: Desk) -> Send:
    """What a sender took before it stood still; another one has posted it since."""
    post_notice(desk, "once", "C0FRONT")
    late = _take_one(desk)
    delivery.take_over(desk)
    [doubtful] = delivery.ambiguous_rows(desk)
    delivery.not_arrived(desk, doubtful)
    again = _take_one(desk)
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
    late = _take_one(desk)
    delivery.take_over(desk)
    delivery.not_arrived(desk, delivery.ambiguous_rows(desk)[0])
    again = _take_one(desk)

    delivery.retry(desk, late, 0, "taken too long ago")

    assert delivery.depth(desk) == {"sending": 1}
    delivery.posted(desk, again, "C0FRONT", "1.1")
    assert delivery.depth(desk) == {}


def test_a_post_that_arrived_after_all_is_not_posted_again(desk: Desk) -> None:
    post_notice(desk, "once", "C0FRONT")
    late = _take_one(desk)
    delivery.take_over(desk)
    delivery.not_arrived(desk, delivery.ambiguous_rows(desk)[0])

    delivery.posted(desk, late, "C0FRONT", "1.1")

    assert delivery.take(desk, "w") == []


def test_an_update_told_too_late_does_not_swallow_a_newer_wish(desk: Desk) -> None:
    ref, _ = _card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    late = _take_one(desk)
    delivery.take_over(desk)
    change(desk, ref, state="open", assignee=None)

    delivery.updated(desk, late)

    assert _take_one(desk).op == "update"
