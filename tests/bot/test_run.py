"""`denials run` as a process: killed and started again, stopped, refused, and reached by Slack both ways."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from sandbox.story import Story
from services.desk import Desk
from tests.bot.processes import Bot, denials, free_port
from tests.bot.rig import OPS, eventually, fast_sandbox, idle, say, shown, texts

CHANNELS = ("C0FRONT", "C0CODING", "C0AUTH", "C0CLINICAL", OPS)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A workspace for one test."""
    with fast_sandbox() as started:
        yield started


def test_killed_in_the_middle_of_posting_nothing_is_lost_and_nothing_twice(
    desk: Desk, database_url: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    wanted = Counter(f"{channel} {n}" for n in range(12) for channel in CHANNELS)
    for text in wanted:
        say(desk, text.split()[0], text)
    bot = Bot(tmp_path, database_url, sandbox)
    kills = 3 if desk.db.is_sqlite else 1  # elsewhere each takeover waits for the dead process's lease to run out
    try:
        for nth in range(1, kills + 1):
            bot.start(wait=False)
            _await_posts(sandbox, 12 * nth)
            bot.kill()
        bot.start()
        eventually(lambda: idle(desk), lambda: f"the rest posted\n{bot.log.read_text()[-3000:]}", seconds=90)
    finally:
        bot.kill()
    assert Counter(text for channel in CHANNELS for text in texts(sandbox, channel)) == wanted
    assert [call for call in sandbox.refused_calls() if call.method != "chat.postMessage"] == []


def _await_posts(sandbox: Sandbox, count: int) -> None:
    eventually(lambda: _posts(sandbox) >= count, "some of it posted")


def _posts(sandbox: Sandbox) -> int:
    return sum(len(shown(sandbox, channel)) for channel in CHANNELS)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh migrated SQLite database."""
    path = tmp_path / "denials.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


def test_told_to_stop_it_finishes_and_exits_with_0(database_url: str, sandbox: Sandbox, tmp_path: Path) -> None:
    with Bot(tmp_path, database_url, sandbox) as bot:
        assert bot.terminate() == 0
        assert "stopped" in bot.log.read_text()
        assert "Traceback" not in bot.log.read_text()


def test_a_second_run_on_the_same_sqlite_database_is_refused_in_one_line(
    sqlite_url: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    with Bot(tmp_path, sqlite_url, sandbox) as bot:
        second = denials("run", cwd=tmp_path, **{**bot.variables, "DENIALS_HTTP_PORT": str(free_port())})
        assert second.returncode == 2
        assert "another `denials run`" in second.stderr
        assert second.stderr.count("\n") == 1
        assert bot.ready()["ready"] is True


def test_a_taken_port_is_told_in_one_line(sqlite_url: str, sandbox: Sandbox, tmp_path: Path) -> None:
    with Bot(tmp_path, sqlite_url, sandbox) as bot:
        other = f"sqlite:///{tmp_path}/other.db"
        second = denials("run", cwd=tmp_path, **{**bot.variables, "DENIALS_DATABASE_URL": other})
        assert second.returncode == 2
        assert "DENIALS_HTTP_PORT" in second.stderr
        assert second.stderr.count("\n") == 1


def test_health_readiness_and_metrics_answer_in_every_mode(database_url: str, sandbox: Sandbox, tmp_path: Path) -> None:
    with Bot(tmp_path, database_url, sandbox) as bot:
        assert bot.get("/healthz") == (200, "ok")
        assert bot.ready() == {
            "ready": True,
            "database": "ok",
            "schema": "ok",
            "sender": "sending",
            "slack": "ok",
            "socket": "ok",
        }
        status, metrics = bot.get("/metrics")
        assert status == 200
        assert 'denials_outbox_rows{state="pending"} 0.0' in metrics
        assert "\ndenials_ready 1.0\n" in metrics
        assert "\ndenials_sending 1.0\n" in metrics
        assert bot.get("/slack/events")[0] in (404, 405)


def test_a_revoked_token_makes_it_not_ready_and_loud(sqlite_url: str, sandbox: Sandbox, tmp_path: Path) -> None:
    with Bot(tmp_path, sqlite_url, sandbox) as bot:
        sandbox.reject_token("token_revoked")
        denials("ingest", "missing.835", cwd=tmp_path, **bot.variables)  # any other command still works beside it
        _say(tmp_path, sqlite_url)
        eventually(lambda: bot.get("/readyz")[0] == 503, "not ready")
        assert bot.ready()["slack"] == "token_revoked"
        assert any(json.loads(line)["level"] == "critical" for line in bot.log.read_text().splitlines())
        sandbox.accept_token()
        eventually(lambda: bot.get("/readyz")[0] == 200, "ready again")


def _say(folder: Path, database_url: str) -> None:
    from bot.rules_file import RulesFile
    from services.keys import provide_vault
    from store.database import Database
    from tests.bot.processes import RULES
    from tests.conftest import DATA_KEY, FixedClock

    database = Database(database_url)
    say(Desk(database, RulesFile(RULES), provide_vault(database, DATA_KEY), FixedClock()), OPS, "kept")
    database.dispose()


@pytest.mark.parametrize("http", [False, True], ids=["socket mode", "http"])
def test_a_typed_command_is_answered_by_either_way_into_the_bot(sqlite_url: str, tmp_path: Path, http: bool) -> None:
    port = free_port()
    events = f"http://127.0.0.1:{port}/slack/events" if http else None
    with fast_sandbox(events_url=events) as sandbox, Bot(tmp_path, sqlite_url, sandbox, http=http, port=port) as bot:
        story = Story(sandbox)
        story.command("U0FRONT1", "/denials help", channel="C0FRONT")
        eventually(lambda: story.private_answers("U0FRONT1"), "a private answer")
        assert "/denials" in str(story.private_answers("U0FRONT1")[0])
        assert story.notices("U0FRONT1") == []
        assert (
            'denials_ack_seconds_count{transport="%s"} 1.0' % ("http" if http else "socket") in bot.get("/metrics")[1]
        )


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_when_the_sending_replica_dies_another_takes_over(
    desk: Desk, database_url: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    with Bot(tmp_path, database_url, sandbox) as one, Bot(tmp_path, database_url, sandbox) as other:
        bots = {"sending": one, "another process sends": other}
        if one.ready()["sender"] != "sending":
            bots = {"sending": other, "another process sends": one}
        assert {state: bot.ready()["sender"] for state, bot in bots.items()} == {state: state for state in bots}
        bots["sending"].kill()
        for n in range(5):
            say(desk, OPS, f"notice {n}")
        eventually(lambda: idle(desk), "posted by the other")
        assert bots["another process sends"].ready()["sender"] == "sending"
    assert texts(sandbox, OPS) == [f"notice {n}" for n in range(5)]
