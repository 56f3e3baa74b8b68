"""`denials doctor` finds what is wrong in settings, rules, database and Slack, and says how to mend it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.cli.main import invoke
from bot.doctor import clock_finding, examine
from bot.findings import Finding
from bot.manifest import app_manifest
from denials.rules.model import RuleSet
from sandbox.app import app_of_manifest
from sandbox.server import Sandbox
from services import delivery, workspace
from services.desk import Desk
from services.keys import provide_vault
from store.database import Database
from tests.bot.processes import DATA_KEY, RULES
from tests.bot.rig import fast_sandbox, say
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
    looked_at = {"settings", "rules", "database", "key", "disk", "token", "scopes", "socket", "channels", "people"}
    assert looked_at <= {one.topic for one in findings if one.level == "ok"}


def test_a_missing_scope_is_named_with_what_it_is_for(look: Examine) -> None:
    app = app_of_manifest(app_manifest())
    with Sandbox(app=replace(app, scopes=app.scopes - {"channels:history"} | {"files:read"})) as sandbox:
        findings = look(sandbox)
    (error,) = [one for one in findings if one.topic == "scopes" and one.level == "error"]
    assert "channels:history is missing, needed to" in error.message
    assert "denials manifest" in error.mend
    assert any("files:read" in one.message for one in findings if one.level == "warning")


def test_a_user_group_that_cannot_be_read_is_told_with_its_mend(look: Examine, tmp_path: Path) -> None:
    app = app_of_manifest(app_manifest())
    with Sandbox(app=replace(app, scopes=app.scopes - {"usergroups:read"})) as sandbox:
        (scope,) = [one for one in look(sandbox) if one.topic == "scopes"]
        assert (scope.level, "usergroups:read" in scope.message) == ("warning", True), "these rules name people only"
        grouped(tmp_path, "S0FRONT, U0FRONT1")
        told = [one for one in examine() if one.level == "error"]
        assert [one.topic for one in told] == ["scopes", "groups"]
        assert "S0FRONT: without usergroups:read" in told[1].message
        assert "denials manifest" in told[1].mend


def test_a_user_group_that_is_not_there_is_told(look: Examine, sandbox: Sandbox, tmp_path: Path) -> None:
    look(sandbox)
    grouped(tmp_path, "S0NOBODY, S0FRONT")
    findings = [(one.level, one.message) for one in examine() if one.topic == "groups"]
    assert findings == [
        ("error", "S0NOBODY: Slack has no such user group, or it is disabled"),
        ("ok", "1 of 2 user groups have members"),
    ]


def grouped(folder: Path, members: str) -> None:
    """Rules of whose front desk these are members."""
    text = RULES.read_text(encoding="utf-8").replace("members: [U0FRONT1, U0FRONT2]", f"members: [{members}]", 1)
    (folder / "grouped.yaml").write_text(text, encoding="utf-8")
    os.environ["DENIALS_RULES"] = str(folder / "grouped.yaml")  # put back by the fixture


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


def _one(findings: list[Finding], topic: str) -> Finding:
    (found,) = [one for one in findings if one.topic == topic and one.level != "ok"]
    assert found.mend, "a finding without a mend helps nobody"
    return found


def test_a_key_that_does_not_fit_is_told(
    look: Examine, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(f"sqlite:///{tmp_path}/denials.db")
    provide_vault(database, KEY)
    database.dispose()
    look(sandbox)
    monkeypatch.setenv("DENIALS_DATA_KEY", "B" * 43 + "=")
    assert "key" in _one(examine(), "key").message
    monkeypatch.delenv("DENIALS_DATA_KEY")
    assert "key" in _one(examine(), "key").message, "it is not made anew for a database that has one"
    assert not list(tmp_path.glob("*.key"))


def test_somebody_unknown_in_the_rules_is_named_with_their_part(
    look: Examine, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(sandbox)
    (tmp_path / "rules.yaml").write_text(RULES.read_text().replace("U0CODE1", "U0NOBODY"))
    monkeypatch.setenv("DENIALS_RULES", str(tmp_path / "rules.yaml"))
    assert "U0NOBODY (member of coding_team): Slack says user_not_found" in _one(examine(), "people").message


@pytest.mark.parametrize(("megabytes", "level"), [(50, "error"), (500, "warning"), (5000, "ok")])
def test_a_disk_that_fills_up_is_told_in_time(
    look: Examine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, megabytes: int, level: str
) -> None:
    usage = SimpleNamespace(free=megabytes * 1024**2)
    monkeypatch.setattr("bot.doctor_host.shutil.disk_usage", lambda _folder: usage)
    (disk,) = [one for one in look(sandbox) if one.topic == "disk"]
    assert disk.level == level


def test_folders_that_may_not_be_used_are_told(
    look: Examine, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(sandbox)
    (tmp_path / "new").mkdir()
    monkeypatch.setenv("DENIALS_INBOX", str(tmp_path / "new"))
    monkeypatch.setattr("bot.doctor_host.os.access", lambda *_: False)  # whoever runs the tests may do everything
    findings = examine()
    assert "DENIALS_INBOX" in _one(findings, "settings").message
    assert "may not write the database" in _one(findings, "disk").message
    monkeypatch.setenv("DENIALS_INBOX", str(tmp_path / "missing"))
    assert "names no folder" in _one(examine(), "settings").message


def test_files_that_others_may_read_are_told(look: Examine, sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "denials.db").chmod(0o644)
    assert _one(look(sandbox), "files").mend.startswith("chmod 600")
    (tmp_path / "denials.db").chmod(0o600)
    assert [one for one in look(sandbox) if one.topic == "files"] == []


def test_parked_messages_are_told_with_the_command_that_retries_them(
    look: Examine, sandbox: Sandbox, tmp_path: Path, rules: RuleSet
) -> None:
    database = Database(f"sqlite:///{tmp_path}/denials.db")
    desk = Desk(database, FixedRules(rules), provide_vault(database, KEY), FixedClock(datetime.now(UTC)))
    say(desk, "C0FRONT", "parked")
    (send,) = delivery.take(desk, "w")
    delivery.park(desk, send, "the channel's history cannot be read (missing_scope)")
    database.dispose()
    parked = _one(look(sandbox), "messages")
    assert "manifest" in parked.mend
    assert "denials outbox --retry" in parked.mend


def test_every_finding_of_a_broken_installation_has_a_mend(
    look: Examine, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(sandbox)
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("DENIALS_DATABASE_URL", f"sqlite:///{tmp_path}/none/denials.db")
    monkeypatch.setenv("DENIALS_RULES", str(tmp_path / "none.yaml"))
    findings = examine()
    wrong = [one for one in findings if one.level != "ok"]
    assert {"settings", "rules", "database", "disk", "clock"} <= {one.topic for one in wrong}
    assert [one for one in wrong if not one.mend] == []
    assert [one for one in findings if one.level == "ok" and one.mend] == []
