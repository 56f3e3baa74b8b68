"""`denials ingest`: its JSON, its exit status, what it loads, and that a running bot posts what it brought."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from sandbox.samples import write_samples
from sandbox.server import Sandbox
from tests import remits
from tests.bot.conftest import Run
from tests.bot.processes import DATA_KEY, ROOT, Bot, denials, environment
from tests.bot.rig import eventually, fast_sandbox, shown

KEYS = (
    "file",
    "format",
    "status",
    "batch",
    "sha256",
    "claims",
    "denials",
    "new",
    "repeats",
    "duplicates",
    "paid_claims",
    "reversals",
    "rejected_rows",
    "denied_amount",
    "by_category",
    "errors",
)
CSV = "claim_id,payer,carc,amount\nA-1,Aetna,CO-197,120.00\nA-2,Aetna,CO-27,80.5\n"


@pytest.fixture
def ingested(run: Run, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs commands in this process on that database."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return run


@pytest.fixture
def settings(sqlite_template: Path, tmp_path: Path) -> dict[str, str]:
    """The variables of a migrated database in the test's folder."""
    shutil.copy(sqlite_template, tmp_path / "denials.db")
    return {"DENIALS_DATABASE_URL": f"sqlite:///{tmp_path}/denials.db", "DENIALS_DATA_KEY": DATA_KEY}


def test_one_json_object_per_file_one_a_line(ingested: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    (tmp_path / "b.csv").write_text(CSV.replace("A-", "B-"))
    result = ingested("ingest", "--json", "a.csv", "b.csv", "a.csv")
    assert (result.status, result.err) == (0, "")
    first, second, again = (json.loads(line) for line in result.out.splitlines())
    assert tuple(first) == KEYS
    assert (first["status"], first["format"], first["new"], first["denied_amount"]) == ("ingested", "csv", 2, "200.50")
    assert first["by_category"] == {"authorization": 1, "eligibility": 1}
    assert second["new"] == 2
    assert again["status"] == "already_ingested"
    assert again["sha256"] == first["sha256"]


def test_a_claim_that_does_not_add_up_is_told_as_a_warning_and_not_as_rejected(ingested: Run, tmp_path: Path) -> None:
    odd = remits.claim("C1", 100, 0, lines=[remits.line(100, 0, cas=[("CO", "197", 60)])])
    (tmp_path / "a.835").write_text(remits.remit([odd]))
    result = ingested("ingest", "a.835")
    assert result.status == 0
    assert "warning, nothing was left out: the claim's charge" in result.err
    assert "rejected" not in result.out + result.err


def test_a_rejected_row_is_status_1_and_the_good_rows_go_in(ingested: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV + "A-3,Aetna,what is this,1.00\n")
    result = ingested("ingest", "--json", "a.csv")
    assert result.status == 1
    data = json.loads(result.out)
    assert (data["status"], data["new"], data["rejected_rows"]) == ("ingested", 2, 1)
    assert [error["line"] for error in data["errors"]] == [4]
    assert result.err.startswith("denials: a.csv: line 4: row rejected: ")
    assert result.err.count("\n") == 1
    assert "what is this" not in result.out + result.err


def test_a_file_that_is_no_batch_is_status_1_and_one_line(ingested: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Dear Sir or Madam")
    result = ingested("ingest", "a.txt", "missing.835")
    assert result.status == 1
    assert result.out == ""
    assert [line.partition(" rejected, nothing was kept: ")[0] for line in result.err.splitlines()] == [
        "denials: a.txt:",
        "denials: missing.835:",
    ]
    assert "Dear" not in result.err
    assert "Traceback" not in result.err


def test_good_rows_are_told_on_stdout_and_rejected_ones_on_stderr(ingested: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV + "A-3,Aetna,what is this,1.00\n")
    result = ingested("ingest", "a.csv")
    assert result.status == 1
    assert "2 new" in result.out
    assert "1 row rejected" in result.out
    assert "line 4" in result.err
    assert "line 4" not in result.out


@pytest.mark.parametrize("options", [(), ("--dry-run",)], ids=str)
def test_the_first_ingest_makes_the_database(run: Run, tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    result = run("ingest", *options, "a.csv")
    assert (result.status, result.err) == (0, "")
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["denials.db", "denials.db.key"]
    assert (tmp_path / "data" / "denials.db").stat().st_mode & 0o777 == 0o600
    assert json.loads(run("ingest", "--json", "a.csv").out)["new"] == (2 if options else 0)


def test_two_first_ingests_at_once_both_go_in(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(CSV.replace("A-", f"{name}-"))
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "bot", "ingest", f"{name}.csv"],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for name in ("a", "b")
    ]
    for process in started:
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said


def test_a_dry_run_keeps_nothing(ingested: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    assert ingested("ingest", "--dry-run", "a.csv").status == 0
    real = ingested("ingest", "--json", "a.csv")
    assert json.loads(real.out)["new"] == 2


def test_ingest_loads_neither_bolt_nor_alembic(settings: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    code = (
        "import sys\n"
        "from bot.cli.main import invoke\n"
        "status = invoke(['ingest', 'a.csv'])\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "heavy = {'slack_bolt', 'slack_sdk', 'slackblocks', 'alembic', 'apscheduler', 'uvicorn', 'sandbox'}\n"
        "print('LOADED', sorted(loaded & heavy))\n"
        "sys.exit(status)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "LOADED []" in result.stdout


def test_a_running_bot_posts_what_is_ingested_beside_it_and_what_is_dropped_into_its_folder(
    settings: dict[str, str], tmp_path: Path
) -> None:
    rules = (ROOT / "rules.yaml").read_text().replace("gather: 2m", "gather: 1s")
    (tmp_path / "rules.yaml").write_text(rules)
    (tmp_path / "drop" / "new").mkdir(parents=True)
    write_samples(tmp_path / "batches", date.today())  # noqa: DTZ011 - the files only need some day
    with fast_sandbox() as sandbox:
        bot = Bot(tmp_path, settings["DENIALS_DATABASE_URL"], sandbox)
        bot.variables |= {"DENIALS_RULES": "rules.yaml", "DENIALS_INBOX": "drop/new"}
        with bot:
            result = denials("ingest", "batches/clearinghouse.835", cwd=tmp_path, **bot.variables)
            assert result.returncode == 0, result.stderr
            eventually(lambda: _has_summaries(sandbox), "summaries in the owners' channels")
            before = len(shown(sandbox, "C0AUTH"))
            shutil.copy(tmp_path / "batches" / "payer-portal.835", tmp_path / "drop" / "new")
            eventually((tmp_path / "drop" / "done" / "payer-portal.835").exists, "the file taken")
            eventually(lambda: len(shown(sandbox, "C0AUTH")) > before, "what it brought")


def _has_summaries(sandbox: Sandbox) -> bool:
    return all(shown(sandbox, channel) for channel in ("C0FRONT", "C0AUTH", "C0CODING"))


def test_lookup_gives_the_number_on_this_host_and_back(ingested: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    ingested("ingest", "a.csv")
    refs = ingested("lookup", "--claim", "a-1")
    ref = refs.out.strip()
    assert ref.startswith("DN-")
    shown_number = ingested("lookup", ref, "--json")
    assert json.loads(shown_number.out) == {"ref": ref, "claim_number": "A-1"}


def test_who_looked_at_what_is_told_without_the_number(ingested: Run, tmp_path: Path) -> None:
    assert "nobody has looked" in ingested("lookups").out
    (tmp_path / "a.csv").write_text(CSV)
    ingested("ingest", "a.csv")
    ref = ingested("lookup", "--claim", "a-1").out.strip()
    ingested("lookup", ref)
    ingested("lookup", "--claim", "unheard-of")
    ingested("export", "--with-claim-numbers")
    told = ingested("lookups")
    assert [line.count(ref) for line in told.out.splitlines()] == [1, 1, 0, 0]
    assert "nothing found" in told.out
    assert "A-1" not in told.out
    rows = [json.loads(line) for line in ingested("lookups", "7d", "--json").out.splitlines()]
    assert [(row["how"], row["found"]) for row in rows] == [
        ("claim", True),
        ("reference", True),
        ("claim", False),
        ("export", True),
    ]


def test_a_missing_database_names_the_one_of_the_sandbox(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(exist_ok=True)
    assert "sandbox" not in run("stats").err
    (tmp_path / "data" / "sandbox.db").touch()
    assert "set DENIALS_DATABASE_URL=sqlite:///data/sandbox.db for the sandbox's" in run("stats").err


def test_an_export_holds_claim_numbers_only_when_asked(ingested: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    ingested("ingest", "a.csv")
    plain = ingested("export").out
    assert len(plain.splitlines()) == 3
    assert "A-1" not in plain
    full = ingested("export", "--with-claim-numbers").out
    assert "A-1" in full
    assert full.splitlines()[0].endswith("claim_number")
