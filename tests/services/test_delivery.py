"""The outbox: order, one pending update per message, people first, and a home for every failure."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services import delivery
from services.desk import Desk
from services.digest import compose_due
from services.items import show_change
from services.views import Card, Notice
from store import items
from tests.services.sending import card_in_slack, take_one
from tests.services.stock import add_items, change, gather, get, post_notice


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

    taken = [take_one(desk), take_one(desk)]
    assert [send.message_id for send in taken] == [first, elsewhere], "one in flight per channel"
    assert delivery.take(desk, "w") == []

    delivery.posted(desk, taken[0], "C0FRONT", "1.1")
    assert take_one(desk).message_id == second


def test_an_update_waits_for_its_post(desk: Desk) -> None:
    [ref] = add_items(desk, 1)
    gather(desk, [ref])
    compose_due(desk)
    post = take_one(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")

    assert delivery.take(desk, "w") == [], "the post is still under way"

    delivery.posted(desk, post, "C0FRONT", "1.1")
    update = take_one(desk)
    assert (update.op, update.channel, update.ts) == ("update", "C0FRONT", "1.1")
    shown = delivery.content(desk, update)
    assert isinstance(shown, Card)
    assert shown.item.assignee == "U0FRONT1"


def test_a_post_that_waits_shows_the_latest_state_without_an_update(desk: Desk) -> None:
    [ref] = add_items(desk, 1)
    gather(desk, [ref])
    compose_due(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")

    post = take_one(desk)
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

    shown = delivery.content(desk, take_one(desk))
    assert isinstance(shown, Card)
    assert shown.item.assignee == "U0FRONT1"


def test_several_changes_become_one_update(desk: Desk) -> None:
    ref, _ = card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    change(desk, ref, state="open", assignee=None)
    change(desk, ref, state="claimed", assignee="U0FRONT2")

    update = take_one(desk)
    shown = delivery.content(desk, update)
    assert isinstance(shown, Card)
    assert shown.item.assignee == "U0FRONT2"
    delivery.updated(desk, update)
    assert delivery.take(desk, "w") == []


def test_a_change_during_an_update_is_shown_by_another_one(desk: Desk) -> None:
    ref, _ = card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    under_way = take_one(desk)
    change(desk, ref, state="open", assignee=None)

    assert delivery.take(desk, "w") == []
    delivery.updated(desk, under_way)
    assert take_one(desk).op == "update"


def test_an_update_that_failed_joins_the_newer_wish(desk: Desk) -> None:
    ref, _ = card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    under_way = take_one(desk)
    change(desk, ref, state="open", assignee=None)
    delivery.retry(desk, under_way, 3600, "rate limited")

    again = take_one(desk)
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
    ref, _ = card_in_slack(desk)
    post_notice(desk, "bulk", "C0CODING")
    change(desk, ref, state="claimed", assignee="U0FRONT1")

    assert take_one(desk).op == "update"


def test_operations_can_be_held_back(desk: Desk) -> None:
    ref, _ = card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    post_notice(desk, "bulk", "C0CODING")

    assert delivery.take(desk, "w", allow_post=False, allow_update=False) == []
    assert delivery.take(desk, "w", allow_update=False, skip_channels=["C0CODING"]) == []
    assert take_one(desk, allow_bulk_update=False).op == "update", "a person's update is no bulk"


def test_a_retried_row_waits_its_time(desk: Desk) -> None:
    post_notice(desk, "one", "C0FRONT")
    send = take_one(desk)
    delivery.retry(desk, send, 3600, "rate limited")
    assert delivery.take(desk, "w") == []

    post_notice(desk, "two", "C0CODING")
    soon = take_one(desk)
    delivery.retry(desk, soon, 0, "again")
    again = take_one(desk)
    assert (again.outbox_id, again.attempts) == (soon.outbox_id, 2)
    assert again.first_sent_at == soon.first_sent_at
    assert again.last_sent_at is not None
    assert soon.last_sent_at is not None
    assert again.last_sent_at >= soon.last_sent_at


def test_a_post_of_unknown_outcome_stays_apart_until_it_is_settled(desk: Desk) -> None:
    post_notice(desk, "one", "C0FRONT")
    send = take_one(desk)
    delivery.ambiguous(desk, send)

    assert delivery.take(desk, "w") == []
    [doubtful] = delivery.ambiguous_rows(desk)
    assert doubtful.outbox_id == send.outbox_id

    delivery.not_arrived(desk, doubtful)
    again = take_one(desk)
    assert again.outbox_id == send.outbox_id, "the same id, so that a late arrival is still recognized"
    delivery.ambiguous(desk, again)
    delivery.posted(desk, delivery.ambiguous_rows(desk)[0], "C0FRONT", "1.1")
    assert delivery.depth(desk) == {}


def test_a_closed_channel_sends_all_its_posts_to_the_ops_channel_with_one_notice(desk: Desk) -> None:
    for text in ("one", "two", "three"):
        post_notice(desk, text, "C0CODING")
    delivery.reroute(desk, take_one(desk), "is_archived")

    said = _notices(desk)
    assert said[:3] == ["one", "two", "three"]
    [notice] = said[3:]
    assert "<#C0CODING> cannot be posted to (is_archived)" in notice

    post_notice(desk, "four", "C0CODING")
    delivery.reroute(desk, take_one(desk), "is_archived")
    assert _notices(desk) == ["four"], "the ops channel was told already"


def test_updates_for_a_closed_channel_are_given_up(desk: Desk) -> None:
    ref, _ = card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    delivery.reroute(desk, take_one(desk), "is_archived")
    assert delivery.depth(desk) == {}


def test_a_closed_ops_channel_parks_its_posts(desk: Desk) -> None:
    post_notice(desk, "one", desk.rules.ops_channel)
    delivery.reroute(desk, take_one(desk), "channel_not_found")
    assert delivery.depth(desk) == {"parked": 1}


def test_a_parked_post_is_told_once_and_never_updated(desk: Desk) -> None:
    [ref] = add_items(desk, 1)
    gather(desk, [ref])
    compose_due(desk)
    send = take_one(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    delivery.park(desk, send, "Slack refused it")
    change(desk, ref, state="open", assignee=None)

    [notice] = _notices(desk)
    assert "is parked: Slack refused it" in notice
    assert delivery.depth(desk) == {"parked": 1}


def test_a_message_deleted_in_slack_is_posted_anew_once(desk: Desk) -> None:
    ref, first = card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    delivery.replace(desk, take_one(desk))

    post = take_one(desk)
    assert (post.op, post.message_id, post.channel) == ("post", first.message_id, "C0FRONT")
    delivery.posted(desk, post, "C0FRONT", "200.1")
    assert get(desk, ref).home == first.message_id

    change(desk, ref, state="open", assignee=None)
    update = take_one(desk)
    assert update.ts == "200.1"
    delivery.replace(desk, update)
    assert delivery.take(desk, "w") == [], "a second loss is left alone"


def test_a_message_whose_blocks_were_refused_goes_as_text_from_then_on(desk: Desk) -> None:
    ref, _ = card_in_slack(desk)
    change(desk, ref, state="claimed", assignee="U0FRONT1")
    update = take_one(desk)
    assert not delivery.is_plain(desk, update)
    delivery.plain_from_now_on(desk, update, "invalid_blocks")

    assert delivery.is_plain(desk, take_one(desk))


def test_nothing_left_to_show_is_not_sent(desk: Desk) -> None:
    post_notice(desk, "one", "C0FRONT")
    delivery.drop(desk, take_one(desk))
    assert delivery.depth(desk) == {}


def test_the_same_notice_waits_only_once(desk: Desk) -> None:
    delivery.notify_ops(desk, "A file was rejected.")
    delivery.notify_ops(desk, "A file was rejected.")
    assert _notices(desk) == ["A file was rejected."]

    delivery.notify_ops(desk, "A file was rejected.")
    assert _notices(desk) == ["A file was rejected."], "another file, another notice"
