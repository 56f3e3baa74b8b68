"""The command line: help at every level, one line on stderr for whatever is wrong, exit status 0, 1 or 2."""

from __future__ import annotations

import json
import re
import shutil
from calendar import monthrange
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.numbers import stats_text
from tests.bot.conftest import Run
from tests.bot.processes import ROOT, denials

COMMANDS = (
    ("run",),
    ("ingest",),
    ("rules",),
    ("rules", "check"),
    ("rules", "explain"),
    ("rules", "backtest"),
    ("stats",),
    ("report",),
    ("lookup",),
    ("lookups",),
    ("export",),
    ("note",),
    ("manifest",),
    ("doctor",),
    ("db",),
    ("db", "upgrade"),
    ("db", "verify"),
    ("db", "copy"),
    ("db", "backup"),
    ("db", "restore"),
    ("db", "workspace"),
    ("keys",),
    ("keys", "rotate"),
    ("purge",),
    ("sandbox",),
)


@pytest.fixture
def with_database(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A migrated database that the settings name."""
    path = tmp_path / "denials.db"
    shutil.copy(sqlite_template, path)
    monkeypatch.setenv("DENIALS_DATABASE_URL", f"sqlite:///{path}")
    return path


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(run: Run, command: tuple[str, ...]) -> None:
    result = run(*command, "--help")
    assert result.status == 0
    assert f"Usage: denials {' '.join(command)}" in result.out
    assert (
        command in (("rules",), ("db",), ("keys",))
        or "denials " + " ".join(command) in result.out.partition("Example")[2]
    )


def test_the_top_names_every_command(run: Run) -> None:
    out = run("--help").out
    assert all(f"  {command[0]} " in out for command in COMMANDS)


@pytest.mark.parametrize(
    "call",
    [
        ("ingest",),
        ("ingest", "--format", "pdf", "a.835"),
        ("nonsense",),
        ("stats", "--by", "patient"),
        ("stats", "soon"),
        ("stats", "0d"),
        ("rules", "explain", "--group", "XX", "--carc", "16"),
        ("rules", "explain", "--group", "CO", "--carc", "'; DROP"),
        ("rules", "explain", "--group", "CO", "--carc", "16", "--amount", "much"),
        ("rules", "explain", "--group", "CO"),
        ("rules", "explain", "--group", "CO", "--carc", "foo"),
        ("rules", "explain", "--group", "CO", "--carc", "9999"),
        ("rules", "explain", "--group", "CO", "--carc", "16", "--rarc", "ZZZ"),
        ("stats", "1096d"),
        ("stats", "next", "month"),
        ("lookup", "foo"),
        ("export", "--output", "."),
        ("manifest", "--request-url", "foo"),
        ("manifest", "--request-url", "http://denials.example.org/slack/events"),
        ("sandbox", "--events-url", "foo"),
        ("lookup",),
        ("lookup", "DN-ABCDEFGH", "--claim", "1"),
        ("run",),
        ("stats",),
        ("rules", "check", "missing.yaml"),
        ("export", "--since", "x"),
    ],
    ids=" ".join,
)
def test_a_wrong_call_is_one_line_and_status_2(run: Run, call: tuple[str, ...]) -> None:
    result = run(*call)
    assert result.status == 2
    assert result.err.startswith("denials: ")
    assert result.err.count("\n") == 1
    assert "Traceback" not in result.err


def test_a_word_that_an_option_does_not_take_is_told_without_the_parser_s_own_words(run: Run) -> None:
    err = run("ingest", "--format", "pdf", "a.835").err
    assert "'pdf' is not one of 'auto', '835'" in err
    assert "Value error" not in err


def test_run_without_tokens_says_everything_that_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "SLACK_BOT_TOKEN is not set" in run("run").err
    monkeypatch.setenv("DENIALS_RULES", "nowhere.yaml")
    result = run("run")
    assert (result.status, result.err.count("\n")) == (2, 1)
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "nowhere.yaml"):
        assert name in result.err


def test_a_missing_database_names_the_command_that_makes_it(run: Run) -> None:
    assert "`denials db upgrade`" in run("stats").err


def test_db_upgrade_makes_the_database_and_may_be_repeated(run: Run, tmp_path: Path) -> None:
    for _ in range(2):
        assert run("db", "upgrade").status == 0
    assert (tmp_path / "data" / "denials.db").exists()


def test_db_upgrade_makes_the_usual_folder_and_no_other(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("db", "upgrade").status == 0
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / "denials.db").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("DENIALS_DATABASE_URL", f"sqlite:///{tmp_path}/dta/denials.db")
    for command in (("db", "upgrade"), ("ingest", "a.csv")):
        result = run(*command)
        assert (result.status, result.err.count("\n")) == (2, 1)
        assert f"there is no folder {tmp_path}/dta" in result.err
    assert not (tmp_path / "dta").exists()


def test_a_file_that_is_no_database_is_told_in_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.db").write_text("this is not a database, only text, and long enough to be looked at")
    monkeypatch.setenv("DENIALS_DATABASE_URL", f"sqlite:///{tmp_path}/broken.db")
    result = run("stats")
    assert result.status == 1
    assert "not an SQLite database" in result.err
    assert result.err.count("\n") == 1


def test_a_wrong_data_key_is_told_without_repeating_it(
    run: Run, with_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DENIALS_DATA_KEY", "short-secret")
    result = run("stats")
    assert result.status == 2
    assert "32 bytes" in result.err
    assert "short-secret" not in result.err


def test_rules_check_says_where_every_mistake_is(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("version: 1\nops_channel: C0OPS\nunknown: 1\nowners:\n  a: {chanel: C1}\n")
    result = run("rules", "check", "rules.yaml")
    assert result.status == 1
    assert result.out == ""
    lines = result.err.splitlines()
    assert any(line.startswith("rules.yaml:3:1: error:") for line in lines)
    assert any(line.startswith("rules.yaml:5:") for line in lines)


def test_the_shipped_rules_are_valid(run: Run) -> None:
    result = run("rules", "check", str(ROOT / "rules.yaml"))
    assert (result.status, result.err) == (0, "")


def test_rules_explain_gives_the_same_as_text_and_json(run: Run) -> None:
    call = ("rules", "explain", "--group", "co", "--carc", "197", "--payer", "Aetna", "--amount", "120.00")
    data = json.loads(run(*call, "--json").out)
    text = run(*call).out
    assert data["category"] == "authorization"
    assert data["decided_by"]
    assert data["due"]
    for key in ("category", "next_step", "handoff", "due", "decided_by"):
        assert data[key] in text


@pytest.mark.parametrize(
    ("group", "carc", "denial"), [("CO", "197", True), ("PR", "1", False), ("OA", "23", False), ("CO", "45", False)]
)
def test_rules_explain_says_whether_it_is_a_denial_at_all(run: Run, group: str, carc: str, denial: bool) -> None:
    data = json.loads(run("rules", "explain", "--group", group, "--carc", carc, "--json").out)
    assert data["denial"] is denial
    assert {"category", "owner", "next_step", "due", "decided_by"} <= set(data)


def test_rules_explain_gives_a_patient_s_share_no_owner(run: Run) -> None:
    out = run("rules", "explain", "--group", "PR", "--carc", "1").out
    assert "PR 1 is the patient's share, no denial" in out
    assert "Owner" not in out
    assert "Category" not in out


def test_rules_explain_says_which_code_it_does_not_know(run: Run) -> None:
    call = ("rules", "explain", "--group", "CO", "--carc", "999", "--rarc", "N9999")
    result = run(*call)
    assert result.status == 0
    assert "999 is not in the code table" in result.out
    assert json.loads(run(*call, "--json").out)["unknown_codes"] == ["999", "N9999"]
    assert "code table:" not in run("rules", "explain", "--group", "CO", "--carc", "016").out


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ((), 30),
        (("2w",), 14),
        (("1y",), 365),
        (("last quarter",), 90),
        (("45",), 45),
        (("1095d",), 1095),
    ],
    ids=str,
)
def test_stats_take_the_periods_of_the_command_in_slack(
    run: Run, with_database: Path, words: tuple[str, ...], days: int
) -> None:
    assert json.loads(run("stats", *words, "--json").out)["period"]["days"] == days


def test_last_month_is_the_calendar_month_before_this_one(run: Run, with_database: Path) -> None:
    month = json.loads(run("stats", "last", "month", "--json").out)["period"]
    first, last = date.fromisoformat(month["from"]), date.fromisoformat(month["to"])
    assert first.day == 1
    now = json.loads(run("stats", "this month", "--json").out)["period"]
    assert now["from"] == (last + timedelta(days=1)).isoformat()
    assert (last - first).days + 1 == month["days"] == monthrange(first.year, first.month)[1]
    assert run("stats", "last month").out.startswith(f"{first} to {last}, {month['days']} days")


def test_a_wrong_period_says_what_is_accepted(run: Run) -> None:
    err = run("stats", "soon").err
    for accepted in ("1095", "30d", "2w", "last month"):
        assert accepted in err


def test_numbers_for_people_have_thousands_separators_and_no_unknown_days() -> None:
    group = {"name": "eligibility", "new": 1200, "previous": 3, "change": None, "trend": "rising", "amount": "4321.00"}
    data: dict[str, Any] = {
        "period": {"from": "2026-10-24", "to": "2026-11-22", "days": 30},
        "denials": {
            **{key: value for key, value in group.items() if key != "name"},
            "amount": "1234567.80",
            "repeats": 7,
        },
        "claims": {"adjudicated": 9000, "denied": 1200, "fully_denied": 0, "denial_rate": 0.1},
        "groups": [group],
        "resolution": {
            "resolved": 0,
            "median_days_to_resolve": None,
            "overturn_rate": None,
            "recovered_amount": "0.00",
            "written_off_amount": "5000.00",
        },
        "preventable": {"yes": 0, "partly": 0, "share": None},
        "backlog": {"open": 1200, "unclaimed": 0, "overdue": 0, "amount": "10000.00", "aging": {"0-30": 1200}},
    }
    text = stats_text(data, "category")
    young = stats_text(
        {**data, "resolution": {**data["resolution"], "median_days_to_resolve": 0.0168}}, "category", covered=False
    )
    assert "no trend can be told yet" in young
    assert "rising" not in young
    assert "median 24 minutes" in young
    assert re.search(r"Came back +7", text)
    for shown in ("1,200 ($1,234,567.80)", "1,200 of 9,000 claims", "$4,321.00", "$5,000.00", "($10,000.00)"):
        assert shown in text
    assert "unknown" not in text


def test_stats_of_an_empty_practice_have_the_documented_shape(run: Run, with_database: Path) -> None:
    data = json.loads(run("stats", "30d", "--by", "payer", "--json").out)
    assert {"period", "denials", "claims", "groups", "resolution", "preventable", "backlog"} <= set(data)
    assert data["denials"]["new"] == 0
    assert data["claims"]["denial_rate"] is None
    text = run("stats")
    assert text.status == 0
    assert "Denial rate" in text.out


def test_an_unknown_reference_is_status_1(run: Run, with_database: Path) -> None:
    result = run("lookup", "dn-abcdefgh")
    assert result.status == 1
    assert "DN-ABCDEFGH" in result.err
    assert run("lookup", "--claim", "778899").status == 1


def test_what_is_no_reference_is_a_wrong_call_and_not_repeated(run: Run, with_database: Path) -> None:
    result = run("lookup", "DN-ABCDEFGH", "CLAIM-778899")
    assert result.status == 2
    assert "argument 2 is not a reference (DN- and eight characters)" in result.err
    assert "778899" not in result.err


def test_an_export_is_a_file_for_this_user_only(run: Run, with_database: Path, tmp_path: Path) -> None:
    result = run("export", "--output", "out.csv")
    assert result.status == 0
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "out.csv").read_text().startswith("reference,kind,state")
    assert run("export", "--output", "no/such/folder.csv").status == 2
    assert f"{tmp_path} is a folder" in run("export", "--output", str(tmp_path)).err


def test_doctor_names_what_is_missing_with_its_mend(run: Run) -> None:
    result = run("doctor", "--json")
    assert result.status == 1
    data = json.loads(result.out)
    assert data["ok"] is False
    wrong = [one for one in data["findings"] if one["level"] == "error"]
    assert {"settings", "database"} <= {one["topic"] for one in wrong}
    assert all(one["mend"] for one in wrong)
    assert run("doctor").out.count("--sandbox") == 1
    (clock,) = [one for one in data["findings"] if one["topic"] == "clock"]
    assert "not compared" in clock["message"]


def test_the_manifest_asks_for_no_files_and_explains_every_scope(run: Run) -> None:
    from bot.manifest import SCOPES
    from sandbox.manifest import manifest_findings

    manifest = json.loads(run("manifest").out)
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    assert set(scopes) == set(SCOPES)
    assert not any(scope.startswith("files") for scope in scopes)
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest_findings(manifest) == []
    over_http = json.loads(run("manifest", "--request-url", "https://denials.example.org/slack/events").out)
    assert over_http["settings"]["socket_mode_enabled"] is False
    assert manifest_findings(over_http) == []


def test_an_unexpected_failure_is_one_line_without_its_text(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import bot.settings

    def broken() -> None:
        raise ValueError("claim 12345 of Jane Roe")

    monkeypatch.setattr(bot.settings, "load_settings", broken)
    result = run("stats")
    assert result.status == 1
    assert result.err.count("\n") == 1
    assert "ValueError at bot/test_cli.py" in result.err
    assert "Jane" not in result.err


def test_the_program_is_also_python_dash_m_bot(tmp_path: Path) -> None:
    result = denials("--version", cwd=tmp_path)
    assert result.returncode == 0
    assert result.stdout.startswith("denials ")
