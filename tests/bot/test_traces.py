"""What a running installation leaves behind: private files, and no secret or patient data anywhere else."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.server import Sandbox
from tests.bot.processes import RULES, Bot, denials
from tests.bot.rig import eventually, fast_sandbox, shown

NUMBER, PATIENT = "ZQ9911447", "Quillfeather"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A workspace for one test."""
    with fast_sandbox() as started:
        yield started


@pytest.fixture
def bot(sqlite_template: Path, sandbox: Sandbox, tmp_path: Path) -> Iterator[Bot]:
    """A bot with a drop folder and worklists, on a database of its own with a key file of its own."""
    for name in ("new", "lists", "data"):
        (tmp_path / name).mkdir(mode=0o700)
    shutil.copy(sqlite_template, tmp_path / "data" / "denials.db")
    (tmp_path / "data" / "denials.db").chmod(0o600)
    made = Bot(tmp_path, f"sqlite:///{tmp_path}/data/denials.db", sandbox)
    rules = RULES.read_text(encoding="utf-8").replace("gather: 2m", "gather: 1s")
    (tmp_path / "rules.yaml").write_text(rules, encoding="utf-8")
    made.variables |= {"DENIALS_RULES": str(tmp_path / "rules.yaml")}
    made.variables |= {"DENIALS_INBOX": str(tmp_path / "new"), "DENIALS_WORKLISTS": str(tmp_path / "lists")}
    del made.variables["DENIALS_DATA_KEY"]  # so that a key file is made
    with made:
        yield made


def _drop(folder: Path) -> None:
    rows = [f"{NUMBER},Aetna,CO-197,310.00,{PATIENT} Jane", f"{NUMBER}B,Aetna,,10.00,{PATIENT} Jim"]
    draft = folder / f"{PATIENT}.csv.tmp"
    draft.write_text("claim_id,payer,carc,amount,patient\n" + "\n".join(rows) + "\n", encoding="utf-8")
    draft.chmod(0o600)
    draft.rename(folder / f"{PATIENT}.csv")


def test_files_are_private_and_nothing_else_holds_a_secret_or_a_patient(
    bot: Bot, sandbox: Sandbox, tmp_path: Path
) -> None:
    _drop(tmp_path / "new")
    eventually(lambda: shown(sandbox, "C0AUTH"), lambda: f"the card\n{bot.log.read_text()[-2000:]}")
    eventually(lambda: list((tmp_path / "lists").iterdir()), "the worklists")
    eventually(lambda: list((tmp_path / "done").glob("*.errors.txt")), "the report of the row that did not go in")
    for arguments in (["export", "--output", "out.csv", "--with-claim-numbers"], ["doctor"], ["stats"]):
        denials(*arguments, cwd=tmp_path, **bot.variables)

    ours = {path for path in tmp_path.rglob("*") if path.name not in ("rules.yaml", bot.log.name)}
    assert {"denials.db", "out.csv", "done", f"{PATIENT}.csv", f"{PATIENT}.csv.errors.txt"} <= {
        one.name for one in ours
    }
    assert len([one for one in ours if one.suffix == ".key" or ".key" in one.name]) >= 1
    open_to_others = {one.name: oct(stat.S_IMODE(one.stat().st_mode)) for one in ours if one.stat().st_mode & 0o077}
    assert open_to_others == {}

    process = psutil.Process(bot.process.pid if bot.process else 0)
    seen = {
        "log": bot.log.read_text(encoding="utf-8"),
        "metrics": bot.get("/metrics")[1],
        "readiness": bot.get("/readyz")[1],
        "process list": " ".join(process.cmdline()) + process.name(),
    }
    secrets = (sandbox.bot_token, sandbox.app_token, sandbox.signing_secret, NUMBER, PATIENT, "Jane")
    leaks = [(place, secret) for place, text in seen.items() for secret in secrets if secret in text]
    assert leaks == []


def test_a_batch_can_be_followed_to_its_messages_in_the_log(bot: Bot, sandbox: Sandbox, tmp_path: Path) -> None:
    _drop(tmp_path / "new")
    eventually(lambda: shown(sandbox, "C0AUTH"), "the card posted")
    (card,) = shown(sandbox, "C0AUTH")
    eventually(lambda: card.ts in bot.log.read_text(), "and written down")
    lines = [json.loads(line) for line in bot.log.read_text().splitlines()]
    (taken,) = [line for line in lines if line["event"] == "a batch was taken from the drop folder"]
    (composed,) = [line for line in lines if line["event"] == "composed" and line["batch"] == taken["batch"]]
    (posted,) = [line for line in lines if line["event"] == "posted" and line["outbox_id"] == composed["outbox_id"]]
    assert composed["ref"] in card.text
    assert (posted["channel"], posted["ts"]) == (card.channel, card.ts)
