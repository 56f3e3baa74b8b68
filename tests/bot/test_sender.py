"""Everything in the outbox reaches Slack exactly once, at Slack's pace, whatever goes wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.faults import dropped_after, dropped_before, failing, limited, refused
from sandbox.server import Sandbox
from services import delivery, health
from services.desk import Desk
from tests.bot.rig import OPS, Rig, eventually, fast_sandbox, idle, say, say_anew, shown, texts

POST, UPDATE, HISTORY = "chat.postMessage", "chat.update", "conversations.history"
CHANNELS = ("C0FRONT", "C0CODING", "C0AUTH", "C0CLINICAL", "C0FOLLOWUP")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A workspace for one test."""
    with fast_sandbox() as started:
        yield started


@pytest.fixture
def rig(desk: Desk, sandbox: Sandbox) -> Rig:
    """A sender, not started yet."""
    return Rig(desk, sandbox)


def test_what_waits_is_posted_once_in_order_and_never_too_fast(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    for n in range(8):
        for channel in CHANNELS:
            say(desk, channel, f"notice {n}")
    with rig:
        eventually(lambda: idle(desk), "everything posted")
    for channel in CHANNELS:
        assert [text[-1] for text in texts(sandbox, channel)] == list("01234567")
    assert sandbox.refused_calls() == []


def test_every_post_carries_its_outbox_id(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    say(desk, OPS, "hello")
    with rig:
        eventually(lambda: shown(sandbox, OPS), "the post")
    (message,) = shown(sandbox, OPS)
    assert message.metadata is not None
    assert message.metadata["event_type"] == "denials_outbox"
    assert len(message.metadata["event_payload"]["outbox_id"]) == 32


@pytest.mark.parametrize("fault", [dropped_after(), dropped_before(), failing(500), failing(503)])
def test_a_post_of_unknown_outcome_ends_up_there_exactly_once(
    desk: Desk, sandbox: Sandbox, rig: Rig, fault: object
) -> None:
    sandbox.faults.next(POST, fault)  # type: ignore[arg-type]  # one of the sandbox's faults
    say(desk, OPS, "only once")
    with rig:
        eventually(lambda: idle(desk), "the doubt settled")
    assert len(shown(sandbox, OPS)) == 1
    assert len(sandbox.calls.of(HISTORY)) >= 1


def test_absence_is_believed_only_after_two_complete_reads(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    sandbox.faults.next(POST, failing(500))
    say(desk, OPS, "lost and found")
    with rig:
        eventually(lambda: len(shown(sandbox, OPS)) == 1, "posted again")
    first, second = sandbox.calls.of(HISTORY)
    failed, again = sandbox.calls.of(POST)
    assert failed.at <= first.at < second.at <= again.at
    assert second.at - failed.at >= 30 / 20, "30 seconds at this workspace's speed"


def test_a_post_that_arrived_is_found_however_much_was_said_since(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    sandbox.faults.next(POST, dropped_after())
    sandbox.faults.next(HISTORY, failing(500), times=2)
    say(desk, OPS, "before the crowd")
    with rig:
        eventually(lambda: sandbox.calls.of(POST), "the post")
        for n in range(450):
            _somebody_says(sandbox, OPS, f"chatter {n}")
        eventually(lambda: idle(desk), "the doubt settled")
    assert len(shown(sandbox, OPS)) == 1


def _somebody_says(sandbox: Sandbox, channel: str, text: str) -> None:
    from sandbox.records import Message

    sandbox.workspace.post(Message(channel, sandbox.workspace.next_ts(), "U0LEAD", text, []))


def test_when_history_cannot_be_read_the_post_is_parked_and_the_administrator_told(
    desk: Desk, sandbox: Sandbox, rig: Rig
) -> None:
    sandbox.faults.next(POST, dropped_after())
    sandbox.faults.next(HISTORY, refused("missing_scope"))
    say(desk, "C0FRONT", "in doubt")
    with rig:
        eventually(lambda: texts(sandbox, OPS), "the notice")
    assert "parked" in texts(sandbox, OPS)[0]
    assert [one.channel for one in health.parked(desk)] == ["C0FRONT"]
    assert len(shown(sandbox, "C0FRONT")) == 1


def test_a_rate_limited_post_is_kept_and_not_hammered(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    sandbox.faults.next(POST, limited(1))
    say(desk, OPS, "patience")
    with rig:
        eventually(lambda: idle(desk), "posted after the wait")
    first, second = sandbox.calls.of(POST)
    assert second.at - first.at >= 1
    assert len(shown(sandbox, OPS)) == 1


def test_an_archived_channels_messages_go_to_the_ops_channel_with_one_notice(
    desk: Desk, sandbox: Sandbox, rig: Rig
) -> None:
    sandbox.archive("C0FRONT")
    for n in range(4):
        say(desk, "C0FRONT", f"homeless {n}")
    with rig:
        eventually(lambda: idle(desk) and len(texts(sandbox, OPS)) == 5, "four messages and a notice")
    said = " ".join(texts(sandbox, OPS))
    assert all(f"homeless {n}" in said for n in range(4))
    assert said.count("cannot be posted to") == 1
    assert texts(sandbox, "C0FRONT") == []


def test_a_channel_the_bot_is_not_in_is_joined(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    sandbox.remove_app("C0FRONT")
    say(desk, "C0FRONT", "let me in")
    with rig:
        eventually(lambda: idle(desk), "posted")
    assert len(shown(sandbox, "C0FRONT")) == 1


def test_a_message_deleted_in_slack_is_replaced_once(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    message_id = say(desk, OPS, "a card")
    with rig:
        for expected in (1, 1, 0):
            eventually(lambda: idle(desk), "everything sent")
            assert len(shown(sandbox, OPS)) == expected or sandbox.calls.of(UPDATE) == []
            for message in shown(sandbox, OPS):
                sandbox.workspace.delete(message)
            say_anew(desk, message_id)
        eventually(lambda: idle(desk), "the last wish given up")
    assert len(sandbox.calls.of(POST)) == 2
    assert shown(sandbox, OPS) == []


def test_refused_blocks_go_as_plain_text(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    sandbox.faults.next(POST, refused("invalid_blocks"))
    say(desk, OPS, "plain words")
    with rig:
        eventually(lambda: idle(desk), "sent as text")
    (message,) = shown(sandbox, OPS)
    assert "plain words" in message.text
    assert message.blocks == []


def test_a_revoked_token_stops_sending_keeps_everything_and_recovers(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    with rig:
        eventually(lambda: rig.workspace.works, "Slack knows us")
        sandbox.reject_token("token_revoked")
        say(desk, OPS, "kept")
        eventually(lambda: rig.workspace.refused_by == "token_revoked", "noticed")
        assert not rig.workspace.works
        eventually(lambda: delivery.depth(desk) == {"pending": 1}, "the row kept")
        sandbox.accept_token()
        eventually(lambda: idle(desk), "sent once the token works again")
    assert len(shown(sandbox, OPS)) == 1


def test_a_persons_update_overtakes_bulk(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    ids = [say(desk, channel, f"card {n}") for n in range(12) for channel in CHANNELS]
    with rig:
        eventually(lambda: idle(desk), "posted")
        sandbox.calls.clear()
        for message_id in ids[:-1]:
            say_anew(desk, message_id)
        say_anew(desk, ids[-1], human=True)
        eventually(lambda: idle(desk), "updated")
    wanted = shown(sandbox, CHANNELS[-1])[-1].ts
    order = [call.ts for call in sandbox.calls.of(UPDATE)]
    assert order.index(wanted) < 40, "ahead of the bulk that has to wait for its minute"
    assert sandbox.refused_calls() == []


def test_an_update_is_simply_repeated_after_a_dropped_connection(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    message_id = say(desk, OPS, "shown")
    with rig:
        eventually(lambda: idle(desk), "posted")
        sandbox.faults.next(UPDATE, dropped_after())
        say_anew(desk, message_id)
        eventually(lambda: idle(desk), "updated")
    assert len(sandbox.calls.of(UPDATE)) == 2
    assert len(sandbox.calls.of(HISTORY)) == 0


def test_slack_being_away_for_a_while_loses_nothing(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    for channel in CHANNELS:
        say(desk, channel, "after the storm")
    sandbox.faults.next(POST, failing(503), times=8)
    with rig:
        eventually(lambda: idle(desk), "everything posted", seconds=60)
    assert [len(shown(sandbox, channel)) for channel in CHANNELS] == [1] * len(CHANNELS)


def test_a_direct_message_in_doubt_is_looked_for_too(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    sandbox.faults.next(POST, dropped_after())
    say(desk, "U0LEAD", "for you")
    with rig:
        eventually(lambda: idle(desk), "the doubt settled")
    sent = [call for call in sandbox.calls.of(POST) if call.ok or call.injected]
    assert len(sent) == 1


def test_rows_of_a_dead_sender_are_settled_not_repeated(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    say(desk, OPS, "taken and posted")
    (send,) = delivery.take(desk, "dead")
    gone = Rig(desk, sandbox)
    gone.gateway.post(OPS, "taken and posted", [], send.outbox_id)  # killed before it could write that down
    with rig:
        eventually(lambda: idle(desk), "settled")
    assert len(shown(sandbox, OPS)) == 1


def test_a_sender_without_the_lease_sends_nothing(desk: Desk, sandbox: Sandbox) -> None:
    with Rig(desk, sandbox, holder="first") as first:
        eventually(lambda: first.sender.state.has_lease, "the lease")
        with Rig(desk, sandbox, holder="second") as second:
            say(desk, OPS, "one voice")
            eventually(lambda: idle(desk), "sent")
            assert not second.sender.state.has_lease
        first.sender.stop()
        with Rig(desk, sandbox, holder="third") as third:
            eventually(lambda: third.sender.state.has_lease, "a lease given back is free at once")
    assert len(shown(sandbox, OPS)) == 1
