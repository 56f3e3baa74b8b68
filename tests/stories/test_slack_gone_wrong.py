"""Every error of Slack's that the bot knows has its home: what it does about each, seen from the channels."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from bot.homes import Home, home_of, known_errors, mend_in, mend_of
from denials.rules.model import RuleSet
from sandbox.faults import dropped_after, failing, limited, refused, slow
from sandbox.server import Sandbox
from services import delivery, health, parked
from services.desk import Desk
from services.keys import provide_vault
from store.database import Database
from tests.bot.rig import OPS, Rig, eventually, fast_sandbox, idle, say, say_anew, shown, texts
from tests.conftest import DATA_KEY, FixedClock, FixedRules

POST, UPDATE, HISTORY, JOIN = "chat.postMessage", "chat.update", "conversations.history", "conversations.join"
FAST = 100.0  # times as fast as Slack: many of these wait for minutes
DOCS = Path(__file__).parents[2] / "docs" / "slack-errors.md"


def with_home(*homes: Home) -> list[str]:
    """Slack's names of errors of one kind."""
    return [error for error, home in known_errors().items() if home in homes]


@pytest.fixture
def desk(sqlite_template: Path, tmp_path: Path, rules: RuleSet) -> Iterator[Desk]:
    """A desk on SQLite; what the outbox does on PostgreSQL is tested where it is written."""
    shutil.copy(sqlite_template, tmp_path / "denials.db")
    database = Database(f"sqlite:///{tmp_path}/denials.db")
    yield Desk(database, FixedRules(rules), provide_vault(database, DATA_KEY), FixedClock())
    database.dispose()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A workspace for one test."""
    with fast_sandbox(scale=FAST) as started:
        yield started


@pytest.fixture
def rig(desk: Desk, sandbox: Sandbox) -> Iterator[Rig]:
    """A sender that runs and is known to Slack."""
    with Rig(desk, sandbox, scale=FAST, timeout=1) as started:
        eventually(lambda: started.workspace.works, "Slack knows us")
        yield started


def _refused_by(rig: Rig, error: str) -> bool:
    return rig.workspace.refused_by == error


def _said(sandbox: Sandbox, text: str) -> bool:
    return text in texts(sandbox, OPS)


def test_a_refused_token_keeps_every_row_and_is_loud(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    for error in with_home(Home.STOP):
        sandbox.faults.next("auth.test", refused(error))  # and for a while
        sandbox.faults.next(POST, refused(error))
        say(desk, OPS, f"kept through {error}")
        eventually(partial(_refused_by, rig, error), f"noticed {error}")
        assert not rig.workspace.works, "not ready"
        eventually(lambda: idle(desk), f"sent once the token works again after {error}")
        assert texts(sandbox, OPS)[-1] == f"kept through {error}"
    assert health.parked(desk) == ()


def test_where_nothing_can_be_posted_the_ops_channel_gets_it_with_one_notice(
    desk: Desk, sandbox: Sandbox, rig: Rig
) -> None:
    for error in with_home(Home.MOVE):
        where, called = ("U0LEAD", "<@U0LEAD>") if "user" in error or "dm" in error else ("C0FRONT", "<#C0FRONT>")
        sandbox.faults.next(POST, refused(error))
        say(desk, where, f"homeless by {error}")
        eventually(partial(_said, sandbox, f"homeless by {error}"), f"moved for {error}")
        eventually(lambda: idle(desk), "everything said")
        assert sum(f"{called} cannot be posted to ({error})" in text for text in texts(sandbox, OPS)) == 1
    assert texts(sandbox, "C0FRONT") == []


def test_an_ops_channel_that_cannot_be_posted_to_parks_what_was_for_it(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    sandbox.archive(OPS)
    say(desk, OPS, "nowhere to go")
    eventually(lambda: health.parked(desk), "parked")
    (one,) = health.parked(desk)
    assert mend_in(one.reason) == "unarchive the channel, or name another one in rules.yaml"
    sandbox.archive(OPS, archived=False)
    assert parked.retry(desk) == 1
    rig.sender.wake()
    eventually(lambda: texts(sandbox, OPS) == ["nowhere to go"], "posted after the mend")
    assert len(sandbox.calls.of(HISTORY)) >= 2, "looked for it before posting again"


def test_a_private_channel_without_us_counts_as_one_that_cannot_be_posted_to(
    desk: Desk, sandbox: Sandbox, rig: Rig
) -> None:
    sandbox.faults.next(POST, refused("not_in_channel"))
    sandbox.faults.next(JOIN, refused("method_not_supported_for_channel_type"))
    say(desk, "C0FRONT", "knock knock")
    eventually(lambda: "knock knock" in texts(sandbox, OPS), "moved")


def test_what_slack_finds_wrong_with_blocks_goes_as_text(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    for error in with_home(Home.PLAIN):
        sandbox.faults.next(POST, refused(error))
        say(desk, OPS, f"words after {error}")
        eventually(partial(_said, sandbox, f"words after {error}"), f"sent after {error}")
        assert shown(sandbox, OPS)[-1].blocks == []
    sandbox.faults.next(POST, refused("msg_too_long"), times=2)
    say(desk, "C0FRONT", "too long even so")
    eventually(lambda: health.parked(desk), "parked")
    assert "even as plain text" in health.parked(desk)[0].reason


def test_a_message_that_cannot_be_updated_is_posted_anew(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    for error in with_home(Home.REPLACE):
        message_id = say(desk, "C0FRONT", f"a card, {error}")
        eventually(lambda: idle(desk), "posted")
        sandbox.faults.next(UPDATE, refused(error))
        say_anew(desk, message_id)
        eventually(lambda: idle(desk), "replaced")
        assert texts(sandbox, "C0FRONT").count(f"a card, {error}") == 2


def test_what_passes_by_itself_is_tried_again(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    passing = [error for error in with_home(Home.LATER) if error != "rate_limited"]  # waits half a minute; see limits
    for error in passing:
        sandbox.faults.next(POST, refused(error))
        say(desk, OPS, f"later, {error}")
    eventually(lambda: idle(desk), "all sent")
    assert sorted(texts(sandbox, OPS)) == sorted(f"later, {error}" for error in passing)


def test_an_error_that_nobody_knows_is_tried_a_few_times_and_parked(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    sandbox.faults.next(POST, refused("an_error_of_next_year"), times=6)
    say(desk, "C0FRONT", "what is this")
    eventually(lambda: health.parked(desk), "parked")
    eventually(lambda: any("is parked: " in text for text in texts(sandbox, OPS)), "the administrator told")
    assert len([call for call in sandbox.calls.of(POST) if call.channel == "C0FRONT"]) == 6
    assert parked.drop(desk) == 1
    assert health.parked(desk) == ()


def test_only_refusals_of_one_kind_count_toward_parking(desk: Desk, sandbox: Sandbox) -> None:
    say(desk, "C0FRONT", "patience")
    for _ in range(4):
        delivery.retry(desk, delivery.take(desk, "before")[0], 0, "rate limited")
    sandbox.faults.next(POST, refused("message_limit_exceeded"))
    sandbox.faults.next(POST, refused("an_error_of_next_year"))  # met on the sixth attempt
    with Rig(desk, sandbox, scale=FAST, timeout=1):
        eventually(lambda: idle(desk), "posted, or given up")
    assert health.parked(desk) == ()
    assert texts(sandbox, "C0FRONT") == ["patience"]


@pytest.mark.parametrize(
    "fault",
    [
        failing(500),
        failing(503),
        refused("fatal_error"),
        refused("internal_error"),
        refused("request_timeout"),
        refused("service_unavailable"),
        dropped_after(),
        slow(2.5),
    ],
    ids=["500", "503", "fatal", "internal", "timeout", "unavailable", "dropped after accepting", "slow"],
)
def test_where_slack_may_have_done_it_the_message_is_there_once(
    desk: Desk, sandbox: Sandbox, rig: Rig, fault: object
) -> None:
    sandbox.faults.next(POST, fault)  # type: ignore[arg-type]  # one of the sandbox's faults
    sandbox.faults.next(HISTORY, limited(1))
    say(desk, "C0FRONT", "only once")
    eventually(lambda: idle(desk), "settled")
    assert texts(sandbox, "C0FRONT") == ["only once"]


def test_a_limit_on_updates_holds_no_posts_back(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    message_id = say(desk, "C0FRONT", "a card")
    eventually(lambda: idle(desk), "posted")
    sandbox.faults.next(UPDATE, limited(2))
    say_anew(desk, message_id)
    eventually(lambda: sandbox.calls.of(UPDATE), "the limit met")
    say(desk, "C0CODING", "meanwhile")
    eventually(lambda: texts(sandbox, "C0CODING") == ["meanwhile"], "posted meanwhile")
    eventually(lambda: idle(desk), "updated after the wait")
    first, second = sandbox.calls.of(UPDATE)
    assert second.at - first.at >= 2
    assert sandbox.calls.of(POST)[-1].at < second.at


def test_a_limit_on_one_channel_holds_no_other_back(desk: Desk, sandbox: Sandbox, rig: Rig) -> None:
    for n in range(2):
        say(desk, "C0FRONT", f"front {n}")
    eventually(lambda: idle(desk), "warm")
    sandbox.calls.clear()
    say(desk, "C0FRONT", "front 2")
    eventually(lambda: idle(desk), "the channel has just been posted to")
    sandbox.faults.next(POST, limited(2))
    say(desk, "C0FRONT", "front 3")
    eventually(lambda: any(call.status == 429 for call in sandbox.calls.of(POST)), "the limit met")
    say(desk, "C0CODING", "meanwhile")
    eventually(lambda: idle(desk), "all sent")
    assert len([call for call in sandbox.calls.of(POST) if call.status == 429]) == 1, "not hammered"
    assert texts(sandbox, "C0FRONT") == [f"front {n}" for n in range(4)]


def test_every_error_stands_in_the_docs_with_what_to_do() -> None:
    page = DOCS.read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+)`", page))
    assert sorted(set(known_errors()) - named) == []
    for error in known_errors():
        assert mend_of(error)
        assert home_of(error) is known_errors()[error]


def test_the_mend_of_a_parked_row_is_found_in_its_reason() -> None:
    assert "/invite" in mend_in("whether it arrived cannot be seen (not_in_channel)")
    assert "manifest" in mend_in("the channel's history cannot be read (missing_scope)")
    assert "report" in mend_in("it cannot be drawn; please report this")
    assert "--retry" in mend_in("Slack refused it again and again: an_error_of_next_year")


def test_depth_counts_what_waits(desk: Desk) -> None:
    say(desk, OPS, "one")
    assert delivery.depth(desk) == {"pending": 1}
