"""`denials outbox`: what is parked, with its mend; retried without posting twice, or let go."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from denials.rules.model import RuleSet
from services import delivery
from services.desk import Desk
from services.keys import provide_vault
from store.database import Database
from tests.bot.conftest import Run
from tests.bot.rig import say
from tests.conftest import DATA_KEY, FixedClock, FixedRules


@pytest.fixture
def desk(
    run: Run, sqlite_template: Path, tmp_path: Path, rules: RuleSet, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """The desk on the database that the command opens."""
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_template, tmp_path / "data" / "denials.db")
    monkeypatch.setenv("DENIALS_DATA_KEY", base64.urlsafe_b64encode(DATA_KEY).decode())
    database = Database(f"sqlite:///{tmp_path}/data/denials.db")
    yield Desk(database, FixedRules(rules), provide_vault(database, DATA_KEY), FixedClock())
    database.dispose()


def _park(desk: Desk, channel: str, reason: str) -> str:
    say(desk, channel, f"for {channel}")
    (send,) = [one for one in delivery.take(desk, "w", limit=10) if one.channel == channel]
    delivery.park(desk, send, reason)
    return send.outbox_id


def test_parked_messages_are_listed_with_reason_and_mend(desk: Desk, run: Run) -> None:
    assert run("outbox").status == 0
    parked = _park(desk, "C0OPS", "Slack refused it: is_archived")
    shown = run("outbox")
    assert shown.status == 1
    assert f"{parked[:8]}" in shown.out
    assert "notice for C0OPS: Slack refused it: is_archived → unarchive the channel" in shown.out
    told = json.loads(run("outbox", "--json").out)
    assert told["depth"]["parked"] == 1
    assert told["parked"][0]["id"] == parked
    assert told["parked"][0]["mend"].startswith("unarchive")


def test_a_post_is_retried_by_looking_for_it_first(desk: Desk, run: Run) -> None:
    _park(desk, "C0OPS", "the channel's history cannot be read (missing_scope)")
    assert "1 to be tried again" in run("outbox", "--retry").out
    assert delivery.depth(desk) == {"ambiguous": 1}


def test_one_of_two_is_let_go(desk: Desk, run: Run) -> None:
    kept = _park(desk, "C0OPS", "Slack refused it: is_archived")
    gone = _park(desk, "C0LEADS", "Slack refused it: is_archived")
    answer = run("outbox", gone[:8], "--drop")
    assert "1 dropped" in answer.out
    assert kept[:8] in answer.out
    assert gone[:8] not in answer.out


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--retry", "--drop"), 2, "not both"),
        (("abc",), 2, "--retry or --drop"),
        (("abc", "--drop"), 1, "no parked message has that id"),
    ],
)
def test_a_wrong_call_is_one_line(desk: Desk, run: Run, arguments: tuple[str, ...], status: int, words: str) -> None:
    answer = run("outbox", *arguments)
    assert answer.status == status
    assert words in answer.err
    assert answer.err.count("\n") == 1
