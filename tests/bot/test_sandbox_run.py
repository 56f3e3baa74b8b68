"""`make run` without Slack: the sandbox workspace with the sample batches, in which the bot works."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.sandbox_run import how_to_connect
from bot.sandbox_seed import seed_for
from denials.rules.load import load_rules
from sandbox.story import Story
from tests.bot.conftest import Run
from tests.bot.processes import ROOT, denials, environment, free_port
from tests.bot.rig import eventually, fast_sandbox


@dataclass
class Running:
    """A started `python -m bot.launch`."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def said(self) -> str:
        """Everything it wrote."""
        return (self.folder / "said.txt").read_text()


@pytest.fixture
def launched(tmp_path: Path) -> Iterator[Running]:
    """What `make run` starts, in a folder of its own with the shipped rules."""
    shutil.copy(ROOT / "rules.yaml", tmp_path / "rules.yaml")
    port = free_port()
    running = Running(tmp_path, port, _start(tmp_path, port))
    yield running
    running.process.kill()
    running.process.wait(30)


def _start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    variables = environment(DENIALS_SANDBOX_PORT=str(port), DENIALS_HTTP_PORT="0", DENIALS_RULES="rules.yaml")
    with (folder / "said.txt").open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "bot.launch"], cwd=folder, env=variables, stdout=said, stderr=said
        )


def test_the_sample_batches_become_owned_work_in_the_page_that_is_printed(launched: Running) -> None:
    eventually(lambda: "Open" in launched.said, lambda: f"the address printed\n{launched.said}")
    url = re.search(r"http://127\.0\.0\.1:\d+", launched.said)
    assert url is not None
    assert url[0].endswith(str(launched.port))
    story = Story(url[0], patience=30)
    card = story.expect_message("authorizations", containing="Next step")
    story.click(card, "Claim", by="U0AUTH1")
    story.expect_update(card, containing="U0AUTH1", button="Release")
    story.command("U0LEAD", "/denials stats 30d", channel="leaders")
    eventually(lambda: story.private_answers("U0LEAD"), "the numbers")
    assert story.refused_calls() == []
    _stop(launched)
    assert "Traceback" not in launched.said
    data = launched.folder / "data"
    assert data.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o077 for path in data.rglob("*")} == {0}

    numbers = denials(
        "stats",
        "--json",
        cwd=launched.folder,
        DENIALS_DATABASE_URL="sqlite:///data/sandbox.db",
        DENIALS_RULES="rules.yaml",
    )
    assert numbers.returncode == 0, numbers.stderr

    again = _start(launched.folder, launched.port)
    try:
        eventually(lambda: _answers(story), "the page again")
        shown = story.messages("authorizations")
        assert any("Claimed by <@U0AUTH1>" in str(one) for one in shown), "what happened was kept"
    finally:
        again.kill()
        again.wait(30)


@pytest.mark.parametrize("command", [("run", "--sandbox"), ("sandbox",)], ids=" ".join)
def test_a_folder_that_cannot_be_written_to_is_told_in_one_line(
    run: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "data" / "sandbox-workspace.db").mkdir(parents=True)  # holds for the superuser too
    result = run(*command)
    assert (result.status, result.err.count("\n")) == (2, 1)
    assert f"{tmp_path / 'data'}, which cannot be written to: let this user write" in result.err


def test_a_file_where_the_folder_should_be_is_told_in_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    result = run("run", "--sandbox")
    assert (result.status, result.err.count("\n")) == (2, 1)
    assert str(tmp_path / "data") in result.err


@pytest.mark.parametrize("events_url", [None, "http://127.0.0.1:3999/slack/events"])
def test_the_workspace_alone_says_how_to_connect_by_either_way(events_url: str | None) -> None:
    with fast_sandbox(events_url=events_url) as sandbox:
        said = "\n".join(how_to_connect(sandbox, events_url))
        for value in (sandbox.api_url, sandbox.bot_token, f"SLACK_SIGNING_SECRET={sandbox.signing_secret}"):
            assert value in said
        assert (f"SLACK_APP_TOKEN={sandbox.app_token}" in said) is (events_url is None)
        assert (events_url or "--events-url") in said


def test_user_groups_that_the_rules_name_are_groups_with_people_in_the_workspace() -> None:
    text = (ROOT / "rules.yaml").read_text(encoding="utf-8")
    for person, group in (("members: [U0FRONT1, U0FRONT2]", "members: [S0DESK]"), ("[U0ADMIN]", "[S0BOSSES]")):
        assert person in text
        text = text.replace(person, group)
    seed = seed_for(load_rules(text))
    people, groups = {one.id for one in seed.people}, {one.id: one.members for one in seed.groups}
    assert groups["S0DESK"] == ("U0DESK",)
    assert groups["S0BOSSES"] == ("U0BOSSES",)
    assert {"U0DESK", "U0BOSSES"} <= people
    assert not any(one.startswith("S") for one in people.union(*(channel.members for channel in seed.channels)))


def _answers(story: Story) -> bool:
    try:
        story.messages("authorizations")
    except OSError:
        return False
    return True


def _stop(launched: Running) -> None:
    launched.process.send_signal(signal.SIGINT)
    assert launched.process.wait(60) == 0
