"""`denials doctor` finds what is wrong in settings, rules, database and Slack, and says how to mend it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli.main import invoke
from bot.doctor import Finding, clock_finding, examine
from bot.manifest import app_manifest
from sandbox.app import app_of_manifest
from sandbox.server import Sandbox
from services import workspace
from services.desk import Desk
from services.keys import provide_vault
from store.database import Database
from tests.bot.processes import DATA_KEY, RULES
from tests.bot.rig import fast_sandbox
from tests.conftest import DATA_KEY as KEY
from tests.conftest import FixedClock, FixedRules

Examine = Callable[[Sandbox], list[Finding]]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A workspace with the app of our own manifest."""
    with fast_sandbox() as started:
        yield started


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch, sqlite_template: Path, tmp_path: Path) -> Examine:
    """Runs doctor on a good installation against a workspace."""
    shutil.copy(sqlite_template, tmp_path / "denials.db")
    monkeypatch.chdir(tmp_path)

    def examined(sandbox: Sandbox) -> list[Finding]:
        for name, value in {
            "SLACK_API_URL": sandbox.api_url,
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "SLACK_APP_TOKEN": sandbox.app_token,
            "DENIALS_RULES": str(RULES),
            "DENIALS_DATABASE_URL": f"sqlite:///{tmp_path}/denials.db",
            "DENIALS_DATA_KEY": DATA_KEY,
        }.items():
            monkeypatch.setenv(name, value)
        return examine()

    return examined


def _errors(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(one.topic, one.message) for one in findings if one.level == "error"]


def test_a_good_installation_has_nothing_to_mend(look: Examine, sandbox: Sandbox) -> None:
    findings = look(sandbox)
    assert _errors(findings) == []
    looked_at = {"settings", "rules", "database", "token", "scopes", "socket", "channels"}
    assert looked_at <= {one.topic for one in findings if one.level == "ok"}


def test_a_missing_scope_is_named_with_what_it_is_for(look: Examine) -> None:
    app = app_of_manifest(app_manifest())
    with Sandbox(app=replace(app, scopes=app.scopes - {"channels:history"} | {"files:read"})) as sandbox:
        findings = look(sandbox)
    (error,) = [one for one in findings if one.topic == "scopes" and one.level == "error"]
    assert "channels:history is missing, needed to" in error.message
    assert "denials manifest" in error.mend
    assert any("files:read" in one.message for one in findings if one.level == "warning")


def test_a_revoked_token_is_told(look: Examine, sandbox: Sandbox) -> None:
    sandbox.reject_token("token_revoked")
    assert ("token", "Slack refuses SLACK_BOT_TOKEN: token_revoked") in _errors(look(sandbox))


def test_false_tokens_are_both_told(look: Examine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    look(sandbox)  # sets the variables
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-false")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-false")
    assert [topic for topic, _ in _errors(examine())] == ["token", "socket"]
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    assert [topic for topic, _ in _errors(examine())] == ["settings", "socket"]


def test_the_clock_is_compared_with_slack_s_or_said_to_be_unchecked(look: Examine, sandbox: Sandbox) -> None:
    (unchecked,) = [one for one in look(sandbox) if one.topic == "clock"]
    assert "not compared with Slack's clock" in unchecked.message  # the sandbox's answers carry no date
    now = datetime.now(UTC)
    assert clock_finding(now, "").level == "ok"
    wrong = clock_finding(now - timedelta(seconds=90), "")
    assert wrong.level == "error"
    assert "90 s" in wrong.message or "91 s" in wrong.message


def test_an_archived_channel_is_told_with_its_use(look: Examine, sandbox: Sandbox) -> None:
    sandbox.archive("C0FRONT")
    assert ("channels", "C0FRONT (owner front_desk): is archived") in _errors(look(sandbox))


def test_a_database_of_another_workspace_is_told(look: Examine, sandbox: Sandbox, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/denials.db")
    desk = Desk(database, FixedRules(None), provide_vault(database, KEY), FixedClock(datetime.now(UTC)))  # type: ignore[arg-type]  # no rules are looked at
    workspace.remember(desk, "T0ELSEWHERE")
    database.dispose()
    (error,) = [one for one in look(sandbox) if one.topic == "workspace"]
    assert "T0ELSEWHERE" in error.message


def test_slack_not_answering_is_told_and_the_rest_still_looked_at(look: Examine, sandbox: Sandbox) -> None:
    sandbox.stop()
    findings = look(sandbox)
    assert [topic for topic, _ in _errors(findings)] == ["slack"]
    assert any(one.topic == "database" and one.level == "ok" for one in findings)


def test_a_payer_without_a_label_is_listed_on_the_host_only(
    look: Examine,
    sandbox: Sandbox,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look(sandbox)  # sets the variables
    (tmp_path / "a.csv").write_text("claim_id,payer,carc,amount\nA-1,Nobody Has Heard Of It,CO-31,120.00\n")
    assert invoke(["ingest", "a.csv"]) == 0
    (warning,) = [one for one in look(sandbox) if one.topic == "payers"]
    assert '"Nobody Has Heard Of It"' in warning.message
    assert "Nobody" not in capsys.readouterr().out
    labelled = RULES.read_text().replace("payers:\n", 'payers:\n  "nobody*": Nobody\n')
    (tmp_path / "labelled.yaml").write_text(labelled)
    monkeypatch.setenv("DENIALS_RULES", str(tmp_path / "labelled.yaml"))
    assert [one for one in examine() if one.topic == "payers"] == []
